"""Keeps a drawing as a version, with everything that it is made of."""

from __future__ import annotations

from dataclasses import dataclass

from engine import diagrams
from engine.db import Transaction
from engine.runtime import Engine, plan_starts
from engine.tables import Version
from engine.versions.sheet import Sheet
from engine.versions.stored import newest


@dataclass(frozen=True)
class Label:
    """What whoever deploys says about a version."""

    author: str | None = None
    note: str = ""
    tag: str | None = None


def keep(engine: Engine, tx: Transaction, sheet: Sheet, drawing: diagrams.Drawing, label: Label) -> int:
    """A new version, unless the newest one is the same; returns its number."""
    last = newest(tx, drawing.process)
    if last is not None and last.checksum == sheet.checksum:
        return last.number
    bundle, origin = sheet.bundle, sheet.bundle.origin
    version = Version(
        process=drawing.process,
        number=(last.number if last is not None else 0) + 1,
        name=drawing.name or drawing.process,
        file=bundle.file[-200:],
        checksum=sheet.checksum,
        xml=bundle.xml,
        normal=sheet.text,
        forms={**sheet.normal.forms, **bundle.forms},
        decisions=bundle.decisions,
        texts=bundle.texts,
        extras=bundle.extras,
        author=label.author or (origin.author if origin else None),
        note=label.note or (origin.note if origin else ""),
        tag=label.tag or (origin.tag if origin else None),
        answers={element: dict(fields) for element, fields in sheet.normal.answers.items()},
        created_at=tx.now,
    )
    tx.session.add(version)
    tx.session.flush()
    plan_starts(engine, tx, drawing.process)
    return version.number
