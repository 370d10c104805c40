"""Interactions: every mail, call, meeting and note about a lead, an offer or a ticket."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.columns import CODE, ID, TIME, Base, BigId, Instant
from processes.records.columns import flag, link, prose, state, whole, words


class Interaction(Base):
    """One exchange; `subject_kind` and `subject_id` say what it is about ("lead", 7).

    `direction` is in, out or internal; `kind` email, call, meeting, note, sms, chat, form or system;
    `visibility` internal or customer. `occurred_at` is when it happened, `recorded_at` when it was
    written down.
    """

    __tablename__ = "interactions"
    __table_args__ = (
        Index("ix_interactions_subject", "subject_kind", "subject_id", "occurred_at"),
        Index("ix_interactions_contact_id", "contact_id"),
        Index("ix_interactions_message_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    subject_kind: Mapped[str] = mapped_column(String(40), info=CODE)
    subject_id: Mapped[int] = mapped_column(BigId, info=ID)
    case_id: Mapped[int | None] = link()
    contact_id: Mapped[int | None] = link("contacts.id")
    direction: Mapped[str] = mapped_column(String(10), info=CODE)
    kind: Mapped[str] = mapped_column(String(10), info=CODE)
    occurred_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    recorded_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    author_id: Mapped[int | None] = link("people.id")
    subject: Mapped[str | None] = words(300)
    body: Mapped[str | None] = prose()
    visibility: Mapped[str] = state("internal")
    is_auto: Mapped[bool] = flag()
    message_id: Mapped[str | None] = words(300)
    in_reply_to: Mapped[str | None] = words(300)
    duration_seconds: Mapped[int | None] = whole()
