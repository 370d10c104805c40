"""What an expression may see (the scope), and what one evaluation has spent of its budget (the frame)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.feel.limits import CALL_LEVELS, MAX_CALL_DEPTH, MAX_STEPS, Place
from engine.values import Value

NOTHING: Final[Mapping[str, object]] = {}


@dataclass(frozen=True, slots=True)
class Scope:
    """The variables of a case, and the functions beyond FEEL's own, such as `due`.

    A function is called with the values of its arguments by position; what it raises goes through.
    """

    variables: Mapping[str, Value]
    functions: Mapping[str, Callable[..., Value]] = field(default_factory=dict)


class Frame:
    """One evaluation: the scope, the names bound inside the expression, and the steps that are left.

    While an expression is evaluated, values are `object`: beside a case's Values there are ranges and
    functions, which `engine.feel.boundary` keeps from getting out.
    """

    __slots__ = ("depth", "functions", "input", "locals", "steps", "variables")

    def __init__(self, scope: Scope, cost: int, variables: Mapping[str, object] | None = None) -> None:
        """`cost` is the number of nodes, each of which is evaluated at most once."""
        self.variables: Mapping[str, object] = scope.variables if variables is None else variables
        self.functions = scope.functions
        self.locals: Mapping[str, object] = NOTHING
        self.input: object = None
        self.steps = MAX_STEPS - cost
        self.depth = 0

    def spend(self, steps: int, place: Place) -> None:
        """Counts what goes over items of a list; ExpressionError when the budget is used up."""
        self.steps -= steps
        if self.steps < 0:
            raise place.error(
                f"The expression takes more than {MAX_STEPS} steps", hint="Work on shorter lists."
            )

    def enter(self, levels: int, place: Place) -> None:
        """Counts the levels of a function that is called; `leave` gives them back."""
        self.depth += levels + CALL_LEVELS
        if self.depth > MAX_CALL_DEPTH:
            raise place.error(
                "Too many functions call one another here", hint="Let no function call itself without end."
            )

    def leave(self, levels: int) -> None:
        self.depth -= levels + CALL_LEVELS
