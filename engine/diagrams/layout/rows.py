"""Gives each step a row: behind what leads to it if there is room, else the next free row of its lane."""

from __future__ import annotations

from collections.abc import Mapping

from engine.diagrams.layout.plan import Order, Plan

Row = tuple[int, int]
"""(lane, row in the lane)"""
Cell = tuple[int, int]
"""(row, column)"""


def cells(plan: Plan, order: Order) -> tuple[dict[str, Cell], list[int]]:
    """Node -> its cell; and the lane of each row. Every lane has at least one row."""
    rows = _rows(plan, order)
    used = sorted({*rows.values(), *((lane, 0) for lane in range(plan.lanes))})
    numbers = {row: number for number, row in enumerate(used)}
    return {id: (numbers[row], order.columns[id]) for id, row in rows.items()}, [lane for lane, _ in used]


class _Taken:
    """The cells that are taken."""

    def __init__(self) -> None:
        self._cells: set[tuple[Row, int]] = set()
        self._looked: dict[tuple[Row, int, int], int] = {}

    def take(self, row: Row, column: int) -> None:
        self._cells.add((row, column))

    def has(self, row: Row, column: int) -> bool:
        return (row, column) in self._cells

    def free(self, row: Row, column: int, step: int) -> Row:
        """The first free row from there on, downwards or (-1) upwards."""
        # Cells are never given back: a later search for the same goes on where this one ended.
        lane, number = row[0], self._looked.get((row, column, step), row[1])
        while ((lane, number), column) in self._cells:
            number += step
        self._looked[row, column, step] = number
        return lane, number


def _rows(plan: Plan, order: Order) -> dict[str, Row]:
    before: dict[str, list[str]] = {}
    for id in order.sequence:
        for target in order.forward.get(id, ()):
            before.setdefault(target, []).append(id)
    taken = _Taken()
    rows: dict[str, Row] = {}
    for id in order.sequence:
        node, column = plan.nodes[id], order.columns[id]
        if node.beside is not None:
            # Data and annotations stand over their step.
            lane, number = rows.get(node.beside, (node.lane, 0))
            rows[id] = taken.free((lane, number - 1), column, -1)
        else:
            rows[id] = _row(plan, order, rows, taken, id, before.get(id, []))
        taken.take(rows[id], column)
        # Keep the way to what comes straight behind free, however far that is.
        follower = order.main.get(id)
        if follower is not None and plan.nodes[follower].lane == node.lane:
            for between in range(column + 1, order.columns[follower]):
                taken.take(rows[id], between)
    return rows


def _row(plan: Plan, order: Order, rows: Mapping[str, Row], taken: _Taken, id: str, before: list[str]) -> Row:
    lane, column = plan.nodes[id].lane, order.columns[id]
    straight = sorted(rows[one] for one in before if order.main.get(one) == id and rows[one][0] == lane)
    for row in straight:
        if not taken.has(row, column):
            return row
    beginnings = [rows[one][1] for one in before if rows[one][0] == lane]
    number = min(beginnings, default=0)
    return taken.free((lane, number + 1 if beginnings and not straight else number), column, 1)
