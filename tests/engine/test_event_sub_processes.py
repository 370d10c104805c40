"""Event sub-processes: they wait beside the work of their scope, then interrupt it or join it."""

from __future__ import annotations

from tests.engine.drawing import both, boundary, bpmn, call, end, on_event, script, start, sub, user
from tests.engine.house import House


def handled(*trigger: object, interrupting: bool, **more: object) -> str:
    """Two tasks, and beside them an event sub-process with the task `handle`."""
    begins = start("h", *trigger, interrupting=interrupting, **more)  # type: ignore[arg-type]
    return bpmn(
        "handled",
        start("begin"), user("a"), user("b"), end("done"), "begin > a > b > done",
        on_event("handler", begins, script("count", "n = (if n = null then 0 else n) + 1"), user("handle"),
                 end("he"), "h > count > handle > he"),
    )  # fmt: skip


def test_one_that_interrupts_ends_everything_else_in_its_scope(house: House) -> None:
    house.deploy(handled("stop", interrupting=True))
    case = house.start("handled", {"lead_id": 1})
    assert house.waiting(case) == [("h", "stop")]
    house.send("stop", {"lead_id": 1}, {"reason_id": 4})
    assert (house.open(case), house.waiting(case)) == (["handle"], [])
    assert house.view(case).data["reason_id"] == 4
    assert house.complete(case, "handle").status == "completed"
    assert house.path(case) == ["begin", "h", "count", "handle", "he", "handler"]


def test_one_that_does_not_interrupt_happens_as_often_as_its_event(house: House) -> None:
    house.deploy(handled("hint", interrupting=False))
    case = house.start("handled", {"lead_id": 1})
    for _ in range(3):
        house.send("hint", {"lead_id": 1})
    assert house.open(case) == ["a", "handle", "handle", "handle"]
    assert house.view(case).data["n"] == 3
    house.complete(case, "a")
    house.complete(case, "b")
    assert (house.view(case).status, house.open(case)) == ("open", ["handle"] * 3)
    # The scope still lives, so that its event can still happen.
    house.send("hint", {"lead_id": 1})
    for task in [task["id"] for task in house.view(case).open_tasks]:
        case = house.complete_task(task)
    assert (case.status, house.waiting(case), house.row(case).next_due) == ("completed", [], None)


def test_a_case_ends_although_an_event_sub_process_still_listens(house: House) -> None:
    house.deploy(handled(interrupting=False, duration="P1D"))
    case = house.start("handled")
    house.complete(case, "a")
    assert house.complete(case, "b").status == "completed"
    assert (house.waiting(case), house.row(case).next_due) == ([], None)
    assert house.tick(days=2).timers == 0


def test_a_case_whose_last_way_just_stops_ends_although_an_event_sub_process_listens(house: House) -> None:
    house.deploy(
        bpmn(
            "stops",
            start("begin"), user("a"), "begin > a",
            on_event("handler", start("h", "hint"), end("he"), "h > he"),
        )
    )  # fmt: skip
    case = house.start("stops", {"lead_id": 1})
    assert house.complete(case, "a").status == "completed"
    assert house.waiting(case) == []


def test_a_timer_starts_one_at_its_time_and_a_cycle_again_and_again(house: House) -> None:
    house.deploy(handled(interrupting=True, duration="PT2H"))
    once = house.start("handled")
    house.tick(hours=2)
    assert house.open(once) == ["handle"]

    house.deploy(handled(interrupting=False, cycle="R3/PT1H"))
    often = house.start("handled")
    for _ in range(5):
        house.tick(hours=1)
    assert house.open(often) == ["a", "handle", "handle", "handle"]


def test_a_condition_starts_one_when_it_becomes_true_and_not_while_it_stays_so(house: House) -> None:
    house.deploy(handled(interrupting=False, condition="amount > 10"))
    case = house.start("handled", {"amount": 1})
    assert house.waiting(case) == [("h", "amount > 10")]
    house.complete(case, "a", {"amount": 20})
    assert house.open(case) == ["b", "handle"]
    house.complete(case, "handle")
    assert house.open(case) == ["b"]


def test_it_shares_the_variables_of_its_sub_process_and_ends_with_it(house: House) -> None:
    house.deploy(
        bpmn(
            "inside",
            start("begin"),
            sub("work", start("s"), user("a"), end("e"), "s > a > e",
                on_event("handler", start("h", "hint", interrupting=False), user("note"), end("he"), "h > note > he")),
            boundary("late", "work", duration="P1D"), user("after"), user("rescue"), end("done"), end("rescued"),
            "begin > work > after > done", "late > rescue > rescued",
        )
    )  # fmt: skip
    case = house.start("inside", {"lead_id": 1})
    house.send("hint", {"lead_id": 1})
    house.complete(case, "note", {"x": 1})
    assert house.view(case).data["x"] == 1
    house.send("hint", {"lead_id": 1})
    house.tick(days=1)
    assert (house.open(case), house.waiting(case)) == (["rescue"], [])

    case = house.start("inside", {"lead_id": 2})
    house.complete(case, "a")
    assert (house.open(case), house.waiting(case)) == (["after"], [])


def test_one_that_interrupts_a_sub_process_lets_the_way_behind_it_go_on(house: House) -> None:
    house.deploy(
        bpmn(
            "onwards",
            start("begin"), both("split"), user("beside"),
            sub("work", start("s"), user("a"), end("e"), "s > a > e",
                on_event("handler", start("h", "stop"), user("note"), end("he"), "h > note > he")),
            user("after"), end("done"), end("over"),
            "begin > split > work > after > done", "split > beside > over",
        )
    )  # fmt: skip
    case = house.start("onwards", {"lead_id": 1})
    house.send("stop", {"lead_id": 1})
    assert house.open(case) == ["beside", "note"]
    house.complete(case, "note")
    assert house.open(case) == ["after", "beside"]


def test_one_of_a_called_process_listens_while_that_is_called(house: House) -> None:
    house.deploy(
        bpmn("caller", start("b"), call("calls", "handled"), user("after"), end("e"), "b > calls > after > e")
    )
    house.deploy(handled("stop", interrupting=True))
    case = house.start("caller", {"lead_id": 1})
    house.send("stop", {"lead_id": 1})
    assert house.open(case) == ["handle"]
    house.complete(case, "handle")
    assert (house.open(case), house.view(case).data["n"]) == (["after"], 1)


def test_one_inside_another_listens_while_that_one_runs(house: House) -> None:
    house.deploy(
        bpmn(
            "nested",
            start("begin"), user("a"), end("done"), "begin > a > done",
            on_event(
                "outer", start("h", "stop"), user("handle"), end("he"), "h > handle > he",
                on_event("inner", start("i", "never mind"), user("deep"), end("ie"), "i > deep > ie"),
            ),
        )
    )  # fmt: skip
    case = house.start("nested", {"lead_id": 1})
    assert house.waiting(case) == [("h", "stop")]
    house.send("stop", {"lead_id": 1})
    assert house.waiting(case) == [("i", "never mind")]
    house.send("never mind", {"lead_id": 1})
    assert house.open(case) == ["deep"]
    assert house.complete(case, "deep").status == "completed"


def test_a_terminate_end_takes_the_listening_away_too(house: House) -> None:
    house.deploy(
        bpmn(
            "ends",
            start("begin"), user("a"), end("stop", terminate=True), "begin > a > stop",
            on_event("handler", start("h", "hint", interrupting=False), user("note"), end("he"), "h > note > he"),
        )
    )  # fmt: skip
    case = house.start("ends", {"lead_id": 1})
    house.send("hint", {"lead_id": 1})
    assert house.complete(case, "a").status == "completed"
    assert (house.open(case), house.waiting(case)) == ([], [])
