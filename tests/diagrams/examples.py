"""An example of each finding, from the drawings of these tests."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.diagrams import Recognised, against_schema, check, normalise, read, recognise, style
from engine.diagrams.sentences import SENTENCES, found
from engine.diagrams.style import MOST_PARTS
from engine.findings import Answers, Finding
from tests.diagrams.conftest import bpmn, context
from tests.diagrams.normal.test_findings import SAID
from tests.diagrams.snippets import DURATION, around, step, timed
from tests.diagrams.styles import STYLES
from tests.diagrams.test_check import REFUSALS
from tests.diagrams.test_recognise import LATIN, OTHERS, drawing
from tests.diagrams.test_soundness import net

CHAIN = [f"n{number}" for number in range(400)]
WAYS = [way for n in range(14) for way in (f"p1 > x{n} > t{n} > x{n}b > p2", f"x{n} > t{n}b > x{n}b")]

MORE: Mapping[str, bytes] = {
    "no_process": bpmn(""),
    "process_left_out": bpmn(step('<task id="a"/>')).replace(
        b"</definitions>", b'<process id="customer"><startEvent id="z"/></process></definitions>'
    ),
    "call_without_start": bpmn(step('<callActivity id="a" calledElement="second"/>')).replace(
        b"</definitions>",
        b'<process id="second" isExecutable="true"><startEvent id="z"><messageEventDefinition messageRef="Reply"/>'
        b"</startEvent></process></definitions>",
    ),
    "chain_too_long": bpmn(
        f'<startEvent id="s"/>{"".join(f"""<intermediateThrowEvent id="{one}"/>""" for one in CHAIN)}'
        f'<endEvent id="e"/>~ s > {" > ".join(CHAIN)} > e\n'
    ),
    "start_missing": bpmn('<task id="a"/><task id="b"/>~ a > b > a\n'),
    "sub_process_end": bpmn(
        around('<startEvent id="s2"/><exclusiveGateway id="x"/><task id="t"/>~ s2 > x > t > x\n', DURATION)
    ),
    "deadlock": bpmn(net("s > x1 > t1 > p1 > e", "x1 > t2 > p1")),
    "deadlock_possible": bpmn(net("s > o1 > t1 > p1 > e", "o1 > t2 > p1")),
    "endless": bpmn(net("s > x1 > t1 > t2 > x1")),
    "done_twice": bpmn(net("s > p1 > t1 > x1 > t3 > e", "p1 > t2 > x1")),
    "too_big": bpmn(net("s > p1", "p2 > e", *WAYS)),
    "file_too_large": b"<" * (10 * 2**20 + 1),
    "file_too_many": bpmn('<task id="a"/>' * 20_001),
    "encoding_guessed": drawing("windows-1252", LATIN, "UTF-8"),
    "encoding_declared": drawing("utf-8", LATIN, "utf-16"),
    "namespace_blank": bpmn(step('<task id="a"/>')).replace(
        b"<definitions ", b'<definitions xmlns:p="http://A B" '
    ),
    "schema": bpmn(step('<task id="a" color="red"/>')),
    "answered": bpmn(timed("")),
    "answer_wrong": bpmn(timed("")),
}
ANSWERS: Mapping[str, Answers] = {
    "answered": {"a": {"timer": "P2D"}},
    "answer_wrong": {"a": {"timer": "soon"}},
}
MADE: Mapping[str, Finding] = {
    "answer_unknown": found("answer_unknown", "offer.bpmn", element="Timer_9", field="timer"),
    "lost": found("lost", "offer.bpmn", element="Task_9"),
    "style_not_installed": found("style_not_installed", "offer.bpmn"),
    "style_too_big": found("style_too_big", "offer.bpmn", most=MOST_PARTS),
    "style_failed": found("style_failed", "offer.bpmn", problem="RecursionError"),
    "process_twice": found(
        "process_twice", "offer.bpmn", element="offer", name="Offer", other="offer_old.bpmn"
    ),
    "never_reached": found("never_reached", "offer.bpmn", element="Task_9", name="Ask legal"),
}
"""What no drawing of these tests gives by itself."""


def example(code: str) -> Finding:
    """The first finding of that code that a drawing of the tests gives."""
    if code in MADE:
        return MADE[code]
    if code in STYLES:
        return _remark(code)
    for finding in _found(_drawing(code), ANSWERS.get(code, {})):
        if finding.code == code:
            return finding
    raise LookupError(f"no drawing of the tests gives the finding {code}")


def _remark(code: str) -> Finding:
    _, body = STYLES[code]
    made = recognise(body if isinstance(body, bytes) else bpmn(body), "offer.bpmn")
    assert isinstance(made, Recognised)
    return next(finding for finding in style(made.root, "offer.bpmn") if finding.code == code)


def examples() -> dict[str, Finding]:
    """An example of each code, in the order of the sentences."""
    return {code: example(code) for code in SENTENCES}


def _drawing(code: str) -> bytes:
    if code in OTHERS or code in MORE:
        return OTHERS.get(code) or MORE[code]
    for said, body in SAID:
        if any(one == code for one, _ in said):
            return body if isinstance(body, bytes) else bpmn(body)
    return next((bpmn(body) for one, _, body in REFUSALS if one == code), b"")


def _found(text: bytes, answers: Answers) -> list[Finding]:
    made = recognise(text, "offer.bpmn")
    if not isinstance(made, Recognised):
        return [made]
    root: etree._Element = made.root
    normal = normalise(root, "offer.bpmn", context(), answers)
    drawings = read(normal.root, "offer.bpmn")
    findings = [*made.findings, *normal.findings, *check(normal.root, drawings, context(), "offer.bpmn")]
    return [*findings, *against_schema(root, "offer.bpmn", findings)]
