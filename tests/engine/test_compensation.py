"""Compensation: what has been completed is undone, the last first, each time once."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
import pytest

from engine.catalog import BpmnError, Step
from engine.db import Transaction
from engine.runtime import CaseRef, open_run
from engine.spiff import READY
from engine.values import Value
from tests.engine.drawing import (
    Part,
    both,
    boundary,
    bpmn,
    call,
    end,
    looped,
    many,
    on_event,
    receive,
    script,
    service,
    start,
    sub,
    throw,
    undoing,
    user,
    xor,
)
from tests.engine.house import House


def done(id: str) -> str:
    """A script that notes an id in the list `did`."""
    return f'did = append(if did = null then [] else did, "{id}")'


def step(id: str) -> tuple[Part, ...]:
    """A script task `id`, undone by the script task `un_id`."""
    return script(id, done(id)), *undoing(id, script(f"un_{id}", done(f"un_{id}")))


def trip(
    *more: Part, arrow: str = "begin > a > b > ask > back > after > done", undo: str | bool = True
) -> str:
    """a and b are done; when somebody has answered, compensation is thrown."""
    return bpmn(
        "trip", start("begin"), *step("a"), *step("b"), user("ask"), throw("back", undo=undo), user("after"),
        end("done"), *more, arrow,
    )  # fmt: skip


def test_handlers_run_in_reverse_order_and_then_the_event_goes_on(house: House) -> None:
    house.deploy(trip())
    case = house.start("trip")
    house.complete(case, "ask")
    assert house.open(case) == ["after"]
    assert house.view(case).data["did"] == ["a", "b", "un_b", "un_a"]
    assert house.path(case) == ["begin", "a", "b", "ask", "un_b", "un_a", "back"]
    assert house.complete(case, "after").status == "completed"


def test_each_completed_activity_is_undone_once(house: House) -> None:
    house.deploy(
        trip(throw("once_more", undo=True), arrow="begin > a > b > ask > back > once_more > after > done")
    )
    case = house.start("trip")
    house.complete(case, "ask")
    assert house.view(case).data["did"] == ["a", "b", "un_b", "un_a"]


def test_nothing_is_undone_where_nothing_was_completed(house: House) -> None:
    house.deploy(trip(arrow="begin > ask > back > a > b > after > done"))
    case = house.start("trip")
    house.complete(case, "ask")
    assert (house.open(case), house.view(case).data["did"]) == (["after"], ["a", "b"])


def test_only_the_activity_that_the_event_names_is_undone(house: House) -> None:
    house.deploy(
        trip(throw("rest", undo=True), undo="a", arrow="begin > a > b > ask > back > after > rest > done")
    )
    case = house.start("trip")
    house.complete(case, "ask")
    assert house.view(case).data["did"] == ["a", "b", "un_a"]
    assert house.complete(case, "after").status == "completed"
    assert house.view(case).data["did"] == ["a", "b", "un_a", "un_b"]


def test_an_end_event_undoes_and_then_ends_its_path(house: House) -> None:
    house.deploy(
        bpmn("ends", start("begin"), *step("a"), *step("b"), end("back", undo=True), "begin > a > b > back")
    )
    case = house.start("ends")
    assert (case.status, house.view(case).data["did"]) == ("completed", ["a", "b", "un_b", "un_a"])
    assert house.path(case) == ["begin", "a", "b", "un_b", "un_a", "back"]


PERSONS = bpmn(
    "persons",
    start("begin"), user("a"), *undoing("a", user("un_a", stage="undoing")),
    user("b"), *undoing("b", user("un_b", stage="undoing")),
    user("ask", stage="asking"), throw("back", undo=True), user("after"), end("done"),
    "begin > a > b > ask > back > after > done",
)  # fmt: skip


def test_handlers_of_persons_wait_one_after_the_other(house: House) -> None:
    house.deploy(PERSONS)
    case = house.start("persons")
    for element in ("a", "b", "ask"):
        house.complete(case, element)
    assert (house.view(case).status, house.open(case)) == ("open", ["un_b"])
    house.complete(case, "un_b", {"x": 1})
    assert house.open(case) == ["un_a"]
    house.complete(case, "un_a")
    assert (house.open(case), house.view(case).data) == (["after"], {"x": 1})


def test_what_is_undone_enters_no_stage(house: House) -> None:
    house.deploy(PERSONS.replace('<intermediateThrowEvent id="back">',
                                 '<intermediateThrowEvent id="back"><extensionElements><camunda:properties>'
                                 '<camunda:property name="stage" value="asking"/>'
                                 "</camunda:properties></extensionElements>"))  # fmt: skip
    case = house.start("persons")
    for element in ("a", "b", "ask", "un_b", "un_a"):
        house.complete(case, element)
    assert [visit.stage for visit in house.visits(case)] == ["persons", "asking", "persons"]


def test_an_activity_that_is_still_open_or_was_interrupted_is_not_undone(house: House) -> None:
    house.deploy(
        bpmn(
            "open",
            start("begin"), both("split"), user("a"), *undoing("a", script("un_a", done("un_a"))),
            user("c"), *undoing("c", script("un_c", done("un_c"))), boundary("late", "c", duration="PT1H"),
            user("b"), throw("back", undo=True), end("done"), end("over"), end("gone"),
            "begin > split > a > done", "split > c > over", "late > gone", "split > b > back > over",
        )
    )  # fmt: skip
    case = house.start("open")
    house.tick(hours=2)
    house.complete(case, "b")
    assert (house.open(case), house.view(case).data) == (["a"], {})


def test_a_step_done_in_rounds_is_undone_once_for_each_round(house: House) -> None:
    house.deploy(
        bpmn(
            "rounds",
            start("begin"), xor("in"), script("count", "n = (if n = null then 0 else n) + 1"),
            *undoing("count", script("less", "n = n - 10")), user("ask"), xor("out"), throw("back", undo=True),
            end("done"),
            "begin > in > count > ask > out", "out > in [again]", "out > back [default]", "back > done",
        )
    )  # fmt: skip
    case = house.start("rounds")
    for again in (True, True, False):
        case = house.complete(case, "ask", {"again": again})
    assert (case.status, house.view(case).data["n"]) == ("completed", 3 - 30)


def test_a_loop_marker_is_undone_once_for_each_round(house: House) -> None:
    house.deploy(
        bpmn(
            "loop",
            start("begin"), looped(script("a", "n = (if n = null then 0 else n) + 1"), "n < 4"),
            *undoing("a", script("un_a", "n = n - 10")), throw("back", undo=True), end("done"),
            "begin > a > back > done",
        )
    )  # fmt: skip
    case = house.start("loop")
    assert house.view(case).data["n"] == 4 - 40


@pytest.mark.parametrize("sequential", [True, False])
def test_each_instance_is_undone_with_its_own_variables(house: House, sequential: bool) -> None:
    house.deploy(
        bpmn(
            "each",
            start("begin"), many(user("a"), "[10, 20, 30]", "item", sequential=sequential),
            *undoing("a", user("un_a")), throw("back", undo=True), end("done"), "begin > a > back > done",
        )
    )  # fmt: skip
    case = house.start("each")
    for number in range(3):
        house.complete_task(house.view(case).open_tasks[0]["id"], {"answer": number})
    undone = []
    for _ in range(3):
        assert house.open(case) == ["un_a"]
        undone.append(dict(seen(house, case)))
        case = house.complete(case, "un_a", {"last": seen(house, case)["item"]})
    assert [(data["item"], data["answer"], data["loopCounter"]) for data in undone] == [
        (30, 2, 3), (20, 1, 2), (10, 0, 1),
    ]  # fmt: skip
    assert (case.status, house.view(case).data["last"]) == ("completed", 10)
    assert "item" not in house.view(case).data


def inner(*more: Part) -> Part:
    """The sub-process `work`, in which a and b are done."""
    return sub("work", start("s"), *step("a"), *step("b"), end("e"), "s > a > b > e", *more)


def around(*parts: Part, arrow: str = "begin > work > c > ask > back > done", undo: str | bool = True) -> str:
    return bpmn(
        "around", start("begin"), *parts, *step("c"), user("ask"), throw("back", undo=undo), end("done"), arrow
    )  # fmt: skip


def test_a_completed_sub_process_is_undone_from_within(house: House) -> None:
    house.deploy(around(inner()))
    case = house.start("around")
    case = house.complete(case, "ask")
    assert house.view(case).data["did"] == ["a", "b", "c", "un_c", "un_b", "un_a"]
    assert case.status == "completed"


def test_a_sub_process_named_by_the_event_is_undone_alone(house: House) -> None:
    house.deploy(around(inner(), undo="work"))
    case = house.start("around")
    house.complete(case, "ask")
    assert house.view(case).data["did"] == ["a", "b", "c", "un_b", "un_a"]


def test_the_handler_on_its_border_is_all_that_undoes_a_sub_process(house: House) -> None:
    house.deploy(around(inner(), *undoing("work", script("un_work", done("un_work")))))
    case = house.start("around")
    house.complete(case, "ask")
    assert house.view(case).data["did"] == ["a", "b", "c", "un_c", "un_work"]


def test_an_event_sub_process_undoes_its_scope_in_its_own_way(house: House) -> None:
    handler = on_event("own", start("h", undo=True), script("first", done("first")), user("look"),
                       end("he"), "h > first > look > he")  # fmt: skip
    house.deploy(around(inner(handler)))
    case = house.start("around")
    house.complete(case, "ask")
    assert (house.open(case), house.view(case).data["did"]) == (["look"], ["a", "b", "c", "un_c", "first"])
    assert house.complete(case, "look").status == "completed"
    assert house.view(case).data["did"] == ["a", "b", "c", "un_c", "first"]


def test_an_event_sub_process_that_undoes_may_undo_what_was_done_around_it(house: House) -> None:
    handler = on_event("own", start("h", undo=True), user("look"), throw("rest", undo="a"),
                       script("last", done("last")), end("he"), "h > look > rest > last > he")  # fmt: skip
    house.deploy(around(inner(handler)))
    case = house.start("around")
    house.complete(case, "ask")
    case = house.complete(case, "look")
    assert case.status == "completed"
    assert house.view(case).data["did"] == ["a", "b", "c", "un_c", "un_a", "last"]


def test_each_instance_of_a_sub_process_is_undone_from_within(house: House) -> None:
    work = sub("work", start("s"), script("a", "mine = item * 2"),
               *undoing("a", script("un_a", "did = append(if did = null then [] else did, mine)")),
               end("e"), "s > a > e")  # fmt: skip
    house.deploy(around(many(work, "[1, 2, 3]", "item")))
    case = house.start("around")
    house.complete(case, "ask")
    assert house.view(case).data["did"] == ["c", "un_c", 6, 4, 2]


def test_a_called_process_is_undone_with_the_variables_it_ended_with(house: House) -> None:
    house.deploy(
        bpmn("called", start("s"), script("a", "mine = 1"),
             *undoing("a", user("un_a")), script("b", "mine = 2; did = 3"), end("e"), "s > a > b > e")
    )  # fmt: skip
    mapping = '<camunda:in source="x" target="given"/><camunda:out source="did" target="got"/>'
    house.deploy(around(call("work", "called", mapping)))
    case = house.start("around", {"x": 7, "z": 1})
    house.complete(case, "ask")
    assert house.open(case) == ["un_a"]
    assert seen(house, case) == {"given": 7, "mine": 2, "did": 3}
    case = house.complete(case, "un_a", {"mine": 4})
    assert (case.status, house.view(case).data) == (
        "completed", {"x": 7, "z": 1, "got": 3, "did": ["c", "un_c"]},
    )  # fmt: skip


def test_an_error_event_sub_process_undoes_what_its_scope_has_done(house: House) -> None:
    def fail(step: Step) -> Mapping[str, Value]:
        raise BpmnError("broken")

    house.services(fail=fail)
    house.deploy(
        bpmn(
            "around",
            start("begin"), *step("c"),
            sub("work", start("s"), *step("a"), user("ask"), service("fail"), end("e"), "s > a > ask > fail > e",
                on_event("handler", start("h", error="broken"), throw("back", undo=True), user("tell"), end("he"),
                         "h > back > tell > he")),
            throw("all", undo=True), end("done"), "begin > c > work > all > done",
        )
    )  # fmt: skip
    case = house.start("around")
    house.complete(case, "ask")
    assert (house.open(case), house.view(case).data["did"]) == (["tell"], ["c", "a", "un_a"])
    case = house.complete(case, "tell")
    assert (case.status, house.view(case).data["did"]) == ("completed", ["c", "a", "un_a", "un_c"])


def test_what_an_error_has_ended_counts_as_failed_and_is_not_undone(house: House) -> None:
    def fail(step: Step) -> Mapping[str, Value]:
        raise BpmnError("broken")

    house.services(fail=fail)
    house.deploy(
        around(
            sub("work", start("s"), *step("a"), service("fail"), end("e"), "s > a > fail > e",
                on_event("handler", start("h", error="broken"), script("note", done("note")), end("he"),
                         "h > note > he"))
        )
    )  # fmt: skip
    case = house.start("around")
    house.complete(case, "ask")
    assert house.view(case).data["did"] == ["a", "note", "c", "un_c"]


def test_what_a_parallel_event_sub_process_has_done_is_undone_with_its_scope(house: House) -> None:
    handler = on_event("beside", start("h", "hint", interrupting=False), *step("d"), end("he"), "h > d > he")
    house.deploy(
        around(sub("work", start("s"), *step("a"), user("wait"), end("e"), "s > a > wait > e", handler))
    )
    case = house.start("around", {"lead_id": 1})
    house.send("hint", {"lead_id": 1})
    house.complete(case, "wait")
    house.complete(case, "ask")
    assert house.view(case).data["did"] == ["a", "d", "c", "un_c", "un_d", "un_a"]


def test_an_event_that_does_not_wait_goes_on_beside_the_handlers(house: House) -> None:
    house.deploy(PERSONS.replace("<compensateEventDefinition/></intermediateThrowEvent>",
                                 '<compensateEventDefinition waitForCompletion="false"/></intermediateThrowEvent>'))  # fmt: skip
    case = house.start("persons")
    for element in ("a", "b", "ask"):
        house.complete(case, element)
    assert house.open(case) == ["after", "un_b"]
    assert house.complete(case, "after").status == "open"
    house.complete(case, "un_b")
    assert house.complete(case, "un_a").status == "completed"
    assert [visit.stage for visit in house.visits(case)] == ["persons", "asking", "persons"]


def test_a_terminate_end_stops_the_undoing_too(house: House) -> None:
    house.deploy(
        bpmn(
            "stops",
            start("begin"), user("a"), *undoing("a", user("un_a")), both("split"), user("ask"),
            throw("back", undo=True), end("done"), user("quit"), end("stop", terminate=True),
            "begin > a > split > ask > back > done", "split > quit > stop",
        )
    )  # fmt: skip
    case = house.start("stops")
    house.complete(case, "a")
    house.complete(case, "ask")
    assert house.open(case) == ["quit", "un_a"]
    assert house.complete(case, "quit").status == "completed"
    assert house.open(case) == []


def test_a_handler_that_fails_is_an_incident_and_can_be_tried_again(house: House) -> None:
    works = False

    def refund(step: Step) -> Mapping[str, Value]:
        if not works:
            raise ValueError("no connection")
        return {"refunded": True}

    house.services(refund=refund)
    house.deploy(
        bpmn(
            "fails",
            start("begin"), user("a"), *undoing("a", service("refund")), *step("b"), user("ask"),
            throw("back", undo=True), end("done"), "begin > a > b > ask > back > done",
        )
    )  # fmt: skip
    case = house.start("fails")
    house.complete(case, "a")
    house.complete(case, "ask")
    assert (house.failed(case).element, house.open(case)) == ("refund", [])
    assert house.view(case).data["did"] == ["b", "un_b"]
    works = True
    house.tick(minutes=1)
    assert house.view(case).status == "completed"
    assert house.view(case).data == {"did": ["b", "un_b"], "refunded": True}


def test_what_was_not_yet_undone_stays_to_be_undone_when_the_undoing_fails(house: House) -> None:
    def refund(step: Step) -> Mapping[str, Value]:
        raise BpmnError("refused")

    house.services(refund=refund)
    house.deploy(
        bpmn(
            "fails",
            start("begin"),
            sub("work", start("s"), *step("a"), *step("b"), user("c"), *undoing("c", service("refund")),
                throw("back", undo=True), end("e"), "s > a > b > c > back > e",
                on_event("handler", start("h", error="refused"), user("look"), throw("rest", undo=True), end("he"),
                         "h > look > rest > he")),
            end("done"), "begin > work > done",
        )
    )  # fmt: skip
    case = house.start("fails")
    house.complete(case, "c")
    assert (house.open(case), house.view(case).data["did"]) == (["look"], ["a", "b"])
    assert house.complete(case, "look").status == "completed"
    assert house.view(case).data["did"] == ["a", "b", "un_b", "un_a"]


def test_handlers_may_be_sub_processes_calls_and_steps_that_wait(house: House) -> None:
    house.deploy(bpmn("other", start("s"), user("deep"), end("e"), "s > deep > e"))
    house.deploy(
        bpmn(
            "kinds",
            start("begin"), user("a"), *undoing("a", sub("un_a", start("s"), user("x"), end("e"), "s > x > e")),
            user("b"), *undoing("b", call("un_b", "other")),
            user("c"), *undoing("c", receive("un_c", "answer")),
            user("d"), *undoing("d", many(user("un_d"), cardinality="2")),
            throw("back", undo=True), end("done"), "begin > a > b > c > d > back > done",
        )
    )  # fmt: skip
    case = house.start("kinds", {"lead_id": 1})
    for element in ("a", "b", "c", "d"):
        house.complete(case, element)
    assert house.open(case) == ["un_d", "un_d"]
    for task in house.view(case).open_tasks:
        house.complete_task(task["id"])
    assert house.waiting(case) == [("un_c", "answer")]
    house.send("answer", {"lead_id": 1})
    assert house.open(case) == ["deep"]
    house.complete(case, "deep")
    assert house.open(case) == ["x"]
    assert house.complete(case, "x").status == "completed"
    assert house.path(case)[5:] == ["un_d", "un_d", "un_c", "s", "deep", "e", "un_b", "s", "x", "e", "un_a",
                                    "back", "done"]  # fmt: skip


def test_a_drawing_without_compensation_keeps_nothing_for_it(house: House) -> None:
    house.deploy(bpmn("plain", start("begin"), user("a"), user("b"), end("done"), "begin > a > b > done"))
    case = house.start("plain")
    house.complete(case, "a")
    assert b"done" not in house.state(case)


def test_what_the_handler_of_an_instance_sets_is_visible_outside_when_it_has_ended(house: House) -> None:
    handler = sub("un_a", start("s"), user("x"), user("y"), end("e"), "s > x > y > e")
    house.deploy(
        bpmn("each", start("begin"), many(script("a", "mine = item"), "[10]", "item"), *undoing("a", handler),
             throw("back", undo=True), user("after"), end("done"), "begin > a > back > after > done")
    )  # fmt: skip
    case = house.start("each")
    house.complete(case, "x", {"v": 1})
    assert (seen(house, case)["v"], house.view(case).data) == (1, {"mine": 10})
    house.complete(case, "y")
    assert (house.open(case), house.view(case).data) == (["after"], {"mine": 10, "v": 1})


def test_the_state_keeps_the_names_of_what_can_be_undone_and_no_more(house: House) -> None:
    house.deploy(
        bpmn("kept", start("begin"), *step("a"), call("work", "inside"), user("ask"),
             throw("back", undo=True), user("after"), end("done"), "begin > a > work > ask > back > after > done")
    )  # fmt: skip
    house.deploy(
        bpmn("inside", start("s"), script("b", "x = 1"), *undoing("b", user("un_b")), end("e"), "s > b > e")
    )
    case = house.start("kept")
    assert orjson.loads(house.state(case))["done"] == ["a", ["work", ["b"], {"x": 1}]]
    house.complete(case, "ask")
    assert "done" not in orjson.loads(house.state(case))
    house.complete(case, "un_b")
    assert house.open(case) == ["after"]
    assert not {"done", "scopes"} & orjson.loads(house.state(case)).keys()


def seen(house: House, case: CaseRef) -> Mapping[str, Value]:
    """The variables that the only open task sees."""

    def read(tx: Transaction) -> Mapping[str, Value]:
        run = open_run(house.engine, tx, case.case_id)
        (token,) = [one for one in run.workflow.alive() if one._state == READY and one.task_spec.manual]
        return dict(token.workflow.data)

    return house.look(read)
