"""What is said of a drawing that was made explicit: what was put right, what is asked, what to know."""

from __future__ import annotations

from collections.abc import Mapping

from engine.findings import Severity

Sentence = tuple[Severity, str, str]

_IDS: Mapping[str, Sentence] = {
    "process_chosen": (
        "fixed",
        "The process “{what}” is not marked as executable; it is run, being the only one with steps.",
        "Tick “Executable” in the properties of the process to say so in the drawing.",
    ),
    "process_unmarked": (
        "fixed",
        "No process of the file is marked as executable; “{what}” is run like the others.",
        "Tick “Executable” in the properties of those that shall be run, if it is not all of them.",
    ),
    "process_id_made": (
        "fixed",
        "The process “{what}” has no id; it is called {id}.",
        "Give it an id of your own in its properties, for instance “offer”.",
    ),
    "id_made": (
        "fixed",
        "The element <{tag}> “{what}” has no id; it got one.",
        "Nothing to do; saving the diagram with bpmn.io gives every element an id.",
    ),
    "flow_id_made": (
        "fixed",
        "The arrow from “{source}” to “{target}” has no id; it got one.",
        "Nothing to do; saving the diagram with bpmn.io gives every arrow an id.",
    ),
    "id_changed": (
        "fixed",
        "The id “{id}” is used by the engine itself; the element goes by “{fresh}”.",
        "Change the id in its properties to keep it the same everywhere.",
    ),
    "id_repeated": (
        "fixed",
        "The id “{id}” is used twice: here and in line {other}; this one got another.",
        "Nothing to do; saving the diagram with bpmn.io gives every element an id of its own.",
    ),
    "name_long": (
        "fixed",
        "The name of “{what}” is longer than {limit} characters; lists show its beginning.",
        "Give it a short name and put the rest into its documentation.",
    ),
    "references_cleaned": (
        "fixed",
        "{count} references in the file have blanks or prefixes around the ids that they mean; "
        "those were left out.",
        "Nothing to do.",
    ),
    "flow_end_found": (
        "fixed",
        "The arrow “{what}” does not name both of its ends; the step “{step}” does.",
        "Nothing to do.",
    ),
    "spelling_flowable": (
        "fixed",
        "The file uses the names of Activiti or Flowable in {count} places; they were read as those "
        "of Camunda 7.",
        "Nothing to do.",
    ),
    "decision_spiff": (
        "fixed",
        "The decision “{decision}” of “{what}” was read from SpiffWorkflow’s own element.",
        "Nothing to do.",
    ),
    "data_documentation": (
        "fixed",
        "The dotted lines between “{what}” and drawn data are documentation.",
        "Nothing to do: every step sees the data of the case.",
    ),
    "data_declared": (
        "fixed",
        "The inputs, outputs and properties that “{what}” declares are documentation.",
        "Nothing to do: every step sees the data of the case.",
    ),
}

_EVENTS: Mapping[str, Sentence] = {
    "event_reference": (
        "fixed",
        "What “{what}” waits for or throws is kept elsewhere in the file; it was looked up there.",
        "Nothing to do.",
    ),
    "event_reference_lost": (
        "warning",
        "“{what}” refers to an event definition that is not in the file.",
        "Choose the kind of the event (message, timer ...) at the event itself.",
    ),
    "nameless": (
        "fixed",
        "A {tag} has no name; it goes by its id, “{called}”.",
        "Give it a name in the properties of an event that uses it.",
    ),
    "codeless": (
        "fixed",
        "“{what}” ({tag}) has no code; it goes by “{used}”.",
        "Give it a code in the properties of an event that uses it.",
    ),
    "message_from_flow": (
        "fixed",
        "“{what}” names no message; the arrow between the pools says “{message}”.",
        "Nothing to do; a message in its properties would be used instead.",
    ),
    "message_awaited_made": (
        "warning",
        "“{what}” names no message; it waits for one called “{message}”.",
        "Choose or create the message in its properties if it has another name.",
    ),
    "message_sent_made": (
        "warning",
        "“{what}” names no message; it sends one called “{message}”.",
        "Choose or create the message in its properties if it has another name.",
    ),
    "message_flow_differs": (
        "warning",
        "The two ends of the message flow “{what}” speak of different messages ({names}), so that "
        "none arrives.",
        "Choose the same message at both ends.",
    ),
    "message_flow_idle": (
        "warning",
        "The message flow “{flow}” begins or ends at “{what}”, which neither sends nor waits: it is "
        "documentation.",
        "Draw a message event or a send or receive task there if a message shall be sent.",
    ),
    "signal_made": (
        "warning",
        "“{what}” names no signal; it goes by “{signal}”.",
        "Choose or create the signal in its properties if it has another name.",
    ),
    "event_handed_over": (
        "warning",
        "“{what}” is to wait, but does not say for what: a person says when it has happened.",
        "Make it a message, timer, signal or conditional event.",
    ),
    "error_interrupts": (
        "fixed",
        "The error event “{what}” is drawn as one that does not interrupt; an error always does.",
        "Nothing to do.",
    ),
    "link_named": (
        "fixed",
        "The link “{what}” goes by the name “{link}”, which its other end has too.",
        "Nothing to do; both ends need the same name.",
    ),
    "gateway_without_events": (
        "warning",
        "Nothing waits behind the event gateway “{what}”: a person chooses the way.",
        "Draw an exclusive gateway, or message, timer or signal events behind it.",
    ),
}

_FLOWS: Mapping[str, Sentence] = {
    "flow_moved": (
        "fixed",
        "The arrow “{what}” was kept in another sub-process than the steps it connects.",
        "Nothing to do.",
    ),
    "start_passed": (
        "fixed",
        "An arrow leads back into the start event “{what}”; it leads to the step behind it.",
        "Let the arrow lead to the step behind it.",
    ),
    "end_passed": (
        "fixed",
        "An arrow leaves the end event “{what}”, which is taken as an event on the way.",
        "Draw an intermediate event, or remove the arrow.",
    ),
    "several_ways_out": (
        "fixed",
        "{count} arrows leave “{what}”: all of them are taken at the same time.",
        "Draw a parallel gateway behind it to say so, or an exclusive one if one of the ways is meant.",
    ),
    "several_ways_conditional": (
        "fixed",
        "{count} arrows leave “{what}”, some with conditions: each whose condition is true is taken.",
        "Draw an inclusive gateway behind it to say so.",
    ),
    "several_ways_asked": (
        "question",
        "{count} arrows with labels leave “{what}”: {labels}. Is one of them taken, or all at the same time?",
        "Answer here, or draw a gateway behind it: exclusive for one of the ways, parallel for all.",
    ),
    "unreachable": (
        "warning",
        "No way leads from the start to “{what}”: it is never done.",
        "Connect it with an arrow, or remove it.",
    ),
    "flow_stray": (
        "warning",
        "The arrow “{what}” lies in a process without steps and connects nothing: it is left out.",
        "Remove it, or connect both of its ends.",
    ),
    "unreachable_flow": (
        "warning",
        "The arrow “{what}” is never taken: no way leads from the start to where it begins.",
        "Connect the step that it leaves, or remove both.",
    ),
    "start_alone": (
        "question",
        "Nothing is done behind the start event “{what}”, while other steps are not connected to it. "
        "Which of them is the first?",
        "Answer here, or draw an arrow from the start event to the first step.",
    ),
    "start_made": (
        "fixed",
        "“{what}” has no start event; it begins with {steps}.",
        "Draw a start event in front of the first step to say so.",
    ),
    "start_made_of": (
        "fixed",
        "“{what}” begins the process: it is taken as a start event.",
        "Draw a start event of the same kind to say so.",
    ),
    "start_by_hand": (
        "warning",
        "The start event “{what}” is of the kind “{event}”, by which no case begins yet: somebody begins it.",
        "Start the case by hand, by a message or by a signal.",
    ),
    "starts_chosen": (
        "warning",
        "“{what}” is one of several start events; whoever does the first step says which of them it is.",
        "Keep one start event, or make the others message start events.",
    ),
    "sub_process_waits": (
        "fixed",
        "“{what}” starts a sub-process by a {event} event: the sub-process begins, then it waits for it.",
        "Draw a plain start event, and the {event} event behind it, to say so.",
    ),
    "sub_process_task": (
        "warning",
        "The sub-process “{what}” has no steps: a person does it as one task.",
        "Draw its steps inside it, or make it a task or a call activity.",
    ),
    "end_made": (
        "fixed",
        "Nothing follows “{what}”: its way ends there.",
        "Draw an end event to say so, or an arrow to what follows.",
    ),
}

_CHOICES: Mapping[str, Sentence] = {
    "choice_made": (
        "fixed",
        "The arrows behind “{what}” have no conditions: whoever does the task before it chooses "
        "among {ways}.",
        "Nothing to do; with conditions on its arrows the gateway decides by itself.",
    ),
    "choice_task": (
        "fixed",
        "The arrows behind “{what}” have no conditions: a person chooses among {ways}, as a task of its own.",
        "Nothing to do; with conditions on its arrows the gateway decides by itself.",
    ),
    "complex_gateway_choice": (
        "warning",
        "“{what}” is a complex gateway: a person says which of its ways are taken.",
        "Draw an inclusive gateway to say so.",
    ),
    "default_wrong": (
        "warning",
        "The default flow of “{what}” is “{flow}”, which does not leave it: it has no default.",
        "Choose one of its own arrows as the default flow.",
    ),
    "default_chosen": (
        "fixed",
        "Of the arrows that leave “{what}” only “{flow}” has no condition: it is taken when no other one is.",
        "Make it the default flow to say so.",
    ),
    "condition_ignored": (
        "warning",
        "The arrow “{what}” has a condition ({text}), but it leaves “{source}”, where conditions "
        "have no effect.",
        "Draw an exclusive gateway behind “{source}” and put the condition on an arrow that leaves it.",
    ),
    "condition_label": (
        "fixed",
        "The condition of the arrow “{what}”, “{text}”, is a label and no condition.",
        'Nothing to do; a condition says what is asked, such as answer = "yes".',
    ),
    "condition_missing": (
        "question",
        "The arrow “{what}” leaves the gateway “{source}” without a condition, unlike others. When "
        "is it taken?",
        'Answer with a condition, for instance: score > 50 and tier = "gold"',
    ),
    "condition_unreadable": (
        "question",
        "The condition of “{what}”, “{text}”, cannot be read. When is it true?",
        'Answer in FEEL, for instance: score > 50 and tier = "gold"',
    ),
    "condition_absent": (
        "question",
        "“{what}” waits for a condition, but has none. When does it go on?",
        "Answer in FEEL, for instance: amount > 1000",
    ),
}

_TIMES: Mapping[str, Sentence] = {
    "timer_missing": (
        "question",
        "The timer “{what}” has no time. How long does it wait?",
        'Answer with a duration such as P2D (two days) or PT4H (four hours), a date, or due("name").',
    ),
    "timer_words": (
        "question",
        "The time of “{what}”, “{text}”, is written in words. How long does it wait?",
        'Answer with a duration such as P2D (two days) or PT4H (four hours), a date, or due("name").',
    ),
    "timer_form": (
        "question",
        "The time of “{what}”, “{text}”, cannot be used: {problem}. What was meant?",
        'Answer with a duration such as P2D (two days) or PT4H (four hours), a date, or due("name").',
    ),
    "timer_cron": (
        "question",
        "The time of “{what}”, “{text}”, is written in cron’s form. How often does it happen?",
        "Answer in the ISO 8601 form, such as R/P1D (every day) or R/P7D (every week).",
    ),
    "timer_spelling": (
        "fixed",
        "The time “{text}” of “{what}” was read as a {kind}.",
        "Nothing to do.",
    ),
    "timer_cycle_place": (
        "warning",
        "“{what}” repeats its time ({text}), which only a boundary event that does not interrupt can do: "
        "it happens once.",
        "Use a duration, or draw a loop.",
    ),
    "loop_marker": (
        "question",
        "“{what}” has a loop marker, but does not say how often. When is it done once more?",
        "Answer with a condition (approved = false) or with the greatest number of rounds.",
    ),
    "loop_unreadable": (
        "question",
        "The condition of the loop “{what}”, “{text}”, cannot be read. When is it done once more?",
        "Answer with a condition in FEEL, for instance: approved = false",
    ),
    "multi_instance": (
        "question",
        "“{what}” is to be done several times, but does not say over which list or how often.",
        "Answer with the name of a list, or with a number.",
    ),
    "multi_instance_unreadable": (
        "question",
        "“{what}” is to be done for each entry of “{text}”, which cannot be read.",
        "Answer with the name of a list, or with a number.",
    ),
    "mapping_dropped": (
        "warning",
        "“{what}” hands over “{variable}”, which is no variable’s name: it is left out ({text}).",
        "Use letters, digits and underscores, for instance supplier.",
    ),
    "mapping_unreadable": (
        "question",
        "What “{what}” hands over as “{variable}”, “{text}”, cannot be read. What is it?",
        "Answer in FEEL, for instance: amount * 2",
    ),
    "quantity_ignored": (
        "warning",
        "“{what}” is to take or give {text} tokens at once ({name_of}): it is done for each one by itself.",
        "Draw a parallel gateway where several ways are awaited.",
    ),
    "behavior_ignored": (
        "warning",
        "“{what}” is to throw events while its instances end, which are not thrown.",
        "Draw an event behind it, or inside of it.",
    ),
    "multi_instance_both": (
        "warning",
        "“{what}” names both a list ({collection}) and a number of times; the list counts.",
        "Keep one of them.",
    ),
}

_TASKS: Mapping[str, Sentence] = {
    "service_handed_over": (
        "warning",
        "There is no service “{service}” for “{what}”: a person does it.",
        "Correct the task’s name or type, or add the function to the process’s module.",
    ),
    "rule_handed_over": (
        "warning",
        "There is no decision “{decision}” for “{what}”: a person does it.",
        "Put the decision table (.dmn) beside the diagram and name it by its id.",
    ),
    "script_handed_over": (
        "warning",
        "The script of “{what}” cannot be run, for {problem}: a person does it.",
        "Write FEEL assignments, one a line, such as: total = net * 1.22",
    ),
    "call_handed_over": (
        "warning",
        "There is no process “{called}” that “{what}” could call: a person does it.",
        "Deploy that process in the same go, or correct its id.",
    ),
    "lane_named": (
        "fixed",
        "A lane has no name; it goes by “{lane}”, the name around it.",
        "Name the lane after a role.",
    ),
    "lane_missing": (
        "question",
        "“{what}” has work for a person (steps: {count}) that lies in no lane with a name. Who does it?",
        "Answer with a role, or draw a lane that is named after one: {known}.",
    ),
    "lane_unknown": (
        "question",
        "The lane “{lane}” is not the name of a role. Who does the work in it (steps for a person: {count})?",
        "Answer with a role, or add the lane’s name to a role in config.toml: {known}.",
    ),
    "role_from_group": (
        "fixed",
        "“{what}” is done by the role {role}, as its properties say.",
        "Nothing to do.",
    ),
    "group_ignored": (
        "warning",
        "“{what}” is assigned to {groups}, which is no role: its lane says who does it.",
        "Name a role there, or leave it out.",
    ),
    "due_literal": (
        "fixed",
        "“{what}” is due at “{text}”, which was read as {ours}",
        "Nothing to do.",
    ),
    "due_dropped": (
        "warning",
        "The due date of “{what}”, “{text}”, cannot be read: it has none.",
        'Write due("name") with the name of a parameter, or an expression that gives a time.',
    ),
    "priority_dropped": (
        "warning",
        "The priority of “{what}”, “{text}”, cannot be read: it has the usual one.",
        "Write a number, or an expression that gives one.",
    ),
    "assignee_dropped": (
        "warning",
        "The assignee of “{what}”, “{text}”, cannot be read: everybody of its role may take it.",
        "Write a person’s key, or an expression that gives one.",
    ),
    "form_from_data": (
        "fixed",
        "“{what}” describes a form of {count} field(s) itself; it is shown.",
        "Nothing to do.",
    ),
    "form_unknown": (
        "warning",
        "“{what}” uses the form “{form}”, which is not there: it is done without a form.",
        "Put {form}.form beside the diagram, or choose one of these: {known}.",
    ),
    "extension_ignored": (
        "warning",
        "“{what}” has extras of another engine ({what_not}), which are not done here.",
        "Draw them as steps if they matter.",
    ),
}

_ANSWERS: Mapping[str, Sentence] = {
    "answered": (
        "fixed",
        "“{what}”: the answer to “{field}” is {answer}",
        "Answer anew to change it.",
    ),
    "answer_wrong": (
        "error",
        "The answer “{answer}” to “{field}” of “{what}” cannot be used: {problem}.",
        "Answer again.",
    ),
    "answer_unknown": (
        "error",
        "There is an answer to “{field}” of “{what}”, but that is not asked there.",
        "Correct the element’s id or the name of the question, or leave the answer out.",
    ),
    "lost": (
        "error",
        "“{what}” would be lost without a word: Percorso cannot run this drawing rightly.",
        "This is a mistake of Percorso itself: please report it with the drawing.",
    ),
}

NORMAL: Mapping[str, Sentence] = {
    **_IDS, **_EVENTS, **_FLOWS, **_CHOICES, **_TIMES, **_TASKS, **_ANSWERS
}  # fmt: skip
