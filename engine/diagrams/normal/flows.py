"""Arrows lie where they belong and lead to where arrows can lead; several out of a step are made explicit."""

from __future__ import annotations

from engine.diagrams import dialects
from engine.diagrams.elements import ACTIVITIES, EVENTS, GATEWAYS, bpmn_children, with_steps
from engine.diagrams.normal.conditions import condition
from engine.diagrams.normal.sheet import Node, Sheet, Ways, bpmn, child, event, remove, title
from engine.xml import local

_PASSED_ON = frozenset({None, "message", "signal", "escalation"})
"""Kinds of end events that can as well happen on the way."""


def stray(sheet: Sheet) -> None:
    """An arrow in a process without steps belongs to the process whose steps it connects, if it does."""
    steps = sheet.by_id()
    filled = with_steps(sheet.root)
    for process in bpmn_children(sheet.root, "process"):
        for arrow in list(process.iter(bpmn("sequenceFlow"))) if process not in filled else ():
            source, target = steps.get(arrow.get("sourceRef")), steps.get(arrow.get("targetRef"))
            if source is not None and target is not None:
                source.getparent().append(arrow)
            else:
                sheet.report("flow_stray", arrow)


def misplaced(sheet: Sheet) -> None:
    """An arrow lies in the scope of the two steps that it connects."""
    steps = sheet.by_id()
    for arrow in sheet.arrows():
        source, target = steps.get(arrow.get("sourceRef")), steps.get(arrow.get("targetRef"))
        if source is None or target is None or source.getparent() is not target.getparent():
            continue
        if arrow.getparent() is not source.getparent():
            source.getparent().append(arrow)
            sheet.report("flow_moved", arrow)


def into_starts(sheet: Sheet) -> None:
    """An arrow back to a start event means the step behind it."""
    ways = sheet.ways()
    for start in sheet.steps("startEvent"):
        arrows, leaving = ways.reaching(start), ways.leaving(start)
        if arrows and len(leaving) == 1 and leaving[0].get("targetRef") != start.get("id"):
            for arrow in arrows:
                arrow.set("targetRef", leaving[0].get("targetRef"))
            sheet.report("start_passed", start)


def out_of_ends(sheet: Sheet) -> None:
    """An end event from which an arrow leaves is a point on the way."""
    ways = sheet.ways()
    for end in sheet.steps("endEvent"):
        if ways.leaving(end) and event(end) in _PASSED_ON:
            end.tag = bpmn("intermediateThrowEvent")
            sheet.report("end_passed", end)


def splits(sheet: Sheet) -> None:
    """Several arrows out of a step: all of them are taken, or each whose condition is true.

    Where all are labelled, perhaps one of them is meant: that is asked.
    """
    ways = sheet.ways()
    for node in sheet.steps(*sorted(ACTIVITIES | EVENTS)):
        leaving = ways.leaving(node)
        if len(leaving) < 2 or local(node.tag) == "endEvent":
            continue
        kind = _kind(sheet, node, leaving)
        gateway = sheet.add(node.getparent(), kind, f"{node.get('id')}_split", node)
        for arrow in leaving:
            arrow.set("sourceRef", gateway.get("id"))
            if (
                kind == "inclusiveGateway"
                and condition(arrow) is None
                and arrow.get("id") != node.get("default")
            ):
                _always(arrow)
        if node.get("default"):
            gateway.set("default", node.attrib.pop("default"))
        if kind == "exclusiveGateway":
            gateway.set("name", title(node))
        sheet.connect(node, gateway, node)


def _kind(sheet: Sheet, node: Node, leaving: list[Node]) -> str:
    count = len(leaving)
    if any(condition(arrow) is not None for arrow in leaving):
        sheet.report("several_ways_conditional", node, count=count)
        return "inclusiveGateway"
    labels = {dialects.name_of(arrow) for arrow in leaving}
    if "" in labels or len(labels) < count:
        sheet.report("several_ways_out", node, count=count)
        return "parallelGateway"
    ways = (("one", "one of them, chosen by a person"), ("all", "all of them at the same time"))
    shown = ", ".join(f"“{label}”" for label in sorted(labels))
    answer = sheet.ask("several_ways_asked", node, "ways", "choice", ways, "one", count=count, labels=shown)
    return "parallelGateway" if answer == "all" else "exclusiveGateway"


def _always(arrow: Node) -> None:
    made = arrow.makeelement(bpmn("conditionExpression"))
    made.text = "true"
    arrow.append(made)


def unreachable(sheet: Sheet) -> None:
    """Steps that no way leads to are left out of what is run, each of them named."""
    for scope in sheet.scopes():
        members = [node for node in scope if local(node.tag) in ACTIVITIES | EVENTS | GATEWAYS]
        hosts = {node.get("id") for node in members}
        roots = [node for node in members if _is_root(node, hosts)]
        if not any(local(node.tag) == "startEvent" for node in roots):
            continue
        reached = _reached(roots, members, sheet.ways())
        lost = [node for node in members if node.get("id") not in reached]
        behind = [node for node in members if local(node.tag) not in EVENTS and node.get("id") in reached]
        if lost and not behind and any(local(node.tag) in ACTIVITIES for node in lost):
            start = next(node for node in roots if local(node.tag) == "startEvent")
            first = _first(sheet, start, lost)
            if first is not None:
                sheet.connect(start, first, start)
                reached = _reached(roots, members, sheet.ways())
                lost = [node for node in lost if node.get("id") not in reached]
        _leave_out(sheet, lost)


def _first(sheet: Sheet, start: Node, lost: list[Node]) -> Node | None:
    """The step that a start event which leads nowhere begins with; the likeliest while that is asked."""
    ways = sheet.ways()
    able = [node for node in lost if local(node.tag) not in ("startEvent", "boundaryEvent")]
    roots = [node for node in able if not ways.reaching(node)] or able
    options = tuple(sorted((node.get("id"), title(node)) for node in roots))
    answer = sheet.ask("start_alone", start, "first", "choice", options, options[0][0] if options else None)
    wanted = answer or (options[0][0] if options else "")
    return next((node for node in roots if node.get("id") == wanted), None)


def _leave_out(sheet: Sheet, lost: list[Node]) -> None:
    ways = sheet.ways()
    for node in lost:
        sheet.report("unreachable", node)
        for arrow in ways.leaving(node):
            sheet.report("unreachable_flow", arrow)
            remove(arrow)
        remove(node)


def _is_root(node: Node, hosts: set[str]) -> bool:
    kind = event(node)
    if local(node.tag) == "boundaryEvent" and node.get("attachedToRef") not in hosts:
        return True  # That it hangs in the air is named by the check.
    if local(node.tag) == "startEvent" or dialects.says(node, "triggeredByEvent"):
        return True
    if dialects.says(node, "isForCompensation"):
        return True
    return local(node.tag) == "intermediateCatchEvent" and kind == "link"


def _reached(roots: list[Node], members: list[Node], ways: Ways) -> set[str]:
    after: dict[str, list[str]] = {}
    for node in members:
        id = node.get("id")
        after.setdefault(id, []).extend(arrow.get("targetRef") or "" for arrow in ways.leaving(node))
        host = dialects.ref(node.get("attachedToRef"))
        if host:
            after.setdefault(host, []).append(id)
    reached = {node.get("id") for node in roots}
    pending = list(reached)
    while pending:
        for id in after.get(pending.pop(), ()):
            if id not in reached:
                reached.add(id)
                pending.append(id)
    return reached


def only_known_children(sheet: Sheet) -> None:
    """`incoming` and `outgoing` of each step as its arrows are now."""
    ways = sheet.ways()
    for node in sheet.steps():
        for old in [one for one in node if one.tag in (bpmn("incoming"), bpmn("outgoing"))]:
            node.remove(old)
        place = 0
        while place < len(node) and child(node, "documentation", "extensionElements") is not None:
            if local(node[place].tag) not in ("documentation", "extensionElements", ""):
                break
            place += 1
        for tag, arrows in (("incoming", ways.reaching(node)), ("outgoing", ways.leaving(node))):
            for arrow in arrows:
                made = node.makeelement(bpmn(tag))
                made.text = arrow.get("id")
                node.insert(place, made)
                place += 1
