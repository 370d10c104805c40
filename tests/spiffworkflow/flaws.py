"""What SpiffWorkflow 3.2.0 does silently wrong, and how what Percorso does instead is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import feel
from tests.engine.house import House
from tests.spiffworkflow.runner import Play, findings
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
) -> Look:
    """The check finds no error, and the steps come out; `process` None: the first step begins."""
    texts = [xml] if isinstance(xml, str) else list(xml)

    def look(house: House) -> None:
        read = {key: one for text in (decisions or {}).values() for key, one in _decisions(text)}
        found = findings([("test.bpmn", text) for text in texts], decisions=read)
        assert [(one.code, one.element) for one in found if one.severity == "error"] == []
        house.services(**dict(services or {}))
        for text in texts:
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
        found = findings([("test.bpmn", xml)], **context)
        assert (severity, code, element) in [(one.severity, one.code, one.element) for one in found]
        assert all(one.message and (one.remedy or one.severity == "fixed") for one in found)

    return look


def _decisions(text: str) -> list[tuple[str, Any]]:
    return list(feel.read_decisions(text.encode(), "test.dmn").items())
