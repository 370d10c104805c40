"""Rules on what undoes: handlers and the events they hang on, events that throw, transactions given up."""

from __future__ import annotations

from collections.abc import Iterator

from engine.diagrams.elements import ACTIVITIES, SUB_PROCESSES, Element
from engine.diagrams.scene import Scene
from engine.findings import Finding


def handlers(scene: Scene) -> Iterator[Finding]:
    """Compensation events on a border, each with a dotted line to an activity that is made for it."""
    used: set[str | None] = set()
    for event in scene.elements.values():
        if event.kind != "boundaryEvent" or event.event != "compensate":
            continue
        used.add(event.undone_by)
        host = scene.elements.get(event.attached_to or "")
        handler = scene.elements.get(event.undone_by or "")
        if scene.ways_out.get(event.id):
            yield scene.about("compensation_arrow", event)
        elif handler is None:
            yield scene.about("handler_missing", event)
        elif not handler.undoing:
            yield scene.about("handler_unmarked", handler, event=scene.title(event.id))
        elif handler.scope != event.scope:
            yield scene.about("handler_elsewhere", handler, event=scene.title(event.id))
        if host is not None and not host.undoing and _ways_to_undo(scene, host)[0] is not event:
            yield scene.about("compensation_twice", event, host=scene.title(host.id))
    for element in scene.elements.values():
        if element.undoing:
            yield from _handler(scene, element, used)


def event_sub_processes(scene: Scene) -> Iterator[Finding]:
    """Those that undo the scope in which they lie."""
    for start in scene.elements.values():
        around = scene.elements.get(start.scope)
        if (
            start.kind != "startEvent"
            or start.event != "compensate"
            or around is None
            or not around.triggered
        ):
            continue
        host = scene.elements.get(around.scope)
        if host is not None and host.triggered:
            yield scene.about("compensation_sub_place", around, host=scene.title(host.id))
        elif _ways_to_undo(scene, host or scene.drawing.process)[0] is not around:
            yield scene.about("compensation_twice", around, host=scene.title(around.scope))


def throws(scene: Scene) -> Iterator[Finding]:
    """Events that throw compensation: there must be something that they can undo."""
    for event in scene.elements.values():
        if event.event != "compensate" or event.kind not in ("intermediateThrowEvent", "endEvent"):
            continue
        home = _home(scene, event.scope)
        if event.undoes is None or event.undoes == home:
            if not any(_can_be_undone(scene, item) for item in _inside(scene, home)):
                yield scene.about("compensation_idle", event)
            continue
        activity = scene.elements.get(event.undoes)
        if activity is None or activity.kind not in ACTIVITIES:
            yield scene.about("compensation_ref_unknown", event, activity=event.undoes)
        elif _home(scene, activity.scope) != home:
            yield scene.about("compensation_ref_elsewhere", event, activity=scene.title(activity.id))
        elif not _can_be_undone(scene, activity):
            yield scene.about("compensation_ref_idle", event, activity=scene.title(activity.id))


def cancelling(scene: Scene) -> Iterator[Finding]:
    """Cancel events and the transactions to which they belong."""
    ends: dict[str, Element] = {}
    for event in scene.elements.values():
        if event.event == "cancel" and event.kind == "endEvent":
            home = scene.elements.get(_home(scene, event.scope))
            if home is None or home.kind != "transaction":
                yield scene.about("cancel_place", event)
            else:
                ends.setdefault(home.id, event)
    for element in scene.elements.values():
        if element.kind == "transaction":
            yield from _transaction(scene, element, ends.get(element.id))
        elif element.event == "cancel" and element.kind == "boundaryEvent":
            host = scene.elements.get(element.attached_to or "")
            if host is not None and host.kind != "transaction":
                yield scene.about("cancel_boundary_place", element, host=scene.title(host.id))


def _handler(scene: Scene, element: Element, used: set[str | None]) -> Iterator[Finding]:
    """An activity that undoes another one stands by itself: nothing leads to it but the dotted line."""
    if element.triggered:
        yield scene.about("handler_triggered", element)
    elif scene.ways_in.get(element.id) or scene.ways_out.get(element.id):
        yield scene.about("handler_arrow", element)
    elif element.id not in used:
        yield scene.about("handler_alone", element)
    for event in scene.attached.get(element.id, ()):
        yield scene.about("handler_border", event, handler=scene.title(element.id))


def _transaction(scene: Scene, element: Element, cancelled: Element | None) -> Iterator[Finding]:
    method = str(scene.nodes[element.id].get("method", "")).strip().strip("#").lower()
    if method not in ("", "compensate"):
        yield scene.about("transaction_method", element, method=method)
    catching = [event for event in scene.attached.get(element.id, ()) if event.event == "cancel"]
    for event in catching:
        if event is not catching[0]:
            yield scene.about("cancel_boundary_twice", event, other=scene.title(catching[0].id))
        elif cancelled is None:
            yield scene.about("cancel_boundary_silent", event, host=scene.title(element.id))
        elif not event.interrupting:
            yield scene.about("cancel_not_interrupting", event)
    if cancelled is not None and not catching:
        yield scene.about("cancel_uncaught", cancelled, host=scene.title(element.id))
    if cancelled is not None and element.loop is not None:
        yield scene.about("transaction_loop", element)


def _home(scene: Scene, scope: str) -> str:
    """The scope whose work is done there: what an event sub-process does is work of the scope around it."""
    around = scene.elements.get(scope)
    while around is not None and around.triggered:
        scope = around.scope
        around = scene.elements.get(scope)
    return scope


def _inside(scene: Scene, home: str) -> Iterator[Element]:
    """What is done in a scope and in its event sub-processes."""
    for item in scene.members.get(home, ()):
        yield item
        if item.triggered:
            yield from _inside(scene, item.id)


def _ways_to_undo(scene: Scene, host: Element | str) -> list[Element]:
    """The events on its border, and the event sub-processes inside, that undo an activity."""
    scope = host if isinstance(host, str) else host.id
    on_border = [event for event in scene.attached.get(scope, ()) if event.event == "compensate"]
    inside = [item for item in scene.members.get(scope, ()) if item.triggered]
    starts = {
        start.scope
        for item in inside
        for start in scene.members.get(item.id, ())
        if start.kind == "startEvent" and start.event == "compensate"
    }
    return [*on_border, *(item for item in inside if item.id in starts)]


def _can_be_undone(scene: Scene, activity: Element) -> bool:
    """Has it a handler, or something inside that has one? What a call does inside is not known here."""
    if activity.kind not in ACTIVITIES or activity.undoing or activity.triggered:
        return False
    if activity.kind == "callActivity" or _ways_to_undo(scene, activity):
        return True
    inside = _inside(scene, activity.id) if activity.kind in SUB_PROCESSES else ()
    return any(_can_be_undone(scene, item) for item in inside)
