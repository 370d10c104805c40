"""Whether an answer to a question can be used."""

from __future__ import annotations

from engine.diagrams import times
from engine.errors import ExpressionError
from engine.feel import compile_expression
from engine.findings import Ask

LONGEST = 4_000


def problem_of(ask: Ask, answer: str) -> str | None:
    """Why an answer cannot be used, as the end of a sentence; None when it can."""
    if not answer:
        return "it is empty"
    if len(answer) > LONGEST:
        return "it is too long"
    if ask.options:
        known = ", ".join(value for value, _ in ask.options)
        return None if answer in dict(ask.options) else f"it is none of {known}"
    if ask.kind in ("duration", "date", "cycle"):
        return _time_problem(ask.kind, answer)
    return _expression_problem(answer) if ask.kind == "expression" else None


def _time_problem(kind: str, answer: str) -> str | None:
    literal = times.kind_of(answer)
    if literal is None:
        example = times.EXAMPLES[kind]
        problem = _expression_problem(answer) or _is_mere_word(answer)
        return f"it is neither a time such as {example} nor an expression" if problem else None
    return times.problem(literal, answer)


def _is_mere_word(answer: str) -> bool:
    """`soon` would be read as a variable; whoever means one writes `= soon`."""
    return compile_expression(answer).bare_word is not None and not answer.startswith("=")


def _expression_problem(answer: str) -> str | None:
    try:
        compile_expression(answer)
    except ExpressionError as error:
        return error.problem[:1].lower() + error.problem[1:]
    return None
