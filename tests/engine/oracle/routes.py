"""Where an error or escalation goes: outwards to the innermost that catches it (BPMN 2.0.2, 10.5.1, 13.5)."""

from __future__ import annotations

from typing import TypeVar

from tests.engine.oracle.case import Case, Once, Running, Token
from tests.engine.oracle.diagram import Trigger
from tests.engine.oracle.events import fire_border, fire_handler

Catching = TypeVar("Catching")


def route(case: Case, kind: str, code: str, scope: Running, failing: Once | None = None) -> bool:
    """Give it to whoever catches it; returns whether anybody did.

    `failing` is the service that raises it, else it is thrown in `scope`.
    """
    if failing is not None and _at_border(case, failing.token, kind, code):
        return True
    came_from = ""
    while True:
        if _in_scope(case, scope, kind, code, came_from):
            return True
        if scope.host is None:
            return False
        token = scope.host.token
        if _at_border(case, token, kind, code):
            return True
        came_from, scope = token.element, token.scope


def _at_border(case: Case, token: Token, kind: str, code: str) -> bool:
    node = token.node
    borders = [border for border in (node.borders if node else ()) if border.id in token.armed]
    found = _best([(border.trigger, border) for border in borders], kind, code)
    if found is not None:
        fire_border(case, token, found)
    return found is not None


def _in_scope(case: Case, scope: Running, kind: str, code: str, came_from: str) -> bool:
    """An event sub-process of the scope; what one throws itself is not for itself."""
    handlers = [scope.diagram.handler(name) for name in scope.armed if name != came_from]
    found = _best([(one.trigger, one) for one in handlers if one is not None], kind, code)
    if found is not None:
        fire_handler(case, scope, found)
    return found is not None


def _best(catching: list[tuple[Trigger, Catching]], kind: str, code: str) -> Catching | None:
    """The one that names the code, else one that takes every code."""
    fitting = [one for one in catching if one[0].kind == kind and one[0].name in ("", code)]
    fitting.sort(key=lambda one: one[0].name == "")
    return fitting[0][1] if fitting else None
