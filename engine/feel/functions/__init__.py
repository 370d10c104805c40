"""The functions of FEEL that an expression may call without anybody handing them in."""

from __future__ import annotations

from typing import Final

from engine.errors import ExpressionError
from engine.feel import tree
from engine.feel.callee import Builtin, builtin
from engine.feel.compare import kind, order
from engine.feel.frame import Frame
from engine.feel.functions.contexts import CONTEXTS
from engine.feel.functions.dates import DATES
from engine.feel.functions.intervals import INTERVALS
from engine.feel.functions.lists import LISTS
from engine.feel.functions.numbers import NUMBERS
from engine.feel.functions.sums import SUMS
from engine.feel.functions.texts import TEXTS
from engine.feel.limits import Place
from engine.feel.names import Vocabulary
from engine.feel.parser import Parser
from engine.feel.ranges import Range

_PLAIN: Final = {one.name: one for one in (*TEXTS, *NUMBERS, *LISTS, *SUMS, *DATES, *CONTEXTS, *INTERVALS)}
_VOCABULARY: Final = Vocabulary(frozenset(name for name in _PLAIN if " " in name))
_LITERALS: Final = frozenset({"date", "time", "date and time", "duration"})


def _range(frame: Frame, place: Place, text: object) -> object:
    """`range("[1..5]")`: the ends are numbers, texts, dates or durations written out."""
    if not isinstance(text, str):
        return None
    try:
        node = Parser(text, 0, len(text), _VOCABULARY).whole()
    except ExpressionError:
        return None
    if not isinstance(node, tree.Range):
        return None
    low, high = _written(node.low, frame, place), _written(node.high, frame, place)
    if low is None or high is None or kind(low) != kind(high):
        return None
    difference = order(low, high, place)
    if difference is None or difference > 0:
        return None
    return Range(low, high, node.low_included, node.high_included)


def _written(node: tree.Node, frame: Frame, place: Place) -> object:
    """The value of a constant, or of a date that is written out; null for anything else."""
    match node:
        case tree.Constant(value):
            return value
        case tree.Call(name, (tree.Constant(str(value)),)) if name in _LITERALS:
            return _PLAIN[name].run(frame, place, value)
    return None


FUNCTIONS: Final[dict[str, Builtin]] = {**_PLAIN, "range": builtin("range", "from", _range)}
