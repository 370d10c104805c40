"""The clockwork: one tick looks for what is due; APScheduler only rings the bell."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from engine import messages, outbox, stalled, timers
from engine.db import Transaction
from engine.errors import NotFound, PercorsoError
from engine.outbox import Letter
from engine.runtime import Engine
from engine.tables import Outbox

log = logging.getLogger("percorso.worker")


@dataclass(frozen=True)
class TickReport:
    """What a tick did: stored messages delivered, cases woken by timers, failures, cases flagged, mails."""

    messages: int
    timers: int
    failed: int
    stalled: int
    mails: int
    expired: int

    def to_json(self) -> dict[str, int]:
        return asdict(self)


def tick(engine: Engine, now: datetime) -> TickReport:
    """Do everything that is due at `now`; safe to run in several processes at once."""
    # What came in before is heard before any timer is: a message beats the timer beside it.
    delivered, refused = messages.deliver_due(engine, now)
    woken, failed = timers.fire_due(engine, now)
    flagged = stalled.flag(engine, now)
    with engine.transaction(now) as tx:
        expired = messages.expire(engine, tx)
    mails = outbox.send_due(
        lambda: engine.transaction(now), engine.settings.mail, lambda tx, row: write(engine, tx, row)
    )
    return TickReport(delivered, woken, failed + refused, flagged, mails, expired)


def write(engine: Engine, tx: Transaction, row: Outbox) -> Letter | None:
    """A mail's text in its reader's language, from the texts of the version that wrote it.

    None when there is no address; raises NotFound when the version has no such text.
    """
    address = engine.catalog.address(tx.session, row.recipient_kind, row.recipient_id)
    if address is None or row.version_id is None:
        return None
    model = engine.model(tx, row.version_id)
    language = address.language or engine.settings.language
    every = [texts.get("mail", {}).get(row.template) for texts in _preferred(model.texts, language)]
    mail = next((one for one in every if one and "subject" in one and "body" in one), None)
    if mail is None:
        raise NotFound(
            "mail_text_missing",
            "The texts of “{process}” have no mail “{template}” with a subject and a body.",
            process=model.process,
            template=row.template,
        )
    values = {"name": address.name, **{key: str(value) for key, value in (row.params or {}).items()}}
    return Letter(address.name, address.email, _fill(mail["subject"], values), _fill(mail["body"], values))


def _preferred(texts: Mapping[str, Any], language: str) -> list[Any]:
    """Texts of all languages: the reader's first, then English, then any."""
    return [texts[key] for key in sorted(texts, key=lambda key: (key != language, key != "en", key))]


def _fill(text: str, values: dict[str, str]) -> str:
    """`{name}` placeholders filled; unknown ones stay as they are, and nothing else is interpreted."""
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), text)


class Bell:
    """Rings for a tick every few seconds."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._busy = threading.Lock()
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            timezone=UTC,
        )

    def start(self) -> None:
        """Start ringing, in a thread of its own; `serve` and `worker` do, nobody else."""
        self._scheduler.add_job(
            self.ring,
            "interval",
            seconds=self._engine.settings.tick_seconds,
            next_run_time=self._clock(),
            id="tick",
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Let a running tick end, then ring no more."""
        self._scheduler.shutdown(wait=True)
        self._engine.database.close()

    def ring(self) -> None:
        """One tick; a second ring meanwhile is dropped."""
        if not self._busy.acquire(blocking=False):
            return
        try:
            report = tick(self._engine, self._clock())
            if any(asdict(report).values()):
                log.info("tick: %s", report.to_json())
        except PercorsoError as error:
            log.error("the clockwork could not run: %s %s", error.message, error.remedy or "")
        finally:
            self._busy.release()
