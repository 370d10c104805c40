"""What a call activity hands over and takes back, in Camunda's spellings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.runtime import open_run
from tests.engine.drawing import (
    Part,
    both,
    bpmn,
    call,
    end,
    file,
    script,
    start,
    sub,
    throw,
    undoing,
    user,
    xor,
)
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


def test_a_call_may_lie_in_a_sub_process(house: House) -> None:
    house.deploy(
        bpmn("caller", start("begin"), sub("work", start("s"), call("calls", "called"), end("e"), "s > calls > e"),
             user("after"), end("done"), "begin > work > after > done")
    )  # fmt: skip
    house.deploy(CALLED)
    case = house.start("caller", {"x": 1})
    house.complete(case, "ask")
    assert (house.open(case), house.view(case).data) == (["after"], {"x": 10, "y": 7})


def test_a_pool_may_call_another_one_of_its_file(house: House) -> None:
    pools: dict[str, list[Part]] = {
        "outer": [
            start("begin"),
            call("calls", "inner"),
            user("after"),
            end("done"),
            "begin > calls > after > done",
        ],
        "inner": [start("b"), user("ask"), end("e"), "b > ask > e"],
    }
    house.deploy(file(pools))
    case = house.start("outer")
    assert house.open(case) == ["ask"]
    house.complete(case, "ask")
    assert house.open(case) == ["after"]


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


# --- Which process, and which version of it -------------------------------------------------------

COMPUTED = bpmn(
    "caller", start("begin"), user("choose"), call("calls", "${next}"), user("after"), end("done"),
    "begin > choose > calls > after > done",
)  # fmt: skip


def other(task: str, process: str = "called") -> str:
    return bpmn(process, start("b"), user(task), end("e"), f"b > {task} > e")


@pytest.mark.parametrize("text", ["${next}", "#{next}", '= if next = "called" then "called" else next'])
def test_an_expression_names_the_process_when_it_is_called(house: House, text: str) -> None:
    house.deploy(COMPUTED.replace('"${next}"', f"'{text}'"))
    house.deploy(other("ask"))
    house.deploy(other("look", "second"))
    for process, task in (("called", "ask"), ("second", "look")):
        case = house.start("caller")
        house.complete(case, "choose", {"next": process})
        assert house.open(case) == [task]
        house.complete(case, task)
        assert house.open(case) == ["after"]


@pytest.mark.parametrize(
    ("next", "reason"),
    [
        ("gone", "There is no process “gone”."),
        (None, "“${next}” gives no process to call"),
        (7, "“${next}” gives no process to call"),
        ("caller", "it would call the process “caller” from within itself"),
    ],
)
def test_what_cannot_be_called_is_an_incident_that_names_it(house: House, next: object, reason: str) -> None:
    house.deploy(COMPUTED)
    case = house.start("caller")
    house.complete(case, "choose", {"next": next})
    failed = house.failed(case)
    assert (failed.element, failed.reason, house.open(case)) == ("calls", reason, [])


def bound(rule: str, version: str = "") -> str:
    caller = bpmn(
        "caller", start("begin"), call("calls", "called"), user("after"), end("done"),
        "begin > calls > after > done",
    )  # fmt: skip
    kind = "calledElementVersionTag" if rule == "versionTag" else "calledElementVersion"
    number = f' camunda:{kind}="{version}"' if version else ""
    return caller.replace("<callActivity", f'<callActivity camunda:calledElementBinding="{rule}"{number}')


def test_a_version_is_called_by_its_number(house: House) -> None:
    for task in ("first", "second", "third"):
        house.deploy(other(task))
    for version, task in (("2", "second"), ("${n - 1}", "second"), ("= n", "third")):
        house.deploy(bound("version", version))
        case = house.start("caller", {"n": 3})
        assert house.open(case) == [task]
        house.complete(case, task)
        assert house.open(case) == ["after"]


def test_a_version_that_does_not_exist_is_an_incident(house: House) -> None:
    house.deploy(other("first"))
    house.deploy(bound("version", "= n"))
    for number, reason in ((7, "The process “called” has no version 7."),
                           ("x", "“= n”, the version to call, is no whole number")):  # fmt: skip
        failed = house.failed(house.start("caller", {"n": number}))
        assert (failed.element, failed.reason) == ("calls", reason)


def test_the_version_deployed_with_the_caller_is_called_though_there_are_newer_ones(house: House) -> None:
    house.deploy(other("first"))
    house.now += timedelta(hours=1)
    house.deploy(bound("deployment"))
    house.deploy(other("second"))  # At the same instant: together with the caller.
    house.now += timedelta(hours=1)
    house.deploy(other("third"))
    case = house.start("caller")
    assert house.open(case) == ["second"]
    house.now += timedelta(hours=1)
    house.deploy(bound("deployment"))  # The called process is not changed this time.
    assert house.open(house.start("caller")) == ["third"]
    house.complete(case, "second")
    assert house.open(case) == ["after"]


def test_a_process_deployed_after_its_caller_is_not_of_its_deployment(house: House) -> None:
    house.deploy(bound("deployment"))
    house.now += timedelta(hours=1)
    house.deploy(other("first"))
    assert (
        house.failed(house.start("caller")).reason
        == "The process “called” was deployed later than the drawing that calls it."
    )


def test_the_newest_version_of_a_tag_is_called(house: House) -> None:
    for name, tag in (("first", "yearly"), ("second", "yearly"), ("third", None)):
        house.deploy(other(name), tag=tag)
    house.deploy(bound("versionTag", "yearly"))
    assert house.open(house.start("caller")) == ["second"]
    house.deploy(bound("versionTag", "monthly"))
    assert (
        house.failed(house.start("caller")).reason
        == "The process “called” has no version with the tag “monthly”."
    )


def test_the_latest_version_stays_that_of_the_first_call(house: House) -> None:
    house.deploy(other("first"))
    rounds = bpmn("caller", start("begin"), xor("in"), call("calls", "called"), user("more"),
                  "begin > in > calls > more > in")  # fmt: skip
    house.deploy(rounds)
    case = house.start("caller")
    house.deploy(other("second"))
    house.complete(case, "first")
    house.complete(case, "more")
    assert house.open(case) == ["first"]


def test_a_computed_call_is_undone_in_the_process_that_it_called(house: House) -> None:
    for process in ("one", "two"):
        house.deploy(bpmn(process, start("b"), script("a", "x = 1"), *undoing("a", user(f"un_{process}")), end("e"),
                          "b > a > e"))  # fmt: skip
    house.deploy(
        bpmn("caller", start("begin"), user("choose"), call("calls", "= next"), throw("back", undo=True), end("done"),
             "begin > choose > calls > back > done").replace("<callActivity",
             '<callActivity camunda:calledElementBinding="deployment"')
    )  # fmt: skip
    case = house.start("caller")
    house.complete(case, "choose", {"next": "two"})
    assert house.open(case) == ["un_two"]
    assert house.complete(case, "un_two").status == "completed"


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
