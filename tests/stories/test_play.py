"""Play: imaginary people make a history that is the same again, and that real people could have made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine import config, people, versions
from engine.catalog import Catalog
from engine.db import Database
from engine.errors import Invalid, NotFound, PercorsoError
from engine.play import Report, load, play
from engine.play.hours import WorkingHours
from engine.runtime import Engine
from engine.tables import Case, Event, InboundMessage, Task
from processes import catalog

BPMN = Path(__file__).resolve().parents[2] / "bpmn"
ROME = ZoneInfo("Europe/Rome")
MONDAY = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
"""The first instant of Monday the second of March in Rome."""

DRAWING = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="x">
  <bpmn:message id="asked_message" name="asked" />
  <bpmn:message id="replied_message" name="replied" />
  <bpmn:process id="request" name="Request" isExecutable="true">
    <bpmn:laneSet id="lanes">
      <bpmn:lane id="sales" name="Sales"><bpmn:flowNodeRef>answer</bpmn:flowNodeRef></bpmn:lane>
      <bpmn:lane id="office" name="Sales office"><bpmn:flowNodeRef>file_away</bpmn:flowNodeRef></bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="asked"><bpmn:messageEventDefinition id="a" messageRef="asked_message" /></bpmn:startEvent>
    <bpmn:userTask id="answer" name="Answer" camunda:formRef="answer" />
    <bpmn:eventBasedGateway id="wait" />
    <bpmn:intermediateCatchEvent id="replied">
      <bpmn:messageEventDefinition id="r" messageRef="replied_message" />
    </bpmn:intermediateCatchEvent>
    <bpmn:intermediateCatchEvent id="silence">
      <bpmn:timerEventDefinition id="s"><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:exclusiveGateway id="heard" />
    <bpmn:userTask id="file_away" name="File away" />
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="f1" sourceRef="asked" targetRef="answer" />
    <bpmn:sequenceFlow id="f2" sourceRef="answer" targetRef="wait" />
    <bpmn:sequenceFlow id="f3" sourceRef="wait" targetRef="replied" />
    <bpmn:sequenceFlow id="f4" sourceRef="wait" targetRef="silence" />
    <bpmn:sequenceFlow id="f5" sourceRef="replied" targetRef="heard" />
    <bpmn:sequenceFlow id="f6" sourceRef="silence" targetRef="heard" />
    <bpmn:sequenceFlow id="f7" sourceRef="heard" targetRef="file_away" />
    <bpmn:sequenceFlow id="f8" sourceRef="file_away" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>
"""
FORM = """{"id": "answer", "type": "default", "components": [
  {"id": "a1", "key": "mood", "label": "Mood", "type": "radio", "validate": {"required": true},
   "values": [{"label": "Good", "value": "good"}, {"label": "Bad", "value": "bad"}]},
  {"id": "a2", "key": "price", "label": "Price", "type": "number", "validate": {"required": true, "min": 3, "max": 9}},
  {"id": "a3", "key": "on", "label": "On", "type": "datetime", "subtype": "date", "dateLabel": "On",
   "validate": {"required": true}},
  {"id": "a4", "key": "why", "label": "Why", "type": "textfield", "validate": {"required": true, "maxLength": 5}}
]}"""
SCENARIO = """
[staff]
sales_rep = { people = 2, share = 1.0 }
sales_office = { people = 1, share = 0.5 }

[arrivals]
message = "asked"
per_day = 10
weekdays = [1, 1, 1, 1, 1, 1, 1]
hours = { 8 = 1, 12 = 1, 17 = 1, 22 = 1 }

[tasks.answer]
minutes = { kind = "lognormal", median = 30, cv = 0.5 }

[tasks.answer.answers]
mood = { good = 0.5, bad = 0.5 }

[messages.replied]
probability = 0.5
delay = { kind = "lognormal", median = "PT8H", cv = 1.0 }
"""


class Theatre:
    """A fresh database with a drawing of this file's, and its scenario."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.folder = folder
        self.engine = Engine(database, Catalog(), config.load(config.shipped_file()))
        (folder / "request.bpmn").write_text(DRAWING, encoding="utf-8")
        (folder / "answer.form").write_text(FORM, encoding="utf-8")
        with self.engine.transaction(MONDAY) as tx:
            report = versions.deploy(self.engine, tx, [folder])
            assert report.exit_code == 0, report.findings

    def play(self, days: int, scenario: str = SCENARIO, seed: int = 1, **more: Any) -> Report:
        (self.folder / "scenario.toml").write_text(scenario, encoding="utf-8")
        until = MONDAY + timedelta(days=days)
        return play(self.engine, load([self.folder]), start=MONDAY, until=until, seed=seed, **more)

    def rows(self, table: Any, *where: Any) -> list[Any]:
        with self.engine.transaction(MONDAY, write=False) as tx:
            found = list(tx.session.scalars(select(table).where(*where).order_by(table.id)))
            tx.session.expunge_all()
            return found


@pytest.fixture
def theatre(database: Database, tmp_path: Path) -> Theatre:
    """Each test runs on SQLite and on PostgreSQL."""
    folder = tmp_path / "request"
    folder.mkdir()
    return Theatre(database, folder)


@pytest.fixture
def on_sqlite(sqlite_template: Path, tmp_path: Path) -> Callable[[], Database]:
    """Makes as many prepared SQLite databases as a test needs."""
    made: list[Database] = []

    def make() -> Database:
        file = tmp_path / f"{len(made)}.db"
        file.write_bytes(sqlite_template.read_bytes())
        made.append(Database(f"sqlite:///{file}"))
        return made[-1]

    return make


def history(engine: Engine) -> str:
    """A digest of everything that the history says."""
    digest = hashlib.sha256()
    with engine.transaction(MONDAY, write=False) as tx:
        for event in tx.session.scalars(select(Event).order_by(Event.id)):
            line = [
                event.occurred_at, event.type, event.case_id, event.process, event.element, event.stage,
                event.actor_id, event.amount, event.attrs,
            ]  # fmt: skip
            digest.update(repr(line).encode())
    return digest.hexdigest()


def company(database: Database) -> Engine:
    """The shipped processes on an empty database."""
    engine = Engine(database, catalog(), config.load(config.shipped_file()))
    with engine.transaction(MONDAY) as tx:
        versions.deploy(engine, tx, [BPMN])
    return engine


# --- The same again -------------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_history_on_both_databases(
    database: Database, on_sqlite: Callable[[], Database]
) -> None:
    until = MONDAY + timedelta(days=4)
    engines = [company(database), company(on_sqlite())]

    reports = [play(one, load([BPMN]), start=MONDAY, until=until, seed=3) for one in engines]

    assert history(engines[0]) == history(engines[1])
    assert replace(reports[0], seconds=0, cpu_seconds=0, _begun=(0, 0)) == replace(
        reports[1], seconds=0, cpu_seconds=0, _begun=(0, 0)
    )


def test_another_seed_makes_another_history(on_sqlite: Callable[[], Database]) -> None:
    until = MONDAY + timedelta(days=1)
    engines = [company(on_sqlite()), company(on_sqlite())]

    for seed, engine in enumerate(engines):
        play(engine, load([BPMN]), start=MONDAY, until=until, seed=seed)

    assert history(engines[0]) != history(engines[1])


# --- What imaginary people do ---------------------------------------------------------------------


def test_the_shipped_scenarios_fit_the_shipped_drawings(on_sqlite: Callable[[], Database]) -> None:
    engine = company(on_sqlite())

    report = play(engine, load([BPMN]), start=MONDAY, until=MONDAY + timedelta(days=21), seed=1)

    assert report.failed == 0
    with engine.transaction(MONDAY, write=False) as tx:
        types = set(tx.session.scalars(select(Event.type).distinct()))
        failed = tx.session.scalars(select(Case.case_no).where(Case.status.in_(("incident", "stuck")))).all()
    assert failed == []
    assert {"lead.qualified", "offer.version_sent", "offer.won", "offer.lost", "ticket.closed"} <= types


def test_staff_work_on_one_task_at_a_time_in_working_hours_and_only_in_their_roles(theatre: Theatre) -> None:
    report = theatre.play(days=14)

    tasks = theatre.rows(Task, Task.state == "completed")
    assert len(tasks) == report.tasks > 100
    for task in tasks:
        for moment in (task.claimed_at, task.closed_at):
            local = moment.astimezone(ROME)
            assert local.weekday() < 5
            assert local.hour in {9, 10, 11, 12, 14, 15, 16, 17} or (local.hour, local.minute) in {
                (13, 0),
                (18, 0),
            }
    roles: dict[int, set[str]] = {task.closed_by: set() for task in tasks}
    for task in tasks:
        roles[task.closed_by].add(task.role)
    assert sorted(map(sorted, roles.values())) == [["sales_office"], ["sales_rep"], ["sales_rep"]]
    for person in roles:
        mine = sorted((task.claimed_at, task.closed_at) for task in tasks if task.closed_by == person)
        assert all(before[1] < after[0] for before, after in pairwise(mine))


def test_customers_reply_to_a_waiting_case_or_let_its_timer_fire(theatre: Theatre) -> None:
    report = theatre.play(days=14)

    replies = theatre.rows(InboundMessage, InboundMessage.name == "replied")
    waited = theatre.rows(Task, Task.element == "file_away")
    assert {reply.match_state for reply in replies} == {"matched"}
    assert len(waited) == len(replies) + report.timers
    assert 0.2 < len(replies) / len(waited) < 0.6
    assert report.messages == report.cases + len(replies)


def test_a_step_without_a_scenario_gets_answers_that_its_form_takes(theatre: Theatre) -> None:
    scenario = SCENARIO.replace("[tasks.answer.answers]\nmood = { good = 0.5, bad = 0.5 }", "")

    report = theatre.play(days=3, scenario=scenario)

    answers = [
        event.attrs["answers"]
        for event in theatre.rows(Event, Event.type == "task.completed", Event.element == "answer")
    ]
    assert report.tasks > 0
    assert {answer["mood"] for answer in answers} == {"good", "bad"}
    assert {answer["price"] for answer in answers} <= set(range(3, 10))


def test_staff_who_go_home_early_leave_their_tasks_open(theatre: Theatre) -> None:
    home = MONDAY + timedelta(days=2)

    theatre.play(days=4, staff_until=home)

    tasks = theatre.rows(Task)
    assert max(task.closed_at for task in tasks if task.state == "completed") <= home
    assert len([task for task in tasks if task.state == "open"]) > 10


def test_a_play_takes_up_what_another_one_left(theatre: Theatre) -> None:
    theatre.play(days=1)
    begun, before = theatre.rows(Case), len(theatre.rows(Event))
    later = MONDAY + timedelta(days=5)  # Timers of the first one were due in between.
    nobody_comes = SCENARIO.replace("per_day = 10", "per_day = 0")
    (theatre.folder / "scenario.toml").write_text(nobody_comes, encoding="utf-8")

    play(theatre.engine, load([theatre.folder]), start=later, until=later + timedelta(days=10))

    assert len(begun) > 5
    assert [case.status for case in theatre.rows(Case)] == ["completed"] * len(begun)
    assert min(event.recorded_at for event in theatre.rows(Event)[before:]) >= later


def test_people_who_are_there_play_before_invented_ones_are_added(theatre: Theatre) -> None:
    with theatre.engine.transaction(MONDAY) as tx:
        people.ensure(tx, "zoe", "Zoe Zanni", ["sales_rep"])

    theatre.play(days=1)

    with theatre.engine.transaction(MONDAY, write=False) as tx:
        sellers = [one.name for one in people.everybody(tx) if "sales_rep" in one.roles]
    assert sellers == ["Anna Colombo", "Zoe Zanni"]


# --- Scenarios that are wrong ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("[stuff]", "request/scenario.toml stuff: there is no such setting."),
        ("[staff]\nx = { people = -1 }", "[staff] x: people is no number of persons."),
        ("[staff]\nx = { share = 2 }", "[staff] x: share is no share of a day."),
        ("[arrivals]\nper_day = 1", "[arrivals]: it does not say which message comes in."),
        ('[arrivals]\nmessage = "x"\nhours = { 24 = 1 }', "[arrivals] hours: hours are 0 to 23 with a weight each."),
        ('[tasks.a]\nminutes = { kind = "weird" }', "[tasks.a] minutes: there is no kind “weird”."),
        ('[tasks.a]\nminutes = { kind = "int", low = 1 }', "[tasks.a] minutes: it lacks high."),
        ('[tasks.a]\nminutes = { kind = "int", low = 1, high = 2, cv = 1 }', "[tasks.a] minutes: it takes no cv."),
        ("[tasks.a.answers]\nb = { yes = -1 }", "[tasks.a] answers b.yes: a probability is a number from 0."),
        ('[messages.a]\ndelay = { kind = "weibull", shape = 1, scale = "soon" }', "[messages.a] delay.scale: “soon” is no duration in days and hours."),
        ("[messages.a]\nprobability = 2\ndelay = 1", "[messages.a] probability: it is no probability."),
        ("nonsense", "request/scenario.toml: it is not valid TOML"),
    ],
)  # fmt: skip
def test_a_wrong_scenario_is_refused_at_its_place(tmp_path: Path, wrong: str, said: str) -> None:
    folder = tmp_path / "request"
    folder.mkdir()
    (folder / "scenario.toml").write_text(wrong, encoding="utf-8")

    with pytest.raises(Invalid) as refused:
        load([folder])

    assert said in refused.value.message


def test_a_folder_without_scenarios_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"There is no scenario\.toml there\."):
        load([tmp_path])


def test_answers_that_do_not_fit_the_form_name_the_line_of_the_scenario(theatre: Theatre) -> None:
    with pytest.raises(Invalid) as refused:
        theatre.play(days=3, scenario=SCENARIO.replace("{ good = 0.5, bad = 0.5 }", '"gorgeous"'))

    assert refused.value.where == "[tasks.answer.answers]"
    assert "mood" in refused.value.message


def test_a_play_of_what_is_not_deployed_is_refused(theatre: Theatre) -> None:
    with pytest.raises(PercorsoError, match="No deployed process begins with a message of the scenario"):
        theatre.play(days=1, scenario=SCENARIO.replace('message = "asked"', 'message = "other"'))


# --- Working hours --------------------------------------------------------------------------------


def at(text: str) -> datetime:
    """Rome's wall clock as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ROME).astimezone(UTC)


@pytest.mark.parametrize(
    ("begun", "hours", "done"),
    [
        ("2026-03-02T09:00", 1, "2026-03-02T10:00"),
        ("2026-03-02T12:30", 1, "2026-03-02T14:30"),
        ("2026-03-02T12:00", 1, "2026-03-02T13:00"),
        ("2026-03-06T17:30", 1, "2026-03-09T09:30"),
        ("2026-03-07T03:00", 9, "2026-03-10T10:00"),
        ("2026-03-27T17:00", 2, "2026-03-30T10:00"),
    ],
)
def test_work_goes_on_in_working_hours_over_nights_weekends_and_summer_time(
    begun: str, hours: int, done: str
) -> None:
    calendar = WorkingHours(ROME)

    assert calendar.after(at(begun), timedelta(hours=hours)) == at(done)


@pytest.mark.parametrize(
    ("until", "hours", "since"),
    [
        ("2026-03-02T18:00", 8, "2026-03-02T09:00"),
        ("2026-03-02T10:00", 2, "2026-02-27T17:00"),
        ("2026-03-07T12:00", 1, "2026-03-06T17:00"),
    ],
)
def test_working_time_is_counted_back_too(until: str, hours: int, since: str) -> None:
    calendar = WorkingHours(ROME)

    assert calendar.before(at(until), timedelta(hours=hours)) == at(since)
