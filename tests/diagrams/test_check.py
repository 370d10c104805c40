"""Each thing that a drawing can get wrong is named with its element, and nothing else is named with it."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest

from engine.diagrams.sentences import SENTENCES, SEVERITIES
from engine.diagrams.sentences_files import FILES
from engine.diagrams.sentences_normal import NORMAL
from engine.diagrams.sentences_style import STYLE
from engine.findings import Finding
from tests.diagrams.snippets import (
    CANCEL,
    DURATION,
    END,
    ERROR,
    ESCALATION,
    MARKED,
    MESSAGE,
    OWN_WAY,
    PLAIN,
    SHARED,
    SIGNAL,
    START,
    UNDO,
    WHEN,
    around,
    asking,
    beside,
    bordered,
    bound,
    calling,
    catching,
    choosing,
    ending,
    event,
    failing,
    line,
    linked,
    many,
    on_border,
    racing,
    repeating,
    scripted,
    sending,
    starting,
    step,
    task,
    throwing,
    timed,
    transacted,
    undoes,
    undoing,
    undone,
)

Check = Callable[..., list[Finding]]

# Reason, element that is named, drawing. In the order of the sentences.
REFUSALS: list[tuple[str, str | None, str]] = [
    ("tag_unknown", "x", step('<task id="a"/><callChoreography id="x"/>')),
    ("too_long", "i" * 200, step(f'<task id="{"i" * 201}"/>').replace("> a >", f"> {'i' * 201} >")),
    ("id_twice", "a", step('<task id="a"/><task id="a"/>')),
    ("complex_gateway", "a", step('<complexGateway id="a"/>')),
    ("ad_hoc", "a", step('<adHocSubProcess id="a"><task id="t"/></adHocSubProcess>')),
    ("handler_missing", "b", undone("", "")),
    ("handler_missing", "b", undone("", line(target="n"), '<textAnnotation id="n"/>')),
    ("handler_unmarked", "h", f'{START}<task id="a"/>{on_border()}<task id="h"/>{line()}{END}~ s > a > h > e\n'),
    ("handler_elsewhere", "h", undone("", more=around(PLAIN + MARKED).replace(START, "").replace(END, "")
     .replace('"a"', '"w"').replace("~ s > a > e\n", "")).replace("~ s > a > e\n", "~ s > a > w > e\n")),
    ("handler_arrow", "h", undone(more='<endEvent id="e2"/>~ h > e2\n')),
    ("handler_alone", "h", step('<task id="a"/>', MARKED)),
    ("handler_border", "c", undone(more='<endEvent id="e2"/>~ c > e2\n<boundaryEvent id="c" attachedToRef="h">'
     f"{DURATION}</boundaryEvent>")),
    ("handler_border", "c", undone(more=on_border("h", "c") + '<task id="h2" isForCompensation="true"/>'
     + line("c", "h2"))),
    ("handler_triggered", "x", beside(MESSAGE).replace("triggered", 'isForCompensation="true" triggered')),
    ("compensation_arrow", "b", undone(more='<endEvent id="e2"/>~ b > e2\n')),
    ("compensation_twice", "c", undone(more=on_border(id="c") + line("c"))),
    ("compensation_twice", "x", undone(host=f'<subProcess id="a">{PLAIN}{OWN_WAY}</subProcess>')),
    ("compensation_sub_place", "x", beside(MESSAGE).replace("~ s2", f"{OWN_WAY.replace('x', 'y')}~ s2")
     .replace('"x"', '"z"').replace('"y"', '"x"')),
    ("compensation_ref_unknown", "c", undoing(definition=undoes("gone"))),
    ("compensation_ref_unknown", "c", undoing(definition=undoes("e"))),
    ("compensation_ref_elsewhere", "c", undoing(definition=undoes("t")).replace(
        "~ s > a", f'<subProcess id="w">{PLAIN}</subProcess>~ s > w > a')),
    ("compensation_ref_idle", "c", undoing(definition=undoes("w")).replace(
        "~ s > a", f'<subProcess id="w">{PLAIN}</subProcess>~ s > w > a')),
    ("compensation_idle", "a", throwing(UNDO)),
    ("compensation_idle", "e", ending(UNDO)),
    ("compensation_idle", "e3", undone(host=f'<subProcess id="a">{failing(UNDO)}</subProcess>')),
    ("cancel_place", "e", ending(CANCEL)),
    ("cancel_place", "e3", transacted(f'<startEvent id="s9"/><subProcess id="i">{failing(CANCEL)}</subProcess>'
     '<endEvent id="e9"/>~ s9 > i > e9\n', "")),
    ("cancel_uncaught", "e3", transacted(border="")),
    ("cancel_boundary_place", "b", around(PLAIN, CANCEL)),
    ("cancel_boundary_silent", "b", transacted(PLAIN)),
    ("cancel_boundary_twice", "c", transacted() + f'<boundaryEvent id="c" attachedToRef="a">{CANCEL}'
     '</boundaryEvent><endEvent id="e4"/>~ c > e4\n'),
    ("cancel_not_interrupting", "b", transacted(event='cancelActivity="false"')),
    ("transaction_loop", "a", transacted(
        failing(CANCEL) + '<standardLoopCharacteristics loopMaximum="2"/>')),
    ("transaction_method", "a", transacted(more='method="##Store"')),
    ("several_event_kinds", "a", catching(MESSAGE + DURATION)),
    ("flow_dangling", "a_x", f'{START}<task id="a"/>~ s > a > x\n'),
    ("flow_dangling", "f", step('<task id="a"/><sequenceFlow id="f" targetRef="a"/>')),
    ("flow_across", "t_e", around('<startEvent id="s2"/><task id="t"/><endEvent id="e3"/>'
     '<exclusiveGateway id="g" default="g_t"/>~ s2 > g > t\n~ g > e3 [x > 1]\n') + "~ t > e\n"),
    ("default_conditional", "g_a", choosing("~ g > a [x]\n~ g > b [x > 1]\n")),
    ("starts_same_message", "s2",
     starting(MESSAGE) + f'<startEvent id="s2">{MESSAGE}</startEvent>~ s2 > e\n'),
    ("start_kind", "s", starting("<errorEventDefinition/>")),
    ("start_timer_variable", "s", starting(DURATION.replace("P2D", "=lead.pause"))),
    ("event_impossible", "e", ending(DURATION)),
    ("event_impossible", "a", throwing(DURATION)),
    ("event_kind_missing", "b", bordered("")),
    ("message_computed", "a", step('<sendTask id="a" messageRef="Computed"/>')),
    ("boundary_unattached", "b", bordered(DURATION, on="gone")),
    ("boundary_unattached", "b", bordered(DURATION, on="e")),
    ("boundary_instant", "b", bordered(DURATION, host='<serviceTask id="a" name="Send offer"/>')),
    ("error_boundary_place", "b", bordered(ERROR)),
    ("error_boundary_silent", "b", around(PLAIN, ERROR)),
    ("escalation_boundary_place", "b", bordered(ESCALATION)),
    ("escalation_boundary_silent", "b", around(PLAIN, ESCALATION)),
    ("escalation_uncaught", "e", ending(ESCALATION)),
    ("escalation_uncaught", "a", throwing(ESCALATION)),
    ("link_twice", "l2", linked() + '<intermediateCatchEvent id="l2"><linkEventDefinition name="x"/>'
     '</intermediateCatchEvent>~ l2 > e\n'),
    ("link_alone", "l", linked().replace('<linkEventDefinition name="x"/></intermediateThrow', "</intermediateThrow")
     .replace("~ s > a\n", "~ s > a > e\n")),
    ("event_sub_process_start", "s2", beside("")),
    ("event_sub_process_arrow", "x", beside(MESSAGE, arrows="~ x > e\n")),
    ("start_reached", "x", beside(MESSAGE, arrows="").replace("~ s > a > e\n", "~ s > a > x\n").replace(END, "")),
    ("error_uncaught", "e", ending(ERROR)),
    ("error_uncaught", "e3", around(failing(ERROR))),
    ("gateway_waits_for_nothing", "g", racing(event(1, DURATION), '<userTask id="b2"/>')),
    ("gateway_same_message", "g", racing(event(1, MESSAGE), event(2, MESSAGE))),
    ("gateway_event_shared", "g", racing(event(1, MESSAGE), event(2, DURATION)).replace("~ s > g\n", SHARED)),
    ("result_name", "a",
     step('<businessRuleTask id="a" camunda:decisionRef="discount" camunda:resultVariable="the score"/>')),
    ("expression", "a", step('<callActivity id="a" calledElement="${next +}"/>')),
    ("call_binding", "a", bound("newest")),
    ("call_version_missing", "a", bound("version")),
    ("expression", "a", bound("version", 'camunda:calledElementVersion="${n +}"')),
    ("call_version_tag", "a", bound("versionTag")),
    ("call_version_tag", "a", calling('<zeebe:calledElement processId="reached" bindingType="versionTag"/>')),
    ("call_circle", "a", step('<callActivity id="a" calledElement="offer"/>')),
    ("call_circle", "a", step('<callActivity id="a" calledElement="handover"/>')),
    ("multi_instance_item", "a", many("<loopCardinality>3</loopCardinality>", 'camunda:elementVariable="x"')),
    ("loop_place", "x", beside(MESSAGE).replace(
        'triggeredByEvent="true">', 'triggeredByEvent="true"><standardLoopCharacteristics loopMaximum="2"/>')),
    ("variable_name", "a", many("", 'camunda:collection="list" camunda:elementVariable="the entry"')),
    ("variable_name", "a", calling('<camunda:in source="x"/>')),
    ("payload_all", "a", sending('<camunda:in variables="all"/>')),
    ("payload_parameter", "a", sending(
        '<camunda:inputOutput><camunda:inputParameter name="x"><camunda:list/></camunda:inputParameter>'
        "</camunda:inputOutput>")),
    ("payload_parameter", "a", sending('<zeebe:ioMapping><zeebe:input target="x"/></zeebe:ioMapping>')),
    ("expression", "a", many("<completionCondition>x &gt;</completionCondition>", 'camunda:collection="list"')),
    ("parameter_unknown", "a", task('camunda:dueDate="due(&quot;gone&quot;)"')),
    ("parameter_unknown", "a", timed('<timeDate>due("gone")</timeDate>')),
    ("end_goes_on", "e", ending("<terminateEventDefinition/>") + '<endEvent id="e2"/>~ e > e2\n'),
    ("link_missing", "a", throwing("<linkEventDefinition/>").replace("~ s > a > e", "~ s > a").replace(END, "")),
    ("function_unknown", "a", task('camunda:priority="risk(x)"')),
    ("instantiating", "g", racing(event(1, MESSAGE), event(2, DURATION)).replace("Gateway ", 'Gateway instantiate="true" ')),
    ("sub_process_start", "x", beside(MESSAGE).replace('<endEvent id="e2"/>', f'<startEvent id="s3">{SIGNAL}</startEvent>'
     '<endEvent id="e2"/>~ s3 > e2\n')),
    ("sub_process_empty", "x", step('<userTask id="a"/>', '<subProcess id="x" triggeredByEvent="true"/>')),
    ("start_kind", "s", starting("<errorEventDefinition/>")),
    ("sub_process_start_kind", "s2", around(f'<startEvent id="s2">{ERROR}</startEvent><endEvent id="e2"/>~ s2 > e2\n')),
]  # fmt: skip


@pytest.mark.parametrize(("code", "element", "body"), REFUSALS)
def test_a_wrong_drawing_is_named_by_element_and_reason(
    checked: Check, code: str, element: str | None, body: str
) -> None:
    findings = checked(body)

    assert [(finding.code, finding.element) for finding in findings] == [(code, element)]
    assert findings[0].severity == SEVERITIES.get(code, "error")


ACCEPTED: list[str] = [
    step('<task id="a"/>'),
    starting(MESSAGE),
    starting(MESSAGE) + '<startEvent id="s2"/>~ s2 > e\n',
    ending(MESSAGE),
    ending("<terminateEventDefinition/>"),
    throwing(""),
    throwing(MESSAGE),
    catching(MESSAGE),
    step('<receiveTask id="a" messageRef="tns:Reply"/>'),
    step('<sendTask id="a" messageRef=" Reply "/>'),
    timed("<timeDuration>P1M2DT4H</timeDuration>"),
    timed("<timeDuration>PT0S</timeDuration>"),
    timed("<timeDate>2026-07-01</timeDate>"),
    timed("<timeDate>2026-07-01T09:00:00+02:00</timeDate>"),
    timed('<timeDate>due("follow_up")</timeDate>'),
    timed("<timeDate>=valid_until</timeDate>"),
    timed("<timeDate>due(kind)</timeDate>"),
    timed('<timeDate>due("follow_" + kind)</timeDate>'),
    timed("<timeDuration>${pause}</timeDuration>"),
    repeating("R3/PT1H"),
    repeating("R/P1D"),
    repeating("R2/2026-07-01T09:00:00Z/PT1H"),
    bordered(DURATION),
    bordered(DURATION, 'cancelActivity="false"'),
    bordered(MESSAGE),
    around(PLAIN, DURATION),
    around(failing(ERROR), ERROR),
    around(failing(ERROR), "<errorEventDefinition/>"),
    around(f'<startEvent id="s9"/><subProcess id="i">{failing(ERROR)}</subProcess>~ s9 > i > e9\n'
           '<endEvent id="e9"/>', ERROR),
    racing(event(1, DURATION), event(2, MESSAGE)),
    racing(event(1, DURATION), event(2, DURATION), event(3, SIGNAL), event(4, WHEN)),
    racing(event(1, DURATION), '<receiveTask id="b2" messageRef="Reply"/>'),
    bordered(MESSAGE, 'cancelActivity="false"'),
    bordered(SIGNAL),
    bordered(WHEN, 'cancelActivity="false"'),
    bordered(ERROR, host='<serviceTask id="a" name="Send offer"/>'),
    around(failing(ESCALATION), ESCALATION),
    around(failing(ESCALATION), ESCALATION, 'cancelActivity="false"'),
    sending('<zeebe:ioMapping><zeebe:input source="=x.y" target="y"/></zeebe:ioMapping>'),
    sending('<camunda:inputOutput><camunda:inputParameter name="x">${y}</camunda:inputParameter>'
            '<camunda:inputParameter name="z">say "hello"</camunda:inputParameter></camunda:inputOutput>'),
    starting(SIGNAL),
    catching(SIGNAL),
    throwing(SIGNAL),
    ending(SIGNAL),
    catching(WHEN),
    linked(),
    many("", 'isSequential="true" camunda:collection="${list}" camunda:elementVariable="x"'),
    many("<loopCardinality>count(list)</loopCardinality><completionCondition>x</completionCondition>"),
    many('<loopDataInputRef>list</loopDataInputRef><inputDataItem name="x"/>'),
    many('<extensionElements><zeebe:loopCharacteristics inputCollection="=list" inputElement="x"'
         ' outputCollection="results" outputElement="=x.name"/></extensionElements>'),
    step('<task id="a"><standardLoopCharacteristics><loopCondition>x</loopCondition>'
         '</standardLoopCharacteristics></task>'),
    step('<task id="a"><standardLoopCharacteristics loopMaximum="3"/></task>'),
    calling('<camunda:in businessKey="#{key}"/><camunda:in variables="all"/><camunda:out source="a" target="b"/>'),
    calling('<zeebe:ioMapping><zeebe:input source="=1 + 2" target="x"/><zeebe:output source="=y" target="z"/>'
            '</zeebe:ioMapping>'),
    beside(MESSAGE),
    beside(SIGNAL, 'isInterrupting="false"'),
    beside(DURATION),
    beside(WHEN),
    beside(ERROR),
    beside("<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition>", 'isInterrupting="false"'),
    around(f'{failing(ERROR)}<subProcess id="x" triggeredByEvent="true"><startEvent id="s9">{ERROR}</startEvent>'
           '<endEvent id="e9"/>~ s9 > e9\n</subProcess>'),
    choosing("~ g > a\n~ g > b [x > 1]\n"),
    choosing("~ g > a\n~ g > b\n", "", "parallelGateway"),
    choosing("~ g > a\n~ g > b [x > 1]\n", kind="inclusiveGateway"),
    step('<exclusiveGateway id="a"/>'),
    bound("latest"), bound("deployment"), bound("version", 'camunda:calledElementVersion="3"'),
    bound("version", 'camunda:calledElementVersion="${n}"'),
    calling('<zeebe:calledElement processId="reached" bindingType="deployment"/>'),
    step('<callActivity id="a" calledElement="${next}"/>'), calling('<zeebe:calledElement processId="= next"/>'),
    undone(), undone(lines=line("h", "b")), undoing(), undoing(definition=undoes("a")),
    undone(lines=line() + line(target="n").replace("line_b", "line_n"), more='<textAnnotation id="n"/>'),
    undone(host='<serviceTask id="a" name="Send offer"/>'),
    undone(f'<subProcess id="h" isForCompensation="true">{PLAIN}</subProcess>'),
    undone('<callActivity id="h" isForCompensation="true" calledElement="reached"/>'),
    undoing().replace("~ s > a", f'<subProcess id="w">{PLAIN}{OWN_WAY}</subProcess>~ s > w > a'),
    undoing(definition=undoes("w")).replace("~ s > a", f'<subProcess id="w">{PLAIN}{OWN_WAY}</subProcess>~ s > w > a'),
    transacted(), transacted(PLAIN, ""), transacted(failing(ERROR), ERROR),
    transacted(more='method="##Compensate"'),
    asking("x &gt; 1", 'language="feel"'),
    asking("x &gt; 1", 'language="https://www.omg.org/spec/DMN/20191111/FEEL/"'),
    task('camunda:formKey="camunda-forms:deployment:compose.form" camunda:assignee="=owner"'),
    task('camunda:dueDate="${due(&quot;follow_up&quot;)}" camunda:priority="70"'),
    task('unknown="x" camunda:asyncBefore="true"'),
    step('<serviceTask id="a" name="Send offer"/>'),
    step('<serviceTask id="a" name="Whatever" camunda:topic="send_offer"/>'),
    step('<businessRuleTask id="a" camunda:decisionRef="discount" camunda:resultVariable="x"/>'),
    scripted("total = net * 1.22; text = &quot;a; b&quot;\n// a remark\nlist = [1,\n2]"),
    scripted("x = 1", 'scriptFormat="FEEL"'),
    step('<task id="a"><categoryValueRef>x</categoryValueRef></task>', '<textAnnotation id="n"/><association id="as"/><group id="gr"/>'
         '<dataObject id="d"/><dataObjectReference id="dr"/><dataStoreReference id="ds"/>'),
]  # fmt: skip


@pytest.mark.parametrize("body", ACCEPTED)
def test_what_the_engine_runs_as_drawn_is_not_complained_about(checked: Check, body: str) -> None:
    assert checked(body) == []


def test_a_sub_process_that_never_ends_has_no_end_event(checked: Check) -> None:
    body = around('<startEvent id="s2"/><exclusiveGateway id="x"/><task id="t"/>~ s2 > x > t > x\n', DURATION)

    assert [(finding.code, finding.element) for finding in checked(body)] == [("sub_process_end", "a")]


def test_every_sentence_is_tried() -> None:
    elsewhere = {
        *(
            "no_process",
            "process_left_out",
            "chain_too_long",
            "call_without_start",
            "start_missing",
            "schema",
        ),
        "sub_process_end",
        *("deadlock", "deadlock_possible", "endless", "done_twice", "never_reached", "too_big"),
    }

    assert {code for code, _, _ in REFUSALS} | elsewhere == set(SENTENCES) - set(NORMAL) - set(FILES) - set(
        STYLE
    )


@pytest.mark.parametrize(("code", "element", "body"), REFUSALS)
def test_every_sentence_can_be_filled_in(checked: Check, code: str, element: str | None, body: str) -> None:
    finding = checked(body)[0]

    wanted = {name for text in SENTENCES[code] for _, name, _, _ in string.Formatter().parse(text) if name}
    assert wanted <= finding.params.keys()
    assert finding.message
    assert finding.remedy
    assert finding.file == "offer.bpmn"
    assert finding.line


def test_all_that_is_wrong_is_said_at_once(checked: Check) -> None:
    body = (
        f"\n{START}\n"
        '<userTask id="a" name="Compose\n offer" camunda:formRef="gone" camunda:priority="("/>\n'
        '<serviceTask id="b" name="Nothing"/>\n'
        f"{END}\n~ s > a > b > e\n"
    )

    findings = sorted(checked(body), key=lambda finding: (finding.line or 0, finding.code))

    assert [(f.code, f.element, f.name, f.line) for f in findings] == [
        ("form_unknown", "a", "Compose offer", 4),
        ("priority_dropped", "a", "Compose offer", 4),
        ("service_handed_over", "b", "Nothing", 5),
    ]
    assert findings[0].message == (
        "“Compose offer” uses the form “gone”, which is not there: it is done without a form."
    )
    assert findings[0].where == "offer.bpmn:4, a “Compose offer”"


def test_braces_in_names_and_texts_are_only_text(checked: Check) -> None:
    findings = checked(task('name="{0} {x}" camunda:priority="{}"'))

    assert findings[0].message == "The priority of “{0} {x}”, “{}”, cannot be read: it has the usual one."
