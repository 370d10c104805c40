"""The functions of FEEL that an expression may call without anybody handing them in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from functools import partial
from typing import Final

from engine.errors import ExpressionError
from engine.feel.arithmetic import CONTEXT, Number, add, divide, integral, is_number, modulo, negate, whole
from engine.feel.compare import equal, order
from engine.feel.frame import Frame
from engine.feel.lexer import tokens
from engine.feel.limits import MAX_DIGITS, MAX_EXPONENT, Place, checked_text
from engine.feel.printer import value_text
from engine.feel.temporal import Duration, read_date, read_duration, read_instant, read_time
from engine.values import MAX_BYTES, Value, YearsMonths


@dataclass(frozen=True, slots=True)
class Function:
    """`call(frame, place, *arguments)`, with at least and at most so many arguments (None: any number)."""

    call: Callable[..., Value]
    least: int
    most: int | None


# -- texts -------------------------------------------------------------------------------------


def _asking(ask: Callable[[str, str], bool]) -> Function:
    def call(frame: Frame, place: Place, text: Value, part: Value) -> Value:
        return ask(text, part) if isinstance(text, str) and isinstance(part, str) else None

    return Function(call, 2, 2)


def _changed(change: Callable[[str], str]) -> Function:
    def call(frame: Frame, place: Place, text: Value) -> Value:
        return checked_text(change(text), place) if isinstance(text, str) else None

    return Function(call, 1, 1)


def _length(frame: Frame, place: Place, text: Value) -> Value:
    return len(text) if isinstance(text, str) else None


def _substring(frame: Frame, place: Place, text: Value, start: Value, length: Value = None) -> Value:
    """Counted from 1; a negative start counts from the end."""
    number = integral(start)
    size = int(length) if is_number(length) and 0 < length <= MAX_BYTES else 0
    if not isinstance(text, str) or not number:
        return None
    first = number - 1 if number > 0 else max(len(text) + number, 0)
    if length is None:
        return text[first:]
    return text[first : first + size] if size else None


def _string(frame: Frame, place: Place, value: Value) -> Value:
    return None if value is None else checked_text(value_text(value, place, quoted=False), place)


# -- numbers -----------------------------------------------------------------------------------


def _number(frame: Frame, place: Place, text: Value, group: Value = None, point: Value = None) -> Value:
    """`number("1.234,5", ".", ",")`; null where the text is no number."""
    if is_number(text):
        return text
    if not isinstance(text, str) or group not in (None, " ", ",", ".") or point not in (None, ",", "."):
        return None
    if group is not None and group == point:
        return None
    plain = text.strip().replace(str(group), "") if group else text.strip()
    return read_number(plain.replace(str(point), ".") if point else plain)


def read_number(text: str) -> Number | None:
    """`-1234.5`, written as in an expression; None for anything else."""
    digits = text.removeprefix("-")
    try:
        found = tokens(digits)
    except ExpressionError:
        return None
    value = found[0].value
    if len(found) != 2 or found[0].text != digits or not is_number(value):
        return None
    return -value if digits != text else value


def _rounding(mode: str, *, scaled: bool) -> Function:
    def call(frame: Frame, place: Place, value: Value, scale: Value = 0) -> Value:
        places = integral(scale)
        if not is_number(value) or places is None or abs(places) > MAX_EXPONENT:
            return None
        number = Decimal(value)
        exponent = int(number.as_tuple().exponent)
        if -exponent > places:
            unit = Decimal((0, (1,), -places))
            number = number.quantize(unit, rounding=mode, context=CONTEXT)
        elif isinstance(value, int):
            return value
        return number if places > 0 or number.adjusted() > MAX_DIGITS else whole(int(number), place)

    return Function(call, 2 if scaled else 1, 2)


def _abs(frame: Frame, place: Place, value: Value) -> Value:
    if isinstance(value, timedelta):
        return abs(value)
    if isinstance(value, YearsMonths):
        return YearsMonths(abs(value.months))
    return negate(value, place) if is_number(value) and value < 0 else value if is_number(value) else None


def _modulo(frame: Frame, place: Place, left: Value, right: Value) -> Value:
    return modulo(left, right, place)


# -- lists -------------------------------------------------------------------------------------


def _items(frame: Frame, place: Place, arguments: Sequence[Value]) -> Sequence[Value] | None:
    """What `sum([1, 2])` and `sum(1, 2)` go over; null is no list."""
    items: Sequence[Value] = arguments
    if len(arguments) == 1:
        only = arguments[0]
        if only is None:
            return None
        items = only if isinstance(only, list) else arguments
    frame.spend(len(items), place)
    return items


def _count(frame: Frame, place: Place, *arguments: Value) -> Value:
    items = _items(frame, place, arguments)
    return None if items is None else len(items)


def _sum(frame: Frame, place: Place, *arguments: Value) -> Value:
    return total(_items(frame, place, arguments) or (), place)


def total(items: Iterable[Value], place: Place) -> Value:
    """The sum of numbers or durations; null for nothing, and where anything else is among them."""
    result: Value = None
    for index, item in enumerate(items):
        if not is_number(item) and not isinstance(item, (timedelta, YearsMonths)):
            return None
        result = item if index == 0 else add(result, item, place)
        if result is None:
            return None
    return result


def _mean(frame: Frame, place: Place, *arguments: Value) -> Value:
    items = _items(frame, place, arguments)
    return divide(total(items, place), len(items), place) if items else None


def _extreme(sign: int, frame: Frame, place: Place, *arguments: Value) -> Value:
    return extreme(_items(frame, place, arguments) or (), sign, place)


def extreme(items: Iterable[Value], sign: int, place: Place) -> Value:
    """The largest (sign 1) or smallest (-1) item; null for nothing, and where two cannot be compared."""
    best: Value = None
    for index, item in enumerate(items):
        difference = order(item, item if index == 0 else best, place)
        if difference is None:
            return None
        if index == 0 or difference * sign > 0:
            best = item
    return best


def _list_contains(frame: Frame, place: Place, items: Value, wanted: Value) -> Value:
    if items is None:
        return None
    listed = items if isinstance(items, list) else [items]
    frame.spend(len(listed), place)
    return any(equal(item, wanted, frame, place) is True for item in listed)


def _is_empty(frame: Frame, place: Place, value: Value) -> Value:
    return value is None or (isinstance(value, (str, list, Mapping)) and not value)


def _is_defined(frame: Frame, place: Place, value: Value) -> Value:
    return value is not None


# -- dates and times ---------------------------------------------------------------------------


def _date(frame: Frame, place: Place, value: Value, month: Value = None, day: Value = None) -> Value:
    """`date("2026-01-31")`, `date(2026, 1, 31)`, or the day of an instant in its own zone."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return read_date(value)
    numbers = integral(value), integral(month), integral(day)
    try:
        return date(*(number or 0 for number in numbers))
    except (ValueError, OverflowError):
        return None


def _time(frame: Frame, place: Place, value: Value) -> Value:
    if isinstance(value, datetime):
        return value.timetz()
    return read_time(value) if isinstance(value, str) else value if isinstance(value, time) else None


def _instant(frame: Frame, place: Place, value: Value, clock: Value = None) -> Value:
    """`date and time("2026-01-31T09:00:00")`, or a date with a time."""
    if isinstance(value, date) and isinstance(clock, time):
        return datetime.combine(value.date() if isinstance(value, datetime) else value, clock)
    if clock is not None:
        return None
    if isinstance(value, str):
        return read_instant(value)
    return value if isinstance(value, datetime) else None


def _duration(frame: Frame, place: Place, value: Value) -> Duration | None:
    if isinstance(value, (timedelta, YearsMonths)):
        return value
    return read_duration(value) if isinstance(value, str) else None


FUNCTIONS: Final[dict[str, Function]] = {
    "contains": _asking(lambda text, part: part in text),
    "starts with": _asking(str.startswith),
    "ends with": _asking(str.endswith),
    "upper case": _changed(str.upper),
    "lower case": _changed(str.lower),
    "string length": Function(_length, 1, 1),
    "substring": Function(_substring, 2, 3),
    "string": Function(_string, 1, 1),
    "number": Function(_number, 1, 3),
    "abs": Function(_abs, 1, 1),
    "floor": _rounding(ROUND_FLOOR, scaled=False),
    "ceiling": _rounding(ROUND_CEILING, scaled=False),
    "decimal": _rounding(ROUND_HALF_EVEN, scaled=True),
    "round up": _rounding(ROUND_UP, scaled=True),
    "round down": _rounding(ROUND_DOWN, scaled=True),
    "round half up": _rounding(ROUND_HALF_UP, scaled=True),
    "round half down": _rounding(ROUND_HALF_DOWN, scaled=True),
    "modulo": Function(_modulo, 2, 2),
    "count": Function(_count, 1, None),
    "sum": Function(_sum, 1, None),
    "mean": Function(_mean, 1, None),
    "min": Function(partial(_extreme, -1), 1, None),
    "max": Function(partial(_extreme, 1), 1, None),
    "list contains": Function(_list_contains, 2, 2),
    "is empty": Function(_is_empty, 1, 1),
    "is defined": Function(_is_defined, 1, 1),
    "date": Function(_date, 1, 3),
    "time": Function(_time, 1, 1),
    "date and time": Function(_instant, 1, 2),
    "duration": Function(_duration, 1, 1),
}  # fmt: skip
