"""What an expression may hand out to a case: values only, never a range or a function, and not too many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Final, cast

from engine.feel import tree
from engine.feel.callee import Builtin, Defined
from engine.feel.compare import describe
from engine.feel.limits import MAX_DATA_DEPTH, MAX_RESULT, Place
from engine.feel.ranges import Range
from engine.feel.temporal import zone_name
from engine.feel.tree import Node
from engine.values import Value

_MAKERS: Final = (
    tree.Range, tree.OneSided, tree.Function, tree.Invoke, tree.ListOf, tree.Entries, tree.For,
)  # fmt: skip
_CALLS: Final = frozenset({
    "range", "time", "context", "context put", "context merge", "get value", "get entries", "append",
    "concatenate", "union", "insert before", "list replace", "flatten", "sort", "split",
})  # fmt: skip


def may_leak(nodes: Iterable[Node], functions: Mapping[str, object]) -> bool:
    """Whether a tree can give what a case cannot hold; most cannot, and are spared the search."""
    return any(
        isinstance(node, _MAKERS)
        or (isinstance(node, tree.Call) and node.name in _CALLS)
        or (isinstance(node, tree.Name) and node.name in functions)
        or (isinstance(node, tree.Constant) and isinstance(node.value, time))
        for node in nodes
    )


def plain(value: object, place: Place) -> Value:
    """The value itself. Raises ExpressionError where something in it is none that a case can hold."""
    _measured(value, place, 0, MAX_RESULT)
    return cast(Value, value)


def _measured(value: object, place: Place, depth: int, left: int) -> int:
    """How many characters are left of those that the whole result may take."""
    if isinstance(value, (Range, Builtin, Defined)):
        raise place.error(
            f"The result would be {describe(value)}, which a case cannot hold",
            hint="Use it inside the expression: x in [1..5].",
        )
    if isinstance(value, time) and zone_name(value) is not None:
        raise place.error(
            "The result would be a time of a region without a day, which a case cannot hold",
            hint='Write a date and time, or an offset: time("09:30:00+01:00").',
        )
    if depth > MAX_DATA_DEPTH:
        raise place.error(f"The result is nested deeper than {MAX_DATA_DEPTH} levels")
    left -= len(value) + 2 if isinstance(value, str) else 4
    if left < 0:
        raise place.error("The result would be too large", hint="Keep less in it, or in parts.")
    if isinstance(value, Mapping):
        for key, item in value.items():
            left = _measured(item, place, depth + 1, left - len(str(key)))
    elif isinstance(value, list):
        for item in value:
            left = _measured(item, place, depth + 1, left)
    return left
