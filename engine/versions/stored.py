"""The versions that are kept: the newest one, any one, and the list of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from engine.db import Transaction
from engine.errors import NotFound
from engine.tables import Case, Version


def newest(tx: Transaction, process: str) -> Version | None:
    """The newest version of a process, if there is one."""
    return tx.session.scalar(
        select(Version).where(Version.process == process).order_by(Version.number.desc()).limit(1)
    )


def pick(tx: Transaction, process: str, number: int | None = None) -> Version:
    """A version of a process, the newest without a number. Raises NotFound naming what there is."""
    query = select(Version).where(Version.process == process).order_by(Version.number.desc())
    every = {version.number: version for version in tx.session.scalars(query)}
    if not every:
        known = ", ".join(sorted(set(tx.session.scalars(select(Version.process)))))
        raise NotFound(
            "process_unknown",
            "There is no process “{process}”.",
            where="process",
            remedy="Deployed are: {known}." if known else "Deploy one with `percorso deploy bpmn`.",
            process=process,
            known=known,
        )
    if number is not None and number not in every:
        raise NotFound(
            "version_unknown",
            "“{name}” has no version {number}.",
            where="--version",
            remedy="There are: {known}.",
            name=process,
            number=number,
            known=", ".join(map(str, sorted(every))),
        )
    return every[max(every) if number is None else number]


@dataclass(frozen=True)
class VersionRow:
    """A version as lists show it."""

    id: int
    process: str
    number: int
    name: str
    file: str
    checksum: str
    author: str | None
    note: str
    tag: str | None
    created_at: Any
    open_cases: int
    cases: int


def versions(tx: Transaction, process: str | None = None) -> list[VersionRow]:
    """Every version of a process (or of all), newest first, with how many cases run on it."""
    open_cases = func.count().filter(Case.status.in_(("open", "stuck", "incident")))
    counts = {
        row[0]: (row[1], row[2])
        for row in tx.session.execute(
            select(Case.version_id, open_cases, func.count()).group_by(Case.version_id)
        )
    }
    query = select(
        Version.id,
        Version.process,
        Version.number,
        Version.name,
        Version.file,
        Version.checksum,
        Version.author,
        Version.note,
        Version.tag,
        Version.created_at,
    ).order_by(Version.process, Version.number.desc())
    if process is not None:
        query = query.where(Version.process == process)
    rows = tx.session.execute(query).all()
    found = [(row._asdict(), *counts.get(row.id, (0, 0))) for row in rows]
    return [VersionRow(**columns, open_cases=now, cases=ever) for columns, now, ever in found]
