"""What a call activity hands over and takes back, in Camunda's spellings."""

from __future__ import annotations

import pytest

from engine.runtime import open_run
from tests.engine.drawing import both, bpmn, call, end, file, script, start, sub, user
from tests.engine.house import House

CALLED = bpmn(
    "called", start("b"), user("ask"), script("set", "x = 10 * x; y = 7"), end("e"), "b > ask > set > e"
)

ALL = '<camunda:in variables="all"/>'
BOTH_ALL = ALL + '<camunda:out variables="all"/>'


@pytest.mark.parametrize(
    ("mapping", "within", "after"),
    [
        ("", {"x": 1, "z": 2}, {"x": 10, "y": 7, "z": 2}),
        ('<camunda:in businessKey="#{execution.processBusinessKey}"/>', {"x": 1, "z": 2}, {"x": 10, "y": 7, "z": 2}),
        (BOTH_ALL, {"x": 1, "z": 2}, {"x": 10, "y": 7, "z": 2}),
        (ALL, {"x": 1, "z": 2}, {"x": 1, "z": 2}),
        ('<camunda:in source="z" target="x"/>', {"x": 2}, {"x": 1, "z": 2}),
        ('<camunda:in sourceExpression="${z + 3}" target="x"/><camunda:out source="x" target="result"/>',
         {"x": 5}, {"x": 1, "z": 2, "result": 50}),
        ('<camunda:in source="missing" target="w"/><camunda:in source="x" target="x"/>'
         '<camunda:out sourceExpression="${x + y}" target="z"/>', {"w": None, "x": 1}, {"x": 1, "z": 17}),
        ('<zeebe:calledElement processId="called" propagateAllParentVariables="false"/>'
         '<zeebe:ioMapping><zeebe:input source="=z" target="x"/></zeebe:ioMapping>',
         {"x": 2}, {"x": 1, "y": 7, "z": 2}),
        ('<zeebe:calledElement processId="called" propagateAllChildVariables="false"/>',
         {"x": 1, "z": 2}, {"x": 1, "z": 2}),
        ('<zeebe:calledElement processId="called"/><zeebe:ioMapping>'
         '<zeebe:output source="=x + 1" target="result"/></zeebe:ioMapping>',
         {"x": 1, "z": 2}, {"x": 1, "z": 2, "result": 11}),
    ],
)  # fmt: skip
def test_exactly_what_is_declared_goes_over_and_comes_back(
    house: House, mapping: str, within: dict[str, object], after: dict[str, object]
) -> None:
    house.deploy(bpmn("caller", start("begin"), call("calls", "called", mapping), user("after"), end("done"),
                      "begin > calls > after > done"))  # fmt: skip
    house.deploy(CALLED)
    seen: dict[str, object] = {}
    case = house.start("caller", {"x": 1, "z": 2})
    with house.engine.transaction(house.now, write=False) as tx:
        for scope in open_run(house.engine, tx, case.case_id).workflow.subprocesses.values():
            seen = dict(scope.data)
    assert seen == within
    house.complete(case, "ask")
    assert house.open(case) == ["after"]
    assert house.view(case).data == after


def test_what_changes_beside_a_call_is_not_undone_by_its_end(house: House) -> None:
    house.deploy(
        bpmn(
            "caller",
            start("begin"), both("split"), call("calls", "called"), user("beside"), both("join"), user("after"),
            end("done"), "begin > split > calls > join > after > done", "split > beside > join",
        )
    )  # fmt: skip
    house.deploy(CALLED)
    case = house.start("caller", {"x": 1, "z": 2})
    house.complete(case, "beside", {"z": 3})
    house.complete(case, "ask")
    assert house.view(case).data == {"x": 10, "y": 7, "z": 3}


def test_a_process_may_be_called_that_is_drawn_in_the_same_file(house: House) -> None:
    caller = (start("begin"), call("calls", "called"), end("done"), "begin > calls > done")
    house.deploy(file({"caller": caller, "called": (start("b"), user("ask"), end("e"), "b > ask > e")}))
    case = house.start("caller")

    assert house.open(case) == ["ask"]
    assert house.complete(case, "ask").status == "completed"


def test_a_sub_process_may_call_a_process_of_another_file(house: House) -> None:
    house.deploy(CALLED)
    inside = sub("inside", start("i"), call("calls", "called"), end("f"), "i > calls > f")
    house.deploy(bpmn("caller", start("begin"), inside, end("done"), "begin > inside > done"))
    case = house.start("caller", {"x": 1})

    assert house.open(case) == ["ask"]
    assert house.complete(case, "ask").status == "completed"
