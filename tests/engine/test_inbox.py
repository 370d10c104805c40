"""The inbox: who sees which task in which order, who may take it, and where the answers go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from engine import inbox, tables
from engine.catalog import Catalog, Entity, Process, Step
from engine.db import Transaction
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.people import Person
from engine.runtime import CaseRef, Engine
from engine.tables import Answer, Event, InboundMessage, Task
from engine.values import Value
from tests.engine.drawing import both, boundary, bpmn, end, script, start, user
from tests.engine.house import House

LANES = {"Sales": ["call", "write"], "Sales manager": ["approve"]}
DEAL = bpmn(
    "deal",
    start("begin"), both("split"), user("call", "Call them", due="=call_by"), user("write", priority="80"),
    user("approve"), both("join"), user("after"), end("done"),
    "begin > split > call > join > after > done", "split > write > join", "split > approve > join",
    lanes=LANES,
)  # fmt: skip


def listed(house: House, **how: Any) -> list[tuple[int, str]]:
    return [(task.case_id, task.element) for task in house.look(lambda tx: inbox.tasks(tx, **how))]


def deal(house: House, days: int) -> CaseRef:
    return house.start("deal", {"call_by": (house.now + timedelta(days=days)).isoformat()})


# --- Lists ----------------------------------------------------------------------------------------


def test_tasks_are_listed_by_due_time_then_by_age_and_those_without_due_last(house: House) -> None:
    house.deploy(DEAL)
    late, soon = deal(house, 5), deal(house, 1)
    assert listed(house, roles=["sales_rep"]) == [
        (soon.case_id, "call"),
        (late.case_id, "call"),
        (late.case_id, "write"),
        (soon.case_id, "write"),
    ]


def test_a_role_sees_its_own_tasks_and_several_roles_see_them_merged(house: House) -> None:
    house.deploy(DEAL)
    case = deal(house, 1)
    assert listed(house, roles=["sales_manager"]) == [(case.case_id, "approve")]
    assert [element for _, element in listed(house, roles=["sales_manager", "sales_rep"])] == [
        "call", "write", "approve",
    ]  # fmt: skip
    assert listed(house, roles=["marketing"]) == listed(house, roles=[]) == []
    assert len(listed(house, roles=None)) == 3


def test_what_others_have_claimed_is_left_out_for_a_person(house: House) -> None:
    house.deploy(DEAL)
    ada, bruno = house.person("ada", "sales_rep"), house.person("bruno", "sales_rep")
    case = deal(house, 1)
    _claim(house, house.task(case, "call"), ada)
    for roles in (["sales_rep", "sales_manager"], None):
        assert [element for _, element in listed(house, roles=roles, person_id=ada.id)] == [
            "call", "write", "approve",
        ]  # fmt: skip
        assert [element for _, element in listed(house, roles=roles, person_id=bruno.id)] == [
            "write",
            "approve",
        ]
    assert listed(house, person_id=ada.id, mine=True) == [(case.case_id, "call")]
    assert listed(house, person_id=bruno.id, mine=True) == []


def test_pages_follow_one_another_without_gap_or_repeat(house: House) -> None:
    house.deploy(DEAL)
    for days in (3, 1, 2, 5, 4):
        deal(house, days)
    everything = listed(house, roles=["sales_rep", "sales_manager"], limit=100)
    assert len(everything) == 15
    pages = [
        listed(house, roles=["sales_rep", "sales_manager"], limit=4, offset=at) for at in range(0, 20, 4)
    ]
    assert [task for page in pages for task in page] == everything
    assert [len(page) for page in pages] == [4, 4, 4, 3, 0]


def test_a_search_finds_the_tasks_about_its_subjects(house: House) -> None:
    house.services(Process("deal", subject="lead"))
    house.deploy(DEAL)
    cases = [house.start("deal", {"lead_id": number, "call_by": "2026-03-05"}) for number in (1, 2, 3)]
    found = listed(house, roles=["sales_rep"], subjects={("lead", 2), ("offer", 1)})
    assert found == [(cases[1].case_id, "call"), (cases[1].case_id, "write")]


def test_counts_say_how_many_tasks_each_role_has(house: House) -> None:
    house.deploy(DEAL)
    deal(house, 1)
    house.complete(deal(house, 1), "call")
    assert house.look(inbox.counts) == {"sales_rep": 3, "sales_manager": 2}
    assert house.look(lambda tx: inbox.counts(tx, ["sales_rep", "cdo"])) == {"sales_rep": 3, "cdo": 0}


def test_lists_take_the_same_number_of_queries_for_1_and_3_rows(house: House) -> None:
    house.deploy(DEAL)
    ada = house.person("ada", "sales_rep")
    counts = []
    for _ in (1, 3):
        deal(house, 1)
        counts.append(
            (
                house.queries(lambda tx: inbox.tasks(tx, roles=["sales_rep"])),
                house.queries(lambda tx: inbox.tasks(tx, roles=["sales_rep"], person_id=ada.id)),
                house.queries(lambda tx: inbox.tasks(tx)),
                house.queries(inbox.counts),
            )
        )
        deal(house, 2)
        deal(house, 3)
    assert counts == [(2, 2, 2, 1)] * 2


def test_a_step_takes_the_same_number_of_statements_however_many_cases_there_are(house: House) -> None:
    house.deploy(DEAL)
    counts = []
    for _ in range(2):
        case = deal(house, 1)
        task_id = house.task(case, "call")
        counts.append(house.queries(lambda tx, id=task_id: inbox.complete(house.engine, tx, id, {})))  # type: ignore[misc]
        for _ in range(20):
            deal(house, 1)
    assert counts[0] == counts[1]
    assert counts[0] <= 8


# --- Who may --------------------------------------------------------------------------------------


def test_a_task_is_taken_by_its_role_and_by_nobody_else(house: House) -> None:
    house.deploy(DEAL)
    carla = house.person("carla", "sales_manager", "marketing")
    case = deal(house, 1)
    task_id = house.task(case, "call")
    for act in (inbox.claim, _complete):
        with pytest.raises(Forbidden) as refusal, house.engine.transaction(house.now) as tx:
            act(house.engine, tx, task_id, carla)
        assert refusal.value.message == "“Call them” is for the role sales_rep, which Carla does not have."
    assert house.open(case) == ["approve", "call", "write"]


def test_a_task_in_no_lane_is_everybodys(house: House) -> None:
    house.deploy(bpmn("free", start("begin"), user("ask"), end("done"), "begin > ask > done"))
    case = house.start("free")
    assert house.complete(case, "ask", person=house.person("nobody")).status == "completed"


def test_a_claimed_task_is_only_its_holders_until_it_is_released(house: House) -> None:
    house.deploy(DEAL)
    ada, bruno = house.person("ada", "sales_rep"), house.person("bruno", "sales_rep")
    case = deal(house, 1)
    task_id = house.task(case, "call")
    assert _claim(house, task_id, ada).person_id == ada.id
    assert house.view(case).open_tasks[0]["assignee"] == "ada"

    for act in (inbox.claim, inbox.release, _complete):
        with pytest.raises(Conflict) as refusal, house.engine.transaction(house.now) as tx:
            act(house.engine, tx, task_id, bruno)
        assert (refusal.value.code, refusal.value.message) == (
            "task_taken",
            "“Call them” is in the hands of Ada.",
        )

    house.now += timedelta(hours=1)
    again = _claim(house, task_id, ada)  # Claiming twice changes nothing.
    assert again.claimed_at == house.now - timedelta(hours=1)
    with house.engine.transaction(house.now) as tx:
        inbox.release(house.engine, tx, task_id, ada)
    assert _claim(house, task_id, bruno).person_id == bruno.id
    assert [event.type for event in house.events(case, "task.claimed", "task.released")] == [
        "task.claimed", "task.released", "task.claimed",
    ]  # fmt: skip


def test_what_nobody_holds_cannot_be_released(house: House) -> None:
    house.deploy(DEAL)
    ada = house.person("ada", "sales_rep")
    task_id = house.task(deal(house, 1), "call")
    with pytest.raises(Conflict) as refusal, house.engine.transaction(house.now) as tx:
        inbox.release(house.engine, tx, task_id, ada)
    assert refusal.value.message == "“Call them” is in nobody's hands."


def test_completing_an_unclaimed_task_claims_it(house: House) -> None:
    house.deploy(DEAL)
    ada = house.person("ada", "sales_rep")
    case = deal(house, 1)
    task_id = house.task(case, "call")
    house.complete_task(task_id, person=ada)
    (row,) = house.rows(Task, Task.id == task_id)
    assert (row.state, row.person_id, row.claimed_at, row.closed_at, row.closed_by) == (
        "completed", ada.id, house.now, house.now, ada.id,
    )  # fmt: skip
    (event,) = house.events(case, "task.completed")
    assert (event.actor_id, event.role, event.element) == (ada.id, "sales_rep", "call")


def test_completing_a_claimed_task_keeps_when_it_was_claimed(house: House) -> None:
    house.deploy(DEAL)
    ada = house.person("ada", "sales_rep")
    task_id = house.task(deal(house, 1), "call")
    claimed = house.now
    _claim(house, task_id, ada)
    house.now += timedelta(hours=2)
    house.complete_task(task_id, person=ada)
    (row,) = house.rows(Task, Task.id == task_id)
    assert (row.claimed_at, row.closed_at) == (claimed, house.now)


def test_a_completed_task_says_who_has_done_it_and_when(house: House) -> None:
    house.deploy(DEAL)
    ada, bruno = house.person("ada", "sales_rep"), house.person("bruno", "sales_rep")
    case = deal(house, 1)
    task_id = house.task(case, "call")
    house.complete_task(task_id, person=ada)
    for act in (inbox.claim, inbox.release, _complete):
        with pytest.raises(Conflict) as refusal, house.engine.transaction(house.now) as tx:
            act(house.engine, tx, task_id, bruno)
        assert refusal.value.code == "task_done"
        assert refusal.value.message == f"“Call them” was already done by Ada at {house.now}."
    assert len(house.events(case, "task.completed")) == 1


def test_a_task_that_a_timer_took_away_says_so(house: House) -> None:
    house.deploy(
        bpmn("gone", start("s"), user("ask"), boundary("late", "ask", duration="PT1H"), end("e"), end("x"),
             "s > ask > e", "late > x")
    )  # fmt: skip
    case = house.start("gone")
    task_id = house.task(case, "ask")
    house.tick(hours=1)
    with pytest.raises(Conflict) as refusal:
        house.complete_task(task_id)
    assert (refusal.value.code, refusal.value.message) == (
        "task_gone",
        "“ask” is no longer needed: the case has moved on.",
    )


def test_an_unknown_task_is_refused(house: House) -> None:
    with pytest.raises(NotFound) as refusal:
        house.complete_task(4711)
    assert refusal.value.message == "There is no task number 4711."


# --- Assignment -----------------------------------------------------------------------------------


@pytest.mark.parametrize("assignee", ["ada", "=owner", "${owner}", "=owner_id"])
def test_a_task_drawn_for_a_person_is_hers_though_she_lacks_the_role(house: House, assignee: str) -> None:
    ada, bruno = house.person("ada"), house.person("bruno", "sales_rep")
    house.deploy(
        bpmn(
            "own",
            start("s"),
            user("ask", assignee=assignee),
            end("e"),
            "s > ask > e",
            lanes={"Sales": ["ask"]},
        )
    )
    case = house.start("own", {"owner": "ada", "owner_id": ada.id})
    assert listed(house, person_id=ada.id, mine=True) == [(case.case_id, "ask")]
    task_id = house.task(case, "ask")
    with pytest.raises(Conflict):
        house.complete_task(task_id, person=bruno)
    assert _claim(house, task_id, ada).claimed_at == house.now
    assert house.complete_task(task_id, person=ada).status == "completed"


@pytest.mark.parametrize("owner", ["nobody", 4711, True, None, 1.5])
def test_an_assignee_who_does_not_exist_leaves_the_task_to_its_role(house: House, owner: object) -> None:
    house.person("first")
    house.deploy(
        bpmn(
            "own",
            start("s"),
            user("ask", assignee="=owner"),
            end("e"),
            "s > ask > e",
            lanes={"Sales": ["ask"]},
        )
    )
    case = house.start("own", {"owner": owner})
    (task,) = house.view(case).open_tasks
    assert (task["assignee"], task["role"]) == (None, "sales_rep")
    (row,) = house.rows(Task)
    assert row.person_id is None


# --- Answers --------------------------------------------------------------------------------------

FORM = {
    "type": "default",
    "schemaVersion": 18,
    "components": [
        {"type": "radio", "key": "outcome", "label": "Outcome", "validate": {"required": True},
         "values": [{"label": "Won", "value": "won"}, {"label": "Lost", "value": "lost"}]},
        {"type": "number", "key": "amount", "label": "Amount", "decimalDigits": 2},
        {"type": "datetime", "subtype": "date", "key": "until", "dateLabel": "Until"},
        {"type": "textarea", "key": "note", "label": "Note"},
        {"type": "textfield", "key": "lead.need", "label": "Need", "validate": {"maxLength": 10}},
        {"type": "number", "key": "lead.size", "label": "Size"},
    ],
}  # fmt: skip
FILLED = bpmn("filled", start("s"), user("ask", form="close"), end("e"), "s > ask > e")
ROW = tables.Parameter
"""Any table will do for an entity here: the parameters' key is the lead's need, the value its size."""


def lead_entity() -> Entity:
    def read(session: Any, number: int) -> Mapping[str, Value]:
        row = session.execute(select(ROW.key, ROW.value).where(ROW.id == number)).one()
        return {"need": row.key, "size": Decimal(row.value)}

    def write(step: Step, number: int, fields: Mapping[str, Value]) -> None:
        names = {"need": "key", "size": "value"}
        values = {names[name]: str(value) for name, value in fields.items()}
        step.session.execute(update(ROW).where(ROW.id == number).values(values))

    return Entity("lead", read, write)


def filled(house: House) -> CaseRef:
    house.engine.catalog = Catalog(entities={"lead": lead_entity()})
    house.deploy(FILLED, forms={"close": FORM})
    with house.engine.transaction(house.now) as tx:
        tx.session.execute(insert(ROW).values(id=9, key="solar", value="4", valid_from=house.now))
    return house.start("filled", {"lead_id": 9, "amount": Decimal("10.50")})


def lead(house: House) -> tuple[str, str]:
    row = house.look(lambda tx: tx.session.execute(select(ROW.key, ROW.value).where(ROW.id == 9)).one())
    return (row.key, row.value)


def test_choices_numbers_and_dates_become_variables_texts_do_not_and_entity_fields_are_written(
    house: House,
) -> None:
    case = filled(house)
    ada = house.person("ada")
    answers = {
        "outcome": "won", "amount": 12.3, "until": "2026-04-01", "note": "He loves cats.",
        "lead": {"need": "roof"}, "lead.size": 7,
    }  # fmt: skip
    task_id = house.task(case, "ask")
    house.complete(case, "ask", answers, ada)

    assert house.view(case).data == {
        "lead_id": 9, "outcome": "won", "amount": Decimal("12.3"), "until": date(2026, 4, 1),
    }  # fmt: skip
    (answer,) = house.rows(Answer)
    assert (answer.case_id, answer.task_id, answer.element, answer.field, answer.text, answer.created_at) == (
        case.case_id, task_id, "ask", "note", "He loves cats.", house.now,
    )  # fmt: skip
    assert lead(house) == ("roof", "7")
    (event,) = house.events(case, "task.completed")
    assert event.attrs == {
        "task": task_id, "path": ["ask", "e"],
        "answers": {"outcome": "won", "amount": 12.3, "until": "2026-04-01", "lead.size": 7},
    }  # fmt: skip
    for table in (Event, InboundMessage):
        assert all("cats" not in str(vars(row)) for row in house.rows(table))


def test_the_form_shows_what_is_known_and_the_version_pinned_to_the_task(house: House) -> None:
    case = filled(house)
    house.deploy(FILLED, forms={"close": {**FORM, "components": []}})
    task_id = house.task(case, "ask")
    view = house.look(lambda tx: inbox.form(house.engine, tx, inbox.get(tx, task_id)))
    assert view is not None
    assert (view.name, view.schema) == ("close", FORM)
    assert view.data == {
        "outcome": None, "amount": 10.5, "until": None, "note": None, "lead": {"need": "solar", "size": 4},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({}, {"outcome"}),
        ({"outcome": "maybe"}, {"outcome"}),
        ({"outcome": "won", "amount": "many"}, {"amount"}),
        ({"outcome": "won", "amount": True, "until": "2026-02-30"}, {"amount", "until"}),
        ({"outcome": "won", "lead": {"need": "far too long a text"}}, {"lead.need"}),
        ({"outcome": "won", "lead_id": 1, "__class__": "x"}, {"lead_id", "__class__"}),
        ({"outcome": ["won"], "note": {"a": 1}}, {"outcome", "note"}),
    ],
)
def test_wrong_answers_are_refused_field_by_field_and_change_nothing(
    house: House, answers: dict[str, object], wrong: set[str]
) -> None:
    case = filled(house)
    before, state = house.counted(), house.state(case)
    with pytest.raises(Invalid) as refusal:
        house.complete(case, "ask", answers)
    assert refusal.value.status == 422
    assert set(refusal.value.fields) == wrong
    assert all(refusal.value.fields.values())
    assert (house.counted(), house.state(case), lead(house)) == (before, state, ("solar", "4"))
    assert house.view(case).status == "open"


def test_a_form_for_an_entity_that_the_case_does_not_have_says_so(house: House) -> None:
    filled(house)
    case = house.start("filled")
    with pytest.raises(Invalid) as refusal:
        house.complete(case, "ask", {"outcome": "won", "lead.need": "roof"})
    assert refusal.value.message == (
        "The form writes to “lead”, but this case has none (there is no variable lead_id)."
    )


def test_what_was_answered_stays_when_the_step_behind_fails(house: House) -> None:
    house.engine.catalog = Catalog(entities={"lead": lead_entity()})
    house.deploy(
        bpmn("filled", start("s"), user("ask", form="close"), script("break", "x = no_such_function(1)"), end("e"),
             "s > ask > break > e"),
        forms={"close": FORM},
    )  # fmt: skip
    with house.engine.transaction(house.now) as tx:
        tx.session.execute(insert(ROW).values(id=9, key="solar", value="4", valid_from=house.now))
    case = house.start("filled", {"lead_id": 9})
    assert house.complete(case, "ask", {"outcome": "won", "note": "x", "lead.need": "roof"}).failed
    assert house.failed(case).element == "break"
    assert (lead(house)[0], house.view(case).data["outcome"], house.open(case)) == ("roof", "won", [])


def _complete(engine: Engine, tx: Transaction, task_id: int, person: Person) -> CaseRef:
    return inbox.complete(engine, tx, task_id, {}, person)


def _claim(house: House, task_id: int, person: Any) -> inbox.TaskRow:
    with house.engine.transaction(house.now) as tx:
        return inbox.claim(house.engine, tx, task_id, person)
