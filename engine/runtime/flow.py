"""How cases move: one begins, one goes on, a message brings one to the next."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.exc import DBAPIError

from engine import state
from engine.db import Transaction
from engine.errors import Conflict, Invalid, NotFound, PercorsoError, StepFailed
from engine.runtime.case import UNFORESEEN, Run, insert, open_run
from engine.runtime.engine import Engine
from engine.runtime.performer import StepContext
from engine.runtime.save import CaseRef
from engine.spiff import WAITING, Token
from engine.spiff.tokens import standing_at
from engine.store import (
    CASE_ID,
    CASE_STATUS,
    LISTENING,
    MESSAGE_INSERT,
    MESSAGE_MATCHED,
    MESSAGES_KEPT,
    WAITING_FOR,
    WAITING_WITH_KEY,
)
from engine.values import from_json, to_json

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
    parent_id: int | None = None,
) -> CaseRef:
    """Begin a case of the newest version of a process, and let it go as far as it can.

    `data` are its first variables. With `message`, the start event of that message begins it, and
    the process's `receive` function (if it has one) turns `payload` into rows and variables; with
    `signal`, the start event of that signal begins it.
    Raises NotFound for an unknown process, StepFailed when the start fails as a whole (nothing is kept
    then but the incident); a single step that fails leaves the case there.
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
    # Whoever sends a start message may say that its case is none for the figures.
    run.counts = bool((payload or {}).get("counts", counts))
    values = from_json(dict(data or {}))
    assert isinstance(values, dict)
    run.workflow = run.make_workflow(values, state.Kept())
    insert(run, parent_id)
    named = {"message": message} if message else {"signal": signal} if signal else None
    run.record("case.started", attrs=named)
    if message is not None:
        _receive(run, message, dict(payload or {}))
    if signal is not None:
        run.workflow.begin(model.signal_starts[signal])
    else:
        run.workflow.begin(model.starts[message] if message is not None else None)
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

    A case waits for it when all `keys` are true of the case: `case_no`, or a variable whose name
    ends in `_id`. Without a match a start event of that name begins a case; without that the
    message is kept for the configured number of days, for a case that will wait for it.
    Returns the case moved or started, or an empty list when the message was kept. Raises Conflict
    when several cases wait and the keys do not tell which.
    """
    checked = from_json(dict(payload or {}), where="payload")
    wanted = {str(key): str(value) for key, value in (keys or {}).items()}
    from_json([name, wanted], where="message")
    message_id = MESSAGE_INSERT.scalar(
        tx,
        name=name,
        keys=wanted,
        payload=to_json(checked),
        received_at=tx.now,
        match_state="kept",
        case_id=None,
        matched_at=None,
    )
    waiting = _waiting(tx, name, wanted)
    if len(waiting) > 1:
        raise Conflict(
            "message_ambiguous",
            "{count} cases wait for “{name}”, and the keys do not tell which one is meant.",
            where=name,
            remedy="Add a key that only one of them has, such as case_no.",
            count=len(waiting),
            name=name,
        )
    if waiting:
        return [_give(engine, tx, waiting[0], message_id, name, wanted, dict(payload or {}), actor_id)]
    started = engine.started_by(tx, name)
    if started is None:
        return []
    model, _ = started
    ref = start(
        engine,
        tx,
        model.process,
        {"message_id": message_id},
        actor_id=actor_id,
        message=name,
        payload={**wanted, **(payload or {})},
        parent_id=parent_id,
    )
    MESSAGE_MATCHED.run(tx, message_id=message_id, to_case=ref.case_id, at=tx.now)
    return [ref]


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
    sent: list[tuple[Token | None, str, dict[str, Any]]]
    sent = [(token, token.element.message or token.element.signal, data) for token, data in thrown]
    sent += [(token, name, payload) for name, token, payload in run.outgoing]
    run.outgoing = []
    if run.tx.depth == 0:
        run.tx.set_off = 0
    for number, (token, name, data) in enumerate(sent):
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
            _send_one(run, token if number < len(thrown) else None, name, data)
        except PercorsoError as error:
            if not run.by_clock or error.code == "case_changed":
                raise
            details = {**error.params, "sent": name, "refusal": error.message}
            raise _nobody_reads(run, token, NOT_TAKEN_IN, details, error) from error
        run.tx.depth -= 1
    return bool(sent)


def _send_one(run: Run, drawn: Token | None, name: str, data: dict[str, Any]) -> None:
    """`drawn` is the token of the event that throws; a service's message has none and carries `data`."""
    to = {"actor_id": run.actor_id, "parent_id": run.case_id}
    if drawn is not None and drawn.element.signal:
        broadcast(run.engine, run.tx, name, _declared(drawn, data), **to)
        return
    if not run.engine.is_heard(run.tx, name) and not WAITING_FOR.rows(run.tx, message=name, amount=1):
        # Nobody inside waits for it, now or ever: it was for the customer, who is outside.
        return
    carried = _carried(drawn, data) if drawn is not None else data
    send(run.engine, run.tx, name, _matching_keys(run, name, carried), carried, **to)


def _declared(token: Token, data: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that the property `payload` of an event names."""
    names = [name.strip() for name in token.element.properties.get("payload", "").split(",")]
    return {name: data[name] for name in names if name in data}


def _carried(token: Token, data: Mapping[str, Any]) -> dict[str, Any]:
    """What a drawn message carries: the ids of its scope, and the variables its property `payload` names.

    A message that a service sends carries what the service gives it, and nothing else.
    """
    ids = {name: data[name] for name in data if name.endswith("_id") and name != "message_id"}
    return {**ids, **_declared(token, data)}


def _take_kept(run: Run) -> bool:
    """Give the case the messages that came before it waited for them; returns whether there were any."""
    fresh = {wait[3] for wait in run.waits if wait[2] == "message"}
    fresh -= {wait[3] for wait in run.waits_before if wait[2] == "message"}
    moved = False
    for name in sorted(fresh):
        # What is waited for again, or again and again, takes the next one too.
        while _take_one(run, name):
            moved = True
    return moved


def _take_one(run: Run, name: str) -> bool:
    since = run.tx.now - timedelta(days=run.engine.settings.message_days)
    for message_id, keys, payload in MESSAGES_KEPT.rows(run.tx, message=name, since=since):
        if keys and run.case_id in _waiting(run.tx, name, keys):
            by_clock = run.by_clock
            _give(run.engine, run.tx, run.case_id, message_id, name, keys, payload, None, by_clock=by_clock)
            return True
    return False


def _waiting(tx: Transaction, name: str, keys: Mapping[str, str]) -> list[int]:
    """The cases that wait for a message and have all of its keys."""
    if not keys:
        return [row[0] for row in WAITING_FOR.rows(tx, message=name, amount=2)]
    found: set[int] | None = None
    for key, value in keys.items():
        if key in {"case_no", "case"}:
            case_id = CASE_ID.scalar(tx, case_no=value)
            waiting = {row[0] for row in WAITING_FOR.rows(tx, message=name, amount=1_000_000)}
            cases = {case_id} & waiting
        else:
            cases = {row[0] for row in WAITING_WITH_KEY.rows(tx, message=name, key_name=key, key_value=value)}
        found = cases if found is None else found & cases
    return sorted(found or ())


def _matching_keys(run: Run, name: str, carried: Mapping[str, Any]) -> dict[str, object]:
    """The keys of a thrown message: those of the sender's ids that a waiting case has too.

    A sender knows more ids than its receiver (an offer knows its lead); ids that no waiting case
    has at all say nothing about which one is meant.
    """
    keys: dict[str, object] = {}
    for key, value in carried.items():
        if key.endswith("_id") and WAITING_WITH_KEY.rows(
            run.tx, message=name, key_name=key, key_value=str(value)
        ):
            keys[key] = value
    return keys or {key: value for key, value in carried.items() if key.endswith("_id")}


def _give(
    engine: Engine,
    tx: Transaction,
    case_id: int,
    message_id: int,
    name: str,
    keys: Mapping[str, str],
    payload: dict[str, Any],
    actor_id: int | None,
    *,
    by_clock: bool = False,
) -> CaseRef:
    tx.flush()
    run = open_run(engine, tx, case_id, actor_id=actor_id)
    run.by_clock = by_clock
    MESSAGE_MATCHED.run(tx, message_id=message_id, to_case=case_id, at=tx.now)
    taken = False
    # Of several instances that wait, the one whose own variables have the keys comes first.
    for token in sorted(run.workflow.alive(), key=lambda token: not _has(token, keys)):
        take = getattr(token.task_spec, "take", None)
        if take is None or token._state != WAITING:
            continue
        model = token.task_spec.specs.model
        accepted = {**run.accepted(model, payload), "message_id": message_id}
        if take(token, name, accepted):
            taken, run.workflow.origin = True, token.id
            run.record("message.received", token, attrs={"message": name, "id": message_id})
            break
    if not taken:
        raise Conflict(
            "message_late", "Case {case_no} no longer waits for “{name}”.", case_no=run.case_no, name=name
        )
    return advance(run)


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
