"""A new lead: the form, what it refuses, and the case that begins with it."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine import config, people, versions, worker
from engine.catalog import Catalog, Step
from engine.db import Database
from engine.runtime import Engine
from engine.tables import Event
from engine.values import Value
from processes import catalog
from processes.records import Company, Contact, ContactPoint, Lead
from tests.pages.conftest import NOW, PEOPLE, House, Visitor
from tests.pages.test_browser import SIZES, fits
from web import accounts

BPMN = Path(__file__).resolve().parents[2] / "bpmn"
GIULIA = {
    "name": "Giulia De Luca",
    "company": "Officine De Luca S.r.l.",
    "phone": "02 1234567",
    "email": "giulia@officine.example",
    "need": "Un preventivo.\r\nEntro giugno.",
    "channel": "fair",
    "source": "social",
}


def engine_of(database: Database) -> Engine:
    return Engine(database, catalog(), replace(config.load(config.shipped_file()), language="en"))


def furnish(engine: Engine) -> None:
    """Put the people and the shipped processes in."""
    with engine.transaction(NOW) as tx:
        for key, (name, roles) in {**PEOPLE, "fabio": ("Fabio Leone", ("support_agent",))}.items():
            person = people.ensure(tx, key, name, roles, language="en")
            accounts.set_password(tx, person.id, accounts.DEMO_PASSWORD)
        accounts.mark_demo(tx)
        versions.deploy(engine, tx, [BPMN], author="ada", note="")


@pytest.fixture(scope="session")
def shipped(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the shipped processes deployed, to be copied."""
    file = tmp_path_factory.mktemp("sales") / "house.db"
    shutil.copyfile(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    furnish(engine_of(database))
    database.close()
    return file


@pytest.fixture
def house(shipped: Path, tmp_path: Path) -> Iterator[House]:
    """A house in which the shipped processes run, on a fresh SQLite file."""
    file = tmp_path / "house.db"
    shutil.copyfile(shipped, file)
    database = Database(f"sqlite:///{file}")
    yield House(engine_of(database))
    database.close()


@pytest.fixture
def any_house(database: Database) -> House:
    """The same once on SQLite and once on PostgreSQL."""
    engine = engine_of(database)
    furnish(engine)
    return House(engine)


def form(visitor: Visitor) -> str:
    """The number of a freshly opened form."""
    found = re.search(r'name="form" value="(\w+)"', visitor.get("/leads/new").text)
    assert found
    return found[1]


def refused(answer: TestResponse) -> dict[str, str]:
    """The messages at the fields, by the fields' ids."""
    assert answer.status_code == 422
    found = re.findall(r'class="invalid-feedback[^"]*" id="(\w+)-problem">([^<]+)<', answer.text)
    return {key: html.unescape(text) for key, text in found}


def leads(house: House) -> list[Lead]:
    with house.engine.transaction(house.now, write=False) as tx:
        found = list(tx.session.scalars(select(Lead).order_by(Lead.id)))
        tx.session.expunge_all()
        return found


def test_a_lead_is_let_in_with_all_that_was_filled_in_and_its_case_is_shown(any_house: House) -> None:
    ada = any_house.client("ada")

    answer = ada.post("/leads/new", form=form(ada), **GIULIA)

    assert (answer.status_code, answer.location) == (303, "/cases/L-2026-000001")
    page = ada.follow(answer).text
    assert "The lead is in: L-2026-000001" in page
    assert "Giulia De Luca" in page
    [lead] = leads(any_house)
    assert (lead.channel, lead.source, lead.need) == ("fair", "social", "Un preventivo.\nEntro giugno.")
    assert lead.status == "open"
    with any_house.engine.transaction(any_house.now) as tx:
        contact = tx.session.get_one(Contact, lead.contact_id)
        assert (contact.first_name, contact.last_name) == ("Giulia", "De Luca")
        assert tx.session.get_one(Company, lead.company_id).name == "Officine De Luca S.r.l."
        points = select(ContactPoint.value_norm).where(ContactPoint.contact_id == contact.id)
        assert sorted(tx.session.scalars(points)) == ["+39021234567", "giulia@officine.example"]
        said = tx.session.scalar(select(Event).where(Event.type == "lead.received"))
        assert said is not None
        assert said.actor_id == people.by_key(tx, "ada").id


@pytest.mark.parametrize("key", ["name", "company"])
@pytest.mark.parametrize("reach", ["phone", "email"])
def test_a_name_or_a_company_and_one_way_to_reach_them_are_enough(house: House, key: str, reach: str) -> None:
    dario = house.client("dario")
    few = {key: GIULIA[key], reach: GIULIA[reach], "channel": "phone", "source": "unknown"}
    assert dario.post("/leads/new", form=form(dario), **few).status_code == 303
    [lead] = leads(house)
    assert (lead.source, lead.channel, lead.need) == ("unknown", "phone", None)


def test_what_is_missing_is_said_at_the_fields(house: House) -> None:
    answer = house.client("ada").post("/leads/new", name=" ", channel="phone", source="unknown")
    assert refused(answer) == {
        "name": "Give a name or a company.",
        "phone": "Give a phone number or an e-mail address.",
    }
    assert leads(house) == []


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("phone", "call me", "Give a phone number, such as 02 1234567 or +49 30 1234567."),
        ("phone", "12", "Give a phone number, such as 02 1234567 or +49 30 1234567."),
        ("email", "giulia@", "Give an e-mail address, such as name@example.org."),
        ("email", "giulia at officine.example", "Give an e-mail address, such as name@example.org."),
        ("name", "x" * 101, "At most 100 characters."),
        ("company", "x" * 301, "At most 300 characters."),
        ("need", "x" * 4001, "At most 4000 characters."),
        ("need", "a\0b", "This text holds characters that cannot be stored."),
        ("channel", "pigeon", "Choose one of the given values."),
        ("source", "", "Choose one of the given values."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_let_in(
    house: House, key: str, text: str, message: str
) -> None:
    assert refused(house.client("ada").post("/leads/new", **{**GIULIA, key: text})) == {key: message}
    assert leads(house) == []


def test_a_refused_form_keeps_its_values_and_its_number(house: House) -> None:
    ada = house.client("ada")
    number = form(ada)
    page = ada.post("/leads/new", form=number, **{**GIULIA, "name": '<b>"Giulia"', "email": "no"}).text
    assert f'name="form" value="{number}"' in page
    for key, shown in (("name", "&lt;b&gt;&#34;Giulia&#34;"), ("phone", "02 1234567"), ("email", "no")):
        assert re.search(rf'id="{key}" name="{key}" type="\w+" value="{re.escape(shown)}"', page)
    assert ">\nUn preventivo.\nEntro giugno.</textarea>" in page
    assert 'value="fair" checked' in page
    assert '<option value="social" selected>' in page
    assert page.count(" checked") == 1
    assert 'aria-describedby="email-problem"' in page


def test_the_refusal_is_in_the_reader_s_language_and_changing_it_leads_back_to_the_form(house: House) -> None:
    answer = house.client("ada", language="it").post("/leads/new", channel="phone", source="unknown")
    assert refused(answer) == {
        "name": "Indica un nome o un’azienda.",
        "phone": "Indica un numero di telefono o un indirizzo e-mail.",
    }
    assert 'name="next" value="/leads/new"' in answer.text


def test_sending_the_form_twice_makes_one_lead(any_house: House) -> None:
    ada = any_house.client("ada")
    number = form(ada)
    first = ada.post("/leads/new", form=number, **GIULIA)
    any_house.later(minutes=9)
    second = ada.post("/leads/new", form=number, **GIULIA)
    assert (second.status_code, second.location) == (303, first.location)
    assert len(leads(any_house)) == 1
    any_house.later(days=2)
    assert ada.post("/leads/new", form=number, **GIULIA).location == first.location
    assert len(leads(any_house)) == 1


def test_a_lead_whose_case_cannot_begin_is_not_lost(house: House) -> None:
    def broken(step: Step) -> Mapping[str, Value]:
        raise ValueError("the ledger is closed")

    working = house.engine.catalog.process("intake")
    house.engine.catalog = Catalog([replace(working, receive={"lead.received": broken})])
    ada = house.client("ada")
    number = form(ada)
    for _ in range(2):
        answer = ada.post("/leads/new", form=number, **GIULIA)
        assert answer.status_code == 409
        assert "The lead is written down, but its case could not begin" in answer.text
    house.engine.catalog = catalog()
    worker.tick(house.engine, house.now + timedelta(minutes=1))
    assert len(leads(house)) == 1
    assert ada.post("/leads/new", form=number, **GIULIA).location == "/cases/L-2026-000001"


def test_a_double_click_makes_one_lead(any_house: House) -> None:
    ada = any_house.client("ada")
    fields = {"form": form(ada), "csrf_token": ada.token(), **GIULIA}
    session = ada.client.get_cookie("percorso")
    assert session is not None

    def send(_: int) -> str:
        other = any_house.app.test_client()
        other.set_cookie("percorso", session.value)
        return other.post("/leads/new", data=fields).location

    with ThreadPoolExecutor(4) as clicks:
        assert set(clicks.map(send, range(4))) == {"/cases/L-2026-000001"}
    assert len(leads(any_house)) == 1


def test_another_form_or_a_corrected_one_is_another_lead(house: House) -> None:
    ada = house.client("ada")
    number = form(ada)
    ada.post("/leads/new", form=number, **GIULIA)
    ada.post("/leads/new", form=number, **{**GIULIA, "need": "Two of them"})
    ada.post("/leads/new", form=form(ada), **GIULIA)
    assert len(leads(house)) == 3


def test_a_form_with_a_number_that_is_none_is_taken_as_a_new_one(house: House) -> None:
    ada = house.client("ada")
    for _ in range(2):
        assert ada.post("/leads/new", form="x' OR 1", **GIULIA).status_code == 303
    assert len(leads(house)) == 2


@pytest.mark.parametrize(("key", "may"), [("ada", True), ("carla", True), ("dario", True), ("fabio", False)])
def test_the_button_and_the_form_are_for_marketing_and_sales(house: House, key: str, may: bool) -> None:
    visitor = house.client(key)
    assert ('href="/leads/new"' in visitor.get("/").text) is may
    assert visitor.get("/leads/new").status_code == (200 if may else 403)
    assert visitor.post("/leads/new", **GIULIA).status_code == (303 if may else 403)
    assert len(leads(house)) == may


def test_a_stranger_signs_in_first(house: House) -> None:
    assert house.client().get("/leads/new").location == "/sign-in?next=/leads/new"
    assert house.client().post("/leads/new", **GIULIA).location == "/sign-in"
    assert leads(house) == []


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_somebody_takes_a_lead_down_on_a_desk_and_on_a_phone(
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
    page.get_by_role("button", name="Ada Rossi").click()
    page.get_by_role("link", name="Nuovo lead" if italian else "New lead").click()
    page.get_by_label("Nome" if italian else "Name", exact=True).fill("Giulia Bianchi")
    page.get_by_label("Telefono" if italian else "Phone", exact=True).first.fill("12")
    page.get_by_text("Fiera" if italian else "Fair", exact=True).first.click()
    assert (axe(page), fits(page, width)) == ([], True)
    send = page.get_by_role("button", name="Registra il lead" if italian else "Let the lead in")
    send.click()
    expect(page.locator("#phone-problem")).to_be_visible()
    expect(page.locator("#name")).to_have_value("Giulia Bianchi")
    expect(page.locator("input[value=fair]")).to_be_checked()
    assert (axe(page), fits(page, width)) == ([], True)
    page.locator("#phone").fill("333 1234567")
    send.click()
    said = "Il lead è registrato: L-2026-000001" if italian else "The lead is in: L-2026-000001"
    expect(page.locator("#flashes")).to_contain_text(said)
    expect(page.get_by_role("heading", name="Giulia Bianchi")).to_be_visible()
