"""My tasks: what is listed, narrowed down, claimed, and in how many queries."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from tests.pages.conftest import House


def names(page: str) -> list[str]:
    """Task and subject of each row, as read."""
    rows = re.findall(r'<a class="task-name[^>]*>(.*?)</a>', page)
    return [html.unescape(re.sub(r"\s+", " ", row).strip()) for row in rows]


def dues(page: str) -> list[tuple[str, str]]:
    """State and words of each row's badge."""
    rows = page.split('class="task-row"')[1:]
    found = (re.search(r'<time class="due due-(\w+)"[^>]*>([^<]+)<', row) for row in rows)
    return [(one[1], one[2]) for one in found if one]


def test_the_most_urgent_task_comes_first_with_its_customer_company_process_and_role(
    any_house: House,
) -> None:
    house = any_house
    house.visit("Giulia", "Bianchi", "Officine Bianchi S.r.l.", 12000)
    house.later(hours=5)
    house.visit("Marco", "Verdi", "Verdi Impianti S.p.A.")
    page = house.client("ada").get("/").text
    assert names(page) == ["Plan the visit · Giulia Bianchi", "Plan the visit · Marco Verdi"]
    assert "Officine Bianchi S.r.l. · Customer visit · Sales" in page
    assert "€12,000" in page
    assert "2 open, 0 late" in page


def test_late_soon_and_later_have_their_colours_and_words(house: House) -> None:
    for first in ("Late", "Soon", "Later"):
        house.visit(first, "Bianchi")
        house.later(days=1)
    assert dues(house.client("ada").get("/").text) == [
        ("late", "1 day ago"),
        ("soon", "now"),
        ("fine", "in 1 day"),
    ]
    assert "3 open, 1 late" in house.client("ada").get("/").text
    assert dues(house.client("ada", language="it").get("/").text)[0] == ("late", "1 giorno fa")


def test_a_person_sees_the_tasks_of_her_roles_only(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    assert len(names(house.client("ada").get("/").text)) == 1
    page = house.client("carla").get("/").text
    assert names(page) == []
    assert "All done!" in page


def test_what_a_colleague_has_taken_is_out_of_the_way(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    house.client("bruno").post("/tasks/1/claim")
    assert names(house.client("ada").get("/").text) == []
    assert names(house.client("bruno").get("/").text) == ["Plan the visit · Giulia Bianchi"]


def test_claiming_shows_whose_it_is_and_keeps_the_list_as_it_was(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    visitor = house.client("ada")
    answer = visitor.post("/tasks/1/claim", next="/?role=sales_rep")
    assert (answer.status_code, answer.location) == (303, "/?role=sales_rep")
    page = visitor.follow(answer).text
    assert "Open “Plan the visit · Giulia Bianchi”, taken by Ada Rossi" in page
    assert ">AR</span>Open" in page


def test_only_mine_leaves_out_what_nobody_has_taken(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    house.visit("Marco", "Verdi")
    visitor = house.client("ada")
    visitor.post("/tasks/2/claim")
    assert names(visitor.get("/?mine=1").text) == ["Plan the visit · Marco Verdi"]


@pytest.mark.parametrize("text", ["bianchi", "GIULIA", "officine"])
def test_search_finds_by_name_and_company(house: House, text: str) -> None:
    house.visit("Giulia", "Bianchi", "Officine S.r.l.")
    house.visit("Marco", "Verdi", "Impianti S.p.A.")
    assert names(house.client("ada").get(f"/?q={text}").text) == ["Plan the visit · Giulia Bianchi"]


def test_a_search_without_a_match_says_what_to_do(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    page = house.client("ada").get("/?q=100%25_nobody").text
    assert names(page) == []
    assert "No task fits." in page
    assert 'value="100%_nobody"' in page


def test_roles_are_counted_and_choosing_one_shows_its_tasks_only(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    ada = house.client("ada")
    ada.post("/tasks/1", answers='{"place": "office", "people": 2}')
    house.visit("Marco", "Verdi")
    both = house.client("both")
    page = both.get("/").text
    assert re.findall(r'value="(\w+)"(?: checked)?>([^<]+) <span class="count">(\d+)', page) == [
        ("sales_office", "Sales office", "1"),
        ("sales_rep", "Sales", "1"),
    ]
    assert names(both.get("/?role=sales_office").text) == ["Call the customer · Giulia Bianchi"]


def test_a_role_that_is_not_hers_is_no_way_around(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    assert names(house.client("carla").get("/?role=sales_rep").text) == []


def test_more_tasks_than_fit_are_shown_on_demand(house: House) -> None:
    for number in range(51):
        house.visit("Giulia", f"Bianchi {number}")
    visitor = house.client("ada")
    page = visitor.get("/?q=bianchi").text
    assert len(names(page)) == 50
    more = re.search(r'<a class="btn" href="([^"]+)"[^>]*>Show more', page)
    assert more is not None
    assert html.unescape(more[1]) == "/?q=bianchi&limit=100"
    assert len(names(visitor.get(html.unescape(more[1])).text)) == 51
    assert "Show more" not in visitor.get("/?q=bianchi&limit=100").text


def test_names_of_steps_and_customers_come_from_data_in_the_reader_s_language(house: House) -> None:
    house.visit("100 %", "{name} <b>", "Rossi & Figli")
    page = house.client("ada", language="it").get("/").text
    assert names(page) == ["Pianifica la visita · 100 % {name} <b>"]
    assert "Rossi &amp; Figli · Visita al cliente · Commerciale" in page


def test_three_tasks_need_as_many_queries_as_one(
    house: House, queries: Callable[[Callable[[], object]], int]
) -> None:
    house.visit("Giulia", "Bianchi", "Officine S.r.l.", 100)
    visitor = house.client("ada")
    visitor.post("/tasks/1/claim")
    visitor.get("/")
    one = queries(lambda: visitor.get("/"))
    for last in ("Verdi", "Neri"):
        house.visit("Marco", last, last, 100)
        visitor.post(f"/tasks/{2 if last == 'Verdi' else 3}/claim")
    assert len(names(visitor.get("/").text)) == 3
    assert queries(lambda: visitor.get("/")) == one
    assert 0 < one < 25
