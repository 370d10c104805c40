"""The steps of normalising, in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.diagrams.elements import NODES
from engine.diagrams.normal import (
    choices,
    conditions,
    data,
    dialects,
    flows,
    ids,
    lanes,
    loops,
    messages,
    scopes,
    tasks,
    timers,
)
from engine.diagrams.normal.sheet import Sheet
from engine.diagrams.scene import Context
from engine.findings import Answers, Finding
from engine.xml import BPMN, local

Step = Callable[[Sheet], None]

STEPS: Sequence[Step] = (
    ids.executable,
    ids.repeated,
    ids.process_ids,
    ids.references,
    ids.missing,
    ids.reserved,
    ids.names,
    ids.ends_of_arrows,
    dialects.spellings,
    dialects.spiff,
    data.data,
    messages.kept_elsewhere,
    scopes.instantiating,
    messages.message_flows,
    messages.nameless,
    messages.messages,
    scopes.empty,
    tasks.services,
    tasks.rules,
    tasks.scripts,
    tasks.calls,
    tasks.events,
    tasks.event_gateways,
    tasks.faults,
    tasks.links,
    flows.stray,
    flows.misplaced,
    flows.into_starts,
    flows.out_of_ends,
    scopes.starts,
    flows.unreachable,
    flows.splits,
    scopes.ends,
    conditions.conditions,
    conditions.waiting,
    timers.timers,
    loops.quantities,
    loops.loops,
    loops.mappings,
    choices.complex_splits,
    choices.defaults,
    choices.choices,
    lanes.names,
    dialects.owners,
    dialects.assignments,
    dialects.forms,
    dialects.not_done,
    lanes.roles,
    flows.only_known_children,
)
"""Ids come first, for all others refer by them; what adds steps for persons comes before the roles."""


@dataclass(frozen=True)
class Normalised:
    """A drawing made explicit, what was done for it, and what it still asks."""

    root: etree._Element
    findings: list[Finding]
    drawn: frozenset[str]
    """The ids of all steps and arrows that the drawing had; each must be run or be named."""
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """form-js schemas of the forms that the drawing describes itself."""
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of the answers given, those that were asked for and fit."""


def normalise(root: etree._Element, file: str, context: Context, answers: Answers) -> Normalised:
    """A copy of a BPMN file in which everything is said that the engine needs to know.

    Doing it again changes nothing. Nothing is raised: each step reports what it has done, what it asks
    and what it could not do.
    """
    sheet = Sheet(deepcopy(root), file, context, answers)
    drawn: frozenset[str] = frozenset()
    for step in STEPS:
        step(sheet)
        if step is ids.reserved:
            drawn = _drawn(sheet)
    return Normalised(sheet.root, sheet.findings, drawn, sheet.forms, sheet.taken)


def _drawn(sheet: Sheet) -> frozenset[str]:
    return frozenset(
        node.get("id")
        for process in sheet.processes
        for node in process.iter(f"{{{BPMN}}}*")
        if local(node.tag) in NODES or local(node.tag) == "sequenceFlow"
    )
