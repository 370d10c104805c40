"""How large an expression and its values may be; counted, never timed, so that a refusal repeats."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import ExpressionError
from engine.findings import Phrase
from engine.values import MAX_BYTES

MAX_TEXT = 10_000
"""Characters of one expression."""

MAX_DEPTH = 64
"""Levels of brackets and operators inside one another; well below Python's own recursion limit."""

MAX_CALL_DEPTH = 320
"""Levels of the functions defined in an expression that are being called inside one another, together."""

CALL_LEVELS = 4
"""What a call itself takes of them, beside the levels of the function's body."""

MAX_STEPS = 100_000
"""Parts evaluated in one go: nodes of the expression, plus one for each item that a list function visits."""

MAX_DIGITS = 34
"""Digits of a number, as in FEEL (IEEE 754 decimal128)."""

MAX_EXPONENT = 999
"""Powers of ten of a number; far above every amount, far below what would fill the memory."""

MAX_DATA_DEPTH = 64
"""Levels of lists and contexts inside one another that are compared or turned into text."""

MAX_RESULT = 1_000_000
"""Characters that the value of an expression may take as text, roughly counted."""

MAX_PATTERN = 500
"""Characters of a regular expression."""

PATTERN_SECONDS = 0.25
"""How long a regular expression may look at one text: the only limit by the clock, and a far one."""


@dataclass(frozen=True, slots=True)
class Place:
    """A character of an expression's text, so that a refusal can point at it."""

    text: str
    position: int = 0

    def error(self, problem: str, hint: str | None = None) -> ExpressionError:
        """The refusal to raise for what stands here."""
        return ExpressionError(problem, text=self.text, position=self.position, hint=hint)


def checked_text(value: str, place: Place) -> str:
    """The text itself, unless it is larger than a case may hold."""
    if len(value) * 4 > MAX_BYTES and len(value.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise place.error(Phrase("The text would be larger than 64 kB"))
    return value
