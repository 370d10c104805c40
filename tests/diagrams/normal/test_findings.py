"""Each thing that is put right, asked or left out of a drawing is named with its element, and nothing else is."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest

from engine.diagrams.sentences import SENTENCES, SEVERITIES
from engine.diagrams.sentences_normal import NORMAL
from engine.findings import Finding
from tests.diagrams.conftest import bpmn
from tests.diagrams.snippets import (
    END,
    ERROR,
    HANDLER,
    MANY,
    NO_SIGNAL,
    PLAIN,
    START,
    WHEN,
    around,
    asking,
    beside,
    calling,
    catching,
    choosing,
    ending,
    failing,
    linked,
    many,
    racing,
    repeating,
    scripted,
    starting,
    step,
    task,
    throwing,
    timed,
)

Check = Callable[..., list[Finding]]
Named = list[tuple[str, str | None]]

LABELLED = choosing(
    '<sequenceFlow id="g_a" name="Yes" sourceRef="g" targetRef="a"/>'
    '<sequenceFlow id="g_b" name="No" sourceRef="g" targetRef="b"/>',
    "",
)
ASKED = LABELLED.replace("~ s > g\n", '<task id="t"/>~ s > t > g\n')


def gateway(arrows: str, kind: str = "exclusiveGateway", more: str = "") -> str:
    """A task `t` before a gateway `g` with the given arrows to `a` and `b`."""
    return choosing(arrows, more, kind).replace("~ s > g\n", '<task id="t"/>~ s > t > g\n')


def pools(flow: str, body: str) -> bytes:
    """A pool beside the process's own, and a message flow."""
    more = f'<participant id="customer" name="Customer"/><messageFlow id="mf" {flow}/>'
    return bpmn(body).replace(b"</collaboration>", more.encode() + b"</collaboration>")


def extras(inner: str, tag: str = "userTask", more: str = "") -> str:
    return step(f'<{tag} id="a" {more}><extensionElements>{inner}</extensionElements></{tag}>')


def laned(body: str, *lanes: str) -> str:
    return f"<laneSet>{''.join(lanes)}</laneSet>{body}"


def spelled(text: str) -> bytes:
    """Names of Activiti and SpiffWorkflow."""
    more = b'xmlns:activiti="http://activiti.org/bpmn" xmlns:spiff="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    return bpmn(text).replace(b"<definitions ", b"<definitions " + more + b" ")


TWO = '<process id="second" name="Second"><startEvent id="z1"/><endEvent id="z2"/>'
BARE = '<sequenceFlow id="g_a" name="{}" sourceRef="g" targetRef="a"/>'

# What is said, in the order of the steps and of the sentences, and the drawing.
SAID: list[tuple[Named, str | bytes]] = [
    ([("id_made", "task_lost"), ("unreachable", "task_lost")],
     step('<task id="a"/><task name="lost"/>')),
    ([("id_changed", "Start")],
     '<startEvent id="Start"/><endEvent id="e"/>~ Start > e\n'),
    ([("id_changed", "End")],
     '<startEvent id="s"/><endEvent id="End"/>~ s > End\n'),
    ([("id_changed", "Root")],
     around(PLAIN.replace("e3", "Root"))),
    ([("id_changed", "x.EndJoin")],
     f'{START}<task id="x.EndJoin"/>{END}~ s > x.EndJoin > e\n'),
    ([("id_changed", "x [child]")],
     f'{START}<task id="x [child]"/>{END}'
     '<sequenceFlow id="f" sourceRef="s" targetRef="x [child]"/>'
     '<sequenceFlow id="h" sourceRef="x [child]" targetRef="e"/>'),
    ([("data_declared", "a")],
     step('<task id="a"><ioSpecification><dataInput id="in"/><inputSet/><outputSet/></ioSpecification></task>')),
    ([("data_documentation", "a")],
     step('<task id="a"><dataInputAssociation/></task>')),
    ([("event_reference_lost", "a"), ("event_handed_over", "a")],
     catching("<eventDefinitionRef>x</eventDefinitionRef>")),
    ([("nameless", "Nameless")],
     step('<sendTask id="a" messageRef="Nameless"/>')),
    ([("message_awaited_made", "a")],
     step('<receiveTask id="a"/>')),
    ([("message_awaited_made", "a")],
     catching("<messageEventDefinition/>")),
    ([("message_awaited_made", "s")],
     starting('<messageEventDefinition messageRef="gone"/>')),
    ([("signal_made", "a")],
     catching(NO_SIGNAL)),
    ([("signal_made", "e")],
     ending(NO_SIGNAL)),
    ([("event_handed_over", "a")],
     step('<intermediateCatchEvent id="a"/>')),
    ([("error_interrupts", "b")],
     around(failing(ERROR), ERROR, 'cancelActivity="false"')),
    ([("error_interrupts", "s2")],
     beside(ERROR, 'isInterrupting="false"')),
    ([("flow_moved", "s2_t")],
     around(PLAIN.replace("s2 > t", "t")) + "~ s2 > t\n"),
    ([("start_passed", "s")],
     f'{START}<exclusiveGateway id="g" default="g_e"/>{END}~ s > g > e\n~ g > s [x > 1]\n'),
    ([("end_passed", "e")],
     step('<task id="a"/><endEvent id="e2"/>~ e > e2\n')),
    ([("several_ways_out", "a")],
     step('<task id="a"/><endEvent id="e2"/>~ a > e2\n')),
    ([("several_ways_out", "s")],
     step('<task id="a"/>', "~ s > e\n")),
    ([("unreachable", "lost"), ("unreachable_flow", "lost_e")],
     step('<task id="a"/><task id="lost"/>~ lost > e\n')),
    ([("start_made", "offer")],
     f'<task id="a"/>{END}~ a > e\n'),
    ([("start_made", "a")],
     around('<task id="t"/><endEvent id="e3"/>~ t > e3\n')),
    ([("start_made_of", "a")],
     step('<receiveTask id="a" instantiate="true" messageRef="Reply"/>')),
    ([("start_by_hand", "s")],
     starting(WHEN)),
    ([("starts_chosen", "s"), ("starts_chosen", "s2"), ("choice_task", "offer")],
     step('<task id="a"/><startEvent id="s2"/>~ s2 > a\n')),
    ([("starts_chosen", "s2"), ("starts_chosen", "s3"), ("choice_task", "a")],
     around(PLAIN + '<startEvent id="s3"/>~ s3 > t\n')),
    ([("sub_process_waits", "s2")],
     around(HANDLER)),
    ([("sub_process_task", "a")],
     around("")),
    ([("end_made", "g")],
     f'{START}<exclusiveGateway id="g"/>~ s > g\n'),
    ([("end_made", "t")],
     around('<startEvent id="s2"/><task id="t"/>~ s2 > t\n')),
    ([("end_made", "a")],
     f'{START}<task id="a"/>~ s > a\n'),
    ([("default_wrong", "g")],
     choosing("~ g > a [x]\n~ g > b [x > 1]\n", 'default="a_e"')),
    ([("default_chosen", "g")],
     choosing("~ g > a [x > 1]\n~ g > b\n", "")),
    ([("default_chosen", "g")],
     choosing("~ g > a [x > 1]\n~ g > b\n", "", "inclusiveGateway")),
    ([("condition_ignored", "a_e")],
     f'{START}<task id="a"/>{END}~ s > a\n~ a > e [x > 1]\n'),
    ([("condition_ignored", "g_a")],
     choosing("~ g > a [x > 1]\n~ g > b\n", "", "parallelGateway")),
    ([("condition_label", "g_b"), ("choice_task", "g")],
     asking("nein", name="nein")),
    ([("condition_unreadable", "g_b")],
     asking("x > 1", 'language="groovy"')),
    ([("condition_unreadable", "a")],
     catching(WHEN.replace("x<", "x &gt;<"))),
    ([("condition_unreadable", "g_b")],
     asking("x &gt;")),
    ([("condition_unreadable", "g_b")],
     asking("risk(x)")),
    ([("condition_absent", "a")],
     catching("<conditionalEventDefinition/>")),
    ([("timer_missing", "a")],
     timed("")),
    ([("timer_missing", "a")],
     timed("<timeDuration> </timeDuration>")),
    ([("timer_words", "a")],
     timed("<timeDuration>3 giorni</timeDuration>")),
    ([("timer_form", "a")],
     timed("<timeDuration>P2D5</timeDuration>")),
    ([("timer_form", "a")],
     timed("<timeDuration>p2d</timeDuration>")),
    ([("timer_form", "a")],
     timed("<timeDuration>-P2D</timeDuration>")),
    ([("timer_form", "a")],
     timed("<timeDuration>P0.5M</timeDuration>")),
    ([("timer_form", "a")],
     timed("<timeDate>2026-13-01</timeDate>")),
    ([("timer_words", "a")],
     timed('<timeDuration>"tomorrow"</timeDuration>')),
    ([("timer_form", "b")],
     repeating("R3/nothing/PT1H")),
    ([("timer_form", "b")],
     repeating("R/PT0S")),
    ([("timer_cron", "b")],
     repeating("0 0/5 * * * ?")),
    ([("timer_spelling", "a")],
     timed("<timeDate>P2D</timeDate>")),
    ([("timer_spelling", "a")],
     timed("<timeDuration>2026-12-01</timeDuration>")),
    ([("timer_spelling", "a")],
     timed('<timeDuration>"PT1H"</timeDuration>')),
    ([("timer_cycle_place", "a")],
     timed("<timeCycle>R3/PT1H</timeCycle>")),
    ([("timer_cycle_place", "b")],
     repeating("R/PT1H", "")),
    ([("loop_marker", "a")],
     step('<task id="a"><standardLoopCharacteristics/></task>')),
    ([("multi_instance", "a")],
     many("")),
    ([("multi_instance", "t")],
     around(PLAIN.replace('<task id="t"/>', f'<task id="t">{MANY}</task>'))),
    ([("multi_instance_unreadable", "a")],
     many("", 'camunda:collection="the list ("')),
    ([("multi_instance_both", "a")],
     many("<loopCardinality>3</loopCardinality>", 'camunda:collection="list"')),
    ([("service_handed_over", "a")],
     step('<serviceTask id="a"/>')),
    ([("service_handed_over", "a")],
     step('<serviceTask id="a" name="Send parcel"/>')),
    ([("rule_handed_over", "a")],
     step('<businessRuleTask id="a"/>')),
    ([("rule_handed_over", "a")],
     step('<businessRuleTask id="a" camunda:decisionRef="gone"/>')),
    ([("script_handed_over", "a")],
     step('<scriptTask id="a"/>')),
    ([("script_handed_over", "a")],
     scripted("x = 1", 'scriptFormat="groovy"')),
    ([("script_handed_over", "a")],
     scripted("print(x)")),
    ([("script_handed_over", "a")],
     scripted("lead.score = 5")),
    ([("script_handed_over", "a")],
     scripted("total = (net")),
    ([("call_handed_over", "a")],
     step('<callActivity id="a"/>')),
    ([("call_handed_over", "a")],
     step('<callActivity id="a" calledElement="gone"/>')),
    ([("due_literal", "a")],
     task('camunda:dueDate="P2D"')),
    ([("due_dropped", "a")],
     task('camunda:dueDate="due(&quot;follow_up&quot;"')),
    ([("priority_dropped", "a")],
     task('camunda:priority="50 +"')),
    ([("form_unknown", "a")],
     task('camunda:formRef="gone"')),
    ([("flow_id_made", "flow_s_a")],
     f'{START}<task id="a"/>{END}~ a > e\n<sequenceFlow sourceRef="s" targetRef="a"/>'),
    ([("id_repeated", "s_a_2")],
     f'{START}<task id="a"/>{END}~ s > a > e\n'.replace('id="a_e"', 'id="s_a"').replace("~ a > e\n", "")
     .replace("~ s > a > e\n", "~ s > a\n") + '<sequenceFlow id="s_a" sourceRef="a" targetRef="e"/>'),
    ([("name_long", "a")], step(f'<task id="a" name="{"long " * 60}"/>')),
    ([("references_cleaned", None)], step('<task id="a"/>').replace("~ s > a > e\n",
     '<sequenceFlow id="f1" sourceRef=" s " targetRef="tns:a"/>~ a > e\n')),
    ([("flow_end_found", "f1")],
     f'{START}<task id="a"><incoming>f1</incoming></task>{END}<sequenceFlow id="f1" sourceRef="s"/>~ a > e\n'),
    ([("spelling_flowable", None)], spelled(task('activiti:priority="5"'))),
    ([("decision_spiff", "a")], spelled(extras("<spiff:calledDecisionId>discount</spiff:calledDecisionId>",
     "businessRuleTask"))),
    ([("process_id_made", "offer_two")],
     bpmn(step('<task id="a"/>'), lane=None).replace(b'<process id="offer"', b'<process name="Offer two"')
     .replace(b'<task id="a"/>', b'<serviceTask id="a" name="Send offer"/>')),
    ([("process_chosen", "offer")], bpmn(step('<task id="a"/>')).replace(b'isExecutable="true"', b"")),
    ([("process_unmarked", "offer"), ("process_unmarked", "second")],
     bpmn(step('<task id="a"/>')).replace(b'isExecutable="true"', b"").replace(b"</definitions>",
     TWO.encode() + b'<sequenceFlow id="z" sourceRef="z1" targetRef="z2"/></process></definitions>')),
    ([("flow_stray", "z")],
     bpmn(step('<task id="a"/>')).replace(b"</definitions>",
     b'<process id="empty"><sequenceFlow id="z"/></process></definitions>')),
    ([],
     bpmn(f'{START}{END}~ s > e\n').replace(b"</definitions>", b'<process id="empty"/></definitions>')),
    ([("event_reference", "a")], catching("<eventDefinitionRef>Kept</eventDefinitionRef>")),
    ([("codeless", "Codeless"), ("error_uncaught", "e")], ending('<errorEventDefinition errorRef="Codeless"/>')),
    ([("message_sent_made", "a")], throwing("<messageEventDefinition/>")),
    ([("message_from_flow", "a")],
     pools('name="Order" sourceRef="customer" targetRef="a"', step('<receiveTask id="a"/>'))),
    ([("message_flow_idle", "a")],
     pools('name="Order" sourceRef="customer" targetRef="a"', step('<userTask id="a"/>'))),
    ([("message_flow_differs", "mf")], pools('sourceRef="a" targetRef="b"',
     f'{START}<sendTask id="a" messageRef="Reply"/><receiveTask id="b" messageRef="Other"/>{END}~ s > a > b > e\n')),
    ([("link_named", "a")], linked(throw=" x\n")),
    ([("link_named", "a"), ("link_named", "l")], linked("one", "two").replace('id="a"', 'id="a" name="On"')),
    ([("gateway_without_events", "g"), ("choice_task", "g")],
     racing('<task id="b1"/>', '<task id="b2"/>')),
    ([("several_ways_conditional", "a")],
     step('<task id="a"/><endEvent id="e2"/>~ a > e2 [x > 1]\n')),
    ([("several_ways_asked", "a"), ("choice_made", "a")],
     f'{START}<task id="a"/>{END}<endEvent id="e2"/>~ s > a\n'
     '<sequenceFlow id="f1" name="Yes" sourceRef="a" targetRef="e"/>'
     '<sequenceFlow id="f2" name="No" sourceRef="a" targetRef="e2"/>'),
    ([("start_alone", "s")], f'{START}<task id="a"/>{END}~ a > e\n'),
    ([("choice_made", "g")], ASKED),
    ([("choice_task", "g")], LABELLED),
    ([("complex_gateway_choice", "g"), ("choice_made", "g")],
     gateway("~ g > a\n~ g > b\n", "complexGateway")),
    ([("condition_missing", "g_b")],
     gateway('~ g > a\n~ g > b\n<task id="c"/>~ c > e\n~ g > c [x > 1]\n', more='default="g_a"')),
    ([("loop_unreadable", "a")], step('<task id="a"><standardLoopCharacteristics><loopCondition>x &gt;'
     "</loopCondition></standardLoopCharacteristics></task>")),
    ([("mapping_dropped", "a")], calling('<camunda:in source="x" target="the x"/>')),
    ([("mapping_unreadable", "a")], extras('<camunda:inputOutput><camunda:inputParameter name="x">${y +}'
     "</camunda:inputParameter></camunda:inputOutput>")),
    ([("quantity_ignored", "a")], step('<task id="a" startQuantity="2" completionQuantity="1"/>')),
    ([("behavior_ignored", "a")], many("<loopCardinality>3</loopCardinality>", 'behavior="One"')),
    ([("mapping_unreadable", "a")], calling('<camunda:out sourceExpression="${x &gt;}" target="y"/>')),
    ([("lane_named", "l1")], laned(step('<task id="a"/>'),
     '<lane id="l1"><flowNodeRef>a</flowNodeRef></lane>')),
    ([("lane_unknown", "l1")], laned(step('<task id="a"/>'),
     '<lane id="l1" name="Moon"><flowNodeRef>a</flowNodeRef></lane>')),
    ([("lane_unknown", "pool")], bpmn(step('<task id="a"/>'), lane="Moon")),
    ([("lane_missing", "offer")], bpmn(step('<task id="a"/>'), lane=None)),
    ([("role_from_group", "a")], bpmn(task('camunda:candidateGroups="Back office"'), lane="Moon")),
    ([("role_from_group", "a")], bpmn(step('<userTask id="a"><potentialOwner><resourceAssignmentExpression>'
     "<formalExpression>group(Sales)</formalExpression></resourceAssignmentExpression></potentialOwner></userTask>"),
     lane="Moon")),
    ([("group_ignored", "a")], task('camunda:candidateGroups="demo"')),
    ([("assignee_dropped", "a")], task('camunda:assignee="${anna +}"')),
    ([("form_from_data", "a")], extras('<camunda:formData><camunda:formField id="amount" type="long"/>'
     "</camunda:formData>")),
    ([("extension_ignored", "a")], extras('<camunda:executionListener event="start"/>')),
]  # fmt: skip


@pytest.mark.parametrize(("said", "drawing"), SAID)
def test_what_was_made_explicit_is_named_by_element_and_reason(
    checked: Check, said: Named, drawing: str | bytes
) -> None:
    findings = checked(drawing)

    assert [(finding.code, finding.element) for finding in findings] == said
    for finding in findings:
        assert finding.severity == SEVERITIES.get(finding.code, "error")
        wanted = {
            name for text in SENTENCES[finding.code] for _, name, _, _ in string.Formatter().parse(text)
        }
        assert wanted - {None} <= finding.params.keys()
        assert finding.message
        assert finding.remedy
        assert finding.file == "offer.bpmn"
        assert finding.line or finding.element is None
        assert (finding.severity == "question") == (finding.ask is not None)


def test_every_sentence_is_tried() -> None:
    elsewhere = {"answered", "answer_wrong", "answer_unknown", "lost"}

    assert {code for said, _ in SAID for code, _ in said if code in NORMAL} | elsewhere == set(NORMAL)
