"""The runner by itself: small drawings of our own in the manner of SpiffWorkflow's tests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.engine.drawing import (
    Part,
    both,
    boundary,
    bpmn,
    catch,
    end,
    file,
    many,
    plain,
    script,
    start,
    sub,
    throw,
    user,
    xor,
)
from tests.engine.house import House
from tests.spiffworkflow.accounts import Accounts, is_meant, names_of
from tests.spiffworkflow.cases import CASES
from tests.spiffworkflow.drawings import Changes
from tests.spiffworkflow.left_out import LEFT_OUT
from tests.spiffworkflow.runner import Case, play
from tests.spiffworkflow.steps import (
    begin,
    closed,
    do,
    do_one,
    ended,
    fails,
    has,
    in_order,
    lacks,
    later,
    message,
    never,
    not_ended,
    opened,
    passed,
    times,
    waits,
)

DOCS = Path(__file__).resolve().parents[2] / "docs" / "spiffworkflow.md"

CHOICE = bpmn(
    "choice", start("s"), plain("ask"), xor("way"), plain("yes"), plain("no"), end("e"),
    "s > ask > way", "way > yes > e", "way > no > e",
).replace(' sourceRef="way" targetRef="yes"', ' name="Yes" sourceRef="way" targetRef="yes"').replace(
    ' sourceRef="way" targetRef="no"', ' name="No" sourceRef="way" targetRef="no"'
)  # fmt: skip
SPLIT = bpmn(
    "split", start("s"), both("all"), plain("a"), plain("b"), both("join"), plain("last"), end("e"),
    "s > all > a > join > last > e", "all > b > join",
)  # fmt: skip
REMINDED = bpmn(
    "reminded", start("s"), user("work", "Do  the\n work"), boundary("late", "work", interrupting=False, cycle="R2/PT1H"),
    script("remind", "count += 1"), end("e"), end("r"), "s > work > e", "late > remind > r",
)  # fmt: skip
NAMELESS = bpmn("nameless", start("s"), catch("wait", "x"), end("e"), "s > wait > e").replace(
    '<intermediateCatchEvent id="wait"><messageEventDefinition messageRef="Message_x"/>',
    '<intermediateCatchEvent id="wait" name="Test  Message"><messageEventDefinition/>',
)
POOLS: Mapping[str, list[Part]] = {
    "asks": [start("s"), throw("ask", "question"), catch("hear", "answer"), end("e"), "s > ask > hear > e"],
    "answers": [start("q", "question"), plain("think"), throw("say", "answer"), end("f"), "q > think > say > f"],
}  # fmt: skip
EACH = bpmn(
    "each", start("s"), many(plain("one"), "list", "x", output="all", value="y"), end("e"), "s > one > e"
)
DEAD = bpmn(
    "dead", start("s"), xor("way"), plain("a"), both("join"), end("e"),
    "s > way > a > join > e", "way > join [default]",
)  # fmt: skip
VAGUE = bpmn("vague", start("s"), catch("wait", duration="soon"), end("e"), "s > wait > e")
DEEP = bpmn("deep", start("s"), sub("inner"), end("e"), "s > inner > e")

MINI: list[tuple[str, str, Any]] = [
    ("labels", CHOICE, Case(("own",), (), "choice", (
        opened("ask"), do("ask", choice="Yes"), opened("yes"), closed("no"), do("yes"), ended, passed("yes"),
        never("no")))),
    ("joins", SPLIT, Case(("own",), (), "split", (*in_order("b", "!last", "a", "last"), ended))),
    ("timers", REMINDED, Case(("own",), (), "reminded", (
        opened("Do the work"), waits("late"), later(minutes=59), times("remind", 0), later(minutes=1), has(count=1),
        later(hours=1), times("remind", 2), waits(), not_ended, do("Do the work"), ended), data={"count": 0},
        changes=Changes(words={"count += 1": "count = count + 1"}))),
    ("nameless", NAMELESS, Case(("own",), (), "nameless", (
        waits("Test Message"), message("Wrong Message"), not_ended, message("Test Message", paid=True), ended,
        has(paid=True)))),
    ("pools", file(POOLS), Case(("own",), (), "asks", (
        waits("hear"), opened("think"), do("think"), ended, lacks("think")))),
    ("began", file(POOLS), Case(("own",), (), "answers", (message("question"), do("think"), ended), begins=False)),
    ("instances", EACH, Case(("own",), (), "each", (
        opened("one", "one"), do_one("one", y=5), ended, has(all=[5, None])), data={"list": [1, 2]},
        changes=Changes(inside={"multiInstanceLoopCharacteristics": "<completionCondition>y > 4</completionCondition>"}))),
    ("incident", CHOICE, Case(("own",), (), "choice", (
        begin("choice"), fails(do("ask", choice="?"), "way"), opened()), begins=False)),
    ("refused", DEAD, Case(("own",), (), "dead", refused=("deadlock", "join"))),
    ("asked", VAGUE, Case(("own",), (), "vague", asked=("timer_words", "wait"))),
    ("told", DEEP, Case(("own",), (), "deep", (do("inner"), ended), told=(("sub_process_task", "inner"),))),
]  # fmt: skip


@pytest.mark.parametrize(("xml", "case"), [one[1:] for one in MINI], ids=[one[0] for one in MINI])
def test_a_case_is_played(house: House, tmp_path: Path, xml: str, case: Case) -> None:
    drawing = tmp_path / "own.bpmn"
    drawing.write_text(xml, encoding="utf-8")

    play(house, case, [drawing])


@pytest.mark.parametrize(
    ("xml", "case", "said"),
    [
        (SPLIT, Case(("own",), (), "split", (opened("a"),)), "open are ['a', 'b']"),
        (SPLIT, Case(("own",), (), "split", (do("last"),)), "last is open 0 times"),
        (SPLIT, Case(("own",), (), "split", (closed("a"),)), "a is open"),
        (SPLIT, Case(("own",), (), "split", (ended,)), "open are ['a', 'b']"),
        (SPLIT, Case(("own",), (), "split", (waits("a"),)), "waited for: Counter()"),
        (SPLIT, Case(("own",), (), "split", (passed("a"),)), "not passed: ['a']"),
        (SPLIT, Case(("own",), (), "split", (never("all"),)), "passed: ['all']"),
        (SPLIT, Case(("own",), (), "split", (times("s", 2),)), "s has been passed 1 times"),
        (SPLIT, Case(("own",), (), "split", (do("a", x=1), has(x=2))), "{'x': 1}"),
        (SPLIT, Case(("own",), (), "split", (do("a", x=1), lacks("x"))), "still there: ['x']"),
        (SPLIT, Case(("own",), (), "split", refused=("deadlock", "join")), "error: []"),
        (DEAD, Case(("own",), (), "dead"), "error: [('deadlock', 'join')]"),
        (VAGUE, Case(("own",), (), "vague"), "question: [('timer_words', 'wait')]"),
        (SPLIT, Case(("own",), (), "split", told=(("end_made", "a"),)), "told: []"),
        (SPLIT, Case(("own",), (), "split", changes=Changes(words={"x": "y"})), "not in the drawings: ['x']"),
    ],
    ids=["opened", "do", "closed", "ended", "waits", "passed", "never", "times", "has", "lacks", "not refused",
         "refused", "asked", "not told", "words"],
)  # fmt: skip
def test_what_comes_otherwise_is_told(house: House, tmp_path: Path, xml: str, case: Case, said: str) -> None:
    drawing = tmp_path / "own.bpmn"
    drawing.write_text(xml, encoding="utf-8")

    with pytest.raises(AssertionError) as told:
        play(house, case, [drawing])
    assert said in str(told.value)


def test_tests_are_counted_by_what_becomes_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "SpiffWorkflow" / "bpmn" / "serializer"
    folder.mkdir(parents=True)
    (folder / "SavingTest.py").write_text(
        "class A:\n    def test_it(self): pass\n    def helper(self): pass\n"
    )
    (folder.parent / "WayTest.py").write_text(
        "class A:\n    def test_one(self): pass\n    def test_two(self): pass\n"
        "class B:\n    def test_one(self): pass\n"
    )
    case = Case(("bpmn/WayTest::A.*",), (), "p", refused=("a", "b"), differs=("Why",))

    accounts = Accounts.of(tmp_path, [case])

    assert list(names_of(tmp_path)) == [
        "bpmn/WayTest::A.test_one", "bpmn/WayTest::A.test_two", "bpmn/WayTest::B.test_one",
        "bpmn/serializer/SavingTest::A.test_it",
    ]  # fmt: skip
    assert list(accounts.played) == ["bpmn/WayTest::A.test_one", "bpmn/WayTest::A.test_two"]
    assert accounts.lost == ["bpmn/WayTest::B.test_one"]
    lines = list(accounts.lines())
    assert lines[:2] == [
        "4 tests: 2 played, 1 left out",
        "of those played, 2 by a drawing that is not run, 2 with another result",
    ]
    assert lines[-1] == "not looked at: bpmn/WayTest::B.test_one"


def test_a_name_stands_for_the_tests_that_it_means() -> None:
    test = "bpmn/events/MessagesTest::MessagesTest.testRun"
    for pattern in (
        "bpmn/events/MessagesTest::testRun",
        "bpmn/events/MessagesTest::*",
        "bpmn/*::MessagesTest.*",
    ):
        assert is_meant(pattern, test)
    for pattern in (
        "bpmn/events/MessagesTest::test",
        "bpmn/MessagesTest::*",
        "bpmn/events/MessagesTest::B.*",
    ):
        assert not is_meant(pattern, test)


def test_every_difference_is_written_down_with_its_tests() -> None:
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", DOCS.read_text(encoding="utf-8"), re.M | re.S))
    used: dict[str, set[str]] = {}
    for case in CASES:
        for heading in case.differs:
            used.setdefault(heading, set()).update(
                test.partition("::")[0].rpartition("/")[2] for test in case.tests
            )

    assert set(used) == set(sections)
    for heading, tests in used.items():
        named = set(re.findall(r"`(\w+Test)`", sections[heading]))
        assert tests <= named, f"{heading}: {tests - named} are not named"


def test_every_reason_for_leaving_tests_out_is_a_sentence_about_some() -> None:
    assert all(reason and patterns for reason, patterns in LEFT_OUT.items())
