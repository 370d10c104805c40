"""The islands of the pages, in a real browser and under the pages' own content policy."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask, Response, request
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from web import assets

ROOT = Path(__file__).resolve().parents[2]
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SIZES = [(1280, 900), (390, 844)]

SHAPES = {"start": (100, 122, 36, 36), "prepare": (220, 100, 100, 80), "approve": (900, 100, 100, 80)}
FLOWS = {"f1": (136, 220), "f2": (320, 900)}
DIAGRAM = f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="d" targetNamespace="test">
  <bpmn:process id="offer" isExecutable="true">
    <bpmn:startEvent id="start"/>
    <bpmn:userTask id="prepare" name="Prepare offer"/>
    <bpmn:userTask id="approve" name="Approve discount"/>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="prepare"/>
    <bpmn:sequenceFlow id="f2" sourceRef="prepare" targetRef="approve"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="plane" bpmnElement="offer">
    {
    "".join(
        f'<bpmndi:BPMNShape id="s_{id}" bpmnElement="{id}">'
        f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/></bpmndi:BPMNShape>'
        for id, (x, y, width, height) in SHAPES.items()
    )
}
    {
    "".join(
        f'<bpmndi:BPMNEdge id="e_{id}" bpmnElement="{id}">'
        f'<di:waypoint x="{start}" y="140"/><di:waypoint x="{end}" y="140"/></bpmndi:BPMNEdge>'
        for id, (start, end) in FLOWS.items()
    )
}
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
MARKS = {
    "prepare": {"class": "done", "badge": "5 · 0.8 d"},
    "approve": {"class": "current stalled", "badge": "14 · 3.6 d"},
    "not drawn": {"class": "current"},
}
FORM = {
    "type": "default",
    "id": "first_call",
    "schemaVersion": 18,
    "components": [
        {
            "type": "radio",
            "key": "outcome",
            "id": "f_outcome",
            "label": "Outcome",
            "values": [{"label": "Reached", "value": "reached"}, {"label": "No answer", "value": "none"}],
            "validate": {"required": True},
            "layout": {"row": "r1", "columns": 8},
        },
        {
            "type": "textfield",
            "key": "lead.need",
            "id": "f_need",
            "label": "Need",
            "validate": {"required": True, "maxLength": 20},
            "layout": {"row": "r1", "columns": 8},
        },
        {"type": "number", "key": "score", "id": "f_score", "label": "Score", "validate": {"min": 0}},
        {"type": "datetime", "key": "call_on", "id": "f_call", "dateLabel": "Call on", "subtype": "date"},
    ],
}
CHARTS = {
    "bars": {
        "tooltip": {"trigger": "axis"},
        "legend": {"bottom": 0},
        "grid": {"left": 8, "right": 24, "containLabel": True},
        "xAxis": {"type": "category", "data": ["Intake", "Offer"]},
        "yAxis": {"type": "value"},
        "series": [{"type": "bar", "name": "Days", "data": [1.5, 4]}],
    },
    "line": {
        "xAxis": {"type": "category", "data": ["Intake", "Offer"]},
        "yAxis": {"type": "value"},
        "series": [
            {
                "type": "line",
                "name": "Days",
                "data": [1.5, 4],
                "markLine": {"data": [{"yAxis": 2.7}]},
                "areaStyle": {},
            }
        ],
    },
    "funnel": {
        "series": [
            {
                "type": "funnel",
                "name": "Days",
                "data": [{"name": "Intake", "value": 9}, {"name": "Offer", "value": 4}],
            }
        ]
    },
    "boxplot": {
        "xAxis": {"type": "category", "data": ["Intake", "Offer"]},
        "yAxis": {"type": "value"},
        "series": [{"type": "boxplot", "name": "Days", "data": [[1, 2, 3, 4, 5], [1, 2, 2, 3, 9]]}],
    },
    "heat map": {
        "xAxis": {"type": "category", "data": ["Intake", "Offer"]},
        "yAxis": {"type": "category", "data": ["Monday"]},
        "visualMap": {"min": 0, "max": 9, "text": ["Late", "Fine"]},
        "series": [{"type": "heatmap", "name": "Days", "data": [[0, 0, 3], [1, 0, 9]]}],
    },
}
# What only the chart's own parts write: the legend, the line across, the steps, the colour scale.
WRITTEN = {
    "bars": {"Intake", "Offer", "Days"},
    "line": {"Intake", "Offer", "2.7"},
    "funnel": {"Intake", "Offer"},
    "boxplot": {"Intake", "Offer"},
    "heat map": {"Intake", "Offer", "Monday", "Late"},
}
CUT_OFF = """() => {
    const chart = document.querySelector(".chart").getBoundingClientRect();
    return [...document.querySelectorAll(".chart svg text")]
        .filter((text) => {
            const box = text.getBoundingClientRect();
            return box.left < chart.left - 1 || box.right > chart.right + 1 || box.bottom > chart.bottom + 1;
        })
        .map((text) => text.textContent);
}"""


@dataclass
class Site:
    """A server of pages that hold one island each; `posted` is what came back from their forms."""

    url: str
    body: str = ""
    language: str = "en"
    answer: Callable[[], Response] = lambda: Response("<p id='done'>done</p>")
    posted: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def site() -> Iterator[Site]:
    app = Flask("islands", static_folder=str(ROOT / "web/static"))
    built = assets.load(lambda path: f"/static/{path}")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    site = Site(f"http://127.0.0.1:{server.server_port}/")

    @app.get("/")
    def show() -> str:
        return (
            f'<!doctype html><html lang="{site.language}"><head><title>Islands</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'{built.tags("app")}</head><body><main class="container-xl py-3"><h1>Islands</h1>'
            f"{site.body}</main></body></html>"
        )

    @app.get("/offer.bpmn")
    def drawing() -> Response:
        return Response(DIAGRAM, mimetype="application/xml")

    @app.post("/complete")
    def complete() -> Response:
        site.posted.append(dict(request.form))
        return site.answer()

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield site
    server.shutdown()
    thread.join()


def show_diagram(site: Site, page: Page, url: str = "/offer.bpmn") -> None:
    marks = json.dumps(MARKS).replace("'", "&#39;")
    site.body = (
        f"<div class='card'><div data-bpmn-url='{url}' data-label='Offer' data-marks='{marks}'></div></div>"
    )
    page.goto(site.url)
    page.wait_for_selector("[data-ready]")


def show_form(site: Site, page: Page, attributes: str = "", form: str = 'method="post"') -> None:
    data = json.dumps({"lead.need": "A pump", "lead": {"score": 3}})
    site.body = (
        f'<form {form} action="/complete" id="task">'
        f"<div data-form-schema data-form-data='{data}' data-label='First call' {attributes}>"
        f'<script type="application/json">{json.dumps(FORM)}</script></div>'
        '<div id="place"></div><button class="btn btn-primary" type="submit">Complete</button>'
        '<button class="btn" type="submit" name="save" value="1" formnovalidate>Save</button></form>'
    )
    page.goto(site.url)
    page.wait_for_selector("[data-ready]")


def on_top(page: Page, selector: str) -> bool:
    """Whether nothing covers the middle of an element that can be seen."""
    return bool(
        page.evaluate(
            """selector => {
                const element = document.querySelector(selector);
                element.scrollIntoView({block: "center"});
                const box = element.getBoundingClientRect();
                const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return box.width > 0 && box.x >= 0 && box.right <= innerWidth && element.contains(top);
            }""",
            selector,
        )
    )


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_diagram_shows_its_marks_its_badges_and_the_mark_of_its_makers(
    site: Site, page: Page, axe: Callable[[Page], list[str]], width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})

    show_diagram(site, page)

    expect(page.get_by_role("region", name="Offer")).to_be_visible()
    expect(page.locator(".djs-element.mark-done")).to_have_attribute("data-element-id", "prepare")
    expect(page.locator(".djs-element.mark-stalled")).to_have_attribute("data-element-id", "approve")
    assert page.locator(".diagram-badge").all_inner_texts() == ["5 · 0.8 d", "14 · 3.6 d"]
    expect(page.locator(".djs-element.mark-current")).to_be_in_viewport(ratio=1)
    assert on_top(page, ".bjs-powered-by")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []


def test_a_diagram_can_be_enlarged_and_shown_whole_again(site: Site, page: Page) -> None:
    show_diagram(site, page)
    width = "document.querySelector('[data-element-id=prepare]').getBoundingClientRect().width"
    before = page.evaluate(width)

    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_function(f"{width} > {before} * 1.1")
    page.get_by_role("button", name="Show the whole diagram").click()

    page.wait_for_function(f"Math.abs({width} - {before}) < 1")


def test_a_diagram_that_cannot_be_loaded_says_so(site: Site, page: Page) -> None:
    site.language = "it"

    show_diagram(site, page, url="/missing.bpmn")

    expect(page.get_by_role("alert")).to_have_text(
        "Questa parte della pagina non può essere mostrata: il diagramma non può essere caricato (404)."
    )


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_form_is_checked_before_it_is_sent(
    site: Site, page: Page, axe: Callable[[Page], list[str]], width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    show_form(site, page)

    page.get_by_role("button", name="Complete").click()

    expect(page.locator(".fjs-form-field-error")).to_have_text("Field is required.")
    assert page.evaluate("document.activeElement.type") == "radio"
    assert site.posted == []
    assert on_top(page, ".fjs-powered-by")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []


def test_a_form_posts_its_answers_under_flat_names(site: Site, page: Page) -> None:
    show_form(site, page)

    page.get_by_label("Reached").check()
    page.get_by_label("Score").fill("7")
    page.get_by_role("button", name="Complete").click()

    page.wait_for_selector("#done")
    answers = json.loads(site.posted[0]["answers"])
    assert answers == {"outcome": "reached", "lead.need": "A pump", "score": 7, "call_on": None}


def test_a_form_is_sent_once_by_htmx_and_shows_what_the_server_refuses(site: Site, page: Page) -> None:
    site.answer = lambda: Response("<p id='refused'>No.</p>", status=422)
    show_form(site, page, form='hx-post="/complete" hx-target="#place"')

    page.get_by_role("button", name="Complete").click()
    expect(page.locator(".fjs-form-field-error")).to_be_visible()
    page.get_by_label("No answer").check()
    page.get_by_label("Need").press("Enter")
    page.get_by_role("button", name="Complete").click()

    expect(page.locator("#place #refused")).to_have_text("No.")
    assert [json.loads(post["answers"])["outcome"] for post in site.posted] == ["none"]
    expect(page.get_by_label("Need")).to_have_value("A pump")


def test_messages_of_the_server_stand_at_their_fields_until_they_are_edited(site: Site, page: Page) -> None:
    show_form(site, page, 'data-form-errors=\'{"lead.need": "Say which pump.", "gone": "x"}\'')

    message = page.locator(".fjs-form-field-error")
    expect(message).to_have_text("Say which pump.")
    page.get_by_label("Need").press("Tab")
    page.get_by_label("Reached").check()
    expect(message).to_have_text("Say which pump.")
    page.get_by_label("Need").fill("A blue pump")

    expect(page.locator(".fjs-form-field-error")).to_have_count(0)


def test_an_unfinished_form_can_be_put_aside(site: Site, page: Page) -> None:
    show_form(site, page)

    page.get_by_role("button", name="Save").click()

    page.wait_for_selector("#done")
    assert site.posted[0]["save"] == "1"
    assert json.loads(site.posted[0]["answers"])["lead.need"] == "A pump"


def test_a_form_speaks_italian(site: Site, page: Page) -> None:
    site.language = "it"
    show_form(site, page)

    page.get_by_label("Need").fill("A pump that is much too long")
    page.get_by_role("button", name="Complete").click()

    assert page.locator(".fjs-form-field-error").all_inner_texts() == [
        "Il campo è obbligatorio.",
        "Al massimo 20 caratteri.",
    ]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("kind", CHARTS)
def test_a_chart_is_drawn_and_described(
    site: Site, page: Page, axe: Callable[[Page], list[str]], kind: str, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    site.language = "it"
    site.body = (
        '<div class="chart" data-chart data-label="Tempo per fase">'
        f'<script type="application/json">{json.dumps(CHARTS[kind])}</script></div>'
    )

    page.goto(site.url)
    page.wait_for_selector("[data-ready] svg")

    written = page.locator("svg text").all_text_contents()
    assert WRITTEN[kind] <= set(written)
    assert page.evaluate(CUT_OFF) == []
    label = page.locator(".chart").get_attribute("aria-label") or ""
    assert label.startswith("Tempo per fase. Questo è un grafico") and "Days" in label
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []


def test_a_whole_page_of_refusal_replaces_the_page(site: Site, page: Page) -> None:
    site.answer = lambda: Response(
        "<html><body><main><h1>Somebody was faster</h1></main></body></html>", status=409
    )
    show_form(site, page, form='hx-post="/complete" hx-target="#place"')

    page.get_by_label("Reached").check()
    page.get_by_role("button", name="Complete").click()

    expect(page.get_by_role("heading", name="Somebody was faster")).to_be_visible()
    expect(page.get_by_role("button", name="Complete")).to_have_count(0)


def test_a_diagram_in_a_closed_tab_is_drawn_when_the_tab_opens(site: Site, page: Page) -> None:
    marks = json.dumps(MARKS).replace("'", "&#39;")
    site.body = (
        "<div class='card' id='tab' hidden>"
        f"<div data-bpmn-url='/offer.bpmn' data-label='Offer' data-marks='{marks}'></div></div>"
    )
    page.goto(site.url)
    page.wait_for_selector("[data-ready]", state="attached")

    page.evaluate("document.getElementById('tab').hidden = false")

    expect(page.locator("[data-element-id=start]")).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-element-id=approve]")).to_be_in_viewport(ratio=1)
    shown = "document.querySelector('[data-element-id=prepare]').getBoundingClientRect().width"
    page.wait_for_function(f"{shown} > 80")
