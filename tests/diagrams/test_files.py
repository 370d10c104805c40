"""What is said about a file as a whole: its processes, pools and lanes, and who calls whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.findings import Ask, Finding

Check = Callable[..., list[Finding]]

MODEL = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
)


def file(*parts: str) -> bytes:
    return f"<definitions {MODEL}>{''.join(parts)}</definitions>".encode()


def process(key: str, more: str = 'isExecutable="true"', step: str = "", start: str = "") -> str:
    """A process with a start event, one step and an end; its ids end in its key."""
    step = step or f'<intermediateThrowEvent id="a_{key}"/>'
    flows = (
        f'<sequenceFlow id="f_{key}" sourceRef="s_{key}" targetRef="a_{key}"/>'
        f'<sequenceFlow id="h_{key}" sourceRef="a_{key}" targetRef="e_{key}"/>'
    )
    return (
        f'<process id="{key}" {more}><startEvent id="s_{key}">{start}</startEvent>{step}'
        f'<endEvent id="e_{key}"/>{flows}</process>'
    )


def call(key: str, called: str) -> str:
    return f'<callActivity id="a_{key}" calledElement="{called}"/>'


def said(findings: list[Finding]) -> list[tuple[str, str, str | None]]:
    return [(finding.severity, finding.code, finding.element) for finding in findings]


@pytest.mark.parametrize("parts", [(), ('<process id="p"/>',), ('<collaboration id="c"/>',)])
def test_a_file_without_steps_has_nothing_to_run(checked: Check, parts: tuple[str, ...]) -> None:
    assert said(checked(file(*parts))) == [("error", "no_process", None)]


@pytest.mark.parametrize("more", ["", 'isExecutable="false"'])
def test_the_only_process_is_run_whether_marked_or_not(checked: Check, more: str) -> None:
    findings = checked(file('<process id="blackbox"/>', process("offer", more)))

    assert said(findings) == [("fixed", "process_chosen", "offer")]


def test_several_marked_processes_are_fine(checked: Check) -> None:
    assert checked(file(process("offer"), process("support"))) == []


def test_a_process_that_is_not_marked_beside_one_that_is_will_be_left_out(checked: Check) -> None:
    findings = checked(file(process("offer"), process("customer", "")))

    assert said(findings) == [("warning", "process_left_out", "customer")]


def test_several_processes_of_which_none_is_marked_are_all_run(checked: Check) -> None:
    findings = checked(file(process("offer", ""), process("customer", "")))

    assert said(findings) == [
        ("fixed", "process_unmarked", "offer"),
        ("fixed", "process_unmarked", "customer"),
    ]


def test_a_process_without_an_id_gets_one(checked: Check) -> None:
    findings = checked(file(process("offer").replace('<process id="offer"', "<process")))

    assert said(findings) == [("fixed", "process_id_made", "process")]


def test_two_processes_with_one_id_are_refused(checked: Check) -> None:
    findings = checked(file(process("offer"), process("offer").replace("_offer", "_2")))

    assert said(findings) == [("error", "id_twice", "offer")]


def test_an_arrow_between_two_pools_is_refused(checked: Check) -> None:
    stray = '<sequenceFlow id="stray" sourceRef="a_offer" targetRef="a_support"/>'
    drawn = '<sequenceFlow id="h_offer" sourceRef="a_offer" targetRef="e_offer"/>'
    offer = process("offer").replace(drawn, stray).replace('<endEvent id="e_offer"/>', "")

    findings = checked(file(offer, process("support")))

    assert said(findings) == [("error", "flow_across", "stray")]


def test_a_process_may_call_another_one_of_its_file(checked: Check) -> None:
    assert checked(file(process("offer", step=call("offer", "credit")), process("credit"))) == []


def test_processes_that_call_each_other_for_ever_are_refused(checked: Check) -> None:
    findings = checked(
        file(process("offer", step=call("offer", "credit")), process("credit", step=call("credit", "offer")))
    )

    assert said(findings) == [("error", "call_circle", "a_offer"), ("error", "call_circle", "a_credit")]
    assert "offer → credit → offer" in findings[0].message


def test_a_process_that_only_a_message_starts_cannot_be_called(checked: Check) -> None:
    credit = process("credit", start='<messageEventDefinition messageRef="m"/>')
    message = '<message id="m" name="credit.asked"/>'

    findings = checked(file(message, process("offer", step=call("offer", "credit")), credit))

    assert said(findings) == [("error", "call_without_start", "a_offer")]


@pytest.mark.parametrize("kind", ["userTask", "manualTask", "task"])
def test_work_for_a_person_needs_a_lane_that_is_a_role(checked: Check, kind: str) -> None:
    body = f'<startEvent id="s"/><{kind} id="a"/><endEvent id="e"/>~ s > a > e\n'

    assert said(checked(body, lane=None)) == [("question", "lane_missing", "offer")]
    unknown = checked(body, lane="Spaceship")
    assert said(unknown) == [("question", "lane_unknown", "pool")]
    assert unknown[0].remedy == (
        "Answer with a role, or add the lane’s name to a role in config.toml: Sales, Back office."
    )
    assert unknown[0].ask == Ask("role", "role", (("sales_rep", "Sales"), ("sales_office", "Back office")))


def test_a_lane_in_which_nobody_works_needs_no_role(checked: Check) -> None:
    body = '<startEvent id="s"/><serviceTask id="a" name="Send offer"/><endEvent id="e"/>~ s > a > e\n'

    assert checked(body, lane="The machine") == []


def test_a_chain_that_the_parser_could_not_follow_is_refused(checked: Check) -> None:
    def chain(length: int) -> str:
        steps = [f"n{number}" for number in range(length)]
        body = "".join(f'<intermediateThrowEvent id="{step}"/>' for step in steps)
        return f'<startEvent id="s"/>{body}<endEvent id="e"/>~ s > {" > ".join(steps)} > e\n'

    assert checked(chain(398)) == []
    findings = checked(chain(399))
    assert said(findings) == [("error", "chain_too_long", "e")]
    assert findings[0].params["count"] == 401


def test_an_error_is_caught_by_its_code(checked: Check) -> None:
    inner = (
        '<startEvent id="s2"/><endEvent id="e2"><errorEventDefinition errorRef="Bad"/></endEvent>~ s2 > e2\n'
    )
    body = (
        f'<startEvent id="s"/><subProcess id="a">{inner}</subProcess><endEvent id="e"/>~ s > a > e\n'
        '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition errorRef="Worse"/></boundaryEvent>~ b > e\n'
    )

    assert said(checked(body)) == [
        ("warning", "error_uncaught", "e2"),
        ("warning", "error_boundary_silent", "b"),
    ]
