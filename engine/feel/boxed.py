"""Boxed expressions: contexts, invocations, lists, relations and the rest, each with its parts as runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.feel.callee import Builtin, Defined, Parameter
from engine.feel.calls import called
from engine.feel.compare import describe
from engine.feel.expression import Expression
from engine.feel.frame import Frame
from engine.feel.limits import Place
from engine.feel.tables import Result, Table
from engine.feel.types import Type
from engine.feel.unit import Run, size

Fit = Callable[[object, Place, str], object]


class Logic(Protocol):
    """What a decision, an entry of a context or the body of a function is made of."""

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """All its expressions, for whoever wants to know what it reads and calls."""
        ...

    @property
    def cost(self) -> int: ...

    @property
    def depth(self) -> int: ...

    def run(self, frame: Frame) -> object: ...

    def decide(self, frame: Frame) -> Result: ...


@dataclass(frozen=True, slots=True, eq=False)
class Boxed:
    """Any logic that is no table."""

    work: Run
    expressions: tuple[Expression, ...]
    cost: int
    depth: int
    binds: frozenset[str] = frozenset()
    """The names that it binds itself, for instance the entries of a context."""
    tables: tuple[Table, ...] = ()
    """The decision tables inside it."""

    def run(self, frame: Frame) -> object:
        return self.work(frame)

    def decide(self, frame: Frame) -> Result:
        return self.work(frame), ()


def literal(expression: Expression) -> Boxed:
    return Boxed(expression.run, (expression,), expression.cost, size(expression.tree)[1])


def nothing() -> Boxed:
    """The logic of a decision that has none: null."""
    return Boxed(lambda frame: None, (), 1, 1)


def made_of(work: Run, parts: Sequence[Logic], binds: Sequence[str] = ()) -> Boxed:
    """Logic of several parts, each of which runs at most once unless the work counts its turns itself."""
    inner = frozenset[str]().union(*(part.binds for part in parts if isinstance(part, Boxed)))
    return Boxed(
        work,
        tuple(expression for part in parts for expression in part.expressions),
        1 + sum(part.cost for part in parts),
        2 + max((part.depth for part in parts), default=0),
        inner.union(binds),
        tuple(table for part in parts for table in tables_of(part)),
    )


def tables_of(logic: Logic) -> tuple[Table, ...]:
    """The decision tables that logic is made of."""
    if isinstance(logic, Table):
        return (logic,)
    return logic.tables if isinstance(logic, Boxed) else ()


def fitted_logic(logic: Logic, fit: Fit, text: str) -> Boxed:
    """Logic whose value is brought to a type."""
    place, work = Place(text), logic.run
    return made_of(lambda frame: fit(work(frame), place, "The value"), [logic])


def context(entries: Sequence[tuple[str, Logic]]) -> Boxed:
    """`entries` in order, each of which sees those before it; one without a name is the result."""
    runs = [(name, logic.run) for name, logic in entries]

    def work(frame: Frame) -> object:
        outer = frame.locals
        bound, result = dict(outer), dict[str, object]()
        for name, run in runs:
            frame.locals = bound
            value = run(frame)
            if not name:
                frame.locals = outer
                return value
            result[name] = value
            bound = {**bound, name: value}
        frame.locals = outer
        return result

    return made_of(work, [logic for _, logic in entries], [name for name, _ in entries if name])


def listed(items: Sequence[Logic]) -> Boxed:
    runs = [item.run for item in items]
    return made_of(lambda frame: [run(frame) for run in runs], items)


def relation(columns: Sequence[str], rows: Sequence[Sequence[Logic]]) -> Boxed:
    runs = [[cell.run for cell in row] for row in rows]

    def work(frame: Frame) -> object:
        return [{name: run(frame) for name, run in zip(columns, row, strict=True)} for row in runs]

    return made_of(work, [cell for row in rows for cell in row])


def conditional(condition: Logic, then: Logic, otherwise: Logic) -> Boxed:
    """Null where the condition is neither true nor false nor null."""
    first, second, third = condition.run, then.run, otherwise.run

    def work(frame: Frame) -> object:
        holds = first(frame)
        if holds is True:
            return second(frame)
        return third(frame) if holds is False or holds is None else None

    return made_of(work, [condition, then, otherwise])


def invocation(function: Logic, bindings: Sequence[tuple[str, Logic]], place: Place) -> Boxed:
    """The call of a function with its arguments by name."""
    target, names = function.run, [name for name, _ in bindings]
    runs = [logic.run for _, logic in bindings]

    def work(frame: Frame) -> object:
        found = target(frame)
        if not isinstance(found, (Builtin, Defined)):
            raise place.error(f"Only a function can be called, not {describe(found)}")
        return called(found, [run(frame) for run in runs], names, frame, place)

    return made_of(work, [function, *(logic for _, logic in bindings)])


def function(name: str, parameters: tuple[Parameter, ...], body: Logic, result: Type | None) -> Boxed:
    """A function definition, which sees what is bound around it."""

    def work(frame: Frame) -> object:
        return Defined(
            name, parameters, body.run, body.cost, body.depth, frame.variables, frame.locals, result
        )

    return made_of(work, [body], [parameter.name for parameter in parameters])
