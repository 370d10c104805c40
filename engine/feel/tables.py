"""Decision tables: which rows hold, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.errors import ExpressionError
from engine.feel.columns import read_input, typed
from engine.feel.compare import equal
from engine.feel.expression import Expression
from engine.feel.frame import Frame
from engine.feel.functions.sums import extreme, total
from engine.feel.limits import Place
from engine.feel.types import Type
from engine.feel.unit import Run

Result = tuple[object, tuple[int, ...]]
"""The value, and the numbers of the rows that gave it."""


@dataclass(frozen=True, slots=True)
class Input:
    """A column of tests: the expression they look at, and its declared type."""

    label: str
    expression: Expression
    type: Type | None
    values: Expression | None = None
    """The values that its author lists: for the check of the table, since editors offer them as choices."""


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results."""

    name: str
    label: str
    type: Type | None
    default: Expression | None
    values: Expression | None = None
    """The values it allows, in the order of their priority."""
    ranks: tuple[Run, ...] = ()
    """A test for each of these values."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: a test for each input that it asks about, and an expression for each output."""

    number: int
    tests: tuple[tuple[int, Expression], ...]
    """The column's index, counted from 0, with its test; a dash is no test."""
    results: tuple[Expression | None, ...]
    line: int = 0


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
        *,
        key: str = "",
        line: int = 0,
    ) -> None:
        """`key` is the id of what the table belongs to, and `line` where it stands in its file."""
        self.label = label
        self.key = key
        self.line = line
        self.inputs = inputs
        self.outputs = outputs
        self.rules = rules
        self.policy = policy
        self.aggregation = aggregation
        self.expressions = tuple(self._all())
        self.cost = sum(expression.cost for expression in self.expressions)
        self.depth = 4
        self._place = Place(label)
        self._tests = tuple(tuple((i, test.run) for i, test in rule.tests) for rule in rules)

    def _all(self) -> Iterable[Expression]:
        yield from (column.expression for column in self.inputs)
        for rule in self.rules:
            yield from (test for _, test in rule.tests)
            yield from (result for result in rule.results if result is not None)
        yield from (column.default for column in self.outputs if column.default is not None)

    def run(self, frame: Frame) -> object:
        """The value alone: what a table gives that stands inside another expression."""
        return self.decide(frame)[0]

    def decide(self, frame: Frame) -> Result:
        outer = frame.input
        values = [self._input(column, frame) for column in self.inputs]
        rules = self._matching(frame, values)
        frame.input = outer
        if not rules:
            return self._nothing(frame), ()
        return _POLICIES[self.policy](self, frame, rules)

    def _input(self, column: Input, frame: Frame) -> object:
        try:
            value = column.expression.run(frame)
            place = Place(column.expression.text)
            return read_input(value, column.type, place, "The input")
        except ExpressionError as error:
            raise self._located(error, None, column.label) from error

    def _matching(self, frame: Frame, values: list[object]) -> list[Rule]:
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

    def result(self, frame: Frame, rule: Rule) -> object:
        """What a row gives: the value of the only output, or a context of all of them."""
        results: dict[str, object] = {}
        for column, expression in zip(self.outputs, rule.results, strict=True):
            try:
                value = None if expression is None else expression.run(frame)
                text = "" if expression is None else expression.text
                results[column.name] = typed(value, column.type, Place(text), "The output")
            except ExpressionError as error:
                raise self._located(error, rule, column.label) from error
        return results if len(self.outputs) > 1 else next(iter(results.values()))

    def _nothing(self, frame: Frame) -> object:
        """The outcome where no row holds: the defaults, else nothing of the kind that the policy gives."""
        if any(column.default for column in self.outputs):
            default = self.result(frame, Rule(0, (), tuple(column.default for column in self.outputs)))
            return [default] if self.gives_list else default
        return [] if self.gives_list else 0 if self.aggregation == "COUNT" else None

    @property
    def gives_list(self) -> bool:
        return self.policy in ("RULE ORDER", "OUTPUT ORDER") or (
            self.policy == "COLLECT" and self.aggregation is None
        )

    def rank(self, frame: Frame, value: object) -> tuple[int, ...]:
        """How far in front a result is: the place of each of its values among those that its column lists."""
        parts = [value.get(column.name) for column in self.outputs] if isinstance(value, dict) else [value]
        ranks = []
        for column, part in zip(self.outputs, parts, strict=True):
            frame.input = part
            frame.spend(len(column.ranks), self._place)
            holding = (place for place, test in enumerate(column.ranks) if test(frame) is True)
            ranks.append(next(holding, len(column.ranks)))
        return tuple(ranks)

    def refused(self, problem: str, hint: str) -> ExpressionError:
        return self._place.error(f"Decision “{self.label}”: {problem}", hint)

    def _located(self, error: ExpressionError, rule: Rule | None, column: str) -> ExpressionError:
        """The same refusal, naming the table, the row and the column too."""
        row = f"row {rule.number}, " if rule and rule.number else ""
        problem = f"Decision “{self.label}”, {row}column “{column}”: {error.problem}"
        return Place(error.text, error.position).error(problem, error.hint)


def _first(table: Table, frame: Frame, rules: list[Rule]) -> Result:
    return table.result(frame, rules[0]), (rules[0].number,)


def _unique(table: Table, frame: Frame, rules: list[Rule]) -> Result:
    if len(rules) > 1:
        raise table.refused(
            f"the rows {_numbered(rules)} all hold, but its hit policy UNIQUE allows only one",
            "Let the rows exclude one another, or choose the hit policy FIRST.",
        )
    return _first(table, frame, rules)


def _any(table: Table, frame: Frame, rules: list[Rule]) -> Result:
    results = [table.result(frame, rule) for rule in rules]
    place = Place(table.label)
    if not all(equal(results[0], other, frame, place) is True for other in results[1:]):
        raise table.refused(
            f"the rows {_numbered(rules)} all hold, but give different results, which ANY forbids",
            "Let the rows give the same result, or choose the hit policy FIRST.",
        )
    return results[0], tuple(rule.number for rule in rules)


def _ordered(table: Table, frame: Frame, rules: list[Rule]) -> list[tuple[object, int]]:
    """The results with their rows, those in front that the columns list first."""
    results = [(table.result(frame, rule), rule.number) for rule in rules]
    ranked = [(table.rank(frame, value), value, number) for value, number in results]
    return [(value, number) for _, value, number in sorted(ranked, key=lambda one: one[0])]


def _priority(table: Table, frame: Frame, rules: list[Rule]) -> Result:
    value, number = _ordered(table, frame, rules)[0]
    return value, (number,)


def _output_order(table: Table, frame: Frame, rules: list[Rule]) -> Result:
    found = _ordered(table, frame, rules)
    return [value for value, _ in found], tuple(number for _, number in found)


def _collect(table: Table, frame: Frame, rules: list[Rule]) -> Result:
    results = [table.result(frame, rule) for rule in rules]
    numbers = tuple(rule.number for rule in rules)
    if table.aggregation is None:
        return results, numbers
    if table.aggregation == "COUNT":
        return len(results), numbers
    given = [value for value in results if value is not None]
    value = _AGGREGATIONS[table.aggregation](given, Place(table.label))
    if value is None and given:
        raise table.refused(
            f"its rows {_numbered(rules)} give values that {table.aggregation} cannot take together",
            "Let every row give a number.",
        )
    return value, numbers


def _numbered(rules: list[Rule]) -> str:
    numbers = [str(rule.number) for rule in rules]
    return f"{', '.join(numbers[:-1])} and {numbers[-1]}"


_POLICIES: Final[Mapping[str, Callable[[Table, Frame, list[Rule]], Result]]] = {
    "UNIQUE": _unique, "FIRST": _first, "ANY": _any, "PRIORITY": _priority, "RULE ORDER": _collect,
    "OUTPUT ORDER": _output_order, "COLLECT": _collect,
}  # fmt: skip
_AGGREGATIONS: Final[Mapping[str, Callable[[list[object], Place], object]]] = {
    "SUM": total,
    "MIN": lambda items, place: extreme(items, -1, place),
    "MAX": lambda items, place: extreme(items, 1, place),
}

POLICIES: Final = tuple(_POLICIES)
RANKING: Final = ("PRIORITY", "OUTPUT ORDER")
AGGREGATIONS: Final = (*_AGGREGATIONS, "COUNT")
