"""Draws each kind of shape: pools, activities, events, gateways, data, annotations."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.elements import ACTIVITIES, EVENTS, GATEWAYS, SUB_PROCESSES
from engine.diagrams.picture import symbols
from engine.diagrams.picture.pen import INK, PAPER, Area, Pen, joined
from engine.diagrams.words import LINE, wrapped
from engine.xml import local

NAME = 11
"""Size of names outside their shape."""
ROOM = 90
STRIP = 30
"""Where the name of a pool or lane stands."""


@dataclass(frozen=True)
class Shape:
    """One shape of the sheet, with the element that it shows."""

    node: etree._Element
    area: Area
    label: Area | None = None
    expanded: bool = True
    horizontal: bool = True
    marked: bool = True
    """Of an exclusive gateway: is its cross shown?"""
    ink: str = INK
    paper: str = PAPER
    name: str = ""

    @property
    def kind(self) -> str:
        return local(self.node.tag)


def draw_shape(pen: Pen, shape: Shape) -> None:
    """The shape with the name in it; names outside come last, see `draw_name`."""
    pen.reach(shape.area)
    kind = shape.kind
    if kind in ("participant", "lane"):
        _frame(pen, shape)
    elif kind in ACTIVITIES:
        _activity(pen, shape)
    elif kind in EVENTS:
        _event(pen, shape)
    elif kind in GATEWAYS:
        _gateway(pen, shape)
    elif kind in ("dataObjectReference", "dataObject", "dataInput", "dataOutput"):
        _page(pen, shape)
    elif kind == "dataStoreReference":
        _store(pen, shape)
    elif kind == "textAnnotation":
        _annotation(pen, shape)
    elif kind == "group":
        pen.box(shape.area, stroke=shape.ink, fill="none", width=1.5, corner=10, dash="10 6 1 6")


def draw_name(pen: Pen, shape: Shape) -> None:
    """The name of what has no room for it inside."""
    outside = shape.kind in EVENTS | GATEWAYS or shape.kind.startswith(("data", "group"))
    if outside and shape.name:
        y = shape.area.y + 4 if shape.kind == "group" else shape.area.bottom + 5
        usual = Area(shape.area.middle[0] - ROOM / 2, y, ROOM, LINE)
        draw_label(pen, shape.name, shape.label or usual, shape.ink)


def draw_label(pen: Pen, name: str, area: Area, ink: str) -> None:
    """A name in the middle of the place that the editor gave it."""
    room = max(area.width, ROOM)
    texts = wrapped(name, room, font=NAME)
    x = area.middle[0]
    pen.lines(texts, (x, area.y), font=NAME, ink=ink)
    pen.reach(Area(x - room / 2, area.y, room, LINE * len(texts)))


def _frame(pen: Pen, shape: Shape) -> None:
    area = shape.area
    pen.box(area, stroke=shape.ink, fill=shape.paper, width=1.5)
    if shape.kind == "participant" and not shape.expanded:
        pen.centred(shape.name, area, ink=shape.ink)
        return
    pool = shape.kind == "participant"
    if shape.horizontal:
        if pool:
            pen.path(f"M{area.x + STRIP:g} {area.y:g}v{area.height:g}", stroke=shape.ink)
        pen.centred(shape.name, Area(area.x, area.y, STRIP, area.height), ink=shape.ink, turned=True)
    else:
        if pool:
            pen.path(f"M{area.x:g} {area.y + STRIP:g}h{area.width:g}", stroke=shape.ink)
        pen.centred(shape.name, Area(area.x, area.y, area.width, STRIP), ink=shape.ink)


def _activity(pen: Pen, shape: Shape) -> None:
    node, area, kind = shape.node, shape.area, shape.kind
    triggered = dialects.says(node, "triggeredByEvent")
    heavy = 4.5 if kind == "callActivity" else 2
    pen.box(
        area,
        stroke=shape.ink,
        fill=shape.paper,
        width=1.5 if triggered else heavy,
        corner=10,
        dash="2 4" if triggered else "",
    )
    if kind == "transaction":
        inner = Area(area.x + 4, area.y + 4, area.width - 8, area.height - 8)
        pen.box(inner, stroke=shape.ink, fill="none", width=1.2, corner=7)
    open_ = kind in (*SUB_PROCESSES, "callActivity") and shape.expanded
    if open_:
        texts = wrapped(shape.name, max(area.width - 20, 40), 2)
        pen.lines(texts, (area.middle[0], area.y + 7), ink=shape.ink)
    else:
        markers = 14 if _markers(shape, open_) else 0
        pen.centred(shape.name, Area(area.x, area.y, area.width, area.height - markers), ink=shape.ink)
    if kind in symbols.TASKS:
        sign, filled = symbols.TASKS[kind]
        sign(pen, (area.x + 15, area.y + 14), 10, shape.ink, filled)
    signs = _markers(shape, open_)
    for index, name in enumerate(signs):
        x = area.middle[0] + 18 * (index - (len(signs) - 1) / 2)
        symbols.MARKERS[name](pen, (x, area.bottom - 11), shape.ink)


def _markers(shape: Shape, is_open: bool) -> list[str]:
    found = []
    for child in shape.node:
        if local(child.tag) == "standardLoopCharacteristics":
            found.append("loop")
        elif local(child.tag) == "multiInstanceLoopCharacteristics":
            found.append("sequential" if dialects.says(child, "isSequential") else "parallel")
    if dialects.says(shape.node, "isForCompensation"):
        found.append("compensation")
    if not is_open and (shape.kind == "callActivity" or shape.kind in SUB_PROCESSES):
        found.append("collapsed")
    if shape.kind == "adHocSubProcess":
        found.append("ad_hoc")
    return found


def _event(pen: Pen, shape: Shape) -> None:
    node, kind = shape.node, shape.kind
    middle, radius = shape.area.middle, min(shape.area.width, shape.area.height) / 2
    goes_on = str(node.get("cancelActivity", node.get("isInterrupting", "true"))).strip() in ("false", "0")
    dash = "6 4" if goes_on else ""
    heavy = 4 if kind == "endEvent" else 1.5
    inside = radius - (heavy / 2 - 0.75 if kind == "endEvent" else 0)
    pen.circle(middle, inside, stroke=shape.ink, fill=shape.paper, width=heavy, dash=dash)
    if kind.startswith(("intermediate", "boundary")):
        pen.circle(middle, radius - 3.5, stroke=shape.ink, fill="none", dash=dash)
    event, _ = dialects.event_of(node)
    if event == "multiple" and dialects.says(node, "parallelMultiple"):
        event = "parallel"
    sign = symbols.EVENTS.get(event or "")
    if sign is not None:
        throws = kind in ("endEvent", "intermediateThrowEvent")
        sign(pen, middle, radius * (0.62 if event == "timer" else 0.5), shape.ink, throws)


def _gateway(pen: Pen, shape: Shape) -> None:
    area, kind = shape.area, shape.kind
    x, y = area.middle
    corners = [(x, area.y), (area.right, y), (x, area.bottom), (area.x, y)]
    pen.path(joined(corners), stroke=shape.ink, fill=shape.paper, width=2)
    size = min(area.width, area.height) / 2
    if kind == "exclusiveGateway" and shape.marked:
        symbols.cross(pen, (x, y), size * 0.36, shape.ink)
    elif kind == "parallelGateway":
        pen.path(
            f"M{x - size * 0.46:g} {y:g}h{size * 0.92:g}M{x:g} {y - size * 0.46:g}v{size * 0.92:g}",
            stroke=shape.ink,
            width=3.5,
        )
    elif kind == "inclusiveGateway":
        pen.circle((x, y), size * 0.46, stroke=shape.ink, fill="none", width=3)
    elif kind == "complexGateway":
        symbols.star(pen, (x, y), size * 0.46, shape.ink)
    elif kind == "eventBasedGateway":
        pen.circle((x, y), size * 0.62, stroke=shape.ink, fill="none", width=1.2)
        if not dialects.says(shape.node, "instantiate"):
            pen.circle((x, y), size * 0.52, stroke=shape.ink, fill="none", width=1.2)
        parallel = shape.node.get("eventGatewayType") == "Parallel"
        (symbols.plus if parallel else symbols.pentagon)(pen, (x, y), size * 0.34, shape.ink, False)


def _page(pen: Pen, shape: Shape) -> None:
    a = shape.area
    fold = min(a.width, a.height) / 3
    outline = [(a.x, a.y), (a.right - fold, a.y), (a.right, a.y + fold), (a.right, a.bottom), (a.x, a.bottom)]
    pen.path(joined(outline), stroke=shape.ink, fill=shape.paper, width=1.5)
    corner = [(a.right - fold, a.y), (a.right - fold, a.y + fold), (a.right, a.y + fold)]
    pen.path(joined(corner, closed=False), stroke=shape.ink, width=1.5)
    if dialects.says(shape.node, "isCollection"):
        symbols.MARKERS["parallel"](pen, (a.middle[0], a.bottom - 9), shape.ink)


def _store(pen: Pen, shape: Shape) -> None:
    a = shape.area
    bend = a.height / 8
    body = (
        f"M{a.x:g} {a.y + bend:g}v{a.height - 2 * bend:g}q{a.width / 2:g} {2 * bend:g} {a.width:g} 0"
        f"v{2 * bend - a.height:g}"
    )
    pen.path(body, stroke=shape.ink, fill=shape.paper, width=1.5)
    lid = f"q{-a.width / 2:g} {-2 * bend:g} {-a.width:g} 0q{a.width / 2:g} {2 * bend:g} {a.width:g} 0"
    pen.path(f"M{a.right:g} {a.y + bend:g}{lid}", stroke=shape.ink, fill=shape.paper, width=1.5)
    for down in (0.14, 0.28):
        line = f"M{a.x:g} {a.y + bend + a.height * down:g}q{a.width / 2:g} {2 * bend:g} {a.width:g} 0"
        pen.path(line, stroke=shape.ink, width=1.5)


def _annotation(pen: Pen, shape: Shape) -> None:
    a = shape.area
    pen.path(f"M{a.x + 10:g} {a.y:g}h-10v{a.height:g}h10", stroke=shape.ink, width=1.5)
    text = next((dialects.text_of(child) for child in shape.node if local(child.tag) == "text"), None)
    lines = wrapped(text or "", max(a.width - 10, 30), max(1, int(a.height / LINE)))
    pen.lines(lines, (a.x + 6, a.y + (a.height - LINE * len(lines)) / 2), anchor="start", ink=shape.ink)
