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
    "message_missing": (
        "“{what}” names no message.",
        "Choose or create a message in its properties, and give the message a name.",
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
    "error_not_interrupting": (
        "The error event “{what}” does not interrupt; an error always does.",
        "Make it interrupting.",
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
    "signal_missing": (
        "“{what}” names no signal.",
        "Choose or create a signal in its properties, and give the signal a name.",
    ),
    "condition_absent": (
        "“{what}” waits for a condition, but has none.",
        "Write it in FEEL, for instance: amount > 1000",
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
    "timer_missing": (
        "The timer “{what}” has no time.",
        'Give it a duration such as P2D or PT4H, a date, or due("name").',
    ),
    "timer_unreadable": (
        "The time of “{what}”, “{text}”, cannot be read: {problem}.",
        'Write an ISO 8601 time such as {example}, or an expression such as due("name").',
    ),
    "timer_cron": (
        "The time of “{what}”, “{text}”, is written in cron’s form.",
        "Write the ISO 8601 form, such as {example}.",
    ),
    "timer_kind": (
        "“{what}” has the {kind} “{text}”, which is a {other}.",
        "Choose the timer type “{other}” in its properties.",
    ),
    "timer_cycle_place": (
        "“{what}” repeats its timer, which only a boundary event that does not interrupt can do.",
        "Use a duration, or draw a loop.",
    ),
}

_TASKS: Mapping[str, tuple[str, str]] = {
    "lane_missing": (
        "“{what}” is work for a person, but lies in no lane with a name.",
        "Draw it in a lane that is named after a role: {known}.",
    ),
    "lane_unknown": (
        "The lane “{lane}” of “{what}” is not the name of a role.",
        "Name the lane after one of these roles, or add the role in config.toml: {known}.",
    ),
    "form_unknown": (
        "“{what}” uses the form “{form}”, which does not exist.",
        "Put {form}.form beside the diagram, or choose one of these: {known}.",
    ),
    "service_missing": (
        "The service task “{what}” has neither a name nor a task type.",
        "Name it after what it does: “Send offer” stands for the service send_offer.",
    ),
    "service_unknown": (
        "“{what}” calls the service “{service}”, which the process “{process}” does not have.",
        "Correct the task’s name or type, make it a user task, or add the function to the process’s module.",
    ),
    "decision_missing": (
        "The business rule task “{what}” names no decision.",
        "Choose the decision by its id in the task’s properties.",
    ),
    "decision_unknown": (
        "“{what}” uses the decision “{decision}”, which does not exist.",
        "Put the decision table (.dmn) beside the diagram, or choose one of these: {known}.",
    ),
    "result_name": (
        "“{what}” stores its result under the name “{result}”, which is not a variable’s name.",
        "Use letters, digits and underscores, for instance score.",
    ),
    "call_missing": (
        "The call activity “{what}” does not say which process it calls.",
        "Enter the id of the process in its properties.",
    ),
    "call_computed": (
        "The call activity “{what}” names its process by an expression ({text}).",
        "Enter a fixed id; let a gateway choose between several call activities.",
    ),
    "call_unknown": (
        "“{what}” calls the process “{called}”, which does not exist.",
        "Deploy that process in the same go, or choose one of these: {known}.",
    ),
    "call_without_start": (
        "“{what}” calls the process “{called}”, which starts by a message only.",
        "Draw a plain start event in “{called}”, or send it the message instead of calling it.",
    ),
    "multi_instance": (
        "“{what}” is to be done several times, but does not say over which list or how often.",
        "Name a list (collection) or a number (loop cardinality) in its properties, and not both.",
    ),
    "multi_instance_item": (
        "“{what}” names a variable for each entry, “{variable}”, but no list that the entries come from.",
        "Name the list in its properties, or remove the variable.",
    ),
    "loop_marker": (
        "“{what}” has a loop marker, but neither a condition nor a number of rounds.",
        "Give the loop a condition, or draw it with an exclusive gateway behind the step.",
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
    "script_empty": (
        "The script task “{what}” has no script.",
        "Write assignments, one a line, such as: total = net * 1.22",
    ),
    "script_language": (
        "The script of “{what}” is written in {language}.",
        "Write FEEL assignments, one a line (total = net * 1.22), or make it a service task.",
    ),
    "script_line": (
        "The line “{text}” in the script of “{what}” is not an assignment.",
        "Write name = expression, with letters, digits and underscores in the name.",
    ),
    "expression": (
        "The {use} of “{what}”, “{text}”, cannot be read: {problem}.",
        "{hint}",
    ),
    "function_unknown": (
        "The {use} of “{what}”, “{text}”, calls {function}(…), which does not exist.",
        'Correct the function’s name; those of FEEL and due("name") can be used.',
    ),
    "condition_label": (
        "The condition of the arrow “{what}” is its label, which is read as the name of a variable.",
        'Write a whole condition, such as answer = "yes", or = {what} if it is a variable.',
    ),
    "due_literal": (
        "“{what}” is due at “{text}”, which is a fixed time and not an expression.",
        'Write due("name") with the name of a parameter, or an expression that gives a time.',
    ),
    "parameter_unknown": (
        'The {use} of “{what}” asks for due("{parameter}"), but no parameter has that name.',
        "Correct the name, or add it under [parameters] in config.toml: {known}.",
    ),
}

_SOUNDNESS: Mapping[str, tuple[str, str]] = {
    "deadlock": (
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
