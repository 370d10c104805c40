"""What a check of a file found: one problem, in words, with its place and its remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.errors import DiagramRefused, PercorsoError

Severity = Literal["error", "question", "warning", "fixed", "style"]

AskKind = Literal["duration", "date", "cycle", "expression", "choice", "role", "message", "text"]

Answers = Mapping[str, Mapping[str, str]]
"""Element id -> field of the question -> answer, as a person gave it."""


@dataclass(frozen=True)
class Ask:
    """What a finding needs to know, for a page or a file of answers to ask it."""

    field: str
    """Unique for its element: `[Timer_1]` / `timer = "P2D"` in a file of answers."""
    kind: AskKind
    options: tuple[tuple[str, str], ...] = ()
    """(value, label) of each answer there is; empty where anything of the kind will do."""
    suggestion: str | None = None
    """The answer that was given to an earlier version, or that the drawing's words seem to mean."""

    def to_json(self) -> dict[str, object]:
        return {
            "field": self.field,
            "kind": self.kind,
            "options": [{"value": value, "label": label} for value, label in self.options],
            "suggestion": self.suggestion,
        }


class Phrase(str):
    """Words that stand inside a sentence and are translated with it; reads as English by itself."""

    template: str
    params: dict[str, object]

    def __new__(cls, template: str, **params: object) -> Phrase:
        made = super().__new__(cls, template.format(**params))
        made.template, made.params = template, params
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """What a copy is made of: the words that are filled in are no template."""
        return (self.template,), self.params


@dataclass(frozen=True)
class Finding:
    """One problem; `code` for programs, `message` and `remedy` English sentences for people."""

    severity: Severity
    code: str
    template: str
    element: str | None = None
    name: str | None = None
    line: int | None = None
    file: str | None = None
    remedy_template: str | None = None
    params: dict[str, object] = field(default_factory=dict)
    process: str | None = None
    ask: Ask | None = None
    """Of a question; and of what was answered, so that the answer can be changed."""

    @property
    def message(self) -> str:
        return self.template.format(**self.params)

    @property
    def remedy(self) -> str | None:
        return self.remedy_template.format(**self.params) if self.remedy_template else None

    @property
    def where(self) -> str:
        """`file:line, element “name”`, as far as known."""
        place = f"{self.file or ''}{f':{self.line}' if self.line else ''}"
        what = f"{self.element}{f' “{self.name}”' if self.name else ''}" if self.element else ""
        return ", ".join(part for part in (place, what) if part)

    def to_json(self) -> dict[str, object]:
        shape: dict[str, object] = {
            "file": self.file,
            "process": self.process,
            "line": self.line,
            "element": self.element,
            "name": self.name,
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
        }
        return {**shape, "question": self.ask.to_json()} if self.ask else shape


def refused(file: str, error: PercorsoError) -> list[Finding]:
    """A refusal of a file as findings, in the same words."""
    if isinstance(error, DiagramRefused):
        return list(error.findings)
    line = (error.where or "").rpartition(":")[2]
    return [
        Finding(
            "error",
            error.code,
            error.template,
            file=file,
            line=int(line) if line.isdigit() else None,
            remedy_template=error.remedy_template,
            params=dict(error.params),
        )
    ]
