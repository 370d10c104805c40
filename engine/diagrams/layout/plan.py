"""What is to be placed in one scope (a process or a sub-process), and the column of each step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Key = TypeVar("Key")
Point = tuple[int, int]


@dataclass(frozen=True)
class Box:
    """A rectangle on the sheet."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def middle(self) -> Point:
        return self.x + self.width // 2, self.y + self.height // 2

    def moved(self, x: int, y: int) -> Box:
        return Box(self.x + x, self.y + y, self.width, self.height)

    def meets(self, other: Box) -> bool:
        """Do they share more than a border?"""
        across = self.x < other.right and other.x < self.right
        return across and self.y < other.bottom and other.y < self.bottom


@dataclass(frozen=True)
class Node:
    """A step, event, gateway, data object or annotation."""

    id: str
    width: int
    height: int
    lane: int = 0
    """Number of its lane, from the top."""
    first: bool = False
    """Does the process begin here?"""
    beside: str | None = None
    """Of data and annotations: the step that they belong to."""


@dataclass(frozen=True)
class Arrow:
    """Leads from one node of the scope to another; `border` is the boundary event it leaves from."""

    id: str
    source: str
    target: str
    border: str | None = None
    name: int = 0
    """How wide its name is."""

    def leaves_with(self, other: Arrow) -> bool:
        return (self.source, self.border) == (other.source, other.border)

    def joins(self, other: Arrow) -> bool:
        """May the two lie on one another for a while?"""
        return self.target == other.target or self.leaves_with(other)


@dataclass
class Plan:
    """One scope before it is placed."""

    nodes: dict[str, Node] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    borders: dict[str, list[str]] = field(default_factory=dict)
    """Host -> its boundary events, from the left."""
    lanes: int = 1
    title: int = 0
    """Room kept free at the top, for the name of a sub-process."""


@dataclass
class Placed:
    """One scope on a sheet of its own, beginning at (0, 0)."""

    width: int = 0
    height: int = 0
    boxes: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, list[Point]] = field(default_factory=dict)
    bands: list[tuple[int, int]] = field(default_factory=list)
    """Top and bottom of each lane."""


@dataclass(frozen=True)
class Order:
    """The steps by columns, and which of a step's arrows goes on in its row."""

    columns: Mapping[str, int]
    forward: Mapping[str, Sequence[str]]
    """Node -> where arrows lead that close no loop, in the order drawn."""
    main: Mapping[str, str]
    """Node -> the one of these that comes straight behind it."""
    sequence: Sequence[str]
    """All nodes, by columns, those that come straight behind another one first."""


def order(plan: Plan) -> Order:
    """Longest ways decide: a column is behind all columns that lead to it."""
    steps = [node for node in plan.nodes.values() if node.beside is None]
    drawn: dict[str, dict[str, None]] = {node.id: {} for node in steps}
    for arrow in plan.arrows:
        if arrow.source != arrow.target:
            drawn[arrow.source][arrow.target] = None
    leads = {id: list(targets) for id, targets in drawn.items()}
    entered = {target for targets in leads.values() for target in targets}
    roots = [node.id for node in steps if node.first]
    roots += [node.id for node in steps if node.id not in entered and not node.first]
    forward, finished = _without_loops(leads, [*roots, *leads])
    columns = dict.fromkeys(reversed(finished), 0)
    for id in columns:
        for target in forward[id]:
            columns[target] = max(columns[target], columns[id] + 1)
    ahead: dict[str, int] = {}
    main: dict[str, str] = {}
    bordered = {arrow.target for arrow in plan.arrows if arrow.border is not None}
    for id in finished:
        ahead[id] = 1 + max((ahead[target] for target in forward[id]), default=0)
        choice = [target for target in forward[id] if not (target in bordered and plan.borders.get(id))]
        if choice:
            here = plan.nodes[id].lane
            main[id] = max(choice, key=lambda one: (plan.nodes[one].lane == here, ahead[one]))
    for node in plan.nodes.values():
        if node.beside is not None:
            columns[node.id] = columns.get(node.beside, 0)
    straight = set(main.values())
    numbers = {id: number for number, id in enumerate(reversed(finished))}
    sequence = sorted(
        columns,
        key=lambda id: (id not in numbers, columns[id], id not in straight, numbers.get(id, 0)),
    )
    return Order(columns, forward, main, sequence)


def _without_loops(
    leads: Mapping[Key, Sequence[Key]], roots: Iterable[Key]
) -> tuple[dict[Key, list[Key]], list[Key]]:
    """Arrows without those that lead back to where a walk came from; nodes with the last ones first."""
    forward: dict[Key, list[Key]] = {id: [] for id in leads}
    under_way: set[Key] = set()
    finished: dict[Key, None] = {}
    for root in roots:
        if root in finished:
            continue
        under_way.add(root)
        walk = [(root, iter(leads[root]))]
        while walk:
            here, targets = walk[-1]
            target = next(targets, None)
            if target is None:
                walk.pop()
                under_way.discard(here)
                finished[here] = None
            elif target not in under_way:
                forward[here].append(target)
                if target not in finished:
                    under_way.add(target)
                    walk.append((target, iter(leads[target])))
    return forward, list(finished)


def straight(source: Box, target: Box) -> list[Point]:
    """A line between two boxes, from border to border."""
    return [_edge(source, target.middle), _edge(target, source.middle)]


def _edge(box: Box, towards: Point) -> Point:
    x, y = box.middle
    across, down = towards[0] - x, towards[1] - y
    if not across and not down:
        return x, y
    scale = min(
        box.width / 2 / abs(across) if across else float("inf"),
        box.height / 2 / abs(down) if down else float("inf"),
    )
    return round(x + across * scale), round(y + down * scale)
