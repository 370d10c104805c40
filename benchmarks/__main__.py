"""`python -m benchmarks [--postgres URL]`: prints each figure beside the bar it must keep."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import feel, growth, lead_case, series
from benchmarks.house import build, measure


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", help="another database than a fresh SQLite file")
    options.add_argument("--cases", type=int, default=60, help="lead cases a round")
    given = options.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; median of the rounds of one run\n")
    with tempfile.TemporaryDirectory() as folder:
        house = build(given.database or f"sqlite:///{Path(folder) / 'bench.db'}")
        kept = [_lead_case(house, given.cases), *_growth(house), *_series(house), *_feel()]
        house.engine.database.close()
    return 0 if all(kept) else 1


def _lead_case(house: object, cases: int) -> bool:
    ours = lead_case.percorso(house, cases)  # type: ignore[arg-type]
    stock = lead_case.stock(cases)
    ours()
    stock()
    # In turn, so that a slow moment of the machine strikes both.
    rounds = [(measure(ours, 1), measure(stock, 1)) for _ in range(9)]
    speed = sorted(theirs.wall / mine.wall for mine, theirs in rounds)
    work = sorted(mine.cpu / theirs.cpu for mine, theirs in rounds)
    mine, theirs = rounds[len(rounds) // 2]
    print(f"lead case       Percorso {mine.wall * 1000:6.2f} ms wall, {mine.cpu * 1000:6.2f} ms CPU")
    print(f"                stock    {theirs.wall * 1000:6.2f} ms wall, {theirs.cpu * 1000:6.2f} ms CPU")
    first = _verdict("cases per second / stock", speed, at_least=0.5)
    return _verdict("CPU per case / stock", work, at_most=2.0) and first


def _growth(house: object) -> list[bool]:
    steps, size = growth.loop(house)  # type: ignore[arg-type]
    lists = growth.inbox_sizes(house)  # type: ignore[arg-type]
    return [
        _verdict("loop: step 10,000 / step 10", steps, at_most=1.3),
        _verdict("loop: state after 10,000 rounds, kB", [size / 1000], at_most=4.0),
        _verdict("inbox: 20,000 open tasks / 10", lists, at_most=2.0),
    ]


def _series(house: object) -> list[bool]:
    few, many = series.measure(house)  # type: ignore[arg-type]
    growth_of_tokens = many.tokens / few.tokens / (many.blocks / few.blocks)
    return [
        _verdict(f"series: {few.blocks} blocks start, ms", few.starts, at_most=series.BAR),
        _verdict("series: tokens, 40 blocks / 12 per block", [growth_of_tokens], at_most=1.1),
    ]


def _feel() -> list[bool]:
    return [
        _verdict("FEEL: a condition, µs", [feel.condition()], at_most=feel.CONDITION_BAR),
        _verdict("DMN: a table of 50 rows, µs", [feel.table()], at_most=feel.TABLE_BAR),
    ]


def _verdict(
    name: str, values: list[float], at_least: float | None = None, at_most: float | None = None
) -> bool:
    middle = sorted(values)[len(values) // 2]
    kept = (at_least is None or middle >= at_least) and (at_most is None or middle <= at_most)
    bar = f">= {at_least}" if at_least is not None else f"<= {at_most}"
    noise = f"{min(values):.2f}-{max(values):.2f}"
    print(f"{name:36} {middle:6.2f}   ({noise})   bar {bar}   {'kept' if kept else 'MISSED'}")
    return kept


if __name__ == "__main__":
    sys.exit(main())
