"""A small house for the tests of the pages: two drawings, six people, and a server to browse."""

from __future__ import annotations

import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from engine import config, people, versions
from engine.catalog import Catalog, Process, Step
from engine.db import Database
from engine.runtime import Engine, start
from engine.values import Value
from processes.common import search
from processes.records import Company, Contact, Lead
from processes.records.entities import ENTITIES
from processes.records.titles import titles
from web import accounts
from web.app import create_app

DRAWINGS = Path(__file__).parent / "drawings"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PEOPLE = {
    "ada": ("Ada Rossi", ("sales_rep",)),
    "bruno": ("Bruno Verdi", ("sales_rep",)),
    "carla": ("Carla Neri", ("sales_manager",)),
    "dario": ("Dario Conti", ("sales_office",)),
    "diana": ("Diana Galli", ("cdo",)),
    "both": ("Elena De Luca", ("sales_rep", "sales_office")),
}
PARAMETERS = {"plan_visit": "P2D", "plan_late": "P5D", "stalled.visit": "P3D"}


def check_calendar(step: Step) -> Mapping[str, Value] | None:
    """Fails for a visit of 13 people, as a real service may."""
    if step.data.get("people") == 13:
        raise ValueError("thirteen at the table")
    return None


@dataclass
class House:
    """A running house: its engine, its pages, and the time by its clock."""

    engine: Engine
    now: datetime = NOW
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_app(self.engine, clock=lambda: self.now)
        self.app.config["TESTING"] = True
        self.app.config["PROPAGATE_EXCEPTIONS"] = False

    def lead(self, first: str, last: str, company: str | None = None, amount: int | None = None) -> int:
        """A lead in the tables, without a case."""
        with self.engine.transaction(self.now) as tx:
            firm = Company(name=company, created_at=self.now) if company else None
            person = Contact(first_name=first, last_name=last, created_at=self.now)
            tx.session.add_all([one for one in (firm, person) if one])
            tx.session.flush()
            lead = Lead(
                company_id=firm.id if firm else None,
                contact_id=person.id,
                received_at=self.now,
                created_at=self.now,
                expected_amount=amount,
            )
            tx.session.add(lead)
            tx.session.flush()
            return lead.id

    def visit(self, first: str, last: str, company: str | None = None, amount: int | None = None) -> str:
        """A new case about a new lead; gives its number."""
        lead_id = self.lead(first, last, company, amount)
        with self.engine.transaction(self.now) as tx:
            return start(self.engine, tx, "visit", {"lead_id": lead_id}).case_no

    def client(self, key: str | None = None, language: str = "en") -> Visitor:
        """Somebody at a browser without scripts, signed in if `key` is given."""
        visitor = Visitor(self.app.test_client())
        visitor.post("/language", language=language)
        if key is not None:
            answer = visitor.post("/sign-in", key=key, password=accounts.DEMO_PASSWORD)
            assert answer.status_code == 303, answer.text
        return visitor

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Visitor:
    """A test client that fills in the token of forms as a browser does."""

    client: FlaskClient

    def get(self, address: str) -> TestResponse:
        return self.client.get(address)

    def post(self, address: str, **fields: object) -> TestResponse:
        return self.client.post(address, data={"csrf_token": self.token(), **fields})

    def follow(self, answer: TestResponse) -> TestResponse:
        return self.client.get(answer.location)

    def token(self) -> str:
        page = self.client.get("/sign-in", follow_redirects=True).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found, page
        return found[1]


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the drawings deployed and the people in it, to be copied."""
    file = tmp_path_factory.mktemp("house") / "house.db"
    shutil.copyfile(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    furnish(make_engine(database))
    database.close()
    return file


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """The house on a fresh SQLite file."""
    file = tmp_path / "house.db"
    shutil.copyfile(furnished, file)
    database = Database(f"sqlite:///{file}")
    yield House(make_engine(database))
    database.close()


@pytest.fixture
def any_house(database: Database) -> House:
    """The house once on SQLite and once on PostgreSQL, for pages with queries of their own."""
    engine = make_engine(database)
    furnish(engine)
    return House(engine)


def make_engine(database: Database) -> Engine:
    settings = replace(config.load(), language="en", parameters=PARAMETERS)
    process = Process("visit", prefix="V", subject="lead", services={"check_calendar": check_calendar})
    catalog = Catalog([process], entities=ENTITIES, titles=titles, search=search)
    return Engine(database, catalog, settings)


def furnish(engine: Engine) -> None:
    """Put the people and the drawings in."""
    with engine.transaction(NOW) as tx:
        for key, (name, roles) in PEOPLE.items():
            person = people.ensure(tx, key, name, roles, language="en")
            accounts.set_password(tx, person.id, accounts.DEMO_PASSWORD)
        report = versions.deploy(engine, tx, [DRAWINGS], author="ada", note="The first one")
        assert [one.outcome for one in report.processes] == ["deployed", "deployed"], report.findings


@pytest.fixture
def queries(house: House) -> Iterator[Callable[[Callable[[], object]], int]]:
    """Counts the statements that a piece of work sends to an SQLite database, prepared ones too."""
    database, sent = house.engine.database, list[str]()
    database.close()

    @event.listens_for(database.pool, "connect")
    def trace(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(sent.append)

    def count(work: Callable[[], object]) -> int:
        sent.clear()
        work()
        return len(sent)

    yield count
    event.remove(database.pool, "connect", trace)


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The house behind a real server, for the browser."""
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
