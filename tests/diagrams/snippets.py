"""Drawings of a few elements, each with one thing in it."""

from __future__ import annotations

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


def bound(rule: str, more: str = "") -> str:
    """A call whose version is chosen by a rule."""
    return step(
        f'<callActivity id="a" calledElement="reached" camunda:calledElementBinding="{rule}" {more}/>'
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


UNDO, CANCEL = "<compensateEventDefinition/>", "<cancelEventDefinition/>"
MARKED = '<task id="h" isForCompensation="true"/>'


def line(source: str = "b", target: str = "h") -> str:
    return f'<association id="line_{source}" sourceRef="{source}" targetRef="{target}"/>'


def on_border(on: str = "a", id: str = "b") -> str:
    return f'<boundaryEvent id="{id}" attachedToRef="{on}">{UNDO}</boundaryEvent>'


def undone(handler: str = MARKED, lines: str = line(), more: str = "", host: str = '<task id="a"/>') -> str:
    """A step `a` with a compensation event `b`, and what is to undo it."""
    return step(host, on_border() + handler + lines + more)


def undoing(more: str = "", definition: str = UNDO) -> str:
    """`undone`, and then an event `c` that throws compensation."""
    return (
        f'{START}<task id="a"/>{on_border()}{MARKED}{line()}'
        f'<intermediateThrowEvent id="c">{definition}</intermediateThrowEvent>{END}~ s > a > c > e\n{more}'
    )


def undoes(activity: str) -> str:
    return f'<compensateEventDefinition activityRef="{activity}"/>'


OWN_WAY = (
    f'<subProcess id="x" triggeredByEvent="true"><startEvent id="s9">{UNDO}</startEvent><endEvent id="e9"/>'
    "~ s9 > e9\n</subProcess>"
)
"""An event sub-process that undoes the scope in which it lies."""


def transacted(inner: str = failing(CANCEL), border: str = CANCEL, more: str = "", event: str = "") -> str:
    """A transaction `a`, with a boundary event `b` if one is given."""
    host = f'<transaction id="a" {more}>{inner}</transaction>'
    return bordered(border, event, host) if border else step(host)


SHARED = '<exclusiveGateway id="x" default="x_g"/>~ s > x > g\n~ x > b1 [y > 1]\n'
