"""Draws a whole drawing by chance."""

from __future__ import annotations

from tests.engine.oracle.bends import bend
from tests.engine.oracle.blocks import Blocks
from tests.engine.oracle.choices import Choices
from tests.engine.oracle.diagram import Diagram, Node, Trigger, Value
from tests.engine.oracle.graphs import random_graph
from tests.engine.oracle.sketch import Loose, Place, Plan

KEY = "random"


def draw(choices: Choices) -> Plan:
    """A process with what it calls: a few blocks within one another, most often bent, or a random graph."""
    sketch = Blocks(choices, 8 + choices.below(22))
    process: Diagram | None = None
    if choices.often(12):
        process = random_graph(sketch, KEY)
    if process is None:
        process = sketch.scope(KEY, depth=3, least=3)
    plan = Plan(process, sketch.called, sketch.variables, sketch.marks)
    if "random graph" not in plan.marks:
        if choices.often(60):
            bend(sketch, plan.every())
        if choices.often(15):
            _more_starts(sketch, process)
    for one in plan.every():
        one.close()
    return plan


def _more_starts(sketch: Blocks, process: Diagram) -> None:
    """A message and a signal that begin cases too; each comes to where the plain start event leads."""
    (begin,) = process.starts()
    (first,) = [arrow for arrow in process.arrows if arrow.source == begin.id]
    merge = Node(f"x{sketch.number()}", "xor")
    sketch.split(process, first.number, merge)
    place = Place(process, sketch.thread(), top=False)
    for trigger in (Trigger("message", "begin_m"), Trigger("signal", "begin_s")):
        start = sketch.node(place, "start", "begin", trigger=trigger)
        sketch.go(place, Loose(start.id), merge)


def values(plan: Plan, choices: Choices, *, calm: bool = False) -> dict[str, Value]:
    """A value for every variable; calm ones lead out of loops."""
    return {
        name: variable.calm if calm else choices.pick(variable.values)
        for name, variable in plan.variables.items()
    }
