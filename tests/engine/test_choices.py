"""A gateway without conditions: whoever does the task before it chooses the way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from engine import inbox, versions
from engine.errors import Invalid
from engine.inbox import TaskRow
from engine.runtime import CaseRef
from engine.tables import Version
from engine.versions import Report
from tests.engine.house import House
from tests.engine.test_versions import put

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="defs" targetNamespace="t">'
    '<collaboration id="c"><participant id="pool" name="Sales" processRef="ask"/></collaboration>'
    '<process id="ask">'
)


def drawing(body: str) -> str:
    """One process in a pool named after a role, drawn with labels only."""
    return f"{HEAD}{body}</process></definitions>"


def arrow(id: str, source: str, target: str, name: str = "") -> str:
    return f'<sequenceFlow id="{id}" name="{name}" sourceRef="{source}" targetRef="{target}"/>'


LABELS = drawing(
    '<startEvent id="s"/><task id="ring" name="Ring"/><exclusiveGateway id="G" name="Reached?"/>'
    '<task id="visit" name="Visit"/><task id="write" name="Write"/><endEvent id="e"/><endEvent id="e2"/>'
    + arrow("f1", "s", "ring")
    + arrow("f2", "ring", "G")
    + arrow("yes", "G", "visit", "Yes")
    + arrow("no", "G", "write", "No")
    + arrow("f3", "visit", "e")
    + arrow("f4", "write", "e2")
)
NESTED = drawing(
    '<startEvent id="s"/><task id="ring"/><exclusiveGateway id="G" name="Reached?"/>'
    '<exclusiveGateway id="H" name="When?"/><task id="now"/><task id="later"/><task id="never"/>'
    + arrow("f1", "s", "ring")
    + arrow("f2", "ring", "G")
    + arrow("yes", "G", "H", "Yes")
    + arrow("no", "G", "never", "No")
    + arrow("soon", "H", "now", "Now")
    + arrow("late", "H", "later", "Later")
)


def deploy(
    house: House, folder: Path, text: str, answers: Mapping[str, Mapping[str, str]] | None = None
) -> Report:
    put(folder, ask__bpmn=text)
    with house.engine.transaction(house.now) as tx:
        return versions.deploy(house.engine, tx, [folder], answers=answers)


def begin(house: House, folder: Path, text: str) -> CaseRef:
    report = deploy(house, folder, text)
    assert report.exit_code == 0, [finding.message for finding in report.findings]
    return house.start("ask")


def task(house: House, case: CaseRef, element: str) -> TaskRow:
    return house.look(lambda tx: inbox.get(tx, house.task(case, element)))


def asked(house: House, case: CaseRef, element: str) -> list[dict[str, object]]:
    row = task(house, case, element)
    return house.look(lambda tx: [choice.to_json() for choice in inbox.asked(house.engine, tx, row)])


def test_a_drawing_with_labels_only_runs_from_deploying_to_its_end(house: House, tmp_path: Path) -> None:
    case = begin(house, tmp_path, LABELS)
    assert asked(house, case, "ring") == [
        {
            "field": "choice_G",
            "gateway": "G",
            "options": [
                {"value": "yes", "label": "Yes", "to": "visit"},
                {"value": "no", "label": "No", "to": "write"},
            ],
        }
    ]
    assert task(house, case, "ring").role == "sales_rep"
    house.complete(case, "ring", {"choice_G": "no"})
    assert house.open(case) == ["write"]
    assert house.complete(case, "write").status == "completed"
    assert house.path(case) == ["s", "ring", "G", "write", "e2"]


def test_completing_without_the_choice_names_its_field(house: House, tmp_path: Path) -> None:
    case = begin(house, tmp_path, LABELS)
    for answers, code in (
        ({}, "required"),
        ({"choice_G": "f1"}, "choice"),
        ({"choice_G": ["yes"] * 2}, "choice"),
    ):
        with pytest.raises(Invalid) as refusal:
            house.complete(case, "ring", answers)
        fields = refusal.value.fields
        assert {key: problem.code for key, problem in fields.items()} == {"choice_G": code}  # type: ignore[attr-defined]
    assert house.open(case) == ["ring"]


def test_the_choice_is_shown_as_radio_buttons_with_the_form(house: House, tmp_path: Path) -> None:
    case = begin(house, tmp_path, LABELS)
    row = task(house, case, "ring")
    view = house.look(lambda tx: inbox.form(house.engine, tx, row))
    assert view is not None
    assert view.schema["components"] == [
        {
            "type": "radio",
            "key": "choice_G",
            "label": "Reached?",
            "values": [{"value": "yes", "label": "Yes"}, {"value": "no", "label": "No"}],
            "validate": {"required": True},
        }
    ]


def test_a_second_choice_is_asked_only_where_the_first_leads_to_it(house: House, tmp_path: Path) -> None:
    case = begin(house, tmp_path, NESTED)
    assert [one["field"] for one in asked(house, case, "ring")] == ["choice_G", "choice_H"]
    row = task(house, case, "ring")
    view = house.look(lambda tx: inbox.form(house.engine, tx, row))
    assert view is not None
    assert view.schema["components"][1]["conditional"] == {"hide": '=not(choice_G = "yes")'}
    with pytest.raises(Invalid) as refusal:
        house.complete(case, "ring", {"choice_G": "yes"})
    assert list(refusal.value.fields) == ["choice_H"]
    house.complete(case, "ring", {"choice_G": "no"})
    assert house.open(case) == ["never"]
    other = house.start("ask")
    house.complete(other, "ring", {"choice_G": "yes", "choice_H": "late"})
    assert house.open(other) == ["later"]


def test_without_a_task_before_it_the_gateway_is_a_task_of_its_own(house: House, tmp_path: Path) -> None:
    text = LABELS.replace('<task id="ring" name="Ring"/>', '<intermediateThrowEvent id="ring"/>')
    case = begin(house, tmp_path, text)
    row = task(house, case, "G")
    assert (row.name, row.role) == ("Reached?", "sales_rep")
    assert [one["field"] for one in asked(house, case, "G")] == ["choice_G"]
    house.complete(case, "G", {"choice_G": "yes"})
    assert house.open(case) == ["visit"]
    assert house.path(case) == ["s", "ring", "G"]


def test_of_an_inclusive_gateway_several_ways_may_be_chosen(house: House, tmp_path: Path) -> None:
    case = begin(house, tmp_path, LABELS.replace("exclusiveGateway", "inclusiveGateway"))
    assert asked(house, case, "ring")[0]["several"] is True
    house.complete(case, "ring", {"choice_G": ["yes", "no"]})
    assert house.open(case) == ["visit", "write"]


def test_each_of_several_tasks_before_a_gateway_asks(house: House, tmp_path: Path) -> None:
    text = LABELS.replace("</process>", arrow("again", "write", "G") + "</process>").replace(
        arrow("f4", "write", "e2"), ""
    )
    case = begin(house, tmp_path, text.replace('<endEvent id="e2"/>', ""))
    house.complete(case, "ring", {"choice_G": "no"})
    assert [one["field"] for one in asked(house, case, "write")] == ["choice_G"]
    house.complete(case, "write", {"choice_G": "no"})
    with pytest.raises(Invalid):
        house.complete(case, "write", {})
    assert house.complete(case, "write", {"choice_G": "yes"}).status == "open"
    assert house.open(case) == ["visit"]


def test_an_id_that_is_no_variable_is_a_field_all_the_same(house: House, tmp_path: Path) -> None:
    case = begin(house, tmp_path, LABELS.replace('"G"', '"sid-1-A"'))
    assert [one["field"] for one in asked(house, case, "ring")] == ["choice_sid-1-A"]
    house.complete(case, "ring", {"choice_sid-1-A": "yes"})
    assert house.open(case) == ["visit"]


def test_the_original_is_kept_and_what_is_run_beside_it(house: House, tmp_path: Path) -> None:
    begin(house, tmp_path, LABELS)
    with house.engine.transaction(house.now, write=False) as tx:
        version = tx.session.get(Version, 1)
        assert version is not None
        assert version.xml == LABELS.encode()
        assert version.normal is not None
        assert b'choice_G = "yes"' in version.normal
