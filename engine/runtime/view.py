"""A case as the command line and the pages show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import state
from engine.db import Transaction
from engine.errors import NotFound, StepFailed
from engine.runtime.case import open_run
from engine.runtime.engine import Engine
from engine.runtime.save import MOVES
from engine.store import CASE_ID, TASKS_OF_CASE
from engine.tables import Case, Event, Incident, Person
from engine.values import Value, to_json

LONGEST_ID = 18
"""How many digits an id may have: what is longer is none."""


@dataclass(frozen=True)
class CaseView:
    """How a case stands; `to_json` is the documented shape."""

    case_id: int
    case_no: str
    process: str
    version: int
    version_id: int
    status: str
    stage: str | None
    stage_since: datetime | None
    subject: tuple[str, int] | None
    started_at: datetime
    ended_at: datetime | None
    stalled_since: datetime | None
    stalled_reason: str | None
    parent_id: int | None
    calls: Mapping[str, int]
    open_tasks: list[dict[str, Any]]
    waiting: list[dict[str, Any]]
    data: Mapping[str, Value]

    def to_json(self) -> dict[str, Any]:
        return {
            "case": self.case_id,
            "case_no": self.case_no,
            "process": self.process,
            "version": self.version,
            "status": self.status,
            "open_tasks": self.open_tasks,
            "waiting": self.waiting,
            "data": to_json(dict(self.data)),
        }


def find_case(tx: Transaction, case: int | str) -> int:
    """The id of a case given by its id or its case number; raises NotFound."""
    if isinstance(case, str) and not (case.isascii() and case.isdigit()):
        found = CASE_ID.scalar(tx, case_no=case)
    elif len(str(case)) > LONGEST_ID:
        found = None
    else:
        found = tx.session.scalar(select(Case.id).where(Case.id == int(case)))
    if found is None:
        raise NotFound(
            "case_unknown",
            "There is no case “{case}”.",
            where="case",
            remedy="Give a case number such as L-2026-000123, or its id.",
            case=case,
        )
    return int(found)


def case_view(engine: Engine, tx: Transaction, case: int | str) -> CaseView:
    """A case by its id or case number; raises NotFound."""
    tx.flush()
    row = tx.session.get(Case, find_case(tx, case), populate_existing=True)
    assert row is not None
    model = engine.model(tx, row.version_id)
    tasks = TASKS_OF_CASE.rows(tx, case_id=row.id)
    who = _keys_of(tx, [task[8] for task in tasks])
    calls = state.calls_of(row.state)
    return CaseView(
        case_id=row.id,
        case_no=row.case_no,
        process=row.process,
        version=model.number,
        version_id=row.version_id,
        status=row.status,
        stage=row.stage,
        stage_since=row.stage_since,
        subject=(row.subject_kind, row.subject_id) if row.subject_kind and row.subject_id else None,
        started_at=row.started_at,
        ended_at=row.ended_at,
        stalled_since=row.stalled_since,
        stalled_reason=row.stalled_reason,
        parent_id=row.parent_id,
        calls=calls,
        open_tasks=[
            {
                "id": task[0],
                "element": task[3],
                "name": task[4],
                "role": task[7],
                "assignee": who.get(task[8]),
                "due_at": _iso(task[9]),
            }
            for task in tasks
        ],
        waiting=[
            {"element": wait[1], "kind": wait[2], "name": wait[3], "due_at": _iso(wait[4])}
            for wait in open_run(engine, tx, row.id).waits_before
        ],
        data=state.data_of(row.state),
    )


def visited(tx: Transaction, case_id: int) -> list[str]:
    """The ids of all elements a case has passed, in order."""
    rows = tx.session.scalars(
        select(Event.attrs).where(Event.case_id == case_id, Event.type.in_(MOVES)).order_by(Event.id)
    )
    return [element for attrs in rows if attrs for element in attrs.get("path", ())]


def incidents(tx: Transaction, case_id: int) -> list[Incident]:
    """The open incidents of a case, the oldest first."""
    query = select(Incident).where(Incident.case_id == case_id, Incident.resolved_at.is_(None))
    return list(tx.session.scalars(query.order_by(Incident.id)))


def failure(engine: Engine, tx: Transaction, case_id: int) -> StepFailed | None:
    """The first open incident of a case, as the error that it was; None when there is none."""
    found = next(iter(incidents(tx, case_id)), None)
    if found is None:
        return None
    row = tx.session.get_one(Case, case_id)
    name = engine.model(tx, row.version_id).element_name(found.element or row.case_no)
    template, details = found.template or found.reason, found.details
    return StepFailed(
        found.element or "", name, template, remedy=found.remedy, kind=found.kind, details=details
    )


def _keys_of(tx: Transaction, ids: list[int | None]) -> dict[int | None, str]:
    wanted = [number for number in ids if number is not None]
    if not wanted:
        return {}
    rows = tx.session.execute(select(Person.id, Person.key).where(Person.id.in_(wanted)))
    return {row.id: row.key for row in rows}


def _iso(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value is not None else None
