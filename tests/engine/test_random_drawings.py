"""Whatever block-structured drawing is run: the same tasks are open as a second opinion says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from engine.runtime import CaseRef
from tests.engine.drawing import Part, both, boundary, bpmn, end, many, some, start, sub, user, xor
from tests.engine.house import House
from tests.engine.oracle import Block, Choice, Crowd, Loop, Oracle, Queue, Row, Some, Sub, Task, Together

RUNS = {"sqlite": 250, "postgresql": 50}


@st.composite
def drawings(draw: st.DrawFn) -> Block:
    """A tree of blocks, at most four deep; every loop begins with a task, so that somebody is asked.

    In a loop no timer goes beside its sub-process: what it sets off may still be under way in the
    next round, and then BPMN lets the tokens of both meet at the same joins, which no tree can say.
    """
    numbers = count()
    queued: list[int] = []

    def row(depth: int, least: int, looped: bool) -> Row:
        return Row(tuple(block(depth, looped) for _ in range(draw(st.integers(least, 2)))))

    def branches(depth: int, looped: bool) -> tuple[Block, ...]:
        return tuple(row(depth, 0, looped) for _ in range(draw(st.integers(2, 3))))

    def block(depth: int, looped: bool) -> Block:
        number = next(numbers)
        # Nothing is answered within instances that could end a loop there.
        loop = ["loop"] * (not queued)
        kinds = ["task"] * (depth < 3) + ["choice", "together", "some", *loop, "sub", "crowd", "queue"] * (
            depth > 0
        )
        match draw(st.sampled_from(kinds)):
            case "choice":
                return Choice(f"x{number}", branches(depth - 1, looped))
            case "together":
                return Together(f"p{number}", branches(depth - 1, looped))
            case "some":
                return Some(f"o{number}", branches(depth - 1, looped))
            case "loop":
                return Loop(f"l{number}", Row((Task(f"t{next(numbers)}"), *row(depth - 1, 0, True).blocks)))
            case "crowd":
                return Crowd(f"c{number}", draw(st.integers(0, 3)))
            case "queue":
                queued.append(number)
                body = row(depth - 1, 1, looped)
                queued.pop()
                return Queue(f"q{number}", body, draw(st.integers(0, 3)))
            case "sub":
                # Odd hours, so that two timers are seldom due at the same instant.
                hours = draw(st.sampled_from((0, 3, 7, 19)))
                handler = row(depth - 1, 0, looped) if hours else Row(())
                interrupting = looped or draw(st.booleans())
                return Sub(f"s{number}", row(depth - 1, 1, looped), hours, interrupting, handler)
        return Task(f"t{number}")

    return row(3, 2, False)


moves = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 2**16)), min_size=8, max_size=20)
"""What is done at each step, and what is answered: read by `answers`."""


def answers(block: Block, bits: int) -> dict[str, object]:
    """A value for every variable that a gateway asks for, out of the bits of a number."""
    found: dict[str, object] = {}
    for number, one in enumerate(_every(block)):
        bit = bits >> (number % 16)
        match one:
            case Choice(id, branches):
                found[id] = bit % len(branches)
            case Some(id, branches):
                found.update({f"{id}_{n}": bool(bit >> n & 1) for n in range(len(branches) - 1)})
            case Loop(id, _):
                found[id] = bool(bit & 1)
    return found


def _every(block: Block) -> Iterator[Block]:
    yield block
    match block:
        case Row(inner) | Choice(_, inner) | Together(_, inner) | Some(_, inner):
            for one in inner:
                yield from _every(one)
        case Loop(_, body) | Queue(_, body):
            yield from _every(body)
        case Sub(_, body, _, _, handler):
            yield from _every(body)
            yield from _every(handler)


class Sketch:
    """Draws blocks: elements, and the arrows from where one left off."""

    def __init__(self, before: str) -> None:
        self.parts: list[Part] = []
        self.last = before
        self.condition = ""

    def go(self, target: str) -> None:
        """An arrow from where we are to that element."""
        self.parts.append(f"{self.last} > {target}" + (f" [{self.condition}]" if self.condition else ""))
        self.last, self.condition = target, ""

    def draw(self, block: Block) -> None:
        match block:
            case Task(id):
                self.parts.append(user(id))
                self.go(id)
            case Row(blocks):
                for one in blocks:
                    self.draw(one)
            case Choice(id, branches):
                self._branches(id, branches, xor, [f"{id} = {n}" for n in range(len(branches) - 1)])
            case Together(id, branches):
                self._branches(id, branches, both, None)
            case Some(id, branches):
                self._branches(id, branches, some, [f"{id}_{n} = true" for n in range(len(branches) - 1)])
            case Loop(id, body):
                self.parts += [xor(f"{id}_in"), xor(id)]
                self.go(f"{id}_in")
                self.draw(body)
                self.go(id)
                self.condition = f"{id} = true"
                self.go(f"{id}_in")
                self.last, self.condition = id, "default"
            case Crowd(id, count):
                self.parts.append(many(user(id), cardinality=str(count)))
                self.go(id)
            case Queue(id, body, count):
                inside = Sketch(f"{id}_begin")
                inside.draw(body)
                inside.go(f"{id}_end")
                parts = (start(f"{id}_begin"), *inside.parts, end(f"{id}_end"))
                self.parts.append(many(sub(id, *parts), cardinality=str(count), sequential=True))
                self.go(id)
            case Sub():
                self._sub(block)

    def _branches(
        self, id: str, branches: tuple[Block, ...], gateway: object, conditions: list[str] | None
    ) -> None:
        assert callable(gateway)
        self.parts += [gateway(id), gateway(f"{id}_out")]
        self.go(id)
        for number, branch in enumerate(branches):
            self.last = id
            if conditions is not None:
                self.condition = [*conditions, "default"][number]
            self.draw(branch)
            self.go(f"{id}_out")

    def _sub(self, block: Sub) -> None:
        id = block.id
        inside = Sketch(f"{id}_begin")
        inside.draw(block.body)
        inside.go(f"{id}_end")
        self.parts.append(sub(id, start(f"{id}_begin"), *inside.parts, end(f"{id}_end")))
        self.go(id)
        if not block.hours:
            return
        timer = boundary(f"{id}_timer", id, interrupting=block.interrupting, duration=f"PT{block.hours}H")
        self.parts.append(timer)
        last = f"{id}_out" if block.interrupting else f"{id}_over"
        self.parts.append(xor(last) if block.interrupting else end(last))
        self.last = f"{id}_timer"
        self.draw(block.handler)
        self.go(last)
        if block.interrupting:
            self.last = id
            self.go(last)
        else:
            self.last = id


def draw(block: Block) -> str:
    sketch = Sketch("begin")
    sketch.draw(block)
    sketch.go("done")
    return bpmn("random", start("begin"), *sketch.parts, end("done"))


def _run(house: House, block: Block, steps: list[tuple[int, int]]) -> None:
    xml = draw(block)
    note(xml)
    house.deploy(xml)
    began = house.now
    first = answers(block, steps[0][1] if steps else 0)
    oracle = Oracle(block, first)
    apart = {
        inner.id
        for one in _every(block)
        if isinstance(one, Crowd | Queue)
        for inner in _every(one)
        if isinstance(inner, Task | Crowd)
    }
    case = house.start("random", first)
    for pick, bits in [*steps, *[(0, 0)] * 300]:
        _compare(house, case, oracle, began)
        if oracle.live is None:
            break
        due = [hour for hour, _ in oracle.timers]
        if due and (pick > 5 or not oracle.open) and due.count(due[0]) == 1:
            oracle.pass_time()
            house.tick(hours=oracle.hour - (house.now - began) / timedelta(hours=1))
        elif oracle.open:
            task = oracle.open[pick % len(oracle.open)]
            # What is answered in one of several instances counts outside only when that is done.
            given = {} if task in apart else answers(block, bits)
            oracle.complete(task, given)
            first_open = next(row for row in house.view(case).open_tasks if row["element"] == task)
            house.complete_task(first_open["id"], given)
        else:
            return  # Two timers at the same instant: which comes first is nobody's promise.
    assert house.view(case).status == "completed"


def _compare(house: House, case: CaseRef, oracle: Oracle, began: datetime) -> None:
    view = house.view(case)
    assert sorted(task["element"] for task in view.open_tasks) == oracle.open
    timers = {
        (f"{id}_timer", (began + timedelta(hours=hour)).isoformat().replace("+00:00", "Z"))
        for hour, id in oracle.timers
    }
    assert {(wait["element"], wait["due_at"]) for wait in view.waiting} == timers


def test_random_drawings_open_the_tasks_that_the_oracle_opens(house: House) -> None:
    """Saved and loaded between any two steps; a failure prints the drawing and how to repeat it."""

    @settings(
        max_examples=RUNS[house.engine.database.dialect],
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(block=drawings(), steps=moves)
    def runs(block: Block, steps: list[tuple[int, int]]) -> None:
        _run(house, block, steps)

    runs()
