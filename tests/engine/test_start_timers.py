"""Timer start events begin cases by themselves: on time, once for each time, also after a pause."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine import config, messages, versions, worker
from engine.catalog import Catalog
from engine.db import Database
from engine.errors import Invalid
from engine.runtime import Engine
from engine.tables import Case, Event, Incident, StartTimer, Task
from tests.engine.drawing import Node, bpmn, end, start, user, xor
from tests.engine.house import NOW, House


def _timed(kind: str, time: str) -> Node:
    match kind:
        case "cycle":
            return start("monday", cycle=time)
        case "date":
            return start("monday", date=time)
    return start("monday", duration=time)


def weekly(time: str = "R/2026-03-09T09:00/P1W", kind: str = "cycle", more: str = "") -> str:
    return bpmn(
        "round",
        _timed(kind, time), user("look" + more), end("done"),
        f"monday > look{more} > done",
    )  # fmt: skip


def begun(house: House) -> list[str]:
    return sorted(case.started_at.isoformat() for case in house.rows(Case))


def planned(house: House) -> list[str]:
    return [timer.due_at.isoformat() for timer in house.rows(StartTimer)]


def test_a_cycle_begins_a_case_at_each_of_its_times(house: House) -> None:
    house.deploy(weekly())
    for day in range(30):
        house.now = NOW + timedelta(days=day, hours=1)
        house.tick()
    # Summer time begins on the 29th: nine o'clock stays nine o'clock.
    assert [at[:10] for at in begun(house)] == ["2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"]
    assert planned(house) == ["2026-04-06T07:00:00+00:00"]
    assert {event.attrs["timer"] for event in house.rows(Event, Event.type == "case.started")} == {"monday"}


def test_starts_that_were_missed_are_made_up_once(house: House) -> None:
    house.deploy(weekly())
    house.now = NOW + timedelta(days=60)
    house.tick()
    house.tick()
    assert len(begun(house)) == 1
    assert planned(house) == ["2026-05-04T07:00:00+00:00"]


def test_a_cycle_of_three_begins_three_cases(house: House) -> None:
    house.deploy(weekly("R3/PT1H"))
    for hour in range(10):
        house.now = NOW + timedelta(hours=hour, minutes=5)
        house.tick()
    assert len(begun(house)) == 3
    assert planned(house) == []


@pytest.mark.parametrize(
    ("kind", "time", "at"),
    [
        ("date", "2026-03-05T12:00:00Z", "2026-03-05T12:00:00+00:00"),
        ("duration", "PT2H", "2026-03-02T11:00:00+00:00"),
        ("date", '=now() + duration("P2D")', "2026-03-04T09:00:00+00:00"),
        ("cycle", '="R/PT" + string(2 * 3) + "H"', "2026-03-02T15:00:00+00:00"),
    ],
)
def test_dates_durations_and_expressions_are_planned_when_deployed(
    house: House, kind: str, time: str, at: str
) -> None:
    house.deploy(weekly(time, kind))
    assert planned(house) == [at]


def test_a_date_that_has_passed_begins_nothing(house: House) -> None:
    house.deploy(weekly("2026-03-01", "date"))
    house.tick()
    assert (planned(house), begun(house)) == ([], [])


def test_a_new_version_takes_over_and_one_that_draws_the_time_alike_does_not_disturb_it(house: House) -> None:
    house.deploy(weekly("R/PT6H"))
    house.now = NOW + timedelta(hours=4)
    house.deploy(weekly("R/PT6H", more="_again"))
    assert planned(house) == ["2026-03-02T15:00:00+00:00"]
    house.now = NOW + timedelta(hours=7)
    house.tick()
    assert [task.element for task in house.rows(Task)] == ["look_again"]
    house.deploy(weekly("R/PT12H"))
    assert planned(house) == ["2026-03-03T04:00:00+00:00"]
    house.deploy(bpmn("round", start("now"), user("look"), end("done"), "now > look > done"))
    assert planned(house) == []


def test_several_starts_each_begin_cases_of_their_own(house: House) -> None:
    house.deploy(
        bpmn(
            "many",
            start("plain"), start("asked", "ask"), start("rung", signal="bell"), start("timed", duration="PT1H"),
            user("a"), user("b"), user("c"), user("d"), end("done"),
            "plain > a > done", "asked > b > done", "rung > c > done", "timed > d > done",
        )
    )  # fmt: skip
    house.start("many")
    house.send("ask")
    with house.engine.transaction(house.now) as tx:
        messages.broadcast(house.engine, tx, "bell")
    house.now = NOW + timedelta(hours=2)
    house.tick()
    assert sorted(task.element for task in house.rows(Task)) == ["a", "b", "c", "d"]


def test_a_start_that_fails_says_so_and_the_timer_goes_on(house: House) -> None:
    house.deploy(
        bpmn(
            "broken",
            start("hourly", cycle="R/PT1H"), xor("count"), end("done"), end("over"),
            "hourly > count", "count > done [n > 3]", "count > over [n > 5]",
        )
    )  # fmt: skip
    house.now = NOW + timedelta(hours=1)
    house.tick()
    assert planned(house) == ["2026-03-02T11:00:00+00:00"]
    assert [incident.element for incident in house.rows(Incident)] == ["count"]


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ("=wanted", "start_timer_variable"),
        ("R/soon", "timer_form"),
        ("0 0 9 * * MON", "timer_cron"),
        ("R/PT1H", None),
        ("R/2026-01-05T09:00/P1W", None),
    ],
)
def test_the_check_says_what_cannot_be_planned(
    house: House, tmp_path: Path, time: str, code: str | None
) -> None:
    file = tmp_path / "round.bpmn"
    file.write_text(weekly(time), encoding="utf-8")
    with house.engine.transaction(house.now) as tx:
        report = versions.check(house.engine, tx, [file])
    found = {finding.code: finding.element for finding in report.findings}
    assert found.get(code or "") == ("monday" if code else None)


def test_an_expression_that_gives_no_time_is_refused_when_deployed(house: House) -> None:
    with pytest.raises(Invalid, match="monday"):
        house.deploy(weekly("=1 + 1"))


def _tick(url: str, now: datetime) -> None:
    database = Database(url)
    worker.tick(Engine(database, Catalog(), config.load(config.shipped_file())), now)
    database.close()


def test_two_workers_begin_each_case_once(house: House) -> None:
    house.deploy(weekly("R5/PT1H"))
    context = multiprocessing.get_context("spawn")
    for hour in range(1, 6):
        now = (NOW + timedelta(hours=hour)).astimezone(UTC)
        workers = [context.Process(target=_tick, args=(house.engine.database.url, now)) for _ in range(2)]
        for one in workers:
            one.start()
        for one in workers:
            one.join(60)
    assert len(begun(house)) == 5
    assert planned(house) == []
