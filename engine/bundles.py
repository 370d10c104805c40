"""Drawings with all that belongs to them, from a folder, a pack or an upload; what is wrong is a finding."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from engine import feel, forms, packs
from engine.errors import Invalid, NotFound, PercorsoError
from engine.findings import Answers, Finding, refused

FUNCTIONS = frozenset({"due", "now", "today"})
"""What expressions may call beside FEEL's own functions; engine.runtime provides them."""

NO_DRAWINGS = frozenset(
    {".md", ".txt", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".csv", ".toml", ".py"}
)
"""Files that lie beside drawings and that nobody means to deploy; anything else is read as a drawing,
so that what it really is can be named."""


@dataclass
class Bundle:
    """A drawing with the files that lie beside it."""

    file: str
    xml: bytes
    forms: dict[str, Any] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    """File name -> text of what is only handed on: scenario, licence."""
    findings: list[Finding] = field(default_factory=list)
    origin: packs.Pack | None = None
    """The pack it came out of, with what was said and answered there."""
    beside: dict[str, bytes] = field(default_factory=dict)
    """The files beside it by name, bit for bit."""
    answers: Answers = field(default_factory=dict)
    """Answers to the questions of this drawing alone; they win over those for all."""
    folder: str = ""
    """Where it lay, to tell drawings of the same name apart."""

    def checksum(self, answers: Answers) -> str:
        """Of all that a version is made of."""
        more = [part for part in (answers, self.extras) if part]
        beside = [self.forms, self.decisions, self.texts, *more]
        parts = orjson.dumps(beside, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(self.xml + b"\0" + parts).hexdigest()


def find(paths: Iterable[str | Path]) -> list[Path]:
    """The drawings and packs of these files and folders (at any depth), in order of their names."""
    found: list[Path] = []
    for given in paths:
        path = Path(given)
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.suffix in (".bpmn", packs.SUFFIX))
            if not inside:
                raise NotFound(
                    "drawing_missing", "There is no .bpmn file in {path}.", where=str(path), path=path
                )
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise NotFound(
                "drawing_missing",
                "There is no file or folder {path}.",
                where=str(path),
                remedy="Check the path.",
                path=path,
            )
    return found


def read(path: Path) -> Bundle:
    """A drawing with what lies in its folder or in its pack."""
    try:
        data = path.read_bytes()
        siblings = [] if path.suffix == packs.SUFFIX else sorted(path.parent.iterdir())
    except OSError as error:
        raise _unreadable(path, error.strerror) from None
    if path.suffix == packs.SUFFIX:
        return unpack(data, path.name)
    bundle = Bundle(path.name, data, folder=path.resolve().parent.name)
    for beside in siblings:
        if not lies_beside(beside.name):
            continue
        try:
            _add(bundle, beside.name, beside.read_bytes())
        except OSError as error:
            bundle.findings += refused(beside.name, _unreadable(beside.name, error.strerror))
    return bundle


def unpack(data: bytes, file: str) -> Bundle:
    """A drawing out of a pack (see engine.packs). Raises Invalid when the pack cannot be used."""
    pack = packs.read(data, file)
    bundle = Bundle(pack.file, pack.files[pack.file], origin=pack, folder=file.removesuffix(packs.SUFFIX))
    for name, one in sorted(pack.files.items()):
        if lies_beside(name):
            _add(bundle, name, one)
    return bundle


def gather(files: Mapping[str, bytes], answers: Mapping[str, Any] | None = None) -> list[Bundle]:
    """The drawings among files held in memory, each with what lies in the same folder.

    Names are relative paths with slashes; `answers` are those to each drawing, by its name. Raises
    Invalid when a pack among them cannot be used.
    """
    bundles = []
    for name in sorted(files):
        if lies_beside(name):
            continue
        if name.endswith(packs.SUFFIX):
            bundles.append(unpack(files[name], name))
            continue
        bundle = Bundle(name, files[name], answers=(answers or {}).get(name, {}))
        folder = PurePosixPath(name).parent
        for beside in sorted(files):
            path = PurePosixPath(beside)
            if path.parent == folder and lies_beside(beside):
                _add(bundle, path.name, files[beside])
        bundles.append(bundle)
    return bundles


def spread(bundles: Sequence[Bundle]) -> dict[str, bytes]:
    """The files of these drawings by relative path, as `gather` takes them."""
    files: dict[str, bytes] = {}
    folders = {bundle.folder for bundle in bundles}
    for bundle in bundles:
        before = f"{bundle.folder}/" if len(folders) > 1 else ""
        files |= {f"{before}{name}": data for name, data in bundle.beside.items()}
        files[f"{before}{bundle.file}"] = bundle.xml
    return files


def lies_beside(name: str) -> bool:
    """Is this by its name a form, a decision table, a file of texts, a scenario or a licence?"""
    path = PurePosixPath(name)
    texts = path.name.startswith("texts.") and path.suffix == ".toml"
    handed_on = path.name == "scenario.toml" or path.stem.lower() in ("licence", "license")
    return texts or handed_on or path.suffix in (".form", ".dmn")


def is_drawing(name: str) -> bool:
    """May this file hold a drawing, by its name?"""
    return not lies_beside(name) and PurePosixPath(name).suffix.lower() not in NO_DRAWINGS


def _add(bundle: Bundle, name: str, data: bytes) -> None:
    """Put a file beside the drawing; what is wrong with it becomes a finding."""
    bundle.beside[name] = data
    path = PurePosixPath(name)
    try:
        if path.suffix == ".form":
            schema = forms.read_form(data, name)
            forms.compile_form(schema, name)
            bundle.forms[path.stem] = schema
        elif path.suffix == ".dmn":
            _check_functions(feel.read_decisions(data, name))
            bundle.decisions[name] = data.decode("utf-8")
        elif name.startswith("texts."):
            bundle.texts[name.split(".")[1]] = tomllib.loads(data.decode("utf-8"))
        else:
            bundle.extras[name] = data.decode("utf-8")
    except PercorsoError as error:
        bundle.findings += refused(name, error)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        bundle.findings += refused(name, _unreadable(name, error))


def _unreadable(path: str | Path, reason: object) -> Invalid:
    return Invalid(
        "file_unreadable",
        "{path} cannot be read: {reason}.",
        where=str(path),
        remedy="Correct it, or take it out of the folder of the drawing; check that you may read it.",
        path=path,
        reason=reason,
    )


def _check_functions(decisions: Mapping[str, feel.Decision]) -> None:
    for decision in decisions.values():
        for function in sorted(decision.functions - FUNCTIONS):
            raise Invalid(
                "function_unknown",
                "The decision “{decision}” calls {function}(), which does not exist.",
                remedy="Besides FEEL's own functions there are: {known}.",
                decision=decision.name or decision.id,
                function=function,
                known=", ".join(sorted(FUNCTIONS)),
            )
