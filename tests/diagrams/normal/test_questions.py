"""What a drawing leaves open is asked, once for each matter; answers are checked, used and kept."""

from __future__ import annotations

import pytest

from engine.diagrams.normal import Normalised, normalise
from engine.diagrams.normal.answers import meant_by
from engine.findings import Answers, Ask
from engine.xml import parse
from tests.diagrams.conftest import bpmn, context
from tests.diagrams.snippets import choosing, many, repeating, step, timed


def made(body: str, answers: Answers | None = None, **more: str | None) -> Normalised:
    root = parse(bpmn(body, **more), "offer.bpmn")  # type: ignore[arg-type]
    return normalise(root, "offer.bpmn", context(), answers or {})


def said(normal: Normalised) -> list[tuple[str, str, str | None]]:
    return [(one.severity, one.code, one.element) for one in normal.findings]


def texts(normal: Normalised, tag: str) -> list[str | None]:
    return [node.text for node in normal.root.iter(f"{{*}}{tag}")]


@pytest.mark.parametrize(
    ("words", "time"),
    [
        ("3 giorni", "P3D"),
        ("entro 2 giorni lavorativi", "P2D"),
        ("2 days", "P2D"),
        ("after two weeks", "P2W"),
        ("48h", "PT48H"),
        ("48 Stunden", "PT48H"),
        ("30 minuti", "PT30M"),
        ("un mese", "P1M"),
        ("domani", None),
        ("", None),
    ],
)
def test_times_in_words_are_guessed(words: str, time: str | None) -> None:
    assert meant_by(words) == time


@pytest.mark.parametrize(
    ("words", "time"), [("every Monday", "R/P7D"), ("ogni lunedì", "R/P7D"), ("every 2 hours", "R/PT2H")]
)
def test_what_happens_again_and_again_is_guessed_too(words: str, time: str) -> None:
    assert meant_by(words, repeats=True) == time


def test_a_timer_may_wait_until_a_time_that_a_script_sets() -> None:
    drawing = timed("<timeDate>until</timeDate>")
    script = '<scriptTask id="set"><script>until = now() + duration("P1D")</script></scriptTask>'

    assert said(made(drawing)) == [("question", "timer_words", "a")]
    assert said(made(drawing.replace("~ s > a", f"{script}~ s > set > a"))) == []


def test_a_time_in_words_is_a_question_with_a_suggestion() -> None:
    normal = made(timed("<timeDuration>3 giorni</timeDuration>"))

    (finding,) = normal.findings
    assert finding.ask == Ask("timer", "duration", (), "P3D")
    assert finding.to_json()["question"] == {
        "field": "timer",
        "kind": "duration",
        "options": [],
        "suggestion": "P3D",
    }


@pytest.mark.parametrize(
    ("answer", "tag", "text"),
    [
        ("P5D", "timeDuration", "P5D"),
        (" PT4H ", "timeDuration", "PT4H"),
        ("2 giorni", "timeDuration", "P2D"),
        ("2026-12-01", "timeDate", "2026-12-01"),
        ('due("follow_up")', "timeDuration", 'due("follow_up")'),
        ("=deadline", "timeDuration", "=deadline"),
        ("R3/PT1H", "timeDuration", "PT1H"),
    ],
)
def test_an_answer_becomes_the_time(answer: str, tag: str, text: str) -> None:
    normal = made(timed(""), {"a": {"timer": answer}})

    assert said(normal)[0] == ("fixed", "answered", "a")
    assert texts(normal, tag) == ["P1D", text] if tag == "timeDuration" else [text]
    assert normal.answers == {"a": {"timer": answer.strip()}}


@pytest.mark.parametrize("answer", ["", "P2D5", "soon", "3 fishes, 2 days", "2026-13-01", "x >", "R/PT0S"])
def test_a_wrong_answer_is_an_error_that_names_it(answer: str) -> None:
    normal = made(timed(""), {"a": {"timer": answer}})

    assert said(normal) == [("error", "answer_wrong", "a")]
    assert normal.findings[0].ask is not None
    assert answer in normal.findings[0].message
    assert normal.answers == {}


def test_one_question_asks_the_role_of_a_whole_pool() -> None:
    body = step('<userTask id="a"/>').replace("~ s > a > e", '<userTask id="b"/>~ s > a > b > e')
    assert said(made(body, lane="Moon")) == [("question", "lane_unknown", "pool")]

    normal = made(body, {"pool": {"role": "sales_rep"}}, lane="Moon")

    assert said(normal) == [("fixed", "answered", "pool")]
    assert normal.findings[0].message == "“Moon”: the answer to “role” is Sales"
    marks = [node.get("{urn:percorso:bpmn}role") for node in normal.root.iter("{*}userTask")]
    assert marks == ["sales_rep", "sales_rep"]


def test_an_answer_that_is_none_of_the_options_is_refused() -> None:
    normal = made(step('<userTask id="a"/>'), {"pool": {"role": "pilot"}}, lane="Moon")

    assert said(normal) == [("error", "answer_wrong", "pool")]
    assert "it is none of sales_rep, sales_office" in normal.findings[0].message


def test_a_lane_that_is_nearly_a_role_is_suggested() -> None:
    ask = made(step('<userTask id="a"/>'), lane="Sale").findings[0].ask

    assert ask is not None
    assert ask.suggestion == "sales_rep"


def test_an_answer_with_a_list_or_a_number_says_how_often() -> None:
    assert texts(made(many(""), {"a": {"list": "3"}}), "loopCardinality") == ["3"]
    assert texts(made(many(""), {"a": {"list": "suppliers"}}), "loopDataInputRef") == ["suppliers"]


def test_a_missing_condition_is_answered_in_an_expression() -> None:
    body = choosing('~ g > a\n~ g > b\n<task id="c"/>~ c > e\n~ g > c [x > 1]\n', more='default="g_a"')
    normal = made(body, {"g_b": {"condition": "y = 2"}})

    assert "y = 2" in texts(normal, "conditionExpression")


def test_arrows_with_labels_out_of_a_task_are_one_way_or_all() -> None:
    arrows = (
        '<sequenceFlow id="f1" name="Yes" sourceRef="a" targetRef="e"/>'
        '<sequenceFlow id="f2" name="No" sourceRef="a" targetRef="e2"/>'
    )
    body = f'<startEvent id="s"/><task id="a"/><endEvent id="e"/><endEvent id="e2"/>~ s > a\n{arrows}'
    one = made(body, {"a": {"ways": "one"}})
    every = made(body, {"a": {"ways": "all"}})

    assert [node.get("id") for node in one.root.iter("{*}exclusiveGateway")] == ["a_split"]
    assert [node.get("id") for node in every.root.iter("{*}parallelGateway")] == ["a_split"]


def test_a_cycle_is_asked_for_where_it_may_happen_again() -> None:
    ask = made(repeating("every Monday")).findings[0].ask

    assert ask == Ask("timer", "cycle", (), "R/P7D")


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("P1H1M1S", "PT1H1M1S"),
        ("P1D2H", "P1DT2H"),
        ("p2d", "P2D"),
        ("R3/P1H", "PT1H"),
        ("PT", None),
        ("2026-13-01", None),
    ],
)
def test_a_time_that_is_nearly_one_is_named_so_with_what_was_meant(text: str, suggestion: str | None) -> None:
    [finding] = made(timed(f"<timeDuration>{text}</timeDuration>")).findings
    assert finding.code == "timer_form"
    assert "cannot be used: " in finding.message
    assert finding.ask is not None
    assert finding.ask.suggestion == suggestion
