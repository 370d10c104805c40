"""`+ - * / % **` on exact numbers, texts, dates and durations; null where the types do not go together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Final, TypeGuard

from engine.errors import ExpressionError
from engine.feel.limits import MAX_DIGITS, MAX_EXPONENT, Place, checked_text
from engine.feel.temporal import distance, shifted
from engine.feel.tree import Sum
from engine.values import Value, YearsMonths

Number = int | Decimal
Operation = Callable[[object, object, Place], Value]

# Only its methods are used, never the thread's own context: what a condition gives must not depend on it.
CONTEXT: Final = Context(
    prec=MAX_DIGITS, rounding=ROUND_HALF_EVEN, Emin=-MAX_EXPONENT, Emax=MAX_EXPONENT,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)  # fmt: skip
_LARGEST: Final = 10**MAX_DIGITS


def is_number(value: object) -> TypeGuard[Number]:
    """True for int and finite Decimal; to Python true is the number 1, to FEEL it is none."""
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def integral(value: object) -> int | None:
    """The whole number that a value is; None for anything else, and for what no list or text can count."""
    if not is_number(value):
        return None
    if isinstance(value, Decimal):
        return int(value) if value.adjusted() <= MAX_DIGITS and value == value.to_integral_value() else None
    return value


def too_large(place: Place) -> ExpressionError:
    return place.error(f"The number would be too large (more than {MAX_DIGITS} digits)")


def whole(value: int, place: Place) -> int:
    """The number itself; the exact result of whole numbers is never rounded behind anybody's back."""
    if -_LARGEST < value < _LARGEST:
        return value
    raise too_large(place)


def reckon(operation: Callable[..., Decimal], *numbers: Number, place: Place) -> Decimal | None:
    """A Decimal operation to 34 digits; None where it has no result, refused where it is too large."""
    try:
        result = operation(*numbers)
        return result if result.is_finite() else None  # 0 ** -1 is infinite without a signal
    except Overflow:
        raise too_large(place) from None
    except (InvalidOperation, DivisionByZero):
        return None


def add(left: object, right: object, place: Place) -> Value:
    if is_number(left) and is_number(right):
        if isinstance(left, int) and isinstance(right, int):
            return whole(left + right, place)
        return reckon(CONTEXT.add, left, right, place=place)
    if isinstance(left, str) and isinstance(right, str):
        return checked_text(left + right, place)
    if isinstance(right, (timedelta, YearsMonths)):
        if isinstance(left, (date, time)):
            return shifted(left, right, 1, place)
        return _duration(left, right, 1, place)
    if isinstance(left, (timedelta, YearsMonths)) and isinstance(right, (date, time)):
        return shifted(right, left, 1, place)
    return None


def subtract(left: object, right: object, place: Place) -> Value:
    if is_number(left) and is_number(right):
        if isinstance(left, int) and isinstance(right, int):
            return whole(left - right, place)
        return reckon(CONTEXT.subtract, left, right, place=place)
    if isinstance(left, (date, time)):
        if isinstance(right, (timedelta, YearsMonths)):
            return shifted(left, right, -1, place)
        return distance(left, right, place) if isinstance(right, (date, time)) else None
    return _duration(left, right, -1, place) if isinstance(right, (timedelta, YearsMonths)) else None


def multiply(left: object, right: object, place: Place) -> Value:
    if is_number(left) and is_number(right):
        if isinstance(left, int) and isinstance(right, int):
            return whole(left * right, place)
        return reckon(CONTEXT.multiply, left, right, place=place)
    if isinstance(left, (timedelta, YearsMonths)) and is_number(right):
        return _scaled(left, Decimal(right), place)
    if isinstance(right, (timedelta, YearsMonths)) and is_number(left):
        return _scaled(right, Decimal(left), place)
    return None


def divide(left: object, right: object, place: Place) -> Value:
    if is_number(right):
        if not right:
            return None
        if is_number(left):
            if isinstance(left, int) and isinstance(right, int) and left % right == 0:
                return whole(left // right, place)
            return reckon(CONTEXT.divide, left, right, place=place)
        if isinstance(left, (timedelta, YearsMonths)):
            share = reckon(CONTEXT.divide, 1, right, place=place)
            return None if share is None else _scaled(left, share, place)
    if isinstance(left, timedelta) and isinstance(right, timedelta) and right:
        micro = timedelta(microseconds=1)
        return divide(left // micro, right // micro, place)
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths) and right.months:
        return divide(left.months, right.months, place)
    return None


def modulo(left: object, right: object, place: Place) -> Value:
    """The remainder with the sign of the divisor, as FEEL's modulo has it: -7 % 3 is 2."""
    if not (is_number(left) and is_number(right)) or not right:
        return None
    if isinstance(left, int) and isinstance(right, int):
        return left % right
    rest = reckon(CONTEXT.remainder, left, right, place=place)
    if rest and (rest < 0) != (right < 0):
        return reckon(CONTEXT.add, rest, right, place=place)
    return rest


def power(left: object, right: object, place: Place) -> Value:
    if not (is_number(left) and is_number(right)):
        return None
    if isinstance(left, int) and isinstance(right, int) and right >= 0:
        # Refused before it is reckoned: the digits of 9 ** 387420489 would fill the memory.
        if (left.bit_length() - 1) * right > _LARGEST.bit_length():
            raise too_large(place)
        return whole(left**right, place)
    return reckon(CONTEXT.power, left, right, place=place)


def negate(value: object, place: Place) -> Value:
    if is_number(value):
        return -value if isinstance(value, int) else value.copy_negate()
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.months)
    return _scaled(value, Decimal(-1), place) if isinstance(value, timedelta) else None


def _duration(left: object, right: timedelta | YearsMonths, sign: int, place: Place) -> Value:
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return YearsMonths(whole(left.months + sign * right.months, place))
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        try:
            return left + sign * right
        except OverflowError:
            raise place.error("The duration would be too long") from None
    return None


def _scaled(value: timedelta | YearsMonths, factor: Decimal, place: Place) -> Value:
    units = value.months if isinstance(value, YearsMonths) else value // timedelta(microseconds=1)
    product = reckon(CONTEXT.multiply, units, factor, place=place)
    if product is None:
        return None
    # Months are cut off towards zero, as the standard has it; a microsecond more or less is rounded.
    number = int(product) if isinstance(value, YearsMonths) else int(product.to_integral_value())
    try:
        if isinstance(value, YearsMonths):
            return YearsMonths(whole(number, place))
        return timedelta(microseconds=number)
    except OverflowError:
        raise place.error("The duration would be too long") from None


OPERATIONS: Final[dict[Sum, Operation]] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "%": modulo, "**": power,
}  # fmt: skip
