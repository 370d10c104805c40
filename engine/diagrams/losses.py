"""Nothing that is drawn may be lost in silence: what is not run must be named by a finding."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.elements import Drawing
from engine.diagrams.normal import Normalised
from engine.diagrams.sentences import found
from engine.findings import Finding
from engine.xml import BPMN


def lost(
    root: etree._Element,
    normal: Normalised,
    drawings: Sequence[Drawing],
    carried: Collection[str | tuple[str, str]],
    findings: Sequence[Finding],
) -> Iterator[Finding]:
    """The drawn steps and arrows that are neither run nor named, nor lie in anything that is named.

    `carried` are the steps of the compiled processes, and (from, to) for the arrows.
    """
    run = {id for id in carried if isinstance(id, str)}
    for drawing in drawings:
        for flow in drawing.flows.values():
            if (flow.source, flow.target) in carried:
                run.add(flow.id)
        # What undoes a step waits beside it, and its event on the border is only the way there.
        run |= {one.id for one in drawing.elements.values() if one.undone_by in run}
    named = {finding.element for finding in findings}
    missing = normal.drawn - run - named
    if not missing:
        return
    for node in root.iter(f"{{{BPMN}}}*"):
        if node.get("id") in missing:
            inside = any(
                outer.get("id") in named and outer.tag != f"{{{BPMN}}}process"
                for outer in node.iterancestors()
            )
            if not inside:
                yield found(
                    "lost",
                    drawings[0].file,
                    element=node.get("id"),
                    name=dialects.name_of(node),
                    line=node.sourceline,
                )


def with_processes(findings: Sequence[Finding], *roots: etree._Element) -> list[Finding]:
    """The findings, each with the process that its element lies in."""
    owners: dict[str, str] = {}
    for root in roots:
        for process in root.iter(f"{{{BPMN}}}process"):
            for node in process.iter(f"{{{BPMN}}}*"):
                if node.get("id"):
                    owners.setdefault(node.get("id"), process.get("id") or "")
        for pool in root.iter(f"{{{BPMN}}}participant"):
            owners.setdefault(pool.get("id") or "", dialects.ref(pool.get("processRef")) or "")
    return [
        replace(finding, process=owners.get(finding.element or "") or finding.process) for finding in findings
    ]
