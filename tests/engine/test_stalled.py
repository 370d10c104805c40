"""Cases that stand still are flagged once, with since when and where, until they move on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine import parameters
from engine.errors import Invalid, NotFound
from engine.runtime import CaseRef
from engine.tables import Parameter
from tests.engine.drawing import both, boundary, bpmn, call, catch, end, service, start, sub, user, xor
from tests.engine.house import House

LEAD = bpmn(
    "lead",
    start("begin"), user("qualify", stage="qualification"), user("check", stage="qualification"),
    user("offer", stage="offering"), catch("wait", duration="P1D"), end("done"),
    "begin > qualify > check > offer > wait > done",
)  # fmt: skip


def stalled(house: House, case: CaseRef) -> tuple[object, object]:
    view = house.view(case)
    return (view.stalled_since, view.stalled_reason)


def change(house: House, key: str, value: str, valid_from: datetime | None = None) -> None:
    with house.engine.transaction(house.now) as tx:
        parameters.change(tx, key, value, valid_from or house.now)


# --- Stages ---------------------------------------------------------------------------------------


def test_a_case_is_in_the_stage_of_its_step_and_each_visit_is_kept(house: House) -> None:
    house.deploy(LEAD)
    case = house.start("lead")
    began = house.now
    assert (house.view(case).stage, house.view(case).stage_since) == ("qualification", began)
    house.now += timedelta(hours=1)
    house.complete(case, "qualify")
    assert (house.view(case).stage, house.view(case).stage_since) == ("qualification", began)
    house.now += timedelta(hours=1)
    house.complete(case, "check")
    assert (house.view(case).stage, house.view(case).stage_since) == ("offering", house.now)
    house.now += timedelta(hours=1)
    house.complete(case, "offer")
    house.tick(days=1)
    assert [(one.stage, one.visit_no, one.entered_at, one.left_at) for one in house.visits(case)] == [
        ("qualification", 1, began, began + timedelta(hours=2)),
        ("offering", 1, began + timedelta(hours=2), began + timedelta(hours=3)),
        ("lead", 1, began + timedelta(hours=3), began + timedelta(hours=27)),
    ]
    assert [(one.type, (one.attrs or {})["stage"]) for one in house.events(case, "stage.entered", "stage.left")] == [
        ("stage.entered", "qualification"), ("stage.left", "qualification"), ("stage.entered", "offering"),
        ("stage.left", "offering"), ("stage.entered", "lead"), ("stage.left", "lead"),
    ]  # fmt: skip


def test_coming_back_to_a_stage_is_a_second_visit(house: House) -> None:
    house.deploy(
        bpmn("again", start("s"), xor("in"), user("a", stage="one"), user("b", stage="two"), xor("out"), end("e"),
             "s > in > a > b > out", "out > in [back]", "out > e [default]")
    )  # fmt: skip
    case = house.start("again")
    house.complete(case, "a")
    house.complete(case, "b", {"back": True})
    assert [(one.stage, one.visit_no, one.left_at is None) for one in house.visits(case)] == [
        ("one", 1, False), ("two", 1, False), ("one", 2, True),
    ]  # fmt: skip


def test_a_step_takes_the_stage_of_the_sub_process_around_it(house: House) -> None:
    house.deploy(
        bpmn("inside", start("s"), sub("box", start("s2"), user("a"), end("e2"), "s2 > a > e2", stage="boxed"),
             end("e"), "s > box > e")
    )  # fmt: skip
    case = house.start("inside")
    assert house.view(case).stage == "boxed"


# --- Flags ----------------------------------------------------------------------------------------


def test_a_lead_nobody_works_on_is_flagged_once_with_since_when_and_where(house: House) -> None:
    house.configure(parameters={"stalled.lead.qualification": "P2D"})
    house.deploy(LEAD)
    case = house.start("lead")
    limit = house.now + timedelta(days=2)

    assert house.tick(days=2, seconds=-1).stalled == 0
    assert stalled(house, case) == (None, None)
    assert house.tick(hours=5).stalled == 1
    assert stalled(house, case) == (limit, "qualification")
    assert house.tick(days=9).stalled == 0
    assert stalled(house, case) == (limit, "qualification")

    (event,) = house.events(case, "case.stalled")
    assert (event.occurred_at, event.stage, event.process) == (limit, "qualification", "lead")
    assert event.attrs == {"limit": "P2D"}


def test_the_limit_of_a_stage_wins_over_that_of_its_process_and_without_one_nothing_stalls(
    house: House,
) -> None:
    house.configure(parameters={"stalled.lead": "P5D", "stalled.lead.offering": "P1D"})
    house.deploy(LEAD)
    house.deploy(LEAD.replace('process id="lead"', 'process id="free"'))
    slow, quick, free = house.start("lead"), house.start("lead"), house.start("free")
    house.complete(quick, "qualify")
    house.complete(quick, "check")
    house.tick(days=1)
    assert [stalled(house, case)[1] for case in (slow, quick, free)] == [None, "offering", None]
    house.tick(days=4)
    assert [stalled(house, case)[1] for case in (slow, quick, free)] == ["qualification", "offering", None]


def test_a_step_within_the_stage_leaves_the_flag_and_a_change_of_stage_takes_it_away(house: House) -> None:
    house.configure(parameters={"stalled.lead": "P1D"})
    house.deploy(LEAD)
    case = house.start("lead")
    house.tick(days=1)
    flagged = stalled(house, case)
    house.complete(case, "qualify")
    assert stalled(house, case) == flagged
    house.complete(case, "check")
    assert stalled(house, case) == (None, None)
    assert len(house.events(case, "case.unstalled")) == 1
    assert house.tick().stalled == 0
    assert house.tick(days=1).stalled == 1
    assert stalled(house, case) == (house.now, "offering")


def test_a_case_in_two_stages_stays_flagged_for_the_one_that_stands_still(house: House) -> None:
    house.configure(parameters={"stalled.pair.slow": "P1D"})
    house.deploy(
        bpmn("pair", start("s"), both("split"), user("wait", stage="slow"), user("a", stage="one"),
             user("b", stage="two"), end("e"), end("x"), "s > split > wait > e", "split > a > b > x")
    )  # fmt: skip
    case = house.start("pair")
    house.tick(days=1)
    flagged = (house.now, "slow")
    assert stalled(house, case) == flagged
    house.complete(case, "a")
    assert stalled(house, case) == flagged
    assert house.tick(days=1).stalled == 0
    house.complete(case, "wait")
    assert stalled(house, case) == (None, None)
    assert (len(house.events(case, "case.stalled")), len(house.events(case, "case.unstalled"))) == (1, 1)


def test_a_stage_of_a_called_process_has_the_limit_of_that_process(house: House) -> None:
    house.configure(parameters={"stalled.called.asking": "P1D", "stalled.caller": "P9D"})
    house.deploy(bpmn("caller", start("s"), call("calls", "called"), end("e"), "s > calls > e"))
    house.deploy(bpmn("called", start("s2"), user("ask", stage="asking"), end("e2"), "s2 > ask > e2"))
    case = house.start("caller")
    assert house.tick(days=1).stalled == 1
    assert stalled(house, case) == (house.now, "asking")


def test_a_completed_case_is_neither_flagged_nor_stays_so(house: House) -> None:
    house.configure(parameters={"stalled.one": "P1D"})
    house.deploy(bpmn("one", start("s"), user("a"), end("e"), "s > a > e"))
    case, other = house.start("one"), house.start("one")
    house.complete(other, "a")
    assert house.tick(days=1).stalled == 1
    house.complete(case, "a")
    assert (stalled(house, case), stalled(house, other)) == ((None, None), (None, None))


def test_a_case_with_an_incident_stalls_like_any_other(house: House) -> None:
    house.configure(parameters={"stalled.odd": "P1D"})
    house.deploy(bpmn("odd", start("s"), user("a"), service("nobody"), end("e"), "s > a > nobody > e"))
    case = house.start("odd")
    assert house.complete(case, "a").failed
    assert house.tick(days=1).stalled == 1
    assert stalled(house, case) == (house.now, "odd")


# --- Parameters -----------------------------------------------------------------------------------


def test_a_new_limit_counts_from_its_day_and_the_old_one_until_then(house: House) -> None:
    house.configure(parameters={"stalled.lead": "P10D"})
    house.deploy(LEAD)
    case = house.start("lead")
    began = house.now
    change(house, "stalled.lead", "P3D", house.now + timedelta(days=5))
    assert house.tick(days=4).stalled == 0
    assert house.tick(days=1).stalled == 1
    assert stalled(house, case) == (began + timedelta(days=3), "qualification")


def test_parameters_keep_their_history_and_the_file_gives_the_first_value(house: House) -> None:
    house.configure(parameters={"first_contact": "PT4H", "other": "P1D"})

    def at(moment: datetime) -> str:
        with house.engine.transaction(moment, write=False) as tx:
            return parameters.text(house.engine.settings, tx, "first_contact")

    began = house.now
    change(house, "first_contact", "PT2H", began + timedelta(days=10))
    change(house, "first_contact", "PT1H", began + timedelta(days=20))
    values = [at(began + timedelta(days=days)) for days in (0, 9, 10, 15, 20, 30)]
    assert values == ["PT4H", "PT4H", "PT2H", "PT2H", "PT1H", "PT1H"]
    with house.engine.transaction(began + timedelta(days=12), write=False) as tx:
        assert parameters.in_force(house.engine.settings, tx) == {"first_contact": "PT2H", "other": "P1D"}
    assert [row.value for row in house.rows(Parameter)] == ["PT2H", "PT1H"]


def test_a_parameter_that_nobody_gave_and_one_that_is_no_duration_are_refused(house: House) -> None:
    with pytest.raises(NotFound) as unknown:
        house.look(lambda tx: parameters.text(house.engine.settings, tx, "nothing"))
    assert unknown.value.message == "There is no parameter “nothing”."
    with pytest.raises(Invalid) as wrong:
        change(house, "first_contact", "two days")
    assert wrong.value.message == "“two days” is no ISO 8601 duration."
    assert house.rows(Parameter) == []


def test_a_limit_in_months_is_counted_on_the_calendar(house: House) -> None:
    house.configure(parameters={"stalled.lead": "P1M"})
    house.now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    house.deploy(LEAD)
    case = house.start("lead")
    house.tick(days=40)
    assert stalled(house, case) == (datetime(2026, 2, 28, 12, tzinfo=UTC), "qualification")


def test_a_waiting_timer_beside_a_step_does_not_make_a_stage_of_its_own(house: House) -> None:
    house.deploy(
        bpmn("edge", start("s"), user("a", stage="work"), boundary("late", "a", duration="P1D"), end("e"), end("x"),
             "s > a > e", "late > x")
    )  # fmt: skip
    case = house.start("edge")
    assert [one.stage for one in house.visits(case)] == ["work"]
