"""A house on each kind of database."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine import config
from engine.db import Database
from tests.engine.house import NOW, House

if TYPE_CHECKING:
    from tests.conftest import Postgres


@pytest.fixture
def house(database: Database) -> House:
    """A house on a fresh database."""
    return House.on(database)


@pytest.fixture
def lasting(lasting_house: House) -> House:
    """A house that the tests of a module share, for many small ones that look at their own cases only."""
    lasting_house.now = NOW
    lasting_house.services()
    lasting_house.engine.settings = config.load()
    return lasting_house


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lasting_house(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("lasting") / "percorso.db"
        shutil.copyfile(sqlite_template, file)
        database = Database(f"sqlite:///{file}")
        yield House.on(database)
        database.close()
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"percorso_lasting_{secrets.token_hex(6)}"
    server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{server.template}" STRATEGY FILE_COPY')
    database = Database(server.of(name))
    yield House.on(database)
    database.close()
    server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
