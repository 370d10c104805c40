"""What a drawing declares of its messages: the correlation key of a catch, the payload of a throw."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine import messages
from engine.runtime import CaseRef
from engine.tables import InboundMessage, Wait
from tests.engine.drawing import (
    Node,
    both,
    boundary,
    bpmn,
    catch,
    end,
    first_of,
    keyed,
    many,
    mapped,
    on_event,
    receive,
    send,
    start,
    sub,
    throw,
    user,
    xor,
)
from tests.engine.house import House
from tests.engine.test_messages_stored import kept

WAIT = keyed(
    bpmn(
        "wait", start("begin"), catch("paid", "paid"), user("read"), end("done"), "begin > paid > read > done"
    ),
    "paid",
    "=order_number",
)
ZEEBE = '<zeebe:ioMapping><zeebe:input source="{source}" target="{target}"/></zeebe:ioMapping>'


# --- Correlation keys -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys", [{"order_number": "A17"}, {"correlation_key": "A17"}, {"order_number": "A17", "lead_id": 1}]
)
def test_a_declared_key_finds_its_case_by_its_name_or_as_the_correlation_key(
    house: House, keys: dict[str, object]
) -> None:
    house.deploy(WAIT)
    house.start("wait", {"order_number": "A16", "lead_id": 1})
    case = house.start("wait", {"order_number": "A17", "lead_id": 1})
    (moved,) = house.send("paid", keys)
    assert moved.case_id == case.case_id
    assert house.open(case) == ["read"]


@pytest.mark.parametrize(
    "keys",
    [{}, {"lead_id": 1}, {"order_number": "A18"}, {"other": "A17"}, {"order_number": "A17", "lead_id": 2}],
)
def test_without_the_declared_key_a_message_is_for_nobody(house: House, keys: dict[str, object]) -> None:
    house.deploy(WAIT)
    case = house.start("wait", {"order_number": "A17", "lead_id": 1})
    assert house.send("paid", keys) == []
    assert house.waiting(case) == [("paid", "paid")]


def test_the_case_number_and_a_person_reach_a_case_without_its_key(house: House) -> None:
    house.deploy(WAIT)
    first, second = (house.start("wait", {"order_number": "A17"}) for _ in range(2))
    (moved,) = house.send("paid", {"case_no": first.case_no})
    assert moved.case_id == first.case_id
    found = house.receive("paid", {"order_number": "B"})
    messages.attach(house.engine, house.now, found.message_id, second.case_no)
    assert house.open(second) == ["read"]


def test_the_key_is_what_it_was_when_the_case_came_to_wait(house: House) -> None:
    house.deploy(
        keyed(
            bpmn("wait", start("begin"), both("split"), user("set"), catch("paid", "paid"), user("read"), end("d"),
                 end("e"), "begin > split > set > d", "split > paid > read > e"),
            "paid", "=order_id",
        )
    )  # fmt: skip
    case = house.start("wait", {"order_id": 1})
    house.complete(case, "set", {"order_id": 2})
    assert house.send("paid", {"order_id": 2}) == []
    house.send("paid", {"order_id": 1})
    assert house.open(case) == ["read"]


@pytest.mark.parametrize("value", [None, "", True, [1], "x" * 101])
def test_a_key_that_gives_no_id_is_an_incident_where_the_case_would_wait(house: House, value: object) -> None:
    house.deploy(
        keyed(
            bpmn("wait", start("begin"), user("prepare"), catch("paid", "paid"), end("d"), "begin > prepare > paid > d"),
            "paid", "=order_number",
        )
    )  # fmt: skip
    case = house.start("wait")
    house.complete(case, "prepare", {"order_number": value})
    failed = house.failed(case)
    assert failed.element == "paid"
    assert failed.reason == "the correlation key “=order_number” of “paid” gives no id"
    assert (house.open(case), house.waiting(case)) == ([], [])


def test_a_kept_message_is_taken_by_the_case_with_its_declared_key(house: House) -> None:
    house.deploy(WAIT)
    house.send("paid", {"order_number": "A17"})
    other = house.start("wait", {"order_number": "A18"})
    case = house.start("wait", {"order_number": "A17"})
    assert (house.open(other), house.open(case)) == ([], ["read"])


def test_a_key_may_be_any_expression(house: House) -> None:
    house.deploy(WAIT.replace("=order_number", "=order_number + &quot;/&quot; + string(year)"))
    case = house.start("wait", {"order_number": "A17", "year": 2026})
    assert house.send("paid", {"order_number": "A17"}) == []
    house.send("paid", {"correlation_key": "A17/2026"})
    assert house.open(case) == ["read"]


PLACES: dict[str, tuple[list[Any], str]] = {
    "receive task": (["begin > wait > read > e", receive("wait", "paid")], "wait"),
    "border": (
        ["begin > work > f", "wait > read > e", user("work"), end("f"), boundary("wait", "work", "paid")],
        "wait",
    ),
    "gateway": (
        ["begin > g", "g > wait > read > e", "g > late > f", first_of("g"), catch("wait", "paid"),
         catch("late", duration="P1D"), end("f")],
        "wait",
    ),
    "event sub-process": (
        ["begin > inner > e", sub("inner", start("in"), user("work"), end("out"), "in > work > out",
                                   on_event("answer", start("wait", "paid"), user("read"), end("g"),
                                            "wait > read > g"))],
        "wait",
    ),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_every_place_that_waits_for_a_message_has_its_key(house: House, place: str) -> None:
    parts, element = PLACES[place]
    more: list[Node] = [] if place == "event sub-process" else [user("read")]
    xml = bpmn("wait", start("begin"), end("e"), *more, *parts)
    house.deploy(keyed(xml, "paid", "=order_number"))
    case = house.start("wait", {"order_number": "A17"})
    house.start("wait", {"order_number": "A18"})
    (row,) = house.rows(Wait, Wait.case_id == case.case_id)
    assert (row.element, row.key_name, row.key_value) == (element, "order_number", "A17")
    house.send("paid", {"order_number": "A17"})
    assert house.open(case) == ["read"]


def test_of_several_instances_the_one_with_the_key_takes_it(house: House) -> None:
    house.deploy(
        keyed(
            bpmn("wait", start("begin"), many(receive("asked", "paid"), "=numbers", "order_number", output="answers",
                                              value="=amount"), end("done"), "begin > asked > done"),
            "paid", "=order_number",
        )
    )  # fmt: skip
    case = house.start("wait", {"numbers": ["A", "B", "C"]})
    for number, amount in (("C", 3), ("A", 1), ("B", 2)):
        house.send("paid", {"order_number": number}, {"amount": amount})
    assert house.view(case).data["answers"] == [1, 2, 3]


def test_two_messages_of_a_gateway_differ_by_their_keys(house: House) -> None:
    house.deploy(
        keyed(
            keyed(
                bpmn("wait", start("begin"), first_of("g"), catch("mine", "paid"), catch("theirs", "sent"), user("one"),
                     user("two"), end("e"), end("f"), "begin > g", "g > mine > one > e", "g > theirs > two > f"),
                "paid", "=order_number"),
            "sent", "=parcel",
        )
    )  # fmt: skip
    case = house.start("wait", {"order_number": "A", "parcel": "P"})
    assert house.send("sent", {"parcel": "A"}) == []
    house.send("sent", {"parcel": "P"})
    assert house.open(case) == ["two"]


def test_a_thrown_message_brings_the_key_that_its_drawing_declares(house: House) -> None:
    house.deploy(WAIT)
    house.deploy(
        keyed(bpmn("pay", start("begin"), user("work"), end("over", "paid"), "begin > work > over"), "paid", "=number")
    )  # fmt: skip
    cases = [house.start("wait", {"order_number": name}) for name in ("A17", "A18")]
    payer = house.start("pay", {"number": "A18", "pay_id": 5})
    (row,) = house.rows(Wait, Wait.case_id == cases[1].case_id)
    assert row.key_name == "order_number"
    assert house.complete(payer, "work").status == "completed"
    # The sender calls it `number`, the receiver `order_number`.
    assert kept(house) == [("kept", None, 0)]

    house.deploy(
        keyed(bpmn("pay", start("begin"), user("work"), end("over", "paid"), "begin > work > over"), "paid",
              "=order_number")
    )  # fmt: skip
    payer = house.start("pay", {"order_number": "A18", "pay_id": 5})
    house.complete(payer, "work")
    assert [house.open(case) for case in cases] == [[], ["read"]]


# --- Payload --------------------------------------------------------------------------------------

TAKER = bpmn("taker", start("in", "item"), user("look"), end("over"), "in > look > over")


@pytest.mark.parametrize(
    ("mapping", "carried"),
    [
        (ZEEBE.format(source="=n + 1", target="m"), {"m": 2}),
        ('<camunda:in source="n" target="m"/>', {"m": 1}),
        ('<camunda:in sourceExpression="${n + 4}" target="m"/>', {"m": 5}),
        (
            '<camunda:inputOutput><camunda:inputParameter name="m">${day}</camunda:inputParameter>'
            "</camunda:inputOutput>",
            {"m": date(2026, 3, 9)},
        ),
    ],
)
@pytest.mark.parametrize("kind", ["send", "throw", "end"])
def test_a_thrown_message_carries_what_its_drawing_maps_and_nothing_else(
    house: House, kind: str, mapping: str, carried: dict[str, object]
) -> None:
    drawn: dict[str, list[Any]] = {
        "send": [mapped(send("tell", "item"), mapping), end("done"), "begin > tell > done"],
        "throw": [mapped(throw("tell", "item"), mapping), end("done"), "begin > tell > done"],
        "end": [mapped(end("tell", "item"), mapping), "begin > tell"],
    }
    house.deploy(TAKER)
    house.deploy(bpmn("sender", start("begin"), *drawn[kind]))
    house.start("sender", {"n": 1, "order_id": 3, "day": date(2026, 3, 9), "secret": 7})
    found = dict(house.view(CaseRef(2, "", "", "")).data)
    assert found == {"message_id": 1, "order_id": 3, **carried}


def test_property_and_mapping_go_together_and_texts_are_as_written(house: House) -> None:
    house.deploy(
        bpmn("taker", start("in", "item"), xor("way"), user("yes"), user("no"), end("e"), end("f"),
             "in > way", 'way > yes [colour = "say \\"red\\""]', "way > no [default]", "yes > e", "no > f")
    )  # fmt: skip
    house.deploy(
        bpmn("sender", start("begin"),
             mapped(send("tell", "item"), '<camunda:properties><camunda:property name="payload" value="n"/>'
                    '</camunda:properties><camunda:inputOutput><camunda:inputParameter name="colour">say "red"'
                    "</camunda:inputParameter></camunda:inputOutput>"),
             end("done"), "begin > tell > done")
    )  # fmt: skip
    house.start("sender", {"n": 1})
    assert house.open(CaseRef(2, "", "", "")) == ["yes"]
    assert house.rows(InboundMessage)[0].payload == {"n": 1, "colour": 'say "red"'}


def test_a_payload_that_cannot_be_evaluated_is_an_incident_where_it_is_thrown(house: House) -> None:
    house.deploy(TAKER)
    house.deploy(
        bpmn("sender", start("begin"), user("work"), mapped(send("tell", "item"), ZEEBE.format(source='=count(for i in 1..100000000 return i)', target="m")),
             end("done"), "begin > work > tell > done")
    )  # fmt: skip
    case = house.start("sender", {"n": "text"})
    house.complete(case, "work")
    assert (house.failed(case).element, house.open(case)) == ("tell", [])
