"""Every process, step and arrow gets an id that it shares with nothing and that the engine does not use."""

from __future__ import annotations

from engine.diagrams import dialects
from engine.diagrams.elements import NODES, with_steps
from engine.diagrams.normal.sheet import Node, Sheet, bpmn, title
from engine.diagrams.paper import RESERVED, RESERVED_ENDINGS
from engine.xml import BPMN, local

LONGEST_NAME = 200
"""Characters of a name that lists and the database hold."""

_NEVER_RENAMED = NODES | {"process"}
_REFERRING = (
    *("sourceRef", "targetRef", "attachedToRef", "default", "bpmnElement", "activityRef", "processRef"),
    *("messageRef", "signalRef", "errorRef", "escalationRef"),
)
_REFERRING_TEXTS = frozenset({"flowNodeRef", "incoming", "outgoing", "sourceRef", "targetRef"})


def executable(sheet: Sheet) -> None:
    """Which processes are run: those marked, else all that have steps."""
    chosen = sheet.processes
    for process in chosen:
        if str(process.get("isExecutable", "")).strip() not in ("true", "1"):
            only = len(with_steps(sheet.root)) == 1
            sheet.report("process_chosen" if only else "process_unmarked", process)
    for process in chosen:
        process.set("isExecutable", "true")


def process_ids(sheet: Sheet) -> None:
    for process in sheet.processes:
        if not process.get("id"):
            name = dialects.name_of(process)
            process.set("id", sheet.fresh(dialects.slug(name) or "process"))
            sheet.report("process_id_made", process, id=process.get("id"))


def missing(sheet: Sheet) -> None:
    """Steps and arrows without an id, which nothing could follow."""
    for node in sheet.steps():
        if not node.get("id"):
            tag = local(node.tag)
            node.set("id", sheet.fresh(f"{tag}_{dialects.slug(dialects.name_of(node)) or 'made'}"))
            sheet.report("id_made", node, tag=tag)
    for arrow in sheet.arrows():
        if not arrow.get("id"):
            source, target = dialects.ref(arrow.get("sourceRef")), dialects.ref(arrow.get("targetRef"))
            arrow.set("id", sheet.fresh(f"flow_{source or 'nothing'}_{target or 'nothing'}"))
            sheet.report("flow_id_made", arrow, source=source, target=target)


def reserved(sheet: Sheet) -> None:
    """Ids under which the engine keeps steps of its own."""
    for node in sheet.steps():
        id = node.get("id")
        if id in RESERVED or id.endswith(RESERVED_ENDINGS):
            fresh = sheet.fresh(f"{id}_1" if id in RESERVED else f"{id}_")
            sheet.report("id_changed", node, id=id, fresh=fresh)
            _rename(sheet, id, fresh)
            node.set("id", fresh)


def repeated(sheet: Sheet) -> None:
    """Of two things with one id, all but one get another, unless both are steps: arrows might mean either."""
    first: dict[str, Node] = {}
    drawn = list(sheet.root.iter(f"{{{BPMN}}}*"))
    steps = [node for node in drawn if local(node.tag) in _NEVER_RENAMED]
    for node in [*steps, *(node for node in drawn if local(node.tag) not in _NEVER_RENAMED)]:
        id = node.get("id")
        if not id:
            continue
        other = first.setdefault(id, node)
        if other is not node and local(node.tag) not in _NEVER_RENAMED:
            node.set("id", sheet.fresh(id))
            if local(node.tag) == "sequenceFlow":
                sheet.report("id_repeated", node, id=id, other=other.sourceline)


def names(sheet: Sheet) -> None:
    for node in [*sheet.processes, *sheet.steps()]:
        if len(title(node)) > LONGEST_NAME and dialects.name_of(node):
            sheet.report("name_long", node, limit=LONGEST_NAME)
            node.set("name", dialects.name_of(node)[: LONGEST_NAME - 1] + "…")


def references(sheet: Sheet) -> None:
    """References without blanks and prefixes, so that they are the ids that they mean."""
    ids = {node.get("id") for node in sheet.root.iter() if node.get("id")}
    changed = 0
    for process in sheet.processes:
        for node in process.iter(f"{{{BPMN}}}*"):
            for name in ("sourceRef", "targetRef", "attachedToRef", "default"):
                text = node.get(name)
                if text is not None and text not in ids and dialects.ref(text) in ids:
                    node.set(name, dialects.ref(text) or "")
                    changed += 1
            if local(node.tag) == "flowNodeRef" and node.text not in ids and dialects.ref(node.text) in ids:
                node.text = dialects.ref(node.text)
                changed += 1
    if changed:
        sheet.report("references_cleaned", None, count=changed)


def ends_of_arrows(sheet: Sheet) -> None:
    """Arrows whose ends are only said by the steps at them."""
    leaving: dict[str, str] = {}
    reaching: dict[str, str] = {}
    for node in sheet.steps():
        for child in node:
            if child.tag == bpmn("outgoing"):
                leaving[dialects.ref(child.text) or ""] = node.get("id")
            elif child.tag == bpmn("incoming"):
                reaching[dialects.ref(child.text) or ""] = node.get("id")
    for arrow in sheet.arrows():
        for name, known in (("sourceRef", leaving), ("targetRef", reaching)):
            if not arrow.get(name) and arrow.get("id") in known:
                arrow.set(name, known[arrow.get("id")])
                sheet.report("flow_end_found", arrow, step=known[arrow.get("id")])


def _rename(sheet: Sheet, id: str, fresh: str) -> None:
    for node in sheet.root.iter():
        if not isinstance(node.tag, str):
            continue
        for name in _REFERRING:
            if node.get(name) == id:
                node.set(name, fresh)
        if local(node.tag) in _REFERRING_TEXTS and (node.text or "").strip() == id:
            node.text = fresh
