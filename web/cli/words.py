"""How the command line speaks: tables, JSON, refusals."""

from __future__ import annotations

import json
import sqlite3
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from engine.errors import DiagramRefused, Invalid, PercorsoError, SetupError
from engine.findings import Finding

HOUSE = Path(__file__).resolve().parents[2]
WIDEST = 60


def to_text(value: object) -> str:
    """A value as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else None


def table(headers: Sequence[str], rows: Sequence[Sequence[object]], nothing: str) -> str:
    """Columns under headers, as wide as they need; `nothing` when there are no rows."""
    if not rows:
        return nothing
    cells = [list(headers), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(headers))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _cell(value: object) -> str:
    text = "-" if value is None else str(value)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def finding(found: Finding) -> str:
    """A finding in two lines: what and where, then what helps."""
    first = f"{found.severity}: {found.message}" + (f" ({found.where})" if found.where else "")
    return f"{first}\n  {found.remedy}" if found.remedy else first


def refusal(error: BaseException) -> PercorsoError:
    """Whatever went wrong, as a sentence with place and remedy."""
    if isinstance(error, PercorsoError):
        error.params = {key: _plain(value) for key, value in error.params.items()}
        return error
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx is not None else "percorso"
        return Invalid(
            "usage",
            "{problem}",
            where=command,
            remedy="`{command} --help` says how it is used.",
            problem=error.format_message(),
            command=command,
        )
    if isinstance(error, (DBAPIError, sqlite3.Error)):
        cause = error.orig if isinstance(error, DBAPIError) else error
        return SetupError(
            "database_unusable",
            "The database cannot be used: {reason}.",
            where="--database",
            remedy="Check that --database names a database of Percorso; "
            "a new one is prepared with `percorso db upgrade`.",
            reason=str(cause).strip().split("\n")[0].rstrip("."),
        )
    if isinstance(error, OSError):
        return SetupError(
            "system",
            "The operating system refused: {reason}.",
            where=str(error.filename) if error.filename else None,
            remedy="Check that it exists and that you may use it.",
            reason=error.strerror or str(error),
        )
    if isinstance(error, (RecursionError, OverflowError, UnicodeError)):
        return Invalid(
            "value_refused",
            "A value given is too large, too deeply nested or no text ({reason}).",
            remedy="Nothing was changed; send something smaller.",
            reason=str(error),
        )
    return PercorsoError(
        "unforeseen",
        "Something unforeseen happened: {reason}.",
        where=_place(error),
        remedy="This is a mistake of Percorso itself: please report it. Nothing of this was kept.",
        reason=f"{type(error).__name__}: {error}".rstrip(".: "),
    )


def _plain(value: object) -> object:
    """An instant to the minute; anything else as it is."""
    return value.strftime("%Y-%m-%d %H:%M %Z") if isinstance(value, datetime) else value


def refusal_json(error: PercorsoError) -> dict[str, Any]:
    """`{"error": {"code", "message", "where", "remedy"}}`, with `fields` or `findings` if there are any."""
    shape = error.to_json()
    if isinstance(error, Invalid) and error.fields:
        shape["fields"] = _fields(error)
    return {"error": shape}


def refusal_text(error: PercorsoError) -> str:
    """What happened, where, and what helps, in a few lines."""
    lines = [error.message + (f" [{error.where}]" if error.where else "")]
    if isinstance(error, DiagramRefused):
        lines += [finding(one) for one in error.findings]
    elif isinstance(error, Invalid):
        lines += [f"  {key}: {message}" for key, message in _fields(error).items()]
    if error.remedy and not isinstance(error, DiagramRefused):
        lines.append(error.remedy)
    return "\n".join(lines)


def _fields(error: Invalid) -> dict[str, str]:
    filled = {}
    for key, message in error.fields.items():
        try:
            filled[key] = message.format(**error.params)
        except (KeyError, IndexError, ValueError):
            filled[key] = message
    return filled


def _place(error: BaseException) -> str | None:
    """The innermost line of our own code that led here."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if HOUSE in file.parents and ".venv" not in file.parts:
            return f"{file.relative_to(HOUSE)}:{frame.lineno}"
    return None
