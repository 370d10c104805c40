"""Times of timers: foreign spellings put right, words and gaps asked about with a suggestion."""

from __future__ import annotations

import re

from engine.diagrams import dialects, times
from engine.diagrams.normal.sheet import Node, Sheet, bpmn, definition, event, title
from engine.errors import ExpressionError
from engine.feel import compile_expression
from engine.findings import AskKind
from engine.xml import local

PLACEHOLDER = "P1D"
"""Stands in for a time that is still asked for."""

_TAGS = {"date": "timeDate", "duration": "timeDuration", "cycle": "timeCycle"}
_UNITS = (
    ("PT{}S", r"s|sec|secs|seconds?|secondo|secondi|sekunden?"),
    ("PT{}M", r"min|mins|minutes?|minut[oi]|minuten"),
    ("PT{}H", r"h|hrs?|hours?|or[ae]|stunden?"),
    ("P{}D", r"d|days?|g|gg|giorn[oi]|tage?n?"),
    ("P{}W", r"w|weeks?|settiman[ae]|wochen?"),
    ("P{}M", r"months?|mes[ei]|monate?n?"),
    ("P{}Y", r"years?|ann[oi]|jahre?n?"),
)
_NUMBERS = {
    **dict.fromkeys(("a", "an", "one", "un", "uno", "una", "ein", "eine", "each", "every", "ogni"), 1),
    **dict.fromkeys(("two", "due", "zwei"), 2),
    **dict.fromkeys(("three", "tre", "drei"), 3),
    **dict.fromkeys(("four", "quattro", "vier"), 4),
    **dict.fromkeys(("five", "cinque"), 5),
    **dict.fromkeys(("six", "sei", "sechs"), 6),
    **dict.fromkeys(("seven", "sette", "sieben"), 7),
    **dict.fromkeys(("ten", "dieci", "zehn"), 10),
}
_AMOUNT = re.compile(r"(?P<number>\d+|[^\W\d]+)\s*(?:[^\W\d]+\s+)?(?P<unit>[^\W\d]+)")
_WORD = re.compile(r"\w+")
_DAYS = (
    ("monday", "lunedì", "lunedi", "montag"), ("tuesday", "martedì", "martedi", "dienstag"),
    ("wednesday", "mercoledì", "mercoledi", "mittwoch"), ("thursday", "giovedì", "giovedi", "donnerstag"),
    ("friday", "venerdì", "venerdi", "freitag"), ("saturday", "sabato", "samstag"),
    ("sunday", "domenica", "sonntag"),
)  # fmt: skip
_OFTEN = re.compile(r"\b(every|each|ogni|daily|weekly|monthly|jede[nrs]?)\b", re.IGNORECASE)


def timers(sheet: Sheet) -> None:
    for node in sheet.steps():
        if event(node) == "timer":
            _timer(sheet, node)


def _timer(sheet: Sheet, node: Node) -> None:
    drawn = dialects.timer_of(definition(node))
    if drawn is None:
        said = suggestion(title(node), repeats=_may_repeat(node))
        _ask(sheet, node, "timer_missing", said)
        return
    kind, text = drawn
    literal = text.strip("\"'") if text[:1] in "\"'" else text
    literal = literal.strip()
    form = times.kind_of(literal)
    if times.is_cron(literal):
        _ask(sheet, node, "timer_cron", times.cron_example(literal) if _may_repeat(node) else None, text=text)
    elif form is not None and not times.problem(form, literal):
        if literal != text or form != kind:
            sheet.report("timer_spelling", node, text=text, kind=form)
        _write(node, form, literal)
        _once(sheet, node, form, literal)
    elif form is None and literal == text and _is_expression(sheet, text):
        if kind == "cycle" and not _may_repeat(node):
            _write(node, "duration", text)
            sheet.report("timer_cycle_place", node, text=text)
    else:
        _ask(sheet, node, "timer_words", suggestion(text, repeats=_may_repeat(node)), text=text)


def suggestion(words: str, *, repeats: bool = False) -> str | None:
    """What words such as “3 giorni”, “two days” or “every Monday” may mean; None if nobody can tell."""
    plain = words.casefold()
    often = repeats and _OFTEN.search(plain)
    if often and any(day in plain for names in _DAYS for day in names):
        return "R/P7D"
    if often and any(word in plain for word in ("daily", "weekly", "monthly")):
        return "R/P1D" if "daily" in plain else "R/P7D" if "weekly" in plain else "R/P1M"
    for word in _WORD.finditer(plain):
        match = _AMOUNT.match(plain, word.start())
        if match is None:
            continue
        number = int(match["number"]) if match["number"].isdigit() else _NUMBERS.get(match["number"])
        for form, names in _UNITS:
            if number and re.fullmatch(names, match["unit"]):
                return ("R/" if often else "") + form.format(number)
    return None


def _ask(sheet: Sheet, node: Node, code: str, said: str | None, text: str = "") -> None:
    kind: AskKind = "cycle" if said and said.startswith("R") else "duration"
    answer = sheet.ask(code, node, "timer", kind, (), said, text=text)
    form = (times.kind_of(answer) if answer else None) or "duration"
    _write(node, form, answer or PLACEHOLDER)
    _once(sheet, node, form, answer or PLACEHOLDER)


def _once(sheet: Sheet, node: Node, form: str, text: str) -> None:
    """A cycle where only one time can be waited for: its first."""
    if form != "cycle" or _may_repeat(node):
        return
    begin, _, every = text.partition("/")[2].rpartition("/")
    _write(node, "date" if begin else "duration", begin or every)
    sheet.report("timer_cycle_place", node, text=text)


def _may_repeat(node: Node) -> bool:
    name = "isInterrupting" if local(node.tag) == "startEvent" else "cancelActivity"
    beside = str(node.get(name, "true")).strip() in ("false", "0")
    return beside and local(node.tag) in ("boundaryEvent", "startEvent")


def _write(node: Node, form: str, text: str) -> None:
    kind = definition(node)
    if kind is None:
        return
    for one in [one for one in kind if local(one.tag) in _TAGS.values()]:
        kind.remove(one)
    made = kind.makeelement(bpmn(_TAGS[form]))
    made.text = text
    kind.append(made)


def _is_expression(sheet: Sheet, text: str) -> bool:
    """An expression of ours; a single word is one only where it is written as such."""
    try:
        expression = compile_expression(text)
    except ExpressionError:
        return False
    known = expression.bare_word is None or expression.bare_word in sheet.context.variables
    return known and expression.functions <= set(sheet.context.functions)
