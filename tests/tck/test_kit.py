"""Test cases in the format of the DMN kit: ours in `cases/`, and with `--tck DIR` those of the kit itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.feel.dmn import read_model
from tests.tck.kit import run_folder, same

CASES = Path(__file__).parent / "cases"


def test_every_case_gives_what_is_expected(folder: Path) -> None:
    verdicts = list(run_folder(folder))

    assert verdicts
    assert [str(verdict) for verdict in verdicts if not verdict.passed] == []


def test_our_own_model_has_nothing_wrong_with_it() -> None:
    for file in CASES.glob("*.dmn"):
        assert read_model(file.read_bytes(), file.name).findings == ()


@pytest.mark.parametrize(
    ("old", "new", "case"),
    [
        (">26.3333333333<", ">26.3334<", "001"),
        (">/about<", ">/About<", "001"),
        ('<component name="points"><value xsi:type="xsd:decimal">4</value></component>', "", "001"),
        ('<list/></inputNode>\n    <resultNode name="Points for size"><expected><value xsi:type="xsd:decimal">5',
         '<list/></inputNode>\n    <resultNode name="Points for size"><expected><value xsi:type="xsd:string">5', "002"),
        (' errorResult="true"', "", "003"),
        (">13<", ">1013<", "004"),
        ('invocableName="Worth of a page"', 'invocableName="Score service"', "005"),
    ],
)  # fmt: skip
def test_a_result_that_is_not_the_expected_one_is_told(tmp_path: Path, old: str, new: str, case: str) -> None:
    (tmp_path / "lead-score.dmn").write_bytes((CASES / "lead-score.dmn").read_bytes())
    text = (CASES / "lead-score-test-01.xml").read_text(encoding="utf-8")
    # The first mention may be an input, the last one is a result.
    before, found, after = text.rpartition(old)
    assert found
    (tmp_path / "lead-score-test-01.xml").write_text(before + new + after, encoding="utf-8")

    assert {verdict.case for verdict in run_folder(tmp_path) if not verdict.passed} == {case}


def test_numbers_are_compared_with_the_digits_that_the_kit_writes() -> None:
    assert same(26, 26)
    assert not same(1, True)
    assert not same("1", 1)
    assert not same([1], [1, 1])
    assert not same({"a": 1}, {"a": 1, "b": None})
