"""A file is read whatever its encoding; what is no BPMN 2.0 is called by its name."""

from __future__ import annotations

import io
import zipfile

import pytest

from engine.diagrams import Recognised, recognise
from engine.diagrams.sentences_files import FILES
from engine.findings import Finding
from engine.xml import BPMN
from tests.diagrams.conftest import bpmn
from tests.diagrams.snippets import step

NAME = "Prüfung für Łódź"
LATIN = "Prüfung für Ähnliches"


def drawing(encoding: str, name: str = LATIN, declared: str | None = None) -> bytes:
    head = f'<?xml version="1.0" encoding="{declared or encoding}"?>\n'
    return (head + bpmn(step(f'<task id="a" name="{name}"/>')).decode()).encode(encoding)


def name_in(made: Recognised | Finding) -> str:
    assert isinstance(made, Recognised), made.message
    return str(next(made.root.iter(f"{{{BPMN}}}task")).get("name"))


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_a_declared_encoding_is_read(encoding: str) -> None:
    made = recognise(drawing(encoding), "x.bpmn")

    assert name_in(made) == LATIN
    assert isinstance(made, Recognised)
    assert made.findings == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_enough(encoding: str) -> None:
    text = bpmn(step(f'<task id="a" name="{NAME}"/>')).decode().encode(encoding)

    assert name_in(recognise(text, "x.bpmn")) == NAME


def test_no_declaration_means_utf_8() -> None:
    assert name_in(recognise(b"\n " + bpmn(step(f'<task id="a" name="{NAME}"/>')), "x.bpmn")) == NAME


def test_wrongly_declared_letters_are_read_as_windows_1252_and_said_to_be() -> None:
    made = recognise(drawing("windows-1252", LATIN + " – 5 €", "UTF-8"), "x.bpmn")

    assert name_in(made) == LATIN + " – 5 €"
    assert isinstance(made, Recognised)
    assert [(one.severity, one.code, one.line) for one in made.findings] == [
        ("warning", "encoding_guessed", 2)
    ]
    assert made.findings[0].message == (
        "The file calls itself utf-8, which it is not; it was read as windows-1252."
    )


def test_two_bytes_a_character_are_only_claimed() -> None:
    made = recognise(drawing("utf-8", LATIN, "utf-16"), "x.bpmn")

    assert name_in(made) == LATIN
    assert isinstance(made, Recognised)
    assert [one.code for one in made.findings] == ["encoding_declared"]


def test_a_blank_in_the_name_of_a_namespace_is_no_hindrance() -> None:
    text = bpmn(step('<task id="a" name="x"/>')).replace(
        b"<definitions ", b'<definitions xmlns:p="http://A B/C D" '
    )
    made = recognise(text, "x.bpmn")

    assert name_in(made) == "x"
    assert isinstance(made, Recognised)
    assert [one.code for one in made.findings] == ["namespace_blank"]


def packed() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("x.bpmn", "<x/>")
    return held.getvalue()


OTHERS: dict[str, bytes] = {
    "file_empty": b" \n\0",
    "file_zip": packed(),
    "file_gzip": b"\x1f\x8b\x08\0",
    "file_pdf": b"%PDF-1.7",
    "file_picture": b"\x89PNG\r\n",
    "file_office": b"\xd0\xcf\x11\xe0\xa1\xb1",
    "file_json": b'{"components": []}',
    "file_html": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "file_text": b"Dear all,",
    "file_dmn": b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
    "file_cmmn": b'<definitions xmlns="http://www.omg.org/spec/CMMN/20151109/MODEL"/>',
    "file_xpdl": b'<Package xmlns="http://www.wfmc.org/2008/XPDL2.1"/>',
    "file_visio": b'<VisioDocument xmlns="http://schemas.microsoft.com/office/visio/2012/main"/>',
    "file_drawio": b'<mxfile host="app.diagrams.net"/>',
    "file_xmi": b'<xmi:XMI xmlns:xmi="http://www.omg.org/XMI"/>',
    "file_graphml": b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns"/>',
    "file_pnml": b'<pnml xmlns="http://www.pnml.org/version-2009/grammar/pnml"/>',
    "file_aml": b"<AML/>",
    "file_epml": b'<epml xmlns="http://www.epml.de"/>',
    "file_bpel": b'<process xmlns="http://docs.oasis-open.org/wsbpel/2.0/process/executable"/>',
    "file_jpdl": b'<process xmlns="http://jbpm.org/4.4/jpdl"/>',
    "file_bpmn_old": b'<definitions xmlns="http://schema.omg.org/spec/BPMN/2.0"/>',
    "file_without_namespace": b"<definitions><process/></definitions>",
    "not_bpmn": b"<order/>",
    "xml_unreadable": b"<definitions",
}


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_no_bpmn_is_refused_by_its_name(code: str) -> None:
    found = recognise(OTHERS[code], "x.bpmn")

    assert isinstance(found, Finding)
    assert (found.code, found.severity, found.file) == (code, "error", "x.bpmn")
    assert found.message
    assert found.remedy


def test_every_sentence_is_tried() -> None:
    elsewhere = {
        "file_too_large",
        "file_too_many",
        "encoding_guessed",
        "encoding_declared",
        "namespace_blank",
        "process_twice",
    }

    assert {*OTHERS, *elsewhere} == set(FILES)


def test_what_is_too_large_is_not_even_read() -> None:
    large = recognise(b"<" * (10 * 2**20 + 1), "x.bpmn")
    many = recognise(bpmn('<task id="a"/>' * 20_001), "x.bpmn")

    assert isinstance(large, Finding)
    assert isinstance(many, Finding)
    assert (large.code, many.code) == ("file_too_large", "file_too_many")


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><definitions>&e;</definitions>',
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>',
        "<a>" * 300 + "</a>" * 300,
        "<a><b></a>",
        '<p:a xmlns:q="x"/>',
        "<a>\x01</a>",
        '<?xml version="1.0" encoding="klingon"?><a>',
    ],
)
def test_hostile_and_broken_files_end_in_words(text: str) -> None:
    found = recognise(text.encode(), "x.bpmn")

    assert isinstance(found, Finding)
    assert (found.code, found.severity) == ("xml_unreadable", "error")
    assert "Error" not in found.message
