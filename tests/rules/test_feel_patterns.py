"""Regular expressions in expressions: XPath's, translated, and never for long."""

from __future__ import annotations

import time

import pytest

from engine.errors import ExpressionError
from engine.feel import Scope, compile_expression
from engine.feel.limits import MAX_PATTERN
from engine.values import MAX_BYTES


def matches(text: str, pattern: str, flags: str = "") -> object:
    scope = Scope({"t": text, "p": pattern, "f": flags})
    return compile_expression("matches(t, p, f)").evaluate(scope)


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "expected"),
    [
        ("abc", "b", "", True),
        ("abc", "^b", "", False),
        ("abc\n", "^abc$", "", False),
        ("a\nb", "^b$", "m", True),
        ("a\nb", "a.b", "", False),
        ("a\nb", "a.b", "s", True),
        ("a\rb", "a.b", "", False),
        ("ABC", "abc", "i", True),
        ("\u212a", "k", "i", True),
        ("hello world", "hello[ ]world ", "x", True),
        ("hello world", r"\p{ I s BasicLatin }+", "x", True),
        ("x", "[A-Z-[OI]]", "i", True),
        ("O", "[A-Z-[OI]]", "", False),
        ("5", r"\d", "", True),
        ("٣", r"\d", "", True),
        ("x-1:é", r"^\i\c*$", "", True),
        ("-x", r"^\i", "", False),
        ("Q", r"\p{Lu}", "", True),
        ("q", r"\P{Lu}", "", True),
        ("aa", r"(a)\1", "", True),
        ("ab", r"(a)\1", "", False),
        ("a&b", "a[&]b", "", True),
        ("a--b", "a[--]+b", "", True),
        ("a^b", "[b^]", "", True),
        ("tel: 011", r"[0-9]{3}$", "", True),
        (r"a\b", r"a\\b", "", True),
    ],
)
def test_patterns_mean_what_xpath_says(text: str, pattern: str, flags: str, expected: bool) -> None:
    assert matches(text, pattern, flags) is expected


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        ("(", ""), ("[a", ""), ("[]", ""), ("a{2,1}", ""), ("*a", ""), (r"\q", ""), (r"\b", ""), (r"(.)\2", ""),
        (r"(a\1)", ""), (r"[\1]", ""), (r"\p{IsNowhere}", ""), ("(?i)a", ""), ("(?=a)", ""), ("a", "q"), ("a", " "),
        ("a++", ""), ("[a-[b]", ""), ("\\", ""), ("(?<n>a)", ""), ("[[a]]", ""),
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(pattern: str, flags: str) -> None:
    with pytest.raises(ExpressionError, match="is no regular expression") as refusal:
        matches("a", pattern, flags)
    assert refusal.value.hint


def test_backslashes_of_patterns_need_not_be_doubled() -> None:
    assert compile_expression(r'matches("a1", "a\d")').evaluate(Scope({})) is True
    assert compile_expression(r'matches("a1", "a\\d")').evaluate(Scope({})) is True
    assert compile_expression(r'"\d" = "\\d"').evaluate(Scope({})) is True


@pytest.mark.parametrize("by", ["$", "$x", "\\", r"\x"])
def test_what_is_no_replacement_is_refused(by: str) -> None:
    with pytest.raises(ExpressionError, match="is no replacement"):
        compile_expression('replace("a", "a", by)').evaluate(Scope({"by": by}))


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("[$1]", "x[1]y"),
        ("$0$0", "x11y"),
        ("$12", "x12y"),
        ("$9", "xy"),
        (r"\$1", "x$1y"),
        (r"\\", "x\\y"),
        ("", "xy"),
    ],
)
def test_replacements_name_groups(by: str, expected: str) -> None:
    assert compile_expression('replace("x1y", "(1)", by)').evaluate(Scope({"by": by})) == expected


def test_a_pattern_that_would_run_for_ever_is_given_up() -> None:
    started = time.monotonic()
    with pytest.raises(ExpressionError, match="takes too long"):
        matches("a" * 3000 + "!", "^(a|a?)+$")
    assert time.monotonic() - started < 5


def test_patterns_and_results_have_a_largest_size() -> None:
    with pytest.raises(ExpressionError, match=f"longer than {MAX_PATTERN} characters"):
        matches("a", "a" * (MAX_PATTERN + 1))
    scope = Scope({"x": "a" * (MAX_BYTES - 10)})
    with pytest.raises(ExpressionError, match="larger than 64 kB"):
        compile_expression('replace(x, "a", x)').evaluate(scope)
    with pytest.raises(ExpressionError, match="steps"):
        compile_expression('count(split(x, "")) + count(split(x, "a"))').evaluate(scope)
