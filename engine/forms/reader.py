"""Reads a .form file: JSON from strangers, with the line of what is wrong in it."""

from __future__ import annotations

import json
from typing import Any

from engine.errors import Invalid

MAX_BYTES = 1024 * 1024


def read_form(data: bytes, file: str) -> dict[str, Any]:
    """The form-js schema as plain JSON. Raises Invalid naming file, line, column and remedy."""
    if len(data) > MAX_BYTES:
        raise _refused(file, "it is larger than 1 MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(f"{file}:{line}", "it is not UTF-8 text") from None
    try:
        schema = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        place = f"{file}:{error.lineno}:{error.colno}"
        raise _refused(place, f"it is not JSON ({error.msg})") from None
    except RecursionError:
        raise _refused(file, "it is nested too deeply") from None
    except ValueError as error:
        raise _refused(file, str(error)) from None
    if not isinstance(schema, dict):
        raise _refused(file, "it is not a JSON object")
    return schema


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name “{twice}” stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number that JSON knows")


def _refused(place: str, reason: str) -> Invalid:
    return Invalid(
        "form_unreadable",
        "The form {place} cannot be read: {reason}.",
        where=place,
        remedy="Open it in Camunda Modeler or another form-js editor and save it again.",
        place=place,
        reason=reason,
    )
