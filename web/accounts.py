"""Who may sign in: a password hash for a person, and how many wrong ones an account forgives."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import BigInteger, Boolean, ForeignKey, Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from engine.columns import CODE, ID, PERSONAL, TIME, Base, BigId, Instant
from engine.db import Transaction
from engine.errors import Invalid
from engine.tables import Person

WINDOW = timedelta(minutes=15)
"""Wrong passwords are counted over this time."""

SHORTEST = 8
"""A password has at least this many characters."""

DEMO_PASSWORD = "percorso"
"""The password of everybody on a demo database; the sign-in page says so."""

HASHER = PasswordHasher()

# Checked when nobody has that name, so that the answer takes as long as for a wrong password.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$+WyZ1OPThGHJq/6R2YZXvA$RmwdfGTB8+VqOtylR3gaogbNwHSOycd08Kt4aq6bK9M"


class Account(Base):
    """What a person signs in with; one per person at most."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    person_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("people.id", ondelete="CASCADE"), unique=True, info=ID
    )
    password_hash: Mapped[str] = mapped_column(String(200), info=PERSONAL)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, info=ID)
    active: Mapped[bool] = mapped_column(Boolean, default=True, info=CODE)
    failed_count: Mapped[int] = mapped_column(Integer, default=0, info=CODE)
    failed_since: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    last_sign_in: Mapped[datetime | None] = mapped_column(Instant, info=TIME)


class Installation(Base):
    """What this installation knows about itself: the signing secret, whether it is a demo."""

    __tablename__ = "installation"

    key: Mapped[str] = mapped_column(String(40), primary_key=True, info=CODE)
    value: Mapped[str] = mapped_column(Text, info=CODE)


@dataclass(frozen=True)
class Attempt:
    """A sign-in under way: what to compare the password with, or until when to wait."""

    account_id: int | None
    password_hash: str
    wait_until: datetime | None = None

    def matches(self, password: str) -> bool:
        """Slow on purpose; call it outside a transaction."""
        try:
            HASHER.verify(self.password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
        return self.account_id is not None and self.wait_until is None


def check(password: str) -> None:
    """Refuse a password that is too short; the message is at the field `password`."""
    if len(password) < SHORTEST:
        raise Invalid(
            "password_short",
            "A password needs at least {count} characters.",
            fields={"password": "A password needs at least {count} characters."},
            remedy="Choose a longer one; several words are easy to remember.",
            count=SHORTEST,
        )


def set_password(tx: Transaction, person_id: int, password: str) -> Account:
    """Give a person a password, or another one; every session of the old one ends."""
    check(password)
    account = tx.session.scalar(select(Account).where(Account.person_id == person_id))
    if account is None:
        account = Account(person_id=person_id, active=True, failed_count=0)
        tx.session.add(account)
    account.password_hash = HASHER.hash(password)
    account.fs_uniquifier = secrets.token_hex(16)
    account.failed_count, account.failed_since = 0, None
    tx.session.flush()
    return account


def begin(tx: Transaction, key: str, attempts: int) -> Attempt:
    """Count an attempt *before* the password is looked at, so that many at once cannot slip by."""
    account = tx.session.scalar(
        select(Account)
        .join(Person, Person.id == Account.person_id)
        .where(Person.key == key.strip().lower(), Person.active, Account.active)
        .with_for_update(of=Account)
    )
    if account is None:
        return Attempt(None, NOBODY)
    if account.failed_since is None or account.failed_since + WINDOW <= tx.now:
        account.failed_count, account.failed_since = 0, tx.now
    if account.failed_count >= attempts:
        return Attempt(account.id, account.password_hash, wait_until=account.failed_since + WINDOW)
    account.failed_count += 1
    return Attempt(account.id, account.password_hash)


def succeed(tx: Transaction, account_id: int) -> None:
    """The password was right: forget the wrong ones."""
    account = tx.session.get_one(Account, account_id)
    account.failed_count, account.failed_since, account.last_sign_in = 0, None, tx.now


def secret(tx: Transaction, given: str) -> str:
    """The secret that signs sessions: the configured one, else a random one kept in the database."""
    if given:
        return given
    kept = tx.session.get(Installation, "secret")
    if kept is None:
        kept = Installation(key="secret", value=secrets.token_hex(32))
        tx.session.add(kept)
        tx.session.flush()
    return kept.value


def mark_demo(tx: Transaction) -> None:
    """Say that this database is a demo: the sign-in page then shows its people to click."""
    tx.session.merge(Installation(key="demo", value="yes"))


def is_demo(tx: Transaction) -> bool:
    return tx.session.get(Installation, "demo") is not None


def demo_people(tx: Transaction) -> Sequence[Person]:
    """The people to offer on the sign-in page; none unless the database is a demo."""
    if not is_demo(tx):
        return []
    return tx.session.scalars(
        select(Person)
        .join(Account, Account.person_id == Person.id)
        .where(Person.active, Account.active)
        .order_by(Person.id)
    ).all()
