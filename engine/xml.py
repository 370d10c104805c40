"""Reads XML from strangers without trusting it: no entities, no DOCTYPE, no network, no surprises."""

from __future__ import annotations

from lxml import etree

from engine.errors import Invalid

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
PERCORSO = "urn:percorso:bpmn"
"""Our own marks in a drawing that was made explicit (engine.diagrams.normal)."""

MAX_BYTES = 10 * 1024 * 1024


def parse(data: bytes, file: str) -> etree._Element:
    """The root element of an XML document; raises Invalid naming the file, the line and the remedy.

    lxml itself refuses entity bombs and a nesting deeper than 256 elements; a DOCTYPE is refused
    here, since neither BPMN nor DMN needs one.
    """
    if not data.strip():
        raise _refused(file, "the file is empty")
    if len(data) > MAX_BYTES:
        raise _refused(file, "the file is larger than 10 MB")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise _refused(f"{file}:{line}", f"it is not well-formed XML ({error.msg})") from None
    except ValueError as error:
        raise _refused(file, f"it cannot be read as XML ({error})") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refused(file, "it has a DOCTYPE, which could hide foreign content")
    return root


def local(tag: object) -> str:
    """`{http://…}userTask` -> `userTask`; comments and instructions give an empty text."""
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def namespace(tag: object) -> str:
    """`{http://…}userTask` -> `http://…`."""
    return tag[1:].split("}", 1)[0] if isinstance(tag, str) and tag.startswith("{") else ""


def _refused(where: str, reason: str) -> Invalid:
    return Invalid(
        "xml_unreadable",
        "{place} cannot be read: {reason}.",
        where=where,
        remedy="Export the file again from the editor as plain XML.",
        place=where,
        reason=reason,
    )
