"""Bottlenecks: who may see them, and that the figures are those of the history."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine import stalled
from engine.tables import Event
from tests.pages.conftest import House

GOOD = '{"place": "customer", "people": 3}'


def happened(house: House, lead_id: int, kind: str, days_ago: float, amount: int | None = None) -> None:
    """A line of history about a lead, as a process would have written it."""
    at = house.now - timedelta(days=days_ago)
    with house.engine.transaction(house.now) as tx:
        tx.session.add(
            Event(
                type=kind,
                occurred_at=at,
                recorded_at=at,
                subject_kind="lead",
                subject_id=lead_id,
                amount=None if amount is None else Decimal(amount),
                currency=None if amount is None else "EUR",
                counts=True,
            )
        )


def cards(page: str) -> dict[str, list[str]]:
    """Label of each card -> its figure, its change if there is one, and its note."""
    found = {}
    page = page.replace("\N{NO-BREAK SPACE}", " ")
    for card in page.split('<div class="subheader">')[1:]:
        label, rest = card.split("</div>", 1)
        texts = re.findall(r">([^<>]+)<", rest.split("</div>\n      </div>")[0])
        found[label] = [html.unescape(text).strip() for text in texts if text.strip()]
    return found


def charts(page: str) -> list[Any]:
    return [json.loads(one) for one in re.findall(r'<script type="application/json">(.*?)</script>', page)]


def badges(page: str) -> dict[str, tuple[str, str]]:
    found = re.findall(r'data-marks="([^"]*)"', page)
    marks = {k: v for one in found for k, v in json.loads(html.unescape(one)).items()}
    return {id: (mark["class"], mark["badge"]) for id, mark in marks.items()}


@pytest.mark.parametrize(("key", "status"), [("ada", 403), ("dario", 403), ("carla", 200)])
def test_only_those_who_lead_see_the_figures(house: House, key: str, status: int) -> None:
    visitor = house.client(key)
    assert visitor.get("/board").status_code == status
    assert ('href="/board"' in visitor.get("/").text) is (status == 200)


def test_an_empty_house_has_a_board_that_says_so(any_house: House) -> None:
    page = any_house.client("carla").get("/board").text
    shown = cards(page)
    assert shown["Close rate"] == ["–", "nothing qualified in this period"]
    assert shown["First response"][0] == "–"
    assert shown["Won"] == ["€0", "in offers decided in this period"]
    assert shown["Stalled cases"] == ["0", "of 0 open cases"]
    assert charts(page) == []
    assert "Nothing stands still." in page


def test_the_cards_count_what_happened_and_compare_with_the_period_before(any_house: House) -> None:
    house = any_house
    for _ in range(5):
        lead = house.lead("Giulia", "Bianchi")
        happened(house, lead, "lead.received", 31)
        happened(house, lead, "lead.first_response", 30.75)
        happened(house, lead, "lead.qualified", 30)
        if lead <= 2:
            happened(house, lead, "offer.won", 10, 10_000)
    old = house.lead("Marco", "Verdi")
    happened(house, old, "lead.received", 170)
    happened(house, old, "lead.qualified", 119)
    shown = cards(house.client("carla").get("/board?weeks=12").text)
    assert shown["Close rate"] == [
        "40 %",
        "+40 %",
        "2 of 5 qualified, 40 % decided; 95 % interval 12 % to 77 %",
    ]
    assert shown["First response"] == ["6 h", "median of 5 answered leads"]
    assert shown["Won"] == ["€20,000", "+€20,000", "in offers decided in this period"]
    assert cards(house.client("carla").get("/board?weeks=4").text)["Close rate"][0] == "–"
    half_known = cards(house.client("carla").get("/board?weeks=26").text)
    assert half_known["Won"] == ["€20,000", "in offers decided in this period"]
    italian = cards(house.client("carla", language="it").get("/board?weeks=12").text)
    assert (
        italian["Tasso di chiusura"][-1]
        == "2 su 5 qualificati, 40 % decisi; intervallo al 95 % da 12 % a 77 %"
    )
    assert italian["Vinto"][0] == "20.000 €"


def test_each_step_shows_its_open_tasks_and_how_long_they_wait(any_house: House) -> None:
    house = any_house
    for hours in (2, 4, 30):
        house.visit("Giulia", "Bianchi")
        task = {2: 1, 4: 3, 30: 5}[hours]
        house.later(hours=hours)
        house.client("ada").post(f"/tasks/{task}", answers=GOOD)
    house.visit("Marco", "Verdi")
    house.later(days=3)
    assert badges(house.client("carla").get("/board").text) == {
        "plan_visit": ("heat-0", "1 · 4 h"),
        "call_back": ("heat-4", "3 · 4.2 d"),
    }


def test_the_slowest_stage_is_named_in_a_sentence(any_house: House) -> None:
    house = any_house
    for first in range(5):
        house.visit(f"Giulia {first}", "Bianchi")
    house.later(hours=6)
    for task in range(1, 6):
        house.client("ada").post(f"/tasks/{task}", answers=GOOD)
    house.later(days=4)
    for task in range(6, 11):
        house.client("dario").post(f"/tasks/{task}")
    page = html.unescape(house.client("carla").get("/board").text)
    assert "Slowest is “Confirmation”: half of the cases stay longer than 4 d." in page
    times = charts(page)[-1]
    assert times["yAxis"]["data"][0] == "Confirmation"
    assert times["series"][0]["data"][0] == 4.0


def test_stalled_cases_are_listed_with_since_when_where_and_with_whom(house: House) -> None:
    taken, free = house.visit("Giulia", "Bianchi", "Officine S.r.l."), house.visit("Marco", "Verdi")
    house.client("ada").post("/tasks/1/claim")
    house.later(days=5)
    stalled.flag(house.engine, house.now)
    page = house.client("carla").get("/board").text
    listed = page.split('class="list-group list-group-flush stalled"')[1].split("</section>")[0]
    rows = [
        re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", row))) for row in listed.split("<a ")[1:]
    ]
    assert f'href="/cases/{taken}"' in listed
    assert f'href="/cases/{free}"' in listed
    assert "Giulia Bianchi · Officine S.r.l. 2 days ago" in rows[0]
    assert "in “Customer visit” since 2 Mar 2026 · with Ada Rossi" in rows[0]
    assert "with Sales" in rows[1]
    assert cards(page)["Stalled cases"] == ["2", "of 2 open cases"]


def test_cases_per_stage_show_how_many_are_there_and_how_old(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    house.later(days=2)
    page = house.client("carla").get("/board").text
    body = page.split('id="stages"')[1].split("<tbody>")[1].split("</tbody>")[0]
    cells = [
        html.unescape(re.sub(r"<[^>]+>", "", cell)).strip()
        for cell in re.findall(r"<td[^>]*>(.*?)</td>", body)
    ]
    assert cells == ["Customer visit", "1", "–", "–", "2 d"]


def test_a_period_that_is_not_offered_is_the_usual_one(house: House) -> None:
    page = house.client("carla").get("/board?weeks=99999").text
    assert '<option value="12" selected>' in page


def test_three_stalled_cases_need_as_many_queries_as_one(
    house: House, queries: Callable[[Callable[[], object]], int]
) -> None:
    house.visit("Giulia", "Bianchi", "One S.r.l.")
    house.later(days=5)
    stalled.flag(house.engine, house.now)
    carla = house.client("carla")
    carla.get("/board")
    one = queries(lambda: carla.get("/board"))
    house.visit("Marco", "Verdi", "Two S.r.l.")
    house.visit("Elena", "Riva", "Three S.r.l.")
    house.later(days=5)
    stalled.flag(house.engine, house.now)
    assert queries(lambda: carla.get("/board")) == one
    assert 0 < one < 40
