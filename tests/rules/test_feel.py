"""What expressions give: numbers, texts, lists, comparisons and three-valued logic, in FEEL's meaning."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.feel import Scope, compile_expression
from engine.values import Value

VARIABLES: dict[str, Value] = {
    "score": 70,
    "tier": "gold",
    "amount": Decimal("1200.50"),
    "approved": True,
    "nothing": None,
    "lead": {"score": 42, "company": {"city": "Torino"}, "typename": "x", "if": 7},
    "tags": ["fair", "web"],
    "tally": [70],
    "lines": [{"net": 10}, {"net": Decimal("2.5")}, "odd"],
}


def value(text: str) -> Value:
    return compile_expression(text).evaluate(Scope(VARIABLES))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2", 3),
        ("0.1 + 0.2", Decimal("0.3")),
        ("1.10 * 3", Decimal("3.30")),
        ("7 - 10", -3),
        ("10 / 4", Decimal("2.5")),
        ("6 / 2", 3),
        ("1 / 3", Decimal("0." + "3" * 34)),
        ("-7 % 3", 2),
        ("7.5 % 2", Decimal("1.5")),
        ("2 ** 10", 1024),
        ("2 ** -1", Decimal("0.5")),
        ("3 ** 4 ** 5", 3486784401),
        ("-5 ** 2", 25),
        ("- (2 + 3)", -5),
        ("--5", 5),
        ("2 + 3 * 4 - 1", 13),
        ("(2 + 3) * 4", 20),
        ("10 - 3 - 2", 5),
        ("100 / 10 / 5", 2),
        (".5 + 1.5", 2),
        ("1.2e3", 1200),
        ("score * 2 + lead.score", 182),
        ("amount * 1.22", Decimal("1464.6100")),
    ],
)
def test_numbers_are_exact(text: str, expected: Value) -> None:
    result = value(text)
    assert result == expected
    assert not isinstance(result, float)


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0", "1.5 / 0", "5 % 0", "0 ** -1", "(-8) ** 0.5", '"a" + 1', '1 + "a"', "true + 1", "true * 2",
        "nothing + 1", "1 - missing", "-tier", "[1] + [2]", "tier * 2", "-nothing",
    ],
)  # fmt: skip
def test_what_cannot_be_reckoned_is_null(text: str) -> None:
    assert value(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"gold" + "en"', "golden"),
        (r'"a\n\t\"\\"', 'a\n\t"\\'),
        (r'"è"', "è"),
        (r'"\uD83D\uDC0E" = "\U01F40E"', True),
        ("'gold'", "gold"),
        ('"perché no" + "?"', "perché no?"),
        ('contains("foobar", "ob")', True),
        ('starts with("foobar", "foo")', True),
        ('ends with("foobar", "foo")', False),
        ('upper case("àbc")', "ÀBC"),
        ('lower case("ABC")', "abc"),
        ('string length("è")', 1),
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", 3, 2)', "ob"),
        ('substring("foobar", -2, 1)', "a"),
        ("string(1.50)", "1.50"),
        ("string(1e3)", "1000"),
        ("string(true)", "true"),
        ('string([1, "a", null])', '[1, "a", null]'),
        ("string(null)", None),
        ("contains(tier, 5)", None),
        ("upper case(5)", None),
    ],
)
def test_texts(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('number("12.5")', Decimal("12.5")),
        ('number("-3")', -3),
        ('number("1.234,5", ".", ",")', Decimal("1234.5")),
        ('number("1 234", " ")', 1234),
        ('number("12a")', None),
        ('number("")', None),
        ('number("1,5")', None),
        ("abs(-2.5)", Decimal("2.5")),
        ("floor(-1.5)", -2),
        ("ceiling(1.2)", 2),
        ("floor(1.2345, 2)", Decimal("1.23")),
        ("round half up(2.5, 0)", 3),
        ("round half up(-2.5, 0)", -3),
        ("round half down(2.5, 0)", 2),
        ("decimal(2.5, 0)", 2),
        ("round up(1.121, 2)", Decimal("1.13")),
        ("round half up(1250, -2)", 1300),
        ("modulo(-12, 5)", 3),
        ("abs(tier)", None),
        ("floor(null)", None),
    ],
)
def test_functions_of_numbers(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, 2, 3]", [1, 2, 3]),
        ("count([1, null])", 2),
        ("count([])", 0),
        ("count(null)", None),
        ("sum([1, 2.5])", Decimal("3.5")),
        ("sum(1, 2, 3)", 6),
        ("sum([])", None),
        ("sum([1, null])", None),
        ("mean([1, 2])", Decimal("1.5")),
        ("min(3, 1, 2)", 1),
        ('max(["a", "c", "b"])', "c"),
        ('max([1, "a"])', None),
        ("min([])", None),
        ('list contains(tags, "web")', True),
        ('list contains(tags, "mail")', False),
        ("list contains(null, 1)", None),
        ("tags[1]", "fair"),
        ("tags[-1]", "web"),
        ("tags[3]", None),
        ("tags[0]", None),
        ("lines.net", [10, Decimal("2.5"), None]),
        ("is empty([])", True),
        ("is empty(tags)", False),
    ],
)
def test_lists(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lead.score", 42),
        ("lead.company.city", "Torino"),
        ('lead["score"]', 42),
        ("lead.typename", "x"),
        ("lead.if", 7),
        ("lead.missing", None),
        ("missing.at.all", None),
        ("tier.upper", None),
        ("score.real", None),
        ("lead.__class__", None),
        ("lead.keys", None),
        ("__class__", None),
        ("__builtins__", None),
        ("is defined(lead.score)", True),
        ("is defined(lead.missing)", False),
    ],
)
def test_dots_reach_entries_of_contexts_and_nothing_else(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("score = 70", True),
        ("score = 70.0", True),
        ("score != 70", False),
        ("score > 50", True),
        ("score >= 70", True),
        ("score < 70", False),
        ("score <= 69.9", False),
        ('tier = "gold"', True),
        ('"a" < "b"', True),
        ("true = true", True),
        ("[1, 2] = [1, 2.0]", True),
        ("[1, 2] = [2, 1]", False),
        ("[true] = [1]", False),
        ("lead = lead", True),
        # Null equals null and nothing else, and has no place in an order.
        ("nothing = null", True),
        ("missing = null", True),
        ("score = null", False),
        ("score != null", True),
        ('missing = "gold"', False),
        ('missing != "gold"', True),
        ("missing > 5", None),
        ("5 < null", None),
        # Values of different types are neither equal nor different.
        ("true = 1", None),
        ('score = "70"', None),
        ('score > "50"', None),
        ("true > false", None),
        ("[1] < [2]", None),
        ("score between 70 and 80", True),
        ("score between 71 and 80", False),
        ("missing between 1 and 2", None),
        ("score between 80 and missing", False),
    ],
)
def test_comparisons(text: str, expected: Value) -> None:
    assert value(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("score in [1..70]", True),
        ("score in [1..70)", False),
        ("score in (70..80]", False),
        ("score in ]1..70[", False),
        ("score in ]1..70]", True),
        ("score in ]1..70[ or false", False),
        ("score in ([1..5], ]6..70[, [70..tally[1]])", True),
        ("score in (60, 70)", True),
        ("score in (1, 2, [65..75])", True),
        ("score in (> 80, < 60)", False),
        ("score in > 60", True),
        ("score in (60) + 10", True),
        ("score in 60 + 10", True),
        ('tier in ("gold", "silver")', True),
        ('tier in ["gold", "silver"]', True),
        ('"web" in tags', True),
        ('"mail" in tags', False),
        ("tags in [tags]", True),
        ("[1, 2] in ([1, 2.0])", True),
        ("[1, 2] in ([1, 3])", False),
        ("score in (1 in (1) and ? > 60)", True),
        ("missing in [1..5]", None),
        ('missing in ("a", null)', True),
        ("score in [lead.score..lead.score * 2]", True),
        ('"b" in ["a".."c"]', True),
        ('not(tier in ("silver"))', True),
        ('score in (? > 60 and ? < 80) and tier = "gold"', True),
    ],
)
def test_in(text: str, expected: Value) -> None:
    assert value(text) is expected


T, F, N = "true", "false", "null"


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (T, T, True, True), (T, F, False, True), (T, N, None, True),
        (F, T, False, True), (F, F, False, False), (F, N, False, None),
        (N, T, None, True), (N, F, False, None), (N, N, None, None),
        ('"x"', T, None, True), ('"x"', F, False, None), (F, "1", False, None), (T, "1", None, True),
    ],
)  # fmt: skip
def test_and_or_are_three_valued(left: str, right: str, both: object, either: object) -> None:
    assert value(f"{left} and {right}") is both
    assert value(f"{left} or {right}") is either
    # More than two operands take another way through the compiler.
    assert value(f"true and {left} and {right}") is both
    assert value(f"false or {left} or {right}") is either


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not(true)", False),
        ("not(null)", None),
        ("not(5)", None),
        ("not(score > 80) and approved", True),
        ("false and true or true", True),
        ("true or true and false", True),
        ('if score > 60 then "hot" else "cold"', "hot"),
        ("if null then 1 else 2", 2),
        ("if tier then 1 else 2", 2),
        ("if false then 1 else if true then 2 else 3", 2),
        ("(if true then 1 else 2) + 1", 2),
    ],
)
def test_logic_and_choice(text: str, expected: Value) -> None:
    assert value(text) == expected
    assert isinstance(value(text), bool) == isinstance(expected, bool)


def test_functions_are_handed_in_by_the_scope() -> None:
    seen: list[Value] = []

    def due(key: Value) -> Value:
        seen.append(key)
        return 5

    expression = compile_expression('due("offer_" + "reminder") + 1')

    assert expression.evaluate(Scope({}, {"due": due})) == 6
    assert seen == ["offer_reminder"]
    assert expression.functions == frozenset({"due"})


def test_an_expression_says_which_variables_it_reads() -> None:
    expression = compile_expression('lead.score > 50 and tier in ("gold", other) and due("x") < today()')

    assert expression.names == frozenset({"lead", "tier", "other"})
    assert expression.functions == frozenset({"due", "today"})


def test_names_of_several_words_are_read_when_they_are_known() -> None:
    names = frozenset({"Applicant Age", "Applicant"})
    expression = compile_expression("Applicant Age >= 18 and Applicant != null", names)

    assert expression.evaluate(Scope({"Applicant Age": 20, "Applicant": "x"})) is True
    assert expression.names == names


def test_words_of_function_names_are_still_variables() -> None:
    scope = Scope({"date": True, "time": True, "starts": 1, "count": 2})

    assert compile_expression("date and time").evaluate(scope) is True
    assert compile_expression("starts + count").evaluate(scope) == 3


def test_an_expression_is_compiled_once() -> None:
    assert compile_expression("score > 123") is compile_expression("score > 123")
