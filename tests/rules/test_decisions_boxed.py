"""Decisions beyond tables: boxed expressions, functions of a file, services, and the types it defines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest

from engine.errors import DiagramRefused, ExpressionError
from engine.feel import Decision, Scope, read_decisions
from engine.values import Value

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def file(*parts: str) -> bytes:
    return f'<definitions xmlns="{DMN}" id="d" name="d" namespace="n">{"".join(parts)}</definitions>'.encode()


def decision(logic: str, *, key: str = "result", type_: str = "", needs: str = "") -> str:
    typed = f' typeRef="{type_}"' if type_ else ""
    return f'<decision id="{key}" name="{key}"><variable name="{key}"{typed}/>{needs}{logic}</decision>'


def literal(text: str, type_: str = "") -> str:
    typed = f' typeRef="{type_}"' if type_ else ""
    return f"<literalExpression{typed}><text>{escape(text)}</text></literalExpression>"


def read(*parts: str) -> Decision:
    return read_decisions(file(*parts), "boxed.dmn")["result"]


def value(*parts: str, **variables: Value) -> Value:
    return read(*parts).evaluate(Scope(variables)).value


def entry(name: str, logic: str, type_: str = "") -> str:
    typed = f' typeRef="{type_}"' if type_ else ""
    return f'<contextEntry><variable name="{name}"{typed}/>{logic}</contextEntry>'


KNOWLEDGE = '<knowledgeRequirement><requiredKnowledge href="#rate"/></knowledgeRequirement>'


def model(body: str, *parameters: str, key: str = "rate", name: str = "Yearly rate", needs: str = "") -> str:
    formal = "".join(f"<formalParameter {parameter}/>" for parameter in parameters)
    return (
        f'<businessKnowledgeModel id="{key}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}{body}</encapsulatedLogic>{needs}</businessKnowledgeModel>"
    )


# -- boxed expressions -----------------------------------------------------------------------------


def test_a_context_gives_its_entries_each_seeing_those_before_it() -> None:
    logic = f"<context>{entry('net price', literal('10 * pieces'))}{entry('gross', literal('net price * 1.22'))}</context>"
    assert value(decision(logic), pieces=10) == {"net price": 100, "gross": Decimal("122.00")}


def test_a_context_with_a_last_line_gives_that_line() -> None:
    logic = (
        f"<context>{entry('a', literal('x + 1'))}<contextEntry>{literal('a * 2')}</contextEntry></context>"
    )
    assert value(decision(logic), x=4) == 10


def test_what_a_context_binds_is_not_asked_of_the_case() -> None:
    logic = f"<context>{entry('net price', literal('10 * pieces'))}{entry('gross', literal('net price * due(1)'))}</context>"
    found = read(decision(logic))

    assert found.names == frozenset({"pieces"})
    assert found.functions == frozenset({"due"})


def test_lists_and_relations() -> None:
    assert value(decision(f"<list>{literal('1')}{literal('x')}</list>"), x=5) == [1, 5]
    columns = '<column name="key"/><column name="unit price"/>'
    rows = f"<row>{literal('1')}{literal('x')}</row><row>{literal('2')}{literal('x * 2')}</row>"
    assert value(decision(f"<relation>{columns}{rows}</relation>"), x=5) == [
        {"key": 1, "unit price": 5},
        {"key": 2, "unit price": 10},
    ]


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (f"<conditional><if>{literal('x > 3')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>", 1),
        (f"<conditional><if>{literal('null')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>", 2),
        (f"<conditional><if>{literal('x')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>", None),
        (f"<filter><in>{literal('[1, 5, 9]')}</in><match>{literal('item > x - 1')}</match></filter>", [5, 9]),
        (f"<filter><in>{literal('[{a: 1}, {a: 9}]')}</in><match>{literal('a > 5')}</match></filter>", [{"a": 9}]),
        (f"<filter><in>{literal('[1, 5]')}</in><match>{literal('item')}</match></filter>", None),
        (f'<for iteratorVariable="my n"><in>{literal("[1..3]")}</in><return>{literal("my n * x")}</return></for>', [5, 10, 15]),
        (f'<some iteratorVariable="n"><in>{literal("[1, 9]")}</in><satisfies>{literal("n > x")}</satisfies></some>', True),
        (f'<every iteratorVariable="n"><in>{literal("[1, 9]")}</in><satisfies>{literal("n > x")}</satisfies></every>', False),
    ],
)  # fmt: skip
def test_boxed_conditionals_filters_and_loops(logic: str, expected: Value) -> None:
    assert value(decision(logic), x=5) == expected


def test_a_table_can_stand_inside_a_context() -> None:
    table = (
        '<decisionTable hitPolicy="FIRST"><input><inputExpression><text>net price</text></inputExpression></input>'
        '<output name="p"/><rule><inputEntry><text>&gt; 50</text></inputEntry><outputEntry><text>net price / 10</text>'
        "</outputEntry></rule><rule><inputEntry><text>-</text></inputEntry><outputEntry><text>0</text></outputEntry>"
        "</rule></decisionTable>"
    )
    logic = f"<context>{entry('net price', literal('10 * pieces'))}{entry('discount', table)}</context>"

    assert value(decision(logic), pieces=10) == {"net price": 100, "discount": 10}
    assert value(decision(logic), pieces=1) == {"net price": 10, "discount": 0}


def test_boxes_inside_one_another_without_end_are_refused() -> None:
    logic = "<list>" * 60 + literal("1") + "</list>" * 60
    with pytest.raises(DiagramRefused) as refusal:
        read(decision(logic))
    assert [finding.code for finding in refusal.value.findings] == ["dmn_depth"]


# -- business knowledge models ---------------------------------------------------------------------


def test_a_business_knowledge_model_is_a_function() -> None:
    rate = model(
        literal("net amount * percent / 100"), 'name="net amount" typeRef="number"', 'name="percent"'
    )
    assert value(rate, decision(literal("Yearly rate(200, 5)"), needs=KNOWLEDGE)) == 10
    by_name = literal("Yearly rate(percent: 5, net amount: 200)")
    assert value(rate, decision(by_name, needs=KNOWLEDGE)) == 10


def test_an_invocation_calls_it_with_its_arguments_by_name() -> None:
    rate = model(literal("a * b"), 'name="a"', 'name="b"')
    logic = (
        f'<invocation>{literal("Yearly rate")}<binding><parameter name="b"/>{literal("x")}</binding>'
        f'<binding><parameter name="a"/>{literal("2")}</binding></invocation>'
    )
    assert value(rate, decision(logic, needs=KNOWLEDGE), x=5) == 10


def test_a_business_knowledge_model_sees_its_parameters_and_not_the_case() -> None:
    rate = model(literal("a * hidden"), 'name="a"')
    assert value(rate, decision(literal("Yearly rate(2)"), needs=KNOWLEDGE), hidden=5) is None


def test_business_knowledge_models_build_on_one_another() -> None:
    needs = '<knowledgeRequirement><requiredKnowledge href="#tax"/></knowledgeRequirement>'
    tax = model(literal("net * 0.22"), 'name="net"', key="tax", name="tax")
    rate = model(literal("net + tax(net)"), 'name="net"', needs=needs)
    found = read(rate, tax, decision(literal("Yearly rate(x)"), needs=KNOWLEDGE))

    assert found.evaluate(Scope({"x": 100})).value == Decimal("122.00")
    assert (found.names, found.functions) == (frozenset({"x"}), frozenset())


def test_business_knowledge_models_that_need_themselves_are_refused() -> None:
    needs = KNOWLEDGE
    with pytest.raises(DiagramRefused) as refusal:
        read(model(literal("1"), needs=needs), decision(literal("1")))
    assert [finding.code for finding in refusal.value.findings] == ["dmn_cycle"]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("Yearly rate()", "Yearly rate(…) takes 1 arguments, not 0"),
        ("Yearly rate(percent: 1)", "Yearly rate(…) has no such parameters"),
        ('Yearly rate("x")', "“a” is of the type number, which the text “x” is not"),
        ("Monthly(1)", "There is no function Monthly"),
    ],
)
def test_a_call_that_does_not_fit_is_refused(call: str, problem: str) -> None:
    found = read(model(literal("a"), 'name="a" typeRef="number"'), decision(literal(call), needs=KNOWLEDGE))
    with pytest.raises(ExpressionError) as refusal:
        found.evaluate(Scope({}))
    assert refusal.value.problem == problem


def test_functions_can_be_handed_to_functions() -> None:
    rate = model(literal("f(10)"), 'name="f"')
    assert value(rate, decision(literal("Yearly rate(function(x) x + base)"), needs=KNOWLEDGE), base=5) == 15
    logic = '<functionDefinition><formalParameter name="x"/>' + literal("x * base") + "</functionDefinition>"
    context = (
        f"<context>{entry('double', logic)}<contextEntry>{literal('double(4)')}</contextEntry></context>"
    )
    assert value(decision(context), base=2) == 8


# -- decision services -----------------------------------------------------------------------------

SERVICE = (
    '<inputData id="net" name="net"/>'
    + decision(literal("net * 2"), key="base", needs='<informationRequirement><requiredInput href="#net"/></informationRequirement>')
    + decision(literal("base + extra"), key="total", needs=(
        '<informationRequirement><requiredDecision href="#base"/></informationRequirement>'
        '<informationRequirement><requiredDecision href="#extra"/></informationRequirement>'))
    + decision(literal("1000"), key="extra")
    + '<decisionService id="rate" name="price"><variable name="price"/><outputDecision href="#total"/>'
    '<encapsulatedDecision href="#base"/><inputDecision href="#extra"/><inputData href="#net"/></decisionService>'
)  # fmt: skip


def test_a_decision_service_is_a_function_of_its_inputs() -> None:
    assert value(SERVICE, decision(literal("price(100, 5)"), needs=KNOWLEDGE)) == 205
    assert (
        value(SERVICE, decision(literal("price(extra: 5, net: 100)"), needs=KNOWLEDGE), net=1, extra=1) == 205
    )


def test_a_service_called_for_many_items_shares_one_budget() -> None:
    found = read(SERVICE, decision(literal("count(for n in 1..list return price(n, n))"), needs=KNOWLEDGE))
    assert found.evaluate(Scope({"list": 100})).value == 100
    with pytest.raises(ExpressionError, match="steps"):
        found.evaluate(Scope({"list": 50_000}))


# -- types -----------------------------------------------------------------------------------------

TYPES = """
<itemDefinition name="tTier"><typeRef>string</typeRef><allowedValues><text>"gold", "silver"</text></allowedValues></itemDefinition>
<itemDefinition name="tLead"><itemComponent name="tier"><typeRef>tTier</typeRef></itemComponent>
  <itemComponent name="first visit"><typeRef>date</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tLeads" isCollection="true"><typeRef>tLead</typeRef></itemDefinition>
<itemDefinition name="tTree"><itemComponent name="children" isCollection="true"><typeRef>tTree</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tShare"><typeRef>number</typeRef><typeConstraint><text>[0..1]</text></typeConstraint></itemDefinition>
"""


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        ("tTier", '"gold"', "gold"),
        ("tTier", "null", None),
        ("number", "[5]", 5),
        (
            "tLeads",
            '{tier: "gold", first visit: date("2026-01-31")}',
            [{"tier": "gold", "first visit": date(2026, 1, 31)}],
        ),
        (
            "tLead",
            '{tier: "gold", first visit: null, more: 1}',
            {"tier": "gold", "first visit": None, "more": 1},
        ),
        ("tShare", "0.5", Decimal("0.5")),
        ("tTree", "{children: [{children: []}]}", {"children": [{"children": []}]}),
    ],
)
def test_a_decision_gives_the_type_that_it_declares(type_: str, text: str, expected: Value) -> None:
    found = read(TYPES, decision(literal(text), type_=type_))
    assert found.evaluate(Scope({})).value == expected


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("tTier", '"bronze"'), ("tTier", "5"), ("tLead", '{tier: "bronze", first visit: null}'),
        ("tLead", '{tier: "gold"}'), ("tLeads", '[{tier: "x", first visit: null}]'), ("tShare", "2"), ("number", "[1, 2]"),
        ("date and time", 'string(date("2026-01-31"))'),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(type_: str, text: str) -> None:
    found = read(TYPES, decision(literal(text), type_=type_))
    with pytest.raises(ExpressionError) as refusal:
        found.evaluate(Scope({}))
    assert refusal.value.problem.startswith(f"The decision “result” is of the type {type_}, which ")


def test_an_input_that_a_decision_declares_has_its_type() -> None:
    needs = '<informationRequirement><requiredInput href="#i"/></informationRequirement>'
    data = '<inputData id="i" name="the tier"><variable name="the tier" typeRef="tTier"/></inputData>'
    found = read(TYPES, data, decision(literal("the tier"), needs=needs))

    assert found.evaluate(Scope({"the tier": "gold"})).value == "gold"
    assert found.evaluate(Scope({})).value is None
    with pytest.raises(ExpressionError) as refusal:
        found.evaluate(Scope({"the tier": "bronze"}))
    assert (
        refusal.value.problem == "The input “the tier” is of the type tTier, which the text “bronze” is not"
    )


def test_types_of_the_file_can_be_asked_for() -> None:
    assert value(TYPES, decision(literal('{tier: "x", first visit: null} instance of tLead'))) is True
    assert value(TYPES, decision(literal("{tier: 5, first visit: null} instance of tLead"))) is False
    assert value(TYPES, decision(literal("[] instance of list<tLead>"))) is True


def test_a_function_or_range_does_not_leave_a_decision() -> None:
    for text in ("[1..5]", "function(x) x", "{a: [1, [2..3]]}"):
        with pytest.raises(ExpressionError, match="which a case cannot hold"):
            value(decision(literal(text)))
