"""Decision tables and literal decisions: which rows hold for a case, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from engine.errors import ExpressionError
from engine.feel.compare import equal
from engine.feel.expression import Expression
from engine.feel.frame import Frame, Scope
from engine.feel.functions import extreme, total
from engine.feel.limits import Place
from engine.feel.types import read_input, typed
from engine.values import Value


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision gave, and the rows (counted from 1) that gave it, for the case's history."""

    value: Value
    rules: tuple[int, ...] = ()


class Logic(Protocol):
    """How a decision comes to its outcome."""

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """All its expressions, for whoever wants to know what it reads and calls."""
        ...

    def decide(self, scope: Scope) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Literal:
    """A decision that is one expression."""

    expression: Expression
    type: str | None

    @property
    def expressions(self) -> tuple[Expression, ...]:
        return (self.expression,)

    def decide(self, scope: Scope) -> Outcome:
        value = self.expression.evaluate(scope)
        return Outcome(typed(value, self.type, Place(self.expression.text), "The decision"))


@dataclass(frozen=True, slots=True)
class Input:
    """A column of tests: the expression they look at, and its declared type."""

    label: str
    expression: Expression
    type: str | None


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results."""

    name: str
    label: str
    type: str | None
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: a test for each input that it asks about, and an expression for each output."""

    number: int
    tests: tuple[tuple[int, Expression], ...]
    """The column's index, counted from 0, with its test; a dash is no test."""
    results: tuple[Expression | None, ...]


class Table:
    """A decision table, evaluated by the hit policy it is drawn with."""

    def __init__(
        self,
        label: str,
        inputs: tuple[Input, ...],
        outputs: tuple[Output, ...],
        rules: tuple[Rule, ...],
        policy: str,
        aggregation: str | None,
    ) -> None:
        self.label = label
        self.inputs = inputs
        self.outputs = outputs
        self.rules = rules
        self.policy = policy
        self.aggregation = aggregation
        self.expressions = tuple(self._all())
        self.cost = sum(expression.cost for expression in self.expressions)
        self._tests = tuple(tuple((i, test.run) for i, test in rule.tests) for rule in rules)

    def _all(self) -> Iterable[Expression]:
        yield from (column.expression for column in self.inputs)
        for rule in self.rules:
            yield from (test for _, test in rule.tests)
            yield from (result for result in rule.results if result is not None)
        yield from (column.default for column in self.outputs if column.default is not None)

    def decide(self, scope: Scope) -> Outcome:
        frame = Frame(scope, self.cost)
        values = [self._input(column, frame) for column in self.inputs]
        rules = self._matching(frame, values)
        if not rules:
            return Outcome(self._nothing(frame))
        return _POLICIES[self.policy](self, frame, rules)

    def _input(self, column: Input, frame: Frame) -> Value:
        try:
            value = column.expression.run(frame)
            return read_input(value, column.type, Place(column.expression.text), "The input")
        except ExpressionError as error:
            raise self._located(error, None, column.label) from error

    def _matching(self, frame: Frame, values: list[Value]) -> list[Rule]:
        """The rows that hold, in the table's order; only the first one where no other counts."""
        found = []
        for position, tests in enumerate(self._tests):
            index = 0
            try:
                for index, run in tests:
                    frame.input = values[index]
                    if run(frame) is not True:
                        break
                else:
                    found.append(self.rules[position])
                    if self.policy == "FIRST":
                        break
            except ExpressionError as error:
                raise self._located(error, self.rules[position], self.inputs[index].label) from error
        return found

    def result(self, frame: Frame, rule: Rule) -> Value:
        """What a row gives: the value of the only output, or a context of all of them."""
        results: dict[str, Value] = {}
        for column, expression in zip(self.outputs, rule.results, strict=True):
            try:
                value = None if expression is None else expression.run(frame)
                text = "" if expression is None else expression.text
                results[column.name] = typed(value, column.type, Place(text), "The output")
            except ExpressionError as error:
                raise self._located(error, rule, column.label) from error
        return results if len(self.outputs) > 1 else next(iter(results.values()))

    def _nothing(self, frame: Frame) -> Value:
        """The outcome where no row holds: the defaults, else nothing of the kind that the policy gives."""
        if any(column.default for column in self.outputs):
            default = self.result(frame, Rule(0, (), tuple(column.default for column in self.outputs)))
            return [default] if self.gives_list else default
        return [] if self.gives_list else 0 if self.aggregation == "COUNT" else None

    @property
    def gives_list(self) -> bool:
        return self.policy == "RULE ORDER" or (self.policy == "COLLECT" and self.aggregation is None)

    def refused(self, problem: str, hint: str) -> ExpressionError:
        return Place(self.label).error(f"Decision “{self.label}”: {problem}", hint)

    def _located(self, error: ExpressionError, rule: Rule | None, column: str) -> ExpressionError:
        """The same refusal, naming the table, the row and the column too."""
        row = f"row {rule.number}, " if rule and rule.number else ""
        problem = f"Decision “{self.label}”, {row}column “{column}”: {error.problem}"
        return Place(error.text, error.position).error(problem, error.hint)


def _first(table: Table, frame: Frame, rules: list[Rule]) -> Outcome:
    return Outcome(table.result(frame, rules[0]), (rules[0].number,))


def _unique(table: Table, frame: Frame, rules: list[Rule]) -> Outcome:
    if len(rules) > 1:
        numbers = _numbered(rules)
        raise table.refused(
            f"the rows {numbers} all hold, but its hit policy UNIQUE allows only one",
            "Let the rows exclude one another, or choose the hit policy FIRST.",
        )
    return _first(table, frame, rules)


def _any(table: Table, frame: Frame, rules: list[Rule]) -> Outcome:
    results = [table.result(frame, rule) for rule in rules]
    place = Place(table.label)
    if not all(equal(results[0], other, frame, place) is True for other in results[1:]):
        raise table.refused(
            f"the rows {_numbered(rules)} all hold, but give different results, which ANY forbids",
            "Let the rows give the same result, or choose the hit policy FIRST.",
        )
    return Outcome(results[0], tuple(rule.number for rule in rules))


def _collect(table: Table, frame: Frame, rules: list[Rule]) -> Outcome:
    results = [table.result(frame, rule) for rule in rules]
    numbers = tuple(rule.number for rule in rules)
    if table.aggregation is None:
        return Outcome(results, numbers)
    if table.aggregation == "COUNT":
        return Outcome(len(results), numbers)
    given: list[Value] = [value for value in results if value is not None]
    place = Place(table.label)
    value = _AGGREGATIONS[table.aggregation](given, place)
    if value is None and given:
        raise table.refused(
            f"its rows {_numbered(rules)} give values that {table.aggregation} cannot take together",
            "Let every row give a number.",
        )
    return Outcome(value, numbers)


def _numbered(rules: list[Rule]) -> str:
    numbers = [str(rule.number) for rule in rules]
    return f"{', '.join(numbers[:-1])} and {numbers[-1]}"


_POLICIES: Final[Mapping[str, Callable[[Table, Frame, list[Rule]], Outcome]]] = {
    "UNIQUE": _unique, "FIRST": _first, "ANY": _any, "RULE ORDER": _collect, "COLLECT": _collect,
}  # fmt: skip
_AGGREGATIONS: Final[Mapping[str, Callable[[list[Value], Place], Value]]] = {
    "SUM": total,
    "MIN": lambda items, place: extreme(items, -1, place),
    "MAX": lambda items, place: extreme(items, 1, place),
}

POLICIES: Final = tuple(_POLICIES)
AGGREGATIONS: Final = (*_AGGREGATIONS, "COUNT")


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

    @property
    def names(self) -> frozenset[str]:
        """The variables of the case that it reads, itself or through the decisions it builds on."""
        own = frozenset[str]().union(*(expression.names for expression in self.logic.expressions))
        bound = frozenset(name for other in self.required for name in other.bound(None))
        return (own - bound).union(*(other.names for other in self.required))

    @property
    def functions(self) -> frozenset[str]:
        """The functions beyond FEEL's own that must be handed in."""
        own = (expression.functions for expression in self.logic.expressions)
        return frozenset[str]().union(*own, *(other.functions for other in self.required))

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of its result columns; none for an expression."""
        return tuple(column.name for column in self.logic.outputs) if isinstance(self.logic, Table) else ()

    def evaluate(self, scope: Scope) -> Outcome:
        """The outcome for a case. Raises ExpressionError naming the row and the column."""
        return self._decided(scope, {})

    def _decided(self, scope: Scope, done: dict[str, Outcome]) -> Outcome:
        """`done` keeps a decision that several others build on from being taken twice."""
        if self.id not in done:
            inner = scope
            if self.required:
                seen = dict(scope.variables)
                for other in self.required:
                    seen.update(other.bound(other._decided(scope, done).value))
                inner = Scope(seen, scope.functions)
            done[self.id] = self.logic.decide(inner)
        return done[self.id]

    def bound(self, value: Value) -> dict[str, Value]:
        """The value under the decision's own name; without one, as Camunda 7 does, under its columns'."""
        names = {self.variable or self.name or self.id: value}
        if self.variable is None and isinstance(self.logic, Table):
            for column in self.logic.outputs:
                names[column.name] = value.get(column.name) if isinstance(value, dict) else value
        return names
