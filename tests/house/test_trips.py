"""The two trips through the house stay short: completing a task, and a timer that fires."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import processes
from engine import inbox, messages, people, versions, worker
from engine.config import load, shipped_file
from engine.db import Database
from engine.runtime import Engine

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MOST_ROOMS = 14
LEAD = {"channel": "web", "contact": {"first_name": "Giulia", "email": "giulia@bianchi.example"}}


@pytest.fixture
def engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    file = tmp_path / "trips.db"
    file.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    engine = Engine(database, processes.catalog(), load(shipped_file()))
    with engine.transaction(NOW) as tx:
        versions.deploy(engine, tx, [ROOT / "bpmn"])
    yield engine
    database.close()


def rooms(trip: Callable[[], object]) -> set[str]:
    """The rooms of engine that a trip passes; a folder is one room."""
    passed: set[str] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(ROOT / "engine"):
            passed.add(file.relative_to(ROOT / "engine").parts[0])

    sys.setprofile(note)
    try:
        trip()
    finally:
        sys.setprofile(None)
    return passed


def test_completing_a_task_and_firing_a_timer_pass_few_rooms(engine: Engine) -> None:
    with engine.transaction(NOW) as tx:
        ada = people.ensure(tx, "ada", "Ada Rossi", ["sales_rep"])
        messages.send(engine, tx, "lead.received", payload=LEAD)
    with engine.transaction(NOW) as tx:
        (task,) = inbox.tasks(tx, roles=["sales_rep"])

    def complete() -> None:
        with engine.transaction(NOW) as tx:
            inbox.complete(engine, tx, task.id, {"outcome": "no_answer", "channel_used": "phone"}, ada)

    completing = rooms(complete)
    firing = rooms(lambda: worker.tick(engine, NOW + timedelta(days=1)))

    assert len(completing) <= MOST_ROOMS, sorted(completing)
    assert len(firing) <= MOST_ROOMS, sorted(firing)
