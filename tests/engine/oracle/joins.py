"""When a gateway with several incoming arrows may act: BPMN 2.0.2, 13.4.1 and 13.4.3."""

from __future__ import annotations

from tests.engine.oracle.case import Running, Token
from tests.engine.oracle.diagram import Arrow, Diagram, Node


def ready_joins(scope: Running) -> list[str]:
    """The parallel and inclusive joins of a scope that may act now."""
    arrived: dict[str, set[int]] = {}
    for token in scope.tokens:
        if token.arrow is not None and is_join(scope.diagram, scope.diagram.nodes[token.arrow.target]):
            arrived.setdefault(token.arrow.target, set()).add(token.arrow.number)
    return [element for element, filled in arrived.items() if _may_act(scope, element, filled)]


def is_join(diagram: Diagram, node: Node) -> bool:
    return node.kind in ("and", "or") and len(diagram.entering(node.id)) > 1


def taken_by_join(scope: Running, element: str) -> list[Token]:
    """The tokens that it consumes: one from each arrow that has one; further ones stay."""
    taken: dict[int, Token] = {}
    for token in scope.tokens:
        if token.arrow is not None and token.arrow.target == element:
            taken.setdefault(token.arrow.number, token)
    return list(taken.values())


def _may_act(scope: Running, element: str, filled: set[int]) -> bool:
    """Parallel: a token on each incoming arrow. Inclusive: no token elsewhere can still come.

    A token f can still come when a path of arrows leads from it, not through the gateway, to an
    incoming arrow without a token, and none to an incoming arrow with one (13.4.3).
    """
    diagram = scope.diagram
    incoming = {arrow.number for arrow in diagram.entering(element)}
    if diagram.nodes[element].kind == "and":
        return filled == incoming
    empty = incoming - filled
    if not empty:
        return True
    for token in scope.tokens:
        for arrows in _positions(diagram, token):
            reached = _reached(diagram, arrows, element)
            if reached & empty and not reached & filled:
                return False
    return True


def _positions(diagram: Diagram, token: Token) -> list[list[Arrow]]:
    """The first arrows of the paths from a token.

    The standard speaks of tokens on arrows only. One inside an activity goes on by the arrows that
    leave it; a boundary event that waits there is looked at as a token of its own, as it can bring one.
    """
    if token.arrow is not None:
        return [[token.arrow]]
    return [diagram.leaving(token.won or token.element), *map(diagram.leaving, token.armed)]


def _reached(diagram: Diagram, begin: list[Arrow], gateway: str) -> set[int]:
    """The arrows into the gateway to which a path leads without passing it."""
    todo = list(begin)
    seen: set[int] = set()
    found: set[int] = set()
    while todo:
        arrow = todo.pop()
        if arrow.number in seen:
            continue
        seen.add(arrow.number)
        if arrow.target == gateway:
            found.add(arrow.number)
            continue
        todo += diagram.leaving(arrow.target)
        for border in diagram.nodes[arrow.target].borders:
            todo += diagram.leaving(border.id)
    return found
