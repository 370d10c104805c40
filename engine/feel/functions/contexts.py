"""FEEL's functions of contexts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from engine.feel.callee import Builtin, builtin
from engine.feel.frame import Frame
from engine.feel.functions.lists import listed
from engine.feel.limits import MAX_DATA_DEPTH, Place


def _get_value(frame: Frame, place: Place, context: object, key: object) -> object:
    """The value under a key, or under a list of keys one inside the other."""
    keys = key if isinstance(key, list) else [key]
    value = context
    for one in keys:
        if not isinstance(value, Mapping) or not isinstance(one, str):
            return None
        value = value.get(one)
    return value if keys else None


def _get_entries(frame: Frame, place: Place, context: object) -> object:
    if not isinstance(context, Mapping):
        return None
    frame.spend(len(context), place)
    return [{"key": key, "value": value} for key, value in context.items()]


def _context(frame: Frame, place: Place, entries: object) -> object:
    """A context out of `[{key: "a", value: 1}]`; null where a key is missing, no text, or there twice."""
    found = listed(frame, place, entries)
    if found is None:
        return None
    context: dict[str, object] = {}
    for entry in found:
        if not isinstance(entry, Mapping) or "value" not in entry:
            return None
        key = entry.get("key")
        if not isinstance(key, str) or key in context:
            return None
        context[key] = entry["value"]
    return context


def _context_put(frame: Frame, place: Place, context: object, key: object, value: object) -> object:
    """The context with another value under a key, or under a list of keys one inside the other."""
    keys = key if isinstance(key, list) else [key]
    return _put(frame, place, context, keys, value) if 0 < len(keys) <= MAX_DATA_DEPTH else None


def _put(frame: Frame, place: Place, context: object, keys: Sequence[object], value: object) -> object:
    key = keys[0]
    if not isinstance(context, Mapping) or not isinstance(key, str):
        return None
    frame.spend(len(context), place)
    if len(keys) > 1:
        value = _put(frame, place, context.get(key), keys[1:], value)
        if value is None:
            return None
    return {**context, key: value}


def _context_merge(frame: Frame, place: Place, contexts: object) -> object:
    """All entries in one context; the last one of a name counts."""
    found = listed(frame, place, contexts)
    if found is None:
        return None
    merged: dict[str, object] = {}
    for context in found:
        if not isinstance(context, Mapping):
            return None
        frame.spend(len(context), place)
        merged.update(context)
    return merged


CONTEXTS: Final[tuple[Builtin, ...]] = (
    builtin("get value", "m, key", _get_value),
    builtin("get entries", "m", _get_entries),
    builtin("context", "entries", _context),
    builtin("context put", "context, key, value | context, keys, value", _context_put),
    builtin("context merge", "contexts", _context_merge),
)
