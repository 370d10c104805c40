"""Repetition in series does not explode: what is made grows with what is passed, and not faster.

SpiffWorkflow 3.2.0 predicts 28,671 tasks for twelve parallel blocks in a row, and twice as many for
each further one.
"""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest

from tests.engine.drawing import Node, Part, both, boundary, bpmn, end, some, start, sub, throw, user, xor
from tests.engine.house import House

Gateway = Callable[[str], Node]
Block = Callable[[str, str], tuple[list[Part], str]]


def _split(gateway: Gateway, condition: str = "") -> Block:
    def block(name: str, last: str) -> tuple[list[Part], str]:
        parts: list[Part] = [gateway(f"{name}s"), gateway(f"{name}j"), f"{last} > {name}s"]
        for number in range(3):
            parts += [
                throw(f"{name}{number}"),
                f"{name}s > {name}{number}{condition}",
                f"{name}{number} > {name}j",
            ]
        return parts, f"{name}j"

    return block


def _scope(name: str, last: str) -> tuple[list[Part], str]:
    """A sub-process with a timer and a message at its border."""
    inside = sub(name, start(f"{name}b"), throw(f"{name}t"), end(f"{name}e"), f"{name}b > {name}t > {name}e")
    events: list[Part] = [
        boundary(f"{name}late", name, duration="PT1H"),
        boundary(f"{name}told", name, f"{name}told", interrupting=False),
    ]
    after: list[Part] = [xor(f"{name}x"), end(f"{name}o"), f"{last} > {name} > {name}x"]
    return [inside, *events, *after, f"{name}late > {name}x", f"{name}told > {name}o"], f"{name}x"


BLOCKS: dict[str, Block] = {
    "parallel": _split(both),
    "inclusive": _split(some, " [true]"),
    "sub-process": _scope,
}


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_blocks_in_a_row_make_as_many_tokens_as_they_pass(house: House, block: Block) -> None:
    few, some_more, many = (_tokens(house, block, count) for count in (12, 13, 40))

    each = some_more - few
    assert each <= 12
    assert many == few + 28 * each


def _tokens(house: House, block: Block, count: int) -> int:
    """How many tokens a case makes that passes so many blocks and then waits; each has the next number."""
    parts: list[Part] = [start("begin"), user("ask"), end("done"), "ask > done"]
    last = "begin"
    for number in range(count):
        drawn, last = block(f"n{number}_", last)
        parts += drawn
    house.deploy(bpmn("row", *parts, f"{last} > ask"))
    case = house.start("row")
    assert house.open(case) == ["ask"]
    return int(orjson.loads(house.state(case))["id"])
