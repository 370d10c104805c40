"""Decision services: several decisions as one function of what they take."""

from __future__ import annotations

from dataclasses import dataclass

from engine.feel.callee import Defined, Parameter
from engine.feel.decisions import Decision, Fit
from engine.feel.frame import Frame
from engine.feel.limits import Place
from engine.feel.tables import Result


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """A decision service of a file."""

    name: str
    outputs: tuple[Decision, ...]
    decisions: tuple[tuple[str, str, Fit | None], ...]
    """The decisions whose values are given to it: id, name, and what brings the value to its type."""
    data: tuple[tuple[str, Fit | None], ...]
    """The input data that it takes."""
    fit: Fit | None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return (
            *(Parameter(name, fit=fit) for name, fit in self.data),
            *(Parameter(name, fit=fit) for _, name, fit in self.decisions),
        )

    def function(self) -> Defined:
        """The service as a function, whose arguments are the input data and then the decisions."""
        cost = 1 + len(self.outputs)
        return Defined(self.name, self.parameters, self.run, cost, 4, {})

    def run(self, frame: Frame) -> object:
        """The value of the only output decision, or a context of all of them."""
        bound = frame.locals
        given = {name: bound[name] for name, _ in self.data}
        done: dict[str, Result] = {key: (bound[name], ()) for key, name, _ in self.decisions}
        values = {
            decision.variable or decision.name: decision.decided(frame, given, done)[0]
            for decision in self.outputs
        }
        value = next(iter(values.values())) if len(values) == 1 else values
        return value if self.fit is None else self.fit(value, Place(self.name), f"The service “{self.name}”")
