"""FEEL's types as an expression or a file declares them: their names, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

Base = Literal[
    "Any", "Null", "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
    "years and months duration", "list", "context", "function", "range",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Type:
    """A type: a simple one, or one made of others."""

    base: Base
    item: Type | None = None
    """What a list or a range holds, and what a function gives."""
    fields: tuple[tuple[str, Type], ...] = ()
    """The entries of a context; those of a function are its parameters."""
    whole: bool = False
    """Numbers without a fraction: the types that Camunda 7 calls integer and long."""
    allows: Callable[[object], bool | None] | None = field(default=None, compare=False)
    """What the file's item definition further asks of a value."""
    values: str = field(default="", compare=False)
    """The same as the file writes it: `"gold", "silver"`."""
    label: str = field(default="", compare=False)
    """The name under which the file defines it."""

    def __str__(self) -> str:
        if self.label:
            return self.label
        if self.base in ("list", "range") and self.item is not None:
            return f"{self.base}<{self.item}>"
        if self.base == "context" and self.fields:
            return f"context<{', '.join(f'{name}: {type_}' for name, type_ in self.fields)}>"
        if self.base == "function" and self.item is not None:
            return f"function<{', '.join(str(type_) for _, type_ in self.fields)}>->{self.item}"
        return "integer" if self.whole else self.base


ANY: Final = Type("Any")
NUMBER: Final = Type("number")

SIMPLE: Final[dict[str, Type]] = {
    name: Type(name)
    for name in (
        "Any", "Null", "number", "string", "boolean", "date", "time", "date and time",
        "days and time duration", "years and months duration",
    )
}  # fmt: skip
"""The types that an expression may name without anybody defining them."""

_SPELLINGS: Final[dict[str, Type]] = {
    **{name.lower(): type_ for name, type_ in SIMPLE.items() if name not in ("Any", "Null")},
    **dict.fromkeys(("double", "float", "decimal"), NUMBER),
    **dict.fromkeys(("integer", "int", "long"), replace(NUMBER, whole=True)),
    **dict.fromkeys(("datetime", "date_and_time"), SIMPLE["date and time"]),
    **dict.fromkeys(("daytimeduration", "days_and_time_duration"), SIMPLE["days and time duration"]),
    **dict.fromkeys(
        ("yearmonthduration", "years_and_months_duration", "yearsandmonthsduration"),
        SIMPLE["years and months duration"],
    ),
    "any": ANY,
}


def builtin_type(name: str) -> Type | None:
    """The built-in type that a file's typeRef names, in the spellings that editors write."""
    return _SPELLINGS.get(name.lower())
