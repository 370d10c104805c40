"""Transactions: given up, they undo what was completed in them and are left by their cancel event."""

from __future__ import annotations

from collections.abc import Mapping

from engine.catalog import BpmnError, Step
from engine.values import Value
from tests.engine.drawing import (
    Part,
    both,
    boundary,
    bpmn,
    call,
    end,
    on_event,
    script,
    service,
    start,
    sub,
    throw,
    transaction,
    undoing,
    user,
    xor,
)
from tests.engine.house import House


def done(id: str) -> str:
    """A script that notes an id in the list `did`."""
    return f'did = append(if did = null then [] else did, "{id}")'


def step(id: str) -> tuple[Part, ...]:
    """A script task `id`, undone by the script task `un_id`."""
    return script(id, done(id)), *undoing(id, script(f"un_{id}", done(f"un_{id}")))


BOOKING = transaction(
    "booking",
    start("s"), *step("a"), *step("b"), user("pay"), xor("paid"), end("paid_up"), end("give_up", cancel=True),
    "s > a > b > pay > paid", "paid > paid_up [ok]", "paid > give_up [default]",
)  # fmt: skip


def booked(booking: Part = BOOKING, *more: Part) -> str:
    """A transaction; after it `after`, or when it was cancelled `sorry`."""
    return bpmn(
        "booked",
        start("begin"), booking, boundary("cancelled", "booking", cancel=True), user("after"), user("sorry"),
        end("done"), end("over"), "begin > booking > after > done", "cancelled > sorry > over", *more,
    )  # fmt: skip


def test_a_cancelled_transaction_undoes_its_work_and_is_left_by_its_cancel_event(house: House) -> None:
    house.deploy(booked())
    case = house.start("booked")
    house.complete(case, "pay", {"ok": False})
    assert (house.open(case), house.view(case).data["did"]) == (["sorry"], ["a", "b", "un_b", "un_a"])
    assert house.path(case)[1:] == [
        "s", "a", "b", "pay", "paid", "un_b", "un_a", "give_up", "cancelled",
    ]  # fmt: skip
    assert house.complete(case, "sorry").status == "completed"


def test_a_transaction_that_ends_well_undoes_nothing(house: House) -> None:
    house.deploy(booked())
    case = house.start("booked")
    house.complete(case, "pay", {"ok": True})
    assert (house.open(case), house.view(case).data["did"]) == (["after"], ["a", "b"])


def test_a_transaction_that_ended_well_can_be_undone_later(house: House) -> None:
    house.deploy(
        bpmn(
            "later",
            start("begin"), BOOKING, boundary("cancelled", "booking", cancel=True), user("after"), end("over"),
            throw("back", undo="booking"), end("done"),
            "begin > booking > after > back > done", "cancelled > over",
        )
    )  # fmt: skip
    case = house.start("later")
    house.complete(case, "pay", {"ok": True})
    case = house.complete(case, "after")
    assert (case.status, house.view(case).data["did"]) == ("completed", ["a", "b", "un_b", "un_a"])


def test_what_is_alive_ends_before_anything_is_undone(house: House) -> None:
    house.deploy(
        booked(
            transaction(
                "booking",
                start("s"), both("split"), user("a"), *undoing("a", user("un_a")), user("beside"),
                sub("deep", start("t"), user("within"), end("u"), "t > within > u"), both("join"), end("paid_up"),
                end("give_up", cancel=True), xor("gate"), both("meet"),
                on_event("listening", start("h", "hint", interrupting=False), user("note"), end("he"), "h > note > he"),
                "s > split > a > gate", "gate > give_up [no]", "gate > join [default]", "split > beside > join",
                "split > deep > meet > join", "join > paid_up",
            ),
            boundary("late", "booking", duration="P1D"), end("too_late"), "late > too_late",
        )
    )  # fmt: skip
    case = house.start("booked", {"lead_id": 1})
    house.send("hint", {"lead_id": 1})
    assert house.open(case) == ["a", "beside", "note", "within"]
    house.complete(case, "a", {"no": True})
    assert (house.open(case), house.waiting(case)) == (["un_a"], [])
    assert house.tick(days=2).timers == 0
    house.complete(case, "un_a")
    assert house.open(case) == ["sorry"]


def test_nothing_completed_means_nothing_to_undo(house: House) -> None:
    nothing = transaction("booking", start("s"), end("give_up", cancel=True), "s > give_up")
    house.deploy(booked(nothing))
    case = house.start("booked")
    assert house.open(case) == ["sorry"]


def test_an_error_leaves_a_transaction_without_undoing(house: House) -> None:
    def fail(step: Step) -> Mapping[str, Value]:
        raise BpmnError("broken")

    house.services(fail=fail)
    booking = transaction("booking", start("s"), *step("a"), service("fail"), xor("g"), end("paid_up"),
                          end("give_up", cancel=True), "s > a > fail > g", "g > paid_up [default]",
                          "g > give_up [no]")  # fmt: skip
    hazard = (
        boundary("hazard", "booking", error="broken"),
        user("look"),
        end("looked"),
        "hazard > look > looked",
    )
    house.deploy(booked(booking, *hazard))
    case = house.start("booked")
    assert (house.open(case), house.view(case).data["did"]) == (["look"], ["a"])


def test_an_error_while_undoing_is_a_hazard(house: House) -> None:
    def fail(step: Step) -> Mapping[str, Value]:
        raise BpmnError("broken")

    house.services(fail=fail)
    booking = transaction("booking", start("s"), user("a"), *undoing("a", service("fail")),
                          end("give_up", cancel=True), "s > a > give_up")  # fmt: skip
    hazard = (
        boundary("hazard", "booking", error="broken"),
        user("look"),
        end("looked"),
        "hazard > look > looked",
    )
    house.deploy(booked(booking, *hazard))
    case = house.start("booked")
    house.complete(case, "a")
    assert (house.open(case), house.path(case)) == (["look"], ["begin", "s", "a", "fail", "hazard"])
    assert house.complete(case, "look").status == "completed"


def test_an_event_sub_process_may_cancel_its_transaction(house: House) -> None:
    booking = transaction(
        "booking",
        start("s"), *step("a"), user("pay"), end("paid_up"), "s > a > pay > paid_up",
        on_event("stop", start("h", "stop"), *step("c"), end("give_up", cancel=True), "h > c > give_up"),
    )  # fmt: skip
    house.deploy(booked(booking))
    case = house.start("booked", {"lead_id": 1})
    house.send("stop", {"lead_id": 1})
    assert (house.open(case), house.view(case).data["did"]) == (["sorry"], ["a", "c", "un_c", "un_a"])


def test_a_transaction_in_another_one_is_undone_with_it_when_it_was_completed(house: House) -> None:
    nested = transaction("booking", start("s"), sub("deep", start("t"), *step("a"), end("u"), "t > a > u"), *step("b"),
                         transaction("inner", start("i"), *step("c"), end("j"), "i > c > j"),
                         end("give_up", cancel=True), "s > deep > b > inner > give_up")  # fmt: skip
    house.deploy(booked(nested))
    case = house.start("booked")
    assert house.view(case).data["did"] == ["a", "b", "c", "un_c", "un_b", "un_a"]
    assert house.open(case) == ["sorry"]


def test_a_called_process_completed_in_it_is_undone_too(house: House) -> None:
    house.deploy(bpmn("called", start("s"), *step("a"), end("e"), "s > a > e"))
    house.deploy(
        booked(transaction("booking", start("s"), call("calls", "called"), end("give_up", cancel=True),
                           "s > calls > give_up"))
    )  # fmt: skip
    case = house.start("booked")
    assert (house.open(case), house.view(case).data["did"]) == (["sorry"], ["a", "un_a"])


def test_a_transaction_done_in_rounds_undoes_only_the_round_it_is_in(house: House) -> None:
    house.deploy(
        bpmn(
            "rounds",
            start("begin"), xor("in"), BOOKING, boundary("cancelled", "booking", cancel=True), xor("out"),
            user("more"), end("done"), "begin > in > booking > out > more > in", "cancelled > done",
        )
    )  # fmt: skip
    case = house.start("rounds")
    house.complete(case, "pay", {"ok": True})
    house.complete(case, "more")
    case = house.complete(case, "pay", {"ok": False})
    assert case.status == "completed"
    assert house.view(case).data["did"] == ["a", "b", "a", "b", "un_b", "un_a"]
