"""The copy of a drawing that the steps of normalising work on, and what they report about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.elements import EVENTS, NODES, SUB_PROCESSES, to_run
from engine.diagrams.normal.answers import problem_of
from engine.diagrams.scene import Context
from engine.diagrams.sentences import found
from engine.findings import Answers, Ask, AskKind, Finding
from engine.xml import BPMN, PERCORSO, local, namespace

Node: TypeAlias = etree._Element

OF = f"{{{PERCORSO}}}of"
"""On what was added: the id of the drawn element that it belongs to."""
ROLE = f"{{{PERCORSO}}}role"
"""On a step for a person: the role, where the lane does not say it."""
CHOICE = f"{{{PERCORSO}}}choice"
"""On a gateway at which a person chooses: the field of the choice."""


def bpmn(tag: str) -> str:
    return f"{{{BPMN}}}{tag}"


class Sheet:
    """A copy of a file's XML; its processes to run, and the findings so far."""

    def __init__(self, root: Node, file: str, context: Context, answers: Answers) -> None:
        self.root = root
        self.file = file
        self.context = context
        self.answers = answers
        self.findings: list[Finding] = []
        self.taken: dict[str, dict[str, str]] = {}
        """The answers that were asked for and fit."""
        self.forms: dict[str, Mapping[str, Any]] = {}
        """Forms that the drawing itself describes, by the id of their task."""
        self._counts: dict[str, int] = {}
        self._ids = {node.get("id") for node in root.iter() if node.get("id")}

    # -- looking ---------------------------------------------------------------------------------

    @property
    def processes(self) -> list[Node]:
        return to_run(self.root)

    def steps(self, *kinds: str) -> list[Node]:
        """Steps, events, gateways and sub-processes of all processes, or those of the given kinds."""
        wanted = [bpmn(kind) for kind in kinds or sorted(NODES)]
        return [node for process in self.processes for node in process.iter(*wanted)]

    def arrows(self) -> list[Node]:
        return [arrow for process in self.processes for arrow in process.iter(bpmn("sequenceFlow"))]

    def scopes(self) -> list[Node]:
        """The processes, and the sub-processes in them."""
        return [
            scope
            for process in self.processes
            for scope in (process, *process.iter(*(bpmn(kind) for kind in sorted(SUB_PROCESSES))))
        ]

    def by_id(self) -> dict[str, Node]:
        """The steps by id; the first one where an id is used twice."""
        nodes: dict[str, Node] = {}
        for node in self.steps():
            if node.get("id"):
                nodes.setdefault(node.get("id"), node)
        return nodes

    def ways(self) -> Ways:
        return Ways(self.arrows())

    # -- saying ----------------------------------------------------------------------------------

    def report(self, code: str, node: Node | None, **params: object) -> None:
        """What was done, or what is wrong, at a drawn element."""
        self.findings.append(self._found(code, node, **params))

    def ask(
        self,
        code: str,
        node: Node,
        field: str,
        kind: AskKind,
        options: tuple[tuple[str, str], ...] = (),
        suggestion: str | None = None,
        **params: object,
    ) -> str | None:
        """The answer to a question about an element; None where it is open, which is then reported."""
        element = self._origin(node)
        ask = Ask(field, kind, options, suggestion)
        given = self.answers.get(element, {}).get(field)
        if given is None:
            self.findings.append(replace(self._found(code, node, **params), ask=ask))
            return None
        given = given.strip()
        problem = problem_of(ask, given)
        if problem:
            wrong = self._found("answer_wrong", node, answer=given, field=field, problem=problem)
            self.findings.append(replace(wrong, ask=ask))
            return None
        self.taken.setdefault(element, {})[field] = given
        shown = next((label for value, label in options if value == given), given)
        answered = self._found("answered", node, answer=shown, field=field)
        self.findings.append(replace(answered, ask=replace(ask, suggestion=given)))
        return given

    def _found(self, code: str, node: Node | None, **params: object) -> Finding:
        if node is None:
            return found(code, self.file, element=None, name=None, line=None, **params)
        name = dialects.name_of(node)
        return found(code, self.file, element=self._origin(node), name=name, line=node.sourceline, **params)

    @staticmethod
    def _origin(node: Node) -> str:
        return str(node.get(OF) or node.get("id") or "")

    # -- changing --------------------------------------------------------------------------------

    def fresh(self, wanted: str) -> str:
        """An id of that form which nothing has."""
        id = wanted
        while id in self._ids:
            self._counts[wanted] = self._counts.get(wanted, 1) + 1
            id = f"{wanted}_{self._counts[wanted]}"
        self._ids.add(id)
        return id

    def add(self, scope: Node, tag: str, id: str, of: Node, name: str = "") -> Node:
        """A new element in a scope, which belongs to a drawn one."""
        node = etree.SubElement(scope, bpmn(tag))
        node.set("id", self.fresh(id))
        node.set(OF, self._origin(of))
        if name:
            node.set("name", name)
        node.sourceline = of.sourceline or 0
        return node

    def connect(self, source: Node, target: Node, of: Node) -> Node:
        """A new arrow, in the scope of its source."""
        arrow = self.add(source.getparent(), "sequenceFlow", f"{source.get('id')}_{target.get('id')}", of)
        arrow.set("sourceRef", source.get("id"))
        arrow.set("targetRef", target.get("id"))
        return arrow


class Ways:
    """The arrows by the id of what they leave and of what they reach."""

    def __init__(self, arrows: list[Node]) -> None:
        self.out: dict[str, list[Node]] = {}
        self.into: dict[str, list[Node]] = {}
        for arrow in arrows:
            self.out.setdefault(dialects.ref(arrow.get("sourceRef")) or "", []).append(arrow)
            self.into.setdefault(dialects.ref(arrow.get("targetRef")) or "", []).append(arrow)

    def leaving(self, node: Node) -> list[Node]:
        return self.out.get(node.get("id") or "", [])

    def reaching(self, node: Node) -> list[Node]:
        return self.into.get(node.get("id") or "", [])


def title(node: Node) -> str:
    """The drawn name, else the id."""
    return dialects.name_of(node) or str(node.get("id") or "")


def event(node: Node) -> str | None:
    """The kind of an event, None for a plain one and for what is no event."""
    return dialects.event_of(node)[0] if local(node.tag) in EVENTS else None


def definition(node: Node) -> Node | None:
    return dialects.event_of(node)[1]


def child(node: Node, *tags: str) -> Node | None:
    return next((one for one in node if namespace(one.tag) == BPMN and local(one.tag) in tags), None)


def remove(node: Node) -> None:
    """Take an element out of the drawing, without the text behind it."""
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def to_person(node: Node) -> None:
    """Make any activity a user task; what only made sense for what it was is taken out."""
    node.tag = bpmn("userTask")
    for name in ("calledElement", "implementation", "operationRef", "scriptFormat", "messageRef"):
        node.attrib.pop(name, None)
    for one in list(node):
        if namespace(one.tag) == BPMN and local(one.tag) in ("script", "ioSpecification"):
            node.remove(one)
    for one in list(dialects.extensions(node)):
        if local(one.tag) in ("ioMapping", "inputOutput", "in", "out"):
            remove(one)


def around(node: Node) -> Iterator[Node]:
    """The elements that an element lies in, innermost first."""
    yield from node.iterancestors()
