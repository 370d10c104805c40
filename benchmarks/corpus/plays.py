"""Runs a deployed process to its end by chance: people, messages, signals and time in any order."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from benchmarks.corpus.guesses import Guesses
from engine import inbox, messages, worker
from engine.errors import PercorsoError
from engine.inbox import TaskRow
from engine.play.answers import answers_for
from engine.play.draws import Moment
from engine.play.scenario import TaskPlay
from engine.runtime import CaseRef, CaseView, Engine, case_view, start
from engine.runtime.view import incidents

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEPS = 200
"""After so many steps a run is called long: it may be right to go on for ever."""

ENDS = ("ended", "long", "stuck", "incident", "not_started")


class Play:
    """One random run of one of the processes; `trouble` says where it stands if it found no end."""

    def __init__(self, engine: Engine, processes: Sequence[str], random: Random) -> None:
        self.engine = engine
        self.random = random
        self.now = NOW
        self.process = random.choice(processes)
        self.first_case = 0.0
        self.trouble = ""

    def run(self) -> str:
        """How it ended: one of ENDS."""
        begun = time.perf_counter()
        try:
            case = self._start()
        except PercorsoError as error:
            self.trouble = f"{self.process}: {error.message}"
            return "not_started"
        finally:
            self.first_case = time.perf_counter() - begun
        for _ in range(STEPS):
            with self.engine.transaction(self.now, write=False) as tx:
                view = case_view(self.engine, tx, case.case_id)
            if view.status == "completed":
                return "ended"
            if view.status == "incident":
                return self._incident(case)
            moves = self._moves(case, view)
            if view.status == "stuck" or not moves:
                self.trouble = f"{self.process}: nothing can move"
                return "stuck"
            try:
                self.random.choice(moves)()
            except PercorsoError as error:
                self.trouble = f"{self.process}: {error.where or ''} {error.message}"
                return "incident"
        return "long"

    def _start(self) -> CaseRef:
        with self.engine.transaction(self.now) as tx:
            model = self.engine.latest(tx, self.process)
            ways: list[dict[str, Any]] = [{"message": one} for one in model.starts]
            ways += [{"signal": one} for one in model.signal_starts]
            way = self.random.choice(ways) if ways else {}
            data = Guesses(model).some(self.random, {})
            return start(self.engine, tx, self.process, data, **way)

    def _moves(self, case: CaseRef, view: CaseView) -> list[Callable[[], object]]:
        found: list[Callable[[], object]] = []
        with self.engine.transaction(self.now, write=False) as tx:
            for task in inbox.tasks(tx, limit=500):
                if task.case_id == case.case_id:
                    found.append(lambda task=task: self._complete(task))  # type: ignore[misc]
        for wait in view.waiting:
            name, kind = wait["name"], wait["kind"]
            if kind == "message":
                found.append(lambda name=name: self._send(case, name))  # type: ignore[misc]
            elif kind == "signal":
                found.append(lambda name=name: self._broadcast(name))  # type: ignore[misc]
        dues = [str(wait["due_at"]) for wait in view.waiting if wait["due_at"]]
        if dues:
            found.append(lambda: self._wait(datetime.fromisoformat(min(dues))))
        return found

    def _complete(self, task: TaskRow) -> None:
        with self.engine.transaction(self.now) as tx:
            moment = Moment(self.random, self.now, self.engine.zone)
            answers = answers_for(self.engine, tx, task, TaskPlay(), moment)
            model = self.engine.model(tx, task.version_id)
            if task.form is None:
                known = case_view(self.engine, tx, task.case_id).data
                answers |= Guesses(model).some(self.random, known)
            for choice in model.choices.of(task.element):
                chosen = self.random.choice(choice.options).value
                answers[choice.field] = [chosen] if choice.several else chosen
            inbox.complete(self.engine, tx, task.id, answers)

    def _send(self, case: CaseRef, name: str) -> None:
        with self.engine.transaction(self.now) as tx:
            messages.send(self.engine, tx, name, {"case_no": case.case_no})

    def _broadcast(self, name: str) -> None:
        with self.engine.transaction(self.now) as tx:
            messages.broadcast(self.engine, tx, name)

    def _wait(self, due: datetime) -> None:
        self.now = max(self.now, due) + timedelta(seconds=1)
        worker.tick(self.engine, self.now)

    def _incident(self, case: CaseRef) -> str:
        with self.engine.transaction(self.now, write=False) as tx:
            reasons = [f"{one.element}: {one.reason}" for one in incidents(tx, case.case_id)]
        self.trouble = f"{self.process}: {'; '.join(reasons)}"
        return "incident"
