"""Commands about what is kept: leads from a file, figures, people."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from engine import people
from engine.errors import Invalid, NotFound
from engine.people import Person
from processes import kpis
from processes.imports.leads import import_leads
from processes.imports.mapping import load
from processes.imports.report import ImportReport
from processes.kpis.leads import WITHIN_DAYS
from web import accounts
from web.cli import words
from web.cli.desk import Answer, Desk
from web.cli.options import INSTANT, json_option, now_option

KEY = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")


@click.group("import")
def import_() -> None:
    """Take in what lies in files."""


@import_.command("leads")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--map", "layout", type=click.Path(path_type=Path), help="A MAP.toml: which column is what.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@now_option
@json_option
@click.pass_obj
def leads(desk: Desk, file: Path, layout: Path | None, dry_run: bool, now: datetime | None) -> Answer:
    """Take in the leads of a CSV file: each starts a case at its own date, once and for all."""
    report = import_leads(
        desk.engine,
        desk.engine.transaction,
        file,
        load(layout) if layout is not None else None,
        now=desk.instant(now),
        dry_run=dry_run,
        progress=None if desk.json or not sys.stderr.isatty() else _progress,
    )
    return Answer(report.to_json(), lambda: _import_text(report))


def _progress(done: int, of: int) -> None:
    click.echo(f"\r{done} of {of} leads", err=True, nl=done >= of)


def _import_text(report: ImportReport) -> str:
    shape: Any = report.to_json()
    head = f"{shape['file']}: {shape['rows']} rows ({shape['encoding']}, delimiter {shape['delimiter']})"
    columns = [f"  {name} <- {header}" for name, header in shape["mapping"].get("columns", {}).items()]
    done = "would be created" if report.dry_run else "created"
    counts = (
        f"{report.created} {done} ({report.repaired} of them repaired, {report.won} won), "
        f"{report.skipped} skipped, {report.refused} refused"
    )
    return "\n".join([head, *columns, *shape["problems"], *report.summary(), counts])


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--from", "from_", type=INSTANT, help="The period begins here (included); default: open.")
@click.option("--to", type=INSTANT, help="It ends here (excluded); default: open.")
@click.option("--as-of", type=INSTANT, help="As things stood then; default: the real clock.")
@click.option(
    "--within-days",
    type=click.IntRange(1, 3650),
    default=WITHIN_DAYS,
    show_default=True,
    help="K01d counts what was won within so many days.",
)
@json_option
@click.pass_obj
def kpi(
    desk: Desk,
    ids: Sequence[str],
    from_: datetime | None,
    to: datetime | None,
    as_of: datetime | None,
    within_days: int,
) -> Answer:
    """Compute the figures named by ID (K01c, K04 ...), or all."""
    with desk.reading() as tx:
        found = kpis.compute(
            tx,
            list(ids) or None,
            from_=desk.instant(from_) if from_ else None,
            to=desk.instant(to) if to else None,
            as_of=desk.instant(as_of),
            zone=desk.settings.timezone,
            within_days=within_days,
        )
    shapes: list[Any] = [each.to_json() for each in found]
    headers = ("ID", "VIEW", "VALUE", "UNIT", "OF", "N", "95 % BETWEEN")
    rows = [
        (
            each["id"],
            each["view"],
            each["value"],
            each["unit"],
            f"{each['numerator']}/{each['denominator']}" if each["denominator"] is not None else "-",
            each["n"],
            f"{each['ci_low']} and {each['ci_high']}" if each["ci_low"] is not None else "-",
        )
        for each in shapes
    ]
    return Answer(shapes, lambda: words.table(headers, rows, "There are no figures."))


@click.group("people", invoke_without_command=True)
@json_option
@click.pass_context
def people_(ctx: click.Context) -> Answer | None:
    """List the people; `people add` adds one."""
    if ctx.invoked_subcommand is not None:
        return None
    desk: Desk = ctx.obj
    with desk.reading() as tx:
        everybody = people.everybody(tx)
        able = set(tx.session.scalars(select(accounts.Account.person_id).where(accounts.Account.active)))
    shapes = [_person(each, each.id in able) for each in everybody]
    rows = [
        (
            each.key,
            each.name,
            ", ".join(sorted(each.roles)),
            each.language,
            "yes" if each.id in able else "no",
        )
        for each in everybody
    ]
    headers = ("KEY", "NAME", "ROLES", "LANGUAGE", "CAN SIGN IN")
    return Answer(shapes, lambda: words.table(headers, rows, "There is nobody yet; `percorso people add`."))


@people_.command("add")
@click.argument("key")
@click.option("--name", help="The name that others see; default: the key.")
@click.option("--role", "roles", multiple=True, help="A role of config.toml; may be given several times.")
@click.option("--email", help="Where mails go.")
@click.option("--language", type=click.Choice(["it", "en"]), help="Of pages and mails; default: config.toml.")
@click.option("--password", help="Lets the person sign in; - reads it from standard input.")
@json_option
@click.pass_obj
def add(
    desk: Desk,
    key: str,
    name: str | None,
    roles: Sequence[str],
    email: str | None,
    language: str | None,
    password: str | None,
) -> Answer:
    """Add a person with KEY as the name to sign in with, or give one more roles or a new password."""
    key = key.strip().lower()
    if not KEY.fullmatch(key):
        raise Invalid(
            "key_wrong",
            "“{key}” cannot be a name to sign in with.",
            where="KEY",
            remedy="Use letters without accents, digits, and . _ - @ +, such as giulia.bianchi.",
            key=key,
        )
    _check_roles(desk, roles)
    if password == "-":
        password = sys.stdin.readline().rstrip("\r\n")
    with desk.writing(desk.now()) as tx:
        language = language or desk.settings.language
        person = people.ensure(tx, key, name, roles, email=email, language=language)
        if password is not None:
            accounts.set_password(tx, person.id, password)
        able = tx.session.scalar(select(accounts.Account.id).where(accounts.Account.person_id == person.id))
    text = f"{person.name} ({person.key}): {', '.join(sorted(person.roles)) or 'no role'}"
    text += "" if able else "; without a password, so nobody can sign in as this person yet"
    return Answer(_person(person, able is not None), lambda: text)


def _check_roles(desk: Desk, roles: Sequence[str]) -> None:
    for role in roles:
        if role not in desk.settings.roles:
            raise NotFound(
                "role_unknown",
                "There is no role “{role}”.",
                where="--role",
                remedy="The roles of config.toml are: {known}.",
                role=role,
                known=", ".join(desk.settings.roles),
            )


def _person(person: Person, able: bool) -> dict[str, object]:
    return {
        "key": person.key,
        "name": person.name,
        "email": person.email,
        "language": person.language,
        "roles": sorted(person.roles),
        "can_sign_in": able,
    }
