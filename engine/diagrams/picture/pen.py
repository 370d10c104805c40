"""Writes SVG: every text and attribute goes through lxml, so that nothing in a name can break out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from lxml import etree

from engine.diagrams.words import FONT, LINE, wrapped

SVG = "http://www.w3.org/2000/svg"
INK = "#22242a"
PAPER = "#ffffff"

Spot = tuple[float, float]


@dataclass(frozen=True)
class Area:
    """A rectangle of the drawing, as its editor placed it."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Spot:
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


class Pen:
    """Draws on one SVG; knows how far it has come, for the size of the sheet."""

    def __init__(self) -> None:
        self.svg = etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})
        self.svg.set("font-family", "Arial, Helvetica, sans-serif")
        self.svg.set("font-size", str(FONT))
        self._left = self._top = float("inf")
        self._right = self._bottom = float("-inf")

    def reach(self, area: Area) -> None:
        """The sheet holds this, too."""
        self._left, self._top = min(self._left, area.x), min(self._top, area.y)
        self._right, self._bottom = max(self._right, area.right), max(self._bottom, area.bottom)

    def finish(self, title: str, margin: int = 12) -> bytes:
        """The whole file."""
        if self._left > self._right:
            self.reach(Area(0, 0, 200, 60))
        x, y = self._left - margin, self._top - margin
        width, height = self._right - self._left + 2 * margin, self._bottom - self._top + 2 * margin
        self.svg.set("viewBox", " ".join(map(number, (x, y, width, height))))
        self.svg.set("width", number(width))
        self.svg.set("height", number(height))
        self.svg.set("role", "img")
        name = etree.Element(f"{{{SVG}}}title")
        name.text = title
        self.svg.insert(0, name)
        ground = etree.Element(f"{{{SVG}}}rect", x=number(x), y=number(y))
        ground.attrib.update({"width": number(width), "height": number(height), "fill": PAPER})
        self.svg.insert(1, ground)
        return bytes(etree.tostring(self.svg, encoding="UTF-8", xml_declaration=True, pretty_print=True))

    # --- Forms ----------------------------------------------------------------------------------------

    def path(
        self,
        outline: str,
        *,
        stroke: str = INK,
        fill: str = "none",
        width: float = 1.5,
        dash: str = "",
    ) -> None:
        node = etree.SubElement(self.svg, f"{{{SVG}}}path", d=outline)
        _style(node, stroke, fill, width, dash)

    def circle(
        self,
        middle: Spot,
        radius: float,
        *,
        stroke: str = INK,
        fill: str = PAPER,
        width: float = 1.5,
        dash: str = "",
    ) -> None:
        node = etree.SubElement(self.svg, f"{{{SVG}}}circle", cx=number(middle[0]), cy=number(middle[1]))
        node.set("r", number(max(radius, 0)))
        _style(node, stroke, fill, width, dash)

    def box(
        self,
        area: Area,
        *,
        stroke: str = INK,
        fill: str = PAPER,
        width: float = 2,
        corner: float = 0,
        dash: str = "",
    ) -> None:
        node = etree.SubElement(self.svg, f"{{{SVG}}}rect", x=number(area.x), y=number(area.y))
        node.set("width", number(max(area.width, 0)))
        node.set("height", number(max(area.height, 0)))
        if corner:
            node.set("rx", number(corner))
        _style(node, stroke, fill, width, dash)

    # --- Texts ----------------------------------------------------------------------------------------

    def lines(
        self,
        texts: Sequence[str],
        spot: Spot,
        *,
        anchor: str = "middle",
        font: float = FONT,
        ink: str = INK,
        turned: bool = False,
    ) -> None:
        """Lines of text, of which the first has its upper border at the spot."""
        if not texts:
            return
        node = etree.SubElement(self.svg, f"{{{SVG}}}text", fill=ink)
        node.set("text-anchor", anchor)
        if font != FONT:
            node.set("font-size", number(font))
        if turned:
            node.set("transform", f"rotate(-90 {number(spot[0])} {number(spot[1])})")
        for index, text in enumerate(texts):
            span = etree.SubElement(node, f"{{{SVG}}}tspan", x=number(spot[0]))
            span.set("y", number(spot[1] + index * LINE + font * 0.95))
            span.text = text

    def centred(
        self, text: str, area: Area, *, ink: str = INK, turned: bool = False, inset: float = 7
    ) -> None:
        """A text in the middle of an area, in as many lines as fit."""
        along, across = (area.height, area.width) if turned else (area.width, area.height)
        texts = wrapped(text, max(along - 2 * inset, 20), max(1, int((across - 4) / LINE)))
        x, y = area.middle
        high = LINE * len(texts) / 2
        # Turned round the spot, the lines go on to the right.
        self.lines(texts, (x - high, y) if turned else (x, y - high), ink=ink, turned=turned)


def number(value: float) -> str:
    """`12`, `12.5`: no more digits than can be seen."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def rounded(points: Sequence[Spot], radius: float = 5) -> str:
    """A line through these points with round corners."""
    parts = [f"M{_at(points[0])}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        bend = min(radius, _far(before, here) / 2, _far(here, after) / 2)
        parts.append(f"L{_at(_towards(here, before, bend))}Q{_at(here)} {_at(_towards(here, after, bend))}")
    return "".join([*parts, f"L{_at(points[-1])}"])


def joined(points: Sequence[Spot], *, closed: bool = True) -> str:
    return "M" + "L".join(map(_at, points)) + ("Z" if closed else "")


def _at(spot: Spot) -> str:
    return f"{number(spot[0])} {number(spot[1])}"


def _far(one: Spot, other: Spot) -> float:
    return hypot(other[0] - one[0], other[1] - one[1])


def _towards(here: Spot, there: Spot, distance: float) -> Spot:
    whole = _far(here, there) or 1
    return here[0] + (there[0] - here[0]) * distance / whole, here[1] + (
        there[1] - here[1]
    ) * distance / whole


def _style(node: etree._Element, stroke: str, fill: str, width: float, dash: str) -> None:
    node.set("fill", fill)
    if width:
        node.set("stroke", stroke)
        node.set("stroke-width", number(width))
        node.set("stroke-linejoin", "round")
    if dash:
        node.set("stroke-dasharray", dash)
