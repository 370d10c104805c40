"""What is due: timers, and later tries of failed steps; each case goes on in a transaction of its own."""

from __future__ import annotations

import logging
from datetime import datetime

from engine.errors import Conflict, PercorsoError
from engine.runtime import Engine, advance, open_run, set_aside, start_due, take_earlier
from engine.store import CASE_DUE

log = logging.getLogger("percorso.timers")


def fire_due(engine: Engine, now: datetime, *, limit: int = 10_000) -> tuple[int, int]:
    """Wake every case that is due at `now`, and begin those of timer start events; (moved, failed).

    Each case is taken (locked) and moved in one transaction, so that two workers never wake the
    same one, and a failing case leaves the others alone: it gets an incident and a later try. A
    message that was stored before the timer was due, and not delivered yet, comes before it.
    """
    woken = failed = 0
    for move in (_fire_one, start_due):
        for _ in range(limit):
            outcome = move(engine, now)
            if outcome == "none":
                break
            woken += outcome == "woken"
            failed += outcome == "failed"
    return woken, failed


def _fire_one(engine: Engine, now: datetime) -> str:
    """What became of one case: `woken`, `message` (it took one first), `failed`; `none` when none is due."""
    case_id = None
    try:
        with engine.transaction(now) as tx:
            case_id = CASE_DUE.scalar(tx, now=now, amount=1)
            if case_id is None:
                return "none"
            run = open_run(engine, tx, case_id)
            run.by_clock = True
            if take_earlier(run):
                return "message"
            advance(run, run.workflow.refresh)
            return "failed" if run.failed else "woken"
    except Conflict as error:
        if case_id is None or error.code == "database_busy":
            return "none"  # Another worker is at it; what it leaves is looked at in the next round.
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


def _failed(engine: Engine, now: datetime, case_id: int, error: Exception) -> str:
    log.warning("case %s could not go on: %s", case_id, error)
    with engine.transaction(now) as tx:
        set_aside(engine, tx, case_id, error)
    return "failed"
