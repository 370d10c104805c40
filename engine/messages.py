"""Incoming messages: stored first, then brought to the case that waits; and those nobody waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from engine.db import Transaction
from engine.runtime import CaseRef, Engine
from engine.runtime import broadcast as _broadcast
from engine.runtime import send as _send
from engine.tables import InboundMessage


@dataclass(frozen=True)
class Unmatched:
    """A stored message that no case has waited for yet."""

    id: int
    name: str
    keys: Mapping[str, Any]
    received_at: datetime


def send(
    engine: Engine,
    tx: Transaction,
    name: str,
    keys: Mapping[str, object] | None = None,
    payload: Mapping[str, object] | None = None,
    *,
    actor_id: int | None = None,
) -> list[CaseRef]:
    """Take in a message from outside; see engine.runtime.send for how its case is found.

    Returns the case that it moved or started; an empty list when it was kept for later.
    """
    return _send(engine, tx, name, keys, payload, actor_id=actor_id)


def broadcast(
    engine: Engine,
    tx: Transaction,
    signal: str,
    payload: Mapping[str, object] | None = None,
    *,
    actor_id: int | None = None,
) -> list[CaseRef]:
    """Throw a signal from outside; returns the cases that heard it or began by it."""
    return _broadcast(engine, tx, signal, payload, actor_id=actor_id)


def unmatched(tx: Transaction, limit: int = 100) -> list[Unmatched]:
    """Messages that are kept because nobody waits for them yet, oldest first."""
    rows = tx.session.scalars(
        select(InboundMessage)
        .where(InboundMessage.match_state == "kept")
        .order_by(InboundMessage.id)
        .limit(limit)
    )
    return [Unmatched(row.id, row.name, row.keys, row.received_at) for row in rows]


def expire(engine: Engine, tx: Transaction) -> int:
    """Mark kept messages that are older than the configured days; returns how many."""
    since = tx.now - timedelta(days=engine.settings.message_days)
    result: Any = tx.session.execute(
        update(InboundMessage)
        .where(InboundMessage.match_state == "kept", InboundMessage.received_at < since)
        .values(match_state="expired")
    )
    return int(result.rowcount)
