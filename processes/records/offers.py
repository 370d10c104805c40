"""Offers and their versions: what was proposed, at which price, and what became of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.columns import AMOUNT, CODE, ID, Base, Money
from processes.records.columns import (
    Record,
    code,
    flag,
    instant,
    link,
    money,
    percent,
    prose,
    state,
    whole,
    words,
)


class Offer(Record, Base):
    """An offer as it is being worked on; `net` is without VAT and after discounts.

    `status` is draft, in_approval, sent, viewed, negotiation, accepted, rejected, expired or
    superseded.
    """

    __tablename__ = "offers"

    offer_no: Mapped[str | None] = mapped_column(String(40), unique=True, info=CODE)
    lead_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("leads.id"), index=True, info=ID)
    status: Mapped[str] = state("draft")
    owner_id: Mapped[int | None] = link("people.id")
    net: Mapped[Decimal | None] = money()
    currency: Mapped[str] = mapped_column(String(3), default="EUR", info=CODE)
    discount_pct: Mapped[Decimal | None] = percent()
    margin_pct: Mapped[Decimal | None] = percent()
    payment_terms_days: Mapped[int | None] = whole()
    validity_days: Mapped[int | None] = whole()
    delivery_time: Mapped[str | None] = words(200)
    internal_notes: Mapped[str | None] = prose()
    approval_note: Mapped[str | None] = prose()
    sent_at: Mapped[datetime | None] = instant()
    valid_until: Mapped[datetime | None] = instant()
    decided_at: Mapped[datetime | None] = instant()
    customer_po: Mapped[str | None] = words(100)
    lost_reason: Mapped[str | None] = code()
    competitor: Mapped[str | None] = words(200)
    competitor_price: Mapped[Decimal | None] = money()


class OfferVersion(Record, Base):
    """One version as it was sent, frozen; the first one sent is the baseline that upsell is measured by."""

    __tablename__ = "offer_versions"
    __table_args__ = (UniqueConstraint("offer_id", "n"),)

    offer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("offers.id"), info=ID)
    n: Mapped[int] = mapped_column(Integer, info=CODE)
    net: Mapped[Decimal] = mapped_column(Money, info=AMOUNT)
    currency: Mapped[str] = mapped_column(String(3), default="EUR", info=CODE)
    discount_pct: Mapped[Decimal | None] = percent()
    margin_pct: Mapped[Decimal | None] = percent()
    sent_at: Mapped[datetime | None] = instant()
    valid_until: Mapped[datetime | None] = instant()
    baseline: Mapped[bool] = flag()
