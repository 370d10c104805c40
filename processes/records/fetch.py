"""Reads rows by their id and adds new ones, and holds both until their transaction ends."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy.orm import Session

from engine.columns import Base
from engine.values import Value

Row = TypeVar("Row", bound=Base)


def fetch(session: Session, table: type[Row], id: Value) -> Row | None:
    """The row with this id; None when there is none, or when `id` is no id.

    A session by itself lets go of rows that nobody holds, so that each service of a step would
    read the same lead from the database again.
    """
    found = session.get(table, id) if isinstance(id, int) else None
    if found is not None:
        _hold(session, found)
    return found


def add(session: Session, row: Row) -> Row:
    """Add a new row to the transaction."""
    session.add(row)
    _hold(session, row)
    return row


def _hold(session: Session, row: Base) -> None:
    session.info.setdefault("held", set()).add(row)
