"""Deploys drawings: reads, checks, and keeps each as a version with all that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from engine import bundles, diagrams, feel, parameters, spiff
from engine.bundles import FUNCTIONS, Bundle
from engine.db import Transaction
from engine.errors import PercorsoError
from engine.findings import Answers, Finding, refused
from engine.runtime import Engine
from engine.tables import Case, Version
from engine.xml import parse

OUTCOMES = ("deployed", "deployed_with_warnings", "draft", "refused")


@dataclass(frozen=True)
class _Label:
    """What whoever deploys says about a version."""

    author: str | None = None
    note: str = ""
    tag: str | None = None


@dataclass(frozen=True)
class Deployed:
    """What became of one process of a file."""

    process: str
    outcome: str
    version: int | None
    file: str
    unchanged: bool = False
    """The newest version is this very drawing with these very files: there is no new one."""

    def to_json(self) -> dict[str, Any]:
        return {"process": self.process, "outcome": self.outcome, "version": self.version}


@dataclass
class Report:
    """All findings of all files, and what became of each process."""

    findings: list[Finding] = field(default_factory=list)
    processes: list[Deployed] = field(default_factory=list)

    @property
    def held(self) -> str:
        """Why nothing is deployed, though each process has an outcome of its own; empty when all is well."""
        refused = sorted({one.file or "" for one in self.findings if one.severity == "error"})
        asking = sorted({one.file or "" for one in self.findings if one.severity == "question"})
        if refused:
            names = ", ".join(refused)
            return f"Nothing was deployed: {names} is refused, and files go in together or not at all."
        if asking:
            return f"Nothing was deployed: {', '.join(asking)} has open questions."
        return "" if self.processes else "Nothing was deployed: there is no process in these files."

    @property
    def exit_code(self) -> int:
        """0 deployed (warnings allowed), 1 refused, 3 a draft with open questions."""
        outcomes = {process.outcome for process in self.processes}
        if "refused" in outcomes or any(finding.severity == "error" for finding in self.findings):
            return 1
        return 3 if "draft" in outcomes else 0

    def to_json(self) -> dict[str, Any]:
        return {
            "findings": [finding.to_json() for finding in self.findings],
            "processes": [process.to_json() for process in self.processes],
        }


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
    return _work(engine, tx, _bundles(given), answers or {}, _Label(author, note, tag))


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
    label: _Label | None = None,
) -> Report:
    """Check all; with a label, keep all unless something speaks against it."""
    report = Report()
    drawn: list[tuple[Bundle, Any, list[Any]]] = []
    for bundle in given:
        report.findings += bundle.findings
        try:
            root = parse(bundle.xml, bundle.file)
        except PercorsoError as error:
            report.findings += refused(bundle.file, error)
            continue
        drawn.append((bundle, root, diagrams.read(root, bundle.file)))
    calls = _deployed_calls(engine, tx)
    calls.update({drawing.process: _called(drawing) for _, _, drawings in drawn for drawing in drawings})
    held = bool(report.findings)
    for bundle, root, drawings in drawn:
        context = _context(engine, tx, bundle, calls)
        found = diagrams.check(root, drawings, context, bundle.file)
        if not any(finding.severity == "error" for finding in found):
            found += _uncompilable(bundle, root, drawings)
        report.findings += found
        wrong = any(finding.severity == "error" for finding in [*found, *bundle.findings])
        # One drawing with an error or an open question holds back all that came with it.
        held = held or wrong or any(finding.severity == "question" for finding in found)
        for drawing in drawings:
            outcome = "refused" if wrong else _outcome(found)
            same = _is_same(bundle, newest(tx, drawing.process))
            report.processes.append(Deployed(drawing.process, outcome, None, bundle.file, same))
    if label is None or held:
        return report
    report.processes = [
        replace(one, version=_keep(tx, bundle, drawing, label))
        for bundle, _, drawings in drawn
        for drawing in drawings
        for one in report.processes
        if one.process == drawing.process and one.file == bundle.file
    ]
    return report


def _uncompilable(bundle: Bundle, root: Any, drawings: list[diagrams.Drawing]) -> list[Finding]:
    """What no rule has found, but would keep a case from starting."""
    findings = []
    for drawing in drawings:
        try:
            spiff.compile_specs(root, drawing.process, drawing.elements)
        except PercorsoError as error:
            findings += refused(bundle.file, error)
    return findings


def _outcome(found: list[Finding]) -> str:
    severities = {finding.severity for finding in found}
    if "question" in severities:
        return "draft"
    return "deployed_with_warnings" if "warning" in severities else "deployed"


def _deployed_calls(engine: Engine, tx: Transaction) -> dict[str, set[str]]:
    """Process -> the processes that its newest version calls."""
    processes = tx.session.scalars(select(Version.process).distinct())
    return {process: _called(engine.latest(tx, process).drawing) for process in list(processes)}


def _called(drawing: diagrams.Drawing) -> set[str]:
    return {element.called for element in drawing.elements.values() if element.called}


def _context(
    engine: Engine, tx: Transaction, bundle: Bundle, calls: Mapping[str, set[str]]
) -> diagrams.Context:
    decisions: dict[str, Any] = {}
    for file, text in bundle.decisions.items():
        decisions.update(feel.read_decisions(text.encode(), file))
    labels = [label for role in engine.settings.roles.values() for label in role.labels.values()]
    return diagrams.Context(
        roles=engine.settings.role_of_lane,
        services=lambda process, name: engine.catalog.service(process, name) is not None,
        forms=set(bundle.forms),
        decisions=decisions,
        processes=set(calls),
        parameters=set(parameters.in_force(engine.settings, tx)),
        role_names=sorted(set(labels)),
        functions=FUNCTIONS,
        calls=calls,
    )


def _keep(tx: Transaction, bundle: Bundle, drawing: Any, label: _Label) -> int:
    """A new version, unless the newest one is the same; returns its number."""
    last = newest(tx, drawing.process)
    if last is not None and _is_same(bundle, last):
        return last.number
    version = Version(
        process=drawing.process,
        number=(last.number if last is not None else 0) + 1,
        name=drawing.name or drawing.process,
        file=bundle.file,
        checksum=bundle.checksum(),
        xml=bundle.xml,
        forms=bundle.forms,
        decisions=bundle.decisions,
        texts=bundle.texts,
        author=label.author,
        note=label.note,
        tag=label.tag,
        answers={},
        created_at=tx.now,
    )
    tx.session.add(version)
    tx.session.flush()
    return version.number


def newest(tx: Transaction, process: str) -> Version | None:
    """The newest version of a process, if there is one."""
    query = select(Version).where(Version.process == process)
    return tx.session.scalar(query.order_by(Version.number.desc()).limit(1))


def _is_same(bundle: Bundle, version: Version | None) -> bool:
    return version is not None and version.checksum == bundle.checksum()


@dataclass(frozen=True)
class VersionRow:
    """A version as lists show it."""

    id: int
    process: str
    number: int
    name: str
    file: str
    checksum: str
    author: str | None
    note: str
    tag: str | None
    created_at: Any
    open_cases: int
    cases: int


def versions(tx: Transaction, process: str | None = None) -> list[VersionRow]:
    """Every version of a process (or of all), newest first, with how many cases run on it."""
    open_cases = func.count().filter(Case.status.in_(("open", "stuck", "incident")))
    counts = {
        row[0]: (row[1], row[2])
        for row in tx.session.execute(
            select(Case.version_id, open_cases, func.count()).group_by(Case.version_id)
        )
    }
    query = select(
        Version.id,
        Version.process,
        Version.number,
        Version.name,
        Version.file,
        Version.checksum,
        Version.author,
        Version.note,
        Version.tag,
        Version.created_at,
    ).order_by(Version.process, Version.number.desc())
    if process is not None:
        query = query.where(Version.process == process)
    rows = tx.session.execute(query).all()
    found = [(row._asdict(), *counts.get(row.id, (0, 0))) for row in rows]
    return [VersionRow(**columns, open_cases=now, cases=ever) for columns, now, ever in found]
