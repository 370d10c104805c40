"""Limits of expressions: depth, steps and sizes are counted, so that no text can hang or crash a worker."""

from __future__ import annotations

import sys
import threading
import tracemalloc
from decimal import Decimal

import pytest

from engine.errors import ExpressionError
from engine.feel import Scope, compile_expression
from engine.feel.expression import compile_tests
from engine.feel.limits import MAX_DEPTH, MAX_STEPS, MAX_TEXT
from engine.values import MAX_BYTES, Value


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("(", ")"), ("[", "]"), ("-", ""), ("not(", ")"), ("abs(", ")"), ("f(", ")"), ("a[", "]"),
        ("1 in (", ")"), ("1 in (1, ", ")"), ("1 in [0..", "]"), ("if ", " then 1 else 1"),
        ("if true then 1 else ", ""), ("a and (", ")"), ("1 + (", ")"), ("not ", ""), ("${!", "}"), ("${(", ")}"),
        ("${-", "}"), ("${empty ", "}"), ("${a ? ", " : 1}"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("levels", [MAX_DEPTH * 2, 2000])
def test_deep_nesting_is_refused_and_never_exhausts_the_stack(
    opening: str, closing: str, levels: int
) -> None:
    if opening.startswith(("${", "#{")):
        text = "${" + opening[2:] * levels + "1" + closing[:-1] * levels + "}"
    else:
        text = opening * levels + "1" + closing * levels
    for read in (compile_expression, compile_tests):
        with pytest.raises(ExpressionError):
            read(text)


def test_ordinary_nesting_is_no_problem() -> None:
    text = "(" * 40 + "1" + ")" * 40
    assert compile_expression(text).evaluate(Scope({})) == 1


def test_the_deepest_expression_needs_a_fraction_of_the_stack() -> None:
    text = "f(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1)
    results: list[Value] = []

    def evaluate() -> None:
        results.append(compile_expression(text).evaluate(Scope({}, {"f": lambda value: value})))

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(500)
    try:
        thread = threading.Thread(target=evaluate)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
    assert results == [1]


@pytest.mark.parametrize(
    "text", ["1" + " + 1" * 2000, "a" + ".b" * 2000, "a" + "[1]" * 2000, "${1" + "-1" * 2000 + "}"]
)
def test_a_long_chain_of_steps_on_one_value_is_deep(text: str) -> None:
    with pytest.raises(ExpressionError, match=f"nested deeper than {MAX_DEPTH} levels"):
        compile_expression(text)


def test_a_long_chain_of_conditions_is_not_deep() -> None:
    text = " or ".join(f"x = {number}" for number in range(500))
    assert compile_expression(text).evaluate(Scope({"x": 499})) is True


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(ExpressionError, match=f"longer than {MAX_TEXT} characters"):
        compile_expression("1" + " " * 10 + "+ 1" * MAX_TEXT)


@pytest.mark.parametrize(
    "text",
    [
        "9 ** 9 ** 9",
        "9 ** (9 ** 9)",
        "9.5 ** (9 ** 9)",
        "2 ** 1000000000000",
        "10 ** 34",
        "1e900 * 1e900",
        "9" * 35,
        "1e1000",
        "1e9999",
        "big * 10",
        "huge + 1",
        'duration("P99999999D") * 1000',
        'duration("P999999Y") * 1e30',
    ],
)
def test_numbers_that_are_too_large_are_refused_at_once(text: str) -> None:
    scope = Scope({"big": 10**34 - 1, "huge": Decimal("1E+5000")})
    with pytest.raises(ExpressionError, match=r"too large|too long"):
        compile_expression(text).evaluate(scope)


@pytest.mark.parametrize(
    "text", ["huge[1]", "list[huge]", "floor(huge)", 'substring("abc", huge)', "decimal(1.5, huge)"]
)
def test_a_foreign_number_of_any_size_does_no_harm(text: str) -> None:
    scope = Scope({"huge": Decimal("1E+999999"), "list": [1]})
    try:
        compile_expression(text).evaluate(scope)
    except ExpressionError as refusal:
        assert refusal.position > 0


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
@pytest.mark.parametrize(
    "text", ["x > 1", "x = 1", "x + 1", "-x", "x in [1..2]", "floor(x)", "max(x, 1)", "x[1]", "sum([x])"]
)
def test_what_is_no_number_gives_null_or_false_and_no_crash(text: str, value: Decimal) -> None:
    scope = Scope({"x": value})
    try:
        assert compile_expression(text).evaluate(scope) in (None, False, True, value)
    except ExpressionError:
        pass


def test_texts_and_lists_stay_below_64_kb() -> None:
    scope = Scope({"text": "x" * (MAX_BYTES - 10), "sharp": "ß" * (MAX_BYTES // 2)})
    for text in ("text + text", "text + sharp", 'string([text, text, "a"])', "string([sharp, sharp, sharp])"):
        with pytest.raises(ExpressionError, match="larger than 64 kB"):
            compile_expression(text).evaluate(scope)
    assert compile_expression('text + "1234567890"').evaluate(scope) == "x" * (MAX_BYTES - 10) + "1234567890"


@pytest.mark.parametrize("text", ["2 ** 80000000", "string(texts)"])
def test_what_would_be_too_large_is_refused_before_it_fills_the_memory(text: str) -> None:
    texts: list[Value] = ["x" * (MAX_BYTES - 10)] * 300
    expression = compile_expression(text)
    tracemalloc.start()
    try:
        with pytest.raises(ExpressionError, match=r"too large|larger than 64 kB"):
            expression.evaluate(Scope({"texts": texts}))
        assert tracemalloc.get_traced_memory()[1] < 1024 * 1024
    finally:
        tracemalloc.stop()


def test_steps_over_long_lists_are_counted() -> None:
    items: list[Value] = list(range(MAX_STEPS // 4))
    scope = Scope({"items": items})

    assert compile_expression("sum(items) > 0 and count(items) > 0").evaluate(scope) is True
    for text in (
        "sum(items) + sum(items) + sum(items) + sum(items)",
        "-1 in ([items, items], items, items, items, items)",
    ):
        with pytest.raises(ExpressionError, match=f"more than {MAX_STEPS} steps"):
            compile_expression(text).evaluate(scope)


def test_deeply_nested_data_is_refused_where_it_would_be_walked() -> None:
    deep: Value = 1
    for _ in range(5000):
        deep = [deep]
    scope = Scope({"one": deep, "other": [deep]})
    for text in ("one = other", "string(one)", "one in (other, 5)", "list contains(other, one)"):
        with pytest.raises(ExpressionError, match="nested deeper"):
            compile_expression(text).evaluate(scope)


def test_many_threads_evaluate_one_expression_independently() -> None:
    expression = compile_expression("x in (1, (x + 1), ? > 5) and string(x) + string(x) = both")
    wrong: list[int] = []

    def work(number: int) -> None:
        scope = Scope({"x": number, "both": f"{number}{number}"})
        for _ in range(2000):
            if expression.evaluate(scope) is not (number == 1 or number > 5):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("for a in [1] return ", ""), ("some a in [1] satisfies 1 = ", ""), ("{a: ", "}"), ("(function(a) ", ")(1)"),
        ("[1][item = ", "]"), ("for a in ", " return a"), ("sort(", ", function(a, b) true)"), ("f(x: ", ")"),
        ("1 instance of number = (", ")"), ("{a: 1}.a + (", ")"),
    ],
)  # fmt: skip
def test_nested_blocks_are_refused_or_stay_within_a_fraction_of_the_stack(opening: str, closing: str) -> None:
    outcomes: list[object] = []

    def work() -> None:
        for levels in (20, 30, 60, MAX_DEPTH * 2, 1000):
            text = opening * levels + "1" + closing * levels
            try:
                outcomes.append(compile_expression(text).evaluate(Scope({}, {"f": lambda value: value})))
            except ExpressionError as refusal:
                outcomes.append(refusal.problem)

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(700)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
    assert len(outcomes) == 5
    assert "nested deeper" in str(outcomes[-1]) or "longer than" in str(outcomes[-1])


@pytest.mark.parametrize(
    "text",
    [
        "(function(f) f(f))(function(f) f(f))",
        "(function(f) [f(f)])(function(f) [f(f)])",
        "(function(f) sort([1, 2], function(a, b) f(f)))(function(f) sort([1, 2], function(a, b) f(f)))",
        "(function(f) for a in [1] return f(f))(function(f) for a in [1] return f(f))",
        "(function(f) [1][f(f)])(function(f) [1][f(f)])",
        "{f: function(g) {h: g(g)}, r: f(f)}.r",
    ],
)
def test_functions_that_call_themselves_without_end_are_stopped(text: str) -> None:
    problems: list[str] = []

    def work() -> None:
        try:
            compile_expression(text).evaluate(Scope({}))
        except ExpressionError as refusal:
            problems.append(refusal.problem)

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(800)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
    assert problems == ["Too many functions call one another here"]


@pytest.mark.parametrize(
    "text",
    [
        "for a in 1..1000000000 return a",
        "for a in 1..400, b in 1..400 return a",
        "some a in 1..400, b in 1..400 satisfies false",
        "list[list[item = 1][1] = 5]",
        "count(for a in list, b in list return a + b)",
        'for d in date("0001-01-01")..date("9999-12-31") return d',
        "for a in list return partial",
        "distinct values(for a in 1..2000 return {n: a})",
        "(function(f, n) f(f, n - 1) + f(f, n - 1))(function(f, n) if n < 0 then 1 else f(f, n - 1) + f(f, n - 1), 25)",
    ],
)
def test_steps_of_loops_filters_and_calls_are_counted(text: str) -> None:
    items: list[Value] = list(range(2000))
    with pytest.raises(ExpressionError, match=r"more than 100000 steps|Too many functions"):
        compile_expression(text).evaluate(Scope({"list": items}))


def test_a_result_that_doubles_at_every_level_is_refused_before_it_is_kept() -> None:
    doubled = "{a0: [1, 1]" + "".join(f", a{n + 1}: [a{n}, a{n}]" for n in range(40)) + "}"
    for text, problem in (
        (doubled, "too large"),
        (f"string({doubled})", "larger than 64 kB"),
        (f"{doubled} = {doubled}", "steps"),
        (f"flatten({doubled}.a40)", "steps"),
        ("for a in 1..100 return text", "too large"),
    ):
        with pytest.raises(ExpressionError, match=problem):
            compile_expression(text).evaluate(Scope({"text": "x" * (MAX_BYTES - 10)}))
    assert compile_expression(f"count({doubled}.a40)").evaluate(Scope({})) == 2
