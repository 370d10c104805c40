"""Reads drawings of SpiffWorkflow's tests as its own test parser does, with their few words of Python in FEEL.

Nothing of theirs lies here: the files come from a copy of SpiffWorkflow that the user names. Its test
parser takes three things for granted that the drawings leave out: an arrow without a condition behind
an exclusive gateway means that the variable `choice` is its label; an event that names no message or
signal means the one called like the event; a process that does not say so may be run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from engine.xml import local, parse

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"

# lxml comes without types.
Element = Any


@dataclass(frozen=True)
class Changes:
    """What a case changes in a drawing before it is run."""

    words: Mapping[str, str] = field(default_factory=dict)
    """A text of theirs -> what it means in FEEL."""
    inside: Mapping[str, str] = field(default_factory=dict)
    """Tag -> BPMN put inside each of them, for what a test sets by program before it runs a drawing."""

    def all_used(self, papers: Sequence[Paper]) -> None:
        """Nothing is changed that is not there."""
        wanted = {*self.words, *self.inside}
        used = {change for paper in papers for change in paper.changed}
        assert wanted == used, f"not in the drawings: {sorted(wanted - used)}"


@dataclass(frozen=True)
class Paper:
    """A drawing as Percorso is given it, and the names drawn in it."""

    file: str
    xml: str
    names: Mapping[str, str]
    """Id -> name of every element; unnamed ones have their id."""
    changed: frozenset[str]
    """Which of the changes were made."""


def read_paper(file: Path, changes: Changes) -> Paper:
    """The drawing of that file, read like their parser does and changed for the case."""
    root = parse(file.read_bytes(), file.name)
    changed = frozenset(_change(root, changes))
    _labels(root)
    for kind in ("message", "signal"):
        _named(root, kind)
    for process in _every(root, "process"):
        if process.get("isExecutable") is None:
            process.set("isExecutable", "true")
    for element in root.iter():
        # Their parser takes everything for Python, whatever the drawing says.
        for language in ("scriptFormat", "language"):
            element.attrib.pop(language, None)
    names = {
        element.get("id"): _plain(element.get("name") or element.get("id"))
        for element in root.iter()
        if isinstance(element.tag, str) and element.get("id")
    }
    return Paper(file.name, etree.tostring(root, encoding="unicode"), names, changed)


def _change(root: Element, changes: Changes) -> Iterator[str]:
    """Make the changes; gives what each of them was."""
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            continue
        if element.text is not None and (said := _plain(element.text)) in changes.words:
            element.text = changes.words[said]
            yield said
        if (more := changes.inside.get(local(element.tag))) is not None:
            element.append(etree.fromstring(f'<x xmlns="{MODEL}">{more}</x>')[0])
            yield local(element.tag)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _labels(root: Element) -> None:
    """An arrow with a label only, behind an exclusive gateway: the label is what was chosen."""
    gateways = {gateway.get("id"): gateway for gateway in _every(root, "exclusiveGateway")}
    flows = list(_every(root, "sequenceFlow"))
    for flow in flows:
        gateway = gateways.get(flow.get("sourceRef"))
        alone = sum(other.get("sourceRef") == flow.get("sourceRef") for other in flows) == 1
        if gateway is None or alone or gateway.get("default") == flow.get("id"):
            continue
        if flow.find(f"{{{MODEL}}}conditionExpression") is None and flow.get("name"):
            condition = etree.SubElement(flow, f"{{{MODEL}}}conditionExpression")
            condition.text = f'choice = "{_plain(flow.get("name"))}"'


def _named(root: Element, kind: str) -> None:
    """An event of that kind without a reference is about the message or signal called like itself."""
    for number, definition in enumerate(list(_every(root, f"{kind}EventDefinition"))):
        event = definition.getparent()
        if definition.get(f"{kind}Ref") or not event.get("name"):
            continue
        declared = etree.Element(f"{{{MODEL}}}{kind}")
        declared.set("id", f"{kind}_by_name_{number}")
        declared.set("name", _plain(event.get("name")))
        root.insert(0, declared)
        definition.set(f"{kind}Ref", f"{kind}_by_name_{number}")


def _every(root: Element, tag: str) -> Iterator[Element]:
    return (element for element in root.iter() if isinstance(element.tag, str) and local(element.tag) == tag)
