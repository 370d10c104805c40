"""What the check says about compensation and transactions."""

from __future__ import annotations

from collections.abc import Mapping

UNDOING: Mapping[str, tuple[str, str]] = {
    "handler_missing": (
        "No dotted line leads from the compensation event “{what}” to an activity that undoes.",
        "Draw the task, sub-process or call that undoes, mark it for compensation, and connect both.",
    ),
    "handler_unmarked": (
        "“{what}” is to undo an activity (“{event}”), but is not marked for compensation.",
        "Tick “Is for compensation” (isForCompensation) in its properties, and take its arrows away.",
    ),
    "handler_elsewhere": (
        "“{what}” lies in another sub-process than the compensation event “{event}” that leads to it.",
        "Draw it beside the activity that it undoes.",
    ),
    "handler_arrow": (
        "An arrow leads into or out of “{what}”, which is there to undo another activity.",
        "Remove its arrows: it is reached by a dotted line from a compensation event only.",
    ),
    "handler_alone": (
        "“{what}” is marked for compensation, but no compensation event leads to it.",
        "Draw a compensation event on the activity that it undoes, and a dotted line; or remove the mark.",
    ),
    "handler_border": (
        "The event “{what}” is attached to “{handler}”, which undoes another activity and has no way out.",
        "Put the step into a sub-process marked for compensation, and the event inside it.",
    ),
    "handler_triggered": (
        "“{what}” is an event sub-process, which cannot be marked for compensation.",
        "Start it by a compensation event instead, or draw an ordinary sub-process.",
    ),
    "compensation_arrow": (
        "An arrow leaves the compensation event “{what}”.",
        "Draw a dotted line (association) to the activity that undoes, instead of an arrow.",
    ),
    "compensation_twice": (
        "“{what}” is one more way to undo “{host}”; it can have only one.",
        "Keep one compensation event on its border, or one compensation event sub-process inside.",
    ),
    "compensation_sub_place": (
        "“{what}” is to undo the event sub-process “{host}”, which is never undone by itself.",
        "Draw it in the sub-process or process around, of whose work “{host}” is a part.",
    ),
    "compensation_ref_unknown": (
        "“{what}” is to undo “{activity}”, which is no activity of this process.",
        "Choose the activity again in its properties, or none for all of the scope.",
    ),
    "compensation_ref_elsewhere": (
        "“{what}” is to undo “{activity}”, which lies in another sub-process.",
        "Choose the sub-process around “{activity}”, or draw the event beside the activity.",
    ),
    "compensation_ref_idle": (
        "“{what}” is to undo “{activity}”, which nothing undoes.",
        "Draw a compensation event on it with the activity that undoes, or choose another one.",
    ),
    "compensation_idle": (
        "“{what}” undoes what was completed, but nothing in its scope can be undone.",
        "Draw compensation events on the activities to be undone, or move the event to their scope.",
    ),
    "cancel_place": (
        "The cancel event “{what}” does not lie directly in a transaction.",
        "Draw it in a transaction, or use an error or terminate end event.",
    ),
    "cancel_uncaught": (
        "“{what}” cancels the transaction “{host}”, which has no cancel event on its border to leave by.",
        "Attach a cancel event to the transaction and draw the way that follows.",
    ),
    "cancel_boundary_place": (
        "The cancel event “{what}” is attached to “{host}”, which is no transaction.",
        "Make it a transaction, or use an error event.",
    ),
    "cancel_boundary_silent": (
        "Nothing in “{host}” cancels it, so that “{what}” never happens.",
        "Draw a cancel end event inside, or remove the boundary event.",
    ),
    "cancel_boundary_twice": (
        "“{what}” is one more cancel event beside “{other}” on the same transaction.",
        "Keep one of them, and draw a gateway behind it.",
    ),
    "cancel_not_interrupting": (
        "The cancel event “{what}” does not interrupt; cancelling always does.",
        "Make it interrupting.",
    ),
    "transaction_loop": (
        "“{what}” is a transaction that can be cancelled and has a loop marker.",
        "Put it into a sub-process and the marker on that, so that each of them is cancelled for itself.",
    ),
    "transaction_method": (
        "The transaction “{what}” is to be undone by “{method}”; only compensation can be run.",
        "Choose the method ##Compensate, or leave it out.",
    ),
}
