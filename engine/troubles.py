"""The cases that need somebody: with a step that has failed, or stuck."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from engine.db import Transaction
from engine.errors import NotFound, filled
from engine.runtime import Engine, open_run
from engine.spiff import moves
from engine.tables import Case, Event, Incident

STUCK = "nothing can come any more from {missing}"
NOWHERE = "there is nothing that anybody, a message or a time could set going"


@dataclass(frozen=True)
class Trouble:
    """One thing that keeps a case from going on; `template` with `details` gives the reason."""

    incident_id: int | None
    """None for a case that is stuck."""
    case_id: int | None
    """None when the case never came to be."""
    case_no: str | None
    process: str
    version_id: int | None
    element: str | None
    kind: str
    template: str
    details: Mapping[str, Any]
    remedy: str | None
    since: datetime
    attempts: int
    next_try: datetime | None

    @property
    def reason(self) -> str:
        return filled(self.template, self.details)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.incident_id,
            "case": self.case_id,
            "case_no": self.case_no,
            "process": self.process,
            "element": self.element,
            "kind": self.kind,
            "reason": self.reason,
            "remedy": filled(self.remedy, self.details) if self.remedy else None,
            "since": self.since.isoformat().replace("+00:00", "Z"),
            "attempts": self.attempts,
            "next_try": self.next_try.isoformat().replace("+00:00", "Z") if self.next_try else None,
        }


def listed(tx: Transaction, limit: int = 200) -> list[Trouble]:
    """What is in trouble now, the oldest first: open incidents, then what is stuck."""
    query = (
        select(Incident, Case.case_no, Case.version_id)
        .join(Case, Case.id == Incident.case_id, isouter=True)
        .where(Incident.resolved_at.is_(None))
        .order_by(Incident.since, Incident.id)
        .limit(limit)
    )
    found = [of_incident(row[0], row[1], row[2]) for row in tx.session.execute(query)]
    last = select(func.max(Event.recorded_at)).where(Event.case_id == Case.id).scalar_subquery()
    stuck = (
        select(Case.id, Case.case_no, Case.process, Case.version_id, last)
        .where(Case.status == "stuck")
        .order_by(Case.id)
        .limit(limit - len(found))
    )
    return found + [_stuck(*row) for row in tx.session.execute(stuck)]


def of_case(engine: Engine, tx: Transaction, case_id: int) -> list[Trouble]:
    """What keeps one case from going on."""
    row = tx.session.get_one(Case, case_id, populate_existing=True)
    query = select(Incident).where(Incident.case_id == case_id, Incident.resolved_at.is_(None))
    found = [
        of_incident(one, row.case_no, row.version_id)
        for one in tx.session.scalars(query.order_by(Incident.id))
    ]
    return found + (of_stuck(engine, tx, case_id) if row.status == "stuck" else [])


def of_incident(row: Incident, case_no: str | None, version_id: int | None) -> Trouble:
    return Trouble(
        row.id,
        row.case_id,
        case_no,
        row.process,
        version_id,
        row.element or None,
        row.kind,
        row.template or row.reason,
        (row.details or {}) if row.template else {},
        row.remedy,
        row.since,
        row.attempts,
        row.next_try,
    )


def of_stuck(engine: Engine, tx: Transaction, case_id: int) -> list[Trouble]:
    """Where a stuck case stands, and what it waits for in vain."""
    run = open_run(engine, tx, case_id)
    last = tx.session.scalar(select(func.max(Event.recorded_at)).where(Event.case_id == case_id)) or tx.now
    case = (case_id, run.case_no, run.model.process, run.model.version_id, last)
    found = []
    for token in moves.standing(run.workflow):
        names = token.task_spec.specs.model.elements
        missing = ", ".join(f"“{names[id].name or id}”" if id in names else id for id in moves.missing(token))
        if missing:
            found.append(_stuck(*case, token.element.id, STUCK, {"missing": missing}))
    return found or [_stuck(*case)]


def _stuck(
    case_id: int,
    case_no: str,
    process: str,
    version_id: int,
    since: datetime,
    element: str | None = None,
    template: str = NOWHERE,
    details: Mapping[str, Any] | None = None,
) -> Trouble:
    case = (case_id, case_no, process, version_id)
    return Trouble(None, *case, element, "stuck", template, details or {}, None, since, 0, None)


def dismiss(tx: Transaction, incident_id: int) -> None:
    """Take note of an incident whose case never came to be; raises NotFound for any other."""
    query = update(Incident).where(
        Incident.id == incident_id, Incident.case_id.is_(None), Incident.resolved_at.is_(None)
    )
    result: Any = tx.session.execute(query.values(resolved_at=tx.now))
    if result.rowcount != 1:
        raise NotFound(
            "incident_unknown",
            "There is no incident {id} of a case that never came to be.",
            where="incident",
            remedy="An incident of a case is over when the case has got past it: retry, skip or move.",
            id=incident_id,
        )
