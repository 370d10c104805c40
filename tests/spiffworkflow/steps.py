"""The steps of a case: what is done, and what must then be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from engine import messages
from tests.spiffworkflow.runner import Play

Step = Callable[[Play], None]

# --- What is done ---------------------------------------------------------------------------------


def begin(process: str, **data: Any) -> Step:
    """Begin a case."""

    def step(playing: Play) -> None:
        playing.house.start(process, data)

    return step


def do(name: str, **answers: Any) -> Step:
    """Complete the task of that name or id; exactly one is open."""

    def step(playing: Play) -> None:
        found = playing.called(name)
        assert len(found) == 1, f"{name} is open {len(found)} times; {_open(playing)}"
        playing.house.complete_task(found[0], answers)

    return step


def do_one(name: str, **answers: Any) -> Step:
    """Complete one of the open tasks of that name."""

    def step(playing: Play) -> None:
        found = playing.called(name)
        assert found, f"{name} is not open; {_open(playing)}"
        playing.house.complete_task(found[0], answers)

    return step


def do_each(name: str, output: str, of: Callable[[Any], Any], items: list[Any]) -> tuple[Step, ...]:
    """Complete as many tasks of that name as there are items, each with a result of its own item."""
    return tuple(do_one(name, **{output: of(item)}) for item in items)


def in_order(*names: str | tuple[str, str]) -> tuple[Step, ...]:
    """Complete these one after the other; `!x`: x is not open; (x, y): y is chosen at x."""
    steps: list[Step] = []
    for one in names:
        if isinstance(one, tuple):
            steps.append(do(one[0], choice=one[1]))
        else:
            steps.append(closed(one[1:]) if one.startswith("!") else do_one(one))
    return tuple(steps)


def fails(done: Step, element: str) -> Step:
    """The step fails as an incident at that element."""

    def step(playing: Play) -> None:
        done(playing)
        found = [playing.house.failed(case) for case in playing.cases if case.status == "incident"]
        assert [one.element for one in found] == [element]

    return step


def message(name: str, keys: Mapping[str, Any] | None = None, /, **payload: Any) -> Step:
    """A message from outside, for whoever waits; it may begin the case."""

    def step(playing: Play) -> None:
        playing.house.send(name, keys, payload)

    return step


def signal(name: str) -> Step:
    """A signal from outside, for everybody who listens."""

    def step(playing: Play) -> None:
        with playing.house.engine.transaction(playing.house.now) as tx:
            messages.broadcast(playing.house.engine, tx, name)

    return step


def later(**time: float) -> Step:
    """Time passes, and the clockwork looks at what is due."""

    def step(playing: Play) -> None:
        playing.house.tick(**time)

    return step


# --- What is seen ---------------------------------------------------------------------------------


def opened(*names: str) -> Step:
    """Exactly these tasks are open, by name or id."""

    def step(playing: Play) -> None:
        found = Counter(name for _, _, name in playing.tasks())
        assert found == Counter(playing.name(one) for one in names), _open(playing)

    return step


def closed(name: str) -> Step:
    """No task of that name is open."""

    def step(playing: Play) -> None:
        assert playing.called(name) == [], f"{name} is open"

    return step


def waits(*names: str) -> Step:
    """Exactly these events are waited for, by name or id of the element."""

    def step(playing: Play) -> None:
        found = Counter(
            playing.name(element) for case in playing.cases for element, _ in playing.house.waiting(case)
        )
        assert found == Counter(playing.name(one) for one in names), f"waited for: {found}"

    return step


def due(name: str, at: str) -> Step:
    """The event of that name is waited for until that instant."""

    def step(playing: Play) -> None:
        found = {
            playing.name(element): until
            for case in playing.cases
            for element, until in playing.house.waiting(case)
        }
        assert found == {name: at}, f"due: {found}"

    return step


def passed(*elements: str) -> Step:
    """Each of them has been passed, by id."""

    def step(playing: Play) -> None:
        missing = set(elements) - set(playing.path())
        assert not missing, f"not passed: {sorted(missing)}"

    return step


def never(*elements: str) -> Step:
    """None of them has been passed."""

    def step(playing: Play) -> None:
        wrong = set(elements) & set(playing.path())
        assert not wrong, f"passed: {sorted(wrong)}"

    return step


def times(element: str, count: int) -> Step:
    """The element has been passed so often."""

    def step(playing: Play) -> None:
        found = playing.path().count(element)
        assert found == count, f"{element} has been passed {found} times"

    return step


def has(**values: Any) -> Step:
    """Variables of the first case have these values."""

    def step(playing: Play) -> None:
        data = playing.house.view(playing.cases[0]).data
        found = {key: data.get(key) for key in values}
        assert found == values, f"{found}"

    return step


def lacks(*variables: str) -> Step:
    """The first case has no such variables."""

    def step(playing: Play) -> None:
        left = set(variables) & set(playing.house.view(playing.cases[0]).data)
        assert not left, f"still there: {sorted(left)}"

    return step


def ended(playing: Play) -> None:
    """Every case is completed."""
    stands = {case.case_no: case.status for case in playing.cases}
    assert set(stands.values()) == {"completed"}, f"{stands}; {_open(playing)}"


def not_ended(playing: Play) -> None:
    """The first case goes on."""
    assert playing.cases[0].status == "open"


def _open(playing: Play) -> str:
    return f"open are {sorted(name for _, _, name in playing.tasks())}"


def answers(rows: Mapping[str, Mapping[str, Any]]) -> tuple[Step, ...]:
    """Complete these tasks one after the other, each with its answers."""
    return tuple(do(name, **given) for name, given in rows.items())
