"""Steps that fail: the case stays where it was, an incident says why, and nothing is half done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from engine.catalog import Step
from engine.errors import Conflict, Invalid
from engine.runtime import CaseRef
from engine.tables import Case, Incident, Person
from engine.values import Value
from tests.engine.drawing import both, boundary, bpmn, catch, end, script, service, start, throw, user, xor
from tests.engine.house import House

OFFER = bpmn(
    "offer",
    start("begin"), user("prepare"), service("send_offer"), user("wait"), end("done"),
    "begin > prepare > send_offer > wait > done",
)  # fmt: skip


class Service:
    """A service that can be broken and mended; before it fails it writes a row, sends and mails."""

    def __init__(self) -> None:
        self.error: Exception | None = ValueError("the mail server is gone")
        self.calls = 0

    def __call__(self, step: Step) -> Mapping[str, Value] | None:
        self.calls += 1
        key = f"half-{step.case_id}-{self.calls}"
        step.session.execute(insert(Person).values(key=key, name="x", language="it", active=True))
        step.record("offer.sent", amount=1)
        step.send("offer.sent", {"offer_id": 1})
        step.mail("sent", ("contact", 1))
        if self.error is not None:
            raise self.error
        return {"sent": True}


def broken(house: House) -> Service:
    found = Service()
    house.services(send_offer=found)
    house.deploy(OFFER)
    return found


def test_a_failing_service_leaves_the_case_there_and_nothing_half_done(house: House) -> None:
    broken(house)
    case = house.start("offer")
    before = house.counted()
    ref = house.complete(case, "prepare", {"amount": 5})

    assert (ref.status, ref.failed) == ("incident", True)
    incident = house.failed(case)
    assert (incident.element, incident.reason) == (
        "send_offer",
        "the service “send_offer” stopped with ValueError",
    )
    after = house.counted()
    assert {name for name in after if after[name] != before[name]} == {"events", "incidents"}
    assert [event.type for event in house.events(case)][-2:] == ["task.completed", "step.failed"]
    assert (house.open(case), house.view(case).data) == ([], {"amount": 5})
    assert house.path(case) == ["begin", "prepare"]


def test_what_was_done_before_the_failing_step_stays(house: House) -> None:
    fine, fails = Service(), Service()
    fine.error = None
    house.services(first=fine, second=fails)
    house.deploy(
        bpmn("two", start("begin"), service("first"), service("second"), end("done"),
             "begin > first > second > done")
    )  # fmt: skip
    case = house.start("two")
    assert house.failed(case).element == "second"
    assert (house.path(case), house.view(case).data) == (["begin", "first"], {"sent": True})
    assert [house.counted()[table] for table in ("people", "outbox")] == [1, 1]
    assert len(house.events(case, "offer.sent")) == 1


def test_an_incident_names_case_process_element_reason_and_service(house: House) -> None:
    broken(house)
    case = house.start("offer")
    house.complete(case, "prepare")
    incident = house.failed(case)
    assert (incident.case_id, incident.process, incident.element) == (case.case_id, "offer", "send_offer")
    assert (incident.kind, incident.details) == ("service", {"service": "send_offer", "error": "ValueError"})
    assert incident.template == "the service “{service}” stopped with {error}"
    assert (incident.since, incident.resolved_at, incident.attempts) == (house.now, None, 1)


def test_several_incidents_are_open_at_once(house: House) -> None:
    house.services(send_offer=Service())
    house.deploy(
        bpmn("two", start("begin"), both("split"), service("send_offer"), xor("way"), user("beside"), user("a"),
             end("e1"), end("e2"), end("e3"),
             "begin > split", "split > send_offer > e1", "split > way", "split > beside > e2", "way > a [n = 1]", "a > e3")
    )  # fmt: skip
    case = house.start("two")
    assert sorted(str(one.element) for one in house.incidents(case)) == ["send_offer", "way"]
    assert house.complete(case, "beside") == CaseRef(case.case_id, case.case_no, "two", "incident")
    assert [one.resolved_at for one in house.incidents(case)] == [None, None]


def test_an_incident_is_over_when_its_step_was_taken_away(house: House) -> None:
    send_offer = Service()
    house.services(send_offer=send_offer)
    house.configure(retry_after="")
    house.deploy(
        bpmn("away", start("begin"), service("send_offer"), boundary("late", "send_offer", duration="P1D"),
             user("chase"), end("done"), end("chased"), "begin > send_offer > done", "late > chase > chased")
    )  # fmt: skip
    case = house.start("away")
    assert house.failed(case).next_try is None
    house.tick(days=1)
    assert (house.open(case), house.view(case).status, send_offer.calls) == (["chase"], "open", 1)
    assert [one.resolved_at for one in house.incidents(case)] == [house.now]


def test_a_case_that_fails_at_its_start_is_there_with_its_incident(house: House) -> None:
    house.services(send_offer=Service())
    house.deploy(
        bpmn("at_once", start("begin"), service("send_offer"), end("done"), "begin > send_offer > done")
    )
    case = house.start("at_once")
    assert (house.failed(case).element, house.path(case)) == ("send_offer", ["begin"])


def test_a_refusal_in_words_by_a_service_becomes_the_reason_and_waits_for_a_person(house: House) -> None:
    send_offer = broken(house)
    send_offer.error = Invalid("no_address", "{who} has no address.", remedy="Add one.", who="Ada")
    case = house.start("offer")
    house.complete(case, "prepare")
    incident = house.failed(case)
    assert (incident.reason, incident.remedy, incident.next_try) == ("Ada has no address.", "Add one.", None)
    assert house.row(case).next_due is None


def test_a_broken_statement_of_a_service_is_its_failure_on_both_databases(house: House) -> None:
    send_offer = broken(house)

    def twice(step: Step) -> Mapping[str, Value] | None:
        for _ in range(2):
            step.session.execute(insert(Person).values(key="same", name="x", language="it", active=True))
        return None

    house.services(send_offer=twice)
    case = house.start("offer")
    house.complete(case, "prepare")
    assert house.failed(case).reason == "the service “send_offer” stopped with IntegrityError"
    assert (house.counted()["people"], house.path(case)) == (0, ["begin", "prepare"])
    house.services(send_offer=send_offer)
    send_offer.error = None
    house.tick(minutes=1)
    assert house.view(case).status == "open"


def test_a_row_that_the_session_cannot_write_is_the_services_failure_too(house: House) -> None:
    def unfinished(step: Step) -> Mapping[str, Value] | None:
        step.session.add(Person(key="a", name="a", language="it", active=True))
        step.session.add(Person(key=None, name="b", language="it", active=True))
        return None

    broken(house)
    house.services(send_offer=unfinished)
    case = house.start("offer")
    house.complete(case, "prepare", {"amount": 5})
    assert house.failed(case).reason == "the service “send_offer” stopped with IntegrityError"
    assert (house.counted()["people"], house.view(case).data) == (0, {"amount": 5})


@pytest.mark.parametrize(
    ("result", "part"),
    [
        ({"x": float("nan")}, "is not a number"),
        ({"x": "y" * 70_000}, "larger than 64 kB"),
        ({"x": object()}, "has a type that a case cannot hold"),
        (["no", "mapping"], ""),
    ],
)
def test_a_service_that_returns_what_a_case_cannot_hold_fails_at_its_element(
    house: House, result: Any, part: str
) -> None:
    house.services(send_offer=lambda step: result)
    house.deploy(OFFER)
    case = house.start("offer")
    house.complete(case, "prepare")
    incident = house.failed(case)
    assert incident.element == "send_offer"
    assert part in incident.reason


def test_a_service_that_nobody_has_written_is_named(house: House) -> None:
    house.deploy(OFFER)
    case = house.start("offer")
    house.complete(case, "prepare")
    assert house.failed(case).reason == "there is no service “send_offer”"


def test_a_script_that_fails_half_way_has_set_nothing(house: House) -> None:
    house.deploy(
        bpmn("half", start("begin"), script("sums", "a = 1; b = a + 1; c = no_such_function(b)"), end("done"),
             "begin > sums > done")
    )  # fmt: skip
    case = house.start("half")
    assert (house.failed(case).element, house.view(case).data) == ("sums", {})


def test_what_fails_as_a_whole_leaves_the_case_as_it_was(house: House) -> None:
    house.deploy(
        bpmn("grow", start("begin"), user("ask"), script("add", "all = [piece, piece, piece]"), end("done"),
             "begin > ask > add > done")
    )  # fmt: skip
    case = house.start("grow", {"piece": "x" * 30_000})
    state = house.state(case)
    with pytest.raises(Invalid):
        house.complete(case, "ask")
    assert (house.state(case), house.open(case), house.incidents(case)) == (state, ["ask"], [])


# --- By the clock ---------------------------------------------------------------------------------

TIMED = bpmn(
    "timed",
    start("begin"), catch("pause", duration="PT1H"), service("send_offer"), user("after"), end("done"),
    "begin > pause > send_offer > after > done",
)  # fmt: skip


def test_a_timer_whose_step_fails_is_tried_again_less_and_less_often(house: House) -> None:
    send_offer = Service()
    house.services(send_offer=send_offer)
    house.deploy(TIMED)
    case = house.start("timed")
    house.now += timedelta(hours=1)

    pauses = []
    for attempt in range(1, 7):
        report = house.tick()
        assert (report.timers, report.failed, send_offer.calls) == (0, 1, attempt)
        incident = house.failed(case)
        assert incident.next_try is not None
        assert (incident.next_try, incident.attempts) == (house.row(case).next_due, attempt)
        pauses.append((incident.next_try - house.now) // timedelta(minutes=1))
        assert house.tick().failed == 0  # Not before its time.
        house.now = incident.next_try
    assert pauses == [1, 5, 30, 120, 720, 1440]
    assert house.path(case) == ["begin", "pause"]

    send_offer.error = None
    assert house.tick().timers == 1
    assert (house.view(case).status, house.open(case)) == ("open", ["after"])
    assert house.incidents(case)[0].resolved_at == house.now


def test_after_the_last_try_it_waits_for_a_person(house: House) -> None:
    send_offer = Service()
    house.services(send_offer=send_offer)
    house.configure(retry_after="PT1M PT2M")
    house.deploy(TIMED)
    case = house.start("timed")
    for wait in ({"hours": 1}, {"minutes": 1}, {"minutes": 2}):
        assert house.tick(**wait).failed == 1
    incident = house.failed(case)
    assert (incident.attempts, incident.next_try, house.row(case).next_due) == (3, None, None)
    assert house.tick(days=30).failed == 0


def test_a_failing_case_does_not_keep_the_others_from_going_on(house: House) -> None:
    failing: list[int] = []

    def picky(step: Step) -> None:
        if step.case_id in failing:
            raise ValueError("not this one")

    house.services(send_offer=picky)
    house.deploy(TIMED)
    cases = [house.start("timed") for _ in range(5)]
    failing += [cases[0].case_id, cases[3].case_id]
    report = house.tick(hours=1)
    assert (report.timers, report.failed) == (3, 2)
    assert [house.view(case).status for case in cases] == ["incident", "open", "open", "incident", "open"]


def clocked(name: str) -> str:
    """A process that throws that message when its timer fires."""
    return bpmn(
        "clocked", start("begin"), catch("pause", duration="PT1H"), throw("tell", name), end("done"),
        "begin > pause > tell > done",
    )  # fmt: skip


WAITING = bpmn("waiting", start("begin"), catch("hear", "item"), end("done"), "begin > hear > done")


def test_a_message_that_is_ambiguous_when_a_timer_throws_it_is_an_incident_and_the_clock_goes_on(
    house: House,
) -> None:
    house.deploy(clocked("item"))
    house.deploy(WAITING)
    house.deploy(TIMED.replace("send_offer", "fine"))
    house.services(fine=lambda step: None)
    for _ in range(2):
        house.start("waiting", {"lead_id": 1})
    first = house.start("clocked", {"lead_id": 1})
    house.now += timedelta(minutes=1)
    other = house.start("timed")

    report = house.tick(hours=1)
    assert (report.timers, report.failed) == (1, 1)
    assert house.open(other) == ["after"]
    (incident,) = house.incidents(first)
    assert incident.element == "tell"
    assert incident.reason == (
        "its message “item” was not taken in: "
        "2 cases wait for “item”, and the keys do not tell which one is meant."
    )
    assert house.row(first).next_due == house.now + timedelta(minutes=1)


def test_a_receiver_that_fails_is_an_incident_of_its_own_and_the_sender_goes_on(house: House) -> None:
    send_offer = Service()
    house.services(send_offer=send_offer)
    house.deploy(clocked("item"))
    house.deploy(
        bpmn("waiting", start("begin"), catch("hear", "item"), service("send_offer"), end("done"),
             "begin > hear > send_offer > done")
    )  # fmt: skip
    receiver, sender = house.start("waiting", {"lead_id": 1}), house.start("clocked", {"lead_id": 1})
    house.tick(hours=1)
    assert send_offer.calls == 1
    assert (house.failed(receiver).element, house.view(sender).status) == ("send_offer", "completed")

    send_offer.error = None
    house.tick(minutes=1)
    assert house.view(receiver).status == "completed"
    assert all(one.resolved_at for one in house.incidents(receiver))


def test_messages_in_a_circle_set_off_by_a_timer_are_an_incident(house: House) -> None:
    house.deploy(clocked("to.ping"))
    for process, hears, says in (("ping", "to.ping", "to.pong"), ("pong", "to.pong", "to.ping")):
        house.deploy(bpmn(process, start("in", hears), end("out", says), "in > out"))
    case = house.start("clocked")
    assert house.tick(hours=1).failed == 1
    assert house.view(case).status == "incident"
    assert house.counted()["cases"] == 1


def test_a_kept_message_whose_step_fails_does_not_stop_the_clock(house: House) -> None:
    send_offer = Service()
    house.services(send_offer=send_offer)
    house.deploy(
        bpmn("kept", start("begin"), catch("pause", duration="PT1H"), catch("hear", "item"), service("send_offer"),
             end("done"), "begin > pause > hear > send_offer > done")
    )  # fmt: skip
    house.send("item", {"lead_id": 1})
    case = house.start("kept", {"lead_id": 1})
    house.tick(hours=1)
    assert (send_offer.calls, house.failed(case).element) == (1, "send_offer")
    assert house.row(case).next_due == house.now + timedelta(minutes=1)


def test_a_state_that_cannot_be_loaded_is_an_incident_and_the_clock_goes_on(house: House) -> None:
    house.services(send_offer=lambda step: None)
    house.deploy(TIMED)
    broken_case, fine = house.start("timed"), house.start("timed")
    with house.engine.transaction(house.now) as tx:
        tx.session.get_one(
            Case, broken_case.case_id
        ).state = b'{"f": 1, "data": {}, "tokens": [[0, null, "gone", 64]]}'
    report = house.tick(hours=1)
    assert (report.timers, report.failed) == (1, 1)
    assert house.open(fine) == ["after"]
    (incident,) = house.incidents(broken_case)
    assert incident.reason
    row = house.row(broken_case)
    assert row.status == "incident" and row.next_due is not None and row.next_due > house.now


def test_a_variable_that_grows_too_large_by_the_clock_is_an_incident(house: House) -> None:
    house.deploy(
        bpmn("grow", start("begin"), catch("pause", duration="PT1H"), script("add", "all = [piece, piece, piece]"),
             end("done"), "begin > pause > add > done")
    )  # fmt: skip
    case = house.start("grow", {"piece": "x" * 30_000})
    assert house.tick(hours=1).failed == 1
    assert house.view(case).status == "incident"
    assert house.incidents(case)[0].reason == "The variable “all” would be larger than 64 kB."


def test_someone_elses_refusal_is_no_incident(house: House) -> None:
    house.deploy(WAITING)
    for _ in range(2):
        house.start("waiting", {"lead_id": 1})
    with pytest.raises(Conflict):
        house.send("item", {"lead_id": 1})
    assert house.rows(Incident) == []
