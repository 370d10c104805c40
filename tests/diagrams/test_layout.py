"""Drawings without coordinates get a picture in which everything has its place."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.diagrams.layout import has_picture, lay_out
from engine.errors import Invalid
from engine.xml import local, parse
from tests.diagrams.conftest import bpmn
from tests.diagrams.picture import Picture, holds, stripped

BPMN = Path(__file__).resolve().parents[2] / "bpmn"
MODEL = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
STEPS = ("task", "userTask", "exclusiveGateway", "parallelGateway", "intermediateThrowEvent", "endEvent")


def laid_out(body: str | bytes, **options: str | None) -> Picture:
    data = body if isinstance(body, bytes) else bpmn(body, **options)  # type: ignore[arg-type]
    return Picture(lay_out(data, "test.bpmn"))


def file(*parts: str) -> bytes:
    return f"<definitions {MODEL}>{''.join(parts)}</definitions>".encode()


# --- What must be true of every picture -----------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(BPMN.glob("*/*.bpmn")), ids=lambda path: path.stem)
def test_our_own_drawings_without_their_picture_get_another_one(path: Path) -> None:
    bare = stripped(path.read_bytes())

    assert laid_out(bare).faults() == []
    assert bytes(etree.tostring(parse(bare, "bare"))) == bare


@st.composite
def drawings(draw: st.DrawFn) -> bytes:
    """Any steps, any arrows among them (loops, too), boundary events, sub-processes, lanes, pools."""
    names = iter(range(10_000))

    def scope(depth: int) -> tuple[str, list[str]]:
        kinds = draw(st.lists(st.sampled_from([*STEPS, "subProcess"]), min_size=1, max_size=9))
        ids, parts, leaving = [], [], []
        for kind in kinds:
            id = f"n{next(names)}"
            ids.append(id)
            inner = scope(depth + 1)[0] if kind == "subProcess" and depth < 2 else ""
            parts.append(f'<{kind} id="{id}" name="Some step">{inner}</{kind}>')
            for _ in range(draw(st.integers(0, 2)) if "ask" in kind or kind == "subProcess" else 0):
                border = f"n{next(names)}"
                parts.append(f'<boundaryEvent id="{border}" attachedToRef="{id}" name="Too late"/>')
                leaving.append(border)
        pairs = st.tuples(st.sampled_from([*ids, *leaving]), st.sampled_from(ids))
        for source, target in draw(st.lists(pairs, max_size=14)):
            name = draw(st.sampled_from(["", "yes", "a rather long name of an arrow"]))
            parts.append(
                f'<sequenceFlow id="f{next(names)}" sourceRef="{source}" targetRef="{target}" name="{name}"/>'
            )
        if draw(st.booleans()):
            parts.append(f'<textAnnotation id="t{next(names)}"><text>Mind the gap</text></textAnnotation>')
            parts.append(
                f'<association id="a{next(names)}" sourceRef="{ids[0]}" targetRef="t{next(names) - 2}"/>'
            )
        return "".join(parts), ids

    processes, pools = [], []
    for number in range(draw(st.integers(1, 3))):
        body, ids = scope(0)
        lanes: list[list[str]] = [[] for _ in range(draw(st.integers(0, 3)))]
        for id in ids:
            if lanes:
                draw(st.sampled_from(lanes)).append(f"<flowNodeRef>{id}</flowNodeRef>")
        drawn = "".join(f'<lane id="l{next(names)}">{"".join(refs)}</lane>' for refs in lanes)
        lane_set = f"<laneSet>{drawn}</laneSet>" if lanes else ""
        processes.append(f'<process id="p{number}">{lane_set}{body}</process>')
        pools.append(f'<participant id="pool{number}" processRef="p{number}"/>')
    collaboration = f'<collaboration id="c">{"".join(pools)}</collaboration>' if draw(st.booleans()) else ""
    return file(collaboration, *processes)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawings())
def test_any_drawing_gets_a_picture_in_which_nothing_overlaps(data: bytes) -> None:
    assert laid_out(data).faults() == []


# --- What makes it good to look at ----------------------------------------------------------------------


def test_what_follows_stands_to_the_right_in_one_row() -> None:
    picture = laid_out('<startEvent id="s"/><task id="a"/><task id="b"/><endEvent id="e"/>~ s > a > b > e\n')

    boxes = [picture.boxes[id] for id in ("s", "a", "b", "e")]
    assert all(one.right < other.x for one, other in pairwise(boxes))
    assert len({box.middle[1] for box in boxes}) == 1
    assert all(len(points) == 2 for points in picture.lines.values())


def test_the_longest_way_through_a_gateway_goes_straight_on() -> None:
    picture = laid_out(
        '<startEvent id="s"/><exclusiveGateway id="g"/><task id="a"/><task id="b"/><task id="c"/>'
        '<endEvent id="e"/><endEvent id="f"/>~ s > g > c > f\n~ g > a > b > e\n'
    )

    rows = {id: picture.boxes[id].middle[1] for id in ("g", "a", "b", "c")}
    assert rows["g"] == rows["a"] == rows["b"] < rows["c"]


def test_a_loop_leads_back_above_its_steps() -> None:
    picture = laid_out(
        '<task id="a"/><task id="b"/><exclusiveGateway id="g"/><endEvent id="e"/>~ a > b > g > e\n~ g > a\n'
    )

    assert picture.boxes["a"].x < picture.boxes["g"].x
    assert min(y for _, y in picture.lines["g_a"]) < picture.boxes["a"].y


def test_lanes_are_bands_one_below_the_other_as_drawn() -> None:
    lanes = (
        '<laneSet><lane id="upper" name="Sales"><flowNodeRef>s</flowNodeRef><flowNodeRef>b</flowNodeRef></lane>'
        '<lane id="lower" name="Back office"><flowNodeRef> a </flowNodeRef></lane></laneSet>'
    )
    picture = laid_out(f'{lanes}<startEvent id="s"/><task id="a"/><endEvent id="b"/>~ s > a > b\n')

    upper, lower, pool = (picture.boxes[id] for id in ("upper", "lower", "pool"))
    assert upper.bottom == lower.y
    assert (upper.y, lower.bottom, upper.right) == (pool.y, pool.bottom, pool.right)
    assert holds(lower, picture.boxes["a"])


def test_lanes_within_lanes_are_framed_together() -> None:
    inner = (
        '<laneSet><lane id="outer"><childLaneSet><lane id="one"><flowNodeRef>a</flowNodeRef></lane>'
        '<lane id="two"><flowNodeRef>b</flowNodeRef></lane></childLaneSet></lane><lane id="other"/></laneSet>'
    )
    picture = laid_out(f'{inner}<task id="a"/><task id="b"/>~ a > b\n')

    assert picture.faults() == []
    for id in ("one", "two"):
        assert holds(picture.boxes["outer"], picture.boxes[id])
    assert picture.boxes["outer"].bottom == picture.boxes["other"].y


def test_a_sub_process_is_as_large_as_what_is_in_it() -> None:
    steps = "".join(f'<task id="t{number}"/>' for number in range(5))
    picture = laid_out(
        f'<startEvent id="s"/><subProcess id="a">{steps}~ t0 > t1 > t2 > t3 > t4\n</subProcess>~ s > a\n'
    )

    assert all(holds(picture.boxes["a"], picture.boxes[f"t{number}"]) for number in range(5))


def test_pools_stand_one_below_the_other_and_messages_run_between() -> None:
    pools = (
        '<collaboration id="c"><participant id="customer" name="Customer"/>'
        '<participant id="us" name="Us" processRef="p"/><participant id="bank" name="Bank" processRef="q"/>'
        '<messageFlow id="m" sourceRef="a" targetRef="b"/><messageFlow id="n" sourceRef="customer" targetRef="a"/>'
        "</collaboration>"
    )
    picture = laid_out(
        file(pools, '<process id="p"><task id="a"/></process>', '<process id="q"><task id="b"/></process>')
    )

    assert picture.faults() == []
    boxes = [picture.boxes[id] for id in ("customer", "us", "bank")]
    assert all(one.bottom < other.y for one, other in pairwise(boxes))
    assert len({(box.x, box.width) for box in boxes}) == 1
    assert {"m", "n"} <= picture.lines.keys()


def test_several_processes_without_pools_are_shown_on_one_sheet() -> None:
    picture = laid_out(
        file(
            '<process id="p" name="Offer"><task id="a"/></process>',
            '<process id="q"><task id="b"/></process>',
        )
    )

    names = [node.get("name") for node in picture.nodes.values() if local(node.tag) == "participant"]
    assert names == ["Offer", "q"]
    assert {"a", "b"} <= picture.boxes.keys()


def test_names_stand_outside_events_and_lie_on_no_step() -> None:
    data = lay_out(bpmn('<startEvent id="s" name="A letter has come"/><task id="a"/>~ s > a\n'), "test.bpmn")

    picture = Picture(data)
    [label] = [node for node in picture.root.iter() if local(node.tag) == "BPMNLabel"]
    [bounds] = label
    assert int(bounds.get("y")) >= picture.boxes["s"].bottom
    assert int(bounds.get("x")) + int(bounds.get("width")) <= picture.boxes["a"].x


# --- What is left as it is ------------------------------------------------------------------------------


def test_a_drawing_with_a_picture_is_returned_bit_for_bit() -> None:
    data = (BPMN / "offer" / "offer.bpmn").read_bytes()

    assert lay_out(data, "offer.bpmn") is data


def test_what_has_no_id_gets_one_in_the_copy() -> None:
    body = '<task/><task id="b"/><sequenceFlow sourceRef="b" targetRef="b"/><textAnnotation><text>x</text></textAnnotation>'
    picture = laid_out(file(f'<process id="p">{body}</process>'))

    assert picture.faults() == []
    assert len(picture.boxes) == 3
    assert len(picture.lines) == 1


def test_arrows_that_cannot_be_run_are_seen_too() -> None:
    inner = '<subProcess id="a"><task id="b"/></subProcess><task id="c"/><boundaryEvent id="d" attachedToRef="c"/>'
    arrows = (
        '<sequenceFlow id="across" sourceRef="b" targetRef="c"/><sequenceFlow id="onto" sourceRef="a" targetRef="d"/>'
        '<sequenceFlow id="loose" sourceRef="a" targetRef="nowhere"/>'
    )
    picture = laid_out(f"{inner}{arrows}")

    assert picture.faults() == []
    assert {"across", "onto"} == picture.lines.keys()


@pytest.mark.parametrize("data", [file('<process id="p"/>'), b"<html><body/></html>"])
def test_without_steps_there_is_nothing_to_lay_out(data: bytes) -> None:
    assert has_picture(parse(data, "test.bpmn"))
    assert lay_out(data, "test.bpmn") is data


def test_a_picture_without_a_single_step_in_it_is_none() -> None:
    empty = (
        '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"><bpmndi:BPMNPlane '
        'bpmnElement="p"><bpmndi:BPMNShape bpmnElement="a"/></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    )
    data = file('<process id="p"><task id="a"/></process>', empty)

    assert not has_picture(parse(data, "test.bpmn"))
    assert laid_out(data).faults() == []


def test_no_xml_is_refused_in_words() -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        lay_out(b"no drawing", "test.bpmn")


def test_a_chain_of_two_thousand_steps_is_laid_out_in_a_moment() -> None:
    ids = [f"n{number}" for number in range(2_000)]
    data = bpmn("".join(f'<task id="{id}"/>' for id in ids) + f"~ {' > '.join(ids)}\n")

    begun = time.perf_counter()
    picture = laid_out(data)

    assert time.perf_counter() - begun < 3
    assert len(picture.lines) == 1_999
