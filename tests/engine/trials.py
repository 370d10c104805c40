"""Runs random drawings on the real engine, event by event, and asks the oracle what may be seen.

Each step is a transaction of its own: the case is saved and loaded between any two, and what is not
alive is dropped each time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from sqlalchemy import delete, update

from engine import messages
from engine.catalog import BpmnError, Step
from engine.db import Transaction
from engine.runtime import CaseRef, case_view
from engine.runtime.view import visited
from engine.tables import Case, Wait
from engine.values import Value as EngineValue
from tests.engine.house import House
from tests.engine.oracle import Choices, Oracle, Shown, TooWide
from tests.engine.oracle.diagram import Value
from tests.engine.oracle.generator import KEY, draw, values
from tests.engine.oracle.render import outline, render
from tests.engine.oracle.sketch import Plan

STEPS = 14
"""Events that come by chance; then come those that lead to the end."""

LONGEST = 34
"""Events of one run in all."""


class Deviation(AssertionError):
    """The engine showed what the standard does not permit."""


@dataclass
class Trial:
    """A run, and what it has shown."""

    plan: Plan
    xml: str
    log: list[str] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    open_ended: int = 0
    """Events after which the standard permitted more than one outcome."""
    end: str = "open"
    """How it ended: completed, stuck, open (too many events), failed (a step did), too wide."""

    def story(self) -> str:
        return "\n".join([outline(self.plan), *self.log])


def run(house: House, choices: Choices) -> Trial:
    """Draw something, run it, compare after every event; raises Deviation."""
    plan = draw(choices)
    trial = Trial(plan, render(plan))
    house.deploy(trial.xml)
    house.services(serve=_service(plan))
    try:
        _Run(house, choices, trial).play()
    except TooWide:
        trial.end = "too wide"
    finally:
        _put_away(house)
    return trial


def _service(plan: Plan) -> Callable[[Step], dict[str, EngineValue]]:
    services = {
        node.id: node
        for one in plan.every()
        for node in one.nodes.values()
        if node.kind == "service" and node.fails is not None
    }

    def serve(step: Step) -> dict[str, EngineValue]:
        node = services.get(step.element)
        if node is not None and node.fails and step.data.get(node.fails.variable) == node.fails.value:
            raise BpmnError(node.code)
        return {}

    return serve


def _put_away(house: House) -> None:
    """Let no later run hear or wake what this one has left."""
    with house.engine.transaction(house.now) as tx:
        tx.session.execute(
            update(Case).where(Case.status != "completed").values(status="cancelled", next_due=None)
        )
        tx.session.execute(delete(Wait))


class _Run:
    """One case of a drawing, beside its oracle."""

    def __init__(self, house: House, choices: Choices, trial: Trial) -> None:
        self.house = house
        self.choices = choices
        self.trial = trial
        self.began = house.now
        self.oracle: Oracle
        self.case: CaseRef

    @property
    def hour(self) -> int:
        return (self.house.now - self.began) // timedelta(hours=1)

    def play(self) -> None:
        if not self._start():
            self.trial.end = "failed"
            return
        for number in range(LONGEST):
            if self.oracle.over:
                break
            event = self._event(calm=number >= STEPS)
            if event is None:
                break
            if not event():
                self.trial.end = "failed"
                return
        self.trial.passed = Counter(dict(self._seen().passed))
        self.trial.open_ended = self.oracle.choices
        self.trial.end = self._seen().status

    # --- Events -----------------------------------------------------------------------------------

    def _start(self) -> bool:
        plan = self.trial.plan
        event = self.choices.pick(plan.diagram.starts())
        data = values(plan, self.choices)
        trigger = event.trigger
        self._note(f"start at {event.id} with {data}")
        self.oracle = Oracle(plan.diagram, data, event.id)
        if trigger is None:
            self.case = self.house.start(KEY, data)
        elif trigger.kind == "message":
            (self.case,) = self.house.send(trigger.name, None, data)
        else:
            (self.case,) = self._broadcast(trigger.name, data)
        return self._goes_on()

    def _event(self, calm: bool) -> Callable[[], bool] | None:
        """Something that can happen now."""
        possible: list[tuple[Callable[[], bool], int]] = []
        waits = self.oracle.waits()
        for task in self.oracle.open:
            possible.append((partial(self._complete, task, calm), 8))
        for trigger, _ in waits:
            if trigger.kind == "message":
                possible.append((partial(self._message, trigger.name, calm), 1 if calm else 5))
            elif trigger.kind == "signal":
                possible.append((partial(self._signal, trigger.name), 1 if calm else 4))
        due = sorted({hour for _, hour in waits if hour >= 0})
        if due:
            possible.append((partial(self._time, due[0]), 5))
            if not calm:
                # A clock that is late: everything that was due since.
                possible.append((partial(self._time, due[min(len(due) - 1, 2)] + 1), 1))
        return self.choices.weighted(possible) if possible else None

    def _answers(self, calm: bool) -> dict[str, Value]:
        plan = self.trial.plan
        if calm:
            return values(plan, self.choices, calm=True)
        names = list(plan.variables)
        picked = {self.choices.pick(names) for _ in range(self.choices.below(4))} if names else set()
        return {name: self.choices.pick(plan.variables[name].values) for name in sorted(picked)}

    def _complete(self, task: str, calm: bool) -> bool:
        answers = self._answers(calm)
        view = self.house.view(self.case)
        ids = [row["id"] for row in view.open_tasks if row["element"] == task]
        chosen = self.choices.pick(ids)
        return self._do(
            f"complete {task} with {answers}",
            "task",
            lambda: self.oracle.complete(task, answers),
            lambda: self.house.complete_task(chosen, answers),
        )

    def _message(self, name: str, calm: bool) -> bool:
        payload = self._answers(calm)
        return self._do(
            f"message {name} with {payload}",
            "message",
            lambda: self.oracle.message(name, payload),
            lambda: self.house.send(name, {"case_no": self.case.case_no}, payload),
        )

    def _signal(self, name: str) -> bool:
        return self._do(
            f"signal {name}",
            "signal",
            lambda: self.oracle.signal(name),
            lambda: self._broadcast(name, {}),
        )

    def _time(self, hour: int) -> bool:
        self._note(f"hour {hour}")
        self.trial.events["time"] += 1
        self.oracle.pass_time(hour)
        self.house.tick(hours=hour - self.hour)
        return self._goes_on()

    def _do(self, said: str, kind: str, foretold: Callable[[], None], done: Callable[[], object]) -> bool:
        self._note(said)
        self.trial.events[kind] += 1
        foretold()
        done()
        return self._goes_on()

    def _broadcast(self, name: str, data: dict[str, Value]) -> list[CaseRef]:
        with self.house.engine.transaction(self.house.now) as tx:
            return messages.broadcast(self.house.engine, tx, name, data)

    # --- Comparing --------------------------------------------------------------------------------

    def _goes_on(self) -> bool:
        """Compare; False where a step has failed, as the oracle says that it may: the case stands there."""
        standing = [one.element for one in self.house.incidents(self.case) if one.resolved_at is None]
        for element in standing:
            self._note(f"  failed at {element}")
            if element not in self.oracle.failed:
                raise self._deviation(
                    f"the engine failed at {element}", f"failures: {self.oracle.failed or 'none'}"
                )
        if not standing:
            self._compare()
        return not standing

    def _seen(self) -> Shown:
        def look(tx: Transaction) -> Shown:
            view = case_view(self.house.engine, tx, self.case.case_id)
            waits = []
            for wait in view.waiting:
                name = (wait["name"] or "").removesuffix(" = true")
                if wait["due_at"]:
                    name = self._hour_of(wait["due_at"])
                waits.append((wait["element"], wait["kind"], name))
            passed = Counter(visited(tx, self.case.case_id))
            return Shown(
                tuple(sorted(task["element"] for task in view.open_tasks)),
                tuple(sorted(waits)),
                tuple(sorted(passed.items())),
                view.status,
            )

        return self.house.look(look)

    def _hour_of(self, instant: str) -> str:
        due = self.began.fromisoformat(instant.replace("Z", "+00:00"))
        return str((due - self.began) // timedelta(hours=1))

    def _compare(self) -> None:
        seen = self._seen()
        self._note(
            f"  open: {list(seen.tasks)}, waiting: {[' '.join(wait) for wait in seen.waits]}, {seen.status}"
        )
        expected = self.oracle.expected()
        if not self.oracle.agrees(seen):
            raise self._deviation(
                _line(seen), "\n          ".join(map(_line, sorted(expected)[:5])) or "a failure"
            )
        if self.oracle.over:
            data = self.house.view(self.case).data
            own = {name: data[name] for name in self.trial.plan.variables}
            if own not in self.oracle.variables():
                raise self._deviation(f"variables {own}", str(self.oracle.variables()))

    def _deviation(self, seen: str, expected: str) -> Deviation:
        return Deviation(f"{self.trial.story()}\nseen:     {seen}\nexpected: {expected}")

    def _note(self, line: str) -> None:
        self.trial.log.append(line)


def _line(shown: Shown) -> str:
    passed = " ".join(f"{name}" + (f"*{count}" if count > 1 else "") for name, count in shown.passed)
    return f"{shown.status}, open {list(shown.tasks)}, waiting {list(shown.waits)}, passed {passed}"
