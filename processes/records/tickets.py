"""Tickets: what a customer asks for after the sale, and how it was settled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.columns import CODE, TIME, Base, Instant
from processes.records.columns import Record, code, flag, instant, link, prose, state, whole, words


class Ticket(Record, Base):
    """A request or a problem of a customer.

    `status` is new, open, waiting_customer, waiting_third, resolved, closed or merged; `severity`
    S1 (worst) to S4.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_company_id", "company_id"),
        Index("ix_tickets_contact_id", "contact_id"),
        Index("ix_tickets_status", "status", "received_at"),
    )

    ticket_no: Mapped[str | None] = mapped_column(String(40), unique=True, info=CODE)
    external_id: Mapped[str | None] = words(200)
    company_id: Mapped[int | None] = link("companies.id")
    contact_id: Mapped[int | None] = link("contacts.id")
    lead_id: Mapped[int | None] = link("leads.id")
    channel: Mapped[str | None] = code(20)
    subject: Mapped[str | None] = words(300)
    description: Mapped[str | None] = prose()
    category: Mapped[str | None] = code()
    product: Mapped[str | None] = code(60)
    impact: Mapped[str | None] = code(20)
    urgency: Mapped[str | None] = code(20)
    safety: Mapped[bool] = flag()
    severity: Mapped[str | None] = code(2)
    entitlement: Mapped[str | None] = code(20)
    status: Mapped[str] = state("new")
    owner_id: Mapped[int | None] = link("people.id")
    received_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    first_response_at: Mapped[datetime | None] = instant()
    resolved_at: Mapped[datetime | None] = instant()
    confirmed_at: Mapped[datetime | None] = instant()
    closed_at: Mapped[datetime | None] = instant()
    reopen_count: Mapped[int] = mapped_column(Integer, default=0, info=CODE)
    parent_id: Mapped[int | None] = link("tickets.id")
    reply_text: Mapped[str | None] = prose()
    internal_note: Mapped[str | None] = prose()
    resolution_code: Mapped[str | None] = code()
    root_cause: Mapped[str | None] = prose()
    resolution_text: Mapped[str | None] = prose()
    csat: Mapped[int | None] = whole()
