"""Compiles the calls of functions: FEEL's own, those of the engine, and those that are values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Final

from engine.feel import tree
from engine.feel.callee import Builtin, Defined, arranged, single, with_singles
from engine.feel.compare import describe
from engine.feel.frame import Frame, Scope
from engine.feel.functions import FUNCTIONS
from engine.feel.limits import Place
from engine.feel.unit import Run, Unit
from engine.findings import Phrase
from engine.values import Value

_WRITTEN: Final = {
    "date": 'Write date("2026-01-31").',
    "time": 'Write time("09:30:00").',
    "date and time": 'Write date and time("2026-01-31T09:30:00Z").',
    "duration": 'Write duration("P2D"), duration("PT4H") or duration("P1M").',
}


def compile_call(node: tree.Call, unit: Unit) -> Run:
    place = unit.place(node)
    arguments = tuple(unit.compile(argument) for argument in node.arguments)
    function = FUNCTIONS.get(node.name)
    if function is None:
        return _by_name(node, arguments, place)
    if node.named is not None:
        order = function.order(node.named)
        if order is None:
            known = " or ".join(", ".join(signature.names) for signature in function.signatures)
            raise place.error(
                Phrase("{name}(…) has no such parameters", name=node.name), hint=f"It has {known}."
            )
        runs = [_null if index is None else arguments[index] for index in order]
        return _straight(function, tuple(runs), place)
    if not function.takes(len(arguments)):
        raise place.error(
            Phrase(
                "{name}(…) takes {wanted} arguments, not {given}",
                name=node.name,
                wanted=function.wanted,
                given=len(arguments),
            )
        )
    constants = [argument.value for argument in node.arguments if isinstance(argument, tree.Constant)]
    if node.name in _WRITTEN and len(constants) == len(arguments):
        # A date written into the expression is read now, so that a slip is found before any case runs.
        value = function.run(Frame(Scope({}), 0), place, *constants)
        if value is None and constants != [None]:
            raise place.error(Phrase("This is no {name}", name=node.name), hint=_WRITTEN[node.name])
        return lambda frame: value
    return _straight(function, arguments, place)


def _null(frame: Frame) -> object:
    return None


def _straight(function: Builtin, arguments: tuple[Run, ...], place: Place) -> Run:
    call = function.run
    if len(arguments) == 1:
        only = arguments[0]

        def run(frame: Frame) -> object:
            value = only(frame)
            result = call(frame, place, value)
            if result is None and value.__class__ is list:
                return call(frame, place, *single([value]))
            return result

        return run
    return lambda frame: with_singles(call, frame, place, [argument(frame) for argument in arguments])


def _by_name(node: tree.Call, arguments: tuple[Run, ...], place: Place) -> Run:
    """A function that the engine hands in, or a variable that holds one."""
    name, named = node.name, node.named

    def run(frame: Frame) -> object:
        handed = frame.functions.get(name)
        if handed is not None and named is None:
            return _handed_in(handed, name, [argument(frame) for argument in arguments], place)
        if handed is not None:
            raise place.error(f"{name}(…) takes its arguments without names")
        found = frame.locals.get(name)
        target = frame.variables.get(name) if found is None else found
        if isinstance(target, (Builtin, Defined)):
            return called(target, [argument(frame) for argument in arguments], named, frame, place)
        close = get_close_matches(name, [*FUNCTIONS, *frame.functions], 1, 0.7)
        raise place.error(
            f"There is no function {name}", hint=f"Did you mean {close[0]}(…)?" if close else None
        )

    return run


def _handed_in(function: Callable[..., Value], name: str, values: list[object], place: Place) -> object:
    try:
        return function(*values)
    except TypeError:
        if _takes(function, values):
            raise
        raise place.error(f"{name}(…) does not take {len(values)} arguments") from None


def _takes(function: Callable[..., Value], values: list[object]) -> bool:
    """Whether a TypeError came from inside the function, and not from the number of its arguments."""
    try:
        inspect.signature(function).bind(*values)
    except TypeError:
        return False
    return True


def compile_invoke(node: tree.Invoke, unit: Unit) -> Run:
    target, place, named = unit.compile(node.target), unit.place(node), node.named
    arguments = tuple(unit.compile(argument) for argument in node.arguments)

    def run(frame: Frame) -> object:
        function = target(frame)
        if not isinstance(function, (Builtin, Defined)):
            raise place.error(f"Only a function can be called, not {describe(function)}")
        return called(function, [argument(frame) for argument in arguments], named, frame, place)

    return run


def called(
    function: Builtin | Defined,
    arguments: Sequence[object],
    named: Sequence[str] | None,
    frame: Frame,
    place: Place,
) -> object:
    """What a function gives for arguments by position, or for those of these names."""
    if named is not None:
        order = function.order(named)
        if order is None:
            raise place.error(f"{function.name}(…) has no such parameters")
        arguments = arranged(order, arguments)
    return function.call(frame, place, arguments)
