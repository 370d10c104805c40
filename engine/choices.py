"""What persons choose at gateways: shown with the form of their task, taken from their answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from engine.diagrams import Choice, Choices
from engine.errors import Invalid
from engine.forms import FieldProblem, Form
from engine.values import Value


def components(choices: Choices, element: str) -> list[dict[str, Any]]:
    """form-js components for the choices that a task asks: radio buttons, or boxes to tick."""
    return [
        {
            "type": "checklist" if choice.several else "radio",
            "key": choice.field,
            "label": choice.label,
            "values": [{"value": one.value, "label": one.label} for one in choice.options],
            "validate": {"required": sure and choice.field == choice.variable},
            **_hidden(choices, element, choice),
        }
        for choice, sure in choices.asked(element)
    ]


def taken(
    choices: Choices, element: str, answers: Mapping[str, object]
) -> tuple[dict[str, Value], dict[str, object], dict[str, FieldProblem]]:
    """The choices by variable, the other answers, and what is wrong, by field.

    A choice that the others leave open is null, so that what was chosen in an earlier round is forgotten.
    """
    values: dict[str, Value] = {}
    problems: dict[str, FieldProblem] = {}
    rest = dict(answers)
    asked = choices.of(element)
    for choice in asked:
        given = rest.pop(choice.field, None)
        given = rest.pop(choice.variable, None) if given is None else given
        if given in (None, "", []):
            values[choice.variable] = None
            continue
        known = {option.value for option in choice.options}
        several = [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, str)]
        twice = len(set(several)) < (len(given) if isinstance(given, list) else 1)
        if twice or not known.issuperset(several) or (len(several) > 1 and not choice.several):
            problems[choice.field] = FieldProblem("choices" if choice.several else "choice")
            continue
        values[choice.variable] = list(several) if choice.several else several[0]
    for choice in choices.missing(element, values):
        problems.setdefault(choice.field, FieldProblem("required"))
    return values, rest, problems


def refusal(
    form: Form | None,
    answers: Mapping[str, object],
    data: Mapping[str, Value],
    zone: tzinfo,
    wrong: Mapping[str, FieldProblem],
) -> Invalid:
    """What is wrong with the choices, and with the answers to the form, said together."""
    fields: dict[str, str] = dict(wrong)
    try:
        if form is not None:
            form.check(answers, data, zone)
    except Invalid as error:
        fields = {**error.fields, **fields}
    return Invalid(
        "answers_wrong",
        "Some answers are missing or wrong.",
        fields=fields,
        remedy="Correct the fields named and send the form again.",
    )


def _hidden(choices: Choices, element: str, choice: Choice) -> dict[str, Any]:
    """A choice to which only another one leads is shown when that one is made so."""
    leading = choices.leading_to(element, choice)
    if not leading or any(before.field != before.variable for before, _ in leading):
        return {}
    chosen = [
        f'list contains({before.variable}, "{value}")' if before.several else f'{before.variable} = "{value}"'
        for before, value in leading
    ]
    return {"conditional": {"hide": f"=not({' or '.join(chosen)})"}}
