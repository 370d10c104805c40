"""Answers to what a drawing leaves open: understood as people write them, and checked at once."""

from __future__ import annotations

from collections.abc import Collection

from engine import feel
from engine.diagrams import spoken, times
from engine.errors import ExpressionError, Invalid
from engine.findings import Ask

LONGEST = 2000
"""How many characters an answer may have."""


def understand(ask: Ask, text: str, roles: Collection[str] = ()) -> str:
    """The answer as it is kept: `3 days` becomes `P3D`; raises Invalid saying what would be right.

    `roles` are the keys of the roles there are. A time may be an expression too, such as `due("follow_up")`.
    """
    answer = text.strip()
    if not answer or len(answer) > LONGEST:
        raise Invalid(
            "answer_size",
            "An answer has between 1 and {most} characters.",
            where=ask.field,
            most=LONGEST,
        )
    if ask.options and ask.kind not in ("message", "text"):
        return _one_of(ask, answer, [value for value, _ in ask.options])
    if ask.kind == "role":
        return _one_of(ask, answer, sorted(roles))
    if ask.kind in ("duration", "date", "cycle"):
        return _time(ask, answer)
    return _expression(ask, answer) if ask.kind == "expression" else answer


def _one_of(ask: Ask, answer: str, allowed: list[str]) -> str:
    labels = {label.casefold(): value for value, label in ask.options}
    found = answer if answer in allowed else labels.get(answer.casefold())
    if found is None:
        raise Invalid(
            "answer_not_offered",
            "“{answer}” is none of the answers there are.",
            where=ask.field,
            remedy="Choose one of these: {allowed}.",
            answer=answer,
            allowed=", ".join(allowed),
        )
    return found


def _expression(ask: Ask, answer: str) -> str:
    try:
        feel.compile_expression(answer)
    except ExpressionError as error:
        raise Invalid(
            "answer_expression",
            "This expression cannot be read: {reason}",
            where=ask.field,
            remedy="Write it as in amount > 1000.",
            reason=error.message,
        ) from None
    return answer


def _time(ask: Ask, answer: str) -> str:
    """A time of any kind: what fits the question is read first."""
    said = spoken.plain(ask.kind, answer)
    iso = said.upper() if times.kind_of(said.upper()) else said
    literal = times.kind_of(iso)
    if literal is not None and times.problem(literal, iso) is None:
        return iso
    if literal is None and _is_expression(answer):
        return answer
    raise _not_a_time(ask, answer)


def _is_expression(text: str) -> bool:
    """`= start + duration("P1D")` or `due("follow_up")`; a mere word is more likely to be meant as one."""
    try:
        expression = feel.compile_expression(text)
    except ExpressionError:
        return False
    speaks = bool(expression.names or expression.functions) and expression.bare_word is None
    return speaks or text.startswith("=")


def _not_a_time(ask: Ask, answer: str) -> Invalid:
    if ask.kind == "duration":
        return Invalid(
            "answer_duration",
            "“{answer}” is not understood as a length of time.",
            where=ask.field,
            remedy="Write it like 3 days, 48 hours or P3D.",
            answer=answer,
        )
    if ask.kind == "cycle":
        return Invalid(
            "answer_cycle",
            "“{answer}” is not understood as something that repeats.",
            where=ask.field,
            remedy="Write it like every 2 days, or R3/P2D for three times.",
            answer=answer,
        )
    return Invalid(
        "answer_date",
        "“{answer}” is not understood as a date.",
        where=ask.field,
        remedy="Write it like 24/12/2026 9:30 or 2026-12-24T09:30.",
        answer=answer,
    )
