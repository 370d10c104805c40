"""How long a condition and a decision table of 50 rows take: `python -m benchmarks.feel`."""

from __future__ import annotations

import sys
import timeit
from collections.abc import Callable

from engine.feel import Decision, Scope, compile_expression, read_decisions

CONDITIONS = (
    'score > 50 and tier = "gold"',
    'tier in ("gold", "silver") or amount between 100 and 500',
    'if lead.score >= 40 then "hot" else "cold"',
    "${score > 50 && tier == 'gold'}",
    "count(lines[net > 5]) > 2",
)
SCOPE = Scope(
    {
        "score": 70,
        "tier": "gold",
        "amount": 120,
        "lead": {"score": 42},
        "lines": [{"net": number} for number in range(10)],
    }
)

CONDITION_BAR = 5.0
"""Microseconds that a typical condition may take."""

TABLE_BAR = 200.0
"""Microseconds that a table of 50 rows may take, with the last row the one that holds."""


def condition() -> float:
    """Microseconds of the first condition, the typical one."""
    return _microseconds(_evaluated(CONDITIONS[0]), 20_000)


def table() -> float:
    """Microseconds of a UNIQUE table of 50 rows and two inputs."""
    decision, scope = _table(), Scope({"size": 495, "source": "web"})
    assert decision.evaluate(scope).rules == (50,)
    return _microseconds(lambda: decision.evaluate(scope), 1_000)


def _evaluated(text: str) -> Callable[[], object]:
    expression = compile_expression(text)
    return lambda: expression.evaluate(SCOPE)


def _microseconds(work: Callable[[], object], times: int) -> float:
    """The fastest of several rounds: what else the machine does can only make one slower."""
    return min(timeit.repeat(work, number=times, repeat=7)) / times * 1e6


def _table() -> Decision:
    rules = "".join(
        f"<rule><inputEntry><text>[{low}..{low + 9}]</text></inputEntry>"
        '<inputEntry><text>"web", "fair"</text></inputEntry>'
        f"<outputEntry><text>{low}</text></outputEntry></rule>"
        for low in range(0, 500, 10)
    )
    text = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        '<decision id="points" name="Points"><decisionTable hitPolicy="UNIQUE">'
        '<input><inputExpression typeRef="number"><text>size</text></inputExpression></input>'
        '<input><inputExpression typeRef="string"><text>source</text></inputExpression></input>'
        f'<output name="points" typeRef="number"/>{rules}</decisionTable></decision></definitions>'
    )
    return read_decisions(text.encode(), "points.dmn")["points"]


def main() -> int:
    for text in CONDITIONS:
        print(f"{_microseconds(_evaluated(text), 10_000):8.2f} µs  {text}")
    first, second = condition(), table()
    print(f"{first:8.2f} µs  a typical condition (at most {CONDITION_BAR:.0f})")
    print(f"{second:8.2f} µs  a table of 50 rows (at most {TABLE_BAR:.0f})")
    return 0 if first <= CONDITION_BAR and second <= TABLE_BAR else 1


if __name__ == "__main__":
    sys.exit(main())
