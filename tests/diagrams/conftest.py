"""Small drawings written as text: BPMN snippets, with `~ a > b > c` for arrows."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest

from engine.diagrams.check import Context, check
from engine.diagrams.elements import Drawing, read
from engine.diagrams.normal import normalise
from engine.findings import Finding
from engine.xml import parse

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs">'
    '<message id="Reply" name="offer.reply"/><message id="Other" name="offer.other"/>'
    '<message id="Nameless"/><message id="Computed" name="=topic"/>'
    '<signal id="Stop" name="stop"/><escalation id="High" name="High" escalationCode="HIGH"/>'
    '<error id="Codeless" name="Late"/><timerEventDefinition id="Kept"><timeDuration>P1D</timeDuration>'
    "</timerEventDefinition>"
    '<error id="Bad" name="Bad" errorCode="BAD"/><error id="Worse" name="Worse" errorCode="WORSE"/>'
)

ARROW = re.compile(r"~([^<\n\[]+)(?:\[(.*)\])?")


def with_arrows(body: str) -> str:
    """`~ a > b > c` gives the flows a_b and b_c; `~ a > b [x > 1]` gives one with a condition."""

    def flows(match: re.Match[str]) -> str:
        ids = [part.strip() for part in match[1].split(">")]
        condition = match[2].replace("<", "&lt;") if match[2] else ""
        inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        return "".join(
            f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}">{inner}</sequenceFlow>'
            for a, b in pairwise(ids)
        )

    return ARROW.sub(flows, body)


def bpmn(body: str, *, lane: str | None = "Sales", roots: str = "", process: str = "offer") -> bytes:
    """A file with one executable process; all its steps lie in one pool whose only lane has `lane`."""
    pool = f'<participant id="pool" name="{lane}" processRef="{process}"/>' if lane else ""
    inner = f'<process id="{process}" isExecutable="true">{with_arrows(body)}</process>'
    return f'{HEAD}{roots}<collaboration id="collab">{pool}</collaboration>{inner}</definitions>'.encode()


def context(**changes: object) -> Context:
    """A company with two roles, one form, one decision, one service, one other process."""
    known: dict[str, object] = {
        "roles": {"Sales": "sales_rep", "Back office": "sales_office"}.get,
        "services": lambda process, service: service == "send_offer",
        "forms": {"compose"},
        "decisions": {"discount": object()},
        "processes": {"handover", "reached"},
        "parameters": {"follow_up"},
        "role_options": (("sales_rep", "Sales"), ("sales_office", "Back office")),
        "functions": {"due", "now", "today"},
        "calls": {"handover": ["survey"], "survey": ["offer"]},
    }
    return Context(**{**known, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Drawing]:
    """Snippet -> the drawing that is read from it."""

    def draw(body: str, **options: str | None) -> Drawing:
        return read(parse(bpmn(body, **options), "offer.bpmn"), "offer.bpmn")[0]  # type: ignore[arg-type]

    return draw


@pytest.fixture(scope="session")
def checked() -> Callable[..., list[Finding]]:
    """Snippet or whole file -> what is found when it is made explicit and checked."""

    def run(body: str | bytes, surroundings: Context | None = None, **options: str | None) -> list[Finding]:
        data = body if isinstance(body, bytes) else bpmn(body, **options)  # type: ignore[arg-type]
        around = surroundings or context()
        normal = normalise(parse(data, "offer.bpmn"), "offer.bpmn", around, {})
        drawings = read(normal.root, "offer.bpmn")
        return [*normal.findings, *check(normal.root, drawings, around, "offer.bpmn")]

    return run
