"""Figures of stages: how long cases stay in each, how many are in it, which one takes the most time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_, or_, select

from engine import stats
from engine.db import Transaction
from engine.tables import Visit
from processes.kpis.figure import Kpi, Period, rounded

DAY = 86400


@dataclass(frozen=True)
class Stage:
    """How long cases stay in one stage, in days.

    Median and p90 are of the visits left in the period; `open` counts the cases in it at the
    instant asked about, `oldest` is the age of the oldest of them. `share` is the part of all
    stages' time that was spent here, between 0 and 1: the bottleneck has the largest.
    """

    process: str
    stage: str
    open: int
    completed: int
    median: Decimal | None
    p90: Decimal | None
    oldest: Decimal | None
    share: Decimal


def stages(
    tx: Transaction,
    *,
    as_of: datetime,
    from_: datetime | None = None,
    to: datetime | None = None,
    process: str | None = None,
) -> list[Stage]:
    """Every stage that has been visited, the one that takes the most time first."""
    found = measure(tx, Period(from_, to, as_of), process)
    return sorted(found, key=lambda stage: (-stage.share, -stage.open, stage.process, stage.stage))


def measure(tx: Transaction, period: Period, process: str | None = None) -> list[Stage]:
    left = [Visit.left_at.is_not(None), Visit.left_at <= period.as_of]
    left += [Visit.left_at >= period.from_] if period.from_ else []
    left += [Visit.left_at < period.to] if period.to else []
    still_there = and_(
        Visit.entered_at <= period.as_of, or_(Visit.left_at.is_(None), Visit.left_at > period.as_of)
    )
    query = select(Visit.process, Visit.stage, Visit.entered_at, Visit.left_at).where(
        Visit.counts, or_(and_(*left), still_there)
    )
    if process is not None:
        query = query.where(Visit.process == process)
    spans: dict[tuple[str, str], list[tuple[datetime, datetime | None]]] = {}
    for of_process, stage, entered, exited in tx.session.execute(query):
        spans.setdefault((of_process, stage), []).append((entered, exited))
    days = {key: stats.durations(each, period.as_of, DAY) for key, each in sorted(spans.items())}
    total = sum((each.total for each in days.values()), Decimal(0))
    return [
        Stage(
            of_process,
            stage,
            len(each.open),
            len(each.completed),
            rounded(each.median),
            rounded(each.p90),
            rounded(each.oldest),
            (each.total / total).quantize(Decimal("0.0001")) if total > 0 else Decimal(0),
        )
        for (of_process, stage), each in days.items()
    ]


def _stage_times(found: Sequence[Stage]) -> list[Kpi]:
    """Time in each stage: median and p90 of the visits left in the period, open ones beside."""
    kpis = []
    for each in found:
        id, of = f"K04.{each.process}.{each.stage}", each.completed + each.open
        kpis.append(Kpi(id, "period", each.median, "days", each.completed, each.completed, of))
        kpis.append(Kpi(f"{id}.p90", "period", each.p90, "days", each.completed, each.completed, of))
    return kpis


def _in_progress(found: Sequence[Stage]) -> list[Kpi]:
    """Open cases, all together and in each stage."""
    total = sum(each.open for each in found)
    return [Kpi("K18", "stock", Decimal(total), "cases", total)] + [
        Kpi(f"K18.{each.process}.{each.stage}", "stock", Decimal(each.open), "cases", each.open)
        for each in found
    ]


OF_STAGES: Mapping[str, Callable[[Sequence[Stage]], list[Kpi]]] = {
    "K04": _stage_times,
    "K18": _in_progress,
}
