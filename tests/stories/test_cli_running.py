"""What goes on until it is stopped, and what fills a database: serve, worker, demo, play."""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from pathlib import Path

import pytest

from tests.stories.command import BPMN, Percorso, at_work, draw, free_port, on_a_file, stop


@pytest.fixture
def percorso(database_url: str, tmp_path: Path) -> Percorso:
    """The command on a prepared, empty database; each test runs on both kinds."""
    return at_work(database_url, tmp_path)


@pytest.fixture
def on_sqlite(sqlite_template: Path, tmp_path: Path) -> Percorso:
    """The same on SQLite alone, for what has nothing to do with the database."""
    return on_a_file(sqlite_template, tmp_path)


# --- What goes on until it is stopped -------------------------------------------------------------


def test_serve_answers_until_it_is_stopped_and_a_second_one_says_the_port_is_in_use(
    percorso: Percorso,
) -> None:
    port = free_port()
    server = percorso.begin("serve", "--port", str(port), "--json")
    assert server.stdout is not None
    url = json.loads(server.stdout.readline())["url"]

    second = percorso.run("serve", "--port", str(port))
    with urllib.request.urlopen(f"{url}/health") as answer:
        health = answer.read()
    code, _ = stop(server, signal.SIGTERM)

    assert url == f"http://localhost:{port}"
    assert health == b"ok\n"
    assert second.returncode == 1
    assert (
        f"Nothing can be served at 127.0.0.1, port {port}: another program uses this port." in second.stderr
    )
    assert code == 0


def test_two_workers_beside_each_other_fire_a_timer_once(percorso: Percorso) -> None:
    (percorso.folder / "config.toml").write_text("[worker]\ntick_seconds = 1\n", encoding="utf-8")
    draw(percorso.folder)
    workers = [percorso.begin("worker", "--json") for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert json.loads(worker.stdout.readline()) == {"worker": True, "tick_seconds": 1}

    with percorso.pipe() as call:
        call("deploy", "request.bpmn")
        case = call("start", "request", "--now", "2026-03-02T09:00Z")
        call("complete", 1, "--data", {"outcome": "later"}, "--now", "2026-03-02T09:00Z")
        for _ in range(200):
            now = call("case", case["case"])
            if now["open_tasks"]:
                break
            time.sleep(0.1)
    ended = [stop(worker, signal.SIGINT)[0] for worker in workers]

    assert now["visited"] == ["asked", "again", "answer", "done", "pause", "again"]
    assert len(now["open_tasks"]) == 1
    assert ended == [0, 0]


# --- The demo -------------------------------------------------------------------------------------


def test_a_demo_is_made_used_again_and_made_anew_for_another_seed(
    unprepared_url: str, tmp_path: Path
) -> None:
    percorso = Percorso(unprepared_url, tmp_path)

    made = percorso.json("demo", "--days", "4", "--no-serve")
    again = percorso.json("demo", "--no-serve")
    other = percorso.json("demo", "--days", "4", "--seed", "2", "--no-serve")
    people = percorso.json("people")

    assert (made["days"], made["seed"], made["reused"]) == (4, 1, False)
    assert made["played"]["failed"] == 0
    assert made["played"]["tasks"] > 10
    assert (again["reused"], again["days"], again["until"]) == (True, 4, made["until"])
    assert (other["seed"], other["reused"]) == (2, False)
    assert {person["can_sign_in"] for person in people} == {True}
    assert percorso.json("tasks") != []


def test_a_demo_is_served_at_the_port_asked_for(on_sqlite: Percorso) -> None:
    port = free_port()
    demo = on_sqlite.begin("demo", "--days", "1", "--port", str(port), "--json", "--seed", "3")
    assert demo.stdout is not None
    said = json.loads(demo.stdout.readline())

    with urllib.request.urlopen(said["url"]) as answer:
        page = answer.read().decode()
    code, _ = stop(demo, signal.SIGINT)

    assert said["url"] == f"http://localhost:{port}"
    assert "giulia.bianchi" in page
    assert code == 0


def test_neither_demo_nor_play_touch_a_database_in_use(percorso: Percorso) -> None:
    with percorso.pipe() as call:
        call("deploy", draw(percorso.folder))
        call("start", "request")
        before = call("case", 1)

    demo, play = percorso.run("demo", "--no-serve"), percorso.run("play", "--days", "1")

    assert (demo.returncode, play.returncode) == (1, 1)
    assert "is in use for real work" in demo.stderr
    assert "is in use for real work" in play.stderr
    assert percorso.json("case", "1") == before


def test_play_reports_what_it_did(percorso: Percorso) -> None:
    with percorso.pipe() as call:
        call("deploy", str(BPMN))
        report = call("play", "--days", "2", "--seed", "5", "--now", "2026-03-05T18:00")
        on = call("play", "--days", "1", "--now", "2026-03-06T18:00")

    assert (report["from"], report["to"], report["seed"]) == (
        "2026-03-03T17:00:00Z",
        "2026-03-05T17:00:00Z",
        5,
    )
    assert report["failed"] == 0
    assert 5 < report["cases"] < 60
    assert on["cases"] > 0
