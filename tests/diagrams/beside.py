"""Everything that can be said about the files beside a drawing and about packs, with an example of each."""

from __future__ import annotations

import ast
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

from engine import bundles, feel
from engine.bundles import Bundle
from engine.errors import PercorsoError
from engine.findings import Finding, refused
from engine.packs import FORMAT
from engine.spiff import compile_specs
from engine.xml import parse
from tests.diagrams.conftest import bpmn
from tests.diagrams.snippets import step
from tests.rules.test_decisions_check import table as checked_table
from tests.rules.test_decisions_reading import INPUT, OUTPUT, REFUSED, file, rule, table
from tests.rules.test_form_schemas import WRONG, field
from web.cli import answers

ROOT = Path(__file__).resolve().parents[2]
SAYING = (
    *("engine/bundles.py", "engine/packs.py", "engine/xml.py", "web/cli/answers.py"),
    *("engine/forms/reader.py", "engine/forms/compiler.py", "engine/spiff/parser.py", "engine/feel/dmn/*.py"),
)
"""Where it is said, apart from the sentences of engine.diagrams."""
CALLS = {"refuse", "finding", "Invalid", "NotFound", "_refused"}

LITERAL = "<literalExpression><text>1</text></literalExpression>"
SHAPE = (
    '<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI"><d:BPMNPlane><d:BPMNShape bpmnElement="a">'
    '<c:Bounds xmlns:c="http://www.omg.org/spec/DD/20100524/DC" x="left"/></d:BPMNShape></d:BPMNPlane></d:BPMNDiagram>'
)


def codes() -> set[str]:
    """The codes that stand in the code."""
    return {code for pattern in SAYING for path in sorted(ROOT.glob(pattern)) for code in _codes(path)}


def _codes(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        said = node.args[0].value
        if not isinstance(said, str):
            continue
        if function == "limited":
            yield f"dmn_{said}_more"
        elif function in CALLS and said.isidentifier():
            yield said


def examples() -> dict[str, Finding]:
    """The first finding of each code that these files give."""
    found: dict[str, Finding] = {}
    for finding in (*_of_tables(), *_of_forms(), *_of_packs(), *_of_files()):
        found.setdefault(finding.code, finding)
    return found


def _of_tables() -> Iterator[Finding]:
    links = "".join(
        f'<decision id="d{n}"><informationRequirement><requiredDecision href="#d{n + 1}"/>'
        f"</informationRequirement>{LITERAL}</decision>"
        for n in range(200)
    )
    circle = "".join(
        f'<decision id="{one}"><informationRequirement><requiredDecision href="#{other}"/>'
        f"</informationRequirement>{LITERAL}</decision>"
        for one, other in ("ab", "ba")
    )
    deep = f"{'<list>' * 60}{LITERAL}{'</list>' * 60}"
    unknown = "<literalExpression><text>fetch(1)</text></literalExpression>"
    for text in (
        *(text for text, _, _ in REFUSED),
        file(f'<decision id="x">{LITERAL}</decision>' * 2),
        file(circle),
        file(f'{links}<decision id="d200">{LITERAL}</decision>'),
        file(f'<decision id="x">{deep}</decision>'),
        file(f'<decision id="x" name="Price">{unknown}</decision>'),
        table(INPUT + OUTPUT + "".join(rule("1, " * 40 + "1", "1") for _ in range(2000))),
    ):
        yield from _beside("discount.dmn", text.encode())
    output = '<output name="y"><outputValues><text>"high", "low"</text></outputValues></output>'
    number = [("x", "number")]
    for data in (
        checked_table([("x", "string")], ["> 5 | 1"], "FIRST"),
        checked_table(number, ['"a" | 1'], "FIRST"),
        checked_table(["x"], ['- | "hihg"'], "FIRST", output),
        checked_table(number, ["> 1 | 1", "> 2 | 2"], "UNIQUE"),
        checked_table(number, ["> 1 | 1", "> 2 | 2", "[9..2] | 3"], "FIRST"),
        checked_table(number, [f"- | {n}" for n in range(20)], "UNIQUE"),
        checked_table(number, [f"- | {n}" for n in range(20)], "FIRST"),
        checked_table(number, [f"[{n + 1}..{n}] | {n}" for n in range(20)], "FIRST"),
        checked_table(number, [f"{n} | {n}" for n in range(20)], "FIRST"),
        checked_table([(f"c{n}", "string") for n in range(20)], [" | ".join(['"a"'] * 21)], "FIRST"),
        _endless(),
    ):
        yield from feel.check_decisions(feel.read_decisions(data, "discount.dmn"))


def _endless() -> bytes:
    """A table of which it would take for ever to say whether it has gaps."""
    random, rows = Random(5), []
    for _ in range(190):
        cells = ["-"] * 40 + ["1"]
        for column in random.sample(range(40), 3):
            cells[column] = random.choice(["true", "false"])
        rows.append(" | ".join(cells))
    return checked_table([(f"c{n}", "boolean") for n in range(40)], rows, "FIRST")


def _of_forms() -> Iterator[Finding]:
    default: Mapping[str, object] = {"type": "default"}
    twice = [field("number", "a"), field("number", "a")]
    inside = [field("number", "a"), field("number", "a.c")]
    for form in (
        *({**default, "components": [component]} for component, _ in WRONG),
        *({**default, "components": fields} for fields in (twice, inside)),
        {**default, "components": [], "schemaVersion": 99},
        default,
    ):
        yield from _beside("offer.form", json.dumps(form).encode())
    yield from _beside("offer.form", b"{")


def _of_packs() -> Iterator[Finding]:
    manifest = {"format": FORMAT, "file": "offer.bpmn", "sha256": {}}
    for files in (
        {"manifest.json": b"[]"},
        {"manifest.json": json.dumps({**manifest, "format": FORMAT + 1}).encode()},
        {"manifest.json": json.dumps(manifest).encode()},
        {"manifest.json": json.dumps(manifest).encode(), "process/offer.bpmn": b"changed"},
        {"setup.py": b""},
        {f"process/{number}": b"" for number in range(600)},
        {"process/a.form": b"0" * 30_000_000},
    ):
        yield from _of_pack(_zipped(files))
    yield from _of_pack(b"no pack")
    twice = _zipped({"process/a": b"", "process/b": b""}).replace(b"process/b", b"process/a")
    yield from _of_pack(twice)
    yield from _of_pack(_encrypted(_zipped({"process/a": b""})))


def _zipped(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def _encrypted(data: bytes) -> bytes:
    """The same with the flag of encryption at its first entry."""
    at = data.index(b"PK\x01\x02")
    return data[: at + 8] + bytes([data[at + 8] | 1]) + data[at + 9 :]


def _of_pack(data: bytes) -> list[Finding]:
    try:
        bundles.unpack(data, "offer.percorso")
    except PercorsoError as error:
        return refused("offer.percorso", error)
    return []


def _of_files() -> Iterator[Finding]:
    yield from _beside("texts.it.toml", b"= none")
    drawing = bpmn(step('<task id="a"/>')).replace(b"</definitions>", f"{SHAPE}</definitions>".encode())
    try:
        compile_specs(parse(drawing, "offer.bpmn"), "offer", {})
    except PercorsoError as error:
        yield from refused("offer.bpmn", error)
    try:
        bundles.find(["drawings"])
    except PercorsoError as error:
        yield from refused("", error)
    try:
        answers.read(Path("answers.toml"))
    except PercorsoError as error:
        yield from refused("answers.toml", error)
    try:
        parse(b"<a", "offer.bpmn")
    except PercorsoError as error:
        yield from refused("offer.bpmn", error)


def _beside(name: str, data: bytes) -> list[Finding]:
    """What is said about a file beside a drawing."""
    [bundle] = bundles.gather({"offer.bpmn": b"", name: data})
    assert isinstance(bundle, Bundle)
    return bundle.findings
