"""Inputs and outputs that are mapped at a step: what it sees, and what of its results becomes variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from engine import versions
from engine.catalog import Step
from tests.engine.drawing import (
    Node,
    bpmn,
    catch,
    end,
    first_of,
    many,
    mapped,
    receive,
    rule,
    script,
    service,
    start,
    user,
)  # fmt: skip
from tests.engine.house import House


def zeebe(ins: dict[str, str] | None = None, outs: dict[str, str] | None = None) -> str:
    lines = [
        f"<zeebe:input source={quoteattr(text)} target={quoteattr(name)}/>"
        for name, text in (ins or {}).items()
    ]
    lines += [
        f"<zeebe:output source={quoteattr(text)} target={quoteattr(name)}/>"
        for name, text in (outs or {}).items()
    ]
    return f"<zeebe:ioMapping>{''.join(lines)}</zeebe:ioMapping>"


def camunda(ins: dict[str, str] | None = None, outs: dict[str, str] | None = None) -> str:
    lines = [
        f'<camunda:inputParameter name="{name}">{text}</camunda:inputParameter>'
        for name, text in (ins or {}).items()
    ]
    lines += [
        f'<camunda:outputParameter name="{name}">{text}</camunda:outputParameter>'
        for name, text in (outs or {}).items()
    ]
    return f"<camunda:inputOutput>{''.join(lines)}</camunda:inputOutput>"


def one(node: Node) -> str:
    return bpmn(
        "mapped", start("begin"), node, user("after"), end("done"), f"begin > {node.id} > after > done"
    )


@pytest.mark.parametrize(
    "mapping",
    [
        zeebe({"price": "=net * 2", "twice": "=price * 2"}, {"total": "=fee + price"}),
        camunda({"price": "${net * 2}", "twice": "${price * 2}"}, {"total": "${fee + price}"}),
    ],
)
def test_a_service_sees_its_inputs_and_only_its_outputs_become_variables(house: House, mapping: str) -> None:
    seen: dict[str, Any] = {}

    def quote(step: Step) -> dict[str, Any]:
        seen.update(step.data)
        return {"fee": 5, "hidden": 1}

    house.services(quote=quote)
    house.deploy(one(mapped(service("quote"), mapping)))
    case = house.start("mapped", {"net": 10})
    assert {name: seen[name] for name in ("net", "price", "twice")} == {"net": 10, "price": 20, "twice": 40}
    assert house.view(case).data == {"net": 10, "total": 25}


def test_without_outputs_all_results_become_variables_and_inputs_none(house: House) -> None:
    house.services(quote=lambda step: {"fee": step.data["rate"]})
    house.deploy(one(mapped(service("quote"), camunda({"rate": "standard"}))))
    assert house.view(house.start("mapped")).data == {"fee": "standard"}


def test_answers_of_a_person_go_through_the_outputs(house: House) -> None:
    house.deploy(one(mapped(user("ask"), zeebe({"limit": "=net * 3"}, {"high": "=amount > limit"}))))
    case = house.start("mapped", {"net": 10})
    house.complete(case, "ask", {"amount": 31})
    assert house.view(case).data == {"net": 10, "high": True}


def test_inputs_are_those_of_the_moment_at_which_the_step_begins(house: House) -> None:
    house.deploy(
        bpmn("mapped", start("begin"), mapped(user("ask"), zeebe({"old": "=n"}, {"was": "=old"})),
             script("more", "n = n + 1"), user("after"), end("done"), "begin > ask > more > after > done")
    )  # fmt: skip
    case = house.start("mapped", {"n": 1})
    house.complete(case, "ask", {"n": 7})
    assert house.view(case).data == {"n": 2, "was": 1}


@pytest.mark.parametrize("behind_gateway", [False, True])
def test_what_a_message_brings_goes_through_the_outputs(house: House, behind_gateway: bool) -> None:
    paid = mapped(catch("paid", "paid"), zeebe(outs={"rest": "=due_amount - amount"}))
    parts = [start("begin"), paid, user("after"), end("done")]
    if behind_gateway:
        late = catch("late", duration="P1D")
        house.deploy(
            bpmn("mapped", *parts, first_of("wait"), late, end("over"), "begin > wait > paid > after > done",
                 "wait > late > over")
        )  # fmt: skip
    else:
        house.deploy(bpmn("mapped", *parts, "begin > paid > after > done"))
    case = house.start("mapped", {"lead_id": 1, "due_amount": 10})
    house.send("paid", {"lead_id": 1}, {"amount": 4})
    assert house.view(case).data == {"lead_id": 1, "due_amount": 10, "rest": 6}


def test_scripts_and_decisions_are_mapped_too(house: House) -> None:
    table = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        '<decision id="band" name="Band"><literalExpression><text>size * 10</text></literalExpression>'
        "</decision></definitions>"
    )
    house.deploy(
        bpmn("mapped", start("begin"),
             mapped(script("count", "a = b + 1"), zeebe({"b": "=n"}, {"x": "=a"})),
             mapped(rule("sort", "band", "found"), zeebe({"size": "=x"}, {"y": "=found"})),
             user("after"), end("done"), "begin > count > sort > after > done"),
        decisions={"band.dmn": table},
    )  # fmt: skip
    assert house.view(house.start("mapped", {"n": 2})).data == {"n": 2, "x": 3, "y": 30}


def test_each_instance_of_several_has_its_own_inputs(house: House) -> None:
    each = many(
        mapped(user("ask"), zeebe({"shown": "=entry * 10"})), "list", "entry", output="all", value="=shown"
    )
    house.deploy(
        bpmn("mapped", start("begin"), each, user("after"), end("done"), "begin > ask > after > done")
    )
    case = house.start("mapped", {"list": [1, 2]})
    for task in list(house.view(case).open_tasks):
        house.complete_task(task["id"], {})
    assert house.open(case) == ["after"]


def test_an_input_that_cannot_be_worked_out_is_an_incident_at_the_step(house: House) -> None:
    house.deploy(one(mapped(receive("wait", "go"), zeebe({"x": "=count(for i in 1..100000000 return i)"}))))
    case = house.start("mapped")
    assert house.failed(case).element == "wait"


@pytest.mark.parametrize(
    ("node", "code"),
    [
        (mapped(user("ask"), zeebe({"x": "=1 +"})), "mapping_unreadable"),
        (mapped(user("ask"), zeebe({"the x": "=1"})), "mapping_dropped"),
        (mapped(user("ask"), "<camunda:inputOutput><camunda:inputParameter name='x'><camunda:list/>"
                "</camunda:inputParameter></camunda:inputOutput>"), "payload_parameter"),
        (mapped(end("done"), camunda(outs={"x": "${y}"})), None),
    ],
)  # fmt: skip
def test_the_check_reads_mappings(house: House, tmp_path: Path, node: Node, code: str | None) -> None:
    nodes = {"ask": user("ask"), "done": end("done"), node.id: node}
    file = tmp_path / "mapped.bpmn"
    drawn = bpmn("mapped", start("begin"), *nodes.values(), "begin > ask > done", lanes={"Sales": ["ask"]})
    file.write_text(drawn, encoding="utf-8")
    with house.engine.transaction(house.now) as tx:
        report = versions.check(house.engine, tx, [file])
    assert [one.code for one in report.findings] == ([code] if code else [])
