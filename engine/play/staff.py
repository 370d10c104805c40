"""Imaginary staff: who they are, who is free, and what lies on whose desk."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from engine import people
from engine.db import Transaction
from engine.people import Person
from engine.play.invented import plain
from engine.play.scenario import Staff

NAMES = (
    "Anna Colombo", "Giulia Bianchi", "Marco Ferri", "Sara Conti", "Roberto Galli", "Elena Moretti",
    "Davide Riva", "Chiara Serra", "Paolo Martini", "Lucia Fabbri", "Andrea Costa", "Silvia Greco",
    "Matteo Villa", "Francesca Leone", "Luca Marini", "Irene Longo", "Stefano Monti", "Paola Ricci",
    "Nicola Sala", "Martina Gatti", "Fabio Rinaldi", "Beatrice Testa", "Giorgio Amato", "Alice Parisi",
)  # fmt: skip
"""The names that imaginary staff get, in the order in which roles are listed."""

FAR = datetime.max.replace(tzinfo=UTC)
Urgency = tuple[datetime, int]


@dataclass(frozen=True)
class Todo:
    """An open task as staff see it."""

    id: int
    case_id: int
    element: str
    role: str | None
    person_id: int | None
    due_at: datetime | None


@dataclass
class Worker:
    """Somebody who works on one task at a time."""

    person: Person
    share: float
    idle: bool = True
    own: list[tuple[Urgency, Todo]] = field(default_factory=list)
    """Tasks meant for this person alone."""


def hire(tx: Transaction, wanted: Iterable[Staff]) -> list[Worker]:
    """Those who have these roles already, and as many invented ones as are lacking."""
    workers: dict[int, Worker] = {}
    known = people.everybody(tx)
    names = iter(_names({person.key for person in known}))
    for staff in wanted:
        holders = sorted((person for person in known if staff.role in person.roles), key=lambda one: one.id)
        for person in holders[: staff.people]:
            workers.setdefault(person.id, Worker(person, staff.share))
        for _ in range(staff.people - len(holders)):
            name = next(names)
            key = key_of(name)
            person = people.ensure(tx, key, name, [staff.role], email=f"{key}@azienda.example")
            workers[person.id] = Worker(person, staff.share)
    return list(workers.values())


def key_of(name: str) -> str:
    """`giulia.bianchi`: how somebody signs in."""
    return ".".join(plain(part) for part in name.split())


def _names(taken: set[str]) -> Iterable[str]:
    number = 1
    while True:
        for name in NAMES:
            full = name if number == 1 else f"{name} {number}"
            if key_of(full) not in taken:
                yield full
        number += 1


class Office:
    """The desks: open tasks by role, and the workers who are free for them."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self.workers = workers
        self._by_id = {worker.person.id: worker for worker in workers}
        self._by_role: dict[str, list[Worker]] = {}
        for worker in workers:
            for role in worker.person.roles:
                self._by_role.setdefault(role, []).append(worker)
        self._waiting: dict[str, list[tuple[Urgency, Todo]]] = {}

    def put(self, todo: Todo) -> Worker | None:
        """Lay a task on its desk; returns a free worker for it, if there is one."""
        urgency = (todo.due_at or FAR, todo.id)
        worker = self._by_id.get(todo.person_id or 0)
        if worker is not None:
            heapq.heappush(worker.own, (urgency, todo))
            return worker if worker.idle else None
        if todo.person_id is not None:
            return None  # In the hands of somebody who does not play.
        role = todo.role or ""
        heapq.heappush(self._waiting.setdefault(role, []), (urgency, todo))
        able = self._by_role.get(role, []) if role else self.workers
        return next((one for one in able if one.idle), None)

    def take(self, worker: Worker) -> Todo | None:
        """The most urgent task that this worker may do."""
        desks = [worker.own, *(self._waiting.get(role, []) for role in ("", *sorted(worker.person.roles)))]
        fullest = min((desk for desk in desks if desk), key=lambda desk: desk[0][0], default=None)
        return heapq.heappop(fullest)[1] if fullest else None
