"""Reading DMN files: every version and dialect, and every problem of a file named at once with its place."""

from __future__ import annotations

import pytest

from engine.errors import DiagramRefused, Invalid
from engine.feel import Scope, read_decisions
from engine.findings import Finding

VERSIONS = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]

# As the bpmn.io editor writes it, with its own namespaces, an annotation and the layout of the drawing.
EDITOR = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="{namespace}" xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0"
    xmlns:camunda="http://camunda.org/schema/1.0/dmn" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
    id="Definitions_1" name="Discount" namespace="http://camunda.org/schema/1.0/dmn">
  <decision id="discount" name="Discount &amp; approval">
    <extensionElements><camunda:decisionTable/></extensionElements>
    <decisionTable id="DecisionTable_1" biodi:annotationsWidth="300">
      <input id="Input_1" label="Net value" biodi:width="192">
        <inputExpression id="InputExpression_1" typeRef="number"><text>offer.net</text></inputExpression>
        <inputValues id="Values_1"><text>"anything"</text></inputValues>
      </input>
      <!-- what the company grants -->
      <camunda:rule/>
      <output id="Output_1" label="Discount" name="percent" typeRef="number"/>
      <rule id="Rule_1">
        <description>small</description>
        <inputEntry id="I1"><text>&lt; 1000</text></inputEntry>
        <outputEntry id="O1"><text>0</text></outputEntry>
        <annotationEntry><text>nothing below</text></annotationEntry>
      </rule>
      <rule id="Rule_2">
        <inputEntry id="I2"><text><![CDATA[ >= 1000 ]]></text></inputEntry>
        <outputEntry id="O2"><text>7.5</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI><dmndi:DMNDiagram id="DMNDiagram_1"/></dmndi:DMNDI>
</definitions>
"""


@pytest.mark.parametrize("namespace", VERSIONS)
def test_every_version_of_dmn_is_read(namespace: str) -> None:
    decisions = read_decisions(EDITOR.format(namespace=namespace).encode(), "discount.dmn")

    decision = decisions["discount"]
    assert list(decisions) == ["discount"]
    assert (decision.name, decision.line, decision.outputs) == ("Discount & approval", 5, ("percent",))
    assert str(decision.evaluate(Scope({"offer": {"net": 1500}})).value) == "7.5"
    assert decision.evaluate(Scope({"offer": {"net": 500}})).value == 0


def refused(text: str) -> list[Finding]:
    with pytest.raises(DiagramRefused) as refusal:
        read_decisions(text.encode(), "broken.dmn")
    assert {finding.severity for finding in refusal.value.findings} == {"error"}
    assert {finding.file for finding in refusal.value.findings} == {"broken.dmn"}
    for finding in refusal.value.findings:
        assert finding.message
        assert finding.remedy
    return refusal.value.findings


def file(body: str) -> str:
    return f'<definitions xmlns="{VERSIONS[3]}" id="d" name="d" namespace="n">\n{body}\n</definitions>'


def table(body: str, attributes: str = "") -> str:
    return file(
        f'<decision id="key" name="Name"><decisionTable {attributes}>\n{body}\n</decisionTable></decision>'
    )


INPUT = '<input label="Tier"><inputExpression><text>tier</text></inputExpression></input>'
OUTPUT = '<output name="points" typeRef="number"/>'


def rule(cell: str, result: str) -> str:
    return (
        f"<rule>\n<inputEntry><text>{cell}</text></inputEntry>\n"
        f"<outputEntry><text>{result}</text></outputEntry></rule>"
    )


def test_all_problems_of_a_file_are_named_at_once_with_line_row_and_column() -> None:
    text = table(
        INPUT + OUTPUT + "\n"
        + rule('"gold"', "1") + "\n"
        + rule("gold member", "2") + "\n"
        + rule("> ", "1 +") + "\n"
        + rule("-", '"many"') + "\n"
        + rule('date("31/01/2026")', "1")
    )  # fmt: skip
    findings = refused(text)

    assert [(finding.code, finding.line, finding.message) for finding in findings] == [
        ("dmn_expression", 8, "In row 2, column “Tier”: “member” cannot follow “gold” (at character 6 of “gold member”)"),
        ("dmn_expression", 11, "In row 3, column “Tier”: The expression ends where a value should follow (at character 2 of “>”)"),
        ("dmn_expression", 12, "In row 3, column “points”: The expression ends where a value should follow (at character 4 of “1 +”)"),
        ("dmn_type", 15, "In row 4, column “points”: The output is of the type number, which the text “many” is not"),
        ("dmn_expression", 17, "In row 5, column “Tier”: This is no date (at character 1 of “date(\"31/01/2026\")”)"),
    ]  # fmt: skip
    assert {(finding.element, finding.name) for finding in findings} == {("key", "Name")}
    assert findings[0].remedy == 'Names are compared with =, texts need quotes: tier = "gold".'
    assert findings[0].where == "broken.dmn:8, key “Name”"


ROW = rule('"gold"', "1")


REFUSED: list[tuple[str, str, str]] = [
    ("<bpmn/>", "dmn_unknown", "The file is no DMN file of version 1.1 to 1.5."),
    ('<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "dmn_unknown",
     "The file is no DMN file of version 1.1 to 1.5."),
    (file(""), "dmn_empty", "The file holds no decision."),
    (file('<decision name="x"><literalExpression><text>1</text></literalExpression></decision>'), "dmn_no_id",
     "A decision has no id, so that no diagram can call it."),
    (file('<decision id="x" name="X"/>'), "dmn_logic",
     "The decision is neither a table nor an expression: it is empty."),
    (file('<decision id="x"><variable name="x"/><process/></decision>'), "dmn_logic",
     "The decision is neither a table nor an expression: variable, process."),
    (file('<decision id="x"><literalExpression><text/></literalExpression></decision>'), "dmn_expression",
     "In the expression: The expression is empty (at character 1 of “”)"),
    (file('<decision id="x"><literalExpression expressionLanguage="groovy"><text>1</text>'
          "</literalExpression></decision>"), "dmn_language",
     "In the expression the language is groovy, which is not run."),
    (file('<import name="prices" namespace="p"/><decision id="x"><literalExpression><text>1</text>'
          "</literalExpression></decision>"), "dmn_import",
     "The file imports another one, prices, which is not read."),
    (file(f'<decision id="x"><knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
          f"<decisionTable>{INPUT}{OUTPUT}{ROW}</decisionTable></decision>"), "dmn_requirement",
     "The decision builds on “k”, which is not in this file."),
    (file('<businessKnowledgeModel id="k" name="rate"/>'), "dmn_logic",
     "The business knowledge model has no logic."),
    (file('<businessKnowledgeModel id="k" name="rate"><encapsulatedLogic kind="Java"/></businessKnowledgeModel>'),
     "dmn_function", "In “rate” the function is written in Java."),
    (file('<decision id="x"><conditional><if><literalExpression><text>a</text></literalExpression></if>'
          "<then><literalExpression><text>1</text></literalExpression></then></conditional></decision>"),
     "dmn_incomplete", "In the expression the conditional lacks one of its parts."),
    (file('<decision id="x"><relation><column name="a"/><column name="b"/><row><literalExpression>'
          "<text>1</text></literalExpression></row></relation></decision>"), "dmn_row",
     "A row of the relation has not one cell for each column."),
    (file('<decision id="x"><informationRequirement><requiredDecision href="other.dmn#y"/>'
          "</informationRequirement><literalExpression><text>1</text></literalExpression></decision>"),
     "dmn_requirement", "The decision builds on “y”, which is not in this file."),
    (table(INPUT + OUTPUT + ROW, 'hitPolicy="RANDOM"'), "dmn_hit_policy",
     "The hit policy RANDOM is not supported."),
    (table(INPUT + OUTPUT + ROW, 'hitPolicy="PRIORITY"'), "dmn_priorities",
     "The hit policy PRIORITY needs the values of an output in the order of their priority."),
    (table(INPUT + OUTPUT + ROW, 'hitPolicy="OUTPUT ORDER"'), "dmn_priorities",
     "The hit policy OUTPUT ORDER needs the values of an output in the order of their priority."),
    (table(INPUT + OUTPUT + ROW, 'hitPolicy="FIRST" aggregation="SUM"'), "dmn_aggregation",
     "SUM with the hit policy FIRST means nothing."),
    (table(INPUT + OUTPUT + ROW, 'hitPolicy="COLLECT" aggregation="AVG"'), "dmn_aggregation",
     "AVG with the hit policy COLLECT means nothing."),
    (table(INPUT + '<output name="p" typeRef="string"/>' + ROW, 'hitPolicy="COLLECT" aggregation="SUM"'),
     "dmn_aggregation", "The output of SUM has the type string."),
    (table(INPUT + '<output name="a"/><output name="b"/><rule><inputEntry/><outputEntry/><outputEntry/></rule>',
           'hitPolicy="COLLECT" aggregation="SUM"'), "dmn_aggregation",
     "SUM needs a table with exactly one output."),
    (table(INPUT + OUTPUT), "dmn_no_rows", "The table has no rows or no output."),
    (table('<input label="Tier"/>' + OUTPUT + ROW), "dmn_input",
     "The input “Tier” does not say what it looks at."),
    (table('<input label="Tier"><inputExpression><text>tier of</text></inputExpression></input>' + OUTPUT + ROW),
     "dmn_expression", "In the input “Tier”: “of” cannot follow “tier” (at character 6 of “tier of”)"),
    (table(INPUT + '<output name="a"/><output name="a"/><rule><inputEntry/><outputEntry/><outputEntry/></rule>'),
     "dmn_output", "The output “a” has no name of its own."),
    (table(INPUT + OUTPUT + "<rule><inputEntry/></rule>"), "dmn_row",
     "Row 1 has not one cell for each column."),
    (table(INPUT + OUTPUT + "<rule><inputEntry/><inputEntry/><outputEntry/></rule>"), "dmn_row",
     "Row 1 has not one cell for each column."),
    (table(INPUT + '<output name="p" typeRef="number"><defaultOutputEntry><text>"x"</text></defaultOutputEntry>'
           "</output>" + ROW), "dmn_type",
     "In the default of “p”: The output is of the type number, which the text “x” is not"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "message"), REFUSED)
def test_what_cannot_be_run_is_refused_when_it_is_read(text: str, code: str, message: str) -> None:
    assert [(finding.code, finding.message) for finding in refused(text)] == [(code, message)]


def test_two_decisions_with_one_id_are_refused() -> None:
    decision = '<decision id="x" name="X"><literalExpression><text>1</text></literalExpression></decision>'
    findings = refused(file(f"{decision}\n{decision}"))
    assert [(finding.code, finding.line) for finding in findings] == [("dmn_id_twice", 3)]


def test_decisions_that_build_on_themselves_are_refused() -> None:
    body = "".join(
        f'<decision id="{key}"><informationRequirement><requiredDecision href="#{other}"/></informationRequirement>'
        "<literalExpression><text>1</text></literalExpression></decision>"
        for key, other in [("a", "b"), ("b", "c"), ("c", "a")]
    )
    findings = refused(file(body))
    assert [(finding.code, finding.message) for finding in findings] == [
        ("dmn_cycle", "The decision builds on itself: a → b → c → a.")
    ]


def test_a_long_chain_of_decisions_is_refused_and_does_not_exhaust_the_stack() -> None:
    body = "".join(
        f'<decision id="d{n}"><informationRequirement><requiredDecision href="#d{n + 1}"/></informationRequirement>'
        "<literalExpression><text>1</text></literalExpression></decision>"
        for n in range(2000)
    ) + '<decision id="d2000"><literalExpression><text>1</text></literalExpression></decision>'  # fmt: skip
    assert {finding.code for finding in refused(file(body))} == {"dmn_chain"}


def test_a_table_of_foreign_size_is_refused() -> None:
    rows = "".join(rule("1, " * 40 + "1", "1") for _ in range(2000))
    assert [finding.code for finding in refused(table(INPUT + OUTPUT + rows))] == ["dmn_too_big"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not xml",
        b"<definitions",
        b'<!DOCTYPE x [<!ENTITY e "boom">]><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
    ],
)
def test_what_is_no_xml_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(Invalid, match=r"broken\.dmn"):
        read_decisions(data, "broken.dmn")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("", "score > 50", True),
        ("feel", "score > 50", True),
        ("http://www.omg.org/spec/FEEL/20140401", "score > 50", True),
        ("juel", "score > 50 && true", True),
        ("juel", "${score lt 50}", False),
    ],
)
def test_expressions_are_read_in_the_language_they_name(language: str, text: str, expected: bool) -> None:
    body = (
        f'<decision id="x"><literalExpression expressionLanguage="{language}">'
        f"<text><![CDATA[{text}]]></text></literalExpression></decision>"
    )
    decision = read_decisions(file(body).encode(), "x.dmn")["x"]
    assert decision.evaluate(Scope({"score": 70})).value is expected


def test_a_table_that_drives_a_camunda_7_decision_sees_its_columns() -> None:
    body = (
        '<decision id="first"><decisionTable><output name="season"/>'
        '<rule><outputEntry><text>"winter"</text></outputEntry></rule></decisionTable></decision>'
        '<decision id="second"><informationRequirement><requiredDecision href="#first"/></informationRequirement>'
        "<decisionTable><input><inputExpression><text>season</text></inputExpression></input>"
        '<output name="dish"/><rule><inputEntry><text>"winter"</text></inputEntry>'
        '<outputEntry><text>"soup"</text></outputEntry></rule></decisionTable></decision>'
    )
    assert read_decisions(file(body).encode(), "x.dmn")["second"].evaluate(Scope({})).value == "soup"
