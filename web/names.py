"""How processes, stages and elements are called in the reader's language.

The drawing holds the English names, `texts.it.toml` beside it the Italian ones. None of them ever
goes through a translation catalogue: they are data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from engine import xml
from engine.db import Transaction
from engine.diagrams.layout import lay_out
from engine.diagrams.picture import draw
from engine.runtime import Model
from web.door import door


@dataclass(frozen=True)
class Names:
    """The names in one version of a process, for one reader."""

    model: Model
    language: str

    @property
    def process(self) -> str:
        """`Lead intake`, `Acquisizione lead`."""
        return self.model.process_name(self.language)

    @property
    def number(self) -> int:
        return self.model.number

    def element(self, id: str | None, otherwise: str = "") -> str:
        """The element's name; where neither drawing nor texts have one, `otherwise`, else its id."""
        name = self.model.element_name(id or "", self.language)
        return otherwise if otherwise and name == id else name

    def stage(self, key: str | None) -> str:
        """The stage's own text, else the name of what bears it in the drawing, else its key in words."""
        own = self.model.texts.get(self.language, {}).get("stages", {}).get(key)
        if own:
            return str(own)
        if not key or key == self.model.process:
            return self.process
        bearers = [
            one
            for one in self.model.elements.values()
            if one.kind in ("subProcess", "transaction") and one.properties.get("stage") == key
        ]
        return self.element(bearers[0].id) if bearers else key.replace("_", " ").capitalize()

    def has_stage(self, key: str | None) -> bool:
        return any(element.stage == key for element in self.model.elements.values())


def of(tx: Transaction, version_ids: Iterable[int | None], language: str) -> dict[int, Names]:
    """The names in these versions; each is read from the database once, and kept by the engine."""
    engine = door().engine
    wanted = {id for id in version_ids if id is not None}
    return {id: Names(engine.model(tx, id), language) for id in wanted}


def stage(called: Iterable[Names], key: str | None) -> str:
    """A stage's name, in whichever of a case's processes it lies; the first one is the case's own."""
    known = list(called)
    return next((one for one in known if one.has_stage(key)), known[0]).stage(key)


def translated(data: bytes, file: str, texts: Mapping[str, Any]) -> bytes:
    """The drawing with the names of one language in it, for looking at only."""
    elements, process = texts.get("elements", {}), texts.get("process", {})
    root = xml.parse(data, file)
    for node in root.iter():
        name = elements.get(node.get("id"))
        if name is None and xml.local(node.tag) == "participant":
            name = process.get("name")
        if name and node.get("name"):
            node.set("name", str(name))
    out = BytesIO()
    root.getroottree().write(out, encoding="UTF-8", xml_declaration=True)
    return out.getvalue()


def picture(data: bytes, file: str, texts: Mapping[str, Any], language: str, name: str = "") -> bytes:
    """A drawing as an SVG picture with the names of a language; as drawn where there are none."""
    own = texts.get(language, {})
    shown = translated(lay_out(data, file), file, own)
    return draw(shown, file, own.get("process", {}).get("name") or name)
