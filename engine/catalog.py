"""What a process brings to the engine: services, entities, keys. Handed over, never looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from engine.values import Value

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Step(Protocol):
    """What a service sees of the case it works for."""

    case_id: int
    case_no: str
    process: str
    element: str
    data: Mapping[str, Value]
    now: datetime
    actor_id: int | None
    counts: bool
    """False for cases that KPIs leave out: tests, and imports that do not count as new."""

    @property
    def session(self) -> Session:
        """The SQLAlchemy session of the running transaction; never commit it."""
        ...

    def record(
        self,
        event: str,
        *,
        occurred_at: datetime | None = None,
        amount: object = None,
        currency: str | None = None,
        **attrs: Value,
    ) -> None:
        """Write one line of history (`lead.qualified`); `attrs` are codes, ids, numbers only."""
        ...

    def send(self, message: str, payload: Mapping[str, Value] | None = None) -> None:
        """Send a message when this step is saved; it may start or wake other cases."""
        ...

    def parameter(self, key: str) -> str:
        """The text of a parameter in force now, as `due()` reads it."""
        ...

    def mail(self, template: str, recipient: tuple[str, int], **params: Value) -> None:
        """Put a mail into the outbox; `recipient` is (kind, id), for instance ("contact", 7)."""
        ...


class BpmnError(Exception):
    """A service raises it for a failure that the drawing handles: an error event of that code catches it.

    What the service has written stays written. An error that nothing catches stops the case with an
    incident at the service task.
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message


class TryAgain(Exception):
    """A service raises it for what will pass by itself: a server that does not answer, a limit of calls.

    What it has written is undone; the case waits at the service task and the service is called again
    later (`retry_after` in config.toml). Anything else that a service did not foresee is tried again in
    the same way; a refusal in words (engine.errors) waits for a person at once.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Service = Callable[[Step], Mapping[str, Value] | None]
StartMapping = Callable[[Step], Mapping[str, Value]]


@dataclass(frozen=True)
class Entity:
    """A table that forms bind to by `entity.field`; its row's id is the variable `<key>_id`.

    `read(session, id)` gives the fields a form shows; `write(step, id, fields)` stores answers.
    """

    key: str
    read: Callable[[Session, int], Mapping[str, Value]]
    write: Callable[[Step, int, Mapping[str, Value]], None]


@dataclass(frozen=True)
class Title:
    """How a subject is called on a page: `Giulia Bianchi`, `Officine Bianchi S.r.l.`, 12000 EUR."""

    name: str
    detail: str = ""
    amount: object = None
    currency: str = "EUR"


@dataclass(frozen=True)
class Address:
    """Where a mail to somebody goes, and in which language it is written."""

    name: str
    email: str
    language: str | None = None


@dataclass(frozen=True)
class Process:
    """One process as Python knows it; a drawing without one gets the shared services."""

    key: str
    prefix: str = "C"
    """First letter(s) of its case numbers: `L` gives `L-2026-000123`."""
    subject: str | None = None
    """What a case is about: `lead` takes the subject's id from the variable `lead_id`."""
    services: Mapping[str, Service] = field(default_factory=dict)
    receive: Mapping[str, StartMapping] = field(default_factory=dict)
    """For each start message: turns its payload (`step.data`) into rows, and gives variables."""
    entities: Mapping[str, Entity] = field(default_factory=dict)


class Catalog:
    """The processes handed over by the door, with the services and entities all share."""

    def __init__(
        self,
        processes: Iterable[Process] = (),
        shared: Mapping[str, Service] | None = None,
        entities: Mapping[str, Entity] | None = None,
        titles: Callable[[Session, Iterable[tuple[str, int]]], Mapping[tuple[str, int], Title]] | None = None,
        search: Callable[[Session, str], set[tuple[str, int]]] | None = None,
        addresses: Callable[[Session, str, int], Address | None] | None = None,
    ) -> None:
        self.processes = {process.key: process for process in processes}
        self.shared = dict(shared or {})
        self.entities = dict(entities or {})
        self._titles = titles
        self._search = search
        self._addresses = addresses

    def titles(
        self, session: Session, subjects: Iterable[tuple[str, int]]
    ) -> Mapping[tuple[str, int], Title]:
        """How these subjects (kind, id) are called; what nobody knows is left out."""
        return self._titles(session, subjects) if self._titles else {}

    def search(self, session: Session, text: str) -> set[tuple[str, int]]:
        """The subjects whose name, company or number contains this text."""
        return self._search(session, text) if self._search else set()

    def address(self, session: Session, kind: str, number: int) -> Address | None:
        """Where a mail to (kind, id) goes, or None when there is no address."""
        return self._addresses(session, kind, number) if self._addresses else None

    def process(self, key: str) -> Process:
        return self.processes.get(key) or Process(key)

    def service(self, process: str, name: str) -> Service | None:
        return self.process(process).services.get(name) or self.shared.get(name)

    def entity(self, process: str, key: str) -> Entity | None:
        return self.process(process).entities.get(key) or self.entities.get(key)
