"""Rules on expressions and timers: each must be readable before the diagram runs."""

from __future__ import annotations

from collections.abc import Iterator

from engine.diagrams import dialects, times
from engine.diagrams.elements import Element, Flow, bpmn_children
from engine.diagrams.repeats import STANDARD
from engine.diagrams.scene import Scene, listed
from engine.errors import ExpressionError
from engine.feel import compile_expression
from engine.feel.tree import Call, Constant, Node
from engine.findings import Finding

HINT = 'Write it in FEEL, for instance: score > 50 and tier = "gold"'


def conditions(scene: Scene) -> Iterator[Finding]:
    for flow in scene.drawing.flows.values():
        if flow.condition is None:
            continue
        language = _condition_language(scene, flow)
        if language:
            yield scene.about("condition_language", flow, language=language)
        else:
            yield from _expression(scene, flow, "condition", flow.condition)


def timers(scene: Scene) -> Iterator[Finding]:
    for element in scene.elements.values():
        if element.event != "timer" or element.id in scene.refused:
            continue
        if element.timer is None:
            yield scene.about("timer_missing", element)
            continue
        kind, text = element.timer
        repeats = element.kind in ("boundaryEvent", "startEvent") and not element.interrupting
        if kind == "cycle" and not repeats:
            yield scene.about("timer_cycle_place", element)
        yield from _time(scene, element, kind, text)


def assignments(scene: Scene) -> Iterator[Finding]:
    """Due dates, priorities, assignees and correlation keys."""
    for element in scene.elements.values():
        if element.due and times.kind_of(element.due):
            yield scene.about("due_literal", element, text=element.due)
        elif element.due:
            yield from _expression(scene, element, "due date", element.due)
        if element.priority:
            yield from _expression(scene, element, "priority", element.priority)
        if element.assignee:
            yield from _expression(scene, element, "assignee", element.assignee)
        if element.correlation:
            yield from _expression(scene, element, "correlation key", element.correlation)


def scripts(scene: Scene) -> Iterator[Finding]:
    for element in scene.elements.values():
        if element.kind != "scriptTask":
            continue
        language = dialects.script_language(scene.nodes[element.id])
        if language:
            yield scene.about("script_language", element, language=language)
            continue
        if not element.script:
            yield scene.about("script_empty", element)
        for name, text in element.script:
            if not name.isidentifier():
                yield scene.about("script_line", element, text=f"{name} {text}".strip())
            else:
                yield from _expression(scene, element, f"assignment to {name} in the script", text)


def awaited(scene: Scene) -> Iterator[Finding]:
    """The conditions that events wait for."""
    for element in scene.elements.values():
        if element.event == "conditional" and element.condition is None:
            yield scene.about("condition_absent", element)
        elif element.condition is not None:
            yield from _expression(scene, element, "condition", element.condition)


def loops(scene: Scene) -> Iterator[Finding]:
    for element in scene.elements.values():
        loop = element.loop
        if loop is None:
            continue
        if element.triggered:
            yield scene.about("loop_place", element)
        elif loop.kind == STANDARD:
            if not loop.condition and not loop.maximum:
                yield scene.about("loop_marker", element)
        elif bool(loop.collection) == bool(loop.cardinality):
            yield scene.about("multi_instance", element)
        elif loop.item and not loop.collection:
            yield scene.about("multi_instance_item", element, variable=loop.item)
        for name in (loop.item, loop.output):
            yield from _name(scene, element, name)
        for text in loop.expressions:
            yield from _expression(scene, element, "loop", text)


def handed_over(scene: Scene) -> Iterator[Finding]:
    """What call activities hand over and take back."""
    for element in scene.elements.values():
        passing = element.passing
        for name, text in (*passing.ins, *passing.outs) if passing else ():
            yield from _name(scene, element, name or "?")
            yield from _expression(scene, element, "variable " + name, text)


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
                yield from _expression(scene, element, "variable " + name, text)


def _name(scene: Scene, element: Element, name: str | None) -> Iterator[Finding]:
    if name and not name.isidentifier():
        yield scene.about("variable_name", element, variable=name)


def _condition_language(scene: Scene, flow: Flow) -> str | None:
    """The language of a condition if it names one that is not ours."""
    for condition in bpmn_children(scene.nodes[flow.id], "conditionExpression"):
        language = str(condition.get("language", "")).strip()
        if language and not any(ours in language.lower() for ours in ("feel", "juel")):
            return language
    return None


def _time(scene: Scene, element: Element, kind: str, text: str) -> Iterator[Finding]:
    literal = text.strip('"') if text.startswith('"') else text
    looks_like = times.kind_of(literal)
    example = times.EXAMPLES[kind]
    if times.is_cron(literal):
        yield scene.about("timer_cron", element, text=text, example=times.cron_example(literal))
    elif looks_like is None and literal is not text:
        yield scene.about(
            "timer_unreadable", element, text=text, example=example, problem="it is a text, not a time"
        )
    elif looks_like is None:
        yield from _expression(scene, element, "time", text, example)
    elif looks_like != kind:
        yield scene.about("timer_kind", element, text=text, kind=kind, other=looks_like)
    elif problem := times.problem(kind, literal):
        yield scene.about("timer_unreadable", element, text=text, example=example, problem=problem)


def _expression(
    scene: Scene, item: Element | Flow, use: str, text: str, example: str | None = None
) -> Iterator[Finding]:
    try:
        expression = compile_expression(text)
    except ExpressionError as error:
        if example:
            yield scene.about("timer_unreadable", item, text=text, example=example, problem=error.problem)
        else:
            hint = error.hint or HINT
            yield scene.about("expression", item, use=use, text=text, problem=error.problem, hint=hint)
        return
    for function in sorted(expression.functions.difference(scene.context.functions)):
        yield scene.about("function_unknown", item, use=use, text=text, function=function)
    if isinstance(item, Flow) and expression.bare_word and expression.bare_word == item.name:
        yield scene.about("condition_label", item)
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
