"""Answers the questions of a draft at random and deploys it."""

from __future__ import annotations

from pathlib import Path
from random import Random

from benchmarks.corpus.plays import NOW
from engine import versions
from engine.findings import Ask
from engine.runtime import Engine

ROUNDS = 6
"""An answer may raise the next question."""

SENSIBLE = {"list": ("=[1, 2]",), "condition": ("=true",), "loop": ("=false",)}
"""What somebody would answer who wants the case to reach an end, by the question's field."""

ANYTHING = {
    "duration": ("PT4H", "P2D", "P1W"),
    "date": ("2026-04-01T09:00:00+02:00",),
    "cycle": ("R3/PT1H",),
    "expression": ("=true",),
    "message": ("something.happened",),
    "text": ("something",),
}
"""What somebody may answer where nothing is offered."""


def deploy(engine: Engine, file: Path, random: Random) -> versions.Report:
    """Deploy a file; `random` decides the answers."""
    answers: dict[str, dict[str, str]] = {}
    for _ in range(ROUNDS):
        with engine.transaction(NOW) as tx:
            report = versions.deploy(engine, tx, [file], answers=answers)
        asked = [one for one in report.findings if one.severity == "question" and one.ask and one.element]
        if not asked:
            break
        for finding in asked:
            assert finding.ask is not None
            answers.setdefault(finding.element or "", {})[finding.ask.field] = _answer(finding.ask, random)
    return report


def _answer(ask: Ask, random: Random) -> str:
    if ask.options:
        return random.choice(ask.options)[0]
    return random.choice(SENSIBLE.get(ask.field) or ANYTHING.get(ask.kind, ANYTHING["text"]))
