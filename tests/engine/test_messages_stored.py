"""Messages from outside: stored before anything else, taken once, tried again, attached or dismissed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from engine import messages, state
from engine.catalog import BpmnError, Step
from engine.errors import Conflict, Invalid, NotFound
from engine.messages import Receipt
from engine.runtime import CaseRef, store
from engine.tables import Case, Event, InboundMessage
from engine.values import Value
from tests.engine.drawing import Part, both, boundary, bpmn, catch, end, service, start, user, xor
from tests.engine.house import House
from tests.engine.test_races import at_once

WAIT = bpmn(
    "wait", start("begin"), catch("reply", "reply"), user("read"), end("done"), "begin > reply > read > done"
)
BOOKING: list[Part] = [xor("in"), service("book"), xor("booked"), "in > book > booked", "booked > in [again]"]
BILL = bpmn(
    "bill", start("begin"), catch("paid", "paid"), *BOOKING, user("file"), end("done"),
    "begin > paid > in", "booked > file [default]", "file > done",
)  # fmt: skip
EARLY = bpmn(
    "early", start("begin"), user("prepare"), catch("reply", "reply"), user("read"), end("done"),
    "begin > prepare > reply > read > done",
)  # fmt: skip


class Book:
    """A service that sends a case round and round until it is mended: the whole step is undone."""

    def __init__(self, house: House) -> None:
        self.broken = True
        self.booked = 0
        house.services(book=self)

    def __call__(self, step: Step) -> Mapping[str, Value]:
        self.booked += not self.broken
        return {"again": self.broken}


def kept(house: House) -> list[tuple[str, str | None, int]]:
    """(state, reason, attempts) of every stored message."""
    return [(one.match_state, one.reason, one.attempts) for one in house.rows(InboundMessage)]


def lines(house: House) -> list[tuple[str, int | None, Any]]:
    """(type, case, reason) of what history says of messages, what cases took aside."""
    found = house.rows(Event, Event.type.startswith("message."), Event.type != "message.received")
    return [(one.type, one.case_id, one.attrs.get("reason")) for one in found]


def stored(house: House, name: str, keys: dict[str, str], **payload: Any) -> int:
    """A message that was stored by a process which was killed before it delivered it."""
    with house.engine.transaction(house.now) as tx:
        return store(tx, name, keys, payload, next_try=house.now)


def dismissed(house: House, message_id: int, reason: str) -> None:
    with house.engine.transaction(house.now) as tx:
        messages.dismiss(house.engine, tx, message_id, reason)


# --- Stored first ---------------------------------------------------------------------------------


def test_a_message_that_fails_at_a_step_stays_and_moves_the_case_when_it_is_tried_again(
    house: House,
) -> None:
    book = Book(house)
    house.deploy(BILL)
    case = house.start("bill", {"bill_id": 7})

    failed = house.receive("paid", {"bill_id": 7}, {"amount": 5})

    assert (failed.state, failed.cases) == ("failed", ())
    assert failed.refusal is not None
    assert failed.refusal.code == "step_failed"
    assert kept(house) == [("failed", "step_failed", 1)]
    assert house.waiting(case) == [("paid", "paid")]
    assert [one.kind for one in house.incidents(case)] == ["endless"]
    assert house.view(case).status == "incident"

    book.broken = False
    again = messages.retry(house.engine, house.now, failed.message_id)

    assert (again.state, again.cases[0].status) == ("matched", "open")
    assert (house.open(case), book.booked) == (["file"], 1)
    assert house.view(case).data["amount"] == 5
    assert [one.resolved_at is None for one in house.incidents(case)] == [False]
    assert lines(house) == [
        ("message.failed", case.case_id, "step_failed"),
        ("message.retried", None, None),
    ]


def test_the_clock_tries_a_message_again_whose_step_failed_less_and_less_often(house: House) -> None:
    book = Book(house)
    house.deploy(BILL)
    case = house.start("bill", {"bill_id": 7})
    house.receive("paid", {"bill_id": 7})

    assert house.tick(seconds=59).failed == 0
    assert house.tick(seconds=1).failed == 1
    assert house.tick(minutes=4).failed == 0
    book.broken = False
    report = house.tick(minutes=1)

    assert (report.messages, report.failed, book.booked) == (1, 0, 1)
    assert house.open(case) == ["file"]
    assert kept(house) == [("matched", None, 2)]


def test_after_the_last_try_a_message_waits_for_a_person(house: House) -> None:
    Book(house)
    house.deploy(BILL)
    house.start("bill", {"bill_id": 7})
    house.receive("paid", {"bill_id": 7})
    tries = sum(house.tick(days=2).failed for _ in range(10))
    assert tries == 6
    assert kept(house) == [("failed", "step_failed", 7)]


def test_a_start_that_fails_leaves_the_message_and_no_case(house: House) -> None:
    book = Book(house)
    house.deploy(bpmn("bill", start("in", "bill.in"), service("book"), xor("booked"), end("done"), "in > book > booked",
                      "booked > book [again]", "booked > done [default]"))  # fmt: skip
    failed = house.receive("bill.in", {"bill_id": 7})
    assert failed.state == "failed"
    assert (house.counted()["cases"], house.counted()["incidents"]) == (0, 0)
    (row,) = house.rows(InboundMessage)
    assert "steps without waiting for anybody" in row.note

    book.broken = False
    house.tick(minutes=1)

    assert (house.counted()["cases"], book.booked) == (1, 1)
    (row,) = house.rows(InboundMessage)
    assert (row.match_state, row.note, row.case_id) == ("matched", None, house.rows(Case)[0].id)


def test_an_ambiguous_message_is_kept_until_somebody_says_which_case_is_meant(house: House) -> None:
    house.deploy(WAIT)
    first, second = (house.start("wait", {"lead_id": 1}) for _ in range(2))
    found = house.receive("reply", {"lead_id": 1})
    assert found.refusal is not None
    assert kept(house) == [("failed", "message_ambiguous", 1)]
    assert house.tick(days=1).messages == 0

    done = messages.attach(house.engine, house.now, found.message_id, second.case_no)

    assert done.cases[0].case_id == second.case_id
    assert (house.open(first), house.open(second)) == ([], ["read"])


def test_what_cannot_be_stored_is_refused_and_leaves_nothing(house: House) -> None:
    house.deploy(WAIT)
    deep: dict[str, Any] = {}
    for _ in range(3000):
        deep = {"a": deep}
    refused: list[tuple[Any, str]] = [
        ({"text": "x" * 65_537}, "The value at payload.text is larger than 64 kB."),
        ({"n": float("nan")}, "The value at payload.n is not a number."),
        ({"n": {"m": [1, float("inf")]}}, "The value at payload.n.m[1] is not a number."),
        ({"raw": b"x"}, "The value at payload.raw has a type that a case cannot hold."),
        ({"half": "\ud800"}, "The value at payload.half holds characters that cannot be stored."),
        ({"nul": "a\x00b"}, "The value at payload.nul holds characters that cannot be stored."),
        (deep, "The payload cannot be stored: it is nested too deeply."),
        (
            {str(number): "x" * 60_000 for number in range(20)},
            "The payload cannot be stored: it is larger than 1 MB.",
        ),
    ]
    for payload, words in refused:
        with pytest.raises(Invalid) as refusal:
            house.receive("reply", {"lead_id": 1}, payload)
        assert refusal.value.message == words
        assert refusal.value.remedy
    for name, keys, words in (
        ("", {}, "The name of a message has between 1 and 200 characters."),
        ("n" * 201, {}, "The name of a message has between 1 and 200 characters."),
        ("reply", {"lead_id": "7" * 101}, "The key “lead_id” is longer than 100 characters."),
        ("reply", {"k" * 101: "7"}, f"The key “{'k' * 100}” is longer than 100 characters."),
        ("reply", {"lead_id": "\x00"}, "The value at message[1].lead_id holds characters that cannot be stored."),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            house.receive(name, keys)
        assert refusal.value.message == words
    assert kept(house) == []


def test_strange_names_and_numbers_are_data_like_any_other(house: House) -> None:
    house.deploy(WAIT)
    case = house.start("wait", {"lead_id": 1})
    payload = {
        "typename": 1, "__class__": 2, "$": {"$": "num", "v": "x"}, "reply": True, "if": 3, "payload": None,
        "huge": 10**30, "exact": 12345678901234567890.5, "id": {"__init__": []},
    }  # fmt: skip
    assert house.receive("reply", {"lead_id": 1}, payload).state == "matched"
    data = house.view(case).data
    assert {key: data[key] for key in ("typename", "__class__", "reply", "if", "huge")} == {
        "typename": 1, "__class__": 2, "reply": True, "if": 3, "huge": 10**30,
    }  # fmt: skip
    (row,) = house.rows(InboundMessage)
    assert state.decode(row.payload)["$"] == {"$": "num", "v": "x"}
    assert house.complete(case, "read").status == "completed"


def test_what_a_kept_message_carries_is_as_exact_as_what_is_delivered_at_once(house: House) -> None:
    house.deploy(EARLY)
    case = house.start("early", {"lead_id": 1})
    carried = {"day": date(2026, 3, 9), "price": Decimal("0.1000000000000000000001")}
    house.receive("reply", {"lead_id": 1}, carried)
    house.complete(case, "prepare")
    assert {key: house.view(case).data[key] for key in carried} == carried


# --- Killed in between ----------------------------------------------------------------------------


def test_what_was_stored_and_not_delivered_is_delivered_by_the_next_tick(house: House) -> None:
    house.deploy(WAIT)
    house.deploy(bpmn("bill", start("in", "bill.in"), user("file"), end("done"), "in > file > done"))
    case = house.start("wait", {"lead_id": 1})
    stored(house, "reply", {"lead_id": "1"}, amount=5)
    stored(house, "bill.in", {})
    stored(house, "nobody", {"lead_id": "9"})

    report = house.tick()

    assert (report.messages, report.failed) == (2, 0)
    assert (house.open(case), house.view(case).data["amount"]) == (["read"], 5)
    assert [one[0] for one in kept(house)] == ["matched", "matched", "kept"]
    assert house.tick(days=1).messages == 0


def test_two_workers_and_the_sender_deliver_a_message_once(house: House) -> None:
    house.deploy(WAIT)
    for number in range(12):
        case = house.start("wait", {"lead_id": number})
        stored(house, "reply", {"lead_id": str(number)})
        outcomes = at_once(*([lambda: messages.deliver_due(house.engine, house.now)] * 3))
        taken = sum(one[0] for one in outcomes if isinstance(one, tuple))
        assert taken >= 1
        assert len(house.events(case, "message.received")) == 1
        assert house.open(case) == ["read"]


def test_a_message_that_stops_the_worker_is_put_off_and_the_others_go_on(house: House) -> None:
    house.deploy(WAIT)
    case = house.start("wait", {"lead_id": 1})
    broken = stored(house, "reply", {"lead_id": "2"})
    with house.engine.transaction(house.now) as tx:
        tx.session.get_one(InboundMessage, broken).payload = {"$": "unheard of"}
    stored(house, "reply", {"lead_id": "1"})
    report = house.tick()
    assert (report.messages, report.failed) == (1, 1)
    assert house.open(case) == ["read"]
    assert kept(house) == [("failed", "unforeseen", 1), ("matched", None, 0)]
    assert house.tick(seconds=59).failed == 0


# --- The same id once -----------------------------------------------------------------------------


def test_a_message_with_the_same_id_is_taken_once_and_answered_with_the_first_result(house: House) -> None:
    house.deploy(WAIT)
    case = house.start("wait", {"lead_id": 1})
    other = house.start("wait", {"lead_id": 2})
    first = house.receive("reply", {"lead_id": 1}, external_id="<1@mail>")
    house.complete(case, "read")
    second = house.receive("reply", {"lead_id": 2}, external_id="<1@mail>")

    assert (first.state, first.repeated, first.cases[0].status) == ("matched", False, "open")
    assert second == Receipt(
        first.message_id, "matched", (CaseRef(case.case_id, case.case_no, "wait", "completed"),), True
    )
    assert len(kept(house)) == 1
    assert house.open(other) == []


def test_ids_belong_to_a_name(house: House) -> None:
    for name in ("reply", "other"):
        assert not house.receive(name, {"lead_id": 1}, external_id="1").repeated
    assert len(kept(house)) == 2


def test_the_same_id_again_says_that_the_first_is_kept_or_has_failed(house: House) -> None:
    Book(house)
    house.deploy(BILL)
    first = house.receive("paid", {"bill_id": 7}, external_id="1")
    assert house.receive("paid", {"bill_id": 7}, external_id="1") == Receipt(
        first.message_id, "kept", repeated=True
    )
    house.start("bill", {"bill_id": 8})
    house.receive("paid", {"bill_id": 8}, external_id="2")
    again = house.receive("paid", {"bill_id": 8}, external_id="2")
    assert (again.state, again.repeated) == ("failed", True)
    assert again.refusal is not None
    assert (again.refusal.code, kept(house)[1]) == ("step_failed", ("failed", "step_failed", 1))


def test_the_same_id_again_delivers_what_was_left_undelivered(house: House) -> None:
    house.deploy(WAIT)
    case = house.start("wait", {"lead_id": 1})
    with house.engine.transaction(house.now) as tx:
        row = InboundMessage(
            name="reply", keys={"lead_id": "1"}, payload={}, received_at=house.now, match_state="received",
            external_id="1", next_try=house.now,
        )  # fmt: skip
        tx.session.add(row)
    assert house.receive("reply", {"lead_id": 1}, external_id="1").state == "matched"
    assert house.open(case) == ["read"]
    assert len(kept(house)) == 1


def test_the_same_message_sent_at_the_same_moment_is_taken_once(house: House) -> None:
    house.deploy(bpmn("lead", start("in", "lead.in"), user("call"), end("done"), "in > call > done"))
    for number in range(8):

        def receive(number: int = number) -> Receipt:
            return house.receive("lead.in", {}, {"count": number}, external_id=f"<{number}@mail>")

        outcomes = at_once(receive, receive, receive)
        assert [one for one in outcomes if not isinstance(one, Receipt)] == []
        assert len({one.message_id for one in outcomes}) == 1
        assert house.counted()["cases"] == number + 1


@pytest.mark.parametrize("id", ["", "  ", "x" * 301, "a\x00"])
def test_an_id_that_is_none_is_refused(house: House, id: str) -> None:
    with pytest.raises(Invalid):
        house.receive("reply", {}, external_id=id)
    assert kept(house) == []


# --- Attached -------------------------------------------------------------------------------------


def test_a_message_attached_to_a_case_that_waits_is_taken_whatever_its_keys(house: House) -> None:
    house.deploy(WAIT)
    ada = house.person("ada")
    case = house.start("wait", {"lead_id": 1})
    found = house.receive("reply", {"lead_id": 2})
    done = messages.attach(house.engine, house.now, found.message_id, case.case_id, actor_id=ada.id)
    assert (done.state, done.cases[0].case_id, house.open(case)) == ("matched", case.case_id, ["read"])
    (event,) = house.events(case, "message.attached")
    assert (event.actor_id, event.attrs) == (ada.id, {"message": "reply", "id": found.message_id})


def test_a_message_attached_early_is_taken_when_the_case_comes_to_wait_and_never_expires(
    house: House,
) -> None:
    house.deploy(EARLY)
    case, other = house.start("early", {"lead_id": 1}), house.start("early", {"lead_id": 2})
    found = house.receive("reply", {"lead_id": 2})
    done = messages.attach(house.engine, house.now, found.message_id, case.case_no)
    assert (done.state, done.cases) == ("kept", ())
    (listed,) = house.look(messages.unmatched)
    assert (listed.state, listed.case_no) == ("kept", case.case_no)
    assert house.tick(days=100).expired == 0

    house.complete(other, "prepare")
    assert house.waiting(other) == [("reply", "reply")]
    house.complete(case, "prepare")
    assert house.open(case) == ["read"]
    assert kept(house) == [("matched", None, 0)]


def test_an_expired_message_stays_listed_and_may_still_be_attached(house: House) -> None:
    house.deploy(WAIT)
    found = house.receive("reply", {"lead_id": 2})
    house.tick(days=31)
    case = house.start("wait", {"lead_id": 2})
    assert house.waiting(case) == [("reply", "reply")]
    assert [one.state for one in house.look(messages.unmatched)] == ["expired"]
    messages.attach(house.engine, house.now, found.message_id, case.case_no)
    assert house.open(case) == ["read"]


def test_where_a_case_waits_at_several_places_it_has_to_be_said_at_which(house: House) -> None:
    house.deploy(
        bpmn("two", start("begin"), both("split"), catch("a", "ping"), catch("b", "ping"), user("after_a"),
             user("after_b"), end("e"), end("f"), "begin > split > a > after_a > e", "split > b > after_b > f")
    )  # fmt: skip
    case = house.start("two", {"x_id": 1})
    found = house.receive("ping", {"x_id": 2})
    with pytest.raises(Conflict) as refusal:
        messages.attach(house.engine, house.now, found.message_id, case.case_no)
    assert refusal.value.message == f"Case {case.case_no} waits for “ping” at several places: a, b."
    with pytest.raises(Invalid):
        messages.attach(house.engine, house.now, found.message_id, case.case_no, element="c")
    messages.attach(house.engine, house.now, found.message_id, case.case_no, element="b")
    assert (house.open(case), house.waiting(case)) == (["after_b"], [("a", "ping")])


def test_a_failing_step_leaves_an_attached_message_attached(house: House) -> None:
    book = Book(house)
    house.deploy(BILL)
    case = house.start("bill", {"bill_id": 7})
    found = house.receive("paid", {"bill_id": 9})
    assert messages.attach(house.engine, house.now, found.message_id, case.case_no).state == "failed"
    book.broken = False
    assert house.tick(minutes=1).messages == 1
    assert house.open(case) == ["file"]


def test_what_cannot_be_attached_is_refused_in_words(house: House) -> None:
    house.deploy(WAIT)
    case = house.start("wait", {"lead_id": 1})
    taken = house.receive("reply", {"lead_id": 1})
    other = house.receive("reply", {"lead_id": 3})
    house.complete(case, "read")
    for message_id, number, code in (
        (other.message_id, case.case_no, "case_over"),
        (other.message_id, "C-2026-999999", "case_unknown"),
        (99, house.start("wait").case_no, "message_unknown"),
        (taken.message_id, house.start("wait").case_no, "message_closed"),
    ):
        with pytest.raises((Conflict, NotFound)) as refusal:
            messages.attach(house.engine, house.now, message_id, number)
        assert refusal.value.code == code


# --- Dismissed ------------------------------------------------------------------------------------


def test_a_dismissed_message_is_out_of_the_list_and_its_reason_can_be_erased(house: House) -> None:
    house.deploy(EARLY)
    found = house.receive("reply", {"lead_id": 1})
    dismissed(house, found.message_id, "  Sent twice by Mario Rossi ")
    assert house.look(messages.unmatched) == []
    (row,) = house.rows(InboundMessage)
    assert (row.match_state, row.note) == ("dismissed", "Sent twice by Mario Rossi")
    assert InboundMessage.__table__.c.note.info["mark"] == "personal"
    assert lines(house) == [("message.dismissed", None, None)]
    assert "Mario" not in str([event.attrs for event in house.rows(Event)])

    case = house.start("early", {"lead_id": 1})
    house.complete(case, "prepare")
    assert house.waiting(case) == [("reply", "reply")]
    for act in (
        lambda: dismissed(house, found.message_id, "again"),
        lambda: messages.retry(house.engine, house.now, found.message_id),
        lambda: messages.attach(house.engine, house.now, found.message_id, case.case_no),
    ):
        with pytest.raises(Conflict):
            act()


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\x00"])
def test_dismissing_needs_a_reason(house: House, reason: str) -> None:
    found = house.receive("reply")
    with pytest.raises(Invalid):
        dismissed(house, found.message_id, reason)
    assert kept(house) == [("kept", None, 0)]


# --- The list -------------------------------------------------------------------------------------


def test_the_cases_a_message_may_be_for_are_those_that_wait_or_have_its_ids(house: House) -> None:
    house.deploy(WAIT)
    house.deploy(EARLY)
    house.deploy(bpmn("other", start("begin"), catch("x", "other"), end("done"), "begin > x > done"))
    waits = [house.start("wait", {"lead_id": 1}), house.start("wait", {"lead_id": 1})]
    stranger = house.start("wait", {"lead_id": 5})
    same = house.start("other", {"lead_id": 1})
    house.start("early", {"lead_id": 5})
    house.receive("reply", {"lead_id": 1})

    (one,) = house.look(messages.unmatched)
    found = house.look(lambda tx: messages.candidates(tx, one))

    assert [(each.case_id, each.waits, each.same) for each in found] == [
        (waits[1].case_id, True, True),
        (waits[0].case_id, True, True),
        (same.case_id, False, True),
        (stranger.case_id, True, False),
    ]


def test_a_message_is_shown_with_what_it_carries(house: House) -> None:
    found = house.receive("reply", {"lead_id": 1}, {"text": "Hello", "amount": 12.5})
    shown, payload = house.look(lambda tx: messages.get(tx, found.message_id))
    assert (shown.name, shown.keys, shown.state) == ("reply", {"lead_id": "1"}, "kept")
    assert payload == {"text": "Hello", "amount": 12.5}
    with pytest.raises(NotFound):
        house.look(lambda tx: messages.get(tx, 99))


def test_a_service_that_raises_a_caught_error_is_no_failed_delivery(house: House) -> None:
    def refuse(step: Step) -> None:
        raise BpmnError("NO", "not today")

    house.services(book=refuse)
    house.deploy(
        bpmn("bill", start("begin"), catch("paid", "paid"), service("book"), boundary("no", "book", error="NO"),
             user("why"), end("done"), end("e"), "begin > paid > book > done", "no > why > e")
    )  # fmt: skip
    case = house.start("bill", {"bill_id": 1})
    assert house.receive("paid", {"bill_id": 1}).state == "matched"
    assert house.open(case) == ["why"]


def test_a_message_kept_while_its_case_changes_its_ids_is_found(house: House) -> None:
    house.deploy(
        bpmn("late_id", start("begin"), both("split"), user("set"), catch("reply", "reply"), user("read"), end("d"),
             end("e"), "begin > split > set > d", "split > reply > read > e")
    )  # fmt: skip
    case = house.start("late_id", {"offer_id": 1})
    house.receive("reply", {"offer_id": 2})
    house.complete(case, "set", {"offer_id": 2})
    assert house.open(case) == ["read"]


# --- At the same moment ---------------------------------------------------------------------------


def test_a_message_that_comes_while_its_case_comes_to_wait_is_taken(house: House) -> None:
    house.deploy(WAIT)
    for number in range(25):
        keys = {"lead_id": number}
        case, receipt = at_once(partial(house.start, "wait", keys), partial(house.receive, "reply", keys))
        assert isinstance(case, CaseRef)
        assert isinstance(receipt, Receipt)
        assert house.open(case) == ["read"], number


def test_two_cases_that_come_to_wait_for_the_same_message_share_nothing(house: House) -> None:
    house.deploy(WAIT)
    for number in range(12):
        keys = {"lead_id": number}
        house.receive("reply", keys)
        cases = at_once(*[partial(house.start, "wait", keys)] * 3)
        assert [one for one in cases if not isinstance(one, CaseRef)] == []
        assert sorted(house.open(case) for case in cases) == [[], [], ["read"]]
