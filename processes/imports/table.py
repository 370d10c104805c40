"""Reads a CSV file from anywhere: its encoding, its delimiter, its header and every one of its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from charset_normalizer import from_bytes

from engine.errors import Invalid
from processes.imports.notes import note
from processes.imports.quotes import Row, records, split

DELIMITERS: dict[str, str] = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
SAMPLE = 200
"""How many lines decide on the delimiter."""

# What the first bytes of files look like that people take for CSV.
FOREIGN: dict[bytes, str] = {
    b"PK\x03\x04": "an Excel or OpenDocument workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
}

_LOOKS_LIKE_DATA = re.compile(
    r"[^@\s]+@[^@\s]+\.[a-z]{2,}|\d{4}-\d\d?-\d\d?([T ].*)?|\d\d?[/.-]\d\d?[/.-]\d{2,4}( .*)?", re.IGNORECASE
)


@dataclass(frozen=True)
class Table:
    """A file as it was read; `rows` have as many cells as `header`, save those that are too long."""

    file: str
    encoding: str
    delimiter: str
    header: list[str]
    rows: list[Row]


def read(data: bytes, file: str, *, encoding: str | None = None, delimiter: str | None = None) -> Table:
    """The table in a file's bytes; raises Invalid, with place and remedy, when it is none.

    A row with too few cells is filled up, one with too many empty ones is cut, both with a note;
    a row with too many filled cells is left as it is, for the caller to refuse.
    """
    text, encoding = decode(data, file, encoding)
    lines = re.split(r"\r\n|\n|\r", text)
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise _refused(file, "it is empty", "Export the list again, with a header and at least one row.")
    hint = re.fullmatch(r'"?sep=(.)"?', lines[first].strip("\ufeff "))
    if hint:
        delimiter, first = delimiter or hint.group(1), first + 1
    delimiter = delimiter or _delimiter(lines[first : first + SAMPLE])
    if delimiter is None:
        raise _refused(
            f"{file}:{first + 1}",
            "it has one column only",
            "Export it with its columns separated by semicolons, commas or tabs.",
        )
    header = _header(lines[first], delimiter, f"{file}:{first + 1}")
    rows = [_fitted(row, len(header)) for row in records(lines, delimiter, len(header), first + 1)]
    if not rows:
        raise _refused(file, "it has a header but no rows", "Export the list again.")
    return Table(file, encoding, delimiter, header, rows)


def decode(data: bytes, file: str, encoding: str | None = None) -> tuple[str, str]:
    """The text in the bytes and the name of its encoding; Invalid when it is no text."""
    for start, kind in FOREIGN.items():
        if data.startswith(start):
            raise _refused(file, f"it is {kind}, not a CSV file", "Save or export it as CSV (UTF-8).")
    for candidate in [encoding] if encoding else _encodings(data):
        try:
            text = data.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
        if "\x00" in text or sum(c < " " and c not in "\t\r\n\f\v" for c in text[:10_000]) > 10:
            raise _refused(file, "it holds something other than text", "Save or export it as CSV (UTF-8).")
        return text.removeprefix("\ufeff"), candidate
    if encoding:
        raise _refused(file, f"its encoding is not {encoding}", "Correct `encoding` in the mapping.")
    raise _refused(file, "it holds something other than text", "Save or export it as CSV (UTF-8).")


def _encodings(data: bytes) -> Iterable[str]:
    """The encodings to try, best first."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "utf-16"
    elif data[:200].count(0) * 3 > len(data[:200]):
        yield "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"
    yield "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    # Of the one-byte encodings, those that Italian spreadsheets and old programs write.
    best = from_bytes(data[:200_000], cp_isolation=["cp1252", "cp850", "mac_roman"]).best()
    yield best.encoding if best else "cp1252"
    yield "cp1252"
    yield "latin-1"


def _delimiter(lines: list[str]) -> str | None:
    """The delimiter that gives most lines as many cells as the header; None if there is but one column."""
    best, most = None, (0.0, 0)
    for delimiter in DELIMITERS:
        width = len(split(lines[0], delimiter).cells)
        if width < 2:
            continue
        filled = [line for line in lines[1:] if line.strip()]
        fitting = sum(len(split(line, delimiter).cells) == width for line in filled)
        score = (round(fitting / len(filled), 1) if filled else 1.0, width)
        if score > most:
            best, most = delimiter, score
    return best


def _header(line: str, delimiter: str, where: str) -> list[str]:
    found = split(line, delimiter)
    if found.open:
        raise _refused(where, "a quote in its header is never closed", "Correct the first line.")
    names = [" ".join(cell.split()) for cell in found.cells]
    data = next((name for name in names if _LOOKS_LIKE_DATA.fullmatch(name)), None)
    if data or all(not name or name.replace(".", "").isdigit() for name in names):
        raise _refused(
            where,
            f"it has no header: “{data or names[0]}” looks like data",
            "Put the names of the columns into the first line.",
        )
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        name = name or f"column {index + 1}"
        seen[name] = seen.get(name, 0) + 1
        names[index] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def _fitted(row: Row, width: int) -> Row:
    row.given = len(row.cells)
    missing = width - row.given
    if missing > 0:
        row.cells += [""] * missing
        row.repairs.append(
            note("short_row", "{count} cell(s) missing at its end were taken as empty.", count=missing)
        )
    elif missing < 0 and not any(cell.strip() for cell in row.cells[width:]):
        del row.cells[width:]
        row.repairs.append(note("long_row", "{count} empty cell(s) at its end were cut.", count=-missing))
    return row


def _refused(where: str, reason: str, remedy: str) -> Invalid:
    return Invalid(
        "csv_unreadable",
        "{place} cannot be read: {reason}.",
        where=where,
        remedy=remedy,
        place=where,
        reason=reason,
    )
