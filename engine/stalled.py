"""Which cases stand still: in a stage for longer than the stage's limit.

The limit of a stage is the parameter `stalled.<process>.<stage>`, else `stalled.<process>`; a stage
without either never stalls.
"""

from __future__ import annotations

from datetime import datetime

import isodate
from sqlalchemy import select

from engine import parameters
from engine.db import Transaction
from engine.runtime import Engine
from engine.store import CASE_STALLED, EVENT_INSERT
from engine.tables import Case, Visit


def limits(engine: Engine, tx: Transaction) -> dict[tuple[str, str | None], isodate.Duration]:
    """(process, stage or None) -> the duration after which a case there counts as stalled."""
    found = {}
    for key, value in parameters.in_force(engine.settings, tx).items():
        word, _, rest = key.partition(".")
        if word == "stalled" and rest:
            process, _, stage = rest.partition(".")
            found[(process, stage or None)] = isodate.parse_duration(value)
    return found


def flag(engine: Engine, now: datetime) -> int:
    """Flag the cases that have stalled by `now`, with an event each; returns how many."""
    with engine.transaction(now) as tx:
        stalls = limits(engine, tx)
        flagged = 0
        for process, stage in _open_stages(tx):
            limit = stalls.get((process, stage)) or stalls.get((process, None))
            if limit is not None:
                flagged += _flag_stage(tx, process, stage, limit)
        return flagged


def _open_stages(tx: Transaction) -> list[tuple[str, str]]:
    rows = tx.session.execute(select(Visit.process, Visit.stage).where(Visit.left_at.is_(None)).distinct())
    return [(row.process, row.stage) for row in rows]


def _flag_stage(tx: Transaction, process: str, stage: str, limit: isodate.Duration) -> int:
    since = tx.now - limit
    rows = tx.session.execute(
        select(Case.id, Case.subject_kind, Case.subject_id, Case.version_id, Case.counts, Visit.entered_at)
        .join(Visit, Visit.case_id == Case.id)
        .where(
            Visit.process == process,
            Visit.stage == stage,
            Visit.left_at.is_(None),
            Visit.entered_at <= since,
            Case.stalled_since.is_(None),
            Case.status.in_(("open", "stuck", "incident")),
        )
        .with_for_update(of=Case, skip_locked=True)
    ).all()
    CASE_STALLED.many(
        tx, [{"case_id": row.id, "since": row.entered_at + limit, "reason": stage} for row in rows]
    )
    EVENT_INSERT.many(
        tx,
        [
            {
                "occurred_at": row.entered_at + limit,
                "recorded_at": tx.now,
                "type": "case.stalled",
                "case_id": row.id,
                "subject_kind": row.subject_kind,
                "subject_id": row.subject_id,
                "process": process,
                "version_id": row.version_id,
                "element": None,
                "stage": stage,
                "actor_id": None,
                "role": None,
                "amount": None,
                "currency": None,
                "attrs": {"limit": isodate.duration_isoformat(limit)},
                "internal": True,
                "counts": row.counts,
            }
            for row in rows
        ],
    )
    return len(rows)
