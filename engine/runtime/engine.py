"""What every step needs, held together: the database, what processes bring, settings, versions."""

from __future__ import annotations

import threading
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from engine.catalog import Catalog
from engine.config import Settings
from engine.db import Database, Transaction
from engine.errors import NotFound
from engine.runtime.model import Model
from engine.store import LATEST_VERSION, NEWEST_VERSION
from engine.tables import Version

_Starts = dict[tuple[str, str], list[tuple[int, str]]]
"""(message or signal, its name) -> version id and start event of each process it starts."""


class Engine:
    """Made once by the door; `transaction(now)` opens a unit of work."""

    def __init__(self, database: Database, catalog: Catalog, settings: Settings) -> None:
        self.database = database
        self.catalog = catalog
        self.settings = settings
        self.zone: ZoneInfo = settings.timezone
        self._models: dict[int, Model] = {}
        self._starts: dict[int, _Starts] = {}
        self._heard: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def transaction(self, now: datetime, *, write: bool = True) -> Transaction:
        """A unit of work at that instant (aware UTC); see engine.db.Database.transaction."""
        return self.database.transaction(now, write=write)

    def model(self, tx: Transaction, version_id: int) -> Model:
        """The compiled version; read from the database once, kept for good."""
        model = self._models.get(version_id)
        if model is None:
            version = tx.session.get(Version, version_id)
            if version is None:
                raise NotFound("version_unknown", "There is no version number {id}.", id=version_id)
            with self._lock:
                model = self._models.setdefault(version_id, Model(version, self.settings))
        return model

    def latest(self, tx: Transaction, process: str) -> Model:
        """The newest version of a process; raises NotFound naming the processes there are."""
        version_id = LATEST_VERSION.scalar(tx, process=process)
        if version_id is None:
            raise self._unknown(tx, process)
        return self.model(tx, int(version_id))

    def chosen(
        self,
        tx: Transaction,
        process: str,
        by: datetime,
        *,
        number: int | None = None,
        tag: str | None = None,
    ) -> Model:
        """The version of that number, or the newest of that tag; else the newest there was at `by`.

        Versions that were deployed together have the same instant; a process that was not changed
        then keeps the version it had. Raises NotFound.
        """
        query = select(Version.id).where(Version.process == process)
        if number is not None:
            query = query.where(Version.number == number)
        else:
            query = query.where(Version.tag == tag if tag is not None else Version.created_at <= by)
        version_id = tx.session.scalar(query.order_by(Version.number.desc()).limit(1))
        if version_id is not None:
            return self.model(tx, version_id)
        if LATEST_VERSION.scalar(tx, process=process) is None:
            raise self._unknown(tx, process)
        if tag is not None:
            raise NotFound(
                "version_untagged",
                "The process “{process}” has no version with the tag “{tag}”.",
                remedy="Deploy one with that tag, or call the latest version.",
                process=process,
                tag=tag,
            )
        if number is None:
            raise NotFound(
                "version_later",
                "The process “{process}” was deployed later than the drawing that calls it.",
                remedy="Deploy both together, or call the latest version.",
                process=process,
            )
        raise NotFound(
            "version_unknown",
            "The process “{process}” has no version {number}.",
            remedy="Call a version that there is, or the latest one.",
            process=process,
            number=number,
        )

    def _unknown(self, tx: Transaction, process: str) -> NotFound:
        known = sorted(set(tx.session.scalars(select(Version.process))))
        return NotFound(
            "process_unknown",
            "There is no process “{process}”.",
            where="process",
            remedy="Deployed are: {known}." if known else "Deploy one with `percorso deploy bpmn`.",
            process=process,
            known=", ".join(known),
        )

    def is_heard(self, tx: Transaction, message: str) -> bool:
        """Does any deployed drawing wait for this message, or begin with it?"""
        self._starting(tx)
        return message in self._heard

    def started_by(self, tx: Transaction, message: str) -> tuple[Model, str] | None:
        """The newest version that a message starts, with its start event."""
        found = self._starting(tx).get(("message", message))
        return (self.model(tx, found[0][0]), found[0][1]) if found else None

    def hearing(self, tx: Transaction, signal: str) -> list[tuple[Model, str]]:
        """The newest version of each process that a signal starts, with its start event."""
        found = self._starting(tx).get(("signal", signal), ())
        return [(self.model(tx, version_id), event) for version_id, event in found]

    def _starting(self, tx: Transaction) -> _Starts:
        newest = NEWEST_VERSION.scalar(tx) or 0
        starts = self._starts.get(newest)
        if starts is None:
            starts = {}
            heard: set[str] = set()
            for process in tx.session.scalars(select(Version.process).distinct().order_by(Version.process)):
                model = self.latest(tx, process)
                heard |= model.hears
                named = [("message", *one) for one in model.starts.items()]
                named += [("signal", *one) for one in model.signal_starts.items()]
                for kind, name, event in named:
                    if name is not None:
                        starts.setdefault((kind, name), []).append((model.version_id, event))
            self._starts, self._heard = {newest: starts}, frozenset(heard)
        return starts
