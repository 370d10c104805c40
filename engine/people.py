"""Persons and their roles: who may see a task, who may take it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from engine import tables
from engine.db import Transaction
from engine.errors import NotFound


@dataclass(frozen=True)
class Person:
    """Somebody who works on steps; `key` is the name to sign in with."""

    id: int
    key: str
    name: str
    email: str | None
    language: str
    roles: frozenset[str]

    def may_take(self, role: str | None) -> bool:
        """May this person work on a task of that role? A task without a role is everybody's."""
        return role is None or role in self.roles


def by_key(tx: Transaction, key: str) -> Person:
    """The active person of that key; raises NotFound naming the remedy."""
    found = _read(tx, tables.Person.key == key)
    if not found:
        raise NotFound(
            "person_unknown",
            "There is no person “{key}”.",
            where="person",
            remedy="`percorso people` lists them.",
            key=key,
        )
    return found[0]


def by_id(tx: Transaction, person_id: int) -> Person:
    found = _read(tx, tables.Person.id == person_id)
    if not found:
        raise NotFound("person_unknown", "There is no person number {key}.", where="person", key=person_id)
    return found[0]


def everybody(tx: Transaction) -> list[Person]:
    """All active persons by name."""
    return _read(tx)


def names(tx: Transaction, ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these persons, in one query."""
    wanted = {number for number in ids if number is not None}
    if not wanted:
        return {}
    rows = tx.session.execute(
        select(tables.Person.id, tables.Person.name).where(tables.Person.id.in_(wanted))
    )
    return {row.id: row.name for row in rows}


def ensure(
    tx: Transaction,
    key: str,
    name: str | None = None,
    roles: Iterable[str] = (),
    *,
    email: str | None = None,
    language: str = "it",
) -> Person:
    """The person of that key, made if there is none yet; roles are added, never taken away."""
    session = tx.session
    row = session.scalar(select(tables.Person).where(tables.Person.key == key))
    if row is None:
        row = tables.Person(key=key, name=name or key, email=email, language=language, active=True)
        session.add(row)
        session.flush()
    have = set(session.scalars(select(tables.PersonRole.role).where(tables.PersonRole.person_id == row.id)))
    for role in set(roles) - have:
        session.add(tables.PersonRole(person_id=row.id, role=role))
    session.flush()
    return Person(row.id, row.key, row.name, row.email, row.language, frozenset(have | set(roles)))


def _read(tx: Transaction, *where: object) -> list[Person]:
    query = select(tables.Person).where(tables.Person.active, *where).order_by(tables.Person.name)  # type: ignore[arg-type]
    people = tx.session.scalars(query).all()
    roles: dict[int, set[str]] = {person.id: set() for person in people}
    held = select(tables.PersonRole).where(tables.PersonRole.person_id.in_(roles))
    for row in tx.session.scalars(held) if roles else ():
        roles[row.person_id].add(row.role)
    return [
        Person(row.id, row.key, row.name, row.email, row.language, frozenset(roles[row.id])) for row in people
    ]
