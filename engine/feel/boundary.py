"""What an expression may hand out to a case: values only, never a range or a function."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import cast

from engine.feel import tree
from engine.feel.callee import Builtin, Defined
from engine.feel.compare import describe
from engine.feel.limits import MAX_DATA_DEPTH, Place
from engine.feel.ranges import Range
from engine.feel.temporal import zone_name
from engine.feel.tree import Node
from engine.values import Value

_MAKERS = (tree.Range, tree.OneSided, tree.Function)
_CALLS = frozenset({"range", "time", "date and time", "context", "get value"})


def may_leak(nodes: list[Node], functions: Mapping[str, object]) -> bool:
    """Whether a tree can give what a case cannot hold; most cannot, and are spared the search."""
    return any(
        isinstance(node, _MAKERS)
        or (isinstance(node, tree.Call) and node.name in _CALLS)
        or (isinstance(node, tree.Name) and node.name in functions)
        or (isinstance(node, tree.Constant) and isinstance(node.value, time))
        for node in nodes
    )


def plain(value: object, place: Place, depth: int = 0) -> Value:
    """The value itself. Raises ExpressionError where something in it is none that a case can hold."""
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
    if isinstance(value, Mapping):
        for item in value.values():
            plain(item, place, depth + 1)
    elif isinstance(value, list):
        for item in value:
            plain(item, place, depth + 1)
    return cast(Value, value)
