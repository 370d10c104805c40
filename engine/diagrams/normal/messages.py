"""What events refer to: messages, signals, errors, and the message flows that link the pools."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.elements import bpmn_children
from engine.diagrams.normal.sheet import Node, Sheet, bpmn, definition, event, remove, title
from engine.xml import BPMN, local

_TASKS = frozenset({"sendTask", "receiveTask"})
_SENDING = frozenset({"sendTask", "intermediateThrowEvent", "endEvent"})


def kept_elsewhere(sheet: Sheet) -> None:
    """Event definitions that an event only refers to are copied into it."""
    kept = {node.get("id"): node for node in sheet.root if local(node.tag).endswith("EventDefinition")}
    for node in sheet.steps():
        for reference in [child for child in node if child.tag == bpmn("eventDefinitionRef")]:
            kind = kept.get(dialects.ref(reference.text))
            remove(reference)
            if kind is None:
                sheet.report("event_reference_lost", node)
                continue
            copy = deepcopy(kind)
            copy.attrib.pop("id", None)
            node.append(copy)
            sheet.report("event_reference", node)


def nameless(sheet: Sheet) -> None:
    """Messages and signals without a name go by their id; errors without a code by name or id."""
    used = _referred(sheet)
    for node in bpmn_children(sheet.root, "message", "signal", "error", "escalation"):
        tag, id = local(node.tag), node.get("id")
        if id not in used:
            continue
        if tag in ("message", "signal"):
            if not dialects.name_of(node):
                node.set("name", id)
                sheet.report("nameless", node, tag=tag, called=id)
        elif not str(node.get(f"{tag}Code") or "").strip():
            code = dialects.name_of(node) or id
            node.set(f"{tag}Code", code)
            sheet.report("codeless", node, tag=tag, used=code)


def message_flows(sheet: Sheet) -> None:
    """Both ends of an arrow between two pools speak of the same message."""
    steps = sheet.by_id()
    for flow in sheet.root.iter(bpmn("messageFlow")):
        ends = [steps.get(dialects.ref(flow.get(name)) or "") for name in ("sourceRef", "targetRef")]
        able = [end for end in ends if end is not None and _speaks(end)]
        for end in ends:
            if end is not None and not _speaks(end):
                sheet.report("message_flow_idle", end, flow=title(flow))
        named = {name: None for end in able if (name := _message(sheet, end))}
        if len(named) > 1:
            sheet.report("message_flow_differs", flow, names=", ".join(f"“{name}”" for name in named))
            continue
        said = _name(sheet, dialects.ref(flow.get("messageRef")))
        name = next(iter(named), said) or dialects.name_of(flow) or " / ".join(title(end) for end in able)
        for end in able:
            if not _message(sheet, end):
                _refer(sheet, end, "message", name)
                sheet.report("message_from_flow", end, message=name)


def messages(sheet: Sheet) -> None:
    """Events and tasks that send or wait for a message that nobody has named."""
    for node in sheet.steps():
        if _speaks(node) and not _message(sheet, node):
            name = title(node)
            _refer(sheet, node, "message", name)
            sends = local(node.tag) in _SENDING
            sheet.report("message_sent_made" if sends else "message_awaited_made", node, message=name)
        elif event(node) == "signal" and not _signal(sheet, node):
            name = title(node)
            _refer(sheet, node, "signal", name)
            sheet.report("signal_made", node, signal=name)


def _speaks(node: Node) -> bool:
    return local(node.tag) in _TASKS or event(node) == "message"


def _holder(node: Node) -> Node:
    kind = definition(node)
    return kind if kind is not None else node


def _message(sheet: Sheet, node: Node) -> str | None:
    return _name(sheet, dialects.ref(_holder(node).get("messageRef")))


def _signal(sheet: Sheet, node: Node) -> str | None:
    return _name(sheet, dialects.ref(_holder(node).get("signalRef")), "signal")


def _name(sheet: Sheet, id: str | None, tag: str = "message") -> str | None:
    for node in bpmn_children(sheet.root, tag) if id else ():
        if node.get("id") == id:
            return dialects.name_of(node) or None
    return None


def _refer(sheet: Sheet, node: Node, tag: str, name: str) -> None:
    """Let an event speak of the message or signal of that name, which is added if there is none."""
    for known in bpmn_children(sheet.root, tag):
        if dialects.name_of(known) == name and known.get("id"):
            id = known.get("id")
            break
    else:
        id = sheet.fresh(f"{tag}_{dialects.slug(name) or 'made'}")
        made = etree.Element(bpmn(tag), id=id, name=name)
        made.sourceline = node.sourceline or 0
        sheet.root.insert(0, made)
    _holder(node).set(f"{tag}Ref", id)


def _referred(sheet: Sheet) -> set[str | None]:
    names = ("messageRef", "signalRef", "errorRef", "escalationRef")
    return {
        dialects.ref(node.get(name))
        for process in sheet.processes
        for node in process.iter(f"{{{BPMN}}}*")
        for name in names
        if node.get(name)
    }
