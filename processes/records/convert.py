"""Turns the values of a form or a file into what a record's column takes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Boolean, Integer, String, Text

from engine.columns import Base, Instant, Json, Money
from engine.errors import Invalid
from engine.values import Value


def convert(row: Base, name: str, value: Value, *, where: str) -> Any:
    """The value as the column `name` of this row takes it.

    Texts become Decimals and instants; a day becomes its first moment in UTC; an empty text becomes
    nothing. Raises Invalid, with the field named, when the value does not fit.
    """
    column = type(row).__table__.columns[name]
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        if not column.nullable:
            raise _unfit(where, "filled in")
        return None
    try:
        return _converted(column.type, value)
    except (ValueError, TypeError, InvalidOperation):
        raise _unfit(where, _wanted(column.type)) from None


def _converted(kind: Any, value: Value) -> Any:
    if isinstance(kind, Money):
        return _number(value, Decimal(10) ** 12)
    if isinstance(kind, Instant):
        return _instant(value)
    if isinstance(kind, Integer):
        number = _number(value, Decimal(2) ** 31)
        if number != number.to_integral_value():
            raise ValueError
        return int(number)
    if isinstance(kind, Json):
        return value
    wanted = (bool,) if isinstance(kind, Boolean) else (str, int, Decimal)
    if not isinstance(value, wanted) or isinstance(kind, Boolean) != isinstance(value, bool):
        raise TypeError
    if isinstance(kind, String) and kind.length and len(str(value)) > kind.length:
        raise ValueError
    return value if isinstance(kind, Boolean) else str(value)


def _number(value: Value, limit: Decimal) -> Decimal:
    if isinstance(value, bool):
        raise TypeError
    number = Decimal(str(value))
    if not number.is_finite() or abs(number) >= limit:
        raise ValueError
    return number


def _instant(value: Value) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    raise TypeError


def _wanted(kind: Any) -> str:
    if isinstance(kind, Money):
        return "an amount"
    if isinstance(kind, Instant):
        return "a day or an instant"
    if isinstance(kind, Boolean):
        return "yes or no"
    if isinstance(kind, Integer):
        return "a whole number"
    if isinstance(kind, String) and not isinstance(kind, Text):
        return f"a text of at most {kind.length} characters"
    return "a text"


def _unfit(where: str, wanted: str) -> Invalid:
    return Invalid(
        "field_wrong",
        "{field} must be {wanted}.",
        fields={where: f"This must be {wanted}."},
        where=where,
        remedy="Correct this field.",
        field=where,
        wanted=wanted,
    )
