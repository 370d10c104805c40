"""Finds what belongs to a word or an id: subjects by name, the address a mail goes to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.catalog import Address, Step
from processes.records import Company, Contact, ContactPoint, Lead, Offer, Ticket

MOST_WORDS = 6
LIMIT = 500
"""How many subjects of a kind a search gives at most."""


def address(session: Session, kind: str, number: int) -> Address | None:
    """Where mails to a contact go; None without an address, or when he wants no mail."""
    if kind != "contact":
        return None
    query = (
        select(Contact, ContactPoint.value_norm)
        .join(ContactPoint, ContactPoint.contact_id == Contact.id)
        .where(Contact.id == number, ContactPoint.kind == "email")
        .where(Contact.do_not_email.is_(False), Contact.email_status != "bounced")
        .order_by(ContactPoint.is_primary.desc(), ContactPoint.id.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    return Address(found[0].name, found[1], found[0].language) if found is not None else None


def mail_contact(step: Step, template: str, contact_id: int | None) -> None:
    """A mail to a contact who has an address and wants mails; else none."""
    if contact_id is not None and address(step.session, "contact", contact_id) is not None:
        step.mail(template, ("contact", contact_id), case_no=step.case_no)


def search(session: Session, text: str) -> set[tuple[str, int]]:
    """The leads, offers and tickets whose number, person or company has all words of the text."""
    words = text.split()[:MOST_WORDS]
    if not words:
        return set()
    names = (Contact.first_name, Contact.last_name, Company.name)
    leads = select(Lead.id).outerjoin(Contact, Contact.id == Lead.contact_id)
    leads = leads.outerjoin(Company, Company.id == Lead.company_id)
    tickets = select(Ticket.id).outerjoin(Contact, Contact.id == Ticket.contact_id)
    tickets = tickets.outerjoin(Company, Company.id == Ticket.company_id)
    offers = select(Offer.id, Offer.lead_id)
    for word in words:
        leads = leads.where(_has(word, Lead.case_no, *names))
        tickets = tickets.where(_has(word, Ticket.ticket_no, Ticket.subject, *names))
        offers = offers.where(_has(word, Offer.offer_no))
    found = {("lead", number) for number in session.scalars(leads.order_by(Lead.id.desc()).limit(LIMIT))}
    found |= {
        ("ticket", number) for number in session.scalars(tickets.order_by(Ticket.id.desc()).limit(LIMIT))
    }
    for offer_id, lead_id in session.execute(offers.order_by(Offer.id.desc()).limit(LIMIT)):
        # Cases about an offer are about its lead.
        found |= {("offer", offer_id), ("lead", lead_id)}
    return found


def _has(word: str, *columns: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    return or_(*(column.icontains(word, autoescape=True) for column in columns))
