"""Leads: who asked for what, through which source, and how far the path has gone."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.columns import CODE, TIME, Base, Instant, Json
from processes.records.columns import Record, code, flag, instant, link, money, prose, state, whole, words


class Lead(Record, Base):
    """A lead; where it stands in its path is told by its cases, never by a column.

    `status` is open, on_hold, won, lost, disqualified, nurture, merged, spam or archived.
    `source` is the first touch and never changes. `flags` are codes of what is odd about it
    (`won_before_received`).
    """

    __tablename__ = "leads"
    __table_args__ = (
        Index("ix_leads_external_id", "external_id"),
        Index("ix_leads_company_id", "company_id"),
        Index("ix_leads_contact_id", "contact_id"),
        Index("ix_leads_status", "status", "received_at"),
    )

    case_no: Mapped[str | None] = mapped_column(String(40), unique=True, info=CODE)
    external_id: Mapped[str | None] = words(200)
    company_id: Mapped[int | None] = link("companies.id")
    contact_id: Mapped[int | None] = link("contacts.id")
    status: Mapped[str] = state("open")
    type: Mapped[str] = state("new_business")
    source: Mapped[str] = mapped_column(String(60), default="unknown", info=CODE)
    last_source: Mapped[str | None] = code(60)
    campaign: Mapped[str | None] = code(100)
    channel: Mapped[str | None] = code(20)
    owner_id: Mapped[int | None] = link("people.id")
    received_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    first_response_at: Mapped[datetime | None] = instant()
    qualified_at: Mapped[datetime | None] = instant()
    decided_at: Mapped[datetime | None] = instant()
    need: Mapped[str | None] = prose()
    need_area: Mapped[str | None] = code()
    challenge: Mapped[str | None] = prose()
    budget_band: Mapped[str | None] = code(20)
    authority: Mapped[str | None] = code(20)
    timeline: Mapped[str | None] = code(20)
    decision_process: Mapped[str | None] = prose()
    current_solution: Mapped[str | None] = prose()
    sector: Mapped[str | None] = code()
    employees_band: Mapped[str | None] = code(20)
    score: Mapped[int | None] = whole()
    expected_amount: Mapped[Decimal | None] = money()
    currency: Mapped[str] = mapped_column(String(3), default="EUR", info=CODE)
    probability: Mapped[int | None] = whole()
    next_step: Mapped[str | None] = prose()
    next_step_at: Mapped[datetime | None] = instant()
    lost_reason: Mapped[str | None] = code()
    competitor: Mapped[str | None] = words(200)
    notes: Mapped[str | None] = prose()
    recycle_at: Mapped[datetime | None] = instant()
    sla_class: Mapped[str | None] = code(5)
    flags: Mapped[list[Any] | None] = mapped_column(Json, info=CODE)
    merged_into_id: Mapped[int | None] = link("leads.id")
    is_test: Mapped[bool] = flag()

    def add_flag(self, name: str) -> None:
        """Flag it once; a new list, so that the change is noticed and saved."""
        if name not in (self.flags or []):
            self.flags = [*(self.flags or []), name]
