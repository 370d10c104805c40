"""An offer on its way: approved or not, followed up, answered, expired, renewed, won or lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import Invalid
from engine.runtime import CaseView
from engine.tables import Incident
from processes.records import Company as Account
from processes.records import Lead, Offer, OfferVersion

from .conftest import Company

TERMS: dict[str, Any] = {
    "offer__net": 12000,
    "offer__discount_pct": 3,
    "offer__margin_pct": 34,
    "offer__payment_terms_days": 30,
    "offer__validity_days": 30,
}


def offering(company: Company, **terms: Any) -> int:
    """A case whose offer has just been prepared."""
    lead = company.lead()
    case = company.start("offer", lead_id=company.view(lead).data["lead_id"])
    company.do(case, "specify", specification="2 unità")
    company.do(case, "prepare_offer", **{**TERMS, **terms})
    return case


def sent(company: Company, **terms: Any) -> int:
    """A case whose offer has just been sent."""
    case = offering(company, **terms)
    company.do(case, "send_offer", sent_via="email")
    return case


def reply(company: Company, case: int, **answers: Any) -> CaseView:
    assert company.send("offer.reply", {"offer_id": company.view(case).data["offer_id"]}) == [case]
    return company.do(case, "handle_reply", **answers)


def due(company: Company, case: int, element: str) -> str:
    """When a wait ends, to the minute."""
    [at] = [wait["due_at"] for wait in company.view(case).waiting if wait["element"] == element]
    return str(at)[:16]


def lost(company: Company, case: int, reason: str) -> None:
    """The case has ended as lost, and lead, offer and history say why."""
    assert (company.view(case).status, company.path(case)[-1]) == ("completed", "lost")
    assert company.attrs(case, "offer.lost")["reason"] == reason
    assert company.event(case, "offer.lost").amount == Decimal("12000.00")
    [offer] = company.rows(Offer)
    lead = company.subject(case, Lead)
    assert (lead.status, lead.lost_reason, offer.lost_reason) == ("lost", reason, reason)


# --- Approval -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "step", "role"),
    [
        ({}, "send_offer", "sales_rep"),
        ({"offer__discount_pct": 5, "offer__margin_pct": 30}, "send_offer", "sales_rep"),
        ({"offer__discount_pct": 6}, "approve_discount", "sales_manager"),
        ({"offer__payment_terms_days": 90, "offer__margin_pct": 15}, "approve_discount", "sales_manager"),
        ({"offer__margin_pct": 9}, "approve_as_management", "management"),
        ({"offer__discount_pct": 26, "offer__margin_pct": 15}, "approve_as_management", "management"),
        ({"offer__net": 150000, "offer__margin_pct": 18}, "approve_as_management", "management"),
    ],
)
def test_a_discount_is_approved_by_whom_the_table_says(
    company: Company, terms: dict[str, Any], step: str, role: str
) -> None:
    case = offering(company, **terms)
    [task] = company.view(case).open_tasks
    assert (task["element"], task["role"]) == (step, role)


def test_an_approved_offer_is_sent_as_it_is(company: Company) -> None:
    case = offering(company, offer__discount_pct=10)
    company.do(case, "approve_discount", "carla", decision="approve")
    assert company.open(case) == ["send_offer"]
    attrs = company.attrs(case, "offer.approved")
    assert (attrs["approver"], attrs["decision"], attrs["discount_pct"]) == ("sales_manager", "approve", 10)


def test_an_offer_sent_back_is_changed_and_asks_again(company: Company) -> None:
    case = offering(company, offer__discount_pct=30)
    company.do(
        case,
        "approve_as_management",
        "elena",
        decision="change",
        max_discount=12,
        offer__approval_note="Troppo",
    )
    assert company.open(case) == ["prepare_offer"]
    company.do(case, "prepare_offer", **{**TERMS, "offer__discount_pct": 12})
    assert company.open(case) == ["approve_discount"]
    assert company.events(case, "offer.rejected") == ["offer.rejected_internally"]
    assert company.rows(Offer)[0].approval_note == "Troppo"


def test_an_offer_refused_inside_the_house_ends_as_lost(company: Company) -> None:
    case = offering(company, offer__discount_pct=10)
    company.do(case, "approve_discount", "carla", decision="reject")
    company.do(case, "close_lost", lost_reason="price")
    lost(company, case, "price")


# --- Follow-up ------------------------------------------------------------------------------------


def test_a_sent_offer_is_frozen_and_numbered(company: Company) -> None:
    case = sent(company)
    [offer], [version] = company.rows(Offer), company.rows(OfferVersion)
    assert (offer.status, offer.valid_until) == ("sent", company.now + timedelta(days=30))
    assert (version.net, version.n, version.baseline) == (Decimal("12000.00"), 1, True)
    event = company.event(case, "offer.version_sent")
    assert (event.amount, company.attrs(case, "offer.version_sent")["margin_pct"]) == (
        Decimal("12000.00"),
        34,
    )
    assert company.view(case).stage == "offer_sent"


def test_follow_ups_count_from_sending_and_the_last_comes_before_the_expiry(company: Company) -> None:
    case, start = sent(company), company.now
    for days in (3, 7, 14, 27):
        assert due(company, case, "follow_up_due") == (start + timedelta(days=days)).isoformat()[:16]
        company.wait(days=days - (company.now - start).days)
        company.do(case, "call_customer", outcome="no_answer")
    assert due(company, case, "follow_up_due") > due(company, case, "offer_expires")
    assert company.open(case) == []


def test_a_call_put_off_comes_at_the_time_agreed(company: Company) -> None:
    case = sent(company)
    company.wait(days=3)
    agreed = company.now + timedelta(days=9)
    company.do(case, "call_customer", outcome="postpones", next_at=agreed.isoformat())
    assert due(company, case, "follow_up_due") == agreed.isoformat()[:16]
    company.wait(days=9)
    company.do(case, "call_customer", outcome="no_answer")
    assert due(company, case, "follow_up_due") == (agreed + timedelta(days=2)).isoformat()[:16]


def test_a_reply_takes_the_call_off_the_list(company: Company) -> None:
    case = sent(company)
    company.wait(days=3)
    assert company.open(case) == ["call_customer"]
    company.send("offer.reply", {"offer_id": company.view(case).data["offer_id"]})
    assert company.open(case) == ["handle_reply"]


def test_a_reply_finds_the_offer_of_a_lead_by_the_offers_own_number(company: Company) -> None:
    """As `test_a_lead_becomes_an_order`, where the offer runs inside the lead's case."""
    case = company.lead()
    company.do(case, "first_contact", channel_used="phone", outcome="spoken")
    good = {
        "need": "x",
        "need_area": "machine",
        "budget_band": "20k_100k",
        "authority": "decision_maker",
        "timeline": "now",
    }
    company.do(case, "qualify_need", **{f"lead__{key}": value for key, value in good.items()})
    company.do(case, "specify", specification="2 unità")
    company.do(case, "prepare_offer", **TERMS)
    company.do(case, "send_offer", sent_via="email")
    [offer] = company.rows(Offer)
    assert company.send("offer.reply", {"offer_id": offer.id}) == [case]


@pytest.mark.parametrize("how", ["call", "reply"])
def test_an_accepted_offer_is_won(company: Company, how: str) -> None:
    case = sent(company)
    if how == "call":
        company.wait(days=3)
        company.do(case, "call_customer", outcome="accepts")
    else:
        reply(company, case, outcome="accepts")
    view = company.do(case, "check_acceptance", "dario", signed=True, company__name="Officine Bianchi S.r.l.")
    assert (view.status, company.path(case)[-1]) == ("completed", "won")
    assert company.events(case, "offer.won", "order.") == ["offer.won", "order.confirmed"]
    assert company.attrs(case, "order.confirmed")["new_customer"] is True


def test_an_order_that_nobody_signed_is_not_accepted(company: Company) -> None:
    case = sent(company)
    reply(company, case, outcome="accepts")
    with pytest.raises(Invalid) as refused:
        company.do(case, "check_acceptance", "dario", signed=False, company__name="Officine Bianchi")
    assert set(refused.value.fields) == {"signed"}
    assert company.open(case) == ["check_acceptance"]


def test_a_question_leaves_the_offer_waiting(company: Company) -> None:
    case = sent(company)
    reply(company, case, outcome="question")
    assert company.open(case) == []
    assert due(company, case, "offer_expires") == (company.now + timedelta(days=30)).isoformat()[:16]


def test_an_objection_is_answered_and_recorded(company: Company) -> None:
    case = sent(company)
    company.wait(days=3)
    company.do(case, "call_customer", outcome="objection")
    company.do(
        case, "handle_objection", objection_type="price", argument_used="Costo totale", outcome="waits"
    )
    assert company.attrs(case, "offer.objection")["type"] == "price"
    assert company.open(case) == [] and company.rows(Offer)[0].status == "negotiation"


def test_a_new_version_keeps_the_old_one_and_measures_the_upsell(company: Company) -> None:
    case = sent(company)
    reply(company, case, outcome="asks_change")
    company.do(case, "prepare_offer", **{**TERMS, "offer__net": 15000})
    company.do(case, "send_offer", sent_via="email")
    reply(company, case, outcome="accepts")
    company.do(case, "check_acceptance", signed=True, company__name="Officine Bianchi S.r.l.")
    versions = [(version.n, version.net, version.baseline) for version in company.rows(OfferVersion)]
    assert versions == [(1, Decimal("12000.00"), True), (2, Decimal("15000.00"), False)]
    attrs = company.attrs(case, "offer.won")
    assert (attrs["initial_net"], attrs["final_net"], attrs["version"]) == (12000, 15000, 2)


def test_after_ten_versions_an_offer_is_given_up(company: Company) -> None:
    case = sent(company)
    for _ in range(9):
        reply(company, case, outcome="asks_change")
        company.do(case, "prepare_offer", **TERMS)
        company.do(case, "send_offer", sent_via="email")
    reply(company, case, outcome="asks_change")
    assert company.open(case) == ["close_lost"]
    assert [version.n for version in company.rows(OfferVersion)] == list(range(1, 11))


@pytest.mark.parametrize("how", ["call", "reply", "objection"])
def test_a_refused_offer_is_lost_with_its_reason(company: Company, how: str) -> None:
    case = sent(company)
    if how == "reply":
        reply(company, case, outcome="refuses")
    else:
        company.wait(days=3)
        company.do(case, "call_customer", outcome="refuses" if how == "call" else "objection")
    if how == "objection":
        company.do(case, "handle_objection", objection_type="trust", outcome="refuses")
    company.do(
        case, "close_lost", lost_reason="competitor", offer__competitor="Rossi", offer__competitor_price=9900
    )
    lost(company, case, "competitor")
    assert company.subject(case, Lead).competitor == "Rossi"


# --- Expiry ---------------------------------------------------------------------------------------


def expired(company: Company) -> int:
    case = sent(company)
    company.wait(days=30)
    assert company.open(case) == ["expired_offer"]
    assert company.events(case, "offer.expired") == ["offer.expired"]
    assert company.rows(Offer)[0].status == "expired"
    return case


def test_a_renewed_offer_is_followed_up_again(company: Company) -> None:
    case = expired(company)
    company.do(case, "expired_offer", decision="renew")
    assert due(company, case, "offer_expires") == (company.now + timedelta(days=30)).isoformat()[:16]
    assert due(company, case, "follow_up_due") == (company.now + timedelta(days=3)).isoformat()[:16]
    assert company.rows(OfferVersion)[0].valid_until == company.now + timedelta(days=30)


def test_an_expired_offer_can_become_a_new_version_or_be_closed(company: Company) -> None:
    case = expired(company)
    company.do(case, "expired_offer", decision="new_version")
    assert company.open(case) == ["prepare_offer"]


def test_an_expired_offer_can_be_closed(company: Company) -> None:
    case = expired(company)
    company.do(case, "expired_offer", decision="close_lost")
    company.do(case, "close_lost", lost_reason="no_decision")
    lost(company, case, "no_decision")


def test_an_expired_offer_nobody_decides_on_is_lost_by_itself(company: Company) -> None:
    case = expired(company)
    company.wait(days=10)
    lost(company, case, "expired")


def test_an_offer_for_a_private_person_belongs_to_an_account_of_that_name(company: Company) -> None:
    lead = company.lead(company={})
    case = company.start("offer", lead_id=company.view(lead).data["lead_id"])
    assert company.open(case) == ["specify"]
    [account] = company.rows(Account)
    assert account.name == "Giulia Bianchi"


def test_an_offer_without_a_lead_says_what_is_missing(company: Company) -> None:
    company.start("offer")
    [incident] = company.rows(Incident)
    assert incident.element == "open_offer"
    assert "lead_id" in incident.reason
