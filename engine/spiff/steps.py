"""What happens on each kind of element: activities, exclusive gateways, ends, sub-processes."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit, SimpleBpmnTask, _EndJoin
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask as StockStart
from SpiffWorkflow.bpmn.specs.defaults import CallActivity as StockCall
from SpiffWorkflow.bpmn.specs.defaults import EndEvent as StockEnd
from SpiffWorkflow.bpmn.specs.defaults import ExclusiveGateway as StockExclusive
from SpiffWorkflow.bpmn.specs.defaults import ManualTask, NoneTask, SubWorkflowTask, UserTask
from SpiffWorkflow.bpmn.specs.defaults import ScriptTask as StockScript
from SpiffWorkflow.bpmn.specs.defaults import ServiceTask as StockService
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from engine.errors import StepFailed
from engine.spiff import registry, routes
from engine.spiff.tokens import ARRIVING, CANCELLED, COMPLETED, LIVE, STARTED, Scope, Token, failed


class Performer(Protocol):
    """Who does what a drawing asks for; engine.runtime hands one in."""

    def is_true(self, token: Token, text: str) -> bool:
        """Is this condition true for the token's variables?"""

    def evaluate(self, token: Token, text: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The value of an expression over the token's variables, or over those given."""

    def alone(self) -> AbstractContextManager[None]:
        """What is written within is undone when it fails, and only that."""

    def service(self, token: Token) -> tuple[str, str] | None:
        """Run the service of a service task; an error it raises is given back: (code, message)."""

    def decide(self, token: Token) -> None:
        """Evaluate the decision of a business rule task."""

    def assign(self, token: Token) -> None:
        """Do the assignments of a script task."""

    def is_preceded(self, token: Token, due: datetime) -> bool:
        """Is there a message, received before that instant, that something around the token may wait for?"""

    def call(self, token: Token) -> str:
        """Choose the process that a call activity calls, and its version; gives a name for both."""


class Step(TaskSpec):
    """The rules every element follows here; mixed in before SpiffWorkflow's own class.

    Stock TaskSpec grows the tree ahead of the tokens, level by level and branch by branch. A step
    here grows its children when it runs, so a case is as large as what is going on in it.
    """

    element: Any = None
    specs: Any = None
    asked_again = False
    """True for joins, which must be asked again when any other token has moved."""
    listens = False
    """True for event sub-processes: while they wait, nothing waits for them."""
    watches = False
    """True for what waits for a condition, which is asked after each step of the case."""
    noted = True
    """False for what is passed without being drawn."""
    handler: str | None = None
    """The activity that undoes this one, where one is drawn."""
    undoes = False
    """True for what undoes other activities."""
    undoes_scope = False
    """True for an event sub-process that undoes the scope in which it lies."""
    within_parent = False
    """True for an event sub-process: its work counts as work of the scope in which it lies."""
    is_several = False
    """True for an activity with a loop marker, of which each instance is undone for itself."""
    sees_around = True
    gives_back = True
    """Are the variables around an activity seen by what is in it, and changed by it?"""
    ends_scope = False
    """True for what stands alone in the scope of one instance."""

    def _predict(self, my_task: Token, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Nothing is predicted."""

    def _update(self, my_task: Token) -> None:
        try:
            if not self.is_several:
                my_task.take_in()
            ready = self._update_hook(my_task)
        except StepFailed as failure:
            my_task.workflow.top_workflow.stand(my_task, failure, ARRIVING)
            return
        if ready:
            my_task._ready()

    def _update_hook(self, my_task: Token) -> bool:
        return True

    def _on_ready(self, my_task: Token) -> None:
        """Nothing to do: drawings are checked when they are deployed, not at each step."""

    def _run(self, my_task: Token) -> Any:
        if not my_task._children:
            self._predict_hook(my_task)
        try:
            return self._run_hook(my_task)
        except StepFailed:
            raise
        except RecursionError:
            raise failed(my_task, "the drawing is nested too deeply", kind="endless", undo=True) from None

    def _run_hook(self, my_task: Token) -> Any:
        return True

    def _on_complete(self, my_task: Token) -> None:
        if self.element is not None and self.noted:
            my_task.workflow.top_workflow.path.append(self.element.id)
        if self.handler is not None:
            registry.note(my_task)
        self._on_complete_hook(my_task)
        self.go_on(my_task)

    def go_on(self, my_task: Token) -> None:
        """Let what follows begin."""
        if not my_task.workflow.completed:
            for child in my_task.children:
                if child is not None and child._state & TaskState.NOT_FINISHED_MASK:
                    child.task_spec._update(child)
        my_task.workflow._task_completed_notify(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        """What a kind of element does besides going on."""

    def _on_cancel(self, my_task: Token) -> None:
        """What a kind of element leaves behind when its token is taken away."""

    def whole(self, my_task: Token) -> Token:
        """The token of the whole activity, where this is only one of its instances."""
        return my_task

    def called(self, my_task: Token) -> list[str]:
        """The name of what a call has called, where the drawing alone does not say it."""
        return []

    def thrown_by(self, my_task: Token) -> Any:
        """The drawn element that has set off an undoing."""
        return self.element

    def send_by(self, my_task: Token, place: int) -> None:
        """A token on the arrow at that place among those that leave."""
        name = self._outputs[place]
        child = my_task._add_child(self._wf_spec.task_specs[name], TaskState.FUTURE)
        if self._outputs.count(name) > 1:
            # Several arrows lead there: a join must tell by which of them the token comes.
            child.internal_data["arrow"] = self._outputs[:place].count(name)


class Start(Step, StockStart):
    """The node before the start events: one of them begins a case."""

    def _predict_hook(self, my_task: Token) -> None:
        for listener in self.listeners:
            my_task._add_child(listener, TaskState.FUTURE)
        chosen = self.start_event(my_task.workflow.start_event)
        my_task._add_child(chosen, TaskState.FUTURE)

    @cached_property
    def listeners(self) -> list[Any]:
        """The event sub-processes of this scope."""
        return [spec for spec in self._wf_spec.task_specs.values() if spec.listens]

    @cached_property
    def compensation(self) -> Any:
        """The event sub-process that undoes this scope, if there is one."""
        return next((spec for spec in self._wf_spec.task_specs.values() if spec.undoes_scope), None)

    def start_event(self, wanted: str | None) -> Any:
        """The start event of that id; else the plain one, else the first one drawn."""
        starts = self.outputs
        for spec in starts:
            if spec.name == wanted:
                return spec
        plain = [spec for spec in starts if spec.element is not None and spec.element.event is None]
        return (plain or starts)[0]


class Plain(Step, SimpleBpmnTask):
    """SpiffWorkflow's own last node, `End`."""


class LastJoin(Step, _EndJoin):
    """Waits until nothing else is alive in its scope; then the scope is completed."""

    asked_again = True

    def _update_hook(self, my_task: Token) -> bool:
        others = False
        for token in list(my_task.workflow.tasks.values()):
            if token is my_task or not token._state & LIVE or token.listening:
                continue
            if token.task_spec is self:
                token._state = CANCELLED
            else:
                others = True
        if others:
            my_task._state = TaskState.WAITING
        return not others

    def _run_hook(self, my_task: Token) -> bool:
        return True


class Person(Step, UserTask):
    """A user task: it waits for a person."""


class Manual(Step, ManualTask):
    """A manual task waits for a person too: somebody must say that it was done."""


class Anybody(Step, NoneTask):
    """A task of no kind waits for a person."""


class Service(Step, StockService):
    """A service task: a function of the process's module does it."""

    def _run_hook(self, my_task: Token) -> bool:
        top = my_task.workflow.top_workflow
        with top.performer.alone():
            error = top.performer.service(my_task)
            if error is not None:
                top.path.append(self.element.id)
                routes.throw_error(my_task, *error)
        return error is None


class Script(Step, StockScript):
    """A script task: a list of assignments."""

    def _run_hook(self, my_task: Token) -> bool:
        my_task.workflow.top_workflow.performer.assign(my_task)
        return True


class Rule(Step, BpmnSpecMixin):
    """A business rule task: a decision table gives its result."""

    def _run_hook(self, my_task: Token) -> bool:
        my_task.workflow.top_workflow.performer.decide(my_task)
        return True


class Exclusive(Step, StockExclusive):
    """Takes the first arrow whose condition is true, else the default one."""

    def _predict_hook(self, my_task: Token) -> None:
        """The way is known only when the gateway runs."""

    def _run_hook(self, my_task: Token) -> bool:
        performer = my_task.workflow.top_workflow.performer
        chosen = None
        for place, (condition, _) in enumerate(self.cond_task_specs):
            if condition is None:
                chosen = place
            elif performer.is_true(my_task, condition.args[0]):
                chosen = place
                break
        if chosen is None:
            raise failed(
                my_task,
                "none of its conditions is true and it has no default arrow",
                "Correct the data or mark one arrow as the default.",
                kind="no_way",
            )
        self.send_by(my_task, chosen)
        return True


class End(Step, StockEnd):
    """Ends its path; a terminate end takes every token of its scope with it."""

    def _run_hook(self, my_task: Token) -> bool:
        if getattr(self.event_definition, "message", None) is not None:
            self.event_definition.throw(my_task)
        return True

    def _on_complete_hook(self, my_task: Token) -> None:
        if isinstance(self.event_definition, TerminateEventDefinition):
            my_task.workflow.cancel()
        elif self.element.event in ("error", "escalation", "signal"):
            self.event_definition.throw(my_task)


class Embedded(Step, SubWorkflowTask):
    """An embedded sub-process: a scope of its own that shares the variables."""

    def _update_hook(self, my_task: Token) -> bool:
        if my_task._state == STARTED:
            return False
        my_task._state = STARTED
        top = my_task.workflow.top_workflow
        top.create_scope(my_task, self.inner(my_task), my_task.workflow.data)
        return False

    def inner(self, my_task: Token) -> Any:
        """The specs of what is inside; a sub-process belongs to the process that it is drawn in."""
        return self.specs.subprocess_specs[self.spec]

    def undone_within(self, my_task: Token, called: str | None) -> Any:
        """The specs of what is inside, when a token elsewhere is to undo it."""
        return self.specs.subprocess_specs[self.spec]

    def scope_completed(self, my_task: Token, scope: Scope) -> None:
        scope.remove()
        registry.note_scope(my_task, scope)
        my_task._ready()

    def data_within(self, my_task: Token, own: dict[str, Any] | None) -> Any:
        """The variables of its scope; `own` are those that only it has."""
        return my_task.workflow.data

    def _on_cancel(self, my_task: Token) -> None:
        scope = my_task.workflow.top_workflow.subprocesses.get(my_task.id)
        if scope is not None:
            scope.cancel()
            scope.remove()


class Call(Embedded, StockCall):
    """A call activity: another process, inside the same case, with variables of its own.

    Where the drawing does not say what is handed over, it sees all variables of its caller, and what
    it sets comes back at its end.
    """

    def _update_hook(self, my_task: Token) -> bool:
        if my_task._state == STARTED:
            return False
        my_task._state = STARTED
        top = my_task.workflow.top_workflow
        name = top.performer.call(my_task)
        if name != self.spec:
            my_task.internal_data["call"] = name
        passing = self.element.passing
        own = {name: top.performer.evaluate(my_task, text) for name, text in (passing.ins if passing else ())}
        top.create_scope(my_task, self.inner(my_task), self.data_within(my_task, own))
        return False

    def inner(self, my_task: Token) -> Any:
        return self.undone_within(my_task, my_task.internal_data.get("call"))

    def called(self, my_task: Token) -> list[str]:
        name = my_task.internal_data.get("call")
        return [name] if name else []

    def data_within(self, my_task: Token, own: dict[str, Any] | None) -> Any:
        """It sees its caller's variables and keeps what it sets; or it has only what is handed over."""
        passing = self.element.passing
        outer = my_task.workflow.data
        return own if passing and not passing.all_in else ChainMap(own or {}, outer)

    def undone_within(self, my_task: Token, called: str | None) -> Any:
        return my_task.workflow.top_workflow.specs(called or self.spec)

    @property
    def sees_around(self) -> bool:  # type: ignore[override]
        return self.element.passing is None or bool(self.element.passing.all_in)

    @property
    def gives_back(self) -> bool:  # type: ignore[override]
        return self.element.passing is None or bool(self.element.passing.all_out)

    def scope_completed(self, my_task: Token, scope: Scope) -> None:
        passing = self.element.passing
        outer, set_there = my_task.workflow.data, registry.own_data(scope.data)
        performer = my_task.workflow.top_workflow.performer
        outs = passing.outs if passing else ()
        given = {name: performer.evaluate(my_task, text, scope.data) for name, text in outs}
        if passing is None or passing.all_out:
            handed = {name for name, _ in passing.ins} if passing else set()
            outer.update({name: value for name, value in set_there.items() if name not in handed})
        outer.update(given)
        super().scope_completed(my_task, scope)


class BoundarySplit(Step, BoundaryEventSplit):
    """Stands before an activity with boundary events: lets the activity and its events live together."""

    def _predict_hook(self, my_task: Token) -> None:
        for spec in self.outputs:
            my_task._add_child(spec, TaskState.FUTURE)

    def _run_hook(self, my_task: Token) -> bool:
        return True


class BoundaryJoin(Step, BoundaryEventJoin):
    """Reached when the activity or one of its events is through: takes away what no longer applies."""

    def _update_hook(self, my_task: Token) -> bool:
        arrived = my_task.parent
        my_task._state = COMPLETED
        event = arrived.task_spec
        if event.element is not None and event.element.kind == "boundaryEvent" and not event.cancel_activity:
            return False
        split = arrived.parent
        for token in split.children:
            if token is not arrived and token._state & LIVE:
                token.cancel()
        return False
