"""Rules on tasks and call activities: names of results, called processes."""

from __future__ import annotations

from collections.abc import Iterator

from engine.diagrams.elements import Element
from engine.diagrams.scene import Scene
from engine.findings import Finding


def steps(scene: Scene) -> Iterator[Finding]:
    for element in scene.elements.values():
        if element.result and not element.result.isidentifier():
            yield scene.about("result_name", element, result=element.result)
        if element.kind == "callActivity":
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


def _call(scene: Scene, element: Element) -> Iterator[Finding]:
    called = scene.siblings.get(element.called or "")
    if called is None:
        return
    starts = [
        start
        for start in called.elements.values()
        if start.kind == "startEvent" and start.scope == called.process
    ]
    if starts and all(start.event == "message" for start in starts):
        yield scene.about("call_without_start", element, called=called.process)
