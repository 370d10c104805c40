"""Compiles tests: `in`, ranges, and the cells of a decision table."""

from __future__ import annotations

from typing import Final

from engine.feel import tree
from engine.feel.compare import ORDERED, equal, inside, within
from engine.feel.frame import Frame
from engine.feel.limits import Place
from engine.feel.logic import any_true, denial
from engine.feel.ranges import Range, one_sided
from engine.feel.unit import Run, Unit

ASSERTIONS: Final = (
    tree.Compare, tree.And, tree.Or, tree.Not, tree.In, tree.Between, tree.Quantified, tree.InstanceOf,
)  # fmt: skip
"""What is true or false by itself."""


def compile_in(node: tree.In, unit: Unit) -> Run:
    value, test = unit.compile(node.value), unit.compile(node.test)

    def run(frame: Frame) -> object:
        outer = frame.input
        tested = value(frame)
        frame.input = tested
        result = test(frame)
        frame.input = outer
        return result

    return run


def compile_matches(node: tree.Matches, unit: Unit) -> Run:
    operand, place = node.operand, unit.place(node)
    if isinstance(operand, tree.Range):
        low, high = unit.compile(operand.low), unit.compile(operand.high)
        ends = (operand.low_included, operand.high_included)
        return lambda frame: within(frame.input, low(frame), high(frame), place, *ends)
    value = unit.compile(operand)
    # `a > 5` as a test stands for itself, `true` for a value that the input equals.
    asserts = isinstance(operand, (*ASSERTIONS, tree.If, tree.Call, tree.Invoke))

    def run(frame: Frame) -> object:
        wanted, given = value(frame), frame.input
        class_ = wanted.__class__
        if class_ is given.__class__ and class_ in ORDERED:
            return wanted == given
        if class_ is bool and asserts and given.__class__ is not bool:
            return wanted
        return matches(wanted, given, frame, place)

    return run


def matches(wanted: object, given: object, frame: Frame, place: Place) -> bool | None:
    """Whether a value is equal to another one, in its range, or among the items of its list."""
    if isinstance(wanted, Range):
        return inside(given, wanted, frame, place) if not isinstance(given, Range) else wanted == given
    if isinstance(wanted, list):
        frame.spend(len(wanted), place)
        for item in wanted:
            if isinstance(item, Range) and not isinstance(given, Range):
                if inside(given, item, frame, place) is True:
                    return True
            elif equal(item, given, frame, place) is True:
                return True
        return isinstance(given, list) and equal(wanted, given, frame, place) is True
    return equal(wanted, given, frame, place)


def compile_range(node: tree.Range, unit: Unit) -> Run:
    low, high = unit.compile(node.low), unit.compile(node.high)
    ends = (node.low_included, node.high_included)
    return lambda frame: Range(low(frame), high(frame), *ends)


def compile_one_sided(node: tree.OneSided, unit: Unit) -> Run:
    end, side = unit.compile(node.end), node.side
    return lambda frame: one_sided(side, end(frame))


def compile_any_of(node: tree.AnyOf, unit: Unit) -> Run:
    tests = tuple(unit.compile(test) for test in node.tests)
    if not tests:
        return lambda frame: True
    return tests[0] if len(tests) == 1 else any_true(tests)


def compile_none_of(node: tree.NoneOf, unit: Unit) -> Run:
    """A test that is null (a text compared with a number) does not hold, so its denial does not either."""
    return denial(compile_any_of(tree.AnyOf(node.tests), unit))
