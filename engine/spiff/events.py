"""Events: what waits for its time, message or condition, and gateways that wait for the first of several.

In SpiffWorkflow the events of a gateway share one due time; here each keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent as StockBoundary
from SpiffWorkflow.bpmn.specs.defaults import EventBasedGateway as StockGateway
from SpiffWorkflow.bpmn.specs.defaults import (
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    ReceiveTask,
    SendTask,
)
from SpiffWorkflow.bpmn.specs.defaults import StartEvent as StockStartEvent
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.util.task import TaskState

from engine.spiff.definitions import Condition, Due, Message, Signal, Timer
from engine.spiff.steps import BoundaryJoin, Step
from engine.spiff.tokens import COMPLETED, LIVE, WAITING, Token

Waits = list[tuple[str, str | None, datetime | None, str]]
"""(kind, name, due, element id) of each thing that is waited for."""


def due_at(token: Token, index: int = 0) -> datetime | None:
    """The instant a waiting timer token is due, or None when it is not a timer."""
    kept = token.internal_data.get("due")
    if kept is None:
        return None
    text = kept[index] if isinstance(kept, list) else kept
    return datetime.fromisoformat(text) if text else None


def _is_preceded(token: Token, due: datetime) -> bool:
    """Has a message come before the time of a timer that was over when its token got here?

    Then the timer waits for the clock, and the message is given first.
    """
    top = token.workflow.top_workflow
    return due <= top.now and bool(top.performer.is_preceded(token, due))


class Catching(Step):
    """An element that waits for its event."""

    event_definition: Any

    @property
    def watches(self) -> bool:  # type: ignore[override]
        return isinstance(self.event_definition, Condition)

    def _update_hook(self, my_task: Token) -> bool:
        inner = my_task.internal_data
        if inner.get("event_fired"):
            return True
        definition = self.event_definition
        if isinstance(definition, Timer):
            if self._is_due(my_task, definition):
                return True
        elif isinstance(definition, Condition):
            if definition.holds(my_task):
                return True
        elif isinstance(definition, NoneEventDefinition):
            return True
        my_task._state = WAITING
        return False

    def _is_due(self, my_task: Token, definition: Timer) -> bool:
        inner = my_task.internal_data
        if "due" not in inner:
            due = definition.first_due(my_task)
            inner["due"] = due.at.isoformat()
            if definition.kind == "cycle":
                inner["runs"], inner["every"], inner["first"] = due.runs, due.every, inner["due"]
            if _is_preceded(my_task, due.at):
                return False
        now: datetime = my_task.workflow.top_workflow.now
        return datetime.fromisoformat(inner["due"]) <= now

    def _again(self, my_task: Token) -> None:
        """Wait for the next run of a cycle, however many were missed; else there is none."""
        inner, definition = my_task.internal_data, self.event_definition
        my_task._state = COMPLETED
        if definition.kind == "cycle":
            top = my_task.workflow.top_workflow
            at, first = inner["due"], inner.get("first", inner["due"])
            due = Due(
                datetime.fromisoformat(at), inner["runs"], inner["every"], datetime.fromisoformat(first)
            )
            due = due.after(top.now, top.performer.zone)
            inner["due"], inner["runs"] = due.at.isoformat(), due.runs
            my_task._state = WAITING if inner["runs"] != 0 else COMPLETED

    def waits_for(self, my_task: Token) -> Waits:
        return _waited(self.event_definition, due_at(my_task), self.named_by)

    @property
    def named_by(self) -> str:
        """The id of the drawn event."""
        name: str = self.element.id
        return name

    def take(
        self,
        my_task: Token,
        name: str,
        payload: dict[str, Any],
        kind: str = "message",
        element: str | None = None,
    ) -> bool:
        """Give a message or signal to this token; False if it does not wait for that one.

        `element`: only to the event of that id.
        """
        if element not in (None, self.named_by) or not _is_for(self.event_definition, kind, name):
            return False
        my_task.give(payload)
        self.fire(my_task)
        return True

    def look(self, my_task: Token) -> None:
        """Has its condition become true?"""
        if self.event_definition.holds(my_task):
            self.fire(my_task)

    def fire(self, my_task: Token) -> None:
        """Its event has happened."""
        my_task.internal_data["event_fired"] = True
        my_task._state = TaskState.FUTURE
        self._update(my_task)


class Repeating(Catching):
    """What may happen several times beside the work that goes on: once each time a condition becomes true."""

    interrupts = True

    def look(self, my_task: Token) -> None:
        inner = my_task.internal_data
        if not self.event_definition.holds(my_task):
            inner.pop("held", None)
        elif not inner.get("held"):
            if not self.interrupts:
                inner["held"] = True
            self.fire(my_task)


def _is_for(definition: Any, kind: str, name: str) -> bool:
    if kind == "signal":
        return isinstance(definition, Signal) and definition.signal == name
    return isinstance(definition, Message) and definition.message == name


def _waited(definition: Any, due: datetime | None, element: str) -> Waits:
    match definition:
        case Timer():
            return [("timer", None, due, element)]
        case Message():
            return [("message", definition.message, None, element)]
        case Signal():
            return [("signal", definition.signal, None, element)]
        case Condition():
            return [("condition", definition.text, None, element)]
    return []


class StartEvent(Catching, StockStartEvent):
    """A start event: whoever begins the case has made it happen."""

    def _update_hook(self, my_task: Token) -> bool:
        return True

    def _run_hook(self, my_task: Token) -> bool:
        return True


class Catch(Catching, IntermediateCatchEvent):
    """An intermediate event that waits for a timer or a message."""

    def _run_hook(self, my_task: Token) -> bool:
        return True


class Receive(Catching, ReceiveTask):
    """A receive task waits for its message."""

    def _run_hook(self, my_task: Token) -> bool:
        return True


class Throw(Step, IntermediateThrowEvent):
    """An intermediate event that throws something (or, without, only marks a point)."""

    def _run_hook(self, my_task: Token) -> bool:
        if isinstance(self.event_definition, Message):
            self.event_definition.throw(my_task)
        return True

    def _on_complete_hook(self, my_task: Token) -> None:
        # Whoever catches it may take this token away, which is through by then.
        if self.element.event in ("escalation", "signal"):
            self.event_definition.throw(my_task)


class Send(Step, SendTask):
    """A send task sends its message."""

    def _run_hook(self, my_task: Token) -> bool:
        self.event_definition.throw(my_task)
        return True


class Boundary(Repeating, StockBoundary):
    """An event on the border of an activity; without interrupting it may happen again and again."""

    @property
    def interrupts(self) -> bool:  # type: ignore[override]
        return bool(self.cancel_activity)

    def _run_hook(self, my_task: Token) -> bool:
        return True

    def _update_hook(self, my_task: Token) -> bool:
        fired = super()._update_hook(my_task)
        if not fired or self.cancel_activity:
            return fired
        if isinstance(self.event_definition, Condition):
            my_task._state, my_task.internal_data["held"] = WAITING, True
        else:
            self._again(my_task)
        self._go_beside(my_task)
        return False

    def fire(self, my_task: Token) -> None:
        if not self.cancel_activity:
            self._go_beside(my_task)
            return
        split = my_task.parent
        for token in split.children if split is not None else ():
            if token is not my_task and token._state & LIVE:
                token.cancel()
        super().fire(my_task)

    def _go_beside(self, my_task: Token) -> None:
        my_task.workflow.top_workflow.path.append(self.element.id)
        for spec in self.outputs:
            if not isinstance(spec, BoundaryJoin):
                my_task.beside(spec)


class FirstOf(Catching, StockGateway):
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
            dues = [e.first_due(my_task).at if isinstance(e, Timer) else None for _, e in events]
            inner["due"] = [due.isoformat() if due else None for due in dues]
            first = min((due for due in dues if due is not None), default=None)
            if first is not None and _is_preceded(my_task, first):
                my_task._state = WAITING
                return False
        now: datetime = my_task.workflow.top_workflow.now
        all_due = ((due_at(my_task, index), index) for index in range(len(events)))
        passed = sorted((due, index) for due, index in all_due if due is not None and due <= now)
        won = [index for _, index in passed] or list(self._held(my_task))
        if won:
            inner["won"] = won[0]
            return True
        my_task._state = WAITING
        return False

    def waits_for(self, my_task: Token) -> Waits:
        return [
            wait
            for index, (spec, definition) in enumerate(self._events())
            for wait in _waited(definition, due_at(my_task, index), spec.element.id)
        ]

    def take(
        self,
        my_task: Token,
        name: str,
        payload: dict[str, Any],
        kind: str = "message",
        element: str | None = None,
    ) -> bool:
        for index, (spec, definition) in enumerate(self._events()):
            if element in (None, spec.element.id) and _is_for(definition, kind, name):
                my_task.give(payload, spec.element)
                self.decide(my_task, index)
                return True
        return False

    def look(self, my_task: Token) -> None:
        for index in self._held(my_task):
            self.decide(my_task, index)
            return

    @property
    def watches(self) -> bool:  # type: ignore[override]
        return any(isinstance(definition, Condition) for _, definition in self._events())

    def _held(self, my_task: Token) -> Iterator[int]:
        for index, (_, definition) in enumerate(self._events()):
            if isinstance(definition, Condition) and definition.holds(my_task):
                yield index

    def decide(self, my_task: Token, index: int) -> None:
        """Take that one of the events as having happened."""
        my_task.internal_data["won"] = index
        my_task._state = TaskState.FUTURE
        self._update(my_task)

    def _predict_hook(self, my_task: Token) -> None:
        """The way is known only when an event has happened."""

    def _run_hook(self, my_task: Token) -> bool:
        child = my_task._add_child(self.outputs[my_task.internal_data["won"]], TaskState.FUTURE)
        child.internal_data["event_fired"] = True
        return True


def first_of_definition() -> Any:
    """What the parser gives an event-based gateway; the gateway itself looks at its successors."""
    return MultipleEventDefinition()
