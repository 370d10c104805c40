"""Commands that make imaginary history: demo and play."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select, text

from engine import config, people, versions
from engine import play as theatre
from engine.columns import Base
from engine.db import Transaction
from engine.errors import Conflict, DiagramRefused
from engine.play.hours import WorkingHours
from engine.tables import Case, Version
from web import accounts
from web.cli import service, words
from web.cli.desk import Answer, Desk
from web.cli.options import json_option, now_option

DEMO_DATABASE = "sqlite:///demo/percorso.db"
LEFT_OPEN = timedelta(hours=3)
"""Working time before now at which the imaginary staff stop, so that tasks are left for the visitor."""
ALSO_THERE: Mapping[str, tuple[str, ...]] = {"Teresa Valli": ("cdo", "management")}
"""Who signs in besides the staff of the scenarios."""
ALSO_ROLE = "sales_manager"
"""What they do too once the history is there, so that the visitor's own inbox is not empty."""
SHOWN = ("sales_rep", "sales_office", "sales_manager", "support_agent", "cdo")
"""Whom to sign in as, told at the end: one of each of these roles."""


@dataclass(frozen=True)
class Made:
    """How a demo database was made."""

    days: int
    seed: int
    at: datetime


@click.command()
@click.option("--days", type=click.IntRange(1, 730), default=90, show_default=True, help="Days of history.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed makes another history.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Where it is served."
)
@click.option("--no-serve", is_flag=True, help="Only make the database.")
@json_option
@click.pass_context
def demo(ctx: click.Context, days: int, seed: int, port: int, no_serve: bool) -> Answer | None:
    """Make a company with a history, in ./demo/percorso.db or --database, and serve it.

    A demo that is there already is used again, unless other --days or another --seed are wanted.
    """
    given: Desk = ctx.obj
    desk = Desk(given.file, given.database or DEMO_DATABASE)
    desk.json = given.json
    ctx.call_on_close(desk.close)
    host = desk.settings.host
    if not no_serve:
        service.check_port(host, port)
    service.prepare(desk)
    chosen = {name for name in ("days", "seed") if _was_given(ctx, name)}
    made = _made(desk)
    fits = made is not None and all(getattr(made, name) == ctx.params[name] for name in chosen)
    played: theatre.Report | None = None
    if made is None or not fits:
        played = _build(desk, days, seed)
        made = Made(days, seed, played.until)
    shape = _shape(desk, made, played)
    if no_serve:
        return Answer(shape, lambda: _welcome(desk, shape, None))

    def announce(url: str) -> None:
        service.say(desk, {**shape, "url": url}, _welcome(desk, shape, url))

    service.run_server(desk, host, port, announce)
    return None


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How long.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed makes another history.")
@click.option(
    "--scenario",
    "paths",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Scenario files, or folders with some; default: the shipped ones.",
)
@now_option
@json_option
@click.pass_obj
def play(desk: Desk, days: int, seed: int, paths: Sequence[Path], now: datetime | None) -> Answer:
    """Let imaginary staff and customers work on what is deployed, for the days that end now."""
    scenario = theatre.load(paths or [drawings()])
    until = desk.instant(now)
    with desk.writing(until) as tx:
        _check_imaginary(desk, tx)
    report = _play(desk, scenario, until - timedelta(days=days), until, seed, until)
    return Answer(report.to_json(), lambda: _played(report))


def drawings() -> Path:
    """The folder of the drawings that come with Percorso."""
    return config.shipped_file().with_name("bpmn")


# --- Making a demo --------------------------------------------------------------------------------


def _build(desk: Desk, days: int, seed: int) -> theatre.Report:
    _clear(desk)
    until = desk.now()
    start = until - timedelta(days=days)
    with desk.writing(start) as tx:
        accounts.mark_demo(tx)
        report = versions.deploy(desk.engine, tx, [drawings()], author="percorso")
        if report.exit_code == 1:
            raise DiagramRefused(report.findings)
        for name, roles in ALSO_THERE.items():
            people.ensure(tx, theatre.key_of(name), name, roles)
    home = WorkingHours(desk.engine.zone).before(until, LEFT_OPEN)
    played = _play(desk, theatre.load([drawings()]), start, until, seed, home)
    with desk.writing(until) as tx:
        for name, roles in ALSO_THERE.items():
            people.ensure(tx, theatre.key_of(name), name, [*roles, ALSO_ROLE])
        for person in people.everybody(tx):
            accounts.set_password(tx, person.id, accounts.DEMO_PASSWORD)
        for key, value in {"days": days, "seed": seed, "at": until.isoformat()}.items():
            tx.session.merge(accounts.Installation(key=f"demo.{key}", value=str(value)))
    return played


def _play(
    desk: Desk, scenario: theatre.Scenario, start: datetime, until: datetime, seed: int, staff_until: datetime
) -> theatre.Report:
    """Play, and say on a terminal which day it is."""
    shown = not desk.json and sys.stderr.isatty()

    def tell(moment: datetime) -> None:
        click.echo(f"\rPlaying {moment:%Y-%m-%d} ", err=True, nl=False)

    report = theatre.play(
        desk.engine,
        scenario,
        start=start,
        until=until,
        seed=seed,
        staff_until=staff_until,
        progress=tell if shown else None,
    )
    if shown:
        click.echo("\r" + " " * len("Playing 2026-03-02 ") + "\r", err=True, nl=False)
    return report


def _made(desk: Desk) -> Made | None:
    """How the demo in this database was made; None when there is none, or only half of one."""
    with desk.reading() as tx:
        found = {
            row.key: row.value
            for row in tx.session.scalars(
                select(accounts.Installation).where(accounts.Installation.key.startswith("demo."))
            )
        }
    if not {"demo.days", "demo.seed", "demo.at"} <= set(found):
        return None
    return Made(int(found["demo.days"]), int(found["demo.seed"]), datetime.fromisoformat(found["demo.at"]))


def _clear(desk: Desk) -> None:
    """Make room for a new demo; a database with anything else in it is left alone."""
    with desk.reading() as tx:
        is_demo = tx.session.get(accounts.Installation, "demo") is not None
        used = tx.session.scalar(select(Version.id).limit(1)) or tx.session.scalar(select(Case.id).limit(1))
    if not is_demo:
        if used:
            raise _in_use(desk, "A demo would be mixed with it.")
        return
    click.echo("The demo that is there was made otherwise, or not to its end: it is made anew.", err=True)
    database = desk.engine.database
    database.close()
    with database.pool.begin() as connection:
        Base.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    service.prepare(desk)


def _check_imaginary(desk: Desk, tx: Transaction) -> None:
    """Play only where everybody is imaginary: on a demo, or where nobody has begun a case yet."""
    played = accounts.Installation
    if tx.session.get(played, "demo") is None and tx.session.get(played, "played") is None:
        if tx.session.scalar(select(Case.id).limit(1)) is not None:
            raise _in_use(desk, "Imaginary cases would be mixed with them.")
        tx.session.add(played(key="played", value="yes"))


def _in_use(desk: Desk, why: str) -> Conflict:
    return Conflict(
        "database_in_use",
        "The database {url} is in use for real work. {why}",
        where="--database",
        remedy="Choose another database: --database sqlite:///demo/percorso.db",
        url=desk.engine.database.pool.url.render_as_string(hide_password=True),
        why=why,
    )


# --- Saying it ------------------------------------------------------------------------------------


def _was_given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT


def _played(report: theatre.Report) -> str:
    return (
        f"{_days(round(report.days))} played in {report.seconds:.1f} s: {report.cases} cases begun, "
        f"{report.tasks} tasks done, {report.messages} messages, {report.timers} timers, "
        f"{report.stalled} times stalled, {report.failed} failures."
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _shape(desk: Desk, made: Made, played: theatre.Report | None) -> dict[str, Any]:
    with desk.reading() as tx:
        everybody = people.everybody(tx)
    return {
        "database": desk.engine.database.pool.url.render_as_string(hide_password=True),
        "days": made.days,
        "seed": made.seed,
        "until": words.iso(made.at),
        "reused": played is None,
        "played": played.to_json() if played is not None else None,
        "password": accounts.DEMO_PASSWORD,
        "people": [
            {"key": person.key, "name": person.name, "roles": sorted(person.roles)} for person in everybody
        ],
        "url": None,
    }


def _welcome(desk: Desk, shape: Mapping[str, Any], url: str | None) -> str:
    at = desk.local(datetime.fromisoformat(shape["until"]))
    lines = []
    if shape["reused"]:
        seed = shape["seed"]
        lines.append(
            f"The demo in {shape['database']} is used again: {_days(shape['days'])} up to {at}, seed {seed}. "
            f"`percorso demo --seed {seed + 1}` makes another in its place."
        )
    else:
        played = shape["played"]
        lines.append(
            f"{_days(shape['days'])} of history played in {played['seconds']:.1f} s: {played['cases']} "
            f"leads and tickets came in, {played['tasks']} tasks were done."
        )
    lines.append(f"Open {url} and sign in as" if url else "Serve it with `percorso demo`, and sign in as")
    for role in SHOWN:
        person = next((one for one in shape["people"] if role in one["roles"]), None)
        if person is not None:
            label = desk.settings.roles[role].label("en") if role in desk.settings.roles else role
            lines.append(f"  {person['key']:<18} {label}")
    lines.append(f"with the password {shape['password']}." + (" Ctrl-C stops it." if url else ""))
    return "\n".join(lines)
