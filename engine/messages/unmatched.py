"""Stored messages that no case has taken, and the cases that they may be for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from engine import state
from engine.db import Transaction
from engine.errors import NotFound
from engine.runtime import Engine, open_run
from engine.runtime.matching import OPEN
from engine.tables import Case, CaseKey, InboundMessage, Wait

UNMATCHED = (*OPEN, "expired")
"""The states of messages that no case has taken; a person may still attach them to one."""

STATES = (*UNMATCHED, "dismissed", "matched")


@dataclass(frozen=True)
class Unmatched:
    """A stored message that no case has taken, without its payload."""

    id: int
    name: str
    external_id: str | None
    keys: Mapping[str, Any]
    received_at: datetime
    state: str
    reason: str | None
    attempts: int
    next_try: datetime | None
    note: str | None
    case_no: str | None
    """The case that it is attached to, in which taking it failed, or that took it."""


@dataclass(frozen=True)
class Candidate:
    """A case that a message may be for."""

    case_id: int
    case_no: str
    waits: bool
    """It waits for a message of that name now."""
    same: bool
    """It has an id that is among the message's keys."""


def unmatched(
    tx: Transaction, states: Sequence[str] = UNMATCHED, limit: int = 100, offset: int = 0
) -> list[Unmatched]:
    """Messages in these states, oldest first."""
    query = _listed().where(InboundMessage.match_state.in_(states)).order_by(InboundMessage.id)
    return [_row(row) for row in tx.session.execute(query.limit(limit).offset(offset))]


def get(tx: Transaction, message_id: int) -> tuple[Unmatched, dict[str, Any]]:
    """A stored message in whatever state, and its payload; raises NotFound."""
    row = tx.session.execute(_listed().where(InboundMessage.id == message_id)).first()
    if row is None:
        raise unknown(message_id)
    payload = tx.session.scalar(select(InboundMessage.payload).where(InboundMessage.id == message_id))
    return _row(row), state.decode(payload)


def candidates(tx: Transaction, message: Unmatched, limit: int = 20) -> list[Candidate]:
    """Open cases that wait for a message of that name, or have one of its ids; the likeliest first."""
    ids = {(key, str(value)) for key, value in message.keys.items() if key.endswith("_id")}
    here = and_(Wait.case_id == Case.id, Wait.name == message.name, Wait.kind == "message")
    waits = select(Wait.id).where(here).exists()
    same: ColumnElement[bool] = or_(
        Case.case_no.in_([str(message.keys[key]) for key in ("case_no", "case") if key in message.keys]),
        *(_has_id(key, value) for key, value in ids),
    )
    rows = tx.session.execute(
        select(Case.id, Case.case_no, waits.label("waits"), same.label("same"))
        .where(Case.ended_at.is_(None), or_(waits, same))
        .order_by(waits.desc(), same.desc(), Case.id.desc())
        .limit(limit)
    )
    found = [Candidate(row.id, row.case_no, bool(row.waits), bool(row.same)) for row in rows]
    return sorted(found, key=lambda one: (not one.same, not one.waits))


def places(engine: Engine, tx: Transaction, case_id: int, name: str) -> list[str]:
    """The elements at which a case waits for a message."""
    waits = open_run(engine, tx, case_id).waits_before
    return sorted({wait.element for wait in waits if (wait.kind, wait.name) == ("message", name)})


def _has_id(key: str, value: str) -> ColumnElement[bool]:
    kept = select(CaseKey.case_id).where(
        CaseKey.case_id == Case.id, CaseKey.name == key, CaseKey.value == value
    )
    found: ColumnElement[bool] = kept.exists()
    if value.isdigit() and len(value) <= 18:
        found = or_(found, and_(Case.subject_kind == key.removesuffix("_id"), Case.subject_id == int(value)))
    return found


def _listed() -> Any:
    at = or_(
        Case.id == InboundMessage.attached_to,
        and_(InboundMessage.attached_to.is_(None), Case.id == InboundMessage.case_id),
    )
    return select(
        InboundMessage.id,
        InboundMessage.name,
        InboundMessage.external_id,
        InboundMessage.keys,
        InboundMessage.received_at,
        InboundMessage.match_state,
        InboundMessage.reason,
        InboundMessage.attempts,
        InboundMessage.next_try,
        InboundMessage.note,
        Case.case_no,
    ).outerjoin(Case, at)


def _row(row: Any) -> Unmatched:
    return Unmatched(*row)


def unknown(message_id: int) -> NotFound:
    return NotFound("message_unknown", "There is no message number {id}.", where="message", id=message_id)
