"""How cases move: one begins, one goes on, a message brings one to the next."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.exc import DBAPIError

from engine import state
from engine.db import Transaction
from engine.errors import Conflict, Invalid, NotFound, PercorsoError, StepFailed
from engine.runtime import matching
from engine.runtime.case import UNFORESEEN, Run, insert, open_run
from engine.runtime.engine import Engine
from engine.runtime.matching import Inbound
from engine.runtime.performer import StepContext
from engine.runtime.save import CaseRef
from engine.runtime.waits import KEY_LENGTH, declared_key
from engine.spiff import Token
from engine.spiff.tokens import Thrown, standing_at
from engine.store import (
    CASE_STATUS,
    LISTENING,
    MESSAGE_INSERT,
    MESSAGE_KEPT,
    MESSAGE_MATCHED,
    MESSAGES_BEFORE,
    MESSAGES_KEPT,
    WAITING_FOR,
    WAITING_WITH_KEY,
)
from engine.values import from_json

log = logging.getLogger("percorso.runtime")

MAX_DEPTH = 20
"""Messages that may set off one another before they are stopped as endless."""
MAX_MESSAGES = 500
"""Messages that one action may set off in all."""
NOT_TAKEN_IN = "its message “{sent}” was not taken in: {refusal}"


def start(
    engine: Engine,
    tx: Transaction,
    process: str,
    data: Mapping[str, object] | None = None,
    *,
    actor_id: int | None = None,
    counts: bool = True,
    message: str | None = None,
    payload: Mapping[str, object] | None = None,
    signal: str | None = None,
    timer: str | None = None,
    parent_id: int | None = None,
    stored: bool = False,
) -> CaseRef:
    """Begin a case of the newest version of a process, and let it go as far as it can.

    `data` are its first variables. With `message`, the start event of that message begins it, and
    the process's `receive` function (if it has one) turns `payload` into rows and variables; with
    `signal`, the start event of that signal begins it; with `timer`, the start event of that id.
    Raises NotFound for an unknown process, StepFailed when the start fails as a whole (nothing is kept
    then but the incident; with `stored`, not even that: the message that begins the case stays, and
    says why); a single step that fails leaves the case there.
    """
    model = engine.latest(tx, process)
    if message is not None and message not in model.starts:
        raise NotFound(
            "start_unknown",
            "No start event of “{process}” takes “{name}”.",
            process=process,
            name=message,
        )
    run = Run(engine, tx, model, actor_id)
    run.stored = stored
    # Whoever sends a start message may say that its case is none for the figures.
    run.counts = bool((payload or {}).get("counts", counts))
    values = from_json(dict(data or {}))
    assert isinstance(values, dict)
    run.workflow = run.make_workflow(values, state.Kept())
    insert(run, parent_id)
    by = {"message": message, "signal": signal, "timer": timer}
    named = {kind: name for kind, name in by.items() if name}
    run.record("case.started", attrs=named or None)
    if message is not None:
        _receive(run, message, dict(payload or {}))
    if signal is not None:
        run.workflow.begin(model.signal_starts[signal])
    else:
        run.workflow.begin(model.starts[message] if message is not None else timer)
    return advance(run)


def advance(run: Run, move: Callable[[], object] | None = None) -> CaseRef:
    """Make a move, let the engine do what needs nobody, save, then send what was set off.

    A step that fails is left where it is, with an incident; all before it is saved, and the case's
    status is then `incident`. Only what fails as a whole (too many steps, too large a value) leaves
    the case as it was: the transaction is undone, and the incident written in one of its own.
    """
    try:
        if move is not None:
            move()
        run.workflow.run(run.engine.settings.step_budget)
        ref = run.save()
    except StepFailed as failure:
        run.note_incident(failure)
        raise
    except (PercorsoError, DBAPIError, sqlite3.Error) as error:
        # Somebody was faster, or the database is the matter, or the input: the case itself is well.
        if run.by_clock and isinstance(error, PercorsoError) and not isinstance(error, Conflict):
            raise _nobody_reads(run, run.workflow.current, error.template, error.params, error) from error
        raise
    except Exception as error:
        unforeseen = _unforeseen(run, error)
        run.note_incident(unforeseen)
        raise unforeseen from error
    moved = _send_thrown(run)
    moved = _take_kept(run) or moved
    return replace(ref, status=CASE_STATUS.scalar(run.tx, case_id=ref.case_id)) if moved else ref


def _nobody_reads(
    run: Run, token: Token | None, reason: str, details: Mapping[str, object], error: PercorsoError
) -> StepFailed:
    """A refusal that only the clock has got: it must become an incident, and be tried again later."""
    place, name = standing_at(token) if token else ("", run.case_no)
    failure = StepFailed(place, name, reason, remedy=error.remedy_template, details=details, kind="refused")
    run.note_incident(failure)
    return failure


def _unforeseen(run: Run, error: Exception) -> StepFailed:
    """An error that nobody planned for; the log has all of it, the incident where it happened."""
    log.error("case %s: %r", run.case_no, error, exc_info=error)
    token = run.workflow.current
    place, name = standing_at(token) if token is not None else ("", run.case_no)
    return StepFailed(place, name, UNFORESEEN, kind="unforeseen", details={"error": type(error).__name__})


def send(
    engine: Engine,
    tx: Transaction,
    name: str,
    keys: Mapping[str, object] | None = None,
    payload: Mapping[str, object] | None = None,
    *,
    actor_id: int | None = None,
    parent_id: int | None = None,
) -> list[CaseRef]:
    """Store a message, then give it to the case that waits for it, or start the case it begins.

    A case waits for it when all `keys` are true of the case: `case_no`, a variable whose name ends in
    `_id`, or the correlation key that the drawing declares. Without a match a start event of that
    name begins a case; without that the message is kept for the configured number of days, for a
    case that will wait for it. Returns the case moved or started, or an empty list when the message
    was kept. Raises Conflict when several cases wait and the keys do not tell which.
    """
    wanted, values = matching.checked(name, keys, payload)
    message_id = store(tx, name, wanted, values, actor_id=actor_id)
    message = Inbound(message_id, name, wanted, values, tx.now, actor_id=actor_id)
    return _bring(engine, tx, message, parent_id=parent_id)


def store(
    tx: Transaction,
    name: str,
    keys: Mapping[str, str],
    payload: Mapping[str, Any],
    *,
    actor_id: int | None = None,
    next_try: datetime | None = None,
) -> int:
    """Keep a checked message, to be delivered; from `next_try` on the worker does it."""
    found = MESSAGE_INSERT.scalar(
        tx,
        name=name,
        keys=keys,
        payload=state.encode(payload),
        received_at=tx.now,
        actor_id=actor_id,
        match_state="received",
        next_try=next_try,
    )
    return int(found)


def deliver(engine: Engine, tx: Transaction, message: Inbound) -> list[CaseRef]:
    """Give a stored message to its case: the one it is attached to, else see `send`.

    Raises Conflict (`message_taken`) when somebody else has just delivered it.
    """
    message = matching.opened(message)
    if message.attached_to is None:
        return _bring(engine, tx, message, stored=True)
    ref = _give(engine, tx, message.attached_to, message)
    if ref is None:
        MESSAGE_KEPT.run(tx, message_id=message.id)
    return [ref] if ref is not None else []


def take_earlier(run: Run) -> bool:
    """Give a case whose time has come what was received before; returns whether there was anything.

    Only one message is given: what the case waits for then, it waits for anew.
    """
    due = min((wait.due for wait in run.waits_before if wait.due is not None), default=run.tx.now)
    found = []
    for name in {wait.name for wait in run.waits_before if wait.kind == "message"}:
        found += [(*row, name) for row in MESSAGES_BEFORE.rows(run.tx, message=name, due=due)]
    for _, message_id, keys, attached_to, name in sorted(found, key=lambda row: row[:2]):
        mine = attached_to == run.case_id
        if mine or (attached_to is None and matching.waiting(run.tx, name, keys) == [run.case_id]):
            message = matching.load(run.tx, message_id)
            if message is None:
                continue
            if _give(run.engine, run.tx, run.case_id, matching.opened(message), by_clock=True):
                return True
    return False


def _bring(
    engine: Engine,
    tx: Transaction,
    message: Inbound,
    *,
    parent_id: int | None = None,
    stored: bool = False,
) -> list[CaseRef]:
    """Give a stored message to the case that waits for it, start one, or keep it."""
    ref = _to_waiting(engine, tx, message)
    if ref is not None:
        return [ref]
    started = engine.started_by(tx, message.name)
    if started is not None:
        model, _ = started
        ref = start(
            engine,
            tx,
            model.process,
            {"message_id": message.id},
            actor_id=message.actor_id,
            message=message.name,
            payload={**message.keys, **message.payload},
            parent_id=parent_id,
            stored=stored,
        )
        _mark_taken(tx, message, ref.case_id)
        return [ref]
    # A case that comes to wait at this very moment looks for kept messages: one of the two sees the other.
    tx.hold(message.name)
    ref = _to_waiting(engine, tx, message)
    if ref is not None:
        return [ref]
    MESSAGE_KEPT.run(tx, message_id=message.id)
    return []


def _to_waiting(engine: Engine, tx: Transaction, message: Inbound) -> CaseRef | None:
    waiting = matching.waiting(tx, message.name, message.keys)
    if len(waiting) > 1:
        raise matching.ambiguous(message.name, len(waiting))
    return _give(engine, tx, waiting[0], message) if waiting else None


def _mark_taken(tx: Transaction, message: Inbound, case_id: int) -> None:
    if MESSAGE_MATCHED.run(tx, message_id=message.id, to_case=case_id, at=tx.now) != 1:
        raise Conflict(
            "message_taken",
            "The message “{name}” was delivered, or put aside, by somebody else at the same moment.",
            where=message.name,
            remedy="Look at what has become of it.",
            name=message.name,
        )


def broadcast(
    engine: Engine,
    tx: Transaction,
    signal: str,
    payload: Mapping[str, object] | None = None,
    *,
    actor_id: int | None = None,
    parent_id: int | None = None,
) -> list[CaseRef]:
    """Let every case that listens for a signal hear it, and begin a case of each process it starts.

    All of it happens in this transaction or nothing. A case whose next step fails has heard it, and
    waits there. A signal is not kept: who listens later does not hear it.
    """
    heard = []
    for (case_id,) in LISTENING.rows(tx, signal=signal):
        if case_id == parent_id:
            continue  # It has heard its own signal when it threw it.
        tx.flush()
        run = open_run(engine, tx, case_id, actor_id=actor_id)
        run.record("signal.received", attrs={"signal": signal})
        accepted = run.accepted(run.model, dict(payload or {}))
        heard.append(advance(run, partial(run.workflow.hear, signal, accepted)))
    for model, _ in engine.hearing(tx, signal):
        values = dict(payload or {})
        heard.append(
            start(engine, tx, model.process, values, actor_id=actor_id, signal=signal, parent_id=parent_id)
        )
    return heard


def _send_thrown(run: Run) -> bool:
    """Send what the step has thrown: events drawn in the diagram, and messages of its services.

    Returns whether there was anything; the case itself may have been among the receivers.
    """
    thrown, run.workflow.thrown = run.workflow.thrown, []
    sent: list[tuple[Token | None, str, Thrown | dict[str, Any]]]
    sent = [(one.token, one.token.element.message or one.token.element.signal, one) for one in thrown]
    sent += [(token, name, payload) for name, token, payload in run.outgoing]
    run.outgoing = []
    if run.tx.depth == 0:
        run.tx.set_off = 0
    for token, name, what in sent:
        if run.tx.depth >= MAX_DEPTH or run.tx.set_off >= MAX_MESSAGES:
            raise Invalid(
                "messages_endless",
                "One action set off message after message: the processes call each other in a circle.",
                where=run.case_no,
                remedy="Put a person or a timer between the processes that send to each other.",
            )
        run.tx.depth += 1
        run.tx.set_off += 1
        try:
            _send_one(run, name, what)
        except PercorsoError as error:
            if not run.by_clock or error.code == "case_changed":
                raise
            details = {**error.params, "sent": name, "refusal": error.message}
            raise _nobody_reads(run, token, NOT_TAKEN_IN, details, error) from error
        run.tx.depth -= 1
    return bool(sent)


def _send_one(run: Run, name: str, what: Thrown | dict[str, Any]) -> None:
    """Send what a drawn event has thrown, or the payload that a service sends, and nothing else."""
    to = {"actor_id": run.actor_id, "parent_id": run.case_id}
    if isinstance(what, Thrown) and what.token.element.signal:
        broadcast(run.engine, run.tx, name, what.carried, **to)
        return
    if not run.engine.is_heard(run.tx, name) and not WAITING_FOR.rows(run.tx, message=name, amount=1):
        # Nobody inside waits for it, now or ever: it was for the customer, who is outside.
        return
    if isinstance(what, dict):
        send(run.engine, run.tx, name, _matching_keys(run, name, what), what, **to)
        return
    ids = {key: value for key, value in what.data.items() if key.endswith("_id") and key != "message_id"}
    payload = {**ids, **what.carried}
    declared = declared_key(what.token.element.correlation, what.key)
    send(run.engine, run.tx, name, _matching_keys(run, name, payload, declared), payload, **to)


def _take_kept(run: Run) -> bool:
    """Give the case the messages that came before it waited for them; returns whether there were any."""
    names = {wait.name or "" for wait in run.waits if wait.kind == "message"}
    if run.keys == run.keys_before:
        names -= {wait.name or "" for wait in run.waits_before if wait.kind == "message"}
    moved = False
    for name in sorted(names):
        run.tx.hold(name, shared=True)
        # What is waited for again, or again and again, takes the next one too.
        while _take_one(run, name):
            moved = True
    return moved


def _take_one(run: Run, name: str) -> bool:
    since = run.tx.now - timedelta(days=run.engine.settings.message_days)
    for message_id, keys, attached_to in MESSAGES_KEPT.rows(run.tx, message=name, since=since):
        if attached_to is None:
            mine = bool(keys) and run.case_id in matching.waiting(run.tx, name, keys)
        else:
            mine = attached_to == run.case_id
        message = matching.load(run.tx, message_id) if mine else None
        if message is not None and message.state == "kept":
            message = replace(matching.opened(message), actor_id=None)
            if _give(run.engine, run.tx, run.case_id, message, by_clock=run.by_clock):
                return True
    return False


def _matching_keys(
    run: Run, name: str, carried: Mapping[str, Any], declared: tuple[str, str] | None = None
) -> dict[str, str]:
    """The keys of a thrown message: those of the sender's ids that a waiting case has too.

    A sender knows more ids than its receiver, those of what came before it; ids that no waiting case
    has at all say nothing about which one is meant. The key that the drawing declares comes first;
    a case that waits without declaring one is still found by ids.
    """
    ids = {key: str(value) for key, value in carried.items() if key.endswith("_id")}
    ids = {key: value for key, value in ids.items() if len(key) <= KEY_LENGTH and len(value) <= KEY_LENGTH}
    shared = {
        key: value
        for key, value in ids.items()
        if WAITING_WITH_KEY.rows(run.tx, message=name, key_name=key, key_value=value)
    }
    if declared is None:
        return shared or ids
    keys = {**shared, declared[0]: declared[1]}
    if matching.waiting(run.tx, name, keys):
        return keys
    return shared if shared and matching.waiting(run.tx, name, shared) else {declared[0]: declared[1]}


def _give(
    engine: Engine, tx: Transaction, case_id: int, message: Inbound, *, by_clock: bool = False
) -> CaseRef | None:
    """Let a case take a message; None when it does not wait for it (any more)."""
    tx.flush()
    run = open_run(engine, tx, case_id, actor_id=message.actor_id)
    run.by_clock = by_clock
    waits = [wait for wait in run.waits_before if (wait.kind, wait.name) == ("message", message.name)]
    if message.attached_to is not None:
        waits = [wait for wait in waits if message.element in (None, wait.element)]
    else:
        waits = [wait for wait in waits if matching.fits(wait, run.case_no, run.keys_before, message.keys)]
    if not waits:
        return None
    _mark_taken(tx, message, case_id)
    tokens = {token.id: token for token in run.workflow.alive()}
    # Of several instances that wait, the one whose own variables have the keys comes first.
    wait = min(waits, key=lambda wait: not (wait.key or _has(tokens[wait.token], message.keys)))
    token = tokens[wait.token]
    accepted = {
        **run.accepted(token.task_spec.specs.model, message.payload),
        "message_id": message.id,
    }
    run.workflow.origin = token.id
    run.record("message.received", token, attrs={"message": message.name, "id": message.id})
    take = partial(token.task_spec.take, token, message.name, accepted, element=wait.element)
    return advance(run, take)


def _has(token: Token, keys: Mapping[str, str]) -> bool:
    data = token.workflow.data
    return all(str(data.get(key)) == str(value) for key, value in keys.items() if key in data)


def _receive(run: Run, message: str, payload: dict[str, Any]) -> None:
    """Turn what came with a start message into rows and variables."""
    receive = run.engine.catalog.process(run.model.process).receive.get(message)
    if receive is None:
        run.workflow.data.update(run.accepted(run.model, payload))
        return
    step = StepContext(run, None, payload)
    try:
        values = receive(step)
        run.tx.flush()
    except Invalid:
        raise
    except Exception as error:
        reason = str(error) if isinstance(error, StepFailed) else f"“{message}” could not be taken in"
        failure = StepFailed(run.model.starts[message], message, reason)
        run.note_incident(failure)
        raise failure from error
    checked = from_json(values, where=message)
    assert isinstance(checked, dict)
    run.workflow.data.update(checked)
