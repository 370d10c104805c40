"""Mails that must leave the house: written with the case, sent after the commit, at least once.

Every mail keeps the same Message-ID for all its tries, so that a receiver can drop a repeat.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from engine.config import Mail
from engine.db import Transaction
from engine.errors import PercorsoError
from engine.tables import Outbox
from engine.values import to_json

log = logging.getLogger("percorso.outbox")

PAUSES = (1, 5, 15, 60, 240, 720, 1440)
"""Minutes to wait after the first, second, ... failed try."""

TAKEN = 10
"""Minutes after which a mail that was taken, and of which nothing was heard, is tried again."""

_ABOUT_THIS_MAIL = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)


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


def send_due(
    begin: Callable[[], Transaction],
    settings: Mail,
    write: Callable[[Transaction, Outbox], Letter | None],
    *,
    limit: int = 50,
) -> int:
    """Send what is due; returns how many mails left. Without a mail server nothing is tried.

    `begin` opens a transaction: each mail is taken in one and its outcome kept in another, so that
    no lock is held while the mail server is spoken to. A mail taken by a process that dies comes up
    again after a while. `write` turns a row into a letter, or gives None when there is nobody to
    send it to any more. A mail that cannot be delivered is tried again after a growing pause, then
    given up with the reason beside it.
    """
    sent = 0
    for _ in range(limit if settings.host else 0):
        taken = _take(begin, write)
        if taken is None:
            break
        row_id, message_id, taken_at, letter = taken
        if letter is None:
            continue
        failure: Exception | None = None
        try:
            _deliver(settings, letter, message_id, taken_at)
        except (OSError, ValueError, LookupError, MessageError) as error:
            # Whatever is wrong with one mail, the others must leave. Errors may quote the address.
            log.warning("mail %s could not be sent (%s)", message_id, type(error).__name__)
            failure = error
        else:
            sent += 1
        _keep_outcome(begin, settings, row_id, failure)
        if isinstance(failure, OSError) and not isinstance(failure, _ABOUT_THIS_MAIL):
            break  # The server is gone; each further mail would wait for it as long.
    return sent


def _take(
    begin: Callable[[], Transaction], write: Callable[[Transaction, Outbox], Letter | None]
) -> tuple[int, str, datetime, Letter | None] | None:
    """The next mail that is due, out of reach of others for a while; None when there is none."""
    with begin() as tx:
        row = tx.session.scalar(
            select(Outbox)
            .where(Outbox.state == "waiting", Outbox.next_try <= tx.now)
            .order_by(Outbox.next_try, Outbox.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        row.attempts += 1
        row.next_try = tx.now + timedelta(minutes=TAKEN)
        letter = None
        try:
            letter = write(tx, row)
            row.reason = None if letter else "There is no address to send it to."
        except PercorsoError as refusal:
            row.reason = refusal.message
        if letter is None:
            row.state, row.next_try = "dropped", None
        return row.id, row.message_id, tx.now, letter


def _keep_outcome(
    begin: Callable[[], Transaction], settings: Mail, row_id: int, failure: Exception | None
) -> None:
    with begin() as tx:
        row = tx.session.get_one(Outbox, row_id)
        if failure is None:
            row.state, row.next_try, row.reason, row.sent_at = "sent", None, None, tx.now
            return
        row.reason = f"{type(failure).__name__}: {failure}"
        if row.attempts >= settings.max_attempts or not isinstance(failure, OSError):
            row.state, row.next_try = "failed", None
        else:
            row.next_try = tx.now + timedelta(minutes=PAUSES[min(row.attempts, len(PAUSES)) - 1])


def _deliver(settings: Mail, letter: Letter, message_id: str, now: datetime) -> None:
    message = EmailMessage()
    message["From"] = settings.sender
    # An address of its own type: text would be parsed again, and a comma in a name start another one.
    message["To"] = Address(letter.name, addr_spec=letter.address)
    message["Subject"] = " ".join(letter.subject.split())
    message["Message-ID"] = f"<{message_id}@{settings.sender.partition('@')[2] or 'percorso'}>"
    message["Date"] = format_datetime(now)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    with smtplib.SMTP(settings.host, settings.port, timeout=30) as server:
        if settings.starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.user:
            server.login(settings.user, settings.password)
        server.send_message(message)
