"""Draws arrows: who follows whom, who tells whom what, what belongs to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.elements import ACTIVITIES
from engine.diagrams.picture.pen import INK, PAPER, Area, Pen, Spot, joined, rounded
from engine.diagrams.picture.shapes import ROOM, draw_label
from engine.diagrams.words import LINE
from engine.xml import local


@dataclass(frozen=True)
class Edge:
    """One line of the sheet, with the element that it shows and the one from which it comes."""

    node: etree._Element
    points: Sequence[Spot]
    source: etree._Element | None = None
    label: Area | None = None
    ink: str = INK


def draw_edge(pen: Pen, edge: Edge) -> None:
    kind = local(edge.node.tag)
    for x, y in edge.points:
        pen.reach(Area(x, y, 0, 0))
    line = rounded(edge.points)
    if kind == "messageFlow":
        pen.path(line, stroke=edge.ink, dash="8 6")
        pen.circle(edge.points[0], 3.5, stroke=edge.ink)
        _head(pen, edge, fill=PAPER)
    elif kind in ("association", "dataInputAssociation", "dataOutputAssociation"):
        pen.path(line, stroke=edge.ink, dash="1 4")
        direction = edge.node.get("associationDirection", "None" if kind == "association" else "One")
        if direction in ("One", "Both"):
            _head(pen, edge, fill="none", is_open=True)
        if direction == "Both":
            _head(pen, edge, fill="none", is_open=True, at_begin=True)
    else:
        pen.path(line, stroke=edge.ink, width=1.8)
        _head(pen, edge, fill=edge.ink)
        _condition(pen, edge)


def draw_edge_name(pen: Pen, edge: Edge) -> None:
    name = dialects.name_of(edge.node)
    if name:
        x, y = _middle(edge.points)
        draw_label(pen, name, edge.label or Area(x - ROOM / 2, y - LINE - 3, ROOM, LINE), edge.ink)


def _condition(pen: Pen, edge: Edge) -> None:
    """A stroke through the beginning of a default flow; a diamond where an activity asks something."""
    if edge.source is None:
        return
    (x, y), (along, down) = edge.points[0], _direction(edge.points[0], edge.points[1])
    if dialects.ref(edge.source.get("default")) == edge.node.get("id"):
        x, y = x + along * 12, y + down * 12
        slash = [
            (x - along * 3 - down * 5, y - down * 3 + along * 5),
            (x + along * 3 + down * 5, y + down * 3 - along * 5),
        ]
        pen.path(joined(slash, closed=False), stroke=edge.ink, width=1.8)
    elif local(edge.source.tag) in ACTIVITIES and any(
        local(child.tag) == "conditionExpression" for child in edge.node
    ):
        corners = [(0.0, 0.0), (8.0, 4.5), (16.0, 0.0), (8.0, -4.5)]
        diamond = [(x + along * far - down * off, y + down * far + along * off) for far, off in corners]
        pen.path(joined(diamond), stroke=edge.ink, fill=PAPER)


def _head(pen: Pen, edge: Edge, *, fill: str, is_open: bool = False, at_begin: bool = False) -> None:
    points = list(reversed(edge.points)) if at_begin else list(edge.points)
    tip = points[-1]
    before = next((point for point in reversed(points[:-1]) if point != tip), tip)
    along, down = _direction(before, tip)
    back = [
        (tip[0] - along * 10 + side * down * 4.5, tip[1] - down * 10 - side * along * 4.5) for side in (1, -1)
    ]
    outline = joined([back[0], tip, back[1]], closed=not is_open)
    pen.path(outline, stroke=edge.ink, fill=fill, width=1.5 if fill != edge.ink else 1)


def _direction(one: Spot, other: Spot) -> Spot:
    across, down = other[0] - one[0], other[1] - one[1]
    far = hypot(across, down)
    return (across / far, down / far) if far else (1, 0)


def _middle(points: Sequence[Spot]) -> Spot:
    """The point half of the way along the line."""
    pieces = [hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]
    left = sum(pieces) / 2
    for length, (a, b) in zip(pieces, pairwise(points), strict=True):
        if left <= length and length:
            return a[0] + (b[0] - a[0]) * left / length, a[1] + (b[1] - a[1]) * left / length
        left -= length
    return points[0]
