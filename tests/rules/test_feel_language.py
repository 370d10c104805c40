"""Loops, filters, contexts, functions, ranges and types in expressions, in FEEL's meaning."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from engine.errors import ExpressionError
from engine.feel import Scope, compile_expression
from engine.values import Value

VARIABLES: dict[str, Value] = {
    "score": 70,
    "tags": ["fair", "web", "web"],
    "numbers": [3, 1, 2],
    "nothing": None,
    "item": "outside",
    "limit": 5,
    "lead": {"score": 42, "company": {"city": "Torino"}},
    "lines": [
        {"name": "pump", "net": 10, "tags": ["a", "b"]},
        {"name": "valve", "net": Decimal("2.5"), "tags": []},
        {"name": "seal", "tags": ["b"]},
    ],
}


def value(text: str) -> Value:
    return compile_expression(text).evaluate(Scope(VARIABLES))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for n in numbers return n * 10", [30, 10, 20]),
        ("for n in 1..3 return n", [1, 2, 3]),
        ("for n in 3..1 return n", [3, 2, 1]),
        ("for n in [1..3] return n", [1, 2, 3]),
        ("for n in (1..3) return n", [2]),
        ("for a in [1, 2], b in [10, 20] return a + b", [11, 21, 12, 22]),
        ("for a in 1..3, b in 1..a return b", [1, 1, 2, 1, 2, 3]),
        ("for line in lines, tag in line.tags return tag", ["a", "b", "b"]),
        ("for n in 1..6 return if n <= 2 then 1 else partial[-1] + partial[-2]", [1, 1, 2, 3, 5, 8]),
        ('for day in date("2026-01-30")..date("2026-02-01") return day.day', [30, 31, 1]),
        ("for n in 1..3 return partial", [[], [[]], [[], [[]]]]),
        ("for n in [] return n", []),
        ("for n in 5 return n", [5]),
        ("for n in nothing return n", None),
        ('for n in 1.."a" return n', None),
        ("for my number in numbers return my number + 1", [4, 2, 3]),
        ("for score in [1] return score + for score in [5] return score", [None]),
        ("score + (for score in [1] return score)[1]", 71),
    ],
)
def test_loops_give_a_value_for_each_item(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("some n in numbers satisfies n > 2", True),
        ("some n in numbers satisfies n > 5", False),
        ("every n in numbers satisfies n > 0", True),
        ("every n in numbers satisfies n > 1", False),
        ("some a in [1, 2], b in [2, 3] satisfies a = b", True),
        ("every a in [1, 2], b in [2, 3] satisfies a <= b", True),
        ("some n in [] satisfies true", False),
        ("every n in [] satisfies false", True),
        # Null is neither, unless another item decides.
        ("some n in [1, null, 9] satisfies n > 5", True),
        ("some n in [1, null] satisfies n > 5", None),
        ("every n in [9, null] satisfies n > 5", None),
        ("every n in [9, null, 1] satisfies n > 5", False),
        ("some n in nothing satisfies true", None),
        ("some n in [1] satisfies 5", None),
    ],
)
def test_some_and_every_are_three_valued(text: str, expected: object) -> None:
    assert value(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numbers[item > 1]", [3, 2]),
        ("numbers[item > 5]", []),
        ("numbers[true]", [3, 1, 2]),
        ("numbers[false]", []),
        ("numbers[null]", None),
        ('tags[item = "web"]', ["web", "web"]),
        ("lines[net > 5].name", ["pump"]),
        ("lines[net = null].name", ["seal"]),
        ("lines[item.net > 5].name", ["pump"]),
        ('lines[list contains(tags, "b")].name', ["pump", "seal"]),
        ('lines[count(tags[item = "b"]) = 1].name', ["pump", "seal"]),
        # What the items do not have is looked for outside.
        ("numbers[item > score - 68]", [3]),
        ("lines[net < limit].net", [Decimal("2.5")]),
        ("lead[score > 40].score", [42]),
        ("lead[score > 50]", []),
        ("score[item > 5]", [70]),
        ("nothing[item > 5]", []),
        # A number names an item, whether written or reckoned.
        ("numbers[1 + 1]", 1),
        ("numbers[count(numbers)]", 2),
        ("numbers[-1]", 2),
        ("[][count(numbers)]", None),
        ("5[1]", 5),
        ('lead["sc" + "ore"]', 42),
        ("[[1, 2], [3]][1][2]", 2),
        ('lines[name in ("pump", "seal")].name', ["pump", "seal"]),
    ],
)
def test_brackets_filter_a_list_or_name_an_item(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a: 1, b: a + 1}", {"a": 1, "b": 2}),
        ("{net: 100, gross: net * 1.22}.gross", Decimal("122.00")),
        ("{a: {b: {c: 5}}}.a.b.c", 5),
        ('{"odd key!": 1}["odd key!"]', 1),
        ("{unit price: 2, total: unit price * 3}.total", 6),
        ("{unit price: 2}.unit price", 2),
        ("[{unit price: 2}, {unit price: 5}][unit price > 3].unit price", [5]),
        ("{score: score}.score", 70),
        ("{a: 1}.b", None),
        ("{a: 1} = {a: 1.0}", True),
        ("count({a: 1})", 1),
        ("{f: function(x) x * 2, r: f(4)}.r", 8),
        ("{f: function(x) x * 2}.f(4)", 8),
    ],
)
def test_contexts_hold_entries_that_see_those_before_them(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(function(a, b) a + b)(1, 2)", 3),
        ("(function(a, b) a - b)(b: 1, a: 5)", 4),
        ("(function(a: number) a)(5)", 5),
        ('(function(a: string) a)(["x"])', "x"),
        ("(function(a: list<number>) a)(5)", [5]),
        ("(function() 7)()", 7),
        ("{add: function(a) function(b) a + b}.add(1)(2)", 3),
        ("sort(numbers, function(a, b) a > b)", [3, 2, 1]),
        ("for f in [abs, floor] return f(-1.5)", [Decimal("1.5"), -2]),
        ("{fact: function(self, n) if n = 0 then 1 else n * self(self, n - 1)}.fact(abs, 0)", 1),
        (
            "{f: function(self, n) if n = 0 then 1 else n * self(self, n - 1), r: f(f, 20)}.r",
            2432902008176640000,
        ),
        ("{score: 1, f: function() score, r: (for score in [5] return f())[1]}.r", 1),
    ],
)
def test_functions_are_values_that_see_the_place_where_they_stand(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring(string: "foobar", start position: 3)', "obar"),
        ('substring(start position: 3, length: 1, string: "foobar")', "o"),
        ("date(year: 2026, month: 1, day: 31)", date(2026, 1, 31)),
        ('date(from: "2026-01-31")', date(2026, 1, 31)),
        ("floor(n: 1.56, scale: 1)", Decimal("1.5")),
        ("max(list: numbers)", 3),
        ("not(negand: false)", True),
    ],
)
def test_arguments_can_be_given_by_name(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{r: [1..5], x: 3 in r}.x", True),
        ("{r: (< 5), x: 5 in r}.x", False),
        ("3 in [[7..9], [1..5]]", True),
        ("for r in [[1..2], [3..4]] return 3 in r", [False, True]),
        ("[1..5].end", 5),
        ("(1..5].start included", False),
        ("(>= 7).start", 7),
        ("[1..5] = [1..5]", True),
        ("[1..5] = [1..5)", False),
        ("(< 5) = (null..5)", False),
        ('range("[1..5)").end included', False),
        ("7 in (> 5)", True),
        ("5 in (!= 5)", False),
        ("null in [1..5]", None),
        ("score in [1..100] and [1, 2][1] = 1", True),
        ("5 in ]1..5[", False),
        ("(4 in ]1..5[) = true", True),
    ],
)
def test_ranges_are_values_inside_an_expression(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 instance of number", True),
        ('"5" instance of number', False),
        ("null instance of Any", False),
        ("5 instance of Any", True),
        ("[1, 2] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ("[] instance of list<string>", True),
        ("{a: 1, b: 2} instance of context<a: number>", True),
        ("{b: 2} instance of context<a: number>", False),
        ("[1..5] instance of range<number>", True),
        ("(function(a: number) a) instance of function<number>->number", True),
        ("(function(a: number) a) instance of function<string>->number", False),
        ("(function() 1) instance of function<>->number", True),
        ("abs instance of function<number>->number", True),
        ('date("2026-01-31") instance of date', True),
        ('date("2026-01-31") instance of date and time', False),
        ('duration("P1D") instance of days and time duration', True),
        ('duration("P1M") instance of years and months duration', True),
        ("score instance of number and score > 5", True),
    ],
)
def test_instance_of(text: str, expected: bool) -> None:
    assert value(text) is expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1..5]", "The result would be a range, which a case cannot hold"),
        ("[1, [2..3]]", "The result would be a range, which a case cannot hold"),
        ("{a: function(x) x}", "The result would be a function, which a case cannot hold"),
        ("abs", "The result would be a function, which a case cannot hold"),
        (
            'time("09:00:00@Europe/Rome")',
            "The result would be a time of a region without a day, which a case cannot hold",
        ),
    ],
)
def test_what_a_case_cannot_hold_does_not_leave_an_expression(text: str, problem: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        value(text)
    assert refusal.value.problem == problem


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("(function(a) a)(1, 2)", 15, "function(…) takes 1 arguments, not 2"),
        ("(function(a) a)(b: 1)", 15, "function(…) has no such parameters"),
        ('(function(a: number) a)("x")', 23, "“a” is of the type number, which the text “x” is not"),
        ('"abs"(1)', 5, "Only a function can be called, not the text “abs”"),
        ("{a: 1}.a(2)", 8, "Only a function can be called, not the number 1"),
        ('numbers["x"]', 7, None),
        ('numbers[date("2026-01-31")]', 7, "An item is named by a whole number or a text, not by a date"),
        ('sort([1, "a"])', 0, "The items cannot be brought into an order"),
        ("due(key: 1)", 0, "due(…) takes its arguments without names"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(text: str, position: int, problem: str | None) -> None:
    expression = compile_expression(text)
    scope = Scope(VARIABLES, {"due": lambda key: key})
    if problem is None:
        assert expression.evaluate(scope) is None
        return
    with pytest.raises(ExpressionError) as refusal:
        expression.evaluate(scope)
    assert (refusal.value.problem, refusal.value.position) == (problem, position)


@pytest.mark.parametrize(
    ("text", "names", "functions"),
    [
        ("for x in list return x + y", {"list", "y"}, set()),
        ("for x in list, z in x return z + partial[1]", {"list"}, set()),
        ("some x in x satisfies x", {"x"}, set()),
        ("{a: 1, b: a + c, c: 2, d: c}", {"c"}, set()),
        ("(function(a) a + b)(due(c))", {"b", "c"}, {"due"}),
        ("lines[net > limit]", {"lines", "net", "limit"}, set()),
        ("lines[item.net > 5]", {"lines"}, set()),
        ("{f: function(x) x, r: f(1)}.r", set(), set()),
    ],
)
def test_an_expression_says_what_it_takes_from_outside(
    text: str, names: set[str], functions: set[str]
) -> None:
    expression = compile_expression(text)
    assert (set(expression.names), set(expression.functions)) == (names, functions)


def test_names_of_properties_have_several_words() -> None:
    assert value('date and time("2026-01-31T09:00:00@Europe/Rome").timezone') == "Europe/Rome"
    assert str(value('date and time("2026-01-31T09:00:00+02:00").time offset')) == "2:00:00"


def test_names_with_signs_inside_are_read_when_they_are_known() -> None:
    names = frozenset({"Pre-bureau score", "Person's age", "bureau"})
    scope = Scope({"Pre-bureau score": 5, "Person's age": 40, "bureau": 1})

    assert compile_expression("Pre-bureau score + Person's age - bureau", names).evaluate(scope) == 44


def test_words_outside_the_basic_plane_are_names() -> None:
    assert value('{🐎: "bar"}.🐎') == "bar"
