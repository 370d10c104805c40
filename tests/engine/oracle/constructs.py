"""Which constructs a drawing has, by element, for the table of what was tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from tests.engine.oracle.diagram import Diagram, Node, Trigger
from tests.engine.oracle.sketch import Plan

_ACTIVITIES = {
    "task": "user task", "receive": "receive task", "service": "service task",
    "sub": "sub-process", "call": "call activity",
}  # fmt: skip
_GATEWAYS = {"xor": "exclusive", "and": "parallel", "or": "inclusive", "first": "event-based"}
_REPEATS = {
    "parallel": "parallel instances",
    "sequential": "sequential instances",
    "standard": "standard loop",
}


def constructs(plan: Plan) -> dict[str, set[str]]:
    """The constructs of each element; "" has those of the drawing as a whole."""
    found: dict[str, set[str]] = {"": {f"structure: {mark}" for mark in plan.marks}}
    for one in plan.every():
        for element, name in _named(one):
            found.setdefault(element, set()).add(name)
    if not plan.marks:
        found[""].add("structure: blocks only")
    return found


def exercised(plan: Plan, passed: Mapping[str, int]) -> Counter[str]:
    """How often each construct was passed in a run; one that only stood there counts 0."""
    counts: Counter[str] = Counter()
    for element, names in constructs(plan).items():
        for name in names:
            counts[name] += passed.get(element, 0) if element else 1
    return counts


def _named(diagram: Diagram) -> Iterator[tuple[str, str]]:
    for node in diagram.nodes.values():
        for name in _of_node(diagram, node):
            yield node.id, name
        for border in node.borders:
            yield border.id, f"boundary event: {_event(border.trigger, border.interrupting)}"
    for handler in diagram.handlers:
        begin = handler.inner.starts()[0].id
        yield begin, f"event sub-process: {_event(handler.trigger, handler.interrupting)}"


def _of_node(diagram: Diagram, node: Node) -> Iterator[str]:
    if node.is_activity:
        yield f"activity: {_ACTIVITIES[node.kind]}"
        if node.repeat is not None:
            yield f"activity: {_REPEATS[node.repeat.kind]}"
            if node.repeat.kind != "standard" and (node.repeat.done or node.repeat.until):
                yield "activity: instances with a completion condition"
            if node.inner is not None:
                yield f"activity: {_REPEATS[node.repeat.kind]} of a sub-process or call"
        if len(diagram.entering(node.id)) > 1:
            yield "activity: entered by several arrows"
    elif node.kind in _GATEWAYS:
        name = f"gateway: {_GATEWAYS[node.kind]}"
        if node.kind == "first":
            yield name
        if node.kind != "first" and len(diagram.leaving(node.id)) > 1:
            yield f"{name} split"
        if len(diagram.entering(node.id)) > 1:
            yield f"{name} join" if node.kind != "xor" else f"{name} merge"
    elif node.kind in ("throw", "catch", "end"):
        kind = node.trigger.kind if node.trigger is not None else "none"
        yield f"{node.kind} event: {kind}"
    elif node.trigger is not None and node.trigger.name.startswith("begin_"):
        yield f"start event: {node.trigger.kind}"
    if node.says:
        yield (
            "gateway: event-based, receive task behind it" * (node.kind == "receive")
            or f"gateway: event-based, {node.trigger.kind if node.trigger else ''} behind it"
        )


def _event(trigger: Trigger, interrupting: bool) -> str:
    kind = "timer, cycle" if trigger.runs else trigger.kind
    return f"{kind}, {'interrupting' if interrupting else 'not interrupting'}"
