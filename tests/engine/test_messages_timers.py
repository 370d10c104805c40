"""A message that was received before a timer was due wins over it, even when both come up in the same tick."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import messages, timers
from engine.tables import InboundMessage
from tests.engine.drawing import (
    boundary,
    bpmn,
    catch,
    end,
    first_of,
    on_event,
    receive,
    start,
    sub,
    user,
    xor,
)
from tests.engine.house import NOW, House
from tests.engine.test_messages_stored import BOOKING, Book, stored

GATEWAY = bpmn(
    "case", start("begin"), first_of("wait"), catch("answered", "reply"), catch("late", duration="P3D"),
    user("read"), user("chase"), end("e"), end("f"),
    "begin > wait", "wait > answered > read > e", "wait > late > chase > f",
)  # fmt: skip
BORDER = bpmn(
    "case", start("begin"), user("work"), boundary("answered", "work", "reply"),
    boundary("late", "work", duration="P3D"), user("read"), user("chase"), end("e"), end("f"), end("g"),
    "begin > work > g", "answered > read > e", "late > chase > f",
)  # fmt: skip
RECEIVE = bpmn(
    "case", start("begin"), receive("answered", "reply"), boundary("late", "answered", duration="P3D"),
    user("read"), user("chase"), end("e"), end("f"), "begin > answered > read > e", "late > chase > f",
)  # fmt: skip
HANDLERS = bpmn(
    "case", start("begin"),
    sub("inner", start("in"), user("work"), end("out"), "in > work > out",
        on_event("answer", start("answered", "reply"), user("read"), end("e"), "answered > read > e"),
        on_event("too_late", start("late", duration="P3D"), user("chase"), end("f"), "late > chase > f")),
    end("done"), "begin > inner > done",
)  # fmt: skip
DRAWINGS = {"gateway": GATEWAY, "border": BORDER, "receive": RECEIVE, "handlers": HANDLERS}
DUE = timedelta(days=3)


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_message_left_undelivered_before_the_timer_was_due_wins_in_the_same_tick(
    house: House, drawing: str
) -> None:
    house.deploy(DRAWINGS[drawing])
    case = house.start("case", {"lead_id": 1})
    house.now += DUE - timedelta(seconds=1)
    stored(house, "reply", {"lead_id": "1"})
    report = house.tick(days=1)
    assert (report.messages, report.timers, house.open(case)) == (1, 0, ["read"])


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_message_stored_after_the_tick_has_begun_and_before_it_comes_to_the_case_still_wins(
    house: House, drawing: str
) -> None:
    house.deploy(DRAWINGS[drawing])
    case = house.start("case", {"lead_id": 1})
    house.now += DUE - timedelta(seconds=1)
    stored(house, "reply", {"lead_id": "1"})
    # The second half of a tick: what was stored has been looked at already.
    assert timers.fire_due(house.engine, house.now + timedelta(days=1)) == (0, 0)
    assert house.open(case) == ["read"]
    assert [one.match_state for one in house.rows(InboundMessage)] == ["matched"]


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_message_that_came_after_the_timer_was_due_does_not_hold_it_back(
    house: House, drawing: str
) -> None:
    house.deploy(DRAWINGS[drawing])
    case = house.start("case", {"lead_id": 1})
    house.now += DUE
    stored(house, "reply", {"lead_id": "1"})
    assert timers.fire_due(house.engine, house.now + timedelta(days=1)) == (1, 0)
    assert house.open(case) == ["chase"]
    assert house.tick(days=1).messages == 0
    assert [one.match_state for one in house.rows(InboundMessage)] == ["kept"]


def test_a_message_for_another_case_does_not_hold_a_timer_back(house: House) -> None:
    house.deploy(GATEWAY)
    case = house.start("case", {"lead_id": 1})
    stored(house, "reply", {"lead_id": "2"})
    assert house.tick(days=4).timers == 1
    assert house.open(case) == ["chase"]


LATER = bpmn(
    "later", start("begin"), catch("pause", duration="PT1H"), first_of("wait"), catch("answered", "reply"),
    catch("late", date="2026-03-02T11:00:00Z"), user("read"), user("chase"), end("e"), end("f"),
    "begin > pause > wait", "wait > answered > read > e", "wait > late > chase > f",
)  # fmt: skip
LATER_BORDER = bpmn(
    "later", start("begin"), catch("pause", duration="PT1H"), user("work"), boundary("answered", "work", "reply"),
    boundary("late", "work", date="2026-03-02T11:00:00Z"), user("read"), user("chase"), end("e"), end("f"), end("g"),
    "begin > pause > work > g", "answered > read > e", "late > chase > f",
)  # fmt: skip
LATER_HANDLERS = bpmn(
    "later", start("begin"), catch("pause", duration="PT1H"),
    sub("inner", start("in"), user("work"), end("out"), "in > work > out",
        on_event("too_late", start("late", date="2026-03-02T11:00:00Z"), user("chase"), end("f"), "late > chase > f"),
        on_event("answer", start("answered", "reply"), user("read"), end("e"), "answered > read > e")),
    end("done"), "begin > pause > inner > done",
)  # fmt: skip
LATE = {"gateway": LATER, "border": LATER_BORDER, "handlers": LATER_HANDLERS}


@pytest.mark.parametrize("drawing", LATE)
@pytest.mark.parametrize(("received", "taken"), [(30, "read"), (119, "read"), (120, "chase"), (150, "chase")])
def test_a_catch_that_becomes_active_by_the_same_tick_looks_at_what_came_before_its_timer(
    house: House, drawing: str, received: int, taken: str
) -> None:
    house.deploy(LATE[drawing])
    case = house.start("later", {"lead_id": 1})
    house.now = NOW + timedelta(minutes=received)
    house.receive("reply", {"lead_id": 1})
    house.now = NOW
    house.tick(hours=3)
    assert house.open(case) == [taken]
    assert house.tick(days=1).timers == 0


def test_a_kept_message_of_another_case_changes_nothing(house: House) -> None:
    house.deploy(LATER)
    case = house.start("later", {"lead_id": 1})
    house.receive("reply", {"lead_id": 2})
    house.receive("reply", {"case_no": "C-2026-000009"})
    house.tick(hours=3)
    assert house.open(case) == ["chase"]
    assert [event.type for event in house.events(case) if event.attrs and "path" in event.attrs] == [
        "case.started",
        "case.moved",
    ]


def test_what_somebody_completes_late_meets_the_message_that_came_in_time(house: House) -> None:
    house.deploy(
        bpmn("later", start("begin"), user("prepare"), first_of("wait"), catch("answered", "reply"),
             catch("late", date="2026-03-02T11:00:00Z"), user("read"), user("chase"), end("e"), end("f"),
             "begin > prepare > wait", "wait > answered > read > e", "wait > late > chase > f")
    )  # fmt: skip
    first, second = house.start("later", {"lead_id": 1}), house.start("later", {"lead_id": 2})
    house.receive("reply", {"lead_id": 1})
    house.now += timedelta(hours=5)
    house.complete(first, "prepare")
    house.complete(second, "prepare")
    assert (house.open(first), house.open(second)) == (["read"], ["chase"])


def test_a_message_that_fails_keeps_its_place_before_the_timer_until_it_is_dismissed(house: House) -> None:
    book = Book(house)
    house.deploy(
        bpmn("bill", start("begin"), first_of("wait"), catch("paid", "paid"), catch("late", duration="P3D"),
             *BOOKING, user("file"), user("remind"), xor("meet"), end("done"), "begin > wait",
             "wait > paid > in", "booked > file [default]", "file > meet > done", "wait > late > remind > meet")
    )  # fmt: skip
    case, other = house.start("bill", {"bill_id": 1}), house.start("bill", {"bill_id": 2})
    failed = [house.receive("paid", {"bill_id": number}) for number in (1, 2)]
    assert house.tick(days=4).timers == 0  # Not reminded of what they have paid.
    assert (house.open(case), house.open(other)) == ([], [])
    assert house.view(case).status == "incident"

    with house.engine.transaction(house.now) as tx:
        messages.dismiss(house.engine, tx, failed[0].message_id, "A false alarm")
    book.broken = False
    house.tick(days=1)

    assert (house.open(case), house.open(other)) == (["remind"], ["file"])
    assert book.booked == 1
