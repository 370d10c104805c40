"""What the board draws: the funnel, the close rate week by week, what was won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from engine.db import Transaction
from engine.tables import Event
from processes.kpis.figure import Period, rounded
from processes.kpis.journeys import Journey, journeys

FUNNEL = ("received", "answered", "qualified", "offered", "won")


def funnel(
    tx: Transaction,
    from_: datetime | None,
    to: datetime | None,
    *,
    as_of: datetime,
    leads: Sequence[Journey] | None = None,
) -> list[tuple[str, int]]:
    """How many of the leads received in the period got how far; each step counts those beyond it too.

    `leads` are the `journeys` of the same `as_of`, if they have been read already.
    """
    period = Period(from_, to, as_of)
    reached = dict.fromkeys(FUNNEL, 0)
    for lead in journeys(tx, as_of) if leads is None else leads:
        if not period.holds(lead.received):
            continue
        marks = (
            lead.received,
            lead.at("lead.first_response"),
            lead.qualified,
            lead.at("offer.version_sent"),
            lead.won,
        )
        furthest = max(index for index, mark in enumerate(marks) if mark)
        for step in FUNNEL[: furthest + 1]:
            reached[step] += 1
    return list(reached.items())


@dataclass(frozen=True)
class Week:
    """The leads qualified in one week, and how many of them were won so far."""

    monday: datetime
    qualified: int
    won: int

    @property
    def rate(self) -> Decimal | None:
        """In per cent; None when nobody was qualified."""
        return rounded(Decimal(100 * self.won) / self.qualified) if self.qualified else None


def close_rate_by_week(
    tx: Transaction,
    from_: datetime,
    to: datetime,
    *,
    as_of: datetime,
    zone: ZoneInfo,
    leads: Sequence[Journey] | None = None,
) -> list[Week]:
    """K01 for each week from the one of `from_` to the one before `to`, weeks without leads included."""
    leads = journeys(tx, as_of) if leads is None else leads
    begin, found = _monday(from_, zone), []
    while begin < to:
        end = _monday(begin + timedelta(days=8), zone)
        cohort = [lead for lead in leads if lead.qualified and begin <= lead.qualified < end]
        found.append(Week(begin, len(cohort), sum(lead.won is not None for lead in cohort)))
        begin = end
    return found


def won_amount(tx: Transaction, from_: datetime | None, to: datetime | None, *, currency: str) -> Decimal:
    """The net amount of the offers won in the period, in one currency."""
    query = select(func.sum(Event.amount)).where(
        ~Event.internal, Event.type == "offer.won", Event.counts, Event.currency == currency
    )
    query = query.where(Event.occurred_at >= from_) if from_ else query
    query = query.where(Event.occurred_at < to) if to else query
    return tx.session.scalar(query) or Decimal(0)


def known_since(tx: Transaction) -> datetime | None:
    """When the first lead that counts came in: a period that began earlier is known only in part."""
    query = select(func.min(Event.occurred_at))
    return tx.session.scalar(query.where(~Event.internal, Event.type == "lead.received", Event.counts))


def _monday(moment: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of the week, in `zone`."""
    local = moment.astimezone(zone)
    return (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
