"""What becomes of drawings in the style of twenty editors: deployed, a draft with questions, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import versions
from engine.findings import Answers
from engine.tables import Version
from engine.versions import Report
from tests.engine.house import House

HERE = Path(__file__).parents[1] / "diagrams/vendors"

TABLE: dict[str, tuple[str, list[str]]] = {
    # What Signavio calls conditions are labels; its lane has only the pool's name.
    "signavio.bpmn": ("deployed", []),
    "camunda7.bpmn": ("draft", ["late.timer", "invoice.role"]),
    "camunda8.bpmn": ("draft", ["order.role"]),
    "bpmn_io.bpmn": ("draft", ["Event_1.timer"]),
    "bizagi.bpmn": ("deployed_with_warnings", []),
    "adonis.bpmn": ("draft", ["lane_1.role"]),
    "aris.bpmn": ("deployed", []),
    "bonita.bpmn": ("draft", ["_bf.condition"]),
    "flowable.bpmn20.xml": ("draft", ["flowable_expense.role"]),
    "activiti.bpmn20.xml": ("draft", ["activiti_expense.role"]),
    "igrafx.bpmn": ("draft", ["process_1.role"]),
    "modelio.bpmn": ("deployed_with_warnings", []),
    "trisotech.bpmn": ("deployed", []),
    "visio.bpmn": ("draft", ["Visio_Process.role"]),
    "mid.bpmn": ("draft", ["m6.timer"]),
    "cardanit.bpmn": ("refused", ["processes_1.role"]),
    "jbpm.bpmn2": ("draft", ["org.acme.hiring.role"]),
    "enterprise_architect.bpmn": ("refused", ["EAID_1.role"]),
    "spiff_arena.bpmn": ("deployed_with_warnings", []),
    "yed.graphml": ("refused", []),
}

ANSWERS = {"role": "sales_rep", "timer": "P3D", "condition": 'granted = "yes"'}


def deploy(house: House, name: str, answers: Answers | None = None) -> Report:
    with house.engine.transaction(house.now) as tx:
        return versions.deploy(house.engine, tx, [HERE / name], answers=answers)


def asked(report: Report) -> list[str]:
    return [
        f"{one.element}.{one.ask.field}" for one in report.findings if one.severity == "question" and one.ask
    ]


def test_every_file_is_in_the_table() -> None:
    assert {file.name for file in HERE.iterdir() if file.suffix != ".py" and file.is_file()} == set(TABLE)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_drawing_goes_the_way_that_the_table_says(house: House, name: str) -> None:
    outcome, questions = TABLE[name]
    report = deploy(house, name)

    assert {one.outcome for one in report.processes} <= {outcome}
    assert report.exit_code == {"refused": 1, "draft": 3}.get(outcome, 0)
    assert sorted(asked(report)) == sorted(questions)
    for finding in report.findings:
        assert finding.message
        assert finding.remedy
        assert "<Element" not in finding.message


@pytest.mark.parametrize("name", sorted(name for name, (outcome, _) in TABLE.items() if outcome != "refused"))
def test_with_its_questions_answered_it_is_deployed_and_runs(house: House, name: str) -> None:
    answers: dict[str, dict[str, str]] = {}
    for question in TABLE[name][1]:
        element, _, field = question.rpartition(".")
        answers[element] = {field: ANSWERS[field]}
    report = deploy(house, name, answers)

    assert report.exit_code == 0, [one.message for one in report.findings if one.severity == "error"]
    kept = house.rows(Version)
    assert {version.xml for version in kept} == {(HERE / name).read_bytes()}
    for version in kept:
        house.look(lambda tx, id=version.id: house.engine.model(tx, id))  # type: ignore[misc]
    first = report.processes[0].process
    case = house.start(first, {"items": ["a"], "net": 1, "order_id": 1})
    assert case.status in ("open", "completed")


def test_both_ends_of_a_message_flow_speak_of_one_message(house: House) -> None:
    deploy(house, "trisotech.bpmn")
    case = house.start("_tq1")

    # The order begins a case of the other pool, and its end answers this one.
    assert house.view(case).status == "completed"
