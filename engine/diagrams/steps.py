"""Rules on tasks and call activities: roles, forms, services, decisions, called processes."""

from __future__ import annotations

from collections.abc import Iterator

from engine.diagrams import dialects
from engine.diagrams.elements import HUMAN, Element
from engine.diagrams.scene import Scene, listed
from engine.findings import Finding


def steps(scene: Scene) -> Iterator[Finding]:
    for element in scene.elements.values():
        if element.kind in HUMAN:
            yield from _lane(scene, element)
        if element.form and element.form not in scene.context.forms:
            known = listed(scene.context.forms)
            yield scene.about("form_unknown", element, form=element.form, known=known)
        if element.kind == "serviceTask":
            yield from _service(scene, element)
        elif element.kind == "businessRuleTask":
            yield from _decision(scene, element)
        elif element.kind == "callActivity":
            yield from _call(scene, element)


def call_circles(scene: Scene) -> Iterator[Finding]:
    """A call activity from which calls lead back to its own process."""
    own = scene.drawing.process
    for element in scene.elements.values():
        if element.called:
            path = _way_back(scene, element.called, own)
            if path:
                circle = " → ".join([own, *path])
                yield scene.about("call_circle", element, circle=circle)


def _way_back(scene: Scene, first: str, own: str) -> list[str]:
    """The processes called one after the other from `first` until `own` comes round again."""
    before: dict[str, str | None] = {first: None}
    pending = [first]
    while pending:
        process = pending.pop()
        if process == own:
            path = []
            step: str | None = process
            while step is not None:
                path.append(step)
                step = before[step]
            return path[::-1]
        for called in _calls(scene, process):
            if called not in before:
                before[called] = process
                pending.append(called)
    return []


def _calls(scene: Scene, process: str) -> list[str]:
    drawing = scene.siblings.get(process)
    if drawing is not None:
        return [element.called for element in drawing.elements.values() if element.called]
    return list(scene.context.calls.get(process, ()))


def _lane(scene: Scene, element: Element) -> Iterator[Finding]:
    known = listed(scene.context.role_names)
    if not element.lane:
        yield scene.about("lane_missing", element, known=known)
    elif scene.context.roles(element.lane) is None:
        yield scene.about("lane_unknown", element, lane=element.lane, known=known)


def _service(scene: Scene, element: Element) -> Iterator[Finding]:
    process = scene.drawing.process
    if not element.service:
        yield scene.about("service_missing", element)
    elif not scene.context.services(process, element.service):
        yield scene.about("service_unknown", element, service=element.service, process=process)


def _decision(scene: Scene, element: Element) -> Iterator[Finding]:
    if not element.decision:
        yield scene.about("decision_missing", element)
    elif element.decision not in scene.context.decisions:
        known = listed(scene.context.decisions)
        yield scene.about("decision_unknown", element, decision=element.decision, known=known)
    if element.result and not element.result.isidentifier():
        yield scene.about("result_name", element, result=element.result)


def _call(scene: Scene, element: Element) -> Iterator[Finding]:
    called = element.called
    rule, version = element.binding
    if rule == "versionTag" and not version:
        yield scene.about("call_version_tag", element)
    elif rule not in ("latest", "deployment", "version", "versionTag"):
        yield scene.about("call_binding", element, rule=rule)
    elif rule == "version" and not version:
        yield scene.about("call_version_missing", element)
    if not called:
        yield scene.about("call_missing", element)
    elif dialects.is_computed(called):
        return  # Which process it is shows when it is called.
    elif called in scene.siblings:
        starts = [
            start
            for start in scene.siblings[called].elements.values()
            if start.kind == "startEvent" and start.scope == called
        ]
        if starts and all(start.event == "message" for start in starts):
            yield scene.about("call_without_start", element, called=called)
    elif called not in scene.context.processes:
        known = listed({*scene.context.processes, *scene.siblings})
        yield scene.about("call_unknown", element, called=called, known=known)
