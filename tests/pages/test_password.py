"""One's own account: another password, another language."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from werkzeug.test import TestResponse

from engine import people
from tests.pages.conftest import House, Visitor
from tests.pages.test_browser import SIZES, fits
from web import accounts

OLD, NEW = accounts.DEMO_PASSWORD, "seven blue horses"


def change(visitor: Visitor, old: str = OLD, new: str = NEW, again: str | None = None) -> TestResponse:
    return visitor.post("/account", old=old, new=new, again=new if again is None else again)


def problems(answer: TestResponse) -> dict[str, str]:
    found = re.findall(r'class="invalid-feedback" id="(\w+)-problem">([^<]+)<', answer.text)
    return {key: html.unescape(text) for key, text in found}


def signs_in(house: House, password: str) -> bool:
    return house.client().post("/sign-in", key="ada", password=password).status_code == 303


def test_the_new_password_counts_from_now_on_and_the_old_one_no_longer(any_house: House) -> None:
    ada = any_house.client("ada")
    answer = change(ada)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Your password is changed." in ada.follow(answer).text
    assert signs_in(any_house, NEW)
    assert not signs_in(any_house, OLD)


def test_this_browser_stays_signed_in_and_the_others_do_not(house: House) -> None:
    ada, elsewhere = house.client("ada"), house.client("ada")
    change(ada)
    assert ada.get("/").status_code == 200
    assert elsewhere.get("/").location == "/sign-in"


def test_only_who_knows_the_old_password_gets_a_new_one(house: House) -> None:
    answer = change(house.client("ada"), old="not hers")
    assert (answer.status_code, problems(answer)) == (422, {"old": "This is not your password."})
    assert not signs_in(house, NEW)
    assert signs_in(house, OLD)


def test_a_colleague_s_password_stays_as_it_was(house: House) -> None:
    change(house.client("bruno"))
    assert signs_in(house, OLD)


@pytest.mark.parametrize(
    ("new", "again", "wanted"),
    [
        ("1234567", None, {"new": "A password needs at least 8 characters."}),
        ("", None, {"new": "A password needs at least 8 characters."}),
        (NEW, "seven blue horse", {"again": "This is not the same as the new password."}),
        (NEW, "", {"again": "This is not the same as the new password."}),
    ],
)
def test_a_short_or_mistyped_password_is_refused_and_no_attempt_is_counted(
    house: House, new: str, again: str | None, wanted: dict[str, str]
) -> None:
    ada = house.client("ada")
    for _ in range(house.engine.settings.sign_in_attempts + 1):
        answer = change(ada, new=new, again=again)
        assert (answer.status_code, problems(answer)) == (422, wanted)
    assert change(ada).status_code == 303


def test_wrong_attempts_count_together_with_those_of_signing_in(house: House) -> None:
    ada, attempts = house.client("ada"), house.engine.settings.sign_in_attempts
    stranger = house.client()
    for _ in range(attempts - 3):
        assert stranger.post("/sign-in", key="ada", password="not hers").status_code == 422
    assert [change(ada, old="not hers").status_code for _ in range(3)] == [422] * 3

    answer = change(ada)

    assert answer.status_code == 429
    assert problems(answer) == {"old": "Too many wrong passwords. Try again at 10:15."}
    assert not signs_in(house, OLD)
    house.later(minutes=15)
    assert change(ada).status_code == 303


def test_the_passwords_typed_are_never_sent_back(house: House) -> None:
    page = change(house.client("ada"), old="not hers 123").text
    assert "not hers 123" not in page
    assert NEW not in page


def test_the_language_is_changed_and_kept(house: House) -> None:
    ada = house.client("ada")
    answer = ada.post("/language", language="it", next="/account")
    assert answer.location == "/account"
    assert "Il mio account" in ada.follow(answer).text
    with house.engine.transaction(house.now) as tx:
        assert people.by_key(tx, "ada").language == "it"
    refused = change(ada, new="short")
    assert problems(refused) == {"new": "Una password ha almeno 8 caratteri."}
    assert 'name="next" value="/account"' in refused.text


def test_only_a_demo_says_what_another_password_means_for_it(house: House) -> None:
    ada = house.client("ada")
    assert "This is a demo" not in ada.get("/account").text
    with house.engine.transaction(house.now) as tx:
        accounts.mark_demo(tx)
    assert "This is a demo" in ada.get("/account").text


def test_a_stranger_signs_in_first(house: House) -> None:
    assert house.client().get("/account").location == "/sign-in?next=/account"
    assert change(house.client()).location == "/sign-in"


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_somebody_changes_her_password_on_a_desk_and_on_a_phone(
    house: House,
    address: str,
    page: Page,
    axe: Callable[[Page], list[str]],
    width: int,
    height: int,
    language: str,
) -> None:
    italian = language == "it"
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Italiano" if italian else "English").click()
    page.get_by_label("Nome utente" if italian else "Name to sign in").fill("ada")
    page.get_by_label("Password").fill(OLD)
    page.get_by_role("button", name="Accedi" if italian else "Sign in").click()
    page.get_by_role("button", name=re.compile("Ada Rossi")).click()
    page.get_by_role("link", name="Il mio account" if italian else "My account").click()
    assert (axe(page), fits(page, width)) == ([], True)
    save = page.get_by_role("button", name="Cambia la password" if italian else "Change the password")
    page.locator("#old").fill("not hers")
    page.locator("#new").fill(NEW)
    page.locator("#again").fill(NEW)
    save.click()
    expect(page.locator("#old-problem")).to_be_visible()
    assert (axe(page), fits(page, width)) == ([], True)
    page.locator("#old").fill(OLD)
    page.locator("#new").fill(NEW)
    page.locator("#again").fill(NEW)
    save.click()
    expect(page.locator("#flashes")).to_contain_text("è cambiata" if italian else "is changed")
    page.locator("label.pill", has_text="English" if italian else "Italiano").click()
    page.get_by_role("button", name="Cambia la lingua" if italian else "Change the language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en" if italian else "it")
