"""Finds a way for each arrow through the grid: straight, round one corner, or through the channels.

Places are counted along each axis: column c is 2c + 1 and the channel left of it 2c; rows likewise, with
the channel above.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from engine.diagrams.layout.plan import Arrow, Plan
from engine.diagrams.layout.rows import Cell

Place = tuple[int, int]
"""(along, down), each counted as said above."""


@dataclass
class _Traffic:
    """Which arrows run through a cell in one direction, by where they come from and where they lead."""

    sources: set[tuple[str, str | None]] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)

    def lets(self, arrow: Arrow) -> bool:
        """Arrows may lie on one another if all have one source or all one target."""
        return self.sources <= {(arrow.source, arrow.border)} or self.targets <= {arrow.target}


@dataclass
class _Ways:
    """The way of each arrow, and what is on the way."""

    nodes: set[Place]
    borders: Mapping[str, list[str]]
    paths: dict[str, list[Place]] = field(default_factory=dict)
    passed: dict[tuple[Place, str], _Traffic] = field(default_factory=lambda: defaultdict(_Traffic))
    sides: dict[tuple[str, str], set[bool]] = field(default_factory=lambda: defaultdict(set))
    """(node, side) -> does anything come in there, does anything go out."""


def find_ways(plan: Plan, cells: Mapping[str, Cell]) -> dict[str, list[Place]]:
    """Arrow -> the places where it turns, from its source to its target."""
    ways = _Ways({_place(cell) for cell in cells.values()}, plan.borders)
    # Short ones first: they have the best claim to be straight.
    for arrow in sorted(plan.arrows, key=lambda one: _length(cells, one)):
        choices = list(_choices(cells, arrow))
        path = next((one for one in choices if _is_free(ways, arrow, one)), choices[-1])
        _take(ways, arrow, path)
    return ways.paths


def _place(cell: Cell) -> Place:
    row, column = cell
    return 2 * column + 1, 2 * row + 1


def _length(cells: Mapping[str, Cell], arrow: Arrow) -> tuple[int, int]:
    (row, column), (to_row, to_column) = cells[arrow.source], cells[arrow.target]
    return abs(to_column - column) + (1000 if to_column <= column else 0), abs(to_row - row)


def _choices(cells: Mapping[str, Cell], arrow: Arrow) -> Iterator[list[Place]]:
    """Ways in the order in which they please; the last one always works."""
    (x, y), (to_x, to_y) = _place(cells[arrow.source]), _place(cells[arrow.target])
    down = 1 if to_y > y else -1
    if arrow.border is not None:
        if to_y > y and to_x > x:
            yield [(x, y), (x, to_y), (to_x, to_y)]
        yield [(x, y), (x, y + 1), (to_x - 1, y + 1), (to_x - 1, to_y), (to_x, to_y)]
        return
    if arrow.source == arrow.target:
        yield [(x, y), (x + 1, y), (x + 1, y - 1), (x, y - 1), (x, y)]
        return
    if to_x > x:
        if to_y == y:
            yield [(x, y), (to_x, y)]
            for side in (1, -1):
                yield [(x, y), (x, y + side), (to_x, y + side), (to_x, y)]
            yield [(x, y), (x + 1, y), (x + 1, y - 1), (to_x - 1, y - 1), (to_x - 1, y), (to_x, y)]
            return
        yield [(x, y), (x, to_y), (to_x, to_y)]
        yield [(x, y), (to_x, y), (to_x, to_y)]
        yield [(x, y), (x + 1, y), (x + 1, to_y), (to_x, to_y)]
        yield [(x, y), (to_x - 1, y), (to_x - 1, to_y), (to_x, to_y)]
        for level in (y + down, to_y - down):
            yield [(x, y), (x + 1, y), (x + 1, level), (to_x - 1, level), (to_x - 1, to_y), (to_x, to_y)]
        return
    if to_x == x:
        yield [(x, y), (x, to_y)]
    if to_y == y:
        for side in (-1, 1):
            yield [(x, y), (x, y + side), (to_x, y + side), (to_x, y)]
    elif abs(to_y - y) == 2:
        yield [(x, y), (x, y + down), (to_x, y + down), (to_x, to_y)]
    else:
        yield [(x, y), (x, y + down), (to_x - 1, y + down), (to_x - 1, to_y), (to_x, to_y)]
        yield [(x, y), (x, y + down), (to_x + 1, y + down), (to_x + 1, to_y), (to_x, to_y)]
    level = y + (down if to_y != y else -1)
    yield [(x, y), (x + 1, y), (x + 1, level), (to_x - 1, level), (to_x - 1, to_y), (to_x, to_y)]


def _is_free(ways: _Ways, arrow: Arrow, path: list[Place]) -> bool:
    for place, direction in _crossed(path):
        if place in ways.nodes or not ways.passed[place, direction].lets(arrow):
            return False
    for node, where, comes_in in _ends(arrow, path):
        # What comes in and what goes out must not lie on one line.
        if not ways.sides[node, where] <= {comes_in} or (where == "bottom" and node in ways.borders):
            return False
    return True


def _take(ways: _Ways, arrow: Arrow, path: list[Place]) -> None:
    ways.paths[arrow.id] = path
    for place, direction in _crossed(path):
        ways.passed[place, direction].sources.add((arrow.source, arrow.border))
        ways.passed[place, direction].targets.add(arrow.target)
    for node, where, comes_in in _ends(arrow, path):
        ways.sides[node, where].add(comes_in)


def _crossed(path: list[Place]) -> Iterator[tuple[Place, str]]:
    """What a path passes through in columns and rows, its ends left out, with the direction."""
    ends = {path[0], path[-1]}
    for (x, y), (to_x, to_y) in pairwise(path):
        if y == to_y and y % 2:
            for along in range(min(x, to_x), max(x, to_x) + 1):
                if (along, y) not in ends:
                    yield (along, y), "across"
        if x == to_x and x % 2:
            for level in range(min(y, to_y), max(y, to_y) + 1):
                if (x, level) not in ends:
                    yield (x, level), "down"


def _ends(arrow: Arrow, path: list[Place]) -> Iterator[tuple[str, str, bool]]:
    yield arrow.border or arrow.source, side(path[0], path[1]), False
    yield arrow.target, side(path[-1], path[-2]), True


def side(here: Place, towards: Place) -> str:
    """On which side of a node a line begins that leads towards a place."""
    if here[0] != towards[0]:
        return "right" if towards[0] > here[0] else "left"
    return "bottom" if towards[1] > here[1] else "top"
