"""Contacts: the persons on the other side, and the addresses and numbers they are reached at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.columns import CODE, PERSONAL, Base
from processes.records.columns import NEVER_AGAIN, Record, code, flag, instant, link, state, words


class Contact(Record, Base):
    """A person of a company, or a private person."""

    __tablename__ = "contacts"
    __table_args__ = (Index("ix_contacts_company_id", "company_id"), NEVER_AGAIN)

    company_id: Mapped[int | None] = link("companies.id")
    first_name: Mapped[str | None] = words(100)
    last_name: Mapped[str | None] = words(100)
    salutation: Mapped[str | None] = words(40)
    job_title: Mapped[str | None] = words(150)
    role_in_buying: Mapped[str | None] = code()
    language: Mapped[str | None] = code(5)
    tax_code: Mapped[str | None] = words(16)
    is_private_person: Mapped[bool] = flag()
    email_status: Mapped[str] = state("unknown")
    do_not_call: Mapped[bool] = flag()
    do_not_email: Mapped[bool] = flag()
    anonymised_at: Mapped[datetime | None] = instant()

    @property
    def name(self) -> str:
        """`Giulia Bianchi`, or what is known of it."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class ContactPoint(Record, Base):
    """One way to reach a contact or a company; matching goes by `value_norm`.

    `kind` is email, phone, mobile, pec, whatsapp or social. Normal forms: an e-mail address with a
    lower-case domain, a phone number in E.164.
    """

    __tablename__ = "contact_points"
    __table_args__ = (
        Index("ix_contact_points_value", "kind", "value_norm"),
        Index("ix_contact_points_contact_id", "contact_id", "kind"),
    )

    contact_id: Mapped[int | None] = link("contacts.id")
    company_id: Mapped[int | None] = link("companies.id")
    kind: Mapped[str] = mapped_column(String(10), info=CODE)
    value_raw: Mapped[str] = mapped_column(String(300), info=PERSONAL)
    value_norm: Mapped[str] = mapped_column(String(300), info=PERSONAL)
    is_primary: Mapped[bool] = flag(True)
    verified_at: Mapped[datetime | None] = instant()
