"""A drawing becomes an SVG picture that shows everything, and in which names can do no harm."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.diagrams.elements import NODES
from engine.diagrams.picture import draw
from engine.diagrams.picture.symbols import EVENTS, MARKERS, TASKS
from engine.diagrams.words import width, wrapped
from engine.errors import Invalid
from engine.xml import local
from tests.diagrams.conftest import bpmn
from tests.diagrams.picture import Picture

BPMN = Path(__file__).resolve().parents[2] / "bpmn"
PROCESSES = sorted(BPMN.glob("*/*.bpmn"))
KINDS = sorted(NODES - {"boundaryEvent"})


def svg_of(body: str | bytes) -> Any:
    data = body if isinstance(body, bytes) else bpmn(body)
    return etree.fromstring(draw(data, "test.bpmn"))


def forms(svg: Any) -> Counter[str]:
    """How many of each kind of form a picture has."""
    return Counter(local(node.tag) for node in svg.iter())


def words(svg: Any) -> str:
    """All that is written in it, without the title."""
    return " ".join(node.text or "" for node in svg.iter() if local(node.tag) == "tspan")


def outlines(body: str) -> set[str]:
    """The forms in a picture, wherever they stand."""
    return {
        f"{local(node.tag)} {node.get('fill')} {node.get('stroke-width')} {node.get('stroke-dasharray')} "
        + re.sub(r"[-\d. ]+", "", node.get("d", ""))
        for node in svg_of(body).iter()
    }


# --- Everything is shown --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_every_name_and_every_arrow_of_our_own_drawings_is_in_the_picture(path: Path) -> None:
    drawn, svg = Picture(path.read_bytes()), svg_of(path.read_bytes())

    shown = words(svg).split()
    for id in (*drawn.boxes, *drawn.lines):
        name = drawn.nodes[id].get("name", "")
        assert not Counter(name.split()) - Counter(shown), name
    assert forms(svg)["path"] >= 2 * len(drawn.lines)


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_the_sheet_is_as_large_as_what_is_on_it(path: Path) -> None:
    svg = svg_of(path.read_bytes())
    x, y, wide, high = map(float, svg.get("viewBox").split())

    for box in Picture(path.read_bytes()).boxes.values():
        assert x <= box.x and box.right <= x + wide
        assert y <= box.y and box.bottom <= y + high
    assert (float(svg.get("width")), float(svg.get("height"))) == (wide, high)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_step_looks_different_from_all_others(kind: str) -> None:
    looks = {one: outlines(f'<{one} id="a"/>') for one in KINDS}
    same = [one for one in KINDS if one != kind and looks[one] == looks[kind]]

    # A catching and a throwing event without a symbol, and a sub-process of any kind without steps, look alike.
    alike = {"intermediateCatchEvent", "intermediateThrowEvent", "subProcess", "adHocSubProcess"}
    assert set(same) <= alike


@pytest.mark.parametrize("event", sorted(set(EVENTS) - {"multiple", "parallel"}))
def test_each_kind_of_event_has_its_symbol(event: str) -> None:
    plain = outlines('<intermediateCatchEvent id="a"/>')
    with_symbol = outlines(
        f'<intermediateCatchEvent id="a"><{event}EventDefinition/></intermediateCatchEvent>'
    )

    assert with_symbol > plain


def test_what_is_thrown_is_filled_and_what_is_caught_is_not() -> None:
    message = "<messageEventDefinition/>"
    caught = svg_of(f'<intermediateCatchEvent id="a">{message}</intermediateCatchEvent>')
    thrown = svg_of(f'<intermediateThrowEvent id="a">{message}</intermediateThrowEvent>')

    fills = [
        [node.get("fill") for node in svg.iter() if local(node.tag) == "path"] for svg in (caught, thrown)
    ]
    assert fills[0] != fills[1]


@pytest.mark.parametrize("kind", sorted(TASKS))
def test_each_kind_of_task_has_its_icon(kind: str) -> None:
    assert outlines(f'<{kind} id="a"/>') > outlines('<task id="a"/>')


def test_loops_and_instances_are_marked() -> None:
    marks = (
        "<standardLoopCharacteristics/>",
        "<multiInstanceLoopCharacteristics/>",
        '<multiInstanceLoopCharacteristics isSequential="true"/>',
    )
    looks = [outlines(f'<task id="a">{mark}</task>') for mark in ("", *marks)]

    assert all(look > looks[0] for look in looks[1:])
    assert len(set(map(frozenset, looks))) == 4
    assert set(MARKERS) == {"loop", "parallel", "sequential", "compensation", "collapsed", "ad_hoc"}


def test_an_event_that_lets_its_host_go_on_is_dashed() -> None:
    body = '<task id="a"/><boundaryEvent id="b" attachedToRef="a"{}/>'
    dashed = [
        sum(bool(node.get("stroke-dasharray")) for node in svg_of(body.format(more)).iter())
        for more in ("", ' cancelActivity="false"')
    ]

    assert dashed == [0, 2]


def test_data_messages_and_annotations_are_drawn_too() -> None:
    roots = '<collaboration id="k"><participant id="p2" name="Bank"/><participant id="p1" name="Us" processRef="offer"/>'
    roots += '<messageFlow id="m" name="Transfer" sourceRef="p2" targetRef="a"/></collaboration>'
    body = (
        '<task id="a"><dataOutputAssociation id="o"><targetRef>d</targetRef></dataOutputAssociation></task>'
        '<dataObjectReference id="d" name="Invoice"/><dataStoreReference id="s" name="Archive"/>'
        '<textAnnotation id="t"><text>Mind the gap</text></textAnnotation>'
        '<association id="l" sourceRef="a" targetRef="t"/>'
    )
    data = f'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">{roots}<process id="offer">{body}</process></definitions>'

    svg = svg_of(data.encode())

    shown = words(svg)
    assert all(name in shown for name in ("Bank", "Us", "Transfer", "Invoice", "Archive", "Mind the gap"))
    dashes = {node.get("stroke-dasharray") for node in svg.iter()} - {None}
    assert dashes == {"8 6", "1 4"}


def test_colours_of_the_editor_are_kept_if_they_are_colours() -> None:
    colour = (BPMN / "offer" / "offer.bpmn").read_text(encoding="utf-8")
    colour = colour.replace(
        "<bpmndi:BPMNShape ",
        '<bpmndi:BPMNShape xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" bioc:fill="#ffe0b2" '
        'bioc:stroke="url(javascript:x)" ',
    )

    text = draw(colour.encode(), "offer.bpmn").decode()

    assert 'fill="#ffe0b2"' in text
    assert "javascript" not in text


# --- Nothing can break it -------------------------------------------------------------------------------

EVIL = "</text><script>alert(1)</script>&amp;\"' onload=x"


def test_names_full_of_html_are_only_text() -> None:
    evil = EVIL.replace("<", "&lt;").replace('"', "&quot;").replace(">", "&gt;")
    svg = svg_of(f'<userTask id="a" name="{evil}"/><startEvent id="s" name="{evil}"/>')

    assert set(forms(svg)) <= {"svg", "title", "rect", "path", "circle", "text", "tspan"}
    allowed = {"onload"} & {name for node in svg.iter() for name in node.attrib}
    assert allowed == set()


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=60))
def test_any_name_gives_a_picture_that_is_xml(name: str) -> None:
    root = etree.fromstring(bpmn('<task id="a"/><endEvent id="e"/>~ a > e\n'))
    for node in root.iter():
        if node.get("id") in ("a", "e", "a_e"):
            try:
                node.set("name", name)
            except ValueError:
                return  # XML has no such characters.
    shown = words(svg_of(bytes(etree.tostring(root)))).replace(" ", "").replace("…", "")
    assert "".join(name.split())[:4] in shown


@pytest.mark.parametrize("wrong", ["x", "", "NaN", "inf", "-1e400", "1e9", "1,5"])
@pytest.mark.parametrize("attribute", ["x", "y", "width", "height"])
def test_wrong_coordinates_leave_a_shape_out_and_nothing_else(wrong: str, attribute: str) -> None:
    root = etree.fromstring((BPMN / "support" / "support.bpmn").read_bytes())
    bounds = next(node for node in root.iter() if local(node.tag) == "Bounds")
    bounds.set(attribute, wrong)
    for point in list(root.iter())[-3:]:
        if local(point.tag) == "waypoint":
            point.set("x", wrong)

    svg = svg_of(bytes(etree.tostring(root)))

    assert max(float(svg.get("width")), float(svg.get("height"))) < 10_000
    assert "Sort the" in words(svg)


def test_a_drawing_without_steps_is_an_empty_sheet() -> None:
    svg = svg_of(b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>')

    assert forms(svg) == {"svg": 1, "title": 1, "rect": 1}


def test_no_xml_is_refused_in_words() -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        draw(b"no drawing", "test.bpmn")


# --- Words ----------------------------------------------------------------------------------------------


def test_lines_break_between_words_and_long_words_where_they_can() -> None:
    assert wrapped("Prepare the offer", 80) == ["Prepare the", "offer"]
    assert wrapped("", 80) == []
    assert wrapped("one\ntwo", 80) == ["one", "two"]
    assert wrapped("Sub-Processing", 66) == ["Sub-", "Processing"]
    assert wrapped("nomanneedsthis", 40) == ["noman", "needst", "his"]
    assert wrapped("one two three four", 46, lines=2) == ["one two", "three…"]


@given(st.text(max_size=80), st.integers(20, 120), st.integers(0, 4))
def test_no_line_is_wider_than_its_room(text: str, room: int, lines: int) -> None:
    found = wrapped(text, room, lines)

    assert all(width(line) <= room or len(line) == 1 for line in found)
    assert not lines or len(found) <= lines
    if not lines:
        assert "".join(found).replace(" ", "") == "".join(text.split())


# --- The pictures in the docs ---------------------------------------------------------------------------

README = (BPMN / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^percorso picture (\S+) --file (\S+)$", README, re.MULTILINE)


@pytest.mark.parametrize(("drawing", "picture"), COMMANDS)
def test_the_pictures_of_the_guide_are_made_by_the_commands_it_names(drawing: str, picture: str) -> None:
    root = BPMN.parent
    data = (root / drawing).read_bytes()

    assert f"](../{picture})" in README
    assert (root / picture).read_bytes() == draw(data, Path(drawing).name)
