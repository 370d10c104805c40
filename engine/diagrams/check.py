"""Says everything that is wrong with a drawing, all at once, before anything of it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lxml import etree

from engine.diagrams import events, expressions, faults, paper, soundness, steps, structure
from engine.diagrams.elements import Drawing
from engine.diagrams.scene import Context, Scene, set_scene
from engine.findings import Finding

__all__ = ["Context", "check"]

Rule = Callable[[Scene], Iterator[Finding]]

RULES: Sequence[Rule] = (
    structure.arrows,
    structure.ways_out,
    structure.starts_and_ends,
    structure.long_chains,
    events.events,
    events.event_gateways,
    faults.fault_catches,
    faults.fault_throws,
    steps.steps,
    steps.call_circles,
    expressions.conditions,
    expressions.timers,
    expressions.assignments,
    expressions.scripts,
    expressions.awaited,
    expressions.loops,
    expressions.handed_over,
)

UNPLAYABLE = frozenset(
    [
        *("id_twice", "tag_unknown"),
        *("complex_gateway", "ad_hoc", "compensation", "link_alone", "link_twice", "link_missing"),
        *("flow_dangling", "flow_across", "end_goes_on", "start_reached", "boundary_unattached"),
        *("start_missing", "sub_process_empty", "sub_process_start"),
    ]
)
"""What leaves tokens without a clear way: the token game is played only on drawings without these."""


def check(root: etree._Element, drawings: Sequence[Drawing], context: Context, file: str) -> list[Finding]:
    """All findings on a file in the order of its lines; without an error in them it can be run.

    `drawings` is what `elements.read` made of `root`. Nothing is raised: what cannot be run is an error
    among the findings, with the element, its drawn name, its line, a sentence and a remedy.
    """
    nodes = paper.identified(root)
    refused = paper.refused(root)
    siblings = {drawing.process: drawing for drawing in drawings}
    findings = [
        *paper.processes(root, file),
        *paper.ids(root, nodes, file),
        *paper.lengths(root, file),
        *paper.unknown_tags(root, file),
        *paper.unsupported(nodes, refused, file),
    ]
    on_paper = {finding.code for finding in findings}
    for drawing in drawings:
        scene = set_scene(drawing, siblings, nodes, context, refused)
        own = [finding for rule in RULES for finding in rule(scene)]
        findings += own
        if UNPLAYABLE.isdisjoint(on_paper | {finding.code for finding in own}):
            findings += _sound(scene)
    return sorted(findings, key=lambda finding: finding.line or 0)


def _sound(scene: Scene) -> Iterator[Finding]:
    for problem in soundness.problems(scene.drawing):
        element = scene.elements.get(problem.element)
        if element is not None:
            yield scene.about(problem.code, element, **problem.params)
        else:
            yield scene.place(problem.code, problem.element, scene.drawing.name, None)
