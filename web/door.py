"""What every page stands on: the engine, the clock, and one transaction a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from engine.config import Settings
from engine.db import Transaction
from engine.runtime import Engine
from web.assets import Assets

EXTENSION = "percorso"
"""Under this name the application keeps its Door."""


@dataclass(frozen=True)
class Door:
    """The engine behind this application and the clock that its requests read."""

    engine: Engine
    clock: Callable[[], datetime]
    assets: Assets
    """The built scripts, styles and icons."""

    @property
    def settings(self) -> Settings:
        return self.engine.settings

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that only looks."""
        with self.engine.transaction(self.clock(), write=False) as tx:
            yield tx

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that is kept when the block ends well; refusals undo it whole."""
        with self.engine.transaction(self.clock()) as tx:
            yield tx


def door() -> Door:
    """The Door of the application that answers this request."""
    found: Door = current_app.extensions[EXTENSION]
    return found
