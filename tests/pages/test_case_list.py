"""Find a case: by name, company or number, by its state, and in how many queries."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine import stalled
from tests.pages.conftest import House
from tests.pages.test_browser import SIZES, enter, fits
from tests.pages.test_inbox import names
from web import accounts, cases

DONE = '{"place": "office", "people": 2}'
FAILS = '{"place": "office", "people": 13}'


def numbers(page: str) -> list[int]:
    """The running numbers of the listed cases."""
    rows = re.findall(r'<a class="task-name[^>]*href="/cases/V-2026-0*(\d+)"', page)
    return [int(number) for number in rows]


def badges(page: str) -> list[tuple[str, str]]:
    """The dot and the badge of each row."""
    rows = page.split('class="task-row case-row"')[1:]
    found = [
        (re.search(r"due-dot due-(\w+)", row), re.search(r'class="badge[^>]*>([^<]+)<', row)) for row in rows
    ]
    return [(dot[1], badge[1]) for dot, badge in found if dot and badge]


@pytest.fixture
def four(house: House) -> House:
    """One case each: finished, failed, standing still, and just begun."""
    return arrange(house)


def arrange(house: House) -> House:
    house.visit("Giulia", "Bianchi", "Officine Bianchi S.r.l.", 12000)
    for number, (who, answers) in enumerate((("ada", DONE), ("dario", "{}"), ("carla", "{}")), start=1):
        assert house.client(who).post(f"/tasks/{number}", answers=answers).status_code == 303
    house.visit("Marco", "Verdi", "Verdi Impianti S.p.A.")
    house.visit("Sara", "Neri")
    house.later(days=4)
    stalled.flag(house.engine, house.now)
    assert house.client("ada").post("/tasks/4", answers=FAILS).status_code == 303
    house.visit("Paolo", "Conti")
    return house


def test_cases_are_listed_the_newest_first_with_who_what_and_how_they_stand(four: House) -> None:
    page = four.client("ada").get("/cases").text
    assert names(page) == ["Paolo Conti", "Sara Neri", "Marco Verdi", "Giulia Bianchi"]
    assert "V-2026-000001 · Officine Bianchi S.r.l. · Customer visit" in page
    assert "€12,000" in page
    assert badges(page) == [
        ("fine", "open"),
        ("soon", "stalled"),
        ("late", "failed step"),
        ("none", "ended"),
    ]
    assert '<span class="nav-link-title">Cases</span>' in page


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("", [4, 3, 2, 1]),
        ("open", [4, 3, 2]),
        ("finished", [1]),
        ("stalled", [3, 2]),
        ("incident", [2]),
        ("nonsense", [4, 3, 2, 1]),
    ],
)
def test_a_state_shows_its_cases_only(four: House, state: str, wanted: list[int]) -> None:
    assert numbers(four.client("ada").get(f"/cases?state={state}").text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("bianchi", [1]),
        ("GIULIA", [1]),
        ("impianti", [2]),
        ("V-2026-000003", [3]),
        ("v-2026", [4, 3, 2, 1]),
        ("%25", []),
        ("_", []),
        ("nobody", []),
        ("%00", [4, 3, 2, 1]),
    ],
)
def test_search_finds_by_name_company_and_number(four: House, text: str, wanted: list[int]) -> None:
    assert numbers(four.client("ada").get(f"/cases?q={text}").text) == wanted


def test_the_list_works_on_both_databases(any_house: House) -> None:
    visitor = arrange(any_house).client("ada")
    assert numbers(visitor.get("/cases?q=verdi&state=incident").text) == [2]
    assert numbers(visitor.get("/cases?q=v-2026&state=stalled").text) == [3, 2]
    assert numbers(visitor.get("/cases?q=%00").text) == [4, 3, 2, 1]
    assert numbers(visitor.get("/cases?page=99999999999999999999").text) == []


def test_without_a_match_it_says_what_to_do(four: House) -> None:
    page = four.client("ada").get("/cases?q=nobody").text
    assert "No case fits." in page
    assert 'value="nobody"' in page
    italian = four.client("ada", language="it").get("/cases?q=nobody").text
    assert "Cerca qualcos’altro o mostra tutte le pratiche." in italian


def test_without_any_case_it_says_how_one_begins(house: House) -> None:
    assert "No case yet." in house.client("ada").get("/cases").text


def test_older_cases_are_a_page_further_and_the_filter_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "PAGE", 2)
    for number in range(5):
        house.visit("Giulia", f"Bianchi {number}")
    house.visit("Marco", "Verdi")
    visitor = house.client("ada")
    seen, address = [], "/cases?q=bianchi&state=open"
    while address:
        page = visitor.get(address).text
        seen.append(numbers(page))
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(older[1]) if older else ""
    assert seen == [[5, 4], [3, 2], [1]]
    newer = re.search(r'rel="prev" href="([^"]+)"', page)
    assert newer is not None
    assert html.unescape(newer[1]) == "/cases?q=bianchi&state=open&page=2"


@pytest.mark.parametrize("page", ["0", "-3", "x", ""])
def test_a_page_that_is_none_is_the_first_one(four: House, page: str) -> None:
    assert numbers(four.client("ada").get(f"/cases?page={page}").text) == [4, 3, 2, 1]


def test_a_stranger_signs_in_first(four: House) -> None:
    assert four.client().get("/cases?q=bianchi").location == "/sign-in?next=/cases?q%3Dbianchi"


def test_three_cases_need_as_many_queries_as_one(
    house: House, queries: Callable[[Callable[[], object]], int]
) -> None:
    house.visit("Giulia", "Bianchi", "Officine S.r.l.", 100)
    visitor = house.client("ada")
    for address in ("/cases", "/cases?q=v-2026&state=open"):
        visitor.get(address)
    one = [queries(lambda: visitor.get("/cases")), queries(lambda: visitor.get("/cases?q=i&state=open"))]
    for last in ("Verdini", "Nerini"):
        house.visit("Mario", last, last, 100)
    assert len(numbers(visitor.get("/cases?q=i&state=open").text)) == 3
    three = [queries(lambda: visitor.get("/cases")), queries(lambda: visitor.get("/cases?q=i&state=open"))]
    assert three == one
    assert all(0 < count < 25 for count in one)


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_somebody_finds_a_case_on_a_desk_and_on_a_phone(
    four: House,
    address: str,
    page: Page,
    axe: Callable[[Page], list[str]],
    width: int,
    height: int,
    language: str,
) -> None:
    italian = language == "it"
    with four.engine.transaction(four.now) as tx:
        accounts.mark_demo(tx)
    link = "Pratiche" if italian else "Cases"
    enter(page, address, "Carla Neri", link, width, height, italian=italian)
    expect(page.locator(".case-row")).to_have_count(4)
    assert (axe(page), fits(page, width)) == ([], True)
    if width >= 768:
        header = page.locator("header.navbar")
        assert header.evaluate("element => element.offsetHeight") < 70  # One line, not two.
    page.locator(".pill", has_text="Ferme" if italian else "Standing still").click()
    expect(page.locator(".case-row")).to_have_count(2)
    expect(page).to_have_url(re.compile("state=stalled"))
    page.get_by_label("Cerca" if italian else "Search").press_sequentially("neri")
    expect(page.locator(".case-row")).to_have_count(1)
    assert (axe(page), fits(page, width)) == ([], True)
    page.get_by_role("link", name="Sara Neri").click()
    expect(page.get_by_role("heading", name="Sara Neri")).to_be_visible()
