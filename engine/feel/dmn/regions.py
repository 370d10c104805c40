"""Which values the cells of a table's column let through, found out with a sample of each kind of value.

The constants of a column cut its values into atoms: each constant, and what lies between two of them.
Within an atom every cell gives the same answer, so that one sample says all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from engine.errors import ExpressionError
from engine.feel import tree
from engine.feel.compare import Kind, kind
from engine.feel.compiler import compile_tree
from engine.feel.conform import KINDS
from engine.feel.expression import Expression
from engine.feel.frame import Frame, Scope
from engine.feel.limits import Place
from engine.feel.printer import value_text
from engine.feel.tables import Input, Table
from engine.feel.tree import Node
from engine.values import YearsMonths

_PLAIN: Final = (
    tree.AnyOf, tree.NoneOf, tree.And, tree.Or, tree.Not, tree.Between, tree.In, tree.Compare, tree.Matches,
    tree.Range, tree.OneSided, tree.ListOf, tree.Input,
)  # fmt: skip
_LITERALS: Final = frozenset({"date", "time", "date and time", "duration"})
_ORDERED: Final = frozenset({"number", "date", "date and time", "days", "months"})
_EMPTY: Final = Scope({})


@dataclass(frozen=True, slots=True)
class Atom:
    """A value, or all values between two others that no cell tells apart."""

    sample: object
    text: str
    """The value as FEEL writes it; else what is said of it behind the column's name."""
    point: bool
    ends: tuple[str, str] | None = None
    """For values that have an order: the first and the last one as FEEL writes them, empty where open."""


@dataclass(frozen=True, slots=True)
class Region:
    """One column: its atoms, which of them it allows, and which of them each row lets through."""

    label: str
    atoms: tuple[Atom, ...]
    domain: int
    """The allowed atoms, one bit each."""
    cells: tuple[int | None, ...]
    """For each row the atoms that its cell lets through; None where that depends on more than the input."""

    def written(self, atoms: int) -> str:
        """`score > 5`, `tier in ("gold", "silver")`; nothing where all allowed values are meant."""
        if atoms & self.domain == self.domain:
            return ""
        chosen = [atom for n, atom in enumerate(self.atoms) if atoms >> n & 1]
        if any(atom.ends for atom in chosen):
            return " or ".join(f"{self.label} {text}" for text in self._runs(atoms))
        points = [atom.text for atom in chosen if atom.point]
        others = [f"{self.label} {atom.text}" for atom in chosen if not atom.point]
        if len(points) == 1:
            others.insert(0, f"{self.label} = {points[0]}")
        elif points:
            others.insert(0, f"{self.label} in ({', '.join(points)})")
        return " or ".join(others)

    def _runs(self, atoms: int) -> Iterator[str]:
        """What is said of values that follow one another, taken together."""
        run: list[Atom] = []
        for number, atom in enumerate((*self.atoms, None)):
            if atom is not None and atom.ends and atoms >> number & 1:
                run.append(atom)
                continue
            if run:
                yield _run_text(run[0], run[-1])
                run = []
            if atom is not None and not atom.ends and atoms >> number & 1:
                yield f"= {atom.text}"


def _run_text(first: Atom, last: Atom) -> str:
    """`= 5`, `> 5`, `in (5..9]`."""
    assert first.ends is not None and last.ends is not None
    low, high = first.ends[0], last.ends[1]
    if first is last and first.point:
        return f"= {low}"
    if not low:
        return f"{'<=' if last.point else '<'} {high}"
    if not high:
        return f"{'>=' if first.point else '>'} {low}"
    return f"in {'[' if first.point else '('}{low}..{high}{']' if last.point else ')'}"


def region(table: Table, index: int) -> Region:
    """The values of one column of a table."""
    column = table.inputs[index]
    tests = [dict(rule.tests).get(index) for rule in table.rules]
    found = [None if test is None else constants(test.tree, test.text) for test in tests]
    values = [] if column.values is None else constants(column.values.tree, column.values.text) or []
    atoms = _atoms(column, [value for some in (*found, values) for value in some or ()])
    unknown = not atoms
    atoms = atoms or (Atom(None, "has any value", False),)
    everything = (1 << len(atoms)) - 1
    known: dict[str, int | None] = {}
    cells: list[int | None] = []
    for test, some in zip(tests, found, strict=True):
        if test is None:
            cells.append(everything)
        elif some is None or unknown:
            cells.append(None)
        else:
            if test.text not in known:
                known[test.text] = passed(test, atoms)
            cells.append(known[test.text])
    domain = 0 if unknown else _domain(column, atoms)
    return Region(column.label, atoms, domain or everything, tuple(cells))


def _domain(column: Input, atoms: Sequence[Atom]) -> int:
    """The atoms that the column's list of values, or its type, allows; 0 where that says nothing."""
    domain = (passed(column.values, atoms) or 0) if column.values is not None else 0
    allows = None if column.type is None else column.type.allows
    if not domain and allows is not None:
        domain = sum(1 << n for n, atom in enumerate(atoms) if allows(atom.sample) is True)
    return domain


def passed(test: Expression, atoms: Sequence[Atom]) -> int | None:
    """The atoms whose sample passes a test; None where it cannot be tried."""
    mask = 0
    for number, atom in enumerate(atoms):
        frame = Frame(_EMPTY, test.cost)
        frame.input = atom.sample
        try:
            mask |= (test.run(frame) is True) << number
        except ExpressionError:
            return None
    return mask


def constants(node: Node, text: str) -> list[object] | None:
    """The values that a test compares its input with; None where it depends on anything else."""
    if isinstance(node, tree.Constant):
        return [node.value]
    if isinstance(node, tree.Call) and node.name in _LITERALS:
        written = all(isinstance(argument, tree.Constant) for argument in node.arguments)
        return [compile_tree(node, text)(Frame(_EMPTY, 0))] if written else None
    if not isinstance(node, _PLAIN):
        return None
    found: list[object] = []
    for child in node.children():
        some = constants(child, text)
        if some is None:
            return None
        found += some
    return found


def kinds_of(values: Iterable[object]) -> set[Kind | None]:
    """The kinds of values, null aside, which may stand beside all of them."""
    return {kind(value) for value in values if value is not None}


def _atoms(column: Input, values: list[object]) -> tuple[Atom, ...]:
    """The atoms of a column; none where its values are of several kinds, or of one that has no order here.

    Null is one only where a cell asks for it: that an input is missing is seldom meant by a gap.
    """
    kinds = kinds_of(values)
    null = (Atom(None, "null", True),) if None in values else ()
    if not kinds and column.type is not None and column.type.base == "boolean":
        kinds = {"boolean"}
    if not kinds:
        return (*null, Atom("other", "has another value" if null else "has any value", False))
    found = _atoms_of(kinds.pop(), values, column) if len(kinds) == 1 else ()
    return (*null, *found) if found else ()


def _atoms_of(sort: Kind | None, values: list[object], column: Input) -> tuple[Atom, ...]:
    if sort == "boolean":
        return (Atom(True, "true", True), Atom(False, "false", True))
    if sort == "text":
        return tuple(_texts([value for value in values if isinstance(value, str)]))
    if sort not in _ORDERED:
        return ()
    try:
        ordered = sorted({value for value in values if value is not None})  # type: ignore[type-var]
    except TypeError:  # instants with and without a zone
        return ()
    whole = sort in ("date", "months") or (column.type is not None and column.type.whole)
    return tuple(_between(ordered, whole))


def _texts(values: list[str]) -> Iterator[Atom]:
    known = list(dict.fromkeys(values))
    for value in known:
        yield Atom(value, _written(value), True)
    other = "other"
    while other in known:
        other += "_"
    yield Atom(other, f"is none of {', '.join(map(_written, known))}", False)


def _between(values: list[Any], whole: bool) -> Iterator[Atom]:
    """The values and what lies below, between and above them; with `whole` only what can be counted."""
    step = _step(values[0])
    below, above = _moved(values[0], step, -1), _moved(values[-1], step)
    if below is not None:
        yield Atom(below, "", False, ("", _written(values[0])))
    for position, value in enumerate(values):
        yield Atom(value, _written(value), True, (_written(value), _written(value)))
        if position + 1 == len(values):
            break
        following = values[position + 1]
        sample = _moved(value, step) if whole else _middle(value, following)
        if sample is not None and sample < following:
            yield Atom(sample, "", False, (_written(value), _written(following)))
    if above is not None:
        yield Atom(above, "", False, (_written(values[-1]), ""))


def _step(value: object) -> Any:
    if isinstance(value, (date, timedelta)):
        return timedelta(1)
    return YearsMonths(1) if isinstance(value, YearsMonths) else 1


def _moved(value: Any, step: Any, sign: int = 1) -> Any:
    """The value so much further on, or back; None at the end of the calendar."""
    try:
        if isinstance(value, YearsMonths):
            return YearsMonths(value.months + sign * step.months)
        return value + sign * step
    except OverflowError:
        return None


def _middle(low: Any, high: Any) -> Any:
    if isinstance(low, (datetime, timedelta)):
        return low + (high - low) / 2
    return (Decimal(low) + Decimal(high)) / 2


def column_kind(column: Input) -> str | None:
    """The kind of value that a column declares; None where it declares none."""
    return None if column.type is None or column.type.base == "Any" else KINDS[column.type.base]


def _written(value: object) -> str:
    return value_text(value, Place(""))
