"""Forms: what is drawn in form-js is what the server asks for, whoever answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.errors import Invalid
from engine.forms import MESSAGES, FieldProblem, Form, compile_form
from engine.values import to_json

ROME = ZoneInfo("Europe/Rome")


def form(*components: dict[str, Any], **more: Any) -> Form:
    return compile_form({"type": "default", "components": list(components), **more}, "offer.form")


def field(kind: str, key: str = "x", validate: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    named = {"type": kind, "id": f"id_{key}", "label": "The label", "key": key}
    return {**named, **({"validate": validate} if validate else {}), **more}


def choice(kind: str, *values: str, key: str = "x", validate: dict[str, Any] | None = None) -> dict[str, Any]:
    return field(kind, key, validate, values=[{"label": v.title(), "value": v} for v in values])


REQUIRED = {"required": True}


def wrong(asked: Form, answers: Mapping[str, object], **more: Any) -> dict[str, str]:
    """The messages at the fields."""
    with pytest.raises(Invalid) as refusal:
        asked.check(answers, **more)
    assert refusal.value.code == "answers_wrong"
    assert refusal.value.status == 422
    return refusal.value.fields


# --- The fields ---------------------------------------------------------------------------------------


def test_a_form_says_what_it_asks_for() -> None:
    asked = form(
        field("text", "ignored"),
        field("textfield", "lead.need", REQUIRED),
        choice("radio", "won", "lost", key="outcome"),
        {"type": "datetime", "subtype": "date", "key": "at", "dateLabel": "When"},
        {"type": "button", "key": "send", "action": "submit"},
    )

    assert [(f.key, f.kind, f.label, f.required, f.is_text) for f in asked.fields.values()] == [
        ("lead.need", "textfield", "The label", True, True),
        ("outcome", "radio", "The label", False, False),
        ("at", "date", "When", False, False),
    ]
    assert asked.fields["outcome"].options == {"won": "Won", "lost": "Lost"}


def test_groups_hand_their_path_down() -> None:
    inner = {"type": "group", "path": "lead", "components": [field("textfield", "need")]}

    assert list(form({"type": "group", "components": [inner, field("number", "amount")]}).fields) == [
        "lead.need",
        "amount",
    ]


def test_the_json_schema_is_a_json_schema() -> None:
    asked = form(field("number", "x", {"min": 1, **REQUIRED}), choice("taglist", "a", key="y"))

    Draft202012Validator.check_schema(asked.json_schema)
    assert asked.json_schema["required"] == ["x"]


# --- Answers that are right ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("component", "answer", "value"),
    [
        (field("textfield"), "  Rossi ", "Rossi"),
        (field("textarea"), "one\n two", "one\n two"),
        (field("number"), 12, 12),
        (field("number"), 12.0, 12),
        (field("number"), 0.1, Decimal("0.1")),
        (field("number"), "12.50", Decimal("12.50")),
        (field("number"), "-3", -3),
        (field("number", validate={"min": 0.1}), 0.1, Decimal("0.1")),
        (field("number", decimalDigits=2), 19.99, Decimal("19.99")),
        (field("number", decimalDigits=2), "19.990", Decimal("19.990")),
        (field("number", decimalDigits=0), "7.0", 7),
        (field("number", increment="0.25"), 1.75, Decimal("1.75")),
        (field("number", validate={"min": 5, "max": 5}), 5, 5),
        (field("checkbox"), False, False),
        (field("checkbox", validate=REQUIRED), True, True),
        (choice("radio", "a", "b"), "b", "b"),
        (choice("select", "a", "b"), "a", "a"),
        (choice("checklist", "a", "b"), ["b", "a"], ["b", "a"]),
        (choice("taglist", "a", "b"), [], []),
        (field("datetime", subtype="date"), "2026-07-01", date(2026, 7, 1)),
        (field("datetime", subtype="time"), "09:30", time(9, 30)),
        (field("datetime", subtype="time"), "09:30+02:00", time(9, 30)),
        (field("datetime", subtype="datetime"), "2026-07-01T09:30+02:00", datetime(2026, 7, 1, 7, 30, tzinfo=UTC)),
        (field("datetime", subtype="datetime"), "2026-07-01T09:30:15Z", datetime(2026, 7, 1, 9, 30, 15, tzinfo=UTC)),
        (field("date"), "2028-02-29", date(2028, 2, 29)),
        (field("textfield", validate={"validationType": "email"}), "anna@posta.example.it", "anna@posta.example.it"),
        (field("textfield", validate={"validationType": "phone"}), "+39 02 1234567", "+39 02 1234567"),
        (field("textfield", validate={"pattern": r"^\d{11}$"}), "01234567890", "01234567890"),
        (field("textfield", validate={"minLength": 2, "maxLength": 3}), "età", "età"),
    ],
)  # fmt: skip
def test_a_right_answer_becomes_a_typed_value(
    component: dict[str, Any], answer: object, value: object
) -> None:
    checked = form(component).check({"x": answer})

    assert checked == {"x": value}
    assert type(checked["x"]) is type(value)


def test_answers_come_flat_or_nested() -> None:
    asked = form(field("textfield", "lead.need"), field("number", "lead.amount"), field("checkbox", "sure"))
    expected = {"lead.need": "a press", "lead.amount": 5, "sure": True}

    assert asked.check({"lead": {"need": "a press", "amount": 5}, "sure": True}) == expected
    assert asked.check({"lead.need": "a press", "lead.amount": 5, "sure": True}) == expected
    assert asked.check({"lead": {"need": "a press"}, "lead.amount": 5, "sure": True}) == expected


def test_values_come_in_the_order_of_the_form() -> None:
    asked = form(field("number", "b"), field("number", "a"))

    assert list(asked.check({"a": 1, "b": 2})) == ["b", "a"]


@pytest.mark.parametrize("empty", [None, "", "   ", "\n"])
def test_an_empty_answer_is_none(empty: object) -> None:
    assert form(field("textfield"), field("number", "y")).check({"x": empty, "y": 1}) == {"y": 1}
    assert wrong(form(field("textfield", validate=REQUIRED)), {"x": empty}) == {"x": "Please fill this in."}


def test_a_date_and_time_without_a_zone_is_read_in_the_one_given() -> None:
    asked = form(field("datetime", subtype="datetime"))

    assert asked.check({"x": "2026-07-01T09:30"}, zone=ROME) == {"x": datetime(2026, 7, 1, 7, 30, tzinfo=UTC)}
    assert asked.check({"x": "2026-01-01T09:30"}, zone=ROME) == {"x": datetime(2026, 1, 1, 8, 30, tzinfo=UTC)}
    assert wrong(asked, {"x": "2026-07-01T09:30"}) == {"x": MESSAGES["datetime"]}


# --- Answers that are wrong ---------------------------------------------------------------------------


WRONG: list[tuple[dict[str, Any], object, str]] = [
    (field("textfield"), 5, "Write a text."),
    (field("textarea"), ["a"], "Write a text."),
    (field("textfield"), {"a": 1}, "Write a text."),
    (field("textfield", validate={"minLength": 3}), " ab ", "At least 3 characters."),
    (field("textfield", validate={"maxLength": 3}), "abcd", "At most 3 characters."),
    (field("textarea"), "à" * 40_000, "This text is longer than 64 kB."),
    (field("textfield"), "a\0b", "This text holds characters that cannot be stored."),
    (field("textfield"), "a\ud800", "This text holds characters that cannot be stored."),
    (field("textfield", validate={"pattern": "^[A-Z]+$"}), "abc", "This does not have the form that is asked for."),
    (field("textfield", validate={"pattern": r"^\d+$"}), "१२", "This does not have the form that is asked for."),
    (field("textfield", validate={"pattern": "^[A-Z]+$", "patternErrorMessage": "Capitals {only}!"}), "abc",
     "Capitals {only}!"),
    (field("textfield", validate={"validationType": "email"}), "anna@", MESSAGES["email"]),
    (field("textfield", validate={"validationType": "phone"}), "02 1234567", MESSAGES["phone"]),
    (field("number"), "12,50", "Give a number, with a point before the decimals."),
    (field("number"), "1e5", "Give a number, with a point before the decimals."),
    (field("number"), "many", "Give a number, with a point before the decimals."),
    (field("number"), True, "Give a number, with a point before the decimals."),
    (field("number"), [1], "Give a number, with a point before the decimals."),
    (field("number"), float("nan"), "Give a number, with a point before the decimals."),
    (field("number"), float("inf"), "Give a number, with a point before the decimals."),
    (field("number"), 1e300, "This number is too large."),
    (field("number"), 10**400, "This number is too large."),
    (field("number", increment=0.1), 10**400, "This number is too large."),
    (field("number", decimalDigits=0), 1.5, "Give a whole number."),
    (field("number", decimalDigits=2), "1.005", "At most 2 decimals."),
    (field("number", validate={"min": 0.1}), 0.09, "At least 0.1."),
    (field("number", validate={"max": 10}), "10.01", "At most 10."),
    (field("number", increment="0.25"), 0.3, "Give a multiple of 0.25."),
    (field("checkbox"), "true", "Answer yes or no."),
    (field("checkbox"), 1, "Answer yes or no."),
    (field("checkbox", validate=REQUIRED), False, "Please tick this."),
    (choice("radio", "a", "b"), "c", "Choose one of the given values."),
    (choice("select", "1", "2"), 1, "Choose one of the given values."),
    (choice("select", "a", "b"), ["a"], "Choose one of the given values."),
    (choice("checklist", "a", "b"), "a", "Choose from the given values, each once."),
    (choice("taglist", "a", "b"), ["c"], "Choose from the given values, each once."),
    (choice("taglist", "a", "b"), ["a", "a"], "Choose from the given values, each once."),
    (choice("taglist", "a", "b", validate=REQUIRED), [], "Please fill this in."),
    (field("datetime", subtype="date"), "2026-02-30", "Give a date, such as 2026-07-01."),
    (field("datetime", subtype="date"), "20260701", "Give a date, such as 2026-07-01."),
    (field("datetime", subtype="date"), 20260701, "Give a date, such as 2026-07-01."),
    (field("datetime", subtype="date"), "2026-07-01T00:00Z", "Give a date, such as 2026-07-01."),
    (field("datetime", subtype="time"), "25:00", "Give a time, such as 09:30."),
    (field("datetime", subtype="datetime"), "0001-01-01T00:00+14:00", MESSAGES["datetime"]),
    (field("datetime", subtype="datetime"), "tomorrow", MESSAGES["datetime"]),
]  # fmt: skip


@pytest.mark.parametrize(("component", "answer", "message"), WRONG)
def test_a_wrong_answer_is_refused_in_words(component: dict[str, Any], answer: object, message: str) -> None:
    assert wrong(form(component), {"x": answer}) == {"x": message}


def test_every_message_is_tried() -> None:
    said = {message for _, _, message in WRONG} | {"There is no such field."}

    def is_said(template: str) -> bool:
        before, _, after = template.partition("{limit}")
        return any(message.startswith(before) and message.endswith(after) for message in said)

    assert [template for template in MESSAGES.values() if not is_said(template)] == []


def test_all_wrong_fields_are_named_at_once_in_the_order_of_the_form() -> None:
    asked = form(
        field("number", "amount", {"min": 1, **REQUIRED}),
        field("textfield", "lead.need", REQUIRED),
        choice("radio", "a", key="kind"),
    )

    messages = wrong(asked, {"kind": "b", "amount": 0, "zebra": 1, "lead": {"owner": 7}})

    assert list(messages.items()) == [
        ("amount", "At least 1."),
        ("lead.need", "Please fill this in."),
        ("kind", "Choose one of the given values."),
        ("lead.owner", "There is no such field."),
        ("zebra", "There is no such field."),
    ]


def test_a_message_can_be_translated_before_it_is_filled_in() -> None:
    asked = form(field("number", validate={"max": 5}), field("textfield", "y", {"pattern": "^a{2}$"}))
    own = form(field("textfield", validate={"pattern": "^a$", "patternErrorMessage": "{x} {0}"}))

    problem = wrong(asked, {"x": 6})["x"]
    assert isinstance(problem, FieldProblem)
    assert (problem.code, problem.template, problem.params) == ("maximum", "At most {limit}.", {"limit": 5})
    assert json.dumps({"x": problem}) == '{"x": "At most 5."}'
    words = wrong(own, {"x": "b"})["x"]
    assert isinstance(words, FieldProblem)
    assert words.template.format(**words.params) == "{x} {0}"


def test_a_pattern_that_would_search_for_ever_does_not() -> None:
    asked = form(field("textfield", validate={"pattern": r"^(([a-z])+.)+[A-Z]([a-z])+$"}))

    assert wrong(asked, {"x": "a" * 60}) == {"x": MESSAGES["pattern"]}


def test_a_deeply_nested_answer_is_only_a_wrong_answer() -> None:
    deep: object = 1
    for _ in range(900):
        deep = {"x": [deep]}

    assert wrong(form(field("textfield")), {"x": deep, "y": deep}) == {
        "x": "Write a text.",
        "y": "There is no such field.",
    }


# --- Hidden and fixed fields --------------------------------------------------------------------------


def shown_when_lost(**more: Any) -> Form:
    return form(
        choice("radio", "won", "lost", key="outcome", validate=REQUIRED),
        choice("select", "price", "time", key="reason", validate=REQUIRED)
        | {"conditional": {"hide": '=not(outcome = "lost")'}},
        **more,
    )


def test_a_hidden_field_is_not_asked_for() -> None:
    assert shown_when_lost().check({"outcome": "won"}) == {"outcome": "won"}
    assert wrong(shown_when_lost(), {"outcome": "lost"}) == {"reason": "Please fill this in."}
    assert shown_when_lost().check({"outcome": "lost", "reason": "price"}) == {
        "outcome": "lost",
        "reason": "price",
    }


def test_what_comes_for_a_hidden_field_is_left_out() -> None:
    assert shown_when_lost().check({"outcome": "won", "reason": "nonsense"}) == {"outcome": "won"}


def test_a_hidden_group_hides_what_lies_in_it() -> None:
    hide = {"conditional": {"hide": "=amount < 100"}}
    asked = form(
        field("number", "amount"),
        {
            "type": "group",
            **hide,
            "components": [{"type": "group", "components": [field("number", validate=REQUIRED)]}],
        },
    )

    assert asked.check({"amount": "99.5"}) == {"amount": Decimal("99.5")}
    assert wrong(asked, {"amount": 100}) == {"x": "Please fill this in."}


def test_a_condition_may_ask_for_an_entitys_field_and_for_variables_of_the_case() -> None:
    asked = form(
        choice("radio", "yes", "no", key="lead.ready"),
        field("number", validate=REQUIRED, conditional={"hide": '=lead.ready = "no" or score < 10'}),
    )

    assert asked.check({"lead.ready": "no"}) == {"lead.ready": "no"}
    assert asked.check({"lead": {"ready": "yes"}}, data={"score": 5}) == {"lead.ready": "yes"}
    assert wrong(asked, {"lead": {"ready": "yes"}}, data={"score": 15}) == {"x": "Please fill this in."}


def test_a_condition_that_cannot_be_evaluated_hides_nothing() -> None:
    asked = form(field("number", validate=REQUIRED, conditional={"hide": '=1 + "a" > 5'}))

    assert wrong(asked, {}) == {"x": "Please fill this in."}


@pytest.mark.parametrize("how", [{"disabled": True}, {"readonly": True}, {"readonly": "=locked = true"}])
def test_what_cannot_be_changed_is_neither_asked_for_nor_taken(how: dict[str, Any]) -> None:
    asked = form(field("textfield", validate=REQUIRED, **how), field("checkbox", "locked"))

    assert asked.check({"x": "forged", "locked": True}) == {"locked": True}


# --- Whatever comes -----------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
EVERYTHING = form(
    field("textfield", "a.b", {"pattern": "^x"}),
    field("number", "n", {"min": 0, "max": 10}, decimalDigits=2, increment=0.5),
    field("checkbox", "c", REQUIRED),
    choice("select", "x", key="s"),
    choice("taglist", "x", "y", key="l"),
    field("date", "d"),
    field("time", "t"),
    field("datetime", "w", subtype="datetime", conditional={"hide": "=n > 5 or l[1] = s"}),
)


# A busy machine generates slowly; neither that nor a slow answer is a mistake of a form.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(st.dictionaries(st.sampled_from(["a", "a.b", "n", "c", "s", "l", "d", "t", "w", "?"]), JSON))
def test_nothing_that_json_can_say_breaks_a_form(answers: dict[str, object]) -> None:
    try:
        values = EVERYTHING.check(answers)
    except Invalid as refusal:
        assert refusal.fields
        assert all(isinstance(problem, FieldProblem) for problem in refusal.fields.values())
    else:
        assert values["c"] is True
        to_json(dict(values))


@patient
@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_a_number_with_two_decimals_comes_through_exactly(number: Decimal) -> None:
    asked = form(field("number", decimalDigits=2))

    assert asked.check({"x": f"{number:f}"})["x"] == number
    assert asked.check({"x": float(number)})["x"] == number
