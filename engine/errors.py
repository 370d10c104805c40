"""The one tree of errors, each a sentence for people with place, reason and remedy.

PercorsoError
├── NotFound          the thing named does not exist
├── Forbidden         this person may not do that
├── Conflict          somebody or something was faster
├── Invalid           the input is wrong; `fields` names the places
├── DiagramRefused    a diagram cannot be run; `findings` says why
├── ExpressionError   an expression cannot be read or evaluated
├── StepFailed        a step of a case failed; becomes an incident
└── SetupError        the installation cannot work as it is set up
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.findings import Finding


class PercorsoError(Exception):
    """A refusal in words: `code` for programs, templates with `{name}` for translation.

    `message` and `remedy` are English templates; doors translate the template first and
    fill in `params` afterwards, so that names from data never pass through a catalogue.
    """

    status = 400

    def __init__(
        self,
        code: str,
        message: str,
        *,
        where: str | None = None,
        remedy: str | None = None,
        **params: object,
    ) -> None:
        self.code = code
        self.template = message
        self.where = where
        self.remedy_template = remedy
        self.params = params
        super().__init__(self.message)

    @property
    def message(self) -> str:
        return self.template.format(**self.params)

    @property
    def remedy(self) -> str | None:
        return self.remedy_template.format(**self.params) if self.remedy_template else None

    def to_json(self) -> dict[str, object]:
        """`{"code", "message", "where", "remedy"}`, the shape every door answers with."""
        return {
            "code": self.code,
            "message": self.message,
            "where": self.where,
            "remedy": self.remedy,
        }


class NotFound(PercorsoError):
    """The thing named does not exist."""

    status = 404


class Forbidden(PercorsoError):
    """This person may not do that."""

    status = 403


class Conflict(PercorsoError):
    """Somebody or something was faster: the state is no longer the one expected."""

    status = 409


class Invalid(PercorsoError):
    """The input is wrong; `fields` maps each field's key to its message (a template)."""

    status = 422

    def __init__(
        self,
        code: str,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        where: str | None = None,
        remedy: str | None = None,
        **params: object,
    ) -> None:
        super().__init__(code, message, where=where, remedy=remedy, **params)
        self.fields = dict(fields or {})

    def to_json(self) -> dict[str, object]:
        return {**super().to_json(), "fields": self.fields} if self.fields else super().to_json()


class DiagramRefused(PercorsoError):
    """A diagram cannot be run as drawn; `findings` holds every reason at once."""

    status = 422

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = [finding for finding in findings if finding.severity == "error"]
        first = errors[0] if errors else findings[0]
        super().__init__(
            "diagram_refused",
            "{count} problem(s) keep this diagram from running. First: {first}",
            where=first.where,
            # A finding's own words may hold braces: they are filled in, never read as a template.
            remedy="{how}" if first.remedy else None,
            count=len(errors),
            first=first.message,
            how=first.remedy,
        )
        self.findings = list(findings)

    def to_json(self) -> dict[str, object]:
        return {**super().to_json(), "findings": [f.to_json() for f in self.findings]}


class ExpressionError(PercorsoError):
    """An expression cannot be read or evaluated; `position` counts characters from 0."""

    def __init__(self, message: str, *, text: str, position: int = 0, hint: str | None = None) -> None:
        # Braces of the user's own text must not be taken for placeholders.
        super().__init__(
            "expression",
            "{problem} (at character {column} of “{text}”)",
            remedy="{hint}" if hint else None,
            problem=message,
            column=position + 1,
            text=text if len(text) <= 200 else text[:197] + "...",
            hint=hint,
        )
        self.problem = message
        self.text = text
        self.position = position
        self.hint = hint


class StepFailed(PercorsoError):
    """A step of a case failed; an incident names the reason.

    `reason` and `remedy` are templates that `details` fill in, and `kind` says for programs what has
    failed (docs/repair.md lists them). `again`: it may pass by itself, and is tried again later.
    `undo`: not only the step, the whole action has failed and leaves nothing.
    """

    status = 409

    def __init__(
        self,
        element: str,
        name: str,
        reason: str,
        *,
        remedy: str | None = None,
        kind: str = "step",
        details: Mapping[str, object] | None = None,
        again: bool = False,
        undo: bool = False,
    ) -> None:
        self.element = element
        self.element_name = name
        self.reason_template = reason
        self.kind = kind
        self.details = dict(details or {})
        self.again = again
        self.undo = undo
        super().__init__(
            "step_failed",
            "The step “{name}” could not be done: {reason}",
            where=element,
            remedy=remedy,
            name=name,
            reason=self.reason,
        )

    @property
    def reason(self) -> str:
        return filled(self.reason_template, self.details)

    @property
    def remedy(self) -> str | None:
        return filled(self.remedy_template, self.details) if self.remedy_template else None


def filled(template: str, details: Mapping[str, object]) -> str:
    """A template with its details; without any it may hold braces of its own."""
    return template.format(**details) if details else template


class SetupError(PercorsoError):
    """The installation cannot work as it is set up (database, port, settings, built pages)."""

    status = 500
