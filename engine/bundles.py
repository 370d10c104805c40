"""Drawings with the forms, decision tables and texts that belong to them, from a folder or from an upload."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from engine import feel, forms
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
    findings: list[Finding] = field(default_factory=list)
    beside: dict[str, bytes] = field(default_factory=dict)
    """The files beside it by name, bit for bit."""
    answers: Answers = field(default_factory=dict)
    """Answers to the questions of this drawing alone; they win over those for all."""
    folder: str = ""
    """Where it lay, to tell drawings of the same name apart."""

    def checksum(self, answers: Answers) -> str:
        """Of all that a version is made of."""
        beside = [self.forms, self.decisions, self.texts, *([answers] if answers else ())]
        parts = orjson.dumps(beside, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(self.xml + b"\0" + parts).hexdigest()


def find(paths: Iterable[str | Path]) -> list[Path]:
    """The .bpmn files of these files and folders (folders at any depth), in order of their names."""
    found: list[Path] = []
    for given in paths:
        path = Path(given)
        if path.is_dir():
            inside = sorted(path.rglob("*.bpmn"))
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
    """A drawing with the forms, decision tables and texts that lie in its folder."""
    try:
        bundle = Bundle(path.name, path.read_bytes(), folder=path.resolve().parent.name)
        siblings = sorted(path.parent.iterdir())
    except OSError as error:
        raise Invalid(
            "file_unreadable",
            "{path} cannot be read: {reason}.",
            where=str(path),
            remedy="Check that you may read it.",
            path=path,
            reason=error.strerror,
        ) from None
    for beside in siblings:
        if not lies_beside(beside.name):
            continue
        try:
            _add(bundle, beside.name, beside.read_bytes())
        except OSError as error:
            bundle.findings += refused(beside.name, _unreadable(beside.name, error.strerror))
    return bundle


def gather(files: Mapping[str, bytes], answers: Mapping[str, Any] | None = None) -> list[Bundle]:
    """The drawings among files held in memory, each with what lies in the same folder.

    Names are relative paths with slashes; `answers` are those to each drawing, by its name.
    """
    bundles = []
    for name in sorted(files):
        if lies_beside(name):
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
    """Is this a form, a decision table or a file of texts by its name?"""
    path = PurePosixPath(name)
    return path.suffix in (".form", ".dmn") or (path.name.startswith("texts.") and path.suffix == ".toml")


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
        else:
            bundle.texts[name.split(".")[1]] = tomllib.loads(data.decode("utf-8"))
    except PercorsoError as error:
        bundle.findings += refused(name, error)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        bundle.findings += refused(name, _unreadable(name, error))


def _unreadable(file: str, reason: object) -> Invalid:
    return Invalid(
        "file_unreadable",
        "{file} cannot be read: {reason}.",
        remedy="Correct it, or take it out of the folder of the drawing.",
        file=file,
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
