"""A ticket from the first mail to the last: sorted, worked on, waited for, solved, reopened, closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.tables import Outbox
from processes.records import Company as Account
from processes.records import Contact, Interaction, Ticket

from .conftest import GIULIA, OFFICINE, Company

SORTED: dict[str, Any] = {
    "ticket__category": "fault",
    "ticket__impact": "partial_stop",
    "ticket__urgency": "medium",
    "ticket__entitlement": "contract",
}
SOLVED: dict[str, Any] = {
    "ticket__resolution_code": "solved",
    "ticket__resolution_text": "Sensore sostituito",
}


def working(company: Company, **more: Any) -> int:
    """A ticket that an agent works on, of severity S3 unless said otherwise."""
    case = company.ticket()
    company.do(case, "triage_ticket", **{**SORTED, **more})
    return case


def key(company: Company, case: int) -> dict[str, Any]:
    return {"ticket_id": company.view(case).data["ticket_id"]}


def test_a_ticket_is_solved_confirmed_and_closed(company: Company) -> None:
    case = working(company)
    company.do(case, "work_ticket", action="solution", ticket__reply_text="Ora funziona?")
    company.do(case, "resolve_ticket", **SOLVED)
    assert company.view(case).stage == "resolved"
    assert company.send("ticket.confirmed", key(company, case)) == [case]
    assert (company.view(case).status, company.path(case)[-1]) == ("completed", "closed")
    ticket = company.subject(case, Ticket)
    assert (ticket.status, ticket.severity, ticket.resolution_code) == ("closed", "S3", "solved")
    assert ticket.ticket_no == company.view(case).case_no == "T-2026-000001"
    assert company.events(case, "ticket.") == [
        "ticket.received",
        "ticket.first_response",
        "ticket.resolved",
        "ticket.confirmed",
        "ticket.closed",
    ]
    assert company.attrs(case, "ticket.closed") == {"confirmed": True, "code": "solved"}
    assert [mail.template for mail in company.rows(Outbox)] == ["ticket_received", "ticket_resolved"]


@pytest.mark.parametrize(
    ("answers", "severity", "hours"),
    [
        ({"ticket__impact": "full_stop", "ticket__urgency": "high"}, "S1", 4),
        ({"ticket__impact": "question", "ticket__urgency": "low", "ticket__safety": True}, "S1", 4),
        ({"ticket__impact": "full_stop"}, "S2", 8),
        ({"ticket__urgency": "high"}, "S2", 8),
        ({}, "S3", 24),
        ({"ticket__impact": "nuisance", "ticket__urgency": "high"}, "S3", 24),
        ({"ticket__impact": "question"}, "S4", 40),
        ({"ticket__impact": "full_stop", "ticket__entitlement": "none"}, "S2", 40),
    ],
)
def test_severity_and_right_to_support_set_the_due_time(
    company: Company, answers: dict[str, Any], severity: str, hours: int
) -> None:
    case = working(company, **answers)
    [task] = company.view(case).open_tasks
    assert task["element"] == "work_ticket"
    assert str(task["due_at"])[:16] == (company.now + timedelta(hours=hours)).isoformat()[:16]
    assert company.subject(case, Ticket).severity == severity


def test_a_ticket_solved_at_once_goes_straight_to_its_solution(company: Company) -> None:
    case = company.ticket()
    company.do(case, "triage_ticket", answered_now=True, ticket__reply_text="Ecco come", **SORTED)
    assert company.open(case) == ["resolve_ticket"]
    assert "work_ticket" not in company.path(case)


def test_an_answer_is_on_record_and_the_work_goes_on(company: Company) -> None:
    case = working(company)
    company.do(case, "work_ticket", action="answer", ticket__reply_text="Stiamo guardando")
    assert company.open(case) == ["work_ticket"]
    assert company.events(case, "ticket.first", "ticket.reply") == ["ticket.first_response", "ticket.reply"]
    [said] = company.rows(Interaction, Interaction.direction == "out")
    assert (said.body, said.author_id) == ("Stiamo guardando", company.staff["fabio"].id)


def test_the_customers_answer_brings_the_ticket_back(company: Company) -> None:
    case = working(company)
    company.do(case, "work_ticket", action="ask_customer", ticket__reply_text="Una foto?")
    assert (company.view(case).stage, company.open(case)) == ("waiting_customer", [])
    assert company.subject(case, Ticket).status == "waiting_customer"
    company.wait(hours=9)
    assert company.send("case.new_interaction", key(company, case)) == [case]
    assert company.open(case) == ["work_ticket"]
    assert company.events(case, "hold.") == ["hold.started", "hold.ended"]
    assert company.subject(case, Ticket).status == "open"


def test_a_silent_customer_is_reminded_twice_then_the_ticket_counts_as_solved(company: Company) -> None:
    case = working(company)
    company.do(case, "work_ticket", action="ask_customer", ticket__reply_text="Una foto?")
    company.wait(days=3)
    company.wait(days=3)
    assert [mail.template for mail in company.rows(Outbox)] == [
        "ticket_received",
        "ticket_reminder",
        "ticket_reminder",
    ]
    company.wait(days=4)
    ticket = company.subject(case, Ticket)
    assert (ticket.status, ticket.resolution_code) == ("resolved", "no_answer")
    assert company.open(case) == ["decide_escalation"]
    company.wait(days=5)
    assert (company.view(case).status, company.path(case)[-1]) == ("completed", "closed")
    assert company.attrs(case, "ticket.closed") == {"confirmed": False, "code": "no_answer"}


def test_reminders_begin_anew_with_each_question(company: Company) -> None:
    case = working(company)
    for _ in range(2):
        company.do(case, "work_ticket", action="ask_customer")
        company.wait(days=3)
        company.wait(days=3)
        company.send("case.new_interaction", key(company, case))
    assert "work_ticket" in company.open(case)
    assert [mail.template for mail in company.rows(Outbox)].count("ticket_reminder") == 4


@pytest.mark.parametrize("how", ["reply", "timer"])
def test_what_others_owe_is_waited_for_or_urged(company: Company, how: str) -> None:
    case = working(company)
    company.do(case, "work_ticket", action="wait_third")
    assert (company.view(case).stage, company.open(case)) == ("waiting_third", [])
    if how == "reply":
        company.send("third.party.reply", key(company, case))
    else:
        company.wait(days=3)
    assert "work_ticket" in company.open(case)


def test_advice_is_asked_of_the_manager_and_comes_back_as_a_note(company: Company) -> None:
    case = working(company)
    company.do(case, "work_ticket", action="escalate")
    company.do(case, "answer_escalation", "gaia", ticket__internal_note="Controllare il sensore")
    assert company.open(case) == ["work_ticket"]
    assert company.subject(case, Ticket).internal_note == "Controllare il sensore"


def test_a_late_ticket_asks_the_manager_while_the_work_goes_on(company: Company) -> None:
    case = working(company, ticket__impact="full_stop", ticket__urgency="high")
    company.wait(hours=4)
    assert company.open(case) == ["decide_escalation", "work_ticket"]
    assert company.attrs(case, "sla.breached") == {"metric": "resolution", "severity": "S1"}
    company.do(case, "decide_escalation", "gaia", escalation="add_expert")
    assert company.open(case) == ["work_ticket"]


def test_closing_a_ticket_takes_an_undecided_escalation_along(company: Company) -> None:
    case = working(company)
    company.wait(hours=24)
    company.do(case, "work_ticket", action="solution")
    company.do(case, "resolve_ticket", **SOLVED)
    assert company.open(case) == ["decide_escalation"]
    company.send("ticket.confirmed", key(company, case))
    assert (company.view(case).status, company.open(case)) == ("completed", [])
    assert company.events(case, "task.cancelled") == ["task.cancelled"]


def test_silence_after_the_solution_closes_the_ticket(company: Company) -> None:
    case = working(company)
    company.do(case, "work_ticket", action="solution")
    company.do(case, "resolve_ticket", **SOLVED)
    company.wait(days=5)
    assert (company.view(case).status, company.path(case)[-1]) == ("completed", "closed")
    assert company.attrs(case, "ticket.closed") == {"confirmed": False, "code": "solved"}


def test_a_ticket_that_was_not_solved_is_worked_on_again(company: Company) -> None:
    case = working(company)
    company.do(case, "work_ticket", action="solution")
    company.do(case, "resolve_ticket", **SOLVED)
    company.send("ticket.reopened", key(company, case))
    assert (company.open(case), company.view(case).stage) == (["work_ticket"], "work")
    ticket = company.subject(case, Ticket)
    assert (ticket.status, ticket.reopen_count, ticket.resolved_at) == ("open", 1, None)
    assert company.attrs(case, "ticket.reopened") == {"count": 1}


def test_a_ticket_of_a_known_customer_belongs_to_him(company: Company) -> None:
    company.ticket()
    case = company.ticket(
        contact={"email": "GIULIA@officinebianchi.it"}, company={"name": "Officine Bianchi srl"}
    )
    assert (len(company.rows(Contact)), len(company.rows(Account))) == (1, 1)
    assert company.subject(case, Ticket).contact_id == company.rows(Contact)[0].id


def test_customers_have_a_right_to_support_others_have_none(company: Company) -> None:
    case = company.ticket()
    assert company.subject(case, Ticket).entitlement == "none"
    [account] = company.rows(Account)
    with company.engine.transaction(company.now) as tx:
        tx.session.get_one(Account, account.id).first_order_at = company.now
    again = company.ticket(GIULIA, OFFICINE)
    assert company.subject(again, Ticket).entitlement == "warranty"
