"""What a case waits for, and the keys by which messages find it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from engine import feel
from engine.errors import StepFailed
from engine.spiff import WAITING, CaseWorkflow, Token
from engine.spiff.tokens import ARRIVING, failed

DECLARED_KEY = "correlation_key"
"""The key by which a declared correlation key can always be given, whatever its expression."""

KEY_LENGTH = 100
"""How many characters a key or its value may have."""


class Waited(NamedTuple):
    """Something that a token waits for."""

    token: int
    element: str
    kind: str
    """`message`, `signal`, `timer` or `condition`."""
    name: str | None
    due: datetime | None
    key: tuple[str, str] | None = None
    """The declared correlation key of a message: its name and its value."""


def wait_rows(waits: list[Waited]) -> list[dict[str, Any]]:
    """The messages and signals among them, as the table of waits holds them."""
    return [
        {
            "token": str(wait.token),
            "element": wait.element,
            "name": wait.name,
            "kind": wait.kind,
            "key_name": wait.key[0] if wait.key else None,
            "key_value": wait.key[1] if wait.key else None,
        }
        for wait in waits
        if wait.kind in ("message", "signal")
    ]


def waits_of(workflow: CaseWorkflow, *, arriving: bool = False) -> list[Waited]:
    """Everything that is waited for; `arriving`: whoever has just come gets its declared key now."""
    waits = []
    for token in workflow.alive():
        if token._state == WAITING and not token.task_spec.asked_again:
            try:
                waits += list(_waits_at(token, arriving))
            except StepFailed as failure:
                workflow.stand(token, failure, ARRIVING)
    return waits


def _waits_at(token: Token, arriving: bool) -> Iterator[Waited]:
    for kind, name, due, element in token.task_spec.waits_for(token):
        key = _declared_key(token, element, arriving) if kind == "message" else None
        yield Waited(token.id, element, kind, name, due, key)


def _declared_key(token: Token, element_id: str, arriving: bool) -> tuple[str, str] | None:
    """The correlation key that the drawing declares, with its value when the token came here."""
    element = token.task_spec.specs.model.elements.get(element_id)
    if element is None or element.correlation is None:
        return None
    kept = token.internal_data.get("keys", {})
    if element_id not in kept:
        if not arriving:
            return None
        value = token.workflow.top_workflow.performer.evaluate(token, element.correlation)
        declared = declared_key(element.correlation, value)
        if declared is None:
            raise failed(
                token,
                "the correlation key “{text}” of “{message}” gives no id",
                "Set its variables before the case waits for the message.",
                kind="correlation",
                text=element.correlation,
                message=element.message,
            )
        token.internal_data["keys"] = kept = {**kept, element_id: declared[1]}
    return declared_key(element.correlation, kept[element_id])


def declared_key(expression: str | None, value: Any) -> tuple[str, str] | None:
    """Name and value of a declared correlation key; None where the value is no id."""
    is_id = isinstance(value, (str, int, Decimal)) and not isinstance(value, bool)
    if expression is None or not is_id or not 0 < len(str(value)) <= KEY_LENGTH:
        return None
    name = str(feel.compile_expression(expression))
    return (name if name.isidentifier() and len(name) <= KEY_LENGTH else DECLARED_KEY), str(value)


def keys_of(workflow: CaseWorkflow) -> set[tuple[str, str]]:
    """The variables by which messages find a case: its own, and those that scopes in it have set."""
    return {
        (name[:KEY_LENGTH], str(value)[:KEY_LENGTH])
        for scope in workflow.scopes()
        for name, value in scope.data.items()
        if name.endswith("_id") and isinstance(value, (int, str)) and not isinstance(value, bool)
    }
