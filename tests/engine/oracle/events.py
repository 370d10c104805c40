"""Events that wait beside an activity or in a scope: armed, fired, armed again (BPMN 2.0.2, 13.5)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

from tests.engine.oracle.case import Armed, Case, Once, Running, Token, assign, holds
from tests.engine.oracle.diagram import Border, Condition, Handler, Trigger, Value

Listener = tuple[int, str]
"""(number of a token, instance or scope; id of the element, boundary event or event sub-process)."""


class Wait(NamedTuple):
    """Something waits for an event; `held` as in Armed, `due` -1 where it is no timer."""

    number: int
    element: str
    trigger: Trigger
    scope: Running
    due: int = -1
    held: bool = False

    @property
    def listener(self) -> Listener:
        return self.number, self.element


def begin_scope(case: Case, running: Running, start: str | None = None) -> None:
    """Arm its event sub-processes, and put a token on its start event."""
    for handler in running.diagram.handlers:
        running.armed[handler.id] = arm(case, handler.trigger)
    chosen = start or running.diagram.starts()[0].id
    token = Token(case.next(), running, element=chosen)
    token.fired = True
    running.tokens.append(token)


def arm(case: Case, trigger: Trigger) -> Armed:
    if trigger.kind == "timer":
        return Armed(case.hour + trigger.hours, trigger.runs or 1)
    return Armed()


def asked(trigger: Trigger) -> Condition:
    """The condition of a conditional event."""
    return Condition(trigger.name, True)


# --- Firing ---------------------------------------------------------------------------------------


def fire_border(case: Case, token: Token, border: Border) -> None:
    """A boundary event happens: it ends the activity, or a token sets out beside it."""
    scope = token.scope
    if border.interrupting:
        scope.tokens.remove(token)
        follower = Token(case.next(), scope, element=border.id)
        follower.fired = True
        scope.tokens.append(follower)
        return
    case.passed[border.id] += 1
    _arm_again(case, token.armed, border.id, border.trigger)
    leave(case, scope, border.id)


def fire_handler(case: Case, scope: Running, handler: Handler) -> None:
    """An event sub-process begins: it ends everything else in the scope, or runs beside it."""
    if handler.interrupting:
        scope.tokens.clear()
        scope.armed.clear()
    else:
        _arm_again(case, scope.armed, handler.id, handler.trigger)
    token = Token(case.next(), scope, element=handler.id)
    once = Once(case.next(), token, None)
    once.inside = Running(case.next(), handler.inner, once, None)
    token.runs.append(once)
    scope.tokens.append(token)
    begin_scope(case, once.inside)


def leave(case: Case, scope: Running, element: str) -> None:
    """A token on each arrow that leaves the element."""
    for arrow in scope.diagram.leaving(element):
        scope.tokens.append(Token(case.next(), scope, arrow))


def _arm_again(case: Case, waiting: dict[str, Armed], name: str, trigger: Trigger) -> None:
    armed = waiting[name]
    armed.held = trigger.kind == "condition"
    if trigger.kind != "timer":
        return
    if not trigger.runs:
        del waiting[name]
        return
    # The runs that were missed count as one.
    while armed.due <= case.hour and armed.runs != 0:
        armed.due += trigger.hours
        armed.runs -= armed.runs > 0
    if armed.runs == 0:
        del waiting[name]


# --- Listening ------------------------------------------------------------------------------------


def listeners(case: Case, kind: str, name: str) -> list[Listener]:
    """Everything that waits for this message or signal."""
    return [
        wait.listener for wait in waiting(case) if wait.trigger.kind == kind and wait.trigger.name == name
    ]


def waiting(case: Case) -> Iterator[Wait]:
    """Everything that waits for an event."""
    for scope in case.scopes():
        for name, armed in scope.armed.items():
            handler = scope.diagram.handler(name)
            assert handler is not None
            yield Wait(scope.number, name, handler.trigger, scope, armed.due, armed.held)
        for token in scope.tokens:
            if token.arrow is None:
                yield from _waits_at(token)


def _waits_at(token: Token) -> Iterator[Wait]:
    node, scope = token.node, token.scope
    if node is None:
        return
    # An activity that is over has its boundary events until it is left.
    if token.fired:
        pass
    elif node.kind == "first":
        for arrow in scope.diagram.leaving(node.id):
            trigger = scope.diagram.nodes[arrow.target].trigger
            assert trigger is not None
            yield Wait(token.number, arrow.target, trigger, scope, token.dues.get(arrow.target, -1))
    elif node.kind == "catch" and node.trigger is not None:
        yield Wait(token.number, node.id, node.trigger, scope, token.due)
    elif node.kind == "receive" and node.trigger is not None:
        for once in token.runs:
            yield Wait(once.number, node.id, node.trigger, scope)
    for border in node.borders:
        if border.id in token.armed:
            armed = token.armed[border.id]
            yield Wait(token.number, border.id, border.trigger, scope, armed.due, armed.held)


def hear(case: Case, heard: list[Listener]) -> None:
    """A signal reaches everybody who listened when it was thrown, unless somebody before took him away."""
    for listener in heard:
        if any(wait.listener == listener for wait in waiting(case)):
            happen(case, *listener)


def orders(heard: list[Listener]) -> list[list[Listener]]:
    """In which order those who hear a signal may act; the standard says none."""
    if len(heard) <= 3:
        return [list(one) for one in permutations(heard)]
    return [heard, heard[::-1]]


def happen(case: Case, number: int, element: str, payload: dict[str, Value] | None = None) -> None:
    """What is waited for there has happened: a message, a signal, a time, a condition."""
    for scope in case.scopes():
        handler = scope.diagram.handler(element)
        if scope.number == number and handler is not None:
            assign(payload or {}, scope)
            fire_handler(case, scope, handler)
            return
        for token in scope.tokens:
            if token.number == number:
                assign(payload or {}, scope)
                _happen_at(case, token, element)
                return
            for once in token.runs:
                if once.number == number:
                    assign(payload or {}, scope, once)
                    finish(case, once)
                    return
    raise AssertionError(f"nobody waits at {element}")


def _happen_at(case: Case, token: Token, element: str) -> None:
    node = token.node
    assert node is not None
    for border in node.borders:
        if border.id == element:
            fire_border(case, token, border)
            return
    token.fired = True
    if node.kind == "first":
        token.won = element


# --- The end of one instance ----------------------------------------------------------------------


def finish(case: Case, once: Once) -> None:
    """One instance of an activity is completed: go on, begin the next one, or be done (13.3.6, 13.3.7)."""
    token = once.token
    scope, node = token.scope, token.node
    case.passed[token.element] += 1
    token.runs.remove(once)
    if node is None:
        scope.tokens.remove(token)
        return
    if node.repeat is None:
        scope.tokens.remove(token)
        leave(case, scope, node.id)
        return
    token.done += 1
    if once.data is not None:
        assign({name: value for name, value in once.data.items() if name != "loopCounter"}, scope)
    if is_over(token):
        token.runs.clear()
        token.fired = True
    elif node.repeat.kind != "parallel":
        begin_once(case, token)


def is_over(token: Token) -> bool:
    """Has the loop marker's activity been done often enough?"""
    node = token.node
    assert node is not None and node.repeat is not None
    repeat = node.repeat
    if token.done >= repeat.count:
        return True
    if repeat.kind == "standard":
        return repeat.until is not None and not holds(repeat.until, token.scope)
    enough = repeat.done > 0 and token.done >= repeat.done
    return enough or (repeat.until is not None and holds(repeat.until, token.scope))


def begin_once(case: Case, token: Token) -> None:
    """One more instance of the activity."""
    node = token.node
    assert node is not None
    token.begun += 1
    numbered = node.repeat is not None and node.repeat.kind != "standard"
    once = Once(case.next(), token, {"loopCounter": token.begun} if numbered else None)
    token.runs.append(once)
    if node.inner is not None:
        once.inside = Running(case.next(), node.inner, once, {} if node.kind == "call" else None)
        begin_scope(case, once.inside)
