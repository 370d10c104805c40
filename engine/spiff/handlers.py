"""Event sub-processes: they wait beside what goes on in their scope, and interrupt it or join it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from engine.spiff.definitions import Error, Timer
from engine.spiff.events import Repeating
from engine.spiff.steps import Embedded
from engine.spiff.tokens import LIVE, STARTED, WAITING, Scope, Token


class EventSub(Repeating, Embedded):
    """An event sub-process: a token waits from the beginning of its scope; each event runs what is inside.

    It shares the variables of the scope. One that interrupts ends everything else in the scope, which
    is then completed by the end of the event sub-process.
    """

    listens = True
    within_parent = True

    @cached_property
    def start(self) -> Any:
        """The start event inside."""
        return self.specs.subprocess_specs[self.spec].start.outputs[0]

    @cached_property
    def event_definition(self) -> Any:
        return self.start.event_definition

    @property
    def interrupts(self) -> bool:  # type: ignore[override]
        return bool(self.start.element.interrupting)

    @property
    def named_by(self) -> str:
        name: str = self.start.element.id
        return name

    def _update_hook(self, my_task: Token) -> bool:
        if my_task._state != STARTED and super()._update_hook(my_task):
            my_task._state = WAITING
            if not self.interrupts and self.watches:
                my_task.internal_data["held"] = True
            self.fire(my_task)
        return False

    def fire(self, my_task: Token) -> None:
        scope = my_task.workflow
        runs = my_task
        if self.interrupts:
            for token in list(scope.live_tokens()):
                if token is not my_task and token._state & LIVE:
                    token.cancel()
        else:
            if isinstance(self.event_definition, Timer):
                self._again(my_task)
            runs = Token(scope, self, scope.tasks[min(scope.tasks)])
        runs._state = STARTED
        scope.top_workflow.create_scope(runs, self.inner(runs), scope.data)

    def scope_completed(self, my_task: Token, scope: Scope) -> None:
        my_task.workflow.failed = isinstance(self.event_definition, Error)
        super().scope_completed(my_task, scope)


class CompensationSub(Embedded):
    """An event sub-process that undoes the scope it lies in, once that has been completed."""

    undoes_scope = True
    within_parent = True
