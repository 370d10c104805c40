"""`python -m scripts.findings`: writes docs/findings.md, every finding with an example from the tests."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill

from engine.diagrams.sentences import SENTENCES, SEVERITIES
from engine.findings import Finding
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
"""
ORDER = ("error", "question", "warning", "fixed", "style")


def page() -> str:
    """The text of docs/findings.md."""
    found = examples()
    parts = [HEAD]
    for severity in ORDER:
        codes = [code for code in SENTENCES if SEVERITIES.get(code, "error") == severity]
        if codes:
            parts.append(f"## {severity.capitalize()}\n")
            parts += [_entry(code, found[code]) for code in sorted(codes)]
    return "\n".join(parts)


def _entry(code: str, finding: Finding) -> str:
    asked = f" Field: `{finding.ask.field}` ({finding.ask.kind})." if finding.ask is not None else ""
    said = fill(_plain(finding.message) + asked, WIDTH)
    helps = fill(_plain(finding.remedy or ""), WIDTH)
    return f"### `{code}`\n\n{said}\n\n*{helps}*\n"


def _plain(text: str) -> str:
    """One line, with nothing that Markdown would take for its own."""
    line = " ".join(text.split())
    for sign in ("\\", "<", ">", "*", "_", "`", "["):
        line = line.replace(sign, f"\\{sign}")
    return line if len(line) < 400 else line[:399] + "…"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
