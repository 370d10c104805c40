"""Messages: found by their keys, kept until somebody waits, started by, thrown from case to case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from engine import messages, state
from engine.catalog import Process, Step
from engine.errors import Conflict, Invalid
from engine.runtime import CaseRef
from engine.tables import InboundMessage
from engine.values import Value
from tests.engine.drawing import (
    both,
    boundary,
    bpmn,
    call,
    catch,
    end,
    receive,
    script,
    service,
    start,
    throw,
    user,
    xor,
)
from tests.engine.house import House

WAIT = bpmn(
    "wait", start("begin"), catch("reply", "reply"), user("read"), end("done"), "begin > reply > read > done"
)


def kept(house: House) -> list[tuple[str, str, int | None]]:
    """(name, state, case) of every stored message."""
    return [(one.name, one.match_state, one.case_id) for one in house.rows(InboundMessage)]


# --- Keys -----------------------------------------------------------------------------------------


def test_a_message_reaches_the_case_whose_variable_has_its_key(house: House) -> None:
    house.deploy(WAIT)
    first, second = house.start("wait", {"lead_id": 1}), house.start("wait", {"lead_id": 2})
    (moved,) = house.send("reply", {"lead_id": 2})
    assert moved.case_id == second.case_id
    assert (house.open(first), house.open(second)) == ([], ["read"])
    assert kept(house) == [("reply", "matched", second.case_id)]


def test_all_keys_must_be_true_of_the_case(house: House) -> None:
    house.deploy(WAIT)
    house.start("wait", {"lead_id": 1, "offer_id": "A"})
    second = house.start("wait", {"lead_id": 1, "offer_id": "B"})
    (moved,) = house.send("reply", {"lead_id": 1, "offer_id": "B"})
    assert moved.case_id == second.case_id
    assert house.send("reply", {"lead_id": 1, "offer_id": "C"}) == []


def test_the_case_number_is_a_key_of_every_case(house: House) -> None:
    house.deploy(WAIT)
    house.start("wait")
    second = house.start("wait")
    (moved,) = house.send("reply", {"case_no": second.case_no})
    assert moved.case_id == second.case_id


def test_keys_follow_the_variables(house: House) -> None:
    house.deploy(
        bpmn("late_id", start("begin"), both("split"), user("set"), receive("reply", "reply"), end("done"), end("e"),
             "begin > split > set > done", "split > reply > e")
    )  # fmt: skip
    case = house.start("late_id", {"offer_id": 1})
    house.complete(case, "set", {"offer_id": 2})
    assert house.send("reply", {"offer_id": 1}) == []
    (moved,) = house.send("reply", {"offer_id": 2})
    assert moved == CaseRef(case.case_id, case.case_no, "late_id", "completed")


def test_an_ambiguous_message_is_refused_and_not_stored(house: House) -> None:
    house.deploy(WAIT)
    cases = [house.start("wait", {"lead_id": 1}) for _ in range(2)]
    for keys in ({"lead_id": 1}, {}):
        with pytest.raises(Conflict) as refusal:
            house.send("reply", keys)
        assert refusal.value.message == (
            "2 cases wait for “reply”, and the keys do not tell which one is meant."
        )
    assert kept(house) == []
    assert [house.open(case) for case in cases] == [[], []]


def test_a_message_without_keys_reaches_the_only_case_that_waits(house: House) -> None:
    house.deploy(WAIT)
    case = house.start("wait")
    (moved,) = house.send("reply")
    assert moved.case_id == case.case_id


def test_a_waiting_process_that_is_called_is_found_by_its_own_variables(house: House) -> None:
    house.deploy(bpmn("caller", start("s"), call("calls", "wait"), end("e"), "s > calls > e"))
    house.deploy(
        bpmn("wait", start("begin"), script("set", "offer_id = 7"), catch("reply", "reply"), end("done"),
             "begin > set > reply > done")
    )  # fmt: skip
    case = house.start("caller")
    (moved,) = house.send("reply", {"offer_id": 7})
    assert (moved.case_id, moved.status) == (case.case_id, "completed")


# --- Payload --------------------------------------------------------------------------------------


def test_of_a_payload_only_what_is_no_free_text_becomes_variables(house: House) -> None:
    house.deploy(
        bpmn(
            "typed",
            start("begin"), catch("reply", "reply"), xor("way"), user("yes"), user("no"), end("done"), end("e"),
            "begin > reply > way", 'way > yes [answer = "yes"]', "way > no [default]", "yes > done", "no > e",
        )
    )  # fmt: skip
    case = house.start("typed", {"x_id": 1})
    payload = {
        "answer": "yes", "note": "Call me at home", "amount": 12.5, "count": 3, "ok": True, "none": None,
        "mail_id": "m-17", "list": [1], "context": {"a": 1},
    }  # fmt: skip
    house.send("reply", {"x_id": 1}, payload)
    assert house.open(case) == ["yes"]
    assert house.view(case).data == {
        "x_id": 1, "answer": "yes", "amount": 12.5, "count": 3, "ok": True, "none": None, "mail_id": "m-17",
        "message_id": 1,
    }  # fmt: skip
    (stored,) = house.rows(InboundMessage)
    assert state.decode(stored.payload) == payload
    assert stored.keys == {"x_id": "1"}


def test_a_process_turns_the_payload_of_its_start_message_into_rows_and_variables(house: House) -> None:
    seen: list[object] = []

    def arrived(step: Step) -> Mapping[str, Value]:
        seen.append(dict(step.data))
        step.record("lead.arrived", source="web")
        return {"lead_id": 42, "score": 5}

    house.services(Process("intake", prefix="L", subject="lead", receive={"lead.in": arrived}))
    house.deploy(bpmn("intake", start("in", "lead.in"), user("call"), end("done"), "in > call > done"))
    (case,) = house.send("lead.in", {"form_id": 3}, {"name": "Ada", "counts": False})

    assert case.case_no == "L-2026-000001"
    assert seen == [{"form_id": "3", "name": "Ada", "counts": False}]
    assert house.view(case).data == {"message_id": 1, "lead_id": 42, "score": 5}
    assert house.view(case).subject == ("lead", 42)
    assert house.row(case).counts is False
    assert [event.type for event in house.events(case)][:2] == ["case.started", "lead.arrived"]
    assert kept(house) == [("lead.in", "matched", case.case_id)]


# --- Kept for later -------------------------------------------------------------------------------


def test_a_message_that_comes_early_is_kept_and_given_when_its_case_waits(house: House) -> None:
    house.deploy(
        bpmn("early", start("begin"), user("prepare"), catch("reply", "reply"), end("done"),
             "begin > prepare > reply > done")
    )  # fmt: skip
    case = house.start("early", {"lead_id": 1})
    assert house.send("reply", {"lead_id": 1}, {"amount": 5}) == []
    assert house.look(lambda tx: [(one.name, one.keys) for one in messages.unmatched(tx)]) == [
        ("reply", {"lead_id": "1"})
    ]

    after = house.complete(case, "prepare")
    assert after.status == "completed"
    assert house.view(case).data == {"lead_id": 1, "amount": 5, "message_id": 1}
    assert kept(house) == [("reply", "matched", case.case_id)]
    assert house.look(messages.unmatched) == []


def test_a_kept_message_of_another_case_stays_kept(house: House) -> None:
    house.deploy(WAIT)
    house.send("reply", {"lead_id": 2})
    case = house.start("wait", {"lead_id": 1})
    assert house.waiting(case) == [("reply", "reply")]
    assert kept(house) == [("reply", "kept", None)]


def test_every_kept_message_that_a_case_comes_to_wait_for_is_given(house: House) -> None:
    house.deploy(
        bpmn("both", start("begin"), both("split"), catch("a", "msg.a"), catch("b", "msg.b"), both("join"),
             catch("again", "msg.a"), end("done"),
             "begin > split > a > join > again > done", "split > b > join")
    )  # fmt: skip
    for name in ("msg.b", "msg.a", "msg.a"):
        house.send(name, {"lead_id": 1})
    assert house.start("both", {"lead_id": 1}).status == "completed"
    assert {state for _, state, _ in kept(house)} == {"matched"}


def test_the_oldest_of_two_kept_messages_is_given_first(house: House) -> None:
    house.deploy(WAIT)
    for number in (1, 2):
        house.send("reply", {"lead_id": 1}, {"number": number})
    case = house.start("wait", {"lead_id": 1})
    assert house.view(case).data["number"] == 1
    assert [state for _, state, _ in kept(house)] == ["matched", "kept"]


def test_a_message_is_kept_for_the_configured_days_and_then_expires(house: House) -> None:
    house.configure(message_days=30)
    house.deploy(WAIT)
    house.send("reply", {"lead_id": 1})
    assert house.tick(days=30).expired == 0
    house.send("reply", {"lead_id": 2})
    assert house.tick(seconds=1).expired == 1
    assert kept(house) == [("reply", "expired", None), ("reply", "kept", None)]
    assert house.waiting(house.start("wait", {"lead_id": 1})) == [("reply", "reply")]
    assert house.open(house.start("wait", {"lead_id": 2})) == ["read"]


# --- From case to case ----------------------------------------------------------------------------


def test_a_message_that_a_drawing_throws_starts_a_case_that_knows_its_parent(house: House) -> None:
    house.deploy(
        bpmn("intake", start("begin"), user("call"), end("done", "lead.ready"), "begin > call > done")
    )
    house.deploy(bpmn("qualify", start("in", "lead.ready"), user("ask"), end("over"), "in > ask > over"))
    first = house.start("intake", {"lead_id": 7, "note": "private", "message_id": 99})
    assert house.complete(first, "call").status == "completed"

    second = CaseRef(2, "C-2026-000002", "qualify", "open")
    assert house.open(second) == ["ask"]
    view = house.view(second)
    assert (view.parent_id, view.data) == (first.case_id, {"lead_id": 7, "message_id": 1})


def test_a_thrown_message_carries_what_its_drawing_names_as_it_was_when_thrown(house: House) -> None:
    house.deploy(
        bpmn(
            "sender",
            start("begin"), script("one", "n = 1"), throw("first", "item", "n, missing"), script("two", "n = 2"),
            throw("second", "item", "n"), end("done"),
            "begin > one > first > two > second > done",
        )
    )  # fmt: skip
    house.deploy(bpmn("taker", start("in", "item"), user("look"), end("over"), "in > look > over"))
    house.start("sender", {"order_id": 3})
    found = [house.view(CaseRef(number, "", "", "")).data for number in (2, 3)]
    assert [(data["n"], data["order_id"]) for data in found] == [(1, 3), (2, 3)]


def test_a_message_thrown_in_a_called_process_carries_that_processes_variables(house: House) -> None:
    house.deploy(bpmn("caller", start("s"), call("calls", "sender"), end("e"), "s > calls > e"))
    house.deploy(
        bpmn("sender", start("begin"), script("set", "offer_id = 7"), throw("tell", "item"), user("wait"), end("done"),
             "begin > set > tell > wait > done")
    )  # fmt: skip
    house.deploy(bpmn("taker", start("in", "item"), user("look"), end("over"), "in > look > over"))
    house.start("caller")
    assert house.view(CaseRef(2, "", "", "")).data["offer_id"] == 7


def test_a_thrown_message_wakes_the_case_with_the_same_id_and_no_other(house: House) -> None:
    house.deploy(WAIT)
    house.deploy(bpmn("offer", start("begin"), user("win"), end("won", "reply"), "begin > win > won"))
    leads = [house.start("wait", {"lead_id": number}) for number in (1, 2)]
    offer = house.start("offer", {"lead_id": 2, "offer_id": 50})
    house.complete(offer, "win")
    assert [house.open(lead) for lead in leads] == [[], ["read"]]


def test_a_service_sends_what_it_says(house: House) -> None:
    house.services(tell=lambda step: step.send("item", {"lead_id": 9, "n": 4}))
    house.deploy(bpmn("sender", start("begin"), service("tell"), end("done"), "begin > tell > done"))
    house.deploy(bpmn("taker", start("in", "item"), user("look"), end("over"), "in > look > over"))
    house.start("sender", {"order_id": 3})
    assert house.view(CaseRef(2, "", "", "")).data == {"lead_id": 9, "n": 4, "message_id": 1}


def test_a_case_may_send_itself_what_it_waits_for(house: House) -> None:
    house.deploy(
        bpmn("self", start("begin"), both("split"), catch("hear", "echo"), user("go"), throw("say", "echo"), both("join"),
             end("done"),
             "begin > split > hear > join > done", "split > go > say > join")
    )  # fmt: skip
    case = house.start("self", {"self_id": 1})
    assert house.complete(case, "go").status == "completed"


def test_a_message_nobody_waits_for_yet_is_kept_and_the_sender_goes_on(house: House) -> None:
    house.deploy(
        bpmn("hear", start("begin"), user("first"), catch("reply", "item"), end("done"),
             "begin > first > reply > done")
    )  # fmt: skip
    house.deploy(bpmn("sender", start("begin"), throw("tell", "item"), end("done"), "begin > tell > done"))
    assert house.start("sender", {"order_id": 3}).status == "completed"
    assert kept(house) == [("item", "kept", None)]


def test_a_message_to_the_customer_outside_is_not_kept_as_if_somebody_would_wait(house: House) -> None:
    house.deploy(bpmn("sender", start("begin"), throw("tell", "item"), end("done"), "begin > tell > done"))
    assert house.start("sender", {"order_id": 3}).status == "completed"
    assert kept(house) == []


def test_processes_that_start_each_other_in_a_circle_are_stopped_and_leave_nothing(house: House) -> None:
    for process, hears, says in (("ping", "to.ping", "to.pong"), ("pong", "to.pong", "to.ping")):
        house.deploy(
            bpmn(process, start("in", hears), start("plain"), xor("meet"), end("out", says), "in > meet > out",
                 "plain > meet")
        )  # fmt: skip
    before = house.counted()
    with pytest.raises(Invalid) as refusal:
        house.start("ping")
    assert refusal.value.code == "messages_endless"
    assert house.counted() == before


def test_one_step_may_set_off_many_messages_but_not_without_end(house: House) -> None:
    def flood(step: Step) -> None:
        for _ in range(amount):
            step.send("item", {})

    amount = 400
    house.services(flood=flood)
    house.deploy(bpmn("sender", start("begin"), service("flood"), end("done"), "begin > flood > done"))
    house.deploy(bpmn("taker", start("in", "item"), end("over"), "in > over"))
    house.start("sender")
    assert house.counted()["cases"] == 401
    amount = 501
    with pytest.raises(Invalid):
        house.start("sender")
    assert house.counted()["cases"] == 401


def test_a_message_boundary_is_no_longer_waited_for_once_its_task_is_done(house: House) -> None:
    house.deploy(
        bpmn("edge", start("begin"), user("work"), boundary("stop", "work", "stop"), user("after"), end("done"),
             end("stopped"), "begin > work > after > done", "stop > stopped")
    )  # fmt: skip
    case = house.start("edge", {"x_id": 1})
    house.complete(case, "work")
    assert house.send("stop", {"x_id": 1}) == []
    assert house.open(case) == ["after"]
    house.now += timedelta(days=1)
    assert house.complete(case, "after").status == "completed"
