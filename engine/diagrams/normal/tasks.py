"""Steps that nothing here can do by itself are handed to a person."""

from __future__ import annotations

from engine.diagrams import dialects
from engine.diagrams.normal.sheet import Node, Sheet, bpmn, definition, event, title, to_person
from engine.errors import ExpressionError
from engine.feel import compile_expression
from engine.findings import Phrase
from engine.xml import local


def services(sheet: Sheet) -> None:
    for process in sheet.processes:
        for task in process.iter(bpmn("serviceTask")):
            service = dialects.service_of(task, dialects.name_of(task))
            if service is None or not sheet.context.services(process.get("id"), service):
                to_person(task)
                sheet.report("service_handed_over", task, service=service or "–")


def rules(sheet: Sheet) -> None:
    for task in sheet.steps("businessRuleTask"):
        decision = dialects.decision_of(task)
        if decision is None or decision not in sheet.context.decisions:
            to_person(task)
            sheet.report("rule_handed_over", task, decision=decision or "–")


def scripts(sheet: Sheet) -> None:
    for task in sheet.steps("scriptTask"):
        problem = _script_problem(sheet, task)
        if problem is not None:
            to_person(task)
            sheet.report("script_handed_over", task, problem=problem)


def calls(sheet: Sheet) -> None:
    own = {process.get("id") for process in sheet.processes}
    for task in sheet.steps("callActivity"):
        called = dialects.called_of(task)
        if called is not None and dialects.is_computed(called):
            continue  # Which process it is shows when it is called.
        if called is None or called not in {*own, *sheet.context.processes}:
            to_person(task)
            sheet.report("call_handed_over", task, called=called or "–")


def events(sheet: Sheet) -> None:
    """What waits, but does not say for what: a person says when it has happened."""
    ways = sheet.ways()
    steps = sheet.by_id()
    for node in sheet.steps("intermediateCatchEvent"):
        sources = [steps.get(arrow.get("sourceRef")) for arrow in ways.reaching(node)]
        raced = any(source is not None and local(source.tag) == "eventBasedGateway" for source in sources)
        if event(node) is None and not raced:
            to_person(node)
            sheet.report("event_handed_over", node)


def event_gateways(sheet: Sheet) -> None:
    """An event gateway behind which nothing waits is a person's choice."""
    ways = sheet.ways()
    steps = sheet.by_id()
    for gateway in sheet.steps("eventBasedGateway"):
        targets = [steps.get(arrow.get("targetRef")) for arrow in ways.leaving(gateway)]
        if targets and not any(target is not None and _waits(target) for target in targets):
            gateway.tag = bpmn("exclusiveGateway")
            for name in ("instantiate", "eventGatewayType"):
                gateway.attrib.pop(name, None)
            sheet.report("gateway_without_events", gateway)


def faults(sheet: Sheet) -> None:
    """An error always interrupts."""
    for node in sheet.steps("boundaryEvent", "startEvent"):
        name = "cancelActivity" if local(node.tag) == "boundaryEvent" else "isInterrupting"
        if event(node) == "error" and str(node.get(name, "true")).strip() in ("false", "0"):
            node.set(name, "true")
            sheet.report("error_interrupts", node)


def links(sheet: Sheet) -> None:
    """The two ends of a link find each other by its name, by the names of its events, or by being alone."""
    for scope in sheet.scopes():
        found = [node for node in scope if event(node) == "link"]
        for node in found:
            kind = definition(node)
            assert kind is not None
            drawn = str(kind.get("name", ""))
            plain = " ".join(drawn.split()) or dialects.name_of(node)
            if plain != drawn:
                kind.set("name", plain)
                sheet.report("link_named", node, link=plain)
        lonely = _lonely(found)
        for node in lonely:
            if any(dialects.name_of(other) == dialects.name_of(node) for other in _opposite(node, lonely)):
                _name_link(sheet, node, dialects.name_of(node))
        lonely = _lonely(found)
        if len(lonely) == 2 and _opposite(lonely[0], lonely):
            throwing = next(node for node in lonely if local(node.tag) == "intermediateThrowEvent")
            for node in lonely:
                _name_link(sheet, node, title(throwing))


def _lonely(links: list[Node]) -> list[Node]:
    """The links whose other end is missing."""
    return [
        node for node in links if not any(_link(other) == _link(node) for other in _opposite(node, links))
    ]


def _opposite(node: Node, links: list[Node]) -> list[Node]:
    return [other for other in links if other.tag != node.tag]


def _link(node: Node) -> str:
    kind = definition(node)
    return str(kind.get("name", "")) if kind is not None else ""


def _name_link(sheet: Sheet, node: Node, name: str) -> None:
    kind = definition(node)
    if kind is not None and name and kind.get("name") != name:
        kind.set("name", name)
        sheet.report("link_named", node, link=name)


def _waits(node: Node) -> bool:
    if local(node.tag) == "receiveTask":
        return True
    return local(node.tag) == "intermediateCatchEvent" and event(node) is not None


def _script_problem(sheet: Sheet, task: Node) -> Phrase | None:
    """Why a script is no list of assignments of ours; None if it is one."""
    language = dialects.script_language(task)
    if language:
        return Phrase("it is written in {language}", language=language)
    lines = dialects.script_of(task)
    if not lines:
        return Phrase("it is empty")
    for name, text in lines:
        if not name.isidentifier():
            return Phrase("“{text}” is no assignment", text=text)
        try:
            expression = compile_expression(text)
        except ExpressionError as error:
            return Phrase("“{text}” cannot be read: {reason}", text=text, reason=error.problem)
        for function in sorted(expression.functions.difference(sheet.context.functions)):
            return Phrase("there is no function {function}", function=function)
    return None
