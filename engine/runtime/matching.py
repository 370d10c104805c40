"""Which case a message is for: by name and keys, in the database and in a case in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from engine import state
from engine.db import Transaction
from engine.errors import Conflict, Invalid
from engine.runtime.save import Saver
from engine.runtime.waits import DECLARED_KEY, KEY_LENGTH, Waited, keys_of
from engine.store import CASE_ID, MESSAGE_LOAD, WAITING_DECLARED, WAITING_FOR, WAITING_IN, WAITING_WITH_KEY
from engine.values import from_json

CASE_KEYS = frozenset({"case_no", "case"})
"""Keys that name the case itself; every case has them."""

MAX_NAME, MAX_ID = 200, 300
"""How many characters a message's name and its sender's own id may have."""

MAX_PAYLOAD = 1024 * 1024
"""How large a payload may be in all, in bytes of JSON."""

OPEN = ("received", "kept", "failed")
"""The states of a message that may still be delivered."""


@dataclass(frozen=True)
class Inbound:
    """A stored message on its way to its case."""

    id: int
    name: str
    keys: Mapping[str, str]
    payload: dict[str, Any]
    received_at: datetime
    state: str = "received"
    case_id: int | None = None
    attached_to: int | None = None
    element: str | None = None
    actor_id: int | None = None
    attempts: int = 0
    reason: str | None = None


def checked(
    name: str, keys: Mapping[str, object] | None, payload: Mapping[str, object] | None
) -> tuple[dict[str, str], dict[str, Any]]:
    """Keys and payload as a case may take them; raises Invalid, naming the place, for what cannot be kept."""
    wanted = {str(key): str(value) for key, value in (keys or {}).items()}
    from_json([name, wanted], where="message")
    if not name.strip() or len(name) > MAX_NAME:
        raise Invalid(
            "message_name",
            "The name of a message has between 1 and {most} characters.",
            where="message",
            remedy="Use the name that the drawing gives it.",
            most=MAX_NAME,
        )
    for key, value in wanted.items():
        if len(key) > KEY_LENGTH or len(value) > KEY_LENGTH:
            raise Invalid(
                "message_key",
                "The key “{key}” is longer than {most} characters.",
                where="message",
                remedy="Keys are ids: case_no, or a variable whose name ends in _id.",
                key=key[:KEY_LENGTH],
                most=KEY_LENGTH,
            )
    try:
        values = from_json(dict(payload or {}), where="payload")
        size = len(orjson.dumps(state.encode(values)))
    except (RecursionError, orjson.JSONEncodeError):
        raise _unfit("it is nested too deeply") from None
    if size > MAX_PAYLOAD:
        raise _unfit("it is larger than 1 MB")
    assert isinstance(values, dict)
    return wanted, values


def _unfit(reason: str) -> Invalid:
    return Invalid(
        "payload_refused",
        "The payload cannot be stored: {reason}.",
        where="payload",
        remedy="Send an object of texts up to 64 kB, numbers, true/false, null, lists and objects.",
        reason=reason,
    )


def load(tx: Transaction, message_id: int) -> Inbound | None:
    """A stored message as it is now, its payload still as it is stored (see `opened`)."""
    row = MESSAGE_LOAD.row(tx, message_id=message_id)
    return Inbound(*row) if row is not None else None


def opened(message: Inbound) -> Inbound:
    """A loaded message with the values that it carries."""
    return replace(message, payload=state.decode(message.payload))


def waiting(tx: Transaction, name: str, keys: Mapping[str, str]) -> list[int]:
    """The cases that wait for a message and have all of its keys."""
    if not keys:
        return [row[0] for row in WAITING_FOR.rows(tx, message=name, amount=2) if row[1] is None]
    found: set[tuple[Any, ...]] | None = None
    for key, value in keys.items():
        if key in CASE_KEYS:
            case_id = CASE_ID.scalar(tx, case_no=value)
            rows = WAITING_IN.rows(tx, message=name, in_case=case_id) if case_id is not None else []
        else:
            rows = list(WAITING_WITH_KEY.rows(tx, message=name, key_name=key, key_value=value))
            declared = WAITING_DECLARED.rows(tx, message=name, declared=value)
            rows += [row for row in declared if key in (row[1], DECLARED_KEY)]
        waits = {tuple(row) for row in rows}
        found = waits if found is None else found & waits
    return sorted({case_id for case_id, *key in found or () if _is_met((key[0], key[1]), keys)})


def _is_met(declared: tuple[str | None, str | None] | None, keys: Mapping[str, str]) -> bool:
    """Does the message have the wait's declared key, if there is one, or name the case itself?"""
    name, value = declared or (None, None)
    return name is None or bool(keys.keys() & CASE_KEYS) or value in (keys.get(name), keys.get(DECLARED_KEY))


def fits(wait: Waited, case_no: str, case_keys: set[tuple[str, str]], keys: Mapping[str, str]) -> bool:
    """Is a message with these keys for that wait of the case?"""
    for key, value in keys.items():
        if key in CASE_KEYS:
            true = value == case_no
        else:
            declared = wait.key is not None and value == wait.key[1] and key in (wait.key[0], DECLARED_KEY)
            true = declared or (key, value) in case_keys
        if not true:
            return False
    return _is_met(wait.key, keys)


def may_be_for(run: Saver, keys: Mapping[str, str]) -> bool:
    """Is nothing in these keys that another case has and this one, as it is now, has not?"""
    has = keys_of(run.workflow)
    return all(
        value == run.case_no if key in CASE_KEYS else (key, value) in has or not key.endswith("_id")
        for key, value in keys.items()
    )


def ambiguous(name: str, count: int) -> Conflict:
    return Conflict(
        "message_ambiguous",
        "{count} cases wait for “{name}”, and the keys do not tell which one is meant.",
        where=name,
        remedy="Add a key that only one of them has, such as case_no.",
        count=count,
        name=name,
    )
