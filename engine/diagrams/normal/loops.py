"""Loop markers that do not say how often, and calls that do not say readably what they hand over."""

from __future__ import annotations

from engine.diagrams import dialects, repeats
from engine.diagrams.elements import ACTIVITIES, NODES
from engine.diagrams.normal.sheet import Node, Sheet, bpmn, child, remove
from engine.errors import ExpressionError
from engine.feel import compile_expression
from engine.xml import CAMUNDA, ZEEBE, local

_MAPPINGS = (
    *(f"{{{CAMUNDA}}}{tag}" for tag in ("in", "out", "inputParameter", "outputParameter")),
    *(f"{{{ZEEBE}}}{tag}" for tag in ("input", "output")),
)
_STEPS = [bpmn(kind) for kind in sorted(NODES)]

ONCE = "1"
"""Stands in for a number that is still asked for."""


def mappings(sheet: Sheet) -> None:
    """What a step, call or message hands over under no variable's name, or by what cannot be read."""
    for node in sheet.steps():
        # Sub-processes hold the mappings of others.
        own = [item for item in node.iter(*_MAPPINGS) if next(item.iterancestors(*_STEPS)) is node]
        for item in own:
            name = str(item.get("target") or item.get("name") or "").strip()
            text = _source(item)
            if text is None:
                continue
            if name and not name.isidentifier():
                sheet.report("mapping_dropped", node, variable=name, text=text[:200])
                remove(item)
            elif not _usable(text):
                field = f"variable_{name}"
                answer = sheet.ask(
                    "mapping_unreadable", node, field, "expression", variable=name, text=text[:200]
                )
                _put(item, answer or "null")


def _source(item: Node) -> str | None:
    """The expression of a mapping; None where it has none, or is a text as it stands."""
    if local(item.tag) in ("inputParameter", "outputParameter"):
        text = dialects.text_of(item) or ""
        computed = text[:2] in ("${", "#{") or text[:1] == "="
        return text if computed and not len(item) else None
    return str(item.get("sourceExpression") or item.get("source") or "").strip() or None


def _put(item: Node, text: str) -> None:
    if local(item.tag) in ("inputParameter", "outputParameter"):
        item.text = f"={text.removeprefix('=')}"
    else:
        item.set("sourceExpression" if item.get("sourceExpression") else "source", text)


def quantities(sheet: Sheet) -> None:
    """Several tokens at once, and events that instances throw as they end: nobody draws with them in mind."""
    for node in sheet.steps(*sorted(ACTIVITIES)):
        for name in ("startQuantity", "completionQuantity"):
            text = str(node.attrib.pop(name, "1")).strip()
            if text not in ("", "0", "1"):
                sheet.report("quantity_ignored", node, name_of=name, text=text)
        marker = child(node, "multiInstanceLoopCharacteristics")
        if marker is not None and str(marker.attrib.pop("behavior", "All")).strip() not in ("", "All"):
            for one in [one for one in marker if local(one.tag) == "complexBehaviorDefinition"]:
                marker.remove(one)
            sheet.report("behavior_ignored", node)


def loops(sheet: Sheet) -> None:
    for node in sheet.steps(*sorted(ACTIVITIES)):
        loop = repeats.loop_of(node)
        if loop is None:
            continue
        marker = child(node, "standardLoopCharacteristics", "multiInstanceLoopCharacteristics")
        assert marker is not None
        if loop.kind == repeats.STANDARD:
            _standard(sheet, node, marker, loop)
        else:
            _instances(sheet, node, marker, loop)


def _standard(sheet: Sheet, node: Node, marker: Node, loop: repeats.Loop) -> None:
    if loop.condition and not _usable(loop.condition):
        answer = sheet.ask("loop_unreadable", node, "loop", "expression", text=loop.condition)
        _write(marker, "loopCondition", answer or "false")
    elif not loop.condition and not loop.maximum:
        answer = sheet.ask("loop_marker", node, "loop", "expression")
        if answer and answer.isdigit():
            marker.set("loopMaximum", answer)
        else:
            _write(marker, "loopCondition", answer or "false")


def _instances(sheet: Sheet, node: Node, marker: Node, loop: repeats.Loop) -> None:
    if loop.collection and loop.cardinality:
        _drop(marker, "loopCardinality")
        sheet.report("multi_instance_both", node, collection=loop.collection)
    elif not loop.collection and not loop.cardinality:
        answer = sheet.ask("multi_instance", node, "list", "expression") or ONCE
        if answer.isdigit():
            _write(marker, "loopCardinality", answer)
        else:
            _write(marker, "loopDataInputRef", answer)
    elif not _usable(loop.collection or loop.cardinality or ""):
        text = loop.collection or loop.cardinality
        answer = sheet.ask("multi_instance_unreadable", node, "list", "expression", text=text) or ONCE
        for name in [name for name in marker.attrib if str(name).endswith("}collection")]:
            marker.attrib.pop(name)
        _drop(marker, "loopDataInputRef")
        _drop(marker, "loopCardinality")
        _write(marker, "loopCardinality" if answer.isdigit() else "loopDataInputRef", answer)


def _usable(text: str) -> bool:
    try:
        compile_expression(text)
    except ExpressionError:
        return False
    return True


def _write(marker: Node, tag: str, text: str) -> None:
    _drop(marker, tag)
    made = marker.makeelement(bpmn(tag))
    made.text = text
    marker.append(made)


def _drop(marker: Node, tag: str) -> None:
    for one in [one for one in marker if one.tag == bpmn(tag)]:
        marker.remove(one)
