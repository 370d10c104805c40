"""A drawing that was read, made explicit and held against what surrounds it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lxml import etree

from engine import diagrams, feel, parameters, spiff
from engine.bundles import FUNCTIONS, Bundle
from engine.db import Transaction
from engine.errors import PercorsoError
from engine.findings import Finding, refused
from engine.runtime import Engine
from engine.xml import parse


class Sheet:
    """A drawing that was read, and what it is when it is made explicit."""

    def __init__(
        self, bundle: Bundle, root: Any, normal: diagrams.Normalised, context: diagrams.Context
    ) -> None:
        self.bundle, self.root, self.normal, self.context = bundle, root, normal, context
        self.drawings = diagrams.read(normal.root, bundle.file)
        self.text: bytes = etree.tostring(normal.root, xml_declaration=True, encoding="UTF-8")
        """What is run."""

    @property
    def checksum(self) -> str:
        return self.bundle.checksum(self.normal.answers)

    def check(self, calls: Mapping[str, Collection[str]]) -> list[Finding]:
        """All findings, in the order of the lines."""
        context = replace(self.context, calls=calls)
        found = [
            *self.normal.findings,
            *diagrams.check(self.normal.root, self.drawings, context, self.bundle.file),
        ]
        if not any(finding.severity == "error" for finding in found):
            found += self._compiled(found)
        found += diagrams.against_schema(self.root, self.bundle.file, found)
        found.sort(key=lambda finding: finding.line or 0)
        return diagrams.with_processes(found, self.root, self.normal.root)

    def _compiled(self, found: Sequence[Finding]) -> list[Finding]:
        """What no rule has found, but would keep a case from starting, or be lost in silence."""
        carried = set()
        try:
            # What is compiled is the text that is kept, as it will be read when a case starts.
            drawings = diagrams.read(parse(self.text, self.bundle.file), self.bundle.file)
            for drawing in drawings:
                root = parse(self.text, self.bundle.file)
                carried |= spiff.carried(spiff.compile_specs(root, drawing.process, drawing.elements))
        except PercorsoError as error:
            return refused(self.bundle.file, error)
        return list(diagrams.lost(self.root, self.normal, drawings, carried, found))


def twice(sheets: Sequence[Sheet]) -> Iterator[Finding]:
    """Processes of the same id in two files: one would silently become the next version of the other."""
    first: dict[str, str] = {}
    for sheet in sheets:
        for drawing in sheet.drawings:
            file = first.setdefault(drawing.process, sheet.bundle.file)
            if file != sheet.bundle.file:
                yield diagrams.found(
                    "process_twice",
                    sheet.bundle.file,
                    element=drawing.process,
                    name=drawing.name,
                    other=file,
                )


def called(drawing: diagrams.Drawing) -> set[str]:
    """The processes that a drawing calls by name; those that an expression gives show when it runs."""
    called = {element.called for element in drawing.elements.values() if element.called}
    return {process for process in called if not diagrams.is_computed(process)}


def decisions(bundle: Bundle) -> dict[str, feel.Decision]:
    found: dict[str, feel.Decision] = {}
    for file, text in bundle.decisions.items():
        found.update(feel.read_decisions(text.encode(), file))
    return found


def context_of(engine: Engine, tx: Transaction, bundle: Bundle, known: Collection[str]) -> diagrams.Context:
    settings = engine.settings
    return diagrams.Context(
        roles=settings.role_of_lane,
        services=lambda process, name: engine.catalog.service(process, name) is not None,
        forms=set(bundle.forms),
        decisions=decisions(bundle),
        processes=known,
        parameters=set(parameters.in_force(settings, tx)),
        role_options=[
            (role.key, role.labels.get(settings.language) or role.key) for role in settings.roles.values()
        ],
        variables={key for schema in bundle.forms.values() for key in _keys(schema)},
        functions=FUNCTIONS,
    )


def _keys(schema: Any) -> Iterator[str]:
    """The keys of a form's fields."""
    if isinstance(schema, dict):
        if isinstance(schema.get("key"), str):
            yield schema["key"]
        schema = schema.get("components")
    for component in schema if isinstance(schema, list) else ():
        yield from _keys(component)
