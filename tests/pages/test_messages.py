"""Messages that no case has taken: who sees them, what they show, attached, tried again, dismissed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine import messages, people
from engine.diagrams import read
from engine.runtime import start
from engine.tables import InboundMessage, Version
from engine.xml import parse
from tests.engine.drawing import both, bpmn, catch, end, user
from tests.engine.drawing import start as begin
from tests.pages.conftest import House
from tests.pages.test_browser import SIZES, enter, fits
from web import accounts
from web import messages as page_of

REPLY = bpmn(
    "reply", begin("begin"), catch("answered", "offer.reply"), user("read"), end("done"),
    "begin > answered > read > done",
)  # fmt: skip
TWO = bpmn(
    "two", begin("begin"), both("split"), catch("first_answer", "survey"), catch("second_answer", "survey"), end("e"),
    end("f"), "begin > split > first_answer > e", "split > second_answer > f",
)  # fmt: skip
PAYLOAD = {"text": "Please call Giulia", "amount": 1200.5, "agreed": True, "lines": [{"a": 1}]}


def deploy(house: House, *xmls: str) -> None:
    with house.engine.transaction(house.now) as tx:
        for xml in xmls:
            (drawing,) = read(parse(xml.encode(), "test.bpmn"), "test.bpmn")
            tx.session.add(
                Version(
                    process=drawing.process, number=1, name=drawing.name, file="test.bpmn", checksum="1",
                    xml=xml.encode(), forms={}, decisions={}, texts={}, author=None, note="", created_at=house.now,
                )
            )  # fmt: skip


def waits(house: House, process: str = "reply", **data: Any) -> str:
    with house.engine.transaction(house.now) as tx:
        return start(house.engine, tx, process, data).case_no


def arrive(house: House, keys: Mapping[str, object], name: str = "offer.reply") -> int:
    return messages.receive(house.engine, house.now, name, keys, PAYLOAD).message_id


def state(house: House, message_id: int) -> tuple[str, str | None]:
    with house.engine.transaction(house.now, write=False) as tx:
        row = tx.session.get_one(InboundMessage, message_id)
        return row.match_state, row.note


@pytest.fixture
def mail(house: House) -> House:
    return arrange(house)


def arrange(house: House) -> House:
    """One message that two cases wait for, one that nobody waits for."""
    deploy(house, REPLY, TWO)
    lead = house.lead("Giulia", "Bianchi", "Officine Bianchi S.r.l.")
    for _ in range(2):
        waits(house, lead_id=lead)
    arrive(house, {"lead_id": lead})
    arrive(house, {"lead_id": 99})
    house.later(hours=2)
    return house


@pytest.mark.parametrize(("key", "may"), [("carla", True), ("ada", False), ("dario", False)])
def test_the_messages_are_for_managers(mail: House, key: str, may: bool) -> None:
    visitor = mail.client(key)
    assert ('href="/messages"' in visitor.get("/").text) is may
    for address in ("/messages", "/messages/1"):
        assert visitor.get(address).status_code == (200 if may else 403)
    for act, fields in (
        ("attach", {"case": "C-2026-000001"}), ("attach", {"case": ""}), ("retry", {}), ("dismiss", {"reason": "x"}),
    ):  # fmt: skip
        answer = visitor.post(f"/messages/2/{act}", **fields)
        assert (answer.status_code != 403) is may
    assert mail.client().get("/messages").location == "/sign-in?next=/messages"


def test_the_list_shows_name_keys_reason_and_state(mail: House) -> None:
    page = mail.client("carla").get("/messages").text
    assert re.findall(r'href="/messages/(\d)">([^<]+)<', page) == [("1", "offer.reply"), ("2", "offer.reply")]
    assert "lead_id = 1" in page
    assert "Several cases wait for it, and its keys do not tell which one is meant." in page
    assert re.findall(r'class="badge[^>]*>([^<]+)<', page) == ["not delivered", "nobody waits for it"]
    assert "2 hours ago" in page
    assert "Giulia" not in page.split("<main")[1]


def test_what_it_carries_is_shown_to_those_who_may_see_it(mail: House) -> None:
    with mail.engine.transaction(mail.now) as tx:
        boss = people.ensure(tx, "boss", "Elena Riva", ["management"], language="en")
        accounts.set_password(tx, boss.id, accounts.DEMO_PASSWORD)
    seen = mail.client("carla").get("/messages/1").text
    for text in (
        "Please call Giulia",
        "1200.5",
        "yes",
        "[{&#34;a&#34;: 1}]",
    ):
        assert text in seen
    hidden = mail.client("boss").get("/messages/1").text
    assert "This is personal data, and not shown to your role." in hidden
    assert "Please call" not in hidden


def test_a_message_is_given_to_one_of_the_cases_that_are_offered(any_house: House) -> None:
    house = arrange(any_house)
    visitor = house.client("carla")
    page = visitor.get("/messages/1").text
    offered = re.findall(r'name="case" value="(C-[^"]+)"', page)
    assert offered == ["C-2026-000002", "C-2026-000001"]
    assert page.count(">waits for it<") == page.count(">same id<") == 2
    assert page.count(">reply</a>") == 2

    answer = visitor.post("/messages/1/attach", case=offered[0])

    assert answer.location == "/cases/C-2026-000002"
    case = visitor.follow(answer).text
    assert "Case C-2026-000002 has taken the message." in case
    assert "A message was given to the case: “offer.reply”" in case
    assert state(house, 1) == ("matched", None)
    assert visitor.get("/messages/1").text.count("<form") == 2  # Language and signing out.


def test_a_message_is_kept_for_a_case_that_does_not_wait_yet(mail: House) -> None:
    number = mail.visit("Marco", "Verdi")
    visitor = mail.client("carla")
    answer = visitor.post("/messages/2/attach", case=number)
    assert answer.location == "/messages/2"
    page = visitor.follow(answer).text
    assert f"The message is kept for case {number} until it waits for it." in page
    assert f'<a href="/cases/{number}">' in page


def test_where_a_case_waits_at_several_places_the_page_asks_at_which(mail: House) -> None:
    number = waits(mail, "two", survey_id=1)
    message_id = arrive(mail, {"survey_id": 7}, "survey")
    visitor = mail.client("carla")
    asked = visitor.post(f"/messages/{message_id}/attach", case=number)
    assert asked.status_code == 422
    assert re.findall(r'name="element" value="([^"]+)"', asked.text) == ["first_answer", "second_answer"]
    answer = visitor.post(f"/messages/{message_id}/attach", case=number, element="second_answer")
    assert answer.location == f"/cases/{number}"


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("", "Give the number of a case."),
        ("X-1", "There is no case “X-1”."),
        ("9" * 30, "There is no case"),
        ("a\0b", "There is no case “ab”."),
    ],
)
def test_a_case_that_is_none_is_said_at_its_field(mail: House, case: str, words: str) -> None:
    answer = mail.client("carla").post("/messages/1/attach", case=case)
    assert answer.status_code == 422
    assert words in answer.text.split('id="case-problem"')[1]
    assert state(mail, 1)[0] == "failed"


def test_a_message_is_tried_again_and_says_why_it_fails(mail: House) -> None:
    visitor = mail.client("carla")
    refused = visitor.post("/messages/1/retry")
    assert refused.status_code == 409
    assert "2 cases wait for “offer.reply”" in refused.text
    assert "No case waits for the message yet." in visitor.follow(visitor.post("/messages/2/retry")).text
    number = waits(mail, lead_id=99)
    assert state(mail, 2) == ("matched", None)  # A case that comes to wait takes it by itself.
    assert "A message arrived" in visitor.get(f"/cases/{number}").text
    assert visitor.post("/messages/2/retry").status_code == 409


def test_a_message_is_dismissed_with_a_reason(mail: House) -> None:
    visitor = mail.client("carla")
    missing = visitor.post("/messages/2/dismiss", reason="  ")
    assert missing.status_code == 422
    assert "Say in up to 500 characters why the message is dismissed." in missing.text
    answer = visitor.post("/messages/2/dismiss", reason="Sent twice")
    assert "The message is dismissed." in visitor.follow(answer).text
    assert state(mail, 2) == ("dismissed", "Sent twice")
    assert re.findall(r'href="/messages/(\d)">', visitor.get("/messages").text) == ["1"]
    assert re.findall(r'href="/messages/(\d)">', visitor.get("/messages?state=dismissed").text) == ["2"]
    assert "Sent twice" in visitor.get("/messages/2").text
    assert visitor.post("/messages/2/dismiss", reason="again").status_code == 409


def test_an_expired_message_is_listed_by_itself(mail: House) -> None:
    mail.later(days=31)
    with mail.engine.transaction(mail.now) as tx:
        messages.expire(mail.engine, tx)
    visitor = mail.client("carla")
    assert re.findall(r'href="/messages/(\d)">', visitor.get("/messages?state=expired").text) == ["2"]
    assert re.findall(r'href="/messages/(\d)">', visitor.get("/messages?state=failed").text) == ["1"]
    assert re.findall(r'href="/messages/(\d)">', visitor.get("/messages?state=nonsense").text) == ["1"]
    assert visitor.get("/messages/99").status_code == 404


def test_more_messages_are_a_page_further(mail: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_of, "PAGE", 1)
    visitor = mail.client("carla")
    first = visitor.get("/messages").text
    assert 'rel="next" href="/messages?page=2"' in first
    second = visitor.get("/messages?page=2").text
    assert re.findall(r'href="/messages/(\d)">', second) == ["2"]
    assert 'rel="prev" href="/messages"' in second
    assert visitor.get("/messages?page=x").status_code == 200


def test_three_messages_need_as_many_queries_as_one(
    house: House, queries: Callable[[Callable[[], object]], int]
) -> None:
    deploy(house, REPLY)
    arrive(house, {"lead_id": 1})
    house.lead("Giulia", "Bianchi")
    number = house.visit("Marco", "Verdi")
    visitor = house.client("carla")
    messages.attach(house.engine, house.now, 1, number)
    for address in ("/messages", "/messages/1"):
        visitor.get(address)
    one = queries(lambda: visitor.get("/messages"))
    for lead in (7, 8):
        messages.attach(house.engine, house.now, arrive(house, {"lead_id": lead}), number)
    assert queries(lambda: visitor.get("/messages")) == one
    waits(house, lead_id=5)
    one = queries(lambda: visitor.get("/messages/1"))
    for _ in range(2):
        waits(house, lead_id=5)
    assert queries(lambda: visitor.get("/messages/1")) == one


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_somebody_attaches_and_dismisses_on_a_desk_and_on_a_phone(
    mail: House,
    address: str,
    page: Page,
    axe: Callable[[Page], list[str]],
    width: int,
    height: int,
    language: str,
) -> None:
    italian = language == "it"
    with mail.engine.transaction(mail.now) as tx:
        accounts.mark_demo(tx)
    link = "Messaggi" if italian else "Messages"
    enter(page, address, "Carla Neri", link, width, height, italian=italian)
    expect(page.locator(".message-row")).to_have_count(2)
    assert (axe(page), fits(page, width)) == ([], True)
    if width >= 768:
        header = page.locator("header.navbar")
        assert header.evaluate("element => element.offsetHeight") < 70  # One line, not two.

    page.get_by_role("link", name="offer.reply").nth(1).click()
    page.get_by_role("button", name="Scartalo" if italian else "Dismiss it").click()
    expect(page.locator("#reason-problem")).to_be_visible()
    assert (axe(page), fits(page, width)) == ([], True)
    page.locator("#reason").fill("Arrivato due volte" if italian else "Came twice")
    page.get_by_role("button", name="Scartalo" if italian else "Dismiss it").click()
    expect(page.locator(".message-row")).to_have_count(1)

    page.get_by_role("link", name="offer.reply").click()
    assert (axe(page), fits(page, width)) == ([], True)
    give = "Assegna · C-2026-000001" if italian else "Attach · C-2026-000001"
    page.get_by_role("button", name=give).click()
    expect(page).to_have_url(re.compile("/cases/C-2026-000001"))
    expect(page.locator("#flashes")).to_contain_text("C-2026-000001")
    page.goto(f"{address}/messages")
    expect(page.locator(".nothing")).to_be_visible()
    assert (axe(page), fits(page, width)) == ([], True)
