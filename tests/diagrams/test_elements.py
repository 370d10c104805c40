"""What the editors write in their own ways is read into the same words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.diagrams.dialects import slug, statements
from engine.diagrams.elements import Drawing, Element, read
from engine.xml import parse

Draw = Callable[..., Drawing]

MODEL = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'


def extended(kind: str, more: str) -> str:
    return f'<{kind} id="a" name="Send offer"><extensionElements>{more}</extensionElements></{kind}>'


def only(drawing: Drawing) -> Element:
    return drawing.elements["a"]


def test_a_process_is_read_with_its_steps_arrows_and_lines(drawn: Draw) -> None:
    drawing = drawn(
        '\n<startEvent id="s"/>\n<exclusiveGateway id="g" default="g_e"/>\n<task id="t" name="Do\n it"/>\n'
        '<endEvent id="e"/>\n~ s > g > e\n~ g > t [score > 50]\n~ t > e\n'
    )

    assert (drawing.process, drawing.name, drawing.file) == ("offer", "Sales", "offer.bpmn")
    assert [(e.id, e.kind, e.name, e.line, e.scope) for e in drawing.elements.values()] == [
        ("s", "startEvent", "", 2, "offer"),
        ("g", "exclusiveGateway", "", 3, "offer"),
        ("t", "task", "Do it", 5, "offer"),
        ("e", "endEvent", "", 6, "offer"),
    ]
    assert [(f.id, f.source, f.target, f.condition, f.default) for f in drawing.flows.values()] == [
        ("s_g", "s", "g", None, False),
        ("g_e", "g", "e", None, True),
        ("g_t", "g", "t", "score > 50", False),
        ("t_e", "t", "e", None, False),
    ]


@pytest.mark.parametrize(
    ("element", "field", "value"),
    [
        ('<userTask id="a" camunda:formRef="compose"/>', "form", "compose"),
        ('<userTask id="a" camunda:formKey="camunda-forms:deployment:compose.form"/>', "form", "compose"),
        (extended("userTask", '<zeebe:formDefinition formId="compose"/>'), "form", "compose"),
        (extended("userTask", '<zeebe:formDefinition formKey="compose"/>'), "form", "compose"),
        ('<userTask id="a" camunda:dueDate="x"/>', "due", "x"),
        (extended("userTask", '<zeebe:taskSchedule dueDate="=x"/>'), "due", "=x"),
        ('<userTask id="a" camunda:priority="70"/>', "priority", "70"),
        (extended("userTask", '<zeebe:priorityDefinition priority="=70"/>'), "priority", "=70"),
        ('<userTask id="a" camunda:assignee="${owner}"/>', "assignee", "${owner}"),
        (extended("userTask", '<zeebe:assignmentDefinition assignee="=owner"/>'), "assignee", "=owner"),
        ('<serviceTask id="a" name="Send offer (PDF)"/>', "service", "send_offer_pdf"),
        ('<serviceTask id="a" name="Send offer" camunda:topic="mail"/>', "service", "mail"),
        (extended("serviceTask", '<zeebe:taskDefinition type="mail"/>'), "service", "mail"),
        ('<userTask id="a" name="Send offer"/>', "service", None),
        ('<businessRuleTask id="a" camunda:decisionRef="discount"/>', "decision", "discount"),
        (extended("businessRuleTask", '<zeebe:calledDecision decisionId="discount"/>'), "decision", "discount"),
        ('<businessRuleTask id="a" camunda:resultVariable="x"/>', "result", "x"),
        (extended("businessRuleTask", '<zeebe:calledDecision resultVariable="x"/>'), "result", "x"),
        ('<callActivity id="a" calledElement="tns:credit"/>', "called", "credit"),
        (extended("callActivity", '<zeebe:calledElement processId="credit"/>'), "called", "credit"),
        ('<receiveTask id="a" messageRef=" tns:Reply "/>', "message", "offer.reply"),
        ('<sendTask id="a" messageRef="Other"/>', "message", "offer.other"),
        (extended("scriptTask", '<zeebe:script expression="=1 + 1" resultVariable="x"/>'), "script", (("x", "=1 + 1"),)),
        ('<scriptTask id="a"><script>x = 1; y = "a;b"\n  what?</script></scriptTask>', "script",
         (("x", "1"), ("y", '"a;b"'), ("", "what?"))),
        (extended("userTask", '<camunda:properties><camunda:property name="stage" value="won"/></camunda:properties>'),
         "stage", "won"),
        (extended("userTask", '<zeebe:properties><zeebe:property name="stage" value="won"/></zeebe:properties>'),
         "stage", "won"),
        ('<userTask id="a"/>', "stage", "offer"),
        ('<userTask id="a"/>', "properties", {}),
    ],
)  # fmt: skip
def test_each_dialect_says_the_same(drawn: Draw, element: str, field: str, value: object) -> None:
    assert getattr(only(drawn(element)), field) == value


@pytest.mark.parametrize(
    ("tag", "kind"), [("timeDate", "date"), ("timeDuration", "duration"), ("timeCycle", "cycle")]
)
def test_a_timer_is_read_as_kind_and_text(drawn: Draw, tag: str, kind: str) -> None:
    timer = f"<timerEventDefinition><{tag}>\n  =x  </{tag}></timerEventDefinition>"
    element = only(drawn(f'<intermediateCatchEvent id="a">{timer}</intermediateCatchEvent>'))

    assert (element.event, element.timer) == ("timer", (kind, "=x"))


def test_a_message_brings_its_correlation_key(drawn: Draw) -> None:
    message = (
        '<message id="M" name="offer.answered"><extensionElements>'
        '<zeebe:subscription correlationKey="=offer_id"/></extensionElements></message>'
    )
    event = '<intermediateCatchEvent id="a"><messageEventDefinition messageRef="M"/></intermediateCatchEvent>'

    element = only(drawn(event, roots=message))

    assert (element.event, element.message, element.correlation) == ("message", "offer.answered", "=offer_id")


def test_a_boundary_event_knows_its_host_and_shares_its_lane(drawn: Draw) -> None:
    drawing = drawn(
        '<task id="t"/><boundaryEvent id="a" attachedToRef=" tns:t " cancelActivity="false">'
        '<errorEventDefinition errorRef="Bad"/></boundaryEvent>'
    )
    element = only(drawing)

    assert (element.attached_to, element.interrupting, element.lane) == ("t", False, "Sales")
    assert (element.event, element.code) == ("error", "BAD")
    assert drawing.elements["t"].interrupting


def test_a_stage_holds_for_all_that_lies_in_its_sub_process(drawn: Draw) -> None:
    def stage(name: str) -> str:
        property_ = f'<camunda:property name="stage" value="{name}"/>'
        return f"<extensionElements><camunda:properties>{property_}</camunda:properties></extensionElements>"

    drawing = drawn(
        f'<subProcess id="outer">{stage("sent")}<task id="x"/><subProcess id="inner"><task id="y"/>'
        f'<task id="z">{stage("talks")}</task></subProcess></subProcess><task id="w"/>'
    )

    assert {key: element.stage for key, element in drawing.elements.items()} == {
        "outer": "sent",
        "x": "sent",
        "inner": "sent",
        "y": "sent",
        "z": "talks",
        "w": "offer",
    }
    assert drawing.elements["y"].scope == "inner"


def test_the_innermost_lane_counts_and_blanks_around_references_do_not(drawn: Draw) -> None:
    drawing = drawn(
        '<laneSet><lane name="Firm"><flowNodeRef>b</flowNodeRef><childLaneSet>'
        '<lane name=" Back\n office "><flowNodeRef>\n  tns:a </flowNodeRef></lane>'
        "<lane><flowNodeRef>c</flowNodeRef></lane></childLaneSet></lane></laneSet>"
        '<task id="a"/><task id="b"/><subProcess id="c"><task id="d"/></subProcess><task id="e"/>'
    )

    found = {key: element.lane for key, element in drawing.elements.items()}
    assert found == {"a": "Back office", "b": "Firm", "c": "Firm", "d": "Firm", "e": None}
    assert drawing.lanes == ("Firm", "Back office")


def test_a_lane_without_a_name_has_the_pools_name_if_it_is_the_only_one(drawn: Draw) -> None:
    one = '<laneSet><lane><flowNodeRef>a</flowNodeRef></lane></laneSet><task id="a"/>'
    two = one.replace("<laneSet>", '<laneSet><lane name="Back office"/>')

    assert (only(drawn(one)).lane, drawn(one).lanes) == ("Sales", ("Sales",))
    assert (only(drawn(two)).lane, drawn(two).lanes) == (None, ("Back office",))


def test_a_pool_without_lanes_is_one_lane(drawn: Draw) -> None:
    assert (only(drawn('<task id="a"/>')).lane, drawn('<task id="a"/>').lanes) == ("Sales", ("Sales",))
    assert (only(drawn('<task id="a"/>', lane=None)).lane, drawn('<task id="a"/>', lane=None).lanes) == (
        None,
        (),
    )


def test_a_file_may_hold_several_processes_of_which_the_marked_ones_are_read() -> None:
    def keys(*marks: str) -> list[str]:
        drawn = "".join(
            f'<process id="p{n}" isExecutable="{mark}"><task id="t{n}"/></process>'
            for n, mark in enumerate(marks)
        )
        return [
            d.process for d in read(parse(f"<definitions {MODEL}>{drawn}</definitions>".encode(), "x"), "x")
        ]

    assert keys("true", "true") == ["p0", "p1"]
    assert keys("true", "false") == ["p0"]
    assert keys("false", "false") == ["p0", "p1"]
    assert keys("false") == ["p0"]


def test_prefixes_of_any_name_are_understood() -> None:
    file = b"""<?xml version="1.0" encoding="ISO-8859-1"?>
    <semantic:definitions xmlns:semantic="http://www.omg.org/spec/BPMN/20100524/MODEL">
    <semantic:process id="p"><semantic:task id="a" name="Qualit\xe0"/></semantic:process></semantic:definitions>"""

    drawing = read(parse(file, "x.bpmn"), "x.bpmn")[0]

    assert drawing.elements["a"].name == "Qualità"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Send offer", "send_offer"),
        ("  SC Normalizza l'età! ", "sc_normalizza_l_eta"),
        ("K01c – won", "k01c_won"),
        ("日本", ""),
    ],
)
def test_the_name_of_a_service_task_is_a_functions_name(name: str, expected: str) -> None:
    assert slug(name) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("", []),
        ("x = 1", ["x = 1"]),
        ("x = 1;\n\n y = 2 ;", ["x = 1", "y = 2"]),
        ("x = [1,\n 2]\ny = f(a;b)", ["x = [1,\n 2]", "y = f(a;b)"]),
        ('x = "a;\\";b"; y = \'c;d\'', ['x = "a;\\";b"', "y = 'c;d'"]),
        ("// a remark; really\nx = 1", ["x = 1"]),
    ],
)
def test_a_script_is_split_where_a_person_would_split_it(script: str, expected: list[str]) -> None:
    assert statements(script) == expected
