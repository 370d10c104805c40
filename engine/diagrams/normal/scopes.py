"""How a process or sub-process begins and ends, where the drawing leaves it to the reader."""

from __future__ import annotations

from engine.diagrams import dialects
from engine.diagrams.elements import ACTIVITIES, EVENTS, GATEWAYS, NODES, SUB_PROCESSES
from engine.diagrams.normal.sheet import Node, Sheet, bpmn, child, definition, event, remove, title
from engine.xml import local

_BY_HAND = frozenset({"timer", "conditional", "multiple"})
"""Kinds of start events by which no case begins here: somebody begins it."""
_FREE = frozenset({"boundaryEvent", "startEvent"})


def instantiating(sheet: Sheet) -> None:
    """A receive task or event gateway that begins the process, as the start event that it is."""
    ways = sheet.ways()
    for gateway in sheet.steps("eventBasedGateway"):
        behind = _behind(sheet, ways.leaving(gateway))
        if (
            dialects.says(gateway, "instantiate")
            and not ways.reaching(gateway)
            and all(map(_receives, behind))
        ):
            for arrow in ways.leaving(gateway):
                sheet.report("start_made_of", arrow)
                remove(arrow)
            for node in behind:
                _make_start(node)
            sheet.report("start_made_of", gateway)
            remove(gateway)
    for task in sheet.steps("receiveTask"):
        if dialects.says(task, "instantiate"):
            task.attrib.pop("instantiate")
            if not ways.reaching(task):
                _make_start(task)
            sheet.report("start_made_of", task)


def starts(sheet: Sheet) -> None:
    """Each process and sub-process gets one way in; several are chosen between by a person."""
    for scope in sheet.scopes():
        if dialects.says(scope, "triggeredByEvent") or local(scope.tag) == "adHocSubProcess":
            continue
        members = [node for node in scope if local(node.tag) in NODES]
        drawn = [node for node in members if local(node.tag) == "startEvent"]
        if not drawn:
            _begin(sheet, scope, members)
            continue
        if local(scope.tag) != "process":
            _plain_inside(sheet, drawn)
        by_hand = [node for node in drawn if event(node) is None or event(node) in _BY_HAND]
        for node in by_hand:
            if event(node) is not None:
                sheet.report("start_by_hand", node, event=event(node))
                _drop_definitions(node)
        if len(by_hand) > 1:
            for node in by_hand:
                sheet.report("starts_chosen", node)
            _choose(sheet, scope, by_hand)


def ends(sheet: Sheet) -> None:
    """A step from which nothing leads on ends there."""
    ways = sheet.ways()
    for node in sheet.steps(*sorted((ACTIVITIES | EVENTS | GATEWAYS) - {"endEvent"})):
        leaving = ways.leaving(node)
        if leaving or dialects.says(node, "triggeredByEvent") or dialects.says(node, "isForCompensation"):
            continue
        if event(node) in ("link", "compensate") or local(node.getparent().tag) == "adHocSubProcess":
            continue
        if local(node.tag) == "intermediateThrowEvent":
            node.tag = bpmn("endEvent")
            sheet.report("end_made", node)
        else:
            sheet.connect(node, sheet.add(node.getparent(), "endEvent", f"{node.get('id')}_end", node), node)
            sheet.report("end_made", node)


def empty(sheet: Sheet) -> None:
    """A sub-process in which nothing is drawn is a step that a person does."""
    for node in sheet.steps(*sorted(SUB_PROCESSES)):
        if dialects.says(node, "triggeredByEvent") or any(local(one.tag) in NODES for one in node):
            continue
        node.tag = bpmn("task")
        for one in [one for one in node if local(one.tag) in ("laneSet", "ioSpecification")]:
            node.remove(one)
        sheet.report("sub_process_task", node)


def _begin(sheet: Sheet, scope: Node, members: list[Node]) -> None:
    """Every step that no arrow leads to begins at once, as BPMN says where no start event is drawn."""
    ways = sheet.ways()
    first = [
        node
        for node in members
        if not ways.reaching(node)
        and local(node.tag) not in _FREE
        and not dialects.says(node, "triggeredByEvent")
        and not dialects.says(node, "isForCompensation")
        and not (local(node.tag) == "intermediateCatchEvent" and event(node) == "link")
    ]
    if local(scope.tag) == "process":
        waiting = [node for node in first if _receives(node)]
        for node in waiting:
            _make_start(node)
            sheet.report("start_made_of", node)
        first = [node for node in first if node not in waiting]
    if not first:
        return
    if any(local(node.tag) == "startEvent" for node in members):
        return  # What is left over is not reached by any of the starts, and is named as such.
    sheet.report(
        "start_made", scope, count=len(first), steps=", ".join(sorted(f"“{title(one)}”" for one in first))
    )
    start = sheet.add(scope, "startEvent", f"{scope.get('id')}_start", scope)
    if len(first) > 1:
        split = sheet.add(scope, "parallelGateway", f"{scope.get('id')}_begin", scope)
        sheet.connect(start, split, scope)
        start = split
    for node in first:
        sheet.connect(start, node, scope)


def _plain_inside(sheet: Sheet, drawn: list[Node]) -> None:
    """A start event in a sub-process that waits for something: the sub-process begins, then it waits."""
    for node in drawn:
        if event(node) in ("message", "signal", "timer", "conditional"):
            node.tag = bpmn("intermediateCatchEvent")
            node.attrib.pop("isInterrupting", None)
            start = sheet.add(node.getparent(), "startEvent", f"{node.get('id')}_start", node)
            sheet.connect(start, node, node)
            sheet.report("sub_process_waits", node, event=event(node))
    drawn[:] = [node for node in drawn[0].getparent() if local(node.tag) == "startEvent"]


def _choose(sheet: Sheet, scope: Node, drawn: list[Node]) -> None:
    """One start event, and behind it a gateway at which a person says which of the drawn ones it is."""
    start = sheet.add(scope, "startEvent", f"{scope.get('id')}_start", scope)
    gateway = sheet.add(scope, "exclusiveGateway", f"{scope.get('id')}_which", scope, title(scope))
    sheet.connect(start, gateway, scope)
    for node in drawn:
        node.tag = bpmn("intermediateThrowEvent")
        node.attrib.pop("isInterrupting", None)
        sheet.connect(gateway, node, node).set("name", title(node))


def _make_start(node: Node) -> None:
    """A receive task or catching event as a start event of its message."""
    if local(node.tag) == "receiveTask":
        kind = child(node, "messageEventDefinition")
        if kind is None:
            kind = node.makeelement(bpmn("messageEventDefinition"))
            node.append(kind)
        if node.get("messageRef"):
            kind.set("messageRef", node.attrib.pop("messageRef"))
    node.tag = bpmn("startEvent")


def _receives(node: Node) -> bool:
    if local(node.tag) == "receiveTask":
        return not any(local(one.tag).endswith("LoopCharacteristics") for one in node)
    return local(node.tag) == "intermediateCatchEvent" and event(node) in ("message", "signal")


def _behind(sheet: Sheet, arrows: list[Node]) -> list[Node]:
    steps = sheet.by_id()
    return [steps[arrow.get("targetRef")] for arrow in arrows if arrow.get("targetRef") in steps]


def _drop_definitions(node: Node) -> None:
    for one in [one for one in node if local(one.tag).endswith("EventDefinition")]:
        node.remove(one)
    assert definition(node) is None
