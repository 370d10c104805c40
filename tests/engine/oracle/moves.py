"""What can move by itself in a case, one small move at a time, and what each move does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from tests.engine.oracle.case import Case, Running, Token, holds
from tests.engine.oracle.diagram import Arrow, Node
from tests.engine.oracle.events import (
    Wait,
    arm,
    asked,
    begin_once,
    finish,
    happen,
    hear,
    is_over,
    leave,
    listeners,
    orders,
    waiting,
)
from tests.engine.oracle.joins import is_join, ready_joins, taken_by_join
from tests.engine.oracle.routes import route


class Uncaught(Exception):
    """Nothing catches the error that this element throws."""

    def __init__(self, element: str) -> None:
        super().__init__(element)
        self.element = element


class Move(NamedTuple):
    """`kind` of what happens to the token, instance or scope of that number; `name` an element.

    `variant` numbers the ways in which it can happen. An `ordered` one may end differently when
    another move comes first.
    """

    kind: str
    number: int
    name: str = ""
    variant: int = 0
    ordered: bool = False


def moves(case: Case, free: bool = False) -> list[Move]:
    """What can happen now; `free`: gateways go any way, whatever the variables are."""
    found: list[Move] = []
    if not case.root.tokens:
        return found
    for scope in case.scopes():
        found += [
            Move("join", scope.number, name, variant, scope.diagram.nodes[name].kind == "or")
            for name in ready_joins(scope)
            for variant in range(_ways(scope.diagram.nodes[name], scope, free))
        ]
        for token in scope.tokens:
            found += _moves_of(case, token, free)
    due = []
    for wait in waiting(case):
        if wait.trigger.kind == "condition":
            found += _condition(wait)
        elif 0 <= wait.due <= case.hour:
            due.append(wait)
    first = min((wait.due for wait in due), default=-1)
    if first == case.moment or not found:
        # A clock that is late lets happen first what was due first, with all that comes of it.
        found += [Move("timer", wait.number, wait.element, ordered=True) for wait in due if wait.due == first]
    return found


def _condition(wait: Wait) -> Iterator[Move]:
    if not wait.held and holds(asked(wait.trigger), wait.scope):
        yield Move("condition", wait.number, wait.element, ordered=True)


def forget_held(case: Case) -> None:
    """A condition that is false may become true again."""
    for scope in case.scopes():
        for name, armed in scope.armed.items():
            handler = scope.diagram.handler(name)
            if armed.held and handler is not None and not holds(asked(handler.trigger), scope):
                armed.held = False
        for token in scope.tokens:
            for border in token.node.borders if token.armed and token.node else ():
                one = token.armed.get(border.id)
                if one is not None and one.held and not holds(asked(border.trigger), scope):
                    one.held = False


def _moves_of(case: Case, token: Token, free: bool) -> Iterator[Move]:
    scope = token.scope
    if token.arrow is not None:
        target = scope.diagram.nodes[token.arrow.target]
        if not is_join(scope.diagram, target):
            ordered, variants = _is_ordered(target), _ways(target, scope, free)
            if target.trigger is not None and target.trigger.kind == "signal" and target.kind in _THROWING:
                variants = len(orders(listeners(case, "signal", target.trigger.name)))
            for variant in range(variants):
                yield Move("arrive", token.number, target.id, variant, ordered)
    elif token.fired:
        yield Move("pass", token.number, token.element)
    for once in token.runs if token.arrow is None else ():
        if once.inside is not None and not once.inside.tokens:
            yield Move("over", once.number, token.element, ordered=_may_end_others(token.node))
        elif token.node is not None and token.node.kind == "service":
            fails = token.node.fails
            yield Move(
                "serve", once.number, token.element,
                ordered=(fails is not None and holds(fails, scope, once)) or _may_end_others(token.node),
            )  # fmt: skip


_THROWING = ("throw", "end")


def _is_ordered(node: Node) -> bool:
    thrown = node.kind in _THROWING and node.trigger is not None
    return thrown and node.trigger is not None and node.trigger.kind not in ("link", "message")


def _may_end_others(node: Node | None) -> bool:
    """Its end may end other instances, or hands variables over."""
    if node is None:
        return False
    return node.kind == "call" or (node.repeat is not None and node.repeat.kind == "parallel")


def _ways(node: Node, scope: Running, free: bool) -> int:
    """In how many ways a gateway may go on."""
    leaving = len(scope.diagram.leaving(node.id))
    if not free or leaving < 2:
        return 1
    if node.kind == "xor":
        return leaving
    return len(_subsets(scope, node)) if node.kind == "or" else 1


def _subsets(scope: Running, node: Node) -> list[list[Arrow]]:
    """The ways by which an inclusive gateway may go on at once."""
    arrows = scope.diagram.leaving(node.id)
    default = [arrow for arrow in arrows if arrow.default]
    others = [arrow for arrow in arrows if not arrow.default]
    several = [list(some) for size in range(1, len(others) + 1) for some in combinations(others, size)]
    return [default, *several] if default else several


# --- What a move does -----------------------------------------------------------------------------


def make(case: Case, move: Move, free: bool = False) -> None:
    """Make a move; raises Uncaught."""
    match move.kind:
        case "join":
            scope = case.scope(move.number)
            for token in taken_by_join(scope, move.name):
                scope.tokens.remove(token)
            _pass_gateway(case, scope, scope.diagram.nodes[move.name], move.variant, free)
        case "arrive":
            token = case.token(move.number)
            _arrive(case, token, token.scope.diagram.nodes[move.name], move.variant, free)
        case "pass":
            _pass(case, case.token(move.number))
        case "over":
            once = case.once(move.number)
            if once.inside is not None and once.inside.data and once.token.node is not None:
                # A called process gives back what it has set (see docs/bpmn.md, "Calls").
                _give_back(once.inside)
            finish(case, once)
        case "serve":
            _serve(case, move.number)
        case "timer":
            case.moment = next(
                wait.due for wait in waiting(case) if wait.listener == (move.number, move.name)
            )
            happen(case, move.number, move.name)
        case "condition":
            happen(case, move.number, move.name)


def _arrive(case: Case, token: Token, node: Node, variant: int, free: bool) -> None:
    """A token comes to an element that is no join."""
    scope = token.scope
    if node.is_activity:
        _begin(case, token, node)
    elif node.kind == "first" or (node.kind == "catch" and node.trigger and node.trigger.kind != "link"):
        token.arrow, token.element = None, node.id
        if node.kind == "first":
            behind = [scope.diagram.nodes[arrow.target] for arrow in scope.diagram.leaving(node.id)]
            token.dues = {
                one.id: case.hour + one.trigger.hours
                for one in behind
                if one.trigger is not None and one.trigger.kind == "timer"
            }
        elif node.trigger is not None and node.trigger.kind == "timer":
            token.due = case.hour + node.trigger.hours
    elif node.kind in _THROWING:
        _throw(case, token, node, variant)
    else:
        scope.tokens.remove(token)
        _pass_gateway(case, scope, node, variant, free)


def _pass_gateway(case: Case, scope: Running, node: Node, variant: int, free: bool) -> None:
    case.passed[node.id] += 1
    for arrow in _chosen(scope, node, variant if free else None):
        scope.tokens.append(Token(case.next(), scope, arrow))


def _chosen(scope: Running, node: Node, variant: int | None) -> list[Arrow]:
    """The ways that a gateway takes (13.4.1 to 13.4.3)."""
    arrows = scope.diagram.leaving(node.id)
    if node.kind not in ("xor", "or") or len(arrows) < 2:
        return arrows
    default = [arrow for arrow in arrows if arrow.default]
    others = [arrow for arrow in arrows if not arrow.default]
    if variant is not None:
        if node.kind == "xor":
            return [arrows[variant]]
        return _subsets(scope, node)[variant]
    true = [arrow for arrow in others if arrow.condition is not None and holds(arrow.condition, scope)]
    return (true[:1] if node.kind == "xor" else true) or default


def _begin(case: Case, token: Token, node: Node) -> None:
    """A token enters an activity: its boundary events wait from now on."""
    token.arrow, token.element = None, node.id
    token.armed = {border.id: arm(case, border.trigger) for border in node.borders}
    repeat = node.repeat
    if repeat is None:
        begin_once(case, token)
        return
    nothing = repeat.kind == "standard" and repeat.before and is_over(token)
    if repeat.count == 0 or nothing:
        token.fired = True
        return
    for _ in range(repeat.count if repeat.kind == "parallel" else 1):
        begin_once(case, token)


def _pass(case: Case, token: Token) -> None:
    """What it waited for has happened: it goes on."""
    scope, element = token.scope, token.element
    if token.won:
        case.passed[element] += 1
        token.element, token.won, token.dues = token.won, "", {}
        return
    node = token.node
    if node is None or not node.is_activity or (node.kind == "receive" and node.repeat is None):
        case.passed[element] += 1
    scope.tokens.remove(token)
    leave(case, scope, element)


def _throw(case: Case, token: Token, node: Node, variant: int) -> None:
    """An intermediate throw event or an end event (13.5.5, 13.5.6)."""
    scope, trigger = token.scope, node.trigger
    case.passed[node.id] += 1
    # The thrower stands where it throws: an arrow would count as one that still comes.
    token.arrow, token.element = None, node.id
    match trigger.kind if trigger is not None else "":
        case "terminate":
            scope.tokens.clear()
            scope.armed.clear()
        case "error":
            assert trigger is not None
            if not route(case, "error", trigger.name, scope):
                raise Uncaught(node.id)
        case "escalation":
            assert trigger is not None
            route(case, "escalation", trigger.name, scope)
        case "signal":
            assert trigger is not None
            hear(case, orders(listeners(case, "signal", trigger.name))[variant])
    if any(one is token for one in case.tokens()):
        scope.tokens.remove(token)
        leave(case, scope, node.id)


def _serve(case: Case, number: int) -> None:
    once = case.once(number)
    node = once.token.node
    assert node is not None
    if node.fails is None or not holds(node.fails, once.token.scope, once):
        finish(case, once)
        return
    # A service that has failed was passed, too: the engine's history says where the error came from.
    case.passed[node.id] += 1
    if not route(case, "error", node.code, once.token.scope, once):
        raise Uncaught(node.id)


def _give_back(called: Running) -> None:
    host = called.host
    assert host is not None and called.data is not None
    scope, values = host.token.scope, called.data
    if host.data is not None:
        host.data.update(values)
        return
    while scope.data is None:
        assert scope.host is not None
        if scope.host.data is not None:
            scope.host.data.update(values)
            return
        scope = scope.host.token.scope
    scope.data.update(values)
