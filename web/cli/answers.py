"""Reads a file of answers to what drawings leave open, and knows on which line each one stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.errors import Invalid
from engine.findings import Answers, Finding


@dataclass(frozen=True)
class AnswerFile:
    """`[Timer_1]` with `timer = "3 days"` under it: element, field and answer."""

    path: str = ""
    answers: Answers = field(default_factory=dict)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def placed(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings; those about an answer that nothing asks for with its place in this file."""
        return [
            replace(one, file=self.path, line=self.lines.get(_key(one)))
            if one.code == "answer_unknown"
            else one
            for one in findings
        ]


def read(path: Path | None) -> AnswerFile:
    """The answers of a file; raises Invalid naming the file, the line and the remedy."""
    if path is None:
        return AnswerFile()
    try:
        text = path.read_text(encoding="utf-8")
        given = tomllib.loads(text)
    except OSError as error:
        raise _wrong(path, f"it cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(path, f"it is not valid TOML ({error})") from None
    answers: dict[str, dict[str, str]] = {}
    for element, fields in given.items():
        if not isinstance(fields, dict):
            raise _wrong(path, f"“{element}” stands outside of an element's table", _line(text, element))
        for name, value in fields.items():
            if isinstance(value, (dict, list)):
                line = _line(text, element, name)
                raise _wrong(path, f"the answer “{name}” of “{element}” is no plain value", line)
            answers.setdefault(element, {})[name] = _plain(value)
    lines = {(element, name): _line(text, element, name) for element in answers for name in answers[element]}
    return AnswerFile(str(path), answers, lines)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _key(finding: Finding) -> tuple[str, str]:
    return finding.element or "", str(finding.params.get("field", ""))


def _line(text: str, element: str, name: str | None = None) -> int:
    """The line that gives an answer, as far as a line by itself can tell; else that of the table."""
    table, found = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        try:
            read = tomllib.loads(line)
        except tomllib.TOMLDecodeError:
            continue
        if line.lstrip().startswith("["):
            table = next(iter(read), "")
            found = number if table == element else found
        elif (name if table else element) in read and table in ("", element):
            return number
    return found


def _wrong(path: Path, reason: str, line: int | None = None) -> Invalid:
    return Invalid(
        "answers_unreadable",
        "The answers in {path} cannot be used: {reason}.",
        where=f"{path}:{line}" if line else str(path),
        remedy='Write a table for each element: [Timer_1], and under it timer = "3 days".',
        path=path,
        reason=reason,
    )
