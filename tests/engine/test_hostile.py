"""No drawing, table, form or message can run Python, read a file, or hang a worker."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from engine import versions
from engine.errors import PercorsoError, StepFailed
from engine.tables import Person, Version
from tests.engine.drawing import boundary, bpmn, catch, end, rule, script, service, start, user, xor
from tests.engine.house import House
from tests.engine.test_drawings import DECISION

SECONDS = 5
"""An attack that takes longer counts as successful: it would hang a worker."""

ATTACKS = [
    '__import__("os").system("touch CANARY")',
    'open("CANARY", "w")',
    "exec(\"open('CANARY', 'w')\")",
    "eval(\"open('CANARY', 'w')\")",
    '().__class__.__base__.__subclasses__()[100]("touch CANARY")',
    '[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == "_wrap_close"][0].__init__.__globals__["popen"]("touch CANARY")',
    '"".__class__.__mro__[1].__subclasses__()',
    "x.__class__.__init__.__globals__",
    "lead.__class__",
    'lead["__class__"]["__base__"]',
    "(lambda: 1).__code__",
    "type(1)",
    'getattr(x, "__class__")',
    "globals()",
    "vars()",
    '"{0.__class__}".format(x)',
    'f"{x.__class__}"',
    '"%s" % x.__class__',
    "9**9**9",
    "9 ** 9 ** 9 ** 9",
    '"a" * 100000000',
    "[1] * 100000000",
    "for i in 1..100000000000 return i",
    "for i in 1..9999, j in 1..9999 return i * j",
    "count(for i in 1..99999999 return i)",
    "some i in 1..99999999999 satisfies i < 0",
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$")',
    "(" * 5000 + "1" + ")" * 5000,
    "not " * 5000 + "true",
    "1" + "+1" * 20000,
    "import os",
    "x = 1; import os",
    "import('os').exec('touch CANARY')",
    "T(java.lang.Runtime).getRuntime().exec('touch CANARY')",
    '${"".getClass().forName("java.lang.Runtime").getRuntime().exec("touch CANARY")}',
    "#{__import__('os').system('touch CANARY')}",
    "${__import__('os').system('touch CANARY')}",
    '=__import__("os").system("touch CANARY")',
    "now().__class__",
    "due(x.__class__)",
    "\x00",
    "ｏｐｅｎ('CANARY')",
]
REFUSED = [
    attack
    for attack in ATTACKS
    if attack.lstrip("$#{=").startswith(
        ("__import__", "open(", "exec(", "eval(", "type(", "getattr(", "globals(", "vars(")
    )
    or attack.startswith(("import", "x = 1; import", "T(java", "(lambda", 'f"', "(((", "not not", "1+1+1"))
]
"""What calls a function that there is not, or is no expression at all: the others are FEEL like any other,
fields that no context has and sums that are too large, and come to nothing when they are evaluated."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder in which CANARY appears when an attack has run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def drawn(where: str, attack: str) -> tuple[str, dict[str, str]]:
    """A process with the attack in that place, and the decision tables beside it."""
    text = attack.replace("\x00", "�")  # XML cannot hold it.
    decisions: dict[str, str] = {}
    step: Any
    match where:
        case "condition":
            parts = [xor("step"), user("a"), user("b"), end("e1"), end("e2")]
            arrows = [
                "begin > step",
                f"step > a [{text}]",
                "step > b [default]",
                "a > e1",
                "b > e2",
            ]
            return bpmn("attack", start("begin"), *parts, *arrows, lanes={"Sales": ["a", "b"]}), {}
        case "script":
            step = script("step", f"x = {text}")
        case "duration" | "date" | "cycle":
            step = catch("step", **{where: text})
        case "due" | "assignee" | "priority":
            step = user("step", **{where: text})
        case "boundary":
            drawing = bpmn("attack", start("begin"), user("ask"), boundary("step", "ask", duration=text), end("e"),
                           end("x"), "begin > ask > e", "step > x", lanes={"Sales": ["ask"]})  # fmt: skip
            return drawing, {}
        case "cell" | "input" | "output":
            step = rule("step", "grade")
            places = {"cell": "&gt;= 50", "input": ">score<", "output": '"A"'}
            written = _escaped(text)
            table = DECISION.replace(places[where], f">{written}<" if where == "input" else written)
            decisions = {"grade.dmn": table}
        case "service":
            step = service("step", text)
        case _:
            raise AssertionError(where)
    lanes = {"Sales": ["step"]}
    return bpmn("attack", start("begin"), step, end("done"), "begin > step > done", lanes=lanes), decisions


PLACES = ("condition", "script", "duration", "date", "cycle", "boundary", "due", "assignee", "priority", "cell", "input",
          "output", "service")  # fmt: skip


@pytest.mark.parametrize("where", PLACES)
def test_attacks_in_a_drawing_end_in_words_or_in_nothing(lasting: House, folder: Path, where: str) -> None:
    for attack in ATTACKS:
        xml, decisions = drawn(where, attack)
        began = time.monotonic()
        try:
            lasting.deploy(xml, decisions=decisions)
            data = {"x": 1, "score": 60, "lead": {"name": "Ada"}}
            case = lasting.start("attack", data)
        except PercorsoError as refusal:
            assert isinstance(refusal, (StepFailed, PercorsoError))
            assert refusal.message
        else:
            # What is not refused has come to nothing: a label, a text, a null.
            found = lasting.view(case).data
            assert found.get("x") in (1, None) or isinstance(found["x"], (str, int)), attack
        assert not (folder / "CANARY").exists(), attack
        assert time.monotonic() - began < SECONDS, attack


@pytest.mark.parametrize("where", PLACES)
def test_attacks_are_named_at_deploy_or_made_harmless(house: House, folder: Path, where: str) -> None:
    assert len(REFUSED) > 15
    for attack in REFUSED:
        xml, decisions = drawn(where, attack)
        place = folder / "drawing"
        place.mkdir(exist_ok=True)
        (place / "attack.bpmn").write_text(xml, encoding="utf-8")
        for name, table in decisions.items():
            (place / name).write_text(table, encoding="utf-8")
        began = time.monotonic()
        with house.engine.transaction(house.now) as tx:
            report = versions.deploy(house.engine, tx, [place])
        named = [finding for finding in report.findings if finding.severity != "fixed"]
        # An assignee that is no expression is only a name.
        assert named or where == "assignee", attack
        assert all(finding.message and finding.remedy for finding in named), attack
        assert time.monotonic() - began < SECONDS, attack
        if report.exit_code == 0:
            house.start("attack")
    assert not (folder / "CANARY").exists()
    if where in ("cell", "input", "output", "condition", "duration"):
        assert house.rows(Version) == []


@pytest.mark.parametrize(
    "data",
    [
        {"__builtins__": {"open": 1}},
        {"__class__": "x", "__import__": "y", "self": 1},
        {"typename": "UUID", "value": "x"},
        {"due": 1, "now": 2, "today": 3, "len": 4, "sum": 5},
        {"$": "num", "v": "1"},
        {"{x}": "{0.__class__}", "%s": "%(x)s"},
        {"x": {"$": "dt", "v": "not a date"}},
        {"data": {}, "tokens": [], "f": 9},
    ],
)
def test_names_and_values_that_look_like_ours_are_data_like_any_other(
    house: House, data: dict[str, Any]
) -> None:
    house.deploy(
        bpmn("plain", start("begin"), script("count", "n = sum([1, 2])"), user("ask"), user("next"), end("done"),
             "begin > count > ask > next > done")
    )  # fmt: skip
    case = house.start("plain", data)
    assert house.view(case).data == {**data, "n": 3}
    house.complete(case, "ask", {f"{name}2": value for name, value in data.items()})
    assert house.view(case).data == {**data, **{f"{name}2": value for name, value in data.items()}, "n": 3}


def test_braces_in_names_are_only_characters(house: House) -> None:
    house.deploy(
        bpmn("braces", start("begin"), user("ask", "{0.__class__} {name} %s"), service("gone", "{x}"), end("done"),
             "begin > ask > gone > done")
    )  # fmt: skip
    ada = house.person("ada")
    with house.engine.transaction(house.now) as tx:
        tx.session.get_one(Person, ada.id).name = "{remedy}"
    case = house.start("braces")
    task_id = house.task(case, "ask")
    with pytest.raises(StepFailed) as failure:
        house.complete_task(task_id, person=ada)
    assert failure.value.message == "The step “gone” could not be done: there is no service “{x}”"


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "a\udfffb"])
def test_a_text_that_no_database_can_keep_is_refused_with_its_place(house: House, text: str) -> None:
    house.deploy(bpmn("plain", start("begin"), user("ask"), end("done"), "begin > ask > done"))
    before = house.counted()
    for act in (
        lambda: house.start("plain", {"lead": {"name": text}}),
        lambda: house.start("plain", {text: 1}),
        lambda: house.send("reply", {"lead_id": text}),
        lambda: house.send("reply", {}, {"note": text}),
    ):
        with pytest.raises(PercorsoError) as refusal:
            act()
        assert "cannot be stored" in refusal.value.message
    assert house.counted() == before


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
