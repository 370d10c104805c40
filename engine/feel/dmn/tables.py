"""Reads the decision tables of a DMN file."""

from __future__ import annotations

from collections.abc import Callable

from engine.errors import ExpressionError
from engine.feel.columns import typed
from engine.feel.compiler import compile_tree
from engine.feel.dmn.elements import Element, child, children, name_of, text_of
from engine.feel.dmn.source import Source
from engine.feel.expression import Expression, read_expression, read_result, read_tests
from engine.feel.limits import MAX_STEPS, Place
from engine.feel.names import Vocabulary
from engine.feel.tables import AGGREGATIONS, POLICIES, RANKING, Input, Output, Rule, Table
from engine.feel.tree import Constant
from engine.feel.types import Type


class TableReader:
    """One decision table of a file."""

    def __init__(
        self, source: Source, owner: Element, table: Element, *, local: bool, vocabulary: Vocabulary
    ) -> None:
        self.source = source
        self.owner = owner
        self.table = table
        self.local = local
        self.vocabulary = vocabulary

    def compiled(
        self, element: Element, where: str, read: Callable[..., Expression] = read_expression
    ) -> Expression | None:
        return self.source.compiled(
            self.owner, element, where, read, local=self.local, vocabulary=self.vocabulary
        )

    def refuse(self, code: str, element: Element, template: str, remedy: str, **params: object) -> None:
        self.source.refuse(code, element, self.owner, template, remedy, **params)

    def read(self) -> Table | None:
        before = len(self.source.findings)
        policy = (self.table.get("hitPolicy") or "UNIQUE").upper().replace("_", " ")
        aggregation = (self.table.get("aggregation") or "").upper() or None
        inputs = [self.input(element) for element in children(self.table, "input")]
        outputs = self.outputs()
        self.check_policy(policy, aggregation, outputs)
        rules = [
            self.rule(number, element, inputs, outputs)
            for number, element in enumerate(children(self.table, "rule"), 1)
        ]
        if not rules or not outputs:
            self.refuse(
                "dmn_no_rows", self.table, "The table has no rows or no output.", "Fill in the table."
            )
        if len(self.source.findings) > before:
            return None
        label = self.owner.get("name") or self.owner.get("id")
        known = tuple(column for column in inputs if column is not None)
        table = Table(
            label,
            known,
            tuple(outputs),
            tuple(rules),
            policy,
            aggregation,
            key=self.owner.get("id") or "",
            line=self.table.sourceline,
        )
        if table.cost > MAX_STEPS // 2:
            self.refuse(
                "dmn_too_big", self.table, "The table is too big to be run.", "Split it into several."
            )
        return table

    def check_policy(self, policy: str, aggregation: str | None, outputs: list[Output]) -> None:
        if policy not in POLICIES:
            self.refuse(
                "dmn_hit_policy", self.table, "The hit policy {policy} is not supported.",
                "Choose one of {known}.", policy=policy, known=", ".join(POLICIES),
            )  # fmt: skip
        if policy in RANKING and not any(column.ranks for column in outputs):
            self.refuse(
                "dmn_priorities", self.table,
                "The hit policy {policy} needs the values of an output in the order of their priority.",
                "Fill in the list of values of an output column, the most important one first.",
                policy=policy,
            )  # fmt: skip
        if aggregation is None:
            return
        if policy != "COLLECT" or aggregation not in AGGREGATIONS:
            self.refuse(
                "dmn_aggregation", self.table, "{aggregation} with the hit policy {policy} means nothing.",
                "Choose COLLECT with one of {known}, or no aggregation.",
                aggregation=aggregation, policy=policy, known=", ".join(AGGREGATIONS),
            )  # fmt: skip
        elif aggregation != "COUNT" and len(outputs) != 1:
            self.refuse(
                "dmn_aggregation", self.table, "{aggregation} needs a table with exactly one output.",
                "Keep the one output that is aggregated.", aggregation=aggregation,
            )  # fmt: skip
        elif (
            aggregation == "SUM"
            and (type_ := outputs[0].type)
            and type_.base in ("string", "boolean", "date")
        ):
            self.refuse(
                "dmn_aggregation", self.table, "The output of SUM has the type {type}.",
                "Set the type of the output to number.", type=str(type_),
            )  # fmt: skip

    # -- columns ---------------------------------------------------------------------------------

    def input(self, element: Element) -> Input | None:
        expression = child(element, "inputExpression")
        if expression is None or not text_of(child(expression, "text")):
            self.refuse(
                "dmn_input", element, "The input “{label}” does not say what it looks at.",
                "Write the name of a variable into it, such as score or lead.score.",
                label=element.get("label") or element.get("id") or "",
            )  # fmt: skip
            return None
        label = element.get("label") or text_of(child(expression, "text"))
        compiled = self.compiled(expression, f"the input “{label}”")
        values = self.values(child(element, "inputValues"), f"the values of “{label}”")
        type_ = self.source.type_named(expression.get("typeRef"))
        return Input(label, compiled, type_, values) if compiled else None

    def outputs(self) -> list[Output]:
        elements = children(self.table, "output")
        found: list[Output] = []
        for element in elements:
            name = name_of(element)
            label = element.get("label") or name or self.owner.get("name") or "result"
            if len(elements) > 1 and (not name or name in [other.name for other in found]):
                self.refuse(
                    "dmn_output", element, "The output “{label}” has no name of its own.",
                    "Give each output another name; it becomes the name of the value.", label=label,
                )  # fmt: skip
            type_ = self.source.type_named(element.get("typeRef"))
            default = self.result(child(element, "defaultOutputEntry"), label, type_, None)
            values = self.values(child(element, "outputValues"), f"the values of “{label}”")
            ranks = () if values is None else tuple(
                compile_tree(test, values.text, local=self.local) for test in values.tree.children()
            )  # fmt: skip
            found.append(Output(name, label, type_, default, values, ranks))
        return found

    def values(self, element: Element | None, where: str) -> Expression | None:
        """The values that a column allows, as tests; None where it allows all."""
        if element is None or not text_of(child(element, "text")):
            return None
        tests = self.compiled(element, where, read_tests)
        return tests if tests is not None and tests.tree.children() else None

    # -- rows ------------------------------------------------------------------------------------

    def rule(self, number: int, element: Element, inputs: list[Input | None], outputs: list[Output]) -> Rule:
        tests, results = children(element, "inputEntry"), children(element, "outputEntry")
        if len(tests) != len(inputs) or len(results) != len(outputs):
            self.refuse(
                "dmn_row", element, "Row {row} has not one cell for each column.",
                "Save the table again in an editor.", row=number,
            )  # fmt: skip
            return Rule(number, (), (), element.sourceline)
        compiled: list[tuple[int, Expression]] = []
        for index, (cell, column) in enumerate(zip(tests, inputs, strict=True)):
            label = column.label if column else str(index + 1)
            where = f"row {number}, column “{label}”"
            test = self.compiled(cell, where, read_tests)
            if test is not None and test.tree.children():
                compiled.append((index, test))
        values = [
            self.result(cell, column.label, column.type, number)
            for cell, column in zip(results, outputs, strict=True)
        ]
        return Rule(number, tuple(compiled), tuple(values), element.sourceline)

    def result(
        self, cell: Element | None, label: str, type_: Type | None, row: int | None
    ) -> Expression | None:
        """An output cell; an empty one gives null. A constant of the wrong type is found here."""
        if cell is None or text_of(child(cell, "text")) in ("", "-"):
            return None
        where = f"row {row}, column “{label}”" if row else f"the default of “{label}”"
        expression = self.compiled(cell, where, read_result)
        if expression is not None and isinstance(expression.tree, Constant):
            try:
                typed(expression.tree.value, type_, Place(expression.text), "The output")
            except ExpressionError as error:
                self.refuse(
                    "dmn_type", cell, "In {where}: {problem}", "Correct the cell or the column’s type.",
                    where=where, problem=error.problem,
                )  # fmt: skip
        return expression
