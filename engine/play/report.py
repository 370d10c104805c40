"""What a play did, and what it cost."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Report:
    """Counts of what was really done; times are a stopwatch's, not a clock's."""

    start: datetime
    until: datetime
    seed: int
    cases: int = 0
    """Cases that messages from outside began."""
    tasks: int = 0
    """Tasks completed."""
    in_vain: int = 0
    """Tasks taken that were gone when their work was done: a timer or a customer was faster."""
    messages: int = 0
    """Messages that came from outside, those that began cases among them."""
    timers: int = 0
    """Cases woken by a timer."""
    stalled: int = 0
    """Cases flagged as standing still."""
    failed: int = 0
    """Steps that failed; each left an incident."""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    _begun: tuple[float, float] = field(default=(0.0, 0.0), repr=False)

    @property
    def days(self) -> float:
        return (self.until - self.start).total_seconds() / 86400

    def begin(self) -> None:
        self._begun = time.perf_counter(), time.process_time()

    def end(self) -> None:
        """Note the time since `begin`."""
        self.seconds = time.perf_counter() - self._begun[0]
        self.cpu_seconds = time.process_time() - self._begun[1]

    def to_json(self) -> dict[str, Any]:
        return {
            "from": self.start.isoformat().replace("+00:00", "Z"),
            "to": self.until.isoformat().replace("+00:00", "Z"),
            "days": round(self.days, 2),
            "seed": self.seed,
            "cases": self.cases,
            "tasks": self.tasks,
            "in_vain": self.in_vain,
            "messages": self.messages,
            "timers": self.timers,
            "stalled": self.stalled,
            "failed": self.failed,
            "seconds": round(self.seconds, 2),
            "cases_per_second": round(self.cases / self.seconds, 1) if self.seconds else None,
            "cpu_ms_per_case": round(1000 * self.cpu_seconds / self.cases, 2) if self.cases else None,
        }
