"""Rules on expressions and timers: each must be readable before the diagram runs."""

from __future__ import annotations

from collections.abc import Iterator

from engine.diagrams import dialects, times
from engine.diagrams.elements import Element, Flow
from engine.diagrams.scene import Scene, listed
from engine.errors import ExpressionError
from engine.feel import compile_expression
from engine.feel.tree import Call, Constant, Node
from engine.findings import Finding, Phrase

HINT = 'Write it in FEEL, for instance: score > 50 and tier = "gold"'


def conditions(scene: Scene) -> Iterator[Finding]:
    for flow in scene.drawing.flows.values():
        if flow.condition is not None:
            yield from _expression(scene, flow, Phrase("condition"), flow.condition)


def timers(scene: Scene) -> Iterator[Finding]:
    for element in scene.elements.values():
        if element.timer is None or times.kind_of(element.timer[1]) is not None:
            continue
        text = element.timer[1]
        broken = list(_expression(scene, element, Phrase("time"), text))
        yield from broken
        if element.kind == "startEvent" and element.scope == scene.drawing.process and not broken:
            for name in sorted(compile_expression(text).names):
                yield scene.about("start_timer_variable", element, variable=name)


def assignments(scene: Scene) -> Iterator[Finding]:
    """Due dates, priorities, assignees and correlation keys."""
    for element in scene.elements.values():
        if element.due:
            yield from _expression(scene, element, Phrase("due date"), element.due)
        if element.priority:
            yield from _expression(scene, element, Phrase("priority"), element.priority)
        if element.assignee and element.assignee.startswith(("=", "$", "#")):
            yield from _expression(scene, element, Phrase("assignee"), element.assignee)
        if element.correlation:
            yield from _expression(scene, element, Phrase("correlation key"), element.correlation)


def scripts(scene: Scene) -> Iterator[Finding]:
    for element in scene.elements.values():
        for name, text in element.script:
            yield from _expression(
                scene, element, Phrase("assignment to {name} in the script", name=name), text
            )


def awaited(scene: Scene) -> Iterator[Finding]:
    """The conditions that events wait for."""
    for element in scene.elements.values():
        if element.condition is not None:
            yield from _expression(scene, element, Phrase("condition"), element.condition)


def loops(scene: Scene) -> Iterator[Finding]:
    for element in scene.elements.values():
        loop = element.loop
        if loop is None:
            continue
        if element.triggered:
            yield scene.about("loop_place", element)
        elif loop.item and not loop.collection:
            yield scene.about("multi_instance_item", element, variable=loop.item)
        for name in (loop.item, loop.output):
            yield from _name(scene, element, name)
        for text in loop.expressions:
            yield from _expression(scene, element, Phrase("loop"), text)


def handed_over(scene: Scene) -> Iterator[Finding]:
    """Which process call activities call; what they hand over and take back; what other steps map."""
    for element in scene.elements.values():
        if element.called and dialects.is_computed(element.called):
            yield from _expression(scene, element, Phrase("called process"), element.called)
        if element.binding[0] == "version" and element.binding[1]:
            yield from _expression(scene, element, Phrase("version"), element.binding[1])
        passing = element.passing or element.mapping
        for name, text in (*passing.ins, *passing.outs) if passing else ():
            yield from _name(scene, element, name or "?")
            if text:
                yield from _expression(scene, element, Phrase("variable {name}", name=name), text)
            else:
                yield scene.about("payload_parameter", element, variable=name or "?")


def carried(scene: Scene) -> Iterator[Finding]:
    """What thrown messages and signals carry."""
    for element in scene.elements.values():
        if element.event not in (None, "message", "signal"):
            continue
        for name, text in element.carried:
            if name == "all" and not text:
                yield scene.about("payload_all", element)
            elif not text:
                yield scene.about("payload_parameter", element, variable=name or "?")
            else:
                yield from _name(scene, element, name or "?")
                yield from _expression(scene, element, Phrase("variable {name}", name=name), text)


def _name(scene: Scene, element: Element, name: str | None) -> Iterator[Finding]:
    if name and not name.isidentifier():
        yield scene.about("variable_name", element, variable=name)


def _expression(scene: Scene, item: Element | Flow, use: Phrase, text: str) -> Iterator[Finding]:
    try:
        expression = compile_expression(text)
    except ExpressionError as error:
        hint = error.hint or HINT
        yield scene.about("expression", item, use=use, text=text, problem=error.problem, hint=hint)
        return
    for function in sorted(expression.functions.difference(scene.context.functions)):
        yield scene.about("function_unknown", item, use=use, text=text, function=function)
    for name in _due_names(expression.tree):
        if name not in scene.context.parameters:
            known = listed(scene.context.parameters)
            yield scene.about("parameter_unknown", item, use=use, parameter=name, known=known)


def _due_names(tree: Node) -> Iterator[str]:
    """The names in due("name"); a name that is computed can only be checked when it runs."""
    pending = [tree]
    while pending:
        node = pending.pop()
        pending.extend(node.children())
        if isinstance(node, Call) and node.name == "due" and node.arguments:
            first = node.arguments[0]
            if isinstance(first, Constant) and isinstance(first.value, str):
                yield first.value
