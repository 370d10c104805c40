"""Commands about cases and tasks: start, tasks, claim, complete, send, case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select

from engine import inbox, messages, people, tables
from engine.db import Transaction
from engine.errors import NotFound
from engine.inbox import TaskRow
from engine.runtime import CaseView, case_view
from engine.runtime import start as start_case
from engine.runtime.view import incidents, visited
from engine.values import to_json
from web.cli import words
from web.cli.desk import Answer, Desk
from web.cli.options import INSTANT, JSON_OBJECT, NUMBER, PAIR, json_option, now_option

EVERY_TASK = 1_000_000


@click.command()
@click.argument("process")
@click.option("--data", type=JSON_OBJECT, default=None, help="The first variables of the case.")
@now_option
@json_option
@click.pass_obj
def start(desk: Desk, process: str, data: Mapping[str, Any] | None, now: datetime | None) -> Answer:
    """Start a case of PROCESS."""
    with desk.writing(desk.instant(now)) as tx:
        ref = start_case(desk.engine, tx, process, data or {})
        return _case(desk, case_view(desk.engine, tx, ref.case_id))


@click.command()
@click.option("--role", help="Only tasks of this role.")
@click.option("--person", help="Only tasks that this person may take, or has taken.")
@json_option
@click.pass_obj
def tasks(desk: Desk, role: str | None, person: str | None) -> Answer:
    """List the open tasks, the most urgent first."""
    with desk.reading() as tx:
        who = people.by_key(tx, person) if person else None
        roles = {role} if role else (who.roles if who else None)
        rows = inbox.tasks(tx, roles=roles, person_id=who.id if who else None, limit=EVERY_TASK)
        return _tasks(desk, tx, rows)


@click.command()
@click.argument("task", type=NUMBER)
@click.option("--as", "person", required=True, metavar="PERSON", help="Who takes it.")
@click.option("--now", type=INSTANT, help="When; default: the real clock.")
@json_option
@click.pass_obj
def claim(desk: Desk, task: int, person: str, now: datetime | None) -> Answer:
    """Take TASK, so that nobody else works on it."""
    with desk.writing(desk.instant(now)) as tx:
        row = inbox.claim(desk.engine, tx, task, people.by_key(tx, person))
        shape = _shapes(desk, tx, [row])[0]
        return Answer(shape, lambda: f"“{row.name}” of case {row.case_no} is now in the hands of {person}.")


@click.command()
@click.argument("task", type=NUMBER)
@click.option("--data", type=JSON_OBJECT, required=True, help="The answers to its form.")
@click.option("--as", "person", metavar="PERSON", help="Who does it; default: nobody in particular.")
@now_option
@json_option
@click.pass_obj
def complete(
    desk: Desk, task: int, data: Mapping[str, Any], person: str | None, now: datetime | None
) -> Answer:
    """Complete TASK; its case moves on at once."""
    with desk.writing(desk.instant(now)) as tx:
        who = people.by_key(tx, person) if person else None
        ref = inbox.complete(desk.engine, tx, task, data, who)
        return _case(desk, case_view(desk.engine, tx, ref.case_id))


@click.command()
@click.argument("message")
@click.option("--key", "keys", type=PAIR, multiple=True, help="Finds the case: case_no=..., lead_id=...")
@click.option("--payload", type=JSON_OBJECT, default=None, help="What the message carries.")
@now_option
@json_option
@click.pass_obj
def send(
    desk: Desk,
    message: str,
    keys: Iterable[tuple[str, str]],
    payload: Mapping[str, Any] | None,
    now: datetime | None,
) -> Answer:
    """Send MESSAGE to the case that waits for it, or start the case that it begins."""
    with desk.writing(desk.instant(now)) as tx:
        moved = messages.send(desk.engine, tx, message, dict(keys), payload or {})
        if not moved:
            return Answer(
                NO_CASE, lambda: f"No case waits for “{message}” now; it is kept for one that will."
            )
        return _case(desk, case_view(desk.engine, tx, moved[0].case_id))


NO_CASE: Mapping[str, object] = {
    "case": None,
    "case_no": None,
    "process": None,
    "version": None,
    "status": None,
    "open_tasks": [],
    "waiting": [],
    "data": {},
}
"""What `send` answers when the message is kept for later."""


@click.command()
@click.argument("case")
@json_option
@click.pass_obj
def case(desk: Desk, case: str) -> Answer:
    """Show CASE, given by its number or id: where it stands, and what has happened."""
    with desk.reading() as tx:
        view = case_view(desk.engine, tx, _known(case))
        open_incidents = [
            {
                "element": each.element,
                "reason": each.reason,
                "since": words.iso(each.since),
                "attempts": each.attempts,
            }
            for each in incidents(tx, view.case_id)
        ]
        events = _events(tx, view.case_id)
        shape = {
            **view.to_json(),
            "incidents": open_incidents,
            "visited": visited(tx, view.case_id),
            "events": events,
        }
    return Answer(shape, lambda: f"{case_text(desk, view, open_incidents)}\n\n{_history(desk, events)}")


def _known(case: str) -> str:
    """A number longer than any id is no id."""
    if case.isdigit() and not (case.isascii() and len(case) <= 18):
        raise NotFound(
            "case_unknown",
            "There is no case “{case}”.",
            where="case",
            remedy="Give a case number such as L-2026-000123, or its id.",
            case=case,
        )
    return case


def _case(desk: Desk, view: CaseView) -> Answer:
    return Answer(view.to_json(), lambda: case_text(desk, view, []))


def case_text(desk: Desk, view: CaseView, open_incidents: Iterable[Mapping[str, Any]]) -> str:
    """A case in words: its head, what is open, what it waits for, what it knows."""
    head = f"Case {view.case_no} (id {view.case_id}): {view.process}, version {view.version}, {view.status}"
    if view.stage:
        head += f", in {view.stage} since {desk.local(view.stage_since)}"
    parts = [head]
    if view.stalled_since:
        parts.append(f"Stalled since {desk.local(view.stalled_since)}.")
    parts += [
        f"Failed at {each['element']} ({each['attempts']} times): {each['reason']}" for each in open_incidents
    ]
    parts += [part for part in (_open_tasks(desk, view), _waiting(desk, view), _variables(view)) if part]
    return "\n\n".join(parts)


def _open_tasks(desk: Desk, view: CaseView) -> str:
    rows = [
        (task["id"], task["name"], task["role"], task["assignee"], _local(desk, task["due_at"]))
        for task in view.open_tasks
    ]
    return words.table(("TASK", "STEP", "ROLE", "WHO", "DUE"), rows, "")


def _waiting(desk: Desk, view: CaseView) -> str:
    rows = [
        (wait["kind"], wait["name"] or wait["element"], _local(desk, wait["due_at"])) for wait in view.waiting
    ]
    return words.table(("WAITS FOR", "NAME", "DUE"), rows, "")


def _variables(view: CaseView) -> str:
    rows = [(key, words.to_text(to_json(value))) for key, value in view.data.items()]
    return words.table(("VARIABLE", "VALUE"), rows, "")


def _tasks(desk: Desk, tx: Transaction, rows: list[TaskRow]) -> Answer:
    shapes = _shapes(desk, tx, rows)
    lines = [
        (row.id, row.case_no, row.name, row.role, shape["assignee"], desk.local(row.due_at))
        for row, shape in zip(rows, shapes, strict=True)
    ]
    headers = ("TASK", "CASE", "STEP", "ROLE", "WHO", "DUE")
    return Answer(shapes, lambda: words.table(headers, lines, "There are no open tasks."))


def _shapes(desk: Desk, tx: Transaction, rows: Iterable[TaskRow]) -> list[dict[str, Any]]:
    rows = list(rows)
    keys = _keys(tx, {row.person_id for row in rows} - {None})
    return [
        {
            "id": row.id,
            "case": row.case_id,
            "case_no": row.case_no,
            "element": row.element,
            "name": row.name,
            "role": row.role,
            "assignee": keys.get(row.person_id),
            "due_at": words.iso(row.due_at),
            "form": row.form,
            "choices": [choice.to_json() for choice in inbox.asked(desk.engine, tx, row)],
        }
        for row in rows
    ]


def _events(tx: Transaction, case_id: int) -> list[dict[str, Any]]:
    event = tables.Event
    rows = tx.session.scalars(select(event).where(event.case_id == case_id).order_by(event.id)).all()
    keys = _keys(tx, {row.actor_id for row in rows} - {None})
    return [
        {
            "id": row.id,
            "at": words.iso(row.occurred_at),
            "type": row.type,
            "element": row.element,
            "stage": row.stage,
            "actor": keys.get(row.actor_id),
            "role": row.role,
            "amount": to_json(row.amount),
            "currency": row.currency,
            "attrs": row.attrs or {},
        }
        for row in rows
    ]


def _keys(tx: Transaction, ids: Iterable[int | None]) -> dict[int | None, str]:
    wanted = list(ids)
    if not wanted:
        return {}
    person = tables.Person
    return {
        row.id: row.key
        for row in tx.session.execute(select(person.id, person.key).where(person.id.in_(wanted)))
    }


def _history(desk: Desk, events: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        (_local(desk, event["at"]), event["type"], _place(event), event["actor"])
        for event in events
        if event["type"] != "case.moved"
    ]
    return words.table(("WHEN", "WHAT", "WHERE", "WHO"), rows, "Nothing has happened yet.")


def _place(event: Mapping[str, Any]) -> str | None:
    place: str | None = event["element"] or event["stage"] or event["attrs"].get("stage")
    return place


def _local(desk: Desk, moment: str | None) -> str:
    return desk.local(datetime.fromisoformat(moment) if moment else None)
