"""Putting drawings in by page: what is handed in is checked at once, questions are answered, then it runs."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine.tables import Draft, Version
from tests.engine.drawing import bpmn, end, start, user
from tests.pages.conftest import House, Visitor
from web.deploying import clean_name

QUOTE = (Path(__file__).parent / "uploads" / "quote_request.bpmn").read_bytes()
WAIT = json.dumps(["quote_request.bpmn", "Wait_1", "timer"])
VENDORS = sorted((Path(__file__).parents[1] / "diagrams" / "vendors").iterdir())
SCRIPT = "<script>alert(1)</script>"
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>"""


@pytest.fixture
def diana(house: House) -> Visitor:
    """The CDO at a browser without scripts."""
    return house.client("diana")


def simple(process: str = "call", name: str = "Call back") -> bytes:
    text = bpmn(
        process,
        start("begin"),
        user("ring", name),
        end("done"),
        "begin > ring > done",
        lanes={"Sales": ["ring"]},
    )
    return text.encode()


def upload(
    visitor: Visitor, *files: tuple[str, bytes], to: str = "/processes/deploy", **fields: str
) -> TestResponse:
    """Send files as the form does."""
    parts = [(io.BytesIO(data), name) for name, data in files]
    data = {"csrf_token": visitor.token(), "files": parts, **fields}
    return visitor.client.post(to, data=data, content_type="multipart/form-data")


def draft_of(visitor: Visitor, *files: tuple[str, bytes], **fields: str) -> str:
    """Upload, and the address of the draft that it became."""
    answer = upload(visitor, *files, **fields)
    assert answer.status_code == 303, answer.text
    return answer.location


def deployed(house: House) -> list[tuple[str, int]]:
    with house.engine.transaction(house.now) as tx:
        return sorted((row.process, row.number) for row in tx.session.query(Version))


def drafts_left(house: House) -> int:
    with house.engine.transaction(house.now) as tx:
        return tx.session.query(Draft).count()


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_good_drawing_goes_in_with_a_note_and_a_tag(house: House, diana: Visitor) -> None:
    address = draft_of(diana, ("call.bpmn", simple()))
    page = text_of(diana.get(address).text)
    assert "This can run" in page
    assert "A new process: this will be its version 1." in page
    done = diana.post(f"{address}/deploy", note="The first <one>", tag="2026-1")
    assert done.location == "/processes/call"
    shown = diana.get(done.location).text
    assert "call: version 1 is deployed." in shown
    assert "The first &lt;one&gt;" in shown
    assert text_of(shown).count("2026-1") == 2
    assert "Diana Galli" in shown
    assert drafts_left(house) == 0


def test_a_pasted_drawing_is_as_good_as_a_file(house: House, diana: Visitor) -> None:
    address = draft_of(diana, text=simple().decode())
    assert "pasted.bpmn" in diana.get(address).text
    diana.post(f"{address}/deploy")
    assert ("call", 1) in deployed(house)


def test_questions_are_asked_in_words_and_deploying_waits_for_the_answers(
    house: House, diana: Visitor
) -> None:
    address = draft_of(diana, ("quote_request.bpmn", QUOTE))
    page = diana.get(address).text
    assert "We need to know one thing more" in page
    assert f"{address}/deploy" not in page
    assert f'name="{html.escape(WAIT)}"' in page.replace("&#34;", "&quot;")
    refused = diana.post(f"{address}/deploy")
    assert refused.location == address
    assert deployed(house) == [("confirmation", 1), ("visit", 1)]

    wrong = diana.post(f"{address}/answers", **{WAIT: "soon"})
    assert wrong.status_code == 422
    assert "“soon” is not understood as a length of time." in text_of(wrong.text)
    assert 'value="soon"' in wrong.text

    right = diana.post(f"{address}/answers", **{WAIT: "3 days"})
    page = text_of(diana.follow(right).text)
    assert "This can run" in page
    assert "Understood: P3D · 3 days" in page
    diana.post(f"{address}/deploy")
    assert ("quote_request", 1) in deployed(house)


def test_one_answer_sent_by_itself_is_told_how_it_was_understood(house: House, diana: Visitor) -> None:
    address = draft_of(diana, ("quote_request.bpmn", QUOTE))

    def send(text: str) -> TestResponse:
        fields = {"csrf_token": diana.token(), WAIT: text}
        return diana.client.post(
            f"{address}/answers", data=fields, headers={"HX-Trigger-Name": WAIT, "HX-Request": "true"}
        )

    assert "Understood: P3D · 3 days Everything is answered" in text_of(send("3 days").text)
    refused = send("soon")
    assert refused.status_code == 422
    assert "Write it like 3 days, 48 hours or P3D." in text_of(refused.text)


def test_drafts_stand_among_the_processes_for_those_who_deploy(house: House, diana: Visitor) -> None:
    address = draft_of(diana, ("quote_request.bpmn", QUOTE))
    page = diana.get("/processes").text
    assert f'href="{address}"' in page
    assert "1 question" in text_of(page)
    assert address not in house.client("ada").get("/processes").text
    diana.post(f"{address}/discard")
    assert address not in diana.get("/processes").text
    assert diana.get(address).status_code == 404


def test_every_problem_is_listed_with_its_place_and_the_drawing_shows_it(diana: Visitor) -> None:
    broken = simple().replace(b'targetRef="done"', b'targetRef="nowhere"')
    address = draft_of(diana, ("call.bpmn", broken))
    page = diana.get(address).text
    assert "1 problem keeps this from running" in text_of(page)
    marks = json.loads(html.unescape(re.search(r'data-marks="([^"]+)"', page)[1]))  # type: ignore[index]
    [element] = [id for id, mark in marks.items() if mark["class"] == "found-error"]
    assert marks[element]["finding"]["sign"] == "!"
    assert f'data-shows="{element}"' in page
    assert re.search(r"line \d+", text_of(page))


def test_all_files_wait_for_the_one_that_is_refused_and_go_on_without_it(
    house: House, diana: Visitor
) -> None:
    address = draft_of(diana, ("call.bpmn", simple()), ("broken.bpmn", b"<oh"))
    page = text_of(diana.get(address).text)
    assert "All files go in together, or none: leave out what is not ready." in page
    assert "broken.bpmn" in page
    diana.post(f"{address}/leave-out", file="broken.bpmn")
    diana.post(f"{address}/deploy")
    assert ("call", 1) in deployed(house)


def test_two_files_of_one_process_are_not_taken_for_versions_of_each_other(diana: Visitor) -> None:
    address = draft_of(diana, ("one.bpmn", simple()), ("two.bpmn", simple(name="Ring")))
    assert "is drawn in one.bpmn too" in text_of(diana.get(address).text)


def test_a_form_can_be_added_afterwards_and_a_drawing_be_corrected(house: House, diana: Visitor) -> None:
    address = draft_of(diana, ("call.bpmn", b"<oh"))
    upload(
        diana,
        ("call.bpmn", simple()),
        ("ring.form", b'{"type": "default", "components": []}'),
        to=f"{address}/files",
    )
    page = text_of(diana.get(address).text)
    assert "This can run" in page
    assert "Beside them: ring.form" in page


def test_what_is_new_since_the_newest_version_is_shown(house: House, diana: Visitor) -> None:
    diana.post(f"{draft_of(diana, ('call.bpmn', simple()))}/deploy")
    address = draft_of(diana, ("call.bpmn", simple(name="Ring the customer")))
    assert "“Call back” is now called “Ring the customer”" in text_of(diana.get(address).text)
    diana.post(f"{address}/deploy")
    page = text_of(diana.get("/processes/call").text)
    assert "What is new since version 1 “Call back” is now called “Ring the customer”" in page


def test_the_same_again_is_no_new_version(house: House, diana: Visitor) -> None:
    diana.post(f"{draft_of(diana, ('call.bpmn', simple()))}/deploy")
    address = draft_of(diana, ("call.bpmn", simple()))
    assert "This is deployed already, exactly like this" in text_of(diana.get(address).text)
    done = diana.post(f"{address}/deploy")
    assert "call: nothing has changed, version 1 stays." in diana.follow(done).text
    assert ("call", 2) not in deployed(house)


def test_original_and_what_is_run_can_both_be_taken_home(house: House, diana: Visitor) -> None:
    address = draft_of(diana, ("quote_request.bpmn", QUOTE))
    diana.post(f"{address}/answers", **{WAIT: "3 days"})
    diana.post(f"{address}/deploy")
    page = diana.get("/processes/quote_request").text
    original = re.search(r'href="(/versions/\d+/original)"', page)
    normal = re.search(r'href="(/versions/\d+/normal)"', page)
    assert original and normal
    assert diana.get(original[1]).data == QUOTE
    run = diana.get(normal[1])
    assert b"P3D" in run.data
    assert run.headers["Content-Disposition"] == "attachment; filename=quote_request.normal.bpmn"


def test_a_case_is_started_from_the_page_by_those_who_work_in_it(house: House, diana: Visitor) -> None:
    diana.post(f"{draft_of(diana, ('call.bpmn', simple()))}/deploy")
    ada, dario = house.client("ada"), house.client("dario")
    assert "Start a case" in ada.get("/processes/call").text
    begun = ada.post("/processes/call/start")
    assert "Call back" in ada.follow(begun).text
    assert "Start a case" not in dario.get("/processes/call").text
    assert dario.post("/processes/call/start").status_code == 403
    assert "Start a case" not in diana.get("/processes/visit").text  # It needs a lead.


@pytest.mark.parametrize("person", ["ada", "carla"])
def test_only_who_deploys_may_come_here(house: House, person: str) -> None:
    visitor = house.client(person)
    assert "/processes/deploy" not in visitor.get("/processes").text
    assert visitor.get("/processes/deploy").status_code == 403
    assert upload(visitor, ("call.bpmn", simple())).status_code == 403
    assert visitor.get("/drafts/1").status_code == 403


def test_a_form_without_its_token_changes_nothing(house: House, diana: Visitor) -> None:
    data = {"files": [(io.BytesIO(simple()), "call.bpmn")]}
    assert (
        diana.client.post("/processes/deploy", data=data, content_type="multipart/form-data").status_code
        == 400
    )
    assert drafts_left(house) == 0


def test_drafts_cost_the_list_of_processes_no_query_each(
    house: House, diana: Visitor, queries: Callable[[Callable[[], object]], int]
) -> None:
    draft_of(diana, ("quote_request.bpmn", QUOTE))
    diana.get("/processes")
    one = queries(lambda: diana.get("/processes"))
    for name in (b"second_request", b"third_request"):
        draft_of(diana, ("quote_request.bpmn", QUOTE.replace(b"quote_request", name)))
    assert queries(lambda: diana.get("/processes")) == one


@pytest.mark.parametrize("file", VENDORS, ids=lambda file: file.stem)
def test_a_drawing_of_any_editor_gets_its_page(diana: Visitor, file: Path) -> None:
    address = draft_of(diana, (file.name, file.read_bytes()))
    page = diana.get(address)
    assert page.status_code == 200
    assert ("This can run" in page.text) or ("finding-" in page.text)
    assert diana.get(f"{address}/drawing?file={file.name}").status_code in (200, 404)


# --- Bad input --------------------------------------------------------------------------------------


def test_nothing_and_no_drawing_are_said_on_the_spot(diana: Visitor) -> None:
    nothing = upload(diana)
    assert nothing.status_code == 422
    assert "Choose at least one file, or paste the text of a drawing." in text_of(nothing.text)
    alone = upload(diana, ("ring.form", b"{}"))
    assert "There is no drawing among these files" in text_of(alone.text)


def test_what_lies_beside_drawings_by_chance_is_left_out(diana: Visitor) -> None:
    address = draft_of(diana, ("call.bpmn", simple()), ("logo.png", b"\x89PNG"), ("prices.toml", b""))
    page = text_of(diana.get(address).text)
    assert "logo.png was left out" in page
    assert "prices.toml was left out" in page
    assert "This can run" in page


def test_a_file_above_ten_and_an_upload_above_twenty_megabytes_are_too_large(
    house: House, diana: Visitor
) -> None:
    large = upload(diana, ("call.bpmn", b"<" + b" " * 10 * 1024 * 1024))
    assert (large.status_code, "call.bpmn is larger than 10 MB." in text_of(large.text)) == (413, True)
    half = b" " * 7 * 1024 * 1024
    many = upload(diana, ("a.bpmn", half), ("b.bpmn", half), ("c.bpmn", half))
    assert (many.status_code, "What you sent is larger than 20 MB." in text_of(many.text)) == (413, True)
    elsewhere = diana.client.post(
        "/language", data={"csrf_token": diana.token(), "next": "x" * 3 * 1024 * 1024}
    )
    assert elsewhere.status_code == 413
    assert drafts_left(house) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff\x00",
        b"PK\x03\x04rest",
        b'{"json": true}',
        b"<html><body>no</body></html>",
        b"<oh",
        BOMB,
        b"<a>" * 5000,
    ],
    ids=["empty", "binary", "zip", "json", "html", "truncated", "bomb", "deep"],
)
def test_hostile_and_broken_files_are_refused_in_words(house: House, diana: Visitor, data: bytes) -> None:
    address = draft_of(diana, ("call.bpmn", data))
    page = diana.get(address)
    assert page.status_code == 200
    assert "keeps this from running" in text_of(page.text)
    assert diana.get("/health").status_code == 200
    drawing = diana.get(f"{address}/drawing?file=call.bpmn")
    assert drawing.status_code in (200, 404)


def test_html_in_names_is_only_ever_text(house: House, diana: Visitor) -> None:
    named = simple(name=SCRIPT).replace(b'targetRef="done"', b'targetRef="nowhere"')
    address = draft_of(diana, ("<img src=x onerror=alert(1)>.bpmn", named))
    page = diana.get(address).text
    assert SCRIPT not in page
    assert "<img" not in page


def test_a_drawing_of_a_draft_is_data_and_nothing_else(diana: Visitor) -> None:
    address = draft_of(diana, ("call.bpmn", simple()))
    drawing = diana.get(f"{address}/drawing?file=call.bpmn")
    assert drawing.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert drawing.headers["X-Content-Type-Options"] == "nosniff"
    assert diana.get(f"{address}/drawing?file=../percorso.db").status_code == 404


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("offer.bpmn", "offer.bpmn"),
        ("Offerta è “pronta”.bpmn", "Offerta è “pronta”.bpmn"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\offer.bpmn", "offer.bpmn"),
        ("..", "drawing.bpmn"),
        ("a\x00\nb\u202e.bpmn", "ab.bpmn"),
        ("x" * 300 + ".bpmn", "x" * 120 + ".bpmn"),
        ("<b>.bpmn", "b.bpmn"),
    ],
)
def test_names_of_files_are_cleaned(given: str, clean: str) -> None:
    assert clean_name(given) == clean


def test_files_of_the_same_name_are_told_apart(diana: Visitor) -> None:
    address = draft_of(diana, ("a/call.bpmn", simple()), ("b/call.bpmn", simple("ring")))
    page = text_of(diana.get(address).text)
    assert "call.bpmn" in page
    assert "call (2).bpmn" in page


def test_it_is_all_said_in_italian_too(house: House, diana: Visitor) -> None:
    visitor = house.client("diana", language="it")
    address = draft_of(visitor, ("quote_request.bpmn", QUOTE))
    page = text_of(visitor.get(address).text)
    assert "Ci serve sapere ancora una cosa" in page
    right = visitor.post(f"{address}/answers", **{WAIT: "tre giorni"})
    assert "Capito: P3D · 3 giorni" in text_of(visitor.follow(right).text)


def test_a_pack_is_taken_with_its_answers(house: House, diana: Visitor) -> None:
    first = draft_of(diana, ("quote_request.bpmn", QUOTE))
    diana.post(f"{first}/answers", **{WAIT: "3 days"})
    diana.post(f"{first}/deploy")
    with house.engine.transaction(house.now, write=False) as tx:
        version_id = tx.session.scalars(select(Version.id).where(Version.process == "quote_request")).one()
    pack = diana.get(f"/versions/{version_id}/pack").data
    again = draft_of(diana, ("there.percorso", pack))
    page = text_of(diana.get(again).text)
    assert "This is deployed already, exactly like this" in page
    assert "Understood: P3D" in page

    broken = upload(diana, ("broken.percorso", pack[:100]))
    assert broken.status_code == 422
    assert "broken.percorso" in text_of(broken.text)


def test_a_drawing_without_coordinates_is_laid_out_to_be_looked_at(diana: Visitor) -> None:
    assert b"BPMNShape" not in simple()
    address = draft_of(diana, ("call.bpmn", simple()))
    assert b"BPMNShape" in diana.get(f"{address}/drawing?file=call.bpmn").data


def test_the_modelling_style_is_told_when_it_is_asked_for(house: House, diana: Visitor) -> None:
    page = draft_of(diana, ("call.bpmn", simple(name="")))
    assert "has no name" not in diana.get(page).text

    asked = diana.get(f"{page}?style=1").text
    assert "“ring” has no name." in html.unescape(asked)
    assert "Look at the modelling style" not in asked
    assert "This can run" in asked


def test_the_words_inside_a_sentence_are_in_its_language_too(house: House) -> None:
    diana = house.client("diana", language="it")
    time = b"<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
    drawing = simple().replace(b'<endEvent id="done">', b'<endEvent id="done">' + time)
    page = html.unescape(diana.get(draft_of(diana, ("call.bpmn", drawing))).text)
    assert "“done” (evento di fine) è del tipo “timer”" in page


def test_why_an_expression_cannot_be_read_is_said_in_the_readers_language(house: House) -> None:
    diana = house.client("diana", language="it")
    loop = b"<standardLoopCharacteristics><loopCondition>(x</loopCondition></standardLoopCharacteristics>"
    script = b'<scriptTask id="sum" name="Sum"><script>total = (1</script></scriptTask>'
    drawing = (
        simple().replace(b"</userTask>", loop + b"</userTask>").replace(b"<userTask", script + b"<userTask")
    )
    page = html.unescape(diana.get(draft_of(diana, ("call.bpmn", drawing))).text)
    assert "Manca “)” dopo ciò che sta tra parentesi: qui l’espressione finisce" in page
