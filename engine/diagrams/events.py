"""Rules on events: what may start, wait, be thrown or interrupt, and what stands behind event gateways."""

from __future__ import annotations

from collections.abc import Iterator

from engine.diagrams.elements import ACTIVITIES, EVENTS, Element
from engine.diagrams.scene import Scene
from engine.findings import Finding, Phrase

_ALLOWED: dict[str, frozenset[str | None]] = {
    "startEvent": frozenset({None, "message", "signal", "timer"}),
    "endEvent": frozenset(
        {None, "message", "signal", "escalation", "error", "terminate", "compensate", "cancel"}
    ),
    "intermediateCatchEvent": frozenset({"message", "timer", "signal", "conditional", "link"}),
    "intermediateThrowEvent": frozenset({None, "message", "signal", "escalation", "link", "compensate"}),
    "boundaryEvent": frozenset(
        {"message", "timer", "signal", "error", "escalation", "conditional", "compensate", "cancel"}
    ),
}
"""Kinds of events that the engine runs as BPMN means them."""

BESIDE = frozenset({"message", "timer", "signal", "error", "escalation", "conditional", "compensate"})
"""Kinds of events that may start an event sub-process."""

KINDS: dict[str, Phrase] = {
    "startEvent": Phrase("start event"),
    "endEvent": Phrase("end event"),
    "intermediateCatchEvent": Phrase("intermediate event that waits"),
    "intermediateThrowEvent": Phrase("intermediate event that is thrown"),
    "boundaryEvent": Phrase("boundary event"),
}
"""What events are called in a sentence, by where they stand."""

EVENT_NAMES: dict[str | None, Phrase] = {
    "message": Phrase("message"),
    "timer": Phrase("timer"),
    "signal": Phrase("signal"),
    "error": Phrase("error"),
    "escalation": Phrase("escalation"),
    "conditional": Phrase("conditional"),
    "compensate": Phrase("compensation"),
    "cancel": Phrase("cancel"),
    "terminate": Phrase("terminate"),
    "link": Phrase("link"),
}
"""The same by what happens."""

_INSTANT = frozenset({"scriptTask", "serviceTask", "businessRuleTask", "sendTask"})


def events(scene: Scene) -> Iterator[Finding]:
    for element in scene.elements.values():
        if element.id in scene.refused and element.kind in EVENTS:
            continue
        if element.kind in _ALLOWED:
            yield from _kind(scene, element)
        if element.event == "message" or element.kind in ("sendTask", "receiveTask"):
            yield from _message(scene, element)
        if element.event == "link":
            yield from _link(scene, element)
        if element.kind == "boundaryEvent":
            yield from _boundary(scene, element)


def event_gateways(scene: Scene) -> Iterator[Finding]:
    for gateway in scene.elements.values():
        if gateway.kind != "eventBasedGateway":
            continue
        waiting = []
        for target in scene.after(gateway.id):
            if target.kind != "intermediateCatchEvent" and not _receives(scene, target):
                yield scene.about("gateway_waits_for_nothing", gateway, target=scene.title(target.id))
            elif len(scene.ways_in.get(target.id, ())) > 1:
                yield scene.about("gateway_event_shared", gateway, target=scene.title(target.id))
            waiting.append(target)
        messages = [target.message for target in waiting if target.message]
        for message in sorted({message for message in messages if messages.count(message) > 1}):
            yield scene.about("gateway_same_message", gateway, message=message)


def _kind(scene: Scene, element: Element) -> Iterator[Finding]:
    if element.event in _ALLOWED[element.kind]:
        return
    in_sub_process = element.scope != scene.drawing.process
    if element.kind == "startEvent" and in_sub_process:
        return  # Which start a sub-process may have is asked with the sub-process.
    if element.event is None:
        yield scene.about("event_kind_missing", element)
    elif element.kind != "startEvent":
        yield scene.about("event_impossible", element, kind=KINDS[element.kind], event=_name(element.event))
    else:
        yield scene.about("start_kind", element, event=_name(element.event))


def _name(event: str | None) -> str:
    return EVENT_NAMES.get(event) or event or ""


def _message(scene: Scene, element: Element) -> Iterator[Finding]:
    text = element.message or ""
    if text.startswith("=") or "${" in text or "#{" in text:
        yield scene.about("message_computed", element, text=text)


def _boundary(scene: Scene, element: Element) -> Iterator[Finding]:
    host = scene.elements.get(element.attached_to or "")
    if host is None or host.kind not in ACTIVITIES or host.scope != element.scope:
        yield scene.about("boundary_unattached", element)
    elif element.event not in ("error", "escalation", "compensate", "cancel") and host.kind in _INSTANT:
        yield scene.about("boundary_instant", element, host=scene.title(host.id))


def _receives(scene: Scene, target: Element) -> bool:
    """A receive task may stand behind an event gateway, where BPMN allows no boundary events on it."""
    return target.kind == "receiveTask" and target.loop is None and not scene.attached.get(target.id)


def _link(scene: Scene, element: Element) -> Iterator[Finding]:
    """Each link that is thrown is caught once in its scope, and each that catches is thrown."""
    same = [item for item in scene.members[element.scope] if item.event == "link"]
    same = [item for item in same if item.link == element.link]
    catching = [item for item in same if item.kind == "intermediateCatchEvent"]
    if not element.link:
        yield scene.about("link_missing", element)
    elif element in catching and catching[0] is not element:
        yield scene.about("link_twice", element, link=element.link, other=scene.title(catching[0].id))
    elif not catching or len(same) == len(catching):
        yield scene.about("link_alone", element, link=element.link)
