"""What imaginary people write into forms: as the scenario says, else anything that the form allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from engine import inbox
from engine.db import Transaction
from engine.forms import Field
from engine.inbox import TaskRow
from engine.play.draws import Moment, draw_fields
from engine.play.scenario import TaskPlay
from engine.runtime import Engine

NUMBER = re.compile(r"-?\d+(\.\d+)?")
WORDS = "Come concordato al telefono."
"""What somebody writes where a text is wanted and no scenario says which."""


def answers_for(
    engine: Engine, tx: Transaction, task: TaskRow, play: TaskPlay, moment: Moment
) -> dict[str, Any]:
    """The answers to a task's form."""
    model = engine.model(tx, task.version_id)
    form = model.form(task.form) if task.form else None
    shown: dict[str, Any] = {}

    def show(key: str) -> Any:
        if not shown:
            view = inbox.form(engine, tx, task)
            shown.update(view.data if view is not None else {})
        kind, _, name = key.partition(".")
        value = shown.get(kind)
        return value.get(name) if name and isinstance(value, Mapping) else value

    moment.shown = show
    answers = draw_fields(play.answers, moment)
    for choice in inbox.asked(engine, tx, task):
        if choice.field not in answers:
            answers[choice.field] = moment.random.choice(choice.options).value
    if form is None or task.form is None:
        return answers
    limits = _components(model.schema(task.form) or {})
    for key, field in form.fields.items():
        if field.required and key not in answers:
            answers[key] = _anything(field, limits.get(key, {}), moment)
        elif field.kind == "number" and isinstance(answers.get(key), str):
            answers[key] = _number(answers[key])
    return answers


def _anything(field: Field, component: Mapping[str, Any], moment: Moment) -> Any:
    """A valid answer to a field of which the scenario says nothing."""
    random = moment.random
    kind = str(component.get("type", field.kind))
    options = [one["value"] for one in component.get("values", ()) if "value" in one]
    if kind in {"checklist", "taglist"}:
        return [random.choice(options)] if options else []
    if options:
        return random.choice(options)
    if kind == "checkbox":
        return True
    if kind == "number":
        limits = component.get("validate", {})
        low, high = limits.get("min", 0), limits.get("max", 100)
        return random.randint(int(low), int(max(low, high)))
    if kind == "datetime":
        then = (moment.now + timedelta(days=random.randint(1, 10))).astimezone(moment.zone)
        if component.get("subtype") == "time":
            return then.strftime("%H:%M")
        whole = component.get("subtype") == "datetime"
        return then.replace(second=0, microsecond=0).isoformat() if whole else then.date().isoformat()
    longest = component.get("validate", {}).get("maxLength", len(WORDS))
    return WORDS[: int(longest)]


def _number(text: str) -> Any:
    return Decimal(text) if NUMBER.fullmatch(text) else text


def _components(part: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The components of a form-js schema by their keys, at any depth."""
    found = {str(part["key"]): part} if part.get("key") else {}
    for inner in part.get("components", ()):
        found.update(_components(inner))
    return found
