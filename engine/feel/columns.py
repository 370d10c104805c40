"""The types that a table's columns declare, and the conversions to them that lose nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.feel.arithmetic import integral
from engine.feel.compare import describe, kind
from engine.feel.conform import KINDS, MISFIT, coerced
from engine.feel.functions.numbers import read_number
from engine.feel.limits import Place
from engine.feel.printer import value_text
from engine.feel.temporal import read_date, read_duration, read_instant, read_time
from engine.feel.types import Base, Type

_READERS: Final[dict[Base, Callable[[str], object]]] = {
    "number": read_number,
    "boolean": {"true": True, "false": False}.get,
    "date": read_date,
    "time": read_time,
    "date and time": read_instant,
    "days and time duration": read_duration,
    "years and months duration": read_duration,
}


def typed(value: object, type_: Type | None, place: Place, what: str) -> object:
    """The value of a column of this type; null is of every type, what does not fit is refused.

    Texts are read as the type they should be, and numbers written out where a text is asked for: editors
    leave a column at their first type, string, and forms and other systems send dates as texts.
    """
    if type_ is None or value is None or type_.base == "Any":
        return value
    if isinstance(value, str) and type_.base in _READERS:
        read = _READERS[type_.base](value)
        value = value if read is None or kind(read) != KINDS[type_.base] else read
    elif type_.base == "string" and type_.allows is None and kind(value) in ("number", "boolean"):
        return value_text(value, place)
    found = coerced(value, type_)
    if found is MISFIT:
        raise place.error(f"{what} is {_wanted(type_)}, which {describe(value)} is not")
    return integral(found) if type_.whole else found


def _wanted(type_: Type) -> str:
    return "a whole number" if type_.whole else f"of the type {type_}"


def read_input(value: object, type_: Type | None, place: Place, what: str) -> object:
    """Like `typed`, but only for texts: an input column is often left at its editor's first type, string."""
    if type_ is None or not isinstance(value, str) or type_.base == "string":
        return value
    return typed(value, type_, place, what)
