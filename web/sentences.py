"""Lines of history in words: what happened, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

SILENT = frozenset({"case.moved", "stage.left"})
"""Lines for programs only: the path is drawn in the diagram, and leaving a stage is entering the next."""

SIGNS: Mapping[str, str] = {
    "case.started": "player-play",
    "case.completed": "circle-check",
    "case.cancelled": "circle-x",
    "case.stalled": "hourglass",
    "case.unstalled": "player-play",
    "task.created": "inbox",
    "task.claimed": "user",
    "task.released": "arrow-back-up",
    "task.completed": "check",
    "task.cancelled": "x",
    "task.overdue": "calendar-due",
    "stage.entered": "arrow-right",
    "timer.fired": "clock",
    "message.received": "mail",
    "message.sent": "mail",
    "message.attached": "link",
    "message.failed": "alert-triangle",
    "decision.made": "git-branch",
    "lead.received": "user",
    "offer.won": "circle-check",
    "offer.lost": "circle-x",
    "sla.breached": "alert-triangle",
    "step.failed": "bug",
    "case.repaired": "settings",
}
"""The icon of each kind of line; others get a plain dot."""


def sentence(kind: str, element: str = "", stage: str = "", message: str = "", target: str = "") -> str:
    """What happened; an event that has no sentence here is shown by its name in words."""
    known = _sentences().get(kind)
    if known is not None:
        return known.format(element=element, stage=stage, message=message, target=target)
    words = kind.replace(".", ": ").replace("_", " ")
    text = words[:1].upper() + words[1:]
    return f"{text} ({element})" if element else text


def _sentences() -> dict[str, str]:
    """Templates with `{element}`, `{stage}`, `{message}`, `{target}`; names go in after translating.

    A repair has a sentence of its kind.
    """
    return {
        "case.started": _("The case began"),
        "case.completed": _("The case ended"),
        "case.cancelled": _("The case was cancelled"),
        "step.failed": _("“{element}” has failed"),
        "retry": _("What had failed was tried again"),
        "set": _("Data were changed"),
        "skip": _("“{element}” was skipped"),
        "move": _("The case was moved from “{element}” to “{target}”"),
        "case.stalled": _("The case stands still"),
        "case.unstalled": _("The case moves again"),
        "stage.entered": _("Stage “{stage}” began"),
        "task.created": _("“{element}” is waiting"),
        "task.claimed": _("“{element}” was taken"),
        "task.released": _("“{element}” was given back"),
        "task.completed": _("“{element}” was done"),
        "task.cancelled": _("“{element}” was no longer needed"),
        "task.overdue": _("“{element}” is late"),
        "timer.fired": _("The time of “{element}” was up"),
        "message.received": _("A message arrived: “{message}”"),
        "message.sent": _("A message was sent: “{message}”"),
        "message.attached": _("A message was given to the case: “{message}”"),
        "message.failed": _("A message could not be taken: “{message}”"),
        "message.retried": _("A message was tried again: “{message}”"),
        "message.dismissed": _("A message was dismissed: “{message}”"),
        "decision.made": _("Decided by rules: “{element}”"),
        "lead.received": _("The lead came in"),
        "lead.merged": _("The lead was joined with another one"),
        "lead.rejected": _("The lead was rejected"),
        "lead.assigned": _("The lead was assigned"),
        "lead.reassigned": _("The lead was assigned to somebody else"),
        "lead.first_attempt": _("First attempt to reach the customer"),
        "lead.first_response": _("First response to the customer"),
        "lead.contacted": _("The customer was reached"),
        "lead.qualified": _("The lead was qualified"),
        "lead.disqualified": _("The lead was disqualified"),
        "lead.recycled": _("The lead comes back later"),
        "interaction.recorded": _("A contact was recorded"),
        "offer.created": _("The offer was begun"),
        "offer.version_sent": _("The offer was sent"),
        "offer.viewed": _("The customer opened the offer"),
        "offer.approved": _("The discount was approved"),
        "offer.rejected_internally": _("The discount was refused"),
        "offer.objection": _("The customer objected"),
        "offer.won": _("The offer was won"),
        "offer.lost": _("The offer was lost"),
        "offer.expired": _("The offer expired"),
        "order.confirmed": _("The order was confirmed"),
        "ticket.received": _("The ticket came in"),
        "ticket.first_response": _("First response to the ticket"),
        "ticket.reply": _("The ticket was answered"),
        "ticket.resolved": _("The ticket was solved"),
        "ticket.confirmed": _("The customer confirmed the solution"),
        "ticket.reopened": _("The ticket was opened again"),
        "ticket.closed": _("The ticket was closed"),
        "hold.started": _("Waiting for the customer"),
        "hold.ended": _("The customer answered"),
        "sla.warning": _("The promised time is nearly over"),
        "sla.breached": _("The promised time is over"),
        "override.made": _("An exception was made"),
    }
