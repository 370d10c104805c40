"""Everything the check of a drawing can say: one sentence and one remedy for each code."""

from __future__ import annotations

from collections.abc import Mapping

from engine.diagrams.sentences_drawing import DRAWING
from engine.diagrams.sentences_steps import STEPS
from engine.findings import Finding, Severity

SENTENCES: Mapping[str, tuple[str, str]] = {**DRAWING, **STEPS}
"""Code -> (message, remedy), English templates; `{what}` is the element's drawn name, else its id."""

SEVERITIES: Mapping[str, Severity] = {
    "lane_missing": "question",
    "lane_unknown": "question",
    "process_chosen": "fixed",
    "process_left_out": "warning",
    "default_conditional": "warning",
    "condition_label": "warning",
    "part_ignored": "warning",
    "boundary_instant": "warning",
    "error_uncaught": "warning",
    "escalation_uncaught": "warning",
    "done_twice": "warning",
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
