"""Qualification: the facts the tables judge by, and what follows from their verdict."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from engine.catalog import Process, Step
from engine.values import Value
from processes.common import close_lead, code, lead_of
from processes.records import Company, Contact, Lead
from processes.records.fetch import fetch

COUNTRIES_SERVED = frozenset({"IT", "SM", "VA", "CH", "AT", "DE", "FR", "SI", "ES", "MT"})
FAST = timedelta(hours=48)
"""An answer within this time speaks for the lead."""


def read_facts(step: Step) -> Mapping[str, Value]:
    """What `lead_score` and `qualification_outcome` ask for, read fresh from the records."""
    lead = lead_of(step)
    company = fetch(step.session, Company, lead.company_id)
    contact = fetch(step.session, Contact, lead.contact_id)
    country = company.country if company is not None else None
    return {
        "authority": lead.authority,
        "budget_band": lead.budget_band,
        "need_fit": _need_fit(lead),
        "timeline": lead.timeline,
        "sector": lead.sector,
        "employees_band": lead.employees_band or (company.employees_band if company else None),
        "answered_fast": _answered_fast(lead),
        "email_bounced": contact is not None and contact.email_status == "bounced",
        "known_customer": company is not None and company.first_order_at is not None,
        "country_served": country is None or country in COUNTRIES_SERVED,
        "strategic": company is not None and company.tier == "key",
        "contact_id": lead.contact_id,
        "company_id": lead.company_id,
    }


def _need_fit(lead: Lead) -> str:
    if lead.need_area not in (None, "other"):
        return "in_catalogue"
    return "vague" if lead.need else "none"


def _answered_fast(lead: Lead) -> bool:
    first = lead.first_response_at
    return first is not None and first - lead.received_at <= FAST


def mark_qualified(step: Step) -> None:
    """The lead becomes an opportunity."""
    lead = lead_of(step)
    lead.status, lead.qualified_at, lead.updated_at = "open", lead.qualified_at or step.now, step.now
    score = step.data.get("score")
    lead.score = score if isinstance(score, int) else lead.score
    step.record("lead.qualified", amount=lead.expected_amount, currency=lead.currency, score=lead.score)


def park_lead(step: Step) -> None:
    """Not now: neither won nor lost, to be asked again later."""
    lead = lead_of(step)
    verdict = step.data.get("verdict")
    judged = verdict.get("reason") if isinstance(verdict, dict) else None
    stalled = step.data.get("stalled_decision") == "nurture"
    close_lead(step, lead, "nurture", "stalled" if stalled else code(judged, "too_early"))


process = Process(
    key="qualification",
    prefix="Q",
    subject="lead",
    services={"read_facts": read_facts, "mark_qualified": mark_qualified, "park_lead": park_lead},
)
