"""Times of timers and tasks: as drawn, by expression, across the change of the clocks, never from the clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.engine.drawing import boundary, bpmn, catch, end, start, user
from tests.engine.house import NOW, House

ROOT = Path(__file__).resolve().parents[2]


def due(house: House, data: dict[str, object] | None = None, **timer: str) -> str:
    """When a timer drawn like that is due in a case that starts now."""
    house.deploy(bpmn("timer", start("begin"), catch("wait", **timer), end("done"), "begin > wait > done"))
    ((_, at),) = house.waiting(house.start("timer", data))
    return str(at)


@pytest.mark.parametrize(
    ("timer", "expected"),
    [
        ({"duration": "PT1H"}, "2026-03-02T10:00:00Z"),
        ({"duration": "P2D"}, "2026-03-04T09:00:00Z"),
        ({"duration": " P1W "}, "2026-03-09T09:00:00Z"),
        ({"duration": "PT1.5S"}, "2026-03-02T09:00:01.500000Z"),
        ({"duration": '"PT1H"'}, "2026-03-02T10:00:00Z"),
        ({"duration": '=duration("PT1H")'}, "2026-03-02T10:00:00Z"),
        ({"duration": "${pause}"}, "2026-03-02T13:00:00Z"),
        ({"duration": '="P" + string(days) + "D"'}, "2026-03-05T09:00:00Z"),
        ({"date": "2026-07-01T09:00:00+02:00"}, "2026-07-01T07:00:00Z"),
        ({"date": "2026-07-01T09:00:00Z"}, "2026-07-01T09:00:00Z"),
        ({"date": "=visit"}, "2026-07-01T22:00:00Z"),
        ({"date": '=date and time("2026-07-01T09:00:00@Europe/Rome")'}, "2026-07-01T07:00:00Z"),
        ({"date": '=now() + duration("P1D")'}, "2026-03-03T09:00:00Z"),
    ],
)
def test_a_timer_is_due_when_its_text_says(lasting: House, timer: dict[str, str], expected: str) -> None:
    assert due(lasting, {"pause": "PT4H", "days": 3, "visit": "2026-07-02"}, **timer) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01T09:00", "2026-07-01T07:00:00Z"),  # Summer time; stock SpiffWorkflow says 08:00Z.
        ("2026-12-01T09:00", "2026-12-01T08:00:00Z"),
        ("2026-07-01", "2026-06-30T22:00:00Z"),
        ("2026-03-29T03:30", "2026-03-29T01:30:00Z"),  # Just after the clocks went forward.
        ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),  # There are two of them; the first one counts.
    ],
)
def test_a_date_without_a_zone_is_the_companys(lasting: House, text: str, expected: str) -> None:
    assert due(lasting, date=text) == expected


@pytest.mark.parametrize(
    ("now", "text", "expected"),
    [
        ("2026-01-31T09:00", "P1M", "2026-02-28T08:00:00Z"),
        ("2026-03-15T09:00", "P1M", "2026-04-15T07:00:00Z"),  # The same hour on the wall, in summer time.
        ("2028-02-29T09:00", "P1Y", "2029-02-28T08:00:00Z"),
        ("2026-03-28T09:00", "P1D", "2026-03-29T08:00:00Z"),  # A day is 24 hours.
        ("2026-03-28T09:00", "P1Y2M3DT4H", "2027-05-31T11:00:00Z"),
        ("2026-03-15T09:00", '=duration("P1M")', "2026-04-15T07:00:00Z"),
    ],
)
def test_months_are_counted_on_the_companys_calendar(
    lasting: House, now: str, text: str, expected: str
) -> None:
    lasting.now = datetime.fromisoformat(now).replace(tzinfo=lasting.engine.zone).astimezone(UTC)
    assert due(lasting, duration=text) == expected


def test_a_repetition_may_begin_at_a_date_and_may_count_in_months(lasting: House) -> None:
    lasting.deploy(
        bpmn(
            "monthly",
            start("begin"), user("work"), end("done"), end("told"),
            boundary("tell", "work", interrupting=False, cycle="R/2026-03-31T09:00/P1M"),
            "begin > work > done", "tell > told",
        )
    )  # fmt: skip
    case = lasting.start("monthly")
    assert lasting.waiting(case) == [("tell", "2026-03-31T07:00:00Z")]
    lasting.now = datetime(2026, 3, 31, 7, tzinfo=UTC)
    lasting.tick()
    assert lasting.waiting(case) == [("tell", "2026-04-30T07:00:00Z")]


@pytest.mark.parametrize(
    "text", ["soon", "0 0/5 * * * ?", "P1X", "2026-02-30", "=nothing", "=17", "P99999Y", "PT", "P1DT"]
)
def test_a_text_that_is_no_time_is_an_incident_at_its_element(lasting: House, text: str) -> None:
    lasting.deploy(
        bpmn("timer", start("begin"), catch("wait", duration=text), end("done"), "begin > wait > done")
    )
    incident = lasting.failed(lasting.start("timer", {"soon": "soonish"}))
    assert incident.element == "wait"
    assert incident.reason


def test_a_moment_that_has_passed_lets_the_case_go_on_at_once(lasting: House) -> None:
    lasting.deploy(
        bpmn("past", start("begin"), catch("wait", date="2020-01-01"), end("done"), "begin > wait > done")
    )
    assert lasting.start("past").status == "completed"


def test_due_reads_the_parameter_that_is_in_force(lasting: House) -> None:
    lasting.configure(parameters={"first_contact": "PT4H"})
    assert due(lasting, duration='=due("first_contact")') == "2026-03-02T13:00:00Z"


# --- Tasks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P2D", "2026-03-04T09:00:00Z"),
        ("2026-07-01T09:00", "2026-07-01T07:00:00Z"),
        ("=promised_at", "2026-03-05T09:00:00Z"),
        ("promised_at", "2026-03-05T09:00:00Z"),
        ("${promised_at}", "2026-03-05T09:00:00Z"),
        ('=due("first_contact")', "2026-03-02T13:00:00Z"),
    ],
)
def test_a_task_is_due_when_its_drawing_says(lasting: House, text: str, expected: str) -> None:
    lasting.configure(parameters={"first_contact": "PT4H"})
    lasting.deploy(bpmn("task", start("begin"), user("ask", due=text), end("done"), "begin > ask > done"))
    case = lasting.start("task", {"promised_at": "2026-03-05T10:00:00+01:00"})
    assert lasting.view(case).open_tasks[0]["due_at"] == expected


def test_a_task_whose_due_time_is_no_time_is_an_incident(lasting: House) -> None:
    lasting.deploy(bpmn("task", start("begin"), user("ask", due="=17"), end("done"), "begin > ask > done"))
    case = lasting.start("task")
    incident = lasting.failed(case)
    assert (incident.element, incident.reason) == ("ask", "its due time “=17” gives “17”, which is no time")
    assert lasting.open(case) == []


# --- The clock ------------------------------------------------------------------------------------


def test_nothing_below_the_door_asks_the_clock() -> None:
    asks = re.compile(
        r"\b(?:datetime|date)\s*\.\s*(?:now|utcnow|today)\b|\btime\.(?:time|time_ns|localtime|gmtime|monotonic)\b"
        r"|\bfrom time import|CURRENT_TIMESTAMP|\bfunc\.now\b|datetime\('now'|\bnow\(\)\s*AT"
    )
    allowed = {"engine/worker.py": "clock: Callable[[], datetime] = lambda: datetime.now(UTC)"}
    found = []
    for package in ("engine", "processes"):
        for file in sorted((ROOT / package).rglob("*.py")):
            name = str(file.relative_to(ROOT))
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if asks.search(line) and not (name in allowed and allowed[name] in line):
                    found.append(f"{name}:{number}: {line.strip()}")
    assert found == []


def test_everything_that_a_step_writes_carries_the_time_it_was_given(house: House) -> None:
    house.deploy(
        bpmn("times", start("begin"), user("ask"), catch("wait", duration="PT1H"), end("done"),
             "begin > ask > wait > done")
    )  # fmt: skip
    case = house.start("times")
    began = house.now
    house.now = began.replace(year=2031)
    house.complete(case, "ask")
    house.tick(hours=1)

    row = house.row(case)
    assert (row.started_at, row.ended_at) == (began, house.now)
    moments = {event.recorded_at for event in house.events(case)}
    assert moments == {began, began.replace(year=2031), house.now}


def test_what_repeats_daily_stays_at_its_hour_when_the_clocks_change_and_at_the_end_of_the_month(
    lasting: House,
) -> None:
    for number, (cycle, expected) in enumerate(
        [
            ("R/2026-03-28T09:00/P1D", ["2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"]),
            ("R/2026-10-24T09:00/P1D", ["2026-10-24T07:00:00Z", "2026-10-25T08:00:00Z", "2026-10-26T08:00:00Z"]),
            ("R/2026-03-31T09:00/P1M", ["2026-03-31T07:00:00Z", "2026-04-30T07:00:00Z", "2026-05-31T07:00:00Z"]),
            ("R/2026-03-28T23:30/PT24H", ["2026-03-28T22:30:00Z", "2026-03-29T22:30:00Z"]),
        ]
    ):  # fmt: skip
        process = f"daily{number}"
        lasting.now = NOW
        lasting.deploy(
            bpmn(
                process,
                start("begin"), user("work"), end("done"), end("told"),
                boundary("tell", "work", interrupting=False, cycle=cycle),
                "begin > work > done", "tell > told",
            )
        )  # fmt: skip
        case = lasting.start(process)
        for at in expected:
            assert lasting.waiting(case) == [("tell", at)]
            lasting.now = datetime.fromisoformat(at)
            lasting.tick()


def test_runs_of_a_daily_repetition_that_were_missed_count_as_done(lasting: House) -> None:
    lasting.deploy(
        bpmn(
            "missed",
            start("begin"), user("work"), end("done"), end("told"),
            boundary("tell", "work", interrupting=False, cycle="R5/2026-03-03T09:00/P1D"),
            "begin > work > done", "tell > told",
        )
    )  # fmt: skip
    case = lasting.start("missed")
    lasting.now = datetime(2026, 3, 5, 12, tzinfo=UTC)
    lasting.tick()
    assert lasting.waiting(case) == [("tell", "2026-03-06T08:00:00Z")]
    lasting.now = datetime(2026, 3, 20, tzinfo=UTC)
    lasting.tick()
    assert lasting.waiting(case) == []
