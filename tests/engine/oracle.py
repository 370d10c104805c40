"""A second opinion on what a block-structured drawing does, small enough to be seen to be right.

A drawing is a tree of blocks here, never a graph: there are no joins to count tokens at, so nothing
of the engine's way of thinking can creep in. Shares no code with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

Answers = Mapping[str, object]

# --- Blocks: what is drawn ------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """A user task."""

    id: str


@dataclass(frozen=True)
class Row:
    """One block after the other; without any it is an arrow."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Choice:
    """The branch whose number is the value of the variable `id`, else the last one."""

    id: str
    branches: tuple[Block, ...]


@dataclass(frozen=True)
class Together:
    """All branches."""

    id: str
    branches: tuple[Block, ...]


@dataclass(frozen=True)
class Some:
    """The branches whose variable `id_number` is true, else the last one, which has no condition."""

    id: str
    branches: tuple[Block, ...]


@dataclass(frozen=True)
class Loop:
    """The body, then again as long as the variable `id` is true."""

    id: str
    body: Block


@dataclass(frozen=True)
class Sub:
    """A sub-process; with `hours` there is a timer on its border that leads to `handler`."""

    id: str
    body: Block
    hours: int = 0
    interrupting: bool = True
    handler: Block = Row(())


@dataclass(frozen=True)
class Crowd:
    """A user task, so many times at once."""

    id: str
    count: int


@dataclass(frozen=True)
class Queue:
    """A sub-process, so many times one after the other."""

    id: str
    body: Block
    count: int


Block = Task | Row | Choice | Together | Some | Loop | Sub | Crowd | Queue


# --- What is alive --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Open:
    task: str
    left: int = 1


@dataclass(frozen=True)
class Within:
    """A block is alive; `rest` comes after it, and the loop asks whether to begin again."""

    live: Live
    rest: tuple[Block, ...] = ()
    loop: Loop | None = None


@dataclass(frozen=True)
class Beside:
    """Blocks that are alive at the same time."""

    lives: tuple[Live, ...]


@dataclass(frozen=True)
class Scope:
    """A running sub-process (or the whole process, without a block) and what its timers have set off."""

    inside: Live
    block: Sub | None = None
    due: int | None = None
    aside: tuple[Live, ...] = ()
    """Handlers of timers that do not interrupt; the scope ends when they have ended too."""


Live = Open | Within | Beside | Scope | None
"""None: nothing is alive any more, the block is done."""


class Oracle:
    """One run of a tree of blocks; `answers` are the variables, `hour` is the time."""

    def __init__(self, block: Block, answers: Answers) -> None:
        self.answers = dict(answers)
        self.hour = 0
        self._set_off: list[Live] = []
        self.live: Live = Scope(self._enter(block))
        self._settle()

    @property
    def open(self) -> list[str]:
        return sorted(
            task for one in _leaves(self.live) if isinstance(one, Open) for task in [one.task] * one.left
        )

    @property
    def timers(self) -> list[tuple[int, str]]:
        """(hour, sub-process) of every timer that runs, the next one first."""
        return sorted(
            (one.due, one.block.id)
            for one in _leaves(self.live)
            if isinstance(one, Scope) and one.due is not None and one.block is not None
        )

    def complete(self, task: str, answers: Answers) -> None:
        self.answers.update(answers)
        self.live = self._step(self.live, task)
        self._settle()

    def pass_time(self) -> None:
        """Let the next timer fire."""
        self.hour, due = self.timers[0]
        self.live = self._step(self.live, due)
        self._settle()

    def _settle(self) -> None:
        if isinstance(self.live, Scope) and self.live.inside is None and not self.live.aside:
            self.live = None

    def _enter(self, block: Block) -> Live:
        match block:
            case Task(id):
                return Open(id)
            case Row(blocks):
                return self._row(blocks)
            case Crowd(id, count):
                return Open(id, count) if count else None
            case Queue(id, body, count):
                return self._row((Sub(id, body),) * count)
            case Choice(id, branches):
                chosen = self.answers.get(id)
                return self._enter(branches[chosen if isinstance(chosen, int) else -1])
            case Together(_, branches):
                return _beside(self._enter(branch) for branch in branches)
            case Some(id, branches):
                taken = [one for n, one in enumerate(branches[:-1]) if self.answers.get(f"{id}_{n}")]
                return _beside(self._enter(branch) for branch in taken or branches[-1:])
            case Loop(_, body):
                return self._round(self._enter(body), block)
            case Sub(_, body, hours):
                inside = self._enter(body)
                return Scope(inside, block, self.hour + hours if hours else None) if inside else None

    def _row(self, blocks: tuple[Block, ...]) -> Live:
        for number, block in enumerate(blocks):
            live = self._enter(block)
            if live is not None:
                return Within(live, blocks[number + 1 :])
        return None

    def _round(self, live: Live, loop: Loop) -> Live:
        """The loop's body is at `live`; done, it may begin again."""
        while live is None and self.answers.get(loop.id):
            live = self._enter(loop.body)
        return Within(live, loop=loop) if live is not None else None

    def _step(self, live: Live, what: str) -> Live:
        """What becomes of it when the task `what` is completed, or the timer of that sub-process fires."""
        match live:
            case Open(task, left):
                if task != what:
                    return live
                return Open(task, left - 1) if left > 1 else None
            case Within(inner, rest, loop):
                after = self._step(inner, what)
                if loop is not None:
                    return self._round(after, loop)
                return Within(after, rest) if after is not None else self._row(rest)
            case Beside(lives):
                return _beside(self._step(one, what) for one in lives)
            case Scope():
                return self._step_scope(live, what)
        return None

    def _step_scope(self, scope: Scope, what: str) -> Live:
        block = scope.block
        if block is not None and block.id == what:
            handler = self._enter(block.handler)
            if block.interrupting:
                return handler
            self._set_off.append(handler)
            return replace(scope, due=None)
        # What a timer in this scope (not in one further in or out) sets off belongs to this scope.
        outer, self._set_off = self._set_off, []
        lives = [self._step(one, what) for one in (scope.inside, *scope.aside)]
        inside = lives[0]
        remaining = tuple(one for one in [*lives[1:], *self._set_off] if one is not None)
        self._set_off = outer
        if inside is None and not remaining and block is not None:
            return None
        return replace(scope, inside=inside, aside=remaining)


def _beside(lives: Iterator[Live]) -> Live:
    alive = tuple(one for one in lives if one is not None)
    return Beside(alive) if alive else None


def _leaves(live: Live) -> Iterator[Open | Scope]:
    match live:
        case Open():
            yield live
        case Within(inner):
            yield from _leaves(inner)
        case Beside(lives):
            for one in lives:
                yield from _leaves(one)
        case Scope():
            yield live
            yield from _leaves(live.inside)
            for one in live.aside:
                yield from _leaves(one)
