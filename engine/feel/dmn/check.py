"""Checks decision tables: gaps, rows that overlap or never decide, values of the wrong type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.errors import ExpressionError
from engine.feel.conform import KINDS
from engine.feel.decisions import Decision
from engine.feel.dmn.cover import Cover
from engine.feel.dmn.regions import Region, column_kind, constants, kinds_of, region
from engine.feel.frame import Frame, Scope
from engine.feel.tables import Rule, Table
from engine.feel.tree import Constant
from engine.findings import Finding, Severity

MOST: Final = 10
"""Findings of one kind that are named for one table."""

_COMPLETE: Final = ("UNIQUE", "ANY", "FIRST", "PRIORITY")
"""The hit policies of tables that should have a row for every case."""

_TYPES: Final[dict[str, str]] = {kind: base for base, kind in KINDS.items()}


def check_decisions(decisions: Mapping[str, Decision]) -> list[Finding]:
    """What is wrong with tables that can be read: values of the wrong type are errors, the rest warnings.

    Each finding names the rows by their numbers, counted from 1. Cells that depend on more than their input
    are left out of account, so that nothing is claimed that need not be so.
    """
    found: list[Finding] = []
    seen: set[int] = set()
    for decision in decisions.values():
        for table in decision.tables:
            if id(table) not in seen:
                seen.add(id(table))
                found += _Check(table, decision.file).findings()
    return found


class _Check:
    """The check of one table."""

    def __init__(self, table: Table, file: str) -> None:
        self.table = table
        self.file = file
        self.regions: tuple[Region, ...] = ()

    def findings(self) -> list[Finding]:
        types = list(self.types())
        if any(finding.severity == "error" for finding in types):
            return types
        self.regions = tuple(region(self.table, index) for index in range(len(self.table.inputs)))
        cover = Cover(self.regions, len(self.table.rules))
        return [
            *types,
            *self.limited("never", self.never()),
            *self.limited("overlap", self.overlaps(cover)),
            *self.limited("unreachable", self.unreachable(cover)),
            *self.limited("gap", self.gaps(cover)),
        ]

    def limited(self, kind: str, found: Iterator[Finding]) -> Iterator[Finding]:
        """The first findings of a kind, and that there are more."""
        for number, finding in enumerate(found):
            if number == MOST:
                yield self.finding(
                    f"dmn_{kind}_more", None, "There are more findings of this kind ({kind}) in the table.",
                    "Correct those named first, and check again.", kind=kind,
                )  # fmt: skip
                return
            yield finding

    def finding(
        self,
        code: str,
        rule: Rule | None,
        template: str,
        remedy: str,
        severity: Severity = "warning",
        **params: object,
    ) -> Finding:
        return Finding(
            severity=severity,
            code=code,
            template=template,
            element=self.table.key or None,
            name=self.table.label,
            line=self.table.line if rule is None else rule.line,
            file=self.file,
            remedy_template=remedy,
            params=params,
        )

    # -- types -----------------------------------------------------------------------------------

    def types(self) -> Iterator[Finding]:
        for index in range(len(self.table.inputs)):
            yield from self.input_types(index)
        yield from self.output_values()

    def input_types(self, index: int) -> Iterator[Finding]:
        """Cells that compare the input with a value of another type than the column declares."""
        column = self.table.inputs[index]
        declared = column_kind(column)
        cells = [(rule, test) for rule in self.table.rules for n, test in rule.tests if n == index]
        tested = [(rule, test, constants(test.tree, test.text) or []) for rule, test in cells]
        all_kinds = kinds_of(value for _, _, values in tested for value in values)
        if declared == "text" and all_kinds and "text" not in all_kinds:
            given = ", ".join(sorted(_type_name(kind) for kind in all_kinds))
            yield self.finding(
                "dmn_column_type", None,
                "The column “{column}” is declared as string, but its cells test values of the type {type}.",
                "Declare the type of the column as {type}.", column=column.label, type=given,
            )  # fmt: skip
            return
        if declared is None and len(all_kinds) < 2:
            return
        # Without a declaration, the first cell's type is what the others are measured by.
        wanted = declared or next(kind for _, _, values in tested for kind in kinds_of(values))
        for rule, test, values in tested:
            others = kinds_of(values) - {wanted}
            if others and wanted not in ("list", "context"):
                yield self.finding(
                    "dmn_cell_type", rule,
                    "Row {row}, column “{column}”: {cell} is of the type {type}, and the column is {wanted}.",
                    "Correct the cell, or the type of the column.",
                    "error" if declared else "warning",
                    row=rule.number, column=column.label, cell=test.text.strip(),
                    type=_type_name(next(iter(others))), wanted=_type_name(wanted),
                )  # fmt: skip

    def output_values(self) -> Iterator[Finding]:
        """Results that are not among the values which the output's author lists."""
        for index, column in enumerate(self.table.outputs):
            if column.values is None:
                continue
            for rule in self.table.rules:
                result = rule.results[index]
                if result is None or not isinstance(result.tree, Constant) or result.tree.value is None:
                    continue
                frame = Frame(Scope({}), column.values.cost)
                frame.input = result.tree.value
                try:
                    listed = column.values.run(frame)
                except ExpressionError:
                    continue
                if listed is not True:
                    yield self.finding(
                        "dmn_output_value", rule,
                        "Row {row} gives {value}, which is not among the values of “{column}”: {values}.",
                        "Correct the cell, or add the value to the list.",
                        row=rule.number, value=result.text.strip(), column=column.label,
                        values=column.values.text.strip(),
                    )  # fmt: skip

    # -- rows ------------------------------------------------------------------------------------

    def never(self) -> Iterator[Finding]:
        """Rows with a cell that no value passes, or none that the column allows."""
        for position, rule in enumerate(self.table.rules):
            for index, test in rule.tests:
                column = self.regions[index]
                mask = column.cells[position]
                if mask is not None and not mask & column.domain:
                    why = "none of the values that the column allows" if mask else "no value"
                    yield self.finding(
                        "dmn_never", rule,
                        "Row {row} never holds: {why} passes {cell} in the column “{column}”.",
                        "Correct the cell, or remove the row.",
                        row=rule.number, why=why, cell=test.text.strip(), column=column.label,
                    )  # fmt: skip

    def overlaps(self, cover: Cover) -> Iterator[Finding]:
        """Pairs of rows that hold together where the hit policy forbids it."""
        if self.table.policy not in ("UNIQUE", "ANY"):
            return
        rules = self.table.rules
        for one, other, where in cover.overlaps():
            if self.table.policy == "UNIQUE":
                yield self.finding(
                    "dmn_overlap", rules[other],
                    "The rows {one} and {other} both hold where {where}, but UNIQUE allows only one.",
                    "Let the rows exclude one another, or choose the hit policy FIRST.",
                    one=one + 1, other=other + 1, where=where,
                )  # fmt: skip
            elif self.differ(rules[one], rules[other]):
                yield self.finding(
                    "dmn_overlap", rules[other],
                    "The rows {one} and {other} both hold where {where}, but give different results, "
                    "which ANY forbids.",
                    "Let the rows give the same result, or choose the hit policy FIRST.",
                    one=one + 1, other=other + 1, where=where,
                )  # fmt: skip

    def differ(self, one: Rule, other: Rule) -> bool:
        """Whether two rows give results that are written out and not the same."""
        for first, second in zip(one.results, other.results, strict=True):
            trees = [None if result is None else result.tree for result in (first, second)]
            if all(tree is None or isinstance(tree, Constant) for tree in trees) and trees[0] != trees[1]:
                return True
        return False

    def unreachable(self, cover: Cover) -> Iterator[Finding]:
        """Rows that never decide, since others hold wherever they do and come first."""
        for position, rule in enumerate(self.table.rules):
            others = self.in_front(position)
            if not cover.meet(position, position):  # it never holds at all, which was said before
                continue
            if others and cover.covered(position, others):
                above = [number + 1 for number in others if cover.meet(number, position)]
                yield self.finding(
                    "dmn_unreachable", rule,
                    "Row {row} never decides: wherever it holds, a row that comes first holds too ({rows}).",
                    "Remove the row, or put it in front.", row=rule.number, rows=", ".join(map(str, above)),
                )  # fmt: skip

    def in_front(self, position: int) -> list[int]:
        """The rows that decide in place of a row where both hold."""
        if self.table.policy == "FIRST":
            return list(range(position))
        if self.table.policy != "PRIORITY":
            return []
        ranks = [self.rank(rule) for rule in self.table.rules]
        own = ranks[position]
        if own is None:
            return []
        return [
            number
            for number, rank in enumerate(ranks)
            if rank is not None and (rank < own or (rank == own and number < position))
        ]

    def rank(self, rule: Rule) -> tuple[int, ...] | None:
        """How far in front the results of a row are; None where they are not written out."""
        values: dict[str, object] = {}
        for column, result in zip(self.table.outputs, rule.results, strict=True):
            if result is not None and not isinstance(result.tree, Constant):
                return None
            values[column.name] = None if result is None else result.tree.value  # type: ignore[attr-defined]
        value = values if len(values) > 1 else next(iter(values.values()))
        return self.table.rank(Frame(Scope({}), 0), value)

    def gaps(self, cover: Cover) -> Iterator[Finding]:
        """Values for which no row holds, in a table that should have one for every case."""
        if self.table.policy not in _COMPLETE or any(column.default for column in self.table.outputs):
            return
        for where in cover.gaps():
            if where is None:
                yield self.finding(
                    "dmn_gaps_unchecked", None, "The table is too big to be searched for gaps.",
                    "Split it into several tables.",
                )  # fmt: skip
                return
            yield self.finding(
                "dmn_gap", None, "No row holds where {where}.",
                "Add a row for it, or a default value for the output.", where=where,
            )  # fmt: skip


def _type_name(kind: object) -> str:
    return _TYPES.get(str(kind), str(kind))
