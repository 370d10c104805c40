"""`pipe`: one command a line, one answer a line, by one process that keeps everything warm."""

from __future__ import annotations

import sys
from typing import Any

import click

from engine.errors import Invalid
from web.cli import words
from web.cli.desk import Answer, Desk
from web.cli.options import JsonText, read_json

LONG = frozenset({"demo", "serve", "worker", "pipe"})
"""Commands that do not answer by themselves."""


@click.command()
@click.pass_context
def pipe(ctx: click.Context) -> None:
    """Read one command a line from standard input, as a JSON array, and answer one JSON value a line.

    Example: ["complete", "17", "--data", {"ok": true}]. A refusal is {"error": {...}}, and the next
    line is read.
    """
    parent = ctx.parent
    assert parent is not None
    assert isinstance(parent.command, click.Group)
    for line in sys.stdin.buffer:
        if line.strip():
            answer = _answer(parent.command, ctx.obj, line)
            sys.stdout.write(words.to_text(answer) + "\n")
            sys.stdout.flush()


def _answer(root: click.Group, desk: Desk, line: bytes) -> object:
    try:
        found: Any = root.main(_arguments(line), prog_name="percorso", standalone_mode=False, obj=desk)
        return found.value if isinstance(found, Answer) else None
    except click.Abort:
        raise
    except Exception as error:
        # One bad line must not end the conversation.
        if isinstance(error, BrokenPipeError):
            raise
        return words.refusal_json(words.refusal(error))


def _arguments(line: bytes) -> list[str]:
    """The words of a line; what is no text goes on as the JSON that it is."""
    try:
        given = read_json(line)
    except (ValueError, RecursionError) as error:
        raise _wrong(f"This line is not JSON: {error}") from None
    if not isinstance(given, list) or not given or not isinstance(given[0], str):
        raise _wrong("This line is no command")
    if given[0] in LONG:
        raise _wrong(f"“{given[0]}” cannot be given here")
    if given[0].startswith("-"):
        raise _wrong("Global options belong before `pipe`")
    if {"--help", "--version"} & {one for one in given if isinstance(one, str)}:
        raise _wrong("Help is not given here")
    return [one if isinstance(one, str) else JsonText(one) for one in given]


def _wrong(message: str) -> Invalid:
    return Invalid(
        "usage",
        "{problem}.",
        where="pipe",
        remedy='Write a JSON array of a command and its arguments: ["tasks", "--role", "sales_rep"].',
        problem=message,
    )
