"""Decision tables whose results have an order: PRIORITY and OUTPUT ORDER."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest

from engine.feel import Decision, Outcome, Scope, read_decisions
from engine.values import Value

ROWS = [(">= 10", "low", "1"), (">= 20", "high", "2"), (">= 15", "mid", "1"), (">= 30", "high", "1")]


def table(policy: str, *, second: bool = False, default: str = "") -> Decision:
    """A table over `x`; the first output lists its values from high to low, the second one 1 before 2."""
    columns = (
        '<output name="level"><outputValues><text>"high", "mid", "low"</text></outputValues>'
        + (f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else "")
        + "</output>"
        + ('<output name="place"><outputValues><text>1, 2</text></outputValues></output>' if second else "")
    )
    rules = "".join(
        f'<rule><inputEntry><text>{escape(test)}</text></inputEntry><outputEntry><text>"{level}"</text></outputEntry>'
        + (f"<outputEntry><text>{place}</text></outputEntry>" if second else "")
        + "</rule>"
        for test, level, place in ROWS
    )
    data = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        f'<decision id="level" name="Level"><decisionTable hitPolicy="{policy}"><input><inputExpression><text>x</text>'
        f"</inputExpression></input>{columns}{rules}</decisionTable></decision></definitions>"
    )
    return read_decisions(data.encode(), "level.dmn")["level"]


@pytest.mark.parametrize(
    ("policy", "x", "value", "rules"),
    [
        ("PRIORITY", 12, "low", (1,)),
        ("PRIORITY", 17, "mid", (3,)),
        ("PRIORITY", 25, "high", (2,)),
        ("PRIORITY", 35, "high", (2,)),
        ("PRIORITY", 5, None, ()),
        ("OUTPUT ORDER", 17, ["mid", "low"], (3, 1)),
        ("OUTPUT ORDER", 35, ["high", "high", "mid", "low"], (2, 4, 3, 1)),
        ("OUTPUT ORDER", 5, [], ()),
    ],
)
def test_results_come_in_the_order_of_their_columns_values(
    policy: str, x: int, value: Value, rules: tuple[int, ...]
) -> None:
    assert table(policy).evaluate(Scope({"x": x})) == Outcome(value, rules)


def test_with_several_outputs_the_first_one_counts_before_the_second() -> None:
    assert table("PRIORITY", second=True).evaluate(Scope({"x": 35})) == Outcome(
        {"level": "high", "place": 1}, (4,)
    )
    assert table("OUTPUT ORDER", second=True).evaluate(Scope({"x": 35})).rules == (4, 2, 3, 1)


def test_where_no_row_holds_the_default_is_given() -> None:
    assert table("PRIORITY", default='"low"').evaluate(Scope({"x": 5})) == Outcome("low")
    assert table("OUTPUT ORDER", default='"low"').evaluate(Scope({"x": 5})) == Outcome(["low"])
