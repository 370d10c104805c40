"""The option `--tck DIR`: a copy of the DMN Technology Compatibility Kit, whose cases are then run too."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--tck", metavar="DIR", type=Path, default=None, help="a copy of the DMN kit, or a part of it"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each folder of cases: our own, and those of the kit where one is given."""
    if "folder" in metafunc.fixturenames:
        kit: Path | None = metafunc.config.getoption("--tck", None)
        roots = [Path(__file__).parent / "cases", *([kit] if kit else [])]
        folders = sorted({file.parent for root in roots for file in root.rglob("*-test-*.xml")})
        metafunc.parametrize("folder", folders, ids=[folder.name for folder in folders])
