"""Commands for cases that cannot go on by themselves: incidents, and the group repair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from engine import people, repair, troubles
from engine.db import Transaction
from engine.errors import Forbidden
from engine.repair import Place, Preview
from web.auth import REPAIR_ROLES
from web.cli import words
from web.cli.cases import case_answer, known
from web.cli.desk import Answer, Desk
from web.cli.options import JSON_OBJECT, NUMBER, json_option, now_option

why_option = click.option("--reason", required=True, help="Why; it is kept with the repair.")
token_option = click.option(
    "--token", type=NUMBER, help="Which one, where the case stands there several times."
)
as_option = click.option(
    "--as", "person", metavar="PERSON", help="Who does it; default: nobody in particular."
)


@click.command()
@json_option
@click.pass_obj
def incidents(desk: Desk) -> Answer:
    """List what has failed and the cases that are stuck, the oldest first."""
    with desk.reading() as tx:
        found = troubles.listed(tx)
    rows = [
        (
            one.incident_id,
            one.case_no,
            one.element or one.process,
            desk.local(one.since),
            one.attempts or None,
            desk.local(one.next_try),
            one.reason,
        )
        for one in found
    ]
    headers = ("INCIDENT", "CASE", "WHERE", "SINCE", "TRIES", "NEXT TRY", "WHY")
    return Answer([one.to_json() for one in found], lambda: words.table(headers, rows, "Nothing has failed."))


@click.group("repair")
def repair_() -> None:
    """Get a case past what failed: retry, set, skip, move, cancel."""


@repair_.command()
@click.argument("case")
@click.option("--element", help="Only what failed at this element.")
@as_option
@now_option
@json_option
@click.pass_obj
def retry(desk: Desk, case: str, element: str | None, person: str | None, now: datetime | None) -> Answer:
    """Try what has failed in CASE again, now."""
    with desk.writing(desk.instant(now)) as tx:
        ref = repair.retry(desk.engine, tx, known(case), element=element, actor_id=_actor(tx, person))
        return case_answer(desk, tx, ref)


@repair_.command("set")
@click.argument("case")
@click.option("--data", type=JSON_OBJECT, default=None, help="The variables with their new values.")
@click.option("--remove", multiple=True, metavar="NAME", help="A variable to take away; several times.")
@click.option("--retry", "again", is_flag=True, help="Then try what has failed again.")
@why_option
@as_option
@now_option
@json_option
@click.pass_obj
def change(
    desk: Desk,
    case: str,
    data: Mapping[str, Any] | None,
    remove: Sequence[str],
    again: bool,
    reason: str,
    person: str | None,
    now: datetime | None,
) -> Answer:
    """Give variables of CASE other values: ids, codes, numbers, dates."""
    with desk.writing(desk.instant(now)) as tx:
        ref = repair.change(
            desk.engine,
            tx,
            known(case),
            data or {},
            reason=reason,
            remove=remove,
            again=again,
            actor_id=_actor(tx, person),
        )
        return case_answer(desk, tx, ref)


@repair_.command()
@click.argument("case")
@click.argument("element")
@click.option("--flow", metavar="ID", help="The arrow to be taken, where the element is a gateway.")
@token_option
@why_option
@as_option
@now_option
@json_option
@click.pass_obj
def skip(
    desk: Desk,
    case: str,
    element: str,
    flow: str | None,
    token: int | None,
    reason: str,
    person: str | None,
    now: datetime | None,
) -> Answer:
    """Let CASE go on behind ELEMENT without doing it."""
    with desk.writing(desk.instant(now)) as tx:
        ref = repair.skip(
            desk.engine,
            tx,
            known(case),
            element,
            reason=reason,
            flow=flow,
            token_id=token,
            actor_id=_actor(tx, person),
        )
        return case_answer(desk, tx, ref)


@repair_.command()
@click.argument("case")
@click.argument("element")
@click.argument("target")
@click.option("--preview", is_flag=True, help="Only say what would be cancelled and opened.")
@click.option("--revision", type=NUMBER, help="That of the preview: refuse if the case has changed since.")
@click.option("--reason", default="", help="Why; it is kept with the repair. Needed but for --preview.")
@token_option
@as_option
@now_option
@json_option
@click.pass_obj
def move(
    desk: Desk,
    case: str,
    element: str,
    target: str,
    preview: bool,
    revision: int | None,
    reason: str,
    token: int | None,
    person: str | None,
    now: datetime | None,
) -> Answer:
    """Take CASE off ELEMENT and put it on the element TARGET."""
    with desk.writing(desk.instant(now)) as tx:
        if preview:
            shown = repair.preview(desk.engine, tx, known(case), element, target, token_id=token)
            return Answer(shown.to_json(), lambda: _preview(shown))
        ref = repair.move(
            desk.engine,
            tx,
            known(case),
            element,
            target,
            reason=reason,
            token_id=token,
            revision=revision,
            actor_id=_actor(tx, person),
        )
        return case_answer(desk, tx, ref)


@repair_.command()
@click.argument("case")
@why_option
@as_option
@now_option
@json_option
@click.pass_obj
def cancel(desk: Desk, case: str, reason: str, person: str | None, now: datetime | None) -> Answer:
    """End CASE as cancelled: its tasks are closed, and it waits for nothing."""
    with desk.writing(desk.instant(now)) as tx:
        ref = repair.cancel(desk.engine, tx, known(case), reason=reason, actor_id=_actor(tx, person))
        return case_answer(desk, tx, ref)


@repair_.command()
@click.argument("incident", type=NUMBER)
@json_option
@click.pass_obj
def dismiss(desk: Desk, incident: int) -> Answer:
    """Take INCIDENT off the list, when its case never came to be."""
    with desk.writing(desk.now()) as tx:
        troubles.dismiss(tx, incident)
    return Answer({"dismissed": incident}, lambda: f"Incident {incident} is off the list.")


def _actor(tx: Transaction, key: str | None) -> int | None:
    if key is None:
        return None
    person = people.by_key(tx, key)
    if not person.roles & REPAIR_ROLES:
        raise Forbidden(
            "repair_forbidden",
            "{person} may not repair cases.",
            where="--as",
            remedy="It takes one of the roles {roles}.",
            person=person.name,
            roles=", ".join(sorted(REPAIR_ROLES)),
        )
    return person.id


def _preview(shown: Preview) -> str:
    def rows(label: str, places: Sequence[Place]) -> list[tuple[object, ...]]:
        return [(label, place.name, place.element, place.kind) for place in places]

    lines = rows("cancelled", shown.cancelled) + rows("opened", shown.opened)
    table = words.table(("WOULD BE", "STEP", "ELEMENT", "KIND"), lines, "Nothing would change.")
    return f"Case {shown.case_no}, revision {shown.revision}; nothing has been done.\n\n{table}"
