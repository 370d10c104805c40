"""Places for names beside events, gateways and arrows, where they lie on nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.elements import EVENTS, GATEWAYS
from engine.diagrams.layout.plan import Box, Point
from engine.diagrams.words import LINE, width, wrapped
from engine.xml import BPMN, local

Label = Box
ROOM = 90
"""The widest line of a name outside its shape."""
FONT = 11
CROWD = 3_000
"""More lines than these cannot be kept clear of."""

_OUTSIDE = EVENTS | GATEWAYS | {"dataObjectReference", "dataStoreReference"}


def labels(
    root: etree._Element,
    boxes: Mapping[str, Box],
    lines: Mapping[str, list[Point]],
    frames: set[str],
) -> dict[str, Label]:
    """The place of each name that stands outside: the first of several on which nothing lies."""
    inside = {
        node.get("id")
        for node in root.iter(f"{{{BPMN}}}*")
        if local(node.tag).endswith(("ubProcess", "transaction"))
    }
    near = _Near()
    crowded = len(lines) > CROWD
    for id, box in boxes.items():
        if id not in frames and id not in inside:
            near.add(box)
    for points in lines.values() if not crowded else ():
        for one, other in pairwise(points):
            near.add(_thin(one, other))
    begins = Counter((tuple(points[:1]), _direction(points)) for points in lines.values())
    found: dict[str, Label] = {}
    for node in root.iter(f"{{{BPMN}}}*"):
        id, name = node.get("id"), dialects.name_of(node)
        if not id or not name:
            continue
        if id in boxes and local(node.tag) in _OUTSIDE:
            places = list(_around(boxes[id], *size_of(name)))
        elif id in lines:
            shared = begins[tuple(lines[id][:1]), _direction(lines[id])] > 1
            places = list(_along(lines[id], *size_of(name), from_end=shared))
        else:
            continue
        found[id] = next((place for place in places if not near.is_taken(place)), places[0])
        near.add(found[id])
    return found


def size_of(name: str) -> tuple[int, int]:
    """(width, height) of a name outside its shape."""
    if not name:
        return 0, 0
    text = wrapped(name, ROOM, font=FONT)
    return round(max(width(line, FONT) for line in text)) + 4, LINE * len(text)


def _around(box: Box, wide: int, high: int) -> Iterator[Box]:
    x, y = box.middle
    yield Box(x - wide // 2, box.bottom + 5, wide, high)
    yield Box(x - wide // 2, box.y - high - 5, wide, high)
    yield Box(x + 6, box.bottom + 3, wide, high)
    yield Box(x - wide - 6, box.bottom + 3, wide, high)
    yield Box(box.right - 4, box.y - high, wide, high)
    yield Box(box.x - wide + 4, box.y - high, wide, high)
    yield Box(box.right + 4, y + 4, wide, high)


def _along(points: list[Point], wide: int, high: int, *, from_end: bool) -> Iterator[Box]:
    """Beside the first pieces of an arrow; where others begin like it, beside its last ones."""
    pieces = list(pairwise(points))
    for (x, y), (to_x, to_y) in reversed(pieces) if from_end else pieces[:3]:
        if y == to_y:
            begin = x + 6 if to_x > x else x - 6 - wide
            end = to_x - 14 - wide if to_x > x else to_x + 14
            middle = (x + to_x - wide) // 2
            for left in (end, begin) if from_end else (begin, middle):
                yield Box(left, y - high - 3, wide, high)
                yield Box(left, y + 3, wide, high)
        else:
            top = y + 6 if to_y > y else y - 6 - high
            middle = (y + to_y - high) // 2
            for upper in (top, middle):
                yield Box(x + 4, upper, wide, high)
                yield Box(x - 4 - wide, upper, wide, high)


def _direction(points: list[Point]) -> tuple[int, int]:
    if len(points) < 2:
        return 0, 0
    (x, y), (to_x, to_y) = points[:2]
    return (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)


def _thin(one: Point, other: Point) -> Box:
    x, y = min(one[0], other[0]), min(one[1], other[1])
    return Box(x - 1, y - 1, abs(one[0] - other[0]) + 2, abs(one[1] - other[1]) + 2)


class _Near:
    """Boxes by squares of the sheet, so that only neighbours are compared."""

    SQUARE = 200

    def __init__(self) -> None:
        self._boxes: dict[tuple[int, int], list[Box]] = {}

    def add(self, box: Box) -> None:
        for square in self._squares(box):
            self._boxes.setdefault(square, []).append(box)

    def is_taken(self, box: Box) -> bool:
        return any(box.meets(other) for square in self._squares(box) for other in self._boxes.get(square, ()))

    def _squares(self, box: Box) -> Iterator[tuple[int, int]]:
        for column in range(box.x // self.SQUARE, box.right // self.SQUARE + 1):
            for row in range(box.y // self.SQUARE, box.bottom // self.SQUARE + 1):
                yield column, row
