"""Each thing that SpiffWorkflow 3.2.0 does silently wrong: what Percorso does instead."""

from __future__ import annotations

import pytest

from tests.engine.house import House
from tests.spiffworkflow import flaws_events, flaws_steps
from tests.spiffworkflow.flaws import Flaw, Look

FLAWS = [*flaws_steps.FLAWS, *flaws_events.FLAWS]
LOOKS = [(flaw, look) for flaw in FLAWS for look in flaw.ours]


@pytest.mark.parametrize(
    ("flaw", "look"), LOOKS, ids=[f"{flaw.construct} {flaw.ours.index(look) + 1}" for flaw, look in LOOKS]
)
def test_a_known_flaw_is_ours_no_more(house: House, flaw: Flaw, look: Look) -> None:
    look(house)


def test_every_construct_is_told_once_with_its_flaw() -> None:
    assert len({flaw.construct for flaw in FLAWS}) == len(FLAWS)
    assert all(flaw.stock and flaw.ours for flaw in FLAWS)
