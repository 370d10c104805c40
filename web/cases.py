"""One case: where it stands in its diagram, what happened, what it waits for, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import isodate
from flask import Blueprint, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import or_, select

from engine import people
from engine.catalog import Title
from engine.db import Transaction
from engine.runtime import CaseView, case_view
from engine.runtime.view import incidents, visited
from engine.tables import Case, Event, Incident, Task
from engine.values import to_json
from web import names
from web.door import door
from web.names import Names
from web.sentences import SIGNS, SILENT, sentence
from web.text import duration

pages = Blueprint("cases", __name__)

LATEST = datetime.max.replace(tzinfo=UTC)
"""Sorts what has no date behind what has one."""

LINES = 50
"""How many lines of history are shown at first; `?history=all` shows every one."""


@dataclass(frozen=True)
class Line:
    """One line of history as the page shows it."""

    at: datetime
    recorded_at: datetime
    sign: str
    words: str
    who: str
    amount: object
    currency: str | None


@dataclass(frozen=True)
class Waiting:
    """A message or a timer that the case waits for."""

    element: str
    kind: str
    name: str
    due_at: datetime | None


@dataclass(frozen=True)
class Tab:
    """A diagram of the case: its own process, or one that it calls."""

    version_id: int
    name: str
    marks: Mapping[str, Mapping[str, str]]
    active: bool


@pages.get("/cases/<case_no>")
def case(case_no: str) -> str:
    here, language = door(), str(get_locale())
    everything = request.args.get("history") == "all"
    with here.reading() as tx:
        view = case_view(here.engine, tx, case_no)
        versions = {view.version_id, *view.calls.values()}
        events = _events(tx, view.case_id, None if everything else LINES + 1)
        called = names.of(tx, versions | {event.version_id for event in events if event.version_id}, language)
        tasks = select(Task).where(Task.case_id == view.case_id, Task.state == "open").order_by(Task.id)
        open_tasks = list(tx.session.scalars(tasks))
        waits = sorted((_waiting(each) for each in view.waiting), key=lambda wait: wait.due_at or LATEST)
        failed = incidents(tx, view.case_id)
        who = people.names(tx, [task.person_id for task in open_tasks] + [event.actor_id for event in events])
        page = {
            "case": view,
            "title": _title(tx, view),
            "process": called[view.version_id].process,
            "stage": names.stage(called.values(), view.stage),
            "limit": _limit(tx, view),
            "tabs": _tabs(tx, view, called, open_tasks, waits, failed),
            "lines": [_line(event, called, who) for event in events[: None if everything else LINES]],
            "more": not everything and len(events) > LINES,
            "tasks": [
                (one, _name(called, one.element, one.name), who.get(one.person_id or 0)) for one in open_tasks
            ],
            "waits": [(wait, _name(called, wait.element, wait.name)) for wait in waits],
            "incidents": [(one, _name(called, one.element or "", "")) for one in failed],
            "data": {key: _shown(value) for key, value in sorted(view.data.items())},
            "related": _related(tx, view, language),
        }
    return render_template("case.html", **page)


def _waiting(given: Mapping[str, Any]) -> Waiting:
    due = given.get("due_at")
    return Waiting(
        given["element"], given["kind"], given.get("name") or "", datetime.fromisoformat(due) if due else None
    )


def _events(tx: Transaction, case_id: int, limit: int | None) -> Sequence[Event]:
    query = select(Event).where(Event.case_id == case_id, Event.type.not_in(SILENT))
    return tx.session.scalars(query.order_by(Event.occurred_at.desc(), Event.id.desc()).limit(limit)).all()


def _line(event: Event, called: Mapping[int, Names], who: Mapping[int, str]) -> Line:
    attrs: dict[str, Any] = event.attrs or {}
    return Line(
        at=event.occurred_at,
        recorded_at=event.recorded_at,
        sign=SIGNS.get(event.type, ""),
        words=sentence(
            event.type,
            _name(called, event.element, "") if event.element else "",
            names.stage(called.values(), attrs.get("stage")) if attrs.get("stage") else "",
            str(attrs.get("message") or ""),
        ),
        who=who.get(event.actor_id or 0, ""),
        amount=event.amount,
        currency=event.currency,
    )


def _title(tx: Transaction, view: CaseView) -> Title:
    if view.subject is None:
        return Title("")
    return door().engine.catalog.titles(tx.session, [view.subject]).get(view.subject, Title(""))


def _limit(tx: Transaction, view: CaseView) -> str:
    """How long the case was allowed to stay in its stage when it was flagged, in words."""
    query = select(Event.attrs).where(Event.case_id == view.case_id, Event.type == "case.stalled")
    attrs = tx.session.scalar(query.order_by(Event.id.desc()).limit(1)) or {}
    if view.stalled_since is None or view.stage_since is None or "limit" not in attrs:
        return ""
    limit = isodate.parse_duration(attrs["limit"])
    return duration(view.stage_since + limit - view.stage_since, str(get_locale()))


def _tabs(
    tx: Transaction,
    view: CaseView,
    called: Mapping[int, Names],
    tasks: Sequence[Task],
    waits: Sequence[Waiting],
    failed: Sequence[Incident],
) -> list[Tab]:
    """The case's own diagram first, then one for each process it calls; the deepest busy one is shown."""
    passed = visited(tx, view.case_id)
    current = [task.element for task in tasks] + [wait.element for wait in waits]
    broken = {one.element for one in failed if one.element}
    tabs = []
    for version_id in [view.version_id, *view.calls.values()]:
        elements = called[version_id].model.elements
        marks = {id: {"class": "done"} for id in passed if id in elements}
        kind = "stalled" if view.stalled_since else "current"
        marks.update({id: {"class": kind} for id in current if id in elements})
        marks.update({id: {"class": "incident"} for id in broken if id in elements})
        busy = any(id in elements for id in (*current, *broken))
        tabs.append(Tab(version_id, called[version_id].process, marks, busy))
    _mark_calls(tabs, called, view)
    shown = max((index for index, tab in enumerate(tabs) if tab.active), default=0)
    return [Tab(tab.version_id, tab.name, tab.marks, index == shown) for index, tab in enumerate(tabs)]


def _mark_calls(tabs: Sequence[Tab], called: Mapping[int, Names], view: CaseView) -> None:
    """A call activity is where the case stands while the process it calls is busy."""
    busy = {called[tab.version_id].model.process for tab in tabs if tab.active}
    for tab in reversed(tabs):
        for element in called[tab.version_id].model.elements.values():
            if element.kind == "callActivity" and element.called in busy:
                tab.marks[element.id] = {"class": "current"}  # type: ignore[index]
                busy.add(called[tab.version_id].model.process)


def _name(called: Mapping[int, Names], element: str, otherwise: str) -> str:
    """An element's name, in whichever of the case's diagrams it is drawn."""
    for one in called.values():
        if element in one.model.elements:
            return one.element(element, otherwise)
    return otherwise or element


def _related(tx: Transaction, view: CaseView, language: str) -> list[tuple[Case, str]]:
    """Other cases about the same subject, and those that this one began or came from."""
    same = [Case.parent_id == view.case_id]
    if view.parent_id is not None:
        same.append(Case.id == view.parent_id)
    if view.subject is not None:
        same.append((Case.subject_kind == view.subject[0]) & (Case.subject_id == view.subject[1]))
    query = select(Case).where(or_(*same), Case.id != view.case_id).order_by(Case.started_at.desc())
    found = list(tx.session.scalars(query.limit(20)))
    called = names.of(tx, (one.version_id for one in found), language)
    return [(one, called[one.version_id].process) for one in found]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    plain = to_json(value)  # type: ignore[arg-type]
    return "–" if plain is None else str(plain)
