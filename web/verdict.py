"""What a check came to, as a page shows it: each file with its processes, findings and questions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from engine.bundles import Bundle
from engine.diagrams import Change
from engine.drafts import AskedKey
from engine.findings import Ask, Finding
from engine.versions import Deployed, Report
from web import words
from web.door import door

SEVERITIES = ("error", "question", "warning", "fixed", "style")
"""In the order in which they are shown."""

SIGNS: Mapping[str, str] = {
    "error": "alert-circle",
    "question": "help",
    "warning": "alert-triangle",
    "fixed": "check",
    "style": "pencil",
}
"""The icon of each severity."""

MARKS: Mapping[str, str] = {"error": "!", "question": "?", "warning": "!", "fixed": "✓", "style": "~"}
"""What stands at the element in the diagram."""


@dataclass(frozen=True)
class Question:
    """One thing to be asked, with what was answered so far."""

    name: str
    """Of its input field: a JSON list of file, element and field."""
    ask: Ask
    value: str
    options: tuple[tuple[str, str], ...]
    answered: bool
    suggested: bool
    problem: str = ""

    @property
    def kind(self) -> str:
        return self.ask.kind


@dataclass(frozen=True)
class Line:
    """One finding in the reader's language; `number` counts through the whole page."""

    number: int
    severity: str
    message: str
    remedy: str | None
    element: str | None
    name: str | None
    line: int | None
    question: Question | None = None

    @property
    def mark(self) -> str:
        """As what it is drawn: a question that is answered is settled."""
        return "fixed" if self.question and self.question.answered else self.severity


@dataclass(frozen=True)
class Process:
    """One process of a file: what deploying does to it, and what has changed since the newest version."""

    key: str
    name: str
    outcome: str
    newest: int | None
    unchanged: bool
    changes: tuple[Change, ...] = ()


@dataclass
class File:
    """One drawing, or a file beside it that something is said about."""

    index: int
    name: str
    is_drawing: bool
    processes: list[Process] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def of(self, severity: str) -> list[Line]:
        return [line for line in self.lines if line.severity == severity]

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        """Severity and findings, the gravest first; answered questions stand with the open ones."""
        shown = [(severity, self.of(severity)) for severity in SEVERITIES]
        return [(severity, lines) for severity, lines in shown if lines]

    @property
    def outcome(self) -> str:
        if self.of("error"):
            return "refused"
        if any(not line.question or not line.question.answered for line in self.of("question")):
            return "draft"
        return "deployed_with_warnings" if self.of("warning") else "deployed"

    @property
    def marks(self) -> dict[str, dict[str, Any]]:
        """For each element the findings about it, as the diagram shows them."""
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            if line.element:
                found.setdefault(line.element, []).append(line)
        marks = {}
        for element, lines in found.items():
            worst = min(lines, key=lambda line: SEVERITIES.index(line.mark))
            marks[element] = {
                "class": f"found-{worst.mark}",
                "finding": {
                    "severity": worst.mark,
                    "sign": MARKS[worst.mark] if len(lines) == 1 else str(len(lines)),
                    "text": " ".join(line.message for line in lines),
                    "target": f"finding-{worst.number}",
                },
            }
        return marks


@dataclass(frozen=True)
class Verdict:
    """All files of a draft, and what stands in the way of deploying them."""

    files: tuple[File, ...]

    @property
    def counts(self) -> Counter[str]:
        return Counter(line.severity for file in self.files for line in file.lines)

    @property
    def open_questions(self) -> int:
        asked = (line.question for file in self.files for line in file.of("question"))
        return sum(question is None or not question.answered for question in asked)

    @property
    def asked(self) -> int:
        return len(self._questions)

    @property
    def processes(self) -> list[Process]:
        return [process for file in self.files for process in file.processes]

    @property
    def outcome(self) -> str:
        """What deploying all of it would come to."""
        if self.counts["error"] or not self.processes:
            return "refused"
        if self.open_questions:
            return "draft"
        return "deployed_with_warnings" if self.counts["warning"] else "deployed"

    @property
    def is_unchanged(self) -> bool:
        return bool(self.processes) and all(process.unchanged for process in self.processes)

    @property
    def _questions(self) -> list[Question]:
        return [line.question for file in self.files for line in file.lines if line.question]


def verdict(
    report: Report,
    bundles: Sequence[Bundle],
    processes: Mapping[tuple[str, str], tuple[str, int | None, Sequence[Change]]],
    typed: Mapping[AskedKey, str] | None = None,
    problems: Mapping[AskedKey, str] | None = None,
) -> Verdict:
    """The report as the page shows it.

    `processes` gives, by file and process, name, newest version and changes; `typed` what was filled in
    but not understood, `problems` why.
    """
    files = {bundle.file: File(index, bundle.file, True) for index, bundle in enumerate(bundles)}
    answers = {bundle.file: bundle.answers for bundle in bundles}
    for number, finding in enumerate(_unlike(report.findings)):
        name = finding.file or ""
        file = files.setdefault(name, File(len(files), name, False))
        question = _question(finding, answers.get(name, {}), typed or {}, problems or {})
        file.lines.append(_line(number, finding, question))
    for one in report.processes:
        files[one.file].processes.append(_process(one, processes))
    return Verdict(tuple(files.values()))


def remarks(name: str, findings: Iterable[Finding]) -> File:
    """What is said about a file without checking it."""
    lines = [_line(number, one, None) for number, one in enumerate(findings)]
    return File(0, name, False, lines=lines)


def key_of(name: str) -> AskedKey | None:
    """File, element and field out of the name of an input; None when it is none of ours."""
    try:
        parts = json.loads(name)
    except ValueError:
        return None
    if isinstance(parts, list) and len(parts) == 3 and all(isinstance(part, str) for part in parts):
        return parts[0], parts[1], parts[2]
    return None


def name_of(key: AskedKey) -> str:
    return json.dumps(key, ensure_ascii=False)


def severity(key: str) -> str:
    """How a severity is called above its findings."""
    names: dict[str, str] = {
        "error": _("Problems"),
        "question": _("Questions"),
        "warning": _("Warnings"),
        "fixed": _("Made explicit"),
        "style": _("Style"),
    }
    return names[key]


def outcome(key: str) -> str:
    """How an outcome is called."""
    names: dict[str, str] = {
        "deployed": _("Ready to deploy"),
        "deployed_with_warnings": _("Ready to deploy, with warnings"),
        "draft": _("Draft with questions"),
        "refused": _("Refused"),
    }
    return names[key]


def _unlike(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once: a form that lies beside two drawings is read with both."""
    kept: dict[tuple[object, ...], Finding] = {}
    for one in findings:
        kept.setdefault((one.file, one.line, one.element, one.code, one.message), one)
    return list(kept.values())


def _line(number: int, finding: Finding, question: Question | None) -> Line:
    said = words.finding(finding)
    return Line(
        number,
        "question" if question else finding.severity,
        said["message"] or "",
        said["remedy"],
        finding.element,
        finding.name,
        finding.line,
        question,
    )


def _question(
    finding: Finding,
    answers: Mapping[str, Mapping[str, str]],
    typed: Mapping[AskedKey, str],
    problems: Mapping[AskedKey, str],
) -> Question | None:
    ask = finding.ask
    if ask is None:
        return None
    key = (finding.file or "", finding.element or "", ask.field)
    given = answers.get(key[1], {}).get(ask.field)
    # A role is only proposed: chosen beforehand, a wrong one would be saved unseen.
    proposed = "" if ask.kind == "role" and finding.severity == "question" else ask.suggestion or ""
    value = typed.get(key, given if given is not None else proposed)
    return Question(
        name_of(key),
        ask,
        value,
        _options(ask),
        answered=finding.severity not in ("question", "error"),
        suggested=given is None and key not in typed and bool(ask.suggestion),
        problem=problems.get(key, ""),
    )


def _options(ask: Ask) -> tuple[tuple[str, str], ...]:
    """What can be chosen, with the labels of the reader's language for roles."""
    if ask.kind != "role":
        return ask.options
    keys = [value for value, _label in ask.options] or list(door().settings.roles)
    labels = dict(ask.options)
    known = door().settings.roles
    return tuple((key, words.role(key) if key in known else labels.get(key, key)) for key in keys)


def _process(
    one: Deployed, known: Mapping[tuple[str, str], tuple[str, int | None, Sequence[Change]]]
) -> Process:
    name, newest, changed = known.get((one.file, one.process), (one.process, None, ()))
    return Process(one.process, name, one.outcome, newest, one.unchanged, tuple(changed))
