"""Find a case; and one case: where it stands, what happened, what it waits for, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import isodate
from flask import Blueprint, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, or_, select

from engine import people, troubles
from engine.catalog import Title
from engine.db import Transaction
from engine.runtime import CaseView, case_view
from engine.runtime.view import visited
from engine.tables import Case, Event, Repair, Task
from engine.troubles import Trouble
from engine.values import to_json
from web import names, words
from web.door import door
from web.names import Names
from web.sentences import SIGNS, SILENT, sentence
from web.text import duration, money

pages = Blueprint("cases", __name__)

LATEST = datetime.max.replace(tzinfo=UTC)
"""Sorts what has no date behind what has one."""

LINES = 50
"""How many lines of history are shown at first; `?history=all` shows every one."""


PAGE = 50
"""How many cases a page of the list shows."""

MOST_PAGES = 1000
"""How far back the list goes; whoever wants an older case searches for it."""


@dataclass(frozen=True)
class Found:
    """A case as the list shows it."""

    case_no: str
    name: str
    about: str
    amount: str
    started_at: datetime
    status: str
    stalled: bool

    @property
    def sign(self) -> str:
        """Which of the inbox's colours its dot has."""
        if self.stalled:
            return "soon"
        return {"open": "fine", "incident": "late", "stuck": "late"}.get(self.status, "none")


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed down to, as the address says."""

    q: str
    state: str
    page: int

    def url(self, page: int) -> str:
        """The address of another page of the same list."""
        return url_for(
            "cases.index", q=self.q or None, state=self.state or None, page=page if page > 1 else None
        )


@dataclass(frozen=True)
class Line:
    """One line of history as the page shows it."""

    at: datetime
    recorded_at: datetime
    sign: str
    words: str
    why: str
    """The reason that somebody gave."""
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


@pages.get("/cases")
def index() -> str:
    wanted = _filter()
    with door().reading() as tx:
        query = select(
            Case.case_no, Case.version_id, Case.status, Case.stalled_since,
            Case.subject_kind, Case.subject_id, Case.started_at,
        )  # fmt: skip
        query = query.where(*_state(wanted.state), *_about(tx, wanted.q))
        # Ids grow with time, and counting down on the key needs no sorting.
        query = query.order_by(Case.id.desc()).limit(PAGE + 1).offset((wanted.page - 1) * PAGE)
        found = tx.session.execute(query).all()
        rows = _found(tx, found[:PAGE])
    older = len(found) > PAGE and wanted.page < MOST_PAGES
    return render_template(
        "cases.html",
        rows=rows,
        q=wanted.q,
        chosen=wanted.state,
        states=_states(),
        page=wanted.page,
        newer=wanted.url(wanted.page - 1) if wanted.page > 1 else None,
        older=wanted.url(wanted.page + 1) if older else None,
    )


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
        wrong = troubles.of_case(here.engine, tx, view.case_id)
        who = people.names(tx, [task.person_id for task in open_tasks] + [event.actor_id for event in events])
        reasons = _reasons(tx, view.case_id)
        page = {
            "case": view,
            "title": _title(tx, view),
            "process": called[view.version_id].process,
            "stage": names.stage(called.values(), view.stage),
            "limit": _limit(tx, view),
            "tabs": _tabs(tx, view, called, open_tasks, waits, wrong),
            "lines": [
                _line(event, called, who, reasons) for event in events[: None if everything else LINES]
            ],
            "more": not everything and len(events) > LINES,
            "tasks": [
                (one, _name(called, one.element, one.name), who.get(one.person_id or 0)) for one in open_tasks
            ],
            "waits": [(wait, _name(called, wait.element, wait.name)) for wait in waits],
            "wrong": [(one, _name(called, one.element or "", ""), words.trouble(one)) for one in wrong],
            "data": {key: _shown(value) for key, value in sorted(view.data.items())},
            "related": _related(tx, view, language),
        }
    return render_template("case.html", **page)


def _filter() -> Filter:
    state = request.args.get("state", "")
    return Filter(
        q=request.args.get("q", "").replace("\0", "").strip()[:100],
        state=state if state in _states() else "",
        page=min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES),
    )


def _states() -> dict[str, str]:
    return {
        "": _("All cases"),
        "open": _("Still open"),
        "finished": _("Finished"),
        "stalled": _("Standing still"),
        "incident": _("With a failed step"),
    }


def _state(state: str) -> list[ColumnElement[bool]]:
    """Open is whatever has not ended: a case that stands still or has failed is open, too."""
    conditions: dict[str, list[ColumnElement[bool]]] = {
        "open": [Case.ended_at.is_(None)],
        "finished": [Case.ended_at.is_not(None)],
        "stalled": [Case.ended_at.is_(None), Case.stalled_since.is_not(None)],
        "incident": [Case.status.in_(("incident", "stuck"))],
    }
    return conditions.get(state, [])


def _about(tx: Transaction, text: str) -> list[ColumnElement[bool]]:
    """The cases with this text in their number, or about somebody with it in his name or company."""
    if not text:
        return []
    subjects: dict[str, list[int]] = {}
    for kind, id in door().engine.catalog.search(tx.session, text):
        subjects.setdefault(kind, []).append(id)
    named = [(Case.subject_kind == kind) & Case.subject_id.in_(ids) for kind, ids in subjects.items()]
    return [or_(Case.case_no.icontains(text, autoescape=True), *named)]


def _found(tx: Transaction, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Found]:
    """The cases with their names, in as many queries for one as for many."""
    language = str(get_locale())
    subjects = {(row.subject_kind, row.subject_id) for row in rows if row.subject_id is not None}
    titles = door().engine.catalog.titles(tx.session, subjects) if subjects else {}
    called = names.of(tx, (row.version_id for row in rows), language)
    found = []
    for row in rows:
        process = called[row.version_id].process
        title = titles.get((row.subject_kind, row.subject_id), Title(""))
        found.append(
            Found(
                case_no=row.case_no,
                name=title.name or process,
                about=" · ".join(part for part in (row.case_no, title.detail, process) if part),
                amount=money(title.amount, title.currency, language),
                started_at=row.started_at,
                status=row.status,
                stalled=row.stalled_since is not None and row.status == "open",
            )
        )
    return found


def _waiting(given: Mapping[str, Any]) -> Waiting:
    due = given.get("due_at")
    return Waiting(
        given["element"], given["kind"], given.get("name") or "", datetime.fromisoformat(due) if due else None
    )


def _events(tx: Transaction, case_id: int, limit: int | None) -> Sequence[Event]:
    query = select(Event).where(Event.case_id == case_id, Event.type.not_in(SILENT))
    return tx.session.scalars(query.order_by(Event.occurred_at.desc(), Event.id.desc()).limit(limit)).all()


def _reasons(tx: Transaction, case_id: int) -> dict[int, str]:
    """Why each repair of a case was made."""
    query = select(Repair.id, Repair.reason).where(Repair.case_id == case_id, Repair.reason.is_not(None))
    return {row.id: row.reason for row in tx.session.execute(query)}


def _line(
    event: Event, called: Mapping[int, Names], who: Mapping[int, str], reasons: Mapping[int, str]
) -> Line:
    attrs: dict[str, Any] = event.attrs or {}
    return Line(
        at=event.occurred_at,
        recorded_at=event.recorded_at,
        sign=SIGNS.get(event.type, ""),
        words=sentence(
            str(attrs["kind"]) if event.type == "case.repaired" else event.type,
            _name(called, event.element, "") if event.element else "",
            names.stage(called.values(), attrs.get("stage")) if attrs.get("stage") else "",
            str(attrs.get("message") or ""),
            _name(called, str(attrs.get("target") or ""), ""),
        ),
        why=reasons.get(attrs.get("repair", 0), ""),
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
    wrong: Sequence[Trouble],
) -> list[Tab]:
    """The case's own diagram first, then one for each process it calls; the deepest busy one is shown."""
    passed = visited(tx, view.case_id)
    current = [task.element for task in tasks] + [wait.element for wait in waits]
    broken = {one.element for one in wrong if one.element}
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
