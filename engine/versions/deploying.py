"""Checks drawings together and deploys them: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine import bundles, diagrams, feel
from engine.bundles import Bundle
from engine.db import Transaction
from engine.findings import Answers, Finding
from engine.runtime import Engine
from engine.tables import Version
from engine.versions.keep import Label, keep
from engine.versions.report import Deployed, Report
from engine.versions.sheet import Sheet, called, context_of, decisions, twice
from engine.versions.stored import newest


def check(
    engine: Engine, tx: Transaction, given: Sequence[str | Path | Bundle], *, answers: Answers | None = None
) -> Report:
    """What deploying these folders, files and bundles would do; changes nothing."""
    return _work(engine, tx, _bundles(given), answers or {})


def deploy(
    engine: Engine,
    tx: Transaction,
    given: Sequence[str | Path | Bundle],
    *,
    author: str | None = None,
    note: str = "",
    tag: str | None = None,
    answers: Answers | None = None,
) -> Report:
    """Deploy folders, files and bundles: all, or none when one is refused or leaves a question open.

    `answers` (see engine.findings.Ask) answer what the drawings leave open; those kept with the newest
    version of a process stand in for what is not answered anew.
    """
    return _work(engine, tx, _bundles(given), answers or {}, Label(author, note, tag))


def style(given: Sequence[str | Path | Bundle]) -> list[Finding]:
    """What could be drawn better in these drawings (see engine.diagrams.style); no part of a check."""
    found: list[Finding] = []
    for bundle in _bundles(given):
        made = diagrams.recognise(bundle.xml, bundle.file)
        if not isinstance(made, Finding):
            found += diagrams.with_processes(diagrams.style(made.root, bundle.file), made.root)
    return found


def _bundles(given: Sequence[str | Path | Bundle]) -> list[Bundle]:
    """What lies in these places, in their order."""
    found: list[Bundle] = []
    for one in given:
        found += [one] if isinstance(one, Bundle) else [bundles.read(path) for path in bundles.find([one])]
    return found


def _work(
    engine: Engine,
    tx: Transaction,
    given: Sequence[Bundle],
    answers: Answers,
    label: Label | None = None,
) -> Report:
    """Check all; with a label, keep all unless something speaks against it."""
    report = Report()
    drawn = [made for bundle in given if (made := _recognised(bundle, report)) is not None]
    calls = _deployed_calls(engine, tx)
    known = {*calls, *(process for _, root in drawn for process in _process_ids(root))}
    sheets = []
    for bundle, root in drawn:
        context = context_of(engine, tx, bundle, known)
        packed = bundle.origin.answers if bundle.origin is not None else {}
        said = _all_answers(_kept_answers(tx, root), packed, answers, bundle.answers)
        sheets.append(Sheet(bundle, root, diagrams.normalise(root, bundle.file, context, said), context))
    calls.update({drawing.process: called(drawing) for sheet in sheets for drawing in sheet.drawings})
    report.findings += _unasked(answers, [sheet.normal for sheet in sheets])
    report.findings += twice(sheets)
    held = any(finding.severity in ("error", "question") for finding in report.findings)
    for sheet in sheets:
        report.normal[sheet.bundle.file] = sheet.text
        found = sheet.check(calls)
        found += feel.check_decisions(decisions(sheet.bundle))
        # Drawings of one folder share its tables; what is wrong with one is said once.
        report.findings += [one for one in found if one not in report.findings]
        wrong = any(finding.severity == "error" for finding in [*found, *sheet.bundle.findings])
        # One drawing with an error or an open question holds back all that came with it.
        held = held or wrong or any(finding.severity == "question" for finding in found)
        for drawing in sheet.drawings:
            outcome = "refused" if wrong else _outcome(found)
            last = newest(tx, drawing.process)
            same = last is not None and last.checksum == sheet.checksum
            report.processes.append(Deployed(drawing.process, outcome, None, sheet.bundle.file, same))
    if label is None or held:
        return report
    report.processes = [
        replace(one, version=keep(engine, tx, sheet, drawing, label))
        for sheet in sheets
        for drawing in sheet.drawings
        for one in report.processes
        if one.process == drawing.process and one.file == sheet.bundle.file
    ]
    return report


def _recognised(bundle: Bundle, report: Report) -> tuple[Bundle, Any] | None:
    report.findings += bundle.findings
    made = diagrams.recognise(bundle.xml, bundle.file)
    if isinstance(made, Finding):
        report.findings.append(made)
        return None
    report.findings += made.findings
    return bundle, made.root


def _process_ids(root: Any) -> list[str]:
    return [drawing.process for drawing in diagrams.read(root, "")]


def _kept_answers(tx: Transaction, root: Any) -> Answers:
    """The answers kept with the newest version of each process of a file."""
    kept: dict[str, Mapping[str, str]] = {}
    for process in _process_ids(root):
        version = newest(tx, process)
        kept.update(version.answers if version is not None else {})
    return kept


def _all_answers(*given: Answers) -> Answers:
    """Answers put together, field by field; the last one counts."""
    every: dict[str, dict[str, str]] = {}
    for answers in given:
        for element, fields in answers.items():
            every.setdefault(element, {}).update(fields)
    return every


def _unasked(answers: Answers, normals: Sequence[diagrams.Normalised]) -> list[Finding]:
    """Answers to what no drawing asks."""
    asked = {
        (finding.element, finding.ask.field)
        for normal in normals
        for finding in normal.findings
        if finding.ask is not None
    }
    return [
        diagrams.found("answer_unknown", "", element=element, field=field)
        for element, fields in answers.items()
        for field in fields
        if (element, field) not in asked
    ]


def _outcome(found: list[Finding]) -> str:
    severities = {finding.severity for finding in found}
    if "question" in severities:
        return "draft"
    return "deployed_with_warnings" if "warning" in severities else "deployed"


def _deployed_calls(engine: Engine, tx: Transaction) -> dict[str, set[str]]:
    """Process -> the processes that its newest version calls."""
    processes = tx.session.scalars(select(Version.process).distinct())
    return {process: called(engine.latest(tx, process).drawing) for process in list(processes)}
