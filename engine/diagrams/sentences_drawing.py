"""What the check says about the drawing as a whole: ids, arrows, starts, ends, what cannot be run yet."""

from __future__ import annotations

from collections.abc import Mapping

_FILE: Mapping[str, tuple[str, str]] = {
    "no_process": (
        "The file has no process with steps.",
        "Draw a start event, the steps and an end event, and save the diagram again.",
    ),
    "process_left_out": (
        "The process “{what}” is not marked as executable and will not be run.",
        "Tick “Executable” in its properties if it shall be run.",
    ),
    "schema": (
        "In “{what}”, <{tag}> is not as BPMN’s schema has it: {problem}. ({text})",
        "It runs all the same; correct it in your editor if other programs are to read the drawing.",
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
    "too_long": (
        "The {attribute} that begins with “{text}” is longer than {limit} characters.",
        "Make it shorter; long texts belong into the documentation of the element.",
    ),
    "id_twice": (
        "The id “{id}” is used twice: here and in line {other}.",
        "Give each element an id of its own.",
    ),
}

_UNSUPPORTED: Mapping[str, tuple[str, str]] = {
    "complex_gateway": (
        "“{what}” is a complex gateway, which cannot be run: when it goes on is not drawn, but a formula.",
        "Draw an inclusive or parallel gateway; for the first few of several, draw parallel instances "
        "with a completion condition.",
    ),
    "ad_hoc": (
        "“{what}” is an ad-hoc sub-process, which cannot be run: it does not say which step comes next.",
        "Draw the order of its steps, or let a gateway ask which step comes next and lead back to it.",
    ),
    "several_event_kinds": (
        "“{what}” is an event of several kinds at once.",
        "Draw one event for each kind, for instance behind an event-based gateway.",
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
    "default_conditional": (
        "The arrow “{what}” is the default flow, so that its condition has no effect.",
        "Remove the condition, or choose another default flow.",
    ),
    "end_goes_on": (
        "An arrow leaves the end event “{what}”.",
        "Make it an intermediate event, or remove the arrow.",
    ),
    "start_reached": (
        "An arrow leads into “{what}”, where arrows can only begin.",
        "Let the arrow lead to the step behind it.",
    ),
}

_SCOPES: Mapping[str, tuple[str, str]] = {
    "start_missing": (
        "“{what}” has no start event.",
        "Draw a start event in front of the first step.",
    ),
    "starts_same_message": (
        "“{what}” starts by the message “{message}”, as does another start event of the process.",
        "Keep one start event for each message.",
    ),
    "start_kind": (
        "The start event “{what}” is of the kind “{event}”, which cannot start a case yet.",
        "Use a plain, message, signal or timer start event; a wait is drawn as an event behind it.",
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
        "Make it a message, timer, signal, error, escalation, conditional or compensation event.",
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
