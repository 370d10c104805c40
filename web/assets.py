"""Finds the built front end: the tags of its scripts and styles, and its icons."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from engine.errors import SetupError

BUILT = Path(__file__).resolve().parent / "static" / "built"


class Assets:
    """What Vite has built; `tags` and `icon` are the functions `asset_tags` and `icon` of the pages.

    `url` turns a path below static/ into an address.
    """

    def __init__(self, manifest: Mapping[str, Any], icons: frozenset[str], url: Callable[[str], str]) -> None:
        self.icons = icons
        self._manifest = manifest
        self._url = url

    def tags(self, name: str) -> Markup:
        """The `<link>` and `<script>` tags of an entry: `app` is every page's."""
        entry = self._manifest[f"src/{name}.js"]
        styles = [
            Markup('<link rel="stylesheet" href="{}">').format(self._address(file)) for file in entry["css"]
        ]
        preloads = [
            Markup('<link rel="modulepreload" href="{}">').format(self._address(self._manifest[key]["file"]))
            for key in entry.get("imports", ())
        ]
        script = Markup('<script type="module" src="{}"></script>').format(self._address(entry["file"]))
        return Markup("\n").join([*styles, *preloads, script])

    def icon(self, name: str, label: str = "", classes: str = "") -> Markup:
        """An icon of the sprite: decoration, unless `label` says what it stands for."""
        if name not in self.icons:
            raise SetupError(
                "unknown_icon",
                "There is no icon “{name}”.",
                where="web/frontend/icons.json",
                remedy="Add its name there, and run `make assets`.",
                name=name,
            )
        meaning = (
            Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        )
        sprite = self._address(self._manifest["icons.svg"]["file"])
        return Markup(
            '<svg class="{}" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
            'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" {}>'
            '<use href="{}#{}"></use></svg>'
        ).format(f"icon {classes}".strip(), meaning, sprite, name)

    def _address(self, file: str) -> str:
        return self._url(f"built/{file}")


def load(url: Callable[[str], str], folder: Path = BUILT) -> Assets:
    """The front end built into `folder`; raises SetupError where it was not built."""
    try:
        manifest = json.loads((folder / ".vite" / "manifest.json").read_text(encoding="utf-8"))
        sprite = (folder / manifest["icons.svg"]["file"]).read_text(encoding="utf-8")
    except (OSError, ValueError, KeyError):
        raise SetupError(
            "front_end_missing",
            "The scripts and styles of the pages are not built: run `make assets` in the project's folder.",
            where=str(folder),
        ) from None
    return Assets(manifest, frozenset(re.findall(r'<symbol id="([^"]+)"', sprite)), url)
