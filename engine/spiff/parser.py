"""From a BPMN document to SpiffWorkflow's specs, made of our own classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from SpiffWorkflow.bpmn.parser import event_parsers as stock_events
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.node_parser import DEFAULT_NSMAP
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
    ScriptTaskParser,
    SubprocessParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition

from engine.errors import Invalid
from engine.spiff import compensation, definitions, events, handlers, joins, many, steps


@dataclass
class Specs:
    """The specs of one process: its own, and those of the sub-processes drawn in it.

    `model` is for the owner of the specs (engine.runtime), who finds his way back by it.
    """

    spec: Any
    subprocess_specs: Mapping[str, Any]
    elements: Mapping[str, Any]
    model: Any = None


class _EventParser(stock_events.EventDefinitionParser):
    """Gives an event our own definition, from the element that engine.diagrams has read."""

    def definition(self) -> Any:
        element = self.process_parser.parser.elements[self.bpmn_id]
        if element.timer is not None:
            return definitions.Timer(*element.timer)
        if element.message is not None:
            return definitions.Message(element.message)
        match element.event:
            case "error":
                return definitions.Error(element.code)
            case "escalation":
                return definitions.Escalation(element.code)
            case "signal":
                return definitions.Signal(element.signal)
            case "conditional":
                return definitions.Condition(element.condition)
            case "cancel":
                return definitions.Cancel()
        if self.xpath("./bpmn:terminateEventDefinition"):
            return TerminateEventDefinition()
        return NoneEventDefinition()


class _StartParser(_EventParser):
    def create_task(self) -> Any:
        task = self._create_task(self.definition())
        self.spec.start.connect(task)
        return task


class _AnyEventParser(_EventParser):
    def create_task(self) -> Any:
        return self._create_task(self.definition())


class _ThrowParser(_AnyEventParser):
    """A link goes on at the place of its name, as if an arrow were drawn."""

    def create_task(self) -> Any:
        if self.process_parser.parser.elements[self.bpmn_id].event == "compensate":
            self.spec_class = compensation.CompensationThrow
        return super().create_task()

    def parse_node(self) -> Any:
        spec = super().parse_node()
        elements = self.process_parser.parser.elements
        element = elements[self.bpmn_id]
        for other in elements.values() if element.link else ():
            here = (other.kind, other.link, other.scope)
            if here == ("intermediateCatchEvent", element.link, element.scope):
                spec.connect(self.process_parser.parse_node(self.process_parser.get_node_by_id(other.id)))
        return spec


class _EndParser(_EventParser):
    def create_task(self) -> Any:
        event = self.process_parser.parser.elements[self.bpmn_id].event
        if event == "compensate":
            self.spec_class = compensation.CompensationEnd
        elif event == "cancel":
            self.spec_class = compensation.CancelEnd
        task = self._create_task(self.definition())
        task.connect(self.spec.end)
        return task


class _BoundaryParser(_EventParser):
    def create_task(self) -> Any:
        element = self.process_parser.parser.elements[self.bpmn_id]
        return self._create_task(self.definition(), element.interrupting)


class _EventGatewayParser(_EventParser):
    def create_task(self) -> Any:
        return self._create_task(events.first_of_definition())

    def handles_multiple_outgoing(self) -> bool:
        return True


class _ScriptParser(ScriptTaskParser):
    def get_script(self) -> str:
        return ""


class _SubParser(SubWorkflowParser):
    def create_task(self) -> Any:
        # The stock parser takes triggeredByEvent="false" for true.
        inner = SubprocessParser.get_subprocess_spec(self)
        element = self.process_parser.parser.elements[self.bpmn_id]
        kind = self.spec_class
        if element.triggered:
            inside = self.process_parser.parser.elements.values()
            starts = [one.event for one in inside if (one.scope, one.kind) == (self.bpmn_id, "startEvent")]
            kind = handlers.CompensationSub if starts == ["compensate"] else handlers.EventSub
        task = kind(self.spec, self.bpmn_id, subworkflow_spec=inner, **self.bpmn_attributes)
        if element.triggered:
            task.connect(self.spec.end)
        return task


class _CallParser(CallActivityParser):
    def create_task(self) -> Any:
        called = self.process_parser.parser.elements[self.bpmn_id].called
        return self.spec_class(self.spec, self.bpmn_id, subworkflow_spec=called, **self.bpmn_attributes)


class _ProcessParser(ProcessParser):
    """Leaves several start events side by side: each of them starts cases of its own.

    Event sub-processes stand unconnected beside them, until their event happens, and so do the
    activities that undo others, until these are undone.
    """

    def get_boundary_events(self, attached_to_ref: str) -> list[Any]:
        nodes: list[Any] = super().get_boundary_events(attached_to_ref)
        return [node for node in nodes if self.parser.elements[node.get("id")].event != "compensate"]

    def add_tasks(self) -> None:
        for node in self.xpath("./bpmn:startEvent"):
            self.parse_node(node)
        for node in self.xpath("./bpmn:subProcess"):
            if self.parser.elements[node.get("id")].triggered:
                self.parse_node(node)
        for node in self.node:
            element = self.parser.elements.get(node.get("id"))
            if element is not None and element.undoing:
                self.parse_node(node).connect(self.spec.end)


class _ConditionParser(ConditionalGatewayParser):
    def parse_condition(self, sequence_flow: Any) -> str | None:
        # The stock parser reads up to the first comment in it.
        expression = next(sequence_flow.iterchildren(full_tag("conditionExpression")), None)
        return "".join(expression.itertext()).strip() if expression is not None else None


class _Parser(BpmnParser):
    PROCESS_PARSER_CLASS = _ProcessParser
    OVERRIDE_PARSER_CLASSES: ClassVar[dict[str, Any]] = {
        full_tag("startEvent"): (_StartParser, events.StartEvent),
        full_tag("endEvent"): (_EndParser, steps.End),
        full_tag("userTask"): (TaskParser, steps.Person),
        full_tag("manualTask"): (TaskParser, steps.Manual),
        full_tag("task"): (TaskParser, steps.Anybody),
        full_tag("serviceTask"): (TaskParser, steps.Service),
        full_tag("businessRuleTask"): (TaskParser, steps.Rule),
        full_tag("scriptTask"): (_ScriptParser, steps.Script),
        full_tag("sendTask"): (_AnyEventParser, events.Send),
        full_tag("receiveTask"): (_AnyEventParser, events.Receive),
        full_tag("exclusiveGateway"): (_ConditionParser, steps.Exclusive),
        full_tag("inclusiveGateway"): (_ConditionParser, joins.Inclusive),
        full_tag("parallelGateway"): (GatewayParser, joins.Parallel),
        full_tag("eventBasedGateway"): (_EventGatewayParser, events.FirstOf),
        full_tag("intermediateCatchEvent"): (_AnyEventParser, events.Catch),
        full_tag("intermediateThrowEvent"): (_ThrowParser, events.Throw),
        full_tag("boundaryEvent"): (_BoundaryParser, events.Boundary),
        full_tag("subProcess"): (_SubParser, steps.Embedded),
        full_tag("transaction"): (_SubParser, steps.Embedded),
        full_tag("callActivity"): (_CallParser, steps.Call),
    }

    def __init__(self, elements: Mapping[str, Any]) -> None:
        super().__init__(namespaces=DEFAULT_NSMAP)
        self.elements = elements

    def _add_nothing(self, bpmn: Any) -> None:
        """Messages and errors were read by engine.diagrams; stock data stores and the like are refused."""

    _add_collaborations = _add_messages = _add_signals = _add_errors = _add_nothing
    _add_escalations = _add_correlations = _add_data_stores = _add_nothing


# SpiffWorkflow makes these nodes itself; they get our behaviour by changing their class.
_OWN_NODES = {
    "BpmnStartTask": steps.Start,
    "_EndJoin": steps.LastJoin,
    "SimpleBpmnTask": steps.Plain,
    "BoundaryEventSplit": steps.BoundarySplit,
    "BoundaryEventJoin": steps.BoundaryJoin,
}


def compile_specs(root: Any, process: str, elements: Mapping[str, Any]) -> Specs:
    """The specs of one process of a checked document; `elements` as engine.diagrams reads them.

    The document must have passed engine.diagrams.check: whatever SpiffWorkflow gets wrong, or
    reports badly, was refused there. Raises Invalid when it still cannot be compiled.
    """
    for tag in ("standardLoopCharacteristics", "multiInstanceLoopCharacteristics"):
        # The stock parser has its own ways with loops; ours are put in below.
        for node in list(root.iter(full_tag(tag))):
            node.getparent().remove(node)
    parser = _Parser(elements)
    for node in [node for node in root.iter(full_tag("process")) if node.get("id") != process]:
        # A process of the same file is called like any other: by its id, in its newest version.
        node.getparent().remove(node)
    for node in root.iter(full_tag("process")):
        # The flag only tells editors what may be deployed; that question has been answered.
        node.set("isExecutable", "true")
    try:
        parser.add_bpmn_xml(root)
        # Another process of the file that is called from here is compiled by itself, with its own elements.
        parser.process_parsers = {process: parser.process_parsers[process]}
        spec = parser.get_spec(process)
        inner = _scopes_within(parser, spec)
    except (ValidationException, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Invalid(
            "drawing_unrunnable",
            "The process “{process}” cannot be run as it is drawn: {reason}.",
            remedy="Open the diagram in bpmn.io or Camunda Modeler and save it again.",
            process=process,
            reason=str(error).strip().rstrip("."),
        ) from error
    specs = Specs(spec, inner, elements)
    scopes = [spec, *inner.values()]
    for one in list(scopes):
        looped = [name for name in one.task_specs if name in elements and elements[name].loop is not None]
        scopes += [many.multiply(one, name) for name in looped]
    for element in elements.values():
        if element.undone_by:
            drawn = spec if element.scope == process else inner[element.scope]
            drawn.task_specs[element.attached_to].handler = element.undone_by
    for one in scopes:
        compensation.Default(one, compensation.DEFAULT).connect(one.end)
        for task_spec in one.task_specs.values():
            own = _OWN_NODES.get(type(task_spec).__name__)
            if own is not None:
                task_spec.__class__ = own
            element = task_spec.element = elements.get(task_spec.name)
            if element is not None and element.of is not None:
                task_spec.noted = False
            task_spec.specs = specs
    return specs


def _scopes_within(parser: BpmnParser, spec: Any) -> dict[str, Any]:
    """The specs of the sub-processes drawn in a scope, at any depth; called processes are not drawn in it.

    The stock parser goes into calls as well, and within sub-processes insists that what they call is
    in the same file.
    """
    found: dict[str, Any] = {}
    for one in list(spec.task_specs.values()):
        if isinstance(one, steps.Embedded) and not isinstance(one, steps.Call):
            found[one.spec] = parser.get_spec(one.spec)
            found.update(_scopes_within(parser, found[one.spec]))
    return found


def carried(specs: Specs) -> set[str | tuple[str, str]]:
    """The ids of the drawn steps that are run, and (from, to) of what leads from one to the other."""
    found: set[str | tuple[str, str]] = set()
    for scope in (specs.spec, *specs.subprocess_specs.values()):
        for name, task_spec in scope.task_specs.items():
            found.add(name)
            found |= {(name, after.name.removesuffix(".BoundaryEventSplit")) for after in task_spec.outputs}
    # An event that has an activity undone is no step of its own: it is kept with the activity.
    return found | {element.id for element in specs.elements.values() if element.undone_by in found}
