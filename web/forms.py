"""A posted form and the answers in it; refusals with their messages at the fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext as _

from engine.errors import Invalid
from engine.forms.messages import FieldProblem


def answers() -> dict[str, object]:
    """What the form island posted in `answers`: `{"outcome": "reached", "lead.need": "…"}`."""
    text = request.form.get("answers")
    if text is None:
        return {}
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Invalid(
            "answers_unreadable",
            "What was filled in did not arrive as it should.",
            where="answers",
            remedy="Load the page again and repeat.",
        )
    return given


def messages(error: Invalid) -> dict[str, str]:
    """The message of each field in the reader's language, by the field's key."""
    return {key: _message(problem, error) for key, problem in error.fields.items()}


def _message(problem: str, error: Invalid) -> str:
    if isinstance(problem, FieldProblem):
        return str(_(problem.template).format(**problem.params))
    return str(_(problem).format(**error.params))


def translated(schema: Mapping[str, Any], texts: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with the labels and choices of one language; what has no text stays as drawn.

    `texts` is `[forms.<form>]` of texts.<language>.toml: labels by key, choices under `options`.
    """
    made = dict(schema)
    key = str(schema.get("key") or schema.get("id"))
    label = texts.get(key)
    if isinstance(label, str):
        for place in ("label", "dateLabel", "text"):
            if place in schema:
                made[place] = label
    if schema.get("timeLabel") == "Time":
        made["timeLabel"] = _("Time")  # Beside a date's own label; every form says the same.
    options = texts.get("options", {}).get(key, {})
    if isinstance(schema.get("values"), list):
        made["values"] = [
            {**each, "label": options.get(str(each.get("value")), each.get("label"))}
            for each in schema["values"]
        ]
    if isinstance(schema.get("components"), list):
        made["components"] = [translated(each, texts) for each in schema["components"]]
    return made


def labels(schema: Mapping[str, object]) -> dict[str, str]:
    """What each field of a form-js schema is called, by its key; groups are looked into."""
    found: dict[str, str] = {}
    components = schema.get("components")
    for component in components if isinstance(components, list) else []:
        key = component.get("key")
        if isinstance(key, str):
            found[key] = str(component.get("label") or component.get("dateLabel") or key)
        found.update(labels(component))
    return found
