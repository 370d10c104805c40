"""Rules on error events: each error must be caught, and each catching event must have something to catch."""

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
    """Uncaught, an error would stop the case at the end event."""
    for end in _error_ends(scene):
        caught = any(
            boundary.event == "error" and _catches(boundary, end)
            for around in scene.enclosing(end)
            for boundary in scene.attached.get(around.id, ())
        )
        if not caught:
            yield scene.about("error_uncaught", end, error=end.code or "")


def _error_ends(scene: Scene) -> list[Element]:
    return [item for item in scene.elements.values() if item.kind == "endEvent" and item.event == "error"]


def _catches(boundary: Element, end: Element) -> bool:
    return boundary.code in (None, end.code)
