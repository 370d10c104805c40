"""One file with everything of a version, to be taken to another installation: a ZIP of its folder.

`manifest.json` says what it is, `process/` holds what lies in the folder of a drawing (anybody may unzip and
deploy it), `answers.json` what was answered to its questions, `normal.bpmn` what is run. Whatever comes in is
a stranger's: sizes, names and sums are checked before anything of it is read.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.errors import Invalid
from engine.findings import Answers
from engine.tables import Version

SUFFIX = ".percorso"
FORMAT = 1
MAX_FILES = 500
MAX_BYTES = 20 * 1024 * 1024
"""Of all files together, unpacked."""

SENTENCES = {
    "pack_unreadable": "The pack {file} is no ZIP file that can be read ({reason}).",
    "pack_entry": "“{entry}” in {file} is missing or not of the right form.",
    "pack_drawing": "The drawing that the manifest.json of {file} names is not in it.",
    "pack_newer": "The pack {file} has format {format}; the newest that is known is {known}.",
    "pack_too_many": "The pack {file} holds {count} files; more than {most} are not taken.",
    "pack_too_large": "Unpacked, {file} is larger than 20 MB.",
    "pack_foreign": "“{entry}” in {file} is not what belongs into a pack.",
    "pack_twice": "“{entry}” is in {file} twice.",
    "pack_encrypted": "“{entry}” in {file} is encrypted.",
    "pack_damaged": "“{entry}” in {file} is not what was packed: its checksum differs.",
}
"""Code -> what is said of a pack that is not taken."""
REMEDY = "Export it once more with `percorso pack`, and take it over unchanged."

_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError),
    *(EOFError, ValueError, OSError, struct.error, IndexError),
)
"""What Python's reader of ZIP files raises on broken ones."""
_WHEN = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"manifest\.json|answers\.json|normal\.bpmn|process/[^/\\:\0-\x1f]{1,200}")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Pack:
    """A pack that has been found whole."""

    file: str
    """Name of the drawing."""
    files: Mapping[str, bytes]
    """Everything of the drawing's folder, by name."""
    answers: Answers = field(default_factory=dict)
    author: str | None = None
    note: str = ""
    tag: str | None = None


def write(version: Version, now: datetime) -> bytes:
    """A version as a pack; the same version at the same instant gives the same bytes."""
    entries = {f"process/{name}": data for name, data in _folder(version).items()}
    if version.normal is not None:
        entries["normal.bpmn"] = version.normal
    if version.answers:
        entries["answers.json"] = _json(version.answers)
    manifest = {
        "format": FORMAT,
        "process": version.process,
        "name": version.name,
        "version": version.number,
        "tag": version.tag,
        "file": _base(version.file),
        "checksum": version.checksum,
        "author": version.author,
        "note": version.note,
        "licence": _licence(version.extras),
        "deployed_at": version.created_at.isoformat(),
        "exported_at": now.isoformat(),
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(entries.items())},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [("manifest.json", _json(manifest)), *sorted(entries.items())]:
            archive.writestr(zipfile.ZipInfo(name, _WHEN), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def read(data: bytes, file: str) -> Pack:
    """What is in a pack. Raises Invalid that names the file, the entry and the reason."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = _entries(archive, file)
    except _BROKEN as error:
        raise _refused("pack_unreadable", file, reason=str(error).strip().rstrip(".")) from None
    manifest = _read_json(entries.pop("manifest.json", b""), file, "manifest.json")
    if not isinstance(manifest.get("format"), int):
        raise _refused("pack_entry", file, entry="manifest.json")
    if manifest["format"] > FORMAT:
        raise _refused("pack_newer", file, format=manifest["format"], known=FORMAT)
    _check_sums(entries, manifest.get("sha256"), file)
    files = {name.removeprefix("process/"): one for name, one in entries.items() if "/" in name}
    drawing = manifest.get("file")
    if not isinstance(drawing, str) or drawing not in files:
        raise _refused("pack_drawing", file)
    answers = _read_json(entries["answers.json"], file, "answers.json") if "answers.json" in entries else {}
    return Pack(
        drawing,
        files,
        _answers(answers, file),
        _text(manifest, "author", 100),
        _text(manifest, "note", 10_000) or "",
        _text(manifest, "tag", 40),
    )


# --- Writing ------------------------------------------------------------------------------------------


def _folder(version: Version) -> dict[str, bytes]:
    """The files as they would lie beside the drawing."""
    files = {_base(version.file): version.xml}
    for name, schema in version.forms.items():
        files[f"{_base(name)}.form"] = _json(schema)
    for name, text in version.decisions.items():
        files[_base(name)] = text.encode()
    for language, texts in version.texts.items():
        files[f"texts.{_base(language)}.toml"] = "\n".join(_toml(texts, ())).encode()
    for name, text in version.extras.items():
        files[_base(name)] = text.encode()
    return files


def _base(name: str) -> str:
    """A name without folders, as it may stand in a pack."""
    return re.sub(r"[:\0-\x1f]", "_", re.split(r"[/\\]", name)[-1])[:200] or "_"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _toml(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Texts as TOML, as their author would write them: values first, then the tables within."""
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    if path and (plain or not table):
        yield f"[{'.'.join(map(_key, path))}]"
    for key, value in plain.items():
        yield f"{_key(key)} = {_value(value)}"
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _toml(value, (*path, key))
    if not path:
        yield ""


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + "}"
    # TOML's plain strings escape as JSON's do; besides, no bare DEL.
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


def _licence(extras: Mapping[str, str]) -> str | None:
    """The first line of the licence's text."""
    for name, text in sorted(extras.items()):
        if name != "scenario.toml":
            return next((line.strip() for line in text.splitlines() if line.strip()), None)
    return None


# --- Reading ------------------------------------------------------------------------------------------


def _entries(archive: zipfile.ZipFile, file: str) -> dict[str, bytes]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MAX_FILES:
        raise _refused("pack_too_many", file, count=len(infos), most=MAX_FILES)
    entries: dict[str, bytes] = {}
    left = MAX_BYTES
    for info in infos:
        name = info.filename
        if not _NAME.fullmatch(name) or name.endswith(("/.", "/..")):
            raise _refused("pack_foreign", file, entry=name[:100])
        if name in entries:
            raise _refused("pack_twice", file, entry=name)
        if info.flag_bits & 1:
            raise _refused("pack_encrypted", file, entry=name)
        with archive.open(info) as stream:
            # Never more than is allowed: the size that stands in the archive may be a lie.
            data = stream.read(left + 1)
        left -= len(data)
        if left < 0:
            raise _refused("pack_too_large", file)
        entries[name] = data
    return entries


def _check_sums(entries: Mapping[str, bytes], sums: object, file: str) -> None:
    known = sums if isinstance(sums, dict) else {}
    for name, data in entries.items():
        if known.get(name) != hashlib.sha256(data).hexdigest():
            raise _refused("pack_damaged", file, entry=name)


def _read_json(data: bytes, file: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _refused("pack_entry", file, entry=name)
    return value


def _answers(value: Mapping[str, Any], file: str) -> Answers:
    for fields in value.values():
        if not isinstance(fields, dict) or not all(isinstance(one, str) for one in fields.values()):
            raise _refused("pack_entry", file, entry="answers.json")
    return value


def _text(manifest: Mapping[str, Any], key: str, most: int) -> str | None:
    """A text of the manifest, without what no database keeps."""
    value = manifest.get(key)
    if not isinstance(value, str):
        return None
    return value.encode("utf-8", "ignore").decode("utf-8").replace("\0", "")[:most] or None


def _refused(code: str, file: str, **params: str | int) -> Invalid:
    given: dict[str, Any] = {"file": file, **params}
    return Invalid(code, SENTENCES[code], where=file, remedy=REMEDY, **given)
