"""Messages that no case has taken: find one, give it to a case, try it again, dismiss it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from engine import messages
from engine.catalog import Title
from engine.db import Transaction
from engine.errors import Conflict, Invalid, NotFound, PercorsoError
from engine.messages import Candidate, Receipt
from engine.runtime import find_case
from engine.tables import Case
from engine.values import to_json
from web import names, words
from web.auth import MESSAGE_ROLES, PAYLOAD_ROLES, Answer, me, require
from web.door import door

pages = Blueprint("messages", __name__)

PAGE = 50
"""How many messages a page of the list shows."""

MOST_PAGES = 1000

FILTERS: Mapping[str, Sequence[str]] = {
    "": ("received", "kept", "failed"),
    "failed": ("failed",),
    "expired": ("expired",),
    "dismissed": ("dismissed",),
}
"""What each choice of the list shows; the first is what somebody should look at."""

SIGNS = {"received": "soon", "kept": "fine", "failed": "late"}
"""Which of the inbox's colours a message's dot has."""


@dataclass(frozen=True)
class Offered:
    """A case that the message may be given to, as the page shows it."""

    case_no: str
    name: str
    about: str
    waits: bool
    same: bool


@pages.get("/messages")
def index() -> Answer:
    require(MESSAGE_ROLES)
    chosen = request.args.get("state", "")
    chosen = chosen if chosen in FILTERS else ""
    page = min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)
    with door().reading() as tx:
        found = messages.unmatched(tx, FILTERS[chosen], PAGE + 1, (page - 1) * PAGE)
    return render_template(
        "messages.html",
        rows=found[:PAGE],
        signs=SIGNS,
        chosen=chosen,
        states=_filters(),
        labels=_states(),
        reason=_reason,
        page=page,
        newer=_url(chosen, page - 1) if page > 1 else None,
        older=_url(chosen, page + 1) if len(found) > PAGE else None,
    )


@pages.get("/messages/<int:message_id>")
def message(message_id: int) -> Answer:
    require(MESSAGE_ROLES)
    return _page(message_id)


@pages.post("/messages/<int:message_id>/attach")
def attach(message_id: int) -> Answer:
    """Give it to a case; where the case waits for it at several places, the page asks at which."""
    case = request.form.get("case", "").replace("\0", "").strip()
    element = request.form.get("element") or None
    if not case:
        require(MESSAGE_ROLES)
        return _page(message_id, {"case": _("Give the number of a case.")})
    return _decide(
        message_id,
        lambda: messages.attach(
            door().engine, door().clock(), message_id, case[:100], actor_id=me().id, element=element
        ),
        case,
    )


@pages.post("/messages/<int:message_id>/retry")
def retry(message_id: int) -> Answer:
    return _decide(
        message_id,
        lambda: messages.retry(door().engine, door().clock(), message_id, actor_id=me().id),
    )


@pages.post("/messages/<int:message_id>/dismiss")
def dismiss(message_id: int) -> Answer:
    require(MESSAGE_ROLES)
    reason = request.form.get("reason", "")
    try:
        with door().writing() as tx:
            messages.dismiss(door().engine, tx, message_id, reason, actor_id=me().id)
    except Invalid as error:
        return _page(message_id, {"reason": words.explain(error)["message"] or ""}, reason=reason)
    except Conflict as error:
        return _page(message_id, refusal=error)
    flash(_("The message is dismissed."), "success")
    return redirect(url_for("messages.index"), 303)


def _decide(message_id: int, act: Callable[[], Receipt], case: str = "") -> Answer:
    """Do it, and go to the case that has taken the message, or back to the message with what was said."""
    require(MESSAGE_ROLES)
    try:
        receipt = act()
    except (NotFound, Invalid, Conflict) as error:
        if isinstance(error, NotFound) and error.code == "message_unknown":
            raise
        places = _places(message_id, case) if error.code == "message_places" else []
        problems = {"case": words.explain(error)["message"] or ""} if case else {}
        return _page(message_id, problems, refusal=None if case else error, case=case, places=places)
    if receipt.refusal is not None:
        return _page(message_id, refusal=receipt.refusal)
    if receipt.cases:
        flash(_("Case %(case_no)s has taken the message.", case_no=receipt.cases[0].case_no), "success")
        return redirect(url_for("cases.case", case_no=receipt.cases[0].case_no), 303)
    flash(
        _("The message is kept for case %(case_no)s until it waits for it.", case_no=case)
        if case
        else _("No case waits for the message yet."),
        "success" if case else "info",
    )
    return redirect(url_for("messages.message", message_id=message_id), 303)


def _page(
    message_id: int,
    problems: Mapping[str, str] | None = None,
    *,
    refusal: PercorsoError | None = None,
    case: str = "",
    reason: str = "",
    places: Sequence[tuple[str, str]] = (),
) -> Answer:
    """The message; after a refusal with what was said above, or at its field, 409 or 422."""
    with door().reading() as tx:
        found, payload = messages.get(tx, message_id)
        open_still = found.state in messages.UNMATCHED
        offered = _offered(tx, messages.candidates(tx, found)) if open_still else []
    may_read = bool(me().roles & PAYLOAD_ROLES)
    page = render_template(
        "message.html",
        one=found,
        open=open_still,
        payload={key: _shown(value) for key, value in sorted(payload.items())} if may_read else None,
        note=found.note if may_read else None,
        offered=offered,
        labels=_states(),
        why=_reason(found.reason),
        problems=problems or {},
        refusal=words.explain(refusal) if refusal is not None else None,
        case=case,
        reason=reason,
        places=places,
        longest=messages.MAX_NOTE,
    )
    return page, 422 if problems else refusal.status if refusal is not None else 200


def _places(message_id: int, case: str) -> list[tuple[str, str]]:
    """(element, its name) of each place at which a case waits for the message."""
    here = door()
    with here.reading() as tx:
        found, _payload = messages.get(tx, message_id)
        row = tx.session.get_one(Case, find_case(tx, case))
        called = names.of(tx, [row.version_id], str(get_locale()))[row.version_id]
        elements = messages.places(here.engine, tx, row.id, found.name)
        return [(element, called.element(element, element)) for element in elements]


def _offered(tx: Transaction, candidates: Sequence[Candidate]) -> list[Offered]:
    """The cases with their names, in as many queries for one as for many."""
    ids = [one.case_id for one in candidates]
    rows = {row.id: row for row in tx.session.scalars(select(Case).where(Case.id.in_(ids)))} if ids else {}
    called = names.of(tx, (row.version_id for row in rows.values()), str(get_locale()))
    subjects = {id: (row.subject_kind or "", row.subject_id or 0) for id, row in rows.items()}
    about_somebody = {subject for subject in subjects.values() if subject[1]}
    titles = door().engine.catalog.titles(tx.session, about_somebody) if about_somebody else {}
    offered = []
    for one in candidates:
        row = rows[one.case_id]
        process = called[row.version_id].process
        title = titles.get(subjects[one.case_id], Title(""))
        about = " · ".join(part for part in (row.case_no, title.detail, title.name and process) if part)
        offered.append(Offered(row.case_no, title.name or process, about, one.waits, one.same))
    return offered


def _url(state: str, page: int) -> str:
    return url_for("messages.index", state=state or None, page=page if page > 1 else None)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if value is None:
        return "–"
    if isinstance(value, (dict, list)):
        return json.dumps(to_json(value), ensure_ascii=False)
    return str(to_json(value))


def _filters() -> dict[str, str]:
    return {
        "": _("To be looked at"),
        "failed": _("Not delivered"),
        "expired": _("Expired"),
        "dismissed": _("Dismissed"),
    }


def _states() -> dict[str, tuple[str, str]]:
    """The colour and the label of each state's badge."""
    return {
        "received": ("blue", _("on its way")),
        "kept": ("yellow", _("nobody waits for it")),
        "failed": ("red", _("not delivered")),
        "expired": ("secondary", _("expired")),
        "dismissed": ("secondary", _("dismissed")),
        "matched": ("green", _("delivered")),
    }


def _reason(code: str | None) -> str:
    """Why it could not be delivered, in the reader's language; an unknown code is shown as it is."""
    known: dict[str, str] = {
        "message_ambiguous": _("Several cases wait for it, and its keys do not tell which one is meant."),
        "step_failed": _("A step of the case failed."),
        "unforeseen": _("Something unforeseen happened."),
    }
    return known.get(code or "", code or "")
