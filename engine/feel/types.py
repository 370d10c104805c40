"""The types that a decision's columns declare, and the few conversions to them that lose nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.feel.arithmetic import integral
from engine.feel.compare import Kind, describe, kind
from engine.feel.functions import read_number
from engine.feel.limits import Place
from engine.feel.printer import value_text
from engine.feel.temporal import read_date, read_duration, read_instant, read_time
from engine.values import Value

_KINDS: Final[dict[str, Kind]] = {
    "string": "text", "boolean": "boolean", "number": "number", "integer": "number", "int": "number",
    "long": "number", "double": "number", "float": "number", "decimal": "number", "date": "date",
    "time": "time", "datetime": "date and time", "date and time": "date and time",
    "days and time duration": "days", "daytimeduration": "days", "years and months duration": "months",
    "yearmonthduration": "months",
}  # fmt: skip
_WHOLE: Final = frozenset({"integer", "int", "long"})

_READERS: Final[dict[Kind, Callable[[str], Value]]] = {
    "number": read_number,
    "boolean": {"true": True, "false": False}.get,
    "date": read_date,
    "time": read_time,
    "date and time": read_instant,
    "days": read_duration,
    "months": read_duration,
}


def known_type(name: str | None, defined: Mapping[str, str]) -> str | None:
    """The built-in type that a typeRef names, also through the file's own item definitions; else None.

    None means that any value goes: lists, contexts and types this engine does not check.
    """
    for _ in range(16):  # a definition may stand on another one, but not for ever
        if not name:
            return None
        plain = name.rsplit(":", 1)[-1].strip().lower()
        if plain in _KINDS:
            return plain
        name = defined.get(name.rsplit(":", 1)[-1])
    return None


def typed(value: Value, type_: str | None, place: Place, what: str) -> Value:
    """The value of a column of this type; null is of every type, what does not fit is refused."""
    if type_ is None or value is None:
        return value
    wanted, given = _KINDS[type_], kind(value)
    if given == "text" and wanted != "text":
        converted = _READERS[wanted](str(value))
        value, given = (value, given) if converted is None else (converted, kind(converted))
    elif wanted == "text" and given in ("number", "boolean"):
        return value_text(value, place)
    if given != wanted:
        raise place.error(f"{what} is of the type {type_}, which {describe(value)} is not")
    if type_ not in _WHOLE:
        return value
    number = integral(value)
    if number is None:
        raise place.error(f"{what} is a whole number, which {describe(value)} is not")
    return number


def read_input(value: Value, type_: str | None, place: Place, what: str) -> Value:
    """Like `typed`, but only for texts: an input column is often left at its editor's first type, string."""
    return typed(value, type_, place, what) if isinstance(value, str) and type_ != "string" else value
