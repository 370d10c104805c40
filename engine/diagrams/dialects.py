"""The spellings of the editors: where bpmn.io, Camunda 7 and Camunda 8 write the same thing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from lxml import etree

from engine.xml import CAMUNDA, ZEEBE, local, namespace

NOTHING: Mapping[str, str] = MappingProxyType({})
FEEL_LANGUAGES = frozenset({"", "feel", "text/feel", "application/feel", "juel"})

_ASSIGNMENT = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)\s*(\S.*)", re.DOTALL)
_PIECE = re.compile(r"""//[^\n\r]*|/\*.*?\*/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|.""", re.DOTALL)
_ACTIVITY = ("ask", "ubProcess", "transaction", "callActivity")
_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")


def ref(text: str | None) -> str | None:
    """A reference without blanks and without the prefix of a QName: ` tns:Task_1 ` -> `Task_1`."""
    return (text or "").strip().rpartition(":")[2] or None


def name_of(node: etree._Element) -> str:
    """The drawn name on one line."""
    return " ".join(str(node.get("name", "")).split())


def text_of(node: etree._Element | None) -> str | None:
    return ("".join(node.itertext()).strip() or None) if node is not None else None


def slug(name: str) -> str:
    """`Send offer (PDF)` -> `send_offer_pdf`: the function a service task's name stands for."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


def extensions(node: etree._Element) -> Iterator[etree._Element]:
    for child in node:
        if local(child.tag) == "extensionElements":
            yield from (item for item in child if isinstance(item.tag, str))


def extension(node: etree._Element, space: str, tag: str) -> etree._Element | None:
    for item in extensions(node):
        if local(item.tag) == tag and namespace(item.tag) == space:
            return item
    return None


def properties_of(node: etree._Element) -> Mapping[str, str]:
    """camunda:properties and zeebe:properties as one mapping."""
    found = {
        item.get("name", "").strip(): item.get("value", "").strip()
        for group in extensions(node)
        if local(group.tag) == "properties" and namespace(group.tag) in (CAMUNDA, ZEEBE)
        for item in group
        if local(item.tag) == "property"
    }
    return found or NOTHING


def form_of(node: etree._Element) -> str | None:
    """The form's name without the editor's decoration: `camunda-forms:deployment:x.form` -> `x`."""
    text = _camunda(node, "formRef") or _camunda(node, "formKey")
    if text is None:
        text = _zeebe(node, "formDefinition", "formId") or _zeebe(node, "formDefinition", "formKey")
    return text.removeprefix("camunda-forms:deployment:").removesuffix(".form") if text else None


def due_of(node: etree._Element) -> str | None:
    return _camunda(node, "dueDate") or _zeebe(node, "taskSchedule", "dueDate")


def priority_of(node: etree._Element) -> str | None:
    return _camunda(node, "priority") or _zeebe(node, "priorityDefinition", "priority")


def assignee_of(node: etree._Element) -> str | None:
    return _camunda(node, "assignee") or _zeebe(node, "assignmentDefinition", "assignee")


def service_of(node: etree._Element, name: str) -> str | None:
    return _zeebe(node, "taskDefinition", "type") or _camunda(node, "topic") or slug(name) or None


def decision_of(node: etree._Element) -> str | None:
    return _zeebe(node, "calledDecision", "decisionId") or ref(_camunda(node, "decisionRef"))


def result_of(node: etree._Element) -> str | None:
    return _zeebe(node, "calledDecision", "resultVariable") or _camunda(node, "resultVariable")


def called_of(node: etree._Element) -> str | None:
    """The called process's id, or an expression that gives it."""
    text = _zeebe(node, "calledElement", "processId") or str(node.get("calledElement", "")).strip()
    return (text if is_computed(text) else ref(text)) or None


def is_computed(called: str) -> bool:
    """Is it an expression that gives a process's id, and not the id?"""
    return called.startswith(("=", "${", "#{"))


def binding_of(node: etree._Element) -> tuple[str, str | None]:
    """How the version of a called process is chosen: the rule, and the number or tag that it needs."""
    rule = _camunda(node, "calledElementBinding") or _zeebe(node, "calledElement", "bindingType") or "latest"
    if rule == "versionTag":
        tag = _camunda(node, "calledElementVersionTag") or _zeebe(node, "calledElement", "versionTag")
        return rule, tag
    return rule, _camunda(node, "calledElementVersion") if rule == "version" else None


def correlation_of(message: etree._Element) -> str | None:
    return _zeebe(message, "subscription", "correlationKey")


def event_of(node: etree._Element) -> tuple[str | None, etree._Element | None]:
    """The kind of an event and its definition: `("timer", <timerEventDefinition>)`."""
    drawn = [child for child in node if local(child.tag).endswith("EventDefinition")]
    if any(local(child.tag) == "eventDefinitionRef" for child in node):
        return "reference", None
    if len(drawn) > 1:
        return "multiple", None
    return (local(drawn[0].tag).removesuffix("EventDefinition"), drawn[0]) if drawn else (None, None)


def message_ref(node: etree._Element, definition: etree._Element | None) -> str | None:
    holder = definition if definition is not None else node
    return ref(holder.get("messageRef"))


def timer_of(definition: etree._Element | None) -> tuple[str, str] | None:
    """`("duration", "P2D")`; None where the drawing gives no time."""
    for child in definition if definition is not None else ():
        text = text_of(child)
        if text and local(child.tag) in ("timeDate", "timeDuration", "timeCycle"):
            return local(child.tag).removeprefix("time").lower(), text
    return None


def condition_of(definition: etree._Element | None) -> str | None:
    for child in definition if definition is not None else ():
        if local(child.tag) == "condition":
            return text_of(child)
    return None


def says(node: etree._Element, attribute: str) -> bool:
    return str(node.get(attribute, "")).strip() in ("true", "1")


def denies(node: etree._Element, attribute: str) -> bool:
    """Is it said to be false? Where nothing is said it is true."""
    return str(node.get(attribute, "true")).strip() in ("false", "0")


def associated(event: etree._Element) -> str | None:
    """The activity that a dotted line connects a compensation event with, however it is directed.

    One that is marked as made for it comes first; remarks may hang on the event too.
    """
    ends: set[str | None] = set()
    for line in event.getroottree().iter("{*}association"):
        both = {ref(line.get("sourceRef")), ref(line.get("targetRef"))}
        if event.get("id") in both:
            ends |= both
    drawn = [
        node
        for node in event.getroottree().iter("{*}*")
        if node.get("id") in ends and local(node.tag).endswith(_ACTIVITY)
    ]
    drawn.sort(key=lambda node: not says(node, "isForCompensation"))
    return drawn[0].get("id") if drawn else None


def script_of(node: etree._Element) -> tuple[tuple[str, str], ...]:
    """The assignments of a script task; a line that is none is kept as `("", line)`."""
    zeebe = extension(node, ZEEBE, "script")
    if zeebe is not None:
        return ((zeebe.get("resultVariable", "").strip(), zeebe.get("expression", "").strip()),)
    text = text_of(next((child for child in node if local(child.tag) == "script"), None))
    return tuple(_assignment(line) for line in statements(text or ""))


def script_language(node: etree._Element) -> str | None:
    """The language a script names if it is not ours."""
    language = str(node.get("scriptFormat", "")).strip()
    return None if language.lower() in FEEL_LANGUAGES else language


def statements(text: str) -> list[str]:
    """Splits at line ends and semicolons, but not inside texts and brackets; leaves remarks out."""
    found: list[str] = [""]
    depth = 0
    for piece in _PIECE.findall(text):
        if piece in (";", "\n", "\r") and depth <= 0:
            found.append("")
        elif not piece.startswith(("//", "/*")):
            depth += (piece in _OPENING) - (piece in _CLOSING)
            found[-1] += piece
    return [line.strip() for line in found if line.strip()]


def _assignment(line: str) -> tuple[str, str]:
    match = _ASSIGNMENT.fullmatch(line)
    return (match.group(1), match.group(2).strip()) if match else ("", line)


def _camunda(node: etree._Element, attribute: str) -> str | None:
    return str(node.get(f"{{{CAMUNDA}}}{attribute}", "")).strip() or None


def _zeebe(node: etree._Element, tag: str, attribute: str) -> str | None:
    item = extension(node, ZEEBE, tag)
    return (str(item.get(attribute, "")).strip() or None) if item is not None else None
