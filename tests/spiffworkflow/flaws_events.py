"""Known flaws of SpiffWorkflow in events."""

from __future__ import annotations

from typing import Any

from engine.catalog import BpmnError
from tests.engine.drawing import (
    both,
    boundary,
    bpmn,
    catch,
    end,
    first_of,
    on_event,
    service,
    start,
    sub,
    throw,
    user,
)
from tests.spiffworkflow.flaws import Flaw, asked, runs, warned
from tests.spiffworkflow.flaws_steps import row
from tests.spiffworkflow.runner import Play
from tests.spiffworkflow.steps import (
    begin,
    closed,
    do,
    due,
    ended,
    fails,
    later,
    message,
    never,
    opened,
    passed,
    signal,
    times,
    waits,
)


def unpaid(step: object) -> None:
    raise BpmnError("UNPAID", "the invoice is open")


def handled(**by: Any) -> str:
    """A user task `work`, and an event sub-process that begins so and has a user task `help`."""
    inner = on_event("x", start("b", **by), user("help"), end("f"), "b > help > f")
    return bpmn("p", start("s"), user("work"), end("e"), inner, "s > work > e")


def one_waits(playing: Play) -> None:
    """One of two events has had the message."""
    assert len(playing.house.waiting(playing.cases[0])) == 1


def failing(code: str = "BAD", **caught: bool) -> str:
    """A sub-process that ends by an error, with a boundary event that waits for it."""
    by: dict[str, Any] = dict(caught) or {"error": code}
    return bpmn(
        "p", start("s"), sub("i", start("b"), user("t"), end("f", error=code), "b > t > f"), boundary("c", "i", **by),
        user("after"), user("caught"), end("e"), end("g"), "s > i > after > e", "c > caught > g",
    )  # fmt: skip


RACE = bpmn("p", start("s"), first_of("g"), catch("one", duration="PT1H"), catch("two", duration="PT2H"),
            catch("three", "m"), end("e"), "s > g > one > e", "g > two > e", "g > three > e")  # fmt: skip
BORDER = bpmn("p", start("s"), user("t"), boundary("b", "t", "m", interrupting=False), user("u"), end("e"), end("f"),
              "s > t > e", "b > u > f")  # fmt: skip
CYCLE = bpmn("p", start("s"), user("t"), boundary("b", "t", interrupting=False, cycle="R/PT1H"), end("e"), end("f"),
             "s > t > e", "b > f")  # fmt: skip
TWICE = bpmn("p", start("s"), both("g"), catch("a", "m"), catch("b", "m"), both("j"), end("e"), "s > g > a > j > e",
             "g > b > j")  # fmt: skip
TWO_SERVICES = bpmn(
    "p", start("s"), both("g"), service("bill"), boundary("c", "bill", error="UNPAID"), user("other"),
    user("chase"), end("e"), end("f"), end("h"), "s > g > bill > e", "g > other > f", "c > chase > h",
)  # fmt: skip
HEARS = bpmn("q", start("b"), catch("hear", signal="frost"), user("cover"), end("f"), "b > hear > cover > f")
COLD = bpmn("p", start("s"), user("look"), end("cold", signal="frost"), "s > look > cold")
RAISED = bpmn(
    "p", start("s"), sub("i", start("b"), throw("up", escalation="HIGH"), user("t"), end("f"), "b > up > t > f"),
    boundary("c", "i", interrupting=False, escalation="HIGH"), user("look"), end("e"), end("g"), "s > i > e",
    "c > look > g",
)  # fmt: skip
PAID = bpmn("p", start("s"), both("g"), catch("until", condition="paid"), user("pay"), both("j"), end("e"),
            "s > g > until > j > e", "g > pay > j")  # fmt: skip
STOPPED = bpmn(
    "p", start("s"), sub("i", start("b"), both("g"), user("a"), user("t"), end("f"), end("stop", terminate=True),
    "b > g > a > f", "g > t > stop"), user("after"), end("e"), "s > i > after > e",
)  # fmt: skip
LINKED = bpmn("p", start("s"), user("a"), throw("out", link="x"), catch("in", link="x"), user("b"), end("e"),
              "s > a > out", "in > b > e")  # fmt: skip

FLAWS = [
    Flaw("event gateway", "two timers share one time", (
        runs(RACE, waits("one", "two", "three"), later(hours=1), passed("one"), never("two", "three"), ended),
        runs(RACE, message("m"), passed("three"), ended),
    )),
    Flaw("event sub-process", "never interrupts; an error or escalation start begins at once; a timer keeps the case", (
        runs(handled(message="m"), waits("b"), message("m"), opened("help"), do("help"), ended),
        runs(handled(message="m", interrupting=False), message("m"), opened("help", "work"), message("m"),
             opened("help", "help", "work")),
        runs(handled(duration="PT1H"), waits("b"), do("work"), ended, never("b")),
        runs(bpmn("p", start("s"), sub("i", start("b"), user("t"), end("f", error="BAD"),
                  on_event("x", start("c", error="BAD"), user("help"), end("g"), "c > help > g"), "b > t > f"),
                  end("e"), "s > i > e"), opened("t"), do("t"), opened("help"), do("help"), ended),
        runs(bpmn("p", start("s"), sub("i", start("b"), user("t"), end("f", escalation="HIGH"),
                  on_event("x", start("c", escalation="HIGH", interrupting=False), user("help"), end("g"),
                           "c > help > g"), "b > t > f"), end("e"), "s > i > e"),
             opened("t"), do("t"), opened("help"), do("help"), ended),
        runs(handled(message="m"), message("m"), do("help"), ended, begin("p"), opened("work"), waits("b")),
    )),
    Flaw("timers", "texts are Python; PT1H fails when it is reached; summer time is ignored; cron fails late", (
        runs(row(catch("w", duration="PT1H")), due("w", "2026-03-02T10:00:00Z")),
        runs(row(catch("w", date="2026-07-01T09:00")), due("w", "2026-07-01T07:00:00Z")),
        runs(CYCLE, later(hours=5, minutes=30), times("b", 1), later(minutes=30), times("b", 2)),
        asked(CYCLE.replace("R/PT1H", "0 0/5 * * * ?"), "timer_cron", "b"),
        asked(row(catch("w", duration="3 giorni")), "timer_words", "w"),
        runs(row(catch("w", duration="3 giorni")), due("w", "2026-03-05T09:00:00Z"), answers={"w": {"timer": "P3D"}}),
        runs(bpmn("p", start("s", cycle="R2/PT1H"), user("t"), end("e"), "s > t > e"), later(hours=1), opened("t"),
             later(hours=1), opened("t", "t"), process=None),
    )),
    Flaw("messages that do not interrupt", "fire once only", (
        runs(BORDER, *[message("m")] * 3, opened("t", "u", "u", "u")),
    )),
    Flaw("messages", "lost when they come too early; one wakes all that wait", (
        runs(row(user("t"), catch("w", "m")), message("m", {"lead_id": 1}), do("t"), ended, data={"lead_id": 1}),
        runs(TWICE, message("m"), one_waits, message("m"), ended),
    )),
    Flaw("correlation", "only after a first message, with keys handed over by program", (
        runs(row(catch("w", "m")), message("m", {"lead_id": 2}), waits("w"), message("m", {"lead_id": 1}), ended,
             data={"lead_id": 1}),
    )),
    Flaw("signals", "a signal end does nothing; other instances do not hear", (
        runs([HEARS, COLD], do("look"), opened("cover"), process="q", beside=("p",)),
        runs(HEARS, signal("frost"), opened("cover"), process="q"),
    )),
    Flaw("errors", "an uncaught one goes on as if nothing was; a service's never reach a boundary event", (
        runs(failing(), do("t"), opened("caught")),
        runs(failing("BAD", any_error=True), do("t"), opened("caught")),
        warned(bpmn("p", start("s"), end("e", error="BAD"), "s > e"), "error_uncaught", "e"),
        runs(bpmn("p", start("s"), user("t"), end("e", error="BAD"), "s > t > e"), fails(do("t"), "e"), opened()),
        runs(TWO_SERVICES, opened("chase", "other"), services={"bill": unpaid}),
    )),
    Flaw("escalation", "works", (
        runs(RAISED, opened("t", "look"), do("t"), do("look"), ended),
    )),
    Flaw("conditions", "see data objects only, and fail on what is not there", (
        runs(PAID, waits("until"), do("pay", paid=True), ended),
    )),
    Flaw("terminate", "ends its sub-process", (
        runs(STOPPED, do("t"), opened("after"), closed("a"), do("after"), ended),
    )),
    Flaw("links", "end the branch in silence", (
        runs(LINKED, do("a"), opened("b"), do("b"), ended),
    )),
]  # fmt: skip
