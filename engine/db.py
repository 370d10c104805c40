"""Opens the database, and commits: `Database.transaction()` is the only place that does."""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import event, exc
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import Session

from engine.errors import Conflict, SetupError

HOLDS = 1
"""Sets our advisory locks apart from those of other programs on the same PostgreSQL database."""


class Transaction:
    """One unit of work, as a context manager: everything in it is kept, or nothing is.

    `cursor` is the driver's own cursor for the prepared statements of engine.store; `session` is
    the SQLAlchemy session on the same connection, made when first asked for.
    """

    def __init__(self, database: Database, now: datetime, *, write: bool) -> None:
        self.database = database
        self.now = now
        self.cursor: Any
        self.depth = 0
        """How many messages deep the running action is (engine.runtime.flow counts)."""
        self.set_off = 0
        """How many messages the running action has set off."""
        self._write = write
        self._connection: Connection
        self._driver: Any
        self._session: Session | None = None
        self._after_rollback: list[Callable[[Transaction], None]] = []

    def __enter__(self) -> Transaction:
        try:
            self._connection = self.database.take()
            self._driver = self._connection.connection.driver_connection
            self.cursor = self._driver.cursor()
            if self.database.dialect == "sqlite":
                self.cursor.execute("BEGIN IMMEDIATE" if self._write else "BEGIN")
        except (exc.DBAPIError, sqlite3.Error) as error:
            self._drop()
            raise self.database.explain(error) or error from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self._undo()
            refusal = self.database.explain(error)
            if refusal is not None:
                raise refusal from error
            return
        try:
            self.flush()
            self._commit()
        except BaseException as failure:
            self._undo()
            refusal = self.database.explain(failure)
            if refusal is not None:
                raise refusal from failure
            raise

    @contextmanager
    def savepoint(self, *, session_only: bool = False) -> Iterator[None]:
        """A part that can fail alone: what it wrote is undone, what came before it stays.

        The error goes on; whoever catches it outside goes on with the transaction. `session_only` is for
        parts that write through the session alone: it costs next to nothing where they do not.
        """
        kept, depth, set_off = list(self._after_rollback), self.depth, self.set_off
        # The session's own savepoint: it survives a statement of the session that fails.
        part = self.session.begin_nested()
        if not session_only:
            # SQLAlchemy sends it when the session is first used, which is too late for the cursor.
            self.session.connection()
        try:
            yield
            self.flush()
        except BaseException:
            part.rollback()
            self._after_rollback = kept
            self.depth, self.set_off = depth, set_off
            raise
        part.commit()

    def _commit(self) -> None:
        # SQLAlchemy's connection takes part only when the session was used.
        if self._session is not None:
            self._connection.commit()
            self._session.close()
        self._driver.commit()
        self.cursor.close()
        self.database.give_back(self._connection)

    def _undo(self) -> None:
        self._drop()
        if self._after_rollback:
            # If not even this can be written, the first error is the one to hear about.
            unwritable = (exc.DBAPIError, sqlite3.Error, SetupError, Conflict)
            with suppress(*unwritable), self.database.transaction(self.now) as second:
                for work in self._after_rollback:
                    work(second)

    def _drop(self) -> None:
        """Undo and let go of the connection: after a failure it is not used again."""
        if self._session is not None:
            self._session.close()
        connection: Connection | None = getattr(self, "_connection", None)
        if connection is not None:
            with suppress(exc.DBAPIError, sqlite3.Error):
                if not connection.closed:
                    self._driver.rollback()
            connection.close()

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = Session(
                bind=self._connection, autoflush=True, join_transaction_mode="rollback_only"
            )
        return self._session

    def flush(self) -> None:
        """Send what the session holds back, so that the cursor sees it too."""
        if self._session is not None:
            self._session.flush()

    def forget(self) -> None:
        """Let the session read again what the cursor has written."""
        if self._session is not None:
            self._session.expire_all()

    def hold(self, name: str, *, shared: bool = False) -> None:
        """Until the end of this transaction, nobody else holds that name, or nobody but those who share it.

        On SQLite there is never more than one who writes.
        """
        if self.database.dialect == "postgresql":
            how = "_shared" if shared else ""
            self.cursor.execute(
                f"SELECT pg_advisory_xact_lock{how}(%s, %s)",
                (HOLDS, zlib.crc32(name.encode()) - 2**31),
            )

    def after_rollback(self, work: Callable[[Transaction], None]) -> None:
        """Run `work` in a transaction of its own if this one fails: incidents are kept this way."""
        self._after_rollback.append(work)


class Database:
    """An SQLite file or a PostgreSQL database, given by its address (`sqlite:///demo.db`)."""

    def __init__(self, url: str, *, synchronous: str = "NORMAL", busy_seconds: float = 10.0) -> None:
        self.url = _normal(url)
        self.dialect = "sqlite" if self.url.startswith("sqlite") else "postgresql"
        if self.dialect == "sqlite":
            _make_folder(self.url)
            self.pool = sqlalchemy.create_engine(
                self.url, connect_args={"timeout": busy_seconds, "check_same_thread": False}
            )
            _prepare_sqlite(self.pool, synchronous)
        else:
            self.pool = sqlalchemy.create_engine(self.url, pool_pre_ping=True, pool_size=8, max_overflow=16)
        self._local = threading.local()

    def transaction(self, now: datetime, *, write: bool = True) -> Transaction:
        """Open a transaction, keep it when the block ends well, undo it when it raises.

        `now` (aware UTC) is the instant at which everything in the block happens. On SQLite a
        writing transaction takes the write lock at once (BEGIN IMMEDIATE), so that two workers
        never build on the same state. Raises Conflict when the database is busy, SetupError when
        it cannot be used.
        """
        if now.tzinfo is None:
            raise ValueError("now must be an aware UTC datetime")
        return Transaction(self, now, write=write)

    def take(self) -> Connection:
        """This thread's connection; a transaction within a transaction gets one of its own."""
        kept: Connection | None = getattr(self._local, "connection", None)
        if kept is None or kept.closed or kept.invalidated:
            return self.pool.connect()
        self._local.connection = None
        return kept

    def give_back(self, connection: Connection) -> None:
        """Keep a connection for this thread's next transaction."""
        if getattr(self._local, "connection", None) is None:
            self._local.connection = connection
        else:
            connection.close()

    def close(self) -> None:
        """Close this thread's connection and the pool."""
        kept: Connection | None = getattr(self._local, "connection", None)
        if kept is not None:
            kept.close()
            self._local.connection = None
        self.pool.dispose()

    def explain(self, error: BaseException) -> Exception | None:
        """A driver's error in words, or None when it is not the database that failed."""
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        text = str(cause).strip().split("\n")[0]
        shown = make_url(self.url).render_as_string(hide_password=True)
        kind = type(cause).__name__
        busy = kind in {"SerializationFailure", "DeadlockDetected", "LockNotAvailable"}
        if busy or (isinstance(cause, sqlite3.Error) and "locked" in text):
            return Conflict(
                "database_busy",
                "The database was busy with somebody else's change ({reason}).",
                where=shown,
                remedy="Nothing was changed; try again.",
                reason=text,
            )
        if kind == "UndefinedTable" or "no such table" in text:
            return SetupError(
                "database_not_prepared",
                "The database {url} is not prepared: {reason}.",
                where=shown,
                remedy="Run `percorso db upgrade`.",
                url=shown,
                reason=text,
            )
        # DatabaseError: a file that is no database, or a broken one.
        if kind in {"OperationalError", "DatabaseError"}:
            return SetupError(
                "database_unusable",
                "The database {url} cannot be used: {reason}.",
                where=shown,
                remedy="Check that it exists, that you may write to it and that the disk is not full; "
                "a new one is prepared with `percorso db upgrade`.",
                url=shown,
                reason=text,
            )
        return None


def _normal(url: str) -> str:
    """PostgreSQL addresses go to psycopg 3, whichever way they are spelt."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    try:
        name = make_url(url).get_backend_name()
    except exc.ArgumentError:
        name = ""
    if name not in {"sqlite", "postgresql"}:
        raise SetupError(
            "database_address",
            "“{url}” is not the address of a database Percorso can use.",
            where="--database",
            remedy="Use sqlite:///path/to/file.db or postgresql://user:password@host/name.",
            url=url,
        )
    return url


def _make_folder(url: str) -> None:
    path = make_url(url).database
    if path and path != ":memory:":
        with suppress(OSError):  # The connection itself will say what is wrong.
            Path(path).parent.mkdir(parents=True, exist_ok=True)


def _prepare_sqlite(pool: sqlalchemy.Engine, synchronous: str) -> None:
    @event.listens_for(pool, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={'FULL' if synchronous.upper() == 'FULL' else 'NORMAL'}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA temp_store=MEMORY")
        # A checkpoint waits for the disk; every 16 MB instead of every 4 is often enough.
        cursor.execute("PRAGMA wal_autocheckpoint=4000")
        cursor.execute("PRAGMA cache_size=-32000")
        cursor.close()
