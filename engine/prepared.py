"""Statements written in SQLAlchemy, compiled once for each database, run on the driver's cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg

from engine.columns import Instant
from engine.db import Transaction

_DIALECTS: dict[str, Any] = {
    "sqlite": sqlite.dialect(),
    "postgresql": psycopg.dialect(paramstyle="format"),
}

Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class _Ready:
    """A compiled statement: its text, its parameters in order, and how to read its columns."""

    sql: str
    binds: tuple[tuple[str | None, Convert | None, Any], ...]
    results: tuple[tuple[int, Convert], ...]

    def bound(self, values: Mapping[str, Any]) -> list[Any]:
        return [
            constant if key is None else convert(values[key]) if convert else values[key]
            for key, convert, constant in self.binds
        ]


def _to_driver(kind: Any, dialect: Any) -> Convert | None:
    convert: Convert | None
    if isinstance(kind, Instant):
        convert = kind.direct(dialect.name)[0]
    else:
        convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return convert


def _from_driver(kind: Any, dialect: Any) -> Convert | None:
    convert: Convert | None
    if isinstance(kind, Instant):
        convert = kind.direct(dialect.name)[1]
    else:
        convert = kind.dialect_impl(dialect).result_processor(dialect, None)
    return convert


def _prepare(sql: Any, dialect: Any) -> _Ready:
    compiled = sql.compile(dialect=dialect)
    binds: list[tuple[str | None, Convert | None, Any]] = []
    for name in compiled.positiontup or ():
        bind = compiled.binds[name]
        convert = _to_driver(bind.type, dialect)
        if bind.required:
            binds.append((bind.key, convert, None))
        else:
            binds.append((None, None, convert(bind.value) if convert else bind.value))
    results = []
    for index, column in enumerate(getattr(sql, "selected_columns", ())):
        read = _from_driver(column.type, dialect)
        if read is not None:
            results.append((index, read))
    return _Ready(compiled.string, tuple(binds), tuple(results))


class Statement:
    """One SQL statement with named parameters, ready for both databases."""

    def __init__(self, sql: Any) -> None:
        self._sql = sql
        self._ready: dict[str, _Ready] = {}

    def _prepared(self, name: str) -> _Ready:
        ready = self._ready.get(name)
        if ready is None:
            ready = self._ready[name] = _prepare(self._sql, _DIALECTS[name])
        return ready

    def run(self, tx: Transaction, **values: Any) -> int:
        """Execute; returns how many rows were touched."""
        ready = self._prepared(tx.database.dialect)
        tx.cursor.execute(ready.sql, ready.bound(values))
        return int(tx.cursor.rowcount)

    def many(self, tx: Transaction, rows: Iterable[dict[str, Any]]) -> None:
        """Execute once for each row."""
        ready = self._prepared(tx.database.dialect)
        tx.cursor.executemany(ready.sql, [ready.bound(row) for row in rows])

    def rows(self, tx: Transaction, **values: Any) -> list[Sequence[Any]]:
        """Execute; returns the rows, their values as the tables declare them."""
        ready = self._prepared(tx.database.dialect)
        tx.cursor.execute(ready.sql, ready.bound(values))
        found: list[Sequence[Any]] = tx.cursor.fetchall()
        if not ready.results:
            return found
        converted: list[Sequence[Any]] = []
        for row in found:
            changed = list(row)
            for index, convert in ready.results:
                if changed[index] is not None:
                    changed[index] = convert(changed[index])
            converted.append(changed)
        return converted

    def row(self, tx: Transaction, **values: Any) -> Sequence[Any] | None:
        found = self.rows(tx, **values)
        return found[0] if found else None

    def scalar(self, tx: Transaction, **values: Any) -> Any:
        found = self.row(tx, **values)
        return found[0] if found else None
