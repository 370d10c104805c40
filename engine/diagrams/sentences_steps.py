"""What the check says about single steps, timers and expressions, and about the ways between them."""

from __future__ import annotations

from collections.abc import Mapping

_EVENTS: Mapping[str, tuple[str, str]] = {
    "event_impossible": (
        "“{what}” ({kind}) is of the kind “{event}”, which Percorso does not run there.",
        "Choose another kind of event.",
    ),
    "event_kind_missing": (
        "“{what}” is to wait, but does not say for what.",
        "Make it a message, timer, signal or conditional event.",
    ),
    "message_computed": (
        "The message of “{what}” is named by an expression ({text}).",
        "Give the message a fixed name; which case it is for is said by the correlation key.",
    ),
    "boundary_unattached": (
        "The boundary event “{what}” is not attached to a step.",
        "Drag it onto the border of a task, call activity or sub-process.",
    ),
    "boundary_instant": (
        "“{what}” is attached to “{host}”, which never waits, so that it never happens.",
        "Attach it to a step that waits, or remove it.",
    ),
    "error_boundary_place": (
        "The error boundary event “{what}” is attached to “{host}”, out of which no error can come.",
        "Attach it to a service task, a call activity or a sub-process.",
    ),
    "error_boundary_silent": (
        "No error end event in “{host}” has the error code that “{what}” waits for.",
        "Draw the error end event inside the sub-process, or remove the boundary event.",
    ),
    "error_uncaught": (
        "Nothing in this process catches the error “{thrown}” with which “{what}” ends.",
        "Draw an error event of that code on the sub-process, or on the step that calls this process.",
    ),
    "escalation_boundary_place": (
        "The escalation boundary event “{what}” is attached to “{host}”, out of which none can come.",
        "Attach it to a call activity or a sub-process.",
    ),
    "escalation_boundary_silent": (
        "Nothing in “{host}” throws the escalation that “{what}” waits for.",
        "Draw the escalation event inside the sub-process, or remove the boundary event.",
    ),
    "escalation_uncaught": (
        "Nothing in this process catches the escalation “{thrown}” of “{what}”: it would have no effect.",
        "Draw an escalation event of that code on the sub-process, or on the step that calls this process.",
    ),
    "link_missing": (
        "The link “{what}” has no name.",
        "Give both ends of the link the same name.",
    ),
    "link_twice": (
        "“{what}” is one more place to which the link “{link}” leads, beside “{other}”.",
        "Keep one of them; several links may lead to it.",
    ),
    "link_alone": (
        "The link “{link}” of “{what}” has no other end in the same process or sub-process.",
        "Draw the other end with the same name, or an arrow instead.",
    ),
    "gateway_waits_for_nothing": (
        "The event gateway “{what}” is followed by “{target}”, which does not wait for an event.",
        "Put a message, timer, signal or conditional event, or a receive task, behind each of its arrows.",
    ),
    "gateway_event_shared": (
        "“{target}” behind the event gateway “{what}” is also reached by another arrow.",
        "Draw an event of its own behind the gateway.",
    ),
    "gateway_same_message": (
        "Two events behind the gateway “{what}” wait for the same message “{message}”.",
        "Keep one of them, and let a gateway behind it ask what the message says.",
    ),
}

_TIMERS: Mapping[str, tuple[str, str]] = {
    "start_timer_variable": (
        "The time of the start event “{what}” asks for “{variable}”, but no case is there yet.",
        'Use a fixed time such as R/2026-01-05T09:00/P1W, now(), today() or due("...").',
    ),
}

_TASKS: Mapping[str, tuple[str, str]] = {
    "result_name": (
        "“{what}” stores its result under the name “{result}”, which is not a variable’s name.",
        "Use letters, digits and underscores, for instance score.",
    ),
    "call_binding": (
        "“{what}” chooses the version of the process that it calls by “{rule}”, which is no rule.",
        "Choose latest, deployment, version or versionTag.",
    ),
    "call_version_missing": (
        "“{what}” calls a certain version of a process, but does not say which.",
        "Enter the version’s number in its properties, or choose the latest one.",
    ),
    "call_version_tag": (
        "“{what}” calls the version of a certain tag, but does not say which tag.",
        "Enter the tag in its properties, or choose the latest version.",
    ),
    "call_without_start": (
        "“{what}” calls the process “{called}”, which starts by a message only.",
        "Draw a plain start event in “{called}”, or send it the message instead of calling it.",
    ),
    "multi_instance_item": (
        "“{what}” names a variable for each entry, “{variable}”, but no list that the entries come from.",
        "Name the list in its properties, or remove the variable.",
    ),
    "loop_place": (
        "“{what}” is an event sub-process and cannot have a loop marker: it starts with each of its events.",
        "Remove the marker, or put it on a sub-process inside.",
    ),
    "variable_name": (
        "“{what}” uses “{variable}” as a variable’s name, which it is not.",
        "Use letters, digits and underscores, for instance supplier.",
    ),
    "payload_all": (
        "“{what}” is to carry all variables; a message carries only what is declared.",
        "Name each variable that it carries.",
    ),
    "payload_parameter": (
        "The parameter “{variable}” of “{what}” is no expression.",
        "Write ${{name}}, or FEEL after an equals sign; lists, maps and scripts are not read.",
    ),
    "expression": (
        "The {use} of “{what}”, “{text}”, cannot be read: {problem}.",
        "{hint}",
    ),
    "function_unknown": (
        "The {use} of “{what}”, “{text}”, calls {function}(…), which does not exist.",
        'Correct the function’s name; those of FEEL and due("name") can be used.',
    ),
    "parameter_unknown": (
        'The {use} of “{what}” asks for due("{parameter}"), but no parameter has that name.',
        "Correct the name, or add it under [parameters] in config.toml: {known}.",
    ),
}

_SOUNDNESS: Mapping[str, tuple[str, str]] = {
    "deadlock": (
        "“{what}” waits for ever: the way from {missing} is never taken together with the others.",
        "Join with the kind of gateway that split the way: exclusive with exclusive, parallel with parallel.",
    ),
    "deadlock_possible": (
        "“{what}” can wait for ever: the way from {missing} may never be taken.",
        "Join with the kind of gateway that split the way: exclusive with exclusive, parallel with parallel.",
    ),
    "endless": (
        "Once in “{what}”, a case never ends: {loop} lead only to one another.",
        "Draw a way out of the loop, to an end event.",
    ),
    "done_twice": (
        "“{what}” can be reached twice at the same time, and then everything behind it is done twice.",
        "Join the parallel ways with a parallel gateway in front of it.",
    ),
    "never_reached": (
        "“{what}” is never reached, whichever ways are taken.",
        "Check the gateways in front of it, or remove it.",
    ),
    "too_big": (
        "“{what}” has too many parallel ways to check that it always comes to an end.",
        "Put parts of it into sub-processes: each of them is checked on its own.",
    ),
}

STEPS: Mapping[str, tuple[str, str]] = {**_EVENTS, **_TIMERS, **_TASKS, **_SOUNDNESS}
