"""Known flaws of SpiffWorkflow in drawings as a whole, activities, gateways and data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from engine.errors import Conflict
from tests.engine.drawing import (
    Node,
    Part,
    both,
    boundary,
    bpmn,
    call,
    catch,
    end,
    file,
    looped,
    manual,
    many,
    plain,
    receive,
    rule,
    script,
    send,
    service,
    some,
    start,
    sub,
    throw,
    transaction,
    undoing,
    user,
    xor,
)
from tests.spiffworkflow.flaws import Flaw, asked, fixed, refused, runs, warned
from tests.spiffworkflow.runner import Play
from tests.spiffworkflow.steps import (
    Step,
    begin,
    closed,
    do,
    do_one,
    ended,
    fails,
    has,
    in_order,
    lacks,
    message,
    never,
    opened,
    passed,
    times,
    waits,
)

DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="d">
<decision id="grade" name="Grade"><decisionTable id="t" hitPolicy="{policy}"{aggregation}>
<input id="i"><inputExpression id="e"><text>{input}</text></inputExpression></input><output id="o" name="grade"/>
{rules}</decisionTable></decision></definitions>"""


def row(*parts: Part, **lanes: Sequence[str]) -> str:
    """s > the parts in order > e, as process p."""
    ids = " > ".join(part.id for part in parts if isinstance(part, Node) and part.tag != "boundaryEvent")
    return bpmn("p", start("s"), *parts, end("e"), f"s > {ids} > e", lanes=lanes or None)


def dmn(policy: str, *rules: tuple[str, str], input: str = "x", aggregation: str = "") -> str:
    """A table with one input and one output; each rule is a cell and a result."""
    written = "".join(
        f'<rule id="r{n}"><inputEntry id="c{n}"><text>{cell.replace("<", "&lt;")}</text></inputEntry>'
        f'<outputEntry id="v{n}"><text>{value}</text></outputEntry></rule>'
        for n, (cell, value) in enumerate(rules)
    )
    wanted = f' aggregation="{aggregation}"' if aggregation else ""
    return DMN.format(policy=policy, aggregation=wanted, input=input, rules=written)


def decides(table: str, grade: Any, **data: Any) -> Any:
    """A business rule task with that table gives that."""
    return runs(
        row(rule("r", "grade", "grade")), ended, has(grade=grade), data=data, decisions={"d.dmn": table}
    )


def chooses(condition: str, **data: Any) -> Any:
    """A condition that is true of the data takes its arrow."""
    drawing = bpmn("p", start("s"), xor("g"), plain("yes"), plain("no"), end("e"), "s > g", f"g > yes [{condition}]",
                   "g > no [default]", "yes > e", "no > e")  # fmt: skip
    return runs(drawing, opened("yes"), data=data)


def small(playing: Play) -> None:
    """A case keeps its live tokens only, however far it has come."""
    assert len(playing.house.state(playing.cases[0])) < 1_000


def do_twice(name: str) -> Step:
    """Complete a task, which cannot be completed once more."""

    def step(playing: Play) -> None:
        (number,) = playing.called(name)
        playing.house.complete_task(number)
        with pytest.raises(Conflict) as refusal:
            playing.house.complete_task(number)
        assert refusal.value.code == "task_done"

    return step


LEGAL = bpmn(
    "p", start("s"), xor("again"), user("prepare"), both("split"), user("legal"), user("finance"), both("join"),
    user("decide"), xor("way"), end("e"), "s > again > prepare > split > legal > join > decide > way",
    "split > finance > join", "way > again [rework]", "way > e [default]",
)  # fmt: skip
TWO_PLACES = bpmn(
    "p", start("s"), some("split"), user("a"), some("inner"), user("b"), user("c"), some("meet"), some("join"),
    user("last"), end("e"), "s > split", "split > a [x]", "split > inner [y]", "inner > b [y]", "inner > c [y]",
    "b > meet", "c > meet", "meet > join", "a > join > last > e",
)  # fmt: skip
STARVED = bpmn("p", start("s"), xor("g"), plain("a"), plain("b"), both("j"), end("e"), "s > g", "g > a [x]",
               "g > b [default]", "a > j > e", "b > j")  # fmt: skip
MERGED = bpmn("p", start("s"), both("g"), plain("a"), plain("b"), plain("t"), end("e"), "s > g > a > t > e",
              "g > b > t")  # fmt: skip
BLOCKS = bpmn(
    "p", start("s"), user("first"), *(part for n in range(12) for part in (both(f"s{n}"), script(f"a{n}", "x = 1"),
    script(f"b{n}", "y = 1"), both(f"j{n}"))), end("e"), "s > first > s0",
    *(arrow for n in range(12) for arrow in (f"s{n} > a{n} > j{n}", f"s{n} > b{n} > j{n}")),
    *(f"j{n} > s{n + 1}" for n in range(11)), "j11 > e",
)  # fmt: skip
LONG = bpmn("p", start("s"), *(plain(f"t{n}") for n in range(500)), end("e"),
            "s > " + " > ".join(f"t{n}" for n in range(500)) + " > e")  # fmt: skip
ROUNDS = bpmn(
    "p", start("s"), xor("in"), script("count", "n = n + 1"), xor("out"), user("look"), xor("on"), end("e"),
    "s > in > count > out", "out > in [modulo(n, 150) != 0]", "out > look [default]", "look > on",
    "on > in [n < 450]", "on > e [default]",
)  # fmt: skip
"""450 rounds, three times as deep as where SpiffWorkflow stops looking."""
CALLED = bpmn("called", start("b"), script("set", "x = 10 * x"), end("f"), "b > set > f")
TASKS = bpmn("p", start("s"), both("g"), user("u"), manual("m"), plain("t"), both("j"), end("e"), "s > g > u > j > e",
             "g > m > j", "g > t > j")  # fmt: skip
BESIDE = bpmn("p", start("s"), both("g"), user("a"), end("End"), "s > g > a > last", "g > End", end("last"))
SUB = sub("inner", start("b"), plain("t"), end("f"), "b > t > f")
BOOKED = bpmn(
    "p", start("s"),
    transaction("booking", start("b"), script("book", "n = 1"), *undoing("book", script("unbook", "n = 0")), user("pay"),
                xor("paid"), end("f"), end("give_up", cancel=True), "b > book > pay > paid", "paid > f [ok]",
                "paid > give_up [default]"),
    boundary("given_up", "booking", cancel=True), script("kept", "k = 1"), end("e"), end("g"), "s > booking > kept > e",
    "given_up > g",
)  # fmt: skip
FORKED = bpmn(
    "p", start("s"), plain("t"), plain("a"), plain("b"), end("e"), end("f"), "s > t > a > e", "t > b > f"
)
SIEVED = bpmn("p", start("s"), plain("t"), plain("a"), plain("b"), end("e"), end("f"), "s > t", "t > a", "a > e",
              "t > b [x > 1]", "b > f")  # fmt: skip
ALONE = bpmn("p", start("s"), plain("first"), end("e"), end("f"), "s > e", "first > f")
TWO_STARTS = bpmn("p", start("s"), start("s2"), plain("a"), plain("b"), end("e"), "s > a > e", "s2 > b > e")
OTHERWISE = bpmn("p", start("s"), xor("g"), plain("a"), plain("b"), end("e"), "s > g", "g > a [n = 1]", "g > b",
                 "a > e", "b > e")  # fmt: skip
THREE = bpmn("p", start("s"), xor("g"), plain("a"), plain("b"), plain("c"), end("e"), "s > g", "g > a [n = 1]",
             "g > b", "g > c", "a > e", "b > e", "c > e")  # fmt: skip
UNSAID = bpmn(
    "p", start("s"), xor("g"), plain("a"), plain("b"), end("e"), "s > g", "g > a", "g > b", "a > e", "b > e"
)
CHOSEN = bpmn("p", start("s"), user("u"), xor("g"), plain("a"), plain("b"), end("e"), "s > u > g", "g > a", "g > b",
              "a > e", "b > e")  # fmt: skip
BROKEN = bpmn("p", start("s"), xor("g"), plain("a"), plain("b"), end("e"), "s > g", "g > a [false]", "g > b [x > ]",
              "a > e", "b > e")  # fmt: skip
DECORATED = '<dataOutputAssociation id="line"><targetRef>ref</targetRef></dataOutputAssociation>'
DRAWN_DATA = row(replace(user("u"), inner=DECORATED)).replace(
    "</process>", '<dataObject id="d"/><dataObjectReference id="ref" dataObjectRef="d"/></process>'
)

DRAWINGS = [
    Flaw("isExecutable is false, as bpmn.io draws", "refused", (
        fixed(row(user("u")).replace(' isExecutable="true"', ' isExecutable="false"'), "process_chosen", "p"),
        runs(row(user("u")).replace(' isExecutable="true"', ' isExecutable="false"'), do("u"), ended),
    )),
    Flaw("several arrows leave a task", "refused", (
        fixed(FORKED, "several_ways_out", "t"),
        runs(FORKED, do("t"), opened("a", "b"), do("a"), do("b"), ended),
        fixed(SIEVED, "several_ways_conditional", "t"),
        runs(SIEVED, do("t", x=1), opened("a"), do("a"), ended, begin("p"), do("t", x=2), opened("a", "b")),
    )),
    Flaw("a condition on the only arrow that leaves a task", "ignored in silence", (
        warned(bpmn("p", start("s"), plain("t"), end("e"), "s > t", "t > e [x > 1]"), "condition_ignored", "t_e_1"),
    )),
    Flaw("no end event", "runs, but is never marked as completed; refused in a sub-process", (
        runs(bpmn("p", start("s"), plain("t"), "s > t"), do("t"), ended),
        fixed(row(sub("i", start("b"), plain("t"), "b > t")), "end_made", "t"),
        runs(row(sub("i", start("b"), plain("t"), "b > t")), do("t"), ended),
    )),
    Flaw("steps that nothing leads to", "dropped in silence", (
        warned(bpmn("p", start("s"), plain("t"), plain("lost"), end("e"), "s > t > e"), "unreachable", "lost"),
        asked(ALONE, "start_alone", "s"),
        runs(ALONE, opened("first"), do("first"), ended, answers={"s": {"first": "first"}}),
    )),
    Flaw("a chain of 500 steps", "recursion error", (refused(LONG, "chain_too_long", "t399"),)),
    Flaw("twelve parallel blocks in a row", "28,671 tasks are predicted at the start", (
        runs(BLOCKS, small, do("first"), ended),
    )),
    Flaw("a long loop", "at depth 1,000 the case looks finished", (
        runs(ROUNDS, do("look"), opened("look"), has(n=300), do("look"), has(n=450), small, do("look"), ended,
             data={"n": 0}),
    )),
    Flaw("ids that SpiffWorkflow uses itself", "an end event “End” ends everything", (
        fixed(BESIDE, "id_changed", "End"),
        runs(BESIDE, opened("a"), do("a"), ended, passed("last")),
        runs(bpmn("p", start("Start"), plain("t"), end("e"), "Start > t > e"), do("t"), ended),
    )),
    Flaw("an id that is there twice", "accepted", (
        refused(row(user("u")).replace("</process>", '<task id="u"/></process>'), "id_twice", "u"),
    )),
    Flaw("an arrow that leads nowhere", "accepted by its schema check", (
        refused(bpmn("p", start("s"), end("e"), "s > e", "s > gone"), "flow_dangling", "s_gone_1"),
    )),
    Flaw("several plain start events", "both complete, one branch goes on", (
        warned(TWO_STARTS, "starts_chosen", "s2"),
        runs(TWO_STARTS, do("p_which", choice_p_which="p_which_s2"), opened("b"), do("b"), ended),
        runs(bpmn("p", start("s"), start("m", "order"), user("u"), end("e"), "s > u > e", "m > u"),
             message("order"), passed("m"), never("s"), do("u"), ended, process=None),
    )),
    Flaw("pools", "all of them run as one instance", (
        runs(file({"p": [start("s"), throw("ask", "q"), catch("hear", "a"), end("e"), "s > ask > hear > e"],
                   "q": [start("b", "q"), user("think"), throw("say", "a"), end("f"), "b > think > say > f"]},
                  roots='<collaboration><participant id="x" name="Customer"/></collaboration>'),
             opened("think"), do("think"), ended),
    )),
    Flaw("lanes", "an unnamed lane is an empty text", (
        asked(row(user("u")), "lane_missing", "p"),
        asked(row(user("u"), Sales=["u"]), "lane_unknown", "lane_0", roles={}.get),
        runs(row(user("u"), Sales=["u"]), do("u"), ended),
    )),
]  # fmt: skip

TASK_ROWS = [
    Flaw("user task, manual task, task", "all three wait for a person", (
        runs(TASKS, opened("u", "m", "t"), *in_order("u", "m", "t"), ended),
    )),
    Flaw("script task", "runs as Python, whatever its language", (
        runs(row(script("x", "n = 1 + 1; m = n * 2")), ended, has(n=2, m=4)),
        warned(row(replace(script("x", "n = 1"), attributes={"scriptFormat": "groovy"})), "script_handed_over", "x"),
        warned(row(script("x", "import os")), "script_handed_over", "x"),
        runs(row(script("x", "import os")), do("x"), ended),
    )),
    Flaw("service task", "stays started for ever", (
        runs(row(service("look")), ended, has(found=1), services={"look": lambda step: {"found": 1}}),
        warned(row(service("look")), "service_handed_over", "look", services=lambda process, name: False),
        warned(row(Node("serviceTask", "x")), "service_handed_over", "x"),
        runs(row(Node("serviceTask", "x")), do("x", found=1), ended, has(found=1)),
    )),
    Flaw("send task", "without a message nothing happens", (
        runs([row(send("x", "m")), bpmn("q", start("b", "m"), end("f"), "b > f")], passed("b"), ended),
        warned(row(Node("sendTask", "x")), "message_sent_made", "x"),
        runs([row(Node("sendTask", "x")), bpmn("q", start("b", "x"), end("f"), "b > f")], passed("b"), ended),
    )),
    Flaw("receive task", "without a message it is done at once", (
        runs(row(receive("x", "m")), waits("x"), message("m"), ended),
        warned(row(Node("receiveTask", "x")), "message_awaited_made", "x"),
        runs(row(Node("receiveTask", "x")), waits("x"), message("x"), ended),
    )),
    Flaw("business rule task", "Camunda's and Zeebe's attributes are ignored or end in KeyError", (
        decides(dmn("FIRST", ("> 5", '"A"'), ("-", '"B"')), "A", x=6),
        runs(row(Node("businessRuleTask", "r", inner='<extensionElements><zeebe:calledDecision decisionId="grade"'
                      ' resultVariable="mark"/></extensionElements>')),
             ended, has(mark="B"), data={"x": 1}, decisions={"d.dmn": dmn("FIRST", ("> 5", '"A"'), ("-", '"B"'))}),
        warned(row(Node("businessRuleTask", "r")), "rule_handed_over", "r"),
        warned(row(rule("r", "gone")), "rule_handed_over", "r"),
        runs(row(rule("r", "gone")), do("r", gone="A"), ended, has(gone="A")),
    )),
    Flaw("completing a task", "twice is accepted", (runs(row(user("a"), user("b")), do_twice("a"), opened("b")),)),
    Flaw("extension attributes", "assignee, due date, priority are dropped", (
        runs(row(user("u", assignee="ada", priority="20 + 30", due='date and time("2026-03-05T09:00:00Z")')),
             lambda playing: _task_is(playing, "2026-03-05T09:00:00Z")),
    )),
    Flaw("what other engines run beside a step", "ignored in silence", tuple(
        warned(row(replace(plain("t"), inner=f"<extensionElements><{tag}/></extensionElements>")), "extension_ignored", "t")
        for tag in ("camunda:executionListener", "camunda:taskListener", "camunda:connector", "zeebe:taskListeners",
                    "camunda:failedJobRetryTimeCycle")
    )),
    Flaw("call activity", "Camunda's mapping is ignored; Zeebe's and expressions are not known", (
        warned(row(call("c", "gone")), "call_handed_over", "c"),
        runs(row(call("c", "gone")), do("c"), ended),
        runs([row(call("c", "${next}")), CALLED], ended, has(x=10), data={"x": 1, "next": "called"}),
        runs([row(call("c", "called", '<camunda:in source="n" target="x"/><camunda:out source="x" target="y"/>')),
              CALLED], ended, has(n=2, y=20), lacks("x"), data={"n": 2}),
        runs([row(Node("callActivity", "c", inner='<extensionElements><zeebe:calledElement processId="called"/>'
                       '</extensionElements>')), CALLED], ended, has(x=30), data={"x": 3}),
    )),
    Flaw("sub-process", "a collapsed one without steps is refused", (
        warned(row(sub("i")), "sub_process_task", "i"),
        runs(row(sub("i")), do("i"), ended),
        runs(row(sub("i", start("b"), start("b2"), plain("t"), plain("t2"), end("f"), "b > t > f", "b2 > t2 > f")),
             do("i_which", choice_i_which="i_which_b2"), opened("t2"), do("t2"), ended),
        runs(row(SUB), do("t"), ended),
    )),
    Flaw("ad-hoc sub-process", "fails with TypeError or KeyError", (
        refused(row(Node("adHocSubProcess", "a", parts=(plain("t"),))), "ad_hoc", "a"),
    )),
    Flaw("transaction and cancel", "nothing is undone", (
        runs(BOOKED, do("pay", ok=False), ended, passed("unbook", "given_up"), never("kept"), variables={"ok"}),
        runs(BOOKED, do("pay", ok=True), ended, passed("kept"), never("unbook", "given_up"), variables={"ok"}),
        refused(bpmn("p", start("s"), SUB, boundary("c", "inner", cancel=True), end("e"), end("g"), "s > inner > e",
                     "c > g"), "cancel_boundary_place", "c"),
    )),
    Flaw("compensation", "the boundary event is refused, throwing does nothing", (
        runs(bpmn("p", start("s"), script("book", "n = 1"), *undoing("book", script("unbook", "n = 0")),
                  throw("back", undo=True), end("e"), "s > book > back > e"), ended, passed("unbook"), has(n=0)),
        refused(bpmn("p", start("s"), plain("t"), boundary("c", "t", undo=True), end("e"), "s > t > e"),
                "handler_missing", "c"),
        warned(row(throw("back", undo=True)), "compensation_idle", "back"),
    )),
    Flaw("instances of a list", "results overwrite one another; ${items} and Zeebe's are refused", (
        runs(row(many(script("m", "r = i * 2"), "items", "i", output="all", value="r")), ended, has(all=[2, 4]),
             data={"items": [1, 2]}),
        runs(row(replace(user("m"), inner='<multiInstanceLoopCharacteristics camunda:collection="${items}"'
                         ' camunda:elementVariable="i"><completionCondition>${nrOfCompletedInstances == 1}'
                         '</completionCondition></multiInstanceLoopCharacteristics>')),
             opened("m", "m", "m"), do_one("m"), ended, data={"items": [1, 2, 3]}),
        runs(row(many(script("m", "r = loopCounter"), cardinality="3", output="all", value="r")), ended,
             has(all=[1, 2, 3])),
        runs(row(many(script("m", "r = i"), "items", "i", output="all", value="r")), ended, has(all=[1], i=7),
             data={"items": [1], "i": 7}),
        asked(row(replace(plain("m"), inner="<multiInstanceLoopCharacteristics/>")), "multi_instance", "m"),
        runs(row(replace(plain("m"), inner="<multiInstanceLoopCharacteristics/>")), opened("m", "m"), do_one("m"),
             do("m"), ended, answers={"m": {"list": "2"}}),
    )),
    Flaw("standard loop", "a bare marker is refused", (
        runs(row(looped(script("m", "n = n + 1"), "n < 3")), ended, has(n=3), data={"n": 0}),
        runs(row(looped(script("m", "n = n + 1"), "n < 0", before=True)), ended, has(n=0), data={"n": 0}),
        runs(row(looped(script("m", "n = n + 1"), maximum=2)), ended, has(n=2), data={"n": 0}),
        asked(row(looped(plain("m"))), "loop_marker", "m"),
        runs(row(looped(plain("m"))), do("m", n=1), do("m", n=2), ended, answers={"m": {"loop": "n < 2"}}),
    )),
]  # fmt: skip

GATEWAY_ROWS = [
    Flaw("exclusive gateway", "without a way an error without a place", (
        runs(bpmn("p", start("s"), xor("g"), plain("a"), plain("b"), end("e"), "s > g", "g > a [n = 1]",
                  "g > b [n = 2]", "a > e", "b > e"), fails(begin("p", n=3), "g"), process=None),
        fixed(OTHERWISE, "default_chosen", "g"),
        runs(OTHERWISE, opened("b"), data={"n": 3}),
        asked(THREE, "condition_missing", "g_c_3"),
        runs(THREE, opened("c"), data={"n": 3}, answers={"g_b_2": {"condition": "n = 2"}, "g_c_3": {"condition": "n = 3"}}),
    )),
    Flaw("exclusive gateway without conditions", "refused", (
        fixed(UNSAID, "choice_task", "g"),
        runs(UNSAID, opened("g"), do("g", choice_g="g_b_2"), opened("b"), do("b"), ended),
        fixed(CHOSEN, "choice_made", "g"),
        runs(CHOSEN, do("u", choice_g="g_a_2"), opened("a")),
    )),
    Flaw("parallel join in a loop", "a token of the round before is counted again", (
        runs(LEGAL, *in_order("prepare", "legal", "finance"), do("decide", rework=True), do("prepare"), do("finance"),
             closed("decide"), do("legal"), do("decide", rework=False), ended, variables={"rework"}),
    )),
    Flaw("lists behind a parallel join", "merged and cut to the length of the last branch", (
        runs(bpmn("p", start("s"), both("g"), script("a", 'l = ["a", "b", "c"]'), user("b"), both("j"), user("last"),
                  end("e"), "s > g > a > j > last > e", "g > b > j"), do("b", n=1), opened("last"),
             has(l=["a", "b", "c"], n=1)),
    )),
    Flaw("inclusive join", "goes on too early when nested or in loops", (
        runs(TWO_PLACES, do("b"), do("a"), closed("last"), do("c"), do("last"), ended, data={"x": True, "y": True}),
        runs(TWO_PLACES, do("a"), do("last"), ended, data={"x": True, "y": False}),
        runs(TWO_PLACES, fails(begin("p", x=False, y=False), "split"), process=None, variables={"x", "y"}),
    )),
    Flaw("complex gateway", "refused", (refused(row(Node("complexGateway", "g")), "complex_gateway", "g"),)),
    Flaw("a choice that a parallel gateway joins", "the case hangs", (
        refused(STARVED, "deadlock", "j", variables={"x"}),
    )),
    Flaw("two ways into one task", "done twice, as the standard says", (
        warned(MERGED, "done_twice", "t"),
        runs(MERGED, *in_order("a", "b"), opened("t", "t"), *in_order("t", "t"), times("t", 2), ended),
    )),
]  # fmt: skip

DATA_ROWS = [
    Flaw("data objects", "a variable under its id; decoration is an error when the task is completed", (
        runs(row(user("u")).replace("</process>", '<dataObject id="d" name="x"/><dataObjectReference id="ref"'
             ' dataObjectRef="d"/></process>'), do("u", x=1), ended, has(x=1)),
        fixed(DRAWN_DATA, "data_documentation", "u"),
        runs(DRAWN_DATA, do("u", x=1), ended, has(x=1)),
    )),
    Flaw("data stores", "refused", (
        runs(row(user("u")).replace("</process>", '<dataStoreReference id="ref"/></process>'), do("u"), ended),
    )),
    Flaw("a key `typename` among the variables", "the case cannot be loaded again", (
        runs(row(user("a"), user("b")), do("a", x={"typename": "UUID", "value": "x"}), do("b"), ended,
             has(x={"typename": "UUID", "value": "x"})),
    )),
    Flaw("conditions in the spellings of other editors", "deployed, and an error when they are reached", tuple(
        chooses(condition, score=60, tier="gold", lead={"score": 60}) for condition in (
            "${score > 50}", "#{score > 50}", "=score > 50", 'tier = "gold"', "true", "lead.score > 50",
            "score between 50 and 70", "${not empty tier}", "score > 50", 'lead["score"] > 50', "not(score < 50)",
            "${score gt 50 && tier eq 'gold'}",
        )
    )),
    Flaw("a broken condition behind one that is true", "is not noticed", (
        asked(BROKEN, "condition_unreadable", "g_b_2"),
        runs(BROKEN, opened("b"), data={"x": 1}, answers={"g_b_2": {"condition": "x > 0"}}),
    )),
    Flaw("hit policies of decision tables", "all but COLLECT are taken for the first match", (
        decides(dmn("FIRST", ("> 1", "1"), ("> 2", "2")), 1, x=5),
        runs(row(rule("r", "grade", "grade")), fails(begin("p", x=5), "r"), process=None,
             decisions={"d.dmn": dmn("UNIQUE", ("> 1", "1"), ("> 2", "2"))}),
        decides(dmn("RULE ORDER", ("> 1", "2"), ("> 2", "1")), [2, 1], x=5),
        decides(dmn("ANY", ("> 1", "1"), ("> 2", "1")), 1, x=5),
        *(decides(dmn("COLLECT", ("> 1", "2"), ("> 2", "4"), aggregation=how), value, x=5)
          for how, value in (("", [2, 4]), ("SUM", 6), ("COUNT", 2), ("MIN", 2), ("MAX", 4))),
    )),
    Flaw("cells of decision tables", "lists never match, ranges and functions fail", tuple(
        decides(dmn("FIRST", (cell, '"yes"'), ("-", '"no"')), "yes", x=value) for cell, value in (
            ('"gold","silver"', "silver"), ("1,70,3", 70), ('not("gold")', "silver"), ("[1..100]", 70), ("= 70", 70),
            ("true", True), ("null", None), ('contains(?, "ol")', "gold"), ("> 50", 70), ("? > 50", 70),
        )
    )),
    Flaw("an input of a decision table with a path", "fails", (
        decides(dmn("FIRST", ("> 5", '"A"'), input="lead.score"), "A", lead={"score": 6}),
    )),
]  # fmt: skip


def _task_is(playing: Play, due: str) -> None:
    (task,) = playing.house.view(playing.cases[0]).open_tasks
    assert task["due_at"] == due


FLAWS = [*DRAWINGS, *TASK_ROWS, *GATEWAY_ROWS, *DATA_ROWS]
