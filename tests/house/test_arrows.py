"""The arrows hold, and each contract of import-linter catches what it is there for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "processes", "web")


@dataclass(frozen=True)
class Violation:
    """An import that does not belong in `module`; `missing` makes a module that is not there yet."""

    module: str
    statement: str
    reported: str


# Each contract of pyproject.toml, by name, with an import that it must catch.
VIOLATIONS: Mapping[str, Violation] = {
    "The house: web, then processes, then engine": Violation(
        "engine.values", "import processes", "engine.values -> processes"
    ),
    "The floors of engine": Violation(
        "engine.errors", "import engine.catalog", "engine.errors -> engine.catalog"
    ),
    "The processes stand side by side": Violation(
        "processes.intake", "import processes.offer", "processes.intake -> processes.offer"
    ),
    "The floors of web": Violation("web.assets", "import web.app", "web.assets -> web.app"),
    "Only web knows Flask": Violation("engine.findings", "import flask", "engine.findings -> flask"),
    "Only engine knows SpiffWorkflow, lxml, bpmn-io and APScheduler": Violation(
        "web.assets", "import lxml.etree", "web.assets -> lxml"
    ),
    "Expressions and statistics know no database": Violation(
        "engine.stats", "import sqlalchemy", "engine.stats -> sqlalchemy"
    ),
    "No circles": Violation(
        "processes.records.leads",
        "import processes.records.offers",
        "No cycles are allowed in processes.records.",
    ),
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What import-linter says about each contract, for a copy of the tree with every violation planted."""
    tree = tmp_path_factory.mktemp("tree")
    shutil.copyfile(ROOT / "pyproject.toml", tree / "pyproject.toml")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tree / package, ignore=lambda folder, names: _not_python(Path(folder), names)
        )
    for violation in VIOLATIONS.values():
        _plant(tree, violation.module, violation.statement)
    _plant(tree, "processes.records.offers", "import processes.records.leads")  # The circle's other half.
    code, said = _lint(tree)
    assert code == 1, said
    return _broken(said)


def test_the_tree_keeps_every_contract() -> None:
    code, said = _lint(ROOT)

    assert code == 0, said


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_planted_violation_is_caught(contract: str, reports: Mapping[str, str]) -> None:
    assert VIOLATIONS[contract].reported in reports.get(contract, "")


def test_every_contract_is_proved_by_a_violation() -> None:
    named = re.findall(r'^name = "(.+)"$', _section("importlinter.contracts"), re.MULTILINE)

    assert sorted(VIOLATIONS) == sorted(named)


def test_a_module_without_a_floor_is_refused(tmp_path: Path) -> None:
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=lambda folder, names: _not_python(Path(folder), names)
        )
        (tmp_path / package / "homeless.py").write_text('"""Has no floor."""\n', encoding="utf-8")

    code, said = _lint(tmp_path)

    assert code == 1
    assert set(re.findall(r"^- (\w+)\.homeless$", said, re.MULTILINE)) == set(PACKAGES), said


def _plant(tree: Path, module: str, statement: str) -> None:
    file = tree.joinpath(*module.split(".")).with_suffix(".py")
    if not file.exists() and file.with_suffix("").is_dir():
        file = file.with_suffix("") / "__init__.py"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(f"{before}\n{statement}\n", encoding="utf-8")


def _not_python(folder: Path, names: list[str]) -> list[str]:
    """What a copy for import-linter can do without: built files, templates, translations."""
    return [name for name in names if not ((folder / name).is_dir() or name.endswith(".py"))] + [
        name for name in names if name in {"frontend", "static", "templates", "__pycache__"}
    ]


def _lint(tree: Path) -> tuple[int, str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(
        command,
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _broken(said: str) -> Mapping[str, str]:
    """The report of each broken contract, by its name."""
    _, _, details = said.partition("Broken contracts")
    sections = re.split(r"^(.+)\n-{3,}$", details, flags=re.MULTILINE)
    return dict(zip((name.strip() for name in sections[1::2]), sections[2::2], strict=True))


def _section(name: str) -> str:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return text[text.index(f"[[tool.{name}]]") :]
