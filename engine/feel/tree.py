"""The tree that both spellings are read into: frozen nodes that say what is meant, not how it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from engine.feel.limits import MAX_DEPTH, Place
from engine.feel.ranges import Side
from engine.feel.types import Type
from engine.values import Value

Ordering = Literal["=", "!=", "<", "<=", ">", ">="]
Sum = Literal["+", "-", "*", "/", "%", "**"]


class Node:
    """A part of an expression; `at` is the character of the text where it stands."""

    __slots__ = ()
    at: int

    def children(self) -> tuple[Node, ...]:
        """The parts this one is made of, in reading order."""
        return ()


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A number, a text, true, false, null, or a date or duration written with @"…"."""

    value: Value
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable; null where the case has none of that name."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Input(Node):
    """`?`: the value that a test of a decision table or the right side of `in` looks at."""

    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`lead.score`: an entry of a context; never an attribute of a Python object."""

    base: Node
    key: str
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.base,)


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`list[1]` (the first one; -1 is the last one), `list[item > 5]`, or `context["key"]`."""

    base: Node
    index: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.base, self.index)


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """Unary minus."""

    operand: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`left + right` and its like."""

    sign: Sum
    left: Node
    right: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`left < right` and its like."""

    sign: Ordering
    left: Node
    right: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class And(Node):
    """Three-valued: one false makes it false, else one null (or a value of another type) makes it null."""

    items: tuple[Node, ...]
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Three-valued: one true makes it true, else one null (or a value of another type) makes it null."""

    items: tuple[Node, ...]
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not(x)`: null for null and for values that are neither true nor false."""

    operand: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if c then a else b`; everything but true takes the second way."""

    condition: Node
    then: Node
    otherwise: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.condition, self.then, self.otherwise)


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`x between low and high`, both ends included."""

    value: Node
    low: Node
    high: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.value, self.low, self.high)


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """`[a, b]`."""

    items: tuple[Node, ...]
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True, slots=True)
class Entries(Node):
    """`{net: 100, gross: net * 1.22}`: a context, whose entries see those before them."""

    names: tuple[str, ...]
    values: tuple[Node, ...]
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return self.values


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of FEEL, or one that the engine hands in, such as `due("offer_reminder")`."""

    name: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False)
    named: tuple[str, ...] | None = None
    """The names that the arguments are given by: `substring(string: x, start position: 2)`."""

    def children(self) -> tuple[Node, ...]:
        return self.arguments


@dataclass(frozen=True, slots=True)
class Invoke(Node):
    """The call of a function that is a value: bound inside the expression, or an entry of a context."""

    target: Node
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False)
    named: tuple[str, ...] | None = None

    def children(self) -> tuple[Node, ...]:
        return (self.target, *self.arguments)


@dataclass(frozen=True, slots=True)
class Function(Node):
    """`function(a: number, b) a + b`."""

    parameters: tuple[tuple[str, Type | None], ...]
    body: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.body,)


@dataclass(frozen=True, slots=True)
class Source(Node):
    """`x in list` or `x in 1..5`: what one name of a loop goes over."""

    name: str
    items: Node
    last: Node | None
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.items,) if self.last is None else (self.items, self.last)


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for x in list, y in x.items return x + y`."""

    sources: tuple[Source, ...]
    body: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (*self.sources, self.body)


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some x in list satisfies x > 5`, or `every`."""

    every: bool
    sources: tuple[Source, ...]
    body: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (*self.sources, self.body)


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`x instance of number`."""

    operand: Node
    type: Type
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value in test`: the test sees the value as its input."""

    value: Node
    test: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.value, self.test)


@dataclass(frozen=True, slots=True)
class Range(Node):
    """`[1..5]`, `(1..5]`."""

    low: Node
    high: Node
    low_included: bool
    high_included: bool
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.low, self.high)


@dataclass(frozen=True, slots=True)
class OneSided(Node):
    """`(< 10)` as a value: the range of everything that passes the test."""

    side: Side
    end: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.end,)


@dataclass(frozen=True, slots=True)
class Matches(Node):
    """A test by a value: the input equals it, is in it (list, range), or the value itself is true."""

    operand: Node
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class AnyOf(Node):
    """`"gold", "silver"`: one of several tests holds; none at all is the dash that always holds."""

    tests: tuple[Node, ...]
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return self.tests


@dataclass(frozen=True, slots=True)
class NoneOf(Node):
    """`not("gold", "silver")` as a test."""

    tests: tuple[Node, ...]
    at: int = field(default=0, compare=False)

    def children(self) -> tuple[Node, ...]:
        return self.tests


def walk(root: Node, place: Place) -> Iterator[Node]:
    """Every node, without recursion; ExpressionError when the tree is deeper than one may evaluate."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise Place(place.text, node.at).error(
                f"The expression is nested deeper than {MAX_DEPTH} levels",
                hint="Split it into several variables or rows.",
            )
        yield node
        waiting.extend((child, depth + 1) for child in node.children())
