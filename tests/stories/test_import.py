"""A file of leads walks in: each row at its own date, once and for all, and none is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from engine import config, versions
from engine.catalog import Catalog, Step
from engine.columns import Base
from engine.db import Database, Transaction
from engine.errors import Invalid, NotFound
from engine.runtime import Engine
from engine.tables import Case, Event, Incident, Person, Task
from engine.values import Value
from processes import catalog, intake, kpis
from processes.imports import ImportReport, Layout, import_leads
from processes.imports.leads import BATCH
from processes.imports.mapping import layout
from processes.records import Company as CompanyRow
from processes.records import Contact, ContactPoint, ImportRow, ImportRun, Lead, Offer

from .conftest import BPMN, Company

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
THREE = """Data;Nome;Cognome;Email;Telefono;Azienda;Fonte;Richiesta
02/02/2026 10:00;Giulia;Bianchi;giulia@officinebianchi.it;02 1234567;Officine Bianchi S.r.l.;Fiera;Una pressa
15/01/2026;Ugo;Verdi;ugo@verdi.it;;Verdi S.p.A.;;Ricambi
28/12/2025 18:30;Eva;Neri;eva@neri.it;333 1234567;Neri snc;Sito web;Preventivo
"""


def take(
    company: Company, text: str | bytes, given: Mapping[str, object] | None = None, *, dry_run: bool = False
) -> ImportReport:
    data = text.encode() if isinstance(text, str) else text
    engine = company.engine
    return import_leads(engine, engine.transaction, data, layout(given or {}), now=NOW, dry_run=dry_run)


def sizes(company: Company) -> dict[str, int]:
    """How many rows each table has."""
    with company.engine.transaction(NOW, write=False) as tx:
        return {
            table.name: tx.session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    assert report.rows == report.created + report.skipped + report.refused
    return report.created, report.repaired, report.skipped, report.refused


def said(report: ImportReport) -> list[tuple[int, str, str | None]]:
    return [
        (line.line, line.outcome, line.reason.message if line.reason else None)
        for line in report.lines
        if line.worth_telling
    ]


def test_each_row_starts_a_case_at_its_own_date(company: Company) -> None:
    report = take(company, THREE)
    assert counts(report) == (3, 0, 0, 0)
    assert [line.case_no for line in report.lines] == ["L-2026-000002", "L-2026-000001", "L-2025-000001"]
    leads = company.rows(Lead)
    assert [(lead.case_no, lead.received_at, lead.source, lead.need) for lead in leads] == [
        ("L-2025-000001", datetime(2025, 12, 28, 17, 30, tzinfo=UTC), "sito_web", "Preventivo"),
        ("L-2026-000001", datetime(2026, 1, 14, 23, 0, tzinfo=UTC), "unknown", "Ricambi"),
        ("L-2026-000002", datetime(2026, 2, 2, 9, 0, tzinfo=UTC), "fiera", "Una pressa"),
    ]
    started = {case.case_no: case.started_at for case in company.rows(Case)}
    assert started == {lead.case_no: lead.received_at for lead in leads}
    received = company.rows(Event, Event.type == "lead.received")
    assert [event.occurred_at for event in received] == [lead.received_at for lead in leads]
    assert [event.recorded_at for event in received] == [lead.received_at for lead in leads]
    assert [row.name for row in company.rows(CompanyRow)] == [
        "Neri snc",
        "Verdi S.p.A.",
        "Officine Bianchi S.r.l.",
    ]
    points = company.rows(ContactPoint, ContactPoint.kind == "phone")
    assert sorted(point.value_norm for point in points) == ["+39021234567", "+393331234567"]


def test_the_same_file_again_changes_nothing_at_all(company: Company) -> None:
    take(company, THREE)
    before = sizes(company)
    report = take(company, THREE)
    assert counts(report) == (0, 0, 3, 0)
    assert said(report)[0] == (2, "skipped", "Already there: it came in by an earlier import.")
    assert sizes(company) == before


def test_new_rows_of_a_grown_file_are_taken_and_the_old_ones_skipped(company: Company) -> None:
    take(company, THREE)
    report = take(company, THREE + "03/03/2026;Leo;Rosa;leo@rosa.it;;Rosa srl;;\n")
    assert counts(report) == (1, 0, 3, 0)
    assert len(company.rows(Lead)) == 4


def test_the_columns_may_stand_in_another_order_the_next_time(company: Company) -> None:
    take(company, "Nome;Azienda;Fonte\nAnna;Rossi;Fiera\n")
    assert counts(take(company, "Fonte;Nome;Azienda\nFiera;Anna;Rossi\n")) == (0, 0, 1, 0)


def test_a_mapping_corrected_afterwards_does_not_take_the_rows_twice(company: Company) -> None:
    text = "Codice;Nome;Azienda\nA7;Anna;Rossi\n"
    take(company, text)
    assert counts(take(company, text, {"columns": {"external_id": "Codice"}})) == (0, 0, 1, 0)


def test_rows_twice_in_a_file_are_taken_once_and_told(company: Company) -> None:
    text = "Lead ID;Nome;Azienda\n1;Anna;Rossi\n2;Ugo;Verdi\n1;Anna;Rossi\n2;Ugo;Neri\n"
    report = take(company, text)
    assert counts(report) == (2, 0, 2, 0)
    assert said(report) == [
        (4, "skipped", "The same as line 2."),
        (5, "skipped", "The identifier “2” is that of line 3 too, with other content."),
    ]


def test_a_row_changed_under_the_same_identifier_is_told_and_changes_nothing(company: Company) -> None:
    take(company, "Lead ID;Nome;Azienda\n1;Anna;Rossi\n")
    report = take(company, "Lead ID;Nome;Azienda\n1;Anna;Verdi\n")
    assert said(report) == [
        (2, "skipped", "Already there under “1”, with other content; nothing was changed.")
    ]
    assert [row.name for row in company.rows(CompanyRow)] == ["Rossi"]


def test_a_dry_run_says_the_same_and_writes_nothing(company: Company) -> None:
    text = THREE + "31/02/2026;Leo;;;;;;\n" + THREE.splitlines()[1] + "\n"
    before = sizes(company)
    dry = take(company, text, dry_run=True)
    assert sizes(company) == before
    real = take(company, text)
    assert counts(dry) == counts(real) == (3, 0, 1, 1)
    assert said(dry) == said(real)


def test_what_cannot_be_used_is_refused_by_line_with_reason_and_remedy(company: Company) -> None:
    report = take(
        company, THREE + "31/02/2026;Leo;Rosa;leo@rosa.it;;Rosa srl;;\n02/02/2026;a;b;c;d;e;f;g;h\n"
    )
    assert counts(report) == (3, 0, 0, 2)
    assert report.to_json()["lines"] == [
        {
            "line": 5,
            "outcome": "refused",
            "case_no": None,
            "repairs": [],
            "warnings": [],
            "reason": "“31/02/2026” is not a date.",
            "remedy": "Write it as 31/12/2026 or 2026-12-31, or give `date_formats` in the mapping.",
        },
        {
            "line": 6,
            "outcome": "refused",
            "case_no": None,
            "repairs": [],
            "warnings": [],
            "reason": "It has 9 cells, the header has 8.",
            "remedy": "Put quotes around the text that contains the delimiter.",
        },
    ]


def test_a_summary_shows_the_first_lines_of_each_kind_and_says_how_many_more_there_are(
    company: Company,
) -> None:
    text = "Nome;Azienda;Data\n" + "".join(f"Anna;Azienda {n};2026-02-01\n" for n in range(14))
    take(company, text)
    report = take(company, text + "Ugo;Verdi;31/02/2026\n")
    assert len(report.to_json()["lines"]) == 15  # type: ignore[arg-type]
    assert report.summary(2) == [
        "line 2: skipped: Already there: it came in by an earlier import.",
        "line 3: skipped: Already there: it came in by an earlier import.",
        "... and 12 more lines like the last one (--json lists them all)",
        "line 16: refused: “31/02/2026” is not a date. "
        "Write it as 31/12/2026 or 2026-12-31, or give `date_formats` in the mapping.",
    ]
    assert len(report.summary()) == 12
    assert report.summary(14) == [line.sentence for line in report.lines]


def test_a_row_whose_case_cannot_start_does_not_take_the_others_along(company: Company) -> None:
    report = take(company, f"Lead ID;Nome;Azienda\n1;Anna;Rossi\n{'9' * 300};Ugo;Verdi\n3;Eva;Neri\n")
    assert counts(report) == (2, 0, 0, 1)
    assert said(report) == [(3, "refused", "lead.external_id must be a text of at most 200 characters.")]
    assert [lead.external_id for lead in company.rows(Lead)] == ["1", "3"]
    assert company.rows(Incident) == []


def test_an_import_that_is_interrupted_loses_nothing_and_goes_on(company: Company) -> None:
    rows = [f"{n};Anna{n};Azienda {n}" for n in range(BATCH + 50)]
    text = "\n".join(["Lead ID;Nome;Azienda", *rows]).encode()
    engine = company.engine

    def power_cut(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_leads(engine, engine.transaction, text, now=NOW, progress=power_cut)
    assert len(company.rows(Lead)) == len(company.rows(ImportRow)) == BATCH
    report = import_leads(engine, engine.transaction, text, now=NOW)
    assert counts(report) == (50, 0, BATCH, 0)
    assert sorted(lead.external_id for lead in company.rows(Lead)) == sorted(
        str(n) for n in range(BATCH + 50)
    )


def test_a_lead_whose_service_fails_is_refused_alone_and_taken_up_again_later(database: Database) -> None:
    def find_matches(step: Step) -> Mapping[str, Value]:
        lead = step.session.get_one(Lead, step.data["lead_id"])
        if lead.need == "Guasto" and not repaired:
            raise KeyError("need")
        return intake.process.services["find_matches"](step) or {}

    repaired = False
    broken = replace(intake.process, services={**intake.process.services, "find_matches": find_matches})
    shipped = catalog()
    processes = [*(one for one in shipped.processes.values() if one.key != "intake"), broken]
    engine = Engine(
        database,
        Catalog(processes, shipped.shared, shipped.entities),
        config.load(config.shipped_file()),
    )
    company = Company(engine)
    with engine.transaction(NOW) as tx:
        versions.deploy(engine, tx, [BPMN])
    text = "Lead ID;Data;Nome;Azienda;Richiesta\n" + "".join(
        f"{n};0{n}/02/2026;Anna {n};Azienda {n};{'Guasto' if n in (2, 4) else 'Pressa'}\n"
        for n in range(1, 6)
    )

    report = take(company, text)

    assert counts(report) == (3, 0, 0, 2)
    reason = (
        "The step “Look for the same customer” could not be done: "
        "the service “find_matches” stopped with KeyError"
    )
    assert said(report) == [(3, "refused", reason), (5, "refused", reason)]
    assert [lead.external_id for lead in company.rows(Lead)] == ["1", "3", "5"]
    assert [case.case_no for case in company.rows(Case)] == [f"L-2026-00000{n}" for n in (1, 2, 3)]
    assert company.rows(Incident) == []
    [run] = company.rows(ImportRun)
    assert (run.created, run.refused) == (3, 2)

    repaired = True
    assert counts(take(company, text)) == (2, 0, 3, 0)
    assert sorted(lead.external_id for lead in company.rows(Lead)) == ["1", "2", "3", "4", "5"]


def test_a_row_that_another_import_takes_in_meanwhile_is_not_taken_twice(company: Company) -> None:
    engine = company.engine
    others = [THREE.splitlines()[0] + "\n" + THREE.splitlines()[2] + "\n"]

    def interrupted(now: datetime) -> Transaction:
        # The first transaction only looks what is known; the second writes.
        opened.append(now)
        if len(opened) == 2:
            take(company, others.pop())
        return engine.transaction(now)

    opened: list[datetime] = []
    report = import_leads(engine, interrupted, THREE.encode(), now=NOW)
    assert counts(report) == (2, 0, 1, 0)
    assert said(report) == [
        (3, "skipped", "Already there: another import took it in at the same time."),
    ]
    assert len(company.rows(Lead)) == len(company.rows(Case)) == 3
    assert [(run.created, run.skipped) for run in company.rows(ImportRun)] == [(1, 0), (2, 1)]


# --- History, and leads to work on ----------------------------------------------------------------


def test_a_lead_that_does_not_count_as_new_is_kept_as_history_and_asks_nobody_to_call(
    company: Company,
) -> None:
    take(company, THREE)
    assert company.rows(Task) == []
    for case in company.rows(Case):
        assert (case.status, company.path(case.id)[-1], case.stalled_since) == (
            "completed",
            "kept_as_history",
            None,
        )
    assert [(lead.status, lead.is_test) for lead in company.rows(Lead)] == [("open", False)] * 3


def test_a_lead_that_counts_as_new_asks_for_a_first_call(company: Company) -> None:
    take(company, THREE, {"counts_as_new": True})
    assert [task.element for task in company.rows(Task, Task.state == "open")] == ["first_contact"] * 3
    assert [lead.is_test for lead in company.rows(Lead)] == [False] * 3


def test_history_belongs_to_the_customer_known_already_and_leaves_his_open_lead_alone(
    company: Company,
) -> None:
    case = company.lead()
    before = company.subject(case, Lead)
    take(company, THREE)
    assert len(company.rows(Contact)) == len(company.rows(CompanyRow)) == 3
    old = company.rows(Lead)[-1]
    assert (old.contact_id, old.company_id) == (before.contact_id, before.company_id)
    lead = company.subject(case, Lead)
    assert (lead.received_at, lead.updated_at) == (before.received_at, before.updated_at)
    assert company.open(case) == ["first_contact"]


def test_who_is_known_from_history_only_and_asks_anew_is_called(company: Company) -> None:
    take(company, THREE)
    case = company.lead()
    assert company.open(case) == ["first_contact"]
    assert len(company.rows(Contact)) == 3
    assert company.subject(case, Lead).contact_id in {lead.contact_id for lead in company.rows(Lead)[:3]}


def test_history_that_was_won_makes_a_customer_and_counts_in_no_figure(company: Company) -> None:
    given = {"won": {"column": "Fonte", "values": ["Fiera"]}}
    report = take(company, THREE, given)
    assert (report.won, said(report)) == (1, [])
    won = company.rows(Lead)[-1]
    assert (won.status, won.decided_at) == ("won", won.received_at)
    [customer] = company.rows(CompanyRow, CompanyRow.type == "customer")
    assert customer.id == won.company_id
    assert company.rows(Task, Task.state == "open") == []
    assert {event.counts for event in company.rows(Event, Event.type == "offer.won")} == {False}


def test_a_lead_asked_for_twice_by_the_same_person_is_one_lead(company: Company) -> None:
    text = THREE + "03/03/2026;Giulia;Bianchi;giulia@officinebianchi.it;;;;Ancora io\n"
    report = take(company, text, {"counts_as_new": True})
    assert counts(report) == (4, 0, 0, 0)
    assert [lead.status for lead in company.rows(Lead)] == ["open", "open", "open", "merged"]


def test_imported_leads_count_only_when_the_mapping_says_so(company: Company) -> None:
    take(company, THREE)
    take(company, "Nome;Azienda\nLeo;Rosa\n", {"counts_as_new": True})
    assert [event.counts for event in company.rows(Event, Event.type == "lead.received")] == [False] * 3 + [
        True
    ]
    with company.engine.transaction(NOW) as tx:
        (found,) = kpis.compute(tx, ["K01c"], from_=None, to=None, as_of=NOW, zone=ZoneInfo("UTC"))
    assert found.denominator == 1


def test_leads_won_by_a_column_of_the_file_go_through_their_processes(company: Company) -> None:
    given = {
        "counts_as_new": True,
        "won": {
            "column": "Esito",
            "values": ["Vinto"],
            "at": "Chiuso il",
            "by": "Venditore",
            "amount": "Netto",
        },
    }
    text = (
        "Data;Nome;Azienda;Esito;Chiuso il;Venditore;Netto\n"
        "01/02/2026;Anna;Rossi;Vinto;21/02/2026 12:00;anna;1500,50\n"
        "01/02/2026;Ugo;Verdi;Perso;;;\n"
    )
    report = take(company, text, {**given, "decimal_comma": True})
    assert (counts(report), report.won, said(report)) == ((2, 0, 0, 0), 1, [])
    won, open_lead = company.rows(Lead)
    assert (won.status, won.decided_at) == ("won", datetime(2026, 2, 21, 11, 0, tzinfo=UTC))
    assert open_lead.status == "open"
    [case] = company.rows(Case, Case.case_no == won.case_no)
    assert (case.status, case.ended_at) == ("completed", won.decided_at)
    path = company.path(case.id)
    assert [
        step for step in path if step in {"first_contact", "qualify_need", "send_offer", "check_acceptance"}
    ] == [
        "first_contact",
        "qualify_need",
        "send_offer",
        "check_acceptance",
    ]
    event = company.event(case.id, "offer.won")
    assert (event.occurred_at, event.amount, event.currency) == (won.decided_at, Decimal("1500.50"), "EUR")
    [seller] = company.rows(Person, Person.key == "anna")
    assert (event.actor_id, won.owner_id) == (seller.id, seller.id)
    [offer] = company.rows(Offer)
    assert (offer.status, offer.net) == ("accepted", Decimal("1500.50"))
    times = [
        row.occurred_at
        for row in company.rows(Event, Event.case_id == case.id, Event.type == "task.completed")
    ]
    assert times == sorted(times)
    assert times[0] > won.received_at


def test_one_won_before_it_came_in_is_kept_and_flagged(company: Company) -> None:
    given = {"counts_as_new": True, "won": {"column": "Won", "values": ["1"], "at": "At"}}
    report = take(company, "Created;Name;Company;Won;At\n2026-02-10;Ann;Acme;1;2026-02-09\n", given)
    assert said(report) == [(2, "created", None)]
    assert report.to_json()["lines"] == [
        {
            "line": 2,
            "outcome": "created",
            "case_no": "L-2026-000001",
            "repairs": [],
            "warnings": ["It was won before it came in: kept, and flagged."],
            "reason": None,
            "remedy": None,
        }
    ]
    [lead] = company.rows(Lead)
    assert (lead.flags, lead.status) == (["won_before_received"], "won")
    assert lead.decided_at < lead.received_at
    done = company.rows(Event, Event.type == "task.completed")
    assert {event.occurred_at for event in done} == {lead.decided_at}


def test_an_import_keeps_what_it_did(company: Company) -> None:
    take(company, 'Nome;Azienda;Note\nAnna;Rossi\n"Ugo;Verdi;x"\n')
    [run] = company.rows(ImportRun)
    assert (run.file, run.created, run.repaired, run.skipped, run.refused) == ("the file", 2, 2, 0, 0)
    assert run.mapping["columns"] == {"contact.name": "Nome", "company.name": "Azienda", "notes": "Note"}
    assert [(row.line, row.repairs) for row in company.rows(ImportRow)] == [
        (2, ["short_row"]),
        (3, ["whole_line_quoted"]),
    ]


def test_without_a_process_that_takes_leads_nothing_is_tried(database: Database) -> None:
    engine = Engine(database, catalog(), config.load(config.shipped_file()))
    with pytest.raises(NotFound) as refused:
        import_leads(engine, engine.transaction, THREE.encode(), now=NOW)
    assert refused.value.message == "No process takes in leads: none starts with the message lead.received."
    assert refused.value.remedy == "Deploy one first: `percorso deploy bpmn`."


def test_a_file_that_is_not_there_is_refused_in_a_sentence(company: Company, tmp_path: Path) -> None:
    engine = company.engine
    with pytest.raises(Invalid) as refused:
        import_leads(engine, engine.transaction, tmp_path / "none.csv", Layout(), now=NOW)
    assert refused.value.message == f"{tmp_path / 'none.csv'} cannot be read: No such file or directory."


def test_a_missing_file_of_won_leads_is_refused_before_anything_is_written(
    company: Company, tmp_path: Path
) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("Lead ID;Nome\n1;Anna\n", encoding="utf-8")
    engine = company.engine
    with pytest.raises(Invalid) as refused:
        import_leads(
            engine, engine.transaction, file, layout({"won": {"file": "deals.csv", "key": "id"}}), now=NOW
        )
    assert refused.value.message == (
        f"The file of won leads {tmp_path / 'deals.csv'} cannot be read: No such file or directory."
    )
    assert company.rows(Lead) == []


def test_a_careless_export_of_9240_leads_would_come_in_whole(company: Company, shared_data: Path) -> None:
    engine = company.engine
    file = shared_data / "xeducation" / "leads_raw_dirty.csv"
    given = layout({"won": {"column": "Converted", "values": ["1"]}})
    report = import_leads(engine, engine.transaction, file, given, now=NOW, dry_run=True)
    assert (counts(report), report.won) == ((9240, 338, 0, 0), 3561)
    assert {note.code for line in report.lines for note in line.repairs} == {"whole_line_quoted"}
    sources = {line.line: line for line in report.lines if line.worth_telling}
    assert sources[24].to_json()["repairs"] == ["The quotes around the whole line were taken off."]
