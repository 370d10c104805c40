"""Functions as values: FEEL's own, those an expression defines, and those a file of decisions does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.feel.frame import NOTHING, Frame
from engine.feel.limits import Place
from engine.feel.types import Type


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a function: the names of its parameters, of which the last `optional` may be left out.

    With `many`, the last one may be given any number of times.
    """

    names: tuple[str, ...]
    optional: int = 0
    many: bool = False

    @property
    def least(self) -> int:
        return len(self.names) - self.optional

    def takes(self, count: int) -> bool:
        return self.least <= count and (self.many or count <= len(self.names))

    def order(self, names: Sequence[str]) -> tuple[int | None, ...] | None:
        """For each parameter the index of the argument of that name; None where the names do not fit."""
        if not set(names) <= set(self.names) or not set(self.names[: self.least]) <= set(names):
            return None
        places = [names.index(name) if name in names else None for name in self.names]
        while places and places[-1] is None:
            places.pop()
        return tuple(places)


@dataclass(frozen=True, slots=True, eq=False)
class Builtin:
    """A function of FEEL; `run(frame, place, *arguments)` gives null for arguments it is not made for."""

    name: str
    run: Callable[..., object]
    signatures: tuple[Signature, ...]

    def takes(self, count: int) -> bool:
        """Whether it may be called with so many arguments by position."""
        return any(signature.takes(count) for signature in self.signatures)

    @property
    def wanted(self) -> str:
        """How many arguments it takes, in words."""
        least = min(signature.least for signature in self.signatures)
        most = max(len(signature.names) for signature in self.signatures)
        if any(signature.many for signature in self.signatures):
            return f"{least} or more"
        return str(least) if least == most else f"{least} to {most}"

    def order(self, names: Sequence[str]) -> tuple[int | None, ...] | None:
        """For each parameter the index of the argument of that name; None where the names do not fit."""
        found = (signature.order(names) for signature in self.signatures)
        return next((order for order in found if order is not None), None)

    def call(self, frame: Frame, place: Place, arguments: Sequence[object]) -> object:
        if not self.takes(len(arguments)):
            raise place.error(f"{self.name}(…) takes {self.wanted} arguments, not {len(arguments)}")
        return with_singles(self.run, frame, place, arguments)


def with_singles(
    run: Callable[..., object], frame: Frame, place: Place, arguments: Sequence[object]
) -> object:
    """What a function gives; where that is null, what it gives for the only items of lists of one."""
    result = run(frame, place, *arguments)
    if result is None and any(argument.__class__ is list for argument in arguments):
        return run(frame, place, *single(arguments))
    return result


def single(arguments: Sequence[object]) -> list[object]:
    """The arguments, with the item in place of a list that holds only this one."""
    return [one[0] if isinstance(one, list) and len(one) == 1 else one for one in arguments]


def builtin(name: str, parameters: str, run: Callable[..., object]) -> Builtin:
    """A function, its parameters as the standard has them: `list | item...`, `string, start, length?`."""
    signatures = []
    for way in parameters.split("|"):
        names = [word.strip() for word in way.split(",") if word.strip()]
        optional = sum(word.endswith("?") for word in names)
        many = bool(names) and names[-1].endswith("...")
        signatures.append(Signature(tuple(word.rstrip("?.") for word in names), optional, many))
    return Builtin(name, run, tuple(signatures))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a defined function; `fit` brings an argument to its type, or refuses it."""

    name: str
    type: Type | None = None
    fit: Callable[[object, Place, str], object] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Defined:
    """A function that an expression or a file defines, with what it sees of the place where it stands."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Callable[[Frame], object]
    cost: int
    """Nodes of its body: what one call takes from the budget."""
    depth: int
    """Levels of its body."""
    variables: Mapping[str, object] | None = None
    """The variables its body sees; None for those of whoever calls."""
    locals: Mapping[str, object] = field(default_factory=lambda: NOTHING)
    result: Type | None = None

    def order(self, names: Sequence[str]) -> tuple[int | None, ...] | None:
        own = [parameter.name for parameter in self.parameters]
        return tuple(names.index(name) for name in own) if sorted(own) == sorted(names) else None

    def call(self, frame: Frame, place: Place, arguments: Sequence[object]) -> object:
        if len(arguments) != len(self.parameters):
            raise place.error(f"{self.name}(…) takes {len(self.parameters)} arguments, not {len(arguments)}")
        bound = dict(self.locals)
        for parameter, value in zip(self.parameters, arguments, strict=True):
            fit = parameter.fit
            bound[parameter.name] = value if fit is None else fit(value, place, f"“{parameter.name}”")
        frame.spend(self.cost, place)
        frame.enter(self.depth, place)
        outer = frame.locals, frame.variables, frame.input
        frame.locals = bound
        if self.variables is not None:
            frame.variables = self.variables
        result = self.body(frame)
        frame.locals, frame.variables, frame.input = outer
        frame.leave(self.depth)
        return result


def arranged(order: tuple[int | None, ...], arguments: Sequence[object]) -> list[object]:
    """Arguments given by name in the order of the parameters; null for one that was left out."""
    return [None if index is None else arguments[index] for index in order]
