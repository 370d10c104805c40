"""The real funnel of a marketplace, 8,000 leads and 842 deals, replayed through the running engine."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from engine import config, versions
from engine.columns import Base
from engine.db import Database, Transaction
from engine.runtime import Engine
from engine.tables import Case, Event, Person, Task
from processes import catalog, kpis
from processes.imports import ImportReport, import_leads, load
from processes.records import Lead

from .conftest import Company

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FILE = "olist_marketing_qualified_leads_dataset.csv"
DEALS = "olist_closed_deals_dataset.csv"


def replay(engine: Engine, folder: Path) -> ImportReport:
    layout = load(ROOT / "examples" / "olist.toml")
    return import_leads(engine, engine.transaction, folder / FILE, layout, now=NOW)


def figures(tx: Transaction) -> dict[str, kpis.Kpi]:
    found = kpis.compute(tx, from_=None, to=None, as_of=NOW, zone=ZoneInfo("UTC"))
    return {each.id: each for each in found}


def sizes(tx: Transaction) -> dict[str, int]:
    tables = Base.metadata.sorted_tables
    return {
        each.name: tx.session.execute(select(func.count()).select_from(each)).scalar_one() for each in tables
    }


def test_the_funnel_of_olist_gives_its_published_figures_and_a_second_run_changes_nothing(
    shared_data: Path, sqlite_template: Path, tmp_path: Path
) -> None:
    file = tmp_path / "olist.db"
    shutil.copyfile(sqlite_template, file)
    engine = Engine(Database(f"sqlite:///{file}"), catalog(), config.load(config.shipped_file()))
    with engine.transaction(NOW) as tx:
        assert versions.deploy(engine, tx, [ROOT / "bpmn"]).exit_code == 0

    report = replay(engine, shared_data / "olist")

    assert (report.rows, report.created, report.skipped, report.refused, report.won) == (
        8000,
        8000,
        0,
        0,
        842,
    )
    assert report.problems == []
    assert [(line.line, [note.code for note in line.warnings]) for line in report.lines if line.warnings] == [
        (6359, ["won_before_received"])
    ]
    with engine.transaction(NOW, write=False) as tx:
        before = sizes(tx)
        _check_figures(figures(tx))
        _check_leads(tx)
        _check_deals(tx)

    again = replay(engine, shared_data / "olist")

    assert (again.created, again.skipped, again.refused) == (0, 8000, 0)
    with engine.transaction(NOW, write=False) as tx:
        assert sizes(tx) == before
        _check_figures(figures(tx))
    engine.database.close()


def test_the_first_three_hundred_leads_replay_alike_on_both_databases(
    company: Company, shared_data: Path, tmp_path: Path
) -> None:
    rows = (shared_data / "olist" / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / FILE).write_text("".join(rows[:301]), encoding="utf-8")
    shutil.copyfile(shared_data / "olist" / DEALS, tmp_path / DEALS)

    report = replay(company.engine, tmp_path)

    assert (report.created, report.skipped, report.refused, report.won) == (300, 0, 0, 28)
    with company.engine.transaction(NOW, write=False) as tx:
        found = figures(tx)
        assert (found["K01c"].numerator, found["K01c"].denominator) == (28, 300)
        assert (found["time_to_close"].value, found["time_to_close_p90"].value) == (
            Decimal("18.55"),
            Decimal("188.12"),
        )
        assert Counter(tx.session.scalars(select(Lead.status))) == {"open": 272, "won": 28}


def _check_figures(found: dict[str, kpis.Kpi]) -> None:
    to_customer = found["K01c"]
    assert (to_customer.numerator, to_customer.denominator) == (842, 8000)
    assert (to_customer.value, to_customer.unit) == (Decimal("10.525"), "%")
    assert (found["time_to_close"].value, found["time_to_close_p90"].value) == (
        Decimal("14.58"),
        Decimal("162.67"),
    )
    assert (found["time_to_close"].n, found["time_to_close"].unit) == (842, "days")
    assert found["K18"].value == 8000 - 842


def _check_leads(tx: Transaction) -> None:
    leads = tx.session.scalars(select(Lead)).all()
    assert Counter(lead.status for lead in leads) == {"open": 7158, "won": 842}
    # 60 rows name no origin, 1,099 say "unknown" themselves.
    assert Counter(lead.source for lead in leads) == {
        "organic_search": 2296,
        "paid_search": 1586,
        "social": 1350,
        "unknown": 60 + 1099,
        "direct_traffic": 499,
        "email": 493,
        "referral": 284,
        "other": 150,
        "display": 118,
        "other_publicities": 65,
    }
    assert min(lead.received_at for lead in leads) == datetime(2017, 6, 14, tzinfo=UTC)
    assert len({lead.external_id for lead in leads}) == 8000
    flagged = [lead for lead in leads if lead.flags]
    assert [(lead.flags, lead.status) for lead in flagged] == [(["won_before_received"], "won")]
    open_tasks = select(Task.element, func.count()).where(Task.state == "open").group_by(Task.element)
    assert [tuple(row) for row in tx.session.execute(open_tasks)] == [("first_contact", 7158)]


def _check_deals(tx: Transaction) -> None:
    """Won at their date by their seller: 22 of them, the busiest with 133 deals."""
    query = (
        select(Person.key, func.count())
        .join(Event, Event.actor_id == Person.id)
        .where(Event.type == "offer.won")
        .group_by(Person.key)
        .order_by(func.count().desc())
    )
    sellers = [tuple(row) for row in tx.session.execute(query)]
    assert (len(sellers), sellers[0]) == (22, ("4ef15afb4b2723d8f3d81e51ec7afefe", 133))
    first = select(Lead).where(Lead.external_id == "5420aad7fec3549a85876ba1c529bd84")
    lead = tx.session.scalars(first).one()
    won = tx.session.scalars(
        select(Event).where(Event.type == "offer.won", Event.subject_id == lead.id)
    ).one()
    assert won.occurred_at == won.recorded_at == datetime(2018, 2, 26, 19, 58, 54, tzinfo=UTC)
    ended = select(Case.status, Case.ended_at).where(Case.case_no == lead.case_no)
    assert tuple(tx.session.execute(ended).one()) == ("completed", won.occurred_at)
