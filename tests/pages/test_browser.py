"""The whole way through the pages in a real browser, on a desk and on a phone, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from engine import stalled
from tests.pages.conftest import House
from web import accounts

SIZES = [(1280, 900), (390, 844)]


@dataclass(frozen=True)
class Words:
    """What the buttons and messages of one language say."""

    tasks: str
    counted: str
    search: str
    claim: str
    plan: str
    open: str
    complete: str
    required: str
    people: str
    choice: str
    done: str
    call: str
    sign_out: str
    nothing: str


WORDS = {
    "en": Words(
        "My tasks",
        "2 open, 0 late",
        "Search",
        "Claim “Plan the visit · Giulia Bianchi”",
        "Plan the visit · Giulia Bianchi",
        "Open “Plan the visit · Giulia Bianchi”, taken by Elena De Luca",
        "Complete",
        "Field is required.",
        "How many people?",
        "At our office",
        "Done: Plan the visit · Giulia Bianchi",
        "Call the customer · Giulia Bianchi",
        "Sign out",
        "No task fits.",
    ),
    "it": Words(
        "Le mie attività",
        "2 aperte, 0 in ritardo",
        "Cerca",
        "Prendi in carico “Pianifica la visita · Giulia Bianchi”",
        "Pianifica la visita · Giulia Bianchi",
        "Apri “Pianifica la visita · Giulia Bianchi”, in carico a Elena De Luca",
        "Completa",
        "Il campo è obbligatorio.",
        "Quante persone?",
        "Da noi",
        "Fatto: Pianifica la visita · Giulia Bianchi",
        "Chiama il cliente · Giulia Bianchi",
        "Esci",
        "Nessuna attività corrisponde.",
    ),
}


def sign_in(page: Page, address: str, name: str, language: str = "en") -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name={"it": "Italiano", "en": "English"}[language]).click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.get_by_role("button", name=name).click()
    expect(page.locator("#tasks")).to_be_visible()


def enter(
    page: Page, address: str, person: str, link: str, width: int, height: int, *, italian: bool
) -> None:
    """Sign in by the demo's button, in a window of that size, and follow a link of the menu."""
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Italiano" if italian else "English").click()
    page.get_by_role("button", name=person).click()
    if width < 768:
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name=link).click()


def fits(page: Page, width: int) -> bool:
    """Nothing makes the page wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


@pytest.fixture
def demo(house: House) -> House:
    """The house as a demo: people can be clicked on the sign-in page."""
    with house.engine.transaction(house.now) as tx:
        accounts.mark_demo(tx)
    return house


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_somebody_signs_in_claims_is_corrected_completes_and_sees_the_case_move_on(
    demo: House, address: str, page: Page, width: int, height: int, language: str
) -> None:
    words = WORDS[language]
    case_no = demo.visit("Giulia", "Bianchi", "Officine Bianchi S.r.l.", 12000)
    demo.visit("Marco", "Verdi", "Verdi Impianti S.p.A.", 48000)
    page.set_viewport_size({"width": width, "height": height})

    sign_in(page, address, "Elena De Luca", language)
    expect(page.get_by_role("heading", name=words.tasks)).to_be_visible()
    expect(page.locator("#heading p")).to_have_text(words.counted)
    assert fits(page, width)

    page.get_by_role("button", name=words.claim).click()
    page.get_by_role("link", name=words.open).click()
    expect(page.get_by_role("heading", name=words.plan)).to_be_visible()
    page.wait_for_selector("[data-ready]")

    page.get_by_role("button", name=words.complete, exact=True).click()
    expect(page.locator(".fjs-form-field-error").first).to_have_text(words.required)
    page.get_by_label(words.people).fill("3")
    page.locator(".fjs-form-field-select .fjs-input-group").click()
    page.get_by_text(words.choice, exact=True).click()
    assert fits(page, width)
    page.get_by_role("button", name=words.complete, exact=True).click()

    expect(page.locator("#flashes")).to_contain_text(words.done)
    expect(page.get_by_role("heading", name=words.call)).to_be_visible()
    page.get_by_role("link", name=case_no).click()
    page.wait_for_selector(".tab-pane.active [data-ready]")
    expect(page.locator(".tab-pane.active .mark-current")).to_have_attribute("data-element-id", "call_back")
    assert fits(page, width)


def test_what_the_server_refuses_stands_at_the_fields_with_what_was_filled_in(
    demo: House, address: str, page: Page
) -> None:
    demo.visit("Giulia", "Bianchi")
    sign_in(page, address, "Ada Rossi")
    page.goto(f"{address}/tasks/1")
    page.wait_for_selector("[data-ready]")
    page.get_by_label("Notes").fill("Bring the samples")
    # As a browser would whose own check has been switched off.
    page.evaluate("document.querySelector('#task-form button.btn-primary').formNoValidate = true")

    with page.expect_response(lambda answer: answer.request.method == "POST") as refused:
        page.get_by_role("button", name="Complete", exact=True).click()

    assert refused.value.status == 422
    page.wait_for_selector("[data-ready]")
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet: please look at what is marked.")
    expect(page.locator(".fjs-form-field-error")).to_have_text(
        ["Please fill this in.", "Please fill this in."]
    )
    expect(page.get_by_label("Notes")).to_have_value("Bring the samples")


def test_the_list_follows_what_is_typed_and_chosen_without_loading_the_page_again(
    demo: House, address: str, page: Page
) -> None:
    demo.visit("Giulia", "Bianchi", "Officine Bianchi S.r.l.")
    demo.visit("Marco", "Verdi")
    sign_in(page, address, "Elena De Luca")
    page.evaluate("window.stayed = true")

    page.get_by_label("Search").press_sequentially("verdi")
    expect(page.locator(".task-row")).to_have_count(1)
    expect(page.get_by_label("Search")).to_be_focused()
    expect(page).to_have_url(re.compile("q=verdi"))
    page.get_by_label("Search").fill("nobody")
    expect(page.locator("#tasks")).to_contain_text("No task fits.")
    page.get_by_label("Search").fill("")
    expect(page.locator(".task-row")).to_have_count(2)
    page.get_by_label("Only mine").check()
    expect(page.locator(".task-row")).to_have_count(0)
    page.get_by_label("Only mine").uncheck()
    page.locator(".pill", has_text="Sales").click()
    expect(page.locator(".pill.active")).to_have_text(re.compile("Sales"))
    page.get_by_role("button", name="Claim “Plan the visit · Marco Verdi”").click()
    expect(page.get_by_role("link", name=re.compile("taken by Elena De Luca"))).to_be_visible()
    assert page.evaluate("window.stayed") is True


def test_the_list_and_claiming_work_without_scripts(demo: House, address: str, page: Page) -> None:
    demo.visit("Giulia", "Bianchi")
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    sign_in(plain, address, "Ada Rossi")
    plain.get_by_label("Search").fill("bianchi")
    plain.get_by_role("button", name="Show", exact=True).click()
    plain.get_by_role("button", name="Claim “Plan the visit · Giulia Bianchi”").click()
    expect(plain).to_have_url(re.compile(r"/\?q=bianchi$"))
    expect(plain.get_by_role("link", name=re.compile("taken by Ada Rossi"))).to_be_visible()
    context.close()


def test_the_menu_and_signing_out_work_on_a_phone(demo: House, address: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, address, "Carla Neri")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Bottlenecks").click()
    expect(page.get_by_role("heading", name="Bottlenecks")).to_be_visible()
    page.get_by_role("button", name="Signed in as Carla Neri").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Who are you today?")).to_be_visible()


def test_a_session_that_has_ended_leads_from_the_list_to_signing_in(
    demo: House, address: str, page: Page
) -> None:
    demo.visit("Giulia", "Bianchi")
    sign_in(page, address, "Ada Rossi")
    page.context.clear_cookies()
    page.get_by_role("button", name=re.compile("Claim")).click()
    expect(page.get_by_role("heading", name="Who are you today?")).to_be_visible()
    expect(page.locator("#flashes")).to_contain_text("You are no longer signed in.")


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_axe_finds_nothing_serious_on_any_page(
    demo: House,
    address: str,
    page: Page,
    axe: Callable[[Page], list[str]],
    width: int,
    height: int,
    language: str,
) -> None:
    case_no = demo.visit("Giulia", "Bianchi", "Officine Bianchi S.r.l.", 12000)
    demo.visit("Marco", "Verdi", "Verdi Impianti S.p.A.", 48000)
    demo.later(days=4)
    stalled.flag(demo.engine, demo.now)
    demo.client("ada").post("/tasks/1", answers='{"place": "office", "people": 13}')
    demo.client("ada").post("/tasks/1", answers='{"place": "office", "people": 3}')
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{address}/sign-in")
    found = {"/sign-in": axe(page)}
    page.get_by_role("button", name={"it": "Italiano", "en": "English"}[language]).click()
    page.get_by_role("button", name="Carla Neri").click()
    for path in (
        "/board",
        "/processes",
        "/processes/visit",
        f"/cases/{case_no}",
        "/cases/V-2026-000002",
        "/no",
    ):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        found[path] = axe(page)
        assert fits(page, width), path
    page.context.clear_cookies()
    sign_in(page, address, "Elena De Luca", language)
    for path in ("/", "/?q=nobody", "/tasks/2", "/tasks/3", "/tasks/1"):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        found[path] = axe(page)
        assert fits(page, width), path
    assert {path: problems for path, problems in found.items() if problems} == {}
