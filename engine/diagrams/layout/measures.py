"""From the grid to the sheet: how wide columns and channels are, and on which track each line runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from types import MappingProxyType

from engine.diagrams.layout.plan import Arrow, Box, Placed, Plan, Point, order, straight
from engine.diagrams.layout.rows import Cell, cells
from engine.diagrams.layout.ways import Place, find_ways, side

GAP = 50
"""Between two columns; more where many lines run."""
ROW_GAP = 44
MARGIN = 36
TRACK = 12
EVENT = 36
LANE_END = 24
"""Between the last row of a lane and its border."""

MOST = 400_000
"""Arrows by rows, beyond which arrows are not led round steps."""

NOTHING: Mapping[int, int] = MappingProxyType({})


def place(plan: Plan) -> Placed:
    """Everything of a scope at its place."""
    if not plan.nodes:
        return Placed(2 * MARGIN, 80, bands=[(80 * lane, 80 * lane + 80) for lane in range(plan.lanes)])
    sequence = order(plan)
    at, lanes = cells(plan, sequence)
    # So many arrows could not be told apart anyway: they are drawn as straight lines.
    plain = len(plan.arrows) * (len(lanes) + 20) > MOST
    paths = {} if plain else find_ways(plan, at)
    arrows = {arrow.id: arrow for arrow in plan.arrows}
    along, down = _tracks(paths, arrows)
    columns = 1 + max(column for _, column in at.values())
    widths, heights = [0] * columns, [80] * len(lanes)
    for id, (row, column) in at.items():
        widths[column] = max(widths[column], plan.nodes[id].width)
        heights[row] = max(heights[row], plan.nodes[id].height)
    across = _Axis.of(widths, along.counts, _gaps(plan, at, columns))
    rows = [MARGIN, *[ROW_GAP] * (len(lanes) - 1), MARGIN]
    kept = Counter({0: plan.title})
    kept.update({lanes.index(lane): LANE_END for lane in range(1, plan.lanes)})
    kept.update({row + 1: EVENT // 2 for row in {at[host][0] for host in plan.borders}})
    downwards = _Axis.of(heights, down.counts, rows, kept)
    placed = Placed(across.end, downwards.end)
    for id, (row, column) in at.items():
        node = plan.nodes[id]
        x, y = across.middle(column), downwards.middle(row)
        placed.boxes[id] = Box(x - node.width // 2, y - node.height // 2, node.width, node.height)
    for host, borders in plan.borders.items():
        _on_border(placed, host, borders)
    for id, path in paths.items():
        points = _points(placed, arrows[id], path, _Lines(across, downwards, along, down, id))
        placed.lines[id] = points
    for arrow in plan.arrows if plain else ():
        placed.lines[arrow.id] = straight(
            placed.boxes[arrow.border or arrow.source], placed.boxes[arrow.target]
        )
    placed.bands = _bands(lanes, plan.lanes, downwards)
    return placed


def _gaps(plan: Plan, at: Mapping[str, Cell], columns: int) -> list[int]:
    """Channels between columns have room for the names of the arrows that begin or end there."""
    gaps = [MARGIN, *[GAP] * (columns - 1), MARGIN]
    for arrow in plan.arrows:
        begin, end = at[arrow.source][1] + 1, at[arrow.target][1]
        for number in (begin, end) if begin <= end else ():
            gaps[number] = max(gaps[number], arrow.name + 44 if arrow.name else 0)
    return gaps


@dataclass
class _Tracks:
    """The tracks of all channels along one axis."""

    of: dict[tuple[str, int], int] = field(default_factory=dict)
    """(arrow, index of the segment) -> track."""
    counts: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Channel -> how many tracks it has."""


def _tracks(paths: Mapping[str, list[Place]], arrows: Mapping[str, Arrow]) -> tuple[_Tracks, _Tracks]:
    """Lines in one channel that would touch get tracks of their own, unless they may join."""
    along, down = _Tracks(), _Tracks()
    taken: dict[tuple[str, int], list[list[tuple[int, int, Arrow]]]] = defaultdict(list)
    found: list[tuple[int, str, int, str, int, int, int]] = []
    for id, path in paths.items():
        for number, ((x, y), (to_x, to_y)) in enumerate(pairwise(path)):
            if x == to_x and not x % 2:
                found.append((abs(y - to_y), id, number, "along", x, min(y, to_y), max(y, to_y)))
            elif y == to_y and not y % 2:
                found.append((abs(x - to_x), id, number, "down", y, min(x, to_x), max(x, to_x)))
    same: dict[tuple[str, int, int, int, str, str | None, str], int] = {}
    for _, id, number, axis, channel, begin, end in sorted(found):
        tracks, arrow = taken[axis, channel], arrows[id]
        key = (axis, channel, begin, end, arrow.source, arrow.border, arrow.target)
        track = same.get(key)
        if track is None:
            line = (begin, end, arrow)
            track = next((n for n, lines in enumerate(tracks) if _has_room(lines, *line)), len(tracks))
            tracks[track:] = tracks[track:] or [[]]
            tracks[track].append(line)
            same[key] = track
        kept = along if axis == "along" else down
        kept.of[id, number] = track
        kept.counts[channel] = len(tracks)
    return along, down


def _has_room(lines: Iterable[tuple[int, int, Arrow]], begin: int, end: int, arrow: Arrow) -> bool:
    return all(end < start or stop < begin or arrow.joins(other) for start, stop, other in lines)


@dataclass(frozen=True)
class _Axis:
    """Where columns (or rows) and the channels before them begin."""

    sizes: Sequence[int]
    gaps: Sequence[int]
    kept: Mapping[int, int]
    """Channel's number -> room at its beginning that lines leave free."""
    starts: Sequence[int]
    """Of column c at index c; the end of all at the last index."""

    @classmethod
    def of(
        cls,
        sizes: Sequence[int],
        tracks: Mapping[int, int],
        gaps: Sequence[int],
        kept: Mapping[int, int] = NOTHING,
    ) -> _Axis:
        """`gaps` are the least widths of the channels; many lines make them wider."""
        last = len(sizes)
        wide = [
            kept.get(number, 0)
            + max(gap, TRACK * (tracks.get(2 * number, 0) + (1 if number in (0, last) else 3)))
            for number, gap in enumerate(gaps)
        ]
        starts = list(accumulate([wide[0], *(a + b for a, b in zip(sizes, wide[1:], strict=True))]))
        return cls(sizes, wide, kept, starts)

    @property
    def end(self) -> int:
        return self.starts[-1]

    def middle(self, number: int) -> int:
        return self.starts[number] + self.sizes[number] // 2

    def begin(self, number: int) -> int:
        """Where the channel before that column begins."""
        return self.starts[number] - self.gaps[number]

    def border(self, number: int) -> int:
        """Where a lane ends in the channel before that row: before all lines."""
        return self.begin(number) + self.kept.get(number, 0) - 4

    def track(self, place: int, track: int, count: int) -> int:
        """Spread over the channel, but not far from its beginning: names stand at the end of arrows."""
        number = place // 2
        kept = self.kept.get(number, 0)
        step = min((self.gaps[number] - kept) // (count + 1), 2 * TRACK)
        return self.begin(number) + kept + step * (track + 1)


@dataclass(frozen=True)
class _Lines:
    """Turns the places of one arrow's way into points."""

    across: _Axis
    downwards: _Axis
    along: _Tracks
    down: _Tracks
    arrow: str

    def x(self, place: int, segment: int) -> int:
        if place % 2:
            return self.across.middle(place // 2)
        track = self.along.of.get((self.arrow, segment), 0)
        return self.across.track(place, track, self.along.counts.get(place, 1))

    def y(self, place: int, segment: int) -> int:
        if place % 2:
            return self.downwards.middle(place // 2)
        track = self.down.of.get((self.arrow, segment), 0)
        return self.downwards.track(place, track, self.down.counts.get(place, 1))


def _points(placed: Placed, arrow: Arrow, path: list[Place], lines: _Lines) -> list[Point]:
    points: list[Point] = []
    last = len(path) - 1
    for number, (x, y) in enumerate(path):
        # A turn lies on two segments: the upright one says how far along, the level one how far down.
        upright = next((s for s in (number - 1, number) if 0 <= s < last and path[s][0] == path[s + 1][0]), 0)
        level = next((s for s in (number - 1, number) if 0 <= s < last and path[s][1] == path[s + 1][1]), 0)
        points.append((lines.x(x, upright), lines.y(y, level)))
    source = placed.boxes[arrow.border or arrow.source]
    if arrow.border is not None:
        begin = source.middle[0]
        points = [
            (begin, y) if path[number][0] == path[0][0] and number < 2 else (x, y)
            for number, (x, y) in enumerate(points)
        ]
    points[0] = _border(source, side(path[0], path[1]))
    points[-1] = _border(placed.boxes[arrow.target], side(path[-1], path[-2]))
    return points


def _border(box: Box, where: str) -> Point:
    x, y = box.middle
    return {"left": (box.x, y), "right": (box.right, y), "top": (x, box.y), "bottom": (x, box.bottom)}[where]


def _on_border(placed: Placed, host: str, borders: Iterable[str]) -> None:
    """Boundary events stand on the lower border, from the right."""
    box = placed.boxes[host]
    for number, id in enumerate(reversed(list(borders))):
        x = box.right - 12 - EVENT - number * (EVENT + 12)
        placed.boxes[id] = Box(x, box.bottom - EVENT // 2, EVENT, EVENT)


def _bands(lanes: Sequence[int], count: int, downwards: _Axis) -> list[tuple[int, int]]:
    """Borders run at the beginning of the channel above a lane's first row."""
    tops = [downwards.border(lanes.index(lane)) if lane else 0 for lane in range(count)]
    return list(zip(tops, [*tops[1:], downwards.end], strict=True))
