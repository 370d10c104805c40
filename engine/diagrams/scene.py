"""One drawing with all that the rules ask of it, computed once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from engine.diagrams.elements import NODES, Drawing, Element, Flow
from engine.diagrams.sentences import found
from engine.findings import Finding
from engine.xml import BPMN


@dataclass(frozen=True)
class Context:
    """What a drawing may refer to outside its own file."""

    roles: Callable[[str], str | None]
    """Lane name -> role key."""
    services: Callable[[str, str], bool]
    """(process, service name) -> is there such a service?"""
    forms: Collection[str]
    decisions: Mapping[str, object]
    processes: Collection[str]
    """Keys of the processes that can be called, beside those of the file itself."""
    parameters: Collection[str]
    """Names that due("...") knows."""
    role_options: Sequence[tuple[str, str]] = ()
    """(key, label) of each role, for questions."""
    variables: Collection[str] = ()
    """Names that forms and the like give a value to."""
    functions: Collection[str] = frozenset({"due"})
    """Functions that expressions may call beside FEEL's own."""
    calls: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Process -> the processes it calls, for processes outside the file: finds circles of calls."""


@dataclass(frozen=True)
class Scene:
    """A drawing, its XML and its surroundings; what is asked most is indexed."""

    drawing: Drawing
    siblings: Mapping[str, Drawing]
    """All drawings of the file by process id."""
    nodes: Mapping[str, etree._Element]
    """Every identified BPMN element of the file."""
    context: Context
    ways_in: Mapping[str, list[Flow]]
    ways_out: Mapping[str, list[Flow]]
    members: Mapping[str, list[Element]]
    """Process or sub-process id -> what lies directly in it."""
    attached: Mapping[str, list[Element]]
    """Host id -> its boundary events."""
    refused: Mapping[str, list[str]]
    """Element id -> codes of constructs that cannot be run, reported once and not looked at further."""

    lossy: bool
    """Some arrow or step has no id and is missing here: what hangs on it must not be called unconnected."""

    @property
    def elements(self) -> Mapping[str, Element]:
        return self.drawing.elements

    def about(self, code: str, item: Element | Flow, **params: object) -> Finding:
        of = self.elements.get(getattr(item, "of", None) or "", item)
        return found(code, self.drawing.file, element=of.id, name=of.name, line=of.line, **params)

    def place(self, code: str, element: str, name: str, line: int | None) -> Finding:
        return found(code, self.drawing.file, element=element, name=name, line=line)

    def title(self, element_id: str) -> str:
        """The drawn name, else the id."""
        element = self.elements.get(element_id)
        return (element.name if element else "") or element_id

    def after(self, element_id: str) -> Iterator[Element]:
        """The elements of the same scope that arrows lead to from here."""
        here = self.elements[element_id]
        for flow in self.ways_out.get(element_id, ()):
            target = self.elements.get(flow.target)
            if target is not None and target.scope == here.scope:
                yield target

    def enclosing(self, element: Element) -> Iterator[Element]:
        """The sub-processes around an element, innermost first."""
        around = self.elements.get(element.scope)
        while around is not None:
            yield around
            around = self.elements.get(around.scope)


def set_scene(
    drawing: Drawing,
    siblings: Mapping[str, Drawing],
    nodes: Mapping[str, etree._Element],
    context: Context,
    refused: Mapping[str, list[str]],
) -> Scene:
    ways_in: dict[str, list[Flow]] = {}
    ways_out: dict[str, list[Flow]] = {}
    members: dict[str, list[Element]] = {drawing.process: []}
    attached: dict[str, list[Element]] = {}
    for flow in drawing.flows.values():
        ways_out.setdefault(flow.source, []).append(flow)
        ways_in.setdefault(flow.target, []).append(flow)
    for element in drawing.elements.values():
        members.setdefault(element.scope, []).append(element)
        if element.attached_to:
            attached.setdefault(element.attached_to, []).append(element)
    parts = nodes[drawing.process].iter(*(f"{{{BPMN}}}{tag}" for tag in ("sequenceFlow", *NODES)))
    lossy = any(not part.get("id") for part in parts)
    return Scene(drawing, siblings, nodes, context, ways_in, ways_out, members, attached, refused, lossy)


def listed(names: Collection[str], limit: int = 12) -> str:
    """`a, b, c` for a remedy; long lists are cut."""
    shown = sorted(names)[:limit]
    return ", ".join(shown) + (" ..." if len(names) > limit else "") if shown else "–"
