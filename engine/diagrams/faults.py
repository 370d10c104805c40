"""Rules on error events: each error must be caught, by exactly the boundary event that is meant for it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.diagrams.elements import SUB_PROCESSES, Element
from engine.diagrams.scene import Scene
from engine.findings import Finding


def error_boundaries(scene: Scene) -> Iterator[Finding]:
    for element in scene.elements.values():
        host = scene.elements.get(element.attached_to or "")
        if element.event != "error" or host is None:
            continue
        if not element.interrupting:
            yield scene.about("error_not_interrupting", element)
        if host.kind not in SUB_PROCESSES:
            yield scene.about("error_boundary_place", element, host=scene.title(host.id))
        elif not any(host in scene.enclosing(end) and _catches(element, end) for end in _error_ends(scene)):
            yield scene.about("error_boundary_silent", element, host=scene.title(host.id))


def error_ends(scene: Scene) -> Iterator[Finding]:
    """Uncaught, an error lets the case go on as if nothing had happened.

    SpiffWorkflow gives an error to every boundary event of that code that waits in the scope where it is
    caught, not only to the one around it; so no other may be waiting there.
    """
    for end in _error_ends(scene):
        thrower, caught = end, False
        for around in (*scene.enclosing(end), None):
            scope = around.id if around else scene.drawing.process
            for other in scene.members[scope]:
                if other.event != "error" or not _catches(other, end):
                    continue
                host = other.attached_to or ""
                if host == thrower.id:
                    caught = True
                elif host and _may_overlap(scene, thrower.id, host):
                    yield scene.about("error_astray", end, other=scene.title(other.id))
            if caught or around is None:
                break
            thrower = around
        if not caught:
            yield scene.about("error_uncaught", end, error=end.code or "")


def _error_ends(scene: Scene) -> list[Element]:
    return [item for item in scene.elements.values() if item.kind == "endEvent" and item.event == "error"]


def _catches(boundary: Element, end: Element) -> bool:
    return boundary.kind == "boundaryEvent" and boundary.code in (None, end.code)


def _may_overlap(scene: Scene, one: str, other: str) -> bool:
    """Can two elements of one scope be running at the same time?"""
    for element in scene.members[scene.elements[one].scope]:
        ways: list[set[str]] = []
        if element.kind in ("parallelGateway", "inclusiveGateway"):
            ways = [_from(scene, target.id) for target in scene.after(element.id)]
        elif element.kind == "boundaryEvent" and not element.interrupting and element.attached_to:
            ways = [_from(scene, element.id), _from(scene, element.attached_to)]
        for way in ways:
            if one in way and any(other in beside for beside in ways if beside is not way):
                return True
    return False


def _from(scene: Scene, start: str) -> set[str]:
    """What can be reached from an element, itself included."""
    reached = {start}
    pending = [start]
    while pending:
        here = pending.pop()
        for after in (*scene.after(here), *scene.attached.get(here, ())):
            if after.id not in reached:
                reached.add(after.id)
                pending.append(after.id)
    return reached
