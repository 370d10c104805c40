"""Commands about drawings: check, deploy, and the list of what is deployed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from engine import bundles, drafts, packs, people, versions
from engine.columns import Base
from engine.db import Database, Transaction
from engine.errors import DiagramRefused, PercorsoError, SetupError
from engine.runtime import Engine
from engine.versions import Report
from processes import catalog
from web import names
from web.cli import answers as answers_of
from web.cli import words
from web.cli.desk import Answer, Desk
from web.cli.options import json_option

REFUSED = 1
DRAFT = 3
OUTCOMES = {
    "deployed": "can be deployed",
    "deployed_with_warnings": "can be deployed, with warnings",
    "draft": "is a draft: it has open questions",
    "refused": "is refused",
}


answers_option = click.option(
    "--answers",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="Answers to what the drawings leave open.",
)


@click.command()
@click.argument("paths", nargs=-1, required=True)
@answers_option
@click.option("--style", "and_style", is_flag=True, help="Say too what could be drawn better; takes longer.")
@json_option
@click.pass_obj
def check(desk: Desk, paths: Sequence[str], answers: Path | None, and_style: bool) -> Answer:
    """Say what deploying these files and folders would do; changes nothing.

    Exit code 0: it can be deployed; 1: refused; 3: a draft with open questions.
    """
    said = answers_of.read(answers)
    with _some_database(desk) as (engine, tx):
        report = versions.check(engine, tx, list(paths), answers=said.answers)
    if and_style:
        report.findings += versions.style(list(paths))
    report.findings = said.placed(report.findings)
    return _answer(report)


@click.command()
@click.argument("paths", nargs=-1, required=True)
@answers_option
@click.option("--note", default="", help="What is new, for those who look at the versions.")
@click.option("--tag", help="A short name of the version, such as 2026-1.")
@click.option("--as", "--author", "author", metavar="PERSON", help="Who deploys, by the key of a person.")
@json_option
@click.pass_obj
def deploy(
    desk: Desk, paths: Sequence[str], answers: Path | None, note: str, tag: str | None, author: str | None
) -> Answer:
    """Deploy drawings with the forms, tables and texts beside them, or packs: all of them, or none.

    Exit code 0: deployed; 1: refused; 3: kept as a draft with open questions.
    """
    said = answers_of.read(answers)
    given = [bundles.read(path) for path in bundles.find(paths)]
    draft_id = None
    with desk.writing(desk.now()) as tx:
        person = people.by_key(tx, author) if author else None
        report = versions.deploy(
            desk.engine, tx, given, author=author, note=note, tag=tag, answers=said.answers
        )
        author_id = person.id if person else None
        if report.exit_code == 0:
            drafts.settle(tx, report, author_id)
        if report.exit_code == DRAFT:
            draft_id = drafts.keep_open(desk.engine, tx, given, said.answers, author_id=author_id).id
    report.findings = said.placed(report.findings)
    return _answer(report, deployed=True, draft_id=draft_id)


@click.command()
@json_option
@click.pass_obj
def processes(desk: Desk) -> Answer:
    """List the deployed processes."""
    with desk.reading() as tx:
        rows = versions.versions(tx)
    found: dict[str, dict[str, object]] = {}
    open_cases: dict[str, int] = {}
    cases: dict[str, int] = {}
    for row in rows:
        newest = {"process": row.process, "name": row.name, "version": row.number, "file": row.file}
        found.setdefault(row.process, newest)
        open_cases[row.process] = open_cases.get(row.process, 0) + row.open_cases
        cases[row.process] = cases.get(row.process, 0) + row.cases
    shapes = [{**newest, "open_cases": open_cases[key], "cases": cases[key]} for key, newest in found.items()]
    headers = ("PROCESS", "NAME", "VERSION", "FILE", "OPEN CASES", "CASES")
    lines = [list(shape.values()) for shape in shapes]
    nothing = "No process is deployed yet; `percorso deploy bpmn` deploys the shipped ones."
    return Answer(shapes, lambda: words.table(headers, lines, nothing))


@click.command()
@click.argument("process")
@click.option("--version", "number", type=int, help="Of which version; default: the newest.")
@click.option("--file", "path", type=click.Path(path_type=Path), help="Where it is written.")
@json_option
@click.pass_obj
def pack(desk: Desk, process: str, number: int | None, path: Path | None) -> Answer:
    """Write a version with everything that belongs to it as one file for another installation.

    `deploy` there takes it in.
    """
    with desk.reading() as tx:
        version = versions.pick(tx, process, number)
        data = packs.write(version, desk.now())
        path = path or Path(f"{process}-{version.number}{packs.SUFFIX}")
        path.write_bytes(data)
        shape = {"process": process, "version": version.number, "file": str(path), "bytes": len(data)}
    return Answer(shape, lambda: f"{path}: version {shape['version']} of {process}")


@click.command()
@click.argument("what", metavar="PROCESS")
@click.option("--version", "number", type=int, help="Of which version; default: the newest.")
@click.option("--language", type=click.Choice(["it", "en"]), help="Of the names; default: as drawn.")
@click.option("--file", "path", type=click.Path(path_type=Path), help="Where it is written.")
@json_option
@click.pass_obj
def picture(desk: Desk, what: str, number: int | None, language: str | None, path: Path | None) -> Answer:
    """Draw a deployed process, or a .bpmn file, as an SVG picture; it is printed unless --file is given.

    What has no coordinates is laid out first.
    """
    shape: dict[str, object] = {"process": None, "version": None, "file": str(path) if path else None}
    if what.endswith(".bpmn"):
        [drawn] = bundles.find([what])
        bundle = bundles.read(drawn)
        svg = names.picture(bundle.xml, bundle.file, bundle.texts, language or "")
    else:
        with desk.reading() as tx:
            version = versions.pick(tx, what, number)
            svg = names.picture(version.xml, version.file, version.texts, language or "", version.name)
        shape |= {"process": what, "version": version.number}
    if path is None:
        return Answer({**shape, "svg": svg.decode()}, svg.decode)
    path.write_bytes(svg)
    return Answer(shape, lambda: f"{path}: a picture of {what}")


@contextmanager
def _some_database(desk: Desk) -> Iterator[tuple[Engine, Transaction]]:
    """The configured database; an empty one in memory where there is none, for a check needs none."""
    if _is_prepared(desk):
        with desk.reading() as tx:
            yield desk.engine, tx
        return
    database = Database("sqlite://")
    Base.metadata.create_all(database.pool)
    engine = Engine(database, catalog(), desk.settings)
    with engine.transaction(desk.now()) as tx:
        yield engine, tx
    database.close()


def _is_prepared(desk: Desk) -> bool:
    if desk.is_missing:
        return False
    try:
        with desk.reading() as tx:
            versions.versions(tx)
    except SetupError as error:
        if error.code != "database_not_prepared":
            raise
        return False
    return True


def _answer(report: Report, *, deployed: bool = False, draft_id: int | None = None) -> Answer:
    shape, refusal = report.to_json(), ""
    if deployed and report.held:
        shape["message"] = report.held
    if draft_id is not None:
        shape["draft"] = draft_id
    if report.exit_code == REFUSED and report.findings:
        refused = DiagramRefused(report.findings)
        shape["error"], refusal = PercorsoError.to_json(refused), refused.message
    return Answer(shape, lambda: _text(report, deployed, draft_id), report.exit_code, refusal)


def _text(report: Report, deployed: bool, draft_id: int | None) -> str:
    lines = [words.finding(found) for found in report.findings]
    for one in report.processes:
        if deployed and one.version is not None:
            state = "is unchanged" if one.unchanged else "is deployed"
            lines.append(f"{one.process}: version {one.version} {state} ({one.file})")
        else:
            lines.append(f"{one.process} {OUTCOMES[one.outcome]} ({one.file})")
    if deployed and report.held:
        lines.append(report.held)
    if draft_id is not None:
        lines.append(
            f"It is kept as draft {draft_id}: answer on the page /drafts/{draft_id}, or with --answers."
        )
    return "\n".join(lines)
