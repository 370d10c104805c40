"""The shares and counts over all files, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks.corpus import plays

OUTCOMES = ("deployed", "deployed_with_warnings", "draft", "refused", "traceback", "timed_out", "died")
FORETELLING = frozenset({"deadlock", "deadlock_possible", "endless", "too_big"})
"""Findings after which a run that gets stuck comes as no surprise."""
SHOWN = 12


def summary(seen: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """All figures: outcomes, findings by code, failures, times, runs."""
    times = sorted(one["seconds"] for one in seen if one.get("seconds"))
    works = sorted(one["cpu"] for one in seen if one.get("cpu"))
    firsts = sorted(one["first_case"] for one in seen if one.get("first_case"))
    codes: Counter[tuple[str, str]] = Counter()
    for one in seen:
        codes.update({(item["severity"], item["code"]) for item in one.get("findings", ())})
    runs: Counter[str] = Counter()
    for one in seen:
        runs.update(one.get("runs", {}))
    run_files = [one for one in seen if one.get("runs")]
    bad = {*plays.ENDS} - {"ended", "long"}
    return {
        "files": len(seen),
        "outcomes": {name: sum(one["outcome"] == name for one in seen) for name in OUTCOMES},
        "deployable": sum(one["outcome"] in OUTCOMES[:3] for one in seen),
        "answered": dict(Counter(one["answered"] for one in seen if one.get("answered"))),
        "findings": [
            {"severity": severity, "code": code, "files": count}
            for (severity, code), count in codes.most_common()
        ],
        "tracebacks": sum(one["outcome"] in ("traceback", "died") for one in seen),
        "timeouts": sum(one["outcome"] == "timed_out" for one in seen),
        "raw_messages": sum(len(one.get("raw", ())) for one in seen),
        "lost": sum(len(one.get("lost", ())) for one in seen) + codes["error", "lost"],
        "seconds": _spread(times),
        "cpu_seconds": _spread(works),
        "first_case": {"median": _at(firsts, 0.5), "max": _at(firsts, 1)},
        "runs": {name: runs[name] for name in plays.ENDS},
        "run_files": len(run_files),
        "ending_files": sum("ended" in one["runs"] for one in run_files),
        "failing_files": sum(bool(bad & set(one["runs"])) for one in run_files),
        "unforetold": sum(_is_surprise(one) for one in run_files),
    }


def lines(figures: dict[str, Any], seen: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The report for people."""
    files = figures["files"] or 1
    yield f"{figures['files']} files"
    for name, count in figures["outcomes"].items():
        if count or name in OUTCOMES[:4]:
            yield f"  {name:24} {count:6} {count / files:7.1%}"
    yield f"deployable, questions allowed {figures['deployable']:6} {figures['deployable'] / files:7.1%}"
    for name, count in figures["answered"].items():
        yield f"  draft, once answered: {name:24} {count:6}"
    for name in ("tracebacks", "timeouts", "raw_messages", "lost", "unforetold"):
        yield f"{name:29} {figures[name]:6}   {'kept' if not figures[name] else 'MISSED: must be 0'}"
    seconds, work, first = figures["seconds"], figures["cpu_seconds"], figures["first_case"]
    yield "ms of CPU a file " + ", ".join(f"{name} {value * 1000:.0f}" for name, value in work.items())
    yield "ms a file        " + ", ".join(f"{name} {value * 1000:.0f}" for name, value in seconds.items())
    yield "ms to first case " + ", ".join(f"{name} {value * 1000:.0f}" for name, value in first.items())
    if figures["run_files"]:
        share = figures["ending_files"] / figures["run_files"]
        yield f"files run {figures['run_files']}, of which reach an end {share:.1%}"
        yield "runs: " + ", ".join(f"{name} {count}" for name, count in figures["runs"].items())
    yield "findings (files)"
    for one in figures["findings"]:
        yield f"  {one['severity']:9} {one['code']:28} {one['files']:6}"
    yield from _worst(seen)


def _worst(seen: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A few files for each kind of failure, and the slowest."""
    kinds: dict[str, Callable[[dict[str, Any]], object]] = {
        "traceback": lambda one: one["outcome"] in ("traceback", "died", "timed_out"),
        "raw message": lambda one: one.get("raw"),
        "lost": lambda one: one.get("lost"),
        "run without an end": lambda one: one.get("troubles"),
    }
    for kind, is_of_kind in kinds.items():
        bad = [one for one in seen if is_of_kind(one)]
        if bad:
            yield f"{kind}: {len(bad)} files"
        for one in bad[:SHOWN]:
            details = (one.get("raw"), one.get("lost"), one.get("troubles"), [one.get("traceback")])
            first = next((str(part[0]) for part in details if part and part[0]), "")
            last = first.strip().splitlines()[-1:]
            yield f"  {one['outcome']:10} {one['file']}: {''.join(last)}"
    slow = sorted(seen, key=lambda one: -one.get("seconds", 0))[:5]
    yield "slowest: " + ", ".join(f"{one['file']} {one.get('seconds', 0) * 1000:.0f} ms" for one in slow)


def _is_surprise(one: dict[str, Any]) -> bool:
    foretold = {item["code"] for item in one.get("findings", ())} & FORETELLING
    return "stuck" in one["runs"] and not foretold


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {name: _at(values, share) for name, share in (("median", 0.5), ("p99", 0.99), ("max", 1.0))}


def _at(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0
