"""What happened to each lead, and when first: the ground of all figures about leads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine.db import Transaction
from engine.tables import Event

# First occurrences that the figures of a lead are made of.
STEPS = (
    "lead.received",
    "lead.first_response",
    "lead.qualified",
    "lead.disqualified",
    "offer.version_sent",
    "offer.won",
    "offer.lost",
)
OUTSIDE = ("lead.rejected", "lead.merged")
REVERTED = "offer.won.reverted"


@dataclass
class Journey:
    """When each thing first happened to one lead."""

    first: dict[str, datetime] = field(default_factory=dict)
    last_id: dict[str, int] = field(default_factory=dict)

    def at(self, step: str) -> datetime | None:
        return self.first.get(step)

    @property
    def received(self) -> datetime | None:
        return self.at("lead.received")

    @property
    def qualified(self) -> datetime | None:
        return self.at("lead.qualified")

    @property
    def won(self) -> datetime | None:
        if self.last_id.get(REVERTED, 0) > self.last_id.get("offer.won", 0):
            return None
        return self.at("offer.won")

    @property
    def decided(self) -> datetime | None:
        """When it was won, or else lost."""
        return self.won or self.at("offer.lost")

    @property
    def valid(self) -> bool:
        """Neither spam nor the loser of a merge."""
        return not any(step in self.first for step in OUTSIDE)


def journeys(tx: Transaction, as_of: datetime) -> list[Journey]:
    """Every counted lead's first occurrences as known at `as_of`; spam and merged ones left out.

    One pass over the events of the types in question, grouped by the database.
    """
    query = (
        select(Event.subject_id, Event.type, func.min(Event.occurred_at), func.max(Event.id))
        .where(*_known(as_of), Event.type.in_((*STEPS, *OUTSIDE, REVERTED)))
        .group_by(Event.subject_id, Event.type)
    )
    found: dict[int, Journey] = {}
    for lead_id, step, first, last_id in tx.session.execute(query):
        journey = found.setdefault(int(lead_id or 0), Journey())
        journey.first[step] = first
        journey.last_id[step] = last_id
    _inherit(tx, found, as_of)
    return [journey for journey in found.values() if journey.valid]


def _known(as_of: datetime) -> tuple[Any, ...]:
    return (~Event.internal, Event.subject_kind == "lead", Event.counts, Event.recorded_at <= as_of)


def _inherit(tx: Transaction, found: dict[int, Journey], as_of: datetime) -> None:
    """The survivor of a merge takes over the earlier of the two times of receipt."""
    query = (
        select(Event.subject_id, Event.attrs)
        .where(*_known(as_of), Event.type == "lead.merged")
        .order_by(Event.id)
    )
    for loser_id, attrs in tx.session.execute(query):
        loser, survivor = found.get(loser_id), found.get((attrs or {}).get("into", 0))
        if loser and survivor and loser.received and survivor.received:
            survivor.first["lead.received"] = min(loser.received, survivor.received)
