"""Rules on the XML itself: which processes are run, ids, unknown tags, what cannot be run yet."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.elements import (
    NODES,
    SUB_PROCESSES,
    bpmn_children,
    is_marked,
    to_run,
    with_steps,
)
from engine.diagrams.sentences import found
from engine.findings import Finding
from engine.xml import BPMN, local, namespace

RESERVED = frozenset({"Start", "End", "Root", "StartEventSplit", "StartEventJoin"})
RESERVED_ENDINGS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin", " [child]")
"""Names that SpiffWorkflow gives to steps of its own."""

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

_BY_KIND = {"complexGateway": "complex_gateway", "adHocSubProcess": "ad_hoc", "transaction": "transaction"}
_BY_EVENT = {
    "compensate": "compensation",
    "cancel": "cancel_event",
    "multiple": "several_event_kinds",
    "reference": "event_reference",
}
_BY_CHILD = {
    "ioSpecification": "data_association",
    "dataInputAssociation": "data_association",
    "dataOutputAssociation": "data_association",
}


_UNRUN = frozenset(
    [
        *("potentialOwner", "humanPerformer", "performer", "resourceRole"),
        *("inputOutput", "ioMapping", "connector", "executionListener", "taskListener"),
        *("executionListeners", "taskListeners"),
    ]
)
"""Parts of an element, of BPMN's or of an editor's, that would do something and do nothing here."""


def identified(root: etree._Element) -> dict[str, etree._Element]:
    """Every BPMN element of the file by its id; the first one where an id is used twice."""
    nodes: dict[str, etree._Element] = {}
    for node in root.iter(f"{{{BPMN}}}*"):
        if node.get("id"):
            nodes.setdefault(node.get("id"), node)
    return nodes


def processes(root: etree._Element, file: str) -> Iterator[Finding]:
    """Is it BPMN, is there something to run, and is it clear what?"""
    if local(root.tag) != "definitions" or namespace(root.tag) != BPMN:
        yield found("not_bpmn", file, line=root.sourceline, tag=local(root.tag))
        return
    drawn = with_steps(root)
    if not drawn:
        yield found("no_process", file, line=root.sourceline)
    chosen = to_run(root)
    for process in drawn:
        name = dialects.name_of(process)
        place = {"element": process.get("id"), "name": name, "line": process.sourceline}
        if not process.get("id"):
            yield found("process_without_id", file, **place)
        elif process not in chosen:
            yield found("process_left_out", file, **place)
        elif not is_marked(process):
            yield found("process_chosen" if len(drawn) == 1 else "process_unmarked", file, **place)


def ids(root: etree._Element, nodes: dict[str, etree._Element], file: str) -> Iterator[Finding]:
    """Missing, repeated and reserved ids of everything that is to be run."""
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
    for process in to_run(root):
        for node in _parts(process):
            yield from _id_of(node, file)


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


def unrun(root: etree._Element, file: str) -> Iterator[Finding]:
    """Parts of elements that other engines run and Percorso leaves out."""
    for process in to_run(root):
        for node in (process, *_parts(process)):
            inside = [local(child.tag) for child in (*bpmn_children(node), *dialects.extensions(node))]
            if node is process:
                inside = [tag for tag in inside if tag in _UNRUN or tag == "ioSpecification"]
            elif local(node.tag) == "callActivity":
                inside = [tag for tag in inside if tag in _UNRUN and tag != "ioMapping"]
            else:
                inside = [tag for tag in inside if tag in _UNRUN]
            if inside:
                place = {"element": node.get("id"), "name": dialects.name_of(node), "line": node.sourceline}
                yield found("part_ignored", file, **place, parts=", ".join(dict.fromkeys(inside)))


def _parts(scope: etree._Element) -> Iterator[etree._Element]:
    """All steps and arrows of a process, with those in its sub-processes."""
    for node in bpmn_children(scope):
        tag = local(node.tag)
        if tag in NODES or tag == "sequenceFlow":
            yield node
            if tag in SUB_PROCESSES:
                yield from _parts(node)


def _id_of(node: etree._Element, file: str) -> Iterator[Finding]:
    element, name, line = node.get("id"), dialects.name_of(node), node.sourceline
    if local(node.tag) == "sequenceFlow":
        if not element:
            source, target = dialects.ref(node.get("sourceRef")), dialects.ref(node.get("targetRef"))
            yield found("flow_id_missing", file, name=name, line=line, source=source, target=target)
    elif not element:
        yield found("id_missing", file, name=name, line=line, tag=local(node.tag))
    elif element in RESERVED or element.endswith(RESERVED_ENDINGS):
        yield found("id_reserved", file, element=element, name=name, line=line, id=element)


def _refused(node: etree._Element) -> list[str]:
    kind = local(node.tag)
    codes = [_BY_KIND[kind]] if kind in _BY_KIND else []
    if dialects.says(node, "isForCompensation"):
        codes.append("compensation")
    if dialects.says(node, "instantiate"):
        codes.append("instantiating")
    if any(node.get(key, "1").strip() not in ("", "1") for key in ("startQuantity", "completionQuantity")):
        codes.append("token_quantity")
    for loop in bpmn_children(node, "multiInstanceLoopCharacteristics"):
        if loop.get("behavior", "All") != "All":
            codes.append("instance_events")
    event, _ = dialects.event_of(node) if kind.endswith("Event") else (None, None)
    if event in _BY_EVENT:
        codes.append(_BY_EVENT[event])
    children = [_BY_CHILD[tag] for tag in map(local, (child.tag for child in node)) if tag in _BY_CHILD]
    return list(dict.fromkeys([*codes, *children]))
