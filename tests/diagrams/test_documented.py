"""docs/findings.md says every finding as the drawings and files of these tests give it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from engine.diagrams.sentences import SENTENCES
from scripts.findings import PAGE, page
from tests.diagrams import beside

MAKERS = {"engine/diagrams/sentences.py", "engine/findings.py", "engine/feel/dmn/source.py"} | {
    "engine/feel/dmn/check.py",
    "engine/forms/compiler.py",
}
"""The modules that make findings; their codes are known, so that none is left out of the page."""


def test_the_page_of_findings_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m scripts.findings"


def test_every_code_that_stands_in_the_code_is_on_the_page() -> None:
    written = re.findall(r"^### `(\w+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(written) == sorted(set(SENTENCES) | beside.codes())


def test_there_are_no_findings_but_those_whose_codes_are_collected() -> None:
    firsts = [call.args[0] for _, call in _calls("found", "engine/diagrams") if call.args]

    assert {file for file, _ in _calls("Finding")} == MAKERS
    assert {one.value for one in firsts if isinstance(one, ast.Constant)} <= set(SENTENCES)


def _calls(name: str, folder: str = "engine") -> Iterator[tuple[str, ast.Call]]:
    """The calls of a function by its name, each with its file."""
    for path in sorted((beside.ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                yield path.relative_to(beside.ROOT).as_posix(), node
