"""The figures of twelve leads, worked out by hand, from the history on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from engine.db import Database, Transaction
from engine.errors import NotFound
from engine.tables import Case, Event, Version, Visit
from processes import kpis

ROME = ZoneInfo("Europe/Rome")

# lead: received, first response, qualified, offer sent, decided, outcome; all in 2026
LEADS = {
    1: ("01-12T10:00", "01-12T10:30", "01-13T10:00", "01-15T12:00", "01-29T12:00", "won"),
    2: ("01-16T17:30", "01-19T09:30", "01-19T15:00", "01-21T11:00", "02-10T15:00", "lost"),
    3: ("01-20T09:00", "01-20T16:00", "01-22T10:00", "01-26T10:00", "03-02T10:00", "won"),
    4: ("01-27T09:00", "01-27T09:20", None, None, "01-28T10:00", "disqualified"),
    5: ("01-14T11:00", None, None, None, "01-14T11:05", "merged"),
    6: ("02-03T11:00", "02-03T11:15", "02-04T12:00", "02-06T12:00", "02-20T12:00", "won"),
    7: ("02-10T15:00", "02-10T15:45", "02-12T10:00", "02-16T10:00", None, None),
    8: ("03-03T09:00", "03-03T10:00", "03-05T09:00", None, None, None),
    9: ("03-04T03:12", None, None, None, "03-04T03:12", "spam"),
    10: ("02-24T14:00", "02-24T14:30", "02-26T10:00", "03-02T10:00", "03-20T10:00", "won"),
    11: ("03-10T10:00", "03-10T12:00", "05-05T10:00", "05-12T10:00", "06-10T10:00", "won"),
    12: ("04-02T17:00", None, None, None, None, None),
}  # fmt: skip
STEPS = ("lead.received", "lead.first_response", "lead.qualified", "offer.version_sent")
OUTCOMES = {
    "won": "offer.won",
    "lost": "offer.lost",
    "disqualified": "lead.disqualified",
    "merged": "lead.merged",
    "spam": "lead.rejected",
}


def at(text: str) -> datetime:
    """The instant of a time in Rome, in 2026 if no year is given."""
    text = f"2026-{text}" if text.index("T") == 5 else text
    return datetime.fromisoformat(text).replace(tzinfo=ROME).astimezone(UTC)


JANUARY, APRIL = at("2026-01-01T00:00"), at("2026-04-01T00:00")
JUNE = at("2026-06-30T23:59")
MARCH = at("2026-03-31T23:59")


def line(kind: str, when: datetime, lead: int, **more: object) -> Event:
    values = {"counts": True, "recorded_at": when, "occurred_at": when, **more}
    return Event(type=kind, subject_kind="lead", subject_id=lead, case_id=lead, **values)


@pytest.fixture
def golden(database: Database) -> Database:
    """The twelve leads, and two that do not count."""
    with database.transaction(JUNE) as tx:
        for lead, (*steps, decided, outcome) in LEADS.items():
            for kind, when in zip(STEPS, steps, strict=True):
                if when:
                    tx.session.add(line(kind, at(when), lead))
            if decided and outcome:
                attrs = {"into": 1} if outcome == "merged" else None
                tx.session.add(line(OUTCOMES[outcome], at(decided), lead, attrs=attrs))
        for kind in ("lead.received", "lead.qualified", "offer.won"):
            tx.session.add(line(kind, at("2026-02-01T10:00"), 13, counts=False))
            tx.session.add(
                Event(
                    type=kind, subject_kind="ticket", subject_id=14, counts=True,
                    occurred_at=at("2026-02-01T10:00"), recorded_at=at("2026-02-01T10:00"),
                )
            )  # fmt: skip
    return database


def figures(
    database: Database,
    ids: list[str] | None = None,
    as_of: datetime = JUNE,
    from_: datetime | None = JANUARY,
    to: datetime | None = APRIL,
    within_days: int = 90,
) -> list[kpis.Kpi]:
    with database.transaction(as_of) as tx:
        return kpis.compute(tx, ids, from_=from_, to=to, as_of=as_of, zone=ROME, within_days=within_days)


def figure(database: Database, id: str, as_of: datetime = JUNE, **more: Any) -> kpis.Kpi:
    (found,) = figures(database, [id], as_of, **more)
    return found


@pytest.mark.parametrize(
    ("id", "as_of", "numerator", "denominator", "percent", "view"),
    [
        ("K01c", JUNE, 5, 9, "55.5556", "cohort"),
        ("K01c", MARCH, 4, 9, "44.4444", "cohort"),
        ("K01", JUNE, 4, 7, "57.1429", "cohort"),
        ("K01_resolved", JUNE, 5, 7, "71.4286", "cohort"),
        ("K01b", JUNE, 4, 5, "80.0000", "period"),
    ],
)
def test_rates_of_the_first_quarter_are_those_worked_out_by_hand(
    golden: Database, id: str, as_of: datetime, numerator: int, denominator: int, percent: str, view: str
) -> None:
    found = figure(golden, id, as_of)
    assert (found.numerator, found.denominator, found.n) == (numerator, denominator, denominator)
    assert (found.value, found.unit, found.view) == (Decimal(percent), "%", view)


def test_rates_carry_wilsons_interval(golden: Database) -> None:
    bounds = [figure(golden, id) for id in ("K01", "K01b")]
    assert [(f"{each.ci_low:.1f}", f"{each.ci_high:.1f}") for each in bounds] == [
        ("25.0", "84.2"),
        ("37.6", "96.4"),
    ]


def test_the_rate_within_days_leaves_out_whom_it_is_too_early_to_judge(golden: Database) -> None:
    found = figure(golden, "K01d", within_days=60)
    assert (found.numerator, found.denominator, found.value) == (4, 7, Decimal("57.1429"))
    # On 31 March only L1, L2 and L3 have been qualified for 60 days.
    found = figure(golden, "K01d", MARCH, within_days=60)
    assert (found.numerator, found.denominator) == (2, 3)


def test_a_month_ago_is_computed_from_what_was_recorded_then(golden: Database) -> None:
    before = figure(golden, "K01c", MARCH)
    with golden.transaction(JUNE) as tx:
        tx.session.add(line("offer.won", at("2026-03-25T10:00"), 7, recorded_at=JUNE))
    assert figure(golden, "K01c", MARCH) == before
    assert figure(golden, "K01c").numerator == 6


def test_the_time_to_close_runs_from_receipt_to_won(golden: Database) -> None:
    # L1 17.08, L3 41.04, L6 17.04, L10 23.83, L11 91.96 (an hour of it lost to summer time).
    median, p90 = (figure(golden, id) for id in ("time_to_close", "time_to_close_p90"))
    assert (median.value, median.unit, median.n) == (Decimal("23.83"), "days", 5)
    assert (p90.value, p90.numerator) == (Decimal("91.96"), None)


def test_one_won_before_it_was_received_is_kept(database: Database) -> None:
    with database.transaction(JUNE) as tx:
        tx.session.add(line("lead.received", at("2026-02-02T00:00"), 1))
        tx.session.add(line("offer.won", at("2026-02-01T00:00"), 1))
    assert figure(database, "time_to_close").value == -1
    assert figure(database, "K01c").numerator == 1


def test_a_lead_without_an_answer_counts_as_not_answered_yet(golden: Database) -> None:
    found = figure(golden, "K05")
    assert (found.value, found.n, found.numerator, found.denominator) == (Decimal("0.75"), 9, 9, 9)
    with golden.transaction(JUNE) as tx:
        for lead in range(20, 25):
            tx.session.add(line("lead.received", at("2026-03-30T10:00"), lead))
    found = figure(golden, "K05")
    assert (found.value, found.n, found.numerator, found.denominator) == (Decimal("2.00"), 14, 9, 14)


def test_a_lead_given_up_without_an_answer_waited_until_then(golden: Database) -> None:
    with golden.transaction(JUNE) as tx:
        for lead in range(20, 25):
            tx.session.add(line("lead.received", at("2026-03-30T10:00"), lead))
            tx.session.add(line("lead.disqualified", at("2026-03-30T10:20"), lead))
    # Two of 14 were answered within those 20 minutes, then 7 were left, and 4 of them after 0.75 h:
    # 12/14 * 4/7 = 49 %. Had they been left lying until June, it would be 2 hours as above.
    found = figure(golden, "K05")
    assert (found.value, found.n, found.numerator) == (Decimal("0.75"), 14, 9)


def test_the_survivor_of_a_merge_inherits_the_earlier_receipt(golden: Database) -> None:
    with golden.transaction(JUNE) as tx:
        tx.session.add(line("lead.received", at("2026-01-12T09:00"), 15))
        tx.session.add(line("lead.merged", at("2026-01-12T10:01"), 15, attrs={"into": 1}))
    found = figure(golden, "time_to_close", from_=at("2026-01-12T00:00"), to=at("2026-01-13T00:00"))
    assert (found.value, found.n) == (Decimal("17.12"), 1)


def test_a_win_taken_back_is_no_win(golden: Database) -> None:
    with golden.transaction(JUNE) as tx:
        tx.session.add(line("offer.won.reverted", at("2026-02-03T10:00"), 1))
    assert figure(golden, "K01").numerator == 3
    with golden.transaction(JUNE) as tx:
        tx.session.add(line("offer.won", at("2026-02-05T10:00"), 1))
    assert figure(golden, "K01").numerator == 4


def test_nothing_to_count_gives_no_value_and_no_error(database: Database) -> None:
    found = figures(database)
    assert {each.id: each.value for each in found} == {
        **dict.fromkeys(kpis.FIGURES[:-2]),
        "K18": Decimal(0),
    }


def test_an_unknown_figure_is_refused_with_the_known_ones(database: Database) -> None:
    with pytest.raises(NotFound) as refused:
        figures(database, ["K99"])
    assert refused.value.message == "There is no figure “K99”."
    assert "K01c" in str(refused.value.remedy)


def test_a_figure_has_the_documented_shape(golden: Database) -> None:
    assert figure(golden, "K01b").to_json() == {
        "id": "K01b",
        "view": "period",
        "value": 80,
        "numerator": 4,
        "denominator": 5,
        "n": 5,
        "ci_low": 37.5535,
        "ci_high": 96.3776,
        "unit": "%",
        "from": "2026-01-01T00:00:00+01:00",
        "to": "2026-04-01T00:00:00+02:00",
        "as_of": "2026-06-30T23:59:00+02:00",
    }


def test_the_funnel_counts_who_got_how_far(golden: Database) -> None:
    with golden.transaction(JUNE) as tx:
        found = kpis.funnel(tx, JANUARY, APRIL, as_of=JUNE)
    assert found == [("received", 9), ("answered", 9), ("qualified", 8), ("offered", 7), ("won", 5)]


def test_the_close_rate_of_each_week_counts_from_monday_in_the_companys_zone(golden: Database) -> None:
    with golden.transaction(JUNE) as tx:
        weeks = kpis.close_rate_by_week(
            tx, at("2026-01-14T08:00"), at("2026-02-09T00:00"), as_of=JUNE, zone=ROME
        )
    assert [(week.monday.isoformat(), week.qualified, week.won, week.rate) for week in weeks] == [
        ("2026-01-12T00:00:00+01:00", 1, 1, Decimal(100)),
        ("2026-01-19T00:00:00+01:00", 2, 1, Decimal(50)),
        ("2026-01-26T00:00:00+01:00", 0, 0, None),
        ("2026-02-02T00:00:00+01:00", 1, 1, Decimal(100)),
    ]


# --- Stages ---------------------------------------------------------------------------------------


def stay(tx: Transaction, stage: str, entered: str, left: str | None, **more: object) -> None:
    values: dict[str, object] = {"case_id": 1, "process": "offer", "visit_no": 1, "counts": True, **more}
    tx.session.add(Visit(stage=stage, entered_at=at(entered), left_at=at(left) if left else None, **values))


@pytest.fixture
def offers(database: Database) -> Database:
    """The offer stage of the twelve leads, and a shorter stage before it."""
    with database.transaction(JUNE) as tx:
        version = Version(
            process="offer", number=1, name="Offer", file="offer.bpmn", checksum="", xml=b"", forms={},
            decisions={}, texts={}, note="", created_at=JUNE,
        )  # fmt: skip
        tx.session.add(version)
        tx.session.flush()
        tx.session.add(
            Case(
                id=1, case_no="O-2026-000001", process="offer", version_id=version.id, status="open",
                state=b"", revision=1, started_at=JUNE,
            )
        )  # fmt: skip
        tx.session.flush()
        for *_, sent, decided, _outcome in LEADS.values():
            if sent:
                stay(tx, "sent", sent, decided)
        stay(tx, "preparation", "2026-01-13T10:00", "2026-01-15T12:00")
        stay(tx, "preparation", "2026-06-29T10:00", None)
        stay(tx, "preparation", "2020-01-01T10:00", None, counts=False)
    return database


def test_the_offer_stage_takes_18_days_by_nearest_rank(offers: Database) -> None:
    with offers.transaction(JUNE) as tx:
        sent, preparation = kpis.stages(tx, as_of=JUNE)
    assert (sent.stage, sent.completed, sent.open) == ("sent", 6, 1)
    assert (sent.median, sent.p90, sent.oldest) == (Decimal(18), Decimal(35), Decimal("134.54"))
    assert (preparation.stage, preparation.completed, preparation.open) == ("preparation", 1, 1)
    assert (preparation.median, preparation.oldest) == (Decimal("2.08"), Decimal("1.58"))
    assert sent.share + preparation.share == 1
    assert sent.share > Decimal("0.98")


def test_a_visit_belongs_to_the_period_in_which_it_ended(offers: Database) -> None:
    found = {each.id: each for each in figures(offers, ["K04", "K18"])}
    assert (found["K04.offer.sent"].value, found["K04.offer.sent"].n) == (Decimal(18), 5)
    assert found["K04.offer.sent.p90"].value == 35
    assert (found["K18"].value, found["K18"].view, found["K18"].from_) == (Decimal(2), "stock", None)
    assert found["K18.offer.preparation"].value == 1


def test_a_stage_looked_at_earlier_was_still_going_on(offers: Database) -> None:
    with offers.transaction(JUNE) as tx:
        sent = next(each for each in kpis.stages(tx, as_of=MARCH) if each.stage == "sent")
    assert (sent.completed, sent.open) == (5, 1)


def test_all_figures_together_take_a_handful_of_queries(golden: Database) -> None:
    statements: list[str] = []
    event.listen(golden.pool, "before_cursor_execute", lambda *given: statements.append(given[2]))
    figures(golden)
    assert len([each for each in statements if each.startswith("SELECT")]) == 3


def test_a_page_that_shows_several_figures_reads_the_leads_once(golden: Database) -> None:
    with golden.transaction(JUNE) as tx:
        leads = kpis.journeys(tx, JUNE)
    statements: list[str] = []
    event.listen(golden.pool, "before_cursor_execute", lambda *given: statements.append(given[2]))
    with golden.transaction(JUNE) as tx:
        (rate,) = kpis.compute(tx, ["K01"], from_=JANUARY, to=APRIL, as_of=JUNE, zone=ROME, leads=leads)
        steps = kpis.funnel(tx, JANUARY, APRIL, as_of=JUNE, leads=leads)
        weeks = kpis.close_rate_by_week(tx, JANUARY, APRIL, as_of=JUNE, zone=ROME, leads=leads)
    assert [each for each in statements if each.startswith("SELECT")] == []
    assert (rate.numerator, steps[-1], sum(week.won for week in weeks)) == (4, ("won", 5), 4)


def test_what_was_won_is_summed_by_when_it_was_decided_in_one_currency(golden: Database) -> None:
    with golden.transaction(JUNE) as tx:
        for when, net, more in (
            ("01-05T10:00", "1500.50", {}),
            ("04-01T00:00", "400.00", {}),
            ("02-05T10:00", "800.00", {"currency": "USD"}),
            ("02-06T10:00", "900.00", {"counts": False}),
        ):
            tx.session.add(
                line("offer.won", at(when), 30, amount=Decimal(net), **{"currency": "EUR", **more})
            )
    with golden.transaction(JUNE) as tx:
        assert kpis.won_amount(tx, JANUARY, APRIL, currency="EUR") == Decimal("1500.50")
        assert kpis.won_amount(tx, APRIL, None, currency="EUR") == Decimal("400.00")
        assert kpis.won_amount(tx, None, None, currency="CHF") == 0


def test_history_is_known_since_the_first_lead_that_counts(golden: Database) -> None:
    with golden.transaction(JUNE) as tx:
        tx.session.add(line("lead.received", at("2020-01-01T10:00"), 31, counts=False))
    with golden.transaction(JUNE) as tx:
        assert kpis.known_since(tx) == at("01-12T10:00")


def test_without_any_lead_nothing_is_known(database: Database) -> None:
    with database.transaction(JUNE) as tx:
        assert kpis.known_since(tx) is None


def test_a_period_begins_with_its_first_moment_and_ends_before_its_last(database: Database) -> None:
    with database.transaction(JUNE) as tx:
        for lead, when in enumerate((JANUARY, APRIL), start=1):
            tx.session.add(line("lead.received", when, lead))
    assert figure(database, "K01c").n == 1
    assert figure(database, "K01c", from_=APRIL, to=JUNE).n == 1


def test_a_period_with_open_ends_holds_everything(golden: Database) -> None:
    found = figure(golden, "K01c", from_=None, to=None)
    assert (found.denominator, found.numerator) == (10, 5)
    assert found.to_json()["from"] is None
    assert figure(golden, "K01c", as_of=JUNE - timedelta(days=365), from_=None, to=None).value is None
