"""Everything the check of a drawing can say: one sentence and one remedy for each code."""

from __future__ import annotations

from collections.abc import Mapping

from engine.diagrams.sentences_drawing import DRAWING
from engine.diagrams.sentences_files import FILES
from engine.diagrams.sentences_normal import NORMAL
from engine.diagrams.sentences_steps import STEPS
from engine.diagrams.sentences_style import STYLE
from engine.diagrams.sentences_undoing import UNDOING
from engine.findings import Finding, Severity

SENTENCES: Mapping[str, tuple[str, str]] = {
    **FILES,
    **{code: (message, remedy) for code, (_, message, remedy) in NORMAL.items()},
    **DRAWING,
    **STEPS,
    **UNDOING,
    **STYLE,
}
"""Code -> (message, remedy), English templates; `{what}` is the element's drawn name, else its id."""

SEVERITIES: Mapping[str, Severity] = {
    **{code: severity for code, (severity, _, _) in NORMAL.items()},
    **dict.fromkeys(STYLE, "style"),
    "encoding_guessed": "warning",
    "encoding_declared": "fixed",
    "namespace_blank": "fixed",
    "process_left_out": "warning",
    "schema": "warning",
    "default_conditional": "warning",
    "boundary_instant": "warning",
    "error_boundary_place": "warning",
    "error_boundary_silent": "warning",
    "error_uncaught": "warning",
    "escalation_boundary_place": "warning",
    "escalation_boundary_silent": "warning",
    "escalation_uncaught": "warning",
    "compensation_idle": "warning",
    "deadlock_possible": "warning",
    "done_twice": "warning",
    "never_reached": "warning",
    "too_big": "warning",
}
"""All others are errors: the drawing would do something else than it shows."""


def found(
    code: str,
    file: str,
    *,
    element: str | None = None,
    name: str | None = None,
    line: int | None = None,
    **params: object,
) -> Finding:
    """The finding of that code at that place, in the sentence written for it."""
    message, remedy = SENTENCES[code]
    return Finding(
        severity=SEVERITIES.get(code, "error"),
        code=code,
        template=message,
        element=element,
        name=name or None,
        line=line or None,
        file=file,
        remedy_template=remedy,
        params={"what": name or element or "", **params},
    )
