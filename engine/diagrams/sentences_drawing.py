"""What the check says about the drawing as a whole: ids, arrows, starts, ends, what cannot be run yet."""

from __future__ import annotations

from collections.abc import Mapping

_FILE: Mapping[str, tuple[str, str]] = {
    "not_bpmn": (
        "The file is XML, but not BPMN 2.0: it starts with <{tag}>.",
        "Export the diagram as BPMN 2.0 XML.",
    ),
    "no_process": (
        "The file has no process with steps.",
        "Draw a start event, the steps and an end event, and save the diagram again.",
    ),
    "process_without_id": (
        "The process “{what}” has no id.",
        "Give the process an id, for instance “offer”: it is the name under which it is started.",
    ),
    "process_chosen": (
        "The process “{what}” is not marked as executable; it is run, being the only one with steps.",
        "Tick “Executable” in the properties of the process to say so in the drawing.",
    ),
    "process_unmarked": (
        "Several processes have steps, and “{what}”, like the others, is not marked as executable.",
        "Tick “Executable” in the properties of each process that Percorso shall run.",
    ),
    "process_left_out": (
        "The process “{what}” is not marked as executable and will not be run.",
        "Tick “Executable” in its properties if it shall be run.",
    ),
    "call_circle": (
        "“{what}” starts a circle of calls that never ends: {circle}.",
        "Send a message that starts the other process instead of calling it, or draw a loop.",
    ),
    "chain_too_long": (
        "“{what}” is step number {count} of a chain; at most {limit} can be run.",
        "Put parts of the chain into sub-processes or processes of their own.",
    ),
    "tag_unknown": (
        "<{tag}> is not an element that Percorso knows.",
        "Draw it with events, tasks, gateways and sub-processes.",
    ),
}

_IDS: Mapping[str, tuple[str, str]] = {
    "id_missing": (
        "The element <{tag}> “{what}” has no id and would be lost.",
        "Open the diagram in bpmn.io or Camunda Modeler and save it: they give every element an id.",
    ),
    "flow_id_missing": (
        "The arrow from “{source}” to “{target}” has no id and would be lost.",
        "Open the diagram in bpmn.io or Camunda Modeler and save it: they give every arrow an id.",
    ),
    "id_twice": (
        "The id “{id}” is used twice: here and in line {other}.",
        "Give each element an id of its own.",
    ),
    "id_reserved": (
        "The id “{id}” is reserved for the engine.",
        "Change the element’s id in its properties, for instance to “{id}_1”.",
    ),
}

_UNSUPPORTED: Mapping[str, tuple[str, str]] = {
    "complex_gateway": (
        "“{what}” is a complex gateway, which cannot be run.",
        "Draw it with exclusive, inclusive or parallel gateways.",
    ),
    "ad_hoc": (
        "“{what}” is an ad-hoc sub-process, which cannot be run yet.",
        "Draw the order of its steps, or let a gateway ask which step comes next.",
    ),
    "transaction": (
        "“{what}” is a transaction, which cannot be run yet.",
        "Draw an ordinary sub-process, and draw the steps that undo it.",
    ),
    "compensation": (
        "“{what}” uses compensation, which cannot be run yet.",
        "Draw the steps that undo the work after a gateway or a boundary event.",
    ),
    "cancel_event": (
        "“{what}” is a cancel event, which cannot be run yet.",
        "Draw an error end event, and an error boundary event on the sub-process.",
    ),
    "data_association": (
        "“{what}” is connected to data, which cannot be run yet.",
        "Remove the dotted data arrows, or draw plain associations: every step sees the data of the case.",
    ),
    "several_event_kinds": (
        "“{what}” is an event of several kinds at once.",
        "Draw one event for each kind, for instance behind an event-based gateway.",
    ),
    "event_reference": (
        "“{what}” refers to an event definition kept elsewhere in the file.",
        "Choose the kind of the event (message, timer ...) at the event itself.",
    ),
    "token_quantity": (
        "“{what}” takes or gives several tokens at once (startQuantity, completionQuantity).",
        "Set both to 1, and draw a parallel gateway where several ways are awaited.",
    ),
    "instance_events": (
        "“{what}” is to throw events while its instances end (behavior).",
        "Set the behavior to All, and draw an event behind it.",
    ),
    "part_ignored": (
        "“{what}” has {parts}, which Percorso does not run.",
        "Draw what it does as steps of their own; who does a task is said by its lane.",
    ),
    "instantiating": (
        "“{what}” is marked to start the process, which only a start event can do.",
        "Draw a message start event instead.",
    ),
}

_ARROWS: Mapping[str, tuple[str, str]] = {
    "flow_dangling": (
        "The arrow “{what}” is not connected to a step at both ends.",
        "Drag its loose end onto a step, or remove the arrow.",
    ),
    "flow_across": (
        "The arrow “{what}” leads from “{source}” to “{target}” across the border of a sub-process or pool.",
        "Arrows stay inside one sub-process or pool; across pools send a message.",
    ),
    "flow_misplaced": (
        "The arrow “{what}” is kept in another sub-process than the steps it connects.",
        "Remove the arrow and draw it again.",
    ),
    "condition_ignored": (
        "The arrow “{what}” has a condition, but it leaves “{source}”, where conditions have no effect.",
        "Draw an exclusive gateway behind “{source}” and put the condition on an arrow that leaves it.",
    ),
    "condition_missing": (
        "The arrow “{what}” leaves the gateway “{source}” without a condition.",
        "Give it a condition, or make it the default flow of the gateway.",
    ),
    "condition_language": (
        "The condition of the arrow “{what}” is written in {language}.",
        'Write it in FEEL, for instance: score > 50 and tier = "gold".',
    ),
    "default_conditional": (
        "The arrow “{what}” is the default flow, so that its condition has no effect.",
        "Remove the condition, or choose another default flow.",
    ),
    "default_wrong": (
        "The default flow of “{what}” is “{flow}”, which does not leave it.",
        "Choose one of its own arrows as the default flow.",
    ),
    "several_ways_out": (
        "{count} arrows leave “{what}”.",
        "Draw a gateway behind it: exclusive for one of the ways, parallel for all of them.",
    ),
    "gateway_dead_end": (
        "No arrow leaves the gateway “{what}”.",
        "Draw the ways that it chooses between, or an end event instead.",
    ),
    "end_goes_on": (
        "An arrow leaves the end event “{what}”.",
        "Make it an intermediate event, or remove the arrow.",
    ),
    "start_reached": (
        "An arrow leads into “{what}”, where arrows can only begin.",
        "Let the arrow lead to the step behind it.",
    ),
    "unreachable": (
        "No way leads from the start to “{what}”.",
        "Connect it with an arrow, or remove it.",
    ),
}

_SCOPES: Mapping[str, tuple[str, str]] = {
    "start_missing": (
        "“{what}” has no start event.",
        "Draw a start event in front of the first step.",
    ),
    "starts_several": (
        "“{what}” is one more plain start event beside “{other}”; only one of them would be run.",
        "Keep one of them, make the other a message start event, or draw a gateway behind one start.",
    ),
    "starts_same_message": (
        "“{what}” starts by the message “{message}”, as does another start event of the process.",
        "Keep one start event for each message.",
    ),
    "start_kind": (
        "The start event “{what}” is of the kind “{event}”, which cannot start a case yet.",
        "Use a plain, message or signal start event; a wait is drawn as an event behind it.",
    ),
    "sub_process_empty": (
        "The sub-process “{what}” has no steps.",
        "Draw its steps inside it, or make it a task or a call activity.",
    ),
    "sub_process_start": (
        "The sub-process “{what}” has {count} start events; it needs exactly one.",
        "Draw one plain start event inside it.",
    ),
    "sub_process_start_kind": (
        "The start event “{what}” lies in a sub-process and must be a plain one.",
        "Draw a plain start event, and the {event} event behind it.",
    ),
    "event_sub_process_start": (
        "“{what}” starts an event sub-process and must be an event that happens.",
        "Make it a message, timer, signal, error, escalation or conditional event.",
    ),
    "event_sub_process_arrow": (
        "An arrow leaves the event sub-process “{what}”, which goes on by itself.",
        "Remove the arrow: draw what follows inside it.",
    ),
    "sub_process_end": (
        "The sub-process “{what}” has no end event.",
        "Draw an end event behind its last step.",
    ),
}

DRAWING: Mapping[str, tuple[str, str]] = {**_FILE, **_IDS, **_UNSUPPORTED, **_ARROWS, **_SCOPES}
