"""Events: timers that take `now`, messages by name, gateways that wait for the first of several.

SpiffWorkflow's timers call the clock, take Python expressions and share one due time between the
events of a gateway; these read ISO 8601 as drawn or an expression, and keep each due time.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import isodate
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent as StockBoundary
from SpiffWorkflow.bpmn.specs.defaults import EventBasedGateway as StockGateway
from SpiffWorkflow.bpmn.specs.defaults import (
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    ReceiveTask,
    SendTask,
)
from SpiffWorkflow.bpmn.specs.defaults import StartEvent as StockStartEvent
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.util.task import TaskState

from engine.errors import StepFailed
from engine.spiff.steps import Step, failed
from engine.spiff.tokens import COMPLETED, WAITING, Scope, Token
from engine.values import YearsMonths

_CYCLE = re.compile(r"[Rr](?P<runs>\d*)/(?:(?P<begin>[^/]+)/)?(?P<every>[Pp][^/]*)")


class Timer(EventDefinition):
    """A point in time: `kind` is date, duration or cycle, `text` as drawn."""

    def __init__(self, kind: str, text: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        self.text = text

    def first_due(self, token: Token) -> tuple[datetime, int, str]:
        """When it is due, how many runs remain (-1: without end), and the interval between them."""
        text = self.text.strip()
        value: Any = text
        if not is_literal(text):
            value = token.workflow.top_workflow.performer.evaluate(token, text)
        if self.kind != "cycle":
            return self._instant(token, value), 1, ""
        match = _CYCLE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise self._wrong(token, value, "is no repetition such as R3/PT1H")
        now = token.workflow.top_workflow.now
        if self._instant(token, match["every"]) <= now:
            raise self._wrong(token, value, "repeats without an interval between")
        due = self._instant(token, match["begin"] or match["every"])
        return due, int(match["runs"]) if match["runs"] else -1, match["every"]

    def following(self, token: Token, due: datetime, runs: int, every: str) -> tuple[datetime, int]:
        """The first run after now, and how many then remain; those that were missed count as done."""
        now: datetime = token.workflow.top_workflow.now
        interval = isodate.parse_duration(every)
        if isinstance(interval, timedelta):
            passed = (now - due) // interval + 1
            passed = min(passed, runs) if runs > 0 else passed
            return due + passed * interval, runs - passed if runs > 0 else runs
        while due <= now and runs != 0:
            due = instant(interval, due, token.workflow.top_workflow.performer.zone)
            runs -= runs > 0
        return due, runs

    def _instant(self, token: Token, value: Any) -> datetime:
        top = token.workflow.top_workflow
        try:
            return instant(value, top.now, top.performer.zone)
        except ValueError:
            raise self._wrong(token, value, "is neither a date nor a duration") from None

    def _wrong(self, token: Token, value: Any, reason: str) -> StepFailed:
        return failed(
            token,
            f"its timer “{self.text}” gives “{value}”, which {reason}",
            "Write an ISO 8601 duration (P2D, PT4H), a date, R3/PT4H, or an expression that gives one.",
        )


def instant(value: Any, now: datetime, zone: tzinfo) -> datetime:
    """The aware instant that a date, a time, a duration from `now`, or ISO 8601 text stands for.

    Dates and times without a zone are the company's; months are counted on its calendar, since
    they have no fixed length. Raises ValueError for anything else.
    """
    try:
        if isinstance(value, str):
            value = value.strip()
            if value[:1] in "Pp":
                value = isodate.parse_duration(value)
            elif "T" in value:
                value = isodate.parse_datetime(value)
            else:
                value = isodate.parse_date(value)
        if isinstance(value, YearsMonths):
            value = isodate.Duration(months=value.months)
        if isinstance(value, isodate.Duration):
            local: datetime = now.astimezone(zone).replace(tzinfo=None) + value
            return local.replace(tzinfo=zone).astimezone(UTC)
        if isinstance(value, timedelta):
            return now + value
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=zone).astimezone(UTC)
    except (OverflowError, isodate.ISO8601Error) as error:
        raise ValueError(str(error)) from None
    raise ValueError(f"{value} is no point in time")


class Message(EventDefinition):
    """A message by its name."""

    def __init__(self, message: str, **kwargs: Any) -> None:
        super().__init__(message, **kwargs)
        self.message = message

    def throw(self, my_task: Token) -> None:
        """Keep the message, and the variables as they are now, until the step is saved and it is sent."""
        scope = my_task.workflow
        scope.top_workflow.thrown.append((my_task, dict(scope.data)))


class Error(EventDefinition):
    """An error by its code; a boundary event without a code catches every error."""

    def __init__(self, code: str | None, **kwargs: Any) -> None:
        super().__init__(code, **kwargs)
        self.code = code

    def throw(self, my_task: Token) -> None:
        """Leave the innermost sub-process on whose border the error is caught, with all that is in it."""
        scope = my_task.workflow
        while isinstance(scope, Scope):
            host = scope.parent_scope.tasks[scope.parent_task_id]
            catching = [token for token in host.parent.children if self._is_caught_by(token)]
            if catching:
                boundary = max(catching, key=lambda token: token.task_spec.event_definition.code is not None)
                host.cancel()
                boundary.internal_data["event_fired"] = True
                boundary._state = TaskState.FUTURE
                boundary.task_spec._update(boundary)
                return
            scope = scope.parent_scope
        raise failed(
            my_task,
            f"nothing catches the error “{self.code or ''}”",
            "Draw an error boundary event of that code on the sub-process around it.",
        )

    def _is_caught_by(self, token: Token) -> bool:
        caught = getattr(token.task_spec, "event_definition", None)
        return token._state == WAITING and isinstance(caught, Error) and caught.code in (None, self.code)


def is_literal(text: str) -> bool:
    """Is a timer's text ISO 8601 as drawn? Else it is an expression."""
    return (
        (text[:1].upper() in {"P", "R"} and text[1:2].isdigit())
        or text[:1].isdigit()
        or text[:2] in {"PT", "R/"}
    )


def due_at(token: Token, index: int = 0) -> datetime | None:
    """The instant a waiting timer token is due, or None when it is not a timer."""
    kept = token.internal_data.get("due")
    if kept is None:
        return None
    text = kept[index] if isinstance(kept, list) else kept
    return datetime.fromisoformat(text) if text else None


class _Catching(Step):
    """An element that waits for its event."""

    event_definition: Any

    def _update_hook(self, my_task: Token) -> bool:
        inner = my_task.internal_data
        if inner.get("event_fired"):
            return True
        definition = self.event_definition
        if isinstance(definition, Timer):
            if self._is_due(my_task, definition):
                return True
        elif isinstance(definition, NoneEventDefinition):
            return True
        my_task._state = WAITING
        return False

    def _is_due(self, my_task: Token, definition: Timer) -> bool:
        inner = my_task.internal_data
        if "due" not in inner:
            due, runs, every = definition.first_due(my_task)
            inner["due"] = due.isoformat()
            if definition.kind == "cycle":
                inner["runs"], inner["every"] = runs, every
        now: datetime = my_task.workflow.top_workflow.now
        return datetime.fromisoformat(inner["due"]) <= now

    def waits_for(self, my_task: Token) -> list[tuple[str, str | None, datetime | None, str]]:
        """(kind, message name, due, element id) of each thing this token waits for."""
        definition = self.event_definition
        if isinstance(definition, Timer):
            return [("timer", None, due_at(my_task), self.element.id)]
        if isinstance(definition, Message):
            return [("message", definition.message, None, self.element.id)]
        return []

    def take(self, my_task: Token, message: str, payload: dict[str, Any]) -> bool:
        """Give a message to this token; False if it does not wait for that one."""
        definition = self.event_definition
        if not isinstance(definition, Message) or definition.message != message:
            return False
        my_task.workflow.data.update(payload)
        my_task.internal_data["event_fired"] = True
        my_task._state = TaskState.FUTURE
        self._update(my_task)
        return True


class StartEvent(_Catching, StockStartEvent):
    """A start event: whoever begins the case has made it happen."""

    def _update_hook(self, my_task: Token) -> bool:
        return True

    def _run_hook(self, my_task: Token) -> bool:
        return True


class Catch(_Catching, IntermediateCatchEvent):
    """An intermediate event that waits for a timer or a message."""

    def _run_hook(self, my_task: Token) -> bool:
        return True


class Receive(_Catching, ReceiveTask):
    """A receive task waits for its message."""

    def _run_hook(self, my_task: Token) -> bool:
        return True


class Throw(Step, IntermediateThrowEvent):
    """An intermediate event that sends a message (or, without one, only marks a point)."""

    def _run_hook(self, my_task: Token) -> bool:
        if isinstance(self.event_definition, Message):
            self.event_definition.throw(my_task)
        return True


class Send(Step, SendTask):
    """A send task sends its message."""

    def _run_hook(self, my_task: Token) -> bool:
        self.event_definition.throw(my_task)
        return True


class Boundary(_Catching, StockBoundary):
    """An event on the border of an activity; a cycle fires again and again beside it."""

    def _run_hook(self, my_task: Token) -> bool:
        return True

    def _update_hook(self, my_task: Token) -> bool:
        fired = super()._update_hook(my_task)
        definition = self.event_definition
        if fired and isinstance(definition, Timer) and definition.kind == "cycle":
            self._again(my_task)
            return False
        return fired

    def _again(self, my_task: Token) -> None:
        """Fire once, however many runs were missed, and wait for the next one."""
        inner, definition = my_task.internal_data, self.event_definition
        due = datetime.fromisoformat(inner["due"])
        due, inner["runs"] = definition.following(my_task, due, inner["runs"], inner["every"])
        inner["due"] = due.isoformat()
        my_task._state = WAITING if inner["runs"] != 0 else COMPLETED
        my_task.workflow.top_workflow.path.append(self.element.id)
        for spec in self.outputs:
            if spec.element is not None:
                my_task.beside(spec)


class FirstOf(_Catching, StockGateway):
    """An event-based gateway: the first of the events behind it decides the way."""

    def connect(self, child: Any) -> None:
        # The stock gateway moves the events of its successors into itself, which breaks a
        # successor that can be reached another way; here it only reads them.
        Step.connect(self, child)

    def _events(self) -> list[tuple[Any, Any]]:
        return [(spec, spec.event_definition) for spec in self.outputs]

    def _update_hook(self, my_task: Token) -> bool:
        inner = my_task.internal_data
        if "won" in inner:
            return True
        events = self._events()
        if "due" not in inner:
            dues = [e.first_due(my_task)[0] if isinstance(e, Timer) else None for _, e in events]
            inner["due"] = [due.isoformat() if due else None for due in dues]
        now: datetime = my_task.workflow.top_workflow.now
        all_due = ((due_at(my_task, index), index) for index in range(len(events)))
        passed = sorted((due, index) for due, index in all_due if due is not None and due <= now)
        if passed:
            inner["won"] = passed[0][1]
            return True
        my_task._state = WAITING
        return False

    def waits_for(self, my_task: Token) -> list[tuple[str, str | None, datetime | None, str]]:
        waits: list[tuple[str, str | None, datetime | None, str]] = []
        for index, (spec, definition) in enumerate(self._events()):
            if isinstance(definition, Timer):
                waits.append(("timer", None, due_at(my_task, index), spec.element.id))
            elif isinstance(definition, Message):
                waits.append(("message", definition.message, None, spec.element.id))
        return waits

    def take(self, my_task: Token, message: str, payload: dict[str, Any]) -> bool:
        for index, (_, definition) in enumerate(self._events()):
            if isinstance(definition, Message) and definition.message == message:
                my_task.workflow.data.update(payload)
                my_task.internal_data["won"] = index
                my_task._state = TaskState.FUTURE
                self._update(my_task)
                return True
        return False

    def _predict_hook(self, my_task: Token) -> None:
        """The way is known only when an event has happened."""

    def _run_hook(self, my_task: Token) -> bool:
        child = my_task._add_child(self.outputs[my_task.internal_data["won"]], TaskState.FUTURE)
        child.internal_data["event_fired"] = True
        return True


def first_of_definition() -> Any:
    """What the parser gives an event-based gateway; the gateway itself looks at its successors."""
    return MultipleEventDefinition()
