"""What is drawn: elements, arrows, and the words of BPMN for them."""

from __future__ import annotations

from dataclasses import dataclass, field

Value = bool | int


@dataclass(frozen=True)
class Condition:
    """True when the variable has that value."""

    variable: str
    value: Value


@dataclass(frozen=True)
class Arrow:
    """A sequence flow; `link` is one that is not drawn, from a link event to the one of its name."""

    number: int
    source: str
    target: str
    condition: Condition | None = None
    default: bool = False
    link: bool = False


@dataclass(frozen=True)
class Trigger:
    """What an event is about.

    `kind` is message, signal, timer, error, escalation, condition, terminate, or link; `name` the
    name, code or variable (an error or escalation without one catches every code). A timer is due
    after `hours`; one with `runs` is a cycle, -1 one without end.
    """

    kind: str
    name: str = ""
    hours: int = 0
    runs: int = 0


@dataclass(frozen=True)
class Repeat:
    """A loop marker: `kind` is parallel, sequential or standard.

    Instances: `count` of them, over once `done` are completed or `until` is true. A standard loop:
    again while `until` is true, at most `count` times; `before` asks before the first time.
    """

    kind: str
    count: int
    done: int = 0
    until: Condition | None = None
    before: bool = False


@dataclass(frozen=True)
class Border:
    """A boundary event."""

    id: str
    trigger: Trigger
    interrupting: bool


@dataclass
class Node:
    """An element. `kind`: start, end, task, receive, service, catch, throw, sub, call, xor, and, or, first.

    `fails`: the condition under which a service raises the error `code`.
    """

    id: str
    kind: str
    trigger: Trigger | None = None
    inner: Diagram | None = None
    repeat: Repeat | None = None
    borders: list[Border] = field(default_factory=list)
    fails: Condition | None = None
    code: str = ""
    says: str = ""
    """What it is besides its kind, for the table of constructs."""

    @property
    def is_activity(self) -> bool:
        return self.kind in ("task", "receive", "service", "sub", "call")


@dataclass
class Handler:
    """An event sub-process; its own start event is the only one in `inner`."""

    id: str
    inner: Diagram
    trigger: Trigger
    interrupting: bool


@dataclass
class Diagram:
    """A process, or what is inside a sub-process; closed once nothing is added any more."""

    key: str
    nodes: dict[str, Node] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    handlers: list[Handler] = field(default_factory=list)
    _leaving: dict[str, list[Arrow]] = field(default_factory=dict, repr=False)
    _entering: dict[str, list[Arrow]] = field(default_factory=dict, repr=False)

    def add(self, node: Node) -> Node:
        self.nodes[node.id] = node
        return node

    def close(self) -> None:
        """Note which arrows leave and enter each element, here and inside."""
        for one in self.everything():
            one._leaving, one._entering = {}, {}
            for arrow in one.arrows:
                one._leaving.setdefault(arrow.source, []).append(arrow)
                one._entering.setdefault(arrow.target, []).append(arrow)

    def leaving(self, element: str) -> list[Arrow]:
        """The arrows that leave an element or a boundary event, in the order in which they are drawn."""
        return self._leaving.get(element, [])

    def entering(self, element: str) -> list[Arrow]:
        return self._entering.get(element, [])

    def starts(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.kind == "start"]

    def handler(self, handler: str) -> Handler | None:
        return next((one for one in self.handlers if one.id == handler), None)

    def everything(self) -> list[Diagram]:
        """This one and all inside it, once each."""
        found: dict[int, Diagram] = {id(self): self}
        inner = [node.inner for node in self.nodes.values()] + [one.inner for one in self.handlers]
        for one in inner:
            if one is not None:
                found.update({id(each): each for each in one.everything()})
        return list(found.values())
