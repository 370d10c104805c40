"""Drawings as editors save them: what is only on paper, odd ids, kinds of tasks, several starts."""

from __future__ import annotations

import keyword

import pytest

from engine.errors import NotFound
from engine.tables import Task
from tests.engine.drawing import (
    both,
    bpmn,
    catch,
    end,
    file,
    manual,
    plain,
    receive,
    rule,
    script,
    send,
    service,
    start,
    throw,
    user,
    xor,
)  # fmt: skip
from tests.engine.house import House


def test_what_is_only_on_paper_does_not_keep_a_drawing_from_running(house: House) -> None:
    paper = (
        '<dataStore id="store" name="CRM"/><signal name="nobody"/><escalation/><error/>'
        '<correlationProperty id="lonely"/><resource id="r" name="r"/>'
        '<collaboration><participant id="outside" name="Customer"/>'
        '<messageFlow id="m" sourceRef="outside" targetRef="ask"/></collaboration>'
    )
    xml = file({"paper": [start("begin"), user("ask"), end("done"), "begin > ask > done"]}, roots=paper)
    inside = (
        '<dataObject id="data"/><dataObjectReference id="ref" dataObjectRef="data"/>'
        '<dataStoreReference id="crm" dataStoreRef="store"/>'
        '<textAnnotation id="note"><text>Call early.</text></textAnnotation>'
        '<association id="line" sourceRef="ask" targetRef="note"/><group id="g"/>'
    )
    house.deploy(xml.replace("</process>", inside + "</process>"))
    case = house.start("paper")
    assert house.complete(case, "ask").status == "completed"


def test_a_condition_is_read_whole_around_comments_and_line_ends(house: House) -> None:
    xml = bpmn(
        "comments",
        start("begin"), xor("way"), user("small"), user("large"), end("done"), end("over"),
        "begin > way", "way > large [CONDITION]", "way > small [default]", "large > done", "small > over",
    )  # fmt: skip
    house.deploy(xml.replace("CONDITION", "\n amount <!-- in EUR --> &gt;\n <![CDATA[ 100 ]]>\n"))
    assert house.open(house.start("comments", {"amount": 101})) == ["large"]
    assert house.open(house.start("comments", {"amount": 100})) == ["small"]


def test_any_id_that_xml_allows_may_be_an_elements_id(house: House) -> None:
    ids = [*keyword.kwlist, "__class__", "data", "tasks", "id", "a-b.c", "Änderung", "_1"]
    house.deploy(
        bpmn("odd", start("begin"), *map(user, ids), end("done"), " > ".join(["begin", *ids, "done"]))
    )  # fmt: skip
    case = house.start("odd")
    for id in ids:
        assert house.open(case) == [id]
        house.complete(case, id)
    assert house.path(case) == ["begin", *ids, "done"]


def test_user_manual_and_plain_tasks_wait_for_a_person(house: House) -> None:
    house.deploy(
        bpmn(
            "kinds",
            start("begin"),
            user("a"),
            manual("b"),
            plain("c"),
            end("done"),
            "begin > a > b > c > done",
        )
    )
    case = house.start("kinds")
    for element in ("a", "b", "c"):
        assert house.open(case) == [element]
        case = house.complete(case, element)
    assert case.status == "completed"


def test_steps_of_every_kind_run_in_the_order_drawn(house: House) -> None:
    house.services(greet=lambda step: {"greeting": f"Hello {step.data['who']}"})
    house.deploy(
        bpmn(
            "all",
            start("begin"), script("set", 'who = "Ada"; n = 2 * 21\nm = n + 1'), service("greet"),
            throw("mark"), send("tell", "all.told", "n"), receive("answer", "all.answer"),
            catch("pause", duration="PT1H"), end("done", "all.over"),
            "begin > set > greet > mark > tell > answer > pause > done",
        )
    )  # fmt: skip
    case = house.start("all", {"order_id": 5})
    assert house.waiting(case) == [("answer", "all.answer")]
    house.send("all.answer", {"order_id": 5}, {"yes": True})
    house.tick(hours=1)

    assert house.path(case) == ["begin", "set", "greet", "mark", "tell", "answer", "pause", "done"]
    data = dict(house.view(case).data)
    data.pop("message_id")
    assert data == {
        "order_id": 5, "who": "Ada", "n": 42, "m": 43, "greeting": "Hello Ada", "yes": True,
    }  # fmt: skip


DECISION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="d">
<decision id="grade" name="Grade"><decisionTable id="t" hitPolicy="FIRST">
<input id="i"><inputExpression id="e" typeRef="number"><text>score</text></inputExpression></input>
<output id="o" name="grade" typeRef="string"/>
<rule id="r1"><inputEntry id="c1"><text>&gt;= 50</text></inputEntry><outputEntry id="v1"><text>"A"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="c2"><text>-</text></inputEntry><outputEntry id="v2"><text>"B"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def test_a_decision_gives_its_result_and_history_keeps_the_rule_that_held(house: House) -> None:
    house.deploy(
        bpmn(
            "graded", start("begin"), rule("decide", "grade", "grade"), end("done"), "begin > decide > done"
        ),
        decisions={"grade.dmn": DECISION},
    )
    case = house.start("graded", {"score": 50})
    assert house.view(case).data == {"score": 50, "grade": "A"}
    (event,) = house.events(case, "decision.made")
    assert (event.element, event.attrs) == ("decide", {"decision": "grade", "rules": [1], "version": 1})


def test_an_exclusive_gateway_without_a_way_is_an_incident_that_names_it(house: House) -> None:
    house.deploy(
        bpmn(
            "no_way", start("begin"), xor("choice"), user("a"), user("b"), end("done"), end("e2"),
            "begin > choice", "choice > a [n = 1]", "choice > b [n = 2]", "a > done", "b > e2",
        )
    )  # fmt: skip
    incident = house.failed(house.start("no_way", {"n": 3}))
    assert (incident.element, incident.reason) == (
        "choice",
        "none of its conditions is true and it has no default arrow",
    )


def test_the_first_true_condition_decides_even_when_a_later_one_cannot_be_evaluated(house: House) -> None:
    house.deploy(
        bpmn(
            "first", start("begin"), xor("choice"), user("a"), user("b"), end("done"), end("e2"),
            "begin > choice", "choice > a [n = 1]", 'choice > b [n + "x" > 2]', "a > done", "b > e2",
        )
    )  # fmt: skip
    assert house.open(house.start("first", {"n": 1})) == ["a"]


# --- Starts ---------------------------------------------------------------------------------------

STARTS = bpmn(
    "starts",
    start("plain"), start("mail", "mail.in"), start("form", "form.in"), user("read"), user("check"),
    xor("meet"), user("work"), end("done"),
    "plain > meet > work > done", "mail > read > meet", "form > check > meet",
)  # fmt: skip


def test_each_start_event_begins_cases_of_its_own(house: House) -> None:
    house.deploy(STARTS)
    assert house.open(house.start("starts")) == ["work"]
    (by_mail,) = house.send("mail.in")
    (by_form,) = house.send("form.in")
    assert (house.open(by_mail), house.open(by_form)) == (["read"], ["check"])
    assert house.path(by_mail) == ["mail"]
    assert house.complete(by_mail, "read").status == "open"
    assert house.complete(by_mail, "work").status == "completed"


def test_a_start_event_that_is_not_there_is_refused_by_name(house: House) -> None:
    house.deploy(STARTS)
    with pytest.raises(NotFound) as refusal:
        house.start("starts", message="fax.in")
    assert refusal.value.message == "No start event of “starts” takes “fax.in”."


def test_an_unknown_process_is_refused_and_the_known_ones_are_named(house: House) -> None:
    house.deploy(STARTS)
    with pytest.raises(NotFound) as refusal:
        house.start("stars")
    assert refusal.value.message == "There is no process “stars”."
    assert refusal.value.remedy == "Deployed are: starts."
    assert house.rows(Task) == []


def test_a_case_runs_on_the_newest_version_and_stays_on_it(house: House) -> None:
    house.deploy(
        bpmn("v", start("begin"), user("old"), user("after"), end("done"), "begin > old > after > done")
    )
    first = house.start("v")
    house.deploy(bpmn("v", start("begin"), user("new"), end("done"), "begin > new > done"))
    second = house.start("v")
    assert (house.open(first), house.view(first).version) == (["old"], 1)
    assert (house.open(second), house.view(second).version) == (["new"], 2)
    house.complete(first, "old")
    assert house.open(first) == ["after"]


def test_a_process_without_an_end_event_is_completed_when_nothing_is_alive_in_it(house: House) -> None:
    house.deploy(
        bpmn(
            "open_end", start("begin"), both("split"), user("a"), user("b"), "begin > split > a", "split > b"
        )
    )
    case = house.start("open_end")
    assert house.complete(case, "a").status == "open"
    assert house.complete(case, "b").status == "completed"
    assert house.row(case).ended_at == house.now
