"""Every column says what kind of data it holds, so that personal data can be found and erased."""

from __future__ import annotations

import processes.records
import web.accounts
from engine.columns import Base

DECLARED = (processes.records, web.accounts)
MARKS = {"personal", "code", "id", "amount", "time"}


def test_every_column_is_marked() -> None:
    unmarked = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.info.get("mark") not in MARKS
    ]

    assert len(Base.metadata.tables) > 20
    assert unmarked == []


def test_history_and_state_hold_nothing_personal() -> None:
    events = Base.metadata.tables["events"]
    cases = Base.metadata.tables["cases"]

    personal = [c.name for table in (events, cases) for c in table.columns if c.info["mark"] == "personal"]

    assert personal == []
