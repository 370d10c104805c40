"""What is different between two drawings of a process, element by element."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

from engine.diagrams.elements import Drawing, Element, Flow

PLACE = frozenset({"id", "line", "scope"})
"""What may differ although nothing was changed."""


@dataclass(frozen=True)
class Change:
    """One difference; `name` is how the element is called now, or was called when it is gone."""

    kind: Literal["added", "removed", "renamed", "moved", "changed"]
    """`moved`: into another lane."""
    element: str
    name: str
    before: str = ""
    after: str = ""


def changes(old: Drawing | None, new: Drawing) -> list[Change]:
    """Steps, events and gateways first, then arrows (called by the steps at their ends)."""
    if old is None:
        return []
    return [*_elements(old, new), *_flows(old, new)]


def _elements(old: Drawing, new: Drawing) -> Iterator[Change]:
    for id, element in new.elements.items():
        before = old.elements.get(id)
        if before is None:
            yield Change("added", id, element.name or id)
        else:
            yield from _changed(before, element)
    for id, element in old.elements.items():
        if id not in new.elements:
            yield Change("removed", id, element.name or id)


def _changed(old: Element, new: Element) -> Iterator[Change]:
    name = new.name or new.id
    if old.name != new.name:
        yield Change("renamed", new.id, name, old.name or old.id, name)
    if old.lane != new.lane:
        yield Change("moved", new.id, name, old.lane or "", new.lane or "")
    compared = [one.name for one in fields(Element) if one.name not in PLACE | {"name", "lane"}]
    if any(getattr(old, one) != getattr(new, one) for one in compared):
        yield Change("changed", new.id, name)


def _flows(old: Drawing, new: Drawing) -> Iterator[Change]:
    for id, flow in new.flows.items():
        before = old.flows.get(id)
        if before is None:
            yield Change("added", id, _ends(flow, new))
        elif _drawn(before) != _drawn(flow):
            yield Change("changed", id, _ends(flow, new))
    for id, flow in old.flows.items():
        if id not in new.flows:
            yield Change("removed", id, _ends(flow, old))


def _drawn(flow: Flow) -> tuple[object, ...]:
    return flow.source, flow.target, flow.condition, flow.default, flow.name


def _ends(flow: Flow, drawing: Drawing) -> str:
    """`Ask → Answer`."""

    def called(id: str) -> str:
        element = drawing.elements.get(id)
        return (element.name if element else "") or id

    return f"{called(flow.source)} → {called(flow.target)}"
