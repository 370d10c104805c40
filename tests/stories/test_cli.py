"""The command line as its users meet it: real processes, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import re
import resource
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.stories.command import BPMN, Percorso, at_work, draw, on_a_file

FIRST_CONTACT = {"channel_used": "phone", "outcome": "spoken"}
CASE_KEYS = ["case", "case_no", "process", "version", "status", "open_tasks", "waiting", "data"]
TASK_KEYS = ["id", "element", "name", "role", "assignee", "due_at"]


@pytest.fixture
def percorso(database_url: str, tmp_path: Path) -> Percorso:
    """The command on a prepared, empty database; each test runs on both kinds."""
    return at_work(database_url, tmp_path)


@pytest.fixture
def on_sqlite(sqlite_template: Path, tmp_path: Path) -> Percorso:
    """The same on SQLite alone, for what has nothing to do with the database."""
    return on_a_file(sqlite_template, tmp_path)


# --- A case from its beginning to its end ---------------------------------------------------------


def test_a_lead_goes_its_way_by_commands_alone(percorso: Percorso) -> None:
    percorso.json("deploy", str(BPMN))
    percorso.json("people", "add", "giulia", "--name", "Giulia Bianchi", "--role", "sales_rep")
    payload = json.dumps({"contact": {"first_name": "Anna", "email": "anna@rossi.it"}})

    started = percorso.json("send", "lead.received", "--payload", payload, "--now", "2026-03-02T10:00")
    [task] = percorso.json("tasks", "--role", "sales_rep")
    claimed = percorso.json("claim", str(task["id"]), "--as", "giulia")
    answers = json.dumps(FIRST_CONTACT)
    moved = percorso.json(
        "complete", str(task["id"]), "--data", answers, "--as", "giulia", "--now", "2026-03-02T11:00"
    )
    seen = percorso.json("case", started["case_no"])

    assert started["status"] == "open"
    assert [one["element"] for one in started["open_tasks"]] == ["first_contact"]
    assert started["waiting"] == [
        {
            "element": "first_contact_late",
            "kind": "timer",
            "name": None,
            "due_at": started["open_tasks"][0]["due_at"],
        }
    ]
    assert (task["case"], task["assignee"], task["form"]) == (started["case"], None, "first_contact")
    assert claimed == {**task, "assignee": "giulia"}
    assert [one["element"] for one in moved["open_tasks"]] == ["qualify_need"]
    assert {key: seen[key] for key in CASE_KEYS} == moved
    assert seen["visited"][0] == "lead_received"
    assert seen["visited"].index("first_contact") < seen["visited"].index("record_first_response")
    assert [event["actor"] for event in seen["events"] if event["type"] == "task.completed"] == ["giulia"]
    assert {event["at"] for event in seen["events"] if event["type"] == "case.started"} == {
        "2026-03-02T09:00:00Z"
    }


def test_the_shapes_are_those_documented(percorso: Percorso) -> None:
    with percorso.pipe() as call:
        call("deploy", draw(percorso.folder))
        started = call("start", "request", "--data", {"lead_id": 7, "price": 12.5})
        [task] = call("tasks")
        completed = call("complete", task["id"], "--data", {"outcome": "yes"})
        case = call("case", completed["case"])
        processes = call("processes")

    assert list(started) == CASE_KEYS
    assert list(started["open_tasks"][0]) == TASK_KEYS
    assert started["data"] == {"lead_id": 7, "price": 12.5}
    assert sorted(task) == sorted([*TASK_KEYS, "case", "case_no", "form", "choices"])
    assert completed["status"] == "completed"
    assert case["visited"] == ["asked", "again", "answer", "done", "answered"]
    assert processes == [
        {
            "process": "request",
            "name": "Request",
            "version": 1,
            "file": "request.bpmn",
            "open_cases": 0,
            "cases": 1,
        }
    ]


def test_a_tick_does_what_is_due_at_the_time_given(percorso: Percorso) -> None:
    with percorso.pipe() as call:
        call("deploy", draw(percorso.folder))
        case = call("start", "request", "--now", "2026-03-02T09:00:00Z")
        call(
            "complete",
            case["open_tasks"][0]["id"],
            "--data",
            {"outcome": "later"},
            "--now",
            "2026-03-02T09:00Z",
        )
        early = call("tick", "--now", "2026-03-02T09:59:59Z")
        on_time = call("tick", "--now", "2026-03-02T11:00:00+01:00")
        after = call("case", case["case"])

    assert (early["timers"], on_time["timers"]) == (0, 1)
    assert [task["element"] for task in after["open_tasks"]] == ["answer"]


def test_a_message_that_nobody_waits_for_is_kept(on_sqlite: Percorso) -> None:
    answer = on_sqlite.json("send", "nobody.waits", "--key", "lead_id=7")

    assert answer == {
        "case": None, "case_no": None, "process": None, "version": None, "status": None,
        "open_tasks": [], "waiting": [], "data": {},
        "message": {"id": 1, "state": "kept", "repeated": False},
    }  # fmt: skip


def test_people_read_tables(on_sqlite: Percorso) -> None:
    on_sqlite.json("deploy", draw(on_sqlite.folder))
    started = on_sqlite.run("start", "request", "--now", "2026-03-02T09:00")

    tasks = on_sqlite.run("tasks").stdout.splitlines()

    assert started.stdout.splitlines()[0].startswith(
        "Case C-2026-000001 (id 1): request, version 1, open, in "
    )
    assert tasks[0].split() == ["TASK", "CASE", "STEP", "ROLE", "WHO", "DUE"]
    assert re.split(r"\s{2,}", tasks[1]) == [
        "1",
        "C-2026-000001",
        "Answer the request",
        "sales_rep",
        "-",
        "-",
    ]


# --- Refusals -------------------------------------------------------------------------------------

REFUSALS: Sequence[tuple[list[Any], str, str]] = (
    (["start", "nonsense"], "process_unknown", "There is no process “nonsense”."),
    (["complete", 999, "--data", {}], "task_unknown", "There is no task number 999."),
    (["claim", 999, "--as", "anna"], "task_unknown", "There is no task number 999."),
    (["claim", 1, "--as", "nobody"], "person_unknown", "There is no person “nobody”."),
    (["claim", 1, "--as", "sara"], "task_not_yours", "“Answer the request” is for the role sales_rep, which Sara does not have."),
    (["case", "L-1999-000001"], "case_unknown", "There is no case “L-1999-000001”."),
    (["case", "9" * 30], "case_unknown", f"There is no case “{'9' * 30}”."),
    (["kpi", "K99"], "kpi_unknown", "There is no figure “K99”."),
    (["deploy", "nowhere"], "drawing_missing", "There is no file or folder nowhere."),
    (["people", "add", "x", "--role", "boss"], "role_unknown", "There is no role “boss”."),
    (["people", "add", "a b"], "key_wrong", "“a b” cannot be a name to sign in with."),
    (["people", "add", "x", "--password", "short"], "password_short", "A password needs at least 8 characters."),
    (["import", "leads", "nowhere.csv"], "file_unreadable", "nowhere.csv cannot be read: No such file or directory."),
    (["complete", "one", "--data", {}], "usage", "Invalid value for 'TASK': “one” is not the number of a task"),
    (["start", "request", "--now", "soon"], "usage", "Invalid value for '--now': “soon” is no ISO 8601 time; write 2026-03-02T09:00 or 2026-03-02"),
    (["nonsense"], "usage", "No such command 'nonsense'."),
    (["serve"], "usage", "“serve” cannot be given here."),
)  # fmt: skip


def test_refusals_say_code_message_place_and_remedy(percorso: Percorso) -> None:
    with percorso.pipe() as call:
        call("deploy", draw(percorso.folder))
        call("people", "add", "anna", "--name", "Anna", "--role", "sales_rep")
        call("people", "add", "sara", "--name", "Sara", "--role", "support_agent")
        call("start", "request")
        before = call("case", 1)
        answers = [(words, call(*words)) for words, _, _ in REFUSALS]
        after = call("case", 1)

    for (words, code, message), (_, answer) in zip(REFUSALS, answers, strict=True):
        assert sorted(answer) == ["error"], words
        assert (answer["error"]["code"], answer["error"]["message"]) == (code, message)
        assert {"code", "message", "where", "remedy"} <= set(answer["error"])
    assert after == before


def test_a_wrong_form_field_is_named_and_nothing_is_done(percorso: Percorso) -> None:
    with percorso.pipe() as call:
        call("deploy", draw(percorso.folder))
        case = call("start", "request")
        missing = call("complete", 1, "--data", {})
        wrong = call("complete", 1, "--data", {"outcome": "perhaps"})
        foreign = call("complete", 1, "--data", {"outcome": "yes", "colour": "red"})
        after = call("case", case["case"])

    assert list(missing["error"]["fields"]) == ["outcome"]
    assert list(wrong["error"]["fields"]) == ["outcome"]
    assert list(foreign["error"]["fields"]) == ["colour"]
    assert after["open_tasks"] == case["open_tasks"]


def test_a_task_that_somebody_else_has_done_says_who_and_when(percorso: Percorso) -> None:
    with percorso.pipe() as call:
        call("deploy", draw(percorso.folder))
        call("people", "add", "anna", "--name", "Anna Rossi", "--role", "sales_rep")
        call("people", "add", "sara", "--name", "Sara", "--role", "sales_rep")
        call("start", "request")
        call("claim", 1, "--as", "anna")
        taken = call("complete", 1, "--data", {"outcome": "yes"}, "--as", "sara")
        call("complete", 1, "--data", {"outcome": "yes"}, "--as", "anna", "--now", "2026-03-02T09:00Z")
        done = call("complete", 1, "--data", {"outcome": "yes"}, "--as", "sara")

    assert taken["error"]["code"] == "task_taken"
    assert taken["error"]["message"] == "“Answer the request” is in the hands of Anna Rossi."
    assert (
        done["error"]["message"]
        == "“Answer the request” was already done by Anna Rossi at 2026-03-02 09:00 UTC."
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["start", "nonsense"], 1, "There is no process “nonsense”."),
        (["start"], 2, "Missing argument 'PROCESS'."),
        (["--config", "nowhere.toml", "tasks"], 1, "nowhere.toml: it cannot be read"),
        (["--database", "mysql://x/y", "tasks"], 1, "is not the address of a database Percorso can use"),
        (["--database", "sqlite:///other.db", "tasks"], 1, "There is no database sqlite:///other.db yet."),
        (["--database", "sqlite:////proc/percorso.db", "db", "upgrade"], 1, "unable to open database file"),
        (["--database", "sqlite:///text.db", "tasks"], 1, "file is not a database"),
        (["--database", "sqlite:///text.db", "db", "upgrade"], 1, "file is not a database"),
        (["--database", "sqlite:///empty.db", "tasks"], 1, "percorso db upgrade"),
        (["--database", "postgresql://nobody@127.0.0.1:1/none", "tasks"], 1, "cannot be used"),
    ],
)  # fmt: skip
def test_a_refusal_is_words_on_standard_error(
    on_sqlite: Percorso, words: list[str], code: int, said: str
) -> None:
    (on_sqlite.folder / "text.db").write_text("This is no database, however long it may be. " * 40)
    (on_sqlite.folder / "empty.db").touch()

    done = on_sqlite.run(*words)

    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.startswith("percorso: ")


def test_a_refusal_with_json_is_on_standard_output_too(on_sqlite: Percorso) -> None:
    done = on_sqlite.run("start", "nonsense", "--json")

    error = json.loads(done.stdout)["error"]
    assert done.returncode == 1
    assert error["where"] == "process"
    assert error["message"] in done.stderr


def test_looking_makes_no_database(on_sqlite: Percorso) -> None:
    for words in (["tasks"], ["kpi"], ["serve"], ["tick"], ["check", draw(on_sqlite.folder)]):
        on_sqlite.run("--database", "sqlite:///nothing/here.db", *words)

    assert not (on_sqlite.folder / "nothing").exists()


def test_a_database_that_cannot_be_written_says_so(on_sqlite: Percorso) -> None:
    with on_sqlite.pipe() as call:
        call("deploy", draw(on_sqlite.folder))
        call("start", "request")
    read_only = "sqlite:///file:percorso.db?mode=ro&uri=true"

    done = on_sqlite.run("--database", read_only, "start", "request")

    assert done.returncode == 1
    assert "readonly database" in done.stderr


def test_a_reader_who_goes_away_is_no_failure(on_sqlite: Percorso) -> None:
    process = on_sqlite.begin("--help")
    assert process.stdout is not None
    process.stdout.close()
    process.wait(timeout=60)

    assert process.stderr is not None
    assert process.stderr.read() == ""


# --- Drawings -------------------------------------------------------------------------------------


def test_a_version_is_taken_to_another_installation_as_one_file(
    percorso: Percorso, sqlite_template: Path, tmp_path: Path
) -> None:
    percorso.json("deploy", draw(percorso.folder))
    packed = percorso.json("pack", "request")
    (tmp_path / "other").mkdir()
    other = on_a_file(sqlite_template, tmp_path / "other")
    pack = percorso.folder / packed["file"]
    taken = other.json("deploy", str(pack))

    assert (packed["process"], packed["version"], packed["bytes"]) == ("request", 1, pack.stat().st_size)
    assert packed["file"] == "request-1.percorso"
    assert taken["processes"] == [{"process": "request", "outcome": "deployed", "version": 1}]
    assert other.json("start", "request")["open_tasks"][0]["element"] == "answer"


def test_a_damaged_pack_is_refused_by_name(on_sqlite: Percorso) -> None:
    (on_sqlite.folder / "offer.percorso").write_bytes(b"PK no more")

    done = on_sqlite.run("deploy", "offer.percorso", "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "pack_unreadable"


def test_the_examples_of_the_guide_can_be_deployed(on_sqlite: Percorso) -> None:
    report = on_sqlite.json("deploy", str(BPMN.parent / "examples" / "drawings"))

    assert [(one["process"], one["outcome"]) for one in report["processes"]] == [
        ("choice", "deployed"),
        ("waiting", "deployed"),
    ]


def test_a_drawing_becomes_a_picture_with_or_without_coordinates(on_sqlite: Percorso) -> None:
    on_sqlite.json("deploy", draw(on_sqlite.folder))
    done = on_sqlite.json("picture", "request", "--file", "request.svg")
    printed = on_sqlite.run("picture", "request.bpmn").stdout
    italian = on_sqlite.json("picture", str(BPMN / "offer" / "offer.bpmn"), "--language", "it")

    assert done == {"process": "request", "version": 1, "file": "request.svg"}
    assert (on_sqlite.folder / "request.svg").read_text(encoding="utf-8").strip() == printed.strip()
    assert "Answer the" in printed
    assert "Offerta" in italian["svg"]
    assert on_sqlite.run("picture", "nothing", "--json").returncode == 1


def test_check_and_deploy_end_with_0_when_it_can_be_deployed_and_1_when_it_is_refused(
    on_sqlite: Percorso,
) -> None:
    good = draw(on_sqlite.folder)
    (on_sqlite.folder / "bad").mkdir()
    (on_sqlite.folder / "bad" / "bad.bpmn").write_text("<nonsense", encoding="utf-8")

    codes = {
        (command, path): on_sqlite.run(command, path).returncode
        for command in ("check", "deploy")
        for path in ("bad", good)
    }
    refused = on_sqlite.run("deploy", "bad", "--json")

    assert codes == {("check", "bad"): 1, ("check", good): 0, ("deploy", "bad"): 1, ("deploy", good): 0}
    assert json.loads(refused.stdout)["error"]["code"] == "diagram_refused"
    assert json.loads(refused.stdout)["findings"][0]["file"] == "bad.bpmn"
    assert refused.stderr != ""


def test_a_check_needs_no_database(tmp_path: Path) -> None:
    percorso = Percorso("sqlite:///none.db", tmp_path)

    assert percorso.json("check", draw(tmp_path))["processes"] == [
        {"process": "request", "outcome": "deployed", "version": None}
    ]


# --- Pipe -----------------------------------------------------------------------------------------


def test_a_pipe_goes_on_after_a_line_that_is_wrong(on_sqlite: Percorso) -> None:
    lines = [
        "nonsense",
        "",
        "[]",
        "[1]",
        '{"a": 1}',
        '["start", "nonsense"]',
        '["tasks", "--help"]',
        '["tasks"]',
    ]

    done = on_sqlite.run("pipe", given="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 0
    codes = [answer["error"]["code"] if isinstance(answer, dict) else answer for answer in answers]
    assert codes == ["usage", "usage", "usage", "usage", "process_unknown", "usage", []]


@pytest.mark.parametrize("data", ['{"a": NaN}', '{"a": "\\ud800"}', "[1]", "{", '{"a":' * 2000])
def test_what_is_no_json_object_is_wrong_usage(on_sqlite: Percorso, data: str) -> None:
    done = on_sqlite.run("start", "request", "--data", data)

    assert done.returncode == 2
    assert "Invalid value for '--data'" in done.stderr


def test_a_pipe_takes_three_hundred_completions_a_second(percorso: Percorso) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with percorso.pipe() as call:
        call("deploy", draw(percorso.folder))
        call("people", "add", "anna", "--role", "sales_rep")
        case = call("start", "request")
        for _ in range(600):
            case = call(
                "complete", case["open_tasks"][0]["id"], "--data", {"outcome": "again"}, "--as", "anna"
            )
        assert case["status"] == "open"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # The machine's other work must not count, so it is the time that the process computed;
    # about a second of it goes into starting.
    assert after.ru_utime - before.ru_utime < 1.5 + 600 / 300


# --- People, leads, figures -----------------------------------------------------------------------


def test_people_get_roles_and_passwords(percorso: Percorso) -> None:
    with percorso.pipe() as call:
        added = call("people", "add", "Giulia.Bianchi", "--name", "Giulia Bianchi", "--role", "sales_rep")
    words = ["people", "add", "giulia.bianchi", "--role", "cdo", "--password", "-", "--json"]
    again = json.loads(percorso.run(*words, given="my secret 1\n").stdout)

    assert added == {
        "key": "giulia.bianchi", "name": "Giulia Bianchi", "email": None, "language": "it",
        "roles": ["sales_rep"], "can_sign_in": False,
    }  # fmt: skip
    assert again == {**added, "roles": ["cdo", "sales_rep"], "can_sign_in": True}
    assert percorso.json("people") == [again]


def test_leads_come_in_once_and_are_counted(percorso: Percorso) -> None:
    (percorso.folder / "leads.csv").write_text(
        "Nome;Cognome;E-mail;Data richiesta\n"
        "Anna;Rossi;anna@rossi.it;02/03/2026\nLuca;Riva;luca@riva.it;03/03/2026\n",
        encoding="utf-8",
    )
    (percorso.folder / "map.toml").write_text("counts_as_new = true\n", encoding="utf-8")
    words = ["import", "leads", "leads.csv", "--map", "map.toml", "--now", "2026-03-09"]

    with percorso.pipe() as call:
        call("deploy", str(BPMN))
        looked, first, second = call(*words, "--dry-run"), call(*words), call(*words)
        [figure] = call("kpi", "K01c", "--from", "2026-03-01", "--to", "2026-04-01")

    assert (looked["rows"], looked["created"]) == (2, 2)
    assert (first["created"], first["skipped"]) == (2, 0)
    assert (second["created"], second["skipped"]) == (0, 2)
    assert (figure["id"], figure["numerator"], figure["denominator"], figure["unit"]) == ("K01c", 0, 2, "%")
    assert list(figure) == [
        "id", "view", "value", "numerator", "denominator", "n", "ci_low", "ci_high", "unit", "from", "to", "as_of",
    ]  # fmt: skip
