"""Times of timers: foreign spellings put right, words and gaps asked about with a suggestion."""

from __future__ import annotations

from engine.diagrams import dialects, times
from engine.diagrams.normal.answers import meant_by, time_of
from engine.diagrams.normal.conditions import variables
from engine.diagrams.normal.sheet import Node, Sheet, bpmn, definition, event, title
from engine.errors import ExpressionError
from engine.feel import compile_expression
from engine.findings import AskKind
from engine.xml import local

PLACEHOLDER = "P1D"
"""Stands in for a time that is still asked for."""

_TAGS = {"date": "timeDate", "duration": "timeDuration", "cycle": "timeCycle"}


def timers(sheet: Sheet) -> None:
    known = variables(sheet)
    for node in sheet.steps():
        if event(node) == "timer":
            _timer(sheet, node, known)


def _timer(sheet: Sheet, node: Node, known: frozenset[str]) -> None:
    drawn = dialects.timer_of(definition(node))
    if drawn is None:
        said = meant_by(title(node), repeats=_may_repeat(node))
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
            sheet.report("timer_spelling", node, text=text, kind=times.NAMES[form])
        _write(node, form, literal)
        _once(sheet, node, form, literal)
    elif form is None and literal == text and _is_expression(sheet, text, known):
        if kind == "cycle" and not _may_repeat(node):
            _write(node, "duration", text)
            sheet.report("timer_cycle_place", node, text=text)
    elif form is not None:
        said = times.repaired(form, literal) or meant_by(text, repeats=_may_repeat(node))
        if said and not _may_repeat(node):
            said = said.rpartition("/")[2]
        _ask(sheet, node, "timer_form", said, text=text, problem=times.problem(form, literal))
    else:
        _ask(sheet, node, "timer_words", meant_by(text, repeats=_may_repeat(node)), text=text)


def _ask(sheet: Sheet, node: Node, code: str, said: str | None, **params: object) -> None:
    kind: AskKind = "cycle" if said and said.startswith("R") else "duration"
    answer = sheet.ask(code, node, "timer", kind, (), said, **params)
    time = PLACEHOLDER if answer is None else answer
    if times.kind_of(time) is None:
        time = time_of(time) or time
    form = times.kind_of(time) or "duration"
    _write(node, form, time)
    _once(sheet, node, form, time)


def _once(sheet: Sheet, node: Node, form: str, text: str) -> None:
    """A cycle where only one time can be waited for: its first."""
    if form != "cycle" or _may_repeat(node):
        return
    begin, _, every = text.partition("/")[2].rpartition("/")
    _write(node, "date" if begin else "duration", begin or every)
    sheet.report("timer_cycle_place", node, text=text)


def _may_repeat(node: Node) -> bool:
    if local(node.tag) == "startEvent" and local(node.getparent().tag) == "process":
        return True
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


def _is_expression(sheet: Sheet, text: str, known: frozenset[str]) -> bool:
    """An expression of ours; a single word is one only where it is written as such."""
    try:
        expression = compile_expression(text)
    except ExpressionError:
        return False
    named = expression.bare_word is None or expression.bare_word in known
    return named and expression.functions <= set(sheet.context.functions)
