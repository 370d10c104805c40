"""Looking after cases that cannot go on by themselves: the list of them, and the repairs of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from engine import repair, troubles
from engine.db import Transaction
from engine.errors import Conflict, Invalid, PercorsoError
from engine.repair import Place
from engine.runtime import CaseRef, CaseView, case_view
from engine.values import Value, to_json
from web import names, words
from web.auth import REPAIR_ROLES, Answer, me, require
from web.door import door
from web.names import Names

pages = Blueprint("repairs", __name__)

MOST = 200
"""How many lines the list of troubles shows."""


@dataclass(frozen=True)
class Choice:
    """Something to choose: its value, and how it is called."""

    value: str
    label: str


@dataclass(frozen=True)
class Spot:
    """Where the case stands, with what can be done there."""

    place: Place
    name: str
    kind: str
    ways: list[Choice]
    targets: list[Choice]
    missing: str


@pages.get("/incidents")
def index() -> Answer:
    require(REPAIR_ROLES)
    here, language = door(), str(get_locale())
    with here.reading() as tx:
        found = troubles.listed(tx, MOST)
        called = names.of(tx, (one.version_id for one in found), language)
        rows = [
            {
                "trouble": one,
                "step": _element(called, one.version_id, one.element),
                "process": called[one.version_id].process if one.version_id else one.process,
                **words.trouble(one),
            }
            for one in found
        ]
    return render_template("incidents.html", rows=rows, more=len(found) >= MOST)


@pages.post("/incidents/<int:incident_id>/dismiss")
def dismiss(incident_id: int) -> Answer:
    require(REPAIR_ROLES)
    with door().writing() as tx:
        troubles.dismiss(tx, incident_id)
    return redirect(url_for("repairs.index"), 303)


@pages.get("/cases/<case_no>/repair")
def case(case_no: str) -> Answer:
    require(REPAIR_ROLES)
    return _page(case_no)


@pages.post("/cases/<case_no>/repair/retry")
def retry(case_no: str) -> Answer:
    require(REPAIR_ROLES)
    return _do(case_no, lambda tx, who: repair.retry(door().engine, tx, case_no, actor_id=who))


@pages.post("/cases/<case_no>/repair/set")
def change(case_no: str) -> Answer:
    """One variable at a time: its new value, or none."""
    require(REPAIR_ROLES)
    given = request.form

    def work(tx: Transaction, who: int) -> CaseRef:
        name = given.get("name", "").strip()
        taken = given.get("kind") == "remove"
        return repair.change(
            door().engine,
            tx,
            case_no,
            {} if taken else {name: _typed(given.get("kind", ""), given.get("value", "").strip())},
            remove=[name] if taken else [],
            reason=given.get("reason", ""),
            again=given.get("again") == "yes",
            actor_id=who,
        )

    return _do(case_no, work)


@pages.post("/cases/<case_no>/repair/skip")
def skip(case_no: str) -> Answer:
    require(REPAIR_ROLES)
    given = request.form
    return _do(
        case_no,
        lambda tx, who: repair.skip(
            door().engine,
            tx,
            case_no,
            given.get("element", ""),
            flow=given.get("flow"),
            token_id=given.get("token", type=int),
            reason=given.get("reason", ""),
            actor_id=who,
        ),
    )


@pages.get("/cases/<case_no>/repair/move")
def preview(case_no: str) -> Answer:
    """What a move would do; nothing is done yet."""
    require(REPAIR_ROLES)
    return _preview_page(case_no, request.args)


@pages.post("/cases/<case_no>/repair/move")
def move(case_no: str) -> Answer:
    require(REPAIR_ROLES)
    given = request.form
    try:
        with door().writing() as tx:
            repair.move(
                door().engine,
                tx,
                case_no,
                given.get("element", ""),
                given.get("target", ""),
                token_id=given.get("token", type=int),
                revision=given.get("revision", type=int),
                reason=given.get("reason", ""),
                actor_id=me().id,
            )
    except (Conflict, Invalid) as error:
        return _preview_page(case_no, given, error)
    return _back(case_no)


@pages.post("/cases/<case_no>/repair/cancel")
def cancel(case_no: str) -> Answer:
    require(REPAIR_ROLES)
    reason = request.form.get("reason", "")
    return _do(
        case_no, lambda tx, who: repair.cancel(door().engine, tx, case_no, reason=reason, actor_id=who)
    )


def _do(case_no: str, work: Any) -> Answer:
    """Do a repair; a refusal comes back above the forms, with what was filled in."""
    try:
        with door().writing() as tx:
            work(tx, me().id)
    except (Conflict, Invalid) as error:
        return _page(case_no, error)
    return _back(case_no)


def _back(case_no: str) -> Answer:
    with door().reading() as tx:
        status = case_view(door().engine, tx, case_no).status
    if status in {"incident", "stuck"}:
        flash(_("It is done, but the case still needs somebody."), "warning")
    else:
        flash(_("It is done; the case goes on.") if status == "open" else _("It is done."), "success")
    return redirect(url_for("cases.case", case_no=case_no), 303)


def _page(case_no: str, error: PercorsoError | None = None) -> Answer:
    here, language = door(), str(get_locale())
    with here.reading() as tx:
        view = case_view(here.engine, tx, case_no)
        called = names.of(tx, {view.version_id, *view.calls.values()}, language)
        wrong = troubles.of_case(here.engine, tx, view.case_id)
        found = [] if view.ended_at else repair.places(here.engine, tx, view.case_id)
        spots = [_spot(tx, view, one, called) for one in found]
        page = {
            "case": view,
            "process": called[view.version_id].process,
            "wrong": [
                (one, _element(called, view.version_id, one.element, view), words.trouble(one))
                for one in wrong
            ],
            "failed": any(one.incident_id for one in wrong),
            "spots": spots,
            "data": {key: to_json(value) for key, value in sorted(view.data.items())},
            "kinds": _kinds(),
            "given": request.form,
            "problem": words.explain(error) if error is not None else None,
        }
    return render_template("repair.html", **page), error.status if error is not None else 200


def _preview_page(case_no: str, given: Mapping[str, Any], error: PercorsoError | None = None) -> Answer:
    here, language = door(), str(get_locale())
    token = str(given.get("token", ""))
    element, target = str(given.get("element", "")), str(given.get("target", ""))
    with here.reading() as tx:
        view = case_view(here.engine, tx, case_no)
        called = names.of(tx, {view.version_id, *view.calls.values()}, language)
        try:
            shown = repair.preview(
                here.engine,
                tx,
                view.case_id,
                element,
                target,
                token_id=int(token) if token.isdigit() else None,
            )
        except (Conflict, Invalid) as refusal:
            return _page(case_no, refusal)
        opened = [one for one in shown.opened if not _is_beside(one)]
        page = {
            "case": view,
            "shown": shown,
            "given": {
                "element": element,
                "target": target,
                "token": token,
                "reason": given.get("reason", ""),
            },
            "cancelled": [(one, _name(called, one), _kind(one)) for one in shown.cancelled],
            "opened": [(one, _name(called, one), _kind(one)) for one in shown.opened],
            "step": _element(called, view.version_id, element, view),
            "goal": _element(called, view.version_id, target, view),
            "marks": {
                **{one.element: {"class": "incident"} for one in shown.cancelled},
                **{one.element: {"class": "current"} for one in opened},
            },
            "drawn": (opened or shown.cancelled)[0].version_id
            if opened or shown.cancelled
            else view.version_id,
            "process": called[view.version_id].process,
            "problem": words.explain(error) if error is not None else None,
        }
    return render_template("repair_move.html", **page), error.status if error is not None else 200


def _spot(tx: Transaction, view: CaseView, place: Place, called: Mapping[int, Names]) -> Spot:
    known = called[place.version_id]
    ways = [
        Choice(flow, f"{name} → {known.element(to)}" if name else known.element(to))
        for flow, name, to in place.ways
    ]
    possible = repair.targets(door().engine, tx, view.case_id, place.token)
    targets = [
        Choice(id, _element(called, place.version_id, id, view)) for id in possible if id != place.element
    ]
    missing = ", ".join(f"“{known.element(id)}”" for id in place.missing)
    return Spot(place, _name(called, place), _kind(place), ways, targets, missing)


def _name(called: Mapping[int, Names], place: Place) -> str:
    return called[place.version_id].element(place.element, place.name)


def _element(
    called: Mapping[int, Names], version_id: int | None, id: str | None, view: CaseView | None = None
) -> str:
    """An element's name, in the version or in whatever else the case calls."""
    if id is None or version_id is None:
        return id or ""
    own = [called[version_id], *(called[one] for one in (view.calls.values() if view else ()))]
    known: Names | None = next((one for one in own if id in one.model.elements), None)
    return str(known.element(id)) if known else id


def _is_beside(place: Place) -> bool:
    return place.kind == "boundaryEvent"


def _typed(kind: str, text: str) -> Value:
    """The value that somebody means who chose that kind."""
    try:
        match kind:
            case "number":
                return Decimal(text.replace(" ", "").replace(",", "."))
            case "yes" | "no":
                return kind == "yes"
            case "date":
                return date.fromisoformat(text)
            case "time":
                moment = datetime.fromisoformat(text)
                return moment if moment.tzinfo else moment.replace(tzinfo=door().settings.timezone)
            case "code":
                return text
            case "empty":
                return None
    except (InvalidOperation, ValueError):
        pass
    raise Invalid(
        "value_unreadable",
        "“{text}” cannot be read as what you chose.",
        where="value",
        remedy="Write a number such as 12.5, a date such as 2026-03-02, a time such as 2026-03-02T09:00.",
        text=text,
    )


def _kinds() -> list[Choice]:
    return [
        Choice("number", _("a number")),
        Choice("code", _("a code")),
        Choice("date", _("a date")),
        Choice("time", _("a date with a time")),
        Choice("yes", _("yes")),
        Choice("no", _("no")),
        Choice("empty", _("no value")),
        Choice("remove", _("take it away")),
    ]


def _kind(place: Place) -> str:
    """What an element is, for somebody who does not draw."""
    kinds: dict[str, str] = {
        "userTask": _("a task for a person"),
        "manualTask": _("a task for a person"),
        "task": _("a task for a person"),
        "serviceTask": _("done by the system"),
        "scriptTask": _("done by the system"),
        "businessRuleTask": _("decided by rules"),
        "sendTask": _("sends a message"),
        "receiveTask": _("waits for a message"),
        "exclusiveGateway": _("the way divides"),
        "inclusiveGateway": _("the way divides"),
        "parallelGateway": _("ways divide or join"),
        "eventBasedGateway": _("waits for what happens first"),
        "intermediateCatchEvent": _("waits for something"),
        "boundaryEvent": _("watches beside a step"),
        "endEvent": _("an end"),
        "subProcess": _("a part of the process"),
        "transaction": _("a part of the process"),
        "callActivity": _("another process"),
    }
    return str(kinds.get(place.kind) or _("a step"))
