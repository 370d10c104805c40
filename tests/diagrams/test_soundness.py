"""Drawings that stand still, run twice or never end are found, whatever the conditions say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.diagrams.elements import Drawing, Element, Flow
from engine.diagrams.soundness import Problem, problems
from engine.findings import Finding

Draw = Callable[..., Drawing]

TIMER = "<timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition>"
KINDS = {
    "s": "startEvent",
    "x": "exclusiveGateway",
    "p": "parallelGateway",
    "o": "inclusiveGateway",
    "v": "eventBasedGateway",
    "t": "task",
    "e": "endEvent",
}


def net(*arrows: str, more: str = "") -> str:
    """Elements named by their arrows; the first letter says what each is: s x p o v t e."""
    names = dict.fromkeys(name.strip() for arrow in arrows for name in arrow.split(">"))
    drawn = "".join(f'<{KINDS[name[0]]} id="{name}"/>' for name in names if name[0] in KINDS)
    return drawn + more + "".join(f"~ {arrow}\n" for arrow in arrows)


def found(drawing: Drawing) -> list[tuple[str, str]]:
    return [(problem.code, problem.element) for problem in problems(drawing)]


@pytest.mark.parametrize(
    ("why", "body", "expected"),
    [
        (
            "one of two ways is chosen, both are awaited",
            net("s > x1 > t1 > p1 > e", "x1 > t2 > p1"),
            [("deadlock", "p1")],
        ),
        (
            "an inclusive choice is awaited as if all ways were taken",
            net("s > o1 > t1 > p1 > e", "o1 > t2 > p1"),
            [("deadlock_possible", "p1")],
        ),
        (
            "a join waits for a way that comes only after it",
            net("s > p1 > t1 > x1 > e", "x1 > t2 > p1"),
            [("deadlock", "p1")],
        ),
        (
            "one way leaves early, past the join",
            net("s > p1 > t1 > x1 > p2 > e", "p1 > t2 > p2", "x1 > e2"),
            [("deadlock_possible", "p2")],
        ),
        (
            "parallel ways meet without a join",
            net("s > p1 > t1 > x1 > t3 > e", "p1 > t2 > x1"),
            [("done_twice", "x1")],
        ),
        (
            "parallel ways meet in a task",
            net("s > p1 > t1 > t3 > e", "p1 > t2 > t3"),
            [("done_twice", "t3")],
        ),
        (
            "a loop without a way out",
            net("s > x1 > t1 > t2 > x1"),
            [("endless", "x1")],
        ),
        (
            "a loop that sends something to an end in each round",
            net("s > x1 > p1 > t1 > x1", "p1 > e"),
            [("endless", "x1")],
        ),
        (
            "a loop that starts more and more work",
            net("s > x1 > p1 > t1 > x1", "p1 > t2 > e"),
            [("done_twice", "e")],
        ),
        (
            "a loop that one can enter and not leave",
            net("s > x1 > e", "x1 > x2 > t1 > x2"),
            [("endless", "x2")],
        ),
    ],
)
def test_a_mistake_in_the_ways_is_found(
    drawn: Draw, why: str, body: str, expected: list[tuple[str, str]]
) -> None:
    assert found(drawn(body)) == expected, why


@pytest.mark.parametrize(
    "body",
    [
        net("s > t1 > e"),
        net("s > t1"),
        net("s > x1 > t1 > x2 > e", "x1 > t2 > x2"),
        net("s > p1 > t1 > p2 > e", "p1 > t2 > p2"),
        net("s > o1 > t1 > o2 > e", "o1 > t2 > o2", "o1 > t3 > o2"),
        net("s > x1 > t1 > x2 > e", "x2 > x1"),
        net("s > p1 > t1 > e", "p1 > t2 > e2"),
        net("s > p1 > t1 > e", "p1 > t2 > e"),
        # An inclusive join waits for what can still come, also through a choice and round a loop.
        net("s > p1 > x1 > t1 > o1 > e", "p1 > t2 > o1", "x1 > e2"),
        net("s > x0 > p1 > x1 > t1 > o1 > x2 > e", "p1 > t2 > o1", "x1 > e2", "x2 > x0"),
        # A parallel block in a loop.
        net("s > x1 > p1 > t1 > p2 > x2 > e", "p1 > t2 > p2", "x2 > x1"),
        # Blocks inside one another.
        net("s > p1 > x1 > t1 > x2 > p2 > e", "x1 > t2 > x2", "p1 > t3 > p2"),
        # The first of several events wins.
        net("s > v1 > t1 > x1 > e", "v1 > t2 > x1"),
    ],
)
def test_a_sound_drawing_is_left_alone(drawn: Draw, body: str) -> None:
    assert found(drawn(body)) == []


def bounded(host: str, more: str = "") -> str:
    return f'<boundaryEvent id="b" attachedToRef="{host}" {more}>{TIMER}</boundaryEvent>'


def test_a_boundary_event_may_interrupt_one_of_the_ways_that_are_awaited(drawn: Draw) -> None:
    body = net("s > p1 > t1 > p2 > e", "p1 > t2 > p2", "b > e2", more=bounded("t1"))

    assert found(drawn(body)) == [("deadlock_possible", "p2")]


def test_what_a_boundary_event_starts_beside_a_task_runs_at_the_same_time(drawn: Draw) -> None:
    beside = 'cancelActivity="false"'

    assert found(drawn(net("s > t1 > x1 > t2 > e", "b > x1", more=bounded("t1", beside)))) == [
        ("done_twice", "x1")
    ]
    assert found(drawn(net("s > t1 > t2 > e", "b > t3 > e2", more=bounded("t1", beside)))) == []
    # In a loop the warning of the second round may meet that of the first one: no mistake.
    loop = net(
        "s > t1 > x1 > e", "x1 > t1", "b > t3 > x2 > t4 > e2", "x2 > t5 > e2", more=bounded("t1", beside)
    )
    assert found(drawn(loop)) == []


def test_a_terminating_end_stops_everything_else(drawn: Draw) -> None:
    stop = '<endEvent id="stop"><terminateEventDefinition/></endEvent>'

    # A plain end instead of `stop` leaves the join waiting: see "one way leaves early" above.
    assert found(drawn(net("s > p1 > t1 > x1 > p2 > e", "p1 > t2 > p2", "x1 > stop", more=stop))) == []
    # The loop has no end of its own, but the other way stops it.
    assert found(drawn(net("s > p1 > t1 > x1 > t1", "p1 > t2 > stop", more=stop))) == []


def test_a_loop_that_only_a_terminating_end_stops_may_miss_it(drawn: Draw) -> None:
    stop = '<endEvent id="stop"><terminateEventDefinition/></endEvent>'
    body = net("s > p1 > x1 > t1 > x1", "p1 > t2 > x2 > stop", "x2 > e", more=stop)

    assert found(drawn(body)) == [("endless", "x1")]


def test_a_sub_process_is_played_by_itself(drawn: Draw) -> None:
    inner = net("s2 > x1 > t1 > p1 > e2", "x1 > t2 > p1")
    body = net("s > z > e", more=f'<subProcess id="z">{inner}</subProcess>')

    assert found(drawn(body)) == [("deadlock", "p1")]


def test_an_endless_loop_inside_a_sub_process_may_be_left_by_its_boundary_event(drawn: Draw) -> None:
    host = f'<subProcess id="z">{net("s2 > x1 > t1 > x1")}</subProcess>'

    assert found(drawn(net("s > z > e", more=host))) == [("endless", "x1")]
    assert found(drawn(net("s > z > e", "b > e2", more=host + bounded("z")))) == []
    beside = bounded("z", 'cancelActivity="false"')
    assert found(drawn(net("s > z > e", "b > e2", more=host + beside))) == [("endless", "x1")]


def test_each_start_event_is_tried(drawn: Draw) -> None:
    assert found(drawn(net("s > p1 > e", "s2 > p1"))) == [("deadlock", "p1")]


def test_the_message_names_the_ways_that_may_not_come(checked: Callable[..., list[Finding]]) -> None:
    body = (
        '<startEvent id="s"/><exclusiveGateway id="g" default="g_a"/><task id="a" name="Ask legal"/>'
        '<task id="b" name="Ask finance"/><parallelGateway id="j" name="Both asked"/><endEvent id="e"/>'
        "~ s > g > a > j > e\n~ g > b [amount > 5]\n~ b > j\n"
    )

    findings = checked(body)

    assert [(f.code, f.element, f.severity) for f in findings] == [("deadlock", "j", "error")]
    assert findings[0].message == (
        "“Both asked” waits for ever: the way from “Ask finance”, “Ask legal” is never taken together with "
        "the others."
    )


def test_the_game_is_not_played_on_a_drawing_whose_shape_is_wrong(
    checked: Callable[..., list[Finding]],
) -> None:
    body = net("s > p1 > t1 > x1 > t3 > e", "p1 > t2 > x1", "t3 > nothing")

    assert [finding.code for finding in checked(body)] == ["several_ways_out", "flow_dangling"]


def test_what_is_too_big_to_check_is_said_to_be_so(checked: Callable[..., list[Finding]]) -> None:
    """Fourteen parallel ways with a choice in each have 3 ** 14 markings."""
    ways = [way for n in range(14) for way in (f"p1 > x{n} > t{n} > x{n}b > p2", f"x{n} > t{n}b > x{n}b")]
    body = net("s > p1", "p2 > e", *ways)
    for n in range(14):
        body = body.replace(
            f'<exclusiveGateway id="x{n}"/>', f'<exclusiveGateway id="x{n}" default="x{n}_t{n}"/>'
        )
        body = body.replace(f"~ x{n} > t{n}b > x{n}b\n", f"~ x{n} > t{n}b [y > {n}]\n~ t{n}b > x{n}b\n")

    findings = checked(body)

    assert [(f.severity, f.code, f.element) for f in findings] == [("warning", "too_big", "offer")]


def test_twelve_parallel_blocks_in_a_row_are_no_trouble(drawn: Draw) -> None:
    blocks = [way for n in range(12) for way in (f"p{n} > t{n} > p{n}b > p{n + 1}", f"p{n} > t{n}b > p{n}b")]

    assert found(drawn(net("s > p0", *blocks, "p12 > t12 > e"))) == []


# --- Blocks put together at random ------------------------------------------------------------------


class Builder:
    """Draws nested blocks; `join` says what kind of gateway closes a block opened by another kind."""

    def __init__(self, join: dict[str, str]) -> None:
        self.join = join
        self.elements: dict[str, Element] = {}
        self.flows: dict[str, Flow] = {}

    def element(self, kind: str) -> str:
        name = f"{kind}{len(self.elements)}"
        self.elements[name] = Element(name, kind, "", 1, "p")
        return name

    def flow(self, source: str, target: str) -> None:
        name = f"f{len(self.flows)}"
        self.flows[name] = Flow(name, source, target, None, "", 1, False, "p")

    def block(self, tree: object, before: str) -> str:
        """Draws a block behind an element and gives the last element of the block."""
        if not isinstance(tree, tuple):
            task = self.element("task")
            self.flow(before, task)
            return task
        kind, parts = tree
        if kind == "sequence":
            for part in parts:
                before = self.block(part, before)
            return before
        if kind == "loop":
            begin, end = self.element("exclusiveGateway"), self.element("exclusiveGateway")
            self.flow(before, begin)
            self.flow(self.block(parts[0], begin), end)
            self.flow(end, begin)
            return end
        begin, end = self.element(kind), self.element(self.join[kind])
        self.flow(before, begin)
        for part in parts:
            self.flow(self.block(part, begin), end)
        return end

    def drawing(self, tree: object) -> Drawing:
        start = self.element("startEvent")
        end = self.element("endEvent")
        self.flow(self.block(tree, start), end)
        return Drawing("p", "p", "p.bpmn", self.elements, self.flows, ())


GATEWAYS = ["exclusiveGateway", "parallelGateway", "inclusiveGateway"]
TREES = st.recursive(
    st.none(),
    lambda inner: st.one_of(
        st.tuples(st.just("sequence"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("loop"), st.lists(inner, min_size=1, max_size=1)),
        st.tuples(st.sampled_from(GATEWAYS), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=9,
)


# A busy machine generates slowly; that is no mistake of the checker.
many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(TREES)
def test_well_nested_blocks_are_always_sound(tree: object) -> None:
    same = {kind: kind for kind in GATEWAYS}

    assert [p for p in problems(Builder(same).drawing(tree)) if p.code != "too_big"] == []


@many
@given(TREES, st.lists(st.none(), min_size=1, max_size=2))
def test_a_choice_closed_by_a_parallel_join_is_always_found(tree: object, others: list[None]) -> None:
    same = {kind: kind for kind in GATEWAYS}
    wrong = Builder({**same, "exclusiveGateway": "parallelGateway"})

    result = list(problems(wrong.drawing(("exclusiveGateway", [tree, *others]))))

    assert result == [Problem("too_big", "p")] or any(p.code.startswith("deadlock") for p in result)


@many
@given(TREES)
def test_parallel_ways_closed_by_an_exclusive_gateway_are_always_found(tree: object) -> None:
    same = {kind: kind for kind in GATEWAYS}
    wrong = Builder({**same, "parallelGateway": "exclusiveGateway"})

    result = list(problems(wrong.drawing(("sequence", [("parallelGateway", [tree, None]), None]))))

    assert result == [Problem("too_big", "p")] or any(p.code == "done_twice" for p in result)
