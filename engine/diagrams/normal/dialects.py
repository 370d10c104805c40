"""The spellings of other engines in those that are read here: who does a step, when it is due, its form."""

from __future__ import annotations

import re
from typing import Any

from engine.diagrams import dialects, times
from engine.diagrams.elements import HUMAN, MAPPED, THROWING, bpmn_children
from engine.diagrams.normal.sheet import ROLE, Node, Sheet
from engine.errors import ExpressionError
from engine.feel import compile_expression
from engine.xml import BPMN, CAMUNDA, ZEEBE, local, namespace

SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
_LIKE_CAMUNDA = frozenset(
    {"http://activiti.org/bpmn", "http://flowable.org/bpmn", "http://activiti.com/modeler"}
)
_OWNERS = frozenset({"potentialOwner", "humanPerformer", "performer", "resourceRole"})
_CALL = re.compile(r"(user|group)\(([^)]*)\)")
_NOT_DONE = frozenset(
    [
        *("executionListener", "taskListener", "executionListeners", "taskListeners"),
        *("connector", "failedJobRetryTimeCycle", "preScript", "postScript"),
    ]
)
"""What other engines would run beside a step, and nothing does here."""

_FIELD_TYPES = {"string": "textfield", "long": "number", "double": "number", "int": "number",
                "boolean": "checkbox", "date": "datetime", "enum": "select"}  # fmt: skip


def spellings(sheet: Sheet) -> None:
    """Activiti's and Flowable's names are Camunda 7's in other namespaces."""
    count = 0
    for node in sheet.root.iter():
        if not isinstance(node.tag, str):
            continue
        if namespace(node.tag) in _LIKE_CAMUNDA:
            node.tag = f"{{{CAMUNDA}}}{local(node.tag)}"
            count += 1
        for name in [name for name in node.attrib if namespace(name) in _LIKE_CAMUNDA]:
            value = node.attrib.pop(name)
            node.set(f"{{{CAMUNDA}}}{local(name)}", value)
            count += 1
    if count:
        sheet.report("spelling_flowable", None, count=count)


def spiff(sheet: Sheet) -> None:
    """SpiffWorkflow keeps the id of a decision as a text of its own."""
    for node in sheet.steps("businessRuleTask"):
        item = dialects.extension(node, SPIFF, "calledDecisionId")
        text = dialects.text_of(item)
        if text and not dialects.decision_of(node):
            node.set(f"{{{CAMUNDA}}}decisionRef", text)
            sheet.report("decision_spiff", node, decision=text)


def owners(sheet: Sheet) -> None:
    """Candidate groups and potential owners that are roles say who does a step."""
    resources = {node.get("id"): dialects.name_of(node) for node in bpmn_children(sheet.root, "resource")}
    for node in sheet.steps(*sorted(HUMAN)):
        named = [*_groups(node), *_owners(node, resources)]
        role = next((role for name in named if (role := sheet.context.roles(name))), None)
        if role is not None and not node.get(ROLE):
            node.set(ROLE, role)
            sheet.report("role_from_group", node, role=role)
        elif named:
            sheet.report("group_ignored", node, groups=", ".join(f"“{name}”" for name in named))


def assignments(sheet: Sheet) -> None:
    """Due dates, priorities, assignees and forms that cannot be used as they are written."""
    for node in sheet.steps():
        due = dialects.due_of(node)
        if due and times.kind_of(due) in ("duration", "date"):
            ours = _moment(due)
            node.set(f"{{{CAMUNDA}}}dueDate", ours)
            sheet.report("due_literal", node, text=due, ours=ours)
        elif due and not _readable(due):
            _take_out(node, "dueDate", "taskSchedule")
            sheet.report("due_dropped", node, text=due)
        priority = dialects.priority_of(node)
        if priority and not _readable(priority):
            _take_out(node, "priority", "priorityDefinition")
            sheet.report("priority_dropped", node, text=priority)
        assignee = dialects.assignee_of(node)
        if assignee and assignee.startswith(("=", "$", "#")) and not _readable(assignee):
            _take_out(node, "assignee", "assignmentDefinition")
            sheet.report("assignee_dropped", node, text=assignee)


def forms(sheet: Sheet) -> None:
    """Forms that the drawing describes itself become forms; those that are nowhere are left out."""
    for node in sheet.steps():
        described = dialects.extension(node, CAMUNDA, "formData")
        fields = [] if described is None else [_field(one) for one in described if _is_field(one)]
        form = dialects.form_of(node)
        if form and form in sheet.context.forms:
            continue
        if fields:
            id = node.get("id")
            sheet.forms[id] = {"type": "default", "id": id, "schemaVersion": 16, "components": fields}
            _take_out(node, "formKey", "formDefinition")
            node.set(f"{{{CAMUNDA}}}formRef", id)
            sheet.report("form_from_data", node, count=len(fields))
        elif form:
            _take_out(node, "formKey", "formDefinition")
            _take_out(node, "formRef", "formDefinition")
            sheet.report("form_unknown", node, form=form, known=", ".join(sorted(sheet.context.forms)) or "–")


def not_done(sheet: Sheet) -> None:
    for node in sheet.steps():
        found = sorted({local(item.tag) for item in dialects.extensions(node)} & _not_done(local(node.tag)))
        if found:
            sheet.report("extension_ignored", node, what_not=", ".join(found))


def _not_done(kind: str) -> frozenset[str]:
    """Inputs and outputs are mapped at tasks, calls and what throws or waits; nowhere else."""
    mapped = kind in MAPPED | THROWING or kind == "callActivity"
    return _NOT_DONE if mapped else _NOT_DONE | {"inputOutput", "ioMapping"}


def _groups(node: Node) -> list[str]:
    text = str(node.get(f"{{{CAMUNDA}}}candidateGroups") or "")
    item = dialects.extension(node, ZEEBE, "assignmentDefinition")
    text += "," + str(item.get("candidateGroups") or "") if item is not None else ""
    return [
        name.strip() for name in text.split(",") if name.strip() and not name.strip().startswith(("=", "$"))
    ]


def _owners(node: Node, resources: dict[str, str]) -> list[str]:
    named: list[str] = []
    for owner in node:
        if namespace(owner.tag) != BPMN or local(owner.tag) not in _OWNERS:
            continue
        for inner in owner.iter():
            if local(inner.tag) == "resourceRef":
                id = dialects.ref(inner.text) or ""
                named.append(resources.get(id) or id)
            elif local(inner.tag) == "formalExpression":
                text = " ".join((inner.text or "").split())
                calls = [match[2].strip() for match in _CALL.finditer(text)]
                named += calls or [part.strip() for part in text.split(",")]
    return [name for name in named if name]


def _moment(text: str) -> str:
    if times.kind_of(text) == "duration":
        return f'=now() + duration("{text}")'
    return f'=date and time("{text}")' if "T" in text else f'=date("{text}")'


def _readable(text: str) -> bool:
    try:
        compile_expression(text)
    except ExpressionError:
        return False
    return True


def _take_out(node: Node, attribute: str, item: str) -> None:
    node.attrib.pop(f"{{{CAMUNDA}}}{attribute}", None)
    found = dialects.extension(node, ZEEBE, item)
    if found is not None and found.getparent() is not None:
        found.getparent().remove(found)


def _is_field(item: Node) -> bool:
    return isinstance(item.tag, str) and local(item.tag) == "formField" and bool(item.get("id"))


def _field(item: Node) -> dict[str, Any]:
    kind = _FIELD_TYPES.get(str(item.get("type", "string")), "textfield")
    key = re.sub(r"\W", "_", str(item.get("id")))
    label = str(item.get("label") or item.get("id"))
    made: dict[str, Any] = {"type": kind, "key": key, "label": label}
    if kind == "datetime":
        made = {"type": "datetime", "key": key, "subtype": "date", "dateLabel": label}
    if kind == "select":
        values = [one for one in item if isinstance(one.tag, str) and local(one.tag) == "value"]
        made["values"] = [
            {"value": str(one.get("id")), "label": str(one.get("name") or one.get("id"))} for one in values
        ]
        if not values:
            made = {"type": "textfield", "key": key, "label": label}
    rules = {
        str(one.get("name")): str(one.get("config"))
        for one in item.iter(f"{{{CAMUNDA}}}constraint")
        if one.get("name")
    }
    if "required" in rules and kind != "checkbox":
        made["validate"] = {"required": True}
    return made
