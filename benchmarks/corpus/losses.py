"""Silent losses: steps and arrows of the file that neither run nor are spoken of in a finding."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from benchmarks.corpus.plays import NOW
from engine.diagrams import recognise
from engine.findings import Finding
from engine.runtime import Engine, Model
from engine.xml import BPMN, local, namespace

_STEP_ENDINGS = ("Task", "Event", "Gateway", "Activity", "ubProcess", "transaction", "task")
_INNER = (".BoundaryEventSplit", ".BoundaryEventJoin", ".EndJoin", " [child]")


def lost(engine: Engine, data: bytes, deployed: Collection[str], findings: Collection[Finding]) -> list[str]:
    """The ids (or `line N` where there is none) of what got lost on the way from the file to the specs."""
    running: set[str] = set()
    with engine.transaction(NOW, write=False) as tx:
        for process in deployed:
            running |= _running(engine.latest(tx, process))
    spoken = {finding.element for finding in findings} | {f"line {finding.line}" for finding in findings}
    read = recognise(data, "file")
    if isinstance(read, Finding):
        return []
    return [
        _key(node)
        for node in _drawn(read.root, spoken)
        if _key(node) not in running and not {node.get("id"), f"line {node.sourceline}"} & spoken
    ]


def _drawn(scope: Any, spoken: Collection[str | None]) -> Iterator[Any]:
    """Steps and arrows in processes; not inside a process or sub-process that a finding speaks of."""
    for node in scope:
        if namespace(node.tag) != BPMN:
            continue
        tag = local(node.tag)
        outside = local(scope.tag) == "definitions"
        if not outside and (tag == "sequenceFlow" or tag.endswith(_STEP_ENDINGS)):
            yield node
        whole = tag == "process" if outside else tag.endswith(("ubProcess", "transaction"))
        if whole and node.get("id") not in spoken:
            yield from _drawn(node, spoken)


def _key(node: Any) -> str:
    return str(node.get("id") or f"line {node.sourceline}")


def _running(model: Model) -> set[str]:
    """The steps that have a spec, and the arrows that join two of them there."""
    after: dict[str, set[str]] = {}
    for spec in (model.specs.spec, *model.specs.subprocess_specs.values()):
        for name, task_spec in spec.task_specs.items():
            after.setdefault(_bare(name), set()).update(_bare(one.name) for one in task_spec.outputs)
    found = {name for name in after if name in model.elements}
    for flow in model.drawing.flows.values():
        if flow.target in after.get(flow.source, ()):
            found.add(flow.id)
    return found


def _bare(name: str) -> str:
    for ending in _INNER:
        name = name.removesuffix(ending)
    return name
