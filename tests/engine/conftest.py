"""A house on each kind of database."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from engine.columns import Base
from engine.db import Database
from tests.engine.house import House

if TYPE_CHECKING:
    from tests.conftest import Postgres


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_database(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database that the tests of a module share: emptying it is quicker than making one for each."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("shared") / "percorso.db"
        shutil.copyfile(sqlite_template, file)
        database = Database(f"sqlite:///{file}")
        yield database
        database.close()
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"percorso_shared_{secrets.token_hex(6)}"
    server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{server.template}" STRATEGY FILE_COPY')
    database = Database(server.of(name))
    yield database
    database.close()
    server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def house(shared_database: Database) -> House:
    """A house on an empty database."""
    with shared_database.pool.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
        if shared_database.dialect == "postgresql":
            # SQLite counts from 1 again by itself.
            connection.execute(text("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'"))
    return House.on(shared_database)


@pytest.fixture
def lasting(shared_database: Database) -> House:
    """A house with what earlier tests have left, for many small ones that look at their own cases only."""
    return House.on(shared_database)
