"""What a check of a file found: one problem, in words, with its place and its remedy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "question", "warning", "fixed", "style"]


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
        return {
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            "element": self.element,
            "name": self.name,
            "line": self.line,
            "file": self.file,
        }
