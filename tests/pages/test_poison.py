"""Values that break others' engines: saved, loaded, shown on the case's page and by command, or refused in words."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine import inbox, versions
from engine.errors import Invalid
from engine.runtime import CaseView, case_view, start
from engine.values import MAX_BYTES, YearsMonths, to_json
from tests.engine.drawing import bpmn, catch, end, user
from tests.engine.drawing import start as begin
from tests.pages.conftest import House
from tests.stories.command import Percorso

LAST = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
FIRST = datetime(1, 1, 1, tzinfo=UTC)
LONG = "x" * MAX_BYTES
POISON: dict[str, Mapping[str, Any]] = {
    "a key typename": {"lead": {"typename": "UUID", "value": "x"}, "typename": "datetime"},
    "our own marks": {"x": {"$": "num", "v": "NaN"}, "$": "dt"},
    "ids of elements": {"visit_wanted": 1, "plan_visit": {"plan_late": 2}, "visit": "visit"},
    "names of SpiffWorkflow": {"Start": 1, "End": 2, "Root": 3, "data_objects": {"a": 1}, "tokens": []},
    "keywords": {"class": 1, "import": 2, "if": 3, "return": 4, "for": 5, "null": 6, "true": 7, "None": 8},
    "names with underscores": {"__class__": "x", "__builtins__": {"open": 1}, "__proto__": {"a": 1}, "self": 1},
    "names of functions": {"due": 1, "now": 2, "sum": 3, "constructor": 4, "toString": 5},
    "braces and markup": {"{0.__class__}": "{remedy}", "<script>alert(1)</script>": "<b>", "%s": "%(x)s", "": "empty"},
    "a text of 64 kB": {"x": LONG},
    "the last dates": {"day": date(9999, 12, 31), "at": LAST, "local": datetime(9999, 12, 31, 23, 59),  # noqa: DTZ001
                       "rome": datetime(9999, 12, 31, 23, 59, tzinfo=ZoneInfo("Europe/Rome"))},
    "the first dates": {"day": date(1, 1, 1), "at": FIRST, "rome": datetime(1, 1, 1, tzinfo=ZoneInfo("Europe/Rome"))},
    "long times": {"years": YearsMonths(12 * 9999), "days": timedelta(days=3_000_000), "back": timedelta(days=-3_000_000),
                   "time": time(23, 59, 59, 999_999)},
    "large numbers": {"n": 10**60, "d": Decimal("1E+30"), "small": Decimal("1E-30"), "zero": Decimal("-0.00")},
    "deep": {"x": [[[[[[[[[[{"a": [None]}]]]]]]]]]]},
}  # fmt: skip
REFUSED: dict[str, tuple[Any, str]] = {
    "not a number": (float("nan"), "is not a number"),
    "without end": (float("-inf"), "is not a number"),
    "a decimal that is none": (Decimal("sNaN"), "is not a number"),
    "a text above 64 kB": (LONG + "x", "is larger than 64 kB"),
    "an object": (object(), "has a type that a case cannot hold"),
    "half a letter": ("\ud800", "holds characters that cannot be stored"),
}


def begun(house: House, data: Mapping[str, Any]) -> str:
    """The number of a new case with these variables."""
    lead_id = house.lead("Giulia", "Bianchi")
    with house.engine.transaction(house.now) as tx:
        return start(house.engine, tx, "visit", {"lead_id": lead_id, **data}).case_no


def seen(house: House, case_no: str) -> CaseView:
    with house.engine.transaction(house.now, write=False) as tx:
        return case_view(house.engine, tx, case_no)


def command(house: House, tmp_path: Path) -> Percorso:
    return Percorso(str(house.engine.database.url), tmp_path)


def test_poison_is_saved_loaded_and_shown_on_the_page(any_house: House) -> None:
    ada = any_house.client("ada")
    for data in POISON.values():
        case_no = begun(any_house, data)
        (task,) = seen(any_house, case_no).open_tasks
        with any_house.engine.transaction(any_house.now) as tx:
            inbox.complete(any_house.engine, tx, task["id"], {"place": "customer", "people": 3})
        after = seen(any_house, case_no).data
        assert {key: repr(after[key]) for key in data} == {key: repr(value) for key, value in data.items()}

        answer = ada.get(f"/cases/{case_no}")

        assert answer.status_code == 200
        page = html.unescape(answer.text)
        assert "<script>alert" not in answer.text
        for key, value in data.items():
            assert key in page
            assert str(to_json(value)) in page


def test_poison_is_shown_by_command(house: House, tmp_path: Path) -> None:
    cases = {begun(house, data): data for data in POISON.values()}
    percorso = command(house, tmp_path)

    with percorso.pipe() as call:
        for case_no, data in cases.items():
            shown = call("case", case_no)["data"]
            plain = json.loads(json.dumps(to_json(dict(data))))
            assert {key: shown[key] for key in data} == plain

    everything = begun(house, {key: value for data in POISON.values() for key, value in data.items()})
    words = percorso.run("case", everything)
    assert words.returncode == 0
    assert "__class__" in words.stdout


def test_what_a_case_cannot_hold_is_refused_with_its_place(any_house: House) -> None:
    for value, reason in REFUSED.values():
        with pytest.raises(Invalid) as refusal:
            begun(any_house, {"lead": {"note": value}})
        assert refusal.value.message == f"The value at data.lead.note {reason}."


def test_a_timer_and_a_due_date_at_the_end_of_time_are_shown(any_house: House, tmp_path: Path) -> None:
    drawing = bpmn("far", begin("s"), user("ask", due="at"), catch("wait", date="=at"), end("e"), "s > ask > wait > e",
                   lanes={"Sales": ["ask"]})  # fmt: skip
    (tmp_path / "far.bpmn").write_text(drawing, encoding="utf-8")
    with any_house.engine.transaction(any_house.now) as tx:
        report = versions.deploy(any_house.engine, tx, [tmp_path])
        assert report.exit_code == 0, report.findings
    ada = any_house.client("ada")
    for at in (FIRST, LAST):
        with any_house.engine.transaction(any_house.now) as tx:
            case_no = start(any_house.engine, tx, "far", {"at": at}).case_no
        (task,) = seen(any_house, case_no).open_tasks
        for address in (f"/cases/{case_no}", "/", "/cases", f"/tasks/{task['id']}"):
            assert ada.get(address).status_code == 200, address
    percorso = command(any_house, tmp_path)
    assert "9999-12-31" in percorso.run("tasks").stdout
    with any_house.engine.transaction(any_house.now) as tx:
        inbox.complete(any_house.engine, tx, task["id"], {})
    assert ada.get(f"/cases/{case_no}").status_code == 200
    assert "9999-12-31" in percorso.run("case", case_no).stdout
