"""Equality and order of values in FEEL's three-valued logic: true, false, or null for “cannot be said”."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from engine.feel.callee import Builtin, Defined
from engine.feel.frame import Frame
from engine.feel.limits import MAX_DATA_DEPTH, Place
from engine.feel.ranges import Range
from engine.feel.temporal import clock, instant, same_zoning
from engine.values import YearsMonths

Kind = Literal[
    "null", "number", "text", "boolean", "date", "date and time", "time", "days", "months", "list", "context",
    "range", "function",
]  # fmt: skip

_KINDS: Final[dict[type, Kind]] = {
    type(None): "null", bool: "boolean", int: "number", Decimal: "number", str: "text", date: "date",
    datetime: "date and time", time: "time", timedelta: "days", YearsMonths: "months", list: "list",
    dict: "context", Range: "range", Builtin: "function", Defined: "function",
}  # fmt: skip

_UNORDERED: Final = frozenset({None, "null", "boolean", "list", "context", "range", "function"})

ORDERED: Final = frozenset({int, Decimal, str, date, timedelta, YearsMonths})
"""Classes whose own `<` is FEEL's when both sides are of the same one."""


def kind(value: object) -> Kind | None:
    """FEEL's name of a value's type; None for what a case cannot hold (a float, for instance)."""
    found = _KINDS.get(type(value))
    if found is None:
        # Classes that derive from one of ours, an enumeration of texts for instance; bool stays before int.
        for class_ in (datetime, bool, int, Decimal, str, date, time, timedelta):
            if isinstance(value, class_):
                return _KINDS[class_]
        if isinstance(value, Mapping):
            return "context"
        if isinstance(value, Sequence) and not isinstance(value, bytes):
            return "list"
    return found


def equal(left: object, right: object, frame: Frame, place: Place, depth: int = 0) -> bool | None:
    """Null equals null only; values of different types are null: neither equal nor different."""
    if left is None or right is None:
        return left is right
    sort = kind(left)
    if sort is None or sort != kind(right):
        return None
    if isinstance(left, datetime) and isinstance(right, datetime):
        same_zoning(left, right, place)
        return instant(left) == instant(right)
    if isinstance(left, time) and isinstance(right, time):
        left, right = clock(left), clock(right)
        same_zoning(left, right, place)
    if sort in ("list", "context"):
        return _equal_parts(left, right, frame, place, depth + 1)
    if isinstance(left, Range) and isinstance(right, Range):
        return _equal_ranges(left, right, frame, place)
    return left == right


def _equal_ranges(left: Range, right: Range, frame: Frame, place: Place) -> bool:
    """Two ranges are equal where they were written the same way: `(< 10)` is not `(null..10)`."""
    ends = (left.low_included, left.high_included, left.side)
    return ends == (right.low_included, right.high_included, right.side) and (
        equal(left.low, right.low, frame, place) is True
        and equal(left.high, right.high, frame, place) is True
    )


def _equal_parts(left: object, right: object, frame: Frame, place: Place, depth: int) -> bool:
    if depth > MAX_DATA_DEPTH:
        raise place.error(f"The lists are nested deeper than {MAX_DATA_DEPTH} levels")
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        frame.spend(len(left), place)
        return left.keys() == right.keys() and all(
            equal(left[key], right[key], frame, place, depth) is True for key in left
        )
    assert isinstance(left, Sequence) and isinstance(right, Sequence)
    frame.spend(len(left), place)
    return len(left) == len(right) and all(
        equal(one, other, frame, place, depth) is True for one, other in zip(left, right, strict=True)
    )


def order(left: object, right: object, place: Place) -> int | None:
    """-1, 0 or 1; None where one is null, the types differ, or the type has no order."""
    sort = kind(left)
    if sort in _UNORDERED or sort != kind(right):
        return None
    if isinstance(left, datetime) and isinstance(right, datetime):
        same_zoning(left, right, place)
        left, right = instant(left), instant(right)
    elif isinstance(left, time) and isinstance(right, time):
        left, right = clock(left), clock(right)
        same_zoning(left, right, place)
    try:
        return int(left > right) - int(left < right)  # type: ignore[operator]
    except InvalidOperation:  # a Decimal that is not a number
        return None


def within(
    value: object,
    low: object,
    high: object,
    place: Place,
    low_included: bool = True,
    high_included: bool = True,
) -> bool | None:
    """Whether a value lies between two others."""
    above, below = order(value, low, place), order(value, high, place)
    results = (
        None if above is None else above > 0 or (low_included and above == 0),
        None if below is None else below < 0 or (high_included and below == 0),
    )
    return False if False in results else None if None in results else True


def inside(value: object, range_: Range, frame: Frame, place: Place) -> bool | None:
    """Whether a value lies in a range; one that is open on a side has no limit there."""
    if range_.side in ("=", "!="):
        same = equal(value, range_.low, frame, place)
        return None if same is None else same is (range_.side == "=")
    if range_.side in ("<", "<="):
        difference = order(value, range_.high, place)
        return None if difference is None else difference < 0 or (range_.high_included and difference == 0)
    if range_.side in (">", ">="):
        difference = order(value, range_.low, place)
        return None if difference is None else difference > 0 or (range_.low_included and difference == 0)
    return within(value, range_.low, range_.high, place, range_.low_included, range_.high_included)


def describe(value: object) -> str:
    """A value in a refusal: `the text “gold”`, `a number`, `a list`."""
    if isinstance(value, str):
        return f"the text “{value if len(value) <= 40 else value[:37] + '...'}”"
    name = kind(value)
    if isinstance(value, int) and abs(value) < 10**9 and name == "number":
        return f"the number {value}"
    if name in ("days", "months"):
        return "a duration"
    return name if name == "null" else f"a {name or 'value of a foreign type'}"
