"""Reads DMN 1.1 to 1.5 files into decisions, and says everything that is wrong with a file at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.errors import DiagramRefused
from engine.feel import boxed
from engine.feel.callee import Defined
from engine.feel.conform import fitted
from engine.feel.decisions import Decision, Fit, InputData
from engine.feel.dmn.definitions import Definitions
from engine.feel.dmn.elements import Element, child, children, name_of, target_of, variable_of
from engine.feel.dmn.logic import LogicReader
from engine.feel.dmn.services import Service
from engine.feel.dmn.source import Source
from engine.feel.expression import FUNCTION_NAMES
from engine.feel.names import Vocabulary
from engine.feel.tables import Table
from engine.feel.types import ANY, Type
from engine.findings import Finding
from engine.xml import local, namespace, parse

MAX_CHAIN: Final = 32
"""Decisions that build on one another in a row."""

_NAMED: Final = frozenset({
    "inputData", "variable", "decision", "informationItem", "businessKnowledgeModel", "decisionService",
    "column", "itemComponent", "output", "itemDefinition",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Model:
    """What could be read of a file, and what was found to be wrong with the rest."""

    decisions: Mapping[str, Decision]
    functions: Mapping[str, Defined]
    """Business knowledge models and decision services, by their names."""
    services: Mapping[str, Service]
    findings: tuple[Finding, ...]


def read_decisions(data: bytes, file: str) -> dict[str, Decision]:
    """The decisions of a DMN file by their ids.

    Raises Invalid where the bytes are no XML, else DiagramRefused with every problem of the file.
    """
    model = read_model(data, file)
    if model.findings:
        raise DiagramRefused(model.findings)
    return dict(model.decisions)


def read_model(data: bytes, file: str) -> Model:
    """All of a DMN file that can be read, for whoever can do with a part of it.

    Raises Invalid where the bytes are no XML.
    """
    return _File(parse(data, file), file).read()


class _File:
    """One reading of one file."""

    def __init__(self, root: Element, file: str) -> None:
        self.root = root
        self.source = Source(root, file)
        self.elements: dict[str, Element] = {}
        self.decisions: dict[str, Decision | None] = {}
        self.functions: dict[str, Defined | None] = {}
        self.services: dict[str, Service] = {}
        self.tables: dict[str, tuple[Table, ...]] = {}

    def read(self) -> Model:
        if local(self.root.tag) != "definitions" or "omg.org/spec/DMN" not in namespace(self.root.tag):
            self.source.refuse(
                "dmn_unknown", self.root, None, "The file is no DMN file of version 1.1 to 1.5.",
                "Export it again as DMN, version 1.3 for instance.",
            )  # fmt: skip
            return Model({}, {}, {}, tuple(self.source.findings))
        self.learn()
        self.collect()
        for key, element in self.elements.items():
            kind = local(element.tag)
            if kind == "decision":
                self.decision(key, ())
            elif kind in ("businessKnowledgeModel", "decisionService"):
                self.function(key, ())
        functions = {
            variable_of(self.elements[key]): found
            for key, found in self.functions.items()
            if found is not None
        }
        decisions = {key: found for key, found in self.decisions.items() if found is not None}
        return Model(decisions, functions, self.services, tuple(self.source.findings))

    def learn(self) -> None:
        """The names and types of the file, which expressions can only be read with."""
        named = (name_of(element) for element in self.root.iter() if local(element.tag) in _NAMED)
        loops = (" ".join((element.get("iteratorVariable") or "").split()) for element in self.root.iter())
        odd = frozenset(name for name in (*named, *loops) if name and not name.isidentifier())
        self.source.vocabulary = Vocabulary(FUNCTION_NAMES, odd, of_case=False)
        types = Definitions(self.source).read()
        self.source.types = types
        self.source.vocabulary = Vocabulary(FUNCTION_NAMES, odd, types, of_case=False)

    def collect(self) -> None:
        for element in children(self.root, "import"):
            self.source.refuse(
                "dmn_import", element, None, "The file imports another one, {name}, which is not read.",
                "Draw the decisions that belong together in one file.",
                name=element.get("name") or element.get("namespace") or "",
            )  # fmt: skip
        kinds = ("inputData", "decision", "businessKnowledgeModel", "decisionService")
        for element in children(self.root, *kinds):
            key, is_decision = element.get("id"), local(element.tag) == "decision"
            if not key and is_decision:
                self.elements.setdefault(name_of(element), element)
                self.source.refuse(
                    "dmn_no_id", element, element, "A decision has no id, so that no diagram can call it.",
                    "Give it an id in the editor’s properties.",
                )  # fmt: skip
            elif key in self.elements:
                self.source.refuse(
                    "dmn_id_twice", element, element, "Two decisions have the id {key}.",
                    "Give one of them another id.", key=key,
                )  # fmt: skip
            elif key:
                self.elements[key] = element
        if not children(self.root, *kinds[1:]) and not self.source.findings:
            self.source.refuse(
                "dmn_empty", self.root, None, "The file holds no decision.", "Draw a decision table."
            )

    # -- decisions -------------------------------------------------------------------------------

    def decision(self, key: str, above: tuple[str, ...]) -> Decision | None:
        """The decision with those it builds on; `above` are the ones that led here."""
        element = self.elements[key]
        if not self.goes_on(key, element, above):
            return None
        if key not in self.decisions:
            above = (*above, key)
            required = tuple(self.required(element, above))
            knowledge = dict(self.knowledge(element, above))
            self.decisions[key] = self.built(key, element, required, knowledge)
        return self.decisions[key]

    def goes_on(self, key: str, element: Element, above: tuple[str, ...]) -> bool:
        """Whether the chain of requirements may go on here; else a finding says why not."""
        if key in above:
            self.source.refuse(
                "dmn_cycle", element, element, "The decision builds on itself: {chain}.",
                "Remove one of the arrows between these decisions.", chain=" → ".join((*above, key)),
            )  # fmt: skip
            return False
        if len(above) >= MAX_CHAIN:
            self.source.refuse(
                "dmn_chain", element, element, "More than {most} decisions build on one another in a row.",
                "Take some of them together.", most=MAX_CHAIN,
            )  # fmt: skip
            return False
        return True

    def built(
        self, key: str, element: Element, required: tuple[Decision, ...], knowledge: dict[str, Defined]
    ) -> Decision | None:
        reader = LogicReader(self.source, element, local=False)
        logic = reader.of(element, "the expression")
        if logic is None and any(reader.is_logic(part) for part in element):
            return None
        variable = child(element, "variable")
        return Decision(
            id=key,
            name=element.get("name") or key,
            line=element.sourceline,
            logic=logic or boxed.nothing(),
            variable=None if variable is None else name_of(variable) or None,
            required=required,
            inputs=tuple(self.inputs(element)),
            knowledge=knowledge,
            fit=self.fit_of(element),
            file=self.source.file,
            tables=(*boxed.tables_of(logic or boxed.nothing()), *self.called_tables(knowledge)),
        )

    def called_tables(self, knowledge: Mapping[str, Defined]) -> Iterator[Table]:
        for name in knowledge:
            yield from self.tables.get(name, ())

    def inputs(self, element: Element) -> Iterator[InputData]:
        for reference in self.references(element, "informationRequirement", "requiredInput"):
            target = self.elements.get(target_of(reference))
            if target is None:
                self.missing(reference, element)
                continue
            fit = self.fit_of(target)
            if fit is not None:
                yield InputData(variable_of(target), fit)

    def required(self, element: Element, above: tuple[str, ...]) -> Iterator[Decision]:
        for reference in self.references(element, "informationRequirement", "requiredDecision"):
            key = target_of(reference)
            if key not in self.elements:
                self.missing(reference, element)
            elif (decision := self.decision(key, above)) is not None:
                yield decision

    def knowledge(self, element: Element, above: tuple[str, ...]) -> Iterator[tuple[str, Defined]]:
        for reference in self.references(element, "knowledgeRequirement", "requiredKnowledge"):
            key = target_of(reference)
            if key not in self.elements:
                self.missing(reference, element)
            elif (found := self.function(key, above)) is not None:
                yield variable_of(self.elements[key]), found

    def references(self, element: Element, requirement: str, kind: str) -> Iterator[Element]:
        for part in children(element, requirement):
            yield from children(part, kind)

    def missing(self, reference: Element, element: Element) -> None:
        self.source.refuse(
            "dmn_requirement", reference, element,
            "The decision builds on “{key}”, which is not in this file.",
            "Draw both decisions in one file.", key=target_of(reference).rsplit("#", 1)[-1],
        )  # fmt: skip

    # -- functions -------------------------------------------------------------------------------

    def function(self, key: str, above: tuple[str, ...]) -> Defined | None:
        """A business knowledge model or a decision service as a function."""
        element = self.elements[key]
        if not self.goes_on(key, element, above):
            return None
        if key not in self.functions:
            above = (*above, key)
            service = local(element.tag) == "decisionService"
            self.functions[key] = self.service(element, above) if service else self.model(element, above)
        return self.functions[key]

    def model(self, element: Element, above: tuple[str, ...]) -> Defined | None:
        knowledge = dict(self.knowledge(element, above))
        logic = child(element, "encapsulatedLogic")
        name = variable_of(element)
        if logic is None:
            self.source.refuse(
                "dmn_logic", element, element, "The business knowledge model has no logic.",
                "Draw it as a decision table or as a literal expression.",
            )  # fmt: skip
            return None
        found = LogicReader(self.source, element, local=True).definition(logic, f"“{name}”")
        if found is None:
            return None
        parameters, body = found
        called = (table for other in knowledge for table in self.tables.get(other, ()))
        self.tables[name] = (*boxed.tables_of(body), *called)
        # Before DMN 1.3 the variable had the type of what the function gives, since then that of itself.
        result = self.source.type_named(logic.get("typeRef")) or self.type_of(child(element, "variable"))
        if result is not None and result.base == "function":
            result = result.item
        if result is not None and result != ANY:
            body = boxed.fitted_logic(body, fitted(result), f"“{name}”")
        return Defined(name, parameters, body.run, body.cost, body.depth, knowledge, result=result)

    def service(self, element: Element, above: tuple[str, ...]) -> Defined | None:
        """The decisions that a service gives, and what it takes in their place."""
        parts: dict[str, list[Element]] = {}
        for kind in ("outputDecision", "inputDecision", "inputData"):
            parts[kind] = [
                self.elements[target_of(one)]
                for one in children(element, kind)
                if target_of(one) in self.elements
            ]
        outputs = [self.decision(one.get("id"), above) for one in parts["outputDecision"]]
        found = tuple(decision for decision in outputs if decision is not None)
        if not found or len(found) < len(outputs):
            return None
        decisions = parts["inputDecision"]
        service = Service(
            name=variable_of(element),
            outputs=found,
            decisions=tuple((one.get("id"), variable_of(one), self.fit_of(one)) for one in decisions),
            data=tuple((variable_of(one), self.fit_of(one)) for one in parts["inputData"]),
            fit=self.fit_of(element),
        )
        self.services[service.name] = service
        return service.function()

    # -- types -----------------------------------------------------------------------------------

    def type_of(self, variable: Element | None) -> Type | None:
        return None if variable is None else self.source.type_named(variable.get("typeRef"))

    def fit_of(self, element: Element) -> Fit | None:
        """What brings a value to the type of the element's variable."""
        type_ = self.type_of(child(element, "variable"))
        if type_ is not None and type_.base == "function" and local(element.tag) == "decisionService":
            type_ = type_.item
        return None if type_ is None or type_ == ANY else fitted(type_)
