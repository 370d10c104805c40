"""A service that fails is tried again later, less and less often, by whichever worker comes first, and once."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from engine import config
from engine.catalog import Step, TryAgain
from engine.db import Database
from engine.errors import SetupError
from engine.tables import Case, Event, Incident, Outbox, Person
from engine.values import Value
from tests.engine import nursery
from tests.engine.drawing import both, boundary, bpmn, catch, end, service, start, throw, user
from tests.engine.house import NOW, House
from tests.engine.test_killed import nursing

log = logging.getLogger("percorso.tests")
CASES = 20

SEND = bpmn(
    "send", start("begin"), service("post"), user("after"), end("done"), "begin > post > after > done"
)


class Flaky:
    """A service that fails so many times before it works."""

    def __init__(self, times: int, error: Exception | None = None) -> None:
        self.left = times
        self.error = error or TryAgain("the server does not answer")

    def __call__(self, step: Step) -> Mapping[str, Value]:
        if self.left:
            self.left -= 1
            raise self.error
        return {"posted": True}


@pytest.mark.parametrize("error", [TryAgain("busy"), ValueError("x"), OSError("no network"), TimeoutError()])
def test_what_may_pass_by_itself_is_tried_again_until_it_works(house: House, error: Exception) -> None:
    house.services(post=Flaky(2, error))
    house.deploy(SEND)
    case = house.start("send")
    assert house.failed(case).next_try == house.now + timedelta(minutes=1)
    assert house.tick(seconds=59).timers == 0
    assert house.tick(seconds=1).failed == 1
    assert (house.failed(case).attempts, house.failed(case).next_try) == (2, house.now + timedelta(minutes=5))
    assert house.tick(minutes=5).timers == 1
    assert (house.view(case).status, house.open(case)) == ("open", ["after"])
    (incident,) = house.incidents(case)
    assert (incident.resolved_at, incident.next_try, incident.attempts) == (house.now, None, 2)
    assert [event.attrs for event in house.events(case, "step.failed")] == [
        {"kind": incident.kind, "attempts": 1}, {"kind": incident.kind, "attempts": 2}
    ]  # fmt: skip


def test_the_reason_that_a_service_gives_for_a_later_try_is_kept(house: House) -> None:
    house.services(post=Flaky(1, TryAgain("only {5} calls a minute")))
    house.deploy(SEND)
    incident = house.failed(house.start("send"))
    assert (incident.kind, incident.reason) == (
        "service_later",
        "the service “post” asks for a later try: only {5} calls a minute",
    )


def test_the_person_who_completed_the_step_before_is_not_asked_again(house: House) -> None:
    house.services(post=Flaky(1))
    house.deploy(
        bpmn("asked", start("begin"), user("ask"), service("post"), end("done"), "begin > ask > post > done")
    )
    case = house.start("asked")
    house.complete(case, "ask", {"amount": 5})
    assert house.open(case) == []
    house.tick(minutes=1)
    assert (house.view(case).status, house.view(case).data) == ("completed", {"amount": 5, "posted": True})
    assert len(house.events(case, "task.completed")) == 1


def test_a_message_is_thrown_once_however_often_what_follows_is_tried(house: House) -> None:
    house.services(post=Flaky(2))
    house.deploy(bpmn("hears", start("in", "item"), user("read"), end("out"), "in > read > out"))
    house.deploy(
        bpmn("throws", start("begin"), throw("tell", "item"), service("post"), end("done"),
             "begin > tell > post > done")
    )  # fmt: skip
    house.start("throws")
    house.tick(minutes=1)
    house.tick(minutes=5)
    assert sorted(case.process for case in house.rows(Case)) == ["hears", "throws"]


def test_each_failed_step_has_its_own_pauses_and_timers_go_on_beside(house: House) -> None:
    house.services(first=Flaky(9), second=Flaky(9))
    house.deploy(
        bpmn("both", start("begin"), both("split"), service("first"), catch("pause", duration="PT3M"),
             service("second"), end("e1"), end("e2"), "begin > split > first > e1", "split > pause > second > e2")
    )  # fmt: skip
    case = house.start("both")
    for minute in range(1, 8):
        house.tick(minutes=1)
        tries = {one.element: one.attempts for one in house.incidents(case)}
        assert tries == (
            {"first": 2} if minute < 3
            else {"first": 2, "second": 1} if minute < 4
            else {"first": 2, "second": 2} if minute < 6
            else {"first": 3, "second": 2}
        )  # fmt: skip


def test_a_timer_on_the_border_of_a_failing_service_takes_it_away(house: House) -> None:
    house.services(post=Flaky(9))
    house.deploy(
        bpmn("late", start("begin"), service("post"), boundary("late", "post", duration="PT3M"), user("chase"),
             end("done"), end("chased"), "begin > post > done", "late > chase > chased")
    )  # fmt: skip
    case = house.start("late")
    assert (house.tick(minutes=1).failed, house.tick(minutes=1).failed) == (1, 0)
    house.tick(minutes=1)
    assert (house.view(case).status, house.open(case)) == ("open", ["chase"])
    assert house.tick(days=9).failed == 0


def test_without_pauses_nothing_is_tried_again(house: House) -> None:
    house.configure(retry_after="")
    house.services(post=Flaky(1))
    house.deploy(SEND)
    case = house.start("send")
    assert (house.failed(case).next_try, house.tick(days=30).timers) == (None, 0)


def test_what_a_try_has_written_is_undone_each_time(house: House) -> None:
    mine = nursery.house(house.engine.database)
    mine.deploy(nursery.FLAKY)
    case = mine.start("flaky")
    for wait in (60, 1, 5, 30):
        assert mine.tick(minutes=wait).failed == 1
    assert [mine.rows(table) for table in (Person, Outbox)] == [[], []]
    assert mine.events(case, "work.noted") == []
    assert mine.tick(hours=2).timers == 1
    assert [len(mine.rows(table)) for table in (Person, Outbox)] == [1, 1]
    assert (mine.open(case), mine.view(case).data) == (["after"], {"notes": 1})


@pytest.mark.parametrize("text", ["soon", "PT0S", "PT1M P1M", "-PT1M"])
def test_pauses_that_are_none_are_refused_with_their_place(tmp_path: Path, text: str) -> None:
    file = tmp_path / "my.toml"
    file.write_text(f'[engine]\nretry_after = "{text}"\n', encoding="utf-8")
    with pytest.raises(SetupError) as refusal:
        config.load(file)
    assert refusal.value.where == f"{file} [engine] retry_after"


def test_workers_killed_at_random_make_every_try_once_and_lose_none(
    database: Database, database_url: str
) -> None:
    house = nursery.house(database)
    house.deploy(nursery.FLAKY)
    cases = [house.start("flaky") for _ in range(CASES)]
    seed = random.randrange(10**9)
    log.warning("seed %s", seed)  # Shown when the test fails.
    with Crew(database_url, random.Random(seed)) as crew:
        for number, minutes in enumerate((120, 121, 126, 156, 276), start=1):
            crew.work(house, minutes)
            assert {one.attempts for one in house.rows(Incident)} == {min(number, 4)}, minutes
    noted = house.rows(Event, Event.type == "work.noted")
    assert sorted(event.case_id for event in noted) == [case.case_id for case in cases]
    assert [len(house.rows(table)) for table in (Person, Outbox, Incident)] == [CASES, CASES, CASES]
    assert all(incident.resolved_at and incident.next_try is None for incident in house.rows(Incident))
    assert {case.status for case in house.rows(Case)} == {"open"}
    assert crew.lives >= 10, f"the workers were hardly killed: {crew.lives}"


class Crew:
    """Two workers that live and die again and again, at the time that is set."""

    def __init__(self, url: str, chance: random.Random) -> None:
        self.lives = 0
        self._minutes = 0
        self._ended = threading.Event()
        seeds = (chance.random(), chance.random())
        self._threads = [threading.Thread(target=self._live, args=(url, random.Random(one))) for one in seeds]

    def __enter__(self) -> Crew:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        for one in self._threads:
            one.join()

    def work(self, house: House, minutes: int) -> None:
        """Let them work until nothing is due at that minute."""
        self._minutes = minutes
        now, limit = NOW + timedelta(minutes=minutes), time.monotonic() + 120
        while time.monotonic() < limit:
            if all(case.next_due is None or case.next_due > now for case in house.rows(Case)):
                return
            time.sleep(0.1)

    def _live(self, url: str, chance: random.Random) -> None:
        with nursing(url) as nurse:
            while not self._ended.is_set():
                # Shorter lives do nothing on a busy machine, longer ones are no test.
                at = chance.randrange(1, 150) if self.lives % 2 else None
                nurse.live(chance.uniform(0.05, 0.5), do="tick", minutes=self._minutes, kill_at=at)
                self.lives += 1
