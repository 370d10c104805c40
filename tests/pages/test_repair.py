"""Repairs by page: the list of what has failed, and getting one case past it, in words for a manager."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine import worker
from engine.tables import Case, Incident, Repair
from tests.pages.conftest import NOW, House, Visitor
from tests.pages.test_browser import SIZES, enter, fits
from tests.pages.test_case import history
from web import accounts

FAILS = '{"place": "office", "people": 13}'


def failed(house: House, last: str = "Bianchi") -> str:
    """A case that stands at the calendar, which fails for 13 people."""
    case_no = house.visit("Giulia", last)
    with house.engine.transaction(house.now) as tx:
        number = tx.session.query(Case).count()
    answer = house.client("ada").post(f"/tasks/{2 * number - 1 if number > 1 else 1}", answers=FAILS)
    assert answer.status_code == 303
    return case_no


def stand(house: House, case_no: str) -> str:
    with house.engine.transaction(house.now) as tx:
        return tx.session.query(Case.status).filter(Case.case_no == case_no).scalar() or ""


def words(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def token(page: str, element: str) -> str:
    found = re.search(
        rf'name="element" value="{element}">\s*<input type="hidden" name="token" value="(\d+)"', page
    )
    assert found, element
    return found[1]


def repair(visitor: Visitor, case_no: str, what: str, **fields: object) -> str:
    """Do a repair; gives the page it leads to."""
    answer = visitor.post(f"/cases/{case_no}/repair/{what}", **fields)
    assert answer.status_code == 303, words(answer.text)
    return visitor.follow(answer).text


# --- Looking --------------------------------------------------------------------------------------


def test_the_list_names_what_has_failed_why_and_when_it_is_tried_again(house: House) -> None:
    carla = house.client("carla")
    assert "Nothing has failed." in carla.get("/incidents").text
    case_no = failed(house)
    page = carla.get("/incidents").text
    said = words(page)
    assert f"{case_no} · Customer visit · 2 Mar 2026, 10:00" in said
    assert "The service “check_calendar” stopped with ValueError." in said
    assert "It is tried again by itself: 2 Mar 2026, 10:01." in said
    assert f'href="/cases/{case_no}/repair">Check the calendar</a>' in page
    italian = words(house.client("carla", language="it").get("/incidents").text)
    assert "Il servizio “check_calendar” si è fermato con ValueError. Si riprova da solo" in italian


def test_only_those_who_look_after_cases_see_and_do_repairs(house: House) -> None:
    case_no = failed(house)
    ada = house.client("ada")
    assert "/incidents" not in ada.get("/").text
    assert "/repair" not in ada.get(f"/cases/{case_no}").text
    for address in ("/incidents", f"/cases/{case_no}/repair", f"/cases/{case_no}/repair/move"):
        assert ada.get(address).status_code == 403
    for what in ("retry", "set", "skip", "move", "cancel"):
        assert ada.post(f"/cases/{case_no}/repair/{what}", reason="x").status_code == 403
    assert stand(house, case_no) == "incident"
    assert "/incidents" in house.client("carla").get("/").text


def test_the_list_makes_the_same_number_of_queries_for_one_and_for_three(
    house: House, queries: Callable[[Callable[[], object]], int]
) -> None:
    carla = house.client("carla")
    failed(house)
    one = queries(lambda: carla.get("/incidents"))
    with house.engine.transaction(house.now) as tx:
        known = tx.session.query(Incident).one()
        for number in (1, 2):
            case = tx.session.get_one(Case, known.case_id)
            values = {c.name: getattr(case, c.name) for c in Case.__table__.columns if c.name != "id"}
            tx.session.add(Case(**{**values, "case_no": f"V-2026-9{number}", "status": "stuck"}))
            same = {c.name: getattr(known, c.name) for c in Incident.__table__.columns if c.name != "id"}
            tx.session.add(Incident(**same))
    assert queries(lambda: carla.get("/incidents")) == one


def test_a_case_that_never_came_to_be_can_be_taken_off_the_list(house: House) -> None:
    with house.engine.transaction(house.now) as tx:
        tx.session.add(
            Incident(process="visit", element="x", reason="the case made 1000 steps", since=NOW, attempts=1)
        )
    carla = house.client("carla")
    page = carla.get("/incidents").text
    assert "The case could not begin" in page
    answer = carla.post("/incidents/1/dismiss")
    assert "Nothing has failed." in carla.follow(answer).text
    assert carla.post("/incidents/1/dismiss").status_code == 404


# --- Doing ----------------------------------------------------------------------------------------


def test_a_corrected_value_and_a_new_try_let_the_case_go_on(house: House) -> None:
    case_no = failed(house)
    carla = house.client("carla")
    page = repair(
        carla, case_no, "set", name="people", kind="number", value="12", reason="One is ill", again="yes"
    )
    assert "It is done; the case goes on." in page
    assert stand(house, case_no) == "open"
    lines = history(page)
    assert "Data were changed One is ill 2 Mar 2026, 10:00 · Carla Neri" in lines
    assert "“Check the calendar” has failed 2 Mar 2026, 10:00 · Ada Rossi" in lines


def test_trying_again_in_vain_is_said(house: House) -> None:
    case_no = failed(house)
    page = repair(house.client("carla"), case_no, "retry")
    assert "It is done, but the case still needs somebody." in page
    assert "Tried 2 times." in page


def test_a_step_can_be_left_out_for_a_reason(house: House) -> None:
    case_no = failed(house)
    carla = house.client("carla")
    page = carla.get(f"/cases/{case_no}/repair").text
    assert "Check the calendar done by the system · has failed" in words(page)
    number = token(page, "check_calendar")
    refused = carla.post(f"/cases/{case_no}/repair/skip", element="check_calendar", token=number, reason=" ")
    assert refused.status_code == 422
    assert "Say why: the reason is kept with the repair." in refused.text
    page = repair(carla, case_no, "skip", element="check_calendar", token=number, reason="No calendar today")
    assert "“Check the calendar” was skipped No calendar today 2 Mar 2026, 10:00 · Carla Neri" in history(
        page
    )
    assert stand(house, case_no) == "open"


def test_a_move_is_shown_before_it_is_done(house: House) -> None:
    case_no = failed(house)
    carla = house.client("carla")
    number = token(carla.get(f"/cases/{case_no}/repair").text, "check_calendar")
    address = f"/cases/{case_no}/repair/move?element=check_calendar&token={number}&target=plan_visit"
    page = carla.get(address).text
    said = words(page)
    assert "From “Check the calendar” to “Plan the visit”" in said
    assert "No longer there Check the calendar done by the system" in said
    assert "There instead Plan the visit a task for a person Too late watches beside a step" in said
    assert stand(house, case_no) == "incident"
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision
    given = {"element": "check_calendar", "target": "plan_visit", "token": number, "revision": revision[1]}
    page = repair(carla, case_no, "move", **given, reason="Plan anew")
    assert "The case was moved from “Check the calendar” to “Plan the visit”" in words(page)
    assert stand(house, case_no) == "open"
    late = carla.post(f"/cases/{case_no}/repair/move", **given, reason="again")
    assert late.status_code == 409
    assert "The case does not stand at “check_calendar”." in late.text


def test_a_move_of_a_case_that_has_changed_since_is_shown_anew(house: House) -> None:
    case_no = failed(house)
    carla = house.client("carla")
    given = {"element": "check_calendar", "target": "agree", "revision": 1, "reason": "x"}
    answer = carla.post(f"/cases/{case_no}/repair/move", **given)
    assert answer.status_code == 409
    assert "The case has changed since the move was shown." in answer.text
    assert 'name="reason" value="x"' in answer.text


def test_a_stuck_case_says_so(house: House) -> None:
    case_no = failed(house)
    with house.engine.transaction(house.now) as tx:
        tx.session.query(Incident).update({"resolved_at": house.now})
        tx.session.query(Case).update({"status": "stuck"})
    carla = house.client("carla")
    for page in (carla.get("/incidents").text, carla.get(f"/cases/{case_no}").text):
        assert "There is nothing that anybody, a message or a time could set going." in words(page)
    assert "The case is stuck." in words(carla.get(f"/cases/{case_no}/repair").text)
    assert "La pratica è bloccata." in words(
        house.client("carla", language="it").get(f"/cases/{case_no}").text
    )


def test_a_cancelled_case_has_ended(house: House) -> None:
    case_no = failed(house)
    carla = house.client("carla")
    page = repair(carla, case_no, "cancel", reason="The customer has moved away")
    assert "The case was cancelled The customer has moved away" in " ".join(history(page))
    assert stand(house, case_no) == "cancelled"
    assert "/repair" not in page
    assert "This case has ended; there is nothing to repair." in carla.get(f"/cases/{case_no}/repair").text
    assert carla.post(f"/cases/{case_no}/repair/retry").status_code == 409


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "remark", "kind": "code", "value": "Mrs. Bianchi is angry"}, "cannot be set to a text"),
        ({"name": "people", "kind": "number", "value": "many"}, "“many” cannot be read as what you chose."),
        ({"name": "people", "kind": "date", "value": "2026-02-30"}, "cannot be read as what you chose."),
        ({"name": "people", "kind": "nonsense", "value": "1"}, "cannot be read as what you chose."),
        ({"name": "gone", "kind": "remove"}, "The case has no variable “gone”."),
        ({"name": "", "kind": "number", "value": "1"}, "cannot be the name of a variable"),
        ({"name": "x", "kind": "number", "value": "NaN"}, "is not a number"),
    ],
)
def test_a_value_that_cannot_be_kept_comes_back_with_what_was_filled_in(
    house: House, fields: dict[str, str], said: str
) -> None:
    case_no = failed(house)
    answer = house.client("carla").post(
        f"/cases/{case_no}/repair/set", **fields, reason="why not", form="set"
    )
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert 'value="why not"' in answer.text
    with house.engine.transaction(house.now) as tx:
        assert tx.session.query(Repair).count() == 0


def test_names_and_reasons_are_shown_as_text_never_as_markup(house: House) -> None:
    case_no = failed(house)
    page = repair(house.client("carla"), case_no, "cancel", reason="<script>x</script>")
    assert "<script>x" not in page


def test_a_try_of_the_clock_ends_the_incident_on_the_page(house: House) -> None:
    case_no = failed(house)
    with house.engine.transaction(house.now) as tx:
        tx.session.query(Case).one()
    carla = house.client("carla")
    repair(carla, case_no, "set", name="people", kind="number", value="4", reason="Fewer")
    house.later(minutes=1)
    assert worker.tick(house.engine, house.now).timers == 1
    assert "has failed." not in words(carla.get(f"/cases/{case_no}").text)


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_manager_moves_a_failed_case_on_a_desk_and_on_a_phone(
    house: House,
    address: str,
    page: Page,
    axe: Callable[[Page], list[str]],
    width: int,
    height: int,
    language: str,
) -> None:
    italian = language == "it"
    case_no = failed(house)
    with house.engine.transaction(house.now) as tx:
        accounts.mark_demo(tx)
    link = "Incidenti" if italian else "Incidents"
    enter(page, address, "Carla Neri", link, width, height, italian=italian)
    assert (axe(page), fits(page, width)) == ([], True)
    page.get_by_role("link", name="Check the calendar").click()
    assert (axe(page), fits(page, width)) == ([], True)
    page.get_by_text(
        "Porta la pratica su un altro passo" if italian else "Put the case on another step"
    ).click()
    page.get_by_label("Quale passo?" if italian else "Which step?").select_option("plan_visit")
    page.get_by_role(
        "button", name="Mostra che cosa succederebbe" if italian else "Show what would happen"
    ).click()
    expect(page.locator(".djs-element.mark-incident").first).to_be_attached()
    assert (axe(page), fits(page, width)) == ([], True)
    page.get_by_label("Perché?" if italian else "Why?").fill("Plan anew")
    page.get_by_role("button", name="Procedi" if italian else "Do it").click()
    expect(
        page.get_by_text("Fatto: la pratica prosegue." if italian else "It is done; the case goes on.")
    ).to_be_visible()
    assert fits(page, width)
    assert stand(house, case_no) == "open"
