"""Mails leave after the commit, at least once, under one Message-ID; seen by a real mail server."""

from __future__ import annotations

import email.policy
import socket
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from engine import outbox
from engine.catalog import Address, Catalog, Step
from engine.config import Mail
from engine.tables import Incident, Outbox
from engine.values import Value
from engine.worker import write as words
from tests.engine.drawing import bpmn, end, service, start, user
from tests.engine.house import House

TEXTS = {
    "it": {"mail": {"hello": {"subject": "Buongiorno {name}", "body": "Offerta {number}: {missing}."},
                    "only_it": {"subject": "Solo", "body": "italiano"}}},
    "en": {"mail": {"hello": {"subject": "Hello {name}", "body": "Offer {number}: {missing}."},
                    "broken": {"subject": "No body"}}},
}  # fmt: skip
OFFER = bpmn(
    "offer", start("begin"), user("write"), service("send"), end("done"), "begin > write > send > done"
)
PEOPLE = {
    1: Address("Ada Rossi", "ada@example.org", "en"),
    2: Address("Bruno Verdi", "bruno@example.org", "it"),
    3: Address("Carla, “the” Boss", "carla@example.org"),
    4: Address("Eve\r\nBcc: all@example.org", "eve@example.org", "en"),
    6: Address("Refused", "refused@example.org", "en"),
}


class Mailbox:
    """What the mail server does: keeps mails, or answers as `answer` says."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = "250 Message accepted for delivery"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("refused"):
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        message["X-Recipients"] = ", ".join(envelope.rcpt_tos)
        self.mails.append(message)
        return self.answer


@pytest.fixture
def mailbox(house: House) -> Iterator[Mailbox]:
    """A mail server on a port of its own, which the house knows; its people, and a process that writes."""
    found = Mailbox()
    port = _free_port()
    server = Controller(found, hostname="127.0.0.1", port=port)
    server.start()
    house.configure(mail=Mail(host="127.0.0.1", port=port, sender="crm@percorso.example", max_attempts=3))

    def send(step: Step) -> Mapping[str, Value] | None:
        template, number = str(step.data.get("template", "hello")), step.data.get("to")
        assert isinstance(number, int)
        step.mail(template, ("contact", number), number=17)
        if step.data.get("fails"):
            raise ValueError("after the mail")
        return None

    house.engine.catalog = Catalog(
        shared={"send": send}, addresses=lambda session, kind, number: PEOPLE.get(number)
    )
    house.deploy(OFFER, texts=TEXTS)
    yield found
    server.stop()


def write(house: House, to: int, **data: object) -> None:
    house.complete(house.start("offer", {"to": to, **data}), "write")


def rows(house: House) -> list[tuple[str, int, str | None]]:
    return [(row.state, row.attempts, row.reason) for row in house.rows(Outbox)]


def test_a_mail_leaves_with_the_next_tick_in_its_readers_language(house: House, mailbox: Mailbox) -> None:
    write(house, 1)
    write(house, 2)
    assert mailbox.mails == []
    assert house.tick(minutes=1).mails == 2
    first, second = mailbox.mails
    assert (first["From"], first["To"], first["Subject"]) == (
        "crm@percorso.example", "Ada Rossi <ada@example.org>", "Hello Ada Rossi",
    )  # fmt: skip
    assert first.get_content().strip() == "Offer 17: {missing}."
    assert second["Subject"] == "Buongiorno Bruno Verdi"
    assert first["Date"].datetime == house.now
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Message-ID"] != second["Message-ID"]
    assert rows(house) == [("sent", 1, None), ("sent", 1, None)]
    assert [row.sent_at for row in house.rows(Outbox)] == [house.now] * 2
    assert house.tick(days=9).mails == 0


def test_the_company_language_and_then_any_other_serves_who_has_none(house: House, mailbox: Mailbox) -> None:
    write(house, 3)
    write(house, 1, template="only_it")
    house.tick()
    assert [mail["Subject"] for mail in mailbox.mails] == ["Buongiorno Carla, “the” Boss", "Solo"]
    assert mailbox.mails[0]["To"].addresses[0].addr_spec == "carla@example.org"


def test_the_mail_of_a_step_that_fails_never_leaves(house: House, mailbox: Mailbox) -> None:
    write(house, 1, fails=True)
    assert [one.element for one in house.rows(Incident)] == ["send"]
    house.tick()
    assert (mailbox.mails, rows(house)) == ([], [])


def test_a_repeat_carries_the_same_message_id(house: House, mailbox: Mailbox) -> None:
    write(house, 1)
    mailbox.answer = "451 try again later"
    assert house.tick().mails == 0
    assert rows(house)[0][:2] == ("waiting", 1)
    mailbox.answer = "250 OK"
    assert house.tick(seconds=59).mails == 0
    assert house.tick(seconds=1).mails == 1
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_a_mail_whose_sender_process_died_comes_up_again_with_the_same_message_id(
    house: House, mailbox: Mailbox
) -> None:
    write(house, 1)

    class Killed(BaseException):
        pass

    def begin() -> Any:
        # Dies when it would keep the outcome, after the mail has left.
        if mailbox.mails:
            raise Killed
        return house.engine.transaction(house.now)

    with pytest.raises(Killed):
        outbox.send_due(begin, house.engine.settings.mail, lambda tx, row: words(house.engine, tx, row))
    assert rows(house) == [("waiting", 1, None)]
    assert house.tick(minutes=9).mails == 0
    assert house.tick(minutes=1).mails == 1
    assert mailbox.mails[0]["Message-ID"] == mailbox.mails[1]["Message-ID"]
    assert rows(house) == [("sent", 2, None)]


def test_without_a_mail_server_mails_wait_untried(house: House, mailbox: Mailbox) -> None:
    write(house, 1)
    server = house.engine.settings.mail
    house.configure(mail=Mail())
    assert house.tick(days=30).mails == 0
    assert rows(house) == [("waiting", 0, None)]
    house.configure(mail=server)
    assert house.tick().mails == 1


def test_a_mail_is_given_up_after_the_last_try_with_the_reason(house: House, mailbox: Mailbox) -> None:
    write(house, 1)
    mailbox.answer = "554 no"
    pauses = []
    for _ in range(3):
        house.tick()
        (row,) = house.rows(Outbox)
        pauses.append(row.next_try - house.now if row.next_try else None)
        house.now = row.next_try or house.now
    assert pauses == [timedelta(minutes=1), timedelta(minutes=5), None]
    assert rows(house) == [("failed", 3, "SMTPDataError: (554, b'no')")]
    assert house.tick(days=9).mails == 0


def test_a_refused_address_does_not_keep_the_others_waiting(house: House, mailbox: Mailbox) -> None:
    for number in (6, 1, 2):
        write(house, number)
    assert house.tick().mails == 2
    assert [state for state, _, _ in rows(house)] == ["waiting", "sent", "sent"]
    assert "nobody of that name" in str(rows(house)[0][2])


def test_a_server_that_is_gone_is_asked_once_a_tick(house: House, mailbox: Mailbox) -> None:
    house.configure(mail=Mail(host="127.0.0.1", port=_free_port(), max_attempts=3))
    for _ in range(4):
        write(house, 1)
    assert house.tick().mails == 0
    assert [attempts for _, attempts, _ in rows(house)] == [1, 0, 0, 0]
    assert str(rows(house)[0][2]).startswith("ConnectionRefusedError: ")


@pytest.mark.parametrize(
    ("to", "template", "state", "reason"),
    [
        (5, "hello", "dropped", "There is no address to send it to."),
        (1, "unknown", "dropped", "The texts of “offer” have no mail “unknown” with a subject and a body."),
        (1, "broken", "dropped", "The texts of “offer” have no mail “broken” with a subject and a body."),
        (4, "hello", "failed", "ValueError: "),
    ],
)
def test_a_mail_that_cannot_be_written_is_set_aside_with_the_reason(
    house: House, mailbox: Mailbox, to: int, template: str, state: str, reason: str
) -> None:
    write(house, to, template=template)
    write(house, 2)
    assert house.tick().mails == 1
    assert [mail["X-Recipients"] for mail in mailbox.mails] == ["bruno@example.org"]
    found = rows(house)[0]
    assert found[:2] == (state, 1)
    assert str(found[2]).startswith(reason)


def test_nothing_in_a_value_is_taken_for_a_placeholder_or_a_header(house: House, mailbox: Mailbox) -> None:
    PEOPLE[7] = Address("{number} {name}", "odd@example.org", "en")
    write(house, 7)
    house.tick()
    assert mailbox.mails[0]["Subject"] == "Hello {number} {name}"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
