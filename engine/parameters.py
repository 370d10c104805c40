"""Named durations of a company (`first_contact`, `stalled.offer`), with the day they count from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import isodate
from sqlalchemy import bindparam, select

from engine.config import Settings
from engine.db import Transaction
from engine.errors import Invalid, NotFound
from engine.prepared import Statement
from engine.tables import Parameter

_IN_FORCE = Statement(
    select(Parameter.value)
    .where(Parameter.key == bindparam("parameter"), Parameter.valid_from <= bindparam("at"))
    .order_by(Parameter.valid_from.desc())
    .limit(1)
)


def text(settings: Settings, tx: Transaction, key: str) -> str:
    """The ISO 8601 duration in force now: the newest in the database, else config.toml's.

    Raises NotFound when nobody has ever given it.
    """
    kept = _IN_FORCE.scalar(tx, parameter=key, at=tx.now)
    value = kept if kept is not None else settings.parameters.get(key)
    if value is None:
        raise NotFound(
            "parameter_unknown",
            "There is no parameter “{key}”.",
            where=f"parameters.{key}",
            remedy="Add it to [parameters] in config.toml.",
            key=key,
        )
    return str(value)


def duration(settings: Settings, tx: Transaction, key: str) -> Any:
    """The same as a timedelta or isodate.Duration."""
    return isodate.parse_duration(text(settings, tx, key))


def in_force(settings: Settings, tx: Transaction) -> dict[str, str]:
    """Every parameter with the value that counts now."""
    values = dict(settings.parameters)
    rows = tx.session.execute(
        select(Parameter.key, Parameter.value)
        .where(Parameter.valid_from <= tx.now)
        .order_by(Parameter.valid_from)
    )
    values.update({row.key: row.value for row in rows})
    return values


def change(tx: Transaction, key: str, value: str, valid_from: datetime, actor_id: int | None = None) -> None:
    """Give a parameter a new value from an instant on; what counted before stays known."""
    try:
        isodate.parse_duration(value)
    except isodate.ISO8601Error:
        raise Invalid(
            "parameter_wrong",
            "“{value}” is no ISO 8601 duration.",
            where=f"parameters.{key}",
            remedy="Write P2D or PT4H.",
            value=value,
        ) from None
    tx.session.add(Parameter(key=key, value=value, valid_from=valid_from, actor_id=actor_id))
    tx.session.flush()
