"""Plays a lead that was won on to its end: every step really done, at a time between receipt and won."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from engine import inbox, messages, people
from engine.db import Transaction
from engine.runtime import case_view
from engine.tables import Case, Task, Wait
from engine.values import Value
from processes.imports.deals import Deal
from processes.imports.notes import Note, note
from processes.records import Company, Lead

if TYPE_CHECKING:
    from engine.runtime import Engine

MOST_STEPS = 60
"""Steps after which a case that does not come to its end is left where it is."""


@dataclass(frozen=True)
class Answer:
    """What is known of a step of a won lead: its answers, and `share` of the way from receipt to won."""

    share: float
    answers: Mapping[str, Value] = field(default_factory=dict)


NEED = {
    "lead.need": "Imported deal",
    "lead.need_area": "product",
    "lead.budget_band": "5k_20k",
    "lead.authority": "decision_maker",
    "lead.timeline": "now",
}

# Element -> answers that lead on to won. A form is given only those of its own fields.
ANSWERS: Mapping[str, Answer] = {
    "check_duplicate": Answer(0.0, {"decision": "different"}),
    "fix_contact_data": Answer(0.05),
    "first_contact": Answer(0.1, {"channel_used": "other", "outcome": "spoken"}),
    "qualify_need": Answer(0.3, NEED),
    "ask_missing": Answer(0.35, NEED),
    "decide_stalled": Answer(0.35, {"stalled_decision": "keep"}),
    "specify": Answer(0.4, {"specification": "Imported deal"}),
    "prepare_offer": Answer(
        0.5,
        {
            "offer.net": Decimal(0),
            "offer.discount_pct": Decimal(0),
            "offer.margin_pct": Decimal(100),
            "offer.payment_terms_days": 30,
            "offer.validity_days": 365,
        },
    ),
    "approve_discount": Answer(0.55, {"decision": "approve"}),
    "approve_as_management": Answer(0.55, {"decision": "approve"}),
    "send_offer": Answer(0.6, {"sent_via": "email"}),
    "call_customer": Answer(1.0, {"outcome": "accepts"}),
    "handle_reply": Answer(1.0, {"outcome": "accepts"}),
    "check_acceptance": Answer(1.0, {"signed": True, "company.name": "Imported deal"}),
}
# Message -> what it carries, where a case of a won lead waits for the customer.
MESSAGES: Mapping[str, Answer] = {"offer.reply": Answer(1.0)}

# Asked after every step; written once, SQLAlchemy need not put them together each time.
_TASK = (
    select(Task.id, Task.element, Task.role, Task.form, Task.version_id, Task.case_id)
    .where(Task.case_id == bindparam("case"), Task.state == "open", Task.element.in_(ANSWERS))
    .order_by(Task.id)
    .limit(1)
)
_WAIT = (
    select(Wait.name)
    .where(Wait.case_id == bindparam("case"), Wait.name.in_(MESSAGES))
    .order_by(Wait.id)
    .limit(1)
)


def replay(engine: Engine, tx: Transaction, case_id: int, received_at: datetime, deal: Deal) -> list[Note]:
    """Complete the open steps of a case until it ends; `tx.now` walks from receipt to won.

    All is done by the seller whom the deal names, made as a person if unknown, with the role
    that each step asks for. Returns a warning when the case does not come to its end.
    """
    won_at = deal.at or received_at
    seller = people.ensure(tx, deal.by, roles=["sales_rep"]) if deal.by else None
    for _ in range(MOST_STEPS):
        task, awaited = _next(tx, case_id)
        if task is not None:
            known = ANSWERS[task.element]
            tx.now = _moment(received_at, won_at, known.share)
            person = replace(seller, roles=seller.roles | {task.role}) if seller else None
            inbox.complete(engine, tx, task.id, _answers(engine, tx, task, known, deal), person)
        elif awaited is not None:
            known = MESSAGES[awaited.name]
            tx.now = _moment(received_at, won_at, known.share)
            key = {"case_no": _case_no(tx, case_id)}
            messages.send(engine, tx, awaited.name, key, known.answers)
        else:
            break
    view = case_view(engine, tx, case_id)
    if view.status == "completed":
        return []
    places = [each["name"] or each["element"] for each in [*view.open_tasks, *view.waiting]]
    return [
        note(
            "won_not_reached",
            "It was won, but its case stays open at: {places}.",
            "Complete the case by hand.",
            places=", ".join(places) or view.status,
        )
    ]


def _next(tx: Transaction, case_id: int) -> tuple[Any, Any]:
    """The first open task whose answers are known, else the first message that can be sent."""
    task = tx.session.execute(_TASK, {"case": case_id}).first()
    if task is not None:
        return task, None
    return None, tx.session.execute(_WAIT, {"case": case_id}).first()


def _case_no(tx: Transaction, case_id: int) -> str:
    return tx.session.execute(select(Case.case_no).where(Case.id == case_id)).scalar_one()


def _moment(received_at: datetime, won_at: datetime, share: float) -> datetime:
    """The instant at a share of the way; one won before it came in is won all at once."""
    way = won_at - received_at
    if way < timedelta(0) or share >= 1:
        return won_at
    return received_at + way * share


def _answers(engine: Engine, tx: Transaction, task: Any, known: Answer, deal: Deal) -> dict[str, object]:
    """The known answers that the task's form, in the version of its case, asks for."""
    answers: dict[str, object] = dict(known.answers)
    if deal.amount is not None and "offer.net" in answers:
        answers["offer.net"] = deal.amount
    if "company.name" in answers:
        answers["company.name"] = _customer(tx, task.case_id) or answers["company.name"]
    form = engine.model(tx, task.version_id).form(task.form) if task.form else None
    return answers if form is None else {key: answers[key] for key in answers if key in form.fields}


def _customer(tx: Transaction, case_id: int) -> str | None:
    """The name that the lead's company has already; an import does not change it."""
    query = (
        select(Company.name)
        .join(Lead, Lead.company_id == Company.id)
        .join(Case, (Case.subject_kind == "lead") & (Case.subject_id == Lead.id))
        .where(Case.id == case_id)
    )
    return tx.session.execute(query).scalar_one_or_none()
