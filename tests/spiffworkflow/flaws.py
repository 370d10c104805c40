"""What SpiffWorkflow 3.2.0 does silently wrong, and how what Percorso does instead is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import feel
from engine.findings import Answers
from tests.engine.house import House
from tests.spiffworkflow.runner import Play, make_ready
from tests.spiffworkflow.steps import Step

Look = Callable[[House], None]


@dataclass(frozen=True)
class Flaw:
    """A construct, what stock SpiffWorkflow makes of it, and what must be seen of ours."""

    construct: str
    stock: str
    ours: tuple[Look, ...]


def runs(
    xml: str | Sequence[str],
    *steps: Step,
    process: str | None = "p",
    beside: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
    decisions: Mapping[str, str] | None = None,
    services: Mapping[str, Callable[..., Any]] | None = None,
    answers: Answers | None = None,
    **context: Any,
) -> Look:
    """Nothing is refused or asked, and the steps come out; `process` None: the first step begins."""
    files = [
        (f"test{number}.bpmn", text) for number, text in enumerate([xml] if isinstance(xml, str) else xml)
    ]

    def look(house: House) -> None:
        read = {key: one for text in (decisions or {}).values() for key, one in _decisions(text)}
        ready = make_ready(files, answers, **{"decisions": read, "variables": set(data or {}), **context})
        assert (wrong := ready.said("error", "question")) == [], f"{wrong}"
        house.services(**dict(services or {}))
        for text in ready.texts:
            house.deploy(text, decisions=decisions)
        if process is not None:
            for one in (process, *beside):
                house.start(one, dict(data or {}))
        playing = Play(house, (), process or "p")
        for step in steps:
            step(playing)

    return look


def refused(xml: str, code: str, element: str | None, **context: Any) -> Look:
    """The check refuses the drawing, naming that element."""
    return _said(xml, "error", code, element, context)


def asked(xml: str, code: str, element: str | None, **context: Any) -> Look:
    """The check asks its author about that element."""
    return _said(xml, "question", code, element, context)


def warned(xml: str, code: str, element: str | None, **context: Any) -> Look:
    """The check warns of that element, and lets the drawing run."""
    return _said(xml, "warning", code, element, context)


def fixed(xml: str, code: str, element: str | None, **context: Any) -> Look:
    """The check says what it has made of that element."""
    return _said(xml, "fixed", code, element, context)


def _said(xml: str, severity: str, code: str, element: str | None, context: Mapping[str, Any]) -> Look:
    def look(house: House) -> None:
        found = make_ready([("test.bpmn", xml)], **context).findings
        said = [(one.severity, one.code, one.element) for one in found]
        assert (severity, code, element) in said, f"{said}"
        assert all(one.message and (one.remedy or one.severity == "fixed") for one in found)

    return look


def _decisions(text: str) -> list[tuple[str, Any]]:
    return list(feel.read_decisions(text.encode(), "test.dmn").items())
