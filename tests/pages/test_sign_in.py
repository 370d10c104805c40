"""Who gets in: passwords, patience, sessions, languages."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from engine import people, tables
from engine.errors import Invalid
from tests.pages.conftest import House
from web import accounts
from web.app import create_app


def wrong(house: House, times: int) -> list[int]:
    visitor = house.client()
    return [visitor.post("/sign-in", key="ada", password="not hers").status_code for _ in range(times)]


def test_signing_in_works_on_both_databases(any_house: House) -> None:
    visitor = any_house.client("ada")
    assert "My tasks" in visitor.get("/").text
    assert wrong(any_house, 1) == [422]


def test_a_stranger_signs_in_first_and_then_gets_the_page_she_asked_for(house: House) -> None:
    visitor = house.client()
    sent = visitor.get("/processes?x=1")
    assert (sent.status_code, sent.location) == (302, "/sign-in?next=/processes?x%3D1")
    entered = visitor.post("/sign-in", key="ada", password="percorso", next="/processes?x=1")
    assert (entered.status_code, entered.location) == (303, "/processes?x=1")
    assert "Ada Rossi" in visitor.follow(entered).text


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\nb"]
)
def test_signing_in_never_leads_to_another_site(house: House, elsewhere: str) -> None:
    entered = house.client().post("/sign-in", key="ada", password="percorso", next=elsewhere)
    assert entered.location == "/"


def test_a_wrong_password_and_an_unknown_name_are_told_the_same(house: House) -> None:
    for key in ("ada", "nobody"):
        refused = house.client().post("/sign-in", key=key, password="not hers")
        assert refused.status_code == 422
        assert "That name and password do not belong together." in refused.text


def test_the_name_is_read_without_case_and_blanks(house: House) -> None:
    assert house.client().post("/sign-in", key=" ADA ", password="percorso").status_code == 303


def test_after_too_many_wrong_passwords_the_account_waits_even_for_the_right_one(house: House) -> None:
    attempts = house.engine.settings.sign_in_attempts
    assert wrong(house, attempts + 1) == [422] * attempts + [429]
    refused = house.client().post("/sign-in", key="ada", password="percorso")
    assert refused.status_code == 429
    assert "Too many wrong passwords. Try again at 10:15." in refused.text
    house.later(minutes=14)
    assert house.client().post("/sign-in", key="ada", password="percorso").status_code == 429
    house.later(minutes=1)
    assert house.client().post("/sign-in", key="ada", password="percorso").status_code == 303


def test_one_account_waiting_leaves_the_others_alone(house: House) -> None:
    wrong(house, house.engine.settings.sign_in_attempts)
    assert house.client().post("/sign-in", key="bruno", password="percorso").status_code == 303


def test_the_right_password_forgets_the_wrong_ones(house: House) -> None:
    attempts = house.engine.settings.sign_in_attempts
    wrong(house, attempts - 1)
    house.client("ada")
    assert wrong(house, attempts) == [422] * attempts


def test_passwords_are_kept_as_argon2_hashes_only(house: House) -> None:
    with house.engine.transaction(house.now) as tx:
        hashes = tx.session.scalars(select(accounts.Account.password_hash)).all()
    assert len(set(hashes)) == 6
    assert all(kept.startswith("$argon2id$") for kept in hashes)


def test_a_short_password_is_refused(house: House) -> None:
    with pytest.raises(Invalid, match="at least 8 characters"), house.engine.transaction(house.now) as tx:
        accounts.set_password(tx, people.by_key(tx, "ada").id, "1234567")


def test_a_new_password_ends_the_sessions_of_the_old_one(house: House) -> None:
    visitor = house.client("ada")
    assert visitor.get("/").status_code == 200
    with house.engine.transaction(house.now) as tx:
        accounts.set_password(tx, people.by_key(tx, "ada").id, "another password")
    assert visitor.get("/").location == "/sign-in"


def test_a_person_who_has_left_is_out_at_once(house: House) -> None:
    visitor = house.client("ada")
    with house.engine.transaction(house.now) as tx:
        tx.session.get_one(tables.Person, people.by_key(tx, "ada").id).active = False
    assert visitor.get("/").location == "/sign-in"
    assert visitor.post("/sign-in", key="ada", password="percorso").status_code == 422


def test_signing_out_closes_every_page(house: House) -> None:
    visitor = house.client("ada")
    assert visitor.post("/sign-out").location == "/sign-in"
    assert visitor.get("/").location == "/sign-in"


def test_a_form_without_its_token_does_nothing(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi")
    visitor = house.client("ada")
    refused = visitor.client.post("/tasks/1/claim")
    assert refused.status_code == 400
    assert "This page was open for too long." in refused.text
    assert "was taken" not in visitor.get(f"/cases/{case_no}").text


def test_a_form_sent_after_signing_out_asks_to_sign_in_again(house: House) -> None:
    visitor = house.client()
    answer = visitor.post("/tasks/1/claim")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "You are no longer signed in." in visitor.follow(answer).text


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(house: House) -> None:
    answer = house.client().post("/sign-in", key="ada", password="percorso")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("percorso=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_secret_outlives_the_server(house: House) -> None:
    again = create_app(house.engine, clock=lambda: house.now)
    assert again.secret_key == house.app.secret_key
    assert len(str(again.secret_key)) == 64


def test_a_configured_secret_is_used_and_not_stored(house: House) -> None:
    with house.engine.transaction(house.now) as tx:
        assert accounts.secret(tx, "from the settings") == "from the settings"
        assert accounts.secret(tx, "") == house.app.secret_key


def test_only_a_demo_shows_its_people_and_its_password(house: House) -> None:
    assert "Ada Rossi" not in house.client().get("/sign-in").text
    with house.engine.transaction(house.now) as tx:
        accounts.mark_demo(tx)
    page = house.client().get("/sign-in").text
    # In the order of their roles in the settings, so that those who have tasks come first.
    assert re.findall(r'name="key" value="(\w+)"', page) == [
        "dario",
        "both",
        "ada",
        "bruno",
        "carla",
        "diana",
    ]
    assert "Everybody's password in this demo is “percorso”." in page


def test_the_language_is_kept_for_the_person(house: House) -> None:
    house.client("ada", language="it")
    with house.engine.transaction(house.now) as tx:
        assert people.by_key(tx, "ada").language == "it"
    visitor = house.client()
    visitor.client.delete_cookie("percorso")
    visitor.post("/sign-in", key="ada", password="percorso")
    page = visitor.get("/").text
    assert '<html lang="it">' in page
    assert "Le mie attività" in page


def test_changing_the_language_stays_on_the_page(house: House) -> None:
    visitor = house.client("ada")
    assert visitor.post("/language", language="it", next="/processes").location == "/processes"
    assert '<h1 class="page-title me-auto">Processi</h1>' in visitor.get("/processes").text
    assert visitor.post("/language", language="xx", next="/processes").location == "/processes"
    assert '<h1 class="page-title me-auto">Processi</h1>' in visitor.get("/processes").text
