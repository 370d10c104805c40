"""The root of the command: global options, the list of commands, and how it ends."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from web.cli import cases, demo, drawings, messages, pipe, records, repairs, service, words
from web.cli.desk import Answer, Desk

STOPPED = 130
"""The exit code of what was stopped by Ctrl-C, as shells have it."""


class Root(click.Group):
    """Lists its commands in reading order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=Root, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(package_name="percorso", prog_name="percorso")
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    envvar="PERCORSO_CONFIG",
    help="The file with the settings; default: config.toml of this folder, else the shipped one.",
)
@click.option(
    "--database",
    envvar="PERCORSO_DATABASE",
    metavar="URL",
    help="The database, such as sqlite:///percorso.db or postgresql://user:password@host/name.",
)
@click.pass_context
def cli(ctx: click.Context, file: Path | None, database: str | None) -> None:
    """Percorso runs the paths that a lead takes through a company."""
    if ctx.obj is None:  # `pipe` hands its own on.
        ctx.obj = Desk(file, database)
        ctx.call_on_close(ctx.obj.close)


COMMANDS = (
    demo.demo,
    service.serve,
    service.worker,
    service.tick,
    service.db,
    drawings.check,
    drawings.deploy,
    drawings.processes,
    drawings.picture,
    drawings.pack,
    cases.start,
    cases.tasks,
    cases.claim,
    cases.complete,
    messages.send,
    cases.case,
    repairs.incidents,
    repairs.repair_,
    messages.list_,
    messages.message,
    records.import_,
    records.kpi,
    records.people_,
    demo.play,
    pipe.pipe,
)

for command in COMMANDS:
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command `percorso`: 0 done, 1 refused, 2 wrong usage; a refusal is words, never a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # Consoles without “quotes”.
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except OSError:
        # Whoever read has gone away; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or 1
    sys.exit(code)


def _run(arguments: Sequence[str]) -> int:
    as_json = "--json" in arguments
    try:
        answer: Any = cli.main(list(arguments), prog_name="percorso", standalone_mode=False)
        if isinstance(answer, Answer):
            click.echo(words.to_text(answer.value) if as_json else answer.text())
            if answer.refusal:
                click.echo(f"percorso: {answer.refusal}", err=True)
            return answer.code
        return answer if isinstance(answer, int) else 0
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped.", err=True)
        return STOPPED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except Exception as error:  # noqa: BLE001  The last door: whatever happened is said in words.
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            return 1  # Whoever read has seen enough.
        return _refuse(error, as_json)


def _refuse(error: Exception, as_json: bool) -> int:
    refused = words.refusal(error)
    if as_json:
        click.echo(words.to_text(words.refusal_json(refused)))
    click.echo(f"percorso: {words.refusal_text(refused)}", err=True)
    return 2 if isinstance(error, click.UsageError) else 1
