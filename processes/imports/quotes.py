"""Splits lines of a CSV file into cells, and mends the quoting mistakes that careless exports make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from processes.imports.notes import Note, note

MOST_LINES = 100
"""A quoted cell longer than this many lines is a quote that somebody forgot to close."""


@dataclass
class Row:
    """One record of the file; `line` is the number of its first physical line, counted from 1.

    `given` is how many cells it had before it was made as wide as the header.
    """

    line: int
    cells: list[str]
    repairs: list[Note] = field(default_factory=list)
    given: int = 0


@dataclass
class Split:
    """The cells of a text; `open` when it ends inside a quoted cell, `odd` for stray quotes seen."""

    cells: list[str]
    open: bool = False
    odd: bool = False


def split(text: str, delimiter: str) -> Split:
    """Cells by the rules of RFC 4180, forgiving: a quote that cannot close a cell belongs to it.

    Spaces before an opening quote and after a closing one are dropped.
    """
    if '"' not in text:
        return Split(text.split(delimiter))
    cells, position, odd = [], 0, False
    while True:
        begin = position
        while begin < len(text) and text[begin] == " " != delimiter:
            begin += 1
        if begin < len(text) and text[begin] == '"':
            cell, position, closed, strange = _quoted(text, begin + 1, delimiter)
            cells.append(cell)
            odd = odd or strange
            if not closed:
                return Split(cells, open=True, odd=odd)
        else:
            end = text.find(delimiter, position)
            end = len(text) if end < 0 else end
            cells.append(text[position:end])
            position = end
        if position >= len(text):
            return Split(cells, odd=odd)
        position += 1
        if position == len(text):
            cells.append("")
            return Split(cells, odd=odd)


def _quoted(text: str, position: int, delimiter: str) -> tuple[str, int, bool, bool]:
    """(cell, position after it, whether it was closed, whether it held a stray quote)."""
    parts: list[str] = []
    odd = False
    while True:
        quote = text.find('"', position)
        if quote < 0:
            return "".join(parts) + text[position:], len(text), False, odd
        parts.append(text[position:quote])
        after = quote + 1
        if text[after : after + 1] == '"':
            parts.append('"')
            position = after + 1
            continue
        end = after
        while text[end : end + 1] == " " != delimiter:
            end += 1
        if end == len(text) or text[end] == delimiter:
            return "".join(parts), end, True, odd
        parts.append('"')
        odd = True
        position = after


def records(lines: Sequence[str], delimiter: str, width: int, first: int) -> Iterator[Row]:
    """The rows of all lines after the header; `first` is the index of the first of them.

    `width` is the number of cells of the header. Blank lines between rows are no rows.
    """
    index = first
    while index < len(lines):
        line = lines[index]
        if not line.strip():
            index += 1
            continue
        found = split(line, delimiter)
        if not found.open:
            yield _unwrapped(Row(index + 1, found.cells), found, delimiter, width)
            index += 1
            continue
        joined, taken = _joined(lines, index, delimiter, width)
        if joined is not None:
            yield Row(index + 1, joined)
            index += taken
            continue
        cells = [cell.strip().strip('"') for cell in line.split(delimiter)]
        yield Row(index + 1, cells, [note("stray_quote", "A quote that was never closed was dropped.")])
        index += 1


def _joined(lines: Sequence[str], index: int, delimiter: str, width: int) -> tuple[list[str] | None, int]:
    """The record that goes on over several lines, and how many; (None, 0) if the quote is a mistake.

    It is one when nothing closes it properly, or when each of the lines is a whole row without it
    (in the last column that says nothing: there, what precedes the quote is a whole row anyway).
    """
    text = lines[index]
    last_column = len(split(text, delimiter).cells) == width
    for taken in range(2, MOST_LINES + 1):
        if index + taken > len(lines):
            break
        text += "\n" + lines[index + taken - 1]
        found = split(text, delimiter)
        if found.open:
            continue
        others = [split(line, delimiter) for line in lines[index + 1 : index + taken]]
        whole = len(lines[index].split(delimiter)) == width and all(
            len(other.cells) == width and not other.open and not other.odd for other in others
        )
        if len(found.cells) != width or found.odd or (whole and not last_column):
            break
        return found.cells, taken
    return None, 0


def _unwrapped(row: Row, found: Split, delimiter: str, width: int) -> Row:
    """Take off the quotes around a whole line; say so when a stray quote was read as text."""
    if len(row.cells) == 1 and width > 1 and delimiter in row.cells[0]:
        inner = split(row.cells[0], delimiter)
        if len(inner.cells) > 1 and not inner.open:
            row.cells = inner.cells
            row.repairs.append(note("whole_line_quoted", "The quotes around the whole line were taken off."))
            return row
    if found.odd:
        row.repairs.append(note("stray_quote", "A stray quote inside a cell was read as text."))
    return row
