"""The columns every record has, and short names for the kinds of column the records are made of."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from engine.columns import AMOUNT, CODE, ID, PERSONAL, TIME, BigId, Instant, Money

NEVER_AGAIN = {"sqlite_autoincrement": True}
"""Where rows are removed (copies of somebody already known): SQLite would give their id to the next
one, and history that names it would speak of another."""


class Record:
    """`id`, when the row was made and when it last changed; the writer gives both times."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True, sort_order=-1, info=ID)
    created_at: Mapped[datetime] = mapped_column(Instant, sort_order=1, info=TIME)
    updated_at: Mapped[datetime | None] = mapped_column(Instant, sort_order=1, info=TIME)


def code(length: int = 40) -> MappedColumn[str | None]:
    """A word out of a list (`paid_search`), never something a person wrote."""
    return mapped_column(String(length), info=CODE)


def state(default: str) -> MappedColumn[str]:
    """A code that is always there."""
    return mapped_column(String(40), default=default, info=CODE)


def words(length: int = 200) -> MappedColumn[str | None]:
    """A short text that may name or describe a person."""
    return mapped_column(String(length), info=PERSONAL)


def prose() -> MappedColumn[str | None]:
    """Free text of any length; erased with the person it may speak of."""
    return mapped_column(Text, info=PERSONAL)


def instant() -> MappedColumn[datetime | None]:
    return mapped_column(Instant, info=TIME)


def money() -> MappedColumn[Decimal | None]:
    return mapped_column(Money, info=AMOUNT)


def percent() -> MappedColumn[Decimal | None]:
    """A percentage with two decimals: `12.50` is twelve and a half of a hundred."""
    return mapped_column(Money, info=AMOUNT)


def whole() -> MappedColumn[int | None]:
    return mapped_column(Integer, info=CODE)


def flag(default: bool = False) -> MappedColumn[bool]:
    return mapped_column(Boolean, default=default, info=CODE)


def link(target: str | None = None) -> MappedColumn[int | None]:
    """The id of another row; with `target` ("companies.id") the database keeps it true."""
    if target is None:
        return mapped_column(BigInteger, info=ID)
    return mapped_column(BigInteger, ForeignKey(target), info=ID)
