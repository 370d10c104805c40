"""The values that a case may hold, and how they look as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Union

import isodate

from engine.errors import Invalid

Value = Union[
    None, bool, int, Decimal, str, date, time, datetime, timedelta, "YearsMonths",
    "list[Value]", "dict[str, Value]",
]  # fmt: skip

MAX_BYTES = 64 * 1024
"""The largest single text or collection a case takes, in bytes of UTF-8 JSON."""


@dataclass(frozen=True, order=True)
class YearsMonths:
    """A calendar duration (FEEL's years-and-months duration) as a number of months."""

    months: int

    def __str__(self) -> str:
        sign, months = ("-" if self.months < 0 else ""), abs(self.months)
        years, rest = divmod(months, 12)
        return f"{sign}P{f'{years}Y' if years else ''}{f'{rest}M' if rest or not years else ''}"


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """The moment by the clocks there; as it is where they would show a year beyond 1 to 9999."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def to_json(value: Value) -> object:
    """The value as plain JSON: Decimals as numbers, times and durations as ISO 8601 text."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return isodate.duration_isoformat(value)
    if isinstance(value, YearsMonths):
        return str(value)
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    return [to_json(item) for item in value]


def from_json(value: object, *, where: str = "data") -> Value:
    """A value out of parsed JSON; floats become Decimal, NaN and foreign types are refused."""
    if value is None or isinstance(value, (bool, int, Decimal, date, time, timedelta, YearsMonths)):
        if isinstance(value, Decimal) and not value.is_finite():
            raise _refused(where, "is not a number")
        return value
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _refused(where, "is not a number")
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {
            _text(str(key), where): from_json(item, where=f"{where}.{key}") for key, item in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [from_json(item, where=f"{where}[{i}]") for i, item in enumerate(value)]
    raise _refused(where, "has a type that a case cannot hold")


def _text(value: str, where: str) -> str:
    """The text itself; PostgreSQL keeps no NUL, and half of a surrogate pair is no character at all."""
    if "\x00" in value or not (value.isascii() or value.isprintable() or _is_unicode(value)):
        raise _refused(where.encode("ascii", "replace").decode(), "holds characters that cannot be stored")
    if len(value) * 4 > MAX_BYTES and len(value.encode("utf-8")) > MAX_BYTES:
        raise _refused(where, "is larger than 64 kB")
    return value


def _is_unicode(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _refused(where: str, reason: str) -> Invalid:
    return Invalid(
        "value_refused",
        "The value at {place} " + reason + ".",
        where=where,
        remedy="Send numbers, texts up to 64 kB, true/false, null, lists or objects.",
        place=where,
    )
