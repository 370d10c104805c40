"""What decisions give: cells, hit policies, types, defaults, and decisions that build on one another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest

from engine.errors import ExpressionError
from engine.feel import Decision, Outcome, Scope, read_decisions
from engine.values import Value

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def table(
    inputs: list[str],
    outputs: list[str],
    rows: list[list[str]],
    *,
    policy: str = "FIRST",
    aggregation: str = "",
    defaults: dict[str, str] | None = None,
    types: dict[str, str] | None = None,
    key: str = "scoring",
    extra: str = "",
) -> str:
    """A decision table as an editor writes it; each row holds the input cells, then the output cells."""
    types, defaults = types or {}, defaults or {}
    columns = "".join(
        f'<input id="{key}_i{i}"><inputExpression id="{key}_e{i}"{_type(types.get(name))}>'
        f"<text>{escape(name)}</text></inputExpression></input>"
        for i, name in enumerate(inputs)
    ) + "".join(
        f'<output id="{key}_o{i}" name="{name}"{_type(types.get(name))}>'
        + (
            f"<defaultOutputEntry><text>{escape(defaults[name])}</text></defaultOutputEntry>"
            if name in defaults
            else ""
        )
        + "</output>"
        for i, name in enumerate(outputs)
    )
    rules = "".join(
        f'<rule id="{key}_r{n}">'
        + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in row[: len(inputs)])
        + "".join(f"<outputEntry><text>{escape(cell)}</text></outputEntry>" for cell in row[len(inputs) :])
        + "</rule>"
        for n, row in enumerate(rows)
    )
    how = f' hitPolicy="{policy}"' + (f' aggregation="{aggregation}"' if aggregation else "")
    return (
        f'<decision id="{key}" name="{key.title()}">{extra}'
        f"<decisionTable{how}>{columns}{rules}</decisionTable></decision>"
    )


def _type(name: str | None) -> str:
    return f' typeRef="{name}"' if name else ""


def file(*decisions: str, namespace: str = DMN) -> bytes:
    return f'<definitions xmlns="{namespace}" id="d" name="d" namespace="n">{"".join(decisions)}</definitions>'.encode()


def only(*decisions: str) -> Decision:
    return list(read_decisions(file(*decisions), "scoring.dmn").values())[-1]


@pytest.mark.parametrize(
    ("cell", "matching", "other"),
    [
        ("70", [70, Decimal("70.0")], [71, "70", None, True]),
        ("= 70", [70], [71, None]),
        ("!= 70", [71, None], [70]),
        ("> 50", [51], [50, None, "60"]),
        (">= 50", [50], [49, None]),
        ("< 50", [49], [50, None]),
        ("? > 50", [51], [50, None]),
        ("? > 50 and ? < 60", [55], [50, 60, None]),
        ("> limit", [11], [10, None]),
        ("limit", [10], [11, None]),
        ("lead.score", [42], [41, None]),
        ("lead.missing", [None], [42]),
        ("[1..5]", [1, 5, Decimal("2.5")], [0, 6, None, "3"]),
        ("(1..5]", [2, 5], [1]),
        ("]1..5[", [2], [1, 5]),
        ("[1..5], > 100", [3, 101], [50, None]),
        ("1, 70, 3", [1, 70, 3], [2, None]),
        ('"gold"', ["gold"], ["silver", None, 1]),
        ('"gold","silver"', ["gold", "silver"], ["bronze", None]),
        ('["gold","silver"]', ["gold", "silver"], ["bronze", None]),
        ('not("gold")', ["silver"], ["gold"]),
        ('not("gold","silver")', ["bronze"], ["gold", "silver"]),
        ("not(> 50)", [50], [51, None]),
        ("not([1..5])", [6], [3, None]),
        ("not(null)", [1, "x"], [None]),
        ("null", [None], [0, "", False]),
        ('null, "gold"', [None, "gold"], ["silver"]),
        ("true", [True], [False, None, 1, "true"]),
        ("false", [False], [True, None, 0]),
        ("-5", [-5], [5]),
        ("- 5", [-5], [5]),
        ('date("2026-01-31")', [date(2026, 1, 31)], [date(2026, 2, 1), "2026-01-31", None]),
        ('< date("2026-01-31")', [date(2026, 1, 30)], [date(2026, 2, 1), None]),
        ('[@"2026-01-01"..@"2026-01-31"]', [date(2026, 1, 31)], [date(2026, 2, 1)]),
        ('contains(?, "old")', ["gold"], ["silver", None, 5]),
        ('not(contains(?, "old"))', ["silver"], ["gold", None]),
        ("not(? > 5) and ? > 2", [3], [1, 6]),
        ("limit > 5", [1, "x", None, True], [False]),
        ("limit > 50", [False], [1, "x", None, True]),
        ("limit * 2", [20], [10]),
        ("tags", ["fair"], ["mail", None]),
        ('count(?) > 1', [[1, 2]], [[1], None]),
        ("${limit > 5}", [1], []),
    ],
)  # fmt: skip
def test_a_cell_holds_for_these_values_only(cell: str, matching: list[Value], other: list[Value]) -> None:
    decision = only(table(["x"], ["hit"], [[cell, "true"]]))
    context: dict[str, Value] = {"limit": 10, "lead": {"score": 42}, "tags": ["fair", "web"]}

    for value in matching:
        assert decision.evaluate(Scope({**context, "x": value})) == Outcome(True, (1,)), value
    for value in other:
        assert decision.evaluate(Scope({**context, "x": value})) == Outcome(None), value


@pytest.mark.parametrize("cell", ["-", "", "  ", " - "])
@pytest.mark.parametrize("value", [None, 1, "x", False])
def test_a_dash_holds_for_everything(cell: str, value: Value) -> None:
    assert only(table(["x"], ["hit"], [[cell, "1"]])).evaluate(Scope({"x": value})).value == 1


ROWS = [[">= 10", '"a"', "1"], [">= 20", '"b"', "2"], [">= 20", '"b"', "4"], ["< 0", '"c"', "8"]]


@pytest.mark.parametrize(
    ("policy", "aggregation", "x", "value", "rules"),
    [
        ("FIRST", "", 25, 1, (1,)),
        ("FIRST", "", 5, None, ()),
        ("UNIQUE", "", 15, 1, (1,)),
        ("UNIQUE", "", -1, 8, (4,)),
        ("ANY", "", 15, 1, (1,)),
        ("RULE ORDER", "", 25, [1, 2, 4], (1, 2, 3)),
        ("RULE ORDER", "", 5, [], ()),
        ("COLLECT", "", 25, [1, 2, 4], (1, 2, 3)),
        ("COLLECT", "", 15, [1], (1,)),
        ("COLLECT", "", 5, [], ()),
        ("COLLECT", "SUM", 25, 7, (1, 2, 3)),
        ("COLLECT", "SUM", 5, None, ()),
        ("COLLECT", "COUNT", 25, 3, (1, 2, 3)),
        ("COLLECT", "COUNT", 5, 0, ()),
        ("COLLECT", "MIN", 25, 1, (1, 2, 3)),
        ("COLLECT", "MAX", 25, 4, (1, 2, 3)),
        ("COLLECT", "MAX", 5, None, ()),
    ],
)
def test_hit_policies(policy: str, aggregation: str, x: int, value: Value, rules: tuple[int, ...]) -> None:
    rows = [[row[0], row[2]] for row in ROWS]
    decision = only(table(["x"], ["points"], rows, policy=policy, aggregation=aggregation))

    assert decision.evaluate(Scope({"x": x})) == Outcome(value, rules)


def test_a_table_without_a_hit_policy_is_unique() -> None:
    decision = only(table(["x"], ["y"], [["> 1", "1"], ["> 2", "2"]]).replace(' hitPolicy="FIRST"', ""))

    with pytest.raises(ExpressionError):
        decision.evaluate(Scope({"x": 3}))


def test_several_outputs_give_a_context() -> None:
    decision = only(table(["x"], ["letter", "points"], ROWS))

    assert decision.outputs == ("letter", "points")
    assert decision.evaluate(Scope({"x": 25})).value == {"letter": "a", "points": 1}
    collected = only(table(["x"], ["letter", "points"], ROWS, policy="COLLECT"))
    assert collected.evaluate(Scope({"x": 15})).value == [{"letter": "a", "points": 1}]


def test_unique_names_the_rows_that_overlap() -> None:
    decision = only(table(["x"], ["points"], [[row[0], row[2]] for row in ROWS], policy="UNIQUE"))

    with pytest.raises(ExpressionError) as refusal:
        decision.evaluate(Scope({"x": 25}))
    assert refusal.value.problem == (
        "Decision “Scoring”: the rows 1, 2 and 3 all hold, but its hit policy UNIQUE allows only one"
    )
    assert refusal.value.hint == "Let the rows exclude one another, or choose the hit policy FIRST."


def test_any_allows_rows_of_the_same_result_only() -> None:
    same = only(table(["x"], ["y"], [["> 1", "5"], ["> 2", "5.0"]], policy="ANY"))
    different = only(table(["x"], ["y"], [["> 1", "5"], ["> 2", "6"]], policy="ANY"))

    assert same.evaluate(Scope({"x": 3})) == Outcome(5, (1, 2))
    with pytest.raises(ExpressionError, match="the rows 1 and 2 all hold, but give different results"):
        different.evaluate(Scope({"x": 3}))


@pytest.mark.parametrize("aggregation", ["SUM", "MAX"])
def test_what_cannot_be_aggregated_is_refused(aggregation: str) -> None:
    decision = only(
        table(["x"], ["y"], [["-", "1"], ["-", "word"]], policy="COLLECT", aggregation=aggregation)
    )
    with pytest.raises(ExpressionError, match=f"its rows 1 and 2 give values that {aggregation} cannot take"):
        decision.evaluate(Scope({"x": 1, "word": "a"}))


def test_rows_without_a_value_are_left_out_of_a_sum() -> None:
    decision = only(
        table(["x"], ["y"], [["-", "1"], ["-", ""], ["-", "2"]], policy="COLLECT", aggregation="SUM")
    )
    assert decision.evaluate(Scope({"x": 1})) == Outcome(3, (1, 2, 3))


@pytest.mark.parametrize(
    ("policy", "expected"), [("FIRST", {"a": "no", "b": None}), ("COLLECT", [{"a": "no", "b": None}])]
)
def test_where_no_row_holds_the_defaults_are_given(policy: str, expected: Value) -> None:
    decision = only(table(["x"], ["a", "b"], [["1", '"yes"', "1"]], policy=policy, defaults={"a": '"no"'}))
    assert decision.evaluate(Scope({"x": 2})) == Outcome(expected)


@pytest.mark.parametrize(
    ("type_", "cell", "expected"),
    [
        ("number", "1.5", Decimal("1.5")),
        ("number", '"1.5"', Decimal("1.5")),
        ("number", "x * 2", 2),
        ("integer", "5.0", 5),
        ("string", '"a"', "a"),
        ("string", "5", "5"),
        ("string", "true", "true"),
        ("boolean", "x = 1", True),
        ("date", '"2026-01-31"', date(2026, 1, 31)),
        ("date", 'date("2026-01-31")', date(2026, 1, 31)),
        ("number", "null", None),
        ("number", "", None),
        ("number", "-", None),
        ("feel:number", "1", 1),
        ("tPoints", "1", 1),
        ("Any", '"a"', "a"),
        (None, '"a"', "a"),
    ],
)
def test_outputs_have_their_declared_type(type_: str | None, cell: str, expected: Value) -> None:
    types = {"y": type_} if type_ else {}
    named = '<itemDefinition name="tPoints"><typeRef>number</typeRef></itemDefinition>'
    value = only(named, table(["x"], ["y"], [["-", cell]], types=types)).evaluate(Scope({"x": 1})).value

    assert value == expected
    assert type(value) is type(expected)


def test_an_output_of_another_type_is_refused_with_its_row_and_column() -> None:
    decision = only(table(["x"], ["y"], [["0", "1"], ["1", "word"]], types={"y": "number"}))

    with pytest.raises(ExpressionError) as refusal:
        decision.evaluate(Scope({"x": 1, "word": "many"}))
    assert refusal.value.problem == (
        "Decision “Scoring”, row 2, column “y”: The output is of the type number, which the text “many” is not"
    )


@pytest.mark.parametrize(
    ("type_", "cell", "given"),
    [
        ("number", "> 50", "70"),
        ("date", '> date("2026-01-01")', "2026-01-31"),
        ("boolean", "true", "true"),
        ("string", "> 50", 70),
        (None, "> 50", 70),
    ],
)
def test_an_input_given_as_text_is_read_as_its_declared_type(
    type_: str | None, cell: str, given: Value
) -> None:
    decision = only(table(["x"], ["hit"], [[cell, "1"]], types={"x": type_} if type_ else {}))
    assert decision.evaluate(Scope({"x": given})).value == 1


def test_an_input_of_another_type_is_refused_with_its_column() -> None:
    decision = only(table(["x"], ["hit"], [["> 50", "1"]], types={"x": "number"}))
    with pytest.raises(ExpressionError) as refusal:
        decision.evaluate(Scope({"x": "many"}))
    assert refusal.value.problem == (
        "Decision “Scoring”, column “x”: The input is of the type number, which the text “many” is not"
    )


@pytest.mark.parametrize(("row", "column"), [(["gold", "1"], "x"), (['"gold"', "silver"], "y")])
def test_a_word_that_lacks_its_quotes_is_not_taken_for_null(row: list[str], column: str) -> None:
    decision = only(table(["x"], ["y"], [row]))

    with pytest.raises(ExpressionError) as refusal:
        decision.evaluate(Scope({"x": "gold"}))
    word = row[0] if column == "x" else row[1]
    assert refusal.value.problem == (
        f"Decision “Scoring”, row 1, column “{column}”: There is no variable “{word}”"
    )
    assert refusal.value.hint == 'Texts need quotes: "gold".'
    assert decision.evaluate(Scope({"x": "gold", word: "gold"})).rules == (1,)


def test_the_first_row_that_holds_keeps_later_ones_from_being_looked_at() -> None:
    decision = only(table(["x"], ["y"], [["1", "1"], ["unknown(1)", "2"]]))

    assert decision.evaluate(Scope({"x": 1})).value == 1
    with pytest.raises(ExpressionError, match="row 2, column “x”: There is no function unknown"):
        decision.evaluate(Scope({"x": 2}))


def test_inputs_may_be_any_expression() -> None:
    decision = only(
        table(["lead.score * 2", "upper case(tier)"], ["y"], [["[80..90]", '"GOLD"', "due(tier)"]])
    )
    scope = Scope({"lead": {"score": 42}, "tier": "gold"}, {"due": lambda key: f"due {key}"})

    assert decision.evaluate(scope).value == "due gold"
    assert decision.names == frozenset({"lead", "tier"})
    assert decision.functions == frozenset({"due"})


def test_an_expression_can_be_a_decision() -> None:
    decision = only(
        '<decision id="total" name="Total"><variable name="total" typeRef="number"/>'
        "<literalExpression><text>net * 1.22</text></literalExpression></decision>"
    )
    assert decision.evaluate(Scope({"net": 100})) == Outcome(Decimal("122.00"))


def test_a_decision_sees_the_results_of_those_it_builds_on() -> None:
    points = table(["authority"], ["points"], [['"decider"', "20"], ["-", "5"]], key="authority_points",
                   extra='<variable name="Authority Points"/>')  # fmt: skip
    bonus = table(["Authority Points"], ["bonus"], [["> 10", "1"], ["-", "0"]], key="bonus",
                  extra=_requires("authority_points"))  # fmt: skip
    score = (
        f'<decision id="score" name="Score">{_requires("authority_points", "bonus")}'
        "<literalExpression><text>Authority Points + bonus + base</text></literalExpression></decision>"
    )
    decision = only(score, bonus, points)
    decisions = read_decisions(file(score, bonus, points), "scoring.dmn")

    assert decision.id == "score"
    assert decisions["score"].evaluate(Scope({"authority": "decider", "base": 100})).value == 121
    assert decisions["score"].names == frozenset({"authority", "base"})
    assert decisions["bonus"].evaluate(Scope({"authority": "user"})).value == 0


def _requires(*keys: str) -> str:
    return "".join(
        f'<informationRequirement><requiredDecision href="#{key}"/></informationRequirement>' for key in keys
    )


def test_the_lead_score_of_fifty_rows_adds_up() -> None:
    rows = [[f"[{n}..{n + 9}]", '"web","fair"', str(n)] for n in range(0, 500, 10)]
    decision = only(table(["size", "source"], ["points"], rows, policy="COLLECT", aggregation="SUM"))

    for size in (0, 9, 255, 499):
        assert decision.evaluate(Scope({"size": size, "source": "fair"})).value == size // 10 * 10
    assert decision.evaluate(Scope({"size": 255, "source": "mail"})).value is None
