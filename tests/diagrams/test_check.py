"""Each thing that a drawing can get wrong is named with its element, and nothing else is named with it."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest

from engine.diagrams.sentences import SENTENCES, SEVERITIES
from engine.findings import Finding

Check = Callable[..., list[Finding]]

DURATION = "<timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition>"
MESSAGE = '<messageEventDefinition messageRef="Reply"/>'
SIGNAL = '<signalEventDefinition signalRef="Stop"/>'
NO_SIGNAL = "<signalEventDefinition/>"
ESCALATION = '<escalationEventDefinition escalationRef="High"/>'
ERROR = '<errorEventDefinition errorRef="Bad"/>'
WHEN = "<conditionalEventDefinition><condition>x</condition></conditionalEventDefinition>"
START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
PLAIN = '<startEvent id="s2"/><task id="t"/><endEvent id="e3"/>~ s2 > t > e3\n'


def step(element: str, more: str = "") -> str:
    """Start, one element `a`, end, and what is drawn beside them."""
    return f"{START}{element}{END}~ s > a > e\n{more}"


def starting(definition: str) -> str:
    return f'<startEvent id="s">{definition}</startEvent>{END}~ s > e\n'


def ending(definition: str) -> str:
    return f'{START}<endEvent id="e">{definition}</endEvent>~ s > e\n'


def catching(definition: str) -> str:
    return step(f'<intermediateCatchEvent id="a">{definition}</intermediateCatchEvent>')


def throwing(definition: str) -> str:
    return step(f'<intermediateThrowEvent id="a">{definition}</intermediateThrowEvent>')


def timed(time: str) -> str:
    return catching(f"<timerEventDefinition>{time}</timerEventDefinition>")


def bordered(definition: str, more: str = "", host: str = '<userTask id="a"/>', on: str = "a") -> str:
    """A boundary event `b` on `a`, leading to an end of its own."""
    boundary = f'<boundaryEvent id="b" attachedToRef="{on}" {more}>{definition}</boundaryEvent>'
    return step(f'{host}{boundary}<endEvent id="e2"/>~ b > e2\n')


def repeating(time: str, more: str = 'cancelActivity="false"') -> str:
    return bordered(f"<timerEventDefinition><timeCycle>{time}</timeCycle></timerEventDefinition>", more)


def around(inner: str, definition: str = "", more: str = "") -> str:
    """A sub-process `a`, with a boundary event `b` if one is given."""
    host = f'<subProcess id="a">{inner}</subProcess>'
    return bordered(definition, more, host) if definition else step(host)


def failing(definition: str) -> str:
    return PLAIN.replace('<endEvent id="e3"/>', f'<endEvent id="e3">{definition}</endEvent>')


def choosing(arrows: str, more: str = 'default="g_a"', kind: str = "exclusiveGateway") -> str:
    """A gateway `g` with the given arrows to `a` and `b`."""
    return (
        f'{START}<{kind} id="g" {more}/><task id="a"/><task id="b"/>{END}~ s > g\n~ a > e\n~ b > e\n{arrows}'
    )


def asking(condition: str, more: str = "", name: str = "") -> str:
    """A gateway whose arrow to `b` has the given condition."""
    inner = f"<conditionExpression {more}>{condition}</conditionExpression>"
    arrow = f'<sequenceFlow id="g_b" name="{name}" sourceRef="g" targetRef="b">{inner}</sequenceFlow>'
    return choosing(f"~ g > a\n{arrow}")


def racing(*events: str) -> str:
    """Events b1, b2 ... behind the event gateway `g`."""
    behind = "".join(f"{event}~ g > b{number} > e\n" for number, event in enumerate(events, start=1))
    return f'{START}<eventBasedGateway id="g"/>{END}~ s > g\n{behind}'


def event(number: int, definition: str) -> str:
    return f'<intermediateCatchEvent id="b{number}">{definition}</intermediateCatchEvent>'


def scripted(script: str, more: str = "") -> str:
    return step(f'<scriptTask id="a" {more}><script>{script}</script></scriptTask>')


def task(more: str) -> str:
    return step(f'<userTask id="a" {more}/>')


HANDLER = f'<startEvent id="s2">{MESSAGE}</startEvent><endEvent id="e2"/>~ s2 > e2\n'


def linked(throw: str = "x", catch: str = "x") -> str:
    """A link `a`, thrown, and `l`, where it is caught."""
    return (
        f'{START}<intermediateThrowEvent id="a"><linkEventDefinition name="{throw}"/></intermediateThrowEvent>'
        f'<intermediateCatchEvent id="l"><linkEventDefinition name="{catch}"/></intermediateCatchEvent>'
        f"{END}~ s > a\n~ l > e\n"
    )


MANY = "<multiInstanceLoopCharacteristics/>"


def many(inner: str, more: str = "") -> str:
    loop = f"<multiInstanceLoopCharacteristics {more}>{inner}</multiInstanceLoopCharacteristics>"
    return step(f'<task id="a">{loop}</task>')


def calling(inner: str) -> str:
    mapping = f"<extensionElements>{inner}</extensionElements>"
    return step(f'<callActivity id="a" calledElement="other">{mapping}</callActivity>').replace(
        "other", "reached"
    )


def sending(inner: str) -> str:
    mapping = f"<extensionElements>{inner}</extensionElements>"
    return step(f'<sendTask id="a" messageRef="Reply">{mapping}</sendTask>')


def beside(definition: str, more: str = "", arrows: str = "") -> str:
    """A user task `a` and an event sub-process `x` that starts by `s2`."""
    handler = f'<startEvent id="s2" {more}>{definition}</startEvent><endEvent id="e2"/>~ s2 > e2\n'
    return step(
        '<userTask id="a"/>', f'<subProcess id="x" triggeredByEvent="true">{handler}</subProcess>{arrows}'
    )


SHARED = '<exclusiveGateway id="x" default="x_g"/>~ s > x > g\n~ x > b1 [y > 1]\n'

# Reason, element that is named, drawing. In the order of the sentences.
REFUSALS: list[tuple[str, str | None, str]] = [
    ("tag_unknown", "x", step('<task id="a"/><callChoreography id="x"/>')),
    ("id_missing", None, step('<task id="a"/><task name="lost"/>')),
    ("flow_id_missing", None, step('<task id="a"/><sequenceFlow sourceRef="a" targetRef="a"/>')),
    ("id_twice", "a", step('<task id="a"/><task id="a"/>')),
    ("id_reserved", "Start", '<startEvent id="Start"/><endEvent id="e"/>~ Start > e\n'),
    ("id_reserved", "End", '<startEvent id="s"/><endEvent id="End"/>~ s > End\n'),
    ("id_reserved", "Root", around(PLAIN.replace("e3", "Root"))),
    ("id_reserved", "x.EndJoin", f'{START}<task id="x.EndJoin"/>{END}~ s > x.EndJoin > e\n'),
    ("id_reserved", "x [child]", f'{START}<task id="x [child]"/>{END}'
     '<sequenceFlow id="f" sourceRef="s" targetRef="x [child]"/>'
     '<sequenceFlow id="h" sourceRef="x [child]" targetRef="e"/>'),
    ("complex_gateway", "a", step('<complexGateway id="a"/>')),
    ("ad_hoc", "a", step('<adHocSubProcess id="a"><task id="t"/></adHocSubProcess>')),
    ("transaction", "a", step(f'<transaction id="a">{PLAIN}</transaction>')),
    ("compensation", "t", step('<task id="a"/><task id="t" isForCompensation="true"/>')),
    ("compensation", "a", throwing("<compensateEventDefinition/>")),
    ("compensation", "b", bordered("<compensateEventDefinition/>")),
    ("cancel_event", "b", around(PLAIN, "<cancelEventDefinition/>")),
    ("data_association", "a", step('<task id="a"><dataInputAssociation/></task>')),
    ("data_association", "a", step('<task id="a"><ioSpecification/></task>')),
    ("several_event_kinds", "a", catching(MESSAGE + DURATION)),
    ("event_reference", "a", catching("<eventDefinitionRef>x</eventDefinitionRef>")),
    ("instantiating", "a", step('<receiveTask id="a" instantiate="true" messageRef="Reply"/>')),
    ("flow_dangling", "a_x", f'{START}<task id="a"/>~ s > a > x\n'),
    ("flow_dangling", "f", step('<task id="a"/><sequenceFlow id="f" targetRef="a"/>')),
    ("flow_across", "t_e", around('<startEvent id="s2"/><task id="t"/><endEvent id="e3"/>'
     '<exclusiveGateway id="g" default="g_t"/>~ s2 > g > t\n~ g > e3 [x > 1]\n') + "~ t > e\n"),
    ("flow_misplaced", "s2_t", around(PLAIN.replace("s2 > t", "t")) + "~ s2 > t\n"),
    ("condition_ignored", "a_e", f'{START}<task id="a"/>{END}~ s > a\n~ a > e [x > 1]\n'),
    ("condition_ignored", "g_a", choosing("~ g > a [x > 1]\n~ g > b\n", "", "parallelGateway")),
    ("condition_missing", "g_b", choosing("~ g > a [x > 1]\n~ g > b\n", "")),
    ("condition_missing", "g_b", choosing("~ g > a [x > 1]\n~ g > b\n", "", "inclusiveGateway")),
    ("condition_language", "g_b", asking("x > 1", 'language="groovy"')),
    ("default_conditional", "g_a", choosing("~ g > a [x]\n~ g > b [x > 1]\n")),
    ("default_wrong", "g", choosing("~ g > a [x]\n~ g > b [x > 1]\n", 'default="a_e"')),
    ("several_ways_out", "a", step('<task id="a"/><endEvent id="e2"/>~ a > e2\n')),
    ("several_ways_out", "s", step('<task id="a"/>', "~ s > e\n")),
    ("gateway_dead_end", "g", f'{START}<exclusiveGateway id="g"/>~ s > g\n'),
    ("end_goes_on", "e", step('<task id="a"/><endEvent id="e2"/>~ e > e2\n')),
    ("start_reached", "s",
     f'{START}<exclusiveGateway id="g" default="g_e"/>{END}~ s > g > e\n~ g > s [x > 1]\n'),
    ("unreachable", "lost", step('<task id="a"/><task id="lost"/>~ lost > e\n')),
    ("start_missing", "offer", f'<task id="a"/>{END}~ a > e\n'),
    ("starts_several", "s2", step('<task id="a"/><startEvent id="s2"/>~ s2 > a\n')),
    ("starts_same_message", "s2",
     starting(MESSAGE) + f'<startEvent id="s2">{MESSAGE}</startEvent>~ s2 > e\n'),
    ("start_kind", "s", starting(DURATION)),
    ("sub_process_empty", "a", around("")),
    ("sub_process_start", "a", around('<task id="t"/><endEvent id="e3"/>~ t > e3\n')),
    ("sub_process_start", "a", around(PLAIN + '<startEvent id="s3"/>~ s3 > t\n')),
    ("sub_process_start_kind", "s2", around(HANDLER)),
    ("sub_process_end", "a", around('<startEvent id="s2"/><task id="t"/>~ s2 > t\n')),
    ("event_impossible", "e", ending(DURATION)),
    ("event_impossible", "a", throwing(DURATION)),
    ("event_kind_missing", "a", step('<intermediateCatchEvent id="a"/>')),
    ("event_kind_missing", "b", bordered("")),
    ("message_missing", "a", step('<receiveTask id="a"/>')),
    ("message_missing", "a", step('<sendTask id="a" messageRef="Nameless"/>')),
    ("message_missing", "a", catching("<messageEventDefinition/>")),
    ("message_missing", "s", starting('<messageEventDefinition messageRef="gone"/>')),
    ("message_computed", "a", step('<sendTask id="a" messageRef="Computed"/>')),
    ("boundary_unattached", "b", bordered(DURATION, on="gone")),
    ("boundary_unattached", "b", bordered(DURATION, on="e")),
    ("boundary_instant", "b", bordered(DURATION, host='<serviceTask id="a" name="Send offer"/>')),
    ("error_boundary_place", "b", bordered(ERROR)),
    ("error_boundary_silent", "b", around(PLAIN, ERROR)),
    ("error_not_interrupting", "b", around(failing(ERROR), ERROR, 'cancelActivity="false"')),
    ("error_not_interrupting", "s2", beside(ERROR, 'isInterrupting="false"')),
    ("escalation_boundary_place", "b", bordered(ESCALATION)),
    ("escalation_boundary_silent", "b", around(PLAIN, ESCALATION)),
    ("escalation_uncaught", "e", ending(ESCALATION)),
    ("escalation_uncaught", "a", throwing(ESCALATION)),
    ("signal_missing", "a", catching(NO_SIGNAL)),
    ("signal_missing", "e", ending(NO_SIGNAL)),
    ("condition_absent", "a", catching("<conditionalEventDefinition/>")),
    ("expression", "a", catching(WHEN.replace("x<", "x &gt;<"))),
    ("link_missing", "l", linked(catch="").replace('<linkEventDefinition name="x"/>', "")),
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
    ("timer_missing", "a", timed("")),
    ("timer_missing", "a", timed("<timeDuration> </timeDuration>")),
    ("timer_unreadable", "a", timed("<timeDuration>3 giorni</timeDuration>")),
    ("timer_unreadable", "a", timed("<timeDuration>P2D5</timeDuration>")),
    ("timer_unreadable", "a", timed("<timeDuration>p2d</timeDuration>")),
    ("timer_unreadable", "a", timed("<timeDuration>-P2D</timeDuration>")),
    ("timer_unreadable", "a", timed("<timeDuration>P0.5M</timeDuration>")),
    ("timer_unreadable", "a", timed("<timeDate>2026-13-01</timeDate>")),
    ("timer_unreadable", "a", timed('<timeDuration>"tomorrow"</timeDuration>')),
    ("timer_unreadable", "b", repeating("R3/nothing/PT1H")),
    ("timer_unreadable", "b", repeating("R/PT0S")),
    ("timer_cron", "b", repeating("0 0/5 * * * ?")),
    ("timer_kind", "a", timed("<timeDate>P2D</timeDate>")),
    ("timer_kind", "a", timed("<timeDuration>2026-12-01</timeDuration>")),
    ("timer_cycle_place", "a", timed("<timeCycle>R3/PT1H</timeCycle>")),
    ("timer_cycle_place", "b", repeating("R/PT1H", "")),
    ("form_unknown", "a", task('camunda:formRef="gone"')),
    ("service_missing", "a", step('<serviceTask id="a"/>')),
    ("service_unknown", "a", step('<serviceTask id="a" name="Send parcel"/>')),
    ("decision_missing", "a", step('<businessRuleTask id="a"/>')),
    ("decision_unknown", "a", step('<businessRuleTask id="a" camunda:decisionRef="gone"/>')),
    ("result_name", "a",
     step('<businessRuleTask id="a" camunda:decisionRef="discount" camunda:resultVariable="the score"/>')),
    ("call_missing", "a", step('<callActivity id="a"/>')),
    ("call_computed", "a", step('<callActivity id="a" calledElement="${next}"/>')),
    ("call_unknown", "a", step('<callActivity id="a" calledElement="gone"/>')),
    ("call_circle", "a", step('<callActivity id="a" calledElement="offer"/>')),
    ("call_circle", "a", step('<callActivity id="a" calledElement="handover"/>')),
    ("multi_instance", "a", many("")),
    ("multi_instance", "a", many("<loopCardinality>3</loopCardinality>", 'camunda:collection="list"')),
    ("multi_instance", "t", around(PLAIN.replace('<task id="t"/>', f'<task id="t">{MANY}</task>'))),
    ("multi_instance_item", "a", many("<loopCardinality>3</loopCardinality>", 'camunda:elementVariable="x"')),
    ("loop_marker", "a", step('<task id="a"><standardLoopCharacteristics/></task>')),
    ("loop_place", "x", beside(MESSAGE).replace(
        'triggeredByEvent="true">', 'triggeredByEvent="true"><standardLoopCharacteristics loopMaximum="2"/>')),
    ("variable_name", "a", many("", 'camunda:collection="list" camunda:elementVariable="the entry"')),
    ("variable_name", "a", calling('<camunda:in source="x" target="the x"/>')),
    ("variable_name", "a", calling('<camunda:in source="x"/>')),
    ("payload_all", "a", sending('<camunda:in variables="all"/>')),
    ("payload_parameter", "a", sending(
        '<camunda:inputOutput><camunda:inputParameter name="x"><camunda:list/></camunda:inputParameter>'
        "</camunda:inputOutput>")),
    ("payload_parameter", "a", sending('<zeebe:ioMapping><zeebe:input target="x"/></zeebe:ioMapping>')),
    ("variable_name", "a", sending('<zeebe:ioMapping><zeebe:input source="=x" target="the x"/></zeebe:ioMapping>')),
    ("expression", "a", sending('<camunda:in sourceExpression="${x &gt;}" target="y"/>')),
    ("expression", "a", many("<completionCondition>x &gt;</completionCondition>", 'camunda:collection="list"')),
    ("expression", "a", many("", 'camunda:collection="the list ("')),
    ("expression", "a", calling('<camunda:out sourceExpression="${x &gt;}" target="y"/>')),
    ("script_empty", "a", step('<scriptTask id="a"/>')),
    ("script_language", "a", scripted("x = 1", 'scriptFormat="groovy"')),
    ("script_line", "a", scripted("print(x)")),
    ("script_line", "a", scripted("lead.score = 5")),
    ("expression", "a", scripted("total = (net")),
    ("expression", "g_b", asking("x &gt;")),
    ("expression", "a", task('camunda:priority="50 +"')),
    ("expression", "a", task('camunda:assignee="anna@firm"')),
    ("expression", "a", task('camunda:dueDate="due(&quot;follow_up&quot;"')),
    ("function_unknown", "g_b", asking("risk(x)")),
    ("condition_label", "g_b", asking("nein", name="nein")),
    ("due_literal", "a", task('camunda:dueDate="P2D"')),
    ("parameter_unknown", "a", task('camunda:dueDate="due(&quot;gone&quot;)"')),
    ("parameter_unknown", "a", timed('<timeDate>due("gone")</timeDate>')),
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
    f'{START}<task id="a"/>~ s > a\n',
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
    timed('<timeDuration>"PT1H"</timeDuration>'),
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
    bordered(SIGNAL), bordered(WHEN, 'cancelActivity="false"'),
    bordered(ERROR, host='<serviceTask id="a" name="Send offer"/>'),
    around(failing(ESCALATION), ESCALATION), around(failing(ESCALATION), ESCALATION, 'cancelActivity="false"'),
    sending('<zeebe:ioMapping><zeebe:input source="=x.y" target="y"/></zeebe:ioMapping>'),
    sending('<camunda:inputOutput><camunda:inputParameter name="x">${y}</camunda:inputParameter>'
            '<camunda:inputParameter name="z">say "hello"</camunda:inputParameter></camunda:inputOutput>'),
    starting(SIGNAL), catching(SIGNAL), throwing(SIGNAL), ending(SIGNAL), catching(WHEN),
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
    beside(MESSAGE), beside(SIGNAL, 'isInterrupting="false"'), beside(DURATION), beside(WHEN), beside(ERROR),
    beside("<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition>", 'isInterrupting="false"'),
    around(f'{failing(ERROR)}<subProcess id="x" triggeredByEvent="true"><startEvent id="s9">{ERROR}</startEvent>'
           '<endEvent id="e9"/>~ s9 > e9\n</subProcess>'),
    choosing("~ g > a\n~ g > b [x > 1]\n"),
    choosing("~ g > a\n~ g > b\n", "", "parallelGateway"),
    choosing("~ g > a\n~ g > b [x > 1]\n", kind="inclusiveGateway"),
    step('<exclusiveGateway id="a"/>'),
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


def test_every_sentence_is_tried() -> None:
    elsewhere = {
        *("not_bpmn", "no_process", "process_without_id", "process_chosen", "process_unmarked"),
        *("process_left_out", "chain_too_long", "call_without_start", "lane_missing", "lane_unknown"),
        *("deadlock", "endless", "done_twice", "never_reached", "too_big"),
    }

    assert {code for code, _, _ in REFUSALS} | elsewhere == set(SENTENCES)


@pytest.mark.parametrize(("code", "element", "body"), REFUSALS)
def test_every_sentence_can_be_filled_in(checked: Check, code: str, element: str | None, body: str) -> None:
    finding = checked(body)[0]

    wanted = {name for text in SENTENCES[code] for _, name, _, _ in string.Formatter().parse(text) if name}
    assert wanted <= finding.params.keys()
    assert finding.message
    assert finding.remedy
    assert finding.file == "offer.bpmn"
    assert finding.line


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_lines(checked: Check) -> None:
    body = (
        f"\n{START}\n"
        '<userTask id="a" name="Compose\n offer" camunda:formRef="gone" camunda:priority="("/>\n'
        '<serviceTask id="b" name="Nothing"/>\n'
        f"{END}\n~ s > a > b > e\n"
    )

    findings = checked(body)

    assert [(f.code, f.element, f.name, f.line) for f in findings] == [
        ("form_unknown", "a", "Compose offer", 4),
        ("expression", "a", "Compose offer", 4),
        ("service_unknown", "b", "Nothing", 5),
    ]
    assert findings[0].message == "“Compose offer” uses the form “gone”, which does not exist."
    assert findings[0].where == "offer.bpmn:4, a “Compose offer”"


def test_braces_in_names_and_texts_are_only_text(checked: Check) -> None:
    findings = checked(task('name="{0} {x}" camunda:priority="{}"'))

    assert findings[0].message.startswith("The priority of “{0} {x}”, “{}”, cannot be read")
