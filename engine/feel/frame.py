"""What an expression may see (the scope), and what one evaluation has spent of its budget (the frame)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.feel.limits import MAX_STEPS, Place
from engine.values import Value


@dataclass(frozen=True, slots=True)
class Scope:
    """The variables of a case, and the functions beyond FEEL's own, such as `due`.

    A function is called with the values of its arguments by position; what it raises goes through.
    """

    variables: Mapping[str, Value]
    functions: Mapping[str, Callable[..., Value]] = field(default_factory=dict)


class Frame:
    """One evaluation: the scope, the input under test, and the steps that are left."""

    __slots__ = ("functions", "input", "steps", "variables")

    def __init__(self, scope: Scope, cost: int) -> None:
        """`cost` is the number of nodes, each of which is evaluated at most once."""
        self.variables = scope.variables
        self.functions = scope.functions
        self.input: Value = None
        self.steps = MAX_STEPS - cost

    def spend(self, steps: int, place: Place) -> None:
        """Counts what goes over items of a list; ExpressionError when the budget is used up."""
        self.steps -= steps
        if self.steps < 0:
            raise place.error(
                f"The expression takes more than {MAX_STEPS} steps", hint="Work on shorter lists."
            )
