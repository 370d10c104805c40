"""Compensation: what has been completed is undone, the last first, one after the other.

Whoever undoes (an event that throws compensation, the cancel end of a transaction, the default
handler of a sub-process) takes the entries of its scope (engine.spiff.registry) and opens a scope for
one after the other in which the handler runs. It goes on when all of them have ended.
"""

from __future__ import annotations

from collections import ChainMap
from typing import Any

from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask
from SpiffWorkflow.util.task import TaskState

from engine.spiff import registry, routes
from engine.spiff.events import Throw
from engine.spiff.registry import home
from engine.spiff.steps import End, Step
from engine.spiff.tokens import COMPLETED, LIVE, STARTED, Scope, Token

DEFAULT = "default [undo]"
"""The node of each scope that undoes all that was completed in it; no drawn id may end so."""


class Undoing(Step):
    """Undoes entry after entry.

    Its token keeps `undo` (entries still to come, the next one last) and `now` (the one whose handler
    runs). Entries that were not begun go back to the scope when the token is taken away.
    """

    undoes = True

    def _run(self, my_task: Token) -> Any:
        plan = my_task.internal_data
        if "undo" not in plan:
            plan["undo"] = self._entries(my_task)
        return False if self._next(my_task) else super()._run(my_task)

    def _entries(self, my_task: Token) -> list[registry.Entry]:
        return registry.take(my_task.workflow, None)

    def _next(self, my_task: Token) -> bool:
        """Begin to undo the next entry; returns whether there was one."""
        plan = my_task.internal_data
        plan.pop("now", None)
        if not plan["undo"]:
            return False
        plan["now"] = entry = plan["undo"].pop()
        my_task._state = STARTED
        top, spec = my_task.workflow.top_workflow, self.inner(my_task)
        scope = Scope(spec, my_task.id, top, self.data_within(my_task, {}))
        top.subprocesses[my_task.id] = scope
        if isinstance(entry, list):
            # What was completed inside is now kept by the scope alone.
            scope.done, entry[1] = entry[1], []
        root = Token(scope, spec.start, None, COMPLETED)
        first = self._undone(my_task).handler
        if first is None:
            own = spec.start.compensation
            first = own.name if own is not None else DEFAULT
        child = root._add_child(spec.task_specs[first], TaskState.FUTURE)
        child.task_spec._update(child)
        return True

    def _undone(self, my_task: Token) -> Any:
        """The spec of the activity that is being undone."""
        around = home(my_task.workflow).spec
        name = registry.name_of(my_task.internal_data["now"])
        found = around.task_specs.get(name)
        if found is None:
            # It lies in an event sub-process of this scope.
            specs = around.start.specs
            found = specs.subprocess_specs[specs.elements[name].scope].task_specs[name]
        return found

    def inner(self, my_task: Token) -> Any:
        """Handlers lie beside their activity; what has none of its own is undone from within."""
        activity, entry = self._undone(my_task), my_task.internal_data["now"]
        if activity.handler is not None:
            return activity._wf_spec
        return activity.undone_within(my_task, entry[3] if len(entry) > 3 else None)

    def data_within(self, my_task: Token, own: dict[str, Any] | None) -> Any:
        """The variables of now, with those that only the activity had as they were when it ended."""
        entry, outer = my_task.internal_data["now"], my_task.workflow.data
        if isinstance(entry, str) or entry[2] is None:
            return outer
        around = (outer,) if self._undone(my_task).sees_around else ()
        return ChainMap(own or {}, entry[2], *around)

    def scope_completed(self, my_task: Token, scope: Scope) -> None:
        if scope.own_data and self._undone(my_task).gives_back:
            my_task.workflow.data.update(scope.data.maps[0])
        scope.remove()
        if not self._next(my_task):
            my_task._ready()

    def _on_cancel(self, my_task: Token) -> None:
        scope = my_task.workflow.top_workflow.subprocesses.get(my_task.id)
        if scope is not None:
            scope.cancel()
            scope.remove()
        kept = my_task.internal_data.get("undo")
        if kept:
            home(my_task.workflow).done[:0] = kept


class Default(Undoing, SimpleBpmnTask):
    """Undoes all that was completed in its scope, or what an event has left to it without waiting."""

    noted = False

    def thrown_by(self, my_task: Token) -> Any:
        by = my_task.internal_data.get("by")
        return self.specs.elements[by] if by else None


class _Throwing(Undoing):
    """An event that throws compensation: for one activity, or for all of its scope."""

    def _entries(self, my_task: Token) -> list[registry.Entry]:
        entries = registry.take(my_task.workflow, self.element.undoes)
        if self.element.waits or not entries:
            return entries
        scope = my_task.workflow
        default = self._wf_spec.task_specs[DEFAULT]
        beside = Token(scope, default, scope.tasks[min(scope.tasks)], TaskState.FUTURE)
        beside.internal_data.update({"undo": entries, "by": self.element.id})
        default._update(beside)
        return []


class CompensationThrow(_Throwing, Throw):
    """An intermediate event that throws compensation; it goes on when all is undone."""


class CompensationEnd(_Throwing, End):
    """An end event that throws compensation: its path ends when all is undone."""


class CancelEnd(Undoing, End):
    """Gives up a transaction: ends what is alive in it, undoes what was completed, then leaves it.

    BPMN 2.0.2, 13.5.6: the transaction is aborted, and control leaves it by the cancel event on its
    border when all is undone.
    """

    def _entries(self, my_task: Token) -> list[registry.Entry]:
        self._interrupt(my_task)
        return super()._entries(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        routes.route(my_task, "cancel", None)

    def _interrupt(self, my_task: Token) -> None:
        """End all other work of the transaction; from now on only an error may stop its undoing."""
        stays, whole = my_task, home(my_task.workflow)
        while True:
            scope = stays.workflow
            for token in list(scope.live_tokens()):
                if token is not stays and token._state & LIVE:
                    token.cancel()
            stays = scope.parent_scope.tasks[scope.parent_task_id]
            if scope is whole:
                break
        for token in routes.on_border(stays):
            if token._state & LIVE and not hasattr(token.task_spec.event_definition, "routed"):
                token.cancel()
