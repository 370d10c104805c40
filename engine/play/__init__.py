"""Imaginary staff and customers, seeded and in virtual time, that really run the engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.play.report import Report
from engine.play.scenario import Scenario, load
from engine.play.staff import key_of
from engine.play.world import World
from engine.runtime import Engine

__all__ = ["Report", "Scenario", "key_of", "load", "play"]


def play(
    engine: Engine,
    scenario: Scenario,
    *,
    start: datetime,
    until: datetime,
    seed: int = 1,
    staff_until: datetime | None = None,
    progress: Callable[[datetime], None] | None = None,
) -> Report:
    """Let the people of a scenario live from `start` to `until` (aware UTC) on what is deployed.

    Messages come in, staff list, claim and complete, customers reply, timers fire: each in a
    transaction of its own, at its own instant. The same seed on an equal database makes the same
    history. Staff stop at `staff_until`, which leaves their tasks open. `progress` is called with
    the first instant of each day. Raises Invalid when an answer of the scenario does not fit its form.
    """
    world = World(engine, scenario, start=start, until=until, staff_until=staff_until or until, seed=seed)
    return world.run(progress)
