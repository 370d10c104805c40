"""Support: a ticket is opened, answered, solved and closed, and every answer is on record."""

from __future__ import annotations

from collections.abc import Mapping

from engine.catalog import Process, Step
from engine.values import Value
from processes.common import arrivals, code, happened, mail_contact, matching, row
from processes.records import Company, Contact, Lead, Ticket
from processes.records.fetch import add, fetch


def ticket_received(step: Step) -> Mapping[str, Value]:
    """Open a ticket for what came in.

    Payload: `contact_id`, `company_id`, `lead_id` of records known already, or `contact` and
    `company` with their fields; `channel`, `occurred_at`, `subject`, `text`, `product`,
    `entitlement` (warranty, contract, none), `external_id`, `acknowledge` (false: no mail).
    """
    data = step.data
    received = happened(step, data.get("occurred_at"))
    contact, company = _who(step)
    text = code(data.get("text"))
    ticket = Ticket(
        ticket_no=step.case_no,
        external_id=code(data.get("external_id"))[:200] or None,
        contact_id=contact.id,
        company_id=company.id if company else None,
        lead_id=_known(step, Lead, "lead_id"),
        channel=code(data.get("channel"), "other"),
        subject=code(data.get("subject"))[:300] or None,
        description=text or None,
        product=code(data.get("product"))[:60] or None,
        entitlement=code(data.get("entitlement"), _entitlement(company)),
        status="new",
        received_at=received,
        created_at=step.now,
    )
    add(step.session, ticket)
    step.session.flush()
    arrivals.interaction(step, ("ticket", ticket.id), contact, "in", "form", received, text or None)
    step.record("ticket.received", occurred_at=received, channel=ticket.channel)
    if data.get("acknowledge") is not False:
        mail_contact(step, "ticket_received", contact.id)
    return {
        "ticket_id": ticket.id,
        "contact_id": contact.id,
        "company_id": ticket.company_id,
        "reminder": 0,
    }


def _who(step: Step) -> tuple[Contact, Company | None]:
    """The person and company a ticket is from: those named by id, those found, else new ones."""
    data, session = step.data, step.session
    known = fetch(session, Contact, _known(step, Contact, "contact_id"))
    if known is not None:
        return known, fetch(session, Company, _known(step, Company, "company_id") or known.company_id)
    company = arrivals.company(step, data.get("company"))
    contact = arrivals.contact(step, data.get("contact"), company)
    matching.normalize(step, contact.id, company.id if company else None)
    # A stand-in lead, never saved: matching and joining work on what a lead points to.
    asker = Lead(contact_id=contact.id, company_id=company.id if company else None)
    found = matching.find(step, asker)
    if found.same_company and found.company_id is not None:
        matching.move_company(step, asker, found.company_id)
    if found.contact_id is not None and found.same_email and not found.shared_mailbox:
        matching.move_contact(step, asker, found.contact_id)
    contact = session.get_one(Contact, asker.contact_id)
    return contact, fetch(session, Company, asker.company_id or contact.company_id)


def _known(step: Step, table: type[Contact] | type[Company] | type[Lead], key: str) -> int | None:
    number = step.data.get(key)
    if isinstance(number, str) and number.isdigit():
        number = int(number)
    return number if isinstance(number, int) and fetch(step.session, table, number) is not None else None


def _entitlement(company: Company | None) -> str:
    """Customers have a warranty until a contract says more; whoever never bought has none."""
    return "warranty" if company is not None and company.first_order_at is not None else "none"


def read_ticket(step: Step) -> Mapping[str, Value]:
    """What `ticket_severity` and `support_sla` ask for, read fresh from the record."""
    ticket = _ticket(step)
    return {
        "impact": ticket.impact,
        "urgency": ticket.urgency,
        "safety": bool(ticket.safety),
        "entitlement": ticket.entitlement or "none",
    }


def open_ticket(step: Step) -> None:
    ticket = _ticket(step)
    ticket.severity, ticket.status, ticket.updated_at = code(step.data.get("severity")), "open", step.now
    ticket.owner_id = ticket.owner_id or step.actor_id
    step.record("sla.started", metric="resolution", severity=ticket.severity)


def record_reply(step: Step) -> None:
    _replied(step, _ticket(step))


def ask_customer(step: Step) -> Mapping[str, Value]:
    """The question has gone out; from here on the customer's silence is waited for, not ours."""
    ticket = _ticket(step)
    _replied(step, ticket)
    ticket.status = "waiting_customer"
    step.record("hold.started", reason="customer")
    return {"reminder": 0}


def remind_customer(step: Step) -> None:
    mail_contact(step, "ticket_reminder", _ticket(step).contact_id)


def end_hold(step: Step) -> Mapping[str, Value]:
    ticket = _ticket(step)
    ticket.status, ticket.updated_at = "open", step.now
    step.record("hold.ended", reason="customer")
    return {"reminder": 0}


def flag_ticket_breach(step: Step) -> None:
    step.record("sla.breached", metric="resolution", severity=_ticket(step).severity)


def record_resolution(step: Step) -> None:
    ticket = _ticket(step)
    _first_response(step, ticket)
    _resolved(step, ticket, ticket.resolution_code or "solved")


def auto_resolve(step: Step) -> Mapping[str, Value]:
    """The customer never answered: the ticket counts as settled unless he objects now."""
    ticket = _ticket(step)
    step.record("hold.ended", reason="customer")
    _resolved(step, ticket, "no_answer")
    return {"reminder": 0}


def record_confirmation(step: Step) -> None:
    ticket = _ticket(step)
    ticket.confirmed_at, ticket.updated_at = step.now, step.now
    step.record("ticket.confirmed")


def reopen_ticket(step: Step) -> Mapping[str, Value]:
    ticket = _ticket(step)
    ticket.status, ticket.resolved_at, ticket.updated_at = "open", None, step.now
    ticket.reopen_count += 1
    step.record("ticket.reopened", count=ticket.reopen_count)
    return {"reminder": 0}


def close_ticket(step: Step) -> None:
    ticket = _ticket(step)
    ticket.status, ticket.closed_at, ticket.updated_at = "closed", step.now, step.now
    step.record("ticket.closed", confirmed=ticket.confirmed_at is not None, code=ticket.resolution_code)


def _ticket(step: Step) -> Ticket:
    return row(step, Ticket, "ticket_id")


def _replied(step: Step, ticket: Ticket) -> None:
    contact = fetch(step.session, Contact, ticket.contact_id)
    arrivals.interaction(step, ("ticket", ticket.id), contact, "out", "email", step.now, ticket.reply_text)
    _first_response(step, ticket)
    ticket.updated_at = step.now
    step.record("ticket.reply")


def _first_response(step: Step, ticket: Ticket) -> None:
    if ticket.first_response_at is None:
        ticket.first_response_at = step.now
        step.record("ticket.first_response", severity=ticket.severity)


def _resolved(step: Step, ticket: Ticket, resolution: str) -> None:
    ticket.status, ticket.resolution_code = "resolved", resolution
    ticket.resolved_at = ticket.updated_at = step.now
    step.record("ticket.resolved", code=resolution, severity=ticket.severity)
    mail_contact(step, "ticket_resolved", ticket.contact_id)


process = Process(
    key="support",
    prefix="T",
    subject="ticket",
    receive={"ticket.received": ticket_received},
    services={
        "read_ticket": read_ticket,
        "open_ticket": open_ticket,
        "record_reply": record_reply,
        "ask_customer": ask_customer,
        "remind_customer": remind_customer,
        "end_hold": end_hold,
        "flag_ticket_breach": flag_ticket_breach,
        "record_resolution": record_resolution,
        "auto_resolve": auto_resolve,
        "record_confirmation": record_confirmation,
        "reopen_ticket": reopen_ticket,
        "close_ticket": close_ticket,
    },
)
