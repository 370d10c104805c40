"""Companies: prospects, customers, suppliers, with their identifiers and their seat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.columns import CODE, PERSONAL, Base
from processes.records.columns import NEVER_AGAIN, Record, code, flag, instant, link, state, whole, words


class Company(Record, Base):
    """A company; its seat is kept with it. A sole trader's name is a person's, hence the marks."""

    __tablename__ = "companies"
    __table_args__ = (
        Index("ix_companies_name_norm", "name_norm"),
        Index("ix_companies_vat_number", "vat_number"),
        Index("ix_companies_domain", "domain"),
        NEVER_AGAIN,
    )

    name: Mapped[str] = mapped_column(String(300), info=PERSONAL)
    name_norm: Mapped[str | None] = words(300)
    legal_form: Mapped[str | None] = code(20)
    vat_number: Mapped[str | None] = words(20)
    vat_country: Mapped[str | None] = code(2)
    tax_code: Mapped[str | None] = words(16)
    sdi_code: Mapped[str | None] = words(7)
    pec: Mapped[str | None] = words(254)
    website: Mapped[str | None] = words(300)
    domain: Mapped[str | None] = words(254)
    industry: Mapped[str | None] = code()
    employees_band: Mapped[str | None] = code(20)
    type: Mapped[str] = state("prospect")
    tier: Mapped[str | None] = code(10)
    owner_id: Mapped[int | None] = link("people.id")
    language: Mapped[str | None] = code(5)
    currency: Mapped[str] = mapped_column(String(3), default="EUR", info=CODE)
    payment_terms_days: Mapped[int | None] = whole()
    overdue_flag: Mapped[bool] = flag()
    first_order_at: Mapped[datetime | None] = instant()
    last_order_at: Mapped[datetime | None] = instant()
    street: Mapped[str | None] = words(200)
    zip: Mapped[str | None] = words(12)
    city: Mapped[str | None] = words(100)
    province: Mapped[str | None] = code(10)
    country: Mapped[str | None] = code(2)
