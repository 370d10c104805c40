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
