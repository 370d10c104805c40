"""What is not as BPMN's schema has it is a warning at its element, in plain words, and never more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import pytest

from engine.diagrams import Recognised, against_schema, recognise
from engine.diagrams.schema import MOST
from engine.findings import Finding
from tests.diagrams.conftest import bpmn
from tests.diagrams.snippets import step

VENDORS = sorted((Path(__file__).parent / "vendors").iterdir())
TASK = '<task id="a" name="Call">{}</task>'


def held(body: str, said: Sequence[Finding] = ()) -> list[Finding]:
    made = recognise(bpmn(body), "offer.bpmn")
    assert isinstance(made, Recognised)
    return against_schema(made.root, "offer.bpmn", said)


@pytest.mark.parametrize(
    ("body", "element", "problem"),
    [
        ('<task id="a" startQuantity="some"/>', "a", "the value of its attribute “startQuantity” is of an"),
        ('<task id="a" color="red"/>', "a", "BPMN knows no attribute “color” there"),
        ('<task id="a b"/>', "a b", "its id “a b” is used twice, or has signs"),
        (TASK.format("<dataInputAssociation/>"), "a", "something that belongs into it is missing"),
        (TASK.format('<userTask id="b"/>'), "a", "it has no place there"),
        (
            '<intermediateThrowEvent id="a"><linkEventDefinition/></intermediateThrowEvent>',
            "a",
            "its attribute “name” is missing",
        ),
    ],
)
def test_each_difference_is_said_at_its_element(body: str, element: str, problem: str) -> None:
    [finding] = held(step(body))
    assert (finding.code, finding.severity) == ("schema", "warning")
    assert finding.element == element
    assert problem in finding.message
    assert finding.line


@pytest.mark.parametrize(
    "inside",
    [
        '<extensionElements><any xmlns="urn:editor" x="1"/></extensionElements>',
        "<incoming>s_a</incoming><documentation>later</documentation>",
        '<any xmlns="urn:editor"/>',
    ],
)
def test_extensions_and_the_order_of_children_are_nobodys_business(inside: str) -> None:
    assert held(step(TASK.format(inside))) == []


def test_the_picture_is_held_against_it_too_at_the_element_that_is_drawn() -> None:
    picture = (
        '<BPMNDiagram xmlns="http://www.omg.org/spec/BPMN/20100524/DI"><BPMNPlane bpmnElement="collab">'
        '<BPMNEdge bpmnElement="s_a"/></BPMNPlane></BPMNDiagram>'
    )
    data = bpmn(step(TASK.format(""))).replace(b"</definitions>", picture.encode() + b"</definitions>")
    made = recognise(data, "offer.bpmn")
    assert isinstance(made, Recognised)
    assert [one.element for one in against_schema(made.root, "offer.bpmn")] == ["s_a"]


def test_what_is_said_in_other_words_is_not_said_twice() -> None:
    body = step('<task id="a" startQuantity="some"/>')
    assert held(body, held(body)) == []


def test_a_file_gets_no_more_than_can_be_read() -> None:
    assert len(held(step("".join(f'<task id="a{n}" color="red"/>' for n in range(5000))))) == MOST


def test_the_vendors_files_are_quick_and_mostly_as_the_schema_has_them() -> None:
    made = [recognise(path.read_bytes(), path.name) for path in VENDORS]
    roots = [one.root for one in made if isinstance(one, Recognised)]
    against_schema(roots[0], "first")
    begin = perf_counter()
    found = [against_schema(root, "offer.bpmn") for root in roots]
    assert (perf_counter() - begin) / len(roots) < 0.05
    assert sum(map(bool, found)) < len(roots) / 3
