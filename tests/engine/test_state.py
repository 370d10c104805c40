"""A case's saved state: typed values come back as they were, it stays small, and old ones still run."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import state
from engine.errors import Invalid
from engine.tables import Case, Task
from engine.values import MAX_BYTES, YearsMonths
from tests.engine.drawing import both, boundary, bpmn, call, catch, end, script, start, sub, user, xor
from tests.engine.house import House

ROME = ZoneInfo("Europe/Rome")
TASK = bpmn("task", start("begin"), user("ask"), end("done"), "begin > ask > done")
STATES = Path(__file__).parent / "states"

VALUES: dict[str, Any] = {
    "text": "Città “Ω” 😀 \n\t\\ \x7f",
    "empty": "",
    "true": True,
    "false": False,
    "null": None,
    "zero": 0,
    "negative": -17,
    "beyond_double": 2**53 + 1,
    "huge": -(10**40),
    "price": Decimal("12.50"),
    "tiny": Decimal("0.000000000000000000000000000000001"),
    "exponent": Decimal("1E+30"),
    "minus_zero": Decimal("-0.00"),
    "date": date(2026, 2, 28),
    "time": time(9, 30, 15, 250_000),
    "time_with_offset": time(9, 30, tzinfo=timezone(timedelta(hours=2))),
    "local": datetime(2026, 7, 1, 9, 0),  # noqa: DTZ001
    "utc": datetime(2026, 7, 1, 9, 0, tzinfo=UTC),
    "offset": datetime(2026, 7, 1, 9, 0, 0, 1, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
    "rome": datetime(2026, 7, 1, 9, 0, tzinfo=ROME),
    "hours": timedelta(hours=4, microseconds=7),
    "days": timedelta(days=400, seconds=1),
    "back": timedelta(days=-1, seconds=5),
    "months": YearsMonths(14),
    "months_back": YearsMonths(-1),
    "list": [1, [Decimal("2.0"), ["x", []]], {}],
    "context": {"a": {"b": [date(2026, 1, 1)]}},
    "typename": {"typename": "UUID", "value": "x"},
    "dollar": {"$": "num", "v": "NaN"},
    "deep_dollar": [{"$": {"$": None}}],
    "keys": {"": 1, "è": 2, "a b": 3, "__class__": 4},
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_with_its_type(lasting: House, name: str) -> None:
    lasting.deploy(TASK)
    case = lasting.start("task", {name: VALUES[name]})
    found = lasting.view(case).data[name]
    assert repr(found) == repr(VALUES[name])
    assert found == VALUES[name]


def test_all_values_survive_a_step_that_does_not_touch_them(house: House) -> None:
    house.deploy(bpmn("two", start("begin"), user("a"), user("b"), end("done"), "begin > a > b > done"))
    case = house.start("two", VALUES)
    before = json.loads(house.state(case))["data"]
    house.complete(case, "a")
    assert house.view(case).data == VALUES
    assert json.loads(house.state(case))["data"] == before


@pytest.mark.parametrize("fold", [0, 1])
def test_an_hour_that_happens_twice_keeps_which_of_the_two_it_was(house: House, fold: int) -> None:
    house.deploy(TASK)
    moment = datetime(2026, 10, 25, 2, 30, tzinfo=ROME, fold=fold)
    found = house.view(house.start("task", {"at": moment})).data["at"]
    assert isinstance(found, datetime)
    assert (found.fold, found.tzinfo, found.astimezone(UTC)) == (fold, ROME, moment.astimezone(UTC))


def _without_idle_fold(moment: datetime) -> datetime:
    """`fold` says something only in the hour that happens twice."""
    plain = moment.replace(fold=0)
    return plain if plain.utcoffset() == moment.utcoffset() else moment


_scalars: Any = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.times().map(lambda one: one.replace(fold=0)),
    st.timedeltas(),
    st.datetimes().map(lambda one: one.replace(fold=0)),
    st.datetimes(timezones=st.timezones(), allow_imaginary=False).map(_without_idle_fold),
    st.builds(YearsMonths, st.integers(-9999, 9999)),
)
_keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.sampled_from(
    ["$", "v", "typename"]
)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3)
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=_values)
def test_any_value_comes_back_as_it_was(value: Any) -> None:
    text = json.dumps(state.encode(value))
    assert repr(state.decode(json.loads(text))) == repr(value)


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "is not a number"),
        (float("inf"), "is not a number"),
        (Decimal("NaN"), "is not a number"),
        (Decimal("-Infinity"), "is not a number"),
        ("x" * (MAX_BYTES + 1), "is larger than 64 kB"),
        ("è" * (MAX_BYTES // 2 + 1), "is larger than 64 kB"),
        (object(), "has a type that a case cannot hold"),
    ],
)
def test_a_value_that_a_case_cannot_hold_is_refused_with_its_place(
    lasting: House, value: object, reason: str
) -> None:
    lasting.deploy(TASK)
    before = lasting.counted()
    with pytest.raises(Invalid) as refusal:
        lasting.start("task", {"lead": {"notes": [value]}})
    assert refusal.value.message == f"The value at data.lead.notes[0] {reason}."
    assert lasting.counted() == before

    case = lasting.start("task")
    with pytest.raises(Invalid):
        lasting.complete(case, "ask", {"note": value})
    assert lasting.open(case) == ["ask"]


def test_a_text_of_exactly_64_kb_is_kept(house: House) -> None:
    house.deploy(TASK)
    assert house.view(house.start("task", {"x": "x" * MAX_BYTES})).data == {"x": "x" * MAX_BYTES}


def test_a_variable_that_grows_beyond_64_kb_in_a_script_is_refused_by_its_name(house: House) -> None:
    house.deploy(
        bpmn(
            "grow",
            start("begin"), xor("in"), user("more"), script("add", "all = [all, piece]"), end("done"),
            "begin > in > more > add > in",
        )
    )  # fmt: skip
    case = house.start("grow", {"all": [], "piece": "x" * 30_000})
    house.complete(case, "more")
    house.complete(case, "more")
    with pytest.raises(Invalid) as refusal:
        house.complete(case, "more")
    assert refusal.value.message == "The variable “all” would be larger than 64 kB."
    assert house.open(case) == ["more"]
    assert house.view(case).data["all"] == [[[], "x" * 30_000], "x" * 30_000]


# --- The format -----------------------------------------------------------------------------------


def test_a_state_of_a_newer_format_is_refused_and_left_alone(house: House) -> None:
    house.deploy(TASK)
    case = house.start("task")
    newer = json.dumps({**json.loads(house.state(case)), "f": state.FORMAT + 1}).encode()
    with house.engine.transaction(house.now) as tx:
        tx.session.get_one(Case, case.case_id).state = newer
    task_id = _only_task(house, case.case_id)
    with pytest.raises(Invalid) as refusal:
        house.complete_task(task_id)
    assert refusal.value.message == f"This case was saved by a newer Percorso (format {state.FORMAT + 1})."
    assert refusal.value.remedy == "Update Percorso."
    assert house.state(case) == newer


def test_a_state_holds_only_what_is_alive(house: House) -> None:
    house.deploy(
        bpmn("row", start("begin"), user("a"), user("b"), catch("wait", duration="PT1H"), end("done"),
             "begin > a > b > wait > done")
    )  # fmt: skip
    case = house.start("row")
    sizes = [len(house.state(case))]
    for element in ("a", "b"):
        house.complete(case, element)
        sizes.append(len(house.state(case)))
    assert max(sizes) < 200
    house.tick(hours=1)
    final = json.loads(house.state(case))
    assert (final["tokens"], final.get("rows"), final.get("scopes")) == ([[0, None, "Start", 64]], None, None)


# The drawings of the kept states. A released state must run for ever, so these never change either.
KEPT = bpmn(
    "kept",
    start("begin"), both("split"), user("a"), user("b"), both("join"), catch("reply", "kept.reply"),
    sub("inner", start("s"), user("c"), end("e"), "s > c > e"),
    boundary("late", "inner", duration="P1D"), boundary("again", "inner", interrupting=False, cycle="R3/PT6H"),
    user("chase"), call("calls", "kept_called"), xor("meet"), end("done"), end("told"),
    "begin > split > a > join > reply > meet > done", "split > b > join", "split > inner > join",
    "split > calls > join", "late > chase > meet", "again > told",
)  # fmt: skip
KEPT_CALLED = bpmn("kept_called", start("cs"), user("d"), end("ce"), "cs > d > ce")


def kept_case(house: House) -> Any:
    """The case whose state was kept: a has been done, b waits at the join, and values of all kinds."""
    house.deploy(KEPT)
    house.deploy(KEPT_CALLED)
    case = house.start("kept", {**VALUES, "kept_id": 1})
    house.complete(case, "a")
    return case


def test_a_state_of_format_1_still_runs(house: House) -> None:
    kept = (STATES / "format1.json").read_bytes()
    assert json.loads(kept)["f"] == 1
    case = kept_case(house)
    with house.engine.transaction(house.now) as tx:
        tx.session.get_one(Case, case.case_id).state = kept

    assert house.view(case).data == {**VALUES, "kept_id": 1}
    assert house.open(case) == ["b", "c", "d"]
    assert house.waiting(case) == [("again", "2026-03-02T15:00:00Z"), ("late", "2026-03-03T09:00:00Z")]
    house.complete(case, "b")
    house.tick(hours=6)
    house.complete(case, "d", {"from_called": Decimal("1.10")})
    house.complete(case, "c")
    assert house.waiting(case) == [("reply", "kept.reply")]
    (after,) = house.send("kept.reply", {"kept_id": 1})
    assert after.status == "completed"
    assert house.view(case).data["from_called"] == Decimal("1.10")
    assert house.path(case) == [
        "begin", "split", "cs", "s", "a", "b", "again", "told", "d", "ce", "calls", "c", "e", "inner", "join",
        "reply", "meet", "done",
    ]  # fmt: skip


def _only_task(house: House, case_id: int) -> int:
    (task,) = house.rows(Task, Task.case_id == case_id)
    return int(task.id)
