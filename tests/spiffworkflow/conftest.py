"""The option `--spiffworkflow DIR`: a copy of SpiffWorkflow, whose tests are then played too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.conftest import house, shared_database
from tests.spiffworkflow.accounts import Accounts
from tests.spiffworkflow.cases import CASES

__all__ = ["house", "shared_database"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--spiffworkflow",
        metavar="DIR",
        type=Path,
        default=None,
        help="a copy of SpiffWorkflow with its tests",
    )


@pytest.fixture(scope="session")
def checkout(request: pytest.FixtureRequest) -> Path:
    """The copy of SpiffWorkflow that the user named."""
    given: Path | None = request.config.getoption("--spiffworkflow", None)
    if given is None:
        pytest.skip("no copy of SpiffWorkflow was named: --spiffworkflow DIR")
    return given


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each case, where there is a copy to read the drawings from."""
    if "their_case" in metafunc.fixturenames:
        given = metafunc.config.getoption("--spiffworkflow", None)
        cases = CASES if given else []
        metafunc.parametrize(
            "their_case", cases, ids=[f"{case.tests[0]} {case.drawings[0]}" for case in cases]
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What became of each of their tests, in numbers."""
    given: Path | None = config.getoption("--spiffworkflow", None)
    if given is not None:
        terminalreporter.write_sep("-", "SpiffWorkflow's tests")
        for line in Accounts.of(given).lines():
            terminalreporter.write_line(line)
