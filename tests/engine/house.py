"""A house for the tests: an engine on a fresh database, and the time by its clock.

Every method opens a transaction of its own, so that each case is saved and loaded between any two
steps. Drawings are put in as they are: what the check at deploy would refuse can be tried too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import func, select

from engine import config, inbox, messages, people, worker
from engine.catalog import Catalog, Process, Service
from engine.columns import Base
from engine.db import Database, Transaction
from engine.diagrams import read
from engine.people import Person
from engine.runtime import CaseRef, CaseView, Engine, case_view, plan_starts, start
from engine.runtime.view import visited
from engine.tables import Case, Event, Incident, StartTimer, Version, Visit
from engine.xml import parse

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

Read = TypeVar("Read")


@dataclass
class House:
    """A running engine without pages."""

    engine: Engine
    now: datetime = NOW

    @classmethod
    def on(cls, database: Database, catalog: Catalog | None = None, **changes: Any) -> House:
        """An engine with the shipped settings, `changes` aside."""
        return cls(Engine(database, catalog or Catalog(), replace(config.load(), **changes)))

    def services(self, *processes: Process, **shared: Service) -> None:
        """Hand over processes and shared services, as the door does."""
        self.engine.catalog = Catalog(processes, shared=shared)

    def configure(self, **changes: Any) -> None:
        """Change settings of the running engine."""
        self.engine.settings = replace(self.engine.settings, **changes)

    def deploy(
        self,
        xml: str,
        *,
        forms: Mapping[str, Any] | None = None,
        decisions: Mapping[str, str] | None = None,
        texts: Mapping[str, Any] | None = None,
        tag: str | None = None,
    ) -> None:
        """Put a file's processes in as their next versions, unchecked."""
        with self.engine.transaction(self.now) as tx:
            for drawing in read(parse(xml.encode(), "test.bpmn"), "test.bpmn"):
                last = select(func.max(Version.number)).where(Version.process == drawing.process)
                number = (tx.session.scalar(last) or 0) + 1
                version = Version(
                    process=drawing.process,
                    number=number,
                    name=drawing.name,
                    file="test.bpmn",
                    checksum=str(number),
                    xml=xml.encode(),
                    forms=dict(forms or {}),
                    decisions=dict(decisions or {}),
                    texts=dict(texts or {}),
                    author=None,
                    note="",
                    tag=tag,
                    created_at=self.now,
                )
                tx.session.add(version)
                tx.session.flush()
                timed = any(one.kind == "startEvent" and one.timer for one in drawing.elements.values())
                if timed or tx.session.scalar(select(StartTimer.id).limit(1)):
                    plan_starts(self.engine, tx, drawing.process)

    def person(self, key: str, *roles: str) -> Person:
        with self.engine.transaction(self.now) as tx:
            return people.ensure(tx, key, key.capitalize(), roles)

    # --- Steps ------------------------------------------------------------------------------------

    def start(self, process: str, data: Mapping[str, object] | None = None, **more: Any) -> CaseRef:
        with self.engine.transaction(self.now) as tx:
            return start(self.engine, tx, process, data, **more)

    def complete(
        self,
        case: CaseRef,
        element: str,
        answers: Mapping[str, object] | None = None,
        person: Person | None = None,
    ) -> CaseRef:
        """Complete the open task of that element; there must be exactly one."""
        return self.complete_task(self.task(case, element), answers, person)

    def complete_task(
        self, task_id: int, answers: Mapping[str, object] | None = None, person: Person | None = None
    ) -> CaseRef:
        with self.engine.transaction(self.now) as tx:
            return inbox.complete(self.engine, tx, task_id, answers or {}, person)

    def send(
        self, name: str, keys: Mapping[str, object] | None = None, payload: Mapping[str, object] | None = None
    ) -> list[CaseRef]:
        with self.engine.transaction(self.now) as tx:
            return messages.send(self.engine, tx, name, keys, payload)

    def receive(
        self,
        name: str,
        keys: Mapping[str, object] | None = None,
        payload: Mapping[str, object] | None = None,
        **more: Any,
    ) -> messages.Receipt:
        """Let a message in from outside: stored first, then delivered."""
        return messages.receive(self.engine, self.now, name, keys, payload, **more)

    def tick(self, **later: float) -> worker.TickReport:
        """Let time pass, then let the clockwork look at what is due."""
        self.now += timedelta(**later)
        return worker.tick(self.engine, self.now)

    # --- Looking ----------------------------------------------------------------------------------

    def view(self, case: CaseRef) -> CaseView:
        return self.look(lambda tx: case_view(self.engine, tx, case.case_id))

    def open(self, case: CaseRef) -> list[str]:
        """The elements of the open tasks, in alphabetical order."""
        return sorted(task["element"] for task in self.view(case).open_tasks)

    def waiting(self, case: CaseRef) -> list[tuple[str, str | None]]:
        """(element, due or message) of what the case waits for, in alphabetical order."""
        return sorted((wait["element"], wait["due_at"] or wait["name"]) for wait in self.view(case).waiting)

    def path(self, case: CaseRef) -> list[str]:
        """The elements passed, in order."""
        return self.look(lambda tx: visited(tx, case.case_id))

    def task(self, case: CaseRef, element: str) -> int:
        found = [task["id"] for task in self.view(case).open_tasks if task["element"] == element]
        assert len(found) == 1, f"{element} is open {len(found)} times; open are {self.open(case)}"
        return int(found[0])

    def state(self, case: CaseRef) -> bytes:
        return bytes(self.row(case).state)

    def row(self, case: CaseRef) -> Case:
        (found,) = self.rows(Case, Case.id == case.case_id)
        assert isinstance(found, Case)
        return found

    def rows(self, table: type[Any], *where: Any) -> list[Any]:
        """The rows of a table in order of their ids, as plain objects."""

        def read_rows(tx: Transaction) -> list[Any]:
            found = list(
                tx.session.scalars(select(table).where(*where).order_by(*table.__table__.primary_key))
            )
            tx.session.expunge_all()
            return found

        return self.look(read_rows)

    def events(self, case: CaseRef, *types: str) -> list[Event]:
        """The case's lines of history, all or those of the given types."""
        found = self.rows(Event, Event.case_id == case.case_id)
        return [event for event in found if not types or event.type in types]

    def visits(self, case: CaseRef) -> list[Visit]:
        return self.rows(Visit, Visit.case_id == case.case_id)

    def incidents(self, case: CaseRef) -> list[Incident]:
        return self.rows(Incident, Incident.case_id == case.case_id)

    def failed(self, case: CaseRef) -> Incident:
        """The incident at which the case stands; there must be exactly one."""
        (found,) = [one for one in self.incidents(case) if one.resolved_at is None]
        assert (self.view(case).status, found.undone) == ("incident", False)
        return found

    def counted(self) -> dict[str, int]:
        """How many rows each table of the engine holds."""
        tables: Sequence[Any] = Base.metadata.sorted_tables
        return self.look(
            lambda tx: {
                table.name: int(tx.session.scalar(select(func.count()).select_from(table)) or 0)
                for table in tables
            }
        )

    def queries(self, read: Callable[[Transaction], object]) -> int:
        """How many statements that takes, of prepared ones and of the session's."""
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        class Counting:
            def __init__(self, cursor: Any) -> None:
                self._cursor = cursor

            def __getattr__(self, name: str) -> Any:
                if name in {"execute", "executemany"}:
                    counted()
                return getattr(self._cursor, name)

        pool = self.engine.database.pool
        sqlalchemy.event.listen(pool, "before_cursor_execute", counted)
        try:
            with self.engine.transaction(self.now) as tx:
                tx.cursor = Counting(tx.cursor)
                read(tx)
        finally:
            sqlalchemy.event.remove(pool, "before_cursor_execute", counted)
        return count

    def look(self, read: Callable[[Transaction], Read]) -> Read:
        with self.engine.transaction(self.now, write=False) as tx:
            return read(tx)
