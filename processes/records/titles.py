"""How leads, offers and tickets are called on a page: the person or company, and the amount."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, null, select
from sqlalchemy.orm import Session

from engine.catalog import Title
from processes.records.companies import Company
from processes.records.contacts import Contact
from processes.records.leads import Lead
from processes.records.offers import Offer
from processes.records.tickets import Ticket

BATCH = 500
"""How many ids go into one query; SQLite takes some thousands at most."""

TABLES: Mapping[str, type[Any]] = {"lead": Lead, "offer": Offer, "ticket": Ticket}


def titles(session: Session, subjects: Iterable[tuple[str, int]]) -> Mapping[tuple[str, int], Title]:
    """The titles of many subjects at once, one query a kind; unknown subjects are left out."""
    wanted: dict[str, set[int]] = {}
    for kind, id in subjects:
        wanted.setdefault(kind, set()).add(id)
    found: dict[tuple[str, int], Title] = {}
    for kind, ids in wanted.items():
        if kind not in TABLES:
            continue
        query = _query(kind)
        ordered = sorted(ids)
        for start in range(0, len(ordered), BATCH):
            part = query.where(TABLES[kind].id.in_(ordered[start : start + BATCH]))
            for id, number, company, first, last, amount, currency in session.execute(part):
                person = " ".join(name for name in (first, last) if name)
                name = person or company or number or f"{kind} {id}"
                detail = company or "" if person else ""
                found[kind, id] = Title(name, detail, amount, currency or "EUR")
    return found


def _query(kind: str) -> Select[*tuple[Any, ...]]:
    """Rows of id, number, company, first name, last name, amount and currency."""
    names = (Company.name, Contact.first_name, Contact.last_name)
    query: Select[*tuple[Any, ...]]
    if kind == "lead":
        query = select(Lead.id, Lead.case_no, *names, Lead.expected_amount, Lead.currency)
    elif kind == "offer":
        query = select(Offer.id, Offer.offer_no, *names, Offer.net, Offer.currency)
        query = query.join(Lead, Lead.id == Offer.lead_id)
    else:
        query = select(Ticket.id, Ticket.subject, *names, null(), null())
    owner = Ticket if kind == "ticket" else Lead
    return query.outerjoin(Company, Company.id == owner.company_id).outerjoin(
        Contact, Contact.id == owner.contact_id
    )
