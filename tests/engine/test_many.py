"""Activities done many times: for each entry of a list, a number of times, while a condition holds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.catalog import BpmnError
from engine.errors import StepFailed
from tests.engine.drawing import (
    both,
    boundary,
    bpmn,
    call,
    catch,
    end,
    looped,
    many,
    script,
    service,
    start,
    sub,
    user,
    xor,
)  # fmt: skip
from tests.engine.house import House


def row(node: object, *more: object) -> str:
    return bpmn(
        "many", start("begin"), node, *more, user("after"), end("done"), "begin > each > after > done",  # type: ignore[arg-type]
    )  # fmt: skip


ASK = many(user("each"), "suppliers", "supplier", output="offers", value="= [supplier, price]")


def test_one_task_for_each_entry_at_once_and_the_results_in_the_order_of_the_entries(house: House) -> None:
    house.deploy(row(ASK))
    case = house.start("many", {"suppliers": ["a", "b", "c"]})
    tasks = [task["id"] for task in house.view(case).open_tasks]
    assert house.open(case) == ["each"] * 3
    for task, price in zip((tasks[2], tasks[0], tasks[1]), (3, 1, 2), strict=True):
        assert "offers" not in house.view(case).data
        house.complete_task(task, {"price": price})
    assert house.open(case) == ["after"]
    assert house.view(case).data["offers"] == [["a", 1], ["b", 2], ["c", 3]]
    assert {"supplier", "loopCounter"}.isdisjoint(house.view(case).data)
    assert house.complete(case, "after").status == "completed"
    assert house.path(case) == ["begin", "each", "each", "each", "after", "done"]


def test_one_after_the_other_sees_what_the_one_before_has_set(house: House) -> None:
    node = many(script("each", "total = total + entry; double = 2 * entry"), "entries", "entry",
                sequential=True, output="doubles", value="double")  # fmt: skip
    house.deploy(row(node))
    case = house.start("many", {"entries": [1, 2, 3.5], "total": 0})
    data = house.view(case).data
    assert (data["total"], data["doubles"]) == (6.5, [2, 4, 7])
    assert "double" not in data


def test_one_after_the_other_opens_one_task_at_a_time(house: House) -> None:
    house.deploy(
        row(many(user("each"), "entries", "entry", sequential=True, output="answers", value="= answer"))
    )
    case = house.start("many", {"entries": [10, 20]})
    for number in (1, 2):
        assert house.open(case) == ["each"]
        house.complete(case, "each", {"answer": number})
    assert (house.open(case), house.view(case).data["answers"]) == (["after"], [1, 2])


@pytest.mark.parametrize("sequential", [True, False])
def test_an_empty_list_is_done_at_once_with_an_empty_result(house: House, sequential: bool) -> None:
    house.deploy(row(many(user("each"), "entries", "entry", sequential=sequential, output="answers")))
    case = house.start("many", {"entries": []})
    assert (house.open(case), house.view(case).data["answers"]) == (["after"], [])


@pytest.mark.parametrize("value", [None, 3, "text", {"a": 1}])
def test_what_is_no_list_is_an_incident(house: House, value: object) -> None:
    house.deploy(row(many(user("each"), "entries", "entry")))
    assert house.failed(house.start("many", {"entries": value})).element == "each"


def test_a_number_says_how_often_and_each_instance_knows_which_it_is(house: House) -> None:
    house.deploy(
        row(many(script("each", "mine = loopCounter"), cardinality="n + 1", output="all", value="mine"))
    )
    assert house.view(house.start("many", {"n": 3})).data["all"] == [1, 2, 3, 4]
    for wrong in (-2, 0.5, "x", 10_000):
        assert house.failed(house.start("many", {"n": wrong})).element == "each"


def test_a_completion_condition_over_the_results_so_far_ends_the_rest(house: House) -> None:
    node = many(
        user("each"), "people", "one", output="votes", value="vote", until='list contains(votes, "veto")'
    )
    house.deploy(row(node))
    case = house.start("many", {"people": ["a", "b", "c", "d"]})
    tasks = [task["id"] for task in house.view(case).open_tasks]
    house.complete_task(tasks[1], {"vote": "yes"})
    house.complete_task(tasks[3], {"vote": "no"})
    assert house.open(case) == ["each", "each"]
    house.complete_task(tasks[0], {"vote": "veto"})
    assert (house.open(case), house.view(case).data["votes"]) == (["after"], ["veto", "yes", None, "no"])
    assert len(house.events(case, "task.cancelled")) == 1


@pytest.mark.parametrize(
    "until", ["${nrOfCompletedInstances >= 2}", "= numberOfCompletedInstances / numberOfInstances > 0.5"]
)
def test_the_counters_of_camunda_7_and_8_are_known(house: House, until: str) -> None:
    house.deploy(row(many(user("each"), "people", "one", sequential=True, until=until)))
    case = house.start("many", {"people": ["a", "b", "c"]})
    house.complete(case, "each")
    assert house.open(case) == ["each"]
    house.complete(case, "each")
    assert house.open(case) == ["after"]


@pytest.mark.parametrize("until", ["0", "1", '"yes"'])
def test_a_completion_condition_that_is_neither_true_nor_false_is_an_incident(
    house: House, until: str
) -> None:
    house.deploy(
        bpmn(
            "vague", start("begin"), many(user("ask"), "list", "x", until=until), end("e"), "begin > ask > e"
        )
    )
    case = house.start("vague", {"list": [1, 2]})
    house.complete_task(house.view(case).open_tasks[0]["id"])
    assert house.failed(case).reason == f"its completion condition “{until}” is neither true nor false"


def test_more_than_a_thousand_instances_are_an_incident(house: House) -> None:
    house.deploy(row(many(script("each", "mine = 1"), cardinality="n")))
    assert (
        house.failed(house.start("many", {"n": 1_001})).reason
        == "it is to be done 1001 times; at most 1000 are possible"
    )


def test_no_further_instance_is_completed_once_there_are_enough(house: House) -> None:
    automatic = sub("each", start("in"), service("work"), end("out"), "in > work > out")
    house.services(work=lambda step: {})
    house.deploy(row(many(automatic, cardinality="3", until="numberOfCompletedInstances >= 1")))
    case = house.start("many")

    assert house.path(case).count("each") == 1


def test_a_sub_process_for_each_entry_keeps_its_variables_to_itself_until_it_is_done(house: House) -> None:
    inner = sub("each", start("s"), user("ask"), xor("way"), user("check"), end("e"), end("f"),
                "s > ask > way", "way > check [ok]", "way > f [default]", "check > e")  # fmt: skip
    house.deploy(row(many(inner, "entries", "entry", output="answers", value="= string(entry) + note")))
    case = house.start("many", {"entries": [1, 2], "ok": False})
    first, second = [task["id"] for task in house.view(case).open_tasks]
    house.complete_task(first, {"ok": True, "note": "x"})
    # The second instance still sees what is true around it.
    house.complete_task(second, {"note": "y"})
    assert house.open(case) == ["check"]
    assert house.view(case).data == {"entries": [1, 2], "ok": False, "note": "y"}
    house.complete(case, "check")
    data = house.view(case).data
    assert (data["answers"], data["ok"]) == (["1x", "2y"], True)


def test_entries_and_results_of_every_type_survive_saving(house: House) -> None:
    entries = [Decimal("1.50"), date(2026, 3, 1), {"$": "num", "a": [1]}, timedelta(hours=2), None, "x"]
    node = many(user("each"), "entries", "entry", sequential=True, output="all", value="= [entry]")
    house.deploy(row(node))
    case = house.start("many", {"entries": entries})
    for _ in entries:
        house.complete(case, "each")
    assert house.view(case).data["all"] == [[entry] for entry in entries]


@pytest.mark.parametrize("sequential", [True, False])
def test_a_boundary_event_takes_all_instances_away(house: House, sequential: bool) -> None:
    inner = sub("each", start("s"), user("ask"), end("e"), "s > ask > e")
    house.deploy(
        row(
            many(inner, "entries", "entry", sequential=sequential),
            boundary("late", "each", duration="P1D"), user("rescue"), end("rescued"), "late > rescue > rescued",
        )
    )  # fmt: skip
    case = house.start("many", {"entries": [1, 2, 3]})
    assert house.open(case) == ["ask"] * (1 if sequential else 3)
    house.tick(days=1)
    assert (house.open(case), house.waiting(case)) == (["rescue"], [])
    assert json.loads(house.state(case)).get("scopes") is None
    assert house.complete(case, "rescue").status == "completed"


def test_an_error_of_one_instance_goes_to_the_border_of_the_whole(house: House) -> None:
    def work(step: object) -> None:
        if step.data["entry"] == 2:  # type: ignore[attr-defined]
            raise BpmnError("BAD")

    house.services(each=work)
    house.deploy(
        row(
            many(service("each"), "entries", "entry"),
            boundary("bad", "each", error="BAD"), user("repair"), end("repaired"), "bad > repair > repaired",
        )
    )  # fmt: skip
    assert house.open(house.start("many", {"entries": [1, 3]})) == ["after"]
    assert house.open(house.start("many", {"entries": [1, 2, 3]})) == ["repair"]


def test_a_called_process_for_each_entry_gives_back_its_own_result(house: House) -> None:
    house.deploy(row(many(call("each", "called"), "entries", "entry", output="all", value="twice")))
    house.deploy(
        bpmn(
            "called", start("b"), user("ask"), script("x2", "twice = 2 * entry"), end("e"), "b > ask > x2 > e"
        )
    )
    case = house.start("many", {"entries": [1, 2, 3]})
    tasks = [task["id"] for task in house.view(case).open_tasks]
    for task in reversed(tasks):
        house.complete_task(task)
    assert house.view(case).data["all"] == [2, 4, 6]


def test_many_within_many(house: House) -> None:
    inner = sub("each", start("s"), many(script("cell", "x = [r, c]"), "columns", "c", output="line", value="x"),
                end("e"), "s > cell > e")  # fmt: skip
    house.deploy(row(many(inner, "rows", "r", output="table", value="line")))
    case = house.start("many", {"rows": ["a", "b"], "columns": [1, 2]})
    assert house.view(case).data["table"] == [[["a", 1], ["a", 2]], [["b", 1], ["b", 2]]]


def test_timers_run_in_each_instance_by_itself(house: House) -> None:
    inner = sub("each", start("s"), catch("nap", duration="=hours"), end("e"), "s > nap > e")
    house.deploy(row(many(inner, '[duration("PT1H"), duration("PT3H")]', "hours")))
    case = house.start("many")
    assert house.waiting(case) == [("nap", "2026-03-02T10:00:00Z"), ("nap", "2026-03-02T12:00:00Z")]
    house.tick(hours=1)
    assert (house.open(case), len(house.waiting(case))) == ([], 1)
    house.tick(hours=2)
    assert house.open(case) == ["after"]


def test_many_in_a_loop_begin_anew_in_every_round(house: House) -> None:
    house.deploy(
        bpmn(
            "rounds",
            start("begin"), xor("in"), many(user("each"), "entries", "entry", output="answers", value="answer"),
            xor("out"), end("done"), "begin > in > each > out", "out > in [count(answers) < 3]",
            "out > done [default]",
        )
    )  # fmt: skip
    case = house.start("rounds", {"entries": [1, 2]})
    for _ in range(2):
        assert house.open(case) == ["each", "each"]
        for task in [task["id"] for task in house.view(case).open_tasks]:
            house.complete_task(task, {"answer": task})


def test_two_branches_with_many_beside_each_other_do_not_mix(house: House) -> None:
    house.deploy(
        bpmn(
            "two",
            start("begin"), both("split"), both("join"), user("after"), end("done"),
            many(user("a"), "entries", "entry", output="from_a", value="answer"),
            many(user("b"), "entries", "entry", output="from_b", value="answer"),
            "begin > split > a > join > after > done", "split > b > join",
        )
    )  # fmt: skip
    case = house.start("two", {"entries": [1, 2]})
    for task in house.view(case).open_tasks:
        house.complete_task(task["id"], {"answer": task["element"]})
    assert house.open(case) == ["after"]
    data = house.view(case).data
    assert (data["from_a"], data["from_b"]) == (["a", "a"], ["b", "b"])


def test_a_message_finds_the_instance_whose_entry_is_its_key(house: House) -> None:
    inner = sub("each", start("s"), catch("get", "offer"), user("read"), end("e"), "s > get > read > e")
    house.deploy(
        row(many(inner, "suppliers", "supplier_id", output="prices", value="= [supplier_id, price]"))
    )
    case = house.start("many", {"suppliers": [7, 8, 9], "lead_id": 1})
    other = house.start("many", {"suppliers": [70, 80], "lead_id": 2})
    for supplier in (9, 7, 8):
        house.send("offer", {"supplier_id": supplier}, {"price": 10 * supplier})
        house.complete(case, "read")
    assert house.view(case).data["prices"] == [[7, 70], [8, 80], [9, 90]]
    assert len(house.waiting(other)) == 2


# --- Other spellings ------------------------------------------------------------------------------

CAMUNDA_7 = (
    '<multiInstanceLoopCharacteristics isSequential="true" camunda:collection="{list}"'
    ' camunda:elementVariable="entry"/>'
)
BPMN_REFS = (
    "<multiInstanceLoopCharacteristics><loopDataInputRef>entries</loopDataInputRef>"
    '<loopDataOutputRef>all</loopDataOutputRef><inputDataItem name="entry"/><outputDataItem name="mine"/>'
    "</multiInstanceLoopCharacteristics>"
)


@pytest.mark.parametrize("spelling", ["entries", "${entries}", "#{entries}"])
def test_camunda_7_names_the_list_plainly_or_by_an_expression(house: House, spelling: str) -> None:
    node = script("each", "total = total + entry")
    house.deploy(row(replace(node, inner=node.inner + CAMUNDA_7.replace("{list}", spelling))))
    assert house.view(house.start("many", {"entries": [1, 2], "total": 0})).data["total"] == 3


@pytest.mark.parametrize(
    ("entry", "mine"),
    [
        ('name="entry"', 'name="mine"'),
        ('id="DataInput_1" name="entry"', 'id="DataOutput_1" name="mine"'),
        ('id="entry"', 'id="mine"'),
        ('id="entry" name="one of them"', 'id="mine" name="what comes out"'),
    ],
)
def test_bpmns_own_references_name_list_entry_and_results(house: House, entry: str, mine: str) -> None:
    node = script("each", "mine = entry * 10")
    refs = BPMN_REFS.replace('name="entry"', entry).replace('name="mine"', mine)
    house.deploy(row(replace(node, inner=node.inner + refs)))
    assert house.view(house.start("many", {"entries": [1, 2]})).data["all"] == [10, 20]


# --- Standard loops -------------------------------------------------------------------------------


def test_a_loop_marker_repeats_while_its_condition_holds(house: House) -> None:
    house.deploy(row(looped(user("each"), "again")))
    case = house.start("many", {"again": False})
    assert house.open(case) == ["each"]
    house.complete(case, "each", {"again": True})
    assert house.open(case) == ["each"]
    house.complete(case, "each", {"again": False})
    assert house.open(case) == ["after"]


def test_a_loop_marker_may_ask_before_the_first_time_and_has_a_most(house: House) -> None:
    house.deploy(row(looped(user("each"), "again", before=True)))
    assert house.open(house.start("many", {"again": False})) == ["after"]
    house.deploy(row(looped(script("each", "n = n + 1"), maximum=3)))
    assert house.view(house.start("many", {"n": 0})).data["n"] == 3
    house.deploy(row(looped(script("each", "n = n + 1"), "n < 2", maximum=30)))
    assert house.view(house.start("many", {"n": 0})).data["n"] == 2


def test_a_loop_marker_that_never_ends_by_itself_is_an_incident(house: House) -> None:
    house.deploy(row(looped(script("each", "n = 1"), "true")))
    with pytest.raises(StepFailed) as failure:
        house.start("many")
    assert "without waiting for anybody" in failure.value.reason
