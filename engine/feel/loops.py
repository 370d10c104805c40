"""Compiles what binds names inside an expression: loops, quantifiers, filters, contexts, functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from engine.feel import tree
from engine.feel.arithmetic import integral
from engine.feel.callee import Defined, Parameter
from engine.feel.compare import describe, order
from engine.feel.conform import fitted
from engine.feel.frame import Frame
from engine.feel.free import free_names
from engine.feel.limits import Place
from engine.feel.matching import ASSERTIONS
from engine.feel.ranges import Range
from engine.feel.unit import Run, Unit, size

_INDEX_HINT = 'Write list[1] for the first item, list[-1] for the last one, or context["key"].'

Items = Callable[[Frame], "Iterable[object] | None"]


# -- loops ---------------------------------------------------------------------------------------


def compile_for(node: tree.For, unit: Unit) -> Run:
    body = unit.inner().compile(node.body)
    return for_run(
        _sources(node.sources, unit), body, size(node.body)[0], unit.place(node),
        partial="partial" in free_names(node.body),
    )  # fmt: skip


def for_run(
    sources: Sequence[tuple[str, Items]], body: Run, cost: int, place: Place, *, partial: bool
) -> Run:
    """The values of the body for every combination of what the names go over; null where one is no list."""

    def run(frame: Frame) -> object:
        outer, results = frame.locals, list[object]()

        def reach(level: int, bound: Mapping[str, object]) -> bool:
            if level == len(sources):
                if partial:
                    frame.spend(len(results), place)
                    bound = {**bound, "partial": list(results)}
                frame.locals = bound
                frame.spend(cost, place)
                results.append(body(frame))
                return True
            name, items = sources[level]
            frame.locals = bound
            found = items(frame)
            if found is None:
                return False
            for item in found:  # noqa: SIM110 - all(…) takes half as long again
                if not reach(level + 1, {**bound, name: item}):
                    return False
            return True

        complete = reach(0, outer)
        frame.locals = outer
        return results if complete else None

    return run


def compile_quantified(node: tree.Quantified, unit: Unit) -> Run:
    body = unit.inner().compile(node.body)
    sources = _sources(node.sources, unit)
    return quantified_run(sources, body, size(node.body)[0], unit.place(node), every=node.every)


def quantified_run(
    sources: Sequence[tuple[str, Items]], body: Run, cost: int, place: Place, *, every: bool
) -> Run:
    """`some` is true at the first true one, `every` false at the first false one; else null comes first."""
    decisive = not every

    def run(frame: Frame) -> object:
        outer = frame.locals
        unknown = False

        def reach(level: int, bound: Mapping[str, object]) -> bool | None:
            """Whether one decides; None where a source is no list, or a condition neither true nor false."""
            nonlocal unknown
            frame.locals = bound
            if level == len(sources):
                frame.spend(cost, place)
                value = body(frame)
                if value is None:
                    unknown = True
                return value is decisive if value is None or isinstance(value, bool) else None
            name, items = sources[level]
            found = items(frame)
            if found is None:
                return None
            for item in found:
                result = reach(level + 1, {**bound, name: item})
                if result is not False:
                    return result
            return False

        result = reach(0, outer)
        frame.locals = outer
        if result is None:
            return None
        return decisive if result else None if unknown else not decisive

    return run


def _sources(sources: Sequence[tree.Source], unit: Unit) -> list[tuple[str, Items]]:
    found: list[tuple[str, Items]] = []
    for source in sources:
        found.append((source.name, _source(source, unit)))
        unit = unit.inner()
    return found


def _source(source: tree.Source, unit: Unit) -> Items:
    items, place = unit.compile(source.items), unit.place(source)
    if source.last is None:
        return items_run(items, place)
    last = unit.compile(source.last)
    return lambda frame: counted(items(frame), last(frame), frame, place)


def items_run(items: Run, place: Place) -> Items:
    """What a loop goes over: the items of a list, what a range counts, or a single value."""

    def run(frame: Frame) -> Iterable[object] | None:
        value = items(frame)
        if isinstance(value, list):
            frame.spend(len(value), place)
            return value
        if isinstance(value, Range):
            return _of_range(value, frame, place)
        return None if value is None else (value,)

    return run


def counted(first: object, last: object, frame: Frame, place: Place) -> Iterable[object] | None:
    """`1..3`, `3..1` or the days between two dates; None where there is nothing to count."""
    if _is_day(first) and _is_day(last):
        assert isinstance(first, date) and isinstance(last, date)
        days = (last - first).days
        frame.spend(abs(days), place)
        step = 1 if days >= 0 else -1
        return (first + timedelta(days=n) for n in range(0, days + step, step))
    start, end = integral(first), integral(last)
    if start is None or end is None:
        return None
    frame.spend(abs(end - start), place)
    step = 1 if end >= start else -1
    return range(start, end + step, step)


def _of_range(value: Range, frame: Frame, place: Place) -> Iterable[object] | None:
    found = counted(value.low, value.high, frame, place)
    if found is None or (order(value.low, value.high, place) or 0) > 0:
        return None
    items = list(found)
    return items[0 if value.low_included else 1 : len(items) if value.high_included else -1]


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


# -- filters and items ---------------------------------------------------------------------------


def compile_index(node: tree.Index, unit: Unit) -> Run:
    index = node.index
    if isinstance(index, tree.Constant):
        return _item(unit.compile(node.base), index.value, unit.place(node))
    return _filter(node, unit)


def _item(base: Run, wanted: object, place: Place) -> Run:
    """`list[2]` or `context["key"]`, where what stands in brackets is known."""

    def run(frame: Frame) -> object:
        value = base(frame)
        if isinstance(wanted, str):
            return value.get(wanted) if isinstance(value, Mapping) else None
        if isinstance(wanted, bool):
            return _listed(value) if wanted else []
        return None if value is None or wanted is None else _named(value, wanted, place)

    return run


def _at(value: object, number: int) -> object:
    """The item of that number, counted from 1 or, below zero, from the end; one value is a list of one."""
    items = _listed(value)
    if 0 < number <= len(items):
        return items[number - 1]
    return items[number] if -len(items) <= number < 0 else None


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _filter(node: tree.Index, unit: Unit) -> Run:
    base, condition = unit.compile(node.base), unit.inner().compile(node.index)
    names = tuple(frozenset(free_names(node.index)))
    asserts = isinstance(node.index, ASSERTIONS)
    return filter_run(base, condition, names, size(node.index)[0], unit.place(node), asserts=asserts)


def filter_run(
    base: Run,
    condition: Run,
    names: Sequence[str],
    cost: int,
    place: Place,
    *,
    asserts: bool = False,
    strict: bool = False,
) -> Run:
    """`list[condition]`; where the condition turns out to be a number or a text, it names an item.

    `names` are those that the condition reads, which may be entries of the list's items. With `asserts`
    it can only be a condition; with `strict` the result is null where one turns out to be none.
    """

    def run(frame: Frame) -> object:
        value, outer = base(frame), frame.locals
        items, kept = _listed(value), list[object]()
        if not asserts and (isinstance(value, Mapping) or not items):
            frame.spend(cost, place)
            key = condition(frame)
            if isinstance(value, Mapping) and isinstance(key, str):
                return value.get(key)
            if not items:
                return [] if integral(key) is None else None
        for position, item in enumerate(items):
            bound = {**outer, "item": item}
            if isinstance(item, Mapping):
                bound.update((name, item[name]) for name in names if name in item)
            frame.locals = bound
            frame.spend(cost + 1, place)
            holds = condition(frame)
            if holds is True:
                kept.append(item)
            elif strict and holds is not False and holds is not None:
                frame.locals = outer
                return None
            elif position == 0 and not asserts and holds is not False and holds is not None:
                frame.locals = outer
                return _named(value, holds, place)
        frame.locals = outer
        return kept

    return run


def _named(value: object, wanted: object, place: Place) -> object:
    number = integral(wanted)
    if number is None:
        raise place.error(
            f"An item is named by a whole number or a text, not by {describe(wanted)}", hint=_INDEX_HINT
        )
    return _at(value, number)


# -- contexts and functions ----------------------------------------------------------------------


def compile_entries(node: tree.Entries, unit: Unit) -> Run:
    inner = unit.inner()
    runs = [(name, inner.compile(value)) for name, value in zip(node.names, node.values, strict=True)]
    alone = not any(set(free_names(value)) & set(node.names) for value in node.values)

    def run(frame: Frame) -> object:
        if alone:
            return {name: entry(frame) for name, entry in runs}
        outer, result = frame.locals, dict[str, object]()
        for name, entry in runs:
            result[name] = entry(frame)
            frame.locals = {**outer, **result}
        frame.locals = outer
        return result

    return run


def compile_function(node: tree.Function, unit: Unit) -> Run:
    body = unit.inner().compile(node.body)
    cost, depth = size(node.body)
    parameters = tuple(
        Parameter(name, type_, None if type_ is None else fitted(type_)) for name, type_ in node.parameters
    )

    def run(frame: Frame) -> object:
        return Defined("function", parameters, body, cost, depth, frame.variables, frame.locals)

    return run
