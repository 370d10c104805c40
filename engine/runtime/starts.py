"""Timer start events: they begin cases by themselves, from the day a version is deployed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from engine import feel
from engine.db import Transaction
from engine.diagrams import Element
from engine.errors import Conflict, ExpressionError, Invalid, PercorsoError
from engine.runtime.engine import Engine
from engine.runtime.flow import start
from engine.runtime.performer import clock_functions
from engine.spiff.definitions import Due, Timer
from engine.store import START_DUE, START_LATER, START_OVER
from engine.tables import StartTimer

log = logging.getLogger("percorso.starts")


def plan_starts(engine: Engine, tx: Transaction, process: str) -> None:
    """Let the timer start events of the newest version take over from those of the one before.

    A timer that is drawn as before goes on as planned. A date that has passed starts nothing.
    Raises Invalid when the expression of a timer gives no time.
    """
    model = engine.latest(tx, process)
    before = {
        (row.element, row.text): row
        for row in tx.session.scalars(select(StartTimer).where(StartTimer.process == process))
    }
    drawn = {(element.id, element.timer[1]): element for element in model.timer_starts if element.timer}
    gone = [row.id for key, row in before.items() if key not in drawn]
    tx.session.execute(delete(StartTimer).where(StartTimer.id.in_(gone)))
    for key, element in drawn.items():
        due = None if key in before else _first(engine, tx, element)
        if due is not None:
            tx.session.add(
                StartTimer(
                    process=process,
                    element=element.id,
                    text=key[1],
                    due_at=due.at,
                    runs=due.runs,
                    every=due.every,
                    first_at=due.first,
                )
            )
    tx.session.flush()


def start_due(engine: Engine, now: datetime) -> str:
    """Begin the case whose timer has been due longest.

    `woken` when it has begun, `failed` when it did not (an incident says why; the timer goes on), `none`
    when nothing is due. Runs that were missed are made up once.
    """
    taken = None
    try:
        with engine.transaction(now) as tx:
            taken = START_DUE.row(tx, now=now)
            if taken is None:
                return "none"
            _go_on(engine, tx, taken)
            start(engine, tx, taken[1], timer=taken[2])
            return "woken"
    except PercorsoError as error:
        if taken is None and isinstance(error, Conflict):
            return "none"  # Another worker is at it.
        if taken is None:
            raise
        log.warning("%s could not be started by its timer: %s", taken[1], error)
        with engine.transaction(now) as tx:
            again = START_DUE.row(tx, now=now)
            if again is not None and again[0] == taken[0]:
                _go_on(engine, tx, again)
        return "failed"


def _first(engine: Engine, tx: Transaction, element: Element) -> Due | None:
    """When it starts first; None when that has passed."""
    scope = feel.Scope({}, clock_functions(engine, tx))
    assert element.timer is not None
    timer = Timer(*element.timer)
    try:
        due = timer.read(lambda text: feel.compile_expression(text).evaluate(scope), tx.now, engine.zone)
    except (ExpressionError, ValueError) as error:
        raise Invalid(
            "start_timer",
            "The start event “{what}” cannot be planned: {reason}.",
            where=element.id,
            remedy="Write a time that can be told without any case, such as R/2026-01-05T09:00/P1W.",
            what=element.name or element.id,
            reason=error.problem if isinstance(error, ExpressionError) else error,
        ) from None
    if due.at <= tx.now and due.every:
        due = due.after(tx.now, engine.zone)
    return due if due.at > tx.now and due.runs != 0 else None


def _go_on(engine: Engine, tx: Transaction, row: Sequence[Any]) -> None:
    """Set a timer that has been due to its next run, or take it away."""
    timer_id, _, _, at, runs, every, first = row
    due = Due(at, runs, every, first).after(tx.now, engine.zone) if every else Due(at, 0)
    if due.runs == 0:
        START_OVER.run(tx, timer_id=timer_id)
    else:
        START_LATER.run(tx, timer_id=timer_id, due_at=due.at, runs=due.runs)
