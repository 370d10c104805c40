"""A drawing that is being made: loose ends, arrows, and what belongs to one token's way."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.engine.oracle.choices import Choices
from tests.engine.oracle.diagram import Arrow, Condition, Diagram, Handler, Node, Trigger, Value


@dataclass
class Variable:
    """A variable that the drawing asks: its values, and the one by which things come to an end."""

    values: tuple[Value, ...]
    calm: Value


@dataclass
class Plan:
    """A whole drawing: the process, those that it calls, its variables, and what makes it special."""

    diagram: Diagram
    called: list[Diagram]
    variables: dict[str, Variable]
    marks: set[str]

    def every(self) -> list[Diagram]:
        return list(
            {id(one): one for each in (self.diagram, *self.called) for one in each.everything()}.values()
        )


@dataclass(frozen=True)
class Place:
    """Where on a drawing something is drawn.

    A thread is the way of one token, from where it sets out to where it is joined or ends.
    """

    diagram: Diagram
    thread: int
    may_end: bool = True
    """May the thread end before its block does? Not where a parallel join waits for it."""
    quiet: bool = False
    """No signal may be thrown here: whoever hears it might throw it again."""
    top: bool = True
    """Does every token of the thread pass here, and once?"""
    catching: tuple[Trigger, ...] = ()
    """The events around it that catch errors and escalations."""

    def thrown(self, kind: str) -> list[str]:
        """The codes that are caught around it; those that name none catch any."""
        any_code = "E3" if kind == "error" else "F1"
        return [one.name or any_code for one in self.catching if one.kind == kind]


@dataclass
class Block:
    """A split with its join, for bridges between its branches: the thread of each."""

    diagram: Diagram
    kind: str
    threads: list[int]


@dataclass
class Loose:
    """An arrow that leads nowhere yet."""

    source: str
    condition: Condition | None = None
    default: bool = False


class Sketch:
    """Makes elements and arrows by chance; blocks, bends and graphs build on it."""

    def __init__(self, choices: Choices, size: int) -> None:
        self.choices = choices
        self.left = size
        """Blocks that may still be drawn."""
        self.variables: dict[str, Variable] = {}
        self.called: list[Diagram] = []
        self.marks: set[str] = set()
        self.threads: dict[int, list[int]] = {}
        """The numbers of the arrows of each thread."""
        self.tops: dict[int, list[int]] = {}
        self.bent: set[int] = set()
        """Threads that are not straight any more."""
        self.blocks: list[Block] = []
        self._last = 0

    def number(self) -> int:
        self._last += 1
        return self._last

    def thread(self) -> int:
        number = self.number()
        self.threads[number], self.tops[number] = [], []
        return number

    def flag(self, letter: str) -> str:
        """A new variable that is true or false."""
        name = f"{letter}{self.number()}"
        self.variables[name] = Variable((False, True), False)
        return name

    def node(self, place: Place, kind: str, letter: str, **more: object) -> Node:
        node = Node(f"{letter}{self.number()}", kind, **more)  # type: ignore[arg-type]
        return place.diagram.add(node)

    def go(self, place: Place, loose: Loose, target: Node | str, link: bool = False) -> Loose:
        """Lead the loose end to an element; returns the one that leaves it."""
        id = target if isinstance(target, str) else target.id
        number = self.number()
        place.diagram.arrows.append(Arrow(number, loose.source, id, loose.condition, loose.default, link))
        self.threads[place.thread].append(number)
        if place.top:
            self.tops[place.thread].append(number)
        return Loose(id)

    def split(self, diagram: Diagram, number: int, node: Node) -> int:
        """Put a node onto an arrow; returns the number of the arrow that leaves it."""
        diagram.add(node)
        place = next(index for index, arrow in enumerate(diagram.arrows) if arrow.number == number)
        arrow, new = diagram.arrows[place], self.number()
        diagram.arrows[place] = replace(arrow, target=node.id)
        diagram.arrows.append(Arrow(new, node.id, arrow.target))
        for lists in (self.threads, self.tops):
            for numbers in lists.values():
                if number in numbers:
                    numbers.append(new)
        return new

    def arrow(self, diagram: Diagram, number: int) -> Arrow:
        return next(arrow for arrow in diagram.arrows if arrow.number == number)

    def trigger(self, kinds: tuple[str, ...], beside: bool = False) -> Trigger:
        """Something to wait for; `beside` the work it may be a cycle."""
        kind = self.choices.pick(kinds)
        match kind:
            case "timer":
                hours = self.choices.pick((3, 7, 5, 19, 11))
                return Trigger("timer", hours=hours, runs=self.choices.pick((0, 3, -1)) if beside else 0)
            case "message":
                return Trigger("message", f"m{self.number()}")
            case "signal":
                return Trigger("signal", self.choices.pick(("s0", "s1")))
            case "condition":
                name = self.choices.pick(("c0", "c1", "c2"))
                self.variables.setdefault(name, Variable((False, True), True))
                return Trigger("condition", name)
            case "escalation":
                return Trigger("escalation", self.choices.pick(("", "F1", "F2")))
        return Trigger(kind, self.choices.pick(("E1", "", "E2")))

    def handler(self, place: Place, trigger: Trigger, interrupting: bool, inner: Diagram) -> Handler:
        handler = Handler(f"h{self.number()}", inner, trigger, interrupting)
        place.diagram.handlers.append(handler)
        return handler
