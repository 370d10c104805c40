"""One run of a drawing: every outcome that the standard permits, narrowed by what is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from tests.engine.oracle.case import Case, Data, assign
from tests.engine.oracle.diagram import Diagram, Trigger, Value
from tests.engine.oracle.events import begin_scope, finish, happen, hear, listeners, orders, waiting
from tests.engine.oracle.moves import Move, Uncaught, forget_held, make, moves

WIDEST = 1_200
"""States that are looked at to find all outcomes of one event."""

CANDIDATES = 32
"""Cases that look alike and are followed side by side."""


class TooWide(Exception):
    """There are more orders of what happens than are worth looking at."""


class Shown(NamedTuple):
    """What can be seen of a case: open tasks, what is waited for, elements passed, and its status.

    Waits are (element, kind, name or due hour). Everything is sorted and named as often as it is there.
    """

    tasks: tuple[str, ...]
    waits: tuple[tuple[str, str, str], ...]
    passed: tuple[tuple[str, int], ...]
    status: str


class Oracle:
    """What may be open after each event.

    `failed` are the elements at which the event may fail, since nothing catches the error they throw.
    """

    def __init__(self, diagram: Diagram, data: Mapping[str, Value], start: str | None = None) -> None:
        self.failed: set[str] = set()
        self.choices = 0
        """How often the standard permitted more than one outcome."""
        case = Case(diagram, dict(data))
        begin_scope(case, case.root, start)
        self.cases = [case]
        self._follow(lambda case: [case])

    # --- Events -----------------------------------------------------------------------------------

    def complete(self, task: str, answers: Mapping[str, Value]) -> None:
        """Somebody completes the task; where it is open several times, any of them."""

        def all_of(case: Case) -> Iterable[Case]:
            for number in [
                once.number for token in case.tokens() if token.element == task for once in token.runs
            ]:
                new = case.copy()
                once = new.once(number)
                assign(dict(answers), once.token.scope, once)
                finish(new, once)
                yield new

        self._follow(all_of)

    def message(self, name: str, payload: Mapping[str, Value]) -> None:
        """A message arrives, for one of those who wait for it."""

        def all_of(case: Case) -> Iterable[Case]:
            for listener in listeners(case, "message", name):
                new = case.copy()
                happen(new, *listener, dict(payload))
                yield new

        self._follow(all_of)

    def signal(self, name: str) -> None:
        """A signal arrives, for everybody who waits for it."""

        def all_of(case: Case) -> Iterable[Case]:
            for order in orders(listeners(case, "signal", name)):
                new = case.copy()
                hear(new, order)
                yield new

        self._follow(all_of)

    def pass_time(self, hour: int) -> None:
        """It is that hour now."""

        def all_of(case: Case) -> Iterable[Case]:
            new = case.copy()
            new.hour = hour
            yield new

        self._follow(all_of)

    # --- Looking ----------------------------------------------------------------------------------

    def expected(self) -> set[Shown]:
        return {shown(case) for case in self.cases}

    def agrees(self, seen: Shown) -> bool:
        """Is that what may be seen? Then only the cases remain that look so."""
        fitting = [case for case in self.cases if shown(case) == seen]
        if fitting:
            self.cases = fitting
        return bool(fitting)

    def waits(self) -> list[tuple[Trigger, int]]:
        """(trigger, due hour) of what is waited for, in one of the cases."""
        return [(wait.trigger, wait.due) for wait in waiting(self.cases[0])]

    @property
    def open(self) -> list[str]:
        return list(shown(self.cases[0]).tasks)

    @property
    def over(self) -> bool:
        return not self.cases[0].root.tokens

    def variables(self) -> list[Data]:
        return [dict(case.root.data or {}) for case in self.cases]

    # --- All orders -------------------------------------------------------------------------------

    def _follow(self, all_of: Callable[[Case], Iterable[Case]]) -> None:
        self.failed = set()
        begun = {new.key(): new for case in self.cases for new in all_of(case)}
        found: dict[object, Case] = {}
        left = WIDEST
        for new in begun.values():
            outcomes, looked_at = settle(new, self.failed, left)
            left -= looked_at
            for settled in outcomes:
                found.setdefault(settled.key(), settled)
        if len(found) > CANDIDATES:
            raise TooWide
        self.choices += len(found) + len(self.failed) > 1
        self.cases = list(found.values())


def shown(case: Case) -> Shown:
    tasks = []
    for token in case.tokens():
        node = token.node
        if token.arrow is None and node is not None and node.kind == "task":
            tasks += [node.id] * len(token.runs)
    waits = [
        (named(case, wait.element), wait.trigger.kind, str(wait.due) if wait.due >= 0 else wait.trigger.name)
        for wait in waiting(case)
        if wait.trigger.kind in ("message", "signal", "timer", "condition")
    ]
    status = "open" if tasks or waits else "stuck"
    if not case.root.tokens:
        status, waits = "completed", []
    passed = tuple(sorted(case.passed.items()))
    return Shown(tuple(sorted(tasks)), tuple(sorted(waits)), passed, status)


def named(case: Case, element: str) -> str:
    """An event sub-process waits at its start event."""
    for scope in case.scopes():
        handler = scope.diagram.handler(element)
        if handler is not None:
            return handler.inner.starts()[0].id
    return element


def settle(case: Case, failed: set[str], most: int = WIDEST) -> tuple[list[Case], int]:
    """Every case that may come of it when all that moves by itself has moved; and how many were looked at.

    Elements whose error nothing catches are added to `failed`. Where no move depends on the order,
    one order is as good as any other. Raises TooWide.
    """
    alone = case.copy()
    ordered = crowded = False
    while True:
        forget_held(alone)
        found = moves(alone)
        if not found:
            alone.moment = -1
            return [alone], 1
        crowded |= len(found) > 1
        ordered |= any(move.ordered for move in found)
        if ordered and crowded:
            return _all_orders(case, failed, most)
        try:
            make(alone, found[0])
        except Uncaught as uncaught:
            failed.add(uncaught.element)
            return [], 1


def _all_orders(case: Case, failed: set[str], most: int) -> tuple[list[Case], int]:
    seen: set[object] = {case.key()}
    settled: dict[object, Case] = {}
    todo = [case]
    while todo:
        one = todo.pop()
        forget_held(one)
        found: list[Move] = moves(one)
        if not found:
            one.moment = -1
            settled.setdefault(one.key(), one)
        for move in found:
            new = one.copy()
            try:
                make(new, move)
            except Uncaught as uncaught:
                failed.add(uncaught.element)
                continue
            key = new.key()
            if key not in seen:
                seen.add(key)
                todo.append(new)
        if len(seen) > most:
            raise TooWide
    return list(settled.values()), len(seen)
