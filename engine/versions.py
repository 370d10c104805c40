"""Deploys drawings: reads, checks, and keeps each as a version with all that belongs to it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select

from engine import diagrams, feel, forms, parameters, spiff
from engine.db import Transaction
from engine.errors import DiagramRefused, Invalid, NotFound, PercorsoError
from engine.findings import Answers, Finding
from engine.runtime import Engine
from engine.tables import Case, Version
from engine.xml import parse

FUNCTIONS = frozenset({"due", "now", "today"})
"""What expressions may call beside FEEL's own functions; engine.runtime provides them."""

OUTCOMES = ("deployed", "deployed_with_warnings", "draft", "refused")


@dataclass
class Bundle:
    """A drawing with the files that lie beside it."""

    file: str
    xml: bytes
    forms: dict[str, Any] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def checksum(self) -> str:
        parts = orjson.dumps([self.forms, self.decisions, self.texts], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(self.xml + b"\0" + parts).hexdigest()


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

    def to_json(self) -> dict[str, Any]:
        return {"process": self.process, "outcome": self.outcome, "version": self.version}


@dataclass
class Report:
    """All findings of all files, and what became of each process."""

    findings: list[Finding] = field(default_factory=list)
    processes: list[Deployed] = field(default_factory=list)

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
    engine: Engine, tx: Transaction, paths: Sequence[str | Path], *, answers: Answers | None = None
) -> Report:
    """What deploying these folders and files would do; changes nothing."""
    return _work(engine, tx, [read(path) for path in find(paths)], answers or {})


def deploy(
    engine: Engine,
    tx: Transaction,
    paths: Sequence[str | Path],
    *,
    author: str | None = None,
    note: str = "",
    tag: str | None = None,
    answers: Answers | None = None,
) -> Report:
    """Deploy folders and files: all of them, or none when one is refused or leaves a question open.

    `answers` (see engine.findings.Ask) answer what the drawings leave open; those kept with the newest
    version of a process stand in for what is not answered anew.
    """
    bundles = [read(path) for path in find(paths)]
    return _work(engine, tx, bundles, answers or {}, _Label(author, note, tag))


def find(paths: Iterable[str | Path]) -> list[Path]:
    """The .bpmn files of these files and folders (folders at any depth), in order of their names."""
    found: list[Path] = []
    for given in paths:
        path = Path(given)
        if path.is_dir():
            inside = sorted(path.rglob("*.bpmn"))
            if not inside:
                raise NotFound(
                    "drawing_missing", "There is no .bpmn file in {path}.", where=str(path), path=path
                )
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise NotFound(
                "drawing_missing",
                "There is no file or folder {path}.",
                where=str(path),
                remedy="Check the path.",
                path=path,
            )
    return found


def read(path: Path) -> Bundle:
    """A drawing with the forms, decision tables and texts that lie in its folder."""
    try:
        bundle = Bundle(path.name, path.read_bytes())
        siblings = sorted(path.parent.iterdir())
    except OSError as error:
        raise Invalid(
            "file_unreadable",
            "{path} cannot be read: {reason}.",
            where=str(path),
            remedy="Check that you may read it.",
            path=path,
            reason=error.strerror,
        ) from None
    for beside in siblings:
        try:
            if beside.suffix == ".form":
                schema = forms.read_form(beside.read_bytes(), beside.name)
                forms.compile_form(schema, beside.name)
                bundle.forms[beside.stem] = schema
            elif beside.suffix == ".dmn":
                _check_functions(feel.read_decisions(beside.read_bytes(), beside.name))
                bundle.decisions[beside.name] = beside.read_bytes().decode("utf-8")
            elif beside.name.startswith("texts.") and beside.suffix == ".toml":
                language = beside.name.split(".")[1]
                bundle.texts[language] = tomllib.loads(beside.read_text(encoding="utf-8"))
        except DiagramRefused as refused:
            bundle.findings += refused.findings
        except PercorsoError as error:
            bundle.findings.append(_finding(beside.name, error))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            wrong = Invalid(
                "file_unreadable",
                "{file} cannot be read: {reason}.",
                remedy="Correct it, or take it out of the folder of the drawing.",
                file=beside.name,
                reason=error.strerror if isinstance(error, OSError) else error,
            )
            bundle.findings.append(_finding(beside.name, wrong))
    return bundle


def _check_functions(decisions: Mapping[str, feel.Decision]) -> None:
    for decision in decisions.values():
        for function in sorted(decision.functions - FUNCTIONS):
            raise Invalid(
                "function_unknown",
                "The decision “{decision}” calls {function}(), which does not exist.",
                remedy="Besides FEEL's own functions there are: {known}.",
                decision=decision.name or decision.id,
                function=function,
                known=", ".join(sorted(FUNCTIONS)),
            )


def _work(
    engine: Engine,
    tx: Transaction,
    bundles: Sequence[Bundle],
    answers: Answers,
    label: _Label | None = None,
) -> Report:
    """Check all; with a label, keep all unless something speaks against it."""
    report = Report()
    drawn: list[tuple[Bundle, Any, list[Any]]] = []
    for bundle in bundles:
        report.findings += bundle.findings
        try:
            root = parse(bundle.xml, bundle.file)
        except PercorsoError as error:
            report.findings.append(_finding(bundle.file, error))
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
            report.processes.append(Deployed(drawing.process, outcome, None, bundle.file))
    if label is None or held:
        return report
    report.processes = [
        Deployed(one.process, one.outcome, _keep(tx, bundle, drawing, label), bundle.file)
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
            findings.append(_finding(bundle.file, error))
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
    session = tx.session
    newest = session.scalar(
        select(Version).where(Version.process == drawing.process).order_by(Version.number.desc()).limit(1)
    )
    checksum = bundle.checksum()
    if newest is not None and newest.checksum == checksum:
        return newest.number
    version = Version(
        process=drawing.process,
        number=(newest.number if newest is not None else 0) + 1,
        name=drawing.name or drawing.process,
        file=bundle.file,
        checksum=checksum,
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
    session.add(version)
    session.flush()
    return version.number


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
        Version.created_at,
    ).order_by(Version.process, Version.number.desc())
    if process is not None:
        query = query.where(Version.process == process)
    return [VersionRow(*row, *counts.get(row.id, (0, 0))) for row in tx.session.execute(query)]


def _finding(file: str, error: PercorsoError) -> Finding:
    position = getattr(error, "position", None)
    where = error.where or ""
    line = where.rpartition(":")[2]
    return Finding(
        "error",
        error.code,
        "{text}",
        file=file,
        line=int(line) if line.isdigit() else None,
        remedy_template="{remedy}" if error.remedy else None,
        params={"text": error.message, "remedy": error.remedy or "", "position": position},
    )
