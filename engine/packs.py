"""One file with everything of a version, to be taken to another installation: a ZIP of its folder.

`manifest.json` says what it is, `process/` holds what lies in the folder of a drawing (anybody may unzip and
deploy it), `answers.json` what was answered to its questions, `normal.bpmn` what is run. Whatever comes in is
a stranger's: sizes, names and sums are checked before anything of it is read.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
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
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise _refused(file, "pack_unreadable", "it is no ZIP file that can be read", str(error)) from None
    manifest = _read_json(entries.pop("manifest.json", b""), file, "manifest.json")
    if not isinstance(manifest.get("format"), int):
        raise _refused(file, "pack_unreadable", "its manifest.json names no format")
    if manifest["format"] > FORMAT:
        raise Invalid(
            "pack_newer",
            "The pack {file} has format {format}; the newest that is known is {known}.",
            where=file,
            remedy="Update Percorso, or export the process from an installation of this release.",
            file=file,
            format=manifest["format"],
            known=FORMAT,
        )
    _check_sums(entries, manifest.get("sha256"), file)
    files = {name.removeprefix("process/"): one for name, one in entries.items() if "/" in name}
    drawing = manifest.get("file")
    if not isinstance(drawing, str) or drawing not in files:
        raise _refused(file, "pack_unreadable", "the drawing that its manifest.json names is not in it")
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
        raise _refused(file, "pack_too_large", f"it holds {len(infos)} files, more than {MAX_FILES}")
    if sum(info.file_size for info in infos) > MAX_BYTES:
        raise _refused(file, "pack_too_large", "unpacked it is larger than 20 MB")
    entries: dict[str, bytes] = {}
    left = MAX_BYTES
    for info in infos:
        name = info.filename
        if not _NAME.fullmatch(name) or name.endswith(("/.", "/..")):
            raise _refused(file, "pack_foreign", f"“{name[:100]}” does not belong into a pack")
        if name in entries:
            raise _refused(file, "pack_foreign", f"“{name}” is in it twice")
        if info.flag_bits & 1:
            raise _refused(file, "pack_unreadable", f"“{name}” is encrypted")
        with archive.open(info) as stream:
            # The size that stands in the archive may be a lie.
            data = stream.read(left + 1)
        left -= len(data)
        if left < 0:
            raise _refused(file, "pack_too_large", "unpacked it is larger than 20 MB")
        entries[name] = data
    return entries


def _check_sums(entries: Mapping[str, bytes], sums: object, file: str) -> None:
    known = sums if isinstance(sums, dict) else {}
    for name, data in entries.items():
        if known.get(name) != hashlib.sha256(data).hexdigest():
            raise _refused(file, "pack_damaged", f"“{name}” is not what was packed")


def _read_json(data: bytes, file: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _refused(file, "pack_unreadable", f"its {name} is missing or no JSON object")
    return value


def _answers(value: Mapping[str, Any], file: str) -> Answers:
    for fields in value.values():
        if not isinstance(fields, dict) or not all(isinstance(one, str) for one in fields.values()):
            raise _refused(file, "pack_unreadable", "its answers.json is not of the right form")
    return value


def _text(manifest: Mapping[str, Any], key: str, most: int) -> str | None:
    value = manifest.get(key)
    return value[:most] if isinstance(value, str) and value else None


def _refused(file: str, code: str, reason: str, details: str = "") -> Invalid:
    return Invalid(
        code,
        "The pack {file} cannot be used: {reason}.",
        where=file,
        remedy="Export it once more with `percorso pack`, and take it over unchanged.",
        file=file,
        reason=f"{reason} ({details.strip().rstrip('.')})" if details else reason,
    )
