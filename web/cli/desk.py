"""What a command has at hand: settings, the engine, the clock; and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from engine import config
from engine.config import Settings
from engine.db import Database, Transaction
from engine.errors import SetupError
from engine.runtime import Engine
from engine.values import in_zone
from processes import catalog


@dataclass(frozen=True)
class Answer:
    """What a command found: `value` for programs (JSON), `text` for people, and the exit code.

    `refusal` is said on standard error besides.
    """

    value: object
    text: Callable[[], str]
    code: int = 0
    refusal: str = ""


class Desk:
    """One for each run of the command; `pipe` shares one among all its lines."""

    def __init__(self, file: Path | None = None, database: str | None = None) -> None:
        self.file = file
        self.database = database
        self.json = False
        """Was `--json` given?"""
        self.may_create = False
        """May a new SQLite file be made? Only for those who prepare it."""

    @cached_property
    def settings(self) -> Settings:
        return config.load(self.file, self.database)

    @cached_property
    def engine(self) -> Engine:
        """The engine on the configured database. Raises SetupError when that file is not there."""
        settings = self.settings
        if not self.may_create and self.is_missing:
            raise SetupError(
                "database_missing",
                "There is no database {url} yet.",
                where="--database",
                remedy="Check its address, or make one with `percorso db upgrade`.",
                url=settings.database,
            )
        database = Database(settings.database, synchronous=settings.synchronous)
        return Engine(database, catalog(), settings)

    @property
    def is_missing(self) -> bool:
        """Is the database a file that does not exist? Merely looking would make it."""
        prefix, _, file = self.settings.database.partition("sqlite:///")
        named = not prefix and bool(file) and not file.startswith((":memory:", "file:"))
        return named and not Path(file).exists()

    def now(self) -> datetime:
        """The real clock; every other instant of a command comes from its options."""
        return datetime.now(UTC)

    def instant(self, given: datetime | None) -> datetime:
        """An instant out of an option (without a zone it is the company's), else now."""
        if given is None:
            return self.now()
        if given.tzinfo is None:
            given = given.replace(tzinfo=self.settings.timezone)
        return given.astimezone(UTC)

    def local(self, moment: datetime | None) -> str:
        """An instant as people of the company read it."""
        return in_zone(moment, self.settings.timezone).strftime("%Y-%m-%d %H:%M") if moment else "-"

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        with self.engine.transaction(self.now(), write=False) as tx:
            yield tx

    @contextmanager
    def writing(self, now: datetime) -> Iterator[Transaction]:
        with self.engine.transaction(now) as tx:
            yield tx

    def close(self) -> None:
        if "engine" in self.__dict__:
            self.engine.database.close()
