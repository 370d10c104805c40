"""Every text that a page can show exists in Italian, with the same places for names in it."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from engine import packs
from engine.diagrams.sentences import SENTENCES
from engine.errors import ExpressionError, StepFailed
from engine.forms.messages import MESSAGES
from engine.runtime.case import UNFORESEEN
from engine.runtime.flow import NOT_TAKEN_IN
from engine.troubles import NOWHERE, STUCK

ROOT = Path(__file__).resolve().parents[2]
FAILURES = {"failed", "_wrong"}
"""What makes the failure of a step, whose reason and remedy an incident keeps (engine/spiff, engine/runtime)."""
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
REFUSALS = {"NotFound", "Forbidden", "Conflict", "Invalid", "StepFailed"}
"""The errors that a page shows; those of the installation (SetupError) reach the command line first."""

COMMANDS = (
    "engine/outbox",
    "engine/play",
    "engine/spiff/parser.py",
    "engine/worker",
    "processes/imports/",
    "web/cli",
    "web/frontend/",
)
"""What only commands call: their refusals are read in a terminal, in English."""

PLACE = re.compile(r"%\(\w+\)s|\{\w+\}|%%")

Message = str | tuple[str, str]


def of_pages() -> Iterator[Message]:
    """What web/ hands to gettext."""
    found = extract_from_dir(
        ROOT / "web",
        METHODS,
        directory_filter=lambda path: Path(path).name not in {"frontend", "static", "translations"},
    )
    for _file, _line, message, _comments, _context in found:
        yield tuple(message) if isinstance(message, (tuple, list)) else message  # type: ignore[misc]


def of_refusals() -> Iterator[Message]:
    """Messages and remedies of the errors raised below the door, and the messages at a form's fields."""
    yield from (*MESSAGES.values(), *packs.SENTENCES.values(), packs.REMEDY)
    yield from (UNFORESEEN, NOT_TAKEN_IN, STUCK, NOWHERE)
    for kind in (StepFailed, ExpressionError):
        yield from _constants_of(inspect.getsource(kind))
    for room in ("engine", "processes", "web"):
        for file in sorted((ROOT / room).rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            if name.startswith(COMMANDS):
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _name(node.func) in REFUSALS:
                    yield from _texts(node)
                elif isinstance(node, ast.Call) and _name(node.func) in FAILURES and _of_a_step(name):
                    yield from (text for one in node.args[1:] for text in _constants(one))


def _of_a_step(name: str) -> bool:
    return name.startswith(("engine/spiff/", "engine/runtime/"))


def of_findings() -> Iterator[Message]:
    """What the check of a drawing says, and what would help."""
    for sentence, remedy in SENTENCES.values():
        yield from (sentence, remedy)
    for file in sorted((ROOT / "engine").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if _name(node.func) == "Phrase":
                yield from _constants(node.args[0])
            elif _name(node.func) == "expect" and len(node.args) > 1:
                yield from _constants(node.args[1])
            elif _name(node.func) == "new_name":
                yield from (
                    one for word in node.keywords if word.arg == "what" for one in _constants(word.value)
                )


def _constants_of(source: str) -> Iterator[str]:
    """The templates that an error class gives to its parent itself."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) == "__init__":
            yield from _constants(node.args[1])


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _texts(call: ast.Call) -> Iterator[str]:
    given = [*call.args[1:2], *(word.value for word in call.keywords if word.arg in {"remedy", "fields"})]
    for expression in given:
        yield from _constants(expression)


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_constants(node.body), *_constants(node.orelse))
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _constants(value)


@pytest.fixture(scope="module")
def italian() -> Catalog:
    with (ROOT / "web/translations/it/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file)


def untranslated(catalogue: Catalog, messages: set[Message]) -> list[Message]:
    known = {message.id for message in catalogue if message.id and all(_strings(message.string))}
    return sorted((one for one in messages if one not in known), key=str)


def _strings(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, (tuple, list)) else (str(text),)


def test_every_text_of_a_page_exists_in_italian(italian: Catalog) -> None:
    messages = set(of_pages())
    assert len(messages) > 150
    assert untranslated(italian, messages) == []


def test_every_refusal_exists_in_italian(italian: Catalog) -> None:
    messages = set(of_refusals())
    assert len(messages) > 40
    assert untranslated(italian, messages) == []


def test_every_finding_exists_in_italian(italian: Catalog) -> None:
    messages = set(of_findings())
    assert len(messages) > 200
    assert untranslated(italian, messages) == []


def test_nothing_is_translated_that_no_longer_exists(italian: Catalog) -> None:
    used = {*of_pages(), *of_refusals(), *of_findings()}
    assert [message.id for message in italian if message.id and message.id not in used] == []


def test_a_translation_has_the_same_places_for_names_as_the_original(italian: Catalog) -> None:
    for message in italian:
        if message.id:
            singular, *plural = _strings(message.id)
            for text in _strings(message.string):
                wanted = {tuple(sorted(PLACE.findall(one))) for one in (singular, *plural)}
                assert tuple(sorted(PLACE.findall(text))) in wanted, message.id


def test_the_translations_are_not_marked_as_unsure(italian: Catalog) -> None:
    assert [message.id for message in italian if message.fuzzy and message.id] == []
