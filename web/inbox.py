"""My tasks, and one task: see it, claim it, release it, complete it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import func, select

from engine import inbox, people, tables
from engine.catalog import Title
from engine.db import Transaction
from engine.errors import Conflict, Forbidden, Invalid, PercorsoError, StepFailed
from engine.inbox import TaskRow
from engine.people import Person
from engine.runtime import Engine
from web import forms, names, words
from web.auth import LEAD_ROLES, Answer, inside, me
from web.door import door
from web.text import clock, money

pages = Blueprint("inbox", __name__)

PAGE = 50
"""How many tasks are shown at first, and more with each “Show more”."""

MOST = 1000
"""How many tasks one page ever shows; whoever has more searches or picks a role."""


NOTHING = ("", 0)
"""The subject of a case that is about nobody."""


@dataclass(frozen=True)
class Row:
    """A task as the list shows it."""

    id: int
    name: str
    subject: str
    about: str
    amount: str
    due_at: datetime | None
    holder: str

    @property
    def label(self) -> str:
        """Task and subject in one, for those who hear the page."""
        return f"{self.name} · {self.subject}" if self.subject else self.name


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed down to, as the address says."""

    q: str
    role: str
    mine: bool
    limit: int

    def url(self, **changed: object) -> str:
        values: dict[str, Any] = {"q": self.q, "role": self.role, "mine": int(self.mine), "limit": self.limit}
        values.update(changed)
        defaults = {"q": "", "role": "", "mine": 0, "limit": PAGE}
        return url_for("inbox.index", **{k: v for k, v in values.items() if v != defaults[k]})


@pages.get("/")
def index() -> Answer:
    wanted, person, here = _filter(), me(), door()
    with here.reading() as tx:
        open_now = inbox.counts(tx, person.roles)
        counts = {key: open_now[key] for key in here.settings.roles if open_now.get(key)}
        subjects = here.engine.catalog.search(tx.session, wanted.q) if wanted.q else None
        found = inbox.tasks(
            tx,
            roles=[wanted.role] if wanted.role else sorted(person.roles),
            person_id=person.id,
            mine=wanted.mine,
            subjects=subjects,
            limit=wanted.limit + 1,
        )
        rows = _rows(tx, found[: wanted.limit])
        late = _late(tx, person.roles)
    more = len(found) > wanted.limit and wanted.limit < MOST
    return render_template(
        "inbox.html",
        rows=rows,
        counts=counts,
        late=late,
        open=sum(counts.values()),
        q=wanted.q,
        chosen=wanted.role,
        mine=wanted.mine,
        adds_leads=bool(person.roles & LEAD_ROLES),
        here=wanted.url(),
        more=wanted.url(limit=min(wanted.limit + PAGE, MOST)) if more else None,
    )


@pages.get("/tasks/<int:task_id>")
def task(task_id: int) -> Answer:
    return _task_page(task_id)


@pages.post("/tasks/<int:task_id>")
def complete(task_id: int) -> Answer:
    """Check the answers and let the case go on; wrong ones come back with their messages, 422."""
    given: dict[str, object] = {}
    try:
        given = forms.answers()
        with door().writing() as tx:
            done = inbox.get(tx, task_id)
            ref = inbox.complete(door().engine, tx, task_id, given, me())
    except (Conflict, Invalid, StepFailed) as error:
        return _task_page(task_id, given, error)
    with door().reading() as tx:
        label = _rows(tx, [done])[0].label
        following = _following(tx, done.case_id)
    flash(_("Done: %(task)s", task=label), "success")
    if ref.failed:
        flash(
            _("What comes after it could not be done. Your step is saved, and there is nothing to repeat."),
            "warning",
        )
    return redirect(url_for("inbox.task", task_id=following) if following else url_for("inbox.index"), 303)


@pages.post("/tasks/<int:task_id>/claim")
def claim(task_id: int) -> Answer:
    return _hold(task_id, inbox.claim)


@pages.post("/tasks/<int:task_id>/release")
def release(task_id: int) -> Answer:
    return _hold(task_id, inbox.release)


def _hold(task_id: int, work: Callable[[Engine, Transaction, int, Person], TaskRow]) -> Answer:
    """Claim or release, then back to where that was asked for; whoever came too late is told why."""
    try:
        with door().writing() as tx:
            work(door().engine, tx, task_id, me())
    except Conflict as error:
        return _task_page(task_id, error=error)
    return redirect(inside(request.form.get("next")) or url_for("inbox.task", task_id=task_id), 303)


def _task_page(
    task_id: int, given: dict[str, object] | None = None, error: PercorsoError | None = None
) -> Answer:
    """The task with its form; after a refusal with the reason above and what was filled in."""
    person, here, language = me(), door(), str(get_locale())
    with here.reading() as tx:
        over = _over_page(tx, task_id)
        if over is not None:
            return over
        found = inbox.get(tx, task_id)
        if not person.may_take(found.role) and found.person_id != person.id:
            raise Forbidden(
                "task_forbidden",
                "This task is for {role}.",
                where=f"/tasks/{task_id}",
                remedy="Ask somebody of that role, or an administrator to give it to you.",
                role=words.role(found.role),
            )
        called = names.of(tx, [found.version_id], language)[found.version_id]
        form = inbox.form(here.engine, tx, found)
        schema, data = _form_in(form, called, language)
        holder = people.names(tx, [found.person_id]).get(found.person_id or 0, "")
        page = {
            "task": found,
            "name": called.element(found.element, found.name),
            "process": called.process,
            "stage": called.stage(found.stage),
            "title": _titles(tx, [found]).get(found.subject or NOTHING, Title("")),
            "holder": holder,
        }
    held_by_other = found.person_id is not None and found.person_id != person.id
    return render_template(
        "task.html",
        **page,
        mine=found.person_id == person.id,
        held_by_other=held_by_other,
        schema=schema,
        data={**data, **(given or {})},
        labels=forms.labels(schema),
        errors=forms.messages(error) if isinstance(error, Invalid) else {},
        problem=error,
        explained=words.explain(error) if error else {},
    ), error.status if error else 200


def _form_in(
    form: inbox.FormView | None, called: names.Names, language: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Schema and data of a form, with the labels of the reader's language."""
    if form is None:
        return {}, {}
    texts = called.model.texts.get(language, {}).get("forms", {}).get(form.name, {})
    return forms.translated(form.schema, texts), dict(form.data)


def _over_page(tx: Transaction, task_id: int) -> Answer | None:
    """“Already done by Anna at 10:42” for a task that is no longer open, else None."""
    row = tx.session.get(tables.Task, task_id)
    if row is None or row.state == "open":
        return None
    here, language = door(), str(get_locale())
    called = names.of(tx, [row.version_id], language)[row.version_id]
    who = people.names(tx, [row.closed_by]).get(row.closed_by or 0, "")
    at = clock(row.closed_at, here.clock(), language, here.settings.timezone) if row.closed_at else ""
    case_no = tx.session.scalar(select(tables.Case.case_no).where(tables.Case.id == row.case_id))
    return render_template(
        "task_over.html",
        name=called.element(row.element, row.name),
        state=row.state,
        who=who,
        at=at,
        case_no=case_no,
        own=row.closed_by == me().id,
    ), 409


def _filter() -> Filter:
    role = request.args.get("role", "")
    limit = request.args.get("limit", PAGE, type=int)
    return Filter(
        q=request.args.get("q", "").strip()[:100],
        role=role if role in me().roles else "",
        mine=request.args.get("mine") == "1",
        limit=min(max(limit, PAGE), MOST),
    )


def _rows(tx: Transaction, found: Sequence[TaskRow]) -> list[Row]:
    """The tasks with their names and subjects, in as many queries for one as for many."""
    language = str(get_locale())
    titles = _titles(tx, found)
    called = names.of(tx, (row.version_id for row in found), language)
    holders = people.names(tx, (row.person_id for row in found))
    rows = []
    for row in found:
        title = titles.get(row.subject or NOTHING, Title(row.case_no))
        about = (title.detail, called[row.version_id].process, words.role(row.role))
        rows.append(
            Row(
                id=row.id,
                name=called[row.version_id].element(row.element, row.name),
                subject=title.name,
                about=" · ".join(part for part in about if part),
                amount=money(title.amount, title.currency, language),
                due_at=row.due_at,
                holder=holders.get(row.person_id or 0, ""),
            )
        )
    return rows


def _titles(tx: Transaction, found: Sequence[TaskRow]) -> dict[tuple[str, int], Title]:
    wanted = inbox.subjects_of(found)
    return dict(door().engine.catalog.titles(tx.session, wanted)) if wanted else {}


def _late(tx: Transaction, roles: frozenset[str]) -> int:
    query = select(func.count()).where(
        tables.Task.state == "open", tables.Task.role.in_(roles), tables.Task.due_at < tx.now
    )
    return tx.session.scalar(query) or 0


def _following(tx: Transaction, case_id: int) -> int | None:
    """The step of the same case that the person who has just completed one goes on with."""
    person = me()
    query = select(tables.Task).where(tables.Task.case_id == case_id, tables.Task.state == "open")
    for row in tx.session.scalars(query.order_by(tables.Task.id)):
        if row.person_id == person.id or (row.person_id is None and row.role in person.roles):
            return row.id
    return None
