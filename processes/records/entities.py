"""The records that forms bind to: `lead.need` shows and stores one field of one lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.catalog import Entity, Step
from engine.errors import Invalid, NotFound
from engine.values import Value
from processes.records import formats
from processes.records.companies import Company
from processes.records.contacts import Contact, ContactPoint
from processes.records.convert import convert
from processes.records.fetch import fetch
from processes.records.leads import Lead
from processes.records.offers import Offer
from processes.records.tickets import Ticket

POINTS = ("email", "phone", "mobile", "pec")
"""Fields of a contact that are kept as contact points."""

LEAD_FIELDS = (
    "need", "need_area", "challenge", "budget_band", "authority", "timeline", "decision_process",
    "current_solution", "sector", "employees_band", "expected_amount", "currency", "probability",
    "next_step", "next_step_at", "lost_reason", "competitor", "notes", "recycle_at", "campaign",
)  # fmt: skip
COMPANY_FIELDS = (
    "name", "legal_form", "vat_number", "tax_code", "sdi_code", "pec", "website", "industry",
    "employees_band", "type", "tier", "language", "payment_terms_days", "overdue_flag",
    "street", "zip", "city", "province", "country",
)  # fmt: skip
CONTACT_FIELDS = (
    "first_name", "last_name", "salutation", "job_title", "role_in_buying", "language", "tax_code",
    "is_private_person", "do_not_call", "do_not_email",
)  # fmt: skip
OFFER_FIELDS = (
    "net", "currency", "discount_pct", "margin_pct", "payment_terms_days", "validity_days",
    "delivery_time", "internal_notes", "approval_note", "customer_po", "lost_reason", "competitor",
    "competitor_price",
)  # fmt: skip
TICKET_FIELDS = (
    "subject", "description", "category", "product", "impact", "urgency", "safety", "entitlement",
    "severity", "reply_text", "internal_note", "resolution_code", "root_cause", "resolution_text",
    "csat",
)  # fmt: skip
# Shown in forms, never written by them: they come from the path itself.
SHOWN: Mapping[str, tuple[str, ...]] = {
    "lead": ("case_no", "status", "source", "channel", "received_at", "score", "sla_class"),
    "offer": ("offer_no", "status", "sent_at", "valid_until"),
    "ticket": ("ticket_no", "status", "received_at"),
}


def entity(key: str, table: type[Any], fields: Iterable[str], points: Iterable[str] = ()) -> Entity:
    """What a form may read and write of one table, by the names of its columns.

    `write` takes the fields named in `fields` only, and turns each value into its column's type:
    texts into Decimals and instants, a day into the first moment of that day in UTC.
    """
    writable, kept_apart, shown = tuple(fields), tuple(points), SHOWN.get(key, ())

    def read(session: Session, id: int) -> Mapping[str, Value]:
        row = _row(session, table, key, id)
        values: dict[str, Value] = {name: getattr(row, name) for name in (*shown, *writable)}
        values.update(_points(session, id, kept_apart))
        return values

    def write(step: Step, id: int, values: Mapping[str, Value]) -> None:
        row = _row(step.session, table, key, id)
        for name, value in values.items():
            if name in kept_apart:
                _write_point(step, id, name, value)
            elif name in writable:
                setattr(row, name, convert(row, name, value, where=f"{key}.{name}"))
            else:
                raise Invalid(
                    "field_unknown",
                    "A form cannot write {field}.",
                    where=f"{key}.{name}",
                    remedy="Fields of {entity} that forms can write: {known}.",
                    field=f"{key}.{name}",
                    entity=key,
                    known=", ".join((*writable, *kept_apart)),
                )
        row.updated_at = step.now
        step.session.flush()

    return Entity(key, read, write)


def _row(session: Session, table: type[Any], key: str, id: int) -> Any:
    row = fetch(session, table, id)
    if row is None:
        raise NotFound("record_missing", "There is no {entity} {id}.", where=f"{key}_id", entity=key, id=id)
    return row


def _points(session: Session, contact_id: int, kinds: tuple[str, ...]) -> dict[str, Value]:
    if not kinds:
        return {}
    query = select(ContactPoint).where(ContactPoint.contact_id == contact_id, ContactPoint.kind.in_(kinds))
    found: dict[str, Value] = dict.fromkeys(kinds)
    for point in session.scalars(query.order_by(ContactPoint.is_primary, ContactPoint.id.desc())):
        found[point.kind] = point.value_norm
    return found


def _write_point(step: Step, contact_id: int, kind: str, value: Value) -> None:
    """Replace the primary point of this kind; the older ones stay, no longer primary."""
    text = str(value).strip() if value is not None else ""
    query = select(ContactPoint).where(ContactPoint.contact_id == contact_id, ContactPoint.kind == kind)
    points = list(step.session.scalars(query))
    norm = formats.point(kind, text)
    for point in points:
        point.is_primary = bool(text) and point.value_norm == norm
        point.updated_at = step.now
    if text and not any(point.is_primary for point in points):
        step.session.add(
            ContactPoint(
                contact_id=contact_id, kind=kind, value_raw=text, value_norm=norm, created_at=step.now
            )
        )


ENTITIES: Mapping[str, Entity] = {
    "lead": entity("lead", Lead, LEAD_FIELDS),
    "company": entity("company", Company, COMPANY_FIELDS),
    "contact": entity("contact", Contact, CONTACT_FIELDS, POINTS),
    "offer": entity("offer", Offer, OFFER_FIELDS),
    "ticket": entity("ticket", Ticket, TICKET_FIELDS),
}
