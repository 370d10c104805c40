"""Writes a drawing as BPMN 2.0 XML."""

from __future__ import annotations

from typing import Any

from tests.engine import drawing
from tests.engine.drawing import Part
from tests.engine.oracle.diagram import Condition, Diagram, Node, Trigger
from tests.engine.oracle.sketch import Plan


def render(plan: Plan) -> str:
    processes = {one.key: _inside(one) for one in (plan.diagram, *plan.called)}
    return drawing.file(processes)


def outline(plan: Plan) -> str:
    """A drawing in a few lines, for people who look for a mistake."""
    lines: list[str] = []
    for one in (plan.diagram, *plan.called):
        lines += [f"process {one.key}", *_outlined(one, "  ")]
    return "\n".join(lines)


def _outlined(diagram: Diagram, margin: str) -> list[str]:
    lines = []
    for node in diagram.nodes.values():
        said = " ".join(
            filter(None, (node.kind, _said(node.trigger), _text(node.fails) if node.fails else ""))
        )
        if node.repeat is not None:
            until = f" until/while {_text(node.repeat.until)}" if node.repeat.until else ""
            said += (
                f", {node.repeat.kind} {node.repeat.count}"
                + (f" enough {node.repeat.done}" * (node.repeat.done > 0))
                + until
            )
            said += " asked before" * node.repeat.before
        if node.kind == "call" and node.inner is not None:
            said += f" {node.inner.key}"
        lines.append(f"{margin}{node.id}: {said}")
        for border in node.borders:
            lines.append(
                f"{margin}  {border.id}: on border, {_said(border.trigger)}{'' if border.interrupting else ', beside'}"
            )
        if node.kind == "sub" and node.inner is not None:
            lines += _outlined(node.inner, margin + "    ")
    for handler in diagram.handlers:
        lines.append(
            f"{margin}{handler.id}: on event, {_said(handler.trigger)}{'' if handler.interrupting else ', beside'}"
        )
        lines += _outlined(handler.inner, margin + "    ")
    for arrow in diagram.arrows:
        asked = " (default)" if arrow.default else f" ({_text(arrow.condition)})" if arrow.condition else ""
        lines.append(f"{margin}{arrow.source} > {arrow.target}{asked}{' (link)' if arrow.link else ''}")
    return lines


def _said(trigger: Trigger | None) -> str:
    if trigger is None:
        return ""
    return f"{trigger.kind} {trigger.name or next(iter(_event(trigger).values()))}".strip()


def _inside(diagram: Diagram, interrupting: bool = True) -> list[Part]:
    parts: list[Part] = []
    for node in diagram.nodes.values():
        parts.append(_node(node, interrupting))
        for border in node.borders:
            event = _event(border.trigger)
            if event.pop("any_error", False):
                event["any_error"] = True
            parts.append(drawing.boundary(border.id, node.id, interrupting=border.interrupting, **event))
    for handler in diagram.handlers:
        parts.append(drawing.on_event(handler.id, *_inside(handler.inner, handler.interrupting)))
    for arrow in diagram.arrows:
        if not arrow.link:
            asked = (
                " [default]" if arrow.default else f" [{_text(arrow.condition)}]" if arrow.condition else ""
            )
            parts.append(f"{arrow.source} > {arrow.target}{asked}")
    return parts


def _node(node: Node, interrupting: bool) -> drawing.Node:
    return _repeated(_plain(node, interrupting), node)


def _plain(node: Node, interrupting: bool) -> drawing.Node:
    event = _event(node.trigger)
    match node.kind:
        case "start":
            return drawing.start(node.id, interrupting=interrupting, **_any(event))
        case "end":
            return drawing.end(node.id, **event)
        case "catch":
            return drawing.catch(node.id, **event)
        case "throw":
            return drawing.throw(node.id, **event)
        case "receive":
            return drawing.receive(node.id, event["message"])
        case "service":
            return drawing.service(node.id, "serve")
        case "sub":
            assert node.inner is not None
            return drawing.sub(node.id, *_inside(node.inner))
        case "call":
            assert node.inner is not None
            return drawing.call(node.id, node.inner.key)
    plain = {
        "task": drawing.user,
        "xor": drawing.xor,
        "and": drawing.both,
        "or": drawing.some,
        "first": drawing.first_of,
    }
    return plain[node.kind](node.id)


def _repeated(plain: drawing.Node, node: Node) -> drawing.Node:
    repeat = node.repeat
    if repeat is None:
        return plain
    if repeat.kind == "standard":
        until = _text(repeat.until) if repeat.until else ""
        return drawing.looped(plain, until, maximum=repeat.count, before=repeat.before)
    until = f"numberOfCompletedInstances >= {repeat.done}" if repeat.done else ""
    if repeat.until is not None:
        until = _text(repeat.until)
    sequential = repeat.kind == "sequential"
    return drawing.many(plain, cardinality=str(repeat.count), sequential=sequential, until=until)


def _event(trigger: Trigger | None) -> dict[str, Any]:
    if trigger is None:
        return {}
    match trigger.kind:
        case "timer":
            if trigger.runs:
                return {"cycle": f"R{trigger.runs if trigger.runs > 0 else ''}/PT{trigger.hours}H"}
            return {"duration": f"PT{trigger.hours}H"}
        case "terminate":
            return {"terminate": True}
        case "condition":
            return {"condition": f"{trigger.name} = true"}
        case "error" if not trigger.name:
            return {"any_error": True}
    return {trigger.kind: trigger.name}


def _any(event: dict[str, Any]) -> dict[str, Any]:
    """A start event that takes every error."""
    return {"error": ""} if event.pop("any_error", False) else event


def _text(condition: Condition) -> str:
    value = str(condition.value).lower()
    return f"{condition.variable} = {value}"
