"""Steps that fail: the case stays where it was, an incident says why, and nothing is half done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from engine.catalog import Step
from engine.errors import Conflict, Invalid, StepFailed
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


def test_a_failing_service_leaves_the_case_where_it_was_and_nothing_half_done(house: House) -> None:
    broken(house)
    case = house.start("offer")
    before, row = house.counted(), house.row(case)
    with pytest.raises(StepFailed) as failure:
        house.complete(case, "prepare", {"amount": 5})

    assert failure.value.message == (
        "The step “send_offer” could not be done: the service “send_offer” stopped with ValueError"
    )
    assert house.counted() == {**before, "incidents": 1}
    after = house.row(case)
    assert (after.revision, after.state, after.stage) == (row.revision, row.state, row.stage)
    assert (house.open(case), house.view(case).data) == (["prepare"], {})
    assert house.view(case).status == "incident"


def test_an_incident_names_case_process_element_and_reason_and_counts_the_tries(house: House) -> None:
    broken(house)
    case = house.start("offer")
    began = house.now
    for attempt in (1, 2, 3):
        with pytest.raises(StepFailed):
            house.complete(case, "prepare")
        (incident,) = house.incidents(case)
        assert incident.attempts == attempt
        house.now += timedelta(hours=1)
    assert (incident.case_id, incident.process, incident.element) == (case.case_id, "offer", "send_offer")
    assert incident.reason == "the service “send_offer” stopped with ValueError"
    assert (incident.since, incident.resolved_at) == (began, None)


def test_an_incident_is_over_when_the_step_has_succeeded(house: House) -> None:
    send_offer = broken(house)
    case = house.start("offer")
    with pytest.raises(StepFailed):
        house.complete(case, "prepare")
    send_offer.error = None
    house.now += timedelta(hours=1)
    assert house.complete(case, "prepare").status == "open"

    (incident,) = house.incidents(case)
    assert incident.resolved_at == house.now
    assert (house.view(case).status, house.open(case)) == ("open", ["wait"])
    assert house.counted()["people"] == 1


def test_a_step_on_another_branch_does_not_end_an_incident(house: House) -> None:
    send_offer = Service()
    house.services(send_offer=send_offer)
    house.deploy(
        bpmn("two", start("begin"), both("split"), user("prepare"), service("send_offer"), user("beside"),
             end("done"), end("e"),
             "begin > split > prepare > send_offer > done", "split > beside > e")
    )  # fmt: skip
    case = house.start("two")
    with pytest.raises(StepFailed):
        house.complete(case, "prepare")
    assert house.complete(case, "beside").status == "incident"
    send_offer.error = None
    assert house.complete(case, "prepare").status == "completed"
    assert [one.resolved_at for one in house.incidents(case)] == [house.now]


def test_an_incident_is_over_when_its_step_was_done_another_way(house: House) -> None:
    house.services(send_offer=Service())
    house.deploy(
        bpmn("ways", start("begin"), user("prepare"), xor("how"), service("send_offer"), user("post"), end("done"),
             end("posted"),
             "begin > prepare > how", "how > send_offer [by_mail]", "how > post [default]", "send_offer > done",
             "post > posted")
    )  # fmt: skip
    case = house.start("ways")
    with pytest.raises(StepFailed):
        house.complete(case, "prepare", {"by_mail": True})
    assert house.complete(case, "prepare", {"by_mail": False}).status == "open"
    assert [one.resolved_at for one in house.incidents(case)] == [house.now]


def test_an_incident_is_over_when_its_step_was_taken_away(house: House) -> None:
    house.services(send_offer=Service())
    house.deploy(
        bpmn("away", start("begin"), user("prepare"), boundary("late", "prepare", duration="P1D"),
             service("send_offer"), user("chase"), end("done"), end("chased"),
             "begin > prepare > send_offer > done", "late > chase > chased")
    )  # fmt: skip
    case = house.start("away")
    with pytest.raises(StepFailed):
        house.complete(case, "prepare")
    house.tick(days=1)
    assert (house.open(case), house.view(case).status) == (["chase"], "open")


def test_a_case_that_fails_at_its_start_is_not_there_but_its_incident_is(house: House) -> None:
    house.services(send_offer=Service())
    house.deploy(
        bpmn("at_once", start("begin"), service("send_offer"), end("done"), "begin > send_offer > done")
    )
    before = house.counted()
    with pytest.raises(StepFailed):
        house.start("at_once")
    assert house.counted() == {**before, "incidents": 1}
    (incident,) = house.rows(Incident)
    assert (incident.case_id, incident.process, incident.element) == (None, "at_once", "send_offer")


def test_a_refusal_in_words_by_a_service_becomes_the_reason(house: House) -> None:
    send_offer = broken(house)
    send_offer.error = Invalid("no_address", "{who} has no address.", remedy="Add one.", who="Ada")
    case = house.start("offer")
    with pytest.raises(StepFailed) as failure:
        house.complete(case, "prepare")
    assert (failure.value.reason, failure.value.remedy) == ("Ada has no address.", "Add one.")


def test_a_broken_statement_of_a_service_is_its_failure_on_both_databases(house: House) -> None:
    send_offer = broken(house)

    def twice(step: Step) -> Mapping[str, Value] | None:
        for _ in range(2):
            step.session.execute(insert(Person).values(key="same", name="x", language="it", active=True))
        return None

    house.services(send_offer=twice)
    case = house.start("offer")
    with pytest.raises(StepFailed) as failure:
        house.complete(case, "prepare")
    assert failure.value.reason == "the service “send_offer” stopped with IntegrityError"
    assert house.counted()["people"] == 0
    house.services(send_offer=send_offer)
    send_offer.error = None
    assert house.complete(case, "prepare").status == "open"


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
    with pytest.raises(StepFailed) as failure:
        house.complete(case, "prepare")
    assert failure.value.element == "send_offer"
    assert part in failure.value.reason
    assert (house.open(case), house.view(case).status) == (["prepare"], "incident")


def test_a_service_that_nobody_has_written_is_named(house: House) -> None:
    house.deploy(OFFER)
    case = house.start("offer")
    with pytest.raises(StepFailed) as failure:
        house.complete(case, "prepare")
    assert failure.value.reason == "there is no service “send_offer”"


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
    for attempt in range(1, 9):
        report = house.tick()
        assert (report.timers, report.failed, send_offer.calls) == (0, 1, attempt)
        next_due = house.row(case).next_due
        assert next_due is not None
        pauses.append((next_due - house.now) // timedelta(minutes=1))
        assert house.tick().failed == 0  # Not before its time.
        house.now = next_due
    assert pauses == [1, 5, 30, 120, 720, 1440, 1440, 1440]
    (incident,) = house.incidents(case)
    assert (incident.attempts, incident.element, house.view(case).status) == (8, "send_offer", "incident")

    send_offer.error = None
    assert house.tick().timers == 1
    assert (house.view(case).status, house.open(case)) == ("open", ["after"])
    assert house.incidents(case)[0].resolved_at == house.now


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


def test_a_receiver_that_fails_is_an_incident_of_its_own_and_the_sender_is_tried_later(house: House) -> None:
    send_offer = Service()
    house.services(send_offer=send_offer)
    house.deploy(clocked("item"))
    house.deploy(
        bpmn("waiting", start("begin"), catch("hear", "item"), service("send_offer"), end("done"),
             "begin > hear > send_offer > done")
    )  # fmt: skip
    receiver, sender = house.start("waiting", {"lead_id": 1}), house.start("clocked", {"lead_id": 1})
    assert house.tick(hours=1).failed == 1
    assert send_offer.calls == 1
    assert [one.element for one in house.incidents(receiver)] == ["send_offer"]
    assert [one.element for one in house.incidents(sender)] == ["tell"]
    assert house.row(sender).next_due == house.now + timedelta(minutes=1)

    send_offer.error = None
    house.tick(minutes=1)
    assert [house.view(case).status for case in (receiver, sender)] == ["completed", "completed"]
    assert all(one.resolved_at for one in house.incidents(receiver) + house.incidents(sender))


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
    assert house.tick(hours=1).failed == 1
    assert send_offer.calls == 1
    due = house.row(case).next_due
    assert due is not None and due > house.now


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
