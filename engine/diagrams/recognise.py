"""From the bytes of a file to its root element, or to the name of what the file is instead of BPMN."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from engine.diagrams.sentences import found
from engine.errors import Invalid
from engine.findings import Finding
from engine.xml import BPMN, MAX_BYTES, local, namespace, parse

MAX_PARTS = 20_000
"""Steps and arrows of one file; what is larger takes longer to check than anybody waits."""

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_DECLARATION = re.compile(rb"""^(<\?xml[^>]*?\sencoding\s*=\s*)(["'])([A-Za-z0-9._:-]+)\2""")
_BLANK_SPACE = re.compile(rb"""(?<=\sxmlns:)[\w.-]+=(["'])[^"'<>]*? [^"'<>]*?\1""")
_SIGNS: Mapping[bytes, str] = {
    b"PK\x03\x04": "zip",
    b"%PDF": "pdf",
    b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture",
    b"GIF8": "picture",
    b"\xd0\xcf\x11\xe0": "office",
    b"\x1f\x8b": "gzip",
}
_ROOTS: Mapping[str, str] = {
    "html": "html",
    "package": "xpdl",
    "visiodocument": "visio",
    "mxfile": "drawio",
    "mxgraphmodel": "drawio",
    "xmi": "xmi",
    "graphml": "graphml",
    "svg": "picture",
    "pnml": "pnml",
    "aml": "aml",
    "epml": "epml",
    "mainprocess": "xmi",
}
_SPACES: tuple[tuple[str, str], ...] = (
    ("/DMN/", "dmn"),
    ("/CMMN/", "cmmn"),
    ("XPDL", "xpdl"),
    ("schema.omg.org/spec/BPMN", "bpmn_old"),
    ("omg.org/bpmn", "bpmn_old"),
    ("omg.org/spec/BPMN", "bpmn_old"),
    ("bpmn", "bpmn_old"),
    ("wsbpel", "bpel"),
    ("business-process", "bpel"),
    ("jbpm", "jpdl"),
)


@dataclass(frozen=True)
class Recognised:
    """A BPMN file as it was read, and what had to be guessed for it."""

    root: etree._Element
    findings: tuple[Finding, ...] = ()


def recognise(data: bytes, file: str) -> Recognised | Finding:
    """The root of a BPMN 2.0 file, or the finding that says why it is none."""
    if len(data) > MAX_BYTES:
        return found("file_too_large", file, limit=MAX_BYTES // 2**20)
    if not data.strip(b" \t\r\n\0"):
        return found("file_empty", file)
    for sign, kind in _SIGNS.items():
        if data.startswith(sign):
            return found(f"file_{kind}", file)
    text, findings = _readable(data, file)
    other = _kind_of_text(text)
    if other:
        return found(f"file_{other}", file)
    blanks = _BLANK_SPACE.sub(lambda match: match[0].replace(b" ", b"%20"), text)
    if blanks != text:
        # XML refuses a blank in the name of a namespace, which some editors take from a diagram's name.
        text = blanks
        findings.append(found("namespace_blank", file, line=1))
    try:
        root = parse(text, file)
    except Invalid as error:
        line = (error.where or "").rpartition(":")[2]
        number = int(line) if line.isdigit() else None
        return found("xml_unreadable", file, line=number, reason=error.params["reason"])
    return _bpmn(root, file) or Recognised(root, tuple(findings))


def _bpmn(root: etree._Element, file: str) -> Finding | None:
    """Why a well-formed document is no BPMN 2.0."""
    tag, space = local(root.tag), namespace(root.tag)
    if space == BPMN and tag == "definitions":
        parts = sum(1 for node in root.iter(f"{{{BPMN}}}*") if node.get("id") or node.get("sourceRef"))
        return found("file_too_many", file, count=parts, limit=MAX_PARTS) if parts > MAX_PARTS else None
    for part, kind in _SPACES:
        if part.lower() in space.lower():
            return found(f"file_{kind}", file, line=root.sourceline, space=space)
    if tag.lower() in _ROOTS:
        return found(f"file_{_ROOTS[tag.lower()]}", file, line=root.sourceline)
    if tag == "definitions" and not space:
        return found("file_without_namespace", file, line=root.sourceline)
    return found("not_bpmn", file, line=root.sourceline, tag=tag)


def _readable(data: bytes, file: str) -> tuple[bytes, list[Finding]]:
    """The bytes in an encoding that the parser takes: the declared one, unless it cannot be right."""
    if any(data.startswith(mark) for mark, name in _BOMS if name != "utf-8"):
        return data, []
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    declared = _DECLARATION.match(data)
    named = declared[3].decode("ascii").lower() if declared else "utf-8"
    if named.startswith(("utf-16", "utf16", "utf-32", "ucs")) and data.startswith(b"<?xml"):
        # It says two bytes a character, but is written with one.
        return _redeclared(data), [found("encoding_declared", file, line=1, declared=named)]
    if not named.startswith(("utf-8", "utf8")):
        try:
            data.decode(named)
            return data, []
        except LookupError:
            pass
        except UnicodeDecodeError:
            return data, []
    try:
        data.decode("utf-8")
        return data if named in ("utf-8", "utf8") else _redeclared(data), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        try:
            text = data.decode("windows-1252")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        return _redeclared(text.encode()), [found("encoding_guessed", file, line=line, declared=named)]


def _redeclared(data: bytes) -> bytes:
    """The same document, declared as UTF-8."""
    return _DECLARATION.sub(rb"\1\2utf-8\2", data, count=1)


def _kind_of_text(data: bytes) -> str | None:
    """What a text is that does not begin like XML."""
    head = data[:400].lstrip().lower()
    if head.startswith((b"{", b"[")):
        return "json"
    if head.startswith((b"<!doctype html", b"<html")):
        return "html"
    if not head.startswith(b"<") and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    return None
