"""Sub-processes, called processes and terminate ends: what is inside, what it sees, what ends it."""

from __future__ import annotations

import json

from tests.engine.drawing import both, boundary, bpmn, call, catch, end, file, script, start, sub, user, xor
from tests.engine.house import House


def test_a_sub_process_shares_the_variables_and_ends_when_nothing_is_alive_in_it(house: House) -> None:
    house.deploy(
        bpmn(
            "outer",
            start("begin"),
            sub(
                "inner", start("s"), both("split"), user("a"), user("b"), end("ea"), end("eb"),
                "s > split > a > ea", "split > b > eb",
            ),
            user("after"), end("done"),
            "begin > inner > after > done",
        )
    )  # fmt: skip
    case = house.start("outer", {"x": 1})
    house.complete(case, "b", {"x": 2})
    assert (house.open(case), house.view(case).data) == (["a"], {"x": 2})
    house.complete(case, "a", {"y": 3})
    assert (house.open(case), house.view(case).data) == (["after"], {"x": 2, "y": 3})
    assert house.path(case) == ["begin", "s", "split", "b", "eb", "a", "ea", "inner"]


def test_a_sub_process_in_a_loop_begins_anew_in_every_round(house: House) -> None:
    house.deploy(
        bpmn(
            "rounds",
            start("begin"), xor("in"),
            sub("inner", start("s"), user("a"), user("b"), end("e"), "s > a > b > e"),
            xor("out"), end("done"),
            "begin > in > inner > out", "out > in [again]", "out > done [default]",
        )
    )  # fmt: skip
    case = house.start("rounds")
    for again in (True, True, False):
        assert house.open(case) == ["a"]
        house.complete(case, "a")
        house.complete(case, "b", {"again": again})
    assert house.view(case).status == "completed"


def test_two_sub_processes_of_one_drawing_may_run_side_by_side_and_inside_one_another(house: House) -> None:
    deep = sub("deep", start("s3"), user("c"), end("e3"), "s3 > c > e3")
    house.deploy(
        bpmn(
            "beside",
            start("begin"), both("split"),
            sub("one", start("s1"), user("a"), end("e1"), "s1 > a > e1"),
            sub("two", start("s2"), user("b"), deep, end("e2"), "s2 > b > deep > e2"),
            both("join"), end("done"),
            "begin > split > one > join > done", "split > two > join",
        )
    )  # fmt: skip
    case = house.start("beside")
    house.complete(case, "b")
    assert house.open(case) == ["a", "c"]
    house.complete(case, "c")
    house.complete(case, "a")
    assert house.view(case).status == "completed"


TERMINATE = bpmn(
    "stop",
    start("begin"), both("split"), user("go"), user("work"), catch("wait", duration="P1D"),
    sub("inner", start("s"), user("deep"), end("e"), "s > deep > e"), end("stop", terminate=True), end("done"),
    "begin > split > go > stop", "split > work > done", "split > wait > done", "split > inner > done",
)  # fmt: skip


def test_a_terminate_end_takes_everything_in_its_process_away(house: House) -> None:
    house.deploy(TERMINATE)
    case = house.start("stop")
    assert house.open(case) == ["deep", "go", "work"]
    assert house.complete(case, "go").status == "completed"
    view = house.view(case)
    assert (view.open_tasks, view.waiting, view.ended_at) == ([], [], house.now)
    assert house.row(case).next_due is None
    assert len(house.events(case, "task.cancelled")) == 2
    assert house.tick(days=2).timers == 0


def test_a_terminate_end_inside_a_sub_process_ends_only_that(house: House) -> None:
    house.deploy(
        bpmn(
            "inside",
            start("begin"), both("split"),
            sub(
                "inner", start("s"), both("fork"), user("a"), user("b"), end("stop", terminate=True), end("e"),
                "s > fork > a > stop", "fork > b > e",
            ),
            user("beside"), user("after"), end("done"), end("over"),
            "begin > split > inner > after > done", "split > beside > over",
        )
    )  # fmt: skip
    case = house.start("inside")
    house.complete(case, "a")
    assert house.open(case) == ["after", "beside"]


# --- Calls ----------------------------------------------------------------------------------------

CALLER = bpmn(
    "caller", start("begin"), call("calls", "called"), user("after"), end("done"),
    "begin > calls > after > done",
)  # fmt: skip


def called(*tasks: str) -> str:
    return bpmn(
        "called", start("c_begin"), *map(user, tasks), end("c_end"),
        " > ".join(["c_begin", *tasks, "c_end"]),
    )  # fmt: skip


def test_a_called_process_runs_on_a_copy_of_the_variables_which_come_back_at_its_end(house: House) -> None:
    house.deploy(CALLER)
    house.deploy(called("ask", "check"))
    case = house.start("caller", {"x": 1, "y": 1})
    house.complete(case, "ask", {"x": 2})
    assert house.view(case).data == {"x": 2, "y": 1}  # What the called process has made of them so far.
    assert json.loads(house.state(case))["data"] == {"x": 1, "y": 1}
    house.complete(case, "check", {"z": 3})
    assert house.view(case).data == {"x": 2, "y": 1, "z": 3}
    assert (house.open(case), house.view(case).calls) == (["after"], {"called": 2})


def test_a_task_of_a_called_process_names_that_process_and_its_version(house: House) -> None:
    house.deploy(CALLER)
    house.deploy(called("ask"))
    case = house.start("caller")
    house.complete(case, "ask")
    (created, *_) = house.events(case, "task.created")
    assert (created.process, created.version_id, created.element) == ("called", 2, "ask")


def test_a_case_goes_on_calling_the_version_that_it_called_first(house: House) -> None:
    house.deploy(
        bpmn(
            "caller",
            start("begin"), xor("in"), call("calls", "called"), xor("out"), end("done"),
            "begin > in > calls > out", "out > in [again]", "out > done [default]",
        )
    )  # fmt: skip
    house.deploy(called("old"))
    case = house.start("caller")
    house.deploy(called("new"))
    house.complete(case, "old", {"again": True})
    assert house.open(case) == ["old"]
    assert house.open(house.start("caller")) == ["new"]


def test_calls_two_levels_deep_are_pinned_and_survive_saving_at_every_step(house: House) -> None:
    house.deploy(CALLER)
    middle = file(
        {
            "called": [
                start("m_begin"), user("m_ask"), call("m_calls", "lowest"), user("m_after"), end("m_end"),
                "m_begin > m_ask > m_calls > m_after > m_end",
            ]
        }
    )  # fmt: skip
    house.deploy(middle)
    cases = []
    for task in ("first", "second"):
        house.deploy(
            bpmn(
                "lowest",
                start("l_begin"), sub("l_sub", start("s"), user(task), end("e"), f"s > {task} > e"),
                boundary("l_late", "l_sub", duration="P1D"), user("l_rescue"), end("l_end"), end("l_out"),
                "l_begin > l_sub > l_end", "l_late > l_rescue > l_out",
            )
        )  # fmt: skip
        case = house.start("caller", {"n": 1})
        house.complete(case, "m_ask", {"n": 2})
        assert house.open(case) == [task]
        cases.append(case)
    first, second = cases
    assert (house.view(first).calls, house.view(second).calls) == (
        {"called": 2, "lowest": 3},
        {"called": 2, "lowest": 4},
    )
    house.complete(first, "first", {"n": 3})
    assert house.open(first) == ["m_after"]
    house.tick(days=2)
    assert house.open(second) == ["l_rescue"]
    house.complete(second, "l_rescue")
    for case in (first, second):
        house.complete(case, "m_after", {"m": True})
        house.complete(case, "after")
    assert house.view(first).data == {"n": 3, "m": True}
    assert (house.view(first).status, house.view(second).status) == ("completed", "completed")


def test_a_called_process_that_terminates_lets_its_caller_go_on(house: House) -> None:
    house.deploy(CALLER)
    house.deploy(TERMINATE.replace('process id="stop"', 'process id="called"'))
    case = house.start("caller")
    house.complete(case, "go")
    assert house.open(case) == ["after"]


def test_a_timer_on_a_call_takes_the_called_process_away_with_its_variables(house: House) -> None:
    house.deploy(
        bpmn(
            "caller",
            start("begin"), call("calls", "called"), boundary("late", "calls", duration="P1D"), user("rescue"),
            end("done"), end("rescued"),
            "begin > calls > done", "late > rescue > rescued",
        )
    )  # fmt: skip
    house.deploy(called("ask", "check"))
    case = house.start("caller", {"x": 1})
    house.complete(case, "ask", {"x": 2})
    house.tick(days=1)
    assert (house.open(case), house.view(case).data) == (["rescue"], {"x": 1})


def test_two_calls_of_one_process_side_by_side_keep_their_variables_apart(house: House) -> None:
    house.deploy(
        bpmn(
            "caller",
            start("begin"), both("split"), script("a", 'side = "a"'), call("call_a", "called"),
            call("call_b", "called"), both("join"), end("done"),
            "begin > split > call_a > join > done", "split > a > call_b > join",
        )
    )  # fmt: skip
    house.deploy(called("ask"))
    case = house.start("caller")
    assert house.open(case) == ["ask", "ask"]
    for task in [task["id"] for task in house.view(case).open_tasks]:
        house.complete_task(task, {f"answer_{task}": True})
    assert house.view(case).data == {"side": "a", "answer_1": True, "answer_2": True}
    assert house.view(case).status == "completed"


def test_stages_of_a_caller_and_of_what_it_calls_are_kept_apart(house: House) -> None:
    house.deploy(
        bpmn(
            "caller",
            start("begin"), both("split"), user("beside", stage="review"), call("calls", "called"), end("done"),
            end("over"),
            "begin > split > beside > done", "split > calls > over",
        )
    )  # fmt: skip
    house.deploy(bpmn("called", start("c"), user("ask", stage="review"), end("ce"), "c > ask > ce"))
    case = house.start("caller")
    house.now = house.now.replace(hour=12)
    house.complete(case, "ask")
    visits = [(visit.process, visit.stage, visit.left_at) for visit in house.visits(case)]
    assert visits == [("caller", "review", None), ("called", "review", house.now)]
