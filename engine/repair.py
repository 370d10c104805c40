"""Repairing a case that cannot go on by itself: retry, change data, skip, move a token, cancel.

Everything here is done by somebody, for a reason, and leaves a line in the case's history; the reason
itself is kept in `repairs`, where it can be erased.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from engine.db import Transaction
from engine.errors import Conflict, Invalid
from engine.runtime import CaseRef, Engine, Run, advance, find_case, open_run
from engine.runtime.view import incidents
from engine.spiff import STARTED, Token, moves
from engine.spiff.many import EACH
from engine.tables import Repair
from engine.values import Value, from_json

LONGEST_REASON = 1_000
LONGEST_CODE = 200
"""Characters of a text that is still taken for a code."""


@dataclass(frozen=True)
class Place:
    """Where a token stands."""

    token: int
    element: str
    name: str
    kind: str
    process: str
    version_id: int
    failing: bool
    around: bool
    """Does it stand for a sub-process or call in which the case is busy?"""
    missing: tuple[str, ...]
    """Of a joining gateway: the elements from which no token has come."""
    ways: tuple[tuple[str, str, str], ...]
    """Of a gateway that takes one of several ways: (arrow, its name, the element behind it)."""

    def to_json(self) -> dict[str, Any]:
        return {
            "token": self.token,
            "element": self.element,
            "name": self.name,
            "kind": self.kind,
            "failing": self.failing,
            "missing": list(self.missing),
            "ways": [{"flow": flow, "name": name, "to": to} for flow, name, to in self.ways],
        }


@dataclass(frozen=True)
class Preview:
    """What a move would do, computed on a copy: where the case would no longer stand, and where it would."""

    case_id: int
    case_no: str
    revision: int
    cancelled: list[Place]
    opened: list[Place]

    def to_json(self) -> dict[str, Any]:
        return {
            "case": self.case_id,
            "case_no": self.case_no,
            "revision": self.revision,
            "cancelled": [place.to_json() for place in self.cancelled],
            "opened": [place.to_json() for place in self.opened],
        }


def places(engine: Engine, tx: Transaction, case: int | str) -> list[Place]:
    """Where a case stands, as far as it can be repaired there."""
    run = open_run(engine, tx, find_case(tx, case))
    return [_place(token) for token in moves.standing(run.workflow)]


def targets(engine: Engine, tx: Transaction, case: int | str, token_id: int) -> list[str]:
    """The elements on which a token can be put; none for a token that is gone."""
    run = open_run(engine, tx, find_case(tx, case))
    found = [token for token in moves.standing(run.workflow) if token.id == token_id]
    return moves.targets(found[0]) if found else []


def retry(
    engine: Engine,
    tx: Transaction,
    case: int | str,
    *,
    actor_id: int | None = None,
    element: str | None = None,
    reason: str = "",
) -> CaseRef:
    """Try what has failed again, now: everything, or one element. Raises Invalid when nothing has failed."""
    run = _open(engine, tx, case, actor_id)
    failing = moves.failing(run.workflow, element)
    undone = element is None and any(one.undone for one in incidents(tx, run.case_id))
    if not failing and not undone:
        raise Invalid(
            "nothing_failed",
            "Nothing has failed in case {case_no} that could be tried again.",
            where=run.case_no,
            remedy="Look at the case: what it waits for, somebody can do.",
            case_no=run.case_no,
        )
    _note(run, "retry", reason, element=element)

    def again() -> None:
        _try(run, failing)
        if undone:
            run.workflow.refresh()

    return advance(run, again)


def change(
    engine: Engine,
    tx: Transaction,
    case: int | str,
    values: Mapping[str, object],
    *,
    reason: str,
    actor_id: int | None = None,
    remove: Collection[str] = (),
    again: bool = False,
) -> CaseRef:
    """Give variables of a case other values, or take them away; `again` then tries what has failed.

    A called process that has set the variable itself gets the new value too. Raises Invalid for a
    value that may not be a variable: what people write belongs to the tables.
    """
    run = _open(engine, tx, case, actor_id)
    checked = _checked(run, values)
    unknown = sorted(name for name in remove if not any(name in data for data in _holders(run)))
    if unknown or not (checked or remove):
        raise Invalid(
            "nothing_to_change",
            "The case has no variable “{name}”." if unknown else "No variable was named.",
            where=run.case_no,
            remedy="Name the variables with their new values.",
            name=", ".join(unknown),
        )
    noted = {name: value for name, value in checked.items() if not isinstance(value, (str, dict, list))}
    names: list[Value] = [*sorted({*checked, *remove})]
    attrs: dict[str, Value] = {"names": names, "values": dict(noted)}
    _note(run, "set", _reason(reason), attrs=attrs)
    for name, value in checked.items():
        own = [data for data in _holders(run) if name in data]
        for data in own or [run.workflow.data]:
            data[name] = value
    for name in remove:
        for data in _holders(run):
            data.pop(name, None)
    failing = moves.failing(run.workflow) if again else []
    return advance(run, lambda: _try(run, failing))


def skip(
    engine: Engine,
    tx: Transaction,
    case: int | str,
    element: str,
    *,
    reason: str,
    actor_id: int | None = None,
    flow: str | None = None,
    token_id: int | None = None,
) -> CaseRef:
    """Let the case go on behind an element without doing it; a gateway needs the arrow to be taken."""
    run = _open(engine, tx, case, actor_id)
    token = moves.find(run.workflow, element, token_id)
    to = _behind(token, flow)
    _note(run, "skip", _reason(reason), element=element, target=flow, token=token)
    run.workflow.origin = token.id
    return advance(run, lambda: moves.pass_by(token, to))


def preview(
    engine: Engine,
    tx: Transaction,
    case: int | str,
    element: str,
    target: str,
    *,
    token_id: int | None = None,
) -> Preview:
    """What moving a token would cancel and open; nothing is kept, and nothing is done yet."""
    run = _open(engine, tx, case, None)
    token = moves.find(run.workflow, element, token_id)
    before = {one.id: _place(one) for one in run.workflow.alive() if one.element is not None}
    moves.move(token, target)
    after = {one.id: _place(one) for one in run.workflow.alive() if one.element is not None}
    return Preview(
        run.case_id,
        run.case_no,
        run.revision,
        [place for id, place in before.items() if id not in after],
        [place for id, place in after.items() if id not in before],
    )


def move(
    engine: Engine,
    tx: Transaction,
    case: int | str,
    element: str,
    target: str,
    *,
    reason: str,
    actor_id: int | None = None,
    token_id: int | None = None,
    revision: int | None = None,
) -> CaseRef:
    """Put the token of an element on another one; `revision` is that of the preview that was shown.

    Raises Conflict when the case has changed since the preview, Invalid when the token cannot stand there.
    """
    run = _open(engine, tx, case, actor_id)
    if revision is not None and revision != run.revision:
        raise Conflict(
            "case_changed",
            "The case has changed since the move was shown.",
            where=run.case_no,
            remedy="Look at the preview again.",
        )
    token = moves.find(run.workflow, element, token_id)
    _note(run, "move", _reason(reason), element=element, target=target, token=token)
    run.workflow.origin = token.id
    return advance(run, lambda: moves.move(token, target))


def cancel(
    engine: Engine, tx: Transaction, case: int | str, *, reason: str, actor_id: int | None = None
) -> CaseRef:
    """End a case as cancelled: its tasks are closed, and it waits for nothing. Other cases go on."""
    run = _open(engine, tx, case, actor_id)
    _note(run, "cancel", _reason(reason))
    run.workflow.cancel()
    run.status = "cancelled"
    return advance(run)


def _open(engine: Engine, tx: Transaction, case: int | str, actor_id: int | None) -> Run:
    run = open_run(engine, tx, find_case(tx, case), actor_id=actor_id)
    if run.status in {"completed", "cancelled"}:
        raise Conflict(
            "case_over",
            "Case {case_no} has ended; there is nothing to repair.",
            where=run.case_no,
            remedy="Start a new case.",
            case_no=run.case_no,
        )
    return run


def _try(run: Run, failing: list[Token]) -> None:
    for token in failing:
        if token.failing and token.live:  # An earlier one may have taken it away.
            run.workflow.origin = token.id
            token.try_again()


def _note(
    run: Run,
    kind: str,
    reason: str,
    *,
    element: str | None = None,
    target: str | None = None,
    token: Token | None = None,
    attrs: Mapping[str, Value] | None = None,
) -> None:
    """Keep who did what, and why: a line of history, and the reason where it can be erased."""
    row = Repair(
        case_id=run.case_id,
        kind=kind,
        element=element,
        target=target,
        reason=reason or None,
        actor_id=run.actor_id,
        created_at=run.tx.now,
    )
    run.tx.session.add(row)
    run.tx.session.flush()
    where = {"target": target} if target else {}
    event = "case.cancelled" if kind == "cancel" else "case.repaired"
    run.record(event, token, attrs={"repair": row.id, "kind": kind, **where, **(attrs or {})})


def _reason(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST_REASON:
        raise Invalid(
            "reason_missing",
            "Say why: the reason is kept with the repair."
            if not text
            else "The reason is longer than 1,000 characters.",
            where="reason",
            remedy="Write one sentence.",
        )
    from_json(text, where="reason")
    return text


def _checked(run: Run, values: Mapping[str, object]) -> dict[str, Value]:
    """The new values; texts only where a code or an id is meant."""
    known = run.model.names_used.union(
        *(run.engine.model(run.tx, version_id).names_used for version_id in run.kept.calls.values())
    )
    checked: dict[str, Value] = {}
    for name, given in values.items():
        value = from_json(given, where=name)
        if not name or len(name) > 100 or name != name.strip() or "$" in name:
            raise Invalid("name_refused", "“{name}” cannot be the name of a variable.", where=name, name=name)
        there = any(name in data for data in _holders(run))
        plain = not isinstance(value, (str, dict, list))
        short = not isinstance(value, str) or len(value) <= LONGEST_CODE
        if not (plain or (short and (there or name.endswith("_id") or name in known))):
            raise Invalid(
                "value_personal",
                "“{name}” cannot be set to a text: variables hold ids, codes, numbers and dates.",
                where=name,
                remedy="Names and free text belong to the records that the case is about.",
                name=name,
            )
        checked[name] = value
    return checked


def _holders(run: Run) -> list[Any]:
    """The variables of the case, and those that called processes have for themselves."""
    found: list[Any] = [run.workflow.data]
    for scope in run.workflow.scopes()[1:]:
        if scope.own_data and not scope.spec.name.endswith(EACH):
            found.append(scope.data.maps[0] if hasattr(scope.data, "maps") else scope.data)
    return found


def _behind(token: Token, flow: str | None) -> str | None:
    """The element to which the chosen arrow leads; raises Invalid for one that is not the token's."""
    ways = {id: to for id, _, to in _ways(token)}
    if not ways:
        return None
    if flow not in ways:
        raise Invalid(
            "way_unknown",
            "“{element}” has several arrows: say which one the case takes.",
            where=token.element.id,
            remedy="The arrows lead to: {ways}.",
            element=token.element.name or token.element.id,
            ways=", ".join(f"{to} ({id})" for id, to in ways.items()),
        )
    return ways[flow]


def _ways(token: Token) -> tuple[tuple[str, str, str], ...]:
    behind = moves.choices(token)
    flows = token.task_spec.specs.model.drawing.flows.values()
    return tuple(
        (flow.id, flow.name, flow.target)
        for flow in flows
        if behind and flow.source == token.element.id and flow.target in behind
    )


def _place(token: Token) -> Place:
    element, model = token.element, token.task_spec.specs.model
    return Place(
        token=token.id,
        element=element.id,
        name=element.name or element.id,
        kind=element.kind,
        process=model.process,
        version_id=model.version_id,
        failing=token.failing,
        around=token._state == STARTED and not token.failing,
        missing=tuple(moves.missing(token)),
        ways=_ways(token),
    )
