"""Whether a value is of a type, and the few conversions to a type that the standard makes by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Final

from engine.feel.arithmetic import integral
from engine.feel.callee import Builtin, Defined
from engine.feel.compare import describe, kind
from engine.feel.limits import MAX_DATA_DEPTH, Place
from engine.feel.ranges import Range
from engine.feel.types import Base, Type

KINDS: Final[dict[Base, str]] = {
    "Null": "null", "number": "number", "string": "text", "boolean": "boolean", "date": "date",
    "time": "time", "date and time": "date and time", "days and time duration": "days",
    "years and months duration": "months", "list": "list", "context": "context", "range": "range",
    "function": "function",
}  # fmt: skip


class _Misfit:
    """What `coerced` gives for a value that is not of the type; null is a value itself."""


MISFIT: Final = _Misfit()


def is_instance(value: object, type_: Type) -> bool:
    """`value instance of type`: null is one of nothing; the values that a type allows do not count."""
    return (type_.base == "Null") if value is None else conforms(value, type_, allowed=False)


def conforms(value: object, type_: Type, depth: int = 0, *, allowed: bool = True) -> bool:
    """Whether a value may stand where the type is asked for; null may stand anywhere."""
    if value is None:
        return True
    if depth > MAX_DATA_DEPTH:
        return False
    allows = type_.allows if allowed else None
    if type_.base == "Any":
        return allows is None or allows(value) is True
    if KINDS[type_.base] != kind(value):
        return False
    fits = True
    if isinstance(value, list) and type_.item is not None:
        item = type_.item
        fits = all(conforms(one, item, depth + 1, allowed=allowed) for one in value)
    elif isinstance(value, Mapping):
        fits = all(
            name in value and conforms(value[name], one, depth + 1, allowed=allowed)
            for name, one in type_.fields
        )
    elif isinstance(value, Range) and type_.item is not None:
        fits = conforms(value.low, type_.item, depth + 1) and conforms(value.high, type_.item, depth + 1)
    elif isinstance(value, (Builtin, Defined)) and type_.item is not None:
        fits = _fits_function(value, type_)
    elif type_.whole:
        fits = integral(value) is not None
    return fits and (allows is None or allows(value) is True)


def _fits_function(value: Builtin | Defined, type_: Type) -> bool:
    """As many parameters, each taking what the type promises, and a result that fits if it is known."""
    if isinstance(value, Builtin):
        return value.takes(len(type_.fields))
    if len(value.parameters) != len(type_.fields):
        return False
    taken = all(
        parameter.type is None or narrower(given, parameter.type)
        for parameter, (_, given) in zip(value.parameters, type_.fields, strict=True)
    )
    assert type_.item is not None
    return taken and (value.result is None or narrower(value.result, type_.item))


def narrower(one: Type, other: Type) -> bool:
    """Whether every value of one type is a value of the other."""
    if other.base == "Any":
        return True
    if one.base != other.base:
        return False
    if one.base in ("list", "range"):
        return other.item is None or (one.item is not None and narrower(one.item, other.item))
    if one.base == "context":
        own = dict(one.fields)
        return all(name in own and narrower(own[name], wanted) for name, wanted in other.fields)
    if one.base == "function" and one.item is not None and other.item is not None:
        return (
            len(one.fields) == len(other.fields)
            and narrower(one.item, other.item)
            and all(
                narrower(given, taken)
                for (_, taken), (_, given) in zip(one.fields, other.fields, strict=True)
            )
        )
    return True


def coerced(value: object, type_: Type) -> object:
    """The value as one of the type, else MISFIT.

    A list of one item stands for the item, an item for the list of it, a date for its midnight in UTC.
    """
    if conforms(value, type_):
        return value
    if type_.base == "list" and not isinstance(value, list) and conforms([value], type_):
        return [value]
    if type_.base == "date and time" and isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(tzinfo=UTC))
    if isinstance(value, list) and len(value) == 1 and type_.base != "list" and conforms(value[0], type_):
        return value[0]
    return MISFIT


def fitted(type_: Type) -> Callable[[object, Place, str], object]:
    """Brings a value to a type, or refuses it by what it is for."""

    def fit(value: object, place: Place, what: str) -> object:
        found = value if value is None else coerced(value, type_)
        if found is MISFIT:
            raise place.error(f"{what} is of the type {type_}, which {describe(value)} is not")
        return found

    return fit
