"""Holds a drawing against BPMN's own schema and says in plain words where it differs; never a gate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import as_file, files
from itertools import islice
from threading import Lock
from typing import NamedTuple

from lxml import etree

from engine.diagrams import dialects
from engine.diagrams.sentences import found
from engine.findings import Finding, Phrase
from engine.xml import BPMN, BPMNDI, DC, DI, local, namespace

MOST = 20
"""Findings in one file; whoever corrects these checks again."""

MOST_ERRORS = 1_000
"""Of the schema itself that are looked at in one file."""

LONGEST = 300
"""Characters of the schema's own words that are shown."""

_OURS = frozenset({BPMN, BPMNDI, DC, DI})
_SCOPES = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})
_ANYWHERE = frozenset(
    [
        *("documentation", "extensionElements", "incoming", "outgoing", "laneSet", "property"),
        *("ioSpecification", "dataInput", "dataOutput", "inputSet", "outputSet"),
        *("dataInputAssociation", "dataOutputAssociation"),
    ]
)
"""Children that the schema wants in an order of its own, which means nothing to anybody."""

_SPACE = re.compile(r"\{[^{}]*\}")
_MISSING = re.compile(r"The attribute '([^']*)' is required but missing")
_FOREIGN = re.compile(r"The attribute '([^']*)' is not allowed")
_VALUE = re.compile(r"attribute '([^']*)': ")
_ID = re.compile(r"attribute 'id': '(.*)' is not a valid value of the atomic type 'xs:ID'", re.DOTALL)
_UNNEEDED = frozenset({"targetNamespace"})
"""Attributes that the schema asks for and nobody reads."""

_checking = Lock()
"""A schema keeps the errors of its last file itself."""


class _Error(NamedTuple):
    kind: str
    text: str
    path: str
    line: int


def against_schema(root: etree._Element, file: str, said: Sequence[Finding] = ()) -> list[Finding]:
    """What is not as BPMN's schema has it, at most `MOST` things; silent about elements named in `said`."""
    named = {finding.element for finding in said if finding.element}
    return list(islice(_found(root, file, named), MOST))


def _found(root: etree._Element, file: str, named: set[str]) -> Iterator[Finding]:
    for error in _errors(root):
        node = _node(root, error.path)
        if node is None or _is_quiet(node, error):
            continue
        owner = _owner(node)
        element = dialects.ref(owner.get("bpmnElement")) or owner.get("id") if owner is not None else None
        if element in named:
            continue
        name = dialects.name_of(owner) if owner is not None else ""
        text = error.text if len(error.text) <= LONGEST else f"{error.text[: LONGEST - 1]}…"
        place = {"element": element, "name": name, "line": error.line}
        yield found(
            "schema",
            file,
            **place,  # type: ignore[arg-type]
            tag=local(node.tag),
            problem=_problem(error),
            text=text,
        )


def _errors(root: etree._Element) -> list[_Error]:
    with _checking:
        schema = _schema()
        if schema.validate(root):
            return []
        return [
            _Error(one.type_name, _SPACE.sub("", one.message), one.path or "", one.line)
            for one in islice(schema.error_log, MOST_ERRORS)
        ]


@cache
def _schema() -> etree.XMLSchema:
    """BPMN's schema as SpiffWorkflow ships it."""
    with as_file(files("SpiffWorkflow.bpmn.parser") / "schema") as folder:
        return etree.XMLSchema(etree.parse(str(folder / "BPMN20.xsd")))


def _node(root: etree._Element, path: str) -> etree._Element | None:
    """The element that an error is about: paths use the prefixes of the file."""
    spaces = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        hits = root.getroottree().xpath(path, namespaces=spaces) if path else []
    except etree.XPathError:
        return None
    return hits[0] if isinstance(hits, list) and hits and etree.iselement(hits[0]) else None


def _owner(node: etree._Element) -> etree._Element | None:
    """The nearest element around it that has an id, or that draws one."""
    around: etree._Element | None = node
    while around is not None and not around.get("bpmnElement") and not (around.get("id") and _drawn(around)):
        around = around.getparent()
    return around


def _drawn(node: etree._Element) -> bool:
    """Is it a thing of its own, and not the inside of an event or a step?"""
    outer = node.getparent()
    tag = local(node.tag)
    return outer is None or local(outer.tag) in _SCOPES | {"definitions", "collaboration"} or tag == "lane"


def _is_quiet(node: etree._Element, error: _Error) -> bool:
    """Extensions of the editors, and what means nothing to whoever draws."""
    if namespace(node.tag) not in _OURS:
        return True
    missing = _MISSING.search(error.text)
    if missing is not None:
        return missing[1] in _UNNEEDED
    if error.kind == "SCHEMAV_ELEMENT_CONTENT" and "is not expected" in error.text:
        outer = node.getparent()
        return local(node.tag) in _ANYWHERE or (outer is not None and local(outer.tag) in _SCOPES)
    return False


def _problem(error: _Error) -> Phrase:
    if missing := _MISSING.search(error.text):
        return Phrase("its attribute “{attribute}” is missing", attribute=missing[1])
    if foreign := _FOREIGN.search(error.text):
        return Phrase("BPMN knows no attribute “{attribute}” there", attribute=foreign[1])
    if wrong := _ID.search(error.text):
        return Phrase("its id “{id}” is used twice, or has signs that no id may have", id=wrong[1])
    if value := _VALUE.search(error.text):
        return Phrase("the value of its attribute “{attribute}” is of another kind", attribute=value[1])
    if "Missing child element" in error.text:
        return Phrase("something that belongs into it is missing")
    if "is not expected" in error.text:
        return Phrase("it has no place there")
    return Phrase("its content is of another kind")
