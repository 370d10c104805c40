"""Lead intake: what arrives becomes a lead, is told from spam and duplicates, and gets an answer."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import InstrumentedAttribute

from engine.catalog import Process, Step
from engine.tables import Person, PersonRole
from engine.values import Value
from processes.common import arrivals, close_lead, code, happened, lead_of, matching, row
from processes.records import Contact, Interaction, Lead
from processes.records.fetch import fetch

CHANNEL_KINDS = {"email": "email", "phone": "call", "visit": "meeting", "whatsapp": "chat"}
"""Which kind of interaction a channel makes; every other one is a note."""

REACHED = frozenset({"spoken", "email_sent", "not_interested", "is_support"})
"""Outcomes of a first contact after which the customer has had an answer."""


def _owners(whose: InstrumentedAttribute[int | None]) -> Select[int | None]:
    return (
        select(Lead.owner_id)
        .join(Person, Person.id == Lead.owner_id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(
            whose == bindparam("who"),
            Lead.id != bindparam("own"),
            Person.active,
            PersonRole.role == "sales_rep",
        )
        .order_by(Lead.received_at.desc(), Lead.id.desc())
        .limit(1)
    )


_OWNER_OF_COMPANY, _OWNER_OF_CONTACT = _owners(Lead.company_id), _owners(Lead.contact_id)


def lead_received(step: Step) -> Mapping[str, Value]:
    """Write what came in: contact, company, lead and interaction.

    Payload: `channel`, `source`, `campaign`, `external_id`, `occurred_at`, `need` (or `text`),
    `notes`, `sector`, `expected_amount`, `currency`, `request` (quote, demo, missed_call, event,
    message), `trap` (the hidden field of a web form), `contact` {first_name, last_name, job_title,
    language, email, phone, mobile}, `company` {name, vat_number, ...}, `counts`, `is_test`,
    `counts_as_new` (false: worked on elsewhere, nobody is asked to call).
    """
    data = step.data
    received = happened(step, data.get("occurred_at"))
    channel, source = code(data.get("channel"), "other"), code(data.get("source"), "unknown")
    company = arrivals.company(step, data.get("company"))
    contact = arrivals.contact(step, data.get("contact"), company)
    text = code(data.get("need"), code(data.get("text")))
    lead = arrivals.lead(step, data, contact, company, received)
    lead.channel, lead.source, lead.last_source, lead.need = channel, source, source, text or None
    step.session.flush()
    arrivals.interaction(step, ("lead", lead.id), contact, "in", "form", received, text or None)
    step.record("lead.received", occurred_at=received, channel=channel, source=source)
    return {
        "lead_id": lead.id,
        "contact_id": contact.id,
        "company_id": company.id if company else None,
        "channel": channel,
        "request": code(data.get("request"), "message"),
        "trap_filled": bool(data.get("trap")),
        "link_count": text.lower().count("http"),
        "attempt": 0,
        "counts_as_new": data.get("counts_as_new") is not False,
    }


def normalize_contact(step: Step) -> Mapping[str, Value]:
    """Bring names, addresses and numbers into the forms that matching goes by."""
    lead = lead_of(step)
    points = matching.normalize(step, lead.contact_id, lead.company_id)
    return {"reachable": bool(points)}


def reject_lead(step: Step) -> None:
    lead = lead_of(step)
    lead.status, lead.decided_at, lead.updated_at = "spam", step.now, step.now
    step.record("lead.rejected", reason="spam")


def find_matches(step: Step) -> Mapping[str, Value]:
    """Look for the same person and company among those known; facts for `dedupe_class`."""
    lead = lead_of(step)
    found = matching.find(step, lead)
    return {
        "same_email": found.same_email,
        "shared_mailbox": found.shared_mailbox,
        "same_phone": found.same_phone,
        "same_company": found.same_company,
        "name_similarity": found.name_similarity,
        "known_contact": found.contact_id,
        "known_company": found.company_id,
        "known_lead": found.open_lead_id,
        "known_customer": matching.is_customer(step, found.company_id),
    }


def attach_to_existing(step: Step) -> None:
    """The lead is a repetition: it ends, and the open one hears of it and keeps the earlier date."""
    loser = lead_of(step)
    survivor = row(step, Lead, "known_lead")
    loser.status, loser.merged_into_id = "merged", survivor.id
    loser.decided_at = loser.updated_at = step.now
    survivor.received_at = min(survivor.received_at, loser.received_at)
    survivor.last_source, survivor.updated_at = loser.source, step.now
    step.session.execute(
        update(Interaction)
        .where(Interaction.subject_kind == "lead", Interaction.subject_id == loser.id)
        .values(subject_id=survivor.id)
    )
    step.record("lead.merged", into=survivor.id)
    # Every id is named anew: the loser's own would fit no other case.
    ids = {"lead_id": survivor.id, "contact_id": survivor.contact_id, "company_id": survivor.company_id}
    step.send("case.new_interaction", ids)


def link_records(step: Step) -> Mapping[str, Value]:
    """Let the lead point to the person or company already known, and drop the copies just made."""
    lead = lead_of(step)
    before = lead.contact_id, lead.company_id, lead.flags
    match, decision = step.data.get("match_class"), step.data.get("decision")
    known_contact, known_company = step.data.get("known_contact"), step.data.get("known_company")
    same_person = match == "exact" or (match == "probable" and decision == "same_person")
    same_company = same_person or match == "same_company" or decision == "same_company"
    if same_company and isinstance(known_company, int):
        matching.move_company(step, lead, known_company)
    if same_person and isinstance(known_contact, int):
        matching.move_contact(step, lead, known_contact)
    if match == "probable" and decision is None:
        lead.add_flag("unchecked_duplicate")
    if before != (lead.contact_id, lead.company_id, lead.flags):
        lead.updated_at = step.now
    return {"contact_id": lead.contact_id, "company_id": lead.company_id}


def assign_owner(step: Step) -> Mapping[str, Value]:
    """Whoever looked after this company before goes on; else the lead waits for its role."""
    lead = lead_of(step)
    lead.sla_class = code(step.data.get("sla_class")) or None
    known = step.data.get("known_contact"), step.data.get("known_company")
    owner = _earlier_owner(step, lead) if any(known) else None
    lead.owner_id, lead.updated_at = owner, step.now
    if owner is not None:
        step.record("lead.assigned", owner=owner, rule="sticky")
    return {"owner": owner}


def _earlier_owner(step: Step, lead: Lead) -> int | None:
    """The owner of the newest earlier lead of the company or person, if still a seller here."""
    if lead.company_id is not None:
        return step.session.scalar(_OWNER_OF_COMPANY, {"who": lead.company_id, "own": lead.id})
    return step.session.scalar(_OWNER_OF_CONTACT, {"who": lead.contact_id, "own": lead.id})


def flag_sla_breach(step: Step) -> None:
    """Nobody called in time: said once for a lead, however often it is tried again."""
    lead = lead_of(step)
    if lead.first_response_at is None and "first_contact_late" not in (lead.flags or []):
        lead.add_flag("first_contact_late")
        step.record("sla.breached", metric="first_contact", sla_class=lead.sla_class)


def record_first_response(step: Step) -> Mapping[str, Value]:
    """What came of calling: a call in vain is an attempt; who was reached has got an answer.

    Whoever reaches the customer looks after him from now on.
    """
    lead = lead_of(step)
    at = happened(step, step.data.get("occurred_at"))
    channel = code(step.data.get("channel_used"), "other")
    if step.data.get("outcome") not in REACHED:
        if not step.data.get("tried"):
            step.record("lead.first_attempt", occurred_at=at, channel=channel)
        return {"tried": True}
    kind = CHANNEL_KINDS.get(channel, "note")
    contact = fetch(step.session, Contact, lead.contact_id)
    arrivals.interaction(step, ("lead", lead.id), contact, "out", kind, at, None)
    if lead.first_response_at is None:
        lead.first_response_at = at
        step.record("lead.first_response", occurred_at=at, channel=channel)
    step.record("lead.contacted", occurred_at=at, channel=channel)
    lead.owner_id = lead.owner_id or step.actor_id
    lead.updated_at = step.now
    return {"tried": True}


def close_unreachable(step: Step) -> None:
    close_lead(step, lead_of(step), "nurture", "unreachable")


def pass_to_support(step: Step) -> None:
    """Not a lead but a request for help: it leaves the pipeline, support opens a ticket."""
    close_lead(step, lead_of(step), "archived", "support_request")


process = Process(
    key="intake",
    prefix="L",
    subject="lead",
    receive={"lead.received": lead_received},
    services={
        "normalize_contact": normalize_contact,
        "reject_lead": reject_lead,
        "find_matches": find_matches,
        "attach_to_existing": attach_to_existing,
        "link_records": link_records,
        "assign_owner": assign_owner,
        "flag_sla_breach": flag_sla_breach,
        "record_first_response": record_first_response,
        "close_unreachable": close_unreachable,
        "pass_to_support": pass_to_support,
    },
)
