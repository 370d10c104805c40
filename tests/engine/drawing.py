"""BPMN texts for the tests, written in a few lines of Python.

    bpmn("offer", start("begin"), user("ask"), end("done"), "begin > ask > done")

A text among the parts is a row of arrows: `a > b > c` gives the arrows a_b and b_c,
`a > b [score > 50]` one with a condition, `a > b [default]` the default one of its gateway;
`a ... b` is a dotted line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape, quoteattr

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"


@dataclass(frozen=True)
class Node:
    """A drawn element; `parts` lie inside it."""

    tag: str
    id: str
    attributes: Mapping[str, object] = field(default_factory=dict)
    inner: str = ""
    parts: Sequence[Part] = ()
    messages: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    escalations: tuple[str, ...] = ()


Part = Node | str


def bpmn(process: str, *parts: Part, lanes: Mapping[str, Sequence[str]] | None = None) -> str:
    """A file with one process; `lanes`: name -> ids of the elements in it."""
    return file({process: parts}, lanes)


def keyed(xml: str, message: str, key: str) -> str:
    """The file with a correlation key declared for a message, as Camunda 8 writes it."""
    drawn = f'<message id="{_message(message)}" name={quoteattr(message)}'
    assert f"{drawn}/>" in xml
    declared = f"<extensionElements><zeebe:subscription correlationKey={quoteattr(key)}/></extensionElements>"
    return xml.replace(f"{drawn}/>", f"{drawn}>{declared}</message>")


def mapped(node: Node, mapping: str) -> Node:
    """The node with a mapping in its extension elements, as Camunda Modeler writes it."""
    return replace(node, inner=f"<extensionElements>{mapping}</extensionElements>{node.inner}")


def file(
    processes: Mapping[str, Sequence[Part]], lanes: Mapping[str, Sequence[str]] | None = None, roots: str = ""
) -> str:
    """A file with several processes; `roots` is added as it is before them."""
    every = [node for parts in processes.values() for node in _all(parts)]
    messages = "".join(
        f'<message id="{_message(name)}" name={quoteattr(name)}/>' for name in _names(every, "messages")
    )
    errors = "".join(
        f'<error id="Error_{code}" name="{code}" errorCode="{code}"/>' for code in _names(every, "errors")
    )
    errors += "".join(
        f'<escalation id="Escalation_{code}" name="{code}" escalationCode="{code}"/>'
        for code in _names(every, "escalations")
    )
    errors += "".join(f'<signal id="Signal_{name}" name="{name}"/>' for name in _names(every, "signals"))
    drawn = "".join(
        f'<process id="{key}" name="{key}" isExecutable="true">{_lanes(lanes)}{_inside(parts)}</process>'
        for key, parts in processes.items()
    )
    return (
        f'<definitions xmlns="{BPMN}" xmlns:camunda="{CAMUNDA}" xmlns:zeebe="{ZEEBE}" id="file" targetNamespace="tests">'
        f"{messages}{errors}{roots}{drawn}</definitions>"
    )


# --- Events ---------------------------------------------------------------------------------------


def start(id: str, message: str | None = None, *, interrupting: bool = True, **more: Any) -> Node:
    """`signal`, `error`, `escalation`, `condition`, and `duration`, `date` or `cycle` as below."""
    attributes = {} if interrupting else {"isInterrupting": "false"}
    return _event("startEvent", id, attributes, message=message, **more)


def end(id: str, message: str | None = None, **more: Any) -> Node:
    """`terminate`, `cancel`, `undo`, or `error`, `escalation`, `signal` by their code or name."""
    return _event("endEvent", id, message=message, **more)


def catch(id: str, message: str | None = None, **more: Any) -> Node:
    return _event("intermediateCatchEvent", id, message=message, **more)


def throw(id: str, message: str | None = None, payload: str = "", **more: Any) -> Node:
    """`undo`: true throws compensation, an id for that activity only; `waits` until all is undone."""
    return _event("intermediateThrowEvent", id, message=message, properties={"payload": payload}, **more)


def boundary(
    id: str,
    on: str,
    message: str | None = None,
    *,
    interrupting: bool = True,
    error: str | None = None,
    any_error: bool = False,
    **more: Any,
) -> Node:
    """`duration`, `date` or `cycle` make it a timer."""
    attributes = {"attachedToRef": on, "cancelActivity": "true" if interrupting else "false"}
    return _event("boundaryEvent", id, attributes, message=message, error="" if any_error else error, **more)


def _event(
    tag: str,
    id: str,
    attributes: Mapping[str, object] | None = None,
    *,
    message: str | None = None,
    terminate: bool = False,
    error: str | None = None,
    escalation: str | None = None,
    signal: str | None = None,
    condition: str | None = None,
    link: str | None = None,
    undo: str | bool = False,
    waits: bool = True,
    cancel: bool = False,
    properties: Mapping[str, str] | None = None,
    **timer: str,
) -> Node:
    inner = _extensions(properties or {})
    if message is not None:
        inner += f'<messageEventDefinition messageRef="{_message(message)}"/>'
    for kind, text in timer.items():
        tagged = f"time{kind.capitalize()}"
        inner += f"<timerEventDefinition><{tagged}>{escape(text)}</{tagged}></timerEventDefinition>"
    if terminate:
        inner += "<terminateEventDefinition/>"
    for kind, code in (("error", error), ("escalation", escalation)):
        if code is not None:
            reference = f' {kind}Ref="{kind.capitalize()}_{code}"' if code else ""
            inner += f"<{kind}EventDefinition{reference}/>"
    if signal is not None:
        inner += f'<signalEventDefinition signalRef="Signal_{signal}"/>'
    if condition is not None:
        asked = f"<condition>{escape(condition)}</condition>"
        inner += f"<conditionalEventDefinition>{asked}</conditionalEventDefinition>"
    if link is not None:
        inner += f'<linkEventDefinition name="{link}"/>'
    if undo:
        reference = f' activityRef="{undo}"' if isinstance(undo, str) else ""
        reference += "" if waits else ' waitForCompletion="false"'
        inner += f"<compensateEventDefinition{reference}/>"
    if cancel:
        inner += "<cancelEventDefinition/>"
    return Node(
        tag,
        id,
        attributes or {},
        inner,
        messages=(message,) if message is not None else (),
        errors=(error,) if error else (),
        signals=(signal,) if signal else (),
        escalations=(escalation,) if escalation else (),
    )


# --- Activities and gateways ----------------------------------------------------------------------


def user(id: str, name: str | None = None, *, stage: str | None = None, **more: str) -> Node:
    """`due`, `form`, `assignee`, `priority` as Camunda Modeler writes them."""
    keys = {"due": "dueDate", "form": "formRef"}
    attributes = {f"camunda:{keys.get(key, key)}": text for key, text in more.items()}
    return Node("userTask", id, {"name": name, **attributes}, _extensions({"stage": stage}))


def plain(id: str) -> Node:
    return Node("task", id)


def manual(id: str) -> Node:
    return Node("manualTask", id)


def service(id: str, topic: str | None = None) -> Node:
    return Node("serviceTask", id, {"camunda:topic": topic or id})


def script(id: str, text: str) -> Node:
    return Node("scriptTask", id, inner=f"<script>{escape(text)}</script>")


def rule(id: str, decision: str, result: str | None = None) -> Node:
    return Node("businessRuleTask", id, {"camunda:decisionRef": decision, "camunda:resultVariable": result})


def send(id: str, message: str, payload: str = "") -> Node:
    inner = _extensions({"payload": payload})
    return Node("sendTask", id, {"messageRef": _message(message)}, inner, messages=(message,))


def receive(id: str, message: str) -> Node:
    return Node("receiveTask", id, {"messageRef": _message(message)}, messages=(message,))


def call(id: str, process: str, mapping: str = "") -> Node:
    """`mapping` is what lies in its extension elements."""
    inner = f"<extensionElements>{mapping}</extensionElements>" if mapping else ""
    return Node("callActivity", id, {"calledElement": process}, inner)


def sub(id: str, *parts: Part, stage: str | None = None) -> Node:
    """An embedded sub-process."""
    return Node("subProcess", id, {}, _extensions({"stage": stage}), parts)


def on_event(id: str, *parts: Part) -> Node:
    """An event sub-process."""
    return Node("subProcess", id, {"triggeredByEvent": "true"}, "", parts)


def transaction(id: str, *parts: Part, stage: str | None = None) -> Node:
    return Node("transaction", id, {}, _extensions({"stage": stage}), parts)


def undoing(host: str, handler: Node) -> tuple[Node, Node, str]:
    """The handler that undoes an activity: `undo` is on its border, a dotted line leads to the handler."""
    marked = replace(handler, attributes={**handler.attributes, "isForCompensation": "true"})
    event = boundary(f"undo_{host}", host, undo=True)
    return event, marked, f"undo_{host} ... {handler.id}"


def many(
    node: Node,
    collection: str = "",
    item: str = "",
    *,
    sequential: bool = False,
    output: str = "",
    value: str = "",
    cardinality: str = "",
    until: str = "",
) -> Node:
    """The activity, done for each entry of a list or so many times, as Camunda 8 writes it."""
    keys = {
        "inputCollection": collection,
        "inputElement": item,
        "outputCollection": output,
        "outputElement": value,
    }
    written = "".join(f" {key}={quoteattr(text)}" for key, text in keys.items() if text)
    inner = f"<extensionElements><zeebe:loopCharacteristics{written}/></extensionElements>"
    if cardinality:
        inner += f"<loopCardinality>{escape(cardinality)}</loopCardinality>"
    if until:
        inner += f"<completionCondition>{escape(until)}</completionCondition>"
    flag = "true" if sequential else "false"
    tag = "multiInstanceLoopCharacteristics"
    return replace(node, inner=node.inner + f'<{tag} isSequential="{flag}">{inner}</{tag}>')


def looped(node: Node, condition: str = "", *, maximum: int | None = None, before: bool = False) -> Node:
    """The activity with a standard loop marker."""
    inner = f"<loopCondition>{escape(condition)}</loopCondition>" if condition else ""
    written = f' loopMaximum="{maximum}"' if maximum is not None else ""
    flag = "true" if before else "false"
    tag = "standardLoopCharacteristics"
    return replace(node, inner=node.inner + f'<{tag} testBefore="{flag}"{written}>{inner}</{tag}>')


def xor(id: str) -> Node:
    return Node("exclusiveGateway", id)


def both(id: str) -> Node:
    """A parallel gateway."""
    return Node("parallelGateway", id)


def some(id: str) -> Node:
    """An inclusive gateway."""
    return Node("inclusiveGateway", id)


def first_of(id: str) -> Node:
    """An event-based gateway."""
    return Node("eventBasedGateway", id)


# --- From parts to text ---------------------------------------------------------------------------

_ARROWS = re.compile(r"(?P<row>[^\[\]]+?)\s*(?:\[(?P<condition>.*)\])?", re.DOTALL)


def _inside(parts: Sequence[Part]) -> str:
    flows: list[str] = []
    defaults: dict[str, str] = {}
    for part in parts:
        if isinstance(part, Node):
            continue
        if "..." in part:
            source, _, target = part.partition("...")
            ends = f'sourceRef="{source.strip()}" targetRef="{target.strip()}"'
            flows.append(f'<association id="line_{source.strip()}" associationDirection="One" {ends}/>')
            continue
        match = _ARROWS.fullmatch(part.strip())
        assert match, part
        condition = match["condition"]
        for source, target in pairwise(id.strip() for id in match["row"].split(">")):
            flow = f"{source}_{target}_{len(flows)}"
            inner = ""
            if condition == "default":
                defaults[source] = flow
            elif condition:
                inner = f"<conditionExpression>{escape(condition)}</conditionExpression>"
            ends = f'sourceRef="{source}" targetRef="{target}"'
            flows.append(f'<sequenceFlow id="{flow}" {ends}>{inner}</sequenceFlow>')
    nodes = [_element(part, defaults.get(part.id)) for part in parts if isinstance(part, Node)]
    return "".join(nodes) + "".join(flows)


def _element(node: Node, default: str | None) -> str:
    attributes = {"id": node.id, **node.attributes, "default": default}
    written = "".join(
        f" {key}={quoteattr(str(value))}" for key, value in attributes.items() if value is not None
    )
    return f"<{node.tag}{written}>{node.inner}{_inside(node.parts)}</{node.tag}>"


def _message(name: str) -> str:
    return "Message_" + re.sub(r"\W", "_", name)


def _extensions(properties: Mapping[str, str | None]) -> str:
    given = {name: value for name, value in properties.items() if value}
    if not given:
        return ""
    rows = "".join(
        f"<camunda:property name={quoteattr(name)} value={quoteattr(value)}/>"
        for name, value in given.items()
    )
    return f"<extensionElements><camunda:properties>{rows}</camunda:properties></extensionElements>"


def _lanes(lanes: Mapping[str, Sequence[str]] | None) -> str:
    if not lanes:
        return ""
    drawn = "".join(
        f'<lane id="lane_{number}" name={quoteattr(name)}>'
        + "".join(f"<flowNodeRef>{id}</flowNodeRef>" for id in ids)
        + "</lane>"
        for number, (name, ids) in enumerate(lanes.items())
    )
    return f'<laneSet id="lanes">{drawn}</laneSet>'


def _all(parts: Sequence[Part]) -> list[Node]:
    nodes = [part for part in parts if isinstance(part, Node)]
    return nodes + [inner for node in nodes for inner in _all(node.parts)]


def _names(nodes: Sequence[Node], kind: str) -> list[str]:
    return list(dict.fromkeys(name for node in nodes for name in getattr(node, kind)))
