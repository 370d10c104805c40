"""Deploying by command: answers from a file, drafts for what is open, and words for what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.stories.command import Percorso, at_work, draw, on_a_file

QUOTE = Path(__file__).resolve().parents[1] / "pages" / "uploads" / "quote_request.bpmn"
BARE = Path(__file__).resolve().parents[1] / "diagrams" / "vendors" / "bonita.bpmn"
KEYS = ["file", "process", "line", "element", "name", "severity", "code", "message", "remedy"]


@pytest.fixture
def percorso(database_url: str, tmp_path: Path) -> Percorso:
    return at_work(database_url, tmp_path)


@pytest.fixture
def on_sqlite(sqlite_template: Path, tmp_path: Path) -> Percorso:
    return on_a_file(sqlite_template, tmp_path)


def answer(percorso: Percorso, text: str) -> str:
    (percorso.folder / "answers.toml").write_text(text, encoding="utf-8")
    return "answers.toml"


def told(percorso: Percorso, *words: str) -> tuple[int, Any]:
    done = percorso.run(*words, "--json")
    return done.returncode, json.loads(done.stdout)


def test_what_is_open_is_kept_as_a_draft_until_a_file_answers_it(percorso: Percorso) -> None:
    percorso.json("people", "add", "diana", "--name", "Diana Galli", "--role", "cdo")
    code, first = told(percorso, "deploy", str(QUOTE), "--as", "diana")
    again = told(percorso, "deploy", str(QUOTE), "--as", "diana")
    answers = answer(percorso, '[Wait_1]\ntimer = "2 giorni"\n')
    words = [
        "deploy",
        str(QUOTE),
        "--answers",
        answers,
        "--note",
        "First",
        "--tag",
        "2026-1",
        "--as",
        "diana",
    ]
    done = percorso.json(*words)
    unchanged = percorso.run(*words)

    assert (code, first["draft"]) == (3, 1)
    assert first["processes"] == [{"process": "quote_request", "outcome": "draft", "version": None}]
    assert first["message"] == "Nothing was deployed: quote_request.bpmn has open questions."
    [question] = [finding for finding in first["findings"] if finding["severity"] == "question"]
    assert list(question)[: len(KEYS)] == KEYS
    assert question["question"] == {"field": "timer", "kind": "duration", "options": [], "suggestion": "P3D"}
    assert (again[0], again[1]["draft"]) == (3, 1)
    assert done["processes"] == [{"process": "quote_request", "outcome": "deployed", "version": 1}]
    assert set(done) == {"findings", "processes"}
    assert (unchanged.returncode, "quote_request: version 1 is unchanged" in unchanged.stdout) == (0, True)


def test_checking_says_what_deploying_would_come_to_and_keeps_nothing(on_sqlite: Percorso) -> None:
    asked = told(on_sqlite, "check", str(QUOTE))
    answered = told(on_sqlite, "check", str(QUOTE), "--answers", answer(on_sqlite, 'Wait_1.timer = "P2D"'))
    deployed = told(on_sqlite, "deploy", str(QUOTE))

    assert (asked[0], set(asked[1])) == (3, {"findings", "processes"})
    assert (answered[0], answered[1]["processes"][0]["outcome"]) == (0, "deployed")
    assert deployed[1]["draft"] == 1


@pytest.mark.parametrize("name", ["[Wait_9]", "[Wait_1]"])
def test_an_answer_to_what_nobody_asks_is_named_with_its_line(on_sqlite: Percorso, name: str) -> None:
    answers = answer(
        on_sqlite, f'# What we agreed on\n[Wait_1]\ntimer = "P2D"\n\n{name.replace("1", "2")}\nlane = "x"\n'
    )
    code, said = told(on_sqlite, "deploy", str(QUOTE), "--answers", answers)
    [wrong] = [finding for finding in said["findings"] if finding["severity"] == "error"]

    assert (code, wrong["code"], wrong["file"], wrong["line"]) == (1, "answer_unknown", "answers.toml", 6)
    assert said["message"].startswith("Nothing was deployed: answers.toml is refused")
    assert on_sqlite.json("processes") == []


def test_an_answer_that_is_no_time_is_refused_and_nothing_is_kept(on_sqlite: Percorso) -> None:
    code, said = told(
        on_sqlite, "deploy", str(QUOTE), "--answers", answer(on_sqlite, '[Wait_1]\ntimer = "soon"')
    )

    [wrong] = [finding for finding in said["findings"] if finding["code"] == "answer_wrong"]

    assert (code, wrong["element"], "draft" in said) == (1, "Wait_1", False)
    assert "neither a time such as P2D nor an expression" in wrong["message"]


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("[Wait_1", "answers.toml", "not valid TOML"),
        ('Wait_1 = "P2D"', "answers.toml:1", "stands outside of an element's table"),
        ('[Wait_1]\nother = 1\ntimer = ["P2D"]', "answers.toml:3", "is no plain value"),
        (None, "answers.toml", "cannot be read"),
    ],
)
def test_a_file_of_answers_that_cannot_be_used_is_refused(
    on_sqlite: Percorso, text: str | None, where: str, reason: str
) -> None:
    if text is not None:
        answer(on_sqlite, text)
    code, said = told(on_sqlite, "check", str(QUOTE), "--answers", "answers.toml")

    assert (code, said["error"]["code"], said["error"]["where"]) == (1, "answers_unreadable", where)
    assert reason in said["error"]["message"]


def test_a_good_file_says_what_holds_it_back_when_another_is_refused(on_sqlite: Percorso) -> None:
    good = draw(on_sqlite.folder)
    (on_sqlite.folder / "bad.bpmn").write_text("<definitions", encoding="utf-8")
    done = on_sqlite.run("deploy", good, "bad.bpmn")
    code, said = told(on_sqlite, "deploy", good, "bad.bpmn")

    assert (done.returncode, code) == (1, 1)
    assert "request can be deployed (request.bpmn)" in done.stdout
    assert "Nothing was deployed: bad.bpmn is refused, and files go in together or not at all." in done.stdout
    assert said["processes"] == [{"process": "request", "outcome": "deployed", "version": None}]
    assert said["message"] in done.stdout


def test_nobody_unknown_deploys(on_sqlite: Percorso) -> None:
    code, said = told(on_sqlite, "deploy", draw(on_sqlite.folder), "--as", "nobody")

    assert (code, said["error"]["code"]) == (1, "person_unknown")
    assert on_sqlite.json("processes") == []


def test_the_modelling_style_is_told_on_demand_and_changes_no_outcome(on_sqlite: Percorso) -> None:
    code, plain = told(on_sqlite, "check", str(BARE))
    code_with_style, asked = told(on_sqlite, "check", str(BARE), "--style")
    remarks = [one for one in asked["findings"] if one["severity"] == "style"]

    assert code_with_style == code
    assert asked["processes"] == plain["processes"]
    assert [one for one in asked["findings"] if one not in remarks] == plain["findings"]
    assert remarks
    assert all(one["code"].startswith("style_") and one["file"] == BARE.name for one in remarks)
