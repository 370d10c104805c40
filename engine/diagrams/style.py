"""A second opinion on how a diagram is drawn: bpmnlint's rules, through the package bpmn-io if it is there.

Only ever asked for, never part of a check: it is slow on big drawings, and says nothing about what runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.sentences import found
from engine.diagrams.sentences_style import STYLE
from engine.findings import Finding
from engine.xml import BPMN, BPMNDI, local

MOST = 10
"""Findings of one rule in one file."""

MOST_PARTS = 10_000
"""XML elements of a drawing that is looked at: a second or two."""

_RULES = "bpmnlint:recommended"
_PARTS = ("bpmn_io.bpmn_moddle.simple", "bpmn_io.lint", "bpmn_io.lint.resolver")


def style(root: etree._Element, file: str) -> list[Finding]:
    """What could be drawn better, in the order of the lines; or one finding why that cannot be said."""
    try:
        reading, linting, resolving = map(import_module, _PARTS)
    except ImportError:
        return [found("style_not_installed", file)]
    if sum(1 for _ in root.iter()) > MOST_PARTS:
        return [found("style_too_big", file, most=MOST_PARTS)]
    try:
        drawing = reading.create_moddle().from_xml(etree.tostring(_connected(root), encoding="unicode"))
        linter = linting.Linter(config={"extends": _RULES}, resolver=resolving.NodeResolver())
        said = [
            (str(rule), str(one.get("id") or ""), one.get("category"))
            for rule, reports in linter.lint(drawing.root_element).items()
            for one in reports
        ]
    except Exception as error:  # noqa: BLE001  # The package is young, and no matter of the drawing.
        return [found("style_failed", file, problem=type(error).__name__)]
    findings = _findings(root, file, [(rule, id) for rule, id, category in said if category != "rule-error"])
    return sorted(findings, key=lambda finding: finding.line or 0)


def _connected(root: etree._Element) -> etree._Element:
    """A copy in which every step names its arrows; some editors leave that out, and the rules need it."""
    copied = deepcopy(root)
    nodes = {node.get("id"): node for node in copied.iter(f"{{{BPMN}}}*") if node.get("id")}
    named: dict[tuple[str, str], set[str | None]] = {}
    for node in nodes.values():
        for one in node.iterchildren(f"{{{BPMN}}}incoming", f"{{{BPMN}}}outgoing"):
            named.setdefault((node.get("id"), local(one.tag)), set()).add(dialects.ref(one.text))
    for flow in copied.iter(f"{{{BPMN}}}sequenceFlow"):
        for end, tag in (("sourceRef", "outgoing"), ("targetRef", "incoming")):
            id = dialects.ref(flow.get(end)) or ""
            if id in nodes and flow.get("id") and flow.get("id") not in named.get((id, tag), ()):
                etree.SubElement(nodes[id], f"{{{BPMN}}}{tag}").text = flow.get("id")
    return copied


def _findings(root: etree._Element, file: str, said: list[tuple[str, str]]) -> Iterator[Finding]:
    nodes = {node.get("id"): node for node in root.iter(etree.Element) if node.get("id")}
    has_picture = next(root.iter(f"{{{BPMNDI}}}BPMNShape"), None) is not None
    counts = Counter[str]()
    for rule, id in dict.fromkeys(said):
        code = f"style_{rule.replace('-', '_')}"
        if code not in STYLE or counts[code] == MOST or (rule == "no-bpmndi" and not has_picture):
            continue
        counts[code] += 1
        node = nodes.get(id)
        name = dialects.name_of(node) if node is not None else ""
        yield found(
            code, file, element=id or None, name=name, line=node.sourceline if node is not None else None
        )
