"""A deployed version, compiled once per OS process and only read afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from engine import diagrams, feel, forms, spiff
from engine.config import Settings
from engine.diagrams import Element
from engine.tables import Version
from engine.xml import parse

HEARING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
"""Kinds of elements that wait for a message."""


class Model:
    """Everything a version says: its drawing, specs, forms, decisions and texts."""

    def __init__(self, version: Version, settings: Settings) -> None:
        self.version_id = version.id
        self.process = version.process
        self.number = version.number
        self.created_at = version.created_at
        self.name = version.name
        self.texts: Mapping[str, Any] = version.texts or {}
        self._forms = version.forms or {}
        self._decisions = version.decisions or {}
        self._compiled_forms: dict[str, forms.Form] = {}
        root = parse(version.normal or version.xml, version.file)
        drawings = {drawing.process: drawing for drawing in diagrams.read(root, version.file)}
        self.drawing = drawings[version.process]
        self.elements = self.drawing.elements
        self.specs = spiff.compile_specs(root, version.process, self.elements)
        self.specs.model = self
        self.choices = diagrams.Choices(self.drawing)
        self.asking = self.choices.asking()
        """The tasks whose doers choose at gateways."""
        self.roles = {
            element.id: element.role or settings.role_of_lane(element.lane or "")
            for element in self.elements.values()
            if element.role is not None or element.lane is not None
        }

    @cached_property
    def decisions(self) -> dict[str, feel.Decision]:
        """The decisions of the version's tables, by their id."""
        found: dict[str, feel.Decision] = {}
        for file, text in self._decisions.items():
            found.update(feel.read_decisions(text.encode(), file))
        return found

    def form(self, name: str) -> forms.Form | None:
        """The compiled form of that name, or None when the version has none."""
        if name not in self._compiled_forms and name in self._forms:
            self._compiled_forms[name] = forms.compile_form(self._forms[name], f"{name}.form")
        return self._compiled_forms.get(name)

    def schema(self, name: str) -> Mapping[str, Any] | None:
        """The form as its author drew it (form-js JSON)."""
        schema: Mapping[str, Any] | None = self._forms.get(name)
        return schema

    @cached_property
    def starts(self) -> dict[str | None, str]:
        """Message name (None for a plain start) -> the id of the start event."""
        return {
            element.message: element.id for element in self._starts() if element.event in (None, "message")
        }

    @cached_property
    def signal_starts(self) -> dict[str, str]:
        """Signal name -> the id of the start event."""
        return {element.signal: element.id for element in self._starts() if element.signal}

    @property
    def timer_starts(self) -> list[Element]:
        """The start events that begin cases by themselves."""
        return [element for element in self._starts() if element.event == "timer"]

    def _starts(self) -> list[Element]:
        return [
            element
            for element in self.elements.values()
            if element.kind == "startEvent" and element.scope == self.process
        ]

    @cached_property
    def hears(self) -> set[str]:
        """The messages that something in the drawing waits for."""
        return {
            element.message
            for element in self.elements.values()
            if element.message and element.kind in HEARING
        }

    @cached_property
    def names_used(self) -> frozenset[str]:
        """The variables that the drawing's own expressions ask for."""
        texts: list[str] = [flow.condition for flow in self.drawing.flows.values() if flow.condition]
        for element in self.elements.values():
            texts += [text for text in (element.due, element.priority, element.correlation) if text]
            texts += [text for _, text in element.script]
            texts += [element.condition] if element.condition else []
            texts += element.loop.expressions if element.loop else ()
            texts += element.passing.expressions if element.passing else ()
            texts += element.mapping.expressions if element.mapping else ()
            texts += element.call_expressions
            texts += [text for _, text in element.carried if text]
        names: set[str] = set()
        for text in texts:
            names |= feel.compile_expression(text).names
        for decision in self.decisions.values():
            names |= decision.names
        return frozenset(names)

    def element_name(self, element_id: str, language: str | None = None) -> str:
        """How an element is called in a language: its text, else the drawn name, else its id."""
        texts = self.texts.get(language or "", {})
        element = self.elements.get(element_id)
        drawn = element.name if element is not None else ""
        return str(texts.get("elements", {}).get(element_id) or drawn or element_id)

    def process_name(self, language: str | None = None) -> str:
        texts = self.texts.get(language or "", {})
        return str(texts.get("process", {}).get("name") or self.name or self.process)
