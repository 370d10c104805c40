"""Mails that must leave the house: written with the case, sent after the commit, at least once.

Every mail keeps the same Message-ID for all its tries, so that a receiver can drop a repeat.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from engine.config import Mail
from engine.db import Transaction
from engine.tables import Outbox
from engine.values import to_json

PAUSES = (1, 5, 15, 60, 240, 720, 1440)
"""Minutes to wait after the first, second, ... failed try."""


@dataclass(frozen=True)
class Letter:
    """A mail ready to go: who gets it, and its text in his language."""

    name: str
    address: str
    subject: str
    body: str


def add(
    tx: Transaction,
    case_id: int,
    version_id: int,
    mails: Iterable[tuple[str, tuple[str, int], Mapping[str, Any]]],
) -> None:
    """Put mails of a case into the outbox, in the transaction of its step."""
    for template, (kind, number), params in mails:
        tx.session.add(
            Outbox(
                message_id=uuid4().hex,
                case_id=case_id,
                version_id=version_id,
                template=template,
                recipient_kind=kind,
                recipient_id=number,
                params=to_json(dict(params)),
                state="waiting",
                attempts=0,
                next_try=tx.now,
                created_at=tx.now,
            )
        )


def due(tx: Transaction, amount: int = 50) -> list[Outbox]:
    """The mails to be tried now, locked for this transaction."""
    query = (
        select(Outbox)
        .where(Outbox.state == "waiting", Outbox.next_try <= tx.now)
        .order_by(Outbox.next_try, Outbox.id)
        .limit(amount)
        .with_for_update(skip_locked=True)
    )
    return list(tx.session.scalars(query))


def send_due(tx: Transaction, settings: Mail, write: Callable[[Outbox], Letter | None]) -> int:
    """Send what is due; returns how many mails left. Without a mail server nothing is tried.

    `write` turns a row into a letter, or gives None when there is nobody to send it to any more.
    A mail that cannot be delivered is tried again after a growing pause, then given up with the
    reason beside it.
    """
    if not settings.host:
        return 0
    rows = due(tx)
    if not rows:
        return 0
    sent = 0
    for row in rows:
        letter = write(row)
        row.attempts += 1
        if letter is None:
            row.state, row.next_try, row.reason = "dropped", None, "There is no address to send it to."
            continue
        try:
            _deliver(settings, letter, row, tx)
        except (OSError, smtplib.SMTPException) as error:
            row.reason = f"{type(error).__name__}: {error}"
            if row.attempts >= settings.max_attempts:
                row.state, row.next_try = "failed", None
            else:
                row.next_try = tx.now + timedelta(minutes=PAUSES[min(row.attempts, len(PAUSES)) - 1])
        else:
            row.state, row.next_try, row.reason, row.sent_at = "sent", None, None, tx.now
            sent += 1
    return sent


def _deliver(settings: Mail, letter: Letter, row: Outbox, tx: Transaction) -> None:
    message = EmailMessage()
    message["From"] = settings.sender
    message["To"] = formataddr((letter.name, letter.address))
    message["Subject"] = " ".join(letter.subject.split())
    message["Message-ID"] = f"<{row.message_id}@{settings.sender.partition('@')[2] or 'percorso'}>"
    message["Date"] = format_datetime(tx.now)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    with smtplib.SMTP(settings.host, settings.port, timeout=30) as server:
        if settings.starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.user:
            server.login(settings.user, settings.password)
        server.send_message(message)
