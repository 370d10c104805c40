"""Ranges as values: `[1..5]`, `(< 10)`; and how two of them lie to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["", "<", "<=", ">", ">=", "=", "!="]


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two ends; an end that is None is open, which only the one-sided forms have.

    Exists while an expression is evaluated, and never in a case.
    """

    low: object
    high: object
    low_included: bool
    high_included: bool
    side: Side = ""
    """How it was written where it has one end only: `(< 10)` is not equal to `(null..10)`."""


def one_sided(side: Side, end: object) -> Range:
    """`(< 10)`, `(>= 10)`, `(= 10)`, `(!= 10)`."""
    if side in ("<", "<="):
        return Range(None, end, False, side == "<=", side)
    if side in (">", ">="):
        return Range(end, None, side == ">=", False, side)
    return Range(end, end, True, True, side)


def range_part(value: Range, name: str) -> object:
    """`start`, `end`, `start included`, `end included`."""
    match name:
        case "start":
            return value.low
        case "end":
            return value.high
        case "start included":
            return value.low_included
        case "end included":
            return value.high_included
    return None
