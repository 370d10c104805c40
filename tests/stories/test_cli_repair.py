"""Cases that cannot go on, from the command line: listed, tried again, corrected, skipped, moved, cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.drawing import both, bpmn, end, start, user, xor
from tests.stories.command import Percorso, at_work

WAY = bpmn(
    "way", start("begin"), user("ask"), xor("which"), user("a"), user("b"), end("done"), end("over"),
    "begin > ask > which", "which > a [n = 1]", "which > b [n = 2]", "a > done", "b > over",
    lanes={"Sales": ["begin", "ask", "which", "a", "b", "done", "over"]},
)  # fmt: skip
PAIR = bpmn(
    "pair", start("begin"), both("split"), user("a"), user("b"), both("join"), user("after"), end("done"),
    "begin > split", "split > a > join", "split > b > join", "join > after > done",
    lanes={"Sales": ["begin", "split", "a", "b", "join", "after", "done"]},
)  # fmt: skip
HOUR = ("--now", "2026-03-02T10:00Z")


@pytest.fixture
def percorso(database_url: str, tmp_path: Path) -> Iterator[Percorso]:
    """The command on a prepared database with a manager, a seller, and a drawing that may fail."""
    made = at_work(database_url, tmp_path)
    (made.folder / "way.bpmn").write_text(WAY, encoding="utf-8")
    made.json("deploy", "way.bpmn")
    made.json("people", "add", "carla", "--role", "sales_manager")
    made.json("people", "add", "ada", "--role", "sales_rep")
    yield made


def failed(percorso: Percorso, **data: object) -> str:
    """The number of a case that found no way."""
    with percorso.pipe() as call:
        case = call("start", "way", "--data", data, *HOUR)
        left = call("complete", case["open_tasks"][0]["id"], "--data", {"n": 3}, *HOUR)
    assert (left["status"], left["open_tasks"]) == ("incident", [])
    return str(left["case_no"])


def test_incidents_say_where_why_and_since_when(percorso: Percorso) -> None:
    assert percorso.json("incidents") == []
    case_no = failed(percorso)
    [found] = percorso.json("incidents")
    assert found == {
        "id": found["id"], "case": found["case"], "case_no": case_no, "process": "way", "element": "which",
        "kind": "no_way", "reason": "none of its conditions is true and it has no default arrow",
        "remedy": "Correct the data or mark one arrow as the default.", "since": "2026-03-02T10:00:00Z",
        "attempts": 1, "next_try": None,
    }  # fmt: skip
    said = percorso.run("incidents").stdout
    assert case_no in said and "2026-03-02 11:00" in said
    shown = percorso.json("case", case_no)
    assert (shown["incidents"], shown["stuck"]) == ([found], [])
    [place] = shown["places"]
    assert (place["element"], place["failing"]) == ("which", True)
    assert [way["to"] for way in place["ways"]] == ["a", "b"]
    assert "Failed at which (1 times): none of its conditions" in percorso.run("case", case_no).stdout


def test_each_repair_lets_the_case_go_on_and_stays_in_its_history(percorso: Percorso) -> None:
    case_no = failed(percorso)
    why = ("--reason", "the customer called", "--as", "carla")
    assert percorso.json("repair", "retry", case_no, "--as", "carla")["status"] == "incident"
    left = percorso.json("repair", "set", case_no, "--data", '{"n": 2}', "--retry", *why)
    assert [task["element"] for task in left["open_tasks"]] == ["b"]
    shown = percorso.json("repair", "move", case_no, "b", "a", "--preview")
    assert [[one["element"] for one in shown[key]] for key in ("cancelled", "opened")] == [["b"], ["a"]]
    assert percorso.json("case", case_no)["open_tasks"][0]["element"] == "b"
    revision = str(shown["revision"])
    left = percorso.json("repair", "move", case_no, "b", "a", "--revision", revision, *why)
    assert [task["element"] for task in left["open_tasks"]] == ["a"]
    late = percorso.run("repair", "move", case_no, "a", "b", "--revision", revision, *why)
    assert (late.returncode, "The case has changed since the move was shown." in late.stderr) == (1, True)
    assert percorso.json("repair", "skip", case_no, "a", *why)["status"] == "completed"
    history = percorso.json("case", case_no)["events"]
    done = [(one["actor"], one["attrs"]["kind"]) for one in history if one["type"] == "case.repaired"]
    assert done == [("carla", kind) for kind in ("retry", "set", "move", "skip")]
    assert "the customer called" not in str(history)


def test_a_gateway_is_skipped_by_an_arrow_and_a_case_cancelled(percorso: Percorso) -> None:
    case_no = failed(percorso)
    refused = percorso.run("repair", "skip", case_no, "which", "--reason", "x")
    assert (refused.returncode, "The arrows lead to: a (" in refused.stderr) == (1, True)
    flow = percorso.json("case", case_no)["places"][0]["ways"][1]["flow"]
    left = percorso.json("repair", "skip", case_no, "which", "--flow", flow, "--reason", "x")
    assert [task["element"] for task in left["open_tasks"]] == ["b"]
    assert percorso.json("repair", "cancel", case_no, "--reason", "x")["status"] == "cancelled"
    assert percorso.json("tasks") == []
    again = percorso.run("repair", "cancel", case_no, "--reason", "x", "--json")
    assert (again.returncode, '"code":"case_over"' in again.stdout) == (1, True)


def test_a_stuck_case_says_for_what_it_waits(percorso: Percorso) -> None:
    (percorso.folder / "pair.bpmn").write_text(PAIR, encoding="utf-8")
    percorso.json("deploy", "pair.bpmn")
    case_no = percorso.json("start", "pair")["case_no"]
    percorso.json("repair", "skip", case_no, "a", "--reason", "x")
    left = percorso.json("repair", "move", case_no, "b", "done", "--reason", "a mistake")
    assert (left["status"], left["open_tasks"]) == ("stuck", [])
    [found] = percorso.json("case", case_no)["stuck"]
    assert (found["element"], found["reason"]) == ("join", "nothing can come any more from “b”")
    assert [one["kind"] for one in percorso.json("incidents")] == ["stuck"]
    assert "Stuck at join: nothing can come any more from “b”." in percorso.run("case", case_no).stdout
    assert percorso.json("repair", "skip", case_no, "join", "--reason", "x")["status"] == "open"


def test_who_may_not_repair_is_told_so_and_a_reason_is_asked_for(percorso: Percorso) -> None:
    case_no = failed(percorso)
    refused = percorso.run("repair", "retry", case_no, "--as", "ada")
    assert (refused.returncode, "ada may not repair cases." in refused.stderr) == (1, True)
    assert percorso.run("repair", "cancel", case_no).returncode == 2
    silent = percorso.run("repair", "move", case_no, "which", "a")
    assert (silent.returncode, "Say why" in silent.stderr) == (1, True)
    assert percorso.run("repair", "dismiss", "1").returncode == 1
