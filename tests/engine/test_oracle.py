"""Whatever is drawn and whatever happens: a case shows what the standard permits, and nothing else.

1,000 random drawings in all; `make bench-oracle` runs 20,000 and more. CONTRIBUTING.md says how.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.engine.house import House
from tests.engine.oracle import Drawn
from tests.engine.trials import run

CHUNKS = range(10)
RUNS = {"sqlite": 90, "postgresql": 10}
"""Of each chunk."""


@pytest.mark.parametrize("chunk", CHUNKS)
def test_random_drawings_show_what_the_oracle_permits(lasting: House, chunk: int) -> None:
    """Saved and loaded between any two events; a failure prints the shortest drawing that shows it."""

    @seed(chunk)
    @settings(
        max_examples=RUNS[lasting.engine.database.dialect],
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(chance=st.randoms(use_true_random=False))
    def runs(chance: Random) -> None:
        run(lasting, Drawn(chance.randrange))

    runs()
