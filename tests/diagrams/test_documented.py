"""docs/findings.md says every finding as the drawings of these tests give it."""

from __future__ import annotations

from scripts.findings import PAGE, page


def test_the_page_of_findings_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m scripts.findings"
