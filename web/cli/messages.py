"""Commands about messages: send one, list those that no case has taken, decide about one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import click

from engine import messages as mail
from engine import people
from engine.messages import Receipt, Unmatched
from engine.runtime import case_view
from engine.values import to_json
from web.cli import words
from web.cli.cases import case_text
from web.cli.desk import Answer, Desk
from web.cli.options import JSON_OBJECT, MESSAGE, PAIR, json_option, now_option

EVERY_MESSAGE = 1_000_000

NO_CASE: Mapping[str, object] = {
    "case": None,
    "case_no": None,
    "process": None,
    "version": None,
    "status": None,
    "open_tasks": [],
    "waiting": [],
    "data": {},
}
"""What is answered where no case has taken the message."""

as_option = click.option(
    "--as", "person", metavar="PERSON", help="Who does it; default: nobody in particular."
)


@click.command()
@click.argument("message")
@click.option("--key", "keys", type=PAIR, multiple=True, help="Finds the case: case_no=..., lead_id=...")
@click.option("--payload", type=JSON_OBJECT, default=None, help="What the message carries.")
@click.option("--id", "external_id", metavar="ID", help="The sender's own id; the same one is taken once.")
@now_option
@json_option
@click.pass_obj
def send(
    desk: Desk,
    message: str,
    keys: Iterable[tuple[str, str]],
    payload: Mapping[str, Any] | None,
    external_id: str | None,
    now: datetime | None,
) -> Answer:
    """Send MESSAGE to the case that waits for it, or start the case that it begins.

    It is stored first; what cannot be delivered stays in the list of `percorso messages`.
    """
    receipt = mail.receive(
        desk.engine, desk.instant(now), message, dict(keys), payload or {}, external_id=external_id
    )
    return _answer(desk, receipt, message)


@click.command("messages")
@click.option(
    "--state",
    "states",
    type=click.Choice([*mail.STATES, "all"]),
    multiple=True,
    help="Only those in this state; may be given several times. Default: all that no case has taken.",
)
@json_option
@click.pass_obj
def list_(desk: Desk, states: tuple[str, ...]) -> Answer:
    """List the messages that no case has taken, the oldest first."""
    wanted = mail.STATES if "all" in states else states or mail.UNMATCHED
    with desk.reading() as tx:
        found = mail.unmatched(tx, wanted, EVERY_MESSAGE)
    lines = [
        (one.id, one.name, _pairs(one.keys), desk.local(one.received_at), one.state, one.reason, one.case_no)
        for one in found
    ]
    headers = ("MESSAGE", "NAME", "KEYS", "RECEIVED", "STATE", "REASON", "CASE")
    return Answer(
        [_shape(one) for one in found],
        lambda: words.table(headers, lines, "There are no messages that wait for a case."),
    )


@click.group()
def message() -> None:
    """Look at a message, attach it to a case, try it again, or dismiss it."""


@message.command()
@click.argument("message", type=MESSAGE)
@json_option
@click.pass_obj
def show(desk: Desk, message: int) -> Answer:
    """Show MESSAGE with what it carries, and the cases that it may be for."""
    with desk.reading() as tx:
        found, payload = mail.get(tx, message)
        cases = mail.candidates(tx, found)
    plain = to_json(payload)
    shape = {
        **_shape(found),
        "payload": plain,
        "candidates": [
            {"case": one.case_id, "case_no": one.case_no, "waits": one.waits, "same_ids": one.same}
            for one in cases
        ],
    }
    lines = [(one.case_no, "yes" if one.waits else "no", "yes" if one.same else "no") for one in cases]

    def text() -> str:
        parts = [
            f"Message {found.id}: {found.name}, {found.state}, received {desk.local(found.received_at)}",
            f"Keys: {_pairs(found.keys) or '-'}",
            *([f"Reason: {found.reason} ({found.note})"] if found.reason else []),
            f"Payload: {words.to_text(plain)}",
            words.table(("CASE", "WAITS FOR IT", "SAME ID"), lines, "No case waits for it or has its ids."),
        ]
        return "\n\n".join(parts)

    return Answer(shape, text)


@message.command()
@click.argument("message", type=MESSAGE)
@click.argument("case")
@click.option("--element", help="Where in the case, if it waits for the message at several places.")
@as_option
@now_option
@json_option
@click.pass_obj
def attach(
    desk: Desk, message: int, case: str, element: str | None, person: str | None, now: datetime | None
) -> Answer:
    """Give MESSAGE to CASE, whatever its keys: at once if the case waits for it, else when it does."""
    receipt = mail.attach(
        desk.engine, desk.instant(now), message, case, actor_id=_who(desk, person), element=element
    )
    return _answer(desk, receipt, _name(desk, message))


@message.command()
@click.argument("message", type=MESSAGE)
@as_option
@now_option
@json_option
@click.pass_obj
def retry(desk: Desk, message: int, person: str | None, now: datetime | None) -> Answer:
    """Try to deliver MESSAGE again."""
    receipt = mail.retry(desk.engine, desk.instant(now), message, actor_id=_who(desk, person))
    return _answer(desk, receipt, _name(desk, message))


@message.command()
@click.argument("message", type=MESSAGE)
@click.option("--reason", required=True, help="Why; kept with the message, where it can be erased.")
@as_option
@now_option
@json_option
@click.pass_obj
def dismiss(desk: Desk, message: int, reason: str, person: str | None, now: datetime | None) -> Answer:
    """Put MESSAGE aside for good."""
    actor_id = _who(desk, person)
    with desk.writing(desk.instant(now)) as tx:
        mail.dismiss(desk.engine, tx, message, reason, actor_id=actor_id)
        found, _ = mail.get(tx, message)
    return Answer(_shape(found), lambda: f"Message {found.id} “{found.name}” is dismissed.")


def _answer(desk: Desk, receipt: Receipt, name: str) -> Answer:
    """The case as it then stands, with what has become of the message."""
    about = {
        "id": receipt.message_id,
        "state": receipt.state,
        "repeated": receipt.repeated,
    }
    if receipt.refusal is not None:
        refused = words.refusal(receipt.refusal)
        number = receipt.message_id
        later = f"The message is kept as number {number} (`percorso message show {number}`)."
        return Answer(
            {**words.refusal_json(refused), "message": about},
            lambda: later,
            code=1,
            refusal=words.refusal_text(refused),
        )
    if not receipt.cases:
        return Answer({**NO_CASE, "message": about}, lambda: _kept(receipt, name))
    with desk.reading() as tx:
        view = case_view(desk.engine, tx, receipt.cases[0].case_id)
    return Answer({**view.to_json(), "message": about}, lambda: case_text(desk, view, []))


def _kept(receipt: Receipt, name: str) -> str:
    if receipt.state == "kept":
        return f"No case waits for “{name}” now; it is kept for one that will."
    return f"The message “{name}” is here already (number {receipt.message_id}): {receipt.state}."


def _who(desk: Desk, person: str | None) -> int | None:
    if person is None:
        return None
    with desk.reading() as tx:
        return people.by_key(tx, person).id


def _name(desk: Desk, message_id: int) -> str:
    with desk.reading() as tx:
        return mail.get(tx, message_id)[0].name


def _pairs(keys: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in keys.items())


def _shape(one: Unmatched) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "external_id": one.external_id,
        "keys": dict(one.keys),
        "received_at": words.iso(one.received_at),
        "state": one.state,
        "reason": one.reason,
        "note": one.note,
        "attempts": one.attempts,
        "next_try": words.iso(one.next_try),
        "case_no": one.case_no,
    }
