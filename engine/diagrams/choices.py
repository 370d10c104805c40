"""What a person chooses at a gateway: which tasks ask it, what may be answered, what is still missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.diagrams.elements import HUMAN, Drawing, Element, Flow

PASSED = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "intermediateThrowEvent"})
"""What lies between a task and the gateway that it chooses for without anything happening on the way."""


@dataclass(frozen=True)
class Option:
    """An arrow that may be chosen."""

    value: str
    """The id of the arrow."""
    label: str
    to: str
    """The id of what it leads to."""
    flow: Flow = field(repr=False, compare=False)


@dataclass(frozen=True)
class Choice:
    """The question that a gateway without conditions asks a person."""

    field: str
    """`choice_<gateway id>`."""
    variable: str
    """The field as expressions can name it."""
    gateway: str
    """The id of the gateway as drawn."""
    label: str
    several: bool
    """May more than one way be taken?"""
    options: tuple[Option, ...]

    def to_json(self) -> dict[str, object]:
        options = [{"value": one.value, "label": one.label, "to": one.to} for one in self.options]
        shape: dict[str, object] = {"field": self.field, "gateway": self.gateway, "options": options}
        return {**shape, "several": True} if self.several else shape


def field_of(gateway: str) -> str:
    return f"choice_{gateway}"


def variable_of(gateway: str) -> str:
    return re.sub(r"\W", "_", field_of(gateway))


class Choices:
    """The choices of a drawing, by the task that asks them."""

    def __init__(self, drawing: Drawing) -> None:
        self._elements = drawing.elements
        self._out: dict[str, list[Flow]] = {}
        self._into: dict[str, int] = {}
        for flow in drawing.flows.values():
            self._out.setdefault(flow.source, []).append(flow)
            self._into[flow.target] = self._into.get(flow.target, 0) + 1
        self._found: dict[str, tuple[Choice, ...]] = {}

    def of(self, element: str) -> tuple[Choice, ...]:
        """What the task of that id asks, in the order of the ways behind it."""
        if element not in self._found:
            walk = {choice.gateway: choice for choice, _ in self._walk(element, None)}
            self._found[element] = tuple(walk.values())
        return self._found[element]

    def asking(self) -> frozenset[str]:
        """The ids of the tasks that ask a choice."""
        return frozenset(
            id for id, element in self._elements.items() if element.kind in HUMAN and self.of(id)
        )

    def missing(self, element: str, given: Mapping[str, object]) -> list[Choice]:
        """What must be answered and is not; `given` are answers by variable."""
        return [
            choice for choice, sure in self._walk(element, given) if sure and not given.get(choice.variable)
        ]

    def asked(self, element: str) -> list[tuple[Choice, bool]]:
        """What a task asks, each with whether it must be answered once its gateway is reached."""
        sure = {choice.gateway for choice, certain in self._near(self._out.get(element, ())) if certain}
        for choice in self.of(element):
            for option in choice.options:
                sure |= {found.gateway for found, certain in self._near([option.flow]) if certain}
        return [(choice, choice.gateway in sure) for choice in self.of(element)]

    def leading_to(self, element: str, choice: Choice) -> list[tuple[Choice, str]]:
        """The options of other choices of a task that lead to this one; none where it is asked anyway."""
        if any(found.gateway == choice.gateway for found, _ in self._near(self._out.get(element, ()))):
            return []
        return [
            (before, option.value)
            for before in self.of(element)
            for option in before.options
            if any(found.gateway == choice.gateway for found, _ in self._near([option.flow]))
        ]

    def _near(self, flows: Iterable[Flow]) -> list[tuple[Choice, bool]]:
        """The first choices behind some arrows, each with whether it is reached for certain."""
        return list(self._along(flows, {}))

    def _walk(self, element: str, given: Mapping[str, object] | None) -> Iterator[tuple[Choice, bool]]:
        """The choices behind a task, each with whether its gateway is reached for certain.

        Without answers every way is looked along; with answers only those that they open.
        """
        start = self._elements.get(element)
        if start is not None and start.kind in HUMAN and start.loop is None:
            yield from self._along(self._out.get(element, ()), given)

    def _along(
        self, flows: Iterable[Flow], given: Mapping[str, object] | None
    ) -> Iterator[tuple[Choice, bool]]:
        seen: set[str] = set()
        pending = [(flow.target, True) for flow in flows]
        while pending:
            # What is reached for certain comes first: the same gateway may be reached by chance too.
            pending.sort(key=lambda step: not step[1])
            id, sure = pending.pop(0)
            node = self._elements.get(id)
            if node is None or id in seen or not self._is_passed(node):
                continue
            seen.add(id)
            ways = self._out.get(id, [])
            if node.choice:
                choice = self._choice(node, ways)
                yield choice, sure
                if given is not None:
                    taken = given.get(choice.variable)
                    chosen = taken if isinstance(taken, list) else [taken]
                    ways = [flow for flow in ways if flow.id in chosen]
            elif node.kind in ("exclusiveGateway", "inclusiveGateway") and len(ways) > 1:
                sure = False
            pending += [(flow.target, sure) for flow in ways]

    def _is_passed(self, node: Element) -> bool:
        if node.kind == "intermediateThrowEvent":
            return node.event in (None, "link")
        waits = node.kind in ("parallelGateway", "inclusiveGateway") and self._into.get(node.id, 0) > 1
        linked = node.kind == "intermediateCatchEvent" and node.event == "link"
        return linked or (node.kind in PASSED and not waits)

    def _choice(self, gateway: Element, ways: list[Flow]) -> Choice:
        options = tuple(Option(flow.id, self._label(flow), flow.target, flow) for flow in ways)
        drawn = gateway.of or gateway.id
        label = gateway.name or drawn
        several = gateway.kind == "inclusiveGateway"
        return Choice(str(gateway.choice), variable_of(drawn), drawn, label, several, options)

    def _label(self, flow: Flow) -> str:
        target = self._elements.get(flow.target)
        return flow.name or (target.name if target is not None else "") or flow.target
