"""FEEL's functions that reckon with the items of a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from engine.feel.arithmetic import CONTEXT, Number, add, divide, is_number, multiply, reckon, subtract
from engine.feel.callee import Builtin, builtin
from engine.feel.compare import order
from engine.feel.frame import Frame
from engine.feel.functions.lists import items_of
from engine.feel.functions.numbers import plain
from engine.feel.limits import Place
from engine.values import Value, YearsMonths


def _sum(frame: Frame, place: Place, *arguments: object) -> object:
    return total(items_of(frame, place, arguments) or (), place)


def total(items: Iterable[object], place: Place) -> Value:
    """The sum of numbers or durations; null for nothing, and where anything else is among them."""
    result: Value = None
    for index, item in enumerate(items):
        if not is_number(item) and not isinstance(item, (timedelta, YearsMonths)):
            return None
        result = item if index == 0 else add(result, item, place)
        if result is None:
            return None
    return result


def _product(frame: Frame, place: Place, *arguments: object) -> object:
    numbers = _numbers(items_of(frame, place, arguments))
    if not numbers:
        return None
    result: object = 1
    for number in numbers:
        result = multiply(result, number, place)
    return result


def _mean(frame: Frame, place: Place, *arguments: object) -> object:
    items = items_of(frame, place, arguments)
    return divide(total(items, place), len(items), place) if items else None


def _extreme(sign: int, frame: Frame, place: Place, *arguments: object) -> object:
    return extreme(items_of(frame, place, arguments) or (), sign, place)


def extreme(items: Iterable[object], sign: int, place: Place) -> object:
    """The largest (sign 1) or smallest (-1) item; null for nothing, and where two cannot be compared."""
    best: object = None
    for index, item in enumerate(items):
        difference = order(item, item if index == 0 else best, place)
        if difference is None:
            return None
        if index == 0 or difference * sign > 0:
            best = item
    return best


def _numbers(items: Sequence[object] | None) -> list[Number] | None:
    """The items where all of them are numbers, else None."""
    if items is None:
        return None
    numbers = [item for item in items if is_number(item)]
    return numbers if len(numbers) == len(items) else None


def _median(frame: Frame, place: Place, *arguments: object) -> object:
    numbers = _numbers(items_of(frame, place, arguments))
    if not numbers:
        return None
    ordered, half = sorted(numbers), len(numbers) // 2
    if len(ordered) % 2:
        return ordered[half]
    return divide(add(ordered[half - 1], ordered[half], place), 2, place)


def _mode(frame: Frame, place: Place, *arguments: object) -> object:
    """The most frequent numbers, in ascending order."""
    numbers = _numbers(items_of(frame, place, arguments))
    if numbers is None:
        return None
    counts: dict[Number, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, count in counts.items() if count == most)


def _deviation(frame: Frame, place: Place, *arguments: object) -> object:
    """The standard deviation of a sample."""
    numbers = _numbers(items_of(frame, place, arguments))
    if numbers is None or len(numbers) < 2:
        return None
    mean = divide(total(numbers, place), len(numbers), place)
    differences = [subtract(number, mean, place) for number in numbers]
    squares = total([multiply(one, one, place) for one in differences], place)
    variance = divide(squares, len(numbers) - 1, place)
    return plain(reckon(CONTEXT.sqrt, Decimal(variance), place=place)) if is_number(variance) else None


SUMS: Final[tuple[Builtin, ...]] = (
    builtin("sum", "list | items...", _sum),
    builtin("product", "list | items...", _product),
    builtin("mean", "list | items...", _mean),
    builtin("min", "list | items...", partial(_extreme, -1)),
    builtin("max", "list | items...", partial(_extreme, 1)),
    builtin("median", "list | items...", _median),
    builtin("mode", "list | items...", _mode),
    builtin("stddev", "list | items...", _deviation),
)
