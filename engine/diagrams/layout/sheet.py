"""The whole sheet: processes one below the other, with pools and lanes round them, as BPMNDI in a copy."""

from __future__ import annotations

from io import BytesIO

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.elements import NODES, bpmn_children
from engine.diagrams.layout.labels import labels
from engine.diagrams.layout.measures import place
from engine.diagrams.layout.plan import Box, Placed, straight
from engine.diagrams.layout.reading import Lanes, Scope, lanes_of, read_scope
from engine.diagrams.layout.writing import Sheet, write
from engine.xml import BPMN, BPMNDI, DC, local, parse

HEAD = 30
"""Width of the strip of a pool or lane in which its name stands."""
BETWEEN = 70
EMPTY_POOL = 60
LEFT = TOP = 40
BESIDE, WIDE = 12, 60


def has_picture(root: etree._Element) -> bool:
    """Has any step, event or gateway a place on a sheet? Without steps there is nothing to place."""
    drawn = {
        dialects.ref(shape.get("bpmnElement"))
        for shape in root.iter(f"{{{BPMNDI}}}BPMNShape")
        if shape.find(f"{{{DC}}}Bounds") is not None
    }
    steps = [node for node in root.iter(f"{{{BPMN}}}*") if local(node.tag) in NODES]
    return not steps or any(node.get("id") in drawn for node in steps)


def lay_out(data: bytes, file: str) -> bytes:
    """A copy of a drawing with a picture; the drawing itself if it has one, or nothing to show.

    Ids are added in the copy where they are missing, for a picture refers to everything by its id.
    Raises Invalid where the file is no XML.
    """
    root = parse(data, file)
    if has_picture(root):
        return data
    _name_everything(root)
    collaboration = _pools(root)
    write(root, collaboration, _lay_out(root, collaboration))
    out = BytesIO()
    root.getroottree().write(out, encoding="UTF-8", xml_declaration=True)
    return out.getvalue()


_BEARING = (
    *("sequenceFlow", "lane", "participant", "messageFlow", "association", "textAnnotation"),
    *("dataObjectReference", "dataStoreReference", "dataInputAssociation", "dataOutputAssociation"),
    *("process", "collaboration"),
)


def _name_everything(root: etree._Element) -> None:
    """An id for what has none, and another one for what comes second with an id."""
    every = {node.get("id") for node in root.iter() if node.get("id")}
    seen: set[str] = set()
    number = 0
    for node in root.iter(f"{{{BPMN}}}*"):
        if local(node.tag) not in NODES and local(node.tag) not in _BEARING:
            continue
        if not node.get("id") or node.get("id") in seen:
            while f"Shown_{number}" in every:
                number += 1
            every.add(f"Shown_{number}")
            node.set("id", f"Shown_{number}")
        seen.add(node.get("id"))


def _pools(root: etree._Element) -> etree._Element | None:
    """The collaboration; made where several processes have none, so that one sheet can show them all."""
    collaboration = next(bpmn_children(root, "collaboration"), None)
    drawn = [node for node in bpmn_children(root, "process") if any(local(one.tag) in NODES for one in node)]
    pools = list(bpmn_children(collaboration, "participant")) if collaboration is not None else []
    shown = {dialects.ref(pool.get("processRef")) for pool in pools}
    lacking = [process for process in drawn if process.get("id") not in shown]
    if collaboration is None and len(drawn) > 1:
        collaboration = etree.Element(f"{{{BPMN}}}collaboration", id="Shown_collaboration")
        root.insert(root.index(drawn[0]), collaboration)
    if collaboration is not None:
        for number, process in enumerate(lacking):
            pool = etree.Element(f"{{{BPMN}}}participant", id=f"Shown_pool_{number}")
            pool.set("processRef", process.get("id"))
            pool.set("name", dialects.name_of(process) or process.get("id"))
            collaboration.insert(len(pools) + number, pool)
    return collaboration


def _lay_out(root: etree._Element, collaboration: etree._Element | None) -> Sheet:
    sheet = Sheet()
    processes = {node.get("id"): node for node in bpmn_children(root, "process")}
    if collaboration is None:
        for process in processes.values():
            if any(local(node.tag) in NODES for node in process):
                lanes = lanes_of(process)
                placed = _scope(read_scope(process, lanes.of_node, len(lanes.leaves)))
                _put(sheet, placed, LEFT + HEAD * lanes.depth, TOP)
                _frame_lanes(sheet, lanes.tops, placed, LEFT, TOP, placed.width + HEAD * lanes.depth)
    else:
        _lay_out_pools(sheet, processes, collaboration)
        for flow in bpmn_children(collaboration, "messageFlow"):
            _message(sheet, flow)
    for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
        if flow.get("id") not in sheet.lines:
            _forbidden(sheet, flow)
    sheet.labels = labels(root, sheet.boxes, sheet.lines, sheet.frames)
    return sheet


def _lay_out_pools(sheet: Sheet, processes: dict[str, etree._Element], collaboration: etree._Element) -> None:
    parts: list[tuple[etree._Element, Lanes, Placed]] = []
    for pool in bpmn_children(collaboration, "participant"):
        # A process that two pools show is drawn in the first.
        process = processes.pop(dialects.ref(pool.get("processRef")) or "", None)
        if process is not None and any(local(node.tag) in NODES for node in process):
            lanes = lanes_of(process)
            parts.append((pool, lanes, _scope(read_scope(process, lanes.of_node, len(lanes.leaves)))))
        else:
            parts.append((pool, Lanes(), Placed(600 - HEAD, EMPTY_POOL)))
    width = max(HEAD * (1 + lanes.depth) + placed.width for _, lanes, placed in parts)
    top = TOP
    for pool, lanes, placed in parts:
        sheet.boxes[pool.get("id")] = Box(LEFT, top, width, placed.height)
        sheet.frames.add(pool.get("id"))
        _put(sheet, placed, LEFT + HEAD * (1 + lanes.depth), top)
        _frame_lanes(sheet, lanes.tops, placed, LEFT + HEAD, top, width - HEAD)
        top += placed.height + BETWEEN


def _scope(scope: Scope) -> Placed:
    """A scope with its sub-processes, which are laid out first, for they need room."""
    inner = {id: _scope(one) for id, one in scope.inner.items()}
    for id, contents in inner.items():
        scope.grow(id, contents.width, contents.height)
    placed = place(scope.plan)
    for id, contents in inner.items():
        box = placed.boxes[id]
        for name, where in contents.boxes.items():
            placed.boxes[name] = where.moved(box.x, box.y)
        for name, points in contents.lines.items():
            placed.lines[name] = [(x + box.x, y + box.y) for x, y in points]
    for id, (source, target) in scope.dotted.items():
        if source in placed.boxes and target in placed.boxes:
            placed.lines[id] = straight(placed.boxes[source], placed.boxes[target])
    return placed


def _put(sheet: Sheet, placed: Placed, x: int, y: int) -> None:
    for id, box in placed.boxes.items():
        sheet.boxes[id] = box.moved(x, y)
    for id, points in placed.lines.items():
        sheet.lines[id] = [(left + x, top + y) for left, top in points]


def _frame_lanes(
    sheet: Sheet, lanes: list[tuple[etree._Element, int, int]], placed: Placed, x: int, y: int, width: int
) -> None:
    """Frames of the lanes, the outer ones first; each is as high as the bands it holds."""
    depths: dict[etree._Element, int] = {}
    for lane, first, last in lanes:
        around = next((outer for outer in lane.iterancestors(f"{{{BPMN}}}lane") if outer in depths), None)
        depths[lane] = depths[around] + 1 if around is not None else 0
        shift = HEAD * depths[lane]
        top, bottom = placed.bands[first][0], placed.bands[last][1]
        sheet.boxes[lane.get("id")] = Box(x + shift, y + top, width - shift, bottom - top)
        sheet.frames.add(lane.get("id"))


def _forbidden(sheet: Sheet, flow: etree._Element) -> None:
    """An arrow across a border, which cannot be run but must be seen: as a straight line."""
    source, target = (
        sheet.boxes.get(dialects.ref(flow.get(one)) or "") for one in ("sourceRef", "targetRef")
    )
    if source is not None and target is not None:
        sheet.lines[flow.get("id")] = straight(source, target)


def _message(sheet: Sheet, flow: etree._Element) -> None:
    """From the lower or upper border of one end to the other's, with a turn between the pools."""
    ends = [dialects.ref(flow.get(name)) or "" for name in ("sourceRef", "targetRef")]
    source, target = (sheet.boxes.get(end) for end in ends)
    if source is None or target is None:
        return
    upper = source.y + source.height <= target.y
    begin = source.bottom if upper else source.y
    end = target.y if upper else target.bottom
    # What goes out and what comes in at one step stand side by side.
    x = source.middle[0] - (BESIDE if source.width >= WIDE else 0)
    to_x = target.middle[0] + (BESIDE if target.width >= WIDE else 0)
    if ends[0] in sheet.frames and source.x < to_x < source.right:
        x = to_x
    elif ends[1] in sheet.frames and target.x < x < target.right:
        to_x = x
    if x == to_x:
        sheet.lines[flow.get("id")] = [(x, begin), (to_x, end)]
        return
    around = [sheet.boxes[id] for id in sheet.frames if _holds(sheet.boxes[id], target)]
    pool = max(around, key=lambda box: box.width, default=target)
    turn = (pool.y if upper else pool.bottom) + (-1 if upper else 1) * BETWEEN // 2
    sheet.lines[flow.get("id")] = [(x, begin), (x, turn), (to_x, turn), (to_x, end)]


def _holds(outer: Box, inner: Box) -> bool:
    inside = outer.x <= inner.x and inner.right <= outer.right
    return outer != inner and inside and outer.y <= inner.y and inner.bottom <= outer.bottom
