"""What must be true of any picture of a drawing, found from its XML."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.elements import NODES
from engine.diagrams.layout.plan import Box
from engine.xml import BPMN, BPMNDI, DC, DI, local, parse


class Picture:
    """The boxes and lines of a drawing, with its BPMN elements."""

    def __init__(self, data: bytes) -> None:
        self.root = parse(data, "picture")
        self.nodes = {node.get("id"): node for node in self.root.iter(f"{{{BPMN}}}*") if node.get("id")}
        self.boxes = {
            shape.get("bpmnElement"): box_of(shape) for shape in self.root.iter(f"{{{BPMNDI}}}BPMNShape")
        }
        self.lines = {
            edge.get("bpmnElement"): [
                (int(point.get("x")), int(point.get("y"))) for point in edge.findall(f"{{{DI}}}waypoint")
            ]
            for edge in self.root.iter(f"{{{BPMNDI}}}BPMNEdge")
        }

    def steps(self) -> Iterator[Any]:
        return (node for node in self.root.iter(f"{{{BPMN}}}*") if local(node.tag) in NODES)

    def flows(self) -> Iterator[Any]:
        """The arrows whose two ends lie in one scope; none of the others can be run."""
        for flow in self.root.iter(f"{{{BPMN}}}sequenceFlow"):
            ends = [self.nodes.get(dialects.ref(flow.get(name))) for name in ("sourceRef", "targetRef")]
            if all(
                end is not None and local(end.tag) in NODES and end.getparent() is flow.getparent()
                for end in ends
            ):
                yield flow

    def faults(self) -> list[str]:
        return [*self._missing(), *self._overlaps(), *self._outside(), *self._loose(), *self._crossed()]

    def _missing(self) -> Iterator[str]:
        yield from (
            f"{node.get('id')} has no place" for node in self.steps() if node.get("id") not in self.boxes
        )
        yield from (
            f"{flow.get('id')} has no way"
            for flow in self.flows()
            if len(self.lines.get(flow.get("id"), ())) < 2
        )

    def _overlaps(self) -> Iterator[str]:
        """Two steps of one scope, but for events on a border."""
        scopes: dict[Any, list[str]] = {}
        for node in self.steps():
            if local(node.tag) != "boundaryEvent" or not self._host(node):
                scopes.setdefault(node.getparent(), []).append(node.get("id"))
        for ids in scopes.values():
            for one, other in combinations(ids, 2):
                if self.boxes[one].meets(self.boxes[other]):
                    yield f"{one} lies on {other}"

    def _host(self, node: Any) -> bool:
        host = self.nodes.get(dialects.ref(node.get("attachedToRef")))
        return host is not None and host.getparent() is node.getparent()

    def _outside(self) -> Iterator[str]:
        """Steps that stick out of their lane, sub-process or pool."""
        around: dict[str, str] = {}
        for lane in self.root.iter(f"{{{BPMN}}}lane"):
            for node in lane.findall(f"{{{BPMN}}}flowNodeRef"):
                around.setdefault(dialects.ref(node.text) or "", lane.get("id"))
        pools = {
            dialects.ref(pool.get("processRef")): pool.get("id")
            for pool in self.root.iter(f"{{{BPMN}}}participant")
        }
        for node in self.steps():
            if local(node.tag) == "boundaryEvent" and self._host(node):
                continue
            scope = node.getparent().get("id")
            for frame in (around.get(node.get("id")), scope, pools.get(scope)):
                if (
                    frame in self.boxes
                    and local(self.nodes[frame].tag) != "process"
                    and not holds(self.boxes[frame], self.boxes[node.get("id")])
                ):
                    yield f"{node.get('id')} sticks out of {frame}"

    def _loose(self) -> Iterator[str]:
        """Arrows that do not begin and end at their steps, or run across another one."""
        for flow in self.flows():
            points = self.lines[flow.get("id")]
            ends = [dialects.ref(flow.get(name)) or "" for name in ("sourceRef", "targetRef")]
            for point, end in zip((points[0], points[-1]), ends, strict=True):
                box = self.boxes[end]
                if not (box.x <= point[0] <= box.right and box.y <= point[1] <= box.bottom):
                    yield f"{flow.get('id')} does not touch {end}"

    def _crossed(self) -> Iterator[str]:
        """Arrows that run across a step of their scope."""
        scopes: dict[Any, list[str]] = {}
        for node in self.steps():
            scopes.setdefault(node.getparent(), []).append(node.get("id"))
        for flow in self.flows():
            pieces = [thin(*piece) for piece in pairwise(self.lines[flow.get("id")])]
            for id in scopes[flow.getparent()]:
                if any(piece.meets(self.boxes[id]) for piece in pieces):
                    yield f"{flow.get('id')} runs across {id}"


def box_of(shape: Any) -> Box:
    bounds = shape.find(f"{{{DC}}}Bounds")
    return Box(*(int(bounds.get(name)) for name in ("x", "y", "width", "height")))


def thin(one: tuple[int, int], other: tuple[int, int]) -> Box:
    """A line as a box without room, but for its ends, which lie on borders."""
    x, y = min(one[0], other[0]), min(one[1], other[1])
    wide, high = abs(one[0] - other[0]), abs(one[1] - other[1])
    return Box(x + (wide > 0), y + (high > 0), max(0, wide - 2), max(0, high - 2))


def holds(outer: Box, inner: Box) -> bool:
    return (
        outer.x <= inner.x
        and inner.right <= outer.right
        and outer.y <= inner.y
        and inner.bottom <= outer.bottom
    )


def stripped(data: bytes) -> bytes:
    """The drawing without its picture."""
    root = parse(data, "drawing")
    for diagram in root.findall(f"{{{BPMNDI}}}BPMNDiagram"):
        root.remove(diagram)
    return bytes(etree.tostring(root))
