"""Finding a case by what a caller says: a name, a company, a number; and where mails go."""

from __future__ import annotations

import pytest

from processes.common import address, search
from processes.records import Contact, Offer

from .conftest import Company


@pytest.fixture
def town(company: Company) -> Company:
    """Two leads of different people, a ticket of the first, an offer to her."""
    case = company.lead()
    company.lead(
        contact={"first_name": "Niccolò", "last_name": "Forlì 100%"}, company={"name": "Forlì & Figli"}
    )
    company.ticket()
    company.start("offer", lead_id=company.view(case).data["lead_id"])
    with company.engine.transaction(company.now) as tx:
        tx.session.get_one(Offer, 1).offer_no = "OFF-2026-000001"
    return company


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("giulia", {("lead", 1), ("ticket", 1)}),
        ("bianchi officine", {("lead", 1), ("ticket", 1)}),
        ("giulia forlì", set()),
        ("Forlì", {("lead", 2)}),
        ("100%", {("lead", 2)}),
        ("L-2026-000002", {("lead", 2)}),
        ("T-2026", {("ticket", 1)}),
        ("linea ferma", {("ticket", 1)}),
        ("OFF-2026-000001", {("offer", 1), ("lead", 1)}),
        ("%", {("lead", 2)}),
        ("_", set()),
        ("  ", set()),
    ],
)
def test_words_find_what_has_all_of_them(town: Company, text: str, found: set[tuple[str, int]]) -> None:
    with town.engine.transaction(town.now, write=False) as tx:
        assert search(tx.session, text) == found


def test_a_mail_goes_to_who_has_an_address_and_wants_mails(town: Company) -> None:
    with town.engine.transaction(town.now) as tx:
        to = address(tx.session, "contact", 1)
        assert to is not None and (to.name, to.email) == ("Giulia Bianchi", "giulia@officinebianchi.it")
        assert address(tx.session, "contact", 2) is None and address(tx.session, "person", 1) is None
        tx.session.get_one(Contact, 1).do_not_email = True
        tx.session.flush()
        assert address(tx.session, "contact", 1) is None
