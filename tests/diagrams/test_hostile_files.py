"""Hostile and broken files are refused by name or made harmless, within 10 seconds and 512 MB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks.corpus import pool
from engine.diagrams.layout import lay_out
from engine.diagrams.picture import draw
from engine.errors import Invalid
from tests.diagrams import hostile

SECONDS = 10.0


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, dict[str, Any]]:
    """What became of each file, looked at in limited processes; none of them may touch the canary."""
    folder = tmp_path_factory.mktemp("hostile")
    canary = folder / "canary"
    for name, (data, _) in hostile.files(str(canary)).items():
        (folder / f"{name}.bpmn").write_bytes(data)
    paths = sorted(folder.glob("*.bpmn"))
    found = {
        one["file"].removesuffix(".bpmn"): one
        for one in pool.look_at(folder, paths, workers=2, seed=1, runs=1, seconds=SECONDS)
    }
    assert not canary.exists()
    return found


FILES = hostile.files("/nowhere/canary")


def test_no_file_ends_a_process_or_takes_too_long(seen: Mapping[str, dict[str, Any]]) -> None:
    bad = {name: one for name, one in seen.items() if one["outcome"] in ("died", "timed_out", "traceback")}

    assert {name: (one["outcome"], one.get("traceback", "")[-300:]) for name, one in bad.items()} == {}
    assert {name: one["seconds"] for name, one in seen.items() if one["seconds"] > SECONDS} == {}


def test_whatever_is_refused_is_refused_in_words(seen: Mapping[str, dict[str, Any]]) -> None:
    for name, one in seen.items():
        assert one["raw"] == [], name
        if one["outcome"] == "refused":
            errors = [finding for finding in one["findings"] if finding["severity"] == "error"]
            assert errors, name
            assert all(finding["message"] and finding["remedy"] for finding in errors), name


@pytest.mark.parametrize("name", [name for name, (_, fate) in FILES.items() if fate == hostile.REFUSED])
def test_what_can_never_be_run_is_refused(name: str, seen: Mapping[str, dict[str, Any]]) -> None:
    assert seen[name]["outcome"] == "refused"


def test_nothing_is_lost_in_silence(seen: Mapping[str, dict[str, Any]]) -> None:
    assert {name: one["lost"][:3] for name, one in seen.items() if one["lost"]} == {}


def test_what_was_deployed_ran_without_getting_stuck(seen: Mapping[str, dict[str, Any]]) -> None:
    stuck = {name: one["troubles"] for name, one in seen.items() if "stuck" in one["runs"]}

    assert stuck == {}


@pytest.mark.parametrize("name", FILES)
def test_each_file_gives_a_picture_or_a_refusal(name: str) -> None:
    data, _ = FILES[name]
    try:
        draw(lay_out(data, name), name)
    except Invalid as refused:
        assert name in refused.message
