"""Putting drawings in: upload, see at once what is found, answer the questions, deploy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from engine import bundles, diagrams, drafts, packs, versions, xml
from engine.bundles import Bundle
from engine.db import Transaction
from engine.diagrams import Change
from engine.diagrams.layout import lay_out
from engine.drafts import AskedKey
from engine.errors import Invalid, NotFound
from engine.tables import Draft
from engine.versions import Report
from web import verdict, words
from web.auth import DEPLOY_ROLES, Answer, me, require
from web.door import door

pages = Blueprint("deploying", __name__)

UPLOADS = frozenset({"deploying.upload", "deploying.add"})
"""The endpoints that take files."""

MOST_BYTES = 20 * 1024 * 1024
"""How much may be uploaded at a time."""

MOST_FILES = 100
LONGEST_NAME = 120
LONGEST_NOTE = 500
LONGEST_TAG = 40
PASTED = "pasted.bpmn"

NO_STORE = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}
"""A drawing from outside is only ever data, also for somebody who opens its address by itself."""


@pages.get("/processes/deploy")
def new() -> Answer:
    require(DEPLOY_ROLES)
    return render_template("deploy.html", problem="")


@pages.post("/processes/deploy")
def upload() -> Answer:
    """Check what was handed in, keep it, and show what was found."""
    require(DEPLOY_ROLES)
    files, left_out = _received()
    problem = _refusal(files)
    if problem:
        return render_template("deploy.html", problem=problem[0]), problem[1]
    files, answers = _unpacked(files)
    with door().writing() as tx:
        draft_id = drafts.keep(door().engine, tx, files, author_id=me().id, given=answers).id
    _say_left_out(left_out)
    return redirect(url_for("deploying.draft", draft_id=draft_id), 303)


@pages.get("/drafts/<int:draft_id>")
def draft(draft_id: int) -> Answer:
    require(DEPLOY_ROLES)
    return _draft_page(draft_id)


@pages.post("/drafts/<int:draft_id>/files")
def add(draft_id: int) -> Answer:
    """Add files, or exchange those of the same name; the answers stay."""
    require(DEPLOY_ROLES)
    files, left_out = _received()
    files, _answered = _unpacked(files)
    with door().writing() as tx:
        found = drafts.get(tx, draft_id)
        problem = _refusal({**drafts.files(tx, found), **files}) if files else _refusal(files)
        if not problem:
            drafts.put(tx, found, files)
            drafts.examine(door().engine, tx, found)
    if problem:
        flash(problem[0], "danger")
    _say_left_out(left_out)
    return redirect(url_for("deploying.draft", draft_id=draft_id), 303)


@pages.post("/drafts/<int:draft_id>/leave-out")
def leave_out(draft_id: int) -> Answer:
    """Go on without one of the files; the last one takes the draft with it."""
    require(DEPLOY_ROLES)
    with door().writing() as tx:
        found = drafts.get(tx, draft_id)
        drafts.take_out(tx, found, request.form.get("file", ""))
        is_over = not any(bundles.is_drawing(name) for name in drafts.files(tx, found))
        if is_over:
            drafts.discard(tx, found)
        else:
            drafts.examine(door().engine, tx, found)
    return redirect(
        url_for("deploying.new") if is_over else url_for("deploying.draft", draft_id=draft_id), 303
    )


@pages.post("/drafts/<int:draft_id>/answers")
def answer(draft_id: int) -> Answer:
    """Keep what was understood; the rest comes back with its reason, 422.

    A field that was just left is sent alone by the page, which gets back how it was understood.
    """
    require(DEPLOY_ROLES)
    given = _answers()
    with door().writing() as tx:
        found = drafts.get(tx, draft_id)
        wrong = drafts.answer(door().engine, tx, found, given)
    single = verdict.key_of(request.headers.get("HX-Trigger-Name", ""))
    if single is not None:
        return _feedback(draft_id, single, wrong.get(single))
    if wrong:
        return _draft_page(draft_id, {key: given[key] for key in wrong}, wrong, 422)
    return redirect(url_for("deploying.draft", draft_id=draft_id), 303)


@pages.post("/drafts/<int:draft_id>/deploy")
def deploy(draft_id: int) -> Answer:
    """Deploy all of it; if something is in the way by now, the page says what."""
    require(DEPLOY_ROLES)
    note, tag = request.form.get("note", "").strip(), request.form.get("tag", "").strip()
    with door().writing() as tx:
        found = drafts.get(tx, draft_id)
        report = drafts.deploy(
            door().engine, tx, found, author=me().key, note=note[:LONGEST_NOTE], tag=tag[:LONGEST_TAG] or None
        )
    done = [one for one in report.processes if one.version is not None]
    if not done:
        flash(_("Not deployed: see what is still open."), "warning")
        return redirect(url_for("deploying.draft", draft_id=draft_id), 303)
    for one in done:
        flash(
            _(
                "%(process)s: nothing has changed, version %(number)s stays.",
                process=one.process,
                number=one.version,
            )
            if one.unchanged
            else _("%(process)s: version %(number)s is deployed.", process=one.process, number=one.version),
            "success",
        )
    where = url_for("studio.process", key=done[0].process) if len(done) == 1 else url_for("studio.index")
    return redirect(where, 303)


@pages.post("/drafts/<int:draft_id>/discard")
def discard(draft_id: int) -> Answer:
    require(DEPLOY_ROLES)
    with door().writing() as tx:
        drafts.discard(tx, drafts.get(tx, draft_id))
    flash(_("The draft is thrown away."), "success")
    return redirect(url_for("studio.index"), 303)


@pages.get("/drafts/<int:draft_id>/drawing")
def drawing(draft_id: int) -> Response:
    """A drawing of the draft for looking at (`?file=` says which); one without coordinates is laid out."""
    require(DEPLOY_ROLES)
    name = request.args.get("file", "")
    with door().reading() as tx:
        data = drafts.files(tx, drafts.get(tx, draft_id)).get(name)
    read = diagrams.recognise(data, name) if data is not None else None
    if not isinstance(read, diagrams.Recognised):
        raise NotFound(
            "draft_file_unknown",
            "The draft has no drawing “{name}” that can be shown.",
            where=request.path,
            remedy="Load the page of the draft again.",
            name=name,
        )
    out = BytesIO()
    read.root.getroottree().write(out, encoding="UTF-8", xml_declaration=True)
    return Response(lay_out(out.getvalue(), name), mimetype="application/xml", headers=NO_STORE)


# --- What comes in --------------------------------------------------------------------------------


def _received() -> tuple[dict[str, bytes], list[str]]:
    """The files that were handed in under clean names, and the names of those nobody can mean."""
    files: dict[str, bytes] = {}
    left_out = []
    for one in request.files.getlist("files"):
        if not one.filename:
            continue
        name = clean_name(one.filename)
        if not bundles.is_drawing(name) and not bundles.lies_beside(name):
            left_out.append(name)
            continue
        files[_free(name, files)] = _content(one)
    text = request.form.get("text", "").strip()
    if text:
        files[_free(PASTED, files)] = text.encode()
    return files, left_out


def _unpacked(
    files: Mapping[str, bytes],
) -> tuple[dict[str, bytes], dict[str, dict[str, dict[str, str]]]]:
    """Packs taken apart, each into a folder of its own; and the answers that came with them, by drawing.

    Raises Invalid when a pack cannot be used.
    """
    found: dict[str, bytes] = {}
    answers: dict[str, dict[str, dict[str, str]]] = {}
    for name, data in files.items():
        if not name.endswith(packs.SUFFIX):
            found[name] = data
            continue
        pack, folder = packs.read(data, name), name.removesuffix(packs.SUFFIX)
        found |= {f"{folder}/{one}": content for one, content in pack.files.items()}
        answers[f"{folder}/{pack.file}"] = {id: dict(fields) for id, fields in pack.answers.items()}
    return found, answers


def clean_name(given: str) -> str:
    """The name of a file without folders, control characters and what names of files cannot hold."""
    name = re.split(r"[/\\]", given)[-1]
    name = re.sub(r"[\x00-\x1f\x7f<>:\"|?*\u202a-\u202e\u2066-\u2069]", "", name).strip(". ")
    stem, dot, suffix = name.rpartition(".")
    return f"{stem[:LONGEST_NAME]}{dot}{suffix[:20]}".strip() or "drawing.bpmn"


def _free(name: str, taken: Mapping[str, bytes]) -> str:
    """The name, with a number where two files are called the same."""
    stem, dot, suffix = name.rpartition(".")
    free, number = name, 2
    while free in taken:
        free, number = (f"{stem} ({number}){dot}{suffix}" if dot else f"{name} ({number})"), number + 1
    return free


def _content(file: FileStorage) -> bytes:
    """The bytes of a file; of one that is too large only so many that this is noticed."""
    return file.stream.read(xml.MAX_BYTES + 1)


def _refusal(files: Mapping[str, bytes]) -> tuple[str, int] | None:
    """Why these files cannot be taken at all, and the status that says so; None when they can."""
    if not files:
        return _("Choose at least one file, or paste the text of a drawing."), 422
    for name, data in files.items():
        if len(data) > xml.MAX_BYTES:
            return _("%(file)s is larger than 10 MB.", file=name), 413
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_BYTES:
        return _("These are too many files at a time: at most %(most)s, and 20 MB.", most=MOST_FILES), 413
    if not any(bundles.is_drawing(name) for name in files):
        return _("There is no drawing among these files: add the .bpmn file that they belong to."), 422
    return None


def _say_left_out(names: Iterable[str]) -> None:
    for name in names:
        flash(_("%(file)s was left out: it is no drawing, form, table or file of texts.", file=name), "info")


def _answers() -> dict[AskedKey, str]:
    given = {}
    for name, text in request.form.items():
        key = verdict.key_of(name)
        if key is not None:
            given[key] = text
    return given


# --- What is shown --------------------------------------------------------------------------------


def _draft_page(
    draft_id: int,
    typed: Mapping[AskedKey, str] | None = None,
    wrong: Mapping[AskedKey, Invalid] | None = None,
    status: int = 200,
) -> Answer:
    with door().reading() as tx:
        found = drafts.get(tx, draft_id)
        parts = drafts.parts(tx, found)
        report = versions.check(door().engine, tx, parts)
        with_style = "style" in request.args
        if with_style:
            report.findings += versions.style(parts)
        shown = verdict.verdict(report, parts, _processes(tx, report, parts), typed, _reasons(wrong or {}))
        page = render_template(
            "draft.html",
            draft=found,
            verdict=shown,
            signs=verdict.SIGNS,
            severity=verdict.severity,
            outcome=verdict.outcome,
            others=[name for name in drafts.files(tx, found) if bundles.lies_beside(name)],
            longest_note=LONGEST_NOTE,
            longest_tag=LONGEST_TAG,
            with_style=with_style,
        )
    return page, status


def _reasons(wrong: Mapping[AskedKey, Invalid]) -> dict[AskedKey, str]:
    said = {key: words.explain(error) for key, error in wrong.items()}
    return {key: " ".join(part for part in one.values() if part) for key, one in said.items()}


def _processes(
    tx: Transaction, report: Report, parts: Sequence[Bundle]
) -> dict[tuple[str, str], tuple[str, int | None, list[Change]]]:
    """By file and process: how it is called, the newest version, and what is new since then."""
    found = {}
    for bundle in parts:
        wanted = {one.process for one in report.processes if one.file == bundle.file}
        for new in _drawn(report.normal.get(bundle.file), bundle.file):
            if new.process in wanted:
                newest = versions.newest(tx, new.process)
                old = _drawn(newest.normal or newest.xml, newest.file) if newest else []
                before = next((one for one in old if one.process == new.process), None)
                changed = diagrams.changes(before, new)
                number = newest.number if newest else None
                found[bundle.file, new.process] = (new.name or new.process, number, changed)
    return found


def _drawn(data: bytes | None, file: str) -> list[diagrams.Drawing]:
    return diagrams.read(xml.parse(data, file), file) if data else []


def _feedback(draft_id: int, key: AskedKey, wrong: Invalid | None) -> Answer:
    """How one answer was understood, for its place below the field."""
    with door().reading() as tx:
        found: Draft = drafts.get(tx, draft_id)
        file, element, field = key
        kept = found.answers.get(file, {}).get(element, {}).get(field, "")
        left = found.questions
    return render_template(
        "draft_answer.html",
        kept=kept,
        problem=_reasons({key: wrong})[key] if wrong else "",
        left=left,
    ), 422 if wrong else 200
