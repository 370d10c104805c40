"""A company at work: the shipped drawings deployed, people in their roles, a clock that can be moved on."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine import config, inbox, messages, people, versions, worker
from engine.columns import Base
from engine.db import Database
from engine.people import Person
from engine.runtime import CaseView, Engine, case_view, start
from engine.runtime.view import visited
from engine.tables import Event
from processes import catalog

if TYPE_CHECKING:
    from tests.conftest import Postgres

BPMN = Path(__file__).resolve().parents[2] / "bpmn"
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAFF = {
    "anna": ("Anna Ferri", "sales_rep"),
    "bruno": ("Bruno Sala", "sales_rep"),
    "carla": ("Carla Neri", "sales_manager"),
    "dario": ("Dario Conti", "sales_office"),
    "elena": ("Elena Riva", "management"),
    "fabio": ("Fabio Leone", "support_agent"),
    "gaia": ("Gaia Testa", "support_manager"),
}
GIULIA = {"first_name": "Giulia", "last_name": "Bianchi", "email": "giulia@officinebianchi.it"}
OFFICINE = {"name": "Officine Bianchi S.r.l.", "vat_number": "00743110157"}


@dataclass
class Company:
    """The company of these stories; `now` is its clock."""

    engine: Engine
    now: datetime = MONDAY
    staff: dict[str, Person] = field(default_factory=dict)

    def lead(
        self, contact: Mapping[str, Any] = GIULIA, company: Mapping[str, Any] = OFFICINE, **more: Any
    ) -> int:
        """A lead comes in; gives the number of its case."""
        payload = {"channel": "web", "source": "organic_search", "contact": dict(contact), **more}
        if company:
            payload["company"] = dict(company)
        return self.send("lead.received", payload=payload)[0]

    def ticket(
        self, contact: Mapping[str, Any] = GIULIA, company: Mapping[str, Any] = OFFICINE, **more: Any
    ) -> int:
        payload = {
            "channel": "email",
            "subject": "La linea è ferma",
            "contact": dict(contact),
            "company": dict(company),
        }
        return self.send("ticket.received", payload={**payload, **more})[0]

    def start(self, process: str, **data: Any) -> int:
        with self.engine.transaction(self.now) as tx:
            return start(self.engine, tx, process, data).case_id

    def send(
        self, name: str, keys: Mapping[str, Any] | None = None, payload: Mapping[str, Any] | None = None
    ) -> list[int]:
        """A message comes in; gives the cases that it moved or began."""
        with self.engine.transaction(self.now) as tx:
            return [ref.case_id for ref in messages.send(self.engine, tx, name, keys or {}, payload or {})]

    def do(self, case: int, element: str, person: str | None = None, **answers: Any) -> CaseView:
        """Somebody of the right role claims and completes a step; `lead__need` stands for `lead.need`."""
        [task] = [task for task in self.view(case).open_tasks if task["element"] == element]
        who = self.staff[person or next(key for key, (_, role) in STAFF.items() if role == task["role"])]
        with self.engine.transaction(self.now) as tx:
            inbox.claim(self.engine, tx, task["id"], who)
        flat = {key.replace("__", "."): value for key, value in answers.items()}
        with self.engine.transaction(self.now) as tx:
            inbox.complete(self.engine, tx, task["id"], flat, who)
        return self.view(case)

    def wait(self, **duration: float) -> None:
        """Let time pass, with a tick of the clockwork at its end."""
        self.now += timedelta(**duration)
        report = worker.tick(self.engine, self.now)
        assert report.failed == 0

    def view(self, case: int) -> CaseView:
        with self.engine.transaction(self.now, write=False) as tx:
            return case_view(self.engine, tx, case)

    def open(self, case: int) -> list[str]:
        """The steps that wait for somebody."""
        return sorted(task["element"] for task in self.view(case).open_tasks)

    def path(self, case: int) -> list[str]:
        """All elements that the case has passed, in order."""
        with self.engine.transaction(self.now, write=False) as tx:
            return visited(tx, case)

    def events(self, case: int, *beginnings: str) -> list[str]:
        """The history's lines of these kinds (`lead.`, `offer.won`), in order."""
        with self.engine.transaction(self.now, write=False) as tx:
            types = tx.session.scalars(select(Event.type).where(Event.case_id == case).order_by(Event.id))
            return [one for one in types if one.startswith(beginnings)]

    def event(self, case: int, type: str) -> Event:
        """The only line of that kind."""
        with self.engine.transaction(self.now, write=False) as tx:
            [found] = tx.session.scalars(select(Event).where(Event.case_id == case, Event.type == type)).all()
            tx.session.expunge(found)
            return found

    def attrs(self, case: int, type: str) -> dict[str, Any]:
        """What the only line of that kind says."""
        return self.event(case, type).attrs or {}

    def rows(self, table: type[Base], *where: Any) -> list[Any]:
        """Records as they are now, readable after the transaction."""
        with self.engine.transaction(self.now, write=False) as tx:
            found = list(tx.session.scalars(select(table).where(*where).order_by(table.id)))  # type: ignore[attr-defined]
            tx.session.expunge_all()
            return found

    def subject(self, case: int, table: type[Base]) -> Any:
        """The lead or ticket that a case is about."""
        subject = self.view(case).subject
        assert subject is not None
        return self.rows(table, table.id == subject[1])[0]  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def company_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the shipped drawings and the staff in it."""
    file = tmp_path_factory.mktemp("company") / "company.db"
    shutil.copyfile(sqlite_template, file)
    _found(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def company_database(postgres: Postgres) -> Iterator[str]:
    """The name of a PostgreSQL database with the same in it."""
    name = f"percorso_company_{secrets.token_hex(6)}"
    postgres.execute(f'CREATE DATABASE "{name}" TEMPLATE "{postgres.template}"')
    _found(postgres.of(name))
    yield name
    postgres.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _found(url: str) -> None:
    """Deploy what is shipped and let the staff in."""
    database = Database(url)
    engine = _engine(database)
    with engine.transaction(MONDAY) as tx:
        report = versions.deploy(engine, tx, [BPMN])
        assert [finding.message for finding in report.findings if finding.severity == "error"] == []
        for key, (name, role) in STAFF.items():
            people.ensure(tx, key, name, [role])
    database.close()


def _engine(database: Database) -> Engine:
    return Engine(database, catalog(), config.load(config.shipped_file()))


@pytest.fixture(params=["sqlite", "postgresql"])
def company(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Company]:
    """The company on its first morning; each story runs on SQLite and on PostgreSQL."""
    with contextlib.ExitStack() as last:
        if request.param == "sqlite":
            file = tmp_path / "company.db"
            shutil.copyfile(request.getfixturevalue("company_file"), file)
            url = f"sqlite:///{file}"
        else:
            server: Postgres = request.getfixturevalue("postgres")
            like, name = request.getfixturevalue("company_database"), f"percorso_{secrets.token_hex(6)}"
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}" STRATEGY FILE_COPY')
            last.callback(server.execute, f'DROP DATABASE "{name}" WITH (FORCE)')
            url = server.of(name)
        database = Database(url)
        last.callback(database.close)
        made = Company(_engine(database))
        with made.engine.transaction(made.now, write=False) as tx:
            made.staff = {key: people.by_key(tx, key) for key in STAFF}
        yield made
