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
DECORATED = '<dataOutputAssociation id="line"><targetRef>ref</targetRef></dataOutputAssociation>'

DRAWINGS = [
    Flaw("isExecutable is false, as bpmn.io draws", "refused", (
        fixed(row(user("u")).replace(' isExecutable="true"', ' isExecutable="false"'), "process_chosen", "p"),
        runs(row(user("u")).replace(' isExecutable="true"', ' isExecutable="false"'), do("u"), ended),
    )),
    Flaw("several arrows leave a task", "refused", (
        refused(bpmn("p", start("s"), plain("t"), end("e"), end("f"), "s > t > e", "t > f"), "several_ways_out", "t"),
    )),
    Flaw("a condition on the only arrow that leaves a task", "ignored in silence", (
        refused(bpmn("p", start("s"), plain("t"), end("e"), "s > t", "t > e [x > 1]"), "condition_ignored", "t_e_1"),
    )),
    Flaw("no end event", "runs, but is never marked as completed; refused in a sub-process", (
        runs(bpmn("p", start("s"), plain("t"), "s > t"), do("t"), ended),
        refused(row(sub("i", start("b"), plain("t"), "b > t")), "sub_process_end", "i"),
    )),
    Flaw("steps that nothing leads to", "dropped in silence", (
        refused(bpmn("p", start("s"), plain("lost"), end("e"), "s > e"), "unreachable", "lost"),
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
        refused(BESIDE, "id_reserved", "End"),
        refused(bpmn("p", start("Start"), end("e"), "Start > e"), "id_reserved", "Start"),
    )),
    Flaw("an id that is there twice", "accepted", (
        refused(row(user("u")).replace("</process>", '<task id="u"/></process>'), "id_twice", "u"),
    )),
    Flaw("an arrow that leads nowhere", "accepted by its schema check", (
        refused(bpmn("p", start("s"), end("e"), "s > e", "s > gone"), "flow_dangling", "s_gone_1"),
    )),
    Flaw("several plain start events", "both complete, one branch goes on", (
        refused(bpmn("p", start("s"), start("s2"), end("e"), "s > e", "s2 > e"), "starts_several", "s2"),
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
        asked(row(user("u")), "lane_missing", "u"),
        asked(row(user("u"), Sales=["u"]), "lane_unknown", "u", roles={}.get),
        runs(row(user("u"), Sales=["u"]), do("u"), ended),
    )),
]  # fmt: skip

TASK_ROWS = [
    Flaw("user task, manual task, task", "all three wait for a person", (
        runs(TASKS, opened("u", "m", "t"), *in_order("u", "m", "t"), ended),
    )),
    Flaw("script task", "runs as Python, whatever its language", (
        runs(row(script("x", "n = 1 + 1; m = n * 2")), ended, has(n=2, m=4)),
        refused(row(replace(script("x", "n = 1"), attributes={"scriptFormat": "groovy"})), "script_language", "x"),
        refused(row(script("x", "import os")), "script_line", "x"),
    )),
    Flaw("service task", "stays started for ever", (
        runs(row(service("look")), ended, has(found=1), services={"look": lambda step: {"found": 1}}),
        refused(row(service("look")), "service_unknown", "look", services=lambda process, name: False),
        refused(row(Node("serviceTask", "x")), "service_missing", "x"),
    )),
    Flaw("send task", "without a message nothing happens", (
        runs([row(send("x", "m")), bpmn("q", start("b", "m"), end("f"), "b > f")], passed("b"), ended),
        refused(row(Node("sendTask", "x")), "message_missing", "x"),
    )),
    Flaw("receive task", "without a message it is done at once", (
        runs(row(receive("x", "m")), waits("x"), message("m"), ended),
        refused(row(Node("receiveTask", "x")), "message_missing", "x"),
    )),
    Flaw("business rule task", "Camunda's and Zeebe's attributes are ignored or end in KeyError", (
        decides(dmn("FIRST", ("> 5", '"A"'), ("-", '"B"')), "A", x=6),
        runs(row(Node("businessRuleTask", "r", inner='<extensionElements><zeebe:calledDecision decisionId="grade"'
                      ' resultVariable="mark"/></extensionElements>')),
             ended, has(mark="B"), data={"x": 1}, decisions={"d.dmn": dmn("FIRST", ("> 5", '"A"'), ("-", '"B"'))}),
        refused(row(Node("businessRuleTask", "r")), "decision_missing", "r"),
        refused(row(rule("r", "gone")), "decision_unknown", "r"),
    )),
    Flaw("completing a task", "twice is accepted", (runs(row(user("a"), user("b")), do_twice("a"), opened("b")),)),
    Flaw("extension attributes", "assignee, due date, priority are dropped", (
        runs(row(user("u", assignee="ada", priority="20 + 30", due='date and time("2026-03-05T09:00:00Z")')),
             lambda playing: _task_is(playing, "2026-03-05T09:00:00Z")),
    )),
    Flaw("call activity", "Camunda's mapping is ignored; Zeebe's and expressions are not known", (
        refused(row(call("c", "gone")), "call_unknown", "c"),
        refused(row(call("c", "${next}")), "call_computed", "c"),
        runs([row(call("c", "called", '<camunda:in source="n" target="x"/><camunda:out source="x" target="y"/>')),
              CALLED], ended, has(n=2, y=20), lacks("x"), data={"n": 2}),
        runs([row(Node("callActivity", "c", inner='<extensionElements><zeebe:calledElement processId="called"/>'
                       '</extensionElements>')), CALLED], ended, has(x=30), data={"x": 3}),
    )),
    Flaw("sub-process", "a collapsed one without steps is refused", (
        refused(row(sub("i")), "sub_process_empty", "i"),
        refused(row(sub("i", start("b"), start("b2"), plain("t"), end("f"), "b > t > f", "b2 > t")),
                "sub_process_start", "i"),
        runs(row(SUB), do("t"), ended),
    )),
    Flaw("ad-hoc sub-process", "fails with TypeError or KeyError", (
        refused(row(Node("adHocSubProcess", "a", parts=(plain("t"),))), "ad_hoc", "a"),
    )),
    Flaw("transaction and cancel", "compensation is not run", (
        refused(row(replace(SUB, tag="transaction")), "transaction", "inner"),
        refused(bpmn("p", start("s"), SUB, Node("boundaryEvent", "c", {"attachedToRef": "inner"},
                     "<cancelEventDefinition/>"), end("e"), end("f"), "s > inner > e", "c > f"), "cancel_event", "c"),
    )),
    Flaw("compensation", "the boundary event is refused, throwing does nothing", (
        refused(row(Node("intermediateThrowEvent", "c", inner="<compensateEventDefinition/>")), "compensation", "c"),
        refused(bpmn("p", start("s"), plain("t"), Node("boundaryEvent", "c", {"attachedToRef": "t"},
                     "<compensateEventDefinition/>"), end("e"), "s > t > e"), "compensation", "c"),
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
        refused(row(replace(plain("m"), inner="<multiInstanceLoopCharacteristics/>")), "multi_instance", "m"),
    )),
    Flaw("standard loop", "a bare marker is refused", (
        runs(row(looped(script("m", "n = n + 1"), "n < 3")), ended, has(n=3), data={"n": 0}),
        runs(row(looped(script("m", "n = n + 1"), "n < 0", before=True)), ended, has(n=0), data={"n": 0}),
        runs(row(looped(script("m", "n = n + 1"), maximum=2)), ended, has(n=2), data={"n": 0}),
        refused(row(looped(plain("m"))), "loop_marker", "m"),
    )),
]  # fmt: skip

GATEWAY_ROWS = [
    Flaw("exclusive gateway", "without a way an error without a place", (
        runs(bpmn("p", start("s"), xor("g"), plain("a"), plain("b"), end("e"), "s > g", "g > a [n = 1]",
                  "g > b [n = 2]", "a > e", "b > e"), fails(begin("p", n=3), "g"), process=None),
        refused(bpmn("p", start("s"), xor("g"), plain("a"), plain("b"), end("e"), "s > g", "g > a [n = 1]",
                     "g > b", "a > e", "b > e"), "condition_missing", "g_b_2"),
    )),
    Flaw("parallel join in a loop", "a token of the round before is counted again", (
        runs(LEGAL, *in_order("prepare", "legal", "finance"), do("decide", rework=True), do("prepare"), do("finance"),
             closed("decide"), do("legal"), do("decide", rework=False), ended),
    )),
    Flaw("lists behind a parallel join", "merged and cut to the length of the last branch", (
        runs(bpmn("p", start("s"), both("g"), script("a", 'l = ["a", "b", "c"]'), user("b"), both("j"), user("last"),
                  end("e"), "s > g > a > j > last > e", "g > b > j"), do("b", n=1), opened("last"),
             has(l=["a", "b", "c"], n=1)),
    )),
    Flaw("inclusive join", "goes on too early when nested or in loops", (
        runs(TWO_PLACES, do("b"), do("a"), closed("last"), do("c"), do("last"), ended, data={"x": True, "y": True}),
        runs(TWO_PLACES, do("a"), do("last"), ended, data={"x": True, "y": False}),
        runs(TWO_PLACES, fails(begin("p", x=False, y=False), "split"), process=None),
    )),
    Flaw("complex gateway", "refused", (refused(row(Node("complexGateway", "g")), "complex_gateway", "g"),)),
    Flaw("a choice that a parallel gateway joins", "the case hangs", (refused(STARVED, "deadlock", "j"),)),
    Flaw("two ways into one task", "done twice, as the standard says", (
        warned(MERGED, "done_twice", "t"),
        runs(MERGED, *in_order("a", "b"), opened("t", "t"), *in_order("t", "t"), times("t", 2), ended),
    )),
]  # fmt: skip

DATA_ROWS = [
    Flaw("data objects", "a variable under its id; decoration is an error when the task is completed", (
        runs(row(user("u")).replace("</process>", '<dataObject id="d" name="x"/><dataObjectReference id="ref"'
             ' dataObjectRef="d"/></process>'), do("u", x=1), ended, has(x=1)),
        refused(row(replace(user("u"), inner=DECORATED)).replace("</process>", '<dataObject id="d"/>'
                '<dataObjectReference id="ref" dataObjectRef="d"/></process>'), "data_association", "u"),
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
        refused(bpmn("p", start("s"), xor("g"), plain("a"), plain("b"), end("e"), "s > g", "g > a [true]",
                     "g > b [x > ]", "a > e", "b > e"), "expression", "g_b_2"),
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
