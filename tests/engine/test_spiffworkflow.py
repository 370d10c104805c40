"""SpiffWorkflow 3.2.0 still is what engine/spiff rests on; a new release fails here first, and says where.

Each test pins one thing that our subclasses rely on: a number, a name, a call, how nodes are wired.
"""

from __future__ import annotations

import importlib.metadata
import inspect
import re
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit, BpmnStartTask, _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import EventBasedGateway, ExclusiveGateway, InclusiveGateway
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.diagrams import read
from engine.spiff import CaseWorkflow, Scope, Token, compile_specs, events, joins, steps
from engine.spiff.compensation import DEFAULT
from engine.xml import parse
from tests.engine.drawing import boundary, bpmn, call, catch, end, first_of, some, start, sub, user, xor
from tests.engine.house import NOW

ROOT = Path(__file__).resolve().parents[2]


class Nobody:
    """A performer for drawings that ask for nothing."""

    zone = ZoneInfo("Europe/Rome")

    def is_true(self, token: Token, text: str) -> bool:
        return text == "true"


def specs(xml: str, process: str = "p") -> Any:
    root = parse(xml.encode(), "test.bpmn")
    return compile_specs(root, process, read(root, "test.bpmn")[0].elements)


def workflow(xml: str) -> CaseWorkflow:
    case = CaseWorkflow(specs(xml).spec, lambda process: None, Nobody(), NOW)
    case.begin()
    case.run(100)
    return case


# --- The release ----------------------------------------------------------------------------------


def test_the_installed_release_is_the_one_that_pyproject_pins() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = [line for line in project["dependencies"] if re.match(r"spiffworkflow\b", line, re.IGNORECASE)]

    assert pins == [f"spiffworkflow=={importlib.metadata.version('spiffworkflow')}"]
    assert pins == ["spiffworkflow==3.2.0"]


# --- Numbers --------------------------------------------------------------------------------------


def test_states_have_the_numbers_that_saved_cases_hold() -> None:
    names = ("MAYBE", "LIKELY", "FUTURE", "WAITING", "READY", "STARTED", "COMPLETED", "ERROR", "CANCELLED")

    assert [getattr(TaskState, name) for name in names] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert TaskState.DEFINITE_MASK == 4 | 8 | 16 | 32
    assert TaskState.NOT_FINISHED_MASK == 1 | 2 | 4 | 8 | 16 | 32
    assert TaskState.FINISHED_MASK == 64 | 128 | 256
    assert TaskState.ANY_MASK == 511


# --- Task -----------------------------------------------------------------------------------------


def test_a_task_has_the_attributes_that_our_token_sets_and_no_others() -> None:
    # Token does not call Task.__init__; an attribute added there would be missing in it.
    spec = BpmnProcessSpec("p")
    stock = BpmnWorkflow(spec, deserializing=True)
    case = CaseWorkflow(spec, lambda process: None, Nobody(), NOW)

    assert set(vars(Token(case, spec.start))) == set(vars(Task(stock, spec.start)))


def test_our_classes_replace_methods_that_exist() -> None:
    replaced = {
        Token: (Task, {"_set_state", "_add_child", "_inherit_data"}),
        CaseWorkflow: (
            BpmnWorkflow,
            {"get_tasks_iterator", "get_task_from_id", "is_completed", "update_waiting_tasks",
             "_remove_task", "cancel", "_task_completed_notify", "top_workflow"},
        ),
        Scope: (BpmnSubWorkflow, {"_task_completed_notify", "parent_workflow", "is_completed"}),
        steps.Step: (
            TaskSpec,
            {"_predict", "_update", "_update_hook", "_on_ready", "_run", "_run_hook", "_on_complete",
             "_on_complete_hook", "_on_cancel"},
        ),
    }  # fmt: skip
    for ours, (stock, names) in replaced.items():
        for name in names:
            assert hasattr(stock, name), f"{stock.__name__}.{name} is gone"
            mine = inspect.getattr_static(ours, name)
            assert mine is not inspect.getattr_static(stock, name), (
                f"{ours.__name__} no longer replaces {name}"
            )


def test_a_child_is_added_through_add_child_by_sync_children() -> None:
    case = workflow(bpmn("p", start("begin"), user("ask"), end("done"), "begin > ask > done"))
    (ask,) = case.live_tokens()

    ask._sync_children(ask.task_spec.outputs, TaskState.FUTURE)

    (child,) = ask.children
    assert (type(child), child.task_spec.name, child._state) == (Token, "done", TaskState.FUTURE)
    assert child.parent is ask
    assert ask._children == [child.id]


def test_cancelling_takes_what_is_alive_and_the_unfinished_children_and_calls_the_spec() -> None:
    case = workflow(bpmn("p", start("begin"), user("ask"), end("done"), "begin > ask > done"))
    (ask,) = case.live_tokens()
    child = ask._add_child(ask.task_spec.outputs[0], TaskState.FUTURE)
    told: list[Token] = []
    ask.task_spec._on_cancel = told.append

    ask.cancel()

    assert ask._state == TaskState.CANCELLED
    assert told == [ask]
    assert child.id not in case.tasks


def test_a_cancelled_or_completed_task_never_becomes_ready_again() -> None:
    case = workflow(bpmn("p", start("begin"), user("ask"), end("done"), "begin > ask > done"))
    (ask,) = case.live_tokens()
    ask.cancel()
    ask._ready()
    assert ask._state == TaskState.CANCELLED


def test_running_a_task_calls_run_then_completes_it_and_tells_the_spec() -> None:
    case = workflow(bpmn("p", start("begin"), user("ask"), end("done"), "begin > ask > done"))
    (ask,) = case.live_tokens()
    order: list[tuple[str, int]] = []

    def run(token: Token) -> bool:
        order.append(("run", token._state))
        return True

    ask.task_spec._run = run
    ask.task_spec._on_complete = lambda token: order.append(("complete", token._state))

    ask.run()

    assert order == [("run", TaskState.READY), ("complete", TaskState.COMPLETED)]


# --- The parser and the nodes it adds -------------------------------------------------------------


def test_the_parser_offers_the_hooks_that_ours_overrides() -> None:
    assert isinstance(BpmnParser.OVERRIDE_PARSER_CLASSES, dict)
    assert BpmnParser.PROCESS_PARSER_CLASS is ProcessParser
    for name in ("add_tasks", "parse_node", "get_boundary_events", "get_outgoing_sequence_flows"):
        assert callable(getattr(ProcessParser, name))
    for name in ("create_task", "connect_outgoing", "handles_multiple_outgoing", "parse_condition"):
        assert callable(getattr(TaskParser, name))


def test_a_process_is_wrapped_in_start_end_join_and_end() -> None:
    spec = specs(bpmn("p", start("begin"), user("ask"), end("done"), "begin > ask > done")).spec

    assert list(spec.task_specs) == ["Start", "p.EndJoin", "End", "begin", "ask", "done", DEFAULT]
    assert (spec.start.name, spec.end.name) == ("Start", "p.EndJoin")
    assert wiring(spec) == {
        "Start": ["begin"], "begin": ["ask"], "ask": ["done"], "done": ["p.EndJoin"],
        "p.EndJoin": ["End"], "End": [], DEFAULT: ["p.EndJoin"],
    }  # fmt: skip
    assert type(spec.start) is steps.Start
    assert type(spec.end) is steps.LastJoin
    assert type(spec.task_specs["End"]) is steps.Plain


def test_a_step_with_boundary_events_is_wrapped_in_a_split_and_a_join() -> None:
    drawing = bpmn(
        "p",
        start("begin"), user("ask"), boundary("late", "ask", duration="PT1H"),
        boundary("remind", "ask", interrupting=False, cycle="R3/PT1H"), user("call"), end("done"),
        end("over"), end("reminded"),
        "begin > ask > done", "late > call > over", "remind > reminded",
    )  # fmt: skip
    spec = specs(drawing).spec

    assert {
        name: wiring(spec)[name] for name in ("begin", "ask.BoundaryEventSplit", "ask", "late", "remind")
    } == {
        "begin": ["ask.BoundaryEventSplit"],
        "ask.BoundaryEventSplit": ["ask", "late", "remind"],
        "ask": ["ask.BoundaryEventJoin", "done"],
        "late": ["call", "ask.BoundaryEventJoin"],
        "remind": ["reminded", "ask.BoundaryEventJoin"],
    }
    assert wiring(spec)["ask.BoundaryEventJoin"] == []
    assert type(spec.task_specs["ask.BoundaryEventSplit"]) is steps.BoundarySplit
    assert type(spec.task_specs["ask.BoundaryEventJoin"]) is steps.BoundaryJoin
    assert (spec.task_specs["late"].cancel_activity, spec.task_specs["remind"].cancel_activity) == (
        True,
        False,
    )


def test_a_loop_back_to_a_step_with_boundary_events_leads_to_its_split() -> None:
    drawing = bpmn(
        "p",
        start("begin"), user("ask"), boundary("late", "ask", duration="PT1H"), xor("again"), end("done"),
        "begin > ask > again > done [default]", "again > ask [true]", "late > again",
    )  # fmt: skip
    outputs = wiring(specs(drawing).spec)
    assert sorted(outputs["again"]) == ["ask.BoundaryEventSplit", "done"]


def test_our_classes_stand_for_every_element_and_their_data_lies_where_we_read_it() -> None:
    drawing = bpmn(
        "p",
        start("begin"), some("split"), user("ask"), sub("inner", start("s"), end("e"), "s > e"), some("join"),
        xor("way"), call("called", "other"), first_of("wait"), catch("reply", "reply"),
        catch("day", duration="P1D"), xor("meet"), end("done"),
        "begin > split", "split > ask [true]", "split > inner [default]", "ask > join", "inner > join",
        "join > way", "way > called [false]", "way > wait [default]", "called > meet", "wait > reply > meet",
        "wait > day > meet", "meet > done",
    )  # fmt: skip
    whole = specs(drawing)
    found = whole.spec.task_specs

    assert type(found["split"]) is joins.Inclusive
    assert type(found["inner"]) is steps.Embedded
    assert type(found["called"]) is steps.Call
    assert type(found["wait"]) is events.FirstOf
    assert conditions(found["split"]) == [("true", "ask"), (None, "inner")]
    assert conditions(found["way"]) == [("false", "called"), (None, "wait")]
    assert found["way"].default_task_spec == "wait"
    assert (found["inner"].spec, found["called"].spec) == ("inner", "other")
    assert list(whole.subprocess_specs) == ["inner"]
    assert found["join"]._inputs == ["ask", "inner"]
    assert found["day"].event_definition.kind == "duration"
    assert [spec.element.id for spec in found["wait"].outputs] == ["reply", "day"]


def test_branches_of_a_gateway_are_asked_from_the_topmost_down() -> None:
    # The parser sorts them by the height at which their targets are drawn.
    flat = bpmn(
        "p", start("begin"), xor("way"), user("low"), user("high"), xor("meet"), end("done"),
        "begin > way", "way > low [true]", "way > high [true]", "low > meet > done", "high > meet",
    )  # fmt: skip
    shapes = "".join(
        f'<bpmndi:BPMNShape bpmnElement="{id}"><dc:Bounds x="0" y="{y}"/></bpmndi:BPMNShape>'
        for id, y in (("low", 200), ("high", 100))
    )
    spaces = ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    drawn = flat.replace("<definitions", f"<definitions{spaces}").replace(
        "</definitions>", f"{shapes}</definitions>"
    )

    assert conditions(specs(flat).spec.task_specs["way"]) == [("true", "low"), ("true", "high")]
    assert conditions(specs(drawn).spec.task_specs["way"]) == [("true", "high"), ("true", "low")]


@pytest.mark.parametrize(
    ("ours", "stock"),
    [
        (steps.Start, BpmnStartTask),
        (steps.LastJoin, _EndJoin),
        (steps.BoundarySplit, BoundaryEventSplit),
        (steps.BoundaryJoin, BoundaryEventJoin),
        (steps.Exclusive, ExclusiveGateway),
        (joins.Inclusive, InclusiveGateway),
        (events.FirstOf, EventBasedGateway),
    ],
)
def test_our_steps_come_before_the_stock_ones_so_that_their_rules_count(ours: Any, stock: Any) -> None:
    assert issubclass(ours, stock)
    order = ours.__mro__
    assert order.index(steps.Step) < order.index(stock)


def test_no_stock_rule_is_left_on_any_step() -> None:
    """What Step does must not be undone by a stock class further up; hooks of our own may refine it."""
    classes = [
        one
        for module in (steps, joins, events)
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, steps.Step)
    ]
    for one in classes:
        for name in ("_predict", "_update", "_update_hook", "_on_ready", "_run", "_run_hook", "_on_complete",
                     "_on_complete_hook", "_on_cancel"):  # fmt: skip
            owner = next(base for base in one.__mro__ if name in vars(base))
            assert owner.__module__.startswith("engine.spiff"), f"{one.__name__}.{name} is {owner}'s"


def wiring(spec: Any) -> dict[str, list[str]]:
    return {name: list(one._outputs) for name, one in spec.task_specs.items()}


def conditions(gateway: Any) -> list[tuple[str | None, str]]:
    """(condition, target) of each arrow, in the order in which they are asked."""
    return [(one.args[0] if one else None, name) for one, name in gateway.cond_task_specs]
