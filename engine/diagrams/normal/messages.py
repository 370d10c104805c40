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
    known = _Named(sheet, "message")
    for flow in sheet.root.iter(bpmn("messageFlow")):
        ends = [steps.get(dialects.ref(flow.get(name)) or "") for name in ("sourceRef", "targetRef")]
        able = [end for end in ends if end is not None and _speaks(end)]
        for end in ends:
            if end is not None and not _speaks(end):
                sheet.report("message_flow_idle", end, flow=title(flow))
        named = {name: None for end in able if (name := known.of(end))}
        if len(named) > 1:
            sheet.report("message_flow_differs", flow, names=", ".join(f"“{name}”" for name in named))
            continue
        said = known.names.get(dialects.ref(flow.get("messageRef")) or "")
        name = next(iter(named), said) or dialects.name_of(flow) or " / ".join(title(end) for end in able)
        for end in able:
            if not known.of(end):
                known.give(end, name)
                sheet.report("message_from_flow", end, message=name)


def messages(sheet: Sheet) -> None:
    """Events and tasks that send or wait for a message or signal that nobody has named."""
    known, signals = _Named(sheet, "message"), _Named(sheet, "signal")
    for node in sheet.steps():
        name = title(node)
        if _speaks(node) and not known.of(node):
            known.give(node, name)
            sends = local(node.tag) in _SENDING
            sheet.report("message_sent_made" if sends else "message_awaited_made", node, message=name)
        elif event(node) == "signal" and not signals.of(node):
            signals.give(node, name)
            sheet.report("signal_made", node, signal=name)


class _Named:
    """The messages or signals of a file: which of them an event speaks of, and new ones."""

    def __init__(self, sheet: Sheet, tag: str) -> None:
        self._sheet, self._tag = sheet, tag
        self.names = {node.get("id", ""): dialects.name_of(node) for node in bpmn_children(sheet.root, tag)}
        self._ids = {name: id for id, name in reversed(self.names.items()) if name and id}

    def of(self, node: Node) -> str | None:
        """The name of what an event speaks of; None where that is nothing, or has no name."""
        return self.names.get(dialects.ref(_holder(node).get(f"{self._tag}Ref")) or "") or None

    def give(self, node: Node, name: str) -> None:
        """Let an event speak of the one of that name, which is added if there is none."""
        if name not in self._ids:
            id = self._sheet.fresh(f"{self._tag}_{dialects.slug(name) or 'made'}")
            made = etree.Element(bpmn(self._tag), id=id, name=name)
            made.sourceline = node.sourceline or 0
            self._sheet.root.insert(0, made)
            self._ids[name], self.names[id] = id, name
        _holder(node).set(f"{self._tag}Ref", self._ids[name])


def _speaks(node: Node) -> bool:
    return local(node.tag) in _TASKS or event(node) == "message"


def _holder(node: Node) -> Node:
    kind = definition(node)
    return kind if kind is not None else node


def _referred(sheet: Sheet) -> set[str | None]:
    names = ("messageRef", "signalRef", "errorRef", "escalationRef")
    return {
        dialects.ref(node.get(name))
        for process in sheet.processes
        for node in process.iter(f"{{{BPMN}}}*")
        for name in names
        if node.get(name)
    }
