"""A drawn process as plain records, read once from the XML whatever editor wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from engine.diagrams import dialects, repeats
from engine.xml import BPMN, PERCORSO, local, namespace

EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
HUMAN = frozenset({"userTask", "manualTask", "task"})
"""Steps that wait for a person; a task of no kind is one of them, as in SpiffWorkflow."""
TASKS = HUMAN | {"scriptTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask"}
SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | SUB_PROCESSES | {"callActivity"}
GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
MAPPED = (TASKS - {"sendTask"}) | {"intermediateCatchEvent"}
"""Kinds of steps whose inputs and outputs may be mapped; what is thrown has inputs only."""
THROWING = frozenset({"sendTask", "intermediateThrowEvent", "endEvent"})
NODES = EVENTS | ACTIVITIES | GATEWAYS


@dataclass(frozen=True)
class Element:
    """One step, event, gateway or sub-process, with what its editor said about it."""

    id: str
    kind: str
    """The BPMN tag: `userTask`, `exclusiveGateway`, `boundaryEvent`, `subProcess` ..."""
    name: str
    line: int
    scope: str
    """Id of the process or sub-process it lies in."""
    lane: str | None = None
    """Name of the innermost lane; the pool's name where no lane has one."""
    stage: str | None = None
    form: str | None = None
    due: str | None = None
    priority: str | None = None
    assignee: str | None = None
    service: str | None = None
    decision: str | None = None
    result: str | None = None
    called: str | None = None
    """Id of the called process, or an expression that gives it."""
    binding: tuple[str, str | None] = ("latest", None)
    """How its version is chosen: `latest`, `deployment` or `version` with its number."""
    message: str | None = None
    correlation: str | None = None
    timer: tuple[str, str] | None = None
    """`("date" | "duration" | "cycle", text)`."""
    script: tuple[tuple[str, str], ...] = ()
    """`(name, expression)` for each assignment; the name is empty where a line is none."""
    attached_to: str | None = None
    interrupting: bool = True
    properties: Mapping[str, str] = field(default_factory=dict)
    event: str | None = None
    """Kind of an event's definition: `message`, `timer`, `error`, `terminate` ...; `multiple` for
    several, `reference` for one drawn elsewhere, None for a plain event."""
    code: str | None = None
    """Code of an error or escalation event; None on an event that catches takes every code."""
    signal: str | None = None
    condition: str | None = None
    """What a conditional event waits for."""
    link: str | None = None
    triggered: bool = False
    """A sub-process that an event starts, beside what goes on around it."""
    loop: repeats.Loop | None = None
    passing: repeats.Passing | None = None
    """What a call activity hands over and takes back, where the drawing says so."""
    mapping: repeats.Passing | None = None
    """Inputs and outputs of any other step, where the drawing maps them."""
    carried: tuple[tuple[str, str], ...] = ()
    """`(name, expression)` of what a thrown message or signal carries, besides its property `payload`."""
    undone_by: str | None = None
    """Of a compensation boundary event: the activity that undoes its host."""
    undoes: str | None = None
    """Of a compensation that is thrown: the only activity to be undone."""
    undoing: bool = False
    """An activity that is there to undo another one."""
    waits: bool = True
    """Of a compensation that is thrown: it goes on when all is undone."""
    of: str | None = None
    """Of what was added when the drawing was made explicit: the drawn element that it belongs to."""
    choice: str | None = None
    """Of a gateway at which a person chooses: the field of the choice (see engine.diagrams.choices)."""
    role: str | None = None
    """The role of a step for a person, where the lane does not say it."""

    @property
    def call_expressions(self) -> list[str]:
        """The expressions that choose the called process and its version."""
        called, version = self.called or "", self.binding[1] if self.binding[0] == "version" else None
        return [text for text in (called if dialects.is_computed(called) else None, version) if text]


@dataclass(frozen=True)
class Flow:
    """An arrow; `source` and `target` may name nothing, which the check reports."""

    id: str
    source: str
    target: str
    condition: str | None
    name: str
    line: int
    default: bool
    scope: str


@dataclass(frozen=True)
class Drawing:
    """One process of a file."""

    process: str
    name: str
    file: str
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    lanes: tuple[str, ...]


class Shared(NamedTuple):
    """What the processes of a file refer to by id."""

    messages: Mapping[str, tuple[str, str | None]]
    """Id -> (name, correlation expression)."""
    codes: Mapping[str, str | None]
    """Id of an error or escalation -> its code."""
    signals: Mapping[str, str]
    pools: Mapping[str, str]
    """Process id -> name of its pool."""


def read(root: etree._Element, file: str) -> list[Drawing]:
    """The processes of a file that are to be run (see `to_run`), in the order drawn.

    Never raises: elements without an id are left out and reported by the check.
    """
    shared = _shared(root)
    return [_drawing(process, shared, file) for process in to_run(root) if process.get("id")]


def with_steps(root: etree._Element) -> list[etree._Element]:
    """The processes that hold at least one step, event or gateway."""
    return [
        process
        for process in bpmn_children(root, "process")
        if any(local(child.tag) in NODES for child in process)
    ]


def to_run(root: etree._Element) -> list[etree._Element]:
    """Those marked as executable; where none is marked, all that have steps."""
    drawn = with_steps(root)
    marked = [process for process in drawn if is_marked(process)]
    return marked or drawn


def is_marked(process: etree._Element) -> bool:
    return str(process.get("isExecutable", "")).strip() in ("true", "1")


def bpmn_children(node: etree._Element, *tags: str) -> Iterator[etree._Element]:
    """The children in BPMN's namespace, all or those of the given tags."""
    for child in node:
        if namespace(child.tag) == BPMN and (not tags or local(child.tag) in tags):
            yield child


def _shared(root: etree._Element) -> Shared:
    messages: dict[str, tuple[str, str | None]] = {}
    for message in bpmn_children(root, "message"):
        messages[message.get("id", "")] = (dialects.name_of(message), dialects.correlation_of(message))
    codes = {
        item.get("id", ""): item.get(f"{local(item.tag)}Code") or None
        for item in bpmn_children(root, "error", "escalation")
    }
    signals = {signal.get("id", ""): dialects.name_of(signal) for signal in bpmn_children(root, "signal")}
    pools: dict[str, str] = {}
    for collaboration in bpmn_children(root, "collaboration"):
        for pool in bpmn_children(collaboration, "participant"):
            pools[dialects.ref(pool.get("processRef")) or ""] = dialects.name_of(pool)
    return Shared(messages, codes, signals, pools)


def _drawing(process: etree._Element, shared: Shared, file: str) -> Drawing:
    key = process.get("id", "")
    pool = shared.pools.get(key, "")
    lanes: dict[str, str] = {}
    names = _lanes(process, lanes, pool)
    elements: dict[str, Element] = {}
    flows: dict[str, Flow] = {}
    fallback = pool if pool and not any(True for _ in process.iter(f"{{{BPMN}}}lane")) else None
    reader = _Reader(shared, lanes, elements, flows)
    reader.scope(process, key, stage=key, lane=fallback)
    lanes_drawn = names or ((fallback,) if fallback else ())
    return Drawing(key, dialects.name_of(process) or pool or key, file, elements, flows, lanes_drawn)


def _lanes(process: etree._Element, of_node: dict[str, str], pool: str) -> tuple[str, ...]:
    """Fills `of_node` (node id -> lane name) and gives the lanes' names in the order drawn."""
    drawn = list(process.iter(f"{{{BPMN}}}lane"))
    only = len([lane for lane in drawn if not list(bpmn_children(lane, "childLaneSet"))]) == 1
    names: dict[str, None] = {}

    def walk(container: etree._Element, outer: str) -> None:
        for lane in bpmn_children(container, "lane"):
            name = dialects.name_of(lane) or outer or (pool if only else "")
            for node in bpmn_children(lane, "flowNodeRef"):
                of_node[dialects.ref(node.text) or ""] = name
            if name:
                names[name] = None
            for inner in bpmn_children(lane, "childLaneSet"):
                walk(inner, name)

    for lane_set in process.iter(f"{{{BPMN}}}laneSet"):
        walk(lane_set, "")
    return tuple(names)


class _Reader:
    """Collects the elements and flows of one process, sub-process by sub-process."""

    def __init__(
        self,
        shared: Shared,
        lanes: Mapping[str, str],
        elements: dict[str, Element],
        flows: dict[str, Flow],
    ) -> None:
        self.shared, self.lanes, self.elements, self.flows = shared, lanes, elements, flows

    def scope(self, container: etree._Element, scope: str, *, stage: str, lane: str | None) -> None:
        defaults = {dialects.ref(node.get("default")) for node in bpmn_children(container)}
        later: list[tuple[etree._Element, Element]] = []
        for node in bpmn_children(container):
            kind = local(node.tag)
            if kind == "sequenceFlow" and node.get("id"):
                self.flows[node.get("id")] = _flow(node, scope, defaults)
            elif kind in NODES and node.get("id"):
                element = self._element(node, kind, scope, stage, lane)
                self.elements[element.id] = element
                if kind in SUB_PROCESSES:
                    later.append((node, element))
        self._link(scope)
        for node, element in later:
            self.scope(node, element.id, stage=element.stage or stage, lane=element.lane)

    def _link(self, scope: str) -> None:
        """An arrow from each link that is thrown to the one of its name that catches it."""
        links = [item for item in self.elements.values() if item.scope == scope and item.event == "link"]
        catching = {item.link: item for item in links if item.kind == "intermediateCatchEvent"}
        for item in links:
            target = catching.get(item.link)
            if target is not None and item.kind == "intermediateThrowEvent":
                id = f"{item.id}.link"
                self.flows[id] = Flow(id, item.id, target.id, None, item.name, item.line, False, scope)

    def _element(self, node: etree._Element, kind: str, scope: str, stage: str, lane: str | None) -> Element:
        name = dialects.name_of(node)
        properties = dialects.properties_of(node)
        attached = dialects.ref(node.get("attachedToRef")) if kind == "boundaryEvent" else None
        own_lane = self.lanes.get(node.get("id")) or (self.lanes.get(attached) if attached else None)
        event, definition = dialects.event_of(node) if kind in EVENTS else (None, None)
        message = self.shared.messages.get(dialects.message_ref(node, definition) or "", ("", None))
        return Element(
            id=node.get("id"),
            kind=kind,
            name=name,
            line=node.sourceline or 0,
            scope=scope,
            lane=own_lane or lane,
            stage=properties.get("stage") or stage,
            form=dialects.form_of(node),
            due=dialects.due_of(node),
            priority=dialects.priority_of(node),
            assignee=dialects.assignee_of(node),
            service=dialects.service_of(node, name) if kind == "serviceTask" else None,
            decision=dialects.decision_of(node) if kind == "businessRuleTask" else None,
            result=dialects.result_of(node),
            called=dialects.called_of(node) if kind == "callActivity" else None,
            binding=dialects.binding_of(node) if kind == "callActivity" else ("latest", None),
            message=message[0] or None,
            correlation=message[1],
            timer=dialects.timer_of(definition) if event == "timer" else None,
            script=dialects.script_of(node) if kind == "scriptTask" else (),
            attached_to=attached,
            interrupting=not any(
                dialects.denies(node, attribute) for attribute in ("cancelActivity", "isInterrupting")
            ),
            properties=properties,
            event=event,
            code=self._code(definition),
            signal=self._signal(definition) if event == "signal" else None,
            condition=dialects.condition_of(definition) if event == "conditional" else None,
            link=str(definition.get("name", "")).strip()
            if event == "link" and definition is not None
            else None,
            triggered=dialects.says(node, "triggeredByEvent"),
            loop=repeats.loop_of(node) if kind in ACTIVITIES else None,
            passing=repeats.passing_of(node) if kind == "callActivity" else None,
            mapping=repeats.mapping_of(node) if kind in MAPPED else None,
            carried=repeats.carried_of(node, definition) if kind in THROWING else (),
            undone_by=dialects.associated(node) if event == "compensate" and attached else None,
            undoes=dialects.ref(definition.get("activityRef")) if definition is not None else None,
            undoing=dialects.says(node, "isForCompensation"),
            waits=definition is None or not dialects.denies(definition, "waitForCompletion"),
            of=node.get(f"{{{PERCORSO}}}of"),
            choice=node.get(f"{{{PERCORSO}}}choice"),
            role=node.get(f"{{{PERCORSO}}}role"),
        )

    def _code(self, definition: etree._Element | None) -> str | None:
        if definition is None:
            return None
        ref = dialects.ref(definition.get("errorRef") or definition.get("escalationRef"))
        return self.shared.codes.get(ref) if ref else None

    def _signal(self, definition: etree._Element | None) -> str | None:
        ref = dialects.ref(definition.get("signalRef")) if definition is not None else None
        return self.shared.signals.get(ref or "") or None


def _flow(node: etree._Element, scope: str, defaults: set[str | None]) -> Flow:
    condition = next(bpmn_children(node, "conditionExpression"), None)
    return Flow(
        id=node.get("id"),
        source=dialects.ref(node.get("sourceRef")) or "",
        target=dialects.ref(node.get("targetRef")) or "",
        condition=dialects.text_of(condition),
        name=dialects.name_of(node),
        line=node.sourceline or 0,
        default=node.get("id") in defaults,
        scope=scope,
    )
