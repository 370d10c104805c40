"""One case: where it stands, what happened, why it does not move."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from engine import stalled, worker
from engine.runtime import start
from tests.pages.conftest import House

GOOD = '{"place": "customer", "people": 3}'


def marks(page: str) -> list[dict[str, Any]]:
    """The marks of each diagram, as classes by element."""
    found = re.findall(r'data-marks="([^"]*)"', page)
    return [{id: mark["class"] for id, mark in json.loads(html.unescape(one)).items()} for one in found]


def history(page: str) -> list[str]:
    """The lines of history, the newest first, each with who did it."""
    lines = page.split('<ol class="history')[1].split("</ol>")[0].split("<li>")[1:]
    return [html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line))).strip() for line in lines]


def test_the_diagram_marks_what_was_passed_and_where_the_case_stands(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi")
    assert marks(house.client("ada").get(f"/cases/{case_no}").text) == [
        {"visit_wanted": "done", "plan_visit": "current", "plan_late": "current"}
    ]


def test_a_called_process_has_a_diagram_of_its_own_and_is_marked_where_it_is_called(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi")
    ada = house.client("ada")
    ada.post("/tasks/1", answers=GOOD)
    page = ada.get(f"/cases/{case_no}").text
    outer, inner = marks(page)
    assert (outer["plan_visit"], outer["check_calendar"], outer["confirm_date"]) == (
        "done",
        "done",
        "current",
    )
    assert inner == {"date_set": "done", "call_back": "current"}
    tabs = re.findall(r'class="nav-link( active)?" data-bs-toggle="tab"[^>]*>([^<]+)<', page)
    assert tabs == [("", "Customer visit"), (" active", "Confirmation")]


def test_history_says_in_words_what_happened_when_and_by_whom(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi")
    ada = house.client("ada")
    house.later(hours=1)
    ada.post("/tasks/1/claim")
    house.later(hours=1)
    ada.post("/tasks/1", answers=GOOD)
    lines = history(ada.get(f"/cases/{case_no}").text)
    assert "“Plan the visit” was done 2 Mar 2026, 12:00 · Ada Rossi" in lines
    assert "“Plan the visit” was taken 2 Mar 2026, 11:00 · Ada Rossi" in lines
    assert lines[-1].startswith("The case began 2 Mar 2026, 10:00")
    italian = history(house.client("ada", language="it").get(f"/cases/{case_no}").text)
    assert "“Pianifica la visita” è stata completata 2 mar 2026, 12:00 · Ada Rossi" in italian


def test_it_shows_open_tasks_with_who_has_them_and_timers_with_their_time(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi", "Officine S.r.l.", 12000)
    ada = house.client("ada")
    ada.post("/tasks/1/claim")
    page = ada.get(f"/cases/{case_no}").text
    now = page.split('id="now"')[1].split("</section>")[0]
    words = html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", now)))
    assert "Plan the visit Sales · Ada Rossi in 2 days" in words
    assert "Too late waits until 7 Mar 2026, 10:00" in words
    assert "Officine S.r.l. · Customer visit · V-2026-000001" in page
    assert "€12,000" in page


def test_variables_are_shown_as_values_never_as_markup(house: House) -> None:
    lead_id = house.lead("Giulia", "Bianchi")
    with house.engine.transaction(house.now) as tx:
        data = {"lead_id": lead_id, "code": "<script>x</script>", "urgent": True, "nothing": None}
        case_no = start(house.engine, tx, "visit", data).case_no
    page = house.client("ada").get(f"/cases/{case_no}").text
    rows = re.findall(r"<code>([^<]+)</code></td><td[^>]*>([^<]*)<", page)
    assert dict(rows) == {
        "code": "&lt;script&gt;x&lt;/script&gt;",
        "lead_id": str(lead_id),
        "nothing": "–",
        "urgent": "yes",
    }


def test_a_stalled_case_says_since_when_and_why(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi")
    house.later(days=4)
    assert stalled.flag(house.engine, house.now) == 1
    page = house.client("ada").get(f"/cases/{case_no}").text
    assert "This case has stood still since 5 Mar 2026, 10:00." in page
    assert "It has been in “Customer visit” since 2 Mar 2026, 10:00, longer than the limit of 3 d." in page
    assert "It waits for: Plan the visit." in page
    assert marks(page)[0]["plan_visit"] == "stalled"
    assert (
        "È in “Visita” dal 2 mar 2026, 10:00"
        in house.client("ada", language="it").get(f"/cases/{case_no}").text
    )


def test_a_failed_step_is_named_with_its_reason(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi")
    ada = house.client("ada")
    ada.post("/tasks/1", answers='{"place": "office", "people": 13}')
    page = ada.get(f"/cases/{case_no}").text
    alert = page.split('class="alert alert-danger"')[1].split("</div>\n</div>")[0]
    assert "“Check the calendar” has failed." in html.unescape(alert)
    assert "The service “check_calendar” stopped with ValueError" in html.unescape(alert)
    assert marks(page)[0]["check_calendar"] == "incident"


def test_a_finished_case_says_when_it_ended_and_waits_for_nothing(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi")
    house.later(days=1)
    house.client("ada").post("/tasks/1", answers=GOOD)
    house.client("dario").post("/tasks/2")
    house.client("carla").post("/tasks/3")
    page = house.client("ada").get(f"/cases/{case_no}").text
    assert '<span class="badge bg-green-lt">ended</span>' in page
    assert "<dt>Ended</dt><dd>3 Mar 2026, 10:00</dd>" in page
    assert 'id="now"' not in page
    assert marks(page)[0]["visit_done"] == "done"


def test_a_timer_that_fired_is_part_of_the_history(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi")
    house.later(days=6)
    worker.tick(house.engine, house.now)
    page = house.client("ada").get(f"/cases/{case_no}").text
    assert marks(page)[0]["planned_late"] == "done"
    assert "waits until" not in page


def test_other_cases_of_the_same_customer_are_one_click_away(house: House) -> None:
    first = house.visit("Giulia", "Bianchi")
    with house.engine.transaction(house.now) as tx:
        second = start(house.engine, tx, "visit", {"lead_id": 1}).case_no
    page = house.client("ada").get(f"/cases/{first}").text
    related = page.split('id="related"')[1].split("</section>")[0]
    assert f'href="/cases/{second}"' in related
    assert first not in related


@pytest.mark.parametrize("number", ["V-2026-999999", "0", "%2e%2e", "<b>"])
def test_an_unknown_case_is_not_found(house: House, number: str) -> None:
    assert house.client("ada").get(f"/cases/{number}").status_code == 404


def test_a_long_history_is_shown_in_part_until_asked_for(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi")
    ada = house.client("ada")
    for _ in range(30):
        ada.post("/tasks/1/claim")
        ada.post("/tasks/1/release")
    page = ada.get(f"/cases/{case_no}").text
    assert len(history(page)) == 50
    assert "Show everything" in page
    everything = history(ada.get(f"/cases/{case_no}?history=all").text)
    assert len(everything) > 60
    assert everything[-1].startswith("The case began")
