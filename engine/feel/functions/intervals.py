"""FEEL's functions of ranges: how a point or a range lies to another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.feel.callee import Builtin, builtin
from engine.feel.compare import order
from engine.feel.frame import Frame
from engine.feel.limits import Place
from engine.feel.ranges import Range


@dataclass(frozen=True, slots=True)
class _Bound:
    """An end of a range; where it is not included, `nudge` is 1 (just above the value) or -1 (below it)."""

    value: object
    nudge: int = 0
    infinite: int = 0

    def compared(self, other: _Bound, place: Place) -> int | None:
        if self.infinite or other.infinite:
            return (self.infinite > other.infinite) - (self.infinite < other.infinite)
        difference = order(self.value, other.value, place)
        return (self.nudge > other.nudge) - (self.nudge < other.nudge) if difference == 0 else difference


def _bounds(value: object) -> tuple[_Bound, _Bound]:
    """The two ends; a point is a range of itself."""
    if not isinstance(value, Range):
        return _Bound(value), _Bound(value)
    low = _Bound(value.low, 0 if value.low_included else 1)
    high = _Bound(value.high, 0 if value.high_included else -1)
    return (
        _Bound(None, infinite=-1) if value.side in ("<", "<=") else low,
        _Bound(None, infinite=1) if value.side in (">", ">=") else high,
    )


Test = Callable[[int, int, int, int], bool]
"""What a relation asks of four comparisons: start to start, end to end, end to start, start to end."""


def _relation(test: Test, *, ranges: int = 0, turned: bool = False) -> Callable[..., object]:
    """`ranges` says which arguments must be ranges (1 the first, 2 the second, 3 both); `turned` swaps."""

    def call(frame: Frame, place: Place, one: object, other: object) -> object:
        if (ranges & 1 and not isinstance(one, Range)) or (ranges & 2 and not isinstance(other, Range)):
            return None
        (start1, end1), (start2, end2) = map(_bounds, (other, one) if turned else (one, other))
        found = (
            start1.compared(start2, place), end1.compared(end2, place),
            end1.compared(start2, place), start1.compared(end2, place),
        )  # fmt: skip
        starts, ends, end_start, start_end = found
        if starts is None or ends is None or end_start is None or start_end is None:
            return None
        return test(starts, ends, end_start, start_end)

    return call


def _before(starts: int, ends: int, end_start: int, start_end: int) -> bool:
    return end_start < 0


def _meets(starts: int, ends: int, end_start: int, start_end: int) -> bool:
    return end_start == 0


def _overlaps(starts: int, ends: int, end_start: int, start_end: int) -> bool:
    return end_start >= 0 and start_end <= 0


def _overlaps_before(starts: int, ends: int, end_start: int, start_end: int) -> bool:
    return starts < 0 and end_start >= 0 and ends <= 0


def _finishes(starts: int, ends: int, end_start: int, start_end: int) -> bool:
    return ends == 0 and starts >= 0


def _includes(starts: int, ends: int, end_start: int, start_end: int) -> bool:
    return starts <= 0 and ends >= 0


def _starts(starts: int, ends: int, end_start: int, start_end: int) -> bool:
    return starts == 0 and ends <= 0


def _coincides(starts: int, ends: int, end_start: int, start_end: int) -> bool:
    return starts == 0 and ends == 0


INTERVALS: Final[tuple[Builtin, ...]] = (
    builtin(
        "before", "point1, point2 | point, range | range, point | range1, range2", _relation(_before)
    ),
    builtin(
        "after", "point1, point2 | point, range | range, point | range1, range2",
        _relation(_before, turned=True),
    ),
    builtin("meets", "range1, range2", _relation(_meets, ranges=3)),
    builtin("met by", "range1, range2", _relation(_meets, ranges=3, turned=True)),
    builtin("overlaps", "range1, range2", _relation(_overlaps, ranges=3)),
    builtin("overlaps before", "range1, range2", _relation(_overlaps_before, ranges=3)),
    builtin("overlaps after", "range1, range2", _relation(_overlaps_before, ranges=3, turned=True)),
    builtin("finishes", "point, range | range1, range2", _relation(_finishes, ranges=2)),
    builtin("finished by", "range, point | range1, range2", _relation(_finishes, ranges=1, turned=True)),
    builtin("includes", "range, point | range1, range2", _relation(_includes, ranges=1)),
    builtin("during", "point, range | range1, range2", _relation(_includes, ranges=2, turned=True)),
    builtin("starts", "point, range | range1, range2", _relation(_starts, ranges=2)),
    builtin("started by", "range, point | range1, range2", _relation(_starts, ranges=1, turned=True)),
    builtin("coincides", "point1, point2 | range1, range2", _relation(_coincides)),
)  # fmt: skip
