"""Decisions: what one gives for a case, from its own logic and from those it builds on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.feel.boundary import plain
from engine.feel.boxed import Logic
from engine.feel.callee import Defined
from engine.feel.frame import NOTHING, Frame, Scope
from engine.feel.limits import Place
from engine.feel.tables import Result, Table
from engine.values import Value

Fit = Callable[[object, Place, str], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision gave, and the rows (counted from 1) that gave it, for the case's history."""

    value: Value
    rules: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class InputData:
    """A variable of the case that a decision declares to need, and the type it must have."""

    name: str
    fit: Fit


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """A decision of a file, ready to be evaluated; safe in several threads at once."""

    id: str
    name: str
    line: int
    logic: Logic
    variable: str | None
    """The name under which decisions that build on this one see its value."""
    required: tuple[Decision, ...] = ()
    inputs: tuple[InputData, ...] = ()
    knowledge: Mapping[str, Defined] = field(default_factory=dict)
    """The functions that it may call: business knowledge models and decision services, by their names."""
    fit: Fit | None = None
    """Brings the value to the declared type."""
    file: str = ""
    tables: tuple[Table, ...] = ()
    """The tables in its logic, and in the functions that it may call."""

    @property
    def names(self) -> frozenset[str]:
        """The variables of the case that it reads, itself or through the decisions it builds on."""
        own = frozenset[str]().union(*(expression.names for expression in self.logic.expressions))
        bound = frozenset(name for other in self.required for name in other.bound(None))
        binds: frozenset[str] = getattr(self.logic, "binds", frozenset())
        return (own - bound - binds - self.knowledge.keys()).union(*(other.names for other in self.required))

    @property
    def functions(self) -> frozenset[str]:
        """The functions beyond FEEL's own that must be handed in."""
        own = (expression.functions for expression in self.logic.expressions)
        called = frozenset[str]().union(*own) - self.knowledge.keys()
        return called.union(*(other.functions for other in self.required))

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of its result columns; none for an expression."""
        return tuple(column.name for column in self.logic.outputs) if isinstance(self.logic, Table) else ()

    def evaluate(self, scope: Scope) -> Outcome:
        """The outcome for a case. Raises ExpressionError naming the row and the column."""
        value, rules = self.decided(Frame(scope, 0), scope.variables, {})
        return Outcome(plain(value, Place(self.name)), rules)

    def decided(self, frame: Frame, given: Mapping[str, object], done: dict[str, Result]) -> Result:
        """The value and the rows; `done` keeps a decision that several build on from being taken twice."""
        found = done.get(self.id)
        if found is None:
            place = Place(self.name)
            variables = self._seen(frame, given, done, place)
            outer = frame.variables, frame.locals
            frame.variables, frame.locals = variables, NOTHING
            frame.spend(self.logic.cost, place)
            frame.enter(self.logic.depth, place)
            value, rules = self.logic.decide(frame)
            frame.leave(self.logic.depth)
            frame.variables, frame.locals = outer
            if self.fit is not None:
                value = self.fit(value, place, f"The decision “{self.name}”")
            found = done[self.id] = value, rules
        return found

    def _seen(
        self, frame: Frame, given: Mapping[str, object], done: dict[str, Result], place: Place
    ) -> Mapping[str, object]:
        """The variables that the logic sees: those given, and what the decision requires."""
        if not (self.required or self.inputs or self.knowledge):
            return given
        seen = dict(given)
        for data in self.inputs:
            if seen.get(data.name) is not None:
                seen[data.name] = data.fit(seen[data.name], place, f"The input “{data.name}”")
        for other in self.required:
            seen.update(other.bound(other.decided(frame, given, done)[0]))
        seen.update(self.knowledge)
        return seen

    def bound(self, value: object) -> dict[str, object]:
        """The value under the decision's own name; without one, as Camunda 7 does, under its columns'."""
        names = {self.variable or self.name or self.id: value}
        if self.variable is None and isinstance(self.logic, Table):
            for column in self.logic.outputs:
                names[column.name] = value.get(column.name) if isinstance(value, dict) else value
        return names
