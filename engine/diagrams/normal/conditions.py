"""Conditions on arrows: labels told from expressions, foreign spellings translated, the unreadable asked."""

from __future__ import annotations

import re

from engine.diagrams import dialects
from engine.diagrams.elements import bpmn_children
from engine.diagrams.normal.sheet import Node, Sheet, bpmn, event, remove, title
from engine.errors import ExpressionError
from engine.feel import Expression, compile_expression
from engine.xml import local

CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
NEVER = "false"
"""Stands in for a condition that is still asked for."""

_OURS = ("feel", "juel")
_SIGNS = re.compile(r"[=<>!&|(){}\[\]\"'$#;+*^~`@\\]|\d\s*[-/]\s*\d|\w\.\w+\.")
"""What tells an expression that cannot be read from words for people."""


def condition(arrow: Node) -> str | None:
    """The text of an arrow's condition; None where there is none, or an empty one."""
    return dialects.text_of(next(bpmn_children(arrow, "conditionExpression"), None))


def conditions(sheet: Sheet) -> None:
    steps = sheet.by_id()
    known = variables(sheet)
    for arrow in sheet.arrows():
        text, source = condition(arrow), steps.get(arrow.get("sourceRef"))
        if text is None:
            _drop(arrow)
        elif source is not None and local(source.tag) not in CHOOSING:
            _drop(arrow)
            sheet.report("condition_ignored", arrow, source=title(source), text=text)
        elif source is not None:
            _read(sheet, arrow, text, known)


def waiting(sheet: Sheet) -> None:
    """Events that wait for a condition which is not given, or cannot be read."""
    for node in sheet.steps():
        if event(node) != "conditional":
            continue
        kind = dialects.event_of(node)[1]
        holder = (
            next((one for one in kind if local(one.tag) == "condition"), None) if kind is not None else None
        )
        text = dialects.text_of(holder)
        if kind is None or (text is not None and _usable(sheet, text) is not None):
            continue
        code = "condition_absent" if text is None else "condition_unreadable"
        answer = sheet.ask(code, node, "condition", "expression", text=text)
        if holder is None:
            holder = kind.makeelement(bpmn("condition"))
            kind.append(holder)
        _write(holder, answer or NEVER)


def variables(sheet: Sheet) -> frozenset[str]:
    """Names that something in the drawing or beside it gives a value to, or that other expressions use."""
    names = set(sheet.context.variables)
    for node in sheet.steps("scriptTask", "businessRuleTask"):
        names |= {name for name, _ in dialects.script_of(node)}
        names |= {dialects.result_of(node) or "", dialects.decision_of(node) or ""}
    for arrow in sheet.arrows():
        text = condition(arrow)
        expression = _usable(sheet, text) if text else None
        if expression is not None and expression.bare_word is None:
            names |= expression.names
    return frozenset(names)


def _read(sheet: Sheet, arrow: Node, text: str, known: frozenset[str]) -> None:
    holder = next(bpmn_children(arrow, "conditionExpression"))
    expression = None if _language(holder) else _usable(sheet, text)
    if expression is not None:
        holder.attrib.pop("language", None)
        word = expression.bare_word
        name = dialects.name_of(arrow)
        if word is None or word in known or (name and name.casefold() != word.casefold()):
            return
        _label(sheet, arrow, text)
    elif not _SIGNS.search(text) and not _language(holder):
        _label(sheet, arrow, text)
    else:
        answer = sheet.ask("condition_unreadable", arrow, "condition", "expression", text=text)
        holder.attrib.pop("language", None)
        _write(holder, answer or NEVER)


def _label(sheet: Sheet, arrow: Node, text: str) -> None:
    """The condition is only what stands on the arrow."""
    _drop(arrow)
    if not dialects.name_of(arrow):
        arrow.set("name", " ".join(text.split()))
    sheet.report("condition_label", arrow, text=text)


def _usable(sheet: Sheet, text: str) -> Expression | None:
    try:
        expression = compile_expression(text)
    except ExpressionError:
        return None
    return expression if expression.functions <= set(sheet.context.functions) else None


def _language(holder: Node) -> str | None:
    """The language of a condition, if it names one that is not ours."""
    language = str(holder.get("language", "")).strip()
    foreign = language and not any(ours in language.lower() for ours in _OURS)
    return language if foreign else None


def _write(holder: Node, text: str) -> None:
    for inner in list(holder):
        holder.remove(inner)
    holder.text = text


def _drop(arrow: Node) -> None:
    for holder in list(bpmn_children(arrow, "conditionExpression")):
        remove(holder)
