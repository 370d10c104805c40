"""Refusals of expressions: what is wrong, at which character, and what to write instead."""

from __future__ import annotations

import pytest

from engine.errors import ExpressionError, NotFound
from engine.feel import Scope, compile_expression
from engine.feel.expression import compile_tests
from engine.values import Value

QUOTES = 'Names are compared with =, texts need quotes: tier = "gold".'


@pytest.mark.parametrize(
    ("text", "position", "problem", "hint"),
    [
        ("", 0, "The expression is empty", None),
        ("   ", 3, "The expression is empty", None),
        ("=", 1, "The expression ends where a value should follow", None),
        ("score >", 7, "The expression ends where a value should follow", None),
        ("${}", 2, "The expression ends where a value should follow", None),
        ("${score > 5", 11, "The closing brace is missing", "Write ${score > 50}."),
        ("tier = gold member", 12, "“member” cannot follow “gold”", QUOTES),
        ("Angebot angenommen", 8, "“angenommen” cannot follow “Angebot”", QUOTES),
        ("(1 + 2", 6, "“)” is missing after what stands in brackets: the expression ends here", None),
        ("1 + 2)", 5, "“)” cannot follow “2”", QUOTES),
        ("[1, 2", 5, "“,” is missing between the items of the list: the expression ends here", None),
        ("sum(1 2)", 6, "“,” is missing between what sum is given: “2” stands here", None),
        ('"gold', 0, "The text that starts here has no closing quote", 'Add a " at its end.'),
        ("tier = “gold”", 7, "““” is not a quote here", 'Write texts in straight quotes: "gold".'),
        (r'"\uD83D"x', 0, "The text holds half a character that cannot be stored", None),
        ("5days", 1, "“d” follows the number 5 without a space", None),
        ("score > 5 §", 10, "“§” means nothing in an expression", None),
        ("a && b", 2, "“&&” is not FEEL", "Write and instead of &&."),
        ("a || b", 2, "“||” is not FEEL", "Write or instead of ||."),
        ("!a", 0, "A value should stand here, not “!”", "Write not(…) instead of !."),
        ("a <> b", 2, "“<>” is not FEEL", "Write != for “is not equal”."),
        ("a AND b", 2, "“AND” is not FEEL", "Write and in small letters."),
        (
            "${a} && ${b}", 8, "“$” cannot stand here",
            "Put the whole condition into one ${…}, with nothing around it.",
        ),
        (
            "1 < x < 5", 6, "Two comparisons cannot follow one another",
            "Join them with and (1 < x and x < 5), or write x in (1..5).",
        ),
        ("if a then b", 11, "“else” is missing after the first way of if: the expression ends here", None),
        ("x in [1..5", 10, "The range is not closed", "Write [1..5] with both ends, (1..5) without."),
        (
            "? > 5", 0, "A value should stand here, not “?”",
            "“?” stands for the input in a cell of a decision table, and only there.",
        ),
        (
            "${lead.getScore()}", 15, "Methods of objects cannot be called",
            "Put the value into a variable, or let a service do it.",
        ),
        (
            "lead.score()", 10, "Methods of objects cannot be called",
            'Use a function: contains(name, "x").',
        ),
        ("for x in y", 10, "“return” is missing after what for goes over: the expression ends here", None),
        ("for in y return 1", 4, "The name of a loop should stand here", None),
        ("some x in y return x", 12, "“satisfies” is missing after what some goes over: “return” stands here", None),
        ("{a 1}", 4, "“:” is missing after a 1: “}” stands here", None),
        ("{a: 1, a: 2}", 7, "Two entries of the context have the name a", None),
        ("{}", 0, "“{}” holds nothing", "Fill it in, or write context([]) where an empty context is meant."),
        ("{a: 1", 5, "“,” is missing between the entries of the context: the expression ends here", None),
        ("function(a, a) a", 15, "Two parameters have the same name", None),
        (
            "function(a) external {}", 12, "External functions are not supported",
            "Write the function in FEEL.",
        ),
        (
            "x instance of money", 14, "There is no type money",
            "Types are number, string, boolean, date, time, date and time, list<…>, context<…> and the like.",
        ),
        ("x instance of list<number", 25, "“>” is missing after the type of the list: the expression ends here", None),
        ("contains(text: a, part: b)", 0, "contains(…) has no such parameters", "It has string, match."),
        ("contains(match: a, match: b)", 19, "match is given twice", None),
        ("substring(a)", 0, "substring(…) takes 2 to 3 arguments, not 1", None),
        ("sort()", 0, "sort(…) takes 1 to 2 arguments, not 0", None),
        ("${a[i]}", 4, "Only a number or a quoted name can stand in […]", None),
        ("contains(a)", 0, "contains(…) takes 2 arguments, not 1", None),
        ("count()", 0, "count(…) takes 1 or more arguments, not 0", None),
        ('@"gold"', 1, "After @ a date, a time or a duration stands in quotes", None),
        ("٣ + 1", 0, "“٣” is not written with the digits 0 to 9", None),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(
    text: str, position: int, problem: str, hint: str | None
) -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_expression(text)

    assert (refusal.value.problem, refusal.value.position, refusal.value.hint) == (problem, position, hint)
    assert refusal.value.message == f"{problem} (at character {position + 1} of “{text}”)"


@pytest.mark.parametrize(
    ("text", "position", "problem", "hint"),
    [
        ('1 + du("x")', 4, "There is no function du", "Did you mean due(…)?"),
        ('startswith("a", "b")', 0, "There is no function startswith", "Did you mean starts with(…)?"),
        ('__import__("os")', 0, "There is no function __import__", None),
        ('eval("1")', 0, "There is no function eval", None),
        ("due()", 0, "due(…) does not take 0 arguments", None),
        (
            "tags[1.5]", 4, "An item is named by a whole number or a text, not by a number",
            'Write list[1] for the first item, list[-1] for the last one, or context["key"].',
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_evaluated_is_refused_with_its_place(
    text: str, position: int, problem: str, hint: str | None
) -> None:
    expression = compile_expression(text)
    with pytest.raises(ExpressionError) as refusal:
        expression.evaluate(Scope({"tags": ["a"]}, {"due": lambda key: key}))

    assert (refusal.value.problem, refusal.value.position, refusal.value.hint) == (problem, position, hint)


def test_what_a_handed_in_function_raises_goes_through() -> None:
    def due(key: Value) -> Value:
        raise NotFound("no_parameter", "There is no parameter {key}.", key=key)

    with pytest.raises(NotFound, match="There is no parameter offer_remindr"):
        compile_expression('due("offer_remindr")').evaluate(Scope({}, {"due": due}))


def test_a_mistake_inside_a_handed_in_function_is_not_blamed_on_the_expression() -> None:
    def due(key: Value) -> Value:
        return len(5)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="has no len"):
        compile_expression('due("x")').evaluate(Scope({}, {"due": due}))


def test_braces_in_an_expression_do_not_disturb_its_refusal() -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_expression("{score} > {0}")
    assert refusal.value.message == (
        "“:” is missing after score: “}” stands here (at character 7 of “{score} > {0}”)"
    )


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("gold member", 5, "“member” cannot follow “gold”"),
        (">", 1, "The expression ends where a value should follow"),
        ("[1..", 4, "The expression ends where a value should follow"),
        ('not("a"', 7, "“)” is missing after not(: the expression ends here"),
        ('"a",', 4, "The expression ends where a value should follow"),
        ("- -", 3, "The expression ends where a value should follow"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_with_its_place(text: str, position: int, problem: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_tests(text)
    assert (refusal.value.problem, refusal.value.position) == (problem, position)
