"""Writes values and trees back as FEEL text, so that what was understood can be shown and read again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Final

from engine.feel import tree
from engine.feel.arithmetic import too_large
from engine.feel.callee import Builtin, Defined
from engine.feel.cells import ADDITION, AND, COMPARISON, MULTIPLICATION, OR, POWER, UNARY
from engine.feel.limits import MAX_DATA_DEPTH, MAX_DIGITS, MAX_EXPONENT, Place
from engine.feel.ranges import Range
from engine.feel.temporal import duration_text, moment_text
from engine.feel.tree import Node
from engine.values import MAX_BYTES, YearsMonths

_WHOLE: Final = OR - 1
_POSTFIX: Final = UNARY + 1
_LEVELS: Final[dict[tree.Sum, int]] = {
    "+": ADDITION, "-": ADDITION, "*": MULTIPLICATION, "/": MULTIPLICATION, "%": MULTIPLICATION, "**": POWER,
}  # fmt: skip
_WORDS: Final = re.compile(r"[^\W\d][\w ]*")
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def number_text(value: int | Decimal, place: Place) -> str:
    """All digits, never an exponent."""
    if isinstance(value, int):
        if value.bit_length() > 4 * MAX_DIGITS:
            raise too_large(place)
        return str(value)
    if value.is_finite() and abs(value.adjusted()) > MAX_EXPONENT:
        raise too_large(place)
    return format(value, "f")


def value_text(value: object, place: Place, *, quoted: bool = True, depth: int = 0) -> str:
    """A value as FEEL writes it; a text in quotes unless it stands alone and `quoted` is off."""
    if depth > MAX_DATA_DEPTH:
        raise place.error(f"The list is nested deeper than {MAX_DATA_DEPTH} levels")
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return number_text(value, place)
    if isinstance(value, str):
        return f'"{value.translate(_ESCAPES)}"' if quoted else value
    if isinstance(value, (date, time)):
        return f'@"{moment_text(value)}"' if quoted else moment_text(value)
    if isinstance(value, (timedelta, YearsMonths)):
        return f'@"{duration_text(value)}"' if quoted else duration_text(value)
    if isinstance(value, Mapping):
        parts = (f"{_key(key)}: {value_text(item, place, depth=depth + 1)}" for key, item in value.items())
        return "{" + _joined(parts, place) + "}"
    if isinstance(value, Sequence):
        return "[" + _joined((value_text(item, place, depth=depth + 1) for item in value), place) + "]"
    if isinstance(value, Range):
        return _range_text(value, place, depth + 1)
    if isinstance(value, (Builtin, Defined)):
        return value.name
    raise place.error("A value of a foreign type cannot be written as text")


def _range_text(value: Range, place: Place, depth: int) -> str:
    low, high = (value_text(end, place, depth=depth) for end in (value.low, value.high))
    if value.side:
        return f"({value.side} {high if value.low is None else low})"
    return f"{'[' if value.low_included else '('}{low}..{high}{']' if value.high_included else ')'}"


def _key(name: object) -> str:
    """The name of an entry, in quotes where it is not made of words."""
    text = str(name)
    if _WORDS.fullmatch(text) and " ".join(text.split()) == text:
        return text
    return f'"{text.translate(_ESCAPES)}"'


def _joined(parts: Iterable[str], place: Place) -> str:
    """The parts between commas, given up as soon as they are too large together."""
    kept: list[str] = []
    size = 0
    for part in parts:
        size += len(part) + 2
        if size > MAX_BYTES:
            raise place.error("The text would be larger than 64 kB")
        kept.append(part)
    return ", ".join(kept)


def to_text(node: Node) -> str:
    """The tree as FEEL; reading it again gives an equal tree."""
    return _write(node, _WHOLE)


def _write(node: Node, floor: int) -> str:
    text, level = _written(node)
    return text if level >= floor else f"({text})"


def _written(node: Node) -> tuple[str, int]:
    """The text, and how tightly its outermost sign binds."""
    match node:
        case tree.Constant(value):
            negative = isinstance(value, (int, Decimal)) and not isinstance(value, bool) and value < 0
            return value_text(value, Place("")), UNARY if negative else _POSTFIX
        case tree.Name(name):
            return name, _POSTFIX
        case tree.Input():
            return "?", _POSTFIX
        case tree.Path(base, key):
            return f"{_write(base, _POSTFIX)}.{key}", _POSTFIX
        case tree.Index(base, index):
            return f"{_write(base, _POSTFIX)}[{_write(index, _WHOLE)}]", _POSTFIX
        case tree.Negate(operand):
            return f"-{_write(operand, UNARY)}", UNARY
        case tree.Arithmetic(sign, left, right):
            level = _LEVELS[sign]
            return f"{_write(left, level)} {sign} {_write(right, level + 1)}", level
        case tree.Compare(sign, left, right):
            return f"{_write(left, ADDITION)} {sign} {_write(right, ADDITION)}", COMPARISON
        case tree.And(items):
            return " and ".join(_write(item, COMPARISON) for item in items), AND
        case tree.Or(items):
            return " or ".join(_write(item, AND) for item in items), OR
        case tree.Not(operand):
            return f"not({_write(operand, _WHOLE)})", _POSTFIX
        case tree.If(condition, then, otherwise):
            ways = f"then {_write(then, OR)} else {_write(otherwise, _WHOLE)}"
            return f"if {_write(condition, OR)} {ways}", _WHOLE
        case tree.Between(value, low, high):
            ends = f"{_write(low, ADDITION)} and {_write(high, ADDITION)}"
            return f"{_write(value, ADDITION)} between {ends}", COMPARISON
        case tree.InstanceOf(operand, type_):
            return f"{_write(operand, COMPARISON + 1)} instance of {type_}", COMPARISON
        case tree.Entries() | tree.Function() | tree.For() | tree.Quantified():
            return _written_block(node)
        case tree.ListOf(items):
            return f"[{', '.join(_write(item, _WHOLE) for item in items)}]", _POSTFIX
        case tree.Call(name, arguments, named=named):
            return f"{name}({_arguments(arguments, named)})", _POSTFIX
        case tree.Invoke(target, arguments, named=named):
            return f"{_write(target, _POSTFIX)}({_arguments(arguments, named)})", _POSTFIX
        case tree.In(value, test):
            alone = isinstance(test, tree.AnyOf) and _is_range(test.tests)
            tests = _write(test, _WHOLE) if alone else f"({_write(test, _WHOLE)})"
            return f"{_write(value, ADDITION)} in {tests}", COMPARISON
        case tree.Range(low, high, low_included, high_included):
            opening, closing = "[" if low_included else "(", "]" if high_included else ")"
            return f"{opening}{_write(low, OR)}..{_write(high, ADDITION)}{closing}", _POSTFIX
        case tree.OneSided(side, end):
            return f"({side} {_write(end, ADDITION)})", _POSTFIX
        case tree.Matches(tree.Not() as denied):
            # Alone in a cell, not(x) would be read as the denial of the test x.
            return f"({_write(denied, _WHOLE)})", _POSTFIX
        case tree.Matches(operand):
            return _written(operand)
        case tree.AnyOf(tests):
            return ", ".join(_write(test, _WHOLE) for test in tests) or "-", OR
        case tree.NoneOf(tests):
            return f"not({', '.join(_write(test, _WHOLE) for test in tests)})", OR
    raise TypeError(type(node))


def _written_block(node: Node) -> tuple[str, int]:
    """What binds names: loops, contexts and functions."""
    match node:
        case tree.Entries(names, values):
            entries = (
                f"{_key(name)}: {_write(value, _WHOLE)}" for name, value in zip(names, values, strict=True)
            )
            return "{" + ", ".join(entries) + "}", _POSTFIX
        case tree.Function(parameters, body):
            taken = ", ".join(name if type_ is None else f"{name}: {type_}" for name, type_ in parameters)
            return f"function({taken}) {_write(body, _WHOLE)}", _WHOLE
        case tree.For(sources, body):
            return f"for {_sources(sources)} return {_write(body, _WHOLE)}", _WHOLE
        case tree.Quantified(every, sources, body):
            word = "every" if every else "some"
            return f"{word} {_sources(sources)} satisfies {_write(body, _WHOLE)}", _WHOLE
    raise TypeError(type(node))


def _sources(sources: tuple[tree.Source, ...]) -> str:
    return ", ".join(
        f"{source.name} in {_write(source.items, OR)}"
        + ("" if source.last is None else f"..{_write(source.last, OR)}")
        for source in sources
    )


def _arguments(arguments: tuple[Node, ...], named: tuple[str, ...] | None) -> str:
    texts = [_write(argument, _WHOLE) for argument in arguments]
    if named is not None:
        texts = [f"{name}: {text}" for name, text in zip(named, texts, strict=True)]
    return ", ".join(texts)


def _is_range(tests: tuple[Node, ...]) -> bool:
    match tests:
        case (tree.Matches(tree.Range()),):
            return True
    return False
