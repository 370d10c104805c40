"""Parallel and inclusive joins count tokens: in loops, nested, and where some never come."""

from __future__ import annotations

from tests.engine.drawing import both, boundary, bpmn, end, script, service, some, start, user, xor
from tests.engine.house import House

APPROVAL = bpmn(
    "approval",
    start("begin"), xor("again"), user("prepare"), both("split"), user("legal"), user("finance"),
    both("join"), user("decide"), xor("fine"), end("done"),
    "begin > again > prepare > split > legal > join > decide > fine > done [default]",
    "split > finance > join",
    "fine > again [rework]",
)  # fmt: skip


def test_a_parallel_join_in_a_loop_waits_for_both_branches_in_every_round(house: House) -> None:
    house.deploy(APPROVAL)
    case = house.start("approval")
    house.complete(case, "prepare")
    house.complete(case, "legal")
    house.complete(case, "finance")
    house.complete(case, "decide", {"rework": True})
    house.complete(case, "prepare")

    house.complete(case, "finance")  # In stock SpiffWorkflow legal's token of round 1 lets decide through.
    assert house.open(case) == ["legal"]

    house.complete(case, "legal")
    assert house.open(case) == ["decide"]
    assert house.complete(case, "decide", {"rework": False}).status == "completed"


def test_parallel_joins_inside_one_another_wait_for_their_own_branches(house: House) -> None:
    house.deploy(
        bpmn(
            "nested",
            start("begin"), both("s1"), user("a"), both("s2"), user("b"), user("c"), both("j2"), user("d"),
            both("j1"), user("e"), end("done"),
            "begin > s1 > a > j1 > e > done",
            "s1 > s2 > b > j2 > d > j1",
            "s2 > c > j2",
        )
    )  # fmt: skip
    case = house.start("nested")
    assert house.open(case) == ["a", "b", "c"]
    house.complete(case, "a")
    house.complete(case, "c")
    assert house.open(case) == ["b"]
    house.complete(case, "b")
    assert house.open(case) == ["d"]
    house.complete(case, "d")
    assert house.open(case) == ["e"]
    house.complete(case, "e")
    assert house.view(case).status == "completed"


def test_a_second_token_on_the_same_arrow_waits_for_its_own_partner(house: House) -> None:
    # Two tokens come by `left`, one by `right`: one pair goes on, the other token stays.
    house.deploy(
        bpmn(
            "twice",
            start("begin"), both("split"), user("left1"), user("left2"), user("right"), xor("left"),
            both("join"), user("after"), end("done"),
            "begin > split > left1 > left > join > after > done",
            "split > left2 > left",
            "split > right > join",
        )
    )  # fmt: skip
    case = house.start("twice")
    house.complete(case, "left1")
    house.complete(case, "left2")
    assert house.open(case) == ["right"]
    house.complete(case, "right")
    assert house.open(case) == ["after"]
    assert house.complete(case, "after").status == "stuck"


OPTIONS = bpmn(
    "options",
    start("begin"), user("choose"), some("split"), user("a"), user("b"), user("c"), some("join"),
    user("after"), end("done"),
    "begin > choose > split",
    "split > a [a]",
    "split > b [b]",
    "split > c [default]",
    "a > join > after > done",
    "b > join",
    "c > join",
)  # fmt: skip


def test_an_inclusive_join_waits_for_the_branches_taken_and_no_others(house: House) -> None:
    house.deploy(OPTIONS)
    case = house.start("options")
    house.complete(case, "choose", {"a": True, "b": True})
    assert house.open(case) == ["a", "b"]
    house.complete(case, "b")
    assert house.open(case) == ["a"]
    house.complete(case, "a")
    assert house.open(case) == ["after"]


def test_an_inclusive_split_takes_its_default_arrow_when_no_condition_holds(house: House) -> None:
    house.deploy(OPTIONS)
    case = house.start("options")
    house.complete(case, "choose", {"a": False, "b": False})
    assert house.open(case) == ["c"]
    house.complete(case, "c")
    assert house.open(case) == ["after"]


def test_an_inclusive_join_in_a_loop_waits_again_in_every_round(house: House) -> None:
    house.deploy(
        bpmn(
            "rounds",
            start("begin"), xor("again"), user("choose"), some("split"), user("a"), user("b"), some("join"),
            xor("fine"), end("done"),
            "begin > again > choose > split",
            "split > a [a]",
            "split > b [b]",
            "a > join > fine > done [default]",
            "b > join",
            "fine > again [rework]",
        )
    )  # fmt: skip
    case = house.start("rounds")
    for round in range(3):
        house.complete(case, "choose", {"a": True, "b": round != 1, "rework": True})
        if round != 1:
            house.complete(case, "b")
            assert house.open(case) == ["a"]
        house.complete(case, "a", {"rework": round < 2})
    assert house.view(case).status == "completed"


def test_an_inclusive_join_with_two_arrows_from_one_split_takes_the_tokens_of_both(house: House) -> None:
    house.deploy(
        bpmn(
            "arrows",
            start("begin"), some("split"), user("a"), some("join"), user("after"), end("done"),
            "begin > split",
            "split > join [x]",
            "split > join [y]",
            "split > a [default]",
            "a > join > after > done",
        )
    )  # fmt: skip
    for x, y in ((True, True), (True, False), (False, True)):
        assert house.open(house.start("arrows", {"x": x, "y": y})) == ["after"]
    case = house.start("arrows", {"x": False, "y": False})
    house.complete(case, "a")
    assert house.complete(case, "after").status == "completed"


def test_an_inclusive_join_fires_when_a_token_that_might_have_come_goes_elsewhere(house: House) -> None:
    house.deploy(
        bpmn(
            "detour",
            start("begin"), both("split"), user("a"), user("b"), xor("way"), some("join"), user("after"),
            end("done"), end("gone"),
            "begin > split > a > join > after > done",
            "split > b > way > join [joins]",
            "way > gone [default]",
        )
    )  # fmt: skip
    case = house.start("detour")
    house.complete(case, "a")
    assert house.open(case) == ["b"]  # b might still come to the join.
    house.complete(case, "b", {"joins": False})
    assert house.open(case) == ["after"]
    assert house.complete(case, "after").status == "completed"


def test_a_join_that_waits_for_a_token_that_never_comes_makes_the_case_stuck(house: House) -> None:
    house.deploy(
        bpmn(
            "starved",
            start("begin"), user("ask"), xor("choice"), user("a"), user("b"), both("join"), end("done"),
            "begin > ask > choice",
            "choice > a [yes]",
            "choice > b [default]",
            "a > join > done",
            "b > join",
        )
    )  # fmt: skip
    case = house.start("starved")
    house.complete(case, "ask", {"yes": False})
    ref = house.complete(case, "b")

    assert ref.status == "stuck"
    view = house.view(case)
    assert (view.status, view.open_tasks, view.waiting, view.ended_at) == ("stuck", [], [], None)


def test_twelve_parallel_blocks_in_a_row_hold_only_the_tokens_that_are_alive(house: House) -> None:
    # Stock SpiffWorkflow predicts 28,671 tree nodes for this drawing when a case starts.
    blocks = range(12)
    parts = [
        part
        for i in blocks
        for part in (both(f"s{i}"), user(f"a{i}"), user(f"b{i}"), both(f"j{i}"), f"s{i} > a{i} > j{i}",
                     f"s{i} > b{i} > j{i}")
    ]  # fmt: skip
    links = [f"j{i} > s{i + 1}" for i in range(11)]
    house.deploy(bpmn("blocks", start("begin"), end("done"), *parts, "begin > s0", *links, "j11 > done"))

    case = house.start("blocks")
    assert len(house.state(case)) < 400
    for i in blocks:
        assert house.open(case) == [f"a{i}", f"b{i}"]
        house.complete(case, f"b{i}")
        house.complete(case, f"a{i}")
    assert house.view(case).status == "completed"


def test_variables_set_on_parallel_branches_are_all_kept_after_the_join(house: House) -> None:
    # Stock SpiffWorkflow cuts merged lists to the length of the last branch.
    house.deploy(
        bpmn(
            "notes",
            start("begin"), script("empty", 'notes = ""'), both("split"), user("a"), user("b"),
            script("note_a", 'notes = notes + "a"'), script("note_b", 'notes = notes + "b"'),
            both("join"), user("read"), end("done"),
            "begin > empty > split > a > note_a > join > read > done",
            "split > b > note_b > join",
        )
    )  # fmt: skip
    case = house.start("notes")
    house.complete(case, "b", {"from_b": 1})
    house.complete(case, "a", {"from_a": 2})
    assert house.view(case).data == {"notes": "ba", "from_a": 2, "from_b": 1}


def test_an_inclusive_gateway_lets_the_next_token_into_a_loop_when_the_last_has_left_it(house: House) -> None:
    # The token in the loop can come back by the other arrow (BPMN 2.0.2, 13.4.3), so the others wait.
    house.deploy(
        bpmn(
            "loop",
            start("begin"), both("split"), xor("merge"), some("entry"), user("work"), xor("again"), end("done"),
            "begin > split > merge > entry > work > again > done [default]",
            "split > merge",
            "split > merge",
            "again > entry [again]",
        )
    )  # fmt: skip
    case = house.start("loop")
    for _ in range(3):
        assert house.open(case) == ["work"]
        house.complete(case, "work", {"again": False})
    assert house.view(case).status == "completed"


def test_of_two_tokens_on_one_arrow_an_inclusive_join_takes_one_at_a_time(house: House) -> None:
    # The first waits, as the second could still come by the border; then each goes on by itself.
    house.services(work=lambda step: {})
    house.deploy(
        bpmn(
            "twice",
            start("begin"), both("split"), xor("merge"), service("work"), boundary("wrong", "work", any_error=True),
            some("join"), user("after"), end("done"),
            "begin > split > merge > work > join > after > done", "split > merge", "wrong > join",
        )
    )  # fmt: skip
    case = house.start("twice")

    assert house.open(case) == ["after", "after"]


def test_two_tokens_by_one_of_two_arrows_from_a_gateway_are_no_pair(house: House) -> None:
    house.deploy(
        bpmn(
            "pair",
            start("begin"), both("split"), user("left"), user("right"), xor("merge"), xor("way"), both("join"),
            user("after"), end("done"),
            "begin > split > left > merge > way", "split > right > merge",
            "way > join [first]", "way > join [default]", "join > after > done",
        )
    )  # fmt: skip
    case = house.start("pair", {"first": True})
    house.complete(case, "left")
    house.complete(case, "right")
    assert (house.open(case), house.view(case).status) == ([], "stuck")

    case = house.start("pair", {"first": True})
    house.complete(case, "left", {"first": False})
    house.complete(case, "right", {"first": True})
    assert house.open(case) == ["after"]
