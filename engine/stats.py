"""Arithmetic over histories: percentiles, rates with their interval, survival and incidence curves.

Knows no database: numbers in, numbers out. Durations are in whatever unit the caller uses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import sqrt
from typing import Protocol, Self, TypeVar

Z_95 = 1.959963984540054
"""The 97.5th percentile of the standard normal distribution, for intervals of 95 %."""

FEW = {50: 5, 85: 10, 90: 10}
"""How many values a percentile needs before it says more than the values themselves."""

_TOLERANCE = 1e-9
"""Survival is a product of fractions in floating point; one half must still count as one half."""


class Ordered(Protocol):
    """Whatever can be sorted: numbers, Decimals, timedeltas."""

    def __lt__(self, other: Self, /) -> bool: ...


T = TypeVar("T", bound=Ordered)


def percentile(values: Iterable[T], percent: int) -> T | None:
    """The value of rank ceil(percent/100 * n), counting from 1; None without values.

    Nearest rank, the same as PostgreSQL's `percentile_disc`: always one of the values, never a
    mean of two. Of 842 values the median is the 421st. (Hyndman and Fan, "Sample Quantiles in
    Statistical Packages", The American Statistician 50, 1996, definition 1.)
    """
    if not 0 < percent <= 100:
        raise ValueError("percent must be from 1 to 100")
    ordered = sorted(values)
    if not ordered:
        return None
    rank = -(-percent * len(ordered) // 100)
    return ordered[rank - 1]


def enough(n: int, percent: int) -> bool:
    """Whether n values carry this percentile; below, show the values instead."""
    return n >= FEW.get(percent, 5)


def wilson(successes: int, n: int, z: float = Z_95) -> tuple[float, float] | None:
    """The interval of a rate as (low, high) between 0 and 1; None when n is 0.

    Wilson's score interval, which holds for small n and for rates near 0 and 1 (E. B. Wilson,
    "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22, 1927).
    """
    if not 0 <= successes <= n:
        raise ValueError("successes must be between 0 and n")
    if n == 0:
        return None
    rate = successes / n
    spread = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    centre = rate + z * z / (2 * n)
    scale = 1 + z * z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


@dataclass(frozen=True)
class Step:
    """From `time` on, the curve has this `value`, until the next step."""

    time: float
    value: float


def kaplan_meier(durations: Iterable[tuple[float, bool]]) -> list[Step]:
    """The share that is still under way at each time something ended.

    `durations` are (how long, whether it has ended); one that has not is right-censored: it counts
    among those at risk until then, and never as an end. A tie between an end and a censoring puts
    the end first. (E. L. Kaplan and P. Meier, "Nonparametric Estimation from Incomplete
    Observations", JASA 53, 1958.)
    """
    return [
        Step(time, survival)
        for time, _, survival in _at_risk((t, "end" if e else None) for t, e in durations)
    ]


def survival_percentile(durations: Iterable[tuple[float, bool]], percent: int) -> float | None:
    """The time by which `percent` of all have ended, censored ones included fairly.

    The first time at which the Kaplan-Meier curve is at or below 1 - percent/100; None when the
    curve never gets there, because too many have not ended yet. Without censoring it is the
    nearest-rank percentile.
    """
    limit = 1 - percent / 100 + _TOLERANCE
    return next((step.time for step in kaplan_meier(durations) if step.value <= limit), None)


def incidence(outcomes: Iterable[tuple[float, str | None]], outcome: str) -> list[Step]:
    """The probability that `outcome` has come about by each time, while other outcomes compete.

    `outcomes` are (how long, the outcome or None while still open). Kaplan-Meier would overstate
    it, as if a lost case could still be won. (O. O. Aalen and S. Johansen, "An Empirical Transition
    Matrix for Non-homogeneous Markov Chains Based on Censored Observations", Scandinavian Journal
    of Statistics 5, 1978.)
    """
    steps, reached, before = [], 0.0, 1.0
    for time, (at_risk, ended), after in _at_risk(outcomes):
        if ended[outcome]:
            reached += before * ended[outcome] / at_risk
            steps.append(Step(time, reached))
        before = after
    return steps


def _at_risk(
    outcomes: Iterable[tuple[float, str | None]],
) -> Iterable[tuple[float, tuple[int, Counter[str]], float]]:
    """For each time with an end: (those at risk, ends by outcome), and the share that is left after."""
    ordered = sorted(outcomes, key=lambda each: each[0])
    left, survival, position = len(ordered), 1.0, 0
    while position < len(ordered):
        time, ended, gone = ordered[position][0], Counter[str](), 0
        while position < len(ordered) and ordered[position][0] == time:
            outcome = ordered[position][1]
            if outcome is not None:
                ended[outcome] += 1
            gone += 1
            position += 1
        if ended:
            survival *= 1 - ended.total() / left
            yield time, (left, ended), survival
        left -= gone


@dataclass(frozen=True)
class Durations:
    """What a set of durations says: those that ended, and the ages of those that have not."""

    completed: Sequence[Decimal]
    open: Sequence[Decimal]

    @property
    def median(self) -> Decimal | None:
        """Of the completed ones only."""
        return percentile(self.completed, 50)

    @property
    def p90(self) -> Decimal | None:
        """Of the completed ones only."""
        return percentile(self.completed, 90)

    @property
    def oldest(self) -> Decimal | None:
        """The age of the oldest open one."""
        return max(self.open, default=None)

    @property
    def total(self) -> Decimal:
        """The time of the completed ones together."""
        return sum(self.completed, Decimal(0))

    def censored(self, percent: int) -> Decimal | None:
        """The percentile with the open ones counted as not ended yet (Kaplan-Meier)."""
        pairs = [(float(each), True) for each in self.completed]
        pairs += [(float(each), False) for each in self.open]
        reached = survival_percentile(pairs, percent)
        if reached is None:
            return None
        return next(each for each in sorted(self.completed) if float(each) == reached)


def durations(
    spans: Iterable[tuple[datetime, datetime | None]], as_of: datetime, unit_seconds: int = 1
) -> Durations:
    """Spans of (begin, end or None) as seen at `as_of`, in units of `unit_seconds` (86400 for days).

    A span that ends after `as_of` is still open then; one that begins after it is not there yet.
    An end before its beginning gives a negative duration, which is kept.
    """
    completed, open_ones = [], []
    for begin, end in spans:
        if end is not None and end <= as_of:
            completed.append(span(begin, end, unit_seconds))
        elif begin <= as_of:
            open_ones.append(span(begin, as_of, unit_seconds))
    return Durations(completed, open_ones)


def span(begin: datetime, end: datetime, unit_seconds: int = 1) -> Decimal:
    """The exact time between two instants, in units of `unit_seconds`."""
    elapsed = end - begin
    micros = (elapsed.days * 86400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds
    return Decimal(micros) / (1_000_000 * unit_seconds)
