"""A compiled form: its fields, and the check of what people filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any

import regex
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from engine.errors import ExpressionError, Invalid
from engine.feel import Expression, Scope
from engine.forms.messages import FieldProblem
from engine.values import MAX_BYTES, Value, from_json

PATTERN_SECONDS = 0.2
"""How long a pattern may search before its text counts as not matching."""

MAX_NUMBER = Decimal(10) ** 28
"""Numbers are smaller than this: Decimal's own precision."""

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
PHONE = re.compile(r"(\+|00)[1-9][0-9 ()./-]{5,24}")

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?([+-]\d\d:\d\d|Z)?", re.ASCII)
_DATE_TIME = re.compile(_DATE.pattern + "T" + _TIME.pattern, re.ASCII)


@dataclass(frozen=True)
class Field:
    """One question of a form; `key` is a variable (`outcome`) or an entity's field (`lead.need`)."""

    key: str
    kind: str
    """textfield, textarea, number, checkbox, radio, select, checklist, taglist, date, time or datetime."""
    label: str
    required: bool
    options: Mapping[str, str] = field(default_factory=dict)
    """Value -> label of a choice."""
    is_text: bool = False
    """Free text, which never becomes a variable of the case."""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """The JSON Schema of its answer."""
    own_message: str | None = None
    """The author's words for an answer that does not match the pattern."""
    hidden: tuple[Expression, ...] = ()
    """Conditions of its own and of the groups around it: if one is true it is not shown."""
    fixed: bool | Expression = False
    """Shown, but not to be changed: what comes for it is left out."""


class Form:
    """A form-js form that has been found right."""

    def __init__(self, file: str, fields: Mapping[str, Field]) -> None:
        self.file = file
        self.fields = fields
        # One for each field: several times quicker than one that walks through the whole schema.
        self._validators = {key: _Validator(dict(one.schema)) for key, one in fields.items()}
        self._conditional = any(one.hidden or not isinstance(one.fixed, bool) for one in fields.values())
        self._beginnings = {key[: place.start()] for key in fields for place in re.finditer(r"\.", key)}

    @property
    def json_schema(self) -> dict[str, Any]:
        """JSON Schema of the answers by flat keys, dots included; hidden fields count as shown."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {key: dict(one.schema) for key, one in self.fields.items()},
            "required": [key for key, one in self.fields.items() if one.required],
            "additionalProperties": False,
        }

    def check(
        self,
        answers: Mapping[str, object],
        data: Mapping[str, Value] | None = None,
        zone: tzinfo | None = None,
    ) -> dict[str, Value]:
        """The answers by flat key, as typed values in the order of the fields.

        Answers come flat (`{"lead.need": "x"}`) or nested (`{"lead": {"need": "x"}}`); null and empty ones
        count as not given. `data` are variables that the form's conditions may ask for beside the answers.
        A date and time without a zone is read in `zone`, or refused if there is none. Raises Invalid with a
        FieldProblem for each field.
        """
        given = {key: self._read(key, value) for key, value in self._flat(answers, "")}
        given = {key: value for key, value in given.items() if value not in (None, "")}
        scope = _scope(given, data or {}) if self._conditional else None
        shown = {key for key, one in self.fields.items() if scope is None or not _any_true(one.hidden, scope)}
        open_ = {key for key in shown if not _is_fixed(self.fields[key], scope)}
        taken = {key: value for key, value in given.items() if key in open_ or key not in self.fields}
        problems = self._problems(taken, open_)
        values: dict[str, Value] = {}
        for key, one in self.fields.items():
            if key in taken and key not in problems:
                try:
                    values[key] = _value(one, taken[key], zone)
                except ValueError:
                    problems[key] = FieldProblem(one.kind)
        problems = {key: problems[key] for key in self.fields if key in problems}
        problems |= {key: FieldProblem("unknown") for key in sorted(taken.keys() - self.fields.keys())}
        if problems:
            raise Invalid(
                "answers_wrong",
                "Some answers are missing or wrong.",
                fields=problems,
                remedy="Correct the fields named and send the form again.",
            )
        return values

    def _problems(self, taken: Mapping[str, object], open_: set[str]) -> dict[str, FieldProblem]:
        """The first problem of each field."""
        found: dict[str, FieldProblem] = {}
        for key, one in self.fields.items():
            if key in taken:
                for error in self._validators[key].iter_errors(taken[key]):
                    found[key] = _said(one, error)
                    break
            elif one.required and key in open_:
                found[key] = FieldProblem("required")
        return found

    def _read(self, key: str, value: object) -> object:
        """Without blanks around a text; what is written in a number's field as a number.

        No field takes objects, nor lists of lists: they become empty objects, however deep they were.
        """
        if isinstance(value, str):
            value = value.strip()
        elif isinstance(value, Mapping):
            value = {}
        elif isinstance(value, (list, tuple)):
            value = [{} if isinstance(item, (Mapping, list, tuple)) else item for item in value]
        one = self.fields.get(key)
        return _number(value) if one is not None and one.kind == "number" else value

    def _flat(self, answers: Mapping[str, object], before: str) -> Iterator[tuple[str, object]]:
        for name, value in answers.items():
            key = f"{before}{name}"
            if isinstance(value, Mapping) and key in self._beginnings:
                yield from self._flat(value, f"{key}.")
            else:
                yield key, value


# --- Words of JSON Schema that are ours ---------------------------------------------------------------

Found = Iterator[ValidationError]


def _keyword(wrong: Callable[[Any, Any], bool]) -> Callable[[Any, Any, Any, Any], Found]:
    """A keyword of JSON Schema from a test of (its value in the schema, the answer)."""

    def rule(validator: Any, value: Any, instance: Any, schema: Any) -> Found:
        if wrong(value, instance):
            yield ValidationError("wrong")

    return rule


def _unmatched(pattern: str, text: Any) -> bool:
    try:
        # As in JavaScript, \d and \w mean ASCII.
        match = regex.search(pattern, text, flags=regex.ASCII, timeout=PATTERN_SECONDS)
    except TimeoutError:
        return True
    return not match


def _is_written_otherwise(kind: str, text: Any) -> bool:
    return not (EMAIL if kind == "email" else PHONE).fullmatch(text)


def _is_off_step(step: Decimal, number: Decimal | int) -> bool:
    return -MAX_NUMBER < number < MAX_NUMBER and Fraction(number) % Fraction(step) != 0


def _has_more_decimals(limit: int, number: Decimal | int) -> bool:
    return isinstance(number, Decimal) and Fraction(number) * int(10**limit) % 1 != 0


_Validator = extend(
    Draft202012Validator,
    {
        "pattern": _keyword(lambda pattern, text: isinstance(text, str) and _unmatched(pattern, text)),
        "written": _keyword(lambda kind, text: isinstance(text, str) and _is_written_otherwise(kind, text)),
        "decimals": _keyword(lambda limit, number: _is_number(number) and _has_more_decimals(limit, number)),
        "step": _keyword(lambda step, number: _is_number(number) and _is_off_step(step, number)),
        "below": _keyword(lambda limit, number: _is_number(number) and abs(number) >= limit),
        "storable": _keyword(lambda _, text: isinstance(text, str) and not _is_storable(text)),
        "bytes": _keyword(lambda limit, text: isinstance(text, str) and _bytes(text) > limit),
    },
)


def _said(one: Field, error: ValidationError) -> FieldProblem:
    """The sentence for what JSON Schema found wrong with a field."""
    keyword, limit = str(error.validator), error.validator_value
    if keyword in ("minimum", "maximum", "step", "minLength", "maxLength"):
        return FieldProblem(keyword, limit=limit)
    if keyword == "decimals":
        return FieldProblem("decimals", limit=limit) if limit else FieldProblem("whole")
    if keyword == "pattern":
        return FieldProblem.own(one.own_message) if one.own_message else FieldProblem("pattern")
    if keyword == "const":
        return FieldProblem("unticked")
    if keyword == "minItems":
        return FieldProblem("required")
    if keyword == "written":
        return FieldProblem(str(limit))
    by_keyword = {"below": "large", "storable": "characters", "bytes": "bytes"}
    return FieldProblem(by_keyword.get(keyword) or _KINDS[one.kind])


_KINDS = {
    "textfield": "text",
    "textarea": "text",
    "number": "number",
    "checkbox": "boolean",
    "radio": "choice",
    "select": "choice",
    "checklist": "choices",
    "taglist": "choices",
    "date": "date",
    "time": "time",
    "datetime": "datetime",
}
"""What is said when an answer is of another kind altogether."""


# --- Answers ------------------------------------------------------------------------------------------


def _is_number(value: object) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _number(value: object) -> object:
    """`"12.50"`, 12.5 and 12 as exact numbers; anything else as it is, for the schema to refuse."""
    if isinstance(value, str) and len(value) <= 40 and _NUMBER.fullmatch(value):
        value = Decimal(value)
    elif isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            return "NaN"
        if value == value.to_integral_value() and abs(value) < MAX_NUMBER:
            return int(value)
    return value


def _value(one: Field, value: Any, zone: tzinfo | None) -> Value:
    """The typed value of an answer that fits its schema. Raises ValueError for what no calendar has."""
    if one.kind == "date":
        return date.fromisoformat(_formed(_DATE, value))
    if one.kind == "time":
        # What a person wrote on the clock; the browser's offset of today says nothing about it.
        return time.fromisoformat(_formed(_TIME, value)).replace(tzinfo=None)
    if one.kind == "datetime":
        moment = datetime.fromisoformat(_formed(_DATE_TIME, value))
        if moment.tzinfo is None:
            if zone is None:
                raise ValueError("no zone")
            moment = moment.replace(tzinfo=zone)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise ValueError("beyond the calendar") from None
    result: Value = value
    return result


def _formed(form: re.Pattern[str], text: str) -> str:
    """The text, if it is of the form; fromisoformat would also take weeks and omitted signs."""
    if not form.fullmatch(text):
        raise ValueError("another form")
    return text


def _is_storable(text: str) -> bool:
    """No NUL, which PostgreSQL refuses, and no half of a character, which is not Unicode."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass")) if len(text) * 4 > MAX_BYTES else 0


def _scope(given: Mapping[str, object], data: Mapping[str, Value]) -> Scope:
    """What the form's conditions see: the variables, with the answers over them."""
    variables: dict[str, Any] = dict(data)
    for key, value in given.items():
        *outer, name = key.split(".")
        place = variables
        for part in outer:
            inner = place.get(part)
            place[part] = dict(inner) if isinstance(inner, Mapping) else {}
            place = place[part]
        place[name] = _known(value)
    return Scope(variables, {})


def _known(value: object) -> Value:
    """The answer as the evaluator takes it; null for what no case can hold, which is refused anyway."""
    try:
        return from_json(value)
    except Invalid:
        return None


def _any_true(conditions: tuple[Expression, ...], scope: Scope) -> bool:
    return any(_is_true(condition, scope) for condition in conditions)


def _is_true(condition: Expression, scope: Scope) -> bool:
    """A condition that cannot be evaluated hides nothing, as in form-js."""
    try:
        return condition.evaluate(scope) is True
    except ExpressionError:
        return False


def _is_fixed(one: Field, scope: Scope | None) -> bool:
    if isinstance(one.fixed, bool):
        return one.fixed
    return scope is not None and _is_true(one.fixed, scope)
