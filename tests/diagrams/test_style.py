"""The second opinion on how a diagram is drawn: our words for each rule, and never anything that stands in the way."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from bpmn_io.lint.resolver import NodeResolver

from engine.diagrams import Recognised, recognise, style
from engine.diagrams.sentences_style import STYLE
from engine.diagrams.style import MOST, MOST_PARTS
from engine.findings import Finding
from tests.diagrams.conftest import bpmn
from tests.diagrams.snippets import step
from tests.diagrams.styles import STYLES

VENDORS = sorted((Path(__file__).parent / "vendors").iterdir())
OURS = {"style_not_installed", "style_too_big", "style_failed"}


def looked_at(data: bytes) -> list[Finding]:
    made = recognise(data, "offer.bpmn")
    assert isinstance(made, Recognised)
    return style(made.root, "offer.bpmn")


def codes(findings: list[Finding]) -> set[str]:
    return {finding.code for finding in findings}


def test_every_rule_has_a_sentence_of_ours() -> None:
    config = NodeResolver().resolve_config("bpmnlint", "recommended")
    assert isinstance(config, dict)
    rules = {f"style_{rule.replace('-', '_')}" for rule in config["rules"]}
    assert rules | OURS == set(STYLE)


@pytest.mark.parametrize("code", sorted(set(STYLE) - OURS))
def test_each_rule_is_named_at_its_element(code: str) -> None:
    element, body = STYLES[code]
    found = [one for one in looked_at(body if isinstance(body, bytes) else bpmn(body)) if one.code == code]
    assert element in [one.element for one in found]
    for finding in found:
        assert finding.severity == "style"
        assert finding.message
        assert finding.remedy
        assert finding.line


def test_a_well_drawn_diagram_gets_no_remark() -> None:
    body = (
        '<startEvent id="s" name="Asked"/><task id="a" name="Answer"/><endEvent id="e" name="Answered"/>'
        "~ s > a > e\n"
    )
    assert codes(looked_at(bpmn(body))) <= {"style_global"}


def test_one_rule_does_not_drown_the_others() -> None:
    found = looked_at(bpmn(step("".join(f'<task id="b{number}"/>' for number in range(50)))))
    assert [one.code for one in found].count("style_no_disconnected") == MOST


def test_without_the_package_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bpmn_io.lint", None)
    assert codes(looked_at(bpmn(step('<task id="a"/>')))) == {"style_not_installed"}


def test_what_the_package_trips_over_is_no_matter_of_the_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    def trip(*_: Any) -> None:
        raise RecursionError

    monkeypatch.setattr("bpmn_io.lint.Linter.lint", trip)
    [finding] = looked_at(bpmn(step('<task id="a"/>')))
    assert (finding.code, finding.severity) == ("style_failed", "style")


def test_a_drawing_of_foreign_size_is_not_looked_at() -> None:
    large = bpmn(step("".join(f'<task id="b{number}"/>' for number in range(MOST_PARTS))))
    assert codes(looked_at(large)) == {"style_too_big"}


@pytest.mark.parametrize("path", VENDORS, ids=lambda path: path.name)
def test_the_package_survives_what_the_vendors_write(path: Path) -> None:
    made = recognise(path.read_bytes(), path.name)
    if isinstance(made, Recognised):
        assert codes(style(made.root, path.name)) <= set(STYLE) - OURS
