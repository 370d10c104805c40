"""The options that several commands share, and the types that click does not know."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import click
import orjson

Command = TypeVar("Command", bound=Callable[..., Any])


class JsonText(str):
    """JSON that has been read already: `pipe` hands such values over as they are."""

    value: Any

    def __new__(cls, value: Any) -> JsonText:
        text = super().__new__(cls, json.dumps(value, default=str))
        text.value = value
        return text


def read_json(text: str | bytes) -> Any:
    """JSON by the book (no NaN, no half characters), with exact numbers. Raises ValueError."""
    orjson.loads(text)
    return json.loads(text, parse_float=Decimal)


class JsonObject(click.ParamType[Any]):
    """A JSON object, such as {"outcome": "spoken"}."""

    name = "JSON"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, dict):
            return value
        try:
            found = value.value if isinstance(value, JsonText) else read_json(value)
        except (ValueError, RecursionError) as error:
            self.fail(f"this is not JSON: {error}", param, ctx)
        if not isinstance(found, dict):
            self.fail('this is JSON, but no object: write {"name": value, ...}', param, ctx)
        return found


class Instant(click.ParamType[datetime]):
    """A time in ISO 8601; without a zone it is one of the company's."""

    name = "ISO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” is no ISO 8601 time; write 2026-03-02T09:00 or 2026-03-02", param, ctx)
        if not 1900 <= found.year <= 9000:
            self.fail(f"“{value}” lies outside the years 1900 to 9000", param, ctx)
        return found


class Number(click.ParamType[int]):
    """The number of a task or a message."""

    name = "NUMBER"

    def __init__(self, what: str) -> None:
        self._what = what

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        if not (value.isascii() and value.isdigit() and len(value) <= 18):
            self.fail(f"“{value}” is not the number of a {self._what}", param, ctx)
        return int(value)


class Pair(click.ParamType[Any]):
    """NAME=VALUE."""

    name = "NAME=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, tuple):
            return value
        name, sign, content = value.partition("=")
        if not sign or not name:
            self.fail(f"“{value}” is not NAME=VALUE", param, ctx)
        return name, content


JSON_OBJECT = JsonObject()
INSTANT = Instant()
PAIR = Pair()
NUMBER = Number("task")
MESSAGE = Number("message")


def _note_json(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        ctx.obj.json = True


def json_option(command: Command) -> Command:
    return click.option(
        "--json", is_flag=True, expose_value=False, callback=_note_json, help="Answer with JSON."
    )(command)


def now_option(command: Command) -> Command:
    return click.option(
        "--now", type=INSTANT, help="The instant at which it happens; default: the real clock."
    )(command)
