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


def _rows(plan: Plan, order: Order) -> dict[str, Row]:
    before: dict[str, list[str]] = {}
    for id in order.sequence:
        for target in order.forward.get(id, ()):
            before.setdefault(target, []).append(id)
    taken: set[tuple[Row, int]] = set()
    rows: dict[str, Row] = {}
    for id in order.sequence:
        node, column = plan.nodes[id], order.columns[id]
        if node.beside is not None:
            rows[id] = _above(plan, rows, taken, id, column)
        else:
            rows[id] = _row(plan, order, rows, taken, id, before.get(id, []))
        taken.add((rows[id], column))
        # Keep the way to what comes straight behind free, however far that is.
        follower = order.main.get(id)
        if follower is not None and plan.nodes[follower].lane == node.lane:
            taken |= {(rows[id], between) for between in range(column + 1, order.columns[follower])}
    return rows


def _row(
    plan: Plan,
    order: Order,
    rows: Mapping[str, Row],
    taken: set[tuple[Row, int]],
    id: str,
    before: list[str],
) -> Row:
    lane, column = plan.nodes[id].lane, order.columns[id]
    straight = sorted(rows[one] for one in before if order.main.get(one) == id and rows[one][0] == lane)
    for row in straight:
        if (row, column) not in taken:
            return row
    beginnings = [rows[one][1] for one in before if rows[one][0] == lane]
    number = min(beginnings, default=0)
    if beginnings and not straight:
        number += 1
    while ((lane, number), column) in taken:
        number += 1
    return lane, number


def _above(plan: Plan, rows: Mapping[str, Row], taken: set[tuple[Row, int]], id: str, column: int) -> Row:
    """Data and annotations stand over their step."""
    lane, number = rows.get(plan.nodes[id].beside or "", (plan.nodes[id].lane, 0))
    number -= 1
    while ((lane, number), column) in taken:
        number -= 1
    return lane, number
