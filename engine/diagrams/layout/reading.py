"""Reads from the XML what is to be placed, whatever of it could be run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.elements import ACTIVITIES, EVENTS, GATEWAYS, NODES, SUB_PROCESSES, bpmn_children
from engine.diagrams.layout.labels import size_of
from engine.diagrams.layout.measures import EVENT
from engine.diagrams.layout.plan import Arrow, Node, Plan
from engine.diagrams.words import wrapped
from engine.xml import BPMN, local

TITLE = 24
"""What a sub-process has above its contents, for its name."""


@dataclass
class Scope:
    """A process or sub-process: its plan, those of its sub-processes, and its dotted lines."""

    plan: Plan
    inner: dict[str, Scope] = field(default_factory=dict)
    dotted: dict[str, tuple[str, str]] = field(default_factory=dict)

    def grow(self, id: str, width: int, height: int) -> None:
        """Give a sub-process the room of its contents."""
        node = self.plan.nodes[id]
        borders = len(self.plan.borders.get(id, ())) * (EVENT + 12) + 24
        self.plan.nodes[id] = replace(node, width=max(width, borders, 100), height=max(height, 80))


@dataclass
class Lanes:
    """The lanes of a process from the top; `leaves` are those without further lanes in them."""

    leaves: list[etree._Element] = field(default_factory=list)
    of_node: dict[str, int] = field(default_factory=dict)
    """Node -> number of its leaf."""
    tops: list[tuple[etree._Element, int, int]] = field(default_factory=list)
    """(lane, its first leaf, its last leaf), outer lanes before inner ones."""
    depth: int = 0


def lanes_of(process: etree._Element) -> Lanes:
    lanes = Lanes()

    def walk(container: etree._Element, depth: int) -> None:
        for lane in bpmn_children(container, "lane"):
            lanes.depth = max(lanes.depth, depth)
            place = len(lanes.tops)
            first = len(lanes.leaves)
            lanes.tops.append((lane, first, first))
            for inner in bpmn_children(lane, "childLaneSet"):
                walk(inner, depth + 1)
            if len(lanes.leaves) == first:
                lanes.leaves.append(lane)
            lanes.tops[place] = (lane, first, len(lanes.leaves) - 1)
            for node in bpmn_children(lane, "flowNodeRef"):
                lanes.of_node.setdefault(dialects.ref(node.text) or "", first)

    for lane_set in bpmn_children(process, "laneSet"):
        walk(lane_set, 1)
    return lanes


def read_scope(container: etree._Element, lanes: Mapping[str, int], count: int) -> Scope:
    """What stands in no lane comes below all of them."""
    scope = Scope(Plan())
    plan = scope.plan
    outside = count if count else 0
    for node in bpmn_children(container):
        kind, id = local(node.tag), node.get("id")
        if kind == "boundaryEvent":
            continue
        if kind in NODES:
            width, height = _size(kind)
            plan.nodes[id] = Node(id, width, height, lanes.get(id, outside), first=kind == "startEvent")
            if kind in SUB_PROCESSES and any(local(one.tag) in NODES for one in node):
                scope.inner[id] = _titled(read_scope(node, {}, 0))
    for node in bpmn_children(container, "boundaryEvent"):
        host = dialects.ref(node.get("attachedToRef")) or ""
        if host in plan.nodes and plan.nodes[host].id not in plan.borders.get(host, ()):
            plan.borders.setdefault(host, []).append(node.get("id"))
            scope.grow(host, plan.nodes[host].width, plan.nodes[host].height)
        else:
            # Attached to nothing: it is shown like any other event.
            plan.nodes[node.get("id")] = Node(
                node.get("id"), EVENT, EVENT, lanes.get(node.get("id"), outside)
            )
    _arrows(container, plan)
    _beside(container, scope, lanes)
    plan.lanes = max((node.lane for node in plan.nodes.values()), default=0) + 1
    plan.lanes = max(plan.lanes, count)
    return scope


def _titled(scope: Scope) -> Scope:
    scope.plan.title = TITLE
    return scope


def _size(kind: str) -> tuple[int, int]:
    if kind in EVENTS:
        return EVENT, EVENT
    if kind in GATEWAYS:
        return 50, 50
    assert kind in ACTIVITIES
    return 100, 80


def _arrows(container: etree._Element, plan: Plan) -> None:
    hosts = {id: host for host, ids in plan.borders.items() for id in ids}
    for node in bpmn_children(container, "sequenceFlow"):
        source, target = (dialects.ref(node.get(name)) or "" for name in ("sourceRef", "targetRef"))
        border = source if source in hosts else None
        source = hosts.get(source, source)
        if source in plan.nodes and target in plan.nodes:
            name = size_of(dialects.name_of(node))[0]
            plan.arrows.append(Arrow(node.get("id"), source, target, border, name))


_ARTEFACTS = {"dataObjectReference": (36, 50), "dataStoreReference": (50, 50), "textAnnotation": (110, 30)}


def _beside(container: etree._Element, scope: Scope, lanes: Mapping[str, int]) -> None:
    """Data, annotations, and the dotted lines between them and the steps."""
    plan = scope.plan
    artefacts = {node.get("id"): node for node in bpmn_children(container, *_ARTEFACTS)}
    lines: dict[str, tuple[str, str]] = {}
    for node in bpmn_children(container, "association"):
        ends = [dialects.ref(node.get(name)) or "" for name in ("sourceRef", "targetRef")]
        lines[node.get("id")] = (ends[0], ends[1])
    for step in bpmn_children(container, *NODES):
        for node in bpmn_children(step, "dataInputAssociation", "dataOutputAssociation"):
            inward = local(node.tag) == "dataInputAssociation"
            outer = node.find(f"{{{BPMN}}}{'sourceRef' if inward else 'targetRef'}")
            other = dialects.ref(outer.text if outer is not None else None) or ""
            lines[node.get("id")] = (other, step.get("id")) if inward else (step.get("id"), other)
    for id, node in artefacts.items():
        width, height = _ARTEFACTS[local(node.tag)]
        if local(node.tag) == "textAnnotation":
            text = dialects.text_of(next(bpmn_children(node, "text"), None)) or ""
            height = max(height, 14 * len(wrapped(text, width - 10)) + 8)
        ends = [end for line in lines.values() if id in line for end in line]
        borders = {one: host for host, ids in plan.borders.items() for one in ids}
        steps = [borders.get(end, end) for end in ends]
        beside = next((end for end in steps if end in plan.nodes and end not in artefacts), "")
        lane = plan.nodes[beside].lane if beside else lanes.get(id, 0)
        plan.nodes[id] = Node(id, width, height, lane, beside=beside)
    scope.dotted = {id: line for id, line in lines.items() if set(line) & artefacts.keys()}
