"""From a form-js schema to a form: everything in it that cannot be used is named at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import regex

from engine.errors import DiagramRefused, ExpressionError
from engine.feel import Expression, compile_expression
from engine.findings import Finding
from engine.forms.form import MAX_NUMBER, Field, Form
from engine.values import MAX_BYTES

SCHEMA_VERSION = 19
"""The newest form-js schema version whose components are known."""

MAX_DEPTH = 20
"""Groups inside one another."""

SHOWN_ONLY = frozenset({"text", "html", "image", "spacer", "separator", "button"})
TEXTS = frozenset({"textfield", "textarea"})
CHOICES = frozenset({"radio", "select"})
SEVERAL = frozenset({"checklist", "taglist"})
DATES = frozenset({"date", "time", "datetime"})

RESERVED = frozenset(
    [
        *("and", "between", "else", "every", "false", "for", "function", "if", "in"),
        *("not", "null", "or", "return", "some", "then", "true"),
    ]
)
"""Words that an expression would not read as a variable."""

_KEY = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)?")

_SENTENCES: Mapping[str, tuple[str, str]] = {
    "form_foreign": (
        "The file is JSON, but not a form: it has no list “components”.",
        "Save it as a form from Camunda Modeler or another form-js editor.",
    ),
    "form_newer": (
        "The form has schema version {version}; the newest that is known is {limit}.",
        "Save it with form-js of an earlier version, or update Percorso.",
    ),
    "component_broken": (
        "A component of the form is not an object with a type, or lies in more than {limit} groups.",
        "Remove it in the form editor and add it again.",
    ),
    "component_unknown": (
        "“{what}” is of the type “{type}”, which cannot be used in a form here.",
        "Use text fields, numbers, choices, checkboxes, dates and groups.",
    ),
    "key_missing": (
        "The field “{what}” has no key, so that its answer could not be kept.",
        "Give it a key: a name such as outcome, or an entity’s field such as lead.need.",
    ),
    "key_wrong": (
        "The key “{key}” of “{what}” is not a name that expressions can use.",
        "Use letters, digits and underscores, with one point at most: outcome, lead.need.",
    ),
    "key_twice": (
        "The key “{key}” of “{what}” is used by another field too.",
        "Give each field a key of its own.",
    ),
    "key_inside": (
        "The key “{key}” of “{what}” names a whole of which another field’s key is a part.",
        "Rename one of them.",
    ),
    "options_missing": (
        "“{what}” offers nothing to choose from.",
        "Give it static options; options that come from data cannot be used yet.",
    ),
    "option_wrong": (
        "An option of “{what}” has no text as its value, or the same value as another one ({value}).",
        "Give each option a value of its own.",
    ),
    "limit_wrong": (
        "The limit {limit} of “{what}”, “{value}”, cannot be used.",
        "Give a number (for lengths and decimals a whole one); computed limits cannot be used yet.",
    ),
    "limits_crossed": (
        "“{what}” can never be answered right: its least value lies above its greatest.",
        "Exchange the two limits.",
    ),
    "pattern_wrong": (
        "The pattern of “{what}”, “{pattern}”, is not a regular expression: {problem}.",
        "Correct the pattern, or remove it.",
    ),
    "validation_unknown": (
        "“{what}” is to be checked as “{type}”, which is not known.",
        "Use a pattern, e-mail or phone.",
    ),
    "date_type_unknown": (
        "“{what}” is a date field of the kind “{type}”, which is not known.",
        "Choose date, time, or date and time.",
    ),
    "time_shifted": (
        "“{what}” sends its time converted to UTC, from which nobody can tell what was meant.",
        "Choose another time format for it in the form editor.",
    ),
    "condition_wrong": (
        "The condition “{text}” of “{what}” cannot be read: {problem}.",
        "Write it in FEEL, for instance: =outcome = \"lost\"",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class _Around:
    """What the groups around a component hand down."""

    path: str = ""
    hidden: tuple[Expression, ...] = ()
    depth: int = 0


def compile_form(schema: Mapping[str, Any], file: str) -> Form:
    """The form that a form-js schema describes.

    Raises DiagramRefused with a finding for each thing that cannot be used, by the component's key or id.
    """
    compiler = _Compiler(file)
    compiler.form(schema)
    if compiler.findings:
        raise DiagramRefused(compiler.findings)
    return Form(file, compiler.fields)


class _Compiler:
    def __init__(self, file: str) -> None:
        self.file = file
        self.fields: dict[str, Field] = {}
        self.findings: list[Finding] = []

    def form(self, schema: Mapping[str, Any]) -> None:
        version = schema.get("schemaVersion", 1)
        if not isinstance(schema.get("components"), list):
            self.refuse("form_foreign", {})
        elif not isinstance(version, int) or version > SCHEMA_VERSION:
            self.refuse("form_newer", {}, version=version, limit=SCHEMA_VERSION)
        else:
            self.components(schema["components"], _Around())
            for key, field in self.fields.items():
                if any(other.startswith(f"{key}.") for other in self.fields):
                    self.refuse("key_inside", {"key": key, "label": field.label}, key=key)

    def components(self, components: list[Any], around: _Around) -> None:
        for component in components:
            if (
                not isinstance(component, dict)
                or not isinstance(component.get("type"), str)
                or around.depth > MAX_DEPTH
            ):
                broken = component if isinstance(component, dict) else {}
                self.refuse("component_broken", broken, limit=MAX_DEPTH)
            elif component["type"] == "group":
                self.group(component, around)
            elif component["type"] not in SHOWN_ONLY:
                self.field(component, around)

    def group(self, group: Mapping[str, Any], around: _Around) -> None:
        path = (
            f"{around.path}{group['path']}."
            if isinstance(group.get("path"), str) and group["path"]
            else around.path
        )
        hidden = (*around.hidden, *self.hidden(group))
        inner = group.get("components")
        self.components(inner if isinstance(inner, list) else [], _Around(path, hidden, around.depth + 1))

    def field(self, component: Mapping[str, Any], around: _Around) -> None:
        kind = component["type"]
        make = _SCHEMAS.get(kind)
        if make is None:
            self.refuse("component_unknown", component, type=kind)
            return
        if kind == "datetime":
            kind = component.get("subtype", "date")
        key = self.key(component, around.path)
        schema = make(self, component)
        validate = _validate(component)
        required = validate.get("required") is True
        if required and kind == "checkbox":
            schema["const"] = True
        if required and kind in SEVERAL:
            schema["minItems"] = 1
        message = validate.get("patternErrorMessage")
        fixed = self.fixed(component)
        if key:
            self.fields[key] = Field(
                key=key,
                kind=kind,
                label=_label(component) or key,
                required=required and fixed is not True,
                options=self.options(component) if kind in CHOICES | SEVERAL else {},
                is_text=kind in TEXTS,
                schema=schema,
                own_message=message if isinstance(message, str) and message else None,
                hidden=(*around.hidden, *self.hidden(component)),
                fixed=fixed,
            )

    def key(self, component: Mapping[str, Any], path: str) -> str:
        key = component.get("key")
        if not isinstance(key, str) or not key.strip():
            self.refuse("key_missing", component)
            return ""
        key = path + key
        if not _KEY.fullmatch(key) or RESERVED.intersection(key.split(".")):
            self.refuse("key_wrong", component, key=key)
        elif key in self.fields:
            self.refuse("key_twice", component, key=key)
        else:
            return key
        return ""

    # -- the schemas of the kinds ------------------------------------------------------------------

    def text(self, component: Mapping[str, Any]) -> dict[str, Any]:
        validate = _validate(component)
        schema: dict[str, Any] = {"type": "string", "bytes": MAX_BYTES, "storable": True}
        for name in ("minLength", "maxLength"):
            limit = self.limit(component, name, validate.get(name), whole=True)
            if limit is not None:
                schema[name] = int(limit)
        self.crossed(component, schema, "minLength", "maxLength")
        kind = validate.get("validationType")
        if kind in ("email", "phone"):
            schema["written"] = kind
        elif kind not in (None, "", "custom"):
            self.refuse("validation_unknown", component, type=kind)
        pattern = validate.get("pattern")
        if isinstance(pattern, str) and pattern and kind not in ("email", "phone"):
            try:
                regex.compile(pattern, flags=regex.ASCII)
            except regex.error as error:
                self.refuse("pattern_wrong", component, pattern=pattern, problem=error.msg)
            else:
                schema["pattern"] = pattern
        return schema

    def number(self, component: Mapping[str, Any]) -> dict[str, Any]:
        validate = _validate(component)
        schema: dict[str, Any] = {"type": "number", "below": MAX_NUMBER}
        for name, word in (("min", "minimum"), ("max", "maximum")):
            limit = self.limit(component, name, validate.get(name))
            if limit is not None:
                schema[word] = limit
        self.crossed(component, schema, "minimum", "maximum")
        decimals = self.limit(component, "decimalDigits", component.get("decimalDigits"), whole=True)
        if decimals is not None:
            schema["decimals"] = int(decimals)
        step = self.limit(component, "increment", component.get("increment"))
        if step is not None:
            if step > 0:
                schema["step"] = step
            else:
                self.refuse("limit_wrong", component, limit="increment", value=step)
        return schema

    def choice(self, component: Mapping[str, Any]) -> dict[str, Any]:
        return {"enum": list(self.options(component, say=True))}

    def several(self, component: Mapping[str, Any]) -> dict[str, Any]:
        return {"type": "array", "items": self.choice(component), "uniqueItems": True}

    def yes_or_no(self, component: Mapping[str, Any]) -> dict[str, Any]:
        return {"type": "boolean"}

    def moment(self, component: Mapping[str, Any]) -> dict[str, Any]:
        kind = component.get("subtype", "date") if component["type"] == "datetime" else component["type"]
        if kind not in DATES:
            self.refuse("date_type_unknown", component, type=kind)
        elif kind == "time" and component.get("timeSerializingFormat") == "utc_normalized":
            self.refuse("time_shifted", component)
        return {"type": "string"}

    def options(self, component: Mapping[str, Any], say: bool = False) -> dict[str, str]:
        """Value -> label; `say` reports what is wrong with them."""
        options: dict[str, str] = {}
        values = component.get("values")
        for option in values if isinstance(values, list) else []:
            value = option.get("value") if isinstance(option, dict) else None
            if isinstance(value, str) and value and value not in options:
                options[value] = str(option.get("label") or value)
            elif say:
                self.refuse("option_wrong", component, value=value)
        if say and not values:
            self.refuse("options_missing", component)
        return options

    def limit(
        self, component: Mapping[str, Any], name: str, value: object, whole: bool = False
    ) -> Decimal | int | None:
        if value in (None, ""):
            return None
        try:
            number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        integral = number.is_finite() and abs(number) < MAX_NUMBER and number == int(number)
        if not number.is_finite() or abs(number) >= MAX_NUMBER or (whole and not (integral and number >= 0)):
            self.refuse("limit_wrong", component, limit=name, value=value)
            return None
        return int(number) if integral else number

    def crossed(self, component: Mapping[str, Any], schema: Mapping[str, Any], low: str, high: str) -> None:
        if low in schema and high in schema and schema[low] > schema[high]:
            self.refuse("limits_crossed", component)

    # -- conditions --------------------------------------------------------------------------------

    def hidden(self, component: Mapping[str, Any]) -> Iterator[Expression]:
        conditional = component.get("conditional")
        hide = conditional.get("hide") if isinstance(conditional, dict) else None
        if isinstance(hide, str) and hide.strip():
            condition = self.condition(component, hide)
            if condition is not None:
                yield condition

    def fixed(self, component: Mapping[str, Any]) -> bool | Expression:
        """Disabled or read-only, always or under a condition."""
        readonly = component.get("readonly")
        if isinstance(readonly, str) and readonly.strip() and component.get("disabled") is not True:
            return self.condition(component, readonly) or False
        return readonly is True or component.get("disabled") is True

    def condition(self, component: Mapping[str, Any], text: str) -> Expression | None:
        try:
            return compile_expression(text)
        except ExpressionError as error:
            self.refuse("condition_wrong", component, text=text, problem=error.problem)
            return None

    def refuse(self, code: str, component: Mapping[str, Any], **params: object) -> None:
        message, remedy = _SENTENCES[code]
        element = component.get("key") or component.get("id")
        name = _label(component)
        self.findings.append(
            Finding(
                severity="error",
                code=code,
                template=message,
                element=str(element) if element else None,
                name=name or None,
                file=self.file,
                remedy_template=remedy,
                params={"what": name or element or component.get("type"), **params},
            )
        )


_SCHEMAS: Mapping[str, Callable[[_Compiler, Mapping[str, Any]], dict[str, Any]]] = {
    "textfield": _Compiler.text,
    "textarea": _Compiler.text,
    "number": _Compiler.number,
    "checkbox": _Compiler.yes_or_no,
    "radio": _Compiler.choice,
    "select": _Compiler.choice,
    "checklist": _Compiler.several,
    "taglist": _Compiler.several,
    "date": _Compiler.moment,
    "time": _Compiler.moment,
    "datetime": _Compiler.moment,
}


def _validate(component: Mapping[str, Any]) -> Mapping[str, Any]:
    validate = component.get("validate")
    return validate if isinstance(validate, dict) else {}


def _label(component: Mapping[str, Any]) -> str:
    label = component.get("label") or component.get("dateLabel") or component.get("timeLabel") or ""
    return " ".join(str(label).split())
