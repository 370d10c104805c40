"""Transactions: all or nothing, one at a time where it matters, and errors in words."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.db import Database, Transaction
from engine.errors import Conflict, SetupError
from engine.store import CASE_ID, NEXT_NUMBER, ROLE_COUNTS
from engine.tables import CaseNumber, Person

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def add(tx: Transaction, key: str | None) -> None:
    tx.session.add(Person(key=key, name=key, language="it", active=True))


def keys(database: Database) -> list[str]:
    with database.transaction(NOW, write=False) as tx:
        return list(tx.session.scalars(select(Person.key).order_by(Person.key)))


class Broken(Exception):
    """Something else than the database went wrong."""


# --- All or nothing -------------------------------------------------------------------------------


def test_what_the_session_and_the_cursor_write_is_kept_together(database: Database) -> None:
    with database.transaction(NOW) as tx:
        add(tx, "ada")
        assert NEXT_NUMBER.scalar(tx, series="C-2026") == 1
        add(tx, "bruno")
    with database.transaction(NOW) as tx:
        assert NEXT_NUMBER.scalar(tx, series="C-2026") == 2
    assert keys(database) == ["ada", "bruno"]


def test_an_error_undoes_what_the_session_and_the_cursor_wrote(database: Database) -> None:
    with pytest.raises(Broken), database.transaction(NOW) as tx:
        add(tx, "ada")
        tx.flush()
        NEXT_NUMBER.scalar(tx, series="C-2026")
        raise Broken
    assert keys(database) == []
    with database.transaction(NOW) as tx:
        assert NEXT_NUMBER.scalar(tx, series="C-2026") == 1


def test_an_error_at_the_very_end_undoes_everything(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)unique"), database.transaction(NOW) as tx:
        add(tx, "ada")
        tx.flush()
        add(tx, "ada")  # Noticed only when the session is flushed, just before the commit.
    assert keys(database) == []


def test_reading_what_the_other_way_has_written_needs_a_flush_or_a_forget(database: Database) -> None:
    with database.transaction(NOW) as tx:
        NEXT_NUMBER.scalar(tx, series="C-2026")
        kept = tx.session.get_one(CaseNumber, "C-2026")
        NEXT_NUMBER.scalar(tx, series="C-2026")
        tx.forget()
        assert kept.last == 2


def test_a_reading_transaction_keeps_nothing_when_it_fails(database: Database) -> None:
    with pytest.raises(Broken), database.transaction(NOW, write=False) as tx:
        NEXT_NUMBER.scalar(tx, series="C-2026")
        raise Broken
    with database.transaction(NOW, write=False) as tx:
        assert tx.session.scalar(select(func.count()).select_from(CaseNumber)) == 0


def test_a_part_can_fail_alone(database: Database) -> None:
    with database.transaction(NOW) as tx:
        add(tx, "first")
        with pytest.raises(Broken), tx.savepoint():
            add(tx, "half")
            tx.flush()
            NEXT_NUMBER.scalar(tx, series="C-2026")
            raise Broken
        with pytest.raises(Exception, match=r"(?i)unique"), tx.savepoint():
            add(tx, "first")
        with tx.savepoint():
            add(tx, "second")
        assert NEXT_NUMBER.scalar(tx, series="C-2026") == 1
    assert keys(database) == ["first", "second"]


def test_a_part_that_writes_by_the_cursor_alone_is_undone_too(database: Database) -> None:
    with database.transaction(NOW) as tx:
        with pytest.raises(Broken), tx.savepoint():
            NEXT_NUMBER.scalar(tx, series="C-2026")
            raise Broken
        assert NEXT_NUMBER.scalar(tx, series="C-2026") == 1


# --- Afterwards -----------------------------------------------------------------------------------


def test_work_for_after_a_failure_is_kept_in_a_transaction_of_its_own(database: Database) -> None:
    with pytest.raises(Broken), database.transaction(NOW) as tx:
        add(tx, "lost")
        tx.after_rollback(lambda second: add(second, f"kept at {second.now:%H:%M}"))
        raise Broken
    with database.transaction(NOW) as tx:
        tx.after_rollback(lambda second: add(second, "never"))
    assert keys(database) == ["kept at 09:00"]


def test_when_not_even_the_failure_can_be_kept_the_first_error_is_heard(database: Database) -> None:
    with pytest.raises(Broken), database.transaction(NOW) as tx:
        tx.after_rollback(lambda second: add(second, None))
        raise Broken
    assert keys(database) == []


# --- Side by side ---------------------------------------------------------------------------------


def test_what_is_not_committed_is_seen_by_nobody_else(database: Database) -> None:
    with database.transaction(NOW) as tx:
        add(tx, "ada")
        tx.flush()
        assert keys(database) == []
    assert keys(database) == ["ada"]


def test_counting_at_the_same_moment_gives_each_a_number_of_his_own(database: Database) -> None:
    numbers: list[int] = []

    def count() -> None:
        for _ in range(20):
            with database.transaction(NOW) as tx:
                numbers.append(NEXT_NUMBER.scalar(tx, series="C-2026"))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 81))


def test_readers_are_not_kept_waiting_by_a_writer(database: Database) -> None:
    with database.transaction(NOW) as tx:
        add(tx, "ada")
        tx.flush()
        began = time.monotonic()
        for _ in range(5):
            assert keys(database) == []
        assert time.monotonic() - began < 5


def test_a_second_writer_who_waits_too_long_is_told_that_nothing_was_changed(
    sqlite_template: Path, tmp_path: Path
) -> None:
    # On SQLite, where there is one writer at a time; PostgreSQL lets writers of different rows in.
    file = tmp_path / "percorso.db"
    file.write_bytes(sqlite_template.read_bytes())
    patient, hurried = Database(f"sqlite:///{file}"), Database(f"sqlite:///{file}", busy_seconds=0.1)
    with patient.transaction(NOW) as tx:
        add(tx, "ada")
        with pytest.raises(Conflict) as refusal, hurried.transaction(NOW):
            raise AssertionError("two writers at once")
    assert (refusal.value.code, refusal.value.remedy) == ("database_busy", "Nothing was changed; try again.")
    with hurried.transaction(NOW) as tx:
        add(tx, "bruno")
    assert keys(patient) == ["ada", "bruno"]
    patient.close()
    hurried.close()


def test_time_in_a_transaction_is_the_instant_it_was_given_and_never_naive(database: Database) -> None:
    with database.transaction(NOW + timedelta(days=1)) as tx:
        assert tx.now == NOW + timedelta(days=1)
    with pytest.raises(ValueError, match="aware UTC"):
        database.transaction(datetime(2026, 3, 2))  # noqa: DTZ001


# --- In words -------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x/y", "sqlite3:///x.db", "postgresqlx://h/d"])
def test_an_address_of_no_database_we_know_is_refused(url: str) -> None:
    with pytest.raises(SetupError) as refusal:
        Database(url)
    assert refusal.value.code == "database_address"
    assert refusal.value.remedy == "Use sqlite:///path/to/file.db or postgresql://user:password@host/name."


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////proc/nowhere/percorso.db",
        "sqlite:////dev",
        "postgresql://nobody:secret@127.0.0.1:9/none",
        "postgres://nobody:secret@127.0.0.1:9/none?connect_timeout=1",
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(url: str) -> None:
    database = Database(url)
    for write in (True, False):
        with pytest.raises(SetupError) as refusal, database.transaction(NOW, write=write) as tx:
            ROLE_COUNTS.rows(tx)
        assert refusal.value.code == "database_unusable"
        assert refusal.value.remedy
        shown = f"{refusal.value.message} {refusal.value.where}"
        assert "secret" not in shown
        assert ("percorso.db" in shown) or ("/dev" in shown) or ("127.0.0.1:9" in shown)
    database.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Ada, this is no database at all, but a letter of some length.\n" * 40)
    database = Database(f"sqlite:///{file}")
    with pytest.raises(SetupError) as refusal, database.transaction(NOW) as tx:
        ROLE_COUNTS.rows(tx)
    assert "letter.txt" in refusal.value.message
    database.close()


def test_an_unprepared_database_says_how_to_prepare_it(unprepared_url: str) -> None:
    database = Database(unprepared_url)
    with pytest.raises(SetupError) as refusal, database.transaction(NOW) as tx:
        CASE_ID.scalar(tx, case_no="C-2026-000001")
    assert (refusal.value.code, refusal.value.remedy) == (
        "database_not_prepared",
        "Run `percorso db upgrade`.",
    )
    with pytest.raises(SetupError), database.transaction(NOW) as tx:
        tx.session.scalar(select(Person.id))
    database.close()


def test_after_a_failure_the_next_transaction_works(database: Database) -> None:
    for number in range(30):
        with pytest.raises(Broken), database.transaction(NOW) as tx:
            add(tx, f"lost {number}")
            tx.flush()
            raise Broken
        with database.transaction(NOW) as tx:
            add(tx, f"kept {number:02}")
    assert len(keys(database)) == 30
