"""What a person decides about a message that no case has taken: attach it, try it again, dismiss it."""

from __future__ import annotations

from datetime import datetime

from engine.db import Transaction
from engine.errors import Conflict, Invalid
from engine.messages.delivery import MAX_NOTE, Receipt, change, closed, record, try_delivery
from engine.messages.unmatched import UNMATCHED, unknown
from engine.runtime import Engine, find_case, open_run
from engine.runtime.matching import Inbound, load
from engine.values import from_json


def attach(
    engine: Engine,
    now: datetime,
    message_id: int,
    case: int | str,
    *,
    actor_id: int | None = None,
    element: str | None = None,
) -> Receipt:
    """Give a message to a case, whatever its keys: at once if it waits for the name, else when it does.

    `element`: where, if the case waits for it at several places. Raises Conflict when that has to
    be said, when the case has ended, or when the message is no longer to be attached.
    """
    with engine.transaction(now) as tx:
        case_id = find_case(tx, case)
        run = open_run(engine, tx, case_id)
        message = _to_decide(tx, message_id)
        if run.status in ("completed", "cancelled"):
            raise Conflict(
                "case_over",
                "Case {case_no} has ended.",
                where=run.case_no,
                remedy="Attach the message to another case, or dismiss it.",
                case_no=run.case_no,
            )
        waits = [one for one in run.waits_before if (one.kind, one.name) == ("message", message.name)]
        _check_place(run.case_no, message.name, sorted({wait.element for wait in waits}), element)
        change(
            tx, message, match_state="received", next_try=now, reason=None, note=None,
            attached_to=case_id, element=element, case_id=None,
        )  # fmt: skip
        record(tx, "message.attached", message, case_id, actor_id)
    return try_delivery(engine, now, message_id)


def retry(engine: Engine, now: datetime, message_id: int, *, actor_id: int | None = None) -> Receipt:
    """Try to deliver a message again."""
    with engine.transaction(now) as tx:
        message = _to_decide(tx, message_id)
        change(tx, message, match_state="received", next_try=now, reason=None, note=None)
        record(tx, "message.retried", message, message.attached_to, actor_id)
    return try_delivery(engine, now, message_id)


def dismiss(
    engine: Engine, tx: Transaction, message_id: int, reason: str, *, actor_id: int | None = None
) -> None:
    """Put a message aside for good; the reason stays with it, and goes when it is erased."""
    text = str(from_json(reason.strip(), where="reason"))
    if not 0 < len(text) <= MAX_NOTE:
        raise Invalid(
            "message_reason",
            "Say in up to {most} characters why the message is dismissed.",
            where="reason",
            most=MAX_NOTE,
        )
    message = _to_decide(tx, message_id)
    change(tx, message, match_state="dismissed", next_try=None, note=text)
    record(tx, "message.dismissed", message, message.attached_to, actor_id)


def _to_decide(tx: Transaction, message_id: int) -> Inbound:
    """A message that a person may still decide on; raises NotFound and Conflict."""
    message = load(tx, message_id)
    if message is None:
        raise unknown(message_id)
    if message.state not in UNMATCHED:
        raise closed(message.name)
    return message


def _check_place(case_no: str, name: str, elements: list[str], element: str | None) -> None:
    if element is None and len(elements) > 1:
        raise Conflict(
            "message_places",
            "Case {case_no} waits for “{name}” at several places: {elements}.",
            where=case_no,
            remedy="Say at which of them it shall be taken.",
            case_no=case_no,
            name=name,
            elements=", ".join(elements),
        )
    if element is not None and element not in elements:
        raise Invalid(
            "message_place",
            "Case {case_no} does not wait for “{name}” at “{element}”.",
            where=case_no,
            remedy="Leave the place out, or reload the page: the case may have moved on.",
            case_no=case_no,
            name=name,
            element=element,
        )
