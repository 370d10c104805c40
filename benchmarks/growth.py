"""What must not grow: a step's cost in a long loop, and the inbox with the number of open tasks."""

from __future__ import annotations

import statistics
import time

from sqlalchemy import func, insert, select

from benchmarks.house import NOW, House
from engine import inbox
from engine.runtime import start
from engine.store import TASKS_OF_CASE
from engine.tables import Case, Task


def loop(house: House, rounds: int = 10_000) -> tuple[list[float], int]:
    """Ratios of the last steps to those around step 10, and the state's size in bytes."""
    engine, times = house.engine, []
    with engine.transaction(NOW) as tx:
        ref = start(engine, tx, "loop")
    for _ in range(rounds + 10):
        with engine.transaction(NOW, write=False) as tx:
            task_id = TASKS_OF_CASE.rows(tx, case_id=ref.case_id)[0][0]
        begun = time.process_time()
        with engine.transaction(NOW) as tx:
            inbox.complete(engine, tx, task_id, {"again": True})
        times.append(time.process_time() - begun)
    early = statistics.median(times[5:25])
    late = [one / early for one in times[-20:]]
    with engine.transaction(NOW, write=False) as tx:
        size = tx.session.scalar(select(func.length(Case.state)).where(Case.id == ref.case_id))
    return late, int(size or 0)


def inbox_sizes(house: House) -> list[float]:
    """Ratios of listing a role's inbox with 20,000 open tasks to listing it with 10."""
    engine = house.engine
    with engine.transaction(NOW) as tx:
        case_id = start(engine, tx, "loop").case_id
    _fill(house, case_id, 10)
    few = _list(house)
    _fill(house, case_id, 19_990)
    many = _list(house)
    base = statistics.median(few)
    return [one / base for one in many]


def _fill(house: House, case_id: int, amount: int) -> None:
    task = {
        "case_id": case_id,
        "token": "0",
        "element": "call",
        "name": "Call",
        "process": "loop",
        "version_id": 1,
        "role": "support_agent",
        "priority": 50,
        "state": "open",
        "created_at": NOW,
        "due_at": NOW,
    }
    with house.engine.transaction(NOW) as tx:
        tx.session.execute(insert(Task), [task] * amount)


def _list(house: House) -> list[float]:
    times = []
    for _ in range(101):
        begun = time.perf_counter()
        with house.engine.transaction(NOW, write=False) as tx:
            inbox.tasks(tx, roles=["support_agent"], person_id=1, limit=10)
        times.append(time.perf_counter() - begun)
    return times
