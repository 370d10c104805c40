"""Finds out whether a person or a company is known already, and joins what belongs together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, bindparam, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from engine.catalog import Step
from engine.tables import Case
from processes.records import Company, Contact, ContactPoint, Interaction, Lead, Ticket, formats
from processes.records.fetch import fetch

FREE_MAIL = frozenset(
    {
        "gmail.com", "googlemail.com", "libero.it", "virgilio.it", "tiscali.it", "alice.it", "tin.it",
        "hotmail.com", "hotmail.it", "outlook.com", "outlook.it", "live.it", "yahoo.com", "yahoo.it",
        "icloud.com", "me.com", "pec.it", "legalmail.it", "arubapec.it",
    }
)  # fmt: skip
"""Domains that say nothing about a company."""

SHARED_MAILBOXES = frozenset(
    {
        "info", "vendite", "sales", "commerciale", "amministrazione", "office", "contact", "contatti",
        "segreteria", "ufficio", "acquisti", "mail", "posta", "hello",
    }
)  # fmt: skip
"""Mailboxes read by several persons."""

FACTS = ("vat_number", "vat_country", "tax_code", "website", "domain", "city", "province", "country")
"""What a copy of a company may add to the one that stays."""

PHONES = ("phone", "mobile")
CANDIDATES = 50

# Every lead asks these; written once, SQLAlchemy need not put them together each time.
_POINTS = select(ContactPoint).where(ContactPoint.contact_id == bindparam("contact"))
_SHARED = (
    select(ContactPoint)
    .where(
        or_(
            (ContactPoint.kind == "email") & ContactPoint.value_norm.in_(bindparam("mails", expanding=True)),
            ContactPoint.kind.in_(PHONES) & ContactPoint.value_norm.in_(bindparam("phones", expanding=True)),
        )
    )
    .order_by(ContactPoint.id)
    .limit(CANDIDATES)
)
_SAME_COMPANY = (
    select(Company.id, Company.vat_number)
    .where(
        or_(Company.vat_number == bindparam("vat"), Company.name_norm == bindparam("name")),
        Company.id != bindparam("own"),
    )
    .order_by(Company.id)
    .limit(CANDIDATES)
)
_EMPLOYEES = (
    select(Contact.id)
    .where(Contact.company_id == bindparam("company"))
    .order_by(Contact.id)
    .limit(CANDIDATES)
)
_CONTACTS = select(Contact).where(Contact.id.in_(bindparam("contacts", expanding=True))).order_by(Contact.id)
_OPEN_LEAD = (
    select(Lead.id)
    .where(
        Lead.contact_id == bindparam("contact"),
        Lead.id != bindparam("own"),
        Lead.status.in_(("open", "on_hold")),
        exists().where(Case.subject_kind == "lead", Case.subject_id == Lead.id, Case.ended_at.is_(None)),
    )
    .order_by(Lead.received_at.desc(), Lead.id.desc())
    .limit(1)
)
"""An open lead without an open case is history that was imported: nobody would hear of a reply."""


@dataclass(frozen=True)
class Match:
    """The best candidate among those known, and in what it agrees."""

    contact_id: int | None = None
    company_id: int | None = None
    open_lead_id: int | None = None
    same_email: bool = False
    shared_mailbox: bool = False
    same_phone: bool = False
    same_company: bool = False
    name_similarity: int = 0

    @property
    def weight(self) -> int:
        """How much speaks for it; the mail address most."""
        return (
            (400 if self.same_email and not self.shared_mailbox else 0)
            + (200 if self.same_phone else 0)
            + (100 if self.same_company else 0)
            + self.name_similarity
        )


def normalize(step: Step, contact_id: int | None, company_id: int | None) -> Sequence[ContactPoint]:
    """Write the normal forms of a contact and a company; gives the contact's points."""
    session = step.session
    contact = fetch(session, Contact, contact_id)
    company = fetch(session, Company, company_id)
    points = _points(session, contact_id)
    for point in points:
        norm = formats.point(point.kind, point.value_raw)[:300]
        # Hardly any mail server tells `Giulia@` from `giulia@`; what was written stays in value_raw.
        point.value_norm = norm.lower() if point.kind in ("email", "pec") else norm
    if contact is not None:
        first, last = (contact.first_name or "").strip(), (contact.last_name or "").strip()
        if " " in first and not last:
            first, _, last = first.partition(" ")
        names = first or None, last.strip() or None
        if names != (contact.first_name, contact.last_name):
            contact.first_name, contact.last_name = names
    if company is not None:
        _normalize_company(company, points)
    return points


def _normalize_company(company: Company, points: Sequence[ContactPoint]) -> None:
    company.name = " ".join(company.name.split())
    company.name_norm, company.legal_form = formats.company_name(company.name)
    valid = formats.vat_number(company.vat_number, company.country) if company.vat_number else None
    if valid is not None:
        company.vat_country, company.vat_number = valid
        company.country = company.country or valid[0]
    hosts = [formats.domain(company.website)] if company.website else []
    hosts += [formats.domain(point.value_norm) for point in points if point.kind == "email"]
    company.domain = next((host for host in hosts if host and host not in FREE_MAIL), None)


def find(step: Step, lead: Lead) -> Match:
    """The best match of a lead's contact and company; an empty one when nobody is known."""
    session = step.session
    own = fetch(session, Contact, lead.contact_id)
    points = _points(session, lead.contact_id)
    company_id = _known_company(session, lead)
    by_point = _by_points(session, lead.contact_id, points)
    wanted = set(by_point) | (_employees(session, company_id) if company_id is not None else set())
    wanted.discard(lead.contact_id or 0)
    best = Match(company_id=company_id, same_company=company_id is not None)
    for other in session.scalars(_CONTACTS, {"contacts": sorted(wanted)}) if wanted else ():
        found = _compare(own, other, by_point.get(other.id, []), company_id)
        if found.weight > best.weight:
            best = found
    if best.contact_id is None:
        return best
    return Match(**{**best.__dict__, "open_lead_id": _open_lead(session, best.contact_id, lead.id)})


def _compare(
    own: Contact | None, other: Contact, shared: Sequence[ContactPoint], company_id: int | None
) -> Match:
    mails = [point.value_norm for point in shared if point.kind == "email"]
    names = (own.name if own else "", other.name)
    return Match(
        contact_id=other.id,
        company_id=company_id or other.company_id,
        same_email=bool(mails),
        shared_mailbox=bool(mails) and all(_is_shared(mail) for mail in mails),
        same_phone=any(point.kind in PHONES for point in shared),
        same_company=company_id is not None and other.company_id == company_id,
        name_similarity=round(fuzz.token_sort_ratio(*(name.lower() for name in names))) if all(names) else 0,
    )


def _spellings(mail: str) -> set[str]:
    """A mail address as it may be stored: `giulia+fiera@…` is also `giulia@…`."""
    box, at, host = mail.lower().partition("@")
    return {mail, mail.lower(), box.partition("+")[0] + at + host}


def _is_shared(mail: str) -> bool:
    return mail.partition("@")[0].lower() in SHARED_MAILBOXES


def _points(session: Session, contact_id: int | None) -> Sequence[ContactPoint]:
    return session.scalars(_POINTS, {"contact": contact_id}).all() if contact_id is not None else ()


def _by_points(
    session: Session, own_id: int | None, points: Sequence[ContactPoint]
) -> dict[int, list[ContactPoint]]:
    """The points of others that equal one of ours, by contact; any kind of phone equals any other."""
    mails = [mail for point in points if point.kind == "email" for mail in _spellings(point.value_norm)]
    phones = [point.value_norm for point in points if point.kind in PHONES]
    found: dict[int, list[ContactPoint]] = {}
    if mails or phones:
        for point in session.scalars(_SHARED, {"mails": mails, "phones": phones}):
            if point.contact_id not in (None, own_id):
                found.setdefault(point.contact_id, []).append(point)
    return found


def _known_company(session: Session, lead: Lead) -> int | None:
    """Another company of the same VAT number or, without one, of the same name."""
    own = fetch(session, Company, lead.company_id)
    if own is None:
        return None
    # An empty one equals nothing, since SQL compares nothing with NULL.
    asked = {"vat": own.vat_number or None, "name": own.name_norm or None, "own": own.id}
    for other in session.execute(_SAME_COMPANY, asked):
        if other.vat_number == own.vat_number or not (other.vat_number and own.vat_number):
            return int(other.id)
    return None


def _employees(session: Session, company_id: int) -> set[int]:
    return set(session.scalars(_EMPLOYEES, {"company": company_id}))


def _open_lead(session: Session, contact_id: int, own_id: int) -> int | None:
    return session.scalar(_OPEN_LEAD, {"contact": contact_id, "own": own_id})


def is_customer(step: Step, company_id: int | None) -> bool:
    """Whether this company has ever ordered."""
    company = fetch(step.session, Company, company_id)
    return company is not None and (company.type == "customer" or company.first_order_at is not None)


def move_company(step: Step, lead: Lead, known_id: int) -> None:
    """Let lead and contact belong to the known company; the copy goes, its facts fill gaps."""
    session = step.session
    copy = fetch(session, Company, lead.company_id)
    if copy is None or copy.id == known_id:
        lead.company_id = known_id
        return
    known = session.get_one(Company, known_id)
    for column in FACTS:
        if getattr(known, column) is None:
            setattr(known, column, getattr(copy, column))
    lead.company_id = known_id
    session.execute(update(Contact).where(Contact.company_id == copy.id).values(company_id=known_id))
    session.flush()
    _drop(session, copy, Lead.company_id == copy.id, Ticket.company_id == copy.id)


def move_contact(step: Step, lead: Lead, known_id: int) -> None:
    """Let the lead belong to the known person, who also gets the new addresses and numbers."""
    session = step.session
    copy = fetch(session, Contact, lead.contact_id)
    if copy is None or copy.id == known_id:
        lead.contact_id = known_id
        return
    have = {(point.kind, point.value_norm) for point in _points(session, known_id)}
    for point in _points(session, copy.id):
        if (point.kind, point.value_norm) not in have:
            point.contact_id, point.is_primary = known_id, False
    lead.contact_id = known_id
    session.flush()
    session.execute(delete(ContactPoint).where(ContactPoint.contact_id == copy.id))
    session.execute(update(Interaction).where(Interaction.contact_id == copy.id).values(contact_id=known_id))
    _drop(session, copy, Lead.contact_id == copy.id, Ticket.contact_id == copy.id)


def _drop(
    session: Session, copy: Contact | Company, led: ColumnElement[bool], asked: ColumnElement[bool]
) -> None:
    """Remove a copy just made, unless a lead or a ticket refers to it meanwhile."""
    used = select(Lead.id).where(led).union_all(select(Ticket.id).where(asked)).limit(1)
    if session.execute(used).first() is None:
        session.delete(copy)
        session.flush()
