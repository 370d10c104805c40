"""Figures of leads: close rates, time to close, time to the first answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from engine import stats
from processes.kpis.figure import Kpi, Period, rate, rounded
from processes.kpis.journeys import Journey

DAY, HOUR = 86400, 3600

WITHIN_DAYS = 90
"""How long a qualified lead may take to be won to count in K01d."""

Figure = Callable[[Sequence[Journey], Period], Kpi]


def _close_rate(leads: Sequence[Journey], period: Period) -> Kpi:
    """Of the leads qualified in the period, those won so far; open ones stay in the denominator."""
    cohort = [lead for lead in leads if period.holds(lead.qualified)]
    return rate("K01", "cohort", sum(lead.won is not None for lead in cohort), len(cohort))


def _resolved_share(leads: Sequence[Journey], period: Period) -> Kpi:
    """Of the leads qualified in the period, those decided so far: how final the close rate is."""
    cohort = [lead for lead in leads if period.holds(lead.qualified)]
    return rate("K01_resolved", "cohort", sum(lead.decided is not None for lead in cohort), len(cohort))


def _win_rate(leads: Sequence[Journey], period: Period) -> Kpi:
    """Of the offers decided in the period, those won."""
    decided = [lead for lead in leads if period.holds(lead.decided)]
    return rate("K01b", "period", sum(lead.won is not None for lead in decided), len(decided))


def _lead_to_customer(leads: Sequence[Journey], period: Period) -> Kpi:
    """Of the leads received in the period, those that became customers so far."""
    cohort = [lead for lead in leads if period.holds(lead.received)]
    return rate("K01c", "cohort", sum(lead.won is not None for lead in cohort), len(cohort))


def won_within(leads: Sequence[Journey], period: Period, days: int) -> Kpi:
    """Of the leads qualified in the period at least `days` ago, those won within `days`."""
    span = timedelta(days=days)
    cohort = [
        lead
        for lead in leads
        if lead.qualified and period.holds(lead.qualified) and lead.qualified + span <= period.as_of
    ]
    won = sum(1 for lead in cohort if lead.won and lead.qualified and lead.won - lead.qualified <= span)
    return rate("K01d", "cohort", won, len(cohort))


def _time_to_close(percent: int) -> Figure:
    """From receipt to won, of the leads received in the period that were won so far."""

    def figure(leads: Sequence[Journey], period: Period) -> Kpi:
        days = [
            stats.span(lead.received, lead.won, DAY)
            for lead in leads
            if lead.received and lead.won and period.holds(lead.received)
        ]
        id = "time_to_close" if percent == 50 else f"time_to_close_p{percent}"
        return Kpi(id, "cohort", rounded(stats.percentile(days, percent)), "days", len(days))

    return figure


def _first_response(percent: int) -> Figure:
    """From receipt to the first answer of a person, of all leads received in the period.

    Who has had none yet counts as not answered until now, who was given up without one as not
    answered until then (Kaplan-Meier), so that leads left lying do not flatter the figure. `n` is
    all of them, the numerator those answered.
    """

    def figure(leads: Sequence[Journey], period: Period) -> Kpi:
        answered, waited = [], []
        for lead in leads:
            if lead.received is None or not period.holds(lead.received):
                continue
            first = lead.at("lead.first_response")
            if first is not None:
                answered.append(stats.span(lead.received, first, HOUR))
            else:
                end = lead.at("lead.disqualified") or period.as_of
                waited.append(stats.span(lead.received, end, HOUR))
        id = "K05" if percent == 50 else f"K05_p{percent}"
        value = rounded(stats.Durations(answered, waited).censored(percent))
        n = len(answered) + len(waited)
        return Kpi(id, "cohort", value, "hours", n, len(answered), n)

    return figure


OF_LEADS: Mapping[str, Figure] = {
    "K01": _close_rate,
    "K01_resolved": _resolved_share,
    "K01b": _win_rate,
    "K01c": _lead_to_customer,
    "K01d": lambda leads, period: won_within(leads, period, WITHIN_DAYS),
    "K05": _first_response(50),
    "K05_p90": _first_response(90),
    "time_to_close": _time_to_close(50),
    "time_to_close_p90": _time_to_close(90),
}
