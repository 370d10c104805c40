"""The oracle stands alone: what judges the engine shares no code with it, nor with the check of drawings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ORACLE = sorted(
    "tests.engine.oracle" + ("" if file.stem == "__init__" else f".{file.stem}")
    for file in (ROOT / "tests" / "engine" / "oracle").glob("*.py")
)
OURS = {"engine", "processes", "web", "benchmarks", "scripts", "SpiffWorkflow", "lxml", "sqlalchemy"}


def _loaded(*modules: str) -> set[str]:
    """Which packages a fresh Python has loaded once these modules are imported."""
    program = f"import sys, {', '.join(modules)}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_oracle_loads_nothing_of_the_house() -> None:
    assert len(ORACLE) > 10
    assert _loaded(*ORACLE) & OURS == set()


def test_a_planted_import_would_be_seen() -> None:
    assert "engine" in _loaded(*ORACLE, "engine.errors")
