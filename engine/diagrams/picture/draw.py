"""Reads the first sheet of a drawing and draws everything on it, from the outside to the inside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.elements import SUB_PROCESSES
from engine.diagrams.layout import lay_out
from engine.diagrams.picture.edges import Edge, draw_edge, draw_edge_name
from engine.diagrams.picture.pen import INK, PAPER, Area, Pen, Spot
from engine.diagrams.picture.shapes import Shape, draw_name, draw_shape
from engine.xml import BPMN, BPMNDI, DC, DI, local, namespace, parse

FAR = 100_000
"""What lies farther out than this is no place on a sheet."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?|[a-zA-Z]{3,20}")
_COLOURS = ("http://bpmn.io/schema/bpmn/biocolor/1.0", "http://www.omg.org/spec/BPMN/non-normative/color/1.0")
_NO = ("false", "0")


def draw(data: bytes, file: str, title: str = "") -> bytes:
    """A drawing as an SVG file; one without coordinates is laid out first.

    Raises Invalid where the file is no XML. What lies on further sheets (of collapsed sub-processes) is
    left out, as editors do.
    """
    root = parse(lay_out(data, file), file)
    nodes = {node.get("id"): node for node in root.iter(f"{{{BPMN}}}*") if node.get("id")}
    plane = next(root.iter(f"{{{BPMNDI}}}BPMNPlane"), None)
    shapes = list(_shapes(plane, nodes)) if plane is not None else []
    edges = list(_edges(plane, nodes)) if plane is not None else []
    pen = Pen()
    for shape in sorted(shapes, key=_depth):
        if _is_around(shape):
            draw_shape(pen, shape)
    for edge in edges:
        if local(edge.node.tag) != "messageFlow":
            draw_edge(pen, edge)
    for shape in sorted(shapes, key=lambda one: one.kind == "boundaryEvent"):
        if not _is_around(shape):
            draw_shape(pen, shape)
    for edge in edges:
        if local(edge.node.tag) == "messageFlow":
            draw_edge(pen, edge)
    for shape in shapes:
        draw_name(pen, shape)
    for edge in edges:
        draw_edge_name(pen, edge)
    return pen.finish(title or _title(root) or file)


def _is_around(shape: Shape) -> bool:
    """Does it lie round others?"""
    opens = shape.kind in SUB_PROCESSES or shape.kind == "callActivity"
    return shape.kind in ("participant", "lane", "group") or (opens and shape.expanded)


def _depth(shape: Shape) -> tuple[bool, int]:
    """Pools and lanes first, then what they hold, the outer before the inner."""
    return shape.kind not in ("participant", "lane"), sum(1 for _ in shape.node.iterancestors())


def _title(root: etree._Element) -> str:
    named = (dialects.name_of(node) for node in root.iter(f"{{{BPMN}}}participant", f"{{{BPMN}}}process"))
    return next((name for name in named if name), "")


def _shapes(plane: etree._Element, nodes: Mapping[str, etree._Element]) -> Iterator[Shape]:
    for item in plane.iterchildren(f"{{{BPMNDI}}}BPMNShape"):
        node, area = nodes.get(dialects.ref(item.get("bpmnElement")) or ""), _area(item)
        if node is None or area is None:
            continue
        kind = local(node.tag)
        opens = item.get("isExpanded", "").strip()
        closed = opens in _NO or (kind == "callActivity" and not opens)
        if kind in SUB_PROCESSES and not opens:
            closed = not any(namespace(one.tag) == BPMN and local(one.tag) == "sequenceFlow" for one in node)
        elif kind == "participant":
            closed = dialects.ref(node.get("processRef")) not in nodes
        upright = item.get("isHorizontal", "").strip() in _NO
        yield Shape(
            node,
            area,
            _area(item.find(f"{{{BPMNDI}}}BPMNLabel")),
            expanded=not closed,
            horizontal=not upright,
            marked=item.get("isMarkerVisible", "").strip() not in _NO,
            ink=_colour(item, INK, "stroke", "border-color"),
            paper=_colour(item, PAPER, "fill", "background-color"),
            name=_name(node, nodes),
        )


def _name(node: etree._Element, nodes: Mapping[str, etree._Element]) -> str:
    """The drawn name; a group's is the value of its category."""
    if local(node.tag) != "group":
        return dialects.name_of(node)
    value = nodes.get(dialects.ref(node.get("categoryValueRef")) or "")
    return str(value.get("value", "")) if value is not None else ""


def _edges(plane: etree._Element, nodes: Mapping[str, etree._Element]) -> Iterator[Edge]:
    for item in plane.iterchildren(f"{{{BPMNDI}}}BPMNEdge"):
        node = nodes.get(dialects.ref(item.get("bpmnElement")) or "")
        points = [spot for spot in map(_spot, item.iterchildren(f"{{{DI}}}waypoint")) if spot is not None]
        if node is not None and len(points) > 1:
            source = nodes.get(dialects.ref(node.get("sourceRef")) or "")
            label = _area(item.find(f"{{{BPMNDI}}}BPMNLabel"))
            yield Edge(node, points, source, label, _colour(item, INK, "stroke", "border-color"))


def _area(item: etree._Element | None) -> Area | None:
    bounds = item.find(f"{{{DC}}}Bounds") if item is not None else None
    if bounds is None:
        return None
    values = [_number(bounds.get(name)) for name in ("x", "y", "width", "height")]
    x, y, width, height = values
    if x is None or y is None or width is None or height is None or width < 0 or height < 0:
        return None
    return Area(x, y, width, height)


def _spot(point: etree._Element) -> Spot | None:
    x, y = _number(point.get("x")), _number(point.get("y"))
    return (x, y) if x is not None and y is not None else None


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if -FAR <= value <= FAR else None


def _colour(item: etree._Element, otherwise: str, *names: str) -> str:
    """The colour that an editor gave it, if it is written as one."""
    for space in _COLOURS:
        for name in names:
            text = str(item.get(f"{{{space}}}{name}", "")).strip()
            if _COLOUR.fullmatch(text):
                return text
    return otherwise
