"""Rules on the XML itself: which processes are run, ids, unknown tags, what cannot be run yet."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.elements import NODES, SUB_PROCESSES, bpmn_children, to_run, with_steps
from engine.diagrams.sentences import found
from engine.findings import Finding
from engine.xml import BPMN, local

RESERVED = frozenset({"Start", "End", "Root", "StartEventSplit", "StartEventJoin"})
RESERVED_ENDINGS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin", " [child]", " [undo]")
"""Names that SpiffWorkflow gives to steps of its own."""

ARROW = f"{{{BPMN}}}sequenceFlow"
LONGEST, LONGEST_KEY = 200, 100
"""Characters of an id or name, and of the id by which a process goes."""

_PAPER = frozenset(
    [
        *("documentation", "textAnnotation", "association", "group"),
        *("dataObject", "dataObjectReference", "dataStoreReference", "ioSpecification", "property"),
        *("dataInputAssociation", "dataOutputAssociation", "correlationSubscription"),
        *("resourceRole", "performer", "humanPerformer", "potentialOwner", "auditing", "monitoring"),
        *("sequenceFlow", "laneSet", "extensionElements", "incoming", "outgoing"),
        *("supportedInterfaceRef", "supports", "completionCondition", "categoryValueRef"),
        *("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"),
    ]
)
"""Children of a process that are no steps; those that mean nothing to the engine are documentation."""

_BY_KIND = {"complexGateway": "complex_gateway", "adHocSubProcess": "ad_hoc"}
_BY_EVENT = {
    "multiple": "several_event_kinds",
}


def identified(root: etree._Element) -> dict[str, etree._Element]:
    """Every BPMN element of the file by its id; the first one where an id is used twice."""
    nodes: dict[str, etree._Element] = {}
    for node in root.iter(f"{{{BPMN}}}*"):
        if node.get("id"):
            nodes.setdefault(node.get("id"), node)
    return nodes


def processes(root: etree._Element, file: str) -> Iterator[Finding]:
    """Is there something to run, and is anything left out?"""
    drawn = with_steps(root)
    if not drawn:
        yield found("no_process", file, line=root.sourceline)
    chosen = to_run(root)
    for process in drawn:
        if process not in chosen:
            name = dialects.name_of(process)
            place = {"element": process.get("id"), "name": name, "line": process.sourceline}
            yield found("process_left_out", file, **place)


def ids(root: etree._Element, nodes: dict[str, etree._Element], file: str) -> Iterator[Finding]:
    """Ids that are used twice."""
    for node in root.iter(f"{{{BPMN}}}*"):
        first = nodes.get(node.get("id"))
        if first is not None and first is not node:
            yield found(
                "id_twice",
                file,
                element=node.get("id"),
                name=dialects.name_of(node),
                line=node.sourceline,
                id=node.get("id"),
                other=first.sourceline,
            )


def lengths(root: etree._Element, file: str) -> Iterator[Finding]:
    """Ids and names that are longer than the database holds."""
    named = [
        *((process, "id", LONGEST_KEY) for process in to_run(root)),
        *((node, "id", LONGEST) for process in to_run(root) for node in _parts(process) if node.tag != ARROW),
        *((node, "name", LONGEST) for node in bpmn_children(root, "message", "signal")),
    ]
    for node, attribute, limit in named:
        text = str(node.get(attribute) or "")
        if len(text) > limit:
            place = {"element": node.get("id", "")[:LONGEST], "line": node.sourceline}
            yield found("too_long", file, **place, attribute=attribute, text=text[:40], limit=limit)


def unknown_tags(root: etree._Element, file: str) -> Iterator[Finding]:
    for process in to_run(root):
        for scope in (process, *(node for node in _parts(process) if local(node.tag) in SUB_PROCESSES)):
            for node in bpmn_children(scope):
                tag = local(node.tag)
                if tag not in NODES and tag not in _PAPER:
                    yield found(
                        "tag_unknown",
                        file,
                        element=node.get("id"),
                        name=dialects.name_of(node),
                        line=node.sourceline,
                        tag=tag,
                    )


def refused(root: etree._Element) -> dict[str, list[str]]:
    """Element id -> codes of what cannot be run yet, for the elements that have such a thing."""
    found_codes: dict[str, list[str]] = {}
    for process in to_run(root):
        for node in _parts(process):
            codes = _refused(node)
            if codes and node.get("id"):
                found_codes[node.get("id")] = codes
    return found_codes


def unsupported(
    nodes: dict[str, etree._Element], codes: dict[str, list[str]], file: str
) -> Iterator[Finding]:
    for element_id, reasons in codes.items():
        node = nodes[element_id]
        for code in reasons:
            yield found(code, file, element=element_id, name=dialects.name_of(node), line=node.sourceline)


def _parts(scope: etree._Element) -> Iterator[etree._Element]:
    """All steps and arrows of a process, with those in its sub-processes."""
    for node in bpmn_children(scope):
        tag = local(node.tag)
        if tag in NODES or tag == "sequenceFlow":
            yield node
            if tag in SUB_PROCESSES:
                yield from _parts(node)


def _refused(node: etree._Element) -> list[str]:
    kind = local(node.tag)
    codes = [_BY_KIND[kind]] if kind in _BY_KIND else []
    if dialects.says(node, "instantiate"):
        codes.append("instantiating")
    event, _ = dialects.event_of(node) if kind.endswith("Event") else (None, None)
    if event in _BY_EVENT:
        codes.append(_BY_EVENT[event])
    return list(dict.fromkeys(codes))
