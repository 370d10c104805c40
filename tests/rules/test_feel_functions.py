"""The functions of the standard beyond those of test_feel.py: what each gives, and null for what it is not for."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from engine.errors import ExpressionError
from engine.feel import Scope, compile_expression
from engine.feel.functions import FUNCTIONS
from engine.values import Value, YearsMonths

VARIABLES: dict[str, Value] = {
    "nothing": None,
    "list": [3, 1, 2, 1],
    "lead": {"score": 42, "company": {"city": "Torino"}},
}


def value(text: str) -> Value:
    return compile_expression(text).evaluate(Scope(VARIABLES))


TEXTS: list[tuple[str, Value]] = [
    ('substring before("foobar", "bar")', "foo"),
    ('substring before("foobar", "xyz")', ""),
    ('substring before("foobar", "")', ""),
    ('substring after("foobar", "ob")', "ar"),
    ('substring after("foobar", "xyz")', ""),
    ('substring after("", "a")', ""),
    ('substring after("foobar", "")', "foobar"),
    ('split("John Doe", " ")', ["John", "Doe"]),
    ('split("a;b;;c", ";")', ["a", "b", "", "c"]),
    ('split("a1b22c", "[0-9]+")', ["a", "b", "c"]),
    ('split("abc", "x")', ["abc"]),
    ("split(5, \",\")", None),
    ('string join(["a", "b"], " and ")', "a and b"),
    ('string join(["a", null, "b"])', "ab"),
    ("string join([])", ""),
    ("string join([1])", None),
    ("string join(null)", None),
    ('matches("foobar", "^fo*b")', True),
    ('matches("foobar", "^f$")', False),
    ('matches("FOO", "foo", "i")', True),
    ("matches(5, \"5\")", None),
    ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
    ('replace("a.b", "[.]", "$0$0")', "a..b"),
    ("replace(\"a\", 5, \"b\")", None),
    ('upper case(["a"])', "A"),
]  # fmt: skip

NUMBERS: list[tuple[str, Value]] = [
    ("sqrt(16)", 4),
    ("sqrt(2)", Decimal("1.414213562373095048801688724209698")),
    ("sqrt(-1)", None),
    ("log(1)", 0),
    ("log(0)", None),
    ("exp(0)", 1),
    ("odd(5)", True),
    ("even(5)", False),
    ("even(0)", True),
    ("odd(2.5)", False),
    ("odd(null)", None),
    ("round up(5.5)", 6),
    ("decimal(1/3, 2)", Decimal("0.33")),
    ("decimal(1/3, 2.5)", Decimal("0.33")),
    ("round up(5.5, 7000)", None),
    ("floor(1.5, null)", None),
    ('number("1,000", ",")', 1000),
]  # fmt: skip

LISTS: list[tuple[str, Value]] = [
    ("all([true, true])", True),
    ("all([true, false, null])", False),
    ("all([true, null])", None),
    ("all([])", True),
    ("any(false, true)", True),
    ("any([false, null])", None),
    ("any([])", False),
    ("any(5)", None),
    ("sublist(list, 2)", [1, 2, 1]),
    ("sublist(list, 2, 2)", [1, 2]),
    ("sublist(list, -2, 1)", [2]),
    ("sublist(list, 3, 5)", None),
    ("append(list, 9, 8)", [3, 1, 2, 1, 9, 8]),
    ("append(5, 6)", [5, 6]),
    ("concatenate([1], [2, [3]], 4)", [1, 2, [3], 4]),
    ("concatenate([1], nothing)", None),
    ("insert before(list, 2, 9)", [3, 9, 1, 2, 1]),
    ("insert before(list, 9, 9)", None),
    ("remove(list, 1)", [1, 2, 1]),
    ("remove(list, -1)", [3, 1, 2]),
    ("reverse(list)", [1, 2, 1, 3]),
    ("index of(list, 1)", [2, 4]),
    ("index of(list, 7)", []),
    ("union([1, 2], [2, 3])", [1, 2, 3]),
    ("distinct values([1, 1.0, \"a\", \"a\", null])", [1, "a", None]),
    ("flatten([[1, [2]], 3])", [1, 2, 3]),
    ("list replace(list, 1, 9)", [9, 1, 2, 1]),
    ("list replace(list, function(item, new) item = 1, 9)", [3, 9, 2, 9]),
    ("list replace(list, 9, 9)", None),
    ("sort(list)", [1, 1, 2, 3]),
    ("sort([])", []),
    ("product([2, 3, 4])", 24),
    ("product(2, 2.5)", Decimal("5.0")),
    ("product([])", None),
    ("median([8, 2, 5, 3, 4])", 4),
    ("median(1, 2, 3, 4)", Decimal("2.5")),
    ("median([])", None),
    ("mode([6, 3, 9, 6, 6])", [6]),
    ("mode([3, 6, 1, 9, 6, 1, 3])", [1, 3, 6]),
    ("mode([])", []),
    ("stddev([2, 4, 4, 6])", Decimal("1.632993161855452065464856049803928")),
    ("stddev([5])", None),
    ('list contains([[1], {a: 2}], {a: 2})', True),
]  # fmt: skip

CONTEXTS: list[tuple[str, Value]] = [
    ('get value(lead, "score")', 42),
    ('get value(lead, ["company", "city"])', "Torino"),
    ('get value(lead, "missing")', None),
    ("get value(5, \"a\")", None),
    ("get entries({a: 1, b: 2})", [{"key": "a", "value": 1}, {"key": "b", "value": 2}]),
    ("get entries(5)", None),
    ('context([{key: "a", value: 1}, {key: "b", value: null}])', {"a": 1, "b": None}),
    ('context([{key: "a", value: 1}, {key: "a", value: 2}])', None),
    ("context([{value: 1}])", None),
    ('context put(lead, "score", 5).score', 5),
    ('context put(lead, ["company", "zip"], "10100").company', {"city": "Torino", "zip": "10100"}),
    ('context put(lead, ["score", "x"], 1)', None),
    ("context merge([{a: 1, b: 1}, {b: 2}])", {"a": 1, "b": 2}),
    ("context merge([{a: 1}, 5])", None),
]  # fmt: skip

DATES: list[tuple[str, Value]] = [
    ("time(9, 30, 15)", time(9, 30, 15)),
    ('time(9, 30, 0, duration("PT2H"))', time(9, 30, tzinfo=timezone(timedelta(hours=2)))),
    ("time(list[1] * 8, 0, 0)", None),
    ("time(list[1])", None),
    ('time(date("2026-01-31"))', time(tzinfo=UTC)),
    ('date and time("2026-01-31T24:00:00Z")', datetime(2026, 2, 1, tzinfo=UTC)),
    ('date and time(date("2026-01-31"), time("09:30:00Z"))', datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
    ('date and time(date("2026-01-31"), nothing)', None),
    ('years and months duration(date("2024-12-22"), date("2026-08-24"))', YearsMonths(20)),
    ('years and months duration(date("2026-08-24"), date("2024-12-25"))', YearsMonths(-19)),
    ('years and months duration(date("2026-08-24"), 5)', None),
    ('day of year(date("2024-12-31"))', 366),
    ('day of week(date("2026-01-31"))', "Saturday"),
    ('month of year(date("2026-01-31"))', "January"),
    ('week of year(date("2005-01-01"))', 53),
    ("day of week(5)", None),
    ('is(date("2026-01-31"), date("2026-01-31"))', True),
    ('is(time("23:00:50Z"), time("23:00:50+00:00"))', True),
    ('is(time("20:00:50+00:00"), time("21:00:50+01:00"))', False),
    ('is(@"P0Y", @"P0D")', False),
    ("is(1, 1.0)", True),
    ("is(1, \"1\")", False),
]  # fmt: skip

RANGES: list[tuple[str, Value]] = [
    ("before(1, 10)", True),
    ("before(1, (1..10])", True),
    ("before([1..10], [10..20])", False),
    ("before([1..10), [10..20])", True),
    ("after([11..20], [1..11))", True),
    ("meets([1..5], [5..10])", True),
    ("meets([1..5), [5..10])", False),
    ("met by([5..10], [1..5])", True),
    ("overlaps([1..5], [3..8])", True),
    ("overlaps([1..5], (5..8])", False),
    ("overlaps before([1..5], [3..8])", True),
    ("overlaps after([3..8], [1..5])", True),
    ("finishes(10, [1..10])", True),
    ("finished by([1..10], [5..10])", True),
    ("includes([1..10], 5)", True),
    ("includes((1..10], 1)", False),
    ("includes((> 5), 7)", True),
    ("during([4..6], [1..10])", True),
    ("starts(1, [1..10])", True),
    ("started by([1..10], [1..5])", True),
    ("coincides([1..5], [1..5])", True),
    ("coincides([1..5], [1..5))", False),
    ("meets(1, 2)", None),
    ('before(1, "a")', None),
    ('before(date("2026-01-01"), [date("2026-01-02")..date("2026-01-03")])', True),
    ('3 in range("[1..5]")', True),
    ('range("[5..1]") = null', True),
    ('range("1..5") = null', True),
    ('range("[x..5]") = null', True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [*TEXTS, *NUMBERS, *LISTS, *CONTEXTS, *DATES, *RANGES])
def test_functions_give_what_the_standard_says(text: str, expected: Value) -> None:
    result = value(text)
    assert result == expected
    assert isinstance(result, bool) == isinstance(expected, bool)


STANDARD = """
    number string date time | date and time | duration | years and months duration | context not | substring
    string length | upper case | lower case | substring before | substring after | replace | contains
    starts with | ends with | matches | split | string join | list contains | count min max sum mean all any sublist
    append concatenate | insert before | remove reverse | index of | union | distinct values | flatten product
    median stddev mode | list replace | decimal floor ceiling | round up | round down | round half up
    round half down | abs modulo sqrt log exp odd even | is | before after meets | met by | overlaps
    overlaps before | overlaps after | finishes | finished by | includes during starts | started by | coincides
    day of year | day of week | month of year | week of year | sort | get value | get entries | context put
    context merge | range
"""


def test_every_function_of_the_standard_is_there() -> None:
    named = {
        part.strip()
        for line in STANDARD.replace("\n", "|").split("|")
        for part in ([line] if line.strip() in FUNCTIONS else line.split())
    } - {"", "not"}
    assert named - FUNCTIONS.keys() == set()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize(
    "given", ["null", "5", '"x"', "[]", "{a: 1}", '@"2026-01-31"', "true", "abs", "[1..2]", '@"PT1H"']
)
def test_a_function_given_anything_gives_a_value_or_a_refusal(name: str, given: str) -> None:
    for count in range(1, 5):
        if not FUNCTIONS[name].takes(count):
            continue
        try:
            value(f"string({name}({', '.join([given] * count)}))")
        except ExpressionError as refusal:
            assert refusal.message
