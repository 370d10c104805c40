"""Plays what SpiffWorkflow's tests expect of their drawings on Percorso's engine.

A case is written in our own words: which drawing, which steps, what must be open after them. Between
any two steps the case is saved and loaded, which their tests do only sometimes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import tables
from engine.bundles import FUNCTIONS
from engine.diagrams import check, read
from engine.diagrams.check import Context
from engine.findings import Finding
from engine.runtime import CaseRef
from engine.xml import parse
from tests.engine.house import House
from tests.spiffworkflow.drawings import Changes, Paper, read_paper

DATA = "tests/SpiffWorkflow/{}/data"
"""Where in a copy of SpiffWorkflow the drawings of a group of tests lie."""


@dataclass(frozen=True)
class Case:
    """What one or several of their tests expect of a drawing."""

    tests: tuple[str, ...]
    """`bpmn/events/MessagesTest::testRunThroughHappy`; `Class.test` where the name alone is not enough,
    `*` for all tests of a file or class."""
    drawings: tuple[str, ...]
    """Files below the data folder of the group, which is the first part of the test's name."""
    process: str
    steps: tuple[Callable[[Play], None], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    beside: tuple[str, ...] = ()
    """Other processes that begin too: SpiffWorkflow runs all pools of a drawing as one, Percorso each
    as a case of its own."""
    begins: bool = True
    """False: the first step begins the case."""
    refused: tuple[str, str] | None = None
    """(code, element) with which Percorso refuses the drawing; the steps wait until it does not."""
    played: bool = False
    """Whether the steps are played although the drawing is refused."""
    differs: tuple[str, ...] = ()
    """Headings in docs/spiffworkflow.md that say why Percorso does something else than the test."""

    def files(self, checkout: Path) -> list[Path]:
        folder = checkout / DATA.format(self.tests[0].partition("/")[0])
        return [folder / name for name in self.drawings]


@dataclass
class Play:
    """The cases of a drawing while the steps are played."""

    house: House
    papers: Sequence[Paper]
    process: str

    @property
    def cases(self) -> list[CaseRef]:
        """All cases: the one that was begun first, then those begun beside it or by a message."""
        return [CaseRef(row.id, row.case_no, row.process, row.status) for row in self.house.rows(tables.Case)]

    def name(self, element: str) -> str:
        """The drawn name of an element; its id if it has none."""
        return next((paper.names[element] for paper in self.papers if element in paper.names), element)

    def tasks(self) -> list[tuple[int, str, str]]:
        """(number, id of the element, its name) of every open task."""
        return [
            (int(task["id"]), task["element"], " ".join(task["name"].split()))
            for case in self.cases
            for task in self.house.view(case).open_tasks
        ]

    def called(self, wanted: str) -> list[int]:
        """The open tasks with that name or id."""
        return [number for number, element, name in self.tasks() if wanted in (element, name)]

    def path(self) -> list[str]:
        """The elements that the cases have passed, by id."""
        return [element for case in self.cases for element in self.house.path(case)]


def play(house: House, case: Case, files: Sequence[Path]) -> None:
    """Deploy the drawings and take every step; an AssertionError says what came otherwise."""
    papers = [read_paper(file, case.changes) for file in files]
    case.changes.all_used(papers)
    wrong = refusals(papers)
    if case.refused is not None:
        assert case.refused in wrong, f"refused for other reasons: {wrong}"
        if not case.played:
            return
    else:
        assert wrong == [], f"refused: {wrong}"
    for paper in papers:
        house.deploy(paper.xml)
    playing = Play(house, papers, case.process)
    if case.begins:
        for process in (case.process, *case.beside):
            house.start(process, dict(case.data))
    for step in case.steps:
        step(playing)


def refusals(papers: Sequence[Paper]) -> list[tuple[str, str | None]]:
    """(code, element) of every error that the check finds. Any lane, form and service is there."""
    found = findings([(paper.file, paper.xml) for paper in papers])
    return [(finding.code, finding.element) for finding in found if finding.severity == "error"]


def findings(files: Sequence[tuple[str, str]], **changes: Any) -> list[Finding]:
    """What the check says of drawings (name and text of each) that are deployed together."""
    drawn = []
    for file, xml in files:
        root = parse(xml.encode(), file)
        drawn.append((file, root, read(root, file)))
    calls = {
        drawing.process: [element.called for element in drawing.elements.values() if element.called]
        for _, _, drawings in drawn
        for drawing in drawings
    }
    known: dict[str, Any] = {
        "roles": lambda lane: "somebody",
        "services": lambda process, name: True,
        "forms": _Everything(),
        "decisions": {},
        "processes": set(calls),
        "parameters": set(),
        "functions": FUNCTIONS,
        "calls": calls,
    }
    context = Context(**{**known, **changes})
    return [finding for file, root, drawings in drawn for finding in check(root, drawings, context, file)]


class _Everything(set[str]):
    """Holds whatever is asked for."""

    def __contains__(self, key: object) -> bool:
        return True
