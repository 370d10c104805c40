"""Two at the same moment: exactly one wins, the other is told, and nothing is done twice or lost."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from engine import inbox, worker
from engine.errors import Conflict, PercorsoError
from engine.people import Person
from engine.runtime import CaseRef, advance, open_run
from engine.store import CASE_LOAD
from engine.tables import Case, Task
from tests.engine.drawing import bpmn, catch, end, service, start, user
from tests.engine.house import House

ROUNDS = 12
TASK = bpmn("task", start("begin"), user("ask"), user("next"), end("done"), "begin > ask > next > done")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gives, or the refusal it raises, when all begin at the same moment."""
    barrier = threading.Barrier(len(acts))
    outcomes: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            outcomes[number] = act()
        except PercorsoError as refusal:
            outcomes[number] = refusal

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()  # The connections of threads that have ended go back to the pool.
    return outcomes


def claiming(house: House, task_id: int, person: Person) -> Callable[[], Any]:
    def claim() -> inbox.TaskRow:
        with house.engine.transaction(house.now) as tx:
            return inbox.claim(house.engine, tx, task_id, person)

    return claim


def completing(house: House, task_id: int, person: Person) -> Callable[[], Any]:
    return lambda: house.complete_task(task_id, {"by": person.key}, person)


def test_of_several_who_claim_a_task_exactly_one_gets_it(house: House) -> None:
    house.deploy(TASK)
    people = [house.person(key) for key in ("ada", "bruno", "carla")]
    for _ in range(ROUNDS):
        case = house.start("task")
        task_id = house.task(case, "ask")
        outcomes = at_once(*(claiming(house, task_id, person) for person in people))
        refused = [one for one in outcomes if isinstance(one, Conflict)]
        (row,) = house.rows(Task, Task.id == task_id)
        winner = next(person for person in people if person.id == row.person_id)
        assert isinstance(outcomes[people.index(winner)], inbox.TaskRow)
        assert [one.message for one in refused] == [f"“ask” is in the hands of {winner.name}."] * 2
        assert [event.actor_id for event in house.events(case, "task.claimed")] == [winner.id]


def test_of_several_who_complete_a_task_exactly_one_does(house: House) -> None:
    house.deploy(TASK)
    people = [house.person(key) for key in ("ada", "bruno", "carla")]
    for _ in range(ROUNDS):
        case = house.start("task")
        task_id = house.task(case, "ask")
        outcomes = at_once(*(completing(house, task_id, person) for person in people))
        (winner,) = [
            person
            for person, one in zip(people, outcomes, strict=True)
            if one == CaseRef(case.case_id, case.case_no, "task", "open")
        ]
        refused = [one for one in outcomes if isinstance(one, Conflict)]
        assert [one.message for one in refused] == [
            f"“ask” was already done by {winner.name} at {house.now}."
        ] * 2
        assert house.view(case).data == {"by": winner.key}
        assert house.path(case) == ["begin", "ask"]
        assert house.row(case).revision == 2


def test_claiming_and_completing_by_two_never_takes_a_task_out_of_anothers_hands(house: House) -> None:
    house.deploy(TASK)
    ada, bruno = house.person("ada"), house.person("bruno")
    for _ in range(ROUNDS):
        task_id = house.task(house.start("task"), "ask")
        claimed, completed = at_once(claiming(house, task_id, ada), completing(house, task_id, bruno))
        (row,) = house.rows(Task, Task.id == task_id)
        if row.state == "completed":
            assert (row.person_id, row.closed_by) == (bruno.id, bruno.id)
            assert isinstance(claimed, Conflict) and not isinstance(completed, Conflict)
        else:
            assert (row.person_id, row.state) == (ada.id, "open")
            assert isinstance(completed, Conflict) and not isinstance(claimed, Conflict)
            assert completed.message == "“ask” is in the hands of Ada."


def test_who_waited_for_the_lock_is_told_what_happened_meanwhile(house: House) -> None:
    house.deploy(TASK)
    ada, bruno = house.person("ada"), house.person("bruno")
    case = house.start("task")
    task_id = house.task(case, "ask")
    outcome: list[Any] = []
    second = threading.Thread(target=lambda: outcome.extend(at_once(completing(house, task_id, bruno))))
    with house.engine.transaction(house.now) as tx:
        CASE_LOAD.row(tx, case_id=case.case_id)
        second.start()
        _wait_until_someone_waits(house, second)
        inbox.complete(house.engine, tx, task_id, {}, ada)
    second.join()
    assert outcome[0].message == f"“ask” was already done by Ada at {house.now}."


def test_a_claim_that_comes_while_another_completes_is_not_overlooked(house: House) -> None:
    house.deploy(TASK)
    ada, bruno = house.person("ada"), house.person("bruno")
    case = house.start("task")
    task_id = house.task(case, "ask")
    outcome: list[Any] = []
    second = threading.Thread(target=lambda: outcome.extend(at_once(completing(house, task_id, bruno))))
    with house.engine.transaction(house.now) as tx:
        CASE_LOAD.row(tx, case_id=case.case_id)
        second.start()
        _wait_until_someone_waits(house, second)
        inbox.claim(house.engine, tx, task_id, ada)
    second.join()
    assert outcome[0].message == "“ask” is in the hands of Ada."
    assert house.open(case) == ["ask"]


def test_a_case_that_was_changed_since_it_was_opened_is_not_overwritten(house: House) -> None:
    house.deploy(TASK)
    case = house.start("task")
    with pytest.raises(Conflict) as refusal, house.engine.transaction(house.now) as tx:
        first, second = (open_run(house.engine, tx, case.case_id) for _ in range(2))
        for run in (first, second):
            (token,) = [token for token in run.workflow.alive() if token.element.id == "ask"]
            advance(run, token.run)
    assert refusal.value.message == (f"Case {case.case_no} was changed by somebody else at the same moment.")
    assert (house.open(case), house.row(case).revision) == (["ask"], 1)


def test_cases_started_at_once_all_get_numbers_of_their_own(house: House) -> None:
    house.deploy(TASK)

    def start_some() -> list[str]:
        return [house.start("task").case_no for _ in range(10)]

    outcomes = at_once(*[start_some] * 4)
    numbers = [number for one in outcomes for number in one]
    assert sorted(numbers) == [f"C-2026-{number:06d}" for number in range(1, 41)]


def test_a_message_sent_twice_at_once_moves_its_case_once(house: House) -> None:
    house.deploy(
        bpmn(
            "hear",
            start("begin"),
            catch("reply", "reply"),
            user("read"),
            end("done"),
            "begin > reply > read > done",
        )
    )
    for number in range(ROUNDS):
        case = house.start("hear", {"lead_id": number})
        outcomes = at_once(*[lambda number=number: house.send("reply", {"lead_id": number})] * 2)
        assert house.open(case) == ["read"]
        assert len(house.events(case, "message.received")) == 1
        assert len([one for one in outcomes if isinstance(one, list) and one]) == 1


def test_ticks_at_the_same_moment_wake_each_case_once(house: House) -> None:
    done: list[int] = []
    house.services(count=lambda step: done.append(step.case_id))
    house.deploy(
        bpmn("nap", start("begin"), catch("pause", duration="PT1H"), service("count"), end("done"),
             "begin > pause > count > done")
    )  # fmt: skip
    cases = [house.start("nap") for _ in range(40)]
    house.now += timedelta(hours=1)
    reports = at_once(*[lambda: worker.tick(house.engine, house.now)] * 3)
    reports = [one for one in reports if isinstance(one, worker.TickReport)]
    assert sum(one.timers for one in reports) == 40
    assert sorted(done) == [case.case_id for case in cases]
    assert {case.status for case in house.rows(Case)} == {"completed"}


def _wait_until_someone_waits(house: House, thread: threading.Thread) -> None:
    """Until the other thread stands at a lock (on SQLite nobody can tell; a moment must do)."""
    if house.engine.database.dialect == "sqlite":
        time.sleep(0.1)
        return
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(500):
        if house.look(lambda tx: tx.session.scalar(waiting)):
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits")
