"""What is due: timers, and later tries of failed steps; each case goes on in a transaction of its own."""

from __future__ import annotations

import logging
from datetime import datetime

from engine.errors import Conflict, PercorsoError
from engine.runtime import Engine, advance, open_run, set_aside
from engine.store import CASE_DUE

log = logging.getLogger("percorso.timers")


def fire_due(engine: Engine, now: datetime, *, limit: int = 10_000) -> tuple[int, int]:
    """Wake every case that is due at `now`; returns (woken, failed).

    Each case is taken (locked) and moved in one transaction, so that two workers never wake the
    same one, and a failing case leaves the others alone: it gets an incident and a later try.
    """
    woken = failed = 0
    for _ in range(limit):
        outcome = _fire_one(engine, now)
        if outcome is None:
            break
        woken += outcome
        failed += not outcome
    return woken, failed


def _fire_one(engine: Engine, now: datetime) -> bool | None:
    """True when a case was woken, False when it failed, None when none is due."""
    case_id = None
    try:
        with engine.transaction(now) as tx:
            case_id = CASE_DUE.scalar(tx, now=now, amount=1)
            if case_id is None:
                return None
            run = open_run(engine, tx, case_id)
            run.by_clock = True
            advance(run, run.workflow.refresh)
            return not run.failed
    except Conflict as error:
        if case_id is None or error.code == "database_busy":
            return None  # Another worker is at it; what it leaves is looked at in the next round.
        return _failed(engine, now, case_id, error)
    except PercorsoError as error:
        if case_id is None:
            raise
        return _failed(engine, now, case_id, error)
    except Exception as error:
        # The worker must live on, whatever is wrong with one case.
        if case_id is None:
            raise
        log.exception("case %s stopped the clockwork", case_id)
        return _failed(engine, now, case_id, error)


def _failed(engine: Engine, now: datetime, case_id: int, error: Exception) -> bool:
    log.warning("case %s could not go on: %s", case_id, error)
    with engine.transaction(now) as tx:
        set_aside(engine, tx, case_id, error)
    return False
