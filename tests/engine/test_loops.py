"""Long loops cost what short ones cost, and a loop that asks nobody is stopped."""

from __future__ import annotations

import pytest

from engine.errors import StepFailed
from tests.engine.drawing import both, bpmn, end, script, service, start, user, xor
from tests.engine.house import House

LOOP = bpmn(
    "loop",
    start("begin"), xor("in"), user("call"), script("count", "n = if n = null then 1 else n + 1"), xor("out"),
    end("done"),
    "begin > in > call > count > out", "out > in [again]", "out > done [default]",
)  # fmt: skip


def test_a_loop_of_1200_rounds_goes_on_and_its_state_does_not_grow(house: House) -> None:
    # Stock SpiffWorkflow stops at tree depth 1,000 and says the case is completed.
    house.deploy(LOOP)
    case = house.start("loop")
    sizes = {}
    for round in range(1, 1201):
        after = house.complete(case, "call", {"again": True})
        assert after.status == "open"
        if round in (100, 1200):
            sizes[round] = len(house.state(case))
    assert house.view(case).data == {"again": True, "n": 1200}
    assert house.open(case) == ["call"]
    assert sizes[1200] - sizes[100] < 8  # Some digits more in the numbers of tokens and rounds.
    assert house.complete(case, "call", {"again": False}).status == "completed"
    assert len(house.path(case)) == 2 + 1201 * 4  # Nothing of it is lost, though the state is small.


def test_the_step_budget_stops_a_loop_that_asks_nobody_and_names_the_element(house: House) -> None:
    house.deploy(
        bpmn(
            "spin",
            start("begin"), user("go"), xor("in"), script("work", "n = 1"), xor("out"), end("done"),
            "begin > go > in > work > out", "out > in [n = 1]", "out > done [default]",
        )
    )  # fmt: skip
    case = house.start("spin")
    before = house.counted()
    with pytest.raises(StepFailed) as failure:
        house.complete(case, "go")

    assert failure.value.reason == "the case made 1000 steps without waiting for anybody"
    assert failure.value.element in ("in", "work", "out")
    assert failure.value.remedy == (
        "The drawing goes in circles: put a person, a timer or a message into the loop."
    )
    (incident,) = house.incidents(case)
    assert (incident.element, incident.reason) == (failure.value.element, failure.value.reason)
    assert (house.view(case).status, house.open(case)) == ("incident", ["go"])
    assert house.counted() == {**before, "incidents": 1}


def test_the_budget_counts_steps_of_one_action_not_of_the_whole_case(house: House) -> None:
    house.configure(step_budget=12)
    house.deploy(LOOP)
    case = house.start("loop")
    for _ in range(20):
        house.complete(case, "call", {"again": True})
    assert house.open(case) == ["call"]


def test_not_one_step_more_than_the_budget_is_made(house: House) -> None:
    calls: list[int] = []
    house.services(work=lambda step: calls.append(1))
    house.configure(step_budget=50)
    house.deploy(bpmn("spin", start("begin"), xor("in"), service("work"), "begin > in > work > in"))
    with pytest.raises(StepFailed):
        house.start("spin")
    assert len(calls) == 24  # Two steps a round, after two at the start.


def test_tokens_that_multiply_in_a_loop_are_stopped_too(house: House) -> None:
    house.deploy(
        bpmn(
            "bomb",
            start("begin"), xor("in"), both("fork"), end("done"),
            "begin > in > fork > in", "fork > in", "fork > done",
        )
    )  # fmt: skip
    with pytest.raises(StepFailed) as failure:
        house.start("bomb")
    assert "1000 steps" in failure.value.reason
