"""Rules on errors and escalations: who can throw them, who catches them, and who waits for none."""

from __future__ import annotations

from collections.abc import Iterator

from engine.diagrams.elements import SUB_PROCESSES, Element
from engine.diagrams.scene import Scene
from engine.findings import Finding

_THROWING = {"error": ("serviceTask", "callActivity"), "escalation": ("callActivity",)}
"""Activities out of which it may come although the drawing does not show it."""


def fault_catches(scene: Scene) -> Iterator[Finding]:
    """Events that catch: on the right kind of activity, and with something to catch."""
    for element in scene.elements.values():
        if element.event not in _THROWING or element.kind not in ("boundaryEvent", "startEvent"):
            continue
        host = scene.elements.get(element.attached_to or "")
        if host is None:
            continue
        if host.kind not in SUB_PROCESSES and host.kind not in _THROWING[element.event]:
            yield scene.about(f"{element.event}_boundary_place", element, host=scene.title(host.id))
        elif host.kind in SUB_PROCESSES and not _may_come(scene, host, element):
            yield scene.about(f"{element.event}_boundary_silent", element, host=scene.title(host.id))


def fault_throws(scene: Scene) -> Iterator[Finding]:
    """What nothing in the drawing catches; a process that calls this one may still catch it."""
    for event in _thrown(scene):
        caught = any(_catches(one, event) for one in _around(scene, event))
        if not caught:
            yield scene.about(f"{event.event}_uncaught", event, thrown=event.code or "")


def _around(scene: Scene, event: Element) -> Iterator[Element]:
    """The events that could catch what is thrown there."""
    scope, inside = event.scope, event.id
    while True:
        for handler in scene.members.get(scope, ()):
            if handler.triggered and handler.id != inside:
                yield from (item for item in scene.members.get(handler.id, ()) if item.kind == "startEvent")
        yield from scene.attached.get(scope, ())
        around = scene.elements.get(scope)
        if around is None:
            return
        scope, inside = around.scope, around.id


def _thrown(scene: Scene) -> list[Element]:
    return [
        item
        for item in scene.elements.values()
        if item.kind in ("endEvent", "intermediateThrowEvent") and item.event in _THROWING
    ]


def _may_come(scene: Scene, host: Element, catching: Element) -> bool:
    thrown = (event for event in _thrown(scene) if _catches(catching, event))
    if any(host in scene.enclosing(event) for event in thrown):
        return True
    return any(
        item.kind in _THROWING[str(catching.event)] and host in scene.enclosing(item)
        for item in scene.elements.values()
    )


def _catches(catching: Element, event: Element) -> bool:
    return catching.event == event.event and catching.code in (None, event.code)
