"""Computes the figures asked for, with as few queries as they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.db import Transaction
from engine.errors import NotFound
from processes.kpis.figure import Kpi, Period
from processes.kpis.journeys import Journey, journeys
from processes.kpis.leads import OF_LEADS, WITHIN_DAYS, won_within
from processes.kpis.stages import OF_STAGES, measure

FIGURES = (*OF_LEADS, *OF_STAGES)


def compute(
    tx: Transaction,
    ids: Iterable[str] | None = None,
    *,
    from_: datetime | None,
    to: datetime | None,
    as_of: datetime,
    zone: ZoneInfo,
    within_days: int = WITHIN_DAYS,
    leads: Sequence[Journey] | None = None,
) -> list[Kpi]:
    """The figures named by `ids`, or all; instants in the answer are shown in `zone`.

    `leads` are the `journeys` of the same `as_of`, if they have been read already. `K04` and `K18`
    give one figure for each stage (`K04.offer.offer_sent`). Raises NotFound for an unknown id.
    """
    wanted = list(ids) if ids is not None else list(FIGURES)
    for id in wanted:
        if id not in FIGURES:
            raise NotFound(
                "kpi_unknown",
                "There is no figure “{id}”.",
                where="kpi",
                remedy="Known are: {known}.",
                id=id,
                known=", ".join(FIGURES),
            )
    period = Period(from_, to, as_of)
    if leads is None:
        leads = journeys(tx, as_of) if any(id in OF_LEADS for id in wanted) else []
    visits = measure(tx, period) if any(id in OF_STAGES for id in wanted) else []
    found: list[Kpi] = []
    for id in wanted:
        if id == "K01d":
            found.append(won_within(leads, period, within_days))
        elif id in OF_LEADS:
            found.append(OF_LEADS[id](leads, period))
        else:
            found += OF_STAGES[id](visits)
    shown = {
        name: moment.astimezone(zone) if moment else None
        for name, moment in (("from_", from_), ("to", to), ("as_of", as_of))
    }
    return [_dated(kpi, shown) for kpi in found]


def _dated(kpi: Kpi, shown: Mapping[str, datetime | None]) -> Kpi:
    """With the period it is about; a stock has none."""
    from_, to = (None, None) if kpi.view == "stock" else (shown["from_"], shown["to"])
    return replace(kpi, from_=from_, to=to, as_of=shown["as_of"])
