"""Writes a sheet into a drawing as BPMNDI, in place of what was there."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.diagrams.elements import NODES, bpmn_children
from engine.diagrams.layout.labels import Label
from engine.diagrams.layout.plan import Box, Point
from engine.xml import BPMN, BPMNDI, DC, DI, local


@dataclass
class Sheet:
    """Where everything stands, by the ids of its elements."""

    boxes: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, list[Point]] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    frames: set[str] = field(default_factory=set)
    """Pools and lanes."""


def write(root: etree._Element, collaboration: etree._Element | None, sheet: Sheet) -> None:
    for old in list(root.iterchildren(f"{{{BPMNDI}}}BPMNDiagram")):
        root.remove(old)
    whole = collaboration
    if whole is None:
        whole = next(
            node for node in bpmn_children(root, "process") if any(local(n.tag) in NODES for n in node)
        )
    spaces = {"bpmndi": BPMNDI, "dc": DC, "di": DI}
    diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", nsmap=spaces, id="Shown_diagram")
    plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", id="Shown_plane")
    plane.set("bpmnElement", whole.get("id"))
    nodes = {node.get("id"): node for node in root.iter(f"{{{BPMN}}}*") if node.get("id")}
    for id, box in sheet.boxes.items():
        shape = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", id=f"{id}_shown", bpmnElement=id)
        kind = local(nodes[id].tag)
        if id in sheet.frames:
            shape.set("isHorizontal", "true")
        elif kind == "exclusiveGateway":
            shape.set("isMarkerVisible", "true")
        elif kind.endswith(("ubProcess", "transaction")):
            shape.set("isExpanded", "true" if any(local(one.tag) in NODES for one in nodes[id]) else "false")
        _bounds(shape, box)
        _label(shape, sheet.labels.get(id))
    for id, points in sheet.lines.items():
        edge = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", id=f"{id}_shown", bpmnElement=id)
        for x, y in points:
            etree.SubElement(edge, f"{{{DI}}}waypoint", x=str(x), y=str(y))
        _label(edge, sheet.labels.get(id))


def _label(parent: etree._Element, label: Label | None) -> None:
    if label is not None:
        _bounds(etree.SubElement(parent, f"{{{BPMNDI}}}BPMNLabel"), label)


def _bounds(parent: etree._Element, box: Box) -> None:
    bounds = etree.SubElement(parent, f"{{{DC}}}Bounds")
    for name, value in (("x", box.x), ("y", box.y), ("width", box.width), ("height", box.height)):
        bounds.set(name, str(value))
