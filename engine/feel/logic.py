"""Three-valued logic: true, false, and null for what cannot be said."""

from __future__ import annotations

from engine.feel import tree
from engine.feel.frame import Frame
from engine.feel.unit import Run, Unit


def compile_and(node: tree.And, unit: Unit) -> Run:
    items = tuple(unit.compile(item) for item in node.items)
    if len(items) == 2:  # by far the most frequent, and quicker without the loop
        first, second = items

        def pair(frame: Frame) -> object:
            one = first(frame)
            if one is False:
                return False
            other = second(frame)
            return False if other is False else True if one is True and other is True else None

        return pair
    return all_true(items)


def all_true(items: tuple[Run, ...]) -> Run:
    def run(frame: Frame) -> object:
        result: bool | None = True
        for item in items:
            value = item(frame)
            if value is False:
                return False
            if value is not True:
                result = None
        return result

    return run


def compile_or(node: tree.Or, unit: Unit) -> Run:
    return any_true(tuple(unit.compile(item) for item in node.items))


def any_true(items: tuple[Run, ...]) -> Run:
    def run(frame: Frame) -> object:
        result: bool | None = False
        for item in items:
            value = item(frame)
            if value is True:
                return True
            if value is not False:
                result = None
        return result

    return run


def compile_not(node: tree.Not, unit: Unit) -> Run:
    return denial(unit.compile(node.operand))


def denial(operand: Run) -> Run:
    def run(frame: Frame) -> object:
        value = operand(frame)
        return not value if isinstance(value, bool) else None

    return run


def compile_if(node: tree.If, unit: Unit) -> Run:
    condition = unit.compile(node.condition)
    then, otherwise = unit.compile(node.then), unit.compile(node.otherwise)
    return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)
