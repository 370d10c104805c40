"""Which column of a file is which field of a lead: read from a TOML file, the rest guessed and shown."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import Invalid
from processes.imports import cells, columns
from processes.imports.quotes import Row
from processes.imports.table import Table

EMPTY = ("select", "n/a", "n.a.", "n.d.", "null", "none", "-", "--", "#n/d", "#n/a")
"""Cells that mean that nothing was entered, in lower case."""


@dataclass(frozen=True)
class Won:
    """Which leads were won, when and by whom: from a file of its own, or from columns of the same.

    With `file`, each of its rows is a won lead, found by `key` among the leads' identifiers. Without,
    a lead is won when its `column` holds one of `values`. `at`, `by`, `amount` and `customer` are the
    columns that say when, by whom (the key of a person), for how much, and which company bought.
    """

    file: str | None = None
    key: str | None = None
    column: str | None = None
    values: tuple[str, ...] = ()
    at: str | None = None
    by: str | None = None
    amount: str | None = None
    customer: str | None = None


@dataclass(frozen=True)
class Layout:
    """What a MAP.toml says; all of it may be left out."""

    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    zone: str | None = None
    counts_as_new: bool = False
    system: str = ""
    date_formats: tuple[str, ...] = ()
    decimal_comma: bool | None = None
    empty: tuple[str, ...] = EMPTY
    encoding: str | None = None
    delimiter: str | None = None
    guess: bool = True
    won: Won | None = None
    file: str | None = None


@dataclass(frozen=True)
class Plan:
    """A layout fitted to one table: where each field is found and how its cells are read."""

    layout: Layout
    columns: Mapping[str, str]
    guessed: frozenset[str]
    unused: tuple[str, ...]
    zone: ZoneInfo
    date_formats: Sequence[str]
    decimal_comma: bool
    positions: Mapping[str, int]
    won: Won | None

    def cell(self, row: Row, name: str) -> str:
        """What a row says in a field, tidied; empty when the file has no such column."""
        header = self.columns.get(name)
        return self.text(row, header) if header else ""

    def text(self, row: Row, header: str) -> str:
        """What a row says in a column, tidied; texts that mean nothing (`Select`) are empty."""
        text = row.cells[self.positions[header]].replace("\u00a0", " ").strip()
        return "" if text.casefold() in self.layout.empty else text

    def to_json(self) -> dict[str, object]:
        """As the report shows it; `guessed` are the fields that nobody mapped by hand."""
        return {
            "columns": dict(self.columns),
            "guessed": sorted(self.guessed),
            "unused": list(self.unused),
            "defaults": dict(self.layout.defaults),
            "zone": self.zone.key,
            "decimal_comma": self.decimal_comma,
            "counts_as_new": self.layout.counts_as_new,
        }


def load(file: Path) -> Layout:
    """The layout in a MAP.toml; raises Invalid naming the file, the key, the reason and the remedy."""
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong(str(file), f"it cannot be read ({error.strerror})", "Check its name.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(str(file), f"it is not valid TOML ({error})", "Correct that line.") from None
    return layout(given, str(file))


def layout(given: Mapping[str, Any], file: str | None = None) -> Layout:
    """The layout that a mapping of plain values says, as it comes out of TOML or JSON."""
    place = file or "the mapping"
    values: dict[str, Any] = {"file": file}
    for key, value in given.items():
        where = f"{place}, {key}"
        if key in {"columns", "defaults"}:
            values[key] = _texts(_flat(value, where), where, fields=True)
        elif key == "values":
            values[key] = {
                name: _texts(texts, f"{where}.{name}")
                for name, texts in _texts_by_field(value, where).items()
            }
        elif key == "won":
            values[key] = _won(value, where)
        elif key in {"zone", "system", "encoding", "delimiter"}:
            values[key] = _typed(value, str, where)
        elif key in {"counts_as_new", "decimal_comma", "guess"}:
            values[key] = _typed(value, bool, where)
        elif key in {"date_formats", "empty"}:
            values[key] = tuple(_typed(each, str, where) for each in _typed(value, list, where))
        else:
            raise _wrong(where, "there is no such setting", "See docs/importing-leads.md.")
    if "empty" in values:
        values["empty"] = tuple(text.casefold() for text in values["empty"])
    try:
        values["date_formats"] = tuple(map(cells.date_format, values.get("date_formats", ())))
    except ValueError as error:
        raise _wrong(
            f"{place}, date_formats", f"“{error}” is no date format", "Write it like dd/MM/yyyy HH:mm."
        ) from None
    return Layout(**values)


def plan(wanted: Layout, table: Table, zone: str) -> Plan:
    """The layout fitted to a table; `zone` is where times lie if the layout does not say it.

    Raises Invalid when a mapped column is not in the file, or when no column is known at all.
    """
    place = wanted.file or "the mapping"
    found: dict[str, str] = {}
    for name, header in wanted.columns.items():
        found[name] = _column(table, header, f"{place}, columns.{name}")
    guessed = columns.guess(table.header, found) if wanted.guess else {}
    found |= guessed
    if not found:
        raise _wrong(
            table.file,
            f"none of its columns is known ({', '.join(table.header)})",
            "Name them in a mapping: --map MAP.toml, see docs/importing-leads.md.",
        )
    won = wanted.won
    if won and not won.file:
        own = {
            name: getattr(won, name)
            for name in ("column", "at", "by", "amount", "customer")
            if getattr(won, name)
        }
        own = {name: _column(table, header, f"{place}, won.{name}") for name, header in own.items()}
        won = replace(won, **own)
    used = {*found.values(), *(own.values() if won and not won.file else ())}
    positions = {name: index for index, name in enumerate(table.header)}
    return Plan(
        wanted,
        found,
        frozenset(guessed),
        tuple(name for name in table.header if name not in used),
        _zone(wanted.zone or zone, f"{place}, zone"),
        wanted.date_formats or cells.guess_formats(_texts_of(table, positions, found.get("received_at"))),
        cells.guess_decimal_comma(_texts_of(table, positions, found.get("expected_amount")), table.delimiter)
        if wanted.decimal_comma is None
        else wanted.decimal_comma,
        positions,
        won,
    )


def _texts_of(table: Table, positions: Mapping[str, int], header: str | None) -> list[str]:
    return [row.cells[positions[header]] for row in table.rows] if header else []


def _column(table: Table, header: str, where: str) -> str:
    """The column as the file spells it; case and accents need not be the same."""
    known = {columns.plain(name): name for name in reversed(table.header)}
    found = header if header in table.header else known.get(columns.plain(header))
    if found is None:
        names = ", ".join(f"“{name}”" for name in table.header)
        raise _wrong(where, f"{table.file} has no column “{header}”", f"Its columns are {names}.")
    return found


def _zone(name: str, where: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise _wrong(where, f"“{name}” is no time zone", "Use a name like Europe/Rome or UTC.") from None


def _won(given: Any, where: str) -> Won:
    values: dict[str, Any] = {}
    for key, value in _typed(given, dict, where).items():
        if key == "values":
            texts = [_typed(each, str, f"{where}.values") for each in _typed(value, list, f"{where}.values")]
            values[key] = tuple(text.casefold() for text in texts)
        elif key in Won.__dataclass_fields__:
            values[key] = _typed(value, str, f"{where}.{key}")
        else:
            raise _wrong(f"{where}.{key}", "there is no such setting", "See docs/importing-leads.md.")
    won = Won(**values)
    if bool(won.file) == bool(won.column) or bool(won.file) != bool(won.key):
        raise _wrong(
            where,
            "it must say which leads were won",
            "Give `file` and `key`, or `column` and `values`.",
        )
    return won


def _flat(given: Any, where: str, prefix: str = "") -> dict[str, Any]:
    """`contact.email = "Mail"` is a table in a table to TOML; here it is one name."""
    flat: dict[str, Any] = {}
    for key, value in _typed(given, dict, where).items():
        flat |= _flat(value, where, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def _texts(given: Mapping[str, Any], where: str, *, fields: bool = False) -> dict[str, str]:
    texts = {}
    for key, value in given.items():
        if fields and key not in columns.FIELDS:
            raise _wrong(
                f"{where}.{key}", "there is no such field", f"Fields are {', '.join(columns.FIELDS)}."
            )
        texts[key] = _typed(value, str, f"{where}.{key}")
    return texts


def _texts_by_field(given: Any, where: str) -> dict[str, Mapping[str, Any]]:
    """`[values.source]` and `[values.company.country]`, keyed by the field."""
    found: dict[str, dict[str, Any]] = {}
    for path, value in _flat(given, where).items():
        name = next((name for name in columns.FIELDS if path.startswith(f"{name}.")), None)
        if name is None:
            raise _wrong(
                f"{where}.{path}", "there is no such field", f"Fields are {', '.join(columns.FIELDS)}."
            )
        found.setdefault(name, {})[path.removeprefix(f"{name}.").casefold()] = value
    return dict(found)


def _typed(value: Any, kind: type, where: str) -> Any:
    if not isinstance(value, kind):
        names = {str: "a text", bool: "true or false", list: "a list", dict: "a table"}
        raise _wrong(where, f"it must be {names[kind]}", "Correct it.")
    return value


def _wrong(where: str, reason: str, remedy: str) -> Invalid:
    return Invalid(
        "mapping_wrong",
        "{place}: {reason}.",
        where=where,
        remedy="{todo}",
        place=where,
        reason=reason,
        todo=remedy,
    )
