"""FEEL's functions of numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
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
from typing import Final

from engine.errors import ExpressionError
from engine.feel.arithmetic import CONTEXT, Number, integral, is_number, modulo, negate, reckon, whole
from engine.feel.callee import Builtin, builtin
from engine.feel.frame import Frame
from engine.feel.lexer import tokens
from engine.feel.limits import MAX_DIGITS, MAX_EXPONENT, Place
from engine.values import YearsMonths

_FINEST: Final = 6176
"""The most places after the point that the standard lets one round to."""


def _number(frame: Frame, place: Place, text: object, group: object = None, point: object = None) -> object:
    """`number("1.234,5", ".", ",")`; null where the text is no number."""
    if is_number(text) and group is None and point is None:
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


def _rounding(mode: str) -> Callable[..., object]:
    def call(frame: Frame, place: Place, value: object, scale: object = 0) -> object:
        if not is_number(value) or not is_number(scale) or not -MAX_EXPONENT <= scale <= _FINEST:
            return None
        places = int(scale)
        number = Decimal(value)
        exponent = int(number.as_tuple().exponent)
        if -exponent > places:
            unit = Decimal((0, (1,), -places))
            number = number.quantize(unit, rounding=mode, context=CONTEXT)
        elif isinstance(value, int):
            return value
        return number if places > 0 or number.adjusted() > MAX_DIGITS else whole(int(number), place)

    return call


def _abs(frame: Frame, place: Place, value: object) -> object:
    if isinstance(value, timedelta):
        return abs(value)
    if isinstance(value, YearsMonths):
        return YearsMonths(abs(value.months))
    return negate(value, place) if is_number(value) and value < 0 else value if is_number(value) else None


def _modulo(frame: Frame, place: Place, left: object, right: object) -> object:
    return modulo(left, right, place)


def _reckoned(operation: Callable[[Decimal], Decimal], least: int | None = None) -> Callable[..., object]:
    """A function of one number, which below `least` has no value."""

    def call(frame: Frame, place: Place, value: object) -> object:
        if not is_number(value) or (least is not None and value < least):
            return None
        return plain(reckon(operation, Decimal(value), place=place))

    return call


def plain(number: Decimal | None) -> Number | None:
    """A whole result as a whole number, so that it looks like one."""
    if number is None or number.adjusted() > MAX_DIGITS or number != number.to_integral_value():
        return number
    return int(number)


def _parity(rest: int) -> Callable[..., object]:
    def call(frame: Frame, place: Place, value: object) -> object:
        number = integral(value)
        return (False if is_number(value) else None) if number is None else number % 2 == rest

    return call


NUMBERS: Final[tuple[Builtin, ...]] = (
    builtin("number", "from, grouping separator?, decimal separator?", _number),
    builtin("abs", "n", _abs),
    builtin("floor", "n, scale?", _rounding(ROUND_FLOOR)),
    builtin("ceiling", "n, scale?", _rounding(ROUND_CEILING)),
    builtin("decimal", "n, scale", _rounding(ROUND_HALF_EVEN)),
    builtin("round up", "n, scale?", _rounding(ROUND_UP)),
    builtin("round down", "n, scale?", _rounding(ROUND_DOWN)),
    builtin("round half up", "n, scale?", _rounding(ROUND_HALF_UP)),
    builtin("round half down", "n, scale?", _rounding(ROUND_HALF_DOWN)),
    builtin("modulo", "dividend, divisor", _modulo),
    builtin("sqrt", "number", _reckoned(CONTEXT.sqrt, 0)),
    builtin("log", "number", _reckoned(CONTEXT.ln, 0)),
    builtin("exp", "number", _reckoned(CONTEXT.exp)),
    builtin("odd", "number", _parity(1)),
    builtin("even", "number", _parity(0)),
)
