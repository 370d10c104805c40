"""Forms as they are drawn: what cannot be used in them is named at deploy, not when somebody fills them in."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.errors import DiagramRefused, Invalid
from engine.forms import Form, compile_form, read_form


def form(*components: Any, **more: Any) -> Form:
    return compile_form({"type": "default", "components": list(components), **more}, "offer.form")


def field(kind: str, key: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"id_{key}", "label": "The label", "key": key, **more}


def choice(kind: str, *values: str) -> dict[str, Any]:
    return field(kind, values=[{"label": value, "value": value} for value in values])


# --- Forms that are wrong -----------------------------------------------------------------------------


WRONG: list[tuple[Any, str]] = [
    (field("dynamiclist"), "component_unknown"),
    (field("iframe"), "component_unknown"),
    (field("filepicker"), "component_unknown"),
    (field("expression"), "component_unknown"),
    ({"type": "textfield", "id": "x"}, "key_missing"),
    (field("textfield", " "), "key_missing"),
    (field("textfield", "a b"), "key_wrong"),
    (field("textfield", "a-b"), "key_wrong"),
    (field("textfield", "1a"), "key_wrong"),
    (field("textfield", "a..b"), "key_wrong"),
    (field("textfield", "a.b.c"), "key_wrong"),
    (field("textfield", "then"), "key_wrong"),
    (field("textfield", "lead.null"), "key_wrong"),
    (field("radio"), "options_missing"),
    (field("select", valuesKey="list"), "options_missing"),
    (field("taglist", valuesExpression="=list"), "options_missing"),
    (choice("select", "a", "a"), "option_wrong"),
    (field("select", values=[{"label": "One", "value": 1}]), "option_wrong"),
    (field("select", values=[{"label": "None"}]), "option_wrong"),
    (field("number", validate={"min": "=lowest"}), "limit_wrong"),
    (field("number", validate={"max": True}), "limit_wrong"),
    (field("number", decimalDigits=-1), "limit_wrong"),
    (field("number", increment=0), "limit_wrong"),
    (field("textfield", validate={"maxLength": 2.5}), "limit_wrong"),
    (field("textfield", validate={"maxLength": "1e400"}), "limit_wrong"),
    (field("number", validate={"min": 2, "max": 1}), "limits_crossed"),
    (field("textfield", validate={"minLength": 2, "maxLength": 1}), "limits_crossed"),
    (field("textfield", validate={"pattern": "(a"}), "pattern_wrong"),
    (field("textfield", validate={"validationType": "iban"}), "validation_unknown"),
    (field("datetime", subtype="week"), "date_type_unknown"),
    (field("datetime", subtype="time", timeSerializingFormat="utc_normalized"), "time_shifted"),
    (field("textfield", conditional={"hide": "=a >"}), "condition_wrong"),
    (field("textfield", readonly="=a >"), "condition_wrong"),
    ("text", "component_broken"),
    ({"key": "x"}, "component_broken"),
]  # fmt: skip


@pytest.mark.parametrize(("component", "code"), WRONG)
def test_a_component_that_cannot_be_used_is_named(component: Any, code: str) -> None:
    with pytest.raises(DiagramRefused) as refusal:
        form(component)

    [finding] = refusal.value.findings
    assert (finding.severity, finding.code, finding.file) == ("error", code, "offer.form")
    assert finding.message
    assert finding.remedy
    if isinstance(component, dict):
        assert finding.element == (component.get("key") or component.get("id"))


def test_everything_wrong_with_a_form_is_said_at_once() -> None:
    with pytest.raises(DiagramRefused) as refusal:
        form(field("number", "a"), field("filepicker", "b"), field("number", "a"), field("radio", "a.c"))

    assert [(f.code, f.element) for f in refusal.value.findings] == [
        ("component_unknown", "b"),
        ("key_twice", "a"),
        ("options_missing", "a.c"),
        ("key_inside", "a"),
    ]


def test_a_form_of_a_later_form_js_is_refused() -> None:
    assert form(field("number"), schemaVersion=19).fields.keys() == {"x"}
    with pytest.raises(DiagramRefused, match="schema version 20"):
        form(field("number"), schemaVersion=20)


def test_json_that_is_no_form_is_refused() -> None:
    with pytest.raises(DiagramRefused, match="has no list “components”"):
        compile_form({"type": "default"}, "x.form")


def test_groups_in_groups_without_end_are_refused() -> None:
    component = field("number")
    for _ in range(300):
        component = {"type": "group", "components": [component]}

    with pytest.raises(DiagramRefused) as refusal:
        form(component)
    assert [f.code for f in refusal.value.findings] == ["component_broken"]


# --- Files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "place", "reason"),
    [
        (b"", "x.form:1:1", "it is not JSON (Expecting value)"),
        (b'{"a": 1,\n  "b": }', "x.form:2:8", "it is not JSON (Expecting value)"),
        (b'{"a":\n "\xe0"}', "x.form:2", "it is not UTF-8 text"),
        (b'{"a": NaN}', "x.form", "NaN is not a number that JSON knows"),
        (b'{"a": 1, "a": 2}', "x.form", "the name “a” stands twice in one object"),
        (b"[1]", "x.form", "it is not a JSON object"),
        (b"[" * 100_000, "x.form", "it is nested too deeply"),
        (b" " * 1_100_000, "x.form", "it is larger than 1 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(data: bytes, place: str, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_form(data, "x.form")

    assert refusal.value.where == place
    assert refusal.value.message == f"The form {place} cannot be read: {reason}."
    assert refusal.value.remedy


def test_a_file_is_read_as_plain_json() -> None:
    schema = read_form(
        '\ufeff{"components": [{"type": "number", "key": "x", "increment": 0.1}]}'.encode(), "x.form"
    )

    assert json.loads(json.dumps(schema)) == schema
    assert compile_form(schema, "x.form").check({"x": 0.3}) == {"x": Decimal("0.3")}


def test_the_forms_of_the_house_can_be_used() -> None:
    files = sorted(Path("bpmn").glob("*/*.form"))

    assert files
    assert all(compile_form(read_form(file.read_bytes(), file.name), file.name).fields for file in files)
