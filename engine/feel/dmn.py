"""Reads DMN 1.1 to 1.5 files into decisions, and says everything that is wrong with a file at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from engine.errors import DiagramRefused, ExpressionError
from engine.feel.decisions import AGGREGATIONS, POLICIES, Decision, Input, Literal, Logic, Output, Rule, Table
from engine.feel.expression import Expression, compile_expression, compile_result, compile_tests
from engine.feel.limits import MAX_STEPS, Place
from engine.feel.tree import Constant
from engine.feel.types import known_type, typed
from engine.findings import Finding
from engine.xml import local, namespace, parse

MAX_CHAIN: Final = 32
"""Decisions that build on one another in a row."""

# lxml comes without types: an element is Any in here, and only in here.
Element = Any


def read_decisions(data: bytes, file: str) -> dict[str, Decision]:
    """The decisions of a DMN file by their ids.

    Raises Invalid where the bytes are no XML, else DiagramRefused with every problem of the file.
    """
    return _File(parse(data, file), file).read()


class _File:
    """One reading of one file; collects findings until everything has been looked at."""

    def __init__(self, root: Element, file: str) -> None:
        self.root = root
        self.file = file
        self.findings: list[Finding] = []
        self.elements: dict[str, Element] = {}
        self.decisions: dict[str, Decision | None] = {}
        self.names: frozenset[str] = frozenset()
        self.types: dict[str, str] = {}

    def read(self) -> dict[str, Decision]:
        if local(self.root.tag) != "definitions" or "omg.org/spec/DMN" not in namespace(self.root.tag):
            self.refuse(
                "dmn_unknown", self.root, None, "The file is no DMN file of version 1.1 to 1.5.",
                "Export it again as DMN, version 1.3 for instance.",
            )  # fmt: skip
            raise DiagramRefused(self.findings)
        self.names = frozenset(self.known_names())
        self.types = dict(self.item_definitions())
        self.collect()
        for key in self.elements:
            self.decision(key, ())
        if self.findings:
            raise DiagramRefused(self.findings)
        return {decision.id: decision for decision in self.decisions.values() if decision is not None}

    def refuse(
        self,
        code: str,
        element: Element,
        decision: Element | None,
        template: str,
        remedy: str | None = None,
        **params: object,
    ) -> None:
        self.findings.append(
            Finding(
                severity="error",
                code=code,
                template=template,
                element=None if decision is None else decision.get("id") or decision.get("name"),
                name=None if decision is None else decision.get("name"),
                line=element.sourceline,
                file=self.file,
                remedy_template=remedy,
                params=params,
            )
        )

    # -- the file --------------------------------------------------------------------------------

    def known_names(self) -> Iterator[str]:
        """Names of inputs, variables and decisions; those of several words can only be read when known."""
        for element in self.root.iter():
            if local(element.tag) in ("inputData", "variable", "decision", "informationItem"):
                yield " ".join((element.get("name") or "").split())

    def item_definitions(self) -> Iterator[tuple[str, str]]:
        """Types of the file that only give another name to a simple type."""
        for element in children(self.root, "itemDefinition"):
            base = child(element, "typeRef")
            if base is not None and element.get("isCollection") != "true":
                yield element.get("name") or "", text_of(base)

    def collect(self) -> None:
        for element in children(self.root, "decision"):
            key = element.get("id")
            if not key:
                self.refuse(
                    "dmn_no_id", element, element, "A decision has no id, so that no diagram can call it.",
                    "Give it an id in the editor’s properties.",
                )  # fmt: skip
            elif key in self.elements:
                self.refuse(
                    "dmn_id_twice", element, element, "Two decisions have the id {key}.",
                    "Give one of them another id.", key=key,
                )  # fmt: skip
            else:
                self.elements[key] = element
        if not self.elements and not self.findings:
            self.refuse("dmn_empty", self.root, None, "The file holds no decision.", "Draw a decision table.")

    # -- a decision ------------------------------------------------------------------------------

    def decision(self, key: str, above: tuple[str, ...]) -> Decision | None:
        """The decision with those it builds on; `above` are the ones that led here."""
        element = self.elements[key]
        if len(above) >= MAX_CHAIN and key not in above:
            self.refuse(
                "dmn_chain", element, element, "More than {most} decisions build on one another in a row.",
                "Take some of them together.", most=MAX_CHAIN,
            )  # fmt: skip
            return None
        if key in above:
            self.refuse(
                "dmn_cycle", element, element, "The decision builds on itself: {chain}.",
                "Remove one of the arrows between these decisions.", chain=" → ".join((*above, key)),
            )  # fmt: skip
            return None
        if key not in self.decisions:
            required = tuple(self.required(element, (*above, key)))
            self.decisions[key] = self.built(key, element, required)
        return self.decisions[key]

    def built(self, key: str, element: Element, required: tuple[Decision, ...]) -> Decision | None:
        logic = self.logic(element)
        if logic is None:
            return None
        variable = child(element, "variable")
        name = None if variable is None else " ".join((variable.get("name") or "").split()) or None
        return Decision(key, element.get("name") or key, element.sourceline, logic, name, required)

    def required(self, element: Element, above: tuple[str, ...]) -> Iterator[Decision]:
        for requirement in children(element, "informationRequirement"):
            target = child(requirement, "requiredDecision")
            if target is None:
                continue
            key = (target.get("href") or "").rsplit("#", 1)[-1]
            if key not in self.elements:
                self.refuse(
                    "dmn_requirement", target, element,
                    "The decision builds on “{key}”, which is not in this file.",
                    "Draw both decisions in one file.", key=key,
                )  # fmt: skip
            elif (decision := self.decision(key, above)) is not None:
                yield decision
        for requirement in children(element, "knowledgeRequirement"):
            self.refuse(
                "dmn_knowledge", requirement, element, "Business knowledge models are not supported.",
                "Write their logic into a decision of its own.",
            )  # fmt: skip

    def logic(self, element: Element) -> Logic | None:
        table, literal = child(element, "decisionTable"), child(element, "literalExpression")
        if table is not None:
            return _TableReader(self, element, table).read()
        if literal is None:
            others = [local(part.tag) for part in element if local(part.tag) in _OTHER_LOGIC]
            self.refuse(
                "dmn_logic", element, element,
                "The decision is neither a table nor an expression: {kind}.",
                "Draw it as a decision table or as a literal expression.",
                kind=", ".join(others) or "it is empty",
            )  # fmt: skip
            return None
        expression = self.compiled(element, literal, compile_expression, "the expression")
        variable = child(element, "variable")
        type_ref = literal.get("typeRef") or (None if variable is None else variable.get("typeRef"))
        return Literal(expression, known_type(type_ref, self.types)) if expression else None

    def compiled(
        self,
        decision: Element,
        element: Element,
        compile_: Callable[[str, frozenset[str]], Expression],
        place: str,
        row: int | None = None,
    ) -> Expression | None:
        """The expression in an element's `text`; None after a finding."""
        language = (element.get("expressionLanguage") or "").lower()
        where = f"row {row}, {place}" if row else place
        if language and "feel" not in language and "juel" not in language:
            self.refuse(
                "dmn_language", element, decision, "In {where} the language is {language}, which is not run.",
                "Write it in FEEL.", where=where, language=language,
            )  # fmt: skip
            return None
        text = text_of(child(element, "text"))
        if "juel" in language and text and "{" not in text and compile_ is compile_expression:
            text = f"${{{text}}}"
        try:
            return compile_(text, self.names)
        except ExpressionError as error:
            self.refuse(
                "dmn_expression", element, decision, "In {where}: {problem}",
                "{hint}" if error.hint else "Correct it in the table.",
                where=where, problem=error.message, hint=error.hint,
            )  # fmt: skip
            return None


class _TableReader:
    """One decision table of a file."""

    def __init__(self, file: _File, decision: Element, table: Element) -> None:
        self.file = file
        self.decision = decision
        self.table = table

    def refuse(self, code: str, element: Element, template: str, remedy: str, **params: object) -> None:
        self.file.refuse(code, element, self.decision, template, remedy, **params)

    def read(self) -> Table | None:
        before = len(self.file.findings)
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
        if len(self.file.findings) > before:
            return None
        label = self.decision.get("name") or self.decision.get("id")
        known = tuple(column for column in inputs if column is not None)
        table = Table(label, known, tuple(outputs), tuple(rules), policy, aggregation)
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
        elif aggregation == "SUM" and outputs[0].type in ("string", "boolean", "date"):
            self.refuse(
                "dmn_aggregation", self.table, "The output of SUM has the type {type}.",
                "Set the type of the output to number.", type=outputs[0].type,
            )  # fmt: skip

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
        compiled = self.file.compiled(self.decision, expression, compile_expression, f"the input “{label}”")
        type_ = known_type(expression.get("typeRef"), self.file.types)
        return Input(label, compiled, type_) if compiled else None

    def outputs(self) -> list[Output]:
        elements = children(self.table, "output")
        found: list[Output] = []
        for element in elements:
            name = element.get("name") or ""
            label = element.get("label") or name or self.decision.get("name") or "result"
            if len(elements) > 1 and (not name or name in [other.name for other in found]):
                self.refuse(
                    "dmn_output", element, "The output “{label}” has no name of its own.",
                    "Give each output another name; it becomes the name of the value.", label=label,
                )  # fmt: skip
            type_ = known_type(element.get("typeRef"), self.file.types)
            default = self.result(child(element, "defaultOutputEntry"), label, type_, None)
            found.append(Output(name, label, type_, default))
        return found

    def rule(self, number: int, element: Element, inputs: list[Input | None], outputs: list[Output]) -> Rule:
        tests, results = children(element, "inputEntry"), children(element, "outputEntry")
        if len(tests) != len(inputs) or len(results) != len(outputs):
            self.refuse(
                "dmn_row", element, "Row {row} has not one cell for each column.",
                "Save the table again in an editor.", row=number,
            )  # fmt: skip
            return Rule(number, (), ())
        compiled: list[tuple[int, Expression]] = []
        for index, (cell, column) in enumerate(zip(tests, inputs, strict=True)):
            label = column.label if column else str(index + 1)
            test = self.file.compiled(self.decision, cell, compile_tests, f"column “{label}”", number)
            if test is not None and test.tree.children():
                compiled.append((index, test))
        values = [
            self.result(cell, column.label, column.type, number)
            for cell, column in zip(results, outputs, strict=True)
        ]
        return Rule(number, tuple(compiled), tuple(values))

    def result(self, cell: Element, label: str, type_: str | None, row: int | None) -> Expression | None:
        """An output cell; an empty one gives null. A constant of the wrong type is found here."""
        if cell is None or text_of(child(cell, "text")) in ("", "-"):
            return None
        place = f"column “{label}”" if row else f"the default of “{label}”"
        expression = self.file.compiled(self.decision, cell, compile_result, place, row)
        if expression is not None and isinstance(expression.tree, Constant):
            try:
                typed(expression.tree.value, type_, Place(expression.text), "The output")
            except ExpressionError as error:
                self.refuse(
                    "dmn_type", cell, "In {where}: {problem}", "Correct the cell or the column’s type.",
                    where=f"row {row}, {place}" if row else place, problem=error.problem,
                )  # fmt: skip
        return expression


_OTHER_LOGIC: Final = frozenset({
    "invocation", "context", "list", "relation", "functionDefinition", "conditional", "for", "every", "some",
    "filter",
})  # fmt: skip


def children(element: Element, name: str) -> list[Element]:
    """The DMN elements of a name right below; an editor's own extensions are none of them."""
    home = namespace(element.tag)
    return [part for part in element if local(part.tag) == name and namespace(part.tag) == home]


def child(element: Element, name: str) -> Element | None:
    found = children(element, name)
    return found[0] if found else None


def text_of(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()
