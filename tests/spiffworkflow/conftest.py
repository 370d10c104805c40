"""The option `--spiffworkflow DIR`: a copy of SpiffWorkflow, whose tests are then played too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.conftest import house, shared_database
from tests.spiffworkflow.accounts import Accounts

__all__ = ["house", "shared_database"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--spiffworkflow",
        metavar="DIR",
        type=Path,
        default=None,
        help="a copy of SpiffWorkflow with its tests",
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Their tests are there only where a copy is named to read the drawings from."""
    named = config.getoption("--spiffworkflow", None)
    return True if collection_path.name == "test_theirs.py" and named is None else None


@pytest.fixture(scope="session")
def checkout(request: pytest.FixtureRequest) -> Path:
    """The copy of SpiffWorkflow that the user named."""
    given: Path | None = request.config.getoption("--spiffworkflow")
    assert given is not None, "Name a copy of SpiffWorkflow: --spiffworkflow DIR"
    return given


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What became of each of their tests, in numbers."""
    given: Path | None = config.getoption("--spiffworkflow", None)
    if given is not None:
        terminalreporter.write_sep("-", "SpiffWorkflow's tests")
        for line in Accounts.of(given).lines():
            terminalreporter.write_line(line)
