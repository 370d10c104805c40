"""What goes wrong is said in words, never with a traceback; and what every answer carries."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import text

from engine.errors import NotFound
from tests.pages.conftest import House


def test_an_unknown_page_says_so_and_leads_back(house: House) -> None:
    answer = house.client("ada").get("/no/such/page")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text
    assert "To my tasks" in answer.text


def test_an_address_opened_the_wrong_way_says_so(house: House) -> None:
    answer = house.client("ada").get("/tasks/1/claim")
    assert answer.status_code == 405
    assert "This address is not meant to be opened like that." in answer.text


def test_a_refusal_is_translated_with_its_remedy_and_its_names(house: House) -> None:
    answer = house.client("ada", language="it").get("/cases/L-1999-000001")
    assert answer.status_code == 404
    assert "Non c’è nessuna pratica “L-1999-000001”." in answer.text
    assert "Indica un numero di pratica" in answer.text


def test_names_with_signs_of_formatting_never_break_a_page(house: House) -> None:
    def refuse() -> str:
        raise NotFound("x", "There is no case “{case}”.", case="100 % {sure} %(really)s <b>")

    house.app.add_url_rule("/refuse", "refuse", refuse)
    answer = house.client("ada").get("/refuse")
    assert answer.status_code == 404
    assert "There is no case “100 % {sure} %(really)s &lt;b&gt;”." in answer.text


def test_our_own_fault_gives_a_number_and_the_log_has_the_rest(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> str:
        raise RuntimeError("a secret detail")

    house.app.add_url_rule("/fail", "fail", fail)
    with caplog.at_level(logging.ERROR):
        answer = house.client("ada").get("/fail")
    assert answer.status_code == 500
    assert "Something went wrong here." in answer.text
    assert "Traceback" not in answer.text
    assert "secret detail" not in answer.text
    record = next(one for one in caplog.records if one.message.startswith("incident "))
    assert record.message.split()[1] in answer.text
    assert record.exc_text is not None
    assert "a secret detail" in record.exc_text


def test_a_database_that_is_gone_is_said_in_words(house: House) -> None:
    visitor = house.client("ada")
    with house.engine.transaction(house.now) as tx:
        tx.session.execute(text("DROP TABLE accounts"))
    answer = visitor.get("/")
    assert answer.status_code == 500
    assert "no such table: accounts" in answer.text
    assert "percorso db upgrade" in answer.text
    assert "Traceback" not in answer.text


def test_every_answer_carries_the_headers_that_protect_it(house: House) -> None:
    headers = house.client("ada").get("/").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert "script-src" not in policy
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_no_page_holds_a_script_or_a_handler_of_its_own(house: House) -> None:
    case_no = house.visit("Giulia", "Bianchi")
    visitor = house.client("ada")
    for address in ("/", "/tasks/1", f"/cases/{case_no}", "/processes", "/processes/visit"):
        page = visitor.get(address).text
        scripts = [part.split(">")[0] for part in page.split("<script")[1:]]
        assert all("src=" in script or 'type="application/json"' in script for script in scripts), address
        assert " onclick=" not in page
        assert "javascript:" not in page


def test_built_files_are_kept_by_the_browser_for_a_year(house: House) -> None:
    page = house.client().get("/sign-in").text
    script = page.split('<script type="module" src="')[1].split('"')[0]
    answer = house.client().get(script)
    assert answer.status_code == 200
    assert answer.cache_control.max_age == 365 * 24 * 3600


def test_health_answers_without_signing_in(house: House) -> None:
    answer = house.client().get("/health")
    assert (answer.status_code, answer.text) == (200, "ok\n")
