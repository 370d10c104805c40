"""A case's state: what is alive in it, as one compact text with a format number of its own.

Only live tokens are written, with the variables of their scopes. History is in the event log.
The text of format 1:

    {"f": 1, "id": last token number, "data": {...}, "calls": {process: version id},
     "tokens": [[id, parent, element, state, inner], ...],
     "scopes": [[token that runs it, what is run, own data or null, [tokens...], done], ...],
     "done": [what was completed in the case and can be undone],
     "rows": {token: task row id}, "stages": [open stages]}
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import isodate
import orjson

from engine.errors import Invalid
from engine.spiff import COMPLETED, CaseWorkflow, Scope, Token
from engine.spiff.many import EACH
from engine.values import MAX_BYTES, YearsMonths

FORMAT = 1

UNDOING = " [undo]"
"""Ends the name of a scope in which something is undone: what it has set is none of the case's variables."""


@dataclass
class Kept:
    """What a state text holds besides the workflow: versions called, and rows of open tasks."""

    calls: dict[str, int] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)


def dump(workflow: CaseWorkflow, kept: Kept) -> bytes:
    """The state as text; only what is alive is in it."""
    prune(workflow)
    scopes = [
        [
            scope.parent_task_id,
            scope.spec.name if scope.undone_for is None else scope.spec.name + UNDOING,
            _own(scope),
            _tokens(scope),
            *([encode(scope.done)] if scope.done else ()),
        ]
        for scope in workflow.subprocesses.values()
    ]
    state: dict[str, Any] = {
        "f": FORMAT,
        "id": workflow.last_id,
        "data": encode(workflow.data),
        "tokens": _tokens(workflow),
    }
    if scopes:
        state["scopes"] = scopes
    if workflow.done:
        state["done"] = encode(workflow.done)
    if kept.calls:
        state["calls"] = kept.calls
    if kept.rows:
        state["rows"] = {str(token): row for token, row in kept.rows.items()}
    if kept.stages:
        state["stages"] = kept.stages
    text = orjson.dumps(state)
    if len(text) > MAX_BYTES:
        _refuse_large(workflow)
    return text


def load(text: bytes, make: Callable[[dict[str, Any], Kept], CaseWorkflow]) -> tuple[CaseWorkflow, Kept]:
    """The workflow of a state text; `make(data, kept)` gives the empty workflow to fill."""
    state = orjson.loads(text)
    if state["f"] != FORMAT:
        raise Invalid(
            "state_format",
            "This case was saved by a newer Percorso (format {format}).",
            remedy="Update Percorso.",
            format=state["f"],
        )
    kept = Kept(
        calls=state.get("calls", {}),
        rows={int(token): row for token, row in state.get("rows", {}).items()},
        stages=state.get("stages", []),
    )
    workflow = make(decode(state["data"]), kept)
    workflow.last_id = state["id"]
    _restore(workflow, workflow.spec, state["tokens"])
    workflow.done = decode(state.get("done", []))
    for parent, _name, own, tokens, *done in state.get("scopes", ()):
        token = workflow.token(parent)
        spec = token.task_spec.inner(token)
        data = token.task_spec.data_within(token, None if own is None else decode(own))
        scope = Scope(spec, parent, workflow, data)
        workflow.subprocesses[parent] = scope
        scope.done = decode(done[0]) if done else []
        _restore(scope, spec, tokens)
    # Tokens that were ready for the engine itself never reach a saved state; the queue starts empty.
    workflow.queue.clear()
    return workflow, kept


def data_of(text: bytes) -> dict[str, Any]:
    """The variables of a state text, without building the workflow.

    A process that is being called works on a copy; what it has changed or added so far counts.
    """
    state = orjson.loads(text)
    data: dict[str, Any] = decode(state["data"])
    for _, name, own, *_ in state.get("scopes", ()):
        # What one instance of several has set is no variable of the case before it is done.
        if not name.endswith((EACH, UNDOING)):
            data.update(decode(own) if own is not None else {})
    return data


def calls_of(text: bytes) -> dict[str, int]:
    """The versions of the processes that a case has called: {process: version id}."""
    calls: dict[str, int] = orjson.loads(text).get("calls", {})
    return calls


def prune(workflow: CaseWorkflow) -> None:
    """Drop every token that is not alive, save the splits whose activity still has its events."""
    for scope in workflow.scopes():
        root = scope.tasks[min(scope.tasks)]
        keep = {root.id: root}
        for token in scope.live_tokens():
            keep[token.id] = token
            parent = token.parent
            if parent is not None and parent.task_spec.name.endswith(".BoundaryEventSplit"):
                keep[parent.id] = parent
        for token in keep.values():
            if token is not root:
                parent = token.parent
                split = parent is not None and parent.task_spec.name.endswith(".BoundaryEventSplit")
                token._parent = (
                    parent.id if split and token.task_spec in parent.task_spec.outputs else root.id
                )
                if token._parent not in keep:
                    token._parent = root.id
        scope.tasks = keep
        for token in keep.values():
            token._children = []
        for token in keep.values():
            if token._parent is not None:
                keep[token._parent]._children.append(token.id)


def _refuse_large(workflow: CaseWorkflow) -> None:
    """Texts were measured when they came in; lists and contexts may have grown since."""
    for scope in workflow.scopes():
        for name, value in scope.data.items():
            if not isinstance(value, str) and len(orjson.dumps(encode(value))) > MAX_BYTES:
                raise Invalid(
                    "value_refused",
                    "The variable “{name}” would be larger than 64 kB.",
                    where=name,
                    remedy="Keep long lists and texts in a table, and their id in the case.",
                    name=name,
                )


def _own(scope: Scope) -> Any:
    """The variables that only this scope has; null when it shares those of the scope around it."""
    if not scope.own_data:
        return None
    return encode(scope.data.maps[0] if isinstance(scope.data, ChainMap) else scope.data)


def _tokens(scope: Any) -> list[list[Any]]:
    rows = []
    for token in sorted(scope.tasks.values(), key=lambda token: token.id):
        row = [token.id, token._parent, token.task_spec.name, token._state]
        if token.internal_data:
            row.append(encode(token.internal_data))
        rows.append(row)
    return rows


def _restore(scope: Any, spec: Any, rows: list[list[Any]]) -> None:
    specs = spec.task_specs
    for row in rows:
        number, parent, name, state = row[:4]
        token = Token(scope, specs[name], scope.tasks.get(parent), COMPLETED, number)
        token._state = state
        if len(row) > 4:
            token.internal_data = decode(row[4])


def encode(value: Any) -> Any:
    """Values as JSON: what JSON cannot say becomes {"$": kind, "v": text}."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int:
        return value if -(2**53) < value < 2**53 else {"$": "int", "v": str(value)}
    if kind is dict:
        plain = {key: encode(item) for key, item in value.items()}
        return {"$": "map", "v": plain} if "$" in plain else plain
    if kind is list:
        return [encode(item) for item in value]
    if kind is Decimal:
        return {"$": "num", "v": str(value)}
    if kind is datetime:
        name = str(value.tzinfo) if hasattr(value.tzinfo, "key") else ""
        return {"$": "dt", "v": value.isoformat(), **({"z": name} if name else {})}
    if kind is date:
        return {"$": "date", "v": value.isoformat()}
    if kind is time:
        return {"$": "time", "v": value.isoformat()}
    if kind is timedelta:
        return {"$": "dur", "v": isodate.duration_isoformat(value)}
    if kind is YearsMonths:
        return {"$": "ym", "v": value.months}
    if isinstance(value, Mapping):
        return encode(dict(value))
    if isinstance(value, (tuple, set)):
        return encode(list(value))
    raise Invalid(
        "value_refused",
        "A value of type {kind} cannot be kept in a case.",
        remedy="Use texts, numbers, dates, lists or contexts.",
        kind=kind.__name__,
    )


def decode(value: Any) -> Any:
    """The values that `encode` has written as JSON."""
    kind = type(value)
    if kind is list:
        return [decode(item) for item in value]
    if kind is not dict:
        return value
    tag = value.get("$")
    if tag is None:
        return {key: decode(item) for key, item in value.items()}
    return _DECODERS[tag](value)


def _zoned(value: dict[str, Any]) -> datetime:
    instant = datetime.fromisoformat(value["v"])
    if "z" not in value:
        return instant
    found = instant.replace(tzinfo=ZoneInfo(value["z"]))
    # In the hour that happens twice only the offset tells which of the two is meant.
    return found if found.utcoffset() == instant.utcoffset() else found.replace(fold=1)


_DECODERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "int": lambda value: int(value["v"]),
    "map": lambda value: {key: decode(item) for key, item in value["v"].items()},
    "num": lambda value: Decimal(value["v"]),
    "dt": _zoned,
    "date": lambda value: date.fromisoformat(value["v"]),
    "time": lambda value: time.fromisoformat(value["v"]),
    "dur": lambda value: isodate.parse_duration(value["v"]),
    "ym": lambda value: YearsMonths(value["v"]),
}
