"""One task: its form, its refusals, and what happens when somebody else was faster."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine import tables, versions
from processes.records import Lead
from tests.pages.conftest import DRAWINGS, House, Visitor

GOOD = {"place": "customer", "people": 3, "lead.notes": "Bring the samples"}


def answer(visitor: Visitor, answers: Mapping[str, object], task: int = 1) -> TestResponse:
    return visitor.post(f"/tasks/{task}", answers=json.dumps(answers))


def island(page: str, name: str) -> Any:
    """The JSON that the page hands to the form."""
    found = re.search(rf'<script type="application/json" id="form-{name}">(.*?)</script>', page, re.DOTALL)
    assert found, page
    return json.loads(found[1])


def test_the_form_is_shown_with_what_is_known_and_who_it_is_about(house: House) -> None:
    house.visit("Giulia", "Bianchi", "Officine S.r.l.", 12000)
    with house.engine.transaction(house.now) as tx:
        tx.session.get_one(Lead, 1).notes = "Prefers mornings"
    page = house.client("ada").get("/tasks/1").text
    assert "Plan the visit · Giulia Bianchi" in page
    assert [one["label"] for one in island(page, "schema")["components"]] == [
        "Where?",
        "How many people?",
        "Notes",
    ]
    assert island(page, "data") == {"place": None, "people": None, "lead": {"notes": "Prefers mornings"}}
    facts = re.findall(r"<dt>([^<]+)</dt><dd>(?:<a[^>]*>)?([^<]+)", page)
    assert dict(facts) == {
        "Company": "Officine S.r.l.",
        "Amount": "€12,000",
        "Case": "V-2026-000001",
        "Process": "Customer visit",
        "Role": "Sales",
        "Taken by": "nobody yet",
        "Due": "4 Mar 2026, 10:00",
        "Open since": "2 Mar 2026, 10:00",
    }


def test_labels_and_choices_are_in_the_reader_s_language(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    schema = island(house.client("ada", language="it").get("/tasks/1").text, "schema")
    where, people, notes = schema["components"]
    assert (where["label"], people["label"], notes["label"]) == ("Dove?", "Quante persone?", "Notes")
    assert where["values"] == [
        {"label": "Da noi", "value": "office"},
        {"label": "Dal cliente", "value": "customer"},
    ]


def test_completing_moves_the_case_on_and_says_so(any_house: House) -> None:
    house = any_house
    case_no = house.visit("Giulia", "Bianchi", "Officine S.r.l.")
    visitor = house.client("ada")
    done = answer(visitor, GOOD)
    assert (done.status_code, done.location) == (303, "/")
    assert "Done: Plan the visit · Giulia Bianchi" in visitor.follow(done).text
    with house.engine.transaction(house.now) as tx:
        lead = tx.session.get_one(Lead, 1)
        assert lead.notes == "Bring the samples"
        now_open = tx.session.scalars(select(tables.Task.element).where(tables.Task.state == "open")).all()
    assert now_open == ["call_back"]
    assert "Call the customer" in visitor.get(f"/cases/{case_no}").text


def test_who_also_has_the_next_step_goes_straight_on_with_it(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    assert answer(house.client("both"), GOOD).location == "/tasks/2"


def test_wrong_answers_come_back_with_their_messages_and_what_was_filled_in(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    visitor = house.client("ada")
    refused = answer(visitor, {"place": "moon", "lead.notes": "Bring the samples"})
    assert refused.status_code == 422
    assert "Not saved yet: please look at what is marked." in refused.text
    assert set(island(refused.text, "errors")) == {"place", "people"}
    assert "<strong>How many people?</strong>: " in refused.text
    assert island(refused.text, "data")["lead.notes"] == "Bring the samples"
    assert island(refused.text, "data")["place"] == "moon"
    assert visitor.get("/tasks/1").status_code == 200


def test_messages_at_the_fields_are_in_the_reader_s_language(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    english = island(answer(house.client("ada"), {"place": "office"}).text, "errors")["people"]
    italian = island(answer(house.client("ada", language="it"), {"place": "office"}).text, "errors")["people"]
    assert english != italian


@pytest.mark.parametrize("sent", ["", "{", "[]", "3", '"x"', "null"])
def test_answers_that_cannot_be_read_are_refused_and_change_nothing(house: House, sent: str) -> None:
    house.visit("Giulia", "Bianchi")
    refused = house.client("ada").post("/tasks/1", answers=sent)
    assert refused.status_code == 422
    assert "What was filled in did not arrive as it should." in refused.text
    assert house.client("ada").get("/tasks/1").status_code == 200


def test_a_form_that_did_not_arrive_at_all_is_checked_like_an_empty_one(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    refused = house.client("ada").post("/tasks/1")
    assert refused.status_code == 422
    assert set(island(refused.text, "errors")) == {"place", "people"}


def test_a_task_done_by_somebody_else_says_who_and_when(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi")
    ada = house.client("ada")
    house.later(minutes=42)
    answer(house.client("bruno"), GOOD)
    house.later(minutes=5)
    for late in (ada.get("/tasks/1"), answer(ada, GOOD), ada.post("/tasks/1/claim")):
        assert late.status_code == 409
        assert "Already done by Bruno Verdi at 10:42" in late.text
        assert f"/cases/{case_no}" in late.text
    own = house.client("bruno").get("/tasks/1")
    assert "You have already done this at 10:42" in own.text


def test_a_task_taken_by_somebody_else_can_be_looked_at_but_not_done(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    house.client("bruno").post("/tasks/1/claim")
    ada = house.client("ada")
    page = ada.get("/tasks/1").text
    assert "Bruno Verdi has taken this task." in page
    assert "data-form-readonly" in page
    assert '<button type="submit" class="btn btn-primary">' not in page
    refused = answer(ada, GOOD)
    assert refused.status_code == 409
    assert "“Plan the visit” is in the hands of Bruno Verdi." in refused.text
    assert ada.post("/tasks/1/claim").status_code == 409


def test_a_released_task_goes_back_to_its_role(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    ada = house.client("ada")
    ada.post("/tasks/1/claim")
    assert ada.post("/tasks/1/release", next="/").location == "/"
    assert house.client("bruno").post("/tasks/1/claim").status_code == 303
    assert ada.post("/tasks/1/release").status_code == 409


def test_a_task_of_another_role_is_closed_and_says_whose_it_is(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    carla = house.client("carla")
    looked = carla.get("/tasks/1")
    assert looked.status_code == 403
    assert "This task is for Sales." in looked.text
    assert answer(carla, GOOD).status_code == 403
    assert carla.post("/tasks/1/claim").status_code == 403
    assert house.client("ada").get("/tasks/1").status_code == 200


def test_an_unknown_task_is_not_found(house: House) -> None:
    visitor = house.client("ada")
    assert visitor.get("/tasks/99").status_code == 404
    assert answer(visitor, {}, 99).status_code == 404


def test_a_task_without_a_form_is_done_with_one_button(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    answer(house.client("ada"), GOOD)
    dario = house.client("dario")
    page = dario.get("/tasks/2").text
    assert "There is nothing to fill in: say when it is done." in page
    assert "data-form-schema" not in page
    assert dario.post("/tasks/2").status_code == 303
    carla = house.client("carla", language="it")
    assert "Concorda al 100 %" in carla.get("/tasks/3").text
    assert "Fatto: Concorda al 100 % · Giulia Bianchi" in carla.follow(carla.post("/tasks/3")).text


def test_a_step_that_fails_behind_a_task_leaves_the_task_done_and_says_so(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi")
    ada = house.client("ada")
    done = answer(ada, {**GOOD, "people": 13})
    assert done.status_code == 303
    page = ada.follow(done).text
    assert "Done: Plan the visit" in page
    assert "What comes after it could not be done. Your step is saved" in page
    case = ada.get(f"/cases/{case_no}").text
    assert "“Check the calendar” has failed" in case
    assert "thirteen at the table" not in case


def test_a_case_keeps_the_form_of_the_version_it_began_with(house: House, tmp_path: Any) -> None:
    house.visit("Giulia", "Bianchi")
    (tmp_path / "visit").mkdir()
    for file in (DRAWINGS / "visit").iterdir():
        changed = file.read_text(encoding="utf-8").replace("How many people?", "How many guests?")
        (tmp_path / "visit" / file.name).write_text(changed, encoding="utf-8")
    with house.engine.transaction(house.now) as tx:
        versions.deploy(house.engine, tx, [tmp_path], author="carla", note="Guests")
    house.visit("Marco", "Verdi")
    visitor = house.client("ada")
    labels = [
        island(visitor.get(f"/tasks/{task}").text, "schema")["components"][1]["label"] for task in (1, 2)
    ]
    assert labels == ["How many people?", "How many guests?"]
