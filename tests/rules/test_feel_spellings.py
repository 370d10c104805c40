"""One meaning, several spellings: FEEL, `=…`, `${…}`, `#{…}`, and what people write who know Python."""

from __future__ import annotations

import pytest

from engine.errors import ExpressionError
from engine.feel import Scope, compile_expression
from engine.values import Value

SCOPE = Scope(
    {"score": 70, "tier": "gold", "open": False, "none": None, "lead": {"score": 42, "tags": ["a", "b"]}}
)


@pytest.mark.parametrize(
    ("text", "feel"),
    [
        ("  score > 50  ", "score > 50"),
        ("=score > 50", "score > 50"),
        (" = score > 50", "score > 50"),
        ("${score > 50}", "score > 50"),
        (" #{ score > 50 } ", "score > 50"),
        ('${score > 50 && tier == "gold"}', 'score > 50 and tier = "gold"'),
        ("${score > 50 and tier eq 'gold'}", 'score > 50 and tier = "gold"'),
        ("${a || b && c}", "a or b and c"),
        ("${a && b || c}", "a and b or c"),
        ("${a && b == c}", "a and b = c"),
        ("${(a || b) && c}", "(a or b) and c"),
        ("${a ne 1 or b lt 2 or c gt 3 or d le 4 or e ge 5}", "a != 1 or b < 2 or c > 3 or d <= 4 or e >= 5"),
        ("${a div 2 + b mod 3 % 2}", "a / 2 + b % 3 % 2"),
        ("${-a - -1}", "-a - -1"),
        ("${!open}", "if open then false else true"),
        ("${not empty lead.tags}", "if is empty(lead.tags) then false else true"),
        ("${score > 50 ? 'a' : open ? 'b' : 'c'}", 'if score > 50 then "a" else if open then "b" else "c"'),
        ("${lead.score}", "lead.score"),
        ("${lead['score'] + lead[\"score\"]}", 'lead["score"] + lead["score"]'),
        ("${lead.tags[0]}", "lead.tags[1]"),
        ("${true && null == none}", "true and null = none"),
        ("${due('offer_reminder')}", 'due("offer_reminder")'),
        ("score == 50 and True", "score = 50 and true"),
        ("tier == 'gold' or open == False or none == None", 'tier = "gold" or open = false or none = null'),
        ('lead["score"] > 1', 'lead["score"] > 1'),
        ("not open", "not(open)"),
        ("not score > 50 and open", "not(score > 50) and open"),
        ("score > 50 // a comment\n and /* another */ open", "score > 50 and open"),
    ],
)
def test_every_spelling_is_read_into_the_same_tree(text: str, feel: str) -> None:
    expression = compile_expression(text)

    assert str(expression) == feel
    assert expression.tree == compile_expression(feel).tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${!none}", True),
        ("${!(none && true)}", True),
        ("${empty none}", True),
        ("${empty lead.tags}", False),
        ("${empty ''}", True),
        ("${lead.tags[1]}", "b"),
        ("${score == 70 ? 'yes' : 'no'}", "yes"),
        ("${missing.score > 5}", None),
    ],
)
def test_juel_takes_null_for_false_and_counts_from_zero(text: str, expected: Value) -> None:
    assert compile_expression(text).evaluate(SCOPE) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("score > 50", True),
        ("score > 90", False),
        ("missing > 90", False),
        ("=missing", False),
        ("${missing}", False),
        ("open", False),
        ("none", False),
        ("true", True),
    ],
)
def test_a_condition_that_is_null_does_not_hold(text: str, expected: bool) -> None:
    assert compile_expression(text).is_true(SCOPE) is expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("=score", "A condition must be true or false, not the number 70"),
        ("tier", "A condition must be true or false, not the text “gold”"),
        ("lead", "A condition must be true or false, not a context"),
        ('duration("P1D")', "A condition must be true or false, not a duration"),
        ("nein", "There is no variable “nein”"),
        ("Groß", "There is no variable “Groß”"),
    ],
)
def test_a_condition_that_is_no_condition_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_expression(text).is_true(SCOPE)
    assert refusal.value.problem == problem
    assert refusal.value.hint == 'Names are compared with =, texts need quotes: tier = "gold".'


@pytest.mark.parametrize(
    ("text", "word"),
    [("nein", "nein"), (" ja ", "ja"), ("=ja", None), ("${ja}", None), ("ja or nein", None), ("ja.x", None)],
)
def test_a_label_in_place_of_a_condition_can_be_told(text: str, word: str | None) -> None:
    assert compile_expression(text).bare_word == word
