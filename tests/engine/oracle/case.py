"""What is alive: tokens, the activities and scopes they stand for, and the variables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.engine.oracle.diagram import Arrow, Condition, Diagram, Node, Value

Data = dict[str, Value]


class Armed:
    """An event that waits beside an activity or scope; `held`: its condition has been true since it fired."""

    __slots__ = ("due", "held", "runs")

    def __init__(self, due: int = -1, runs: int = 0, held: bool = False) -> None:
        self.due = due
        self.runs = runs
        self.held = held

    def key(self) -> tuple[int, int, bool]:
        return self.due, self.runs, self.held


class Once:
    """One instance of an activity; `inside` is the scope of a sub-process or call, `data` its own variables."""

    __slots__ = ("data", "inside", "number", "token")

    def __init__(self, number: int, token: Token, data: Data | None) -> None:
        self.number = number
        self.token = token
        self.data = data
        self.inside: Running | None = None

    def key(self) -> tuple[Any, ...]:
        return _data_key(self.data), self.inside.key() if self.inside else ()


class Token:
    """A token on an arrow, or in an element.

    `fired`: what it waited for has happened, and it is about to go on; `won`: the event behind its
    event-based gateway that has.
    """

    __slots__ = (
        "armed", "arrow", "begun", "done", "due", "dues", "element", "fired", "number", "runs", "scope", "won",
    )  # fmt: skip

    def __init__(self, number: int, scope: Running, arrow: Arrow | None = None, element: str = "") -> None:
        self.number = number
        self.scope = scope
        self.arrow = arrow
        self.element = element
        self.fired = False
        self.won = ""
        self.due = -1
        self.dues: dict[str, int] = {}
        self.armed: dict[str, Armed] = {}
        self.runs: list[Once] = []
        self.begun = 0
        self.done = 0

    @property
    def node(self) -> Node | None:
        """The element it is in, where that is no boundary event or event sub-process."""
        return self.scope.diagram.nodes.get(self.element)

    def key(self) -> tuple[Any, ...]:
        if self.arrow is not None:
            return (self.arrow.number,)
        # No arrow has this number, so that keys of both kinds can be sorted.
        return (
            -1, self.element, self.fired, self.won, self.due, self.begun, self.done,
            tuple(sorted(self.dues.items())),
            tuple(sorted((name, armed.key()) for name, armed in self.armed.items())),
            tuple(sorted(once.key() for once in self.runs)),
        )  # fmt: skip


class Running:
    """A scope that is running: a process, a sub-process, or an event sub-process."""

    __slots__ = ("armed", "data", "diagram", "host", "number", "tokens")

    def __init__(self, number: int, diagram: Diagram, host: Once | None, data: Data | None) -> None:
        self.number = number
        self.diagram = diagram
        self.host = host
        self.data = data
        """None where it shares the variables of what is around it."""
        self.tokens: list[Token] = []
        self.armed: dict[str, Armed] = {}
        """Its event sub-processes that wait."""

    def key(self) -> tuple[Any, ...]:
        return (
            self.diagram.key,
            _data_key(self.data),
            tuple(sorted(token.key() for token in self.tokens)),
            tuple(sorted((name, armed.key()) for name, armed in self.armed.items())),
        )


class Case:
    """A whole case: its scopes, the hour, and how often each element was passed."""

    def __init__(self, diagram: Diagram, data: Data) -> None:
        self.last = 0
        self.hour = 0
        self.moment = -1
        """The hour of the timers that are being followed up."""
        self.passed: Counter[str] = Counter()
        self.root = Running(self.next(), diagram, None, dict(data))

    def next(self) -> int:
        self.last += 1
        return self.last

    def scopes(self) -> Iterator[Running]:
        """Every running scope, outer ones first."""
        todo = [self.root]
        while todo:
            running = todo.pop(0)
            yield running
            todo += [once.inside for token in running.tokens for once in token.runs if once.inside]

    def tokens(self) -> Iterator[Token]:
        for running in self.scopes():
            yield from running.tokens

    def token(self, number: int) -> Token:
        return next(token for token in self.tokens() if token.number == number)

    def once(self, number: int) -> Once:
        return next(once for token in self.tokens() for once in token.runs if once.number == number)

    def scope(self, number: int) -> Running:
        return next(running for running in self.scopes() if running.number == number)

    def key(self) -> tuple[Any, ...]:
        """Alike for two cases that nobody could tell apart, now or later."""
        return self.hour, self.moment, tuple(sorted(self.passed.items())), self.root.key()

    def copy(self) -> Case:
        new = object.__new__(Case)
        new.last, new.hour, new.moment = self.last, self.hour, self.moment
        new.passed = self.passed.copy()
        new.root = _copy_scope(self.root, None)
        return new


# --- Variables ------------------------------------------------------------------------------------


def _around(scope: Running, once: Once | None = None) -> Iterator[Data]:
    """The variables that are seen in a scope (or by one instance in it), inner ones first."""
    if once is not None and once.data is not None:
        yield once.data
    while True:
        if scope.data is not None:
            yield scope.data
        host = scope.host
        if host is None:
            return
        if host.data is not None:
            yield host.data
        scope = host.token.scope


def holds(condition: Condition, scope: Running, once: Once | None = None) -> bool:
    """Is it true in this scope, or for this instance in it?"""
    for data in _around(scope, once):
        if condition.variable in data:
            return data[condition.variable] == condition.value
    return False


def assign(values: Data, scope: Running, once: Once | None = None) -> None:
    """Set variables there: they belong to the innermost that has variables of its own."""
    next(_around(scope, once)).update(values)


# --- Copies ---------------------------------------------------------------------------------------


def _copy_scope(old: Running, host: Once | None) -> Running:
    new = Running(old.number, old.diagram, host, None if old.data is None else dict(old.data))
    new.armed = _copy_armed(old.armed)
    new.tokens = [_copy_token(token, new) for token in old.tokens]
    return new


def _copy_token(old: Token, scope: Running) -> Token:
    new = Token(old.number, scope, old.arrow, old.element)
    if old.arrow is not None:
        return new
    new.fired, new.won, new.due, new.begun, new.done = old.fired, old.won, old.due, old.begun, old.done
    new.dues = dict(old.dues)
    new.armed = _copy_armed(old.armed)
    for run in old.runs:
        once = Once(run.number, new, None if run.data is None else dict(run.data))
        once.inside = _copy_scope(run.inside, once) if run.inside else None
        new.runs.append(once)
    return new


def _copy_armed(old: dict[str, Armed]) -> dict[str, Armed]:
    return {name: Armed(one.due, one.runs, one.held) for name, one in old.items()}


def _data_key(data: Data | None) -> tuple[Any, ...]:
    return () if data is None else ("own", *sorted(data.items()))
