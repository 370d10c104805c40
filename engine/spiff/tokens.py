"""Tokens and the scopes they live in: SpiffWorkflow's task tree, flat, small and without a clock.

Stock SpiffWorkflow predicts the whole rest of a diagram as tree nodes, copies the data from node
to node and walks the tree after every step, never deeper than 1,000 nodes. Here a token knows its
scope; the variables belong to the scope (BPMN 2.0, 10.4.7: data is visible in its scope), steps
that are ready stand in a queue, and the tree holds what is alive.
"""

from __future__ import annotations

from collections import ChainMap, deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import StepFailed

WAITING: int = TaskState.WAITING
READY: int = TaskState.READY
STARTED: int = TaskState.STARTED
COMPLETED: int = TaskState.COMPLETED
CANCELLED: int = TaskState.CANCELLED
LIVE: int = TaskState.DEFINITE_MASK

ROOT = 0
"""The number of every scope's first token."""

ARRIVING, RUNNING, LEAVING = "arriving", "running", "leaving"
"""When a step has failed: before it began, while it was done, or after all inside it was done."""
_STANDING: dict[str, int] = {ARRIVING: TaskState.FUTURE, RUNNING: READY, LEAVING: STARTED}


class Token(Task):
    """A token on an element; `id` is a small number, unique within its case."""

    def __init__(
        self,
        workflow: Any,
        task_spec: Any,
        parent: Token | None = None,
        state: int = 1,
        id: int | None = None,
    ) -> None:
        # The base class takes a UUID and reads the clock for every node; nothing here needs them.
        top = workflow.top_workflow
        if id is None:
            top.last_id += 1
            id = top.last_id
        self.id = id
        self.workflow = workflow
        self._parent = parent.id if parent is not None else None
        self._children: list[int] = []
        self._state = 1
        self.triggered = False
        self.task_spec = task_spec
        self.thread_id = 0
        self.data = workflow.data
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = 0.0
        workflow.tasks[id] = self
        if parent is not None:
            parent._children.append(id)
        self._set_state(state)

    def _set_state(self, value: int) -> None:
        self._state = value
        if value == READY and not self.task_spec.manual:
            self.workflow.top_workflow.queue.append(self)

    def _add_child(self, task_spec: Any, state: int = 1) -> Token:
        return Token(self.workflow, task_spec, self, state)

    def beside(self, task_spec: Any) -> Token:
        """Set a token off that stays when this one is taken away."""
        scope = self.workflow
        child = Token(scope, task_spec, scope.tasks[min(scope.tasks)], TaskState.FUTURE)
        if task_spec.asked_again:
            child.internal_data["from"] = self.task_spec.name
        task_spec._update(child)
        return child

    def run(self) -> Any:
        """Do the step; what it sets off may take the token itself away, and then it does not go on."""
        top = self.workflow.top_workflow
        passed, thrown = len(top.path), len(top.thrown)
        try:
            done = self.task_spec._run(self)
            if self._state != CANCELLED and done:
                self.complete()
        except StepFailed as failure:
            if failure.undo:
                raise
            del top.path[passed:], top.thrown[thrown:]
            for child in list(self._children):
                self.workflow._remove_task(child)
            top.stand(self, failure, RUNNING)
            return False
        return done

    def _inherit_data(self) -> None:
        """Nothing to do: the data is the scope's."""

    @property
    def live(self) -> bool:
        return bool(self._state & LIVE)

    @property
    def listening(self) -> bool:
        """Is it an event sub-process that waits? Then nothing waits for it."""
        return self._state == WAITING and bool(self.task_spec.listens)

    @property
    def failing(self) -> bool:
        """Does it stand at a step that has failed, until that is tried again or repaired?"""
        return "failed" in self.internal_data

    @property
    def next_try(self) -> datetime | None:
        """When the failed step is tried again by itself."""
        text = self.internal_data.get("next_try")
        return datetime.fromisoformat(text) if text else None

    def try_again(self) -> None:
        """Do the step that has failed once more."""
        when = self.internal_data.pop("failed")
        self.internal_data.pop("next_try", None)
        if when == RUNNING:
            self._set_state(READY)
        elif when == ARRIVING:
            self._state = TaskState.FUTURE
            self.task_spec._update(self)
        else:
            top = self.workflow.top_workflow
            top.subprocesses[self.id].leave(self)

    @property
    def variables(self) -> Any:
        """What its step sees: the variables of its scope, and the inputs that are mapped for it alone."""
        own = self.internal_data.get("inputs")
        return ChainMap(own, self.workflow.data) if own else self.workflow.data

    def take_in(self) -> None:
        """Work out the inputs of its step, each of which sees those before it."""
        mapping = self.element.mapping if self.element is not None else None
        if mapping is None or not mapping.ins or "inputs" in self.internal_data:
            return
        inputs: dict[str, Any] = {}
        performer = self.workflow.top_workflow.performer
        for name, text in mapping.ins:
            inputs[name] = performer.evaluate(self, text, ChainMap(inputs, self.workflow.data))
        self.internal_data["inputs"] = inputs

    def give(self, results: Mapping[str, Any], element: Any = None) -> None:
        """Set variables to what a step has made: to its outputs where these are mapped, else to all of it.

        `element`: whose outputs these are, where the token stands at the gateway before it.
        """
        element = element or self.element
        mapping = element.mapping if element is not None else None
        given = dict(results)
        if mapping is not None and mapping.outs:
            performer, given = self.workflow.top_workflow.performer, {}
            seen = ChainMap(given, dict(results), self.variables)
            for name, text in mapping.outs:
                given[name] = performer.evaluate(self, text, seen)
        self.workflow.data.update(given)

    @property
    def element(self) -> Any:
        """The drawn element (engine.diagrams.Element), or None for SpiffWorkflow's own nodes."""
        return self.task_spec.element


class _Flat:
    """What a case and its sub-scopes share: looking at tokens without walking a tree."""

    tasks: dict[int, Token]
    completed: bool
    done: list[Any]
    """What has been completed here and can be undone (engine.spiff.registry)."""
    failed = False
    """Was it ended by an error that an event sub-process has caught?"""
    undone_for: Token | None = None
    """The token that has set off the undoing of which this scope is a part."""

    def live_tokens(self) -> Iterator[Token]:
        return (token for token in self.tasks.values() if token._state & LIVE)

    def get_tasks_iterator(self, first_task: Any = None, **kwargs: Any) -> Iterator[Token]:
        """Every token of this scope that the keywords ask for, at any depth."""
        state = kwargs.get("state", TaskState.ANY_MASK)
        name = kwargs.get("spec_name")
        for token in list(self.tasks.values()):
            if token._state & state and (name is None or token.task_spec.name == name):
                yield token

    def get_task_from_id(self, task_id: int) -> Any:
        return self.tasks.get(task_id)

    def is_completed(self) -> bool:
        return self.completed or not any(self.live_tokens())

    def stop_listening(self) -> None:
        """Take away the event sub-processes that wait, once there is nothing left beside them."""
        listening = [token for token in self.live_tokens() if token.listening]
        if listening and len(listening) == sum(1 for _ in self.live_tokens()):
            for token in listening:
                token.cancel()

    def update_waiting_tasks(self) -> None:
        """Ask the joins again; timers are asked by a tick, messages by a message."""
        for token in list(self.tasks.values()):
            if token._state == WAITING and token.task_spec.asked_again:
                token.task_spec._update(token)

    def _remove_task(self, task_id: int) -> None:
        token = self.tasks.pop(task_id)
        token._state = CANCELLED  # It may stand in the queue.
        for child in list(token._children):
            self._remove_task(child)
        parent = self.tasks.get(token._parent) if token._parent is not None else None
        if parent is not None:
            parent._children.remove(task_id)

    def cancel(self, success: bool = False) -> list[Token]:
        """Take every token of this scope, and of the scopes below it, off the diagram."""
        self.completed = True
        taken = list(self.live_tokens())
        for token in taken:
            if token._state & LIVE:
                token.cancel()
        return taken


class Scope(_Flat, BpmnSubWorkflow):
    """A running sub-process (it shares its parent's variables) or a called process (its own)."""

    def __init__(self, spec: Any, parent_task_id: int, top_workflow: CaseWorkflow, data: Any) -> None:
        self.parent_task_id = parent_task_id
        self.top_workflow = top_workflow
        host = top_workflow.token(parent_task_id)
        self.parent_scope: Any = host.workflow
        self.undone_for = self.parent_scope.undone_for or (host if host.task_spec.undoes else None)
        self.spec = spec
        self.data: Any = data
        """A dict, or a ChainMap of the variables set here and those seen around it."""
        self.locks: dict[str, Any] = {}
        self.last_task = None
        self.success = True
        self.tasks = {}
        self.done = []
        self.completed = False
        self.correlations: dict[str, Any] = {}
        self.start_event: str | None = None

    @property
    def parent_workflow(self) -> Any:
        return self.parent_scope

    @property
    def own_data(self) -> bool:
        return self.data is not self.parent_scope.data

    def _task_completed_notify(self, task: Token) -> None:
        _completed(self, task)
        if self.completed:
            parent = self.parent_scope.tasks.get(self.parent_task_id)
            if parent is not None and parent._state == STARTED:
                self.leave(parent)

    def leave(self, parent: Token) -> None:
        """Give what was done inside to the token that stands for this scope outside."""
        try:
            parent.task_spec.scope_completed(parent, self)
        except StepFailed as failure:
            self.top_workflow.stand(parent, failure, LEAVING)

    def remove(self) -> None:
        """Forget this scope once nothing in it is alive."""
        self.top_workflow.subprocesses.pop(self.parent_task_id, None)


class Thrown(NamedTuple):
    """A message or signal that was thrown, as things stood then."""

    token: Token
    data: dict[str, Any]
    """The variables around it."""
    carried: dict[str, Any]
    """What the drawing says it carries."""
    key: Any
    """The value of the correlation key that the drawing declares."""


class CaseWorkflow(_Flat, BpmnWorkflow):
    """A case as SpiffWorkflow sees it: the top scope and all scopes below.

    `performer` does what the drawing asks for (see engine.spiff.steps.Performer); `now` is the
    instant of this step; `specs(process)` gives the specs of a called process.
    """

    def __init__(
        self,
        spec: Any,
        specs: Callable[[str], Any],
        performer: Any,
        now: datetime,
        data: dict[str, Any] | None = None,
    ) -> None:
        self.spec = spec
        self.specs = specs
        self.performer = performer
        self.now = now
        self.data = {} if data is None else data
        self.locks: dict[str, Any] = {}
        self.last_task = None
        self.success = True
        self.tasks = {}
        self.done = []
        self.completed = False
        self.last_id = ROOT
        self.queue: deque[Token] = deque()
        self.current: Token | None = None
        """The token whose step is being done."""
        self.origin: int | None = None
        """The token that somebody, a message or the clock has set going."""
        self.path: list[str] = []
        self.thrown: list[Thrown] = []
        """Messages and signals to be sent when the step is saved."""
        self.failures: list[tuple[Token, StepFailed]] = []
        """The steps that have failed, each with the token that stands there."""
        self.subprocesses: dict[int, Scope] = {}
        self.correlations: dict[str, Any] = {}
        self.start_event: str | None = None

    @property
    def top_workflow(self) -> CaseWorkflow:
        return self

    def scopes(self) -> list[Any]:
        """This case and its running scopes, outer ones first."""
        return [self, *self.subprocesses.values()]

    def token(self, token_id: int) -> Token:
        for scope in self.scopes():
            found: Token | None = scope.tasks.get(token_id)
            if found is not None:
                return found
        raise KeyError(token_id)

    def alive(self) -> Iterator[Token]:
        """Every live token of every scope."""
        for scope in self.scopes():
            if not scope.completed:
                yield from scope.live_tokens()

    def begin(self, start_event: str | None = None) -> None:
        """Put the first token on the start event of that id, or on the only or plain one."""
        self.start_event = start_event
        Token(self, self.spec.start, None, READY, ROOT)

    def create_scope(self, token: Token, spec: Any, data: Any) -> Scope:
        scope = Scope(spec, token.id, self, data)
        self.subprocesses[token.id] = scope
        self.last_id += 1
        Token(scope, spec.start, None, READY, self.last_id)
        return scope

    def stand(self, token: Token, failure: StepFailed, when: str) -> None:
        """Leave a token at a step that has failed; everything else goes on."""
        token._state = _STANDING[when]
        token.internal_data["failed"] = when
        token.internal_data.pop("next_try", None)
        self.failures.append((token, failure))

    def run(self, budget: int) -> int:
        """Do every step that needs nobody, at most `budget` of them; returns how many.

        A step that fails is left where it is. Raises StepFailed when the budget is used up: the drawing
        goes in circles by itself.
        """
        done = 0
        while self.queue or self._look():
            token = self.queue.popleft()
            if token._state != READY or token.workflow.completed or token.failing:
                continue
            if done >= budget:
                raise failed(
                    token,
                    "the case made {budget} steps without waiting for anybody",
                    "The drawing goes in circles: put a person, a timer or a message into the loop.",
                    kind="endless",
                    undo=True,
                    budget=budget,
                )
            done += 1
            self.current = token
            token.run()
        return done

    def _look(self) -> bool:
        """Ask the conditions that are waited for; returns whether there is something to do now."""
        for token in [token for token in self.alive() if token._state == WAITING and token.task_spec.watches]:
            if token._state == WAITING:
                self.current = token
                try:
                    token.task_spec.look(token)
                except StepFailed as failure:
                    self.stand(token, failure, ARRIVING)
        return bool(self.queue)

    def hear(self, signal: str, payload: dict[str, Any]) -> bool:
        """Let everybody who waits for that signal now hear it; returns whether anybody did."""
        heard = False
        for token in [token for token in self.alive() if token._state == WAITING]:
            take = getattr(token.task_spec, "take", None)
            if take is not None and token._state == WAITING:
                heard = take(token, signal, payload, kind="signal") or heard
        return heard

    def refresh(self) -> None:
        """Let the timers fire, and the failed steps be tried, that were due first.

        Later ones are asked when these are followed up: a late tick must not let an event interrupt what
        had ended before it was due.
        """
        due = [
            (token.next_try, token)
            for token in self.alive()
            if token.next_try is not None and token.next_try <= self.now
        ]
        due += [
            (moment, token)
            for token in self.alive()
            if token._state == WAITING and not token.task_spec.asked_again
            for _, _, moment, _ in token.task_spec.waits_for(token)
            if moment is not None and moment <= self.now
        ]
        first = min((moment for moment, _ in due), default=None)
        for moment, token in due:
            if moment != first:
                continue
            if token.failing:
                self.origin = token.id
                token.try_again()
            elif token._state == WAITING:
                self.origin = token.id
                token.task_spec._update(token)

    def _task_completed_notify(self, task: Token) -> None:
        _completed(self, task)


def _completed(scope: Any, token: Token) -> None:
    scope.last_task = token
    if token.task_spec.name == "End" or token.task_spec.ends_scope:
        scope.completed = True
        scope.stop_listening()
    if not scope.completed:
        scope.update_waiting_tasks()
        if scope.spec.start.listeners:
            scope.stop_listening()


def failed(
    token: Token,
    reason: str,
    remedy: str | None = None,
    *,
    kind: str = "step",
    again: bool = False,
    undo: bool = False,
    **details: object,
) -> StepFailed:
    """The error that stops a case at a token's element; see StepFailed for what the arguments mean."""
    place, name = standing_at(token)
    return StepFailed(place, name, reason, remedy=remedy, kind=kind, details=details, again=again, undo=undo)


def standing_at(token: Token) -> tuple[str, str]:
    """(id, name) of the element on which a token stands."""
    element = token.element
    if element is None:
        return token.task_spec.name, token.task_spec.name
    return element.id, element.name or element.id
