"""Drafts: what was handed in stays bit for bit, answers stay with it, and it is deployed when all is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar

import pytest

from engine import answers, bundles, drafts, people, versions
from engine.db import Transaction
from engine.errors import Invalid, NotFound
from engine.findings import Ask
from engine.tables import Draft, DraftFile, Version
from tests.engine.drawing import bpmn, catch, end, start, user
from tests.engine.house import House

Made = TypeVar("Made")

FORM = '{"type": "default", "components": [{"type": "number", "key": "amount", "label": "Amount"}]}'


def waiting(process: str = "offer", time: str = "") -> bytes:
    """A drawing whose timer has no time, or the given one."""
    parts = [start("begin"), user("ask"), catch("wait", duration=time or "P1D"), end("done")]
    text = bpmn(process, *parts, "begin > ask > wait > done", lanes={"Sales": ["ask"]})
    return (text if time else text.replace("<timeDuration>P1D</timeDuration>", "")).encode()


def work(house: House, what: Callable[[Transaction], Made]) -> Made:
    with house.engine.transaction(house.now) as tx:
        return what(tx)


def keep(house: House, author_id: int | None = None, **files: bytes) -> int:
    """A draft of files by name, two underscores for a dot; its number."""
    named = {name.replace("__", "."): data for name, data in files.items()}
    return work(house, lambda tx: drafts.keep(house.engine, tx, named, author_id=author_id).id)


def answer(house: House, number: int, given: Mapping[drafts.AskedKey, str]) -> dict[drafts.AskedKey, Invalid]:
    return work(house, lambda tx: drafts.answer(house.engine, tx, drafts.get(tx, number), given))


def deploy(house: House, number: int) -> versions.Report:
    def put_in(tx: Transaction) -> versions.Report:
        return drafts.deploy(house.engine, tx, drafts.get(tx, number), author="ada", note="first", tag="v1")

    return work(house, put_in)


def state(house: House, number: int) -> tuple[str, int, bool]:
    draft = work(house, lambda tx: drafts.get(tx, number))
    return draft.outcome, draft.questions, draft.kept


WAIT = ("offer.bpmn", "wait", "timer")


def test_files_with_an_open_question_are_kept_bit_for_bit(house: House) -> None:
    number = keep(house, offer__bpmn=waiting(), ask__form=FORM.encode())
    assert state(house, number) == ("draft", 1, True)
    assert work(house, lambda tx: drafts.files(tx, drafts.get(tx, number))) == {
        "ask.form": FORM.encode(),
        "offer.bpmn": waiting(),
    }
    assert house.rows(Version) == []


def test_an_answer_in_plain_words_opens_the_way_and_is_kept_with_the_version(house: House) -> None:
    number = keep(house, offer__bpmn=waiting())
    assert answer(house, number, {WAIT: "2 giorni e 4 ore"}) == {}
    assert state(house, number) == ("deployed", 0, True)
    report = deploy(house, number)
    [version] = house.rows(Version)
    assert [(one.process, one.version) for one in report.processes] == [("offer", 1)]
    assert (version.answers, version.author, version.note, version.tag) == (
        {"wait": {"timer": "P2DT4H"}},
        "ada",
        "first",
        "v1",
    )
    assert version.xml == waiting()
    assert house.rows(Draft) == house.rows(DraftFile) == []


def test_the_next_version_of_the_same_drawing_is_offered_the_answers(house: House) -> None:
    number = keep(house, offer__bpmn=waiting())
    answer(house, number, {WAIT: "3 days"})
    deploy(house, number)
    again = keep(house, offer__bpmn=waiting().replace(b'id="ask"', b'id="ask" name="Ask anew"'))
    report = work(house, lambda tx: drafts.look(house.engine, tx, drafts.get(tx, again)))
    assert drafts.questions(report)[WAIT].suggestion == "P3D"
    assert drafts.open_questions(report) == 0


def test_what_is_not_understood_is_said_and_what_was_right_stays(house: House) -> None:
    number = keep(house, offer__bpmn=waiting(), late__bpmn=waiting("late"))
    late = ("late.bpmn", "wait", "timer")
    wrong = answer(house, number, {WAIT: "soon", late: "1 week"})
    assert {key: error.code for key, error in wrong.items()} == {WAIT: "answer_duration"}
    assert state(house, number) == ("draft", 1, True)
    draft = work(house, lambda tx: drafts.get(tx, number))
    assert draft.answers["late.bpmn"] == {"wait": {"timer": "P1W"}}


def test_an_answer_belongs_to_its_file_though_ids_are_the_same(house: House) -> None:
    number = keep(house, offer__bpmn=waiting(), late__bpmn=waiting("late"))
    answer(house, number, {WAIT: "3 days", ("late.bpmn", "wait", "timer"): "9 days"})
    deploy(house, number)
    kept = {version.process: version.answers for version in house.rows(Version)}
    assert kept == {"offer": {"wait": {"timer": "P3D"}}, "late": {"wait": {"timer": "P9D"}}}


def test_what_nobody_asked_is_not_kept(house: House) -> None:
    number = keep(house, offer__bpmn=waiting())
    assert answer(house, number, {("offer.bpmn", "ask", "colour"): "blue", ("x", "y", "z"): "1"}) == {}
    assert work(house, lambda tx: drafts.get(tx, number).answers) == {}


def test_an_empty_answer_takes_the_old_one_back(house: House) -> None:
    number = keep(house, offer__bpmn=waiting())
    answer(house, number, {WAIT: "3 days"})
    answer(house, number, {WAIT: " "})
    assert state(house, number) == ("draft", 1, True)


def test_a_draft_with_open_questions_is_not_deployed(house: House) -> None:
    number = keep(house, offer__bpmn=waiting())
    report = deploy(house, number)
    assert (report.exit_code, report.held) == (3, "Nothing was deployed: offer.bpmn has open questions.")
    assert house.rows(Version) == []
    assert state(house, number) == ("draft", 1, True)


def test_the_same_person_s_draft_of_the_same_processes_is_replaced_and_its_answers_stay(house: House) -> None:
    ada = work(house, lambda tx: people.ensure(tx, "ada").id)
    number = keep(house, ada, offer__bpmn=waiting())
    answer(house, number, {WAIT: "3 days"})
    changed = waiting().replace(b'id="ask"', b'id="ask" name="Ask anew"')
    assert keep(house, ada, offer__bpmn=changed) == number
    assert state(house, number) == ("deployed", 0, True)
    assert work(house, lambda tx: drafts.files(tx, drafts.get(tx, number))) == {"offer.bpmn": changed}
    assert keep(house, None, offer__bpmn=waiting()) != number


def test_answers_to_what_is_no_longer_asked_are_no_problem(house: House) -> None:
    number = keep(house, offer__bpmn=waiting())
    answer(house, number, {WAIT: "3 days"})
    with house.engine.transaction(house.now) as tx:
        draft = drafts.get(tx, number)
        drafts.put(tx, draft, {"offer.bpmn": waiting(time="P9D")})
        assert drafts.examine(house.engine, tx, draft).findings == []
    deploy(house, number)
    assert house.rows(Version)[0].answers == {}


def test_what_nobody_came_back_to_is_swept_away_and_drafts_stay(house: House) -> None:
    ready = keep(house, offer__bpmn=waiting(time="P1D"))
    asking = keep(house, late__bpmn=waiting("late"))
    house.now += timedelta(days=2)
    keep(house, other__bpmn=waiting("other", "P1D"))
    with pytest.raises(NotFound):
        state(house, ready)
    assert state(house, asking)[0] == "draft"
    assert [row.processes for row in work(house, drafts.drafts)] == [("late",)]


def test_drawings_of_several_folders_keep_what_lies_beside_each(house: House) -> None:
    files = {
        "one/offer.bpmn": waiting(time="P1D"),
        "one/texts.it.toml": b'[elements]\nask = "Chiedi"',
        "two/late.bpmn": waiting("late", "P1D"),
        "two/texts.it.toml": b'[elements]\nask = "Telefona"',
    }
    report = work(house, lambda tx: versions.deploy(house.engine, tx, bundles.gather(files)))
    assert report.exit_code == 0
    texts = {version.process: version.texts["it"]["elements"]["ask"] for version in house.rows(Version)}
    assert texts == {"offer": "Chiedi", "late": "Telefona"}


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("duration", "3 days", "P3D"),
        ("duration", " tre giorni ", "P3D"),
        ("duration", "1,5 ore", "PT1H30M"),
        ("duration", "2 weeks and 1 day", "P15D"),
        ("duration", "pt48h", "PT48H"),
        ("duration", 'due("follow_up")', 'due("follow_up")'),
        ("duration", "= pause", "= pause"),
        ("cycle", "every 2 days", "R/P2D"),
        ("cycle", "ogni settimana", "R/P1W"),
        ("cycle", "R3/PT1H", "R3/PT1H"),
        ("date", "24/12/2026 9:30", "2026-12-24T09:30:00"),
        ("date", "2026-12-24 09:30", "2026-12-24T09:30"),
        ("expression", "amount > 1000", "amount > 1000"),
        ("text", "anything", "anything"),
    ],
)
def test_answers_are_understood_as_people_write_them(kind: str, text: str, kept: str) -> None:
    assert answers.understand(Ask("field", kind), text) == kept  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ask", "text", "code"),
    [
        (Ask("f", "duration"), "soon", "answer_duration"),
        (Ask("f", "duration"), "3 fishes", "answer_duration"),
        (Ask("f", "duration"), "1,5 mesi", "answer_duration"),
        (Ask("f", "cycle"), "now and then", "answer_cycle"),
        (Ask("f", "date"), "31/02/2026", "answer_date"),
        (Ask("f", "expression"), "amount >", "answer_expression"),
        (Ask("f", "choice", (("a", "A"),)), "b", "answer_not_offered"),
        (Ask("f", "role", (("sales_rep", "Sales"),)), "nobody", "answer_not_offered"),
        (Ask("f", "text"), "x" * 3000, "answer_size"),
    ],
)
def test_what_is_no_answer_is_refused_by_its_kind(ask: Ask, text: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        answers.understand(ask, text)
    assert refusal.value.code == code
