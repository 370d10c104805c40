"""Turns a tree into closures, once: evaluating an expression is then a few calls of Python functions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import InvalidOperation
from typing import Any, Final

from engine.feel import calls, logic, loops, matching, tree
from engine.feel.arithmetic import OPERATIONS, negate
from engine.feel.compare import ORDERED, equal, order, within
from engine.feel.conform import is_instance
from engine.feel.frame import Frame
from engine.feel.functions import FUNCTIONS
from engine.feel.limits import Place
from engine.feel.ranges import Range, range_part
from engine.feel.temporal import part
from engine.feel.tree import Node
from engine.feel.unit import Compiler, Run, Unit

_SIGNS: Final[dict[tree.Ordering, Callable[[Any, Any], bool]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def compile_tree(node: Node, text: str, *, local: bool = False) -> Run:
    """The closure of a node of the expression `text`, for trees that `tree.walk` found shallow enough.

    `local` says that names are bound around the whole expression, as in a boxed context.
    """
    return Unit(text, _COMPILERS, local).compile(node)


def _constant(node: tree.Constant, unit: Unit) -> Run:
    value = node.value
    return lambda frame: value


def _name(node: tree.Name, unit: Unit) -> Run:
    name, builtin = node.name, FUNCTIONS.get(node.name)
    if unit.local:

        def run(frame: Frame) -> object:
            bound = frame.locals
            if name in bound:
                return bound[name]
            return frame.variables.get(name, builtin)

        return run
    if builtin is not None:
        return lambda frame: frame.variables.get(name, builtin)
    return lambda frame: frame.variables.get(name)


def _input(node: tree.Input, unit: Unit) -> Run:
    return lambda frame: frame.input


def _path(node: tree.Path, unit: Unit) -> Run:
    base, key, place = unit.compile(node.base), node.key, unit.place(node)

    def run(frame: Frame) -> object:
        value = base(frame)
        if isinstance(value, Mapping):
            return value.get(key)
        if isinstance(value, list):
            frame.spend(len(value), place)
            return [item.get(key) if isinstance(item, Mapping) else part(item, key) for item in value]
        return range_part(value, key) if isinstance(value, Range) else part(value, key)

    return run


def _negate(node: tree.Negate, unit: Unit) -> Run:
    operand, place = unit.compile(node.operand), unit.place(node)
    return lambda frame: negate(operand(frame), place)


def _arithmetic(node: tree.Arithmetic, unit: Unit) -> Run:
    left, right = unit.compile(node.left), unit.compile(node.right)
    operation, place = OPERATIONS[node.sign], unit.place(node)
    return lambda frame: operation(left(frame), right(frame), place)


def _compare(node: tree.Compare, unit: Unit) -> Run:
    left, right, place = unit.compile(node.left), unit.compile(node.right), unit.place(node)
    if node.sign in ("=", "!="):
        return _equality(left, right, node.sign == "=", place)
    sign = _SIGNS[node.sign]

    def run(frame: Frame) -> object:
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
    def run(frame: Frame) -> object:
        one, other = left(frame), right(frame)
        class_ = one.__class__
        if class_ is other.__class__ and (class_ in ORDERED or class_ is bool):
            return (one == other) is wanted
        same = equal(one, other, frame, place)
        return None if same is None else same is wanted

    return run


def _between(node: tree.Between, unit: Unit) -> Run:
    value, place = unit.compile(node.value), unit.place(node)
    low, high = unit.compile(node.low), unit.compile(node.high)
    return lambda frame: within(value(frame), low(frame), high(frame), place)


def _list_of(node: tree.ListOf, unit: Unit) -> Run:
    items = tuple(unit.compile(item) for item in node.items)
    return lambda frame: [item(frame) for item in items]


def _instance_of(node: tree.InstanceOf, unit: Unit) -> Run:
    operand, type_ = unit.compile(node.operand), node.type
    return lambda frame: is_instance(operand(frame), type_)


_COMPILERS: Final[dict[type[Node], Compiler]] = {
    tree.Constant: _constant,
    tree.Name: _name,
    tree.Input: _input,
    tree.Path: _path,
    tree.Index: loops.compile_index,
    tree.Negate: _negate,
    tree.Arithmetic: _arithmetic,
    tree.Compare: _compare,
    tree.And: logic.compile_and,
    tree.Or: logic.compile_or,
    tree.Not: logic.compile_not,
    tree.If: logic.compile_if,
    tree.Between: _between,
    tree.ListOf: _list_of,
    tree.Entries: loops.compile_entries,
    tree.Call: calls.compile_call,
    tree.Invoke: calls.compile_invoke,
    tree.Function: loops.compile_function,
    tree.For: loops.compile_for,
    tree.Quantified: loops.compile_quantified,
    tree.InstanceOf: _instance_of,
    tree.In: matching.compile_in,
    tree.Range: matching.compile_range,
    tree.OneSided: matching.compile_one_sided,
    tree.Matches: matching.compile_matches,
    tree.AnyOf: matching.compile_any_of,
    tree.NoneOf: matching.compile_none_of,
}
