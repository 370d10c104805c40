"""Whatever is drawn: doing it again changes nothing, order does not matter, nothing is lost in silence."""

from __future__ import annotations

import random
from collections import Counter
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine import spiff
from engine.diagrams import Recognised, check, lost, normalise, read, recognise
from engine.diagrams.elements import NODES
from engine.errors import Invalid
from engine.findings import Finding
from engine.xml import BPMN, local, parse
from tests.diagrams.conftest import bpmn, context
from tests.diagrams.normal.test_findings import SAID
from tests.diagrams.test_check import ACCEPTED, REFUSALS

VENDORS = sorted((Path(__file__).parents[1] / "vendors").iterdir())
FILES = [file.read_bytes() for file in VENDORS if file.is_file()]
SNIPPETS = [*(body for _, _, body in REFUSALS), *ACCEPTED, *(drawing for _, drawing in SAID)]
DRAWINGS = [*FILES, *(one if isinstance(one, bytes) else bpmn(one) for one in SNIPPETS)]
READABLE = [made.root for one in DRAWINGS if isinstance(made := recognise(one, "x.bpmn"), Recognised)]
SCOPES = [f"{{{BPMN}}}{tag}" for tag in ("process", "subProcess", "transaction", "laneSet", "collaboration")]

busy = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def all_said(root: etree._Element) -> Counter[tuple[object, ...]]:
    normal = normalise(root, "x.bpmn", context(), {})
    found = [*normal.findings, *check(normal.root, read(normal.root, "x.bpmn"), context(), "x.bpmn")]
    return Counter((one.severity, one.code, one.element, one.message, one.line, one.ask) for one in found)


def shuffled(root: etree._Element, seed: int) -> etree._Element:
    copy, order = deepcopy(root), random.Random(seed)
    for scope in [copy, *copy.iter(*SCOPES)]:
        children = list(scope)
        order.shuffle(children)
        for child in children:
            scope.remove(child)
        scope.extend(children)
    return copy


def unnamed(root: etree._Element) -> list[Finding]:
    """What would be lost in silence; nothing where the drawing is refused anyway."""
    normal = normalise(root, "x.bpmn", context(), {})
    text = etree.tostring(normal.root)
    drawings = read(parse(text, "x.bpmn"), "x.bpmn")
    found = [*normal.findings, *check(normal.root, drawings, context(), "x.bpmn")]
    if any(one.severity == "error" for one in found):
        return []
    carried: set[str | tuple[str, str]] = set()
    for drawing in drawings:
        specs = spiff.compile_specs(parse(text, "x.bpmn"), drawing.process, drawing.elements)
        carried |= spiff.carried(specs)
    return list(lost(root, normal, drawings, carried, found))


@pytest.mark.parametrize("root", READABLE)
def test_doing_it_again_changes_nothing(root: etree._Element) -> None:
    once = normalise(root, "x.bpmn", context(), {}).root
    again = normalise(once, "x.bpmn", context(), {}).root

    assert etree.tostring(again) == etree.tostring(once)


@pytest.mark.parametrize("root", READABLE)
def test_the_drawing_itself_is_left_as_it_is(root: etree._Element) -> None:
    before = etree.tostring(root)
    normalise(root, "x.bpmn", context(), {})

    assert etree.tostring(root) == before


@pytest.mark.parametrize("root", READABLE)
def test_the_same_is_said_in_whatever_order_the_file_lists_things(root: etree._Element) -> None:
    # Which of two alike comes first is the only thing that the order says.
    said = all_said(root)
    if any(str(code).endswith(("_repeated", "_twice", "_same_message")) for _, code, *_ in said):
        return
    for seed in range(3):
        assert all_said(shuffled(root, seed)) == said


@pytest.mark.parametrize("root", READABLE)
def test_all_that_is_drawn_is_run_or_named(root: etree._Element) -> None:
    assert unnamed(root) == []


@busy
@given(st.sampled_from(READABLE), st.integers(0, 10**6), st.integers(1, 4))
def test_nothing_is_lost_however_broken_the_drawing_is(root: etree._Element, seed: int, cuts: int) -> None:
    """Attributes and elements are taken away at random: the rest ends in words, or is run whole."""
    broken, chance = deepcopy(root), random.Random(seed)
    for _ in range(cuts):
        node = chance.choice([node for node in broken.iter(f"{{{BPMN}}}*") if node is not broken])
        kept = [name for name in node.attrib if not (local(node.tag) in NODES and name == "id")]
        if kept and chance.random() < 0.6:
            node.attrib.pop(chance.choice(kept))
        elif node.getparent() is not None:
            node.getparent().remove(node)
    try:
        assert unnamed(broken) == []
    except Invalid as refusal:
        assert refusal.code == "drawing_unrunnable"
