"""The processes: their drawing, their versions, and the original files to take home."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from engine import diagrams, drafts, packs, tables, versions
from engine.bundles import Bundle
from engine.db import Transaction
from engine.diagrams import Change
from engine.diagrams.layout import lay_out
from engine.errors import Forbidden, NotFound
from engine.runtime import Model, start
from engine.tables import Person, Version
from web import names, verdict
from web.auth import DEPLOY_ROLES, Answer, me
from web.door import door

pages = Blueprint("studio", __name__)


@pages.get("/processes")
def index() -> str:
    """Every process by its newest version, with the open cases of all its versions."""
    with door().reading() as tx:
        every = versions.versions(tx)
        newest = {row.process: row for row in reversed(every)}
        called = names.of(tx, (row.id for row in newest.values()), str(get_locale()))
        waiting = drafts.drafts(tx) if me().roles & DEPLOY_ROLES else []
    running = Counter[str]()
    for row in every:
        running[row.process] += row.open_cases
    rows = [(row, called[row.id].process, running[row.process]) for row in newest.values()]
    by_key = {row.process: called[row.id].process for row in newest.values()}
    return render_template(
        "processes.html", rows=sorted(rows, key=lambda row: row[1]), drafts=waiting, called=by_key
    )


@pages.get("/processes/<key>")
def process(key: str) -> str:
    """One process: a version's drawing (the newest, or `?version=`) and the list of all."""
    wanted = request.args.get("version", type=int)
    with door().reading() as tx:
        rows = versions.versions(tx, key)
        if not rows:
            raise NotFound(
                "process_unknown",
                "There is no process “{name}”.",
                remedy="Choose one from the list of processes.",
                name=key,
            )
        shown = next((row for row in rows if row.number == wanted), None if wanted else rows[0])
        if shown is None:
            raise NotFound(
                "version_unknown",
                "“{name}” has no version {number}.",
                remedy="Choose one from the list of processes.",
                name=key,
                number=wanted,
            )
        name = names.of(tx, [shown.id], str(get_locale()))[shown.id].process
        model = door().engine.model(tx, rows[0].id)
        before, changed = _compared(tx, rows, shown.number)
        keys = {row.author for row in rows if row.author}
        found = tx.session.execute(select(Person.key, Person.name).where(Person.key.in_(keys)))
        authors = {row.key: row.name for row in found}
        sees_style = bool(me().roles & DEPLOY_ROLES)
        style = _style(tx, shown.id) if sees_style and "style" in request.args else None
    return render_template(
        "process.html",
        rows=rows,
        shown=shown,
        name=name,
        authors=authors,
        may_start=_is_begun_by_hand(model) and _takes_part(model),
        before=before,
        changed=changed,
        style=style,
        sees_style=sees_style,
        signs=verdict.SIGNS,
    )


def _style(tx: Transaction, version_id: int) -> verdict.File:
    """What could be drawn better in a version."""
    version = tx.session.get_one(Version, version_id)
    return verdict.remarks(version.file, versions.style([Bundle(version.file, version.xml)]))


@pages.post("/processes/<key>/start")
def begin(key: str) -> Answer:
    """Start a case by hand, where the drawing has a plain start; then on to what is to be done first."""
    person, here = me(), door()
    with here.writing() as tx:
        model = here.engine.latest(tx, key)
        if not _is_begun_by_hand(model) or not _takes_part(model):
            raise Forbidden(
                "start_forbidden",
                "A case of “{process}” is not started by hand by you.",
                where=request.path,
                remedy="Those who work in it may, where the drawing begins with a plain start.",
                process=model.process_name(str(get_locale())),
            )
        case = start(here.engine, tx, key, actor_id=person.id)
        first = _first_task(tx, case.case_id)
    flash(_("Case %(case_no)s has begun.", case_no=case.case_no), "success")
    where = url_for("inbox.task", task_id=first) if first else url_for("cases.case", case_no=case.case_no)
    return redirect(where, 303)


@pages.get("/versions/<int:version_id>/original")
def original(version_id: int) -> Response:
    """The file as it was deployed, bit for bit."""
    version = _version(version_id)
    answer = Response(version.xml, mimetype="application/xml")
    answer.headers.set("Content-Disposition", "attachment", filename=version.file.rsplit("/", 1)[-1])
    return answer


@pages.get("/versions/<int:version_id>/pack")
def pack(version_id: int) -> Response:
    """Everything of a version in one file, for another installation."""
    version = _version(version_id)
    answer = Response(packs.write(version, door().clock()), mimetype="application/zip")
    name = f"{version.process}-{version.number}{packs.SUFFIX}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@pages.get("/versions/<int:version_id>/picture")
def picture(version_id: int) -> Response:
    """The drawing as an SVG file with the names of the reader's language, for documents."""
    version = _version(version_id)
    svg = names.picture(version.xml, version.file, version.texts, str(get_locale()), version.name)
    answer = Response(svg, mimetype="image/svg+xml")
    name = f"{version.process}-{version.number}.svg"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@pages.get("/versions/<int:version_id>/normal")
def normal(version_id: int) -> Response:
    """What is run: the drawing with all that was made explicit in it."""
    version = _version(version_id)
    answer = Response(version.normal or version.xml, mimetype="application/xml")
    name = version.file.rsplit("/", 1)[-1].removesuffix(".bpmn")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.normal.bpmn")
    return answer


@pages.get("/versions/<int:version_id>/drawing")
def drawing(version_id: int) -> Response:
    """The drawing with the names of the reader's language (the address says which one that is).

    One without coordinates is laid out, so that it can be seen.
    """
    version = _version(version_id)
    language = request.args.get("language") or str(get_locale())
    shown = lay_out(version.xml, version.file)
    data = names.translated(shown, version.file, (version.texts or {}).get(language, {}))
    answer = Response(data, mimetype="application/xml")
    answer.cache_control.private = True
    answer.cache_control.max_age = 24 * 3600
    return answer


def _is_begun_by_hand(model: Model) -> bool:
    """Has it a plain start, and needs nothing (such as a lead) to begin with?"""
    return None in model.starts and door().engine.catalog.process(model.process).subject is None


def _takes_part(model: Model) -> bool:
    """Has the reader a role in the process, or is she the one who deploys?"""
    working = {role for role in model.roles.values() if role}
    return not working or bool(me().roles & (working | DEPLOY_ROLES))


def _first_task(tx: Transaction, case_id: int) -> int | None:
    """The first open task of the case that the reader may take."""
    query = select(tables.Task).where(tables.Task.case_id == case_id, tables.Task.state == "open")
    found = tx.session.scalars(query.order_by(tables.Task.id))
    return next((row.id for row in found if me().may_take(row.role)), None)


def _compared(
    tx: Transaction, rows: Sequence[versions.VersionRow], number: int
) -> tuple[int | None, list[Change]]:
    """The version before this one, and what has changed since in the drawing."""
    ids = {row.number: row.id for row in rows}
    earlier = [one for one in ids if one < number]
    if not earlier:
        return None, []
    models = [door().engine.model(tx, ids[one]) for one in (max(earlier), number)]
    return max(earlier), diagrams.changes(models[0].drawing, models[1].drawing)


def _version(version_id: int) -> Version:
    with door().reading() as tx:
        version = tx.session.get(Version, version_id)
        if version is None:
            raise NotFound(
                "version_unknown",
                "There is no version {name}.",
                remedy="Choose one from the list of processes.",
                name=version_id,
            )
        tx.session.expunge(version)
        return version
