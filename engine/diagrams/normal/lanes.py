"""Who does a step: lanes named after roles, assignments in the spellings of the editors, else a question."""

from __future__ import annotations

import difflib

from engine.diagrams import dialects
from engine.diagrams.elements import HUMAN
from engine.diagrams.normal.sheet import OF, ROLE, Node, Sheet, Ways, bpmn
from engine.xml import local


def names(sheet: Sheet) -> None:
    """A lane without a name goes by the name of the lane around it, or of its pool."""
    pools = _pools(sheet)
    for process in sheet.processes:
        pool = pools.get(process.get("id"))
        drawn = list(process.iter(bpmn("lane")))
        only = len([lane for lane in drawn if not list(lane.iter(bpmn("childLaneSet")))]) == 1
        for lane in drawn:
            if dialects.name_of(lane):
                continue
            outer = next(lane.iterancestors(bpmn("lane")), None)
            name = dialects.name_of(outer) if outer is not None else ""
            name = name or (dialects.name_of(pool) if only and pool is not None else "")
            if name:
                lane.set("name", name)
                sheet.report("lane_named", lane, lane=name)


def roles(sheet: Sheet) -> None:
    """Every step for a person has a role; what no lane says is asked once for each lane or pool."""
    pools = _pools(sheet)
    options = tuple(sheet.context.role_options)
    ways, steps = sheet.ways(), sheet.by_id()
    for process in sheet.processes:
        lanes = _lanes(process)
        asked: dict[Node, list[Node]] = {}
        for node in process.iter(*(bpmn(kind) for kind in sorted(HUMAN))):
            if node.get(ROLE):
                continue
            lane = _lane_of(node, lanes, ways, steps)
            if lane is None:
                lane = pools.get(process.get("id"), process)
            role = sheet.context.roles(dialects.name_of(lane)) if lane is not process else None
            if role is None:
                asked.setdefault(lane, []).append(node)
            elif _is_elsewhere(node, lanes):
                node.set(ROLE, role)
        for lane, nodes in asked.items():
            name = dialects.name_of(lane)
            code = "lane_unknown" if name and lane is not process else "lane_missing"
            answer = sheet.ask(
                code,
                lane,
                "role",
                "role",
                options,
                _closest(name, options),
                lane=name,
                count=len(nodes),
                known=", ".join(label for _, label in options) or "–",
            )
            if answer:
                for node in nodes:
                    node.set(ROLE, answer)


def _is_elsewhere(node: Node, lanes: dict[str, Node]) -> bool:
    """Does the reader of the drawing not find the lane by itself?"""
    return node.get("id") not in lanes and bool(lanes)


def _lane_of(node: Node, lanes: dict[str, Node], ways: Ways, steps: dict[str, Node]) -> Node | None:
    """The lane of a step, of what it lies in, of what it belongs to, or of what comes behind it."""
    here: Node | None = node
    while here is not None:
        for id in (here.get("id"), dialects.ref(here.get("attachedToRef")), here.get(OF)):
            if id in lanes:
                return lanes[id]
        here = here.getparent()
    if node.get(OF) is None and ways.reaching(node):
        return None
    pending, seen = [node], {node}
    while pending:
        for arrow in ways.leaving(pending.pop(0)):
            target = steps.get(arrow.get("targetRef"))
            if target is not None and target.get("id") in lanes:
                return lanes[target.get("id")]
            if target is not None and target not in seen:
                seen.add(target)
                pending.append(target)
    return None


def _lanes(process: Node) -> dict[str, Node]:
    """Step -> its innermost lane."""
    found: dict[str, Node] = {}
    for lane in process.iter(bpmn("lane")):
        for reference in lane:
            if local(reference.tag) == "flowNodeRef":
                found[dialects.ref(reference.text) or ""] = lane
    return found


def _pools(sheet: Sheet) -> dict[str, Node]:
    return {dialects.ref(pool.get("processRef")) or "": pool for pool in sheet.root.iter(bpmn("participant"))}


def _closest(name: str, options: tuple[tuple[str, str], ...]) -> str | None:
    labels = {label.casefold(): value for value, label in options}
    near = difflib.get_close_matches(name.casefold(), labels, n=1, cutoff=0.6)
    return labels[near[0]] if near else None
