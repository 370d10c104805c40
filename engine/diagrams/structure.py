"""Rules on arrows and on where a process starts, ends and leads."""

from __future__ import annotations

from collections.abc import Iterator

from engine.diagrams import dialects
from engine.diagrams.elements import NODES, SUB_PROCESSES, Element
from engine.diagrams.events import BESIDE
from engine.diagrams.scene import Scene
from engine.findings import Finding
from engine.xml import local

CHAIN = 400
"""Steps in one chain; SpiffWorkflow's parser ends in a RecursionError at about 485."""


def arrows(scene: Scene) -> Iterator[Finding]:
    """Loose ends, arrows across borders, conditions that have no effect."""
    for flow in scene.drawing.flows.values():
        source, target = scene.elements.get(flow.source), scene.elements.get(flow.target)
        if source is None or target is None:
            ends = (flow.source, flow.target)
            if all(_is_step(scene, end) for end in ends):
                yield scene.about(
                    "flow_across", flow, source=_title(scene, ends[0]), target=_title(scene, ends[1])
                )
            else:
                yield scene.about("flow_dangling", flow)
        elif source.scope != target.scope:
            yield scene.about(
                "flow_across", flow, source=scene.title(source.id), target=scene.title(target.id)
            )
        if source is not None and flow.default and flow.condition is not None:
            yield scene.about("default_conditional", flow)


def ways_out(scene: Scene) -> Iterator[Finding]:
    """What arrows may not leave, and what they may not reach."""
    for element in scene.elements.values():
        leaving = scene.ways_out.get(element.id, [])
        if element.kind == "endEvent" and leaving:
            yield scene.about("end_goes_on", element)
        drawn = [flow for flow in scene.ways_in.get(element.id, ()) if not flow.id.endswith(".link")]
        if _only_begins(element) and drawn:
            yield scene.about("start_reached", element)
        if element.triggered and leaving:
            yield scene.about("event_sub_process_arrow", element)


def starts_and_ends(scene: Scene) -> Iterator[Finding]:
    yield from _process_starts(scene)
    for element in scene.elements.values():
        if element.kind in SUB_PROCESSES and not _starts_by_itself(scene, element):
            yield from _sub_process(scene, element)


def long_chains(scene: Scene) -> Iterator[Finding]:
    """The depth to which the parser goes, arrow by arrow in the order drawn."""
    for members in scene.members.values():
        depth: dict[str, int] = {}
        for start in members:
            if start.kind != "startEvent":
                continue
            pending = [(start, 1)]
            while pending:
                element, steps = pending.pop()
                if element.id in depth:
                    continue
                depth[element.id] = steps
                if steps > CHAIN:
                    yield scene.about("chain_too_long", element, count=steps, limit=CHAIN)
                    return
                after = [*scene.after(element.id), *scene.attached.get(element.id, ())]
                pending.extend((item, steps + 1) for item in reversed(after))


def _process_starts(scene: Scene) -> Iterator[Finding]:
    starts = [element for element in scene.members[scene.drawing.process] if element.kind == "startEvent"]
    if not starts and not any(
        element.id in scene.refused for element in scene.members[scene.drawing.process]
    ):
        process = scene.nodes[scene.drawing.process]
        yield scene.place("start_missing", scene.drawing.process, scene.drawing.name, process.sourceline)
    messages: dict[str, Element] = {}
    for start in starts:
        if start.message and messages.setdefault(start.message, start) is not start:
            yield scene.about("starts_same_message", start, message=start.message)


def _sub_process(scene: Scene, element: Element) -> Iterator[Finding]:
    members = scene.members.get(element.id, [])
    starts = [member for member in members if member.kind == "startEvent"]
    if not members:
        yield scene.about("sub_process_empty", element)
        return
    if len(starts) != 1:
        yield scene.about("sub_process_start", element, count=len(starts))
    for start in starts:
        if start.id in scene.refused:
            continue
        if element.triggered and start.event not in BESIDE:
            yield scene.about("event_sub_process_start", start)
        elif not element.triggered and start.event is not None:
            yield scene.about("sub_process_start_kind", start, event=start.event)
    if not any(member.kind == "endEvent" for member in members):
        yield scene.about("sub_process_end", element)


def _starts_by_itself(scene: Scene, element: Element) -> bool:
    """Ad-hoc sub-processes have other rules; they are refused as a whole."""
    return "ad_hoc" in scene.refused.get(element.id, ())


def _only_begins(element: Element) -> bool:
    """No arrow leads to what an event begins."""
    by_link = element.kind == "intermediateCatchEvent" and element.event == "link"
    return element.kind in ("startEvent", "boundaryEvent") or element.triggered or by_link


def _is_step(scene: Scene, element_id: str) -> bool:
    node = scene.nodes.get(element_id)
    return node is not None and local(node.tag) in NODES


def _title(scene: Scene, element_id: str) -> str:
    return dialects.name_of(scene.nodes[element_id]) or element_id
