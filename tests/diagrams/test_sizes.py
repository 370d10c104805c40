"""Large drawings end in words within seconds, whatever their shape."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from engine.findings import Finding
from tests.diagrams.snippets import END, START, step
from tests.diagrams.test_soundness import net

Check = Callable[..., list[Finding]]

SECONDS = 5
"""Of processor time: a busy machine is no mistake of ours."""

MANY = [f"w{number}" for number in range(1500)]
BLOCKS = [way for n in range(16) for way in (f"p{n} > t{n} > p{n}b > p{n + 1}", f"p{n} > t{n}b > p{n}b")]


def tasks(tag: str = "userTask") -> str:
    return "".join(f'<{tag} id="{id}"/>' for id in MANY)


def wide(kind: str) -> str:
    ways = "".join(f"~ g > {id} > e\n" for id in MANY)
    return f'{START}<task id="t"/><{kind} id="g"/>{tasks()}{END}~ s > t > g\n{ways}'


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (f"{START}{tasks()}{END}~ s > {' > '.join(MANY)} > e\n", {"chain_too_long"}),
        (net("s > p0", *BLOCKS, "p16 > t16 > e"), set()),
        (wide("parallelGateway"), {"too_big"}),
        (wide("exclusiveGateway"), {"choice_made"}),
        (wide("inclusiveGateway"), {"choice_made", "too_big"}),
        (step('<task id="a"/>') + tasks(), {"unreachable"}),
        (step('<task id="a"/>') + tasks().replace("id", "name"), {"id_made", "unreachable"}),
        (f"{tasks('startEvent')}<task id='a'/>" + "".join(f"~ {id} > a\n" for id in MANY),
         {"starts_chosen", "choice_task", "end_made"}),
        (f"{START}{tasks('receiveTask')}{END}~ s > w0 > e\n",
         {"message_awaited_made", "unreachable"}),
    ],
)  # fmt: skip
def test_a_large_drawing_is_checked_in_time(checked: Check, body: str, codes: set[str]) -> None:
    began = time.process_time()

    assert {finding.code for finding in checked(body)} == codes
    assert time.process_time() - began < SECONDS
