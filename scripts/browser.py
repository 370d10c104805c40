"""Finds the Chromium that the browser tests drive, and installs one where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
DEBIAN_PACKAGES = ("chromium", "fonts-liberation", "fonts-dejavu-core")


def find() -> str | None:
    """The path of a browser that starts: PERCORSO_TEST_BROWSER, the system's, or Playwright's own."""
    named = os.environ.get("PERCORSO_TEST_BROWSER")
    if named:
        return named
    installed = [path for name in NAMES if (path := shutil.which(name))]
    for path in (*installed, *PLACES, _own_of_playwright()):
        if path and Path(path).is_file() and _starts(path):
            return path
    return None


def main() -> int:
    """Install a browser if none is found; exit code 1, and what to do, where that fails."""
    if find():
        return 0
    print("No Chromium was found; installing one for the browser tests", flush=True)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN_PACKAGES]
        subprocess.run(install, env=quiet, check=False, stdout=subprocess.DEVNULL)
        if find():
            return 0
    own = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(own, check=False)
    if find():
        return 0
    print(
        "The browser tests need Chromium or Google Chrome, and none could be installed: install one "
        "(Debian, Ubuntu: `apt-get install chromium`; macOS: `brew install --cask google-chrome`), "
        "or name it with PERCORSO_TEST_BROWSER=/path/to/chrome.",
        file=sys.stderr,
    )
    return 1


def _own_of_playwright() -> str | None:
    """The newest Chromium among those that `playwright install` keeps."""
    kept = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    usual = [Path.home() / place / "ms-playwright" for place in (".cache", "Library/Caches")]
    folders = [Path(kept)] if kept else usual
    found = [
        path
        for folder in folders
        for pattern in ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
        for path in folder.glob(pattern)
    ]
    return str(max(found)) if found else None


def _starts(path: str) -> bool:
    """Whether it runs at all: Ubuntu's `chromium-browser` may only be a pointer to a snap."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
