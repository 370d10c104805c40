"""Answers to what a drawing leaves open: they go with the version, and stand for its next one."""

from __future__ import annotations

import json
from pathlib import Path

from engine import versions
from engine.findings import Answers
from engine.tables import Version
from engine.versions import Report
from tests.diagrams.conftest import bpmn
from tests.diagrams.snippets import timed
from tests.engine.house import House


def put(house: House, folder: Path, text: bytes, answers: Answers | None = None) -> Report:
    (folder / "offer.bpmn").write_bytes(text)
    with house.engine.transaction(house.now) as tx:
        return versions.deploy(house.engine, tx, [folder], answers=answers, tag="v1")


def outcome(report: Report) -> tuple[int, list[str], int | None]:
    return report.exit_code, [one.code for one in report.findings], report.processes[0].version


def test_a_draft_is_deployed_with_its_answers_which_are_kept(house: House, tmp_path: Path) -> None:
    drawing = bpmn(timed("<timeDuration>3 giorni</timeDuration>"))
    answers = {"a": {"timer": "P3D"}}
    assert outcome(put(house, tmp_path, drawing)) == (3, ["timer_words"], None)
    assert outcome(put(house, tmp_path, drawing, answers)) == (0, ["answered"], 1)

    # The same file with the kept answers is no new version; another answer is one.
    assert outcome(put(house, tmp_path, drawing)) == (0, ["answered"], 1)
    assert outcome(put(house, tmp_path, drawing, {"a": {"timer": "P4D"}})) == (0, ["answered"], 2)
    (first, second) = house.rows(Version)
    assert (first.answers, second.answers) == (answers, {"a": {"timer": "P4D"}})
    assert (first.tag, first.xml) == ("v1", drawing)
    case = house.start("offer")
    assert house.waiting(case)[0][0] == "a"


def test_an_answer_that_nothing_asks_for_is_an_error(house: House, tmp_path: Path) -> None:
    report = put(house, tmp_path, bpmn(timed("")), {"a": {"timer": "P3D"}, "gone": {"timer": "P3D"}})

    assert outcome(report) == (1, ["answer_unknown", "answered"], None)
    assert report.findings[0].element == "gone"


def test_a_finding_says_where_it_belongs(house: House, tmp_path: Path) -> None:
    report = put(house, tmp_path, bpmn(timed("")))

    shape = json.loads(json.dumps(report.to_json()))["findings"][0]
    assert list(shape) == [
        *("file", "process", "line", "element", "name", "severity", "code", "message", "remedy", "question")
    ]
    assert (shape["file"], shape["process"], shape["element"]) == ("offer.bpmn", "offer", "a")
