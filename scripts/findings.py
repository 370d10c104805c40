"""`python -m scripts.findings`: writes docs/findings.md, every finding with an example from the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from textwrap import fill

from engine.diagrams.sentences import SENTENCES, SEVERITIES
from engine.findings import Finding
from tests.diagrams import beside
from tests.diagrams.examples import examples

WIDTH = 110
PAGE = Path(__file__).resolve().parent.parent / "docs/findings.md"

HEAD = """# What is found in a drawing

Whatever is said when a drawing is checked or deployed, one by one, with an example. `code` is for programs:
it stays the same, whatever the sentence.

- **error**: the drawing is refused.
- **question**: something must be known before it can run; the drawing is a draft until it is answered, on the
  page or by `--answers` (the element's id, then the field: `[Timer_1]`, `timer = "P2D"`).
- **warning**: it runs, but perhaps not as it was meant.
- **fixed**: something was made explicit that everybody understands anyway.
- **style**: it could be drawn better. This is said only when it is asked for, by `percorso check --style` or
  on the page, and needs the package bpmn-io: `pip install 'percorso[style]'`.
"""
ORDER = ("error", "question", "warning", "fixed", "style")

BESIDE = """# What is found beside a drawing

In the forms, decision tables and texts that lie beside a drawing, in packs, and about the files themselves.
What keeps a file or pack from being opened at all ends the command with this code in `error`, before anything
else is looked at. All are errors, but for those that are marked as warnings.
"""
OF_FORMS = ("form_unreadable", "key_missing", "options_missing")
SECTIONS: Mapping[str, Callable[[str], bool]] = {
    "Decision tables": lambda code: code.startswith("dmn_"),
    "Packs": lambda code: code.startswith("pack_"),
    "Files": lambda code: code.endswith(("_unreadable", "_missing", "_unrunnable")) and code not in OF_FORMS,
    "Forms": lambda code: True,
}
"""Headings, and which codes stand below them; the first that fits counts."""


def page() -> str:
    """The text of docs/findings.md."""
    found = examples()
    parts = [HEAD]
    for severity in ORDER:
        codes = [code for code in SENTENCES if SEVERITIES.get(code, "error") == severity]
        if codes:
            parts.append(f"## {severity.capitalize()}\n")
            parts += [_entry(code, found[code]) for code in sorted(codes)]
    return "\n".join([*parts, *_beside()])


def _beside() -> Iterator[str]:
    """What is said about the files beside a drawing, by kinds of files."""
    found = {code: one for code, one in beside.examples().items() if code not in SENTENCES}
    yield BESIDE
    for title, belongs in SECTIONS.items():
        yield f"## {title}\n"
        for code in sorted(filter(belongs, found)):
            yield _entry(code, found.pop(code))


def _entry(code: str, finding: Finding) -> str:
    asked = f" Field: `{finding.ask.field}` ({finding.ask.kind})." if finding.ask is not None else ""
    said = fill(_plain(finding.message) + asked, WIDTH)
    helps = fill(_plain(finding.remedy or ""), WIDTH)
    grade = " (warning)" if code not in SENTENCES and finding.severity == "warning" else ""
    return f"### `{code}`{grade}\n\n{said}\n" + (f"\n*{helps}*\n" if helps else "")


def _plain(text: str) -> str:
    """One line, with nothing that Markdown would take for its own."""
    line = " ".join(text.split())
    for sign in ("\\", "<", ">", "*", "_", "`", "["):
        line = line.replace(sign, f"\\{sign}")
    return line if len(line) < 400 else line[:399] + "…"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
