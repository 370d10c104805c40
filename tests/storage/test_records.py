"""Leads, companies, contacts, offers and tickets keep what forms write, exactly, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import cast

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from engine.catalog import Step, Title
from engine.columns import Base
from engine.db import Database, Transaction
from engine.errors import Invalid, NotFound
from engine.values import Value
from processes import records
from processes.records import Company, Contact, ContactPoint, Lead, Offer, Ticket, formats
from processes.records.entities import ENTITIES
from processes.records.titles import titles

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Writing:
    """As much of a step as an entity needs."""

    session: Session
    now: datetime = NOW


def write(tx: Transaction, key: str, id: int, fields: Mapping[str, Value]) -> None:
    ENTITIES[key].write(cast(Step, Writing(tx.session)), id, fields)


@pytest.fixture
def lead(database: Database) -> Database:
    """One lead with its company, contact, offer and ticket, each with the id 1."""
    with database.transaction(NOW) as tx:
        session = tx.session
        session.add(Company(name="Officine Bianchi S.r.l.", created_at=NOW))
        session.flush()
        session.add(Contact(company_id=1, first_name="Giulia", last_name="Bianchi", created_at=NOW))
        session.flush()
        session.add(
            Lead(company_id=1, contact_id=1, received_at=NOW, created_at=NOW, expected_amount=Decimal(12000))
        )
        session.flush()
        session.add(Offer(lead_id=1, created_at=NOW, net=Decimal("11500.50"), offer_no="OFF-2026-000001"))
        session.add(Ticket(company_id=1, received_at=NOW, created_at=NOW, subject="Pressa ferma"))
    return database


def test_what_a_form_writes_is_what_the_next_form_shows(lead: Database) -> None:
    with lead.transaction(NOW) as tx:
        write(
            tx,
            "lead",
            1,
            {
                "need": "  Una pressa ",
                "expected_amount": "1234.50",
                "probability": Decimal("60"),
                "next_step_at": date(2026, 4, 1),
                "recycle_at": datetime(2026, 4, 1, 9, tzinfo=timezone(timedelta(hours=2))),
            },
        )
    with lead.transaction(NOW) as tx:
        shown = ENTITIES["lead"].read(tx.session, 1)
        assert {name: shown[name] for name in ("need", "expected_amount", "probability", "budget_band")} == {
            "need": "Una pressa",
            "expected_amount": Decimal("1234.50"),
            "probability": 60,
            "budget_band": None,
        }
        assert shown["next_step_at"] == datetime(2026, 4, 1, tzinfo=UTC)
        assert shown["recycle_at"] == datetime(2026, 4, 1, 7, tzinfo=UTC)
        assert tx.session.get_one(Lead, 1).updated_at == NOW


def test_an_empty_answer_empties_the_field(lead: Database) -> None:
    with lead.transaction(NOW) as tx:
        write(tx, "lead", 1, {"need": "x", "expected_amount": 5})
        write(tx, "lead", 1, {"need": "", "expected_amount": None})
        shown = ENTITIES["lead"].read(tx.session, 1)
    assert (shown["need"], shown["expected_amount"]) == (None, None)


@pytest.mark.parametrize(
    ("key", "fields", "message"),
    [
        ("lead", {"expected_amount": "molto"}, "lead.expected_amount must be an amount."),
        ("lead", {"expected_amount": Decimal("NaN")}, "lead.expected_amount must be an amount."),
        ("lead", {"expected_amount": 10**12}, "lead.expected_amount must be an amount."),
        ("lead", {"probability": True}, "lead.probability must be a whole number."),
        ("lead", {"probability": Decimal("0.5")}, "lead.probability must be a whole number."),
        ("lead", {"next_step_at": "domani"}, "lead.next_step_at must be a day or an instant."),
        ("lead", {"currency": None}, "lead.currency must be filled in."),
        ("lead", {"currency": "EURO"}, "lead.currency must be a text of at most 3 characters."),
        ("lead", {"need": ["a"]}, "lead.need must be a text."),
        ("company", {"overdue_flag": "yes"}, "company.overdue_flag must be yes or no."),
        ("lead", {"status": "won"}, "A form cannot write lead.status."),
        ("lead", {"id": 2}, "A form cannot write lead.id."),
        ("ticket", {"company_id": 2}, "A form cannot write ticket.company_id."),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(
    lead: Database, key: str, fields: dict[str, Value], message: str
) -> None:
    with lead.transaction(NOW) as tx, pytest.raises(Invalid) as refused:
        write(tx, key, 1, fields)
    assert refused.value.message == message
    assert refused.value.where == f"{key}.{next(iter(fields))}"


def test_a_record_that_is_not_there_is_said(lead: Database) -> None:
    with lead.transaction(NOW) as tx, pytest.raises(NotFound, match="There is no offer 7"):
        ENTITIES["offer"].read(tx.session, 7)


def test_a_corrected_number_replaces_the_one_that_is_used_and_keeps_the_old_one(lead: Database) -> None:
    with lead.transaction(NOW) as tx:
        write(tx, "contact", 1, {"phone": "02 1234567", "email": "Giulia@Bianchi.IT"})
        write(tx, "contact", 1, {"phone": "+39 06 7654321"})
    with lead.transaction(NOW) as tx:
        shown = ENTITIES["contact"].read(tx.session, 1)
        assert (shown["phone"], shown["email"]) == ("+39067654321", "Giulia@bianchi.it")
        kept = tx.session.execute(
            select(ContactPoint.value_raw, ContactPoint.is_primary)
            .where(ContactPoint.kind == "phone")
            .order_by(ContactPoint.id)
        ).all()
        assert [tuple(row) for row in kept] == [("02 1234567", False), ("+39 06 7654321", True)]
        write(tx, "contact", 1, {"phone": "021234567"})
        assert ENTITIES["contact"].read(tx.session, 1)["phone"] == "+39021234567"
        assert tx.session.query(ContactPoint).count() == 3


def test_every_field_of_every_entity_can_be_read(lead: Database) -> None:
    with lead.transaction(NOW) as tx:
        shown = {key: entity.read(tx.session, 1) for key, entity in ENTITIES.items()}
    assert sorted(shown) == ["company", "contact", "lead", "offer", "ticket"]
    assert shown["offer"]["net"] == Decimal("11500.50")


def test_a_flag_is_kept_once(lead: Database) -> None:
    with lead.transaction(NOW) as tx:
        row = tx.session.get_one(Lead, 1)
        row.add_flag("won_before_received")
        row.add_flag("won_before_received")
    with lead.transaction(NOW) as tx:
        assert tx.session.get_one(Lead, 1).flags == ["won_before_received"]


def test_titles_name_the_person_and_the_company(lead: Database) -> None:
    with lead.transaction(NOW) as tx:
        found = titles(tx.session, [("lead", 1), ("offer", 1), ("ticket", 1), ("lead", 9), ("other", 1)])
    assert found == {
        ("lead", 1): Title("Giulia Bianchi", "Officine Bianchi S.r.l.", Decimal(12000), "EUR"),
        ("offer", 1): Title("Giulia Bianchi", "Officine Bianchi S.r.l.", Decimal("11500.50"), "EUR"),
        ("ticket", 1): Title("Officine Bianchi S.r.l.", "", None, "EUR"),
    }


def test_titles_of_many_leads_take_one_query(lead: Database) -> None:
    with lead.transaction(NOW) as tx:
        tx.session.add_all(Lead(received_at=NOW, created_at=NOW, case_no=f"L-{n}") for n in range(20))
    statements: list[str] = []
    event.listen(lead.pool, "before_cursor_execute", lambda *given: statements.append(given[2]))
    with lead.transaction(NOW) as tx:
        found = titles(tx.session, [("lead", n) for n in range(1, 22)])
    assert (len(found), found["lead", 21].name, len(statements)) == (21, "L-19", 1)


def test_every_column_says_what_kind_of_data_it_holds() -> None:
    tables = {getattr(records, name).__table__ for name in records.__all__}
    assert tables <= set(Base.metadata.tables.values())
    marks = {
        f"{table.name}.{column.name}": column.info.get("mark") for table in tables for column in table.columns
    }
    assert set(marks.values()) == {"personal", "code", "id", "amount", "time"}
    assert marks["leads.need"] == marks["contacts.last_name"] == marks["interactions.body"] == "personal"


# --- Normal forms ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("02 1234567", "+39021234567"),
        ("06/12345678", "+390612345678"),
        ("0039 333 1234567", "+393331234567"),
        ("333.123.45.67", "+393331234567"),
        ("+41 44 668 18 00", "+41446681800"),
        ("interno 12", None),
        ("", None),
    ],
)
def test_phone_numbers_keep_their_leading_zero(text: str, normal: str | None) -> None:
    assert formats.phone(text) == normal


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("IT 00743110157", ("IT", "00743110157")),
        ("743110157", ("IT", "00743110157")),
        ("00743110158", None),
        ("DE 136,695 976", ("DE", "136695976")),
        ("DE136695977", None),
        ("XX123", None),
        ("", None),
    ],
)
def test_vat_numbers_are_checked_and_completed(text: str, normal: tuple[str, str] | None) -> None:
    assert formats.vat_number(text) == normal


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Rossi Mario S.r.l.", ("mario rossi", "srl")),
        ("ROSSI MARIO SRL", ("mario rossi", "srl")),
        ("Caffè d'Oro s.n.c.", ("caffe d oro", "snc")),
        ("Beta Società per Azioni", ("beta", "societa per azioni")),
        ("Gamma", ("gamma", None)),
        ("S.p.A.", ("spa", "spa")),
    ],
)
def test_company_names_are_compared_without_form_case_and_order(
    text: str, normal: tuple[str, str | None]
) -> None:
    assert formats.company_name(text) == normal


@pytest.mark.parametrize(
    ("text", "normal"),
    [("https://www.Acme.it/x", "acme.it"), ("info@ACME.it", "acme.it"), ("acme", None), ("", None)],
)
def test_domains_are_found_in_addresses(text: str, normal: str | None) -> None:
    assert formats.domain(text) == normal


def test_mail_addresses_keep_the_case_of_their_owner() -> None:
    assert formats.email(" Giulia.Bianchi@ACME.IT ") == "Giulia.Bianchi@acme.it"
    assert formats.email("giulia@") is None
