"""What an import has to say about a line: a code, a sentence and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Note:
    """One remark; `template` and `remedy_template` are English, filled in after translation."""

    code: str
    template: str
    remedy_template: str = ""
    params: dict[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return self.template.format(**self.params)

    @property
    def remedy(self) -> str | None:
        return self.remedy_template.format(**self.params) or None


def note(code: str, template: str, remedy: str = "", **params: object) -> Note:
    return Note(code, template, remedy, params)
