"""The rooms are in order: small modules, the rhyme, declared libraries, one place for each setting."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "processes", "web")
MOST_LINES = 500
# What a package installs is not always called like the package.
GIVEN_BY = {"argon2": "argon2-cffi", "psycopg2": "psycopg", "stdnum": "python-stdnum"}


def modules() -> Iterator[Path]:
    """Every module that somebody wrote; alembic writes the migrations."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in file.parts and "versions" not in file.parts:
                yield file


def test_no_module_is_longer_than_500_lines() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in modules()
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }

    assert long == {}


def test_every_module_says_in_its_first_line_what_it_is_for() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in modules()
        if not (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").strip()
    ]

    assert silent == []


def test_every_imported_library_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {_normal(re.split(r"[^\w.-]", line)[0]) for line in project["dependencies"]}
    given_by = importlib.metadata.packages_distributions()
    missing = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in modules()
        for name in _imported(file)
        if name not in PACKAGES
        and name not in sys.stdlib_module_names
        and not declared & {_normal(known) for known in (GIVEN_BY.get(name, name), *given_by.get(name, ()))}
    }

    assert missing == set()


@pytest.mark.parametrize("drawing", sorted((ROOT / "bpmn").glob("*/*.bpmn")), ids=lambda file: file.stem)
def test_a_drawing_rhymes_with_its_folder_and_its_module(drawing: Path) -> None:
    assert drawing.stem == drawing.parent.name
    assert (ROOT / "processes" / f"{drawing.stem}.py").is_file()


def test_every_setting_is_documented_with_its_default() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    parts = re.split(r"^## \[(\w+)\]$", page, flags=re.MULTILINE)
    documented = {
        section: dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", part, re.MULTILINE))
        for section, part in zip(parts[1::2], parts[2::2], strict=True)
    }
    settings = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))

    assert documented == {
        # The names of roles and parameters are the company's own; their sections are explained as a whole.
        section: {} if section in {"roles", "parameters"} else {key: _shown(content[key]) for key in content}
        for section, content in settings.items()
    }


def test_the_locked_libraries_of_the_product_are_those_of_the_tests() -> None:
    product, tests = (
        {line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")}
        for name in ("requirements.txt", "requirements-dev.txt")
    )

    assert product <= tests


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "web/frontend/package-lock.json"]
)
def test_no_lock_file_names_a_registry(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    assert re.findall(r"--(?:extra-)?index-url|--find-links|\"resolved\"", text) == []


def test_the_npm_packages_are_pinned_exactly() -> None:
    package = json.loads((ROOT / "web/frontend/package.json").read_text(encoding="utf-8"))
    lock = json.loads((ROOT / "web/frontend/package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = {**package["dependencies"], **package["devDependencies"]}

    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_every_locked_npm_package_has_a_checksum() -> None:
    lock = json.loads((ROOT / "web/frontend/package-lock.json").read_text(encoding="utf-8"))["packages"]

    assert [name for name, entry in lock.items() if name and "integrity" not in entry] == []


def _shown(default: object) -> str:
    """A default as the documentation writes it."""
    if default == "":
        return "empty"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
