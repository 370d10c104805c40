"""Whether an answer to a question can be used, and what times in words mean."""

from __future__ import annotations

import re

from engine.diagrams import spoken, times
from engine.errors import ExpressionError
from engine.feel import compile_expression
from engine.findings import Ask, Phrase

LONGEST = 4_000

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
_WORD = re.compile(r"\d+|[^\W\d]+")
_DAYS = (
    ("monday", "lunedì", "lunedi", "montag"), ("tuesday", "martedì", "martedi", "dienstag"),
    ("wednesday", "mercoledì", "mercoledi", "mittwoch"), ("thursday", "giovedì", "giovedi", "donnerstag"),
    ("friday", "venerdì", "venerdi", "freitag"), ("saturday", "sabato", "samstag"),
    ("sunday", "domenica", "sonntag"),
)  # fmt: skip
_OFTEN = re.compile(r"\b(every|each|ogni|daily|weekly|monthly|jede[nrs]?)\b", re.IGNORECASE)


def problem_of(ask: Ask, answer: str) -> Phrase | str | None:
    """Why an answer cannot be used, as the end of a sentence; None when it can."""
    if not answer:
        return Phrase("it is empty")
    if len(answer) > LONGEST:
        return Phrase("it is too long")
    if ask.options:
        known = ", ".join(value for value, _ in ask.options)
        return None if answer in dict(ask.options) else Phrase("it is none of {known}", known=known)
    if ask.kind in ("duration", "date", "cycle"):
        return _time_problem(ask.kind, answer)
    return _expression_problem(answer) if ask.kind == "expression" else None


def _time_problem(kind: str, answer: str) -> Phrase | None:
    literal = times.kind_of(answer)
    if literal is None:
        if time_of(answer) or _is_expression(answer):
            return None
        return Phrase(
            "it is neither a time such as {example} nor an expression", example=times.EXAMPLES[kind]
        )
    return times.problem(literal, answer)


def _is_expression(answer: str) -> bool:
    """A single word is one only where it is written as such: `=deadline`."""
    try:
        return compile_expression(answer).bare_word is None
    except ExpressionError:
        return False


def _expression_problem(answer: str) -> str | None:
    try:
        compile_expression(answer)
    except ExpressionError as error:
        return error.problem
    return None


def time_of(answer: str) -> str | None:
    """The time that an answer in words says exactly; what the words of a drawing may mean is a guess."""
    return spoken.cycle(answer) or spoken.duration(answer)


def meant_by(words: str, *, repeats: bool = False) -> str | None:
    """What words such as “3 giorni”, “two days” or “every Monday” may mean; None if nobody can tell."""
    exact = (spoken.cycle(words) if repeats else None) or spoken.duration(words)
    if exact is not None:
        return exact
    plain = words.casefold()
    often = repeats and _OFTEN.search(plain)
    if often and any(day in plain for names in _DAYS for day in names):
        return "R/P7D"
    if often and any(word in plain for word in ("daily", "weekly", "monthly")):
        return "R/P1D" if "daily" in plain else "R/P7D" if "weekly" in plain else "R/P1M"
    found = _WORD.findall(plain)
    for place, word in enumerate(found):
        number = int(word) if word.isdigit() else _NUMBERS.get(word)
        # The unit follows, perhaps behind an adjective: “two working days”.
        for unit in found[place + 1 : place + 3] if number else ():
            if unit.isdigit() or unit in _NUMBERS:
                break
            for form, names in _UNITS:
                if re.fullmatch(names, unit):
                    return ("R/" if often else "") + form.format(number)
    return None
