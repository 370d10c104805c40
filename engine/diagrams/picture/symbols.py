"""The small signs: in events, in gateways, in the corner of tasks, and below the names of activities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import cos, pi, sin

from engine.diagrams.picture.pen import PAPER, Pen, Spot, joined

Sign = Callable[[Pen, Spot, float, str, bool], None]
"""(pen, middle, size from the middle outwards, ink, filled)"""


def envelope(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
    x, y = middle
    wide, high = size, size * 0.68
    outline = joined([(x - wide, y - high), (x + wide, y - high), (x + wide, y + high), (x - wide, y + high)])
    flap = joined([(x - wide, y - high), (x, y + high * 0.15), (x + wide, y - high)], closed=False)
    pen.path(outline, stroke=ink, fill=ink if filled else PAPER, width=1)
    pen.path(flap, stroke=PAPER if filled else ink, width=1)


def _clock(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
    x, y = middle
    pen.circle(middle, size, stroke=ink, width=1.5)
    for hour in range(12):
        angle = hour * pi / 6
        ends = [(x + sin(angle) * size * far, y - cos(angle) * size * far) for far in (0.78, 0.96)]
        pen.path(joined(ends, closed=False), stroke=ink, width=0.8)
    hands = [(x + size * 0.14, y - size * 0.66), (x, y), (x + size * 0.5, y + size * 0.08)]
    pen.path(joined(hands, closed=False), stroke=ink, width=1.4)


def _polygon(*points: Spot) -> Sign:
    def sign(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
        x, y = middle
        outline = joined([(x + along * size, y + down * size) for along, down in points])
        pen.path(outline, stroke=ink, fill=ink if filled else PAPER, width=1.2)

    return sign


def _around(corners: int, radius: float = 1.0) -> list[Spot]:
    angles = [2 * pi * corner / corners for corner in range(corners)]
    return [(sin(angle) * radius, -cos(angle) * radius) for angle in angles]


_error = _polygon((-0.95, 0.85), (-0.3, -0.8), (0.35, 0.1), (0.95, -0.9), (0.35, 0.85), (-0.3, -0.05))
_escalation = _polygon((0, -1), (0.8, 0.95), (0, 0.2), (-0.8, 0.95))
_signal = _polygon((0, -0.95), (0.95, 0.7), (-0.95, 0.7))
_link = _polygon((-1, -0.45), (0.15, -0.45), (0.15, -0.9), (1, 0), (0.15, 0.9), (0.15, 0.45), (-1, 0.45))
pentagon = _polygon(*_around(5))
_cancel = _polygon(
    *((-0.95, -0.6), (-0.6, -0.95), (0, -0.35), (0.6, -0.95), (0.95, -0.6), (0.35, 0)),
    *((0.95, 0.6), (0.6, 0.95), (0, 0.35), (-0.6, 0.95), (-0.95, 0.6), (-0.35, 0)),
)


def plus(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
    t, s = 0.28, 1.0
    arms = [
        (-t, -s),
        (t, -s),
        (t, -t),
        (s, -t),
        (s, t),
        (t, t),
        (t, s),
        (-t, s),
        (-t, t),
        (-s, t),
        (-s, -t),
        (-t, -t),
    ]
    _polygon(*arms)(pen, middle, size, ink, filled)


def _back(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
    _polygon((-1, 0), (0, -0.75), (0, 0.75))(pen, middle, size, ink, filled)
    _polygon((0, 0), (1, -0.75), (1, 0.75))(pen, middle, size, ink, filled)


def _condition(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
    _polygon((-0.75, -0.95), (0.75, -0.95), (0.75, 0.95), (-0.75, 0.95))(pen, middle, size, ink, False)
    x, y = middle
    for down in (-0.55, -0.18, 0.18, 0.55):
        line = [(x - size * 0.5, y + down * size), (x + size * 0.5, y + down * size)]
        pen.path(joined(line, closed=False), stroke=ink, width=1)


def _disc(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
    pen.circle(middle, size * 1.15, stroke=ink, fill=ink)


EVENTS: Mapping[str, Sign] = {
    "message": envelope,
    "timer": _clock,
    "error": _error,
    "escalation": _escalation,
    "signal": _signal,
    "link": _link,
    "cancel": _cancel,
    "compensate": _back,
    "conditional": _condition,
    "terminate": _disc,
    "multiple": pentagon,
    "parallel": plus,
}
"""By the kind of the event's definition; `parallel` is for several of which all must happen."""


def cross(pen: Pen, middle: Spot, size: float, ink: str) -> None:
    x, y = middle
    for side in (-1, 1):
        line = [(x - side * size * 0.72, y - size), (x + side * size * 0.72, y + size)]
        pen.path(joined(line, closed=False), stroke=ink, width=3.5)


def star(pen: Pen, middle: Spot, size: float, ink: str) -> None:
    x, y = middle
    for along, down in _around(8)[:4]:
        line = [(x - along * size, y - down * size), (x + along * size, y + down * size)]
        pen.path(joined(line, closed=False), stroke=ink, width=3)


# --- In the corner of tasks ---------------------------------------------------------------------------


def _person(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
    x, y = middle
    shoulders = f"M{x - 8:g} {y + 9:g}v-3.5q0 -4.5 5 -5.5h6q5 1 5 5.5v3.5z"
    pen.path(shoulders, stroke=ink, fill=PAPER, width=1)
    pen.circle((x, y - 4), 4.4, stroke=ink, width=1)
    pen.path(
        f"M{x - 4.4:g} {y - 4.2:g}a4.4 4.4 0 0 1 8.8 0q-4.4 -2.6 -8.8 0z", stroke=ink, fill=ink, width=0.6
    )


def _hand(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
    x, y = middle
    fingers = "".join(f"m0 0h{long:g}a1.9 1.9 0 0 1 0 3.8h-{long:g}" for long in (8.5, 9, 8, 6.5))
    pen.path(f"M{x - 1.5:g} {y - 7.6:g}{fingers}", stroke=ink, fill=PAPER, width=1)
    palm = f"M{x - 1.5:g} {y - 7.6:g}h4.5q2 -1 .6 -2.6h-6.6q-2.6 0 -4.6 3l-1.6 3v9q.6 2.8 3.6 2.8h4.1"
    pen.path(palm, stroke=ink, fill=PAPER, width=1)


def _gear(pen: Pen, middle: Spot, radius: float, ink: str) -> None:
    x, y = middle
    points = []
    for tooth in range(8):
        for turn, far in ((-0.3, 0.74), (-0.2, 1.0), (0.2, 1.0), (0.3, 0.74)):
            angle = (tooth + turn) * pi / 4
            points.append((x + sin(angle) * radius * far, y - cos(angle) * radius * far))
    pen.path(joined(points), stroke=ink, fill=PAPER, width=1)
    pen.circle(middle, radius * 0.34, stroke=ink, width=1)


def _gears(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
    _gear(pen, (middle[0] - 2, middle[1] - 2), 7.5, ink)
    _gear(pen, (middle[0] + 3, middle[1] + 3), 7.5, ink)


def _table(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
    x, y = middle
    pen.path(f"M{x - 10:g} {y - 7:g}h20v14h-20z", stroke=ink, fill=PAPER, width=1.2)
    pen.path(f"M{x - 10:g} {y - 7:g}h20v4.5h-20z", stroke=ink, fill=ink, width=1.2)
    pen.path(f"M{x - 10:g} {y + 2.2:g}h20M{x - 4:g} {y - 2.5:g}v9.5", stroke=ink, width=1.2)


def _scroll(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
    x, y = middle
    pen.path(
        f"M{x - 3:g} {y - 8:g}h10q-7 5 -3 8t-2 8h-10q6 -4 2.5 -8t2.5 -8z", stroke=ink, fill=PAPER, width=1
    )
    for down, along in ((-5, -2.5), (-1.7, -2), (1.6, -0.8), (4.8, -2.6)):
        pen.path(f"M{x + along:g} {y + down:g}h5", stroke=ink, width=1)


def _letter(pen: Pen, middle: Spot, size: float, ink: str, filled: bool) -> None:
    envelope(pen, middle, 10, ink, filled)


TASKS: Mapping[str, tuple[Sign, bool]] = {
    "userTask": (_person, False),
    "manualTask": (_hand, False),
    "serviceTask": (_gears, False),
    "businessRuleTask": (_table, False),
    "scriptTask": (_scroll, False),
    "sendTask": (_letter, True),
    "receiveTask": (_letter, False),
}


# --- Below the names of activities --------------------------------------------------------------------


def _loop(pen: Pen, middle: Spot, ink: str) -> None:
    x, y = middle
    pen.path(f"M{x + 2.2:g} {y + 5.6:g}a6 6 0 1 0 -4.4 0", stroke=ink, width=1.5)
    pen.path(f"M{x - 6.4:g} {y + 5.9:g}h4.4v-4.4", stroke=ink, width=1.5)


def _upright(pen: Pen, middle: Spot, ink: str) -> None:
    for along in (-4.5, 0, 4.5):
        pen.path(f"M{middle[0] + along:g} {middle[1] - 6:g}v12", stroke=ink, width=2.6)


def _level(pen: Pen, middle: Spot, ink: str) -> None:
    for down in (-4.5, 0, 4.5):
        pen.path(f"M{middle[0] - 6:g} {middle[1] + down:g}h12", stroke=ink, width=2.6)


def _tilde(pen: Pen, middle: Spot, ink: str) -> None:
    pen.path(f"M{middle[0] - 7:g} {middle[1] + 2:g}q3.5 -7 7 -2t7 -2", stroke=ink, width=2.4)


def _undo(pen: Pen, middle: Spot, ink: str) -> None:
    _back(pen, middle, 7, ink, False)


def _more(pen: Pen, middle: Spot, ink: str) -> None:
    x, y = middle
    pen.path(f"M{x - 7:g} {y - 7:g}h14v14h-14z", stroke=ink, fill=PAPER, width=1.2)
    pen.path(f"M{x - 4.5:g} {y:g}h9M{x:g} {y - 4.5:g}v9", stroke=ink, width=1.2)


MARKERS: Mapping[str, Callable[[Pen, Spot, str], None]] = {
    "loop": _loop,
    "parallel": _upright,
    "sequential": _level,
    "compensation": _undo,
    "collapsed": _more,
    "ad_hoc": _tilde,
}
