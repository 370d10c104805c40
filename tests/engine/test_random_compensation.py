"""Whatever was completed, and in whichever order: it is undone the last first, as a small model says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.drawing import (
    Part,
    both,
    boundary,
    bpmn,
    end,
    looped,
    on_event,
    start,
    sub,
    throw,
    transaction,
    undoing,
    user,
)
from tests.engine.house import House

RUNS = {"sqlite": 120, "postgresql": 20}


@dataclass(frozen=True)
class Work:
    """A user task, undone by another one or by nothing."""

    id: str
    undone: bool


@dataclass(frozen=True)
class Row:
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Together:
    id: str
    branches: tuple[Row, ...]


@dataclass(frozen=True)
class Group:
    """A sub-process, undone by a handler on its `border`, in its `own` way, or from `within`."""

    id: str
    body: Row
    way: str
    rounds: int


Block = Work | Row | Together | Group
Done = list["str | Done"]
"""What was completed, in order: handlers' names, and lists for what is undone from within."""


class Model:
    """Which tasks are open, and what has been completed; knows no tokens and no scopes."""

    def __init__(self, block: Block) -> None:
        self.open: dict[str, Callable[[], None]] = {}
        self.done: Done = []
        self._begin(block, self.done, lambda: None)

    def complete(self, task: str) -> None:
        self.open.pop(task)()

    def _begin(self, block: Block, done: Done, after: Callable[[], None]) -> None:
        match block:
            case Work(id, undone):
                self.open[id] = lambda: self._worked(f"un_{id}" if undone else "", done, after)
            case Row(()):
                after()
            case Row(blocks):
                rest = Row(blocks[1:])
                self._begin(blocks[0], done, lambda: self._begin(rest, done, after))
            case Together(_, branches):
                missing = list(branches)
                for branch in branches:
                    self._begin(branch, done, lambda: self._joined(missing, after))
            case Group():
                self._round(block, 1, done, after)

    def _worked(self, handler: str, done: Done, after: Callable[[], None]) -> None:
        if handler:
            done.append(handler)
        after()

    def _joined(self, missing: list[Row], after: Callable[[], None]) -> None:
        missing.pop()
        if not missing:
            after()

    def _round(self, group: Group, number: int, done: Done, after: Callable[[], None]) -> None:
        inside: Done = []

        def over() -> None:
            undone: dict[str, str | Done] = {"border": f"un_{group.id}", "own": f"own_{group.id}"}
            done.append(undone.get(group.way, inside))
            if number == group.rounds:
                after()
            else:
                self._round(group, number + 1, done, after)

        self._begin(group.body, inside, over)


def undone(done: Done) -> list[str]:
    """The handlers in the order in which they must run."""
    return [
        name for entry in reversed(done) for name in ([entry] if isinstance(entry, str) else undone(entry))
    ]


@st.composite
def blocks(draw: st.DrawFn) -> Row:
    numbers = count()

    def row(depth: int) -> Row:
        return Row(tuple(block(depth) for _ in range(draw(st.integers(1, 2)))))

    def block(depth: int) -> Block:
        number = next(numbers)
        match draw(st.sampled_from(["work", *["together", "group"] * (depth > 0)])):
            case "together":
                return Together(f"p{number}", (row(depth - 1), row(depth - 1)))
            case "group":
                way = draw(st.sampled_from(["within", "within", "border", "own"]))
                return Group(f"g{number}", row(depth - 1), way, draw(st.integers(1, 2)))
        return Work(f"t{number}", draw(st.booleans()))

    return row(2)


def drawn(block: Block) -> tuple[list[Part], str, str]:
    """The parts of a block, and the ids of its first and last element."""
    match block:
        case Work(id, has_handler):
            return [user(id), *(undoing(id, user(f"un_{id}")) if has_handler else ())], id, id
        case Row(inner):
            rows = [drawn(one) for one in inner]
            arrows = [f"{a[2]} > {b[1]}" for a, b in pairwise(rows)]
            return [*(part for one in rows for part in one[0]), *arrows], rows[0][1], rows[-1][2]
        case Together(id, branches):
            rows = [drawn(one) for one in branches]
            arrows = [f"{id} > {first}" for _, first, _ in rows] + [f"{last} > {id}_j" for _, _, last in rows]
            inside = [part for one in rows for part in one[0]]
            return [both(id), both(f"{id}_j"), *inside, *arrows], id, f"{id}_j"
        case Group(id, body, way, rounds):
            parts, first, last = drawn(body)
            if way == "own":
                parts.append(on_event(f"{id}_on", start(f"{id}_h", undo=True), user(f"own_{id}"), end(f"{id}_he"),
                                      f"{id}_h > own_{id} > {id}_he"))  # fmt: skip
            group = sub(id, start(f"{id}_s"), end(f"{id}_e"), *parts, f"{id}_s > {first}", f"{last} > {id}_e")
            group = looped(group, maximum=rounds) if rounds > 1 else group
            return [group, *(undoing(id, user(f"un_{id}")) if way == "border" else ())], id, id


def whole(block: Row, cancelled: bool) -> str:
    """The block, then compensation is thrown; or as a transaction that somebody may cancel at any time."""
    parts, first, last = drawn(block)
    if not cancelled:
        return bpmn("undo", start("begin"), *parts, user("ask"), throw("back", undo=True), user("after"), end("done"),
                    f"begin > {first}", f"{last} > ask > back > after > done")  # fmt: skip
    inside = transaction("deal", start("s"), both("split"), *parts, user("ask"), end("give_up", cancel=True), end("e"),
                         f"s > split > {first}", f"{last} > e", "split > ask > give_up")  # fmt: skip
    return bpmn("undo", start("begin"), inside, boundary("cancelled", "deal", cancel=True), user("after"),
                end("done"), end("never"), "begin > deal > never", "cancelled > after > done")  # fmt: skip


def test_what_was_completed_is_undone_in_reverse_order(lasting: House) -> None:
    """Saved and loaded between any two steps."""

    @settings(
        max_examples=RUNS[lasting.engine.database.dialect],
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(block=blocks(), cancelled=st.booleans(), picks=st.lists(st.integers(0, 9), max_size=30))
    def runs(block: Row, cancelled: bool, picks: list[int]) -> None:
        lasting.deploy(whole(block, cancelled))
        case, model = lasting.start("undo"), Model(block)
        for pick in picks if cancelled else [*picks, *[0] * 100]:
            assert lasting.open(case) == sorted([*model.open, *["ask"] * (cancelled or not model.open)])
            if not model.open:
                break
            task = sorted(model.open)[pick % len(model.open)]
            model.complete(task)
            lasting.complete(case, task)
        lasting.complete(case, "ask")
        for handler in undone(model.done):
            assert lasting.open(case) == [handler]
            lasting.complete(case, handler)
        assert lasting.open(case) == ["after"]
        assert lasting.complete(case, "after").status == "completed"

    runs()
