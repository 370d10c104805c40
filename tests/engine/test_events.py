"""Waiting for a message or a moment, and gateways at which the first of several events decides."""

from __future__ import annotations

import pytest

from tests.engine.drawing import both, bpmn, catch, end, first_of, receive, start, user, xor
from tests.engine.house import House

REPLY = bpmn(
    "reply",
    start("begin"), first_of("wait"), catch("answered", "offer.reply"), catch("refused", "offer.no"),
    catch("late", duration="P3D"), user("read"), user("ask_why"), user("chase"), xor("meet"), end("done"),
    "begin > wait", "wait > answered > read > meet > done", "wait > refused > ask_why > meet",
    "wait > late > chase > meet",
)  # fmt: skip


def test_all_events_behind_a_gateway_are_waited_for_at_once(house: House) -> None:
    house.deploy(REPLY)
    case = house.start("reply", {"offer_id": 1})
    assert house.waiting(case) == [
        ("answered", "offer.reply"),
        ("late", "2026-03-05T09:00:00Z"),
        ("refused", "offer.no"),
    ]
    assert house.view(case).status == "open"


@pytest.mark.parametrize(
    ("message", "event", "task"), [("offer.reply", "answered", "read"), ("offer.no", "refused", "ask_why")]
)
def test_the_message_that_comes_first_decides(house: House, message: str, event: str, task: str) -> None:
    house.deploy(REPLY)
    case = house.start("reply", {"offer_id": 1})
    house.send(message, {"offer_id": 1}, {"amount": 3})
    assert (house.open(case), house.waiting(case)) == ([task], [])
    assert house.path(case) == ["begin", "wait", event]
    assert house.view(case).data["amount"] == 3
    assert house.tick(days=4).timers == 0
    assert house.complete(case, task).status == "completed"


def test_the_timer_decides_when_no_message_has_come_by_then(house: House) -> None:
    house.deploy(REPLY)
    case = house.start("reply", {"offer_id": 1})
    house.tick(days=3)
    assert (house.open(case), house.waiting(case)) == (["chase"], [])
    assert house.path(case) == ["begin", "wait", "late"]
    assert house.send("offer.reply", {"offer_id": 1}) == []


def test_a_message_that_came_before_the_tick_wins_over_a_timer_that_is_due(house: House) -> None:
    house.deploy(REPLY)
    case = house.start("reply", {"offer_id": 1})
    house.now = house.now.replace(day=6)  # The timer was due on the 5th, but nobody has looked yet.
    house.send("offer.reply", {"offer_id": 1})
    assert house.tick().timers == 0
    assert house.open(case) == ["read"]


def test_two_timers_behind_a_gateway_each_keep_their_own_time(house: House) -> None:
    # In stock SpiffWorkflow they share one time, so that the earlier one may never fire.
    house.deploy(
        bpmn(
            "timers",
            start("begin"), first_of("wait"), catch("long", duration="P3D"), catch("short", duration="P1D"),
            user("late"), user("early"), end("e1"), end("e2"),
            "begin > wait", "wait > long > late > e1", "wait > short > early > e2",
        )
    )  # fmt: skip
    case = house.start("timers")
    assert house.waiting(case) == [("long", "2026-03-05T09:00:00Z"), ("short", "2026-03-03T09:00:00Z")]
    house.tick(days=5)
    assert house.open(case) == ["early"]


def test_a_gateway_in_a_loop_waits_anew_in_every_round(house: House) -> None:
    house.deploy(
        bpmn(
            "rounds",
            start("begin"), xor("in"), first_of("wait"), catch("answered", "offer.reply"),
            catch("late", duration="P1D"), end("done"),
            "begin > in > wait", "wait > answered > done", "wait > late > in",
        )
    )  # fmt: skip
    case = house.start("rounds", {"offer_id": 1})
    for day in (3, 4, 5):
        assert ("late", f"2026-03-0{day}T09:00:00Z") in house.waiting(case)
        house.tick(days=1)
    (after,) = house.send("offer.reply", {"offer_id": 1})
    assert after.status == "completed"


def test_a_receive_task_waits_for_its_message(house: House) -> None:
    house.deploy(
        bpmn(
            "signed",
            start("begin"),
            receive("signed", "contract.signed"),
            end("done"),
            "begin > signed > done",
        )
    )
    case = house.start("signed", {"deal_id": "D7"})
    assert house.waiting(case) == [("signed", "contract.signed")]
    (after,) = house.send("contract.signed", {"deal_id": "D7"})
    assert (after.case_id, after.status) == (case.case_id, "completed")


def test_one_message_moves_one_of_two_events_that_wait_for_it_in_a_case(house: House) -> None:
    house.deploy(
        bpmn(
            "two",
            start("begin"), both("split"), catch("a", "ping"), catch("b", "ping"), both("join"), end("done"),
            "begin > split > a > join > done", "split > b > join",
        )
    )  # fmt: skip
    case = house.start("two", {"x_id": 1})
    house.send("ping", {"x_id": 1})
    assert len(house.waiting(case)) == 1
    (after,) = house.send("ping", {"x_id": 1})
    assert after.status == "completed"
