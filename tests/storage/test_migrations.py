"""The database is brought to the shape that the tables in Python have, from nothing and again and again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

import processes.records
import web.accounts
from engine import migrations
from engine.columns import Base
from engine.db import Database
from engine.errors import SetupError

# Importing these declares their tables beside the engine's.
TABLES = (processes.records, web.accounts)
VERSIONS = sorted((migrations.HERE / "versions").glob("[0-9]*.py"))


def test_an_empty_database_gets_every_table_and_upgrading_again_changes_nothing(unprepared_url: str) -> None:
    database = Database(unprepared_url)
    first = migrations.upgrade(database, Base.metadata)
    assert first == VERSIONS[-1].name[:4]
    found = set(inspect(database.pool).get_table_names())
    assert found == {*Base.metadata.tables, "alembic_version"}
    assert migrations.upgrade(database, Base.metadata) == first
    database.close()


def test_a_migrated_database_has_exactly_the_tables_of_python(unprepared_url: str) -> None:
    """`alembic check`: a change of a table without its migration fails here."""
    database = Database(unprepared_url)
    migrations.upgrade(database, Base.metadata)
    assert migrations.differences(database, Base.metadata) == []
    database.close()


def test_a_column_without_a_migration_is_noticed(unprepared_url: str) -> None:
    database = Database(unprepared_url)
    migrations.upgrade(database, Base.metadata)
    with database.pool.begin() as connection:
        connection.execute(text("ALTER TABLE cases ADD COLUMN forgotten INTEGER"))
        connection.execute(text("DROP INDEX ix_cases_next_due"))
    found = [str(difference[0]) for difference in migrations.differences(database, Base.metadata)]  # type: ignore[index]
    assert sorted(found) == ["add_index", "remove_column"]
    database.close()


def test_types_and_conditions_of_indexes_are_those_of_the_tables(unprepared_url: str) -> None:
    """What alembic does not compare: partial indexes, and how instants and amounts are stored."""
    database = Database(unprepared_url)
    migrations.upgrade(database, Base.metadata)
    migrated = shape(database)
    database.close()
    fresh = Database(unprepared_url)
    with fresh.pool.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    Base.metadata.drop_all(fresh.pool)
    Base.metadata.create_all(fresh.pool)
    assert shape(fresh) == migrated
    fresh.close()


def test_a_database_of_a_newer_percorso_is_refused_and_left_alone(unprepared_url: str) -> None:
    database = Database(unprepared_url)
    migrations.upgrade(database, Base.metadata)
    with database.pool.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SetupError) as refusal:
        migrations.upgrade(database, Base.metadata)
    assert refusal.value.message == "The database was prepared by a newer Percorso (revision 9999)."
    assert refusal.value.remedy == "Update Percorso."
    with database.pool.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
    database.close()


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/nowhere/percorso.db", "postgresql://nobody:secret@127.0.0.1:9/none"]
)
def test_a_database_that_cannot_be_written_is_refused_in_words(url: str) -> None:
    database = Database(url)
    with pytest.raises(SetupError) as refusal:
        migrations.upgrade(database, Base.metadata)
    assert refusal.value.code == "database_unusable"
    assert "secret" not in f"{refusal.value.message} {refusal.value.where}"
    database.close()


def test_migrations_follow_one_another_by_number() -> None:
    numbers = [file.name[:4] for file in VERSIONS]
    assert numbers == [f"{number:04d}" for number in range(1, len(VERSIONS) + 1)]
    for file, before in zip(VERSIONS, [None, *numbers], strict=False):
        source = file.read_text(encoding="utf-8")
        assert re.search(rf"^revision = '{file.name[:4]}'$", source, re.MULTILINE)
        assert re.search(rf"^down_revision = {before!r}$", source, re.MULTILINE)


def test_a_new_migration_is_written_from_the_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.HERE, folder)
    monkeypatch.setattr(migrations, "HERE", folder)
    database = Database(f"sqlite:///{tmp_path / 'shape.db'}")
    migrations.upgrade(database, Base.metadata)
    with database.pool.begin() as connection:
        connection.execute(text("DROP INDEX ix_cases_next_due"))
    number = f"{len(VERSIONS) + 1:04d}"
    migrations.write(database, Base.metadata, "index what is due", number)
    (written,) = set((folder / "versions").glob(f"{number}*.py"))
    assert written.name == f"{number}_index_what_is_due.py"
    assert "create_index('ix_cases_next_due'" in written.read_text(encoding="utf-8")
    assert migrations.upgrade(database, Base.metadata) == number
    assert migrations.differences(database, Base.metadata) == []
    database.close()


def shape(database: Database) -> dict[str, object]:
    """Columns with their types and nullability, indexes with their conditions, keys."""
    inspector = inspect(database.pool)
    found: dict[str, object] = {}
    for table in sorted(Base.metadata.tables):
        found[table] = {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)],
            "indexes": sorted(
                (
                    str(i["name"]),
                    i["column_names"],
                    str({k: str(v) for k, v in i.get("dialect_options", {}).items()}),
                )
                for i in inspector.get_indexes(table)
            ),
            "unique": sorted(str(u["column_names"]) for u in inspector.get_unique_constraints(table)),
            "foreign": sorted(
                (f["constrained_columns"], f["referred_table"], str(f.get("options")))
                for f in inspector.get_foreign_keys(table)
            ),
        }
    return found
