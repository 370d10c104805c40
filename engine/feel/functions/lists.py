"""FEEL's functions of lists, save those that reckon with their items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cmp_to_key
from typing import Final

from engine.feel.arithmetic import is_number
from engine.feel.callee import Builtin, Defined, builtin
from engine.feel.compare import equal, order
from engine.feel.frame import Frame
from engine.feel.limits import MAX_DATA_DEPTH, Place


def listed(frame: Frame, place: Place, value: object) -> list[object] | None:
    """A list as it is, a single value as a list of one, null as none."""
    if value is None:
        return None
    items: list[object] = value if isinstance(value, list) else [value]
    frame.spend(len(items), place)
    return items


def items_of(frame: Frame, place: Place, arguments: Sequence[object]) -> Sequence[object] | None:
    """What `sum([1, 2])` and `sum(1, 2)` go over; null is no list."""
    if len(arguments) == 1:
        return listed(frame, place, arguments[0])
    frame.spend(len(arguments), place)
    return arguments


def _position(value: object, count: int) -> int | None:
    """Which item a position names, counted from 0; a negative one counts from the end."""
    if not is_number(value) or not 0 < abs(int(value)) <= count:
        return None
    number = int(value)
    return number - 1 if number > 0 else count + number


def _list_contains(frame: Frame, place: Place, items: object, wanted: object) -> object:
    found = listed(frame, place, items)
    return None if found is None else any(equal(item, wanted, frame, place) is True for item in found)


def _count(frame: Frame, place: Place, *arguments: object) -> object:
    items = items_of(frame, place, arguments)
    return None if items is None else len(items)


def _all(frame: Frame, place: Place, *arguments: object) -> object:
    return _joined(items_of(frame, place, arguments), decisive=False)


def _any(frame: Frame, place: Place, *arguments: object) -> object:
    return _joined(items_of(frame, place, arguments), decisive=True)


def _joined(items: Sequence[object] | None, *, decisive: bool) -> bool | None:
    if items is None or any(item is decisive for item in items):
        return None if items is None else decisive
    return not decisive if all(isinstance(item, bool) for item in items) else None


def _sublist(frame: Frame, place: Place, items: object, start: object, length: object = 0) -> object:
    found = listed(frame, place, items)
    first = None if found is None else _position(start, len(found))
    if found is None or first is None or not is_number(length) or length < 0:
        return None
    size = int(length) or len(found) - first
    return found[first : first + size] if first + size <= len(found) else None


def _append(frame: Frame, place: Place, items: object, *more: object) -> object:
    found = listed(frame, place, items)
    return [*([] if found is None else found), *more]


def _concatenate(frame: Frame, place: Place, *lists: object) -> object:
    joined: list[object] = []
    for one in lists:
        found = listed(frame, place, one)
        if found is None:
            return None
        joined += found
    return joined


def _insert_before(frame: Frame, place: Place, items: object, position: object, item: object) -> object:
    found = listed(frame, place, items)
    index = None if found is None else _position(position, len(found) or 1)
    return None if found is None or index is None else [*found[:index], item, *found[index:]]


def _remove(frame: Frame, place: Place, items: object, position: object) -> object:
    found = listed(frame, place, items)
    index = None if found is None else _position(position, len(found))
    return None if found is None or index is None else [*found[:index], *found[index + 1 :]]


def _reverse(frame: Frame, place: Place, items: object) -> object:
    found = listed(frame, place, items)
    return None if found is None else found[::-1]


def _index_of(frame: Frame, place: Place, items: object, match: object) -> object:
    found = listed(frame, place, items)
    if found is None:
        return None
    return [n for n, item in enumerate(found, 1) if equal(item, match, frame, place) is True]


def _distinct(frame: Frame, place: Place, items: object) -> object:
    found = listed(frame, place, items)
    return None if found is None else _without_repeats(frame, place, found)


def _union(frame: Frame, place: Place, *lists: object) -> object:
    joined = _concatenate(frame, place, *lists)
    return _without_repeats(frame, place, joined) if isinstance(joined, list) else None


def _without_repeats(frame: Frame, place: Place, items: list[object]) -> list[object]:
    kept: list[object] = []
    seen: set[object] = set()
    for item in items:
        if isinstance(item, str):  # texts are found at once, everything else by comparing
            if item not in seen:
                seen.add(item)
                kept.append(item)
            continue
        frame.spend(len(kept), place)
        if not any(equal(other, item, frame, place) is True for other in kept):
            kept.append(item)
    return kept


def _flatten(frame: Frame, place: Place, items: object) -> object:
    found = listed(frame, place, items)
    return None if found is None else _flat(frame, place, found, 0)


def _flat(frame: Frame, place: Place, items: list[object], depth: int) -> list[object]:
    if depth > MAX_DATA_DEPTH:
        raise place.error(f"The list is nested deeper than {MAX_DATA_DEPTH} levels")
    frame.spend(len(items), place)
    flat: list[object] = []
    for item in items:
        flat += _flat(frame, place, item, depth + 1) if isinstance(item, list) else [item]
    return flat


def _sort(frame: Frame, place: Place, items: object, precedes: object = None) -> object:
    """The list in the order of `function(x, y) x < y`; without a function in that of its values."""
    found = listed(frame, place, items)
    if found is None or not (precedes is None or isinstance(precedes, (Builtin, Defined))):
        return None

    def compared(one: object, other: object) -> int:
        if precedes is None:
            difference = order(one, other, place)
            if difference is None:
                raise place.error("The items cannot be brought into an order", hint="Give sort a function.")
            return difference
        if precedes.call(frame, place, [one, other]) is True:
            return -1
        return 1 if precedes.call(frame, place, [other, one]) is True else 0

    return sorted(found, key=cmp_to_key(compared))


def _replace(frame: Frame, place: Place, items: object, which: object, item: object) -> object:
    """The list with another item at a position, or in place of all that a function says true of."""
    found = listed(frame, place, items)
    if found is None:
        return None
    if isinstance(which, (Builtin, Defined)):
        answers = [which.call(frame, place, [one, item]) for one in found]
        if not all(isinstance(answer, bool) for answer in answers):
            return None
        return [item if answer else one for one, answer in zip(found, answers, strict=True)]
    index = _position(which, len(found))
    return None if index is None else [*found[:index], item, *found[index + 1 :]]


def _is_empty(frame: Frame, place: Place, value: object) -> object:
    return value is None or (isinstance(value, (str, list, Mapping)) and not value)


def _is_defined(frame: Frame, place: Place, value: object) -> object:
    return value is not None


LISTS: Final[tuple[Builtin, ...]] = (
    builtin("list contains", "list, element", _list_contains),
    builtin("count", "list | items...", _count),
    builtin("all", "list | items...", _all),
    builtin("any", "list | items...", _any),
    builtin("sublist", "list, start position, length?", _sublist),
    builtin("append", "list, items...", _append),
    builtin("concatenate", "lists...", _concatenate),
    builtin("insert before", "list, position, newItem", _insert_before),
    builtin("remove", "list, position", _remove),
    builtin("reverse", "list", _reverse),
    builtin("index of", "list, match", _index_of),
    builtin("union", "lists...", _union),
    builtin("distinct values", "list", _distinct),
    builtin("flatten", "list", _flatten),
    builtin("sort", "list, precedes?", _sort),
    builtin("list replace", "list, position, newItem | list, match, newItem", _replace),
    builtin("is empty", "value", _is_empty),
    builtin("is defined", "value", _is_defined),
)
