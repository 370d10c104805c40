"""Blocks in a row: how long a case takes to start, and how many tokens it makes, as the row gets longer."""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass

from sqlalchemy import select

from benchmarks.house import NOW, House
from engine.runtime import start
from engine.tables import Case, Version

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"

LENGTHS = (12, 40)
"""Parallel blocks in a row; SpiffWorkflow predicts 28,671 tasks for twelve, twice as many for one more."""

BAR = 50.0
"""Milliseconds in which a case of twelve blocks must start."""


@dataclass(frozen=True)
class Row:
    """One length: milliseconds per start (each round's), and the tokens made until the case waits."""

    blocks: int
    starts: list[float]
    tokens: int

    @property
    def milliseconds(self) -> float:
        return statistics.median(self.starts)


def measure(house: House, rounds: int = 15) -> list[Row]:
    """Start cases of each length: blocks that pass by themselves, then a task that waits."""
    rows = []
    for blocks in LENGTHS:
        process = f"series_{blocks}"
        deploy(house, process, blocks)
        begin(house, process)
        starts = [begin(house, process) * 1000 for _ in range(rounds)]
        rows.append(Row(blocks, starts, tokens(house, process)))
    return rows


def begin(house: House, process: str) -> float:
    """Seconds that starting a case takes, its commit included."""
    begun = time.perf_counter()
    with house.engine.transaction(NOW) as tx:
        start(house.engine, tx, process)
    return time.perf_counter() - begun


def tokens(house: House, process: str) -> int:
    """The tokens that the last case of the process has made so far: each has the next number."""
    with house.engine.transaction(NOW, write=False) as tx:
        found = select(Case.state).where(Case.process == process).order_by(Case.id.desc()).limit(1)
        return int(json.loads(bytes(tx.session.scalars(found).one()))["id"])


def deploy(house: House, process: str, blocks: int) -> None:
    with house.engine.transaction(NOW) as tx:
        tx.session.add(
            Version(
                process=process,
                number=1,
                name=process,
                file=f"{process}.bpmn",
                checksum=process,
                xml=drawing(process, blocks).encode(),
                forms={},
                decisions={},
                texts={},
                created_at=NOW,
            )
        )


def drawing(process: str, blocks: int) -> str:
    """So many splits in three, each with its join, and a task behind them."""
    nodes, last = ['<startEvent id="begin"/>'], "begin"
    flows: list[str] = []

    def flow(source: str, target: str) -> None:
        flows.append(f'<sequenceFlow id="f{len(flows)}" sourceRef="{source}" targetRef="{target}"/>')

    for number in range(blocks):
        split, join = f"split_{number}", f"join_{number}"
        nodes += [f'<parallelGateway id="{split}"/>', f'<parallelGateway id="{join}"/>']
        flow(last, split)
        for branch in range(3):
            passed = f"point_{number}_{branch}"
            nodes.append(f'<intermediateThrowEvent id="{passed}"/>')
            flow(split, passed)
            flow(passed, join)
        last = join
    nodes += ['<userTask id="ask"/>', '<endEvent id="done"/>']
    flow(last, "ask")
    flow("ask", "done")
    inside = "".join([*nodes, *flows])
    return (
        f'<definitions xmlns="{BPMN}" id="file" targetNamespace="https://percorso.example/benchmarks">'
        f'<process id="{process}" isExecutable="true">{inside}</process></definitions>'
    )
