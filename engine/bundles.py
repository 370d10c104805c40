"""A drawing with all that lies beside it, read from its folder or from a pack; what is wrong is a finding."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from engine import feel, forms, packs
from engine.errors import DiagramRefused, Invalid, NotFound, PercorsoError
from engine.findings import Answers, Finding

FUNCTIONS = frozenset({"due", "now", "today"})
"""What expressions may call beside FEEL's own functions; engine.runtime provides them."""


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
    """A drawing with the forms, decision tables and texts that lie in its folder, or in its pack."""
    try:
        data = path.read_bytes()
        siblings = [] if path.suffix == packs.SUFFIX else sorted(filter(_belongs, path.parent.iterdir()))
    except OSError as error:
        raise _unreadable(path, error.strerror) from None
    if path.suffix == packs.SUFFIX:
        return unpack(data, path.name)
    bundle = Bundle(path.name, data)
    for beside in siblings:
        try:
            _take(bundle, beside.name, beside.read_bytes())
        except OSError as error:
            bundle.findings.append(finding_of(beside.name, _unreadable(beside.name, error.strerror)))
    return bundle


def unpack(data: bytes, file: str) -> Bundle:
    """A drawing out of a pack (see engine.packs). Raises Invalid when the pack cannot be used."""
    pack = packs.read(data, file)
    bundle = Bundle(pack.file, pack.files[pack.file], origin=pack)
    for name, one in sorted(pack.files.items()):
        if _belongs(Path(name)):
            _take(bundle, name, one)
    return bundle


def _belongs(path: Path) -> bool:
    """Is it one of the files that make up a version?"""
    texts = path.name.startswith("texts.") and path.suffix == ".toml"
    handed_on = path.name == "scenario.toml" or path.stem.lower() in ("licence", "license")
    return texts or handed_on or path.suffix in (".form", ".dmn")


def _take(bundle: Bundle, name: str, data: bytes) -> None:
    """Add a file of the folder; what is wrong with it becomes a finding."""
    path = Path(name)
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
    except DiagramRefused as refused:
        bundle.findings += refused.findings
    except PercorsoError as error:
        bundle.findings.append(finding_of(name, error))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        bundle.findings.append(finding_of(name, _unreadable(name, error)))


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


def finding_of(file: str, error: PercorsoError) -> Finding:
    """A refusal as a finding about a file."""
    position = getattr(error, "position", None)
    where = error.where or ""
    line = where.rpartition(":")[2]
    return Finding(
        "error",
        error.code,
        "{text}",
        file=file,
        line=int(line) if line.isdigit() else None,
        remedy_template="{remedy}" if error.remedy else None,
        params={"text": error.message, "remedy": error.remedy or "", "position": position},
    )
