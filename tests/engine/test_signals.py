"""Signals reach every case that listens at that moment; conditions and links within a case."""

from __future__ import annotations

import pytest

from engine import messages
from engine.tables import Case, Wait
from tests.engine.drawing import (
    both,
    boundary,
    bpmn,
    catch,
    end,
    file,
    first_of,
    on_event,
    script,
    start,
    sub,
    throw,
    user,
    xor,
)  # fmt: skip
from tests.engine.house import House

LISTENS = bpmn(
    "listens", start("begin"), catch("hear", signal="frost"), user("cover"), end("done"),
    "begin > hear > cover > done",
)  # fmt: skip
THROWS = bpmn(
    "throws", start("begin"), user("look"), throw("shout", signal="frost", payload="degrees"), user("after"),
    end("done"), "begin > look > shout > after > done",
)  # fmt: skip


def test_a_signal_reaches_every_case_that_listens_and_is_not_kept(house: House) -> None:
    house.deploy(LISTENS)
    house.deploy(THROWS)
    first, second = house.start("listens"), house.start("listens", {"degrees": 5})
    assert house.waiting(first) == [("hear", "frost")]
    assert [wait.kind for wait in house.rows(Wait)] == ["signal", "signal"]
    thrower = house.start("throws", {"degrees": -3, "lead_id": 8})
    house.complete(thrower, "look")
    assert house.open(thrower) == ["after"]
    assert (house.open(first), house.open(second)) == (["cover"], ["cover"])
    # Only what the drawing declares goes with it, under a name that the listener's drawing asks for.
    assert (house.view(first).data, house.view(second).data) == ({"degrees": -3}, {"degrees": -3})
    assert house.rows(Wait) == []
    late = house.start("listens")
    assert house.waiting(late) == [("hear", "frost")]


def test_a_signal_end_is_heard_too_and_starts_cases(house: House) -> None:
    house.deploy(LISTENS)
    house.deploy(bpmn("begins", start("b", signal="frost"), user("begun"), end("e"), "b > begun > e"))
    house.deploy(bpmn("ends", start("begin"), end("cold", signal="frost"), "begin > cold"))
    listener = house.start("listens")
    thrower = house.start("ends")
    assert thrower.status == "completed"
    assert house.open(listener) == ["cover"]
    (begun,) = house.rows(Case, Case.process == "begins")
    assert begun.parent_id == thrower.case_id


def test_a_signal_from_outside_is_heard(house: House) -> None:
    house.deploy(LISTENS)
    case = house.start("listens")
    with house.engine.transaction(house.now) as tx:
        heard = messages.broadcast(house.engine, tx, "frost")
    assert [one.case_id for one in heard] == [case.case_id]
    assert house.open(case) == ["cover"]


def test_a_message_is_no_signal_and_a_signal_no_message(house: House) -> None:
    house.deploy(LISTENS)
    house.deploy(bpmn("waits", start("begin"), catch("get", "frost"), end("done"), "begin > get > done"))
    listener, waiter = house.start("listens", {"lead_id": 1}), house.start("waits", {"lead_id": 2})
    assert house.send("frost", {"lead_id": 1}) == []
    with house.engine.transaction(house.now) as tx:
        messages.broadcast(house.engine, tx, "frost")
    assert (house.open(listener), house.waiting(waiter)) == (["cover"], [("get", "frost")])


def test_a_case_hears_its_own_signal_where_it_listens_but_not_behind_it(house: House) -> None:
    house.deploy(
        bpmn(
            "own",
            start("begin"), both("split"), catch("hear", signal="frost"), user("cover"), user("go"),
            throw("shout", signal="frost"), catch("late", signal="frost"), end("e1"), end("e2"),
            "begin > split > hear > cover > e1", "split > go > shout > late > e2",
        )
    )  # fmt: skip
    case = house.start("own")
    house.complete(case, "go")
    assert (house.open(case), house.waiting(case)) == (["cover"], [("late", "frost")])


def test_a_signal_takes_away_the_sub_process_that_throws_it(house: House) -> None:
    house.deploy(
        bpmn(
            "away",
            start("begin"),
            sub("work", start("s"), user("go"), throw("shout", signal="frost"), user("never"), end("e"),
                "s > go > shout > never > e"),
            boundary("cold", "work", signal="frost"), user("rescue"), end("done"), end("rescued"),
            "begin > work > done", "cold > rescue > rescued",
        )
    )  # fmt: skip
    case = house.start("away")
    house.complete(case, "go")
    assert house.open(case) == ["rescue"]


def test_a_signal_on_the_border_that_does_not_interrupt_happens_each_time(house: House) -> None:
    house.deploy(
        bpmn(
            "border",
            start("begin"), user("work"), boundary("cold", "work", interrupting=False, signal="frost"),
            user("cover"), end("done"), end("covered"), "begin > work > done", "cold > cover > covered",
        )
    )  # fmt: skip
    case = house.start("border")
    for _ in range(2):
        with house.engine.transaction(house.now) as tx:
            messages.broadcast(house.engine, tx, "frost")
    assert house.open(case) == ["cover", "cover", "work"]


def test_a_signal_starts_an_event_sub_process_and_decides_at_a_gateway(house: House) -> None:
    house.deploy(
        bpmn(
            "gate",
            start("begin"), first_of("wait"), catch("cold", signal="frost"), catch("late", duration="P1D"),
            user("cover"), end("e1"), end("e2"), "begin > wait", "wait > cold > cover > e1", "wait > late > e2",
            on_event("beside", start("b", signal="frost", interrupting=False), user("note"), end("be"), "b > note > be"),
        )
    )  # fmt: skip
    case = house.start("gate")
    with house.engine.transaction(house.now) as tx:
        messages.broadcast(house.engine, tx, "frost")
    assert (house.open(case), house.waiting(case)) == (["cover", "note"], [("b", "frost")])


def test_a_listener_whose_next_step_fails_has_heard_the_signal_and_gets_the_incident(house: House) -> None:
    house.deploy(
        bpmn("breaks", start("begin"), catch("hear", signal="frost"), xor("way"), end("e1"), end("e2"),
             "begin > hear > way", "way > e1 [x = 1]", "way > e2 [x = 2]")
    )  # fmt: skip
    house.deploy(THROWS)
    listener, thrower = house.start("breaks"), house.start("throws")
    assert not house.complete(thrower, "look").failed
    assert house.failed(listener).element == "way"
    assert (house.waiting(listener), house.incidents(thrower)) == ([], [])


# --- Conditions -----------------------------------------------------------------------------------


def test_a_condition_is_asked_after_each_step_of_the_case(house: House) -> None:
    house.deploy(
        bpmn(
            "condition",
            start("begin"), both("split"), catch("until", condition="sum(amounts) > 10"), user("rich"), user("pay"),
            end("e1"), end("e2"), "begin > split > until > rich > e1", "split > pay > e2",
        )
    )  # fmt: skip
    case = house.start("condition", {"amounts": [1]})
    assert (house.open(case), house.waiting(case)) == (["pay"], [("until", "sum(amounts) > 10")])
    assert house.view(case).status == "open"
    house.complete(case, "pay", {"amounts": [5, 6]})
    assert (house.open(case), house.waiting(case)) == (["rich"], [])


@pytest.mark.parametrize(("interrupting", "tasks"), [(True, ["warn"]), (False, ["warn", "work"])])
def test_a_condition_on_the_border_happens_when_it_becomes_true(
    house: House, interrupting: bool, tasks: list[str]
) -> None:
    house.deploy(
        bpmn(
            "border",
            start("begin"), both("split"), user("work"), user("beside"),
            boundary("hot", "work", interrupting=interrupting, condition="degrees > 30"), user("warn"),
            script("again", "degrees = degrees"), end("e1"), end("e2"), end("e3"),
            "begin > split > work > e1", "split > beside > again > e2", "hot > warn > e3",
        )
    )  # fmt: skip
    case = house.start("border", {"degrees": 20})
    assert house.open(case) == ["beside", "work"]
    house.complete(case, "beside", {"degrees": 31})
    assert house.open(case) == tasks


def test_a_condition_waits_for_a_variable_that_is_not_there_yet(house: House) -> None:
    house.deploy(
        bpmn("later", start("begin"), both("split"), catch("until", condition="paid"), user("pay"), both("join"),
             end("done"), "begin > split > until > join > done", "split > pay > join")
    )  # fmt: skip
    case = house.start("later")
    assert (house.open(case), house.waiting(case)) == (["pay"], [("until", "paid")])
    assert house.complete(case, "pay", {"paid": True}).status == "completed"


@pytest.mark.parametrize("value", ["perhaps", 0, 1, []])
def test_a_condition_that_is_neither_true_nor_false_is_an_incident(house: House, value: object) -> None:
    house.deploy(
        bpmn("vague", start("begin"), user("ask"), catch("until", condition="x"), end("done"),
             "begin > ask > until > done")
    )  # fmt: skip
    case = house.start("vague")
    house.complete(case, "ask", {"x": value})
    assert house.failed(case).reason == "its condition “x” is neither true nor false"
    assert house.open(case) == []


def test_a_condition_behind_a_gateway_decides_when_it_holds(house: House) -> None:
    house.deploy(
        bpmn(
            "gate",
            start("begin"), both("split"), first_of("wait"), catch("rich", condition="amount > 10"),
            catch("late", duration="P1D"), user("spend"), user("earn"), end("e1"), end("e2"), end("e3"),
            "begin > split > wait", "wait > rich > spend > e1", "wait > late > e2", "split > earn > e3",
        )
    )  # fmt: skip
    case = house.start("gate", {"amount": 1})
    house.complete(case, "earn", {"amount": 11})
    assert (house.open(case), house.waiting(case)) == (["spend"], [])
    assert house.open(house.start("gate", {"amount": 12})) == ["earn", "spend"]


# --- Links and messages that repeat ---------------------------------------------------------------


def test_a_link_goes_on_where_its_name_is_caught(house: House) -> None:
    house.deploy(
        bpmn(
            "linked",
            start("begin"), xor("way"), user("a"), throw("to_1", link="x"), throw("to_2", link="x"),
            catch("from", link="x"), user("b"), end("done"),
            "begin > way", "way > a [ask]", "way > to_2 [default]", "a > to_1", "from > b > done",
        )
    )  # fmt: skip
    case = house.start("linked", {"ask": True})
    house.complete(case, "a")
    assert house.path(case) == ["begin", "way", "a", "to_1", "from"]
    assert house.complete(case, "b").status == "completed"
    assert house.open(house.start("linked", {"ask": False})) == ["b"]


def test_a_link_leads_back_into_a_loop(house: House) -> None:
    house.deploy(
        bpmn(
            "loop",
            start("begin"), user("a"), xor("way"), throw("to", link="back"), catch("from", link="back"), end("done"),
            "begin > a > way", "way > to [again]", "way > done [default]", "from > a",
        )
    )  # fmt: skip
    case = house.start("loop")
    for _ in range(3):
        house.complete(case, "a", {"again": True})
        assert house.open(case) == ["a"]
    assert house.complete(case, "a", {"again": False}).status == "completed"


def test_a_message_on_the_border_that_does_not_interrupt_is_taken_each_time(house: House) -> None:
    house.deploy(
        bpmn(
            "often",
            start("begin"), user("work"), boundary("asked", "work", "question", interrupting=False),
            user("answer"), boundary("late", "answer", duration="PT1H"), end("done"), end("answered"), end("over"),
            "begin > work > done", "asked > answer > answered", "late > over",
        )
    )  # fmt: skip
    case = house.start("often", {"lead_id": 1})
    for _ in range(3):
        house.send("question", {"lead_id": 1})
    assert house.open(case) == ["answer", "answer", "answer", "work"]
    assert house.path(case).count("asked") == 3
    house.complete(case, "work")
    assert [element for element, _ in house.waiting(case)] == ["late"] * 3
    house.tick(hours=1)
    assert house.view(case).status == "completed"


def test_messages_kept_for_one_that_repeats_are_all_taken(house: House) -> None:
    house.deploy(
        file(
            {
                "often": [
                    start("begin"), user("work"), boundary("asked", "work", "question", interrupting=False),
                    user("answer"), end("done"), end("answered"),
                    "begin > work > done", "asked > answer > answered",
                ]
            }
        )
    )  # fmt: skip
    for _ in range(3):
        assert house.send("question", {"lead_id": 1}) == []
    case = house.start("often", {"lead_id": 1})
    assert house.open(case) == ["answer", "answer", "answer", "work"]


def test_messages_kept_for_a_loop_are_taken_one_in_each_round(house: House) -> None:
    house.deploy(
        bpmn(
            "loop",
            start("begin"), xor("in"), catch("get", "ping"), script("count", "n = (if n = null then 0 else n) + 1"),
            xor("out"), end("done"), "begin > in > get > count > out", "out > in [n < 3]", "out > done [default]",
        )
    )  # fmt: skip
    for _ in range(4):
        house.send("ping", {"lead_id": 1})
    case = house.start("loop", {"lead_id": 1})
    view = house.view(case)
    assert (view.status, view.data["n"]) == ("completed", 3)
    with house.engine.transaction(house.now) as tx:
        assert len(messages.unmatched(tx)) == 1
