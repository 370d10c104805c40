"""Percentiles, rates and curves against figures worked out by hand from twelve leads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import stats

ROME = ZoneInfo("Europe/Rome")

# Lead: qualified, decided (None: still open), outcome. Offers were sent at the third list's times.
QUALIFIED = {
    "L1": ("2026-01-13T10:00", "2026-01-29T12:00", "won"),
    "L2": ("2026-01-19T15:00", "2026-02-10T15:00", "lost"),
    "L3": ("2026-01-22T10:00", "2026-03-02T10:00", "won"),
    "L6": ("2026-02-04T12:00", "2026-02-20T12:00", "won"),
    "L7": ("2026-02-12T10:00", None, None),
    "L8": ("2026-03-05T09:00", None, None),
    "L10": ("2026-02-26T10:00", "2026-03-20T10:00", "won"),
}
SENT = {
    "L1": ("2026-01-15T12:00", "2026-01-29T12:00"),
    "L2": ("2026-01-21T11:00", "2026-02-10T15:00"),
    "L3": ("2026-01-26T10:00", "2026-03-02T10:00"),
    "L6": ("2026-02-06T12:00", "2026-02-20T12:00"),
    "L7": ("2026-02-16T10:00", None),
    "L10": ("2026-03-02T10:00", "2026-03-20T10:00"),
    "L11": ("2026-05-12T10:00", "2026-06-10T10:00"),
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ROME).astimezone(UTC)


def test_the_median_of_842_is_the_421st_not_a_mean_of_two() -> None:
    assert stats.percentile(range(1, 843), 50) == 421
    assert stats.percentile(range(1, 843), 90) == 758


def test_a_percentile_is_always_one_of_the_values() -> None:
    assert stats.percentile([10, 40, 20, 30], 50) == 20
    assert stats.percentile([7], 90) == 7
    assert stats.percentile([], 50) is None
    assert stats.percentile([Decimal("0.1"), Decimal("0.3")], 50) == Decimal("0.1")
    with pytest.raises(ValueError):
        stats.percentile([1], 0)


@settings(deadline=None)
@given(st.lists(st.integers(), min_size=1), st.integers(1, 100))
def test_a_percentile_leaves_at_least_its_share_at_or_below(values: list[int], percent: int) -> None:
    found = stats.percentile(values, percent)
    assert found is not None
    at_or_below = sum(value <= found for value in values)
    below = sum(value < found for value in values)
    assert at_or_below * 100 >= percent * len(values) > below * 100


@pytest.mark.parametrize(
    ("won", "of", "low", "high"),
    [(4, 7, "25.0", "84.2"), (4, 5, "37.6", "96.4"), (842, 8000, "9.9", "11.2"), (0, 4, "0.0", "49.0")],
)
def test_the_interval_of_a_rate_is_wilsons(won: int, of: int, low: str, high: str) -> None:
    interval = stats.wilson(won, of)
    assert interval is not None
    assert [f"{100 * end:.1f}" for end in interval] == [low, high]


def test_a_rate_of_nothing_has_no_interval() -> None:
    assert stats.wilson(0, 0) is None
    with pytest.raises(ValueError):
        stats.wilson(5, 4)


def test_a_lost_lead_competes_with_a_won_one_in_the_incidence() -> None:
    as_of = datetime(2026, 3, 31, 23, 59, tzinfo=ROME)
    outcomes = [
        (float(stats.span(at(start), at(end) if end else as_of, 86400)), outcome)
        for start, end, outcome in QUALIFIED.values()
    ]
    curve = stats.incidence(outcomes, "won")
    assert [(round(step.time, 3), round(step.value, 4)) for step in curve] == [
        (16.0, 0.1429),
        (16.083, 0.2857),
        (22.0, 0.4286),
        (39.0, 0.6429),
    ]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["won", "lost", None]))))
def test_won_and_lost_and_still_open_make_up_all(outcomes: list[tuple[float, str | None]]) -> None:
    reached = [stats.incidence(outcomes, outcome) for outcome in ("won", "lost")]
    survival = stats.kaplan_meier((time, outcome is not None) for time, outcome in outcomes)
    total = sum(curve[-1].value for curve in reached if curve)
    assert total + (survival[-1].value if survival else 1.0) == pytest.approx(1.0)


def test_the_time_in_the_offer_stage_is_18_days_by_nearest_rank() -> None:
    spans = [(at(sent), at(decided) if decided else None) for sent, decided in SENT.values()]
    found = stats.durations(spans, datetime(2026, 6, 30, 23, 59, tzinfo=ROME), 86400)
    days = [str(each.quantize(Decimal("0.01"))) for each in sorted(found.completed)]
    assert days == ["14.00", "14.00", "18.00", "20.17", "29.00", "35.00"]
    assert found.median == 18
    # 134.58 by the clock on the wall, which was put forward by an hour on 29 March.
    assert [str(each.quantize(Decimal("0.01"))) for each in found.open] == ["134.54"]


def test_an_open_span_counts_as_not_ended_yet() -> None:
    spans = [(1.0, True), (2.0, True), (3.0, False), (4.0, True), (5.0, False)]
    assert [(step.time, round(step.value, 4)) for step in stats.kaplan_meier(spans)] == [
        (1.0, 0.8),
        (2.0, 0.6),
        (4.0, 0.3),
    ]
    assert stats.survival_percentile(spans, 50) == 4.0
    assert stats.survival_percentile(spans, 90) is None


def test_an_end_and_a_censoring_at_the_same_time_count_the_end_first() -> None:
    assert stats.kaplan_meier([(1.0, True), (1.0, False)]) == [stats.Step(1.0, 0.5)]


@settings(deadline=None)
@given(st.lists(st.integers(-5, 50).map(float), min_size=1), st.integers(1, 99))
def test_without_open_ones_the_curve_says_what_the_nearest_rank_says(
    values: list[float], percent: int
) -> None:
    spans = [(value, True) for value in values]
    assert stats.survival_percentile(spans, percent) == stats.percentile(values, percent)


def test_what_happens_after_the_day_asked_about_is_not_known_yet() -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    spans = [
        (begin, begin + timedelta(days=2)),
        (begin, begin + timedelta(days=9)),
        (begin + timedelta(days=6), None),
        (begin, begin - timedelta(days=1)),
    ]
    found = stats.durations(spans, begin + timedelta(days=5), 86400)
    assert sorted(found.completed) == [Decimal(-1), Decimal(2)]
    assert found.open == [Decimal(5)]
    assert found.oldest == 5
    assert found.total == 1
    assert found.censored(50) == 2
    assert found.censored(90) is None


def test_small_numbers_are_known_as_such() -> None:
    assert [stats.enough(n, 50) for n in (4, 5)] == [False, True]
    assert [stats.enough(n, 90) for n in (9, 10)] == [False, True]
