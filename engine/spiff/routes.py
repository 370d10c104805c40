"""Where an error or an escalation goes: from the activity outwards, to the first that catches it."""

from __future__ import annotations

from typing import Any

from engine.spiff.tokens import WAITING, Scope, Token, failed


def throw_error(token: Token, code: str | None, message: str = "") -> None:
    """Send an error outwards; raises StepFailed when nothing catches it."""
    if not route(token, "error", code):
        raise failed(
            token,
            "nothing catches the error “{code}” ({message})"
            if message
            else "nothing catches the error “{code}”",
            "Draw an error boundary event of that code on the step itself or on the sub-process around it.",
            kind="error",
            code=code or "",
            message=message,
        )


def route(token: Token, kind: str, code: str | None) -> bool:
    """Give it to the innermost event that catches it; returns whether there was one.

    Asked are the border of the token's own activity, the event sub-processes around it, the border
    of the sub-process or call it lies in, and so on outwards.
    """
    if _fire(on_border(token), kind, code):
        return True
    scope, came_from = token.workflow, token.task_spec
    while True:
        # What is thrown inside an event sub-process is not for itself.
        inside = [
            one for one in scope.tasks.values() if one.task_spec.listens and one.task_spec is not came_from
        ]
        if _fire(inside, kind, code):
            return True
        if not isinstance(scope, Scope):
            return False
        host = scope.parent_scope.tasks[scope.parent_task_id]
        host = host.task_spec.whole(host)
        if _fire(on_border(host), kind, code):
            return True
        scope, came_from = host.workflow, host.task_spec


def on_border(host: Token) -> list[Token]:
    """The events on the border of an activity."""
    split = host.parent
    if split is None or not split.task_spec.name.endswith(".BoundaryEventSplit"):
        return []
    return [token for token in split.children if token is not host]


def _fire(listening: list[Token], kind: str, code: str | None) -> bool:
    caught = [token for token in listening if _catches(token, kind, code)]
    if not caught:
        return False
    # One that names the code comes before one that takes all.
    token = max(caught, key=lambda one: one.task_spec.event_definition.code is not None)
    token.task_spec.fire(token)
    return True


def _catches(token: Token, kind: str, code: str | None) -> bool:
    definition: Any = getattr(token.task_spec, "event_definition", None)
    if token._state != WAITING or getattr(definition, "routed", None) != kind:
        return False
    return definition.code in (None, code)
