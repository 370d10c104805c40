"""Repairs of a running case: a token taken past its element, or put on another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.errors import Conflict, Invalid
from engine.spiff.events import Boundary, FirstOf
from engine.spiff.handlers import EventSub
from engine.spiff.joins import Inclusive, Parallel
from engine.spiff.many import EACH
from engine.spiff.steps import Exclusive
from engine.spiff.tokens import COMPLETED, LIVE, STARTED, WAITING, CaseWorkflow, Scope, Token

SPLIT = ".BoundaryEventSplit"
_NO_PLACE = frozenset({"startEvent", "boundaryEvent"})


def standing(workflow: CaseWorkflow) -> list[Token]:
    """The tokens on which a repair can set to work: those on something drawn, outer ones first.

    Events that only listen beside the work are among them when they have failed.
    """
    return [
        token
        for token in workflow.alive()
        if token.element is not None and (token.failing or not _listens(token))
    ]


def failing(workflow: CaseWorkflow, element: str | None = None) -> list[Token]:
    """The tokens that stand at what has failed, all or those of an element."""
    found = [token for token in workflow.alive() if token.failing]
    if element is None:
        return found
    return [token for token in found if token.task_spec.whole(token).element.id == element]


def find(workflow: CaseWorkflow, element: str, token_id: int | None = None) -> Token:
    """The token on an element; of several the one that has failed, or the one around the others.

    Raises Conflict when there is none, or when it must be said which one.
    """
    found = [token for token in standing(workflow) if token.element.id == element]
    if token_id is not None:
        found = [token for token in found if token.id == token_id]
    failed = [token for token in found if token.failing]
    if len(failed) == 1:
        return failed[0]
    outer = [token for token in found if not token.workflow.spec.name.endswith(EACH)]
    found = failed or outer or found
    if not found:
        raise Conflict(
            "not_there",
            "The case does not stand at “{element}”.",
            where=element,
            remedy="Look at the case again: it has moved on, or the element has another id.",
            element=element,
        )
    if len(found) > 1:
        raise Conflict(
            "several_there",
            "The case stands at “{element}” {count} times.",
            where=element,
            remedy="Say which one: {tokens}.",
            element=element,
            count=len(found),
            tokens=", ".join(str(token.id) for token in found),
        )
    return found[0]


def choices(token: Token) -> list[str]:
    """The elements behind a gateway that takes one of several ways; empty for everything else."""
    spec = token.task_spec
    if isinstance(spec, (Exclusive, Inclusive, FirstOf)) and len(spec.outputs) > 1:
        return [output.name.removesuffix(SPLIT) for output in spec.outputs]
    return []


def pass_by(token: Token, to: str | None = None) -> None:
    """Let a token go on without doing its element; `to` is the element behind a gateway that it takes.

    What goes on inside the element is cancelled. An event beside the work no longer listens. A joining
    gateway takes the tokens that have arrived, and goes on without the others.
    """
    spec, scope = token.task_spec, token.workflow
    if _listens(token):
        token.cancel()
        scope.update_waiting_tasks()
        return
    ways = choices(token)
    if ways and to not in ways:
        raise Invalid(
            "way_unknown",
            "“{element}” has several arrows: say which one the case takes.",
            where=token.element.id,
            remedy="The arrows lead to: {ways}.",
            element=token.element.name or token.element.id,
            ways=", ".join(ways),
        )
    _forget_failure(token)
    if isinstance(spec, FirstOf) and ways:
        spec.decide(token, ways.index(str(to)))
        return
    if isinstance(spec, (Parallel, Inclusive)):
        spec.take_arrived(token)
    spec._on_cancel(token)
    token._state = COMPLETED
    for output in spec.outputs:
        if not ways or output.name.removesuffix(SPLIT) == to:
            token._add_child(output, TaskState.FUTURE)
    spec.go_on(token)


def move(token: Token, target: str) -> None:
    """Take a token off its element and put it on another one, of its own scope or another.

    What goes on inside its element is cancelled, and so is a sub-process in which nothing is left. A
    sub-process that is not running is entered. At a joining gateway it arrives by an arrow that has none.
    """
    scope = _place_for(token, target)
    _put(scope, target)
    left: Any = token.workflow
    _take_away(token)
    inside = {id(one) for one in _around(scope)}
    while isinstance(left, Scope) and id(left) not in inside and not _busy(left):
        host = left.parent_scope.tasks[left.parent_task_id]
        left = left.parent_scope
        _take_away(host)
    for one in {id(one): one for one in (*_around(left), *_around(scope))}.values():
        one.update_waiting_tasks()


def targets(token: Token) -> list[str]:
    """The elements on which this token can be put: those of its own process first, then its caller's."""
    found = []
    for scope in _around(token.workflow):
        elements = scope.spec.start.specs.model.elements
        found += [id for id in elements if id not in found and _may_stand(token, id)]
    return found


def missing(token: Token) -> list[str]:
    """The elements from which a joining gateway still waits for a token; empty for everything else."""
    spec = token.task_spec
    if not isinstance(spec, (Parallel, Inclusive)) or token._state != WAITING:
        return []
    here = _arrived(token)
    return [name.removesuffix(SPLIT) for name in spec.incoming if name not in here]


def _listens(token: Token) -> bool:
    return isinstance(token.task_spec, (Boundary, EventSub)) and token._state != STARTED


def _may_stand(token: Token, target: str) -> bool:
    try:
        _place_for(token, target, enter=False)
    except Invalid:
        return False
    return True


def _place_for(token: Token, target: str, *, enter: bool = True) -> Any:
    """The running scope in which an element is drawn, entered if need be; raises Invalid if it cannot be."""
    top: CaseWorkflow = token.workflow.top_workflow
    around = _around(token.workflow)
    _refuse_instance(token, target)
    for scope in around:
        spec = scope.spec.task_specs.get(target)
        if spec is not None and spec.element is not None:
            if spec.element.kind in _NO_PLACE or spec.listens:
                raise _no_place(target)
            return scope
    running = [
        one for one in top.scopes() if target in one.spec.task_specs and not one.spec.name.endswith(EACH)
    ]
    running = [one for one in running if not one.completed and _may_hold(one, target)]
    if len(running) == 1:
        return running[0]
    way = _way_into(around, target)
    if way is None:
        raise _no_place(target)
    scope, inner = way
    if enter:
        for name in inner:
            scope = _open(scope, name)
    return scope


def _may_hold(scope: Any, target: str) -> bool:
    spec = scope.spec.task_specs[target]
    return spec.element is not None and spec.element.kind not in _NO_PLACE and not spec.listens


def _way_into(around: list[Any], target: str) -> tuple[Any, list[str]] | None:
    """A running scope, and the sub-processes to be entered from there to an element."""
    for scope in around:
        specs = scope.spec.start.specs
        elements = specs.model.elements
        inner: list[str] = []
        element = elements.get(target)
        if element is None or element.kind in _NO_PLACE or element.triggered:
            continue
        while element is not None and element.scope in elements:
            host = elements[element.scope]
            if host.triggered or host.loop is not None:
                break  # What begins by an event, or is done several times, is entered as a whole.
            inner.insert(0, host.id)
            if host.id in scope.spec.task_specs:
                return scope, inner
            element = host
    return None


def _open(scope: Any, name: str) -> Scope:
    """Begin a sub-process without its start event."""
    host, beside = _set_on(scope, name)
    host._state = STARTED
    top: CaseWorkflow = scope.top_workflow
    inner = top.create_scope(host, host.task_spec.inner(host), host.task_spec.data_within(host, None))
    first = inner.tasks[min(inner.tasks)]
    first._state = COMPLETED
    beside += [Token(inner, spec, first, TaskState.FUTURE) for spec in first.task_spec.listeners]
    for token in beside:
        token.task_spec._update(token)
    return inner


def _put(scope: Any, target: str) -> None:
    token, beside = _set_on(scope, target)
    spec = token.task_spec
    if isinstance(spec, (Parallel, Inclusive)):
        here = _arrived(token)
        arrows = list(spec.incoming)
        token.internal_data["from"] = next((name for name in arrows if name not in here), arrows[0])
    for one in (token, *beside):
        one.task_spec._update(one)


def _set_on(scope: Any, name: str) -> tuple[Token, list[Token]]:
    """A new token on an element, and those on the events of its border; none of them has begun."""
    root, specs = scope.tasks[min(scope.tasks)], scope.spec.task_specs
    split = specs.get(name + SPLIT)
    if split is None:
        return Token(scope, specs[name], root, TaskState.FUTURE), []
    entry = Token(scope, split, root, COMPLETED)
    family = [Token(scope, output, entry, TaskState.FUTURE) for output in split.outputs]
    host = next(one for one in family if one.task_spec is specs[name])
    return host, [one for one in family if one is not host]


def _take_away(token: Token) -> None:
    """Cancel a token with all inside it, and the events on its border."""
    split = token.parent
    family = split.children if split is not None and split.task_spec.name.endswith(SPLIT) else [token]
    for one in family:
        if one._state & LIVE:
            one.cancel()


def _refuse_instance(token: Token, target: str) -> None:
    """One of several instances stays one of them: the activity as a whole counts on it."""
    for scope in _around(token.workflow):
        if target in scope.spec.task_specs:
            return
        if scope.spec.name.endswith(EACH):
            raise Invalid(
                "one_of_several",
                "“{element}” is one of several that are done for a list: it cannot be moved out alone.",
                where=token.element.id,
                remedy="Skip it, or move the activity as a whole.",
                element=token.element.name or token.element.id,
            )


def _no_place(target: str) -> Invalid:
    return Invalid(
        "no_place",
        "No token of this case can be put on “{element}”.",
        where=target,
        remedy="Choose a step, a gateway, an end or an event on an arrow; an activity that is done several "
        "times, or begins by an event, only as a whole.",
        element=target,
    )


def _forget_failure(token: Token) -> None:
    token.internal_data.pop("failed", None)
    token.internal_data.pop("next_try", None)


def _arrived(token: Token) -> set[str]:
    """The arrows of a joining gateway by which a token has arrived."""
    return {
        one.internal_data["from"]
        for one in token.workflow.tasks.values()
        if one.task_spec is token.task_spec and one._state == WAITING and "from" in one.internal_data
    }


def _busy(scope: Any) -> bool:
    return any(not token.listening for token in scope.live_tokens())


def _around(scope: Any) -> list[Any]:
    """A scope and those around it, the innermost first."""
    return list(_outwards(scope))


def _outwards(scope: Any) -> Iterator[Any]:
    yield scope
    while isinstance(scope, Scope):
        scope = scope.parent_scope
        yield scope
