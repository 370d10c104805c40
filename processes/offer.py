"""Offer: prepared, approved, frozen as it was sent, followed up until it is won or lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import isodate
from sqlalchemy import select, update

from engine.catalog import Process, Step
from engine.errors import Invalid
from engine.values import Value
from processes.common import after, arrivals, code, instant, lead_of, row
from processes.records import Lead, Offer, OfferVersion
from processes.records.fetch import add, fetch

USUAL_TERMS_DAYS = 30
FOLLOW_UPS = ("follow_up_1", "follow_up_2", "follow_up_3")
"""Parameters: how long after sending the first, second and third call is due."""


def open_offer(step: Step) -> Mapping[str, Value]:
    """Open an offer for the lead, or take up the one the case was started with."""
    offer = fetch(step.session, Offer, step.data.get("offer_id"))
    lead = (fetch(step.session, Lead, offer.lead_id) if offer is not None else None) or lead_of(step)
    company = arrivals.account(step, lead)
    if offer is None:
        offer = Offer(
            lead_id=lead.id,
            status="draft",
            owner_id=lead.owner_id,
            currency=lead.currency,
            payment_terms_days=company.payment_terms_days or USUAL_TERMS_DAYS,
            validity_days=isodate.parse_duration(step.parameter("offer_validity")).days,
            created_at=step.now,
        )
        add(step.session, offer)
        step.session.flush()
        step.record("offer.created", offer=offer.id)
    return {
        "offer_id": offer.id,
        "lead_id": lead.id,
        "contact_id": lead.contact_id,
        "company_id": company.id,
        "version": 1,
    }


def read_terms(step: Step) -> Mapping[str, Value]:
    """The values that `discount_approval` decides on; the offer then waits for that decision."""
    offer = _offer(step)
    offer.status, offer.updated_at = "in_approval", step.now
    return {
        "net": arrivals.amount(offer.net),
        "discount_pct": arrivals.amount(offer.discount_pct),
        "margin_pct": arrivals.amount(offer.margin_pct),
        "payment_terms_days": offer.payment_terms_days or 0,
    }


def record_approval(step: Step) -> None:
    offer = _offer(step)
    decision = code(step.data.get("decision"))
    approved = decision == "approve"
    offer.status = "in_approval" if approved else "draft"
    offer.updated_at = step.now
    step.record(
        "offer.approved" if approved else "offer.rejected_internally",
        offer=offer.id,
        decision=decision,
        approver=step.data.get("approver"),
        discount_pct=step.data.get("discount_pct"),
    )


def freeze_offer(step: Step) -> Mapping[str, Value]:
    """Number the offer and keep this version as it was sent; older versions are superseded."""
    offer, n = _offer(step), _version(step)
    if offer.net is None:
        raise Invalid(
            "offer_without_net",
            "The offer has no net amount.",
            where="offer.net",
            remedy="Enter it in an earlier step.",
        )
    offer.offer_no = offer.offer_no or f"OFF-{step.now.year}-{offer.id:06d}"
    offer.status, offer.sent_at, offer.updated_at = "sent", step.now, step.now
    offer.valid_until = step.now + _validity(offer)
    versions = select(OfferVersion.id).where(OfferVersion.offer_id == offer.id)
    first = step.session.scalar(versions.limit(1)) is None
    step.session.add(
        OfferVersion(
            offer_id=offer.id,
            n=n,
            net=offer.net,
            currency=offer.currency,
            discount_pct=offer.discount_pct,
            margin_pct=offer.margin_pct,
            sent_at=step.now,
            valid_until=offer.valid_until,
            baseline=first,
            created_at=step.now,
        )
    )
    step.record(
        "offer.version_sent",
        amount=offer.net,
        currency=offer.currency,
        offer=offer.id,
        version=n,
        margin_pct=offer.margin_pct,
        discount_pct=offer.discount_pct,
    )
    return {"valid_until": offer.valid_until, "sent_at": step.now, "follow_up": 0, "next_at": None}


def plan_follow_up(step: Step) -> Mapping[str, Value]:
    """When to call next: as agreed, else by the parameters, else shortly before the offer expires.

    The times count from sending. After the last of them there is nothing to do before the expiry,
    so the next call lies behind it.
    """
    valid_until = instant(step.data.get("valid_until"), step.now)
    sent_at = instant(step.data.get("sent_at"), step.now)
    done = step.data.get("follow_up")
    done = done if isinstance(done, int) else 0
    agreed = instant(step.data.get("next_at"), step.now)
    if agreed > step.now:
        return {"follow_up_at": agreed, "follow_up": done, "next_at": None}
    number, at = _next_call(step, done, sent_at, valid_until)
    return {"follow_up_at": at, "follow_up": number, "next_at": None}


def _next_call(step: Step, done: int, sent_at: datetime, valid_until: datetime) -> tuple[int, datetime]:
    for number, parameter in enumerate(FOLLOW_UPS, start=1):
        at = after(step, parameter, sent_at)
        if number > done and at > step.now:
            return number, at
    last: datetime = valid_until - isodate.parse_duration(step.parameter("follow_up_before_expiry"))
    if done <= len(FOLLOW_UPS) and last > step.now:
        return len(FOLLOW_UPS) + 1, last
    return done, valid_until + timedelta(days=1)


def mark_expired(step: Step) -> None:
    offer = _offer(step)
    offer.status, offer.updated_at = "expired", step.now
    step.record("offer.expired", amount=offer.net, currency=offer.currency, offer=offer.id)


def renew_offer(step: Step) -> Mapping[str, Value]:
    """The same version goes on being valid, and is followed up like a new one."""
    offer, n = _offer(step), _version(step)
    offer.status, offer.updated_at = "sent", step.now
    offer.valid_until = step.now + _validity(offer)
    step.session.execute(
        update(OfferVersion)
        .where(OfferVersion.offer_id == offer.id, OfferVersion.n == n)
        .values(valid_until=offer.valid_until)
    )
    return {"valid_until": offer.valid_until, "sent_at": step.now, "follow_up": 0, "next_at": None}


def record_objection(step: Step) -> None:
    offer = _offer(step)
    offer.status, offer.updated_at = "negotiation", step.now
    step.record("offer.objection", offer=offer.id, type=code(step.data.get("objection_type"), "other"))


def confirm_won(step: Step) -> None:
    """The customer has bought: lead and company know it, and history gets first and final amount."""
    offer, lead = _offer(step), lead_of(step)
    final, initial = arrivals.amount(offer.net), _baseline(step, offer)
    offer.status, offer.decided_at, offer.updated_at = "accepted", step.now, step.now
    lead.status, lead.decided_at, lead.updated_at = "won", step.now, step.now
    company = arrivals.account(step, lead)
    new_customer = company.first_order_at is None
    company.type, company.updated_at = "customer", step.now
    company.first_order_at = company.first_order_at or step.now
    company.last_order_at = step.now
    step.record(
        "offer.won",
        amount=final,
        currency=offer.currency,
        offer=offer.id,
        company=company.id,
        initial_net=initial,
        final_net=final,
        version=step.data.get("version"),
    )
    step.record(
        "order.confirmed",
        amount=final,
        currency=offer.currency,
        offer=offer.id,
        company=company.id,
        new_customer=new_customer,
    )


def record_lost(step: Step) -> None:
    offer, lead = _offer(step), lead_of(step)
    reason = code(step.data.get("lost_reason"), "other")
    offer.status = "expired" if reason == "expired" else "rejected"
    offer.lost_reason, offer.decided_at, offer.updated_at = reason, step.now, step.now
    lead.status, lead.lost_reason, lead.competitor = "lost", reason, offer.competitor
    lead.decided_at = lead.updated_at = step.now
    step.record("offer.lost", amount=offer.net, currency=offer.currency, offer=offer.id, reason=reason)


def _offer(step: Step) -> Offer:
    return row(step, Offer, "offer_id")


def _version(step: Step) -> int:
    n = step.data.get("version")
    return n if isinstance(n, int) else 1


def _validity(offer: Offer) -> timedelta:
    return timedelta(days=offer.validity_days or USUAL_TERMS_DAYS)


def _baseline(step: Step, offer: Offer) -> Decimal:
    """The net amount of the first version sent, which upsell is measured by."""
    query = select(OfferVersion.net).where(OfferVersion.offer_id == offer.id, OfferVersion.baseline)
    first = step.session.scalar(query.limit(1))
    return first if first is not None else arrivals.amount(offer.net)


process = Process(
    key="offer",
    prefix="O",
    subject="lead",
    services={
        "open_offer": open_offer,
        "read_terms": read_terms,
        "record_approval": record_approval,
        "freeze_offer": freeze_offer,
        "plan_follow_up": plan_follow_up,
        "mark_expired": mark_expired,
        "renew_offer": renew_offer,
        "record_objection": record_objection,
        "confirm_won": confirm_won,
        "record_lost": record_lost,
    },
)
