"""The check of decision tables: gaps, overlaps, rows that never decide, wrong types, each named by its row."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import Scope, check_decisions, read_decisions
from engine.findings import Finding

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def checked(
    columns: Sequence[str | tuple[str, str]],
    rows: Sequence[str],
    policy: str = "UNIQUE",
    *,
    output: str = '<output name="y"/>',
    extra: str = "",
    values: str = "",
) -> list[Finding]:
    """The findings of a table; each row stands on a line of its own, from line 2 on."""
    text = table(columns, rows, policy, output, extra, values)
    findings = check_decisions(read_decisions(text, "table.dmn"))
    for finding in findings:
        assert finding.message
        assert finding.remedy
        assert (finding.element, finding.name, finding.file) == ("key", "Name", "table.dmn")
    return findings


def table(
    columns: Sequence[str | tuple[str, str]],
    rows: Sequence[str],
    policy: str,
    output: str = '<output name="y"/>',
    extra: str = "",
    values: str = "",
) -> bytes:
    """A table; a column is `name` or `(name, type)`, a row its cells parted by `|`."""
    inputs = ""
    for column in columns:
        name, type_ = column if isinstance(column, tuple) else (column, "")
        typed = f' typeRef="{type_}"' if type_ else ""
        allowed = f"<inputValues><text>{escape(values)}</text></inputValues>" if values else ""
        inputs += f"<input><inputExpression{typed}><text>{name}</text></inputExpression>{allowed}</input>"
    rules = ""
    for row in rows:
        cells = [escape(cell.strip()) for cell in row.split("|")]
        rules += "\n<rule>" + "".join(
            f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells[: len(columns)]
        )
        rules += (
            "".join(f"<outputEntry><text>{cell}</text></outputEntry>" for cell in cells[len(columns) :])
            + "</rule>"
        )
    return (
        f'<definitions xmlns="{DMN}" id="d" name="d" namespace="n">{extra}<decision id="key" name="Name">'
        f'<decisionTable hitPolicy="{policy}">{inputs}{output}{rules}</decisionTable></decision></definitions>'
    ).encode()


def said(findings: list[Finding], code: str) -> list[str]:
    return [finding.message for finding in findings if finding.code == code]


GAP = "No row holds where "


@pytest.mark.parametrize(
    ("columns", "rows", "gaps"),
    [
        ([("x", "number")], ["< 5 | 1", ">= 5 | 2"], []),
        ([("x", "number")], ["< 5 | 1", "> 5 | 2"], ["x = 5"]),
        ([("x", "number")], ["[1..5] | 1", "[7..9] | 2"], ["x < 1 or x in (5..7) or x > 9"]),
        ([("x", "number")], ["< 5 | 1", "[10..20) | 2"], ["x in [5..10) or x >= 20"]),
        ([("x", "number")], ["[1..5] | 1", "[6..9] | 2", "< 1 | 1", "> 9 | 1"], ["x in (5..6)"]),
        ([("x", "integer")], ["[1..5] | 1", "[6..9] | 2", "< 1 | 1", "> 9 | 1"], []),
        ([("x", "integer")], ["[1..5] | 1", "[8..9] | 2", "< 1 | 1", "> 9 | 1"], ["x in (5..8)"]),
        ([("x", "number")], ["not(5) | 1"], ["x = 5"]),
        ([("x", "number")], ["5, 6, > 7 | 1", "< 5 | 1"], ["x in (5..6) or x in (6..7]"]),
        ([("x", "number")], ["? > 5 and ? < 9 | 1", "? <= 5 or ? >= 9 | 2"], []),
        ([("x", "date")], ['< date("2026-01-01") | 1', '>= date("2026-01-01") | 2'], []),
        ([("x", "date")], ['<= date("2026-01-01") | 1', '> date("2026-01-03") | 2'], ['x in (@"2026-01-01"..@"2026-01-03"]']),
        ([("x", "days and time duration")], ['< duration("P1D") | 1', '> @"PT24H" | 2'], ['x = @"P1D"']),
        ([("x", "boolean")], ["true | 1"], ["x = false"]),
        ([("x", "boolean")], ["true | 1", "false | 2"], []),
        ([("x", "boolean")], ["- | 1"], []),
        (["x"], ['"a" | 1', '"b" | 2'], ['x is none of "a", "b"']),
        (["x"], ['"a" | 1', 'not("a") | 2'], []),
        (["x"], ['"a" | 1', "- | 2"], []),
        (["x"], ['null | 1', '"a" | 2', 'not(null, "a") | 3'], []),
        ([("x", "number"), ("t", "string")], ['> 5 | "a" | 1', '<= 5 | - | 2'], ['x > 5, t is none of "a"']),
        (
            [("x", "number"), ("t", "boolean")], ["> 5 | true | 1", "<= 5 | false | 2"],
            ["x <= 5, t = true", "x > 5, t = false"],
        ),
        # What depends on more than the input may let everything through.
        (["x"], ["> limit | 1"], []),
        (["x"], ['starts with(?, "a") | 1'], []),
        (["x", ("t", "boolean")], ["> limit | true | 1"], ["t = false"]),
    ],
)  # fmt: skip
def test_gaps_are_named_by_the_values_that_no_row_lets_through(
    columns: list[str | tuple[str, str]], rows: list[str], gaps: list[str]
) -> None:
    findings = checked(columns, rows, "FIRST")

    assert said(findings, "dmn_gap") == [f"{GAP}{gap}." for gap in gaps]
    assert {finding.severity for finding in findings if finding.code == "dmn_gap"} <= {"warning"}


@pytest.mark.parametrize(
    ("policy", "output"),
    [
        ("COLLECT", '<output name="y"/>'),
        ("RULE ORDER", '<output name="y"/>'),
        ("FIRST", '<output name="y"><defaultOutputEntry><text>0</text></defaultOutputEntry></output>'),
    ],
)
def test_a_table_that_need_not_hold_for_everything_has_no_gaps(policy: str, output: str) -> None:
    assert checked([("x", "number")], ["> 5 | 1"], policy, output=output) == []


def test_values_that_a_column_does_not_allow_are_no_gap() -> None:
    assert checked(["x"], ['"a" | 1', '"b" | 2'], values='"a", "b"') == []
    assert said(checked(["x"], ['"a" | 1'], values='"a", "b"'), "dmn_gap") == [f'{GAP}x = "b".']
    tier = '<itemDefinition name="tTier"><typeRef>string</typeRef><allowedValues><text>"a", "b"</text></allowedValues></itemDefinition>'
    assert checked([("x", "tTier")], ['"a" | 1', '"b" | 2'], extra=tier) == []
    assert checked([("x", "number")], ["<= 5 | 1", "> 5 | 2"], values="[0..10]") == []


@pytest.mark.parametrize(
    ("policy", "rows", "overlaps"),
    [
        ("UNIQUE", ["< 5 | 1", ">= 5 | 2"], []),
        ("UNIQUE", ["<= 5 | 1", ">= 5 | 2"], ["The rows 1 and 2 both hold where x = 5, but UNIQUE allows only one."]),
        (
            "UNIQUE", ["[1..9] | 1", "- | 2"],
            ["The rows 1 and 2 both hold where x in [1..9], but UNIQUE allows only one."],
        ),
        (
            "UNIQUE", ["- | 1", "- | 2"],
            ["The rows 1 and 2 both hold where anything is given, but UNIQUE allows only one."],
        ),
        ("UNIQUE", ["> limit | 1", "- | 2"], []),
        ("ANY", ["<= 5 | 1", ">= 5 | 1"], []),
        ("ANY", ["<= 5 | a", ">= 5 | 1"], []),
        (
            "ANY", ["<= 5 | 1", ">= 5 | 2"],
            ["The rows 1 and 2 both hold where x = 5, but give different results, which ANY forbids."],
        ),
        ("FIRST", ["<= 5 | 1", ">= 5 | 2"], []),
        ("COLLECT", ["<= 5 | 1", ">= 5 | 2"], []),
    ],
)  # fmt: skip
def test_rows_that_overlap_are_named_with_the_place(
    policy: str, rows: list[str], overlaps: list[str]
) -> None:
    findings = checked([("x", "number")], rows, policy)

    assert said(findings, "dmn_overlap") == overlaps
    assert [finding.line for finding in findings if finding.code == "dmn_overlap"] == [3 for _ in overlaps]


@pytest.mark.parametrize(
    ("rows", "unreachable"),
    [
        (
            ["> 5 | 1", "> 10 | 2"],
            ["Row 2 never decides: wherever it holds, a row that comes first holds too (1)."],
        ),
        (["> 10 | 1", "> 5 | 2"], []),
        (
            ["<= 5 | 1", "> 5 | 2", "- | 3"],
            ["Row 3 never decides: wherever it holds, a row that comes first holds too (1, 2)."],
        ),
        (["<= 5 | 1", "> limit | 2", "- | 3"], []),
        (
            ["- | 1", "> limit | 2"],
            ["Row 2 never decides: wherever it holds, a row that comes first holds too (1)."],
        ),
    ],
)
def test_rows_that_never_decide_are_named(rows: list[str], unreachable: list[str]) -> None:
    findings = checked([("x", "number")], rows, "FIRST")

    assert said(findings, "dmn_unreachable") == unreachable


def test_a_row_of_lower_priority_never_decides_beside_one_that_always_holds() -> None:
    output = '<output name="y"><outputValues><text>"high", "low"</text></outputValues></output>'
    rows = ['> 5 | "low"', '- | "high"']

    assert said(checked([("x", "number")], rows, "PRIORITY", output=output), "dmn_unreachable") == [
        "Row 1 never decides: wherever it holds, a row that comes first holds too (2)."
    ]


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        (("x", "number"), "[9..2]", "no value"),
        (("x", "number"), "? > 5 and ? < 3", "no value"),
        (("x", "boolean"), "> true", "no value"),
        (("x", "string"), '"c"', "none of the values that the column allows"),
    ],
)
def test_rows_that_never_hold_are_named(column: tuple[str, str], cell: str, why: str) -> None:
    values = '"a", "b"' if "none" in why else ""
    findings = checked([column], ["- | 1", f"{cell} | 2"], "FIRST", values=values)

    assert said(findings, "dmn_never") == [f"Row 2 never holds: {why} passes {cell} in the column “x”."]
    assert said(findings, "dmn_unreachable") == []


@pytest.mark.parametrize(
    ("column", "rows", "found"),
    [
        (("x", "number"), ['"a" | 1', "5 | 2"], [("error", 'Row 1, column “x”: "a" is of the type string, and the column is number.', 2)]),
        (("x", "number"), ["5 | 1", '1, "a" | 2'], [("error", 'Row 2, column “x”: 1, "a" is of the type string, and the column is number.', 3)]),
        (("x", "date"), ['"2026-01-31" | 1'], [("error", 'Row 1, column “x”: "2026-01-31" is of the type string, and the column is date.', 2)]),
        (("x", "boolean"), ['"true" | 1'], [("error", 'Row 1, column “x”: "true" is of the type string, and the column is boolean.', 2)]),
        (("x", "string"), ['"a" | 1', "5 | 2"], [("error", "Row 2, column “x”: 5 is of the type number, and the column is string.", 3)]),
        (("x", "string"), ["> 5 | 1", "<= 5 | 2"], [("warning", "The column “x” is declared as string, but its cells test values of the type number.", 1)]),
        (("x", ""), ["5 | 1", '"a" | 2'], [("warning", 'Row 2, column “x”: "a" is of the type string, and the column is number.', 3)]),
        (("x", "number"), ["null | 1", "- | 2", "> limit | 3"], []),
        (("x", "Any"), ["5 | 1", "6 | 2"], []),
    ],
)  # fmt: skip
def test_cells_of_another_type_are_named(
    column: tuple[str, str], rows: list[str], found: list[tuple[str, str, int]]
) -> None:
    findings = checked([column], rows, "COLLECT")

    kept = [finding for finding in findings if finding.code in ("dmn_cell_type", "dmn_column_type")]
    assert [(finding.severity, finding.message, finding.line) for finding in kept] == found


def test_a_result_that_its_column_does_not_list_is_named() -> None:
    output = '<output name="y"><outputValues><text>"high", "low"</text></outputValues></output>'
    assert said(checked(["x"], ['- | "hihg"'], output=output), "dmn_output_value") == [
        'Row 1 gives "hihg", which is not among the values of “y”: "high", "low".'
    ]


def test_findings_of_one_kind_are_cut_off_with_a_word_about_it() -> None:
    findings = checked([("x", "number")], [f"- | {n}" for n in range(10)])
    assert len(said(findings, "dmn_overlap")) == 10
    assert said(findings, "dmn_overlap_more") == [
        "There are more findings of this kind (overlap) in the table."
    ]


def test_tables_inside_boxes_and_functions_are_checked_once() -> None:
    table = (
        '<decisionTable><input><inputExpression typeRef="boolean"><text>x</text></inputExpression></input>'
        '<output name="y"/><rule><inputEntry><text>true</text></inputEntry><outputEntry><text>1</text></outputEntry>'
        "</rule></decisionTable>"
    )
    needs = '<knowledgeRequirement><requiredKnowledge href="#rate"/></knowledgeRequirement>'
    text = (
        f'<definitions xmlns="{DMN}" id="d" name="d" namespace="n">'
        '<businessKnowledgeModel id="rate" name="Rate"><encapsulatedLogic><formalParameter name="x"/>'
        f"{table}</encapsulatedLogic></businessKnowledgeModel>"
        f'<decision id="a" name="A">{needs}<literalExpression><text>Rate(1)</text></literalExpression></decision>'
        f'<decision id="b" name="B">{needs}<context><contextEntry>{table}</contextEntry></context></decision>'
        "</definitions>"
    )
    findings = check_decisions(read_decisions(text.encode(), "x.dmn"))
    assert [(finding.element, finding.message) for finding in findings] == [
        ("rate", "No row holds where x = false."),
        ("b", "No row holds where x = false."),
    ]


def test_a_big_table_is_checked_in_reasonable_time() -> None:
    rows = [f'[{n}..{n + 9}] | "web", "fair" | {n}' for n in range(0, 3000, 10)]
    gaps = said(checked([("x", "integer"), "s"], rows), "dmn_gap")

    assert gaps == [f"{GAP}x < 0 or x > 2999.", f'{GAP}x in [0..2999], s is none of "web", "fair".']


def test_a_table_that_would_take_for_ever_says_that_it_was_not_searched() -> None:
    # Rows with three cells out of forty each: whether they leave a gap is as hard to say as such things get.
    columns = [(f"c{n}", "boolean") for n in range(40)]
    random = Random(5)
    rows = []
    for _ in range(190):
        cells = ["-"] * 40 + ["1"]
        for column in random.sample(range(40), 3):
            cells[column] = random.choice(["true", "false"])
        rows.append(" | ".join(cells))

    assert said(checked(columns, rows, "FIRST"), "dmn_gaps_unchecked") == [
        "The table is too big to be searched for gaps."
    ]


# -- against every value one by one ----------------------------------------------------------------

NUMBERS = ["-", "1", "2, 4", "< 2", ">= 3", "[1..3]", "(1..4)", "not(2)", "not([2..3])", "? > 1 and ? < 4"]
WORDS = ["-", '"a"', '"a", "b"', 'not("a")', 'not("a", "b")']
SAMPLES = [
    (x, word) for x in (0, 1, Decimal("1.5"), 2, Decimal("2.5"), 3, Decimal("3.5"), 4, 5) for word in "abc"
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(WORDS)), min_size=1, max_size=5))
def test_what_is_claimed_agrees_with_trying_every_value(cells: list[tuple[str, str]]) -> None:
    rows = [f"{number} | {word} | {place}" for place, (number, word) in enumerate(cells, 1)]
    columns = [("x", "number"), ("w", "string")]
    collect = read_decisions(table(columns, rows, "COLLECT"), "x.dmn")["key"]
    holding = [collect.evaluate(Scope({"x": x, "w": word})).rules for x, word in SAMPLES]

    unique, first = checked(columns, rows, "UNIQUE"), checked(columns, rows, "FIRST")
    assert bool(said(first, "dmn_gap")) == any(not rules for rules in holding)
    pairs = {pair for rules in holding for pair in itertools.combinations(rules, 2)}
    found = {(f.params["one"], f.params["other"]) for f in unique if f.code == "dmn_overlap"}
    assert found == pairs or len(found) == 10
    deciding = {rules[0] for rules in holding if rules}
    never = {f.params["row"] for f in first if f.code in ("dmn_unreachable", "dmn_never")}
    assert never == set(range(1, len(rows) + 1)) - deciding
