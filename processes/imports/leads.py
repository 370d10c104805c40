"""Imports leads from a CSV file: each row starts a case at its own date, once and for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exc, select

from engine import messages
from engine.db import Transaction
from engine.errors import Invalid, NotFound, PercorsoError, SetupError
from engine.runtime.view import failure
from engine.tables import Case
from engine.values import Value
from processes.imports import deals, rows, table
from processes.imports.deals import Deal, Deals
from processes.imports.mapping import Layout, Plan, plan
from processes.imports.notes import Note, note
from processes.imports.replay import replay
from processes.imports.report import ImportReport, Line
from processes.imports.rows import Candidate
from processes.records import ImportRow, ImportRun, Lead
from processes.records.fetch import fetch

if TYPE_CHECKING:
    from engine.runtime import Engine

BATCH = 200
"""Leads that go into one transaction: a crash loses at most these, and the next run takes them up."""

KEYS_AT_ONCE = 500

_SUBJECT = select(Case.subject_kind, Case.subject_id).where(Case.id == bindparam("case"))

Transactions = Callable[[datetime], AbstractContextManager[Transaction]]
Progress = Callable[[int, int], None]


@dataclass
class Job:
    """What one import works with, held together."""

    engine: Engine
    transactions: Transactions
    plan: Plan
    deals: Deals
    now: datetime
    run_id: int | None = None


def import_leads(
    engine: Engine,
    transactions: Transactions,
    file: Path | bytes,
    layout: Layout | None = None,
    *,
    now: datetime,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Take in the leads of a file, given by its path or its bytes; `transactions` opens a unit of work.

    Each new row sends `lead.received` at its own date, and is played on to its end if the mapping
    says that it was won. A row whose identifier or content came in before creates nothing. With
    `dry_run` nothing is written, and the report says what would be. `progress(done, of)` is called
    after each batch. Raises Invalid for a file or a mapping that cannot be used; a row that cannot
    be used is refused in the report.
    """
    name, data = (file.name, _bytes(file)) if isinstance(file, Path) else ("the file", file)
    layout = layout or Layout()
    read = table.read(data, name, encoding=layout.encoding, delimiter=layout.delimiter)
    fitted = plan(layout, read, engine.settings.zone)
    won = deals.read(read, fitted, file.parent if isinstance(file, Path) else None)
    report = ImportReport(read, fitted, dry_run, problems=list(won.problems))
    candidates = [rows.candidate(row, read, fitted, now) for row in read.rows]
    report.problems += _without_lead(won, candidates)
    with transactions(now) as tx:
        _check_intake(engine, tx)
        known = _known(tx, candidates)
    todo = _sift(candidates, known, report)
    job = Job(engine, transactions, fitted, won, now)
    if dry_run:
        report.lines += [_line(each, job.deals.of(each.external_id, each.line)) for each in todo]
    else:
        _work(job, todo, report, progress)
    report.lines.sort(key=lambda line: line.line)
    return report


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Invalid(
            "file_unreadable",
            "{path} cannot be read: {reason}.",
            where=str(file),
            remedy="Check its name, and that you may read it.",
            path=file,
            reason=error.strerror or error,
        ) from None


def _check_intake(engine: Engine, tx: Transaction) -> None:
    if engine.started_by(tx, "lead.received") is None:
        raise NotFound(
            "intake_missing",
            "No process takes in leads: none starts with the message lead.received.",
            where="lead.received",
            remedy="Deploy one first: `percorso deploy bpmn`.",
        )


def _without_lead(won: Deals, candidates: Sequence[Candidate]) -> list[Note]:
    here = {each.external_id for each in candidates}
    missing = [key for key in won.by_id if key not in here]
    if not missing:
        return []
    text = "{count} of the won leads are not in this file, the first is “{key}”."
    return [note("deal_without_lead", text, count=len(missing), key=missing[0])]


# --- Which rows are new ---------------------------------------------------------------------------


def _known(tx: Transaction, candidates: Sequence[Candidate]) -> dict[str, ImportRow]:
    """Rows that came in before, by key and by content."""
    found: dict[str, ImportRow] = {}
    for column, keys in (
        (ImportRow.content_key, [each.content_key for each in candidates]),
        (ImportRow.key, [each.key for each in candidates]),
    ):
        for start in range(0, len(keys), KEYS_AT_ONCE):
            query = select(ImportRow).where(column.in_(keys[start : start + KEYS_AT_ONCE]))
            for row in tx.session.scalars(query):
                tx.session.expunge(row)
                found[row.key if column is ImportRow.key else row.content_key] = row
    return found


def _sift(
    candidates: Sequence[Candidate], known: Mapping[str, ImportRow], report: ImportReport
) -> list[Candidate]:
    """The rows to create, the oldest first; the others go into the report."""
    first: dict[str, Candidate] = {}
    todo: list[Candidate] = []
    for each in candidates:
        before = known.get(each.key) or known.get(each.content_key)
        twin = first.setdefault(each.key, each)
        if each.refusal is not None:
            report.lines.append(Line(each.line, "refused", warnings=each.warnings, reason=each.refusal))
        elif before is not None:
            report.lines.append(Line(each.line, "skipped", before.lead_id, reason=_again(each, before)))
        elif twin is not each:
            report.lines.append(Line(each.line, "skipped", reason=_twice(each, twin)))
        else:
            todo.append(each)
    return sorted(todo, key=lambda each: each.received_at)


def _again(each: Candidate, before: ImportRow) -> Note:
    if before.content_key == each.content_key:
        return note("already_there", "Already there: it came in by an earlier import.")
    return note(
        "already_there_changed",
        "Already there under “{id}”, with other content; nothing was changed.",
        "Change the lead itself, if what this line says is right.",
        id=each.external_id or "",
    )


def _twice(each: Candidate, twin: Candidate) -> Note:
    if twin.content_key == each.content_key:
        return note("twice_in_file", "The same as line {line}.", line=twin.line)
    return note(
        "id_twice_in_file",
        "The identifier “{id}” is that of line {line} too, with other content.",
        "Correct one of the two identifiers.",
        id=each.external_id or "",
        line=twin.line,
    )


# --- Writing --------------------------------------------------------------------------------------


def _work(job: Job, todo: Sequence[Candidate], report: ImportReport, progress: Progress | None) -> None:
    for start in range(0, len(todo), BATCH):
        batch = todo[start : start + BATCH]
        report.lines += _together(job, report, batch)
        if progress is not None:
            progress(start + len(batch), len(todo))


def _together(job: Job, report: ImportReport, batch: Sequence[Candidate]) -> list[Line]:
    """Write a batch in one transaction; what cannot be written is undone alone."""
    with job.transactions(job.now) as tx:
        run_id, lines = job.run_id, []
        for each in batch:
            try:
                with tx.savepoint():
                    number = run_id or _begin(job, tx, report)
                    line = _create(job, tx, each, number)
            except SetupError:
                raise
            except (PercorsoError, exc.IntegrityError, exc.DataError) as error:
                line = _not_written(tx, each, error)
            else:
                run_id = number
            lines.append(line)
        tx.now = job.now
        if run_id is not None:
            _count(job, tx, run_id, lines)
    job.run_id = run_id
    return lines


def _not_written(tx: Transaction, each: Candidate, error: Exception) -> Line:
    if isinstance(error, exc.DBAPIError):
        if tx.session.scalar(select(ImportRow.id).where(ImportRow.key == each.key)) is not None:
            why = note("already_there", "Already there: another import took it in at the same time.")
            return Line(each.line, "skipped", reason=why)
        reason = str(error.orig).split("\n")[0]
        why = note("not_storable", "The database does not take it: {reason}.", reason=reason)
    else:
        assert isinstance(error, PercorsoError)
        why = note("case_failed", "{reason}", "{todo}", reason=error.message, todo=error.remedy or "")
    return Line(each.line, "refused", warnings=each.warnings, reason=why)


def _begin(job: Job, tx: Transaction, report: ImportReport) -> int:
    """Note this run, with the first lead that it creates."""
    run = ImportRun(
        kind="leads",
        file=report.table.file,
        mapping=job.plan.to_json(),
        counts_as_new=job.plan.layout.counts_as_new,
        started_at=job.now,
        created=0,
        repaired=0,
        skipped=report.skipped,
        refused=report.refused,
    )
    tx.session.add(run)
    tx.session.flush()
    return run.id


def _count(job: Job, tx: Transaction, run_id: int, lines: Sequence[Line]) -> None:
    """Add what became of a batch to its run."""
    run = tx.session.get_one(ImportRun, run_id)
    run.created += sum(line.outcome == "created" for line in lines)
    run.repaired += sum(line.outcome == "created" and bool(line.repairs) for line in lines)
    run.skipped += sum(line.outcome == "skipped" for line in lines)
    run.refused += sum(line.outcome == "refused" for line in lines)
    run.finished_at = job.now


def _create(job: Job, tx: Transaction, each: Candidate, run_id: int) -> Line:
    """Start the case of one row at its own date, and play it to its end if it was won."""
    deal = job.deals.of(each.external_id, each.line)
    tx.now = each.received_at
    started = messages.send(job.engine, tx, "lead.received", payload=_payload(job, each, deal))
    ref = started[0]
    kind, number = tx.session.execute(_SUBJECT, {"case": ref.case_id}).one()
    lead = fetch(tx.session, Lead, number) if kind == "lead" else None
    line = _line(each, deal)
    line.case_no = ref.case_no
    if lead is not None:
        line.lead_id = lead.id
        lead.external_id = lead.external_id or each.external_id
        if deal is not None and deal.at is not None and deal.at < each.received_at:
            lead.add_flag("won_before_received")
            line.warnings.append(
                note("won_before_received", "It was won before it came in: kept, and flagged.")
            )
    if deal is not None:
        line.warnings += replay(job.engine, tx, ref.case_id, each.received_at, deal)
    failed = failure(job.engine, tx, ref.case_id) if ref.failed or deal is not None else None
    if failed is not None:
        raise failed  # The row is refused, and can be taken in again.
    tx.session.add(
        ImportRow(
            run_id=run_id,
            key=each.key,
            content_key=each.content_key,
            line=each.line,
            lead_id=line.lead_id,
            repairs=[repair.code for repair in each.repairs] or None,
        )
    )
    return line


def _payload(job: Job, each: Candidate, deal: Deal | None) -> dict[str, Value]:
    """What the message carries; a deal knows the customer's name where the row does not.

    A lead that does not count as new is history, and asks nobody to call, unless it was won: that
    one is played on to its end.
    """
    payload = {**each.payload, "counts_as_new": job.plan.layout.counts_as_new or deal is not None}
    if deal is not None and deal.customer and not payload.get("company"):
        payload["company"] = {"name": deal.customer}
    return payload


def _line(each: Candidate, deal: Deal | None) -> Line:
    repairs, warnings = list(each.repairs), list(each.warnings)
    return Line(each.line, "created", won=deal is not None, repairs=repairs, warnings=warnings)
