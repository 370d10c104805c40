"""Answers the questions of a draft at random and deploys it."""

from __future__ import annotations

from pathlib import Path
from random import Random

from benchmarks.corpus import plays
from engine import versions
from engine.runtime import Engine


def deploy(engine: Engine, file: Path, random: Random) -> versions.Report:
    """Deploy a file; `random` decides the answers."""
    with engine.transaction(plays.NOW) as tx:
        return versions.deploy(engine, tx, [file])
