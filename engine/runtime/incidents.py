"""What has failed: written down, tried again later, over when it is past."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.errors import StepFailed
from engine.store import (
    CASE_FAILED,
    CASE_LATER,
    INCIDENT_AGAIN,
    INCIDENT_INSERT,
    INCIDENT_RESOLVE,
    INCIDENTS_OPEN,
)

if TYPE_CHECKING:
    from engine.config import Settings
    from engine.db import Transaction
    from engine.runtime.save import Saver
    from engine.spiff import Token


def settle(run: Saver) -> bool:
    """Write what has failed in this step, and end what is over; returns whether something still fails."""
    workflow = run.workflow
    failures, workflow.failures = workflow.failures, []
    if run.status not in {"incident", "cancelled"} and not failures:
        return False
    standing = {str(token.id) for token in workflow.alive() if token.failing}
    known = {(row[3], bool(row[4])): row for row in INCIDENTS_OPEN.rows(run.tx, case_id=run.case_id)}
    for token, failure in dict(failures).items():
        key = (str(token.id), False)
        if key[0] in standing:
            _stands(run, token, failure, known.get(key))
            known.pop(key, None)
    undone = False
    for (token_id, whole), row in known.items():
        if token_id in standing and not whole:
            continue
        if whole and not _is_past(run, row):
            undone = True
        else:
            INCIDENT_RESOLVE.run(run.tx, incident_id=row[0], at=run.tx.now)
    return bool(standing) or undone


def _stands(run: Saver, token: Token, failure: StepFailed, known: Any) -> None:
    """A step has failed, for the first time or again."""
    tx = run.tx
    attempts = int(known[1]) + 1 if known is not None else 1
    next_try = later(run.engine.settings, tx.now, attempts) if failure.again else None
    if next_try is not None:
        token.internal_data["next_try"] = next_try.isoformat()
    values = _values(failure, str(token.id), attempts, next_try)
    if known is not None:
        INCIDENT_AGAIN.run(tx, incident_id=known[0], **values)
    else:
        model = token.task_spec.specs.model
        INCIDENT_INSERT.run(
            tx,
            case_id=run.case_id,
            process=model.process,
            undone=False,
            since=tx.now,
            resolved_at=None,
            **values,
        )
    run.record("step.failed", token, attrs={"kind": failure.kind, "attempts": attempts})


def _is_past(run: Saver, row: Any) -> bool:
    """Is the token gone that the undone action set out from, or what failed passed since?"""
    _, _, element, token, _ = row
    workflow = run.workflow
    return (
        not element
        or element in workflow.path
        or (token is not None and token not in {str(one.id) for one in workflow.alive()})
        or workflow.is_completed()
    )


def write_undone(
    tx: Transaction,
    settings: Settings,
    case_id: int | None,
    process: str,
    failure: StepFailed,
    *,
    again: bool,
    origin: int | None = None,
) -> None:
    """Keep why an action was undone as a whole; `again`: nobody sees it fail, so it is tried later."""
    token = str(origin) if origin is not None else None
    rows = INCIDENTS_OPEN.rows(tx, case_id=case_id) if case_id is not None else []
    known = next((row for row in rows if row[4] and row[3] == token), None)
    attempts = int(known[1]) + 1 if known is not None else 1
    next_try = later(settings, tx.now, attempts) if again and case_id is not None else None
    values = _values(failure, token, attempts, next_try)
    if known is not None:
        INCIDENT_AGAIN.run(tx, incident_id=known[0], **values)
    else:
        INCIDENT_INSERT.run(
            tx, case_id=case_id, process=process, undone=True, since=tx.now, resolved_at=None, **values
        )
    if case_id is None:
        return
    CASE_FAILED.run(tx, case_id=case_id)
    if again:
        CASE_LATER.run(tx, case_id=case_id, next_due=next_try)


def later(settings: Settings, now: datetime, attempts: int) -> datetime | None:
    """When what has failed so many times is tried again; None when it waits for a person."""
    pauses = settings.retry_pauses
    return now + pauses[attempts - 1] if attempts <= len(pauses) else None


def _values(
    failure: StepFailed, token: str | None, attempts: int, next_try: datetime | None
) -> dict[str, Any]:
    details = {
        key: value if isinstance(value, (str, int)) else str(value) for key, value in failure.details.items()
    }
    return {
        "element": failure.element,
        "token": token,
        "kind": failure.kind,
        "reason": failure.reason,
        "template": failure.reason_template,
        "remedy": failure.remedy_template,
        "details": details,
        "attempts": attempts,
        "next_try": next_try,
    }
