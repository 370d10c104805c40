"""The command line is documented: every command, every option, and examples that could be run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from web.cli.desk import Desk
from web.cli.root import cli

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
SECTIONS = re.split(r"^#{2,3} ", PAGE, flags=re.MULTILINE)[1:]


def commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """`people add` and its command, for every command there is."""
    for name, command in group.commands.items():
        path = (*before, name)
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield " ".join(path), command
        if isinstance(command, click.Group):
            yield from commands(command, path)


COMMANDS = dict(commands(cli))
EXAMPLES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("percorso")
]


def section_of(name: str) -> str:
    """The part of the page whose heading names the command (`people add` lies in that of `people`)."""
    for wanted in (name, name.split()[0]):
        for section in SECTIONS:
            if f"`{wanted}`" in section.partition("\n")[0]:
                return section
    return ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_with_an_example(name: str) -> None:
    assert any(re.match(rf"percorso (--\S+ \S+ )*{name}\b", line) for line in EXAMPLES)
    assert section_of(name) != ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_documented_in_its_section(name: str) -> None:
    section = section_of(name)
    options = {
        spelling
        for parameter in COMMANDS[name].params
        if isinstance(parameter, click.Option)
        for spelling in parameter.opts
    }

    silent = {option for option in options if not re.search(rf"{option}(?![\w-])", section)}

    assert silent - {"--json"} == set()


def test_every_global_option_is_documented() -> None:
    options = {spelling for parameter in cli.params for spelling in parameter.opts}

    assert {option for option in options if f"`{option}" not in SECTIONS[0]} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_with_json(name: str) -> None:
    spellings = {spelling for parameter in COMMANDS[name].params for spelling in parameter.opts}

    assert "--json" in spellings or name == "pipe"


@pytest.mark.parametrize("line", EXAMPLES)
def test_the_examples_are_understood(line: str) -> None:
    words = shlex.split(line.partition(" < ")[0])[1:]
    while words[0].startswith("--"):
        words = words[2:]  # Global options, each with its value.
    command = cli.commands[words.pop(0)]
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]

    context = command.make_context(command.name, words, obj=Desk())  # Raises UsageError.

    assert context.args == []


def test_every_command_says_what_it_does() -> None:
    assert [name for name, command in COMMANDS.items() if not command.help] == []


def test_every_option_says_what_it_does() -> None:
    silent = [
        f"{name} {parameter.opts[0]}"
        for name, command in COMMANDS.items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]

    assert silent == []
