"""Lets messages in: stores them, and brings them to their case in a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine import state
from engine.db import Transaction
from engine.errors import Conflict, Invalid, PercorsoError, StepFailed
from engine.messages.unmatched import UNMATCHED, unknown
from engine.runtime import CaseRef, Engine, deliver
from engine.runtime import broadcast as _broadcast
from engine.runtime import send as _send
from engine.runtime.matching import MAX_ID, OPEN, Inbound, checked, load, waiting
from engine.store import EVENT_INSERT, MESSAGE_FAILED, MESSAGES_NEXT
from engine.tables import Case, InboundMessage
from engine.values import from_json

log = logging.getLogger("percorso.messages")

BUSY = frozenset({"database_busy", "case_changed", "message_taken"})
"""Refusals that say nothing about the message: it is tried again at once, and by the next tick."""
TRIES = 3
MAX_NOTE = 500
"""How many characters are kept of why a message failed, or was dismissed."""


@dataclass(frozen=True)
class Receipt:
    """What has become of a message that was let in from outside."""

    message_id: int
    state: str
    cases: tuple[CaseRef, ...] = ()
    """The case that took it, as it stands now."""
    repeated: bool = False
    """It was here already under the same id; nothing was done."""
    refusal: PercorsoError | None = None
    """Why it could not be delivered; it is stored all the same."""


def send(
    engine: Engine,
    tx: Transaction,
    name: str,
    keys: Mapping[str, object] | None = None,
    payload: Mapping[str, object] | None = None,
    *,
    actor_id: int | None = None,
) -> list[CaseRef]:
    """Let a message in as a part of something larger; see engine.runtime.send for how its case is found.

    Returns the case that it moved or started; an empty list when it was kept for later. What comes
    from outside goes through `receive`, which stores it first.
    """
    return _send(engine, tx, name, keys, payload, actor_id=actor_id)


def receive(
    engine: Engine,
    now: datetime,
    name: str,
    keys: Mapping[str, object] | None = None,
    payload: Mapping[str, object] | None = None,
    *,
    external_id: str | None = None,
    actor_id: int | None = None,
) -> Receipt:
    """Let a message in from outside: store it in one transaction, deliver it in a second one.

    What fails then leaves the message stored: see `Receipt.refusal`. A process killed in between
    leaves it to the next tick. A second message of the same name and `external_id` is not taken.
    Raises Invalid when it cannot even be stored.
    """
    wanted, values = checked(name, keys, payload)
    with engine.transaction(now) as tx:
        message_id, fresh = _store(tx, name, wanted, values, _outer(external_id), actor_id)
    if not fresh:
        with engine.transaction(now) as tx:
            known = load(tx, message_id)
            if known is not None and known.state != "received":
                return _known(tx, known)
    return try_delivery(engine, now, message_id)


def deliver_due(engine: Engine, now: datetime, *, limit: int = 1000) -> tuple[int, int]:
    """Deliver what was stored and not delivered, or failed and is tried again; (delivered, failed)."""
    with engine.transaction(now) as tx:
        ids = [row[0] for row in MESSAGES_NEXT.rows(tx, now=now, amount=limit)]
    done = failed = 0
    for message_id in ids:
        try:
            receipt = try_delivery(engine, now, message_id)
        except Exception:
            # The worker must live on, whatever is wrong with one message.
            log.exception("message %s stopped the clockwork", message_id)
            failed += 1
            continue
        done += receipt.state == "matched"
        failed += receipt.state == "failed"
    return done, failed


def expire(engine: Engine, tx: Transaction) -> int:
    """Mark kept messages that are older than the configured days; returns how many.

    What a person has attached to a case waits for it longer.
    """
    since = tx.now - timedelta(days=engine.settings.message_days)
    result: Any = tx.session.execute(
        update(InboundMessage)
        .where(
            InboundMessage.match_state == "kept",
            InboundMessage.received_at < since,
            InboundMessage.attached_to.is_(None),
        )
        .values(match_state="expired")
    )
    return int(result.rowcount)


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


def try_delivery(engine: Engine, now: datetime, message_id: int) -> Receipt:
    """Deliver a stored message in a transaction of its own; what fails is noted in another one."""
    refusal: PercorsoError | None = None
    for _ in range(TRIES):
        try:
            with engine.transaction(now) as tx:
                message = load(tx, message_id)
                if message is None:
                    raise unknown(message_id)
                if message.state not in OPEN:
                    return _known(tx, message, repeated=False)
                cases = tuple(deliver(engine, tx, message))
            return Receipt(message_id, "matched" if cases else "kept", cases)
        except PercorsoError as error:
            refusal = error
            if error.code not in BUSY:
                break
        except Exception as error:
            _note(engine, now, message_id, error)
            raise
    assert refusal is not None
    if refusal.code in BUSY:
        return Receipt(message_id, "received", refusal=refusal)
    _note(engine, now, message_id, refusal)
    return Receipt(message_id, "failed", refusal=refusal)


def _note(engine: Engine, now: datetime, message_id: int, error: Exception) -> None:
    """Keep why a message could not be delivered; a step that failed is tried again, less and less often."""
    with engine.transaction(now) as tx:
        message = load(tx, message_id)
        if message is None:
            return
        cases = [message.attached_to] if message.attached_to else waiting(tx, message.name, message.keys)
        case_id = cases[0] if len(cases) == 1 else None
        why = error.code if isinstance(error, PercorsoError) else "unforeseen"
        again = isinstance(error, StepFailed) or not isinstance(error, PercorsoError)
        pauses = engine.settings.retry_pauses
        again_at = now + pauses[message.attempts] if again and message.attempts < len(pauses) else None
        changed = MESSAGE_FAILED.run(
            tx, message_id=message_id, in_case=case_id, why=why[:60], again_at=again_at
        )
        if changed:
            text = error.message if isinstance(error, PercorsoError) else type(error).__name__
            change(tx, message, note=text[:MAX_NOTE])
            record(tx, "message.failed", message, case_id, None, reason=why)


def _known(tx: Transaction, message: Inbound, *, repeated: bool = True) -> Receipt:
    """What became of a message that is here already."""
    cases: tuple[CaseRef, ...] = ()
    if message.state == "matched":
        case = tx.session.get(Case, message.case_id)
        cases = (CaseRef(case.id, case.case_no, case.process, case.status),) if case is not None else ()
    refusal = None
    if message.state == "failed":
        refusal = Conflict(
            message.reason or "message_failed",
            "The message “{name}” is here already, and could not be delivered.",
            where=message.name,
            remedy="Look at message {id}, and try it again when its reason is gone.",
            name=message.name,
            id=message.id,
        )
    return Receipt(message.id, message.state, cases, repeated, refusal)


def change(tx: Transaction, message: Inbound, **values: Any) -> None:
    """Change a message that no case has taken meanwhile."""
    result: Any = tx.session.execute(
        update(InboundMessage)
        .where(InboundMessage.id == message.id, InboundMessage.match_state.in_(UNMATCHED))
        .values(**values)
    )
    if result.rowcount != 1:
        raise closed(message.name)


def closed(name: str) -> Conflict:
    return Conflict(
        "message_closed",
        "The message “{name}” has been delivered or dismissed already.",
        where=name,
        remedy="Look at what has become of it.",
        name=name,
    )


def _outer(external_id: str | None) -> str | None:
    if external_id is None:
        return None
    text = str(from_json(external_id, where="id"))
    if not text.strip() or len(text) > MAX_ID:
        raise Invalid(
            "message_id",
            "The id of a message has between 1 and {most} characters.",
            where="id",
            remedy="Use the id that the sender gave it, such as a mail's Message-ID.",
            most=MAX_ID,
        )
    return text


def _store(
    tx: Transaction,
    name: str,
    keys: Mapping[str, str],
    values: Mapping[str, Any],
    external_id: str | None,
    actor_id: int | None,
) -> tuple[int, bool]:
    """The message's id, and whether it is new."""
    kind: Any = postgresql if tx.database.dialect == "postgresql" else sqlite
    query = kind.insert(InboundMessage).values(
        name=name,
        external_id=external_id,
        keys=dict(keys),
        payload=state.encode(values),
        received_at=tx.now,
        actor_id=actor_id,
        match_state="received",
        next_try=tx.now,
    )
    # Of two who send the same one at the same moment, the second waits here for the first.
    query = query.on_conflict_do_nothing(index_elements=["name", "external_id"])
    stored = tx.session.execute(query.returning(InboundMessage.id)).scalar()
    if stored is not None:
        return int(stored), True
    known = select(InboundMessage.id).where(
        InboundMessage.name == name, InboundMessage.external_id == external_id
    )
    return tx.session.scalars(known).one(), False


def record(
    tx: Transaction, event: str, message: Inbound, case_id: int | None, actor_id: int | None, **attrs: str
) -> None:
    """Keep a line of history about a message, in ids and codes."""
    case = tx.session.get(Case, case_id) if case_id is not None else None
    EVENT_INSERT.run(
        tx,
        occurred_at=tx.now,
        recorded_at=tx.now,
        type=event,
        case_id=case_id,
        subject_kind=case.subject_kind if case else None,
        subject_id=case.subject_id if case else None,
        process=case.process if case else None,
        version_id=case.version_id if case else None,
        element=message.element,
        stage=None,
        actor_id=actor_id,
        role=None,
        amount=None,
        currency=None,
        attrs={"message": message.name, "id": message.id, **attrs},
        internal=True,
        counts=case.counts if case else True,
    )
