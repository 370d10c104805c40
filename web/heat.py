"""Where work waits: each step of a process with its open tasks and how long they take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Float,
    and_,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from engine.columns import Instant
from engine.db import Transaction
from engine.tables import Task
from web.door import door
from web.names import Names
from web.text import duration


@dataclass(frozen=True)
class Heat:
    """A process with its open tasks and waiting times as marks for its diagram."""

    version_id: int
    name: str
    marks: Mapping[str, Mapping[str, str]]
    open: int


def processes(tx: Transaction, versions: Iterable[Names], start: datetime, language: str) -> list[Heat]:
    """For each process, per step: how many tasks are open, and how long they wait, since `start`."""
    counted = select(Task.process, Task.element, func.count().label("open")).where(Task.state == "open")
    rows = tx.session.execute(counted.group_by(Task.process, Task.element))
    open_now = {(row.process, row.element): row.open for row in rows}
    waits = _median_waits(tx, start)
    longest = max(waits.values(), default=0.0)
    found = []
    for called in versions:
        process, marks = called.model.process, {}
        for element in called.model.elements.values():
            key = (process, element.id)
            if key in open_now or key in waits:
                wait = waits.get(key)
                badge = [str(open_now.get(key, 0)), duration(wait, language) if wait is not None else ""]
                marks[element.id] = {
                    "class": f"heat-{_degree(wait or 0.0, longest)}",
                    "badge": " · ".join(part for part in badge if part),
                }
        total = sum(count for (of, _element), count in open_now.items() if of == process)
        found.append(Heat(called.model.version_id, called.process, marks, total))
    return sorted(found, key=lambda one: -one.open)


def _degree(wait: float, longest: float) -> int:
    """0 (quick) to 4 (nearly the longest wait of all steps)."""
    share = wait / longest if longest else 0.0
    return sum(share >= limit for limit in (0.1, 0.25, 0.5, 0.75))


def _median_waits(tx: Transaction, start: datetime) -> dict[tuple[str, str], float]:
    """Seconds from a task's creation to its end, nearest rank, computed by the database.

    Of the tasks completed in the period, and of the open ones as far as they have come.
    """
    ended = func.coalesce(Task.closed_at, literal(tx.now, Instant))
    if door().engine.database.dialect == "sqlite":
        begin, end = (type_coerce(column, BigInteger) for column in (Task.created_at, ended))
        wait: Any = (end - begin) / 1_000_000  # Instants are microseconds there.
    else:
        since, until = (type_coerce(column, DateTime(timezone=True)) for column in (Task.created_at, ended))
        wait = cast(extract("epoch", until - since), Float)
    group = (Task.process, Task.element)
    ranked = (
        select(
            *group,
            wait.label("wait"),
            func.row_number().over(partition_by=group, order_by=wait).label("rank"),
            func.count().over(partition_by=group).label("of"),
        )
        .where(
            or_(Task.state == "open", and_(Task.state == "completed", Task.closed_at >= start)),
            Task.created_at <= tx.now,
        )
        .subquery()
    )
    middle = (ranked.c.of + 1) // 2
    rows = tx.session.execute(
        select(ranked.c.process, ranked.c.element, ranked.c.wait).where(ranked.c.rank == middle)
    )
    return {(row.process, row.element): float(row.wait) for row in rows}
