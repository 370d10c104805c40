"""Turns a tree into closures, once: evaluating an expression is then a few calls of Python functions."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from decimal import InvalidOperation
from difflib import get_close_matches
from typing import Any, Final

from engine.feel import tree
from engine.feel.arithmetic import OPERATIONS, integral, negate
from engine.feel.compare import ORDERED, describe, equal, order, within
from engine.feel.frame import Frame, Scope
from engine.feel.functions import FUNCTIONS
from engine.feel.limits import Place
from engine.feel.temporal import part
from engine.feel.tree import Node
from engine.values import Value

Run = Callable[[Frame], Value]

_SIGNS: Final[dict[tree.Ordering, Callable[[Any, Any], bool]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

_ASSERTIONS: Final = (tree.Compare, tree.And, tree.Or, tree.Not, tree.In, tree.Between)

_WRITTEN: Final = {
    "date": 'Write date("2026-01-31").',
    "time": 'Write time("09:30:00").',
    "date and time": 'Write date and time("2026-01-31T09:30:00Z").',
    "duration": 'Write duration("P2D"), duration("PT4H") or duration("P1M").',
}


def compile_tree(node: Node, text: str) -> Run:
    """The closure of a node of the expression `text`, for trees that `tree.walk` found shallow enough."""
    return _COMPILERS[type(node)](node, text)


def _constant(node: tree.Constant, text: str) -> Run:
    value = node.value
    return lambda frame: value


def _name(node: tree.Name, text: str) -> Run:
    name = node.name
    return lambda frame: frame.variables.get(name)


def _input(node: tree.Input, text: str) -> Run:
    return lambda frame: frame.input


def _path(node: tree.Path, text: str) -> Run:
    base, key, place = compile_tree(node.base, text), node.key, Place(text, node.at)

    def run(frame: Frame) -> Value:
        value = base(frame)
        if isinstance(value, Mapping):
            return value.get(key)
        if isinstance(value, list):
            frame.spend(len(value), place)
            return [item.get(key) if isinstance(item, Mapping) else None for item in value]
        return part(value, key)

    return run


def _index(node: tree.Index, text: str) -> Run:
    base, index, place = compile_tree(node.base, text), compile_tree(node.index, text), Place(text, node.at)
    if isinstance(node.index, _ASSERTIONS):
        raise place.error(
            "Filters of lists are not supported", hint="Write list[1] or a function such as count."
        )

    def run(frame: Frame) -> Value:
        value, wanted = base(frame), index(frame)
        if isinstance(value, Mapping) and isinstance(wanted, str):
            return value.get(wanted)
        if value is None or wanted is None:
            return None
        number = integral(wanted)
        if number is None:
            raise place.error(
                f"An item is named by a whole number or a text, not by {describe(wanted)}",
                hint='Write list[1] for the first item, list[-1] for the last one, or context["key"].',
            )
        items = value if isinstance(value, list) else [value]
        if 0 < number <= len(items):
            return items[number - 1]
        return items[number] if -len(items) <= number < 0 else None

    return run


def _negate(node: tree.Negate, text: str) -> Run:
    operand, place = compile_tree(node.operand, text), Place(text, node.at)
    return lambda frame: negate(operand(frame), place)


def _arithmetic(node: tree.Arithmetic, text: str) -> Run:
    left, right = compile_tree(node.left, text), compile_tree(node.right, text)
    operation, place = OPERATIONS[node.sign], Place(text, node.at)
    return lambda frame: operation(left(frame), right(frame), place)


def _compare(node: tree.Compare, text: str) -> Run:
    left, right, place = compile_tree(node.left, text), compile_tree(node.right, text), Place(text, node.at)
    if node.sign in ("=", "!="):
        return _equality(left, right, node.sign == "=", place)
    sign = _SIGNS[node.sign]

    def run(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        class_ = one.__class__
        if class_ is other.__class__ and class_ in ORDERED:
            try:
                return sign(one, other)
            except InvalidOperation:  # a Decimal that is not a number
                return None
        difference = order(one, other, place)
        return None if difference is None else sign(difference, 0)

    return run


def _equality(left: Run, right: Run, wanted: bool, place: Place) -> Run:
    def run(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        class_ = one.__class__
        if class_ is other.__class__ and (class_ in ORDERED or class_ is bool):
            return (one == other) is wanted
        same = equal(one, other, frame, place)
        return None if same is None else same is wanted

    return run


def _and(node: tree.And, text: str) -> Run:
    items = tuple(compile_tree(item, text) for item in node.items)
    if len(items) == 2:  # by far the most frequent, and quicker without the loop
        first, second = items

        def pair(frame: Frame) -> Value:
            one = first(frame)
            if one is False:
                return False
            other = second(frame)
            return False if other is False else True if one is True and other is True else None

        return pair

    def run(frame: Frame) -> Value:
        result: bool | None = True
        for item in items:
            value = item(frame)
            if value is False:
                return False
            if value is not True:
                result = None
        return result

    return run


def _or(node: tree.Or, text: str) -> Run:
    items = tuple(compile_tree(item, text) for item in node.items)

    def run(frame: Frame) -> Value:
        result: bool | None = False
        for item in items:
            value = item(frame)
            if value is True:
                return True
            if value is not False:
                result = None
        return result

    return run


def _not(node: tree.Not, text: str) -> Run:
    operand = compile_tree(node.operand, text)

    def run(frame: Frame) -> Value:
        value = operand(frame)
        return not value if isinstance(value, bool) else None

    return run


def _if(node: tree.If, text: str) -> Run:
    condition = compile_tree(node.condition, text)
    then, otherwise = compile_tree(node.then, text), compile_tree(node.otherwise, text)
    return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)


def _between(node: tree.Between, text: str) -> Run:
    value, place = compile_tree(node.value, text), Place(text, node.at)
    low, high = compile_tree(node.low, text), compile_tree(node.high, text)
    return lambda frame: within(value(frame), low(frame), high(frame), place)


def _list_of(node: tree.ListOf, text: str) -> Run:
    items = tuple(compile_tree(item, text) for item in node.items)
    return lambda frame: [item(frame) for item in items]


def _call(node: tree.Call, text: str) -> Run:
    place = Place(text, node.at)
    arguments = tuple(compile_tree(argument, text) for argument in node.arguments)
    function = FUNCTIONS.get(node.name)
    if function is None:
        return _handed_in(node.name, arguments, place)
    count = len(arguments)
    if count < function.least or (function.most is not None and count > function.most):
        wanted = str(function.least) if function.least == function.most else f"{function.least} or more"
        raise place.error(f"{node.name}(…) takes {wanted} arguments, not {count}")
    call = function.call
    constants = [argument.value for argument in node.arguments if isinstance(argument, tree.Constant)]
    if node.name in _WRITTEN and len(constants) == count:
        # A date written into the expression is read now, so that a slip is found before any case runs.
        value = call(Frame(Scope({}), 0), place, *constants)
        if value is None:
            raise place.error(f"This is no {node.name}", hint=_WRITTEN[node.name])
        return lambda frame: value
    if count == 1:
        only = arguments[0]
        return lambda frame: call(frame, place, only(frame))
    return lambda frame: call(frame, place, *[argument(frame) for argument in arguments])


def _handed_in(name: str, arguments: tuple[Run, ...], place: Place) -> Run:
    def run(frame: Frame) -> Value:
        function = frame.functions.get(name)
        if function is None:
            close = get_close_matches(name, [*FUNCTIONS, *frame.functions], 1)
            raise place.error(
                f"There is no function {name}", hint=f"Did you mean {close[0]}(…)?" if close else None
            )
        values = [argument(frame) for argument in arguments]
        try:
            return function(*values)
        except TypeError:
            if _takes(function, values):
                raise
            raise place.error(f"{name}(…) does not take {len(values)} arguments") from None

    return run


def _takes(function: Callable[..., Value], values: list[Value]) -> bool:
    """Whether a TypeError came from inside the function, and not from the number of its arguments."""
    try:
        inspect.signature(function).bind(*values)
    except TypeError:
        return False
    return True


def _in(node: tree.In, text: str) -> Run:
    value, test = compile_tree(node.value, text), compile_tree(node.test, text)

    def run(frame: Frame) -> Value:
        outer = frame.input
        tested = value(frame)
        frame.input = tested
        try:
            return test(frame)
        finally:
            frame.input = outer

    return run


def _matches(node: tree.Matches, text: str) -> Run:
    operand, place = node.operand, Place(text, node.at)
    if isinstance(operand, tree.Range):
        low, high = compile_tree(operand.low, text), compile_tree(operand.high, text)
        ends = (operand.low_included, operand.high_included)
        return lambda frame: within(frame.input, low(frame), high(frame), place, *ends)
    value = compile_tree(operand, text)
    # `a > 5` as a test stands for itself, `true` for a value that the input equals.
    asserts = isinstance(operand, (*_ASSERTIONS, tree.If, tree.Call))

    def run(frame: Frame) -> Value:
        wanted, given = value(frame), frame.input
        class_ = wanted.__class__
        if class_ is given.__class__ and class_ in ORDERED:
            return wanted == given
        if isinstance(wanted, list):
            frame.spend(len(wanted), place)
            if any(equal(item, given, frame, place) is True for item in wanted):
                return True
            return isinstance(given, list) and equal(wanted, given, frame, place) is True
        if class_ is bool and asserts and given.__class__ is not bool:
            return wanted
        return equal(wanted, given, frame, place)

    return run


def _any_of(node: tree.AnyOf, text: str) -> Run:
    tests = tuple(compile_tree(test, text) for test in node.tests)
    if not tests:
        return lambda frame: True
    return tests[0] if len(tests) == 1 else _or(tree.Or(node.tests), text)


def _none_of(node: tree.NoneOf, text: str) -> Run:
    """A test that is null (a text compared with a number) does not hold, so its denial does not either."""
    return _not(tree.Not(tree.AnyOf(node.tests)), text)


_COMPILERS: Final[dict[type[Node], Callable[[Any, str], Run]]] = {
    tree.Constant: _constant,
    tree.Name: _name,
    tree.Input: _input,
    tree.Path: _path,
    tree.Index: _index,
    tree.Negate: _negate,
    tree.Arithmetic: _arithmetic,
    tree.Compare: _compare,
    tree.And: _and,
    tree.Or: _or,
    tree.Not: _not,
    tree.If: _if,
    tree.Between: _between,
    tree.ListOf: _list_of,
    tree.Call: _call,
    tree.In: _in,
    tree.Matches: _matches,
    tree.AnyOf: _any_of,
    tree.NoneOf: _none_of,
}
