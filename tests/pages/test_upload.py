"""From a drawing with labels only to a completed case, in a real browser, without anyone editing XML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, FilePayload, Page, expect

from engine import worker
from engine.tables import Case
from tests.pages.conftest import House
from tests.pages.test_browser import SIZES, fits, sign_in
from web import accounts

QUOTE = Path(__file__).parent / "uploads" / "quote_request.bpmn"
"""No conditions, not marked as executable, a timer without a time, lanes named after roles."""


@pytest.fixture
def demo(house: House) -> House:
    with house.engine.transaction(house.now) as tx:
        accounts.mark_demo(tx)
    return house


def complete(page: Page, task: str, button: str = "Done") -> None:
    expect(page.get_by_role("heading", name=task)).to_be_visible()
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#flashes")).to_contain_text(f"Done: {task}")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_drawing_with_labels_only_goes_from_upload_to_a_completed_case(
    demo: House, address: str, page: Page, axe: Callable[[Page], list[str]], width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    sign_in(page, address, "Diana Galli")
    page.goto(f"{address}/processes")
    page.get_by_role("link", name="Deploy drawings").click()
    assert (fits(page, width), axe(page)) == (True, [])

    page.set_input_files("#files", [QUOTE])
    expect(page.get_by_role("heading", name="We need to know one thing more")).to_be_visible()
    page.wait_for_selector("[data-ready] svg")
    expect(page.locator(".djs-element.mark-found-question")).to_have_attribute("data-element-id", "Wait_1")
    assert (fits(page, width), axe(page)) == (True, [])

    time = page.get_by_role("textbox", name="The timer “Wait three days” has no time.")
    expect(time).to_have_value("P3D")
    time.fill("soon")
    time.press("Tab")
    expect(page.get_by_text("“soon” is not understood as a length of time.")).to_be_visible()
    time.fill("2 days")
    time.press("Tab")
    expect(page.get_by_text("Understood: P2D · 2 days")).to_be_visible()
    expect(page.get_by_text("Everything is answered")).to_be_visible()
    page.get_by_role("button", name="Save the answers and check again").click()
    expect(page.get_by_role("heading", name="This can run")).to_be_visible()
    page.wait_for_selector("[data-ready] svg")
    expect(page.locator(".diagram-sign.question")).to_have_count(0)
    assert axe(page) == []
    page.get_by_label("What is new?").fill("As we have always done it")
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page.locator("#flashes")).to_contain_text("quote_request: version 1 is deployed.")
    page.wait_for_selector("[data-ready] svg")
    assert (fits(page, width), axe(page)) == (True, [])

    page.context.clear_cookies()
    sign_in(page, address, "Elena De Luca")
    page.goto(f"{address}/processes/quote_request")
    page.get_by_role("button", name="Start a case").click()
    expect(page.get_by_role("heading", name="Read the request")).to_be_visible()
    page.wait_for_selector("[data-ready]")
    page.get_by_label("Yes").check()
    complete(page, "Read the request", "Complete")
    complete(page, "Write a quote")

    demo.later(days=3)
    worker.tick(demo.engine, demo.now)
    page.goto(address)
    page.get_by_role("link", name="Call the customer").click()
    complete(page, "Call the customer")
    with demo.engine.transaction(demo.now) as tx:
        assert [case.status for case in tx.session.query(Case)] == ["completed"]


def test_a_finding_and_its_place_in_the_drawing_lead_to_each_other(
    demo: House, address: str, page: Page
) -> None:
    sign_in(page, address, "Diana Galli")
    page.goto(f"{address}/processes/deploy")
    page.set_input_files("#files", [QUOTE])
    page.wait_for_selector("[data-ready] svg")
    finding = page.locator(".finding-question")

    page.locator(".diagram-sign.question").click()
    expect(finding).to_be_focused()

    finding.get_by_role("button", name="Show in the diagram").press("Enter")
    expect(page.locator(".djs-element.mark-shown")).to_have_attribute("data-element-id", "Wait_1")
    frame, shown = (
        page.locator(".diagram").bounding_box(),
        page.locator(".mark-shown[data-element-id=Wait_1]").first.bounding_box(),
    )
    assert frame and shown
    assert abs((frame["x"] + frame["width"] / 2) - (shown["x"] + shown["width"] / 2)) < 30


def test_files_are_dropped_and_checked_at_once(demo: House, address: str, page: Page) -> None:
    sign_in(page, address, "Diana Galli")
    page.goto(f"{address}/processes/deploy")
    page.wait_for_selector("[data-drop][data-ready]")
    dropped = page.evaluate_handle(
        """text => {
            const moved = new DataTransfer();
            moved.items.add(new File([text], "quote_request.bpmn"));
            return moved;
        }""",
        QUOTE.read_text(encoding="utf-8"),
    )
    page.dispatch_event(".drop-zone", "dragover", {"dataTransfer": dropped})
    expect(page.locator(".drop-over")).to_have_count(1)
    page.dispatch_event(".drop-zone", "drop", {"dataTransfer": dropped})
    expect(page.get_by_role("heading", name="We need to know one thing more")).to_be_visible()


def test_html_in_names_is_text_in_the_list_and_at_the_drawing(demo: House, address: str, page: Page) -> None:
    said: list[str] = []

    def hear(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", hear)
    hostile = QUOTE.read_text(encoding="utf-8").replace(
        'name="Wait three days"', 'name="&lt;img src=x onerror=alert(1)&gt;"'
    )
    sign_in(page, address, "Diana Galli")
    page.goto(f"{address}/processes/deploy")
    page.set_input_files(
        "#files", FilePayload(name="<b>q</b>.bpmn", mimeType="text/xml", buffer=hostile.encode())
    )
    page.wait_for_selector("[data-ready] svg")
    expect(page.locator(".finding-question")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator(".diagram-sign.question").get_attribute("title") is not None
    assert page.locator("main img").count() == 0
    assert said == []
