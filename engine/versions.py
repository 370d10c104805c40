"""Deploys drawings: reads, checks, and keeps each as a version with all that belongs to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lxml import etree
from sqlalchemy import func, select

from engine import bundles, diagrams, feel, parameters, spiff
from engine.bundles import FUNCTIONS, Bundle
from engine.db import Transaction
from engine.errors import NotFound, PercorsoError
from engine.findings import Answers, Finding, refused
from engine.runtime import Engine, plan_starts
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
    normal: dict[str, bytes] = field(default_factory=dict)
    """File -> what would be run: the drawing with all that was made explicit."""

    @property
    def held(self) -> str:
        """Why nothing is deployed, though each process has an outcome of its own; empty when all is well."""
        refused = sorted({one.file or "" for one in self.findings if one.severity == "error"})
        asking = sorted({one.file or "" for one in self.findings if one.severity == "question"})
        if refused:
            many = len({one.file for one in self.processes} | set(refused)) > 1
            together = ", and files go in together or not at all" if many else ""
            return f"Nothing was deployed: {', '.join(refused)} is refused{together}."
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
    label: _Label | None = None,
) -> Report:
    """Check all; with a label, keep all unless something speaks against it."""
    report = Report()
    drawn = [made for bundle in given if (made := _recognised(bundle, report)) is not None]
    calls = _deployed_calls(engine, tx)
    known = {*calls, *(process for _, root in drawn for process in _process_ids(root))}
    sheets = []
    for bundle, root in drawn:
        context = _context(engine, tx, bundle, known)
        packed = bundle.origin.answers if bundle.origin is not None else {}
        said = _all_answers(_kept_answers(tx, root), packed, answers, bundle.answers)
        sheets.append(_Sheet(bundle, root, diagrams.normalise(root, bundle.file, context, said), context))
    calls.update({drawing.process: _called(drawing) for sheet in sheets for drawing in sheet.drawings})
    report.findings += _unasked(answers, [sheet.normal for sheet in sheets])
    report.findings += _twice(sheets)
    held = any(finding.severity in ("error", "question") for finding in report.findings)
    for sheet in sheets:
        report.normal[sheet.bundle.file] = sheet.text
        found = sheet.check(calls)
        found += feel.check_decisions(_decisions(sheet.bundle))
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
        replace(one, version=_keep(engine, tx, sheet, drawing, label))
        for sheet in sheets
        for drawing in sheet.drawings
        for one in report.processes
        if one.process == drawing.process and one.file == sheet.bundle.file
    ]
    return report


class _Sheet:
    """A drawing that was read, and what it is when it is made explicit."""

    def __init__(
        self, bundle: Bundle, root: Any, normal: diagrams.Normalised, context: diagrams.Context
    ) -> None:
        self.bundle, self.root, self.normal, self.context = bundle, root, normal, context
        self.drawings = diagrams.read(normal.root, bundle.file)
        self.text: bytes = etree.tostring(normal.root, xml_declaration=True, encoding="UTF-8")
        """What is run."""

    @property
    def checksum(self) -> str:
        return self.bundle.checksum(self.normal.answers)

    def check(self, calls: Mapping[str, Collection[str]]) -> list[Finding]:
        """All findings, in the order of the lines."""
        context = replace(self.context, calls=calls)
        found = [
            *self.normal.findings,
            *diagrams.check(self.normal.root, self.drawings, context, self.bundle.file),
        ]
        if not any(finding.severity == "error" for finding in found):
            found += self._compiled(found)
        found += diagrams.against_schema(self.root, self.bundle.file, found)
        found.sort(key=lambda finding: finding.line or 0)
        return diagrams.with_processes(found, self.root, self.normal.root)

    def _compiled(self, found: Sequence[Finding]) -> list[Finding]:
        """What no rule has found, but would keep a case from starting, or be lost in silence."""
        carried = set()
        try:
            # What is compiled is the text that is kept, as it will be read when a case starts.
            drawings = diagrams.read(parse(self.text, self.bundle.file), self.bundle.file)
            for drawing in drawings:
                root = parse(self.text, self.bundle.file)
                carried |= spiff.carried(spiff.compile_specs(root, drawing.process, drawing.elements))
        except PercorsoError as error:
            return refused(self.bundle.file, error)
        return list(diagrams.lost(self.root, self.normal, drawings, carried, found))


def _twice(sheets: Sequence[_Sheet]) -> Iterator[Finding]:
    """Processes of the same id in two files: one would silently become the next version of the other."""
    first: dict[str, str] = {}
    for sheet in sheets:
        for drawing in sheet.drawings:
            file = first.setdefault(drawing.process, sheet.bundle.file)
            if file != sheet.bundle.file:
                yield diagrams.found(
                    "process_twice",
                    sheet.bundle.file,
                    element=drawing.process,
                    name=drawing.name,
                    other=file,
                )


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
    return {process: _called(engine.latest(tx, process).drawing) for process in list(processes)}


def _called(drawing: diagrams.Drawing) -> set[str]:
    """The processes that a drawing calls by name; those that an expression gives show when it runs."""
    called = {element.called for element in drawing.elements.values() if element.called}
    return {process for process in called if not diagrams.is_computed(process)}


def _decisions(bundle: Bundle) -> dict[str, feel.Decision]:
    found: dict[str, feel.Decision] = {}
    for file, text in bundle.decisions.items():
        found.update(feel.read_decisions(text.encode(), file))
    return found


def _context(engine: Engine, tx: Transaction, bundle: Bundle, known: Collection[str]) -> diagrams.Context:
    settings = engine.settings
    return diagrams.Context(
        roles=settings.role_of_lane,
        services=lambda process, name: engine.catalog.service(process, name) is not None,
        forms=set(bundle.forms),
        decisions=_decisions(bundle),
        processes=known,
        parameters=set(parameters.in_force(settings, tx)),
        role_options=[
            (role.key, role.labels.get(settings.language) or role.key) for role in settings.roles.values()
        ],
        variables={key for schema in bundle.forms.values() for key in _keys(schema)},
        functions=FUNCTIONS,
    )


def _keys(schema: Any) -> Iterator[str]:
    """The keys of a form's fields."""
    if isinstance(schema, dict):
        if isinstance(schema.get("key"), str):
            yield schema["key"]
        schema = schema.get("components")
    for component in schema if isinstance(schema, list) else ():
        yield from _keys(component)


def newest(tx: Transaction, process: str) -> Version | None:
    """The newest version of a process, if there is one."""
    return tx.session.scalar(
        select(Version).where(Version.process == process).order_by(Version.number.desc()).limit(1)
    )


def _keep(engine: Engine, tx: Transaction, sheet: _Sheet, drawing: diagrams.Drawing, label: _Label) -> int:
    """A new version, unless the newest one is the same; returns its number."""
    last = newest(tx, drawing.process)
    if last is not None and last.checksum == sheet.checksum:
        return last.number
    bundle, origin = sheet.bundle, sheet.bundle.origin
    version = Version(
        process=drawing.process,
        number=(last.number if last is not None else 0) + 1,
        name=drawing.name or drawing.process,
        file=bundle.file[-200:],
        checksum=sheet.checksum,
        xml=bundle.xml,
        normal=sheet.text,
        forms={**sheet.normal.forms, **bundle.forms},
        decisions=bundle.decisions,
        texts=bundle.texts,
        extras=bundle.extras,
        author=label.author or (origin.author if origin else None),
        note=label.note or (origin.note if origin else ""),
        tag=label.tag or (origin.tag if origin else None),
        answers={element: dict(fields) for element, fields in sheet.normal.answers.items()},
        created_at=tx.now,
    )
    tx.session.add(version)
    tx.session.flush()
    plan_starts(engine, tx, drawing.process)
    return version.number


def pick(tx: Transaction, process: str, number: int | None = None) -> Version:
    """A version of a process, the newest without a number. Raises NotFound naming what there is."""
    query = select(Version).where(Version.process == process).order_by(Version.number.desc())
    every = {version.number: version for version in tx.session.scalars(query)}
    if not every:
        known = ", ".join(sorted(set(tx.session.scalars(select(Version.process)))))
        raise NotFound(
            "process_unknown",
            "There is no process “{process}”.",
            where="process",
            remedy="Deployed are: {known}." if known else "Deploy one with `percorso deploy bpmn`.",
            process=process,
            known=known,
        )
    if number is not None and number not in every:
        raise NotFound(
            "version_unknown",
            "“{name}” has no version {number}.",
            where="--version",
            remedy="There are: {known}.",
            name=process,
            number=number,
            known=", ".join(map(str, sorted(every))),
        )
    return every[max(every) if number is None else number]


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
