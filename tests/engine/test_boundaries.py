"""Events on the border of an activity: timers that interrupt or go beside it, cycles, messages, errors."""

from __future__ import annotations

import pytest

from tests.engine.drawing import both, boundary, bpmn, catch, end, script, service, start, sub, user, xor
from tests.engine.house import House

CALL = bpmn(
    "call",
    start("begin"), user("phone"), boundary("late", "phone", duration="P2D"), user("write"), xor("meet"),
    end("done"),
    "begin > phone > meet > done", "late > write > meet",
)  # fmt: skip


def test_an_interrupting_timer_takes_the_task_away_and_goes_its_own_way(house: House) -> None:
    house.deploy(CALL)
    case = house.start("call")
    assert house.waiting(case) == [("late", "2026-03-04T09:00:00Z")]

    assert house.tick(hours=47).timers == 0
    assert house.open(case) == ["phone"]
    assert house.tick(hours=1).timers == 1
    assert (house.open(case), house.waiting(case)) == (["write"], [])

    assert house.complete(case, "write").status == "completed"
    assert house.path(case) == ["begin", "late", "write", "meet", "done"]


def test_a_timer_is_disarmed_when_its_task_is_completed(house: House) -> None:
    house.deploy(CALL)
    case = house.start("call")
    house.complete(case, "phone")

    assert house.view(case).status == "completed"
    assert house.row(case).next_due is None
    assert house.tick(days=3).timers == 0
    assert house.path(case) == ["begin", "phone", "meet", "done"]


def test_a_timer_that_does_not_interrupt_leaves_the_task_where_it_is(house: House) -> None:
    house.deploy(
        bpmn(
            "remind",
            start("begin"), user("phone"), boundary("late", "phone", interrupting=False, duration="PT4H"),
            user("remind"), end("done"), end("reminded"),
            "begin > phone > done", "late > remind > reminded",
        )
    )  # fmt: skip
    case = house.start("remind")
    house.tick(hours=5)
    assert (house.open(case), house.waiting(case)) == (["phone", "remind"], [])

    assert house.complete(case, "phone").status == "open"
    assert house.open(case) == ["remind"]
    assert house.complete(case, "remind").status == "completed"


CYCLE = bpmn(
    "cycle",
    start("begin"), user("phone"), boundary("again", "phone", interrupting=False, cycle="R3/PT1H"),
    script("count", "times = if times = null then 1 else times + 1"), end("done"), end("counted"),
    "begin > phone > done", "again > count > counted",
)  # fmt: skip


def test_a_cycle_fires_as_often_as_it_says_while_the_task_waits(house: House) -> None:
    house.deploy(CYCLE)
    case = house.start("cycle")
    dues = []
    for _ in range(5):
        dues.append(house.waiting(case))
        house.tick(hours=1)
    assert dues == [[("again", f"2026-03-02T{hour}:00:00Z")] for hour in (10, 11, 12)] + [[], []]
    assert house.view(case).data == {"times": 3}
    assert house.open(case) == ["phone"]
    assert house.complete(case, "phone").status == "completed"


def test_a_cycle_that_was_missed_fires_once_and_counts_the_missed_runs(house: House) -> None:
    house.deploy(CYCLE)
    case = house.start("cycle")
    house.tick(hours=2, minutes=30)
    assert house.view(case).data == {"times": 1}
    assert house.waiting(case) == [("again", "2026-03-02T12:00:00Z")]
    house.tick(days=30)
    assert house.view(case).data == {"times": 2}
    assert house.waiting(case) == []


def test_an_endless_cycle_missed_for_years_is_caught_up_at_once(house: House) -> None:
    house.deploy(CYCLE.replace("R3/PT1H", "R/PT1S"))
    case = house.start("cycle")
    house.tick(days=3 * 365)  # 94,608,000 missed runs.
    assert house.view(case).data == {"times": 1}
    assert house.waiting(case) == [("again", "2029-03-01T09:00:01Z")]


@pytest.mark.parametrize("pause", ["PT0S", "-PT1H", "soon", ""])
def test_a_cycle_whose_interval_is_not_positive_is_an_incident_and_no_endless_loop(
    house: House, pause: str
) -> None:
    house.deploy(CYCLE.replace("R3/PT1H", '="R/" + pause'))
    case = house.start("cycle", {"pause": pause})
    incident = house.failed(case)
    assert incident.element == "again"
    assert incident.reason.startswith('its timer “="R/" + pause” gives “R/')


def test_what_a_cycle_set_off_goes_on_when_the_task_is_completed(house: House) -> None:
    house.deploy(
        bpmn(
            "aside",
            start("begin"), user("phone"), boundary("again", "phone", interrupting=False, cycle="R3/PT1H"),
            user("remind"), end("done"), end("reminded"),
            "begin > phone > done", "again > remind > reminded",
        )
    )  # fmt: skip
    case = house.start("aside")
    house.tick(hours=1)
    house.tick(hours=1)
    assert house.open(case) == ["phone", "remind", "remind"]
    house.complete(case, "phone")
    assert (house.open(case), house.waiting(case)) == (["remind", "remind"], [])
    assert house.view(case).status == "open"


def test_what_a_cycle_set_off_goes_on_when_the_activity_ends_at_the_same_instant(house: House) -> None:
    house.deploy(
        bpmn(
            "instant",
            start("begin"),
            sub("work", start("s"), catch("nap", duration="PT1H"), end("e"), "s > nap > e"),
            boundary("again", "work", interrupting=False, cycle="R3/PT1H"), user("remind"), end("done"),
            end("reminded"),
            "begin > work > done", "again > remind > reminded",
        )
    )  # fmt: skip
    case = house.start("instant")
    house.tick(hours=1)
    assert (house.open(case), house.waiting(case)) == (["remind"], [])
    assert house.complete(case, "remind").status == "completed"


def test_a_boundary_timer_on_a_sub_process_takes_away_all_that_is_open_in_it(house: House) -> None:
    house.deploy(
        bpmn(
            "deep",
            start("begin"),
            sub(
                "outer", start("s"), both("split"), user("a"),
                sub("inner", start("s2"), user("b"), end("e2"), "s2 > b > e2"), both("join"), end("e"),
                "s > split > a > join > e", "split > inner > join",
            ),
            boundary("late", "outer", duration="P1D"), user("rescue"), end("done"), end("rescued"),
            "begin > outer > done", "late > rescue > rescued",
        )
    )  # fmt: skip
    case = house.start("deep")
    assert house.open(case) == ["a", "b"]
    house.tick(days=1)
    assert house.open(case) == ["rescue"]
    assert [event.attrs["task"] for event in house.events(case, "task.cancelled") if event.attrs] == [1, 2]
    assert house.complete(case, "rescue").status == "completed"


def test_a_late_tick_lets_timers_fire_in_the_order_in_which_they_were_due(house: House) -> None:
    # The sub-process would have ended at 10:00; its boundary timer, due at 11:00, comes too late.
    house.deploy(
        bpmn(
            "order",
            start("begin"), sub("work", start("s"), catch("nap", duration="PT1H"), end("e"), "s > nap > e"),
            boundary("late", "work", duration="PT2H"), end("done"), end("overdue"),
            "begin > work > done", "late > overdue",
        )
    )  # fmt: skip
    case = house.start("order")
    house.tick(hours=5)
    assert house.path(case) == ["begin", "s", "nap", "e", "work", "done"]


def test_a_message_on_the_border_interrupts_the_task_and_brings_its_payload(house: House) -> None:
    house.deploy(
        bpmn(
            "reply",
            start("begin"), user("wait"), boundary("answered", "wait", "offer.reply"), user("read"),
            end("done"), end("given_up"),
            "begin > wait > given_up", "answered > read > done",
        )
    )  # fmt: skip
    case = house.start("reply", {"offer_id": 7})
    assert house.waiting(case) == [("answered", "offer.reply")]
    house.send("offer.reply", {"offer_id": 7}, {"amount": 12.5})
    assert house.open(case) == ["read"]
    assert house.view(case).data["amount"] == 12.5
    assert house.waiting(case) == []


def test_several_events_on_one_border_exclude_one_another(house: House) -> None:
    house.deploy(
        bpmn(
            "several",
            start("begin"), user("wait"), boundary("answered", "wait", "offer.reply"),
            boundary("late", "wait", duration="P1D"), boundary("hint", "wait", interrupting=False, duration="PT1H"),
            user("read"), user("chase"), end("e1"), end("e2"), end("e3"), end("e4"),
            "begin > wait > e1", "answered > read > e2", "late > chase > e3", "hint > e4",
        )
    )  # fmt: skip
    case = house.start("several", {"offer_id": 7})
    house.tick(hours=1)
    assert [element for element, _ in house.waiting(case)] == ["answered", "late"]
    house.send("offer.reply", {"offer_id": 7})
    assert (house.open(case), house.waiting(case)) == (["read"], [])
    house.tick(days=2)
    assert house.open(case) == ["read"]


def test_a_task_in_a_loop_gets_its_timer_anew_in_every_round(house: House) -> None:
    house.deploy(
        bpmn(
            "rounds",
            start("begin"), xor("in"), user("phone"), boundary("late", "phone", duration="PT2H"), xor("out"),
            end("done"),
            "begin > in > phone > out", "out > done [default]", "out > in [again]", "late > out",
        )
    )  # fmt: skip
    case = house.start("rounds", {"again": True})
    house.complete(case, "phone")
    house.tick(hours=1)
    assert house.waiting(case) == [("late", "2026-03-02T11:00:00Z")]
    house.tick(hours=1)
    assert house.waiting(case) == [("late", "2026-03-02T13:00:00Z")]
    assert house.open(case) == ["phone"]


# --- Errors ---------------------------------------------------------------------------------------


def test_an_error_end_leaves_the_sub_process_by_the_boundary_of_its_code(house: House) -> None:
    house.deploy(
        bpmn(
            "errors",
            start("begin"),
            sub(
                "work", start("s"), user("try"), both("split"), user("beside"), xor("way"), end("fine"),
                end("bad", error="BAD"), end("worse", error="WORSE"), end("e"),
                "s > split > try > way", "split > beside > e", "way > bad [bad]", "way > worse [worse]",
                "way > fine [default]",
            ),
            boundary("on_bad", "work", error="BAD"), boundary("on_worse", "work", error="WORSE"),
            user("repair"), user("replace"), end("done"), end("repaired"), end("replaced"),
            "begin > work > done", "on_bad > repair > repaired", "on_worse > replace > replaced",
        )
    )  # fmt: skip
    case = house.start("errors")
    assert (house.open(case), house.waiting(case)) == (["beside", "try"], [])
    house.complete(case, "try", {"bad": False, "worse": True})
    assert house.open(case) == ["replace"]
    assert house.path(case) == ["begin", "s", "split", "try", "way", "worse", "on_worse"]
    assert house.complete(case, "replace").status == "completed"


def test_an_error_passes_through_sub_processes_that_do_not_catch_it(house: House) -> None:
    house.deploy(
        bpmn(
            "through",
            start("begin"),
            sub(
                "outer", start("s1"),
                sub("inner", start("s2"), user("try"), end("bad", error="BAD"), "s2 > try > bad"),
                user("never"), end("e1"),
                "s1 > inner > never > e1",
            ),
            boundary("any", "outer", any_error=True), user("repair"), end("done"), end("repaired"),
            "begin > outer > done", "any > repair > repaired",
        )
    )  # fmt: skip
    case = house.start("through")
    house.complete(case, "try")
    assert house.open(case) == ["repair"]
    assert house.path(case) == ["begin", "s1", "s2", "try", "bad", "any"]
    assert house.complete(case, "repair").status == "completed"


def test_an_error_stops_at_once_what_goes_on_beside_it(house: House) -> None:
    done: list[str] = []
    house.services(work=lambda step: done.append(step.element))
    house.deploy(
        bpmn(
            "at_once",
            start("begin"),
            sub("box", start("s"), both("split"), end("bad", error="BAD"), service("work"), end("e"),
                "s > split > bad", "split > work > e"),
            boundary("on_bad", "box", error="BAD"), user("repair"), end("done"), end("repaired"),
            "begin > box > done", "on_bad > repair > repaired",
        )
    )  # fmt: skip
    case = house.start("at_once")
    assert (house.open(case), done) == (["repair"], [])


def test_an_error_that_nothing_catches_is_an_incident_and_not_a_normal_end(house: House) -> None:
    house.deploy(bpmn("loose", start("begin"), user("try"), end("bad", error="BAD"), "begin > try > bad"))
    case = house.start("loose")
    assert house.complete(case, "try").status == "incident"
    incident = house.failed(case)
    assert (incident.element, incident.reason) == ("bad", "nothing catches the error “BAD”")
    assert (house.open(case), house.path(case)) == ([], ["begin", "try"])


def test_two_sub_processes_side_by_side_keep_their_errors_apart(house: House) -> None:
    def work(name: str) -> list[object]:
        return [
            sub(name, start(f"s_{name}"), user(f"try_{name}"), end(f"bad_{name}", error="BAD"),
                f"s_{name} > try_{name} > bad_{name}"),
            boundary(f"on_{name}", name, error="BAD"), user(f"repair_{name}"), end(f"e_{name}"),
            end(f"r_{name}"), f"split > {name} > e_{name}", f"on_{name} > repair_{name} > r_{name}",
        ]  # fmt: skip

    house.deploy(
        bpmn("pair", start("begin"), both("split"), "begin > split", *work("a"), *work("b"))  # type: ignore[arg-type]
    )
    case = house.start("pair")
    house.complete(case, "try_a")
    assert house.open(case) == ["repair_a", "try_b"]


def test_a_service_on_whose_border_nothing_lies_fails_as_an_incident(house: House) -> None:
    house.services(broken=_broken)
    house.deploy(bpmn("fails", start("begin"), service("broken"), end("done"), "begin > broken > done"))
    assert house.failed(house.start("fails")).element == "broken"


def _broken(step: object) -> None:
    raise ValueError("no")
