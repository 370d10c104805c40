"""An engine on a fresh database with the benchmark's drawings, and a stopwatch."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine import people
from engine.catalog import Catalog
from engine.columns import Base
from engine.config import load, shipped_file
from engine.db import Database
from engine.people import Person
from engine.runtime import Engine
from engine.tables import Version

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

FIELDS: dict[str, dict[str, object]] = {
    "check_data": {"outcome": "complete", "employees": 40, "country": "IT"},
    "first_call": {"outcome": "spoken", "budget_band": "5-20k", "calls": 2},
    "prepare_offer": {"net": 12000, "discount": 5, "validity": 30},
    "approve": {"decision": "approve", "limit": 10, "urgent": False},
}
"""What people answer: three fields for each of the four human tasks."""


def form_of(answers: dict[str, object]) -> dict[str, object]:
    """A form-js form with a field for each answer."""
    components = []
    for key, value in answers.items():
        component: dict[str, object] = {"key": key, "label": key, "validate": {"required": True}}
        if isinstance(value, bool):
            component = {"key": key, "label": key, "type": "checkbox"}
        elif isinstance(value, int):
            component |= {"type": "number"}
        else:
            component |= {"type": "select", "values": [{"label": str(value), "value": value}]}
        components.append(component)
    return {"type": "default", "id": "form", "schemaVersion": 16, "components": components}


@dataclass
class House:
    """An engine and somebody with every role of the lead case."""

    engine: Engine
    person: Person


def build(url: str) -> House:
    """A fresh database with the lead case and the loop deployed."""
    database = Database(url)
    Base.metadata.drop_all(database.pool)
    Base.metadata.create_all(database.pool)
    engine = Engine(database, Catalog(), load(shipped_file()))
    with engine.transaction(NOW) as tx:
        for file in sorted(HERE.glob("*.bpmn")):
            tx.session.add(
                Version(
                    process=file.stem,
                    number=1,
                    name=file.stem,
                    file=file.name,
                    checksum=file.stem,
                    xml=file.read_bytes(),
                    forms={name: form_of(answers) for name, answers in FIELDS.items()},
                    decisions={},
                    texts={},
                    created_at=NOW,
                )
            )
        person = people.ensure(tx, "ada", "Ada Rossi", ["sales_office", "sales_rep", "sales_manager"])
    return House(engine, person)


@dataclass(frozen=True)
class Timing:
    """Seconds per call, of the wall clock and of the CPU: the median of several rounds."""

    wall: float
    cpu: float
    spread: float
    """Largest through smallest CPU time of the rounds: the machine's noise."""


def measure(work: Callable[[], int], rounds: int = 7) -> Timing:
    """Run `work` (which returns how many calls it made) several times."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        calls = work()
        walls.append((time.perf_counter() - wall) / calls)
        cpus.append((time.process_time() - cpu) / calls)
    return Timing(statistics.median(walls), statistics.median(cpus), max(cpus) / min(cpus))
