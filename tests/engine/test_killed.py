"""Processes killed at any moment: no committed step is lost, none is done twice, all tables agree."""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from SpiffWorkflow.util.task import TaskState

from engine.db import Database
from engine.runtime.save import MOVES
from engine.tables import (
    Case,
    CaseKey,
    CaseNumber,
    Event,
    InboundMessage,
    Incident,
    Outbox,
    Person,
    Task,
    Visit,
    Wait,
)
from tests.engine import nursery
from tests.engine.house import NOW, House

log = logging.getLogger("percorso.tests")
ROOT = Path(__file__).resolve().parents[2]
KILLS = {"sqlite": 200, "postgresql": 100}
POSTED = {"sqlite": 60, "postgresql": 50}
TIMERS = 200


class Nursery:
    """The nursery's process; `live` lets one child live and says what it has committed."""

    def __init__(self, url: str) -> None:
        command = [sys.executable, "-m", "tests.engine.nursery", url]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def live(self, seconds: float, **order: Any) -> list[dict[str, Any]]:
        """What a child says until it is killed after `seconds`, or dies at its statement."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        first = json.loads(self.process.stdout.readline())
        timer = threading.Timer(seconds, _kill, (first["pid"],))
        timer.start()
        said: list[dict[str, Any]] = []
        while (line := json.loads(self.process.stdout.readline())) != "over":
            said.append(line)
        timer.cancel()
        return said

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


@contextmanager
def nursing(url: str) -> Iterator[Nursery]:
    nurse = Nursery(url)
    try:
        yield nurse
    finally:
        nurse.close()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # It died at its statement.


@pytest.fixture
def worked(database: Database) -> House:
    """A house in which the nursery's processes are deployed."""
    house = nursery.house(database)
    house.deploy(nursery.DRAWING)
    house.deploy(nursery.TIMED)
    house.deploy(nursery.POST)
    return house


def test_a_process_killed_at_any_moment_loses_no_committed_step_and_repeats_none(
    worked: House, database_url: str
) -> None:
    seed = random.randrange(10**9)
    log.warning("seed %s", seed)  # Shown when the test fails.
    chance = random.Random(seed)
    done: Counter[tuple[str, str]] = Counter()
    lives = KILLS[worked.engine.database.dialect]
    with nursing(database_url) as nurse:
        for number in range(5 * lives):
            if number >= lives and len(done) > 100:
                break  # On a busy machine a life is short of steps; more lives make up for it.
            at = chance.randrange(1, 150) if number % 2 else None
            life = nurse.live(
                chance.uniform(0.01, 0.15) if at is None else 5.0, do="cases", seed=number, kill_at=at
            )
            done.update((what, which) for line in life for what, which in line.items())
    assert len(done) > 100, "the children lived too short to do anything"

    cases = worked.rows(Case)
    started = {case.case_no for case in cases}
    assert {which for what, which in done if what == "started"} <= started
    completed = {str(task.id) for task in worked.rows(Task, Task.state == "completed")}
    assert {which for what, which in done if what == "completed"} <= completed
    answered = Counter(
        row.case_id for row in worked.rows(InboundMessage, InboundMessage.match_state == "matched")
    )
    numbers = {case.case_no: case.id for case in cases}
    for (what, which), times in done.items():
        if what == "answered":
            assert answered[numbers[which]] >= times
    agree(worked)


def agree(house: House) -> None:
    """Every table tells the same story about every case."""
    tables = (Case, Task, Event, Visit, Wait, Outbox, Person)
    cases, tasks, events, visits, waits, mails, notes = (house.rows(table) for table in tables)
    assert house.rows(Incident) == []
    assert [row.last for row in house.rows(CaseNumber)] == [len(cases)]
    for case in cases:
        state = json.loads(case.state)
        mine = [event for event in events if event.case_id == case.id]
        types = Counter(event.type for event in mine)
        own = [task for task in tasks if task.case_id == case.id]
        # Each save is one move with its path, and moves the revision by one.
        assert case.revision == sum(types[one] for one in MOVES)
        path = [
            element
            for event in mine
            if event.type in MOVES
            for element in (event.attrs or {}).get("path", [])
        ]
        # Tasks: those open are those alive in the state; each was created and closed once.
        assert sorted(state.get("rows", {}).values()) == [task.id for task in own if task.state == "open"]
        assert types["task.created"] == len(own)
        assert sorted(event.attrs["task"] for event in mine if event.type == "task.completed") == [
            task.id for task in own if task.state == "completed"
        ]
        assert types["task.cancelled"] == len([task for task in own if task.state == "cancelled"])
        # What services did in the same transaction: as often as the path says.
        times = path.count("note") + path.count("note_again")
        assert types["work.noted"] == times == state["data"].get("notes", 0)
        assert len([mail for mail in mails if mail.case_id == case.id]) == times
        assert sorted(note.key for note in notes if note.key.startswith(f"{case.id}-")) == sorted(
            f"{case.id}-{count}" for count in range(1, times + 1)
        )
        # The path is one that the drawing allows, round by round.
        assert path.count("begin") + path.count("asked") == 1
        if case.process == "post":
            assert path.count("answered") == path.count("note") == types["message.received"]
            assert path.count("wait") == path.count("answered") + path.count("late")
            assert path.count("late") == (case.status == "completed")
        else:
            assert path.count("join") == path.count("reply") + len([w for w in waits if w.case_id == case.id])
            assert path.count("told") == max(path.count("in") - 1, 0)
        # Waits, timers and stages.
        inner = [token[4] for token in state["tokens"] if len(token) > 4 and token[3] == TaskState.WAITING]
        dues = [due for one in inner for due in _dues(one)]
        assert (case.next_due.isoformat() if case.next_due else None) == min(dues, default=None)
        open_visits = [visit for visit in visits if visit.case_id == case.id and visit.left_at is None]
        assert len(open_visits) == len(state.get("stages", []))
        assert (case.status == "completed") == (case.ended_at is not None)
        assert types["case.completed"] == (case.status == "completed")


def test_two_workers_killed_at_random_do_every_due_timer_exactly_once(
    worked: House, database_url: str
) -> None:
    seed = random.randrange(10**9)
    log.warning("seed %s", seed)  # Shown when the test fails.
    chance = random.Random(seed)
    cases = [worked.start("timed") for _ in range(TIMERS)]
    lives = [0, 0]

    def keep_working(number: int, orders: random.Random) -> None:
        with nursing(database_url) as nurse:
            while not ended.is_set():
                at = orders.randrange(1, 150) if lives[number] % 2 else None
                nurse.live(orders.uniform(0.03, 0.12), do="tick", kill_at=at)
                lives[number] += 1

    ended = threading.Event()
    workers = [
        threading.Thread(target=keep_working, args=(number, random.Random(chance.random())))
        for number in (0, 1)
    ]
    for one in workers:
        one.start()
    limit = time.monotonic() + 120
    while time.monotonic() < limit:
        if all(case.next_due is None for case in worked.rows(Case)):
            break
        time.sleep(0.1)
    ended.set()
    for one in workers:
        one.join()

    noted = worked.rows(Event, Event.type == "work.noted")
    assert sorted(event.case_id for event in noted) == [case.case_id for case in cases]
    assert sorted(person.key for person in worked.rows(Person)) == sorted(
        f"{case.case_id}-1" for case in cases
    )
    assert {(case.status, case.revision) for case in worked.rows(Case)} == {("open", 2)}
    assert len(worked.rows(Outbox)) == TIMERS
    assert sum(lives) >= 4, f"the workers were hardly killed: {lives}"
    agree(worked)


def _dues(inner: dict[str, Any]) -> list[str]:
    """When a waiting token is due; a gateway has a time for each of its events."""
    due = inner.get("due", [])
    return [due] if isinstance(due, str) else [one for one in due if one]


def test_no_message_is_lost_or_taken_twice_and_timers_fire_once_whatever_is_killed(
    worked: House, database_url: str
) -> None:
    seed = random.randrange(10**9)
    log.warning("seed %s", seed)  # Shown when the test fails.
    lives = POSTED[worked.engine.database.dialect]
    said: list[dict[str, Any]] = []
    minute, patience = 0, 1.0
    over = threading.Event()

    def keep_ticking(orders: random.Random) -> None:
        with nursing(database_url) as nurse:
            number = 0
            while not over.is_set():
                at = orders.randrange(1, 150) if number % 2 else None
                nurse.live(orders.uniform(0.03, 0.15), do="beat", minute=minute, kill_at=at)
                number += 1

    chance = random.Random(seed)
    worker = threading.Thread(target=keep_ticking, args=(random.Random(seed + 1),))
    worker.start()
    try:
        with nursing(database_url) as nurse:
            for number in range(3 * lives):
                if number >= lives and len(said) > 100:
                    break
                minute = number
                at = chance.randrange(1, 120) if number % 2 else None
                seconds = patience * chance.uniform(0.02, 0.2) if at is None else 5.0
                life = nurse.live(seconds, do="post", seed=seed + number, minute=minute, kill_at=at)
                said += life
                if at is None and not life:
                    patience *= 1.2  # On a busy machine nothing is done in so short a life.
    finally:
        over.set()
        worker.join()
    assert len(said) > 100, "the children lived too short to do anything"
    worked.now = NOW + timedelta(minutes=2 * minute)
    for _ in range(20):
        # What was left behind is done by whoever comes next, once the database has let go of it.
        report = worked.tick()
        if (report.messages, report.timers) == (0, 0):
            break
        time.sleep(0.1)
    assert (report.messages, report.timers, report.failed) == (0, 0, 0)

    stored = worked.rows(InboundMessage)
    events = worked.rows(Event)
    cases = {case.id: case for case in worked.rows(Case)}
    # None is lost: whatever a child said it had let in is there, once.
    here = Counter(f"{one.name} {one.external_id}" for one in stored)
    assert {line["received"] for line in said if "received" in line} <= here.keys()
    assert set(here.values()) == {1}
    # None is taken twice, and what is said to be taken was.
    taken = Counter(event.attrs["id"] for event in events if event.type == "message.received")
    begun = {event.case_id for event in events if event.type == "case.started" and "message" in event.attrs}
    taken.update(one.id for one in stored if one.name == "post.new" and one.case_id in begun)
    assert len(begun) == sum(one.name == "post.new" for one in stored)
    matched = {one.id: one for one in stored if one.match_state == "matched"}
    assert set(taken.values()) <= {1}
    assert taken.keys() == matched.keys()
    assert {one.match_state for one in stored} <= {"matched", "kept", "failed"}
    assert {one.reason for one in stored if one.match_state == "failed"} <= {"message_ambiguous"}
    # What nobody has taken is for nobody who waits now.
    waiting = Counter(key.value for key in worked.rows(CaseKey, CaseKey.name == "post_id"))
    for one in stored:
        if one.match_state == "kept" and one.attached_to is None:
            assert not waiting[one.keys["post_id"]], one.id
        elif one.match_state == "kept":
            assert cases[one.attached_to].status == "completed"
    # Timers: each that was due has fired, and once (see `agree`).
    assert [case.id for case in cases.values() if case.next_due and case.next_due <= worked.now] == []
    agree(worked)
    assert len(matched) > 10
    assert any(case.status == "completed" for case in cases.values())
