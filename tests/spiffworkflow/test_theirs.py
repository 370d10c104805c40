"""SpiffWorkflow's own tests, played on Percorso's engine: `pytest tests/spiffworkflow --spiffworkflow DIR`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.house import House
from tests.spiffworkflow.accounts import Accounts
from tests.spiffworkflow.cases import CASES
from tests.spiffworkflow.runner import Case, play

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("their_case", CASES, ids=[f"{case.tests[0]} {case.drawings[0]}" for case in CASES])
def test_a_drawing_of_theirs_does_what_their_test_expects(
    house: House, their_case: Case, checkout: Path
) -> None:
    play(house, their_case, their_case.files(checkout))


def test_each_of_their_tests_is_played_or_left_out_for_a_reason(checkout: Path) -> None:
    accounts = Accounts.of(checkout)

    assert accounts.lost == []
    played = {id(case) for cases in accounts.played.values() for case in cases}
    assert [case.tests for case in CASES if id(case) not in played] == []


def test_the_docs_have_the_sums(checkout: Path) -> None:
    tests, played = list(Accounts.of(checkout).lines())[:2]

    for file in ("docs/spiffworkflow.md", "CONTRIBUTING.md"):
        assert f"{tests}; {played}." in " ".join((ROOT / file).read_text(encoding="utf-8").split())
