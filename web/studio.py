"""The processes: their drawing, their versions, and the original files to take home."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, Response, render_template, request
from flask_babel import get_locale
from sqlalchemy import select

from engine import packs, versions
from engine.diagrams.layout import lay_out
from engine.errors import NotFound
from engine.tables import Person, Version
from web import names
from web.door import door

pages = Blueprint("studio", __name__)


@pages.get("/processes")
def index() -> str:
    """Every process by its newest version, with the open cases of all its versions."""
    with door().reading() as tx:
        every = versions.versions(tx)
        newest = {row.process: row for row in reversed(every)}
        called = names.of(tx, (row.id for row in newest.values()), str(get_locale()))
    running = Counter[str]()
    for row in every:
        running[row.process] += row.open_cases
    rows = [(row, called[row.id].process, running[row.process]) for row in newest.values()]
    return render_template("processes.html", rows=sorted(rows, key=lambda row: row[1]))


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
        keys = {row.author for row in rows if row.author}
        found = tx.session.execute(select(Person.key, Person.name).where(Person.key.in_(keys)))
        authors = {row.key: row.name for row in found}
    return render_template("process.html", rows=rows, shown=shown, name=name, authors=authors)


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
