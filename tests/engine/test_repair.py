"""Repairs: whoever looks after a case gets it past what failed, by name, for a reason, and as shown before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine import repair
from engine.catalog import Step
from engine.errors import Conflict, Invalid, PercorsoError
from engine.runtime import CaseRef
from engine.tables import Repair, Visit, Wait
from tests.engine.drawing import (
    Part,
    both,
    boundary,
    bpmn,
    call,
    catch,
    end,
    first_of,
    many,
    on_event,
    script,
    service,
    some,
    start,
    sub,
    user,
    xor,
)  # fmt: skip
from tests.engine.house import House


def repaired(house: House, work: Callable[..., CaseRef], case: CaseRef, *args: Any, **more: Any) -> CaseRef:
    """Do a repair in a transaction of its own, for a reason."""
    if work is not repair.retry:
        more.setdefault("reason", "the customer asked for it")
    with house.engine.transaction(house.now) as tx:
        return work(house.engine, tx, case.case_id, *args, **more)


def previewed(house: House, case: CaseRef, element: str, target: str) -> tuple[list[str], list[str]]:
    """(cancelled, opened) as the preview names them, in alphabetical order."""
    with house.engine.transaction(house.now) as tx:
        shown = repair.preview(house.engine, tx, case.case_id, element, target)
    return sorted(one.element for one in shown.cancelled), sorted(one.element for one in shown.opened)


def refused(house: House, work: Callable[..., CaseRef], case: CaseRef, *args: Any, **more: Any) -> str:
    """The code of the refusal; the case is as it was."""
    before, state = house.counted(), house.state(case)
    with pytest.raises(PercorsoError) as refusal:
        repaired(house, work, case, *args, **more)
    assert (house.counted(), house.state(case)) == (before, state)
    return refusal.value.code


def broken(step: Step) -> None:
    raise ValueError("no")


FAILS = (
    start("begin"), service("send"), user("after"), end("done"), "begin > send > after > done",
)  # fmt: skip


def failing(house: House, *parts: Part, **data: object) -> CaseRef:
    """A case that stands at a service which fails and is not tried again by itself."""
    house.configure(retry_after="")
    house.services(send=broken)
    house.deploy(bpmn("case", *(parts or FAILS)))
    return house.start("case", data)


# --- Retry ----------------------------------------------------------------------------------------


def test_retry_does_the_failed_step_again_and_counts(house: House) -> None:
    case = failing(house)
    assert repaired(house, repair.retry, case).status == "incident"
    assert house.failed(case).attempts == 2
    house.services(send=lambda step: {"sent": True})
    assert repaired(house, repair.retry, case).status == "open"
    assert (house.open(case), house.view(case).data) == (["after"], {"sent": True})
    assert house.path(case) == ["begin", "send"]
    (incident,) = house.incidents(case)
    assert incident.resolved_at == house.now


def test_retry_of_what_failed_on_its_way_in_begins_it(house: House) -> None:
    house.deploy(
        bpmn("timer", start("begin"), catch("wait", duration="=soon"), end("done"), "begin > wait > done")
    )
    case = house.start("timer", {"soon": "soonish"})
    assert house.failed(case).element == "wait"
    repaired(house, repair.change, case, {"soon": "PT1H"}, again=True)
    assert house.waiting(case) == [("wait", "2026-03-02T10:00:00Z")]
    house.tick(hours=1)
    assert house.view(case).status == "completed"


def test_retry_of_a_call_that_could_not_give_back_its_result_does_not_repeat_it(house: House) -> None:
    called: list[int] = []
    house.services(work=lambda step: called.append(1))
    house.deploy(bpmn("called", start("b"), service("work"), end("e"), "b > work > e"))
    mapping = '<camunda:in variables="all"/><camunda:out sourceExpression="${due(n)}" target="until"/>'
    house.deploy(
        bpmn("caller", start("begin"), call("calls", "called", mapping), end("done"), "begin > calls > done")
    )
    house.configure(parameters={"reply": "PT1H"})
    case = house.start("caller", {"n": "nothing"})
    assert house.failed(case).element == "calls"
    repaired(house, repair.change, case, {"n": "reply"}, again=True)
    assert (house.view(case).status, called) == ("completed", [1])
    assert house.view(case).data["until"] == house.now + timedelta(hours=1)


def test_retry_of_one_instance_keeps_what_the_others_have_given(house: House) -> None:
    def price(step: Step) -> dict[str, Any]:
        if step.data["entry"] == bad:
            raise ValueError("no price")
        return {"price": step.data["entry"]}

    bad = 2
    house.configure(retry_after="")
    house.services(each=price)
    node = many(service("each"), "entries", "entry", output="prices", value="price")
    house.deploy(
        bpmn("many", start("begin"), node, user("after"), end("done"), "begin > each > after > done")
    )
    case = house.start("many", {"entries": [1, 2, 3]})
    assert house.failed(case).element == "each"
    bad = 0
    repaired(house, repair.retry, case)
    assert (house.open(case), house.view(case).data["prices"]) == (["after"], [1, 2, 3])


def test_an_instance_after_which_the_condition_cannot_be_asked_can_be_tried_again(house: House) -> None:
    node = many(user("each"), "entries", "entry", output="all", value="given", until="enough")
    house.deploy(
        bpmn("many", start("begin"), node, user("after"), end("done"), "begin > each > after > done")
    )
    case = house.start("many", {"entries": [1, 2, 3], "enough": 7})
    tasks = [task["id"] for task in house.view(case).open_tasks]
    house.complete_task(tasks[0], {"given": "x"})
    assert house.failed(case).element == "each"
    assert repaired(house, repair.retry, case).failed
    house.complete_task(tasks[1], {"given": "y"})
    assert sorted(one.attempts for one in house.incidents(case)) == [1, 2]
    repaired(house, repair.change, case, {"enough": False}, again=True)
    assert (house.view(case).status, house.open(case)) == ("open", ["each"])
    house.complete_task(tasks[2], {"given": "z"})
    assert (house.open(case), house.view(case).data["all"]) == (["after"], ["x", "y", "z"])


def test_nothing_to_retry_is_said(house: House) -> None:
    house.deploy(bpmn("fine", start("begin"), user("ask"), end("done"), "begin > ask > done"))
    case = house.start("fine")
    assert refused(house, repair.retry, case) == "nothing_failed"
    house.complete(case, "ask")
    assert refused(house, repair.retry, case) == "case_over"


def test_an_action_of_the_clock_that_was_undone_is_done_again(house: House) -> None:
    house.deploy(
        bpmn("grow", start("begin"), catch("pause", duration="PT1H"), script("add", "all = [piece, piece, piece]"),
             end("done"), "begin > pause > add > done")
    )  # fmt: skip
    case = house.start("grow", {"piece": "x" * 30_000})
    assert house.tick(hours=1).failed == 1
    repaired(house, repair.change, case, {"piece": "y"})
    assert repaired(house, repair.retry, case).status == "completed"
    assert [one.resolved_at for one in house.incidents(case)] == [house.now]


# --- Change ---------------------------------------------------------------------------------------


WAY = (
    start("begin"), xor("way"), user("a"), user("b"), end("e1"), end("e2"), "begin > way", "way > a [n = 1]",
    "way > b [n = 2]", "a > e1", "b > e2",
)  # fmt: skip


def test_changed_data_let_the_gateway_find_its_way(house: House) -> None:
    house.deploy(bpmn("way", *WAY))
    case = house.start("way", {"n": 3, "old": 1})
    ada = house.person("ada")
    repaired(house, repair.change, case, {"n": 2}, remove=["old"], again=True, actor_id=ada.id)
    assert (house.open(case), house.view(case).data) == (["b"], {"n": 2})
    (line,) = house.events(case, "case.repaired")
    (kept,) = house.rows(Repair)
    assert line.attrs == {
        "repair": kept.id, "kind": "set", "names": ["n", "old"], "values": {"n": 2}, "path": ["way"]
    }  # fmt: skip
    assert (line.actor_id, kept.reason, kept.actor_id) == (ada.id, "the customer asked for it", ada.id)


def test_what_a_called_process_sees_is_changed_there_too(house: House) -> None:
    house.deploy(bpmn("called", start("b"), script("own", "n = 3"), xor("way"), user("a"), end("e"), end("e2"),
                      "b > own > way", "way > a [n = 1]", "way > e2 [n = 2]", "a > e"))  # fmt: skip
    house.deploy(bpmn("caller", start("begin"), call("calls", "called"), end("done"), "begin > calls > done"))
    case = house.start("caller", {"n": 1})
    assert house.failed(case).element == "way"
    repaired(house, repair.change, case, {"n": 1}, again=True)
    assert house.open(case) == ["a"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"remark": "Mrs. Bianchi is angry"}, "value_personal"),
        ({"people": [{"name": "Ada"}]}, "value_personal"),
        ({"n": "x" * 201}, "value_personal"),
        ({"": 1}, "name_refused"),
        ({"n": float("nan")}, "value_refused"),
        ({}, "nothing_to_change"),
    ],
)
def test_variables_hold_no_free_text(house: House, values: dict[str, object], code: str) -> None:
    house.deploy(bpmn("way", *WAY))
    case = house.start("way", {"n": 3})
    assert refused(house, repair.change, case, values) == code
    assert refused(house, repair.change, case, {}, remove=["nothing"]) == "nothing_to_change"


def test_codes_ids_and_what_the_drawing_asks_for_may_be_texts(house: House) -> None:
    house.deploy(bpmn("way", *WAY))
    case = house.start("way", {"n": 3, "kind": "a"})
    values = {"n": "two", "kind": "b", "lead_id": "L-7", "urgent": True, "day": None}
    repaired(house, repair.change, case, values)
    assert house.view(case).data == values
    assert house.view(case).status == "incident"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_repair_needs_a_reason(house: House, reason: str) -> None:
    case = failing(house)
    assert refused(house, repair.skip, case, "send", reason=reason) == "reason_missing"
    assert refused(house, repair.cancel, case, reason=reason) == "reason_missing"


# --- Skip -----------------------------------------------------------------------------------------


def test_a_skipped_step_is_not_done_and_the_case_goes_on(house: House) -> None:
    case = failing(house)
    assert repaired(house, repair.skip, case, "send").status == "open"
    assert (house.open(case), house.path(case)) == (["after"], ["begin"])
    assert [one.resolved_at for one in house.incidents(case)] == [house.now]
    repaired(house, repair.skip, case, "after")
    assert (house.view(case).status, house.open(case)) == ("completed", [])
    assert [event.type for event in house.events(case)][-4:] == [
        "case.repaired", "task.cancelled", "stage.left", "case.completed"
    ]  # fmt: skip


@pytest.mark.parametrize("gateway", [xor, some])
def test_a_skipped_gateway_takes_the_arrow_that_is_named(house: House, gateway: Any) -> None:
    parts = [gateway("way") if not isinstance(part, str) and part.id == "way" else part for part in WAY]
    house.deploy(bpmn("way", *parts))
    case = house.start("way", {"n": 3})
    assert refused(house, repair.skip, case, "way") == "way_unknown"
    with house.engine.transaction(house.now) as tx:
        (place,) = repair.places(house.engine, tx, case.case_id)
    assert [to for _, _, to in place.ways] == ["a", "b"]
    repaired(house, repair.skip, case, "way", flow=place.ways[1][0])
    assert (house.open(case), house.view(case).status) == (["b"], "open")


def test_a_skipped_event_gateway_takes_the_event_as_having_happened(house: House) -> None:
    house.deploy(
        bpmn("gate", start("begin"), first_of("wait"), catch("paid", "paid"), catch("late", duration="P1D"),
             user("thank"), user("chase"), end("e1"), end("e2"), "begin > wait", "wait > paid > thank > e1",
             "wait > late > chase > e2")
    )  # fmt: skip
    case = house.start("gate")
    with house.engine.transaction(house.now) as tx:
        (place,) = repair.places(house.engine, tx, case.case_id)
    repaired(house, repair.skip, case, "wait", flow=place.ways[0][0])
    assert (house.open(case), house.waiting(case), house.rows(Wait)) == (["thank"], [], [])


def test_a_skipped_message_or_timer_is_no_longer_waited_for(house: House) -> None:
    house.deploy(
        bpmn("waits", start("begin"), catch("hear", "item"), catch("pause", duration="P1D"), user("after"),
             end("done"), "begin > hear > pause > after > done")
    )  # fmt: skip
    case = house.start("waits", {"lead_id": 1})
    repaired(house, repair.skip, case, "hear")
    assert house.rows(Wait) == []
    repaired(house, repair.skip, case, "pause")
    assert (house.open(case), house.row(case).next_due) == (["after"], None)


def test_a_skipped_sub_process_is_left_with_all_inside_it_and_the_events_on_its_border(house: House) -> None:
    house.deploy(
        bpmn("outer", start("begin"),
             sub("work", start("s"), both("split"), user("a"), user("b"), end("e"), end("f"), "s > split > a > e",
                 "split > b > f"),
             boundary("late", "work", duration="P1D"), user("after"), end("done"), end("missed"),
             "begin > work > after > done", "late > missed")
    )  # fmt: skip
    case = house.start("outer")
    repaired(house, repair.skip, case, "work")
    assert (house.open(case), house.waiting(case)) == (["after"], [])


def test_an_event_that_failed_beside_the_work_no_longer_listens(house: House) -> None:
    house.deploy(
        bpmn("beside", start("begin"), user("ask"), boundary("late", "ask", duration="=soon"), user("chase"),
             end("done"), end("chased"), "begin > ask > done", "late > chase > chased")
    )  # fmt: skip
    case = house.start("beside", {"soon": "soonish"})
    assert (house.failed(case).element, house.open(case)) == ("late", ["ask"])
    assert repaired(house, repair.skip, case, "late").status == "open"
    assert house.complete(case, "ask").status == "completed"


def test_one_of_several_tokens_must_be_named(house: House) -> None:
    house.deploy(
        bpmn("twice", start("begin"), both("split"), xor("in"), user("same"), end("done"), "begin > split",
             "split > in", "split > in > same > done")
    )  # fmt: skip
    case = house.start("twice")
    assert refused(house, repair.skip, case, "same") == "several_there"
    assert refused(house, repair.skip, case, "other") == "not_there"
    with house.engine.transaction(house.now) as tx:
        tokens = [place.token for place in repair.places(house.engine, tx, case.case_id)]
    repaired(house, repair.skip, case, "same", token_id=tokens[0])
    assert house.open(case) == ["same"]


# --- Stuck ----------------------------------------------------------------------------------------


STUCK = (
    start("begin"), xor("in"), both("join"), user("a"), user("after"), end("done"), user("b"), end("e2"),
    "begin > in", "in > a [n = 1]", "in > b [default]", "a > join", "b > join", "join > after > done",
)  # fmt: skip


def test_a_join_that_waits_for_an_arrow_that_gets_none_is_stuck_and_says_for_what(house: House) -> None:
    house.deploy(bpmn("stuck", *STUCK))
    case = house.start("stuck", {"n": 1})
    assert house.complete(case, "a").status == "stuck"
    with house.engine.transaction(house.now) as tx:
        (place,) = repair.places(house.engine, tx, case.case_id)
    assert (place.element, place.missing) == ("join", ("b",))


def test_a_stuck_join_can_be_skipped(house: House) -> None:
    house.deploy(bpmn("stuck", *STUCK))
    case = house.start("stuck", {"n": 1})
    house.complete(case, "a")
    assert repaired(house, repair.skip, case, "join").status == "open"
    assert house.open(case) == ["after"]


# --- Move -----------------------------------------------------------------------------------------


NESTED = (
    start("begin"), user("first"), boundary("late", "first", duration="P1D"),
    sub("work", start("s"), user("a"), user("b"), end("e"), "s > a > b > e",
        on_event("help", start("h", "help", interrupting=False), user("helping"), end("he"), "h > helping > he"),
        stage="working"),
    boundary("slow", "work", duration="P2D"), user("after"), end("done"), end("missed"), end("slowed"),
    "begin > first > work > after > done", "late > missed", "slow > slowed",
)  # fmt: skip


def test_a_token_is_moved_within_its_scope_with_the_events_on_its_border(house: House) -> None:
    house.deploy(bpmn("nested", *NESTED))
    case = house.start("nested")
    assert previewed(house, case, "first", "after") == (["first", "late"], ["after"])
    assert (house.open(case), house.counted()["repairs"]) == (["first"], 0)
    repaired(house, repair.move, case, "first", "after")
    assert (house.open(case), house.waiting(case), house.path(case)) == (["after"], [], ["begin"])


def test_a_sub_process_is_entered_in_the_middle_with_the_events_around_it(house: House) -> None:
    house.deploy(bpmn("nested", *NESTED))
    case = house.start("nested")
    assert previewed(house, case, "first", "b") == (["first", "late"], ["b", "help", "slow", "work"])
    repaired(house, repair.move, case, "first", "b")
    assert house.open(case) == ["b"]
    assert house.waiting(case) == [("h", "help"), ("slow", "2026-03-04T09:00:00Z")]
    house.send("help", {"case_no": case.case_no})
    assert house.open(case) == ["b", "helping"]
    house.complete(case, "helping")
    house.complete(case, "b")
    assert (house.open(case), house.waiting(case)) == (["after"], [])


def test_a_sub_process_with_nothing_left_is_cancelled_when_its_token_is_moved_out(house: House) -> None:
    house.deploy(bpmn("nested", *NESTED))
    case = house.start("nested")
    house.complete(case, "first")
    assert previewed(house, case, "a", "first") == (["a", "help", "slow", "work"], ["first", "late"])
    repaired(house, repair.move, case, "a", "first")
    assert (house.open(case), house.waiting(case)) == (["first"], [("late", "2026-03-03T09:00:00Z")])
    assert {visit.stage for visit in house.rows(Visit, Visit.left_at.is_(None))} == {"nested"}
    house.complete(case, "first")
    house.complete(case, "a")
    house.complete(case, "b")
    assert house.complete(case, "after").status == "completed"


def test_a_sub_process_in_which_others_work_goes_on(house: House) -> None:
    house.deploy(
        bpmn("outer", start("begin"),
             sub("work", start("s"), both("split"), user("a"), user("b"), end("e"), end("f"), "s > split > a > e",
                 "split > b > f"),
             user("after"), end("done"), "begin > work > after > done")
    )  # fmt: skip
    case = house.start("outer")
    repaired(house, repair.move, case, "a", "after")
    assert house.open(case) == ["after", "b"]
    house.complete(case, "b")
    assert house.open(case) == ["after", "after"]


def test_a_token_of_a_called_process_can_go_back_to_its_caller(house: House) -> None:
    house.deploy(bpmn("called", start("b"), user("ask"), end("e"), "b > ask > e"))
    house.deploy(
        bpmn("caller", start("begin"), user("first"), call("calls", "called"), end("done"),
             "begin > first > calls > done")
    )  # fmt: skip
    case = house.start("caller")
    house.complete(case, "first")
    repaired(house, repair.move, case, "ask", "first")
    assert house.open(case) == ["first"]


def test_a_failed_step_is_moved_away_from_and_its_incident_is_over(house: House) -> None:
    case = failing(house)
    repaired(house, repair.move, case, "send", "after")
    assert (house.open(case), house.view(case).status) == (["after"], "open")
    (line,) = house.events(case, "case.repaired")
    assert (line.element, (line.attrs or {})["target"]) == ("send", "after")


def test_a_token_moved_to_a_join_arrives_by_the_arrow_that_has_none(house: House) -> None:
    house.deploy(
        bpmn("pair", start("begin"), both("split"), user("a"), user("b"), both("join"), user("after"), end("done"),
             "begin > split", "split > a > join", "split > b > join", "join > after > done")
    )  # fmt: skip
    case = house.start("pair")
    house.complete(case, "a")
    repaired(house, repair.move, case, "b", "join")
    assert house.open(case) == ["after"]


def test_what_the_preview_shows_is_what_is_done(house: House) -> None:
    for target in ("b", "work", "after", "done", "first"):
        house.deploy(bpmn("nested", *NESTED))
        case = house.start("nested")
        house.complete(case, "first")
        with house.engine.transaction(house.now) as tx:
            before = {place.token for place in repair.places(house.engine, tx, case.case_id)}
            shown = repair.preview(house.engine, tx, case.case_id, "a", target)
        repaired(house, repair.move, case, "a", target, revision=shown.revision)
        with house.engine.transaction(house.now) as tx:
            after = {place.token for place in repair.places(house.engine, tx, case.case_id)}
        gone = {one.token for one in shown.cancelled}
        come = {one.token for one in shown.opened if one.kind != "boundaryEvent" and one.element != "help"}
        assert before - after == before & gone
        assert come - after == set() or target in ("done", "work")


def test_a_case_that_has_moved_on_since_the_preview_is_not_moved(house: House) -> None:
    house.deploy(bpmn("nested", *NESTED))
    case = house.start("nested")
    with house.engine.transaction(house.now) as tx:
        shown = repair.preview(house.engine, tx, case.case_id, "first", "after")
    repaired(house, repair.change, case, {"n": 1})
    with pytest.raises(Conflict) as refusal:
        repaired(house, repair.move, case, "first", "after", revision=shown.revision)
    assert refusal.value.code == "case_changed"


@pytest.mark.parametrize("target", ["begin", "late", "help", "helping", "nothing", "s"])
def test_a_token_is_not_put_where_none_can_stand(house: House, target: str) -> None:
    house.deploy(bpmn("nested", *NESTED))
    case = house.start("nested")
    assert refused(house, repair.move, case, "first", target) == "no_place"


def test_one_of_several_instances_is_not_moved_out_alone(house: House) -> None:
    house.deploy(
        bpmn("many", start("begin"), many(user("each"), "entries", "entry"), user("after"), end("done"),
             "begin > each > after > done")
    )  # fmt: skip
    case = house.start("many", {"entries": [1, 2]})
    with house.engine.transaction(house.now) as tx:
        found = repair.places(house.engine, tx, case.case_id)
    whole, one = (
        next(place for place in found if place.around),
        next(place for place in found if not place.around),
    )
    assert refused(house, repair.move, case, "each", "after", token_id=one.token) == "one_of_several"
    repaired(house, repair.skip, case, "each", token_id=one.token)
    assert house.open(case) == ["each"]
    repaired(house, repair.move, case, "each", "after", token_id=whole.token)
    assert house.open(case) == ["after"]


def test_the_places_that_are_offered_can_all_be_taken(house: House) -> None:
    house.deploy(bpmn("nested", *NESTED))
    case = house.start("nested")
    with house.engine.transaction(house.now) as tx:
        (token,) = [place.token for place in repair.places(house.engine, tx, case.case_id)]
        offered = repair.targets(house.engine, tx, case.case_id, token)
    assert offered == ["first", "work", "after", "done", "missed", "slowed", "a", "b", "e"]
    for target in offered:
        with house.engine.transaction(house.now) as tx:
            repair.preview(house.engine, tx, case.case_id, "first", target)


# --- Cancel ---------------------------------------------------------------------------------------


def test_a_cancelled_case_has_ended_and_waits_for_nothing(house: House) -> None:
    house.configure(retry_after="PT1M")
    house.services(send=broken)
    house.deploy(
        bpmn("much", start("begin"), both("split"), service("send"), user("ask"), catch("hear", "item"),
             catch("pause", duration="P1D"), sub("work", start("s"), user("inner"), end("e"), "s > inner > e"),
             end("e1"), end("e2"), end("e3"), end("e4"), end("e5"), "begin > split", "split > send > e1",
             "split > ask > e2", "split > hear > e3", "split > pause > e4", "split > work > e5")
    )  # fmt: skip
    case = house.start("much", {"lead_id": 1})
    assert repaired(house, repair.cancel, case).status == "cancelled"
    row = house.row(case)
    assert (row.status, row.ended_at, row.next_due) == ("cancelled", house.now, None)
    assert (house.open(case), house.waiting(case), house.rows(Wait)) == ([], [], [])
    assert all(visit.left_at == house.now for visit in house.visits(case))
    assert all(one.resolved_at == house.now for one in house.incidents(case))
    assert len(house.events(case, "case.cancelled", "case.completed")) == 1
    assert house.tick(days=2).timers == 0
    assert house.send("item", {"lead_id": 1}) == []
    assert refused(house, repair.cancel, case) == "case_over"
    with pytest.raises(Conflict), house.engine.transaction(house.now) as tx:
        repair.preview(house.engine, tx, case.case_id, "ask", "send")


def test_an_unknown_case_is_not_found(house: House) -> None:
    with pytest.raises(PercorsoError) as refusal, house.engine.transaction(house.now) as tx:
        repair.cancel(house.engine, tx, "L-2026-000001", reason="x")
    assert refusal.value.code == "case_unknown"


def test_a_refusal_of_data_names_the_variable(house: House) -> None:
    case = failing(house)
    with pytest.raises(Invalid) as refusal:
        repaired(house, repair.change, case, {"remark": "long story"})
    assert refusal.value.message == (
        "“remark” cannot be set to a text: variables hold ids, codes, numbers and dates."
    )
