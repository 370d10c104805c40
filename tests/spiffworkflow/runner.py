"""Plays what SpiffWorkflow's tests expect of their drawings on Percorso's engine.

A case is written in our own words: which drawing, which steps, what must be open after them. Between
any two steps the case is saved and loaded, which their tests do only sometimes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lxml import etree

from engine import spiff, tables
from engine.bundles import FUNCTIONS
from engine.diagrams import Context, check, lost, normalise, read
from engine.findings import Answers, Finding
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
    given: tuple[str, ...] = ()
    """Variables that the steps give, where a condition or a time of the drawing is one by itself."""
    begins: bool = True
    """False: the first step begins the case."""
    refused: tuple[str, str] | None = None
    """(code, element) of the error for which Percorso refuses the drawing."""
    asked: tuple[str, str] | None = None
    """(code, element) of what Percorso asks before it runs the drawing."""
    told: tuple[tuple[str, str], ...] = ()
    """(code, element) of what Percorso says of the drawing and runs it."""
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
    ready = make_ready([(paper.file, paper.xml) for paper in papers], variables={*case.data, *case.given})
    assert set(case.told) <= set(ready.said("fixed", "warning")), f"told: {ready.said('fixed', 'warning')}"
    for severity, expected in (("error", case.refused), ("question", case.asked)):
        said = ready.said(severity)
        if expected is None:
            assert said == [], f"{severity}: {said}"
        assert expected is None or expected in said, f"{severity}: {said}"
    if case.refused or case.asked:
        return
    for text in ready.texts:
        house.deploy(text)
    playing = Play(house, papers, case.process)
    if case.begins:
        for process in (case.process, *case.beside):
            house.start(process, dict(case.data))
    for step in case.steps:
        step(playing)


@dataclass(frozen=True)
class Ready:
    """Drawings that are deployed together, as they are run, and what is said of them."""

    texts: Sequence[str]
    findings: Sequence[Finding]

    def said(self, *severities: str) -> list[tuple[str, str | None]]:
        """(code, element) of what is said in this way. Who does a step is no matter here."""
        return [
            (finding.code, finding.element)
            for finding in self.findings
            if finding.severity in severities and not (finding.ask and finding.ask.kind == "role")
        ]


def make_ready(files: Sequence[tuple[str, str]], answers: Answers | None = None, **changes: Any) -> Ready:
    """Make drawings (name and text of each) explicit and check them. Any lane, form and service is there."""
    roots = [(file, parse(xml.encode(), file)) for file, xml in files]
    known: dict[str, Any] = {
        "roles": lambda lane: "somebody",
        "services": lambda process, name: True,
        "forms": _Everything(),
        "decisions": {},
        "processes": {drawing.process for file, root in roots for drawing in read(root, file)},
        "parameters": set(),
        "functions": FUNCTIONS,
    }
    context = Context(**{**known, **changes})
    sheets = [(file, root, normalise(root, file, context, answers or {})) for file, root in roots]
    drawn = {file: read(normal.root, file) for file, _, normal in sheets}
    calls = {
        drawing.process: [element.called for element in drawing.elements.values() if element.called]
        for drawings in drawn.values()
        for drawing in drawings
    }
    texts, findings = [], []
    for file, root, normal in sheets:
        texts.append(etree.tostring(normal.root, encoding="unicode"))
        found = [*normal.findings, *check(normal.root, drawn[file], replace(context, calls=calls), file)]
        if all(finding.severity != "error" for finding in found):
            carried = set()
            for drawing in drawn[file]:
                copy = parse(texts[-1].encode(), file)
                carried |= spiff.carried(spiff.compile_specs(copy, drawing.process, drawing.elements))
            found += lost(root, normal, drawn[file], carried, found)
        findings += found
    return Ready(texts, findings)


class _Everything(set[str]):
    """Holds whatever is asked for."""

    def __contains__(self, key: object) -> bool:
        return True
