"""Messages by commands: sent once, listed, attached, tried again, dismissed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.engine.drawing import bpmn, catch, end, start, user
from tests.stories.command import Percorso, at_work, on_a_file

REPLY = bpmn(
    "reply", start("begin"), user("prepare"), catch("answered", "reply"), user("read"), end("done"),
    "begin > prepare > answered > read > done", lanes={"Sales": ["prepare", "read"]},
)  # fmt: skip
WAIT = bpmn(
    "wait", start("begin"), catch("answered", "reply"), user("read"), end("done"),
    "begin > answered > read > done", lanes={"Sales": ["read"]},
)  # fmt: skip


@pytest.fixture
def percorso(database_url: str, tmp_path: Path) -> Percorso:
    """The command on a database of each kind."""
    return at_work(database_url, tmp_path)


@pytest.fixture
def on_sqlite(sqlite_template: Path, tmp_path: Path) -> Percorso:
    return on_a_file(sqlite_template, tmp_path)


def draw(percorso: Percorso) -> str:
    (percorso.folder / "reply.bpmn").write_text(REPLY, encoding="utf-8")
    (percorso.folder / "wait.bpmn").write_text(WAIT, encoding="utf-8")
    return "."


def states(call: Any, *more: str) -> list[tuple[int, str, str | None]]:
    return [(one["id"], one["state"], one["case_no"]) for one in call("messages", *more)]


def test_an_unmatched_message_is_listed_attached_tried_again_and_dismissed(percorso: Percorso) -> None:
    with percorso.pipe() as call:
        call("deploy", draw(percorso))
        call("people", "add", "carla", "--name", "Carla Neri", "--role", "sales_manager")
        first, second = (call("start", "wait", "--data", {"lead_id": 7}) for _ in range(2))
        ambiguous = call("send", "reply", "--key", "lead_id=7", "--payload", {"text": "Yes", "amount": 2.5})
        kept = call("send", "reply", "--key", "lead_id=8", "--id", "<1@mail>")
        again = call("send", "reply", "--key", "lead_id=7", "--id", "<1@mail>")
        listed = call("messages")
        shown = call("message", "show", 1)
        attached = call("message", "attach", 1, second["case_no"], "--as", "carla")
        early = call("start", "reply", "--data", {"lead_id": 1})
        bound = call("message", "attach", 2, early["case_no"])
        bound_list = states(call)
        done = call("complete", early["open_tasks"][0]["id"], "--data", {})
        third = call("send", "nobody.waits")["message"]["id"]
        retried = call("message", "retry", third)
        dismissed = call("message", "dismiss", third, "--reason", "Of no use", "--as", "carla")
        history = call("case", second["case_no"])["events"]
        left = (states(call), states(call, "--state", "all"))

    assert ambiguous["error"]["code"] == "message_ambiguous"
    assert ambiguous["message"] == {"id": 1, "state": "failed", "repeated": False}
    assert (kept["case"], kept["message"]) == (None, {"id": 2, "state": "kept", "repeated": False})
    assert again["message"] == {"id": 2, "state": "kept", "repeated": True}
    assert list(listed[0]) == [
        *("id", "name", "external_id", "keys", "received_at", "state", "reason", "note", "attempts"),
        *("next_try", "case_no"),
    ]
    assert [(one["id"], one["state"], one["reason"], one["external_id"]) for one in listed] == [
        (1, "failed", "message_ambiguous", None),
        (2, "kept", None, "<1@mail>"),
    ]
    assert shown["payload"] == {"text": "Yes", "amount": 2.5}
    assert [(one["case_no"], one["waits"], one["same_ids"]) for one in shown["candidates"]] == [
        (second["case_no"], True, True),
        (first["case_no"], True, True),
    ]
    assert [task["element"] for task in attached["open_tasks"]] == ["read"]
    assert ("message.attached", "carla") in [(event["type"], event["actor"]) for event in history]
    assert (bound["case"], bound["message"]["state"]) == (None, "kept")
    assert bound_list == [(2, "kept", early["case_no"])]
    assert [task["element"] for task in done["open_tasks"]] == ["read"]
    assert retried["message"]["state"] == "kept"
    assert (dismissed["state"], dismissed["note"]) == ("dismissed", "Of no use")
    assert left == (
        [],
        [(1, "matched", second["case_no"]), (2, "matched", early["case_no"]), (third, "dismissed", None)],
    )


def test_people_read_what_has_become_of_a_message(on_sqlite: Percorso) -> None:
    on_sqlite.json("deploy", draw(on_sqlite))
    for _ in range(2):
        on_sqlite.json("start", "wait", "--data", '{"lead_id": 7}')
    refused = on_sqlite.run("send", "reply", "--key", "lead_id=7")
    assert refused.returncode == 1
    assert refused.stdout == "The message is kept as number 1 (`percorso message show 1`).\n"
    assert "2 cases wait for “reply”" in refused.stderr
    lines = on_sqlite.run("messages").stdout.splitlines()
    assert lines[0].split() == ["MESSAGE", "NAME", "KEYS", "RECEIVED", "STATE", "REASON", "CASE"]
    assert lines[1].split()[:3] == ["1", "reply", "lead_id=7"]
    shown = on_sqlite.run("message", "show", "1").stdout
    assert "Message 1: reply, failed" in shown
    assert [line.split() for line in shown.splitlines()[-2:]] == [
        ["C-2026-000002", "yes", "yes"],
        ["C-2026-000001", "yes", "yes"],
    ]
    assert on_sqlite.run("message", "dismiss", "1", "--reason", "Twice").stdout == (
        "Message 1 “reply” is dismissed.\n"
    )
    assert on_sqlite.run("messages").stdout == "There are no messages that wait for a case.\n"


REFUSALS = (
    (["message", "show", 99], "message_unknown"),
    (["message", "attach", 99, "1"], "case_unknown"),
    (["message", "dismiss", 99, "--reason", "x"], "message_unknown"),
    (["message", "dismiss", 99], "usage"),
    (["message", "retry", "x"], "usage"),
    (["message", "retry", 1, "--as", "nobody"], "person_unknown"),
    (["send", ""], "message_name"),
    (["send", "x", "--id", " "], "message_id"),
    (["send", "x", "--key", f"lead_id={'7' * 101}"], "message_key"),
    (["send", "x", "--payload", '{"a": NaN}'], "usage"),
    (["send", "x", "--payload", "[1]"], "usage"),
    (["send", "x", "--payload", {"a": "x" * 66_000}], "value_refused"),
    (["send", "x", "--payload", '{"a":' * 600 + "1" + "}" * 600], "payload_refused"),
)


def test_what_is_refused_is_said_and_not_stored(on_sqlite: Percorso) -> None:
    with on_sqlite.pipe() as call:
        codes = [call(*words)["error"]["code"] for words, _ in REFUSALS]
        stored = call("messages", "--state", "all")

    assert codes == [code for _, code in REFUSALS]
    assert stored == []


def test_a_message_whose_sender_was_killed_is_delivered_by_the_next_tick(
    on_sqlite: Percorso,
) -> None:
    on_sqlite.json("deploy", draw(on_sqlite))
    case = on_sqlite.json("start", "wait", "--data", '{"lead_id": 7}')
    on_sqlite.json("send", "reply", "--key", "lead_id=8")
    with sqlite3.connect(on_sqlite.folder / "percorso.db") as database:
        database.execute(
            "UPDATE inbound_messages SET keys = '{\"lead_id\":\"7\"}', match_state = 'received', next_try = received_at"
        )
    assert on_sqlite.json("tick")["messages"] == 1
    assert [task["element"] for task in on_sqlite.json("case", case["case_no"])["open_tasks"]] == ["read"]
