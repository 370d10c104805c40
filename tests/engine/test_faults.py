"""Errors and escalations: from whatever throws them outwards, to the first that catches their code."""

from __future__ import annotations

import pytest

from engine.catalog import BpmnError
from tests.engine.drawing import (
    both,
    boundary,
    bpmn,
    call,
    end,
    on_event,
    service,
    start,
    sub,
    throw,
    user,
)  # fmt: skip
from tests.engine.house import House


def unpaid(step: object) -> None:
    raise BpmnError("UNPAID", "the invoice is open")


SERVICE = (
    start("begin"), both("split"), service("bill"), boundary("on_unpaid", "bill", error="UNPAID"),
    boundary("on_other", "bill", error="OTHER"), user("chase"), user("replace"), user("beside"),
    end("done"), end("chased"), end("replaced"), end("over"),
    "begin > split > bill > done", "split > beside > over", "on_unpaid > chase > chased",
    "on_other > replace > replaced",
)  # fmt: skip


def test_an_error_of_a_service_goes_to_the_boundary_of_its_code(house: House) -> None:
    house.services(bill=unpaid)
    house.deploy(bpmn("billing", *SERVICE))
    case = house.start("billing")
    assert (house.open(case), house.waiting(case)) == (["beside", "chase"], [])
    assert house.path(case) == ["begin", "split", "bill", "on_unpaid"]
    house.complete(case, "beside")
    assert house.complete(case, "chase").status == "completed"


def test_an_error_of_a_service_that_nothing_catches_is_an_incident_there(house: House) -> None:
    house.services(bill=unpaid)
    house.deploy(
        bpmn(
            "billing", start("begin"), user("ask"), service("bill"), end("done"), "begin > ask > bill > done"
        )
    )
    case = house.start("billing")
    house.complete(case, "ask")
    incident = house.failed(case)
    assert incident.element == "bill"
    assert incident.reason == "nothing catches the error “UNPAID” (the invoice is open)"
    assert (house.open(case), house.path(case)) == ([], ["begin", "ask"])


def test_an_error_passes_a_boundary_of_another_code_and_leaves_the_sub_process(house: House) -> None:
    house.services(bill=unpaid)
    house.deploy(
        bpmn(
            "outer",
            start("begin"),
            sub("work", start("s"), service("bill"), boundary("on_other", "bill", error="OTHER"), user("beside"),
                end("e"), end("oe"), "s > bill > beside > e", "on_other > oe"),
            boundary("any", "work", any_error=True), user("repair"), end("done"), end("repaired"),
            "begin > work > done", "any > repair > repaired",
        )
    )  # fmt: skip
    case = house.start("outer")
    assert (house.open(case), house.path(case)) == (["repair"], ["begin", "s", "bill", "any"])


def test_an_error_in_a_called_process_goes_to_the_border_of_the_call(house: House) -> None:
    house.deploy(
        bpmn(
            "caller",
            start("begin"), call("calls", "called"), boundary("failed", "calls", error="BAD"), user("repair"),
            end("done"), end("repaired"), "begin > calls > done", "failed > repair > repaired",
        )
    )  # fmt: skip
    house.deploy(
        bpmn(
            "called",
            start("b"), sub("deep", start("s"), user("ask"), end("bad", error="BAD"), "s > ask > bad"), end("e"),
            "b > deep > e",
        )
    )  # fmt: skip
    case = house.start("caller")
    house.complete(case, "ask")
    assert house.open(case) == ["repair"]
    assert house.complete(case, "repair").status == "completed"


ESCALATING = sub(
    "work", start("s"), user("ask"), throw("tell", escalation="HIGH"), user("more"), end("e"),
    "s > ask > tell > more > e",
)  # fmt: skip


@pytest.mark.parametrize(
    ("interrupting", "code", "open_tasks"),
    [
        (True, "HIGH", ["help"]),
        (False, "HIGH", ["help", "more"]),
        (True, "", ["help"]),
        (True, "LOW", ["more"]),
    ],
)
def test_an_escalation_reaches_the_border_of_its_sub_process_by_its_code(
    house: House, interrupting: bool, code: str, open_tasks: list[str]
) -> None:
    house.deploy(
        bpmn(
            "escalates",
            start("begin"), ESCALATING,
            boundary("high", "work", interrupting=interrupting, escalation=code), user("help"),
            end("done"), end("helped"), "begin > work > done", "high > help > helped",
        )
    )  # fmt: skip
    case = house.start("escalates")
    house.complete(case, "ask")
    assert house.open(case) == open_tasks
    for task in open_tasks:
        case = house.complete(case, task)
    assert case.status == "completed"


def test_an_escalation_that_nobody_listens_for_lets_work_go_on(house: House) -> None:
    house.deploy(bpmn("quiet", start("begin"), ESCALATING, end("done"), "begin > work > done"))
    case = house.start("quiet")
    house.complete(case, "ask")
    assert house.complete(case, "more").status == "completed"


def test_an_escalation_end_is_heard_beside_the_work_that_goes_on(house: House) -> None:
    house.deploy(
        bpmn(
            "ends",
            start("begin"),
            sub("work", start("s"), both("split"), user("a"), user("b"), end("up", escalation="HIGH"), end("e"),
                "s > split > a > up", "split > b > e"),
            boundary("high", "work", interrupting=False, escalation="HIGH"), user("help"), end("done"),
            end("helped"), "begin > work > done", "high > help > helped",
        )
    )  # fmt: skip
    case = house.start("ends")
    house.complete(case, "a")
    assert house.open(case) == ["b", "help"]
    house.complete(case, "b")
    assert house.open(case) == ["help"]
    assert house.complete(case, "help").status == "completed"


def test_an_error_in_a_loop_is_caught_in_every_round(house: House) -> None:
    rounds: list[int] = []

    def flaky(step: object) -> None:
        rounds.append(1)
        raise BpmnError("AGAIN")

    house.services(flaky=flaky)
    house.deploy(
        bpmn(
            "rounds",
            start("begin"), user("try"), service("flaky"), boundary("again", "flaky", error="AGAIN"), end("done"),
            "begin > try > flaky > done", "again > try",
        )
    )  # fmt: skip
    case = house.start("rounds")
    for _ in range(3):
        house.complete(case, "try")
        assert house.open(case) == ["try"]
    assert len(rounds) == 3


def test_what_a_service_wrote_before_its_error_stays(house: House) -> None:
    def counted(step: object) -> None:
        step.record("bill.refused", attempts=1)  # type: ignore[attr-defined]
        raise BpmnError("UNPAID")

    house.services(bill=counted)
    house.deploy(bpmn("billing", *SERVICE))
    case = house.start("billing")
    assert len(house.events(case, "bill.refused")) == 1


def test_an_event_sub_process_catches_the_error_of_its_scope_and_ends_the_rest(house: House) -> None:
    house.services(bill=unpaid)
    house.deploy(
        bpmn(
            "handled",
            start("begin"), both("split"), user("ask"), service("bill"), user("beside"), end("done"), end("over"),
            on_event("handler", start("s", error="UNPAID"), user("chase"), end("chased"), "s > chase > chased"),
            "begin > split > ask > bill > done", "split > beside > over",
        )
    )  # fmt: skip
    case = house.start("handled")
    house.complete(case, "ask")
    assert house.open(case) == ["chase"]
    assert house.path(case) == ["begin", "split", "ask", "bill", "s"]
    assert house.complete(case, "chase").status == "completed"


def test_what_an_event_sub_process_throws_is_not_for_itself(house: House) -> None:
    house.deploy(
        bpmn(
            "upwards",
            start("begin"),
            sub("work", start("s"), user("ask"), throw("tell", escalation="HIGH"), user("more"), end("e"),
                on_event("handler", start("h", escalation="HIGH", interrupting=False),
                         end("further", escalation="HIGH"), "h > further"),
                "s > ask > tell > more > e"),
            boundary("high", "work", interrupting=False, escalation="HIGH"), user("help"), end("done"),
            end("helped"), "begin > work > done", "high > help > helped",
        )
    )  # fmt: skip
    case = house.start("upwards")
    house.complete(case, "ask")
    assert house.open(case) == ["help", "more"]
