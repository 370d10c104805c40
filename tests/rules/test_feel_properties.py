"""Properties of the reader on arbitrary text and arbitrary trees (hypothesis)."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ExpressionError
from engine.feel import Scope, compile_expression, tree
from engine.feel.expression import compile_tests
from engine.feel.printer import to_text
from engine.feel.reader import negated
from engine.feel.types import Type
from engine.values import Value, YearsMonths

PIECES = [
    "score", "tier", "lead.score", "x", "date", "time", "?", "1", "2.5", "0", "9", '"gold"', "'a'", "(", ")", "[",
    "]", "{", "}", "..", ".", ",", "+", "-", "*", "/", "%", "**", "=", "==", "!=", "<", "<=", ">", ">=", "and",
    "or", "not", "not(", "if", "then", "else", "in", "between", "true", "null", "True", "None", "sum(", "min(",
    "date(", "date and time(", 'duration("P1D")', 'date("2026-01-31")', '@"PT1H"', "string(", "contains(",
    "number(", "substring(", "list contains(", "round half up(", "f(", "&&", "||", "!", "empty", "eq", "div",
    "mod", ":", "${", "#{", "for", "some x in", "every", "return", "satisfies", "function(", "function(a) a", "instance of",
    "number", "list<", "context<a: number>", "item", "partial", "sort(", "split(", "matches(", "replace(", "context(",
    "range(", "get value(", "[1..3]", "(< 5)", "{a: 1}", "a: ", "start position:", "//", "/*", "*/", "\n", "\\", "“", "5d", "1e5", "9**9",
]  # fmt: skip

VARIABLES: dict[str, Value] = {
    "score": 70,
    "tier": "gold",
    "lead": {"score": Decimal("42.5"), "tags": ["a", None, 3]},
    "x": None,
    "date": date(2026, 1, 31),
    "time": timedelta(hours=5),
    "start": datetime(2026, 1, 1, tzinfo=UTC),
    "items": [1, Decimal("2.5"), "a", None, True, [1]],
}
SCOPE = Scope(VARIABLES, {"f": lambda *values: values[0] if values else None})


def evaluated(text: str) -> None:
    """Reads and evaluates a text as everything it may be; any exception but ExpressionError is a bug."""
    for read in (compile_expression, compile_tests):
        try:
            expression = read(text)
            expression.evaluate(SCOPE)
            expression.is_true(SCOPE)
        except ExpressionError as refusal:
            assert 0 <= refusal.position <= len(text)
            assert refusal.message


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_arbitrary_text_is_refused_in_words_or_evaluated(text: str) -> None:
    evaluated(text)


@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=14),
    st.sampled_from(["", " "]),
    st.sampled_from(["", "=", "${"]),
)
def test_arbitrary_pieces_are_refused_in_words_or_evaluated(pieces: list[str], glue: str, front: str) -> None:
    evaluated(front + glue.join(pieces) + ("}" if front == "${" else ""))


names = st.sampled_from(
    ["score", "tier", "lead", "x", "date", "time", "items", "start", "è_1", "starts", "missing"]
)
constants = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**33), 10**33),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4),
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.text(string.printable, max_size=8),
    st.dates(),
    st.timedeltas(timedelta(-1000), timedelta(1000)),
    st.builds(YearsMonths, st.integers(-500, 500)),
)
leaves = st.one_of(st.builds(tree.Constant, constants), st.builds(tree.Name, names))


def ranges(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    return st.builds(tree.Range, inner, inner, st.booleans(), st.booleans())


def cells(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.AnyOf]:
    """Tests as the reader makes them: a comparison with the input, or a value or range to match."""
    signs = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    test = st.one_of(
        st.builds(tree.Compare, signs, st.just(tree.Input()), inner),
        st.builds(tree.Matches, inner),
    )
    return st.builds(tree.AnyOf, st.lists(test, min_size=1, max_size=3).map(tuple))


def branches(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(tree.Arithmetic, st.sampled_from(["+", "-", "*", "/", "%", "**"]), inner, inner),
        st.builds(tree.Compare, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), inner, inner),
        st.builds(tree.And, several),
        st.builds(tree.Or, several),
        st.builds(tree.Not, inner),
        inner.map(lambda node: negated(node, 0)),
        st.builds(tree.If, inner, inner, inner),
        st.builds(tree.Between, inner, inner, inner),
        st.builds(tree.ListOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(tree.Path, inner, st.sampled_from(["score", "year", "in", "__class__"])),
        st.builds(tree.Index, inner, st.one_of(st.builds(tree.Constant, st.integers(-3, 3)), leaves)),
        st.builds(tree.Call, st.sampled_from(["f", "g"]), st.lists(inner, max_size=3).map(tuple)),
        st.builds(tree.Call, st.sampled_from(["is empty", "string", "count"]), st.tuples(inner)),
        st.builds(tree.In, inner, cells(inner)),
        ranges(inner),
        st.builds(tree.OneSided, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), inner),
        st.builds(tree.InstanceOf, inner, types),
        st.builds(tree.For, st.tuples(sources(inner)), inner),
        st.builds(tree.Quantified, st.booleans(), st.tuples(sources(inner), sources(inner, "b")), inner),
        st.builds(
            tree.Function, st.sampled_from([(), (("a", None),), (("a", Type("number")), ("b", None))]), inner
        ),
        st.builds(tree.Entries, st.just(("a", "odd key!")), st.tuples(inner, inner)),
        st.builds(tree.Entries, st.just(()), st.just(())).map(lambda empty: tree.ListOf((empty,))),
        st.builds(tree.Invoke, st.builds(tree.Entries, st.just(("f",)), st.tuples(inner)), st.tuples(inner)),
        st.builds(tree.Index, inner, inner),
        st.builds(tree.Call, st.just("f"), st.tuples(inner, inner), named=st.just(("x", "y"))),
    )


types = st.recursive(
    st.sampled_from([Type("number"), Type("string"), Type("date and time"), Type("Any")]),
    lambda inner: st.one_of(
        st.builds(Type, st.sampled_from(["list", "range"]), inner),
        st.builds(lambda one: Type("context", fields=(("a", one),)), inner),
        st.builds(lambda one: Type("function", one, (("0", one),)), inner),
    ),
    max_leaves=3,
)


def sources(inner: st.SearchStrategy[tree.Node], name: str = "a") -> st.SearchStrategy[tree.Source]:
    return st.builds(tree.Source, st.just(name), inner, st.one_of(st.none(), inner))


trees = st.recursive(leaves, branches, max_leaves=12)


@settings(max_examples=300, deadline=None)
@given(trees)
def test_what_was_printed_reads_back_as_the_same_tree(node: tree.Node) -> None:
    text = to_text(node)
    again = compile_expression(text).tree

    assert to_text(again) == text
    assert again == node


@settings(max_examples=200, deadline=None)
@given(trees)
def test_every_tree_can_be_evaluated(node: tree.Node) -> None:
    evaluated(to_text(node))


@settings(max_examples=300, deadline=None)
@given(cells(st.recursive(leaves, branches, max_leaves=6)), st.booleans())
def test_cells_that_were_printed_read_back_as_the_same_tree(cell: tree.AnyOf, denied: bool) -> None:
    node = tree.NoneOf(cell.tests) if denied else cell
    text = to_text(node)
    again = compile_tests(text).tree

    assert to_text(again) == text
    assert again == node


@settings(max_examples=100, deadline=None)
@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_arithmetic_agrees_with_exact_fractions(a: int, b: int, c: int) -> None:
    scope = Scope({"a": a, "b": b, "c": c})
    assert compile_expression("a + b - c * 2").evaluate(scope) == a + b - c * 2
    assert compile_expression("a * c / c = a").evaluate(scope) is True
    assert compile_expression("floor(a / c) * c + modulo(a, c) = a").evaluate(scope) is True
    assert compile_expression("a < b").evaluate(scope) is (a < b)
