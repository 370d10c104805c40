"""Writes what came in from outside: the person, the company, the lead or ticket, what was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from engine.catalog import Step
from engine.values import Value
from processes.common.steps import code
from processes.records import Company, Contact, ContactPoint, Interaction, Lead
from processes.records.convert import convert
from processes.records.entities import COMPANY_FIELDS, CONTACT_FIELDS, POINTS
from processes.records.fetch import add, fetch

NAMELESS = "–"
"""Stands for a company of which only a number is known."""


def contact(step: Step, given: Value, company: Company | None) -> Contact:
    """A new contact with its addresses and numbers as they were written; empty when none are given."""
    fields = given if isinstance(given, Mapping) else {}
    made = Contact(company_id=company.id if company else None, created_at=step.now)
    _fill(made, fields, CONTACT_FIELDS, "contact")
    add(step.session, made)
    step.session.flush()
    for kind in POINTS:
        raw = code(fields.get(kind)).strip()[:300]
        if raw:
            step.session.add(
                ContactPoint(
                    contact_id=made.id, kind=kind, value_raw=raw, value_norm=raw, created_at=step.now
                )
            )
    return made


def company(step: Step, given: Value) -> Company | None:
    """A new company, or None when nothing tells of one."""
    fields = given if isinstance(given, Mapping) else {}
    name = code(fields.get("name"), code(fields.get("vat_number"))).strip()
    if not name:
        return None
    made = Company(name=name[:300], created_at=step.now)
    _fill(made, {key: value for key, value in fields.items() if key != "name"}, COMPANY_FIELDS, "company")
    add(step.session, made)
    step.session.flush()
    return made


def lead(
    step: Step,
    given: Mapping[str, Value],
    contact: Contact,
    company: Company | None,
    received_at: datetime,
) -> Lead:
    """A new open lead; the case gives it its number."""
    made = Lead(
        case_no=step.case_no,
        contact_id=contact.id,
        company_id=company.id if company else None,
        received_at=received_at,
        status="open",
        is_test=given.get("is_test") is True,
        created_at=step.now,
    )
    _fill(made, given, ("external_id", "campaign", "notes", "sector", "expected_amount", "currency"), "lead")
    return add(step.session, made)


def interaction(
    step: Step,
    subject: tuple[str, int],
    contact: Contact | None,
    direction: str,
    kind: str,
    occurred_at: datetime,
    body: str | None,
) -> None:
    """One exchange with a customer, as the timeline shows it."""
    step.session.add(
        Interaction(
            subject_kind=subject[0],
            subject_id=subject[1],
            case_id=step.case_id,
            contact_id=contact.id if contact else None,
            direction=direction,
            kind=kind,
            occurred_at=occurred_at,
            recorded_at=step.now,
            author_id=step.actor_id if direction == "out" else None,
            body=body,
            visibility="customer",
        )
    )


def account(step: Step, lead: Lead) -> Company:
    """The company of a lead; a private person becomes one, for offers and orders belong to a company."""
    found = fetch(step.session, Company, lead.company_id)
    if found is None:
        person = fetch(step.session, Contact, lead.contact_id)
        found = Company(name=(person.name if person else "") or lead.case_no or NAMELESS, created_at=step.now)
        add(step.session, found)
        step.session.flush()
        lead.company_id = found.id
        if person is not None:
            person.company_id, person.is_private_person = found.id, True
    return found


def amount(value: Decimal | None) -> Decimal:
    return value if value is not None else Decimal(0)


def _fill(
    made: Contact | Company | Lead, given: Mapping[str, Value], names: tuple[str, ...], what: str
) -> None:
    for name in names:
        if given.get(name) is not None:
            setattr(made, name, convert(made, name, given[name], where=f"{what}.{name}"))
