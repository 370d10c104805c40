"""What is said of a file that cannot be read, or is something else than BPMN."""

from __future__ import annotations

from collections.abc import Mapping

_AS_BPMN = "Open it in the editor it comes from and export the diagram as BPMN 2.0 XML."


def _is(what: str, remedy: str = _AS_BPMN) -> tuple[str, str]:
    return f"The file is {what}, not BPMN 2.0.", remedy


FILES: Mapping[str, tuple[str, str]] = {
    "process_twice": (
        "The process “{what}” is drawn in {other} too, and both cannot be its next version.",
        "Leave one of the files out, or give one of the processes another id.",
    ),
    "xml_unreadable": (
        "The file cannot be read: {reason}.",
        "Export the file again from the editor as plain XML.",
    ),
    "file_too_large": (
        "The file cannot be read: it is larger than {limit} MB.",
        "Put parts of the drawing into files of their own.",
    ),
    "file_too_many": (
        "The file has {count} steps and arrows; at most {limit} can be checked.",
        "Put parts of the drawing into files of their own.",
    ),
    "file_empty": (
        "The file cannot be read: it is empty.",
        "Save the diagram again.",
    ),
    "file_zip": _is("a ZIP archive", "Unpack it and use the .bpmn files inside, or export BPMN 2.0 XML."),
    "file_gzip": _is("a packed archive", "Unpack it first."),
    "file_pdf": _is("a PDF document"),
    "file_picture": _is("a picture"),
    "file_office": _is("a document of Microsoft Office or Visio"),
    "file_json": _is("JSON"),
    "file_html": _is("a web page", "Save the diagram itself, not the page that shows it."),
    "file_text": _is("plain text"),
    "file_dmn": _is("a decision table (DMN)", "Put it beside the diagram whose business rule task uses it."),
    "file_cmmn": _is("a case plan (CMMN)", "Draw it as a process in BPMN 2.0."),
    "file_xpdl": _is("XPDL"),
    "file_visio": _is("a Visio drawing"),
    "file_drawio": _is("a diagrams.net drawing", "Draw it again with a BPMN editor such as bpmn.io."),
    "file_xmi": _is("an XMI model"),
    "file_graphml": _is("GraphML"),
    "file_pnml": _is("a Petri net (PNML)"),
    "file_aml": _is("an ARIS export (AML)"),
    "file_epml": _is("an event-driven process chain (EPML)", "Draw it as a process in BPMN 2.0."),
    "file_bpel": _is("BPEL", "Draw it as a process in BPMN 2.0."),
    "file_jpdl": _is("a process of an old jBPM (jPDL)", "Draw it as a process in BPMN 2.0."),
    "file_bpmn_old": (
        "The file is an older BPMN ({space}), not BPMN 2.0.",
        "Open it in a current version of its editor and export it as BPMN 2.0 XML.",
    ),
    "file_without_namespace": (
        "The file looks like BPMN, but does not say so: <definitions> has no namespace.",
        "Export the diagram again as BPMN 2.0 XML.",
    ),
    "not_bpmn": (
        "The file is XML, but not BPMN 2.0: it starts with <{tag}>.",
        "Export the diagram as BPMN 2.0 XML.",
    ),
    "encoding_guessed": (
        "The file calls itself {declared}, which it is not; it was read as windows-1252.",
        "Check its letters with accents, or save it again as UTF-8.",
    ),
    "namespace_blank": (
        "A namespace of the file has a blank in its name, which XML does not allow; it was read without.",
        "Nothing to do; a diagram’s name without blanks avoids it.",
    ),
    "encoding_declared": (
        "The file calls itself {declared}, which it is not; it was read as UTF-8.",
        "Nothing to do; saving the diagram again puts it right.",
    ),
}
