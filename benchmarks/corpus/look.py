"""Looks at one file as a stranger would: check it, deploy it with random answers, run it at random."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.corpus import answering, losses, plays
from engine import config, versions
from engine.catalog import Catalog
from engine.columns import Base
from engine.config import Settings, shipped_file
from engine.db import Database
from engine.runtime import Engine

RAW = re.compile(r"Traceback|<Element |object at 0x|\bb'<|[a-z]Error\(|[A-Z]\w+Exception\b|NoneType")
"""What no person should ever be shown."""

WORST = ("refused", "draft", "deployed_with_warnings", "deployed")


@dataclass
class Look:
    """What was seen of one file; `outcome` is `died` or `timed_out` where its process was ended."""

    file: str
    outcome: str = "died"
    size: int = 0
    seconds: float = 0.0
    """To read and check it, everything included."""
    cpu: float = 0.0
    """The same in seconds of the processor: what a quiet core would take."""
    first_case: float = 0.0
    """Seconds until the first case has started."""
    answered: str = ""
    """The outcome once its questions were answered at random; empty if nothing was asked."""
    findings: list[dict[str, Any]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    traceback: str = ""
    lost: list[str] = field(default_factory=list)
    runs: dict[str, int] = field(default_factory=dict)
    """How its random runs ended: see plays.ENDS."""
    troubles: list[str] = field(default_factory=list)
    """Where and why runs did not reach an end."""


def look(path: Path, name: str, seed: int, runs: int) -> dict[str, Any]:
    """Everything there is to say about a file, as JSON."""
    seen = Look(name, size=path.stat().st_size)
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        # Alone in its folder: what lies beside it in a suite belongs to other files.
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        try:
            _look(seen, copy, Random(f"{seed}/{name}"), runs)
        except Exception:  # noqa: BLE001  It is what we are looking for.
            seen.traceback = traceback.format_exc(limit=-6)
            seen.outcome = "traceback"
    return asdict(seen)


def _look(seen: Look, copy: Path, random: Random, runs: int) -> None:
    engine = _engine()
    try:
        begun, worked = time.perf_counter(), time.process_time()
        with engine.transaction(plays.NOW) as tx:
            report = versions.check(engine, tx, [copy])
        seen.seconds, seen.cpu = time.perf_counter() - begun, time.process_time() - worked
        seen.findings = [finding.to_json() for finding in report.findings]
        seen.raw = [f"{one['code']}: {one['message']}" for one in seen.findings if _is_raw(one)]
        seen.outcome = outcome(report)
        if seen.outcome == "refused":
            return
        report = answering.deploy(engine, copy, random)
        seen.answered = outcome(report) if seen.outcome == "draft" else ""
        deployed = [one.process for one in report.processes if one.version is not None]
        if not deployed:
            return
        seen.lost = losses.lost(engine, copy.read_bytes(), deployed, report.findings)
        for number in range(runs):
            play = plays.Play(engine, deployed, Random(random.random()))
            end = play.run()
            seen.first_case = max(seen.first_case, play.first_case)
            seen.runs[end] = seen.runs.get(end, 0) + 1
            if end not in ("ended", "long"):
                seen.troubles.append(f"{end} in run {number}: {play.trouble}")
    finally:
        engine.database.close()


def outcome(report: versions.Report) -> str:
    """The worst outcome of a file's processes; refused where there is none."""
    if report.exit_code == 1 or not report.processes:
        return "refused"
    found = {one.outcome for one in report.processes}
    return next(one for one in WORST if one in found)


def _is_raw(finding: dict[str, Any]) -> bool:
    return bool(RAW.search(f"{finding['message']} {finding['remedy']}"))


def _engine() -> Engine:
    """An engine of a company with the shipped roles and no process of its own, in memory."""
    database = Database("sqlite://")
    Base.metadata.create_all(database.pool)
    settings: Settings = config.load(shipped_file())
    return Engine(database, Catalog(), settings)
