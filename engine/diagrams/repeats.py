"""Loop markers and the variables of call activities, as bpmn.io, Camunda 7 and Camunda 8 write them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from engine.diagrams import dialects
from engine.xml import CAMUNDA, ZEEBE, local, namespace

PARALLEL, SEQUENTIAL, STANDARD = "parallel", "sequential", "standard"


@dataclass(frozen=True)
class Loop:
    """How often an activity is done: for each entry of a list, a number of times, or while it is true."""

    kind: str
    """`parallel`, `sequential` or `standard`."""
    collection: str | None = None
    """Expression that gives the list."""
    item: str | None = None
    """Variable that holds the entry of one instance."""
    cardinality: str | None = None
    output: str | None = None
    """Variable that gets the list of results."""
    value: str | None = None
    """Expression of one result, over the variables of its instance."""
    until: str | None = None
    """Completion condition: true ends the rest."""
    condition: str | None = None
    """Of a standard loop: true means once more."""
    maximum: str | None = None
    before: bool = False
    """A standard loop that asks its condition before the first time."""

    @property
    def expressions(self) -> list[str]:
        texts = (self.collection, self.cardinality, self.value, self.until, self.condition, self.maximum)
        return [text for text in texts if text]


@dataclass(frozen=True)
class Passing:
    """What an activity is given: (name there, text here), and what it gives back: (name here, text there)."""

    all_in: bool = True
    ins: tuple[tuple[str, str], ...] = ()
    all_out: bool = True
    outs: tuple[tuple[str, str], ...] = ()

    @property
    def expressions(self) -> list[str]:
        return [text for _, text in (*self.ins, *self.outs)]


def loop_of(node: etree._Element) -> Loop | None:
    for child in node:
        if local(child.tag) == "standardLoopCharacteristics":
            return Loop(
                STANDARD,
                condition=_child(child, "loopCondition"),
                maximum=str(child.get("loopMaximum", "")).strip() or None,
                before=str(child.get("testBefore", "")).strip() in ("true", "1"),
            )
        if local(child.tag) == "multiInstanceLoopCharacteristics":
            return _instances(child)
    return None


def carried_of(node: etree._Element, definition: etree._Element | None) -> tuple[tuple[str, str], ...]:
    """(name, expression) of what a message or signal that is thrown carries, where the drawing maps it.

    `zeebe:ioMapping`, `camunda:inputOutput` and `camunda:in`, at the element or at its event's
    definition. What is no expression has an empty one, for the check to refuse.
    """
    found: dict[str, str] = {}
    for holder in (node, definition):
        if holder is None:
            continue
        found.update(_zeebe(dialects.extension(holder, ZEEBE, "ioMapping"), "input"))
        found.update(_parameters(dialects.extension(holder, CAMUNDA, "inputOutput"), "inputParameter"))
        found.update(_camunda(holder, "in"))
    return tuple(found.items())


def _parameter(item: etree._Element) -> str:
    """A parameter's text as an expression: Camunda 7 takes what is not in ${...} as it is written."""
    if any(isinstance(child.tag, str) for child in item):
        return ""
    text = dialects.text_of(item) or ""
    if text[:2] in ("${", "#{") or text[:1] == "=":
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def mapping_of(node: etree._Element) -> Passing | None:
    """What a step sees beside the variables around it, and what of its results becomes variables.

    `zeebe:ioMapping` and `camunda:inputOutput`; None where the drawing says nothing. What is no
    expression has an empty one, for the check to refuse.
    """
    zeebe = dialects.extension(node, ZEEBE, "ioMapping")
    camunda = dialects.extension(node, CAMUNDA, "inputOutput")
    given = [*_zeebe(zeebe, "input"), *_parameters(camunda, "inputParameter")]
    taken = [*_zeebe(zeebe, "output"), *_parameters(camunda, "outputParameter")]
    return Passing(True, tuple(given), not taken, tuple(taken)) if given or taken else None


def _parameters(mapping: etree._Element | None, tag: str) -> Iterator[tuple[str, str]]:
    for item in mapping if mapping is not None else ():
        if isinstance(item.tag, str) and local(item.tag) == tag:
            yield str(item.get("name", "")).strip(), _parameter(item)


def passing_of(node: etree._Element) -> Passing | None:
    """None where the drawing says nothing: all variables are seen, and all that is set comes back."""
    ins = list(_camunda(node, "in"))
    outs = list(_camunda(node, "out"))
    if ins or outs:
        return Passing(
            any(name == "all" for name, _ in ins),
            tuple(one for one in ins if one[0] != "all"),
            any(name == "all" for name, _ in outs),
            tuple(one for one in outs if one[0] != "all"),
        )
    called = dialects.extension(node, ZEEBE, "calledElement")
    mapping = dialects.extension(node, ZEEBE, "ioMapping")
    if called is None and mapping is None:
        return None
    given = tuple(_zeebe(mapping, "input"))
    taken = tuple(_zeebe(mapping, "output"))
    all_in = called is None or called.get("propagateAllParentVariables") != "false"
    all_out = called is None or called.get("propagateAllChildVariables") != "false"
    if all_in and all_out and not given and not taken:
        return None
    return Passing(all_in, given, all_out and not taken, taken)


def _instances(node: etree._Element) -> Loop:
    sequential = str(node.get("isSequential", "")).strip() in ("true", "1")
    collection = str(node.get(f"{{{CAMUNDA}}}collection", "")).strip()
    item = str(node.get(f"{{{CAMUNDA}}}elementVariable", "")).strip()
    zeebe = dialects.extension(node, ZEEBE, "loopCharacteristics")
    output = value = None
    if zeebe is not None:
        collection = collection or str(zeebe.get("inputCollection", "")).strip()
        item = item or str(zeebe.get("inputElement", "")).strip()
        output = str(zeebe.get("outputCollection", "")).strip() or None
        value = str(zeebe.get("outputElement", "")).strip() or None
    drawn = _named(node, "outputDataItem")
    return Loop(
        SEQUENTIAL if sequential else PARALLEL,
        collection=collection or dialects.ref(_child(node, "loopDataInputRef")),
        item=item or _named(node, "inputDataItem"),
        cardinality=_child(node, "loopCardinality"),
        output=output or dialects.ref(_child(node, "loopDataOutputRef")),
        value=value or drawn,
        until=_child(node, "completionCondition"),
    )


def _child(node: etree._Element, tag: str) -> str | None:
    return dialects.text_of(next((child for child in node if local(child.tag) == tag), None))


def _named(node: etree._Element, tag: str) -> str | None:
    """The variable of a data item: its name, or its id where the name is a description."""
    for child in node:
        if local(child.tag) == tag:
            names = [str(child.get(key, "")).strip() for key in ("name", "id")]
            return next((name for name in (*filter(str.isidentifier, names), *names) if name), None)
    return None


def _camunda(node: etree._Element, tag: str) -> Iterator[tuple[str, str]]:
    """(target, expression) of each camunda:in or camunda:out; ("all", "") for all variables."""
    for item in dialects.extensions(node):
        if local(item.tag) != tag or namespace(item.tag) != CAMUNDA:
            continue
        source = str(item.get("source") or item.get("sourceExpression") or "").strip()
        if item.get("variables") == "all":
            yield "all", ""
        elif source or item.get("target"):
            # Without either it hands over the business key, which no case has here.
            yield str(item.get("target", "")).strip(), source


def _zeebe(mapping: etree._Element | None, tag: str) -> Iterator[tuple[str, str]]:
    for item in mapping if mapping is not None else ():
        if isinstance(item.tag, str) and local(item.tag) == tag:
            yield str(item.get("target", "")).strip(), str(item.get("source", "")).strip()
