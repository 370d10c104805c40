"""The play itself: a heap of what happens next in virtual time, each thing really done by the engine."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random

from sqlalchemy import bindparam, func, select

from engine import inbox, messages, stalled, timers
from engine.db import Transaction
from engine.errors import Conflict, Invalid, NotFound, StepFailed
from engine.play.answers import answers_for
from engine.play.arrivals import Arrival, Senders, payload, plan
from engine.play.draws import Moment, duration
from engine.play.hours import WorkingHours, local_instant
from engine.play.report import Report
from engine.play.scenario import Arrivals, Scenario
from engine.play.staff import Office, Todo, Worker, hire
from engine.prepared import Statement
from engine.runtime import Engine
from engine.store import TASKS_OF_CASE
from engine.tables import Case, Event, Wait

Action = Callable[[datetime], None]

_NEWS = Statement(
    select(Event.id, Event.type, Event.case_id).where(Event.id > bindparam("last")).order_by(Event.id)
)
_LAST = Statement(select(func.max(Event.id)))
_NEXT_DUE = Statement(select(func.min(Case.next_due)).where(Case.next_due.is_not(None)))
_WAITS = Statement(
    select(Wait.token, Wait.element, Wait.name, Case.case_no)
    .join(Case, Case.id == Wait.case_id)
    .where(Wait.case_id == bindparam("case_id"), Wait.kind == "message")
    .order_by(Wait.id)
)
_OPEN_CASES = Statement(select(Case.id).where(Case.ended_at.is_(None)).order_by(Case.id))

DAILY = time(6)
"""When stalled cases and old messages are looked for."""
NOTICE = (30, 360)
"""Seconds after which somebody who has nothing to do notices a new task: at least, at most."""
BREATH = timedelta(seconds=20)
"""Between two tasks."""
PAGE = 25
"""How many tasks somebody sees who opens the inbox."""


class World:
    """One play: its people, its customers, its clock."""

    def __init__(
        self,
        engine: Engine,
        scenario: Scenario,
        *,
        start: datetime,
        until: datetime,
        staff_until: datetime,
        seed: int,
    ) -> None:
        self.engine = engine
        self.scenario = scenario
        self.until = until
        self.staff_until = staff_until
        self.report = Report(start, until, seed)
        self._now = start
        self._hours = WorkingHours(engine.zone)
        self._arrivals, self._staff, self._customers = (
            Random(f"{seed}/{name}") for name in ("arrivals", "staff", "customers")
        )
        self._heap: list[tuple[datetime, int, Action]] = []
        self._count = itertools.count()
        self._senders = Senders()
        self._buying = {one.customer_event for one in scenario.arrivals if one.customer_event}
        self._open: dict[int, set[int]] = {}
        """Open tasks by case, as last seen."""
        self._waits: dict[int, set[tuple[str, str]]] = {}
        """(token, element) of messages waited for by case, as last seen."""
        with engine.transaction(start) as tx:
            self._coming = _what_comes(engine, tx, scenario)
            self._office = Office(hire(tx, scenario.staff))
            self._last = _LAST.scalar(tx) or 0
            for (case_id,) in _OPEN_CASES.rows(tx):
                self._look_at(tx, case_id)
            self._next_due = _NEXT_DUE.scalar(tx)
        self._at(start, self._day)
        self._at(self._next_daily(start), self._daily)

    def run(self, progress: Callable[[datetime], None] | None = None) -> Report:
        """Let everything happen up to the end; `progress` hears of each new day."""
        self.report.begin()
        day: date | None = None
        while True:
            at, action = self._next()
            if at > self.until:
                break
            if progress is not None and at.date() != day:
                day = at.date()
                progress(at)
            action(at)
        self.report.end()
        return self.report

    def _next(self) -> tuple[datetime, Action]:
        """What happens next: a tick when a timer is due before anything else."""
        if self._next_due is not None and self._next_due <= self._heap[0][0]:
            self._now = max(self._now, self._next_due)
            return self._now, self._tick
        self._now, _, action = heapq.heappop(self._heap)
        return self._now, action

    def _at(self, moment: datetime, action: Action) -> None:
        heapq.heappush(self._heap, (moment, next(self._count), action))

    # --- Customers --------------------------------------------------------------------------------

    def _day(self, now: datetime) -> None:
        """Plan what comes in until the next midnight."""
        zone = self.engine.zone
        today = now.astimezone(zone).date()
        for arrivals in self._coming:
            for arrival in plan(arrivals, today, zone, len(self._senders.customers), self._arrivals):
                if arrival.at >= now:
                    self._at(arrival.at, partial(self._arrive, arrivals, arrival))
        self._at(local_instant(today + timedelta(days=1), time(), zone), self._day)

    def _arrive(self, arrivals: Arrivals, arrival: Arrival, now: datetime) -> None:
        moment = Moment(self._arrivals, now, self.engine.zone)
        content, sender = payload(arrivals, arrival, moment, self._senders)
        try:
            with self.engine.transaction(now) as tx:
                started = messages.send(self.engine, tx, arrivals.message, payload=content)
                for ref in started:
                    self._senders.remember(ref.case_id, sender)
                    self.report.failed += ref.failed
                self._observe(tx)
        except StepFailed:
            self.report.failed += 1
            return
        self.report.cases += len(started)
        self.report.messages += 1

    def _reply(self, case_id: int, wait: tuple[str, str], name: str, case_no: str, now: datetime) -> None:
        if wait not in self._waits.get(case_id, ()):
            return  # The case has moved on.
        try:
            with self.engine.transaction(now) as tx:
                for ref in messages.send(self.engine, tx, name, {"case_no": case_no}):
                    self.report.failed += ref.failed
                self._observe(tx)
        except Conflict:
            return
        except StepFailed:
            self.report.failed += 1
            return
        self.report.messages += 1

    # --- Staff ------------------------------------------------------------------------------------

    def _call(self, worker: Worker, now: datetime, pause: timedelta) -> None:
        """Let somebody look for work after a pause, in working hours."""
        worker.idle = False
        self._at(self._hours.after(now, pause), partial(self._work, worker))

    def _work(self, worker: Worker, now: datetime) -> None:
        """Open the inbox, claim the most urgent task, and be busy with it for a while."""
        if now > self.staff_until:
            return
        while True:
            todo = self._office.take(worker)
            if todo is None:
                worker.idle = True
                return
            if todo.id in self._open.get(todo.case_id, ()) and self._claim(worker, todo, now):
                break
        moment = Moment(self._staff, now, self.engine.zone)
        spent = duration(self.scenario.task(todo.element).minutes, moment)
        self._at(self._hours.after(now, spent), partial(self._finish, worker, todo, spent))

    def _claim(self, worker: Worker, todo: Todo, now: datetime) -> bool:
        person = worker.person
        try:
            with self.engine.transaction(now) as tx:
                inbox.tasks(tx, roles=person.roles, person_id=person.id, limit=PAGE)
                inbox.claim(self.engine, tx, todo.id, person)
        except (Conflict, NotFound):
            return False
        return True

    def _finish(self, worker: Worker, todo: Todo, spent: timedelta, now: datetime) -> None:
        if now > self.staff_until:
            return  # It stays in this person's hands.
        moment = Moment(self._staff, now, self.engine.zone)
        play = self.scenario.task(todo.element)
        try:
            with self.engine.transaction(now) as tx:
                row = inbox.get(tx, todo.id)
                answers = answers_for(self.engine, tx, row, play, moment)
                ref = inbox.complete(self.engine, tx, todo.id, answers, worker.person)
                self._observe(tx)
            self.report.failed += ref.failed
            self.report.tasks += 1
        except (Conflict, NotFound):
            self.report.in_vain += 1
        except StepFailed:
            self.report.failed += 1
        except Invalid as error:
            raise _not_fitting(todo, error) from error
        self._call(worker, now, spent * ((1 - worker.share) / worker.share) + BREATH)

    # --- The clockwork ----------------------------------------------------------------------------

    def _tick(self, now: datetime) -> None:
        woken, failed = timers.fire_due(self.engine, now)
        self.report.timers += woken
        self.report.failed += failed
        with self.engine.transaction(now, write=False) as tx:
            self._observe(tx)
        if self._next_due is not None and self._next_due <= now:
            # Somebody else holds that case; it is tried again, but not at the same instant for ever.
            self._next_due = now + timedelta(minutes=1)

    def _daily(self, now: datetime) -> None:
        self.report.stalled += stalled.flag(self.engine, now)
        with self.engine.transaction(now) as tx:
            messages.expire(self.engine, tx)
        self._at(self._next_daily(now), self._daily)

    def _next_daily(self, now: datetime) -> datetime:
        zone = self.engine.zone
        today = now.astimezone(zone).date()
        at = local_instant(today, DAILY, zone)
        return at if at > now else local_instant(today + timedelta(days=1), DAILY, zone)

    # --- What has changed -------------------------------------------------------------------------

    def _observe(self, tx: Transaction) -> None:
        """Look at every case that something has happened to."""
        moved: dict[int, None] = {}
        for event_id, kind, case_id in _NEWS.rows(tx, last=self._last):
            self._last = event_id
            if case_id is not None:
                moved[case_id] = None
                if kind in self._buying:
                    self._senders.bought(case_id)
        for case_id in moved:
            self._look_at(tx, case_id)
        self._next_due = _NEXT_DUE.scalar(tx)

    def _look_at(self, tx: Transaction, case_id: int) -> None:
        """Lay new tasks on their desks, and let customers think about new questions."""
        before = self._open.pop(case_id, set())
        tasks = TASKS_OF_CASE.rows(tx, case_id=case_id)
        if tasks:
            self._open[case_id] = {row[0] for row in tasks}
        for row in tasks:
            if row[0] not in before:
                task = inbox.TaskRow(*row)
                todo = Todo(task.id, case_id, task.element, task.role, task.person_id, task.due_at)
                worker = self._office.put(todo)
                if worker is not None:
                    self._call(worker, tx.now, timedelta(seconds=self._staff.randint(*NOTICE)))
        known = self._waits.pop(case_id, set())
        waits = _WAITS.rows(tx, case_id=case_id)
        if waits:
            self._waits[case_id] = {(token, element) for token, element, _, _ in waits}
        for token, element, name, case_no in waits:
            reply = self.scenario.messages.get(element)
            if (token, element) in known or reply is None:
                continue
            if self._customers.random() < reply.probability:
                pause = duration(reply.delay, Moment(self._customers, tx.now, self.engine.zone))
                self._at(tx.now + pause, partial(self._reply, case_id, (token, element), name, case_no))


def _what_comes(engine: Engine, tx: Transaction, scenario: Scenario) -> list[Arrivals]:
    """The arrivals that begin a case of what is deployed; raises NotFound when none does."""
    coming = [one for one in scenario.arrivals if engine.started_by(tx, one.message) is not None]
    if not coming:
        raise NotFound(
            "nothing_to_play",
            "No deployed process begins with a message of the scenario ({messages}).",
            where="scenario",
            remedy="Deploy what is to be played: `percorso deploy bpmn`.",
            messages=", ".join(one.message for one in scenario.arrivals) or "there is none",
        )
    return coming


def _not_fitting(todo: Todo, error: Invalid) -> Invalid:
    fields = "; ".join(f"{key}: {message}" for key, message in error.fields.items())
    return Invalid(
        "scenario_unfit",
        "What the scenario answers at {element} does not fit its form: {reason}",
        where=f"[tasks.{todo.element}.answers]",
        remedy="Correct the answers in scenario.toml.",
        element=todo.element,
        reason=fields or error.message,
    )
