"""From a web form to an order, and every way a lead can take before it is an opportunity."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.tables import Event, Outbox
from processes.records import Company as Account
from processes.records import Contact, ContactPoint, Interaction, Lead, Offer, OfferVersion, Ticket

from .conftest import GIULIA, MONDAY, Company

SPOKEN = {"channel_used": "phone", "outcome": "spoken"}
GOOD = {
    "lead__need": "Un impianto nuovo",
    "lead__need_area": "machine",
    "lead__budget_band": "20k_100k",
    "lead__authority": "decision_maker",
    "lead__timeline": "under_3m",
}
TERMS = {
    "offer__net": 12000,
    "offer__discount_pct": 3,
    "offer__margin_pct": 34,
    "offer__payment_terms_days": 30,
    "offer__validity_days": 30,
}


def test_a_lead_becomes_an_order(company: Company) -> None:
    case = company.lead(request="quote")
    assert company.open(case) == ["first_contact"]
    company.wait(minutes=40)
    company.do(case, "first_contact", "anna", **SPOKEN)
    company.do(case, "qualify_need", "anna", lead__expected_amount=11000, **GOOD)
    company.do(case, "specify", "anna", specification="2 unità")
    company.do(case, "prepare_offer", "anna", **TERMS)
    company.do(case, "send_offer", "anna", sent_via="email")
    company.wait(days=2)
    assert company.send("offer.reply", {"lead_id": company.view(case).data["lead_id"]}) == [case]
    company.do(case, "handle_reply", "anna", outcome="accepts")
    view = company.do(case, "check_acceptance", "dario", signed=True, company__name="Officine Bianchi S.r.l.")

    assert (view.status, view.open_tasks, view.waiting) == ("completed", [], [])
    path = company.path(case)
    assert path[-1] == "lead_handled" and {"won", "opportunity_decided"} <= set(path)
    assert company.events(case, "lead.", "offer.", "order.") == [
        "lead.received",
        "lead.first_response",
        "lead.contacted",
        "lead.qualified",
        "offer.created",
        "offer.version_sent",
        "offer.won",
        "order.confirmed",
    ]
    won = company.event(case, "offer.won")
    assert (won.amount, won.currency) == (Decimal("12000.00"), "EUR")
    lead, [offer] = company.subject(case, Lead), company.rows(Offer)
    assert (lead.status, lead.case_no, lead.sla_class) == ("won", view.case_no, "A")
    assert (lead.first_response_at, lead.owner_id) == (
        MONDAY + timedelta(minutes=40),
        company.staff["anna"].id,
    )
    assert (lead.score, lead.expected_amount) == (105, Decimal("11000.00"))
    assert (offer.status, offer.offer_no, offer.net) == ("accepted", "OFF-2026-000001", Decimal("12000.00"))
    [version] = company.rows(OfferVersion)
    assert (version.n, version.baseline, version.net) == (1, True, Decimal("12000.00"))
    [account] = company.rows(Account)
    assert (account.type, account.first_order_at, account.vat_country) == ("customer", company.now, "IT")


def test_history_and_variables_hold_no_names(company: Company) -> None:
    case = company.lead(need="Chiamate Giulia al 333 1234567")
    company.do(case, "first_contact", lead__notes="Giulia preferisce la mattina", **SPOKEN)
    company.do(case, "qualify_need", **GOOD)
    kept = repr(company.view(case).data) + repr([event.attrs for event in _events(company, case)])
    for secret in ("Giulia", "Bianchi", "giulia@", "333", "mattina", "impianto"):
        assert secret not in kept
    assert company.subject(case, Lead).notes == "Giulia preferisce la mattina"


def _events(company: Company, case: int) -> list[Any]:
    return company.rows(Event, Event.case_id == case)


# --- Intake ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"trap": "http://buy.example"},
        {"need": "http://a http://b http://c http://d http://e http://f"},
        {"need": "http://a http://b http://c", "contact": {}},
    ],
)
def test_spam_ends_before_anybody_sees_it(company: Company, more: dict[str, Any]) -> None:
    case = company.lead(**{"contact": GIULIA, **more})
    assert (company.view(case).status, company.path(case)[-1]) == ("completed", "rejected")
    assert company.events(case, "lead.", "task.") == ["lead.received", "lead.rejected"]
    assert company.subject(case, Lead).status == "spam"


def test_a_lead_without_any_contact_data_still_reaches_a_person(company: Company) -> None:
    case = company.lead(contact={}, company={}, source="unknown", channel="import")
    assert company.open(case) == ["first_contact"]
    assert company.view(case).data["sla_class"] == "C"


def test_the_same_person_writing_again_is_joined_to_the_open_lead(company: Company) -> None:
    first = company.lead(need="Un preventivo")
    company.do(first, "first_contact", channel_used="phone", outcome="no_answer")
    company.wait(hours=1)
    second = company.lead(
        need="Avete ricevuto?", contact={"email": "Giulia+fiera@OfficineBianchi.IT"}, company={}
    )

    assert (company.view(second).status, company.path(second)[-1]) == ("completed", "merged")
    survivor, loser = company.subject(first, Lead), company.subject(second, Lead)
    assert (loser.status, loser.merged_into_id) == ("merged", survivor.id)
    assert company.attrs(second, "lead.merged") == {"into": survivor.id}
    # The open case hears of it at once and asks for a call.
    assert company.open(first) == ["first_contact"]
    assert "customer_wrote" in company.path(first)
    said = company.rows(Interaction, Interaction.direction == "in")
    assert [(one.subject_id, one.body) for one in said] == [
        (survivor.id, "Un preventivo"),
        (survivor.id, "Avete ricevuto?"),
    ]


def test_a_known_person_without_an_open_lead_makes_a_lead_of_the_same_contact(company: Company) -> None:
    first = company.lead()
    company.do(
        first, "first_contact", channel_used="phone", outcome="not_interested", disqualify_reason="no_budget"
    )
    second = company.lead(contact={**GIULIA, "phone": "02 1234567"})
    assert company.open(second) == ["first_contact"]
    [person] = company.rows(Contact)
    assert company.subject(second, Lead).contact_id == person.id == company.view(second).data["contact_id"]
    assert len(company.rows(Account)) == 1
    points = {(point.kind, point.value_norm) for point in company.rows(ContactPoint)}
    assert points == {("email", "giulia@officinebianchi.it"), ("phone", "+39021234567")}


PHONE = {"first_name": "Giulia", "last_name": "Bianchi", "phone": "02 1234567"}
OTHER = {"first_name": "Marco", "last_name": "Verdi", "phone": "+39 02 1234567"}


@pytest.mark.parametrize(
    ("decision", "end", "contacts"),
    [("same_person", "merged", 2), ("same_company", None, 2), ("different", None, 2)],
)
def test_a_probable_double_is_looked_at(
    company: Company, decision: str, end: str | None, contacts: int
) -> None:
    company.lead(contact=PHONE)
    case = company.lead(contact=OTHER, company={})
    assert company.open(case) == ["check_duplicate"]
    view = company.do(case, "check_duplicate", decision=decision)
    assert (view.status, company.open(case)) == (("completed", []) if end else ("open", ["first_contact"]))
    assert len(company.rows(Contact)) == contacts
    known = company.subject(case, Lead).company_id is not None
    assert known is (decision == "same_company")


def test_a_double_nobody_looks_at_goes_on_as_new_and_is_flagged(company: Company) -> None:
    company.lead(contact=PHONE)
    case = company.lead(contact=OTHER)
    company.wait(hours=2)
    assert company.open(case) == ["first_contact"]
    assert company.subject(case, Lead).flags == ["unchecked_duplicate"]


def test_a_new_colleague_of_a_known_company_joins_it(company: Company) -> None:
    company.lead()
    case = company.lead(
        contact={"first_name": "Ugo", "last_name": "Rossi", "email": "ugo@altro.it"},
        company={"name": "OFFICINE BIANCHI SRL"},
    )
    assert company.open(case) == ["first_contact"]
    [account] = company.rows(Account)
    assert company.subject(case, Lead).company_id == account.id
    assert len(company.rows(Contact)) == 2


def test_the_id_of_a_copy_that_was_removed_is_not_given_to_another_company(company: Company) -> None:
    company.lead()
    company.lead(contact={"first_name": "Ugo", "last_name": "Rossi", "email": "ugo@altro.it"})
    company.lead(contact={"first_name": "Eva", "email": "eva@neri.it"}, company={"name": "Neri snc"})
    assert [account.id for account in company.rows(Account)] == [1, 3]


def test_who_looked_after_a_company_before_gets_its_next_lead(company: Company) -> None:
    first = company.lead()
    company.do(first, "first_contact", "bruno", **SPOKEN)
    case = company.lead(
        contact={"first_name": "Ugo", "last_name": "Rossi", "email": "ugo@officinebianchi.it"}
    )
    [task] = company.view(case).open_tasks
    assert task["assignee"] == "bruno"
    assert company.attrs(case, "lead.assigned") == {
        "owner": company.staff["bruno"].id,
        "rule": "sticky",
    }


def test_a_lead_nobody_calls_is_flagged_once(company: Company) -> None:
    case = company.lead()
    company.wait(hours=5)
    assert company.events(case, "sla.") == ["sla.breached"]
    assert company.attrs(case, "sla.breached") == {"metric": "first_contact", "sla_class": "B"}
    assert company.open(case) == ["first_contact"]
    company.do(case, "first_contact", channel_used="phone", outcome="no_answer")
    company.wait(days=1)
    company.wait(days=1)
    assert company.events(case, "sla.") == ["sla.breached"]


def test_after_five_calls_in_vain_a_lead_is_unreachable(company: Company) -> None:
    case = company.lead()
    for days in (1, 2, 4, 8):
        company.do(case, "first_contact", channel_used="phone", outcome="no_answer")
        assert company.open(case) == []
        company.wait(days=days)
    view = company.do(case, "first_contact", channel_used="phone", outcome="no_answer")
    assert (view.status, company.path(case)[-1]) == ("completed", "unreachable")
    lead = company.subject(case, Lead)
    assert (lead.status, lead.lost_reason) == ("nurture", "unreachable")
    assert company.attrs(case, "lead.disqualified") == {"reason": "unreachable", "status": "nurture"}


def test_a_call_back_comes_at_the_time_agreed(company: Company) -> None:
    case = company.lead()
    agreed = company.now + timedelta(days=3)
    view = company.do(
        case, "first_contact", channel_used="phone", outcome="call_back", callback_at=agreed.isoformat()
    )
    assert {wait["element"]: wait["due_at"] for wait in view.waiting}["retry_due"][:16] == agreed.isoformat()[
        :16
    ]
    company.wait(days=2)
    assert company.open(case) == []
    company.wait(days=1)
    assert company.open(case) == ["first_contact"]


def test_a_wrong_number_is_corrected_and_called_again(company: Company) -> None:
    case = company.lead()
    company.do(case, "first_contact", channel_used="phone", outcome="wrong_number")
    company.do(case, "fix_contact_data", "dario", contact__phone="06/12345678")
    assert company.open(case) == ["first_contact"]
    assert ("phone", "+390612345678") in {
        (point.kind, point.value_norm) for point in company.rows(ContactPoint)
    }


def test_calls_in_vain_are_one_first_attempt_and_no_answer(company: Company) -> None:
    case = company.lead()
    company.do(case, "first_contact", channel_used="phone", outcome="wrong_number")
    company.do(case, "fix_contact_data", "dario", contact__phone="06/12345678")
    company.do(case, "first_contact", channel_used="phone", outcome="no_answer")
    company.wait(hours=5)
    assert company.events(case, "lead.") == ["lead.received", "lead.first_attempt"]
    company.do(case, "first_contact", **SPOKEN)
    assert company.events(case, "lead.") == [
        "lead.received",
        "lead.first_attempt",
        "lead.first_response",
        "lead.contacted",
    ]
    assert company.subject(case, Lead).first_response_at == company.now


def test_who_is_reached_and_says_no_has_had_his_answer(company: Company) -> None:
    case = company.lead()
    company.wait(minutes=20)
    company.do(
        case, "first_contact", channel_used="phone", outcome="not_interested", disqualify_reason="no_need"
    )
    assert company.subject(case, Lead).first_response_at == company.now
    assert company.events(case, "lead.") == [
        "lead.received",
        "lead.first_response",
        "lead.contacted",
        "lead.disqualified",
    ]


def test_who_is_not_interested_is_disqualified_with_the_reason(company: Company) -> None:
    case = company.lead()
    view = company.do(
        case, "first_contact", channel_used="phone", outcome="not_interested", disqualify_reason="no_budget"
    )
    assert (view.status, company.path(case)[-1]) == ("completed", "disqualified")
    assert company.attrs(case, "lead.disqualified") == {"reason": "no_budget", "status": "disqualified"}


def test_a_call_for_help_becomes_a_ticket_of_the_same_person(company: Company) -> None:
    case = company.lead(channel="phone")
    view = company.do(case, "first_contact", channel_used="phone", outcome="is_support")
    assert (view.status, company.path(case)[-1]) == ("completed", "handed_to_support")
    [ticket] = company.rows(Ticket)
    lead = company.subject(case, Lead)
    assert (ticket.contact_id, ticket.lead_id, ticket.channel) == (lead.contact_id, lead.id, "phone")
    assert lead.status == "archived"
    [opened] = company.rows(Outbox)
    assert opened.template == "ticket_received"


def test_an_answer_noted_later_counts_from_when_it_was_given(company: Company) -> None:
    case = company.lead()
    company.wait(hours=3)
    company.do(case, "first_contact", occurred_at=(MONDAY + timedelta(hours=1)).isoformat(), **SPOKEN)
    assert company.subject(case, Lead).first_response_at == MONDAY + timedelta(hours=1)
    event = company.event(case, "lead.first_response")
    assert (event.occurred_at, event.recorded_at) == (
        MONDAY + timedelta(hours=1),
        MONDAY + timedelta(hours=3),
    )


# --- Qualification --------------------------------------------------------------------------------

WEAK = {
    **GOOD,
    "lead__budget_band": "unknown",
    "lead__authority": "unknown",
    "lead__timeline": "unknown",
    "lead__need_area": "machine",
}


def qualifying(company: Company) -> int:
    """A case of a lead just spoken with; not fast enough to score for it."""
    case = company.lead()
    company.wait(days=3)
    company.do(case, "first_contact", **SPOKEN)
    return case


@pytest.mark.parametrize(
    ("answers", "end", "status", "reason"),
    [
        ({"exclusion": "competitor"}, "disqualified", "disqualified", "competitor"),
        ({"lead__budget_band": "under_5k"}, "disqualified", "disqualified", "no_budget"),
        ({"lead__timeline": "over_12m"}, "nurtured", "nurture", "too_early"),
        ({**WEAK, "lead__need_area": "other"}, "disqualified", "disqualified", "off_target"),
    ],
)
def test_the_table_judges_a_lead(
    company: Company, answers: dict[str, Any], end: str, status: str, reason: str
) -> None:
    case = qualifying(company)
    view = company.do(case, "qualify_need", **{**GOOD, **answers})
    assert view.status == "completed"
    path = company.path(case)
    assert path[-1] == "lead_handled" and end in path
    lead = company.subject(case, Lead)
    assert (lead.status, lead.lost_reason) == (status, reason)
    assert company.attrs(case, "lead.disqualified") == {"reason": reason, "status": status}


def test_what_is_missing_is_asked_for_three_times_at_most(company: Company) -> None:
    case = qualifying(company)
    answers = {**WEAK, "lead__authority": "influencer"}
    company.do(case, "qualify_need", **answers)
    again = {key: value for key, value in answers.items() if key != "lead__need_area"}
    for _ in range(3):
        assert company.open(case) == ["ask_missing"]
        company.do(case, "ask_missing", **again)
    assert "nurtured" in company.path(case)
    assert company.subject(case, Lead).lost_reason == "undecided"


def test_what_was_missing_can_make_an_opportunity(company: Company) -> None:
    case = qualifying(company)
    answers = {**WEAK, "lead__authority": "influencer"}
    company.do(case, "qualify_need", **answers)
    company.do(case, "ask_missing", **{key: value for key, value in GOOD.items() if key != "lead__need_area"})
    assert company.open(case) == ["specify"]
    assert company.attrs(case, "lead.qualified") == {"score": 85}


@pytest.mark.parametrize(
    ("decision", "step", "status"),
    [("keep", ["qualify_need"], "open"), ("nurture", [], "nurture"), ("close", [], "disqualified")],
)
def test_the_manager_decides_on_a_lead_that_stands_still(
    company: Company, decision: str, step: list[str], status: str
) -> None:
    case = qualifying(company)
    company.wait(days=10)
    assert company.open(case) == ["decide_stalled"]
    company.do(case, "decide_stalled", "carla", stalled_decision=decision)
    assert company.open(case) == step
    assert company.subject(case, Lead).status == status


def test_qualification_and_offer_run_on_their_own(company: Company) -> None:
    first = company.lead()
    lead_id = company.view(first).data["lead_id"]
    case = company.start("qualification", lead_id=lead_id)
    view = company.do(case, "qualify_need", **GOOD)
    assert view.subject == ("lead", lead_id) and company.open(case) == ["specify"]
    alone = company.start("offer", lead_id=lead_id)
    assert company.view(alone).case_no == "O-2026-000001"
    assert company.open(alone) == ["specify"]
