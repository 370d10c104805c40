"""Instants, amounts and JSON come back exactly as they went, from SQLite as from PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from engine.db import Database
from engine.store import EVENT_INSERT
from engine.tables import Event

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LINE: dict[str, Any] = {
    "recorded_at": NOW, "type": "test", "case_id": None, "subject_kind": None, "subject_id": None, "process": None,
    "version_id": None, "element": None, "stage": None, "actor_id": None, "role": None, "amount": None,
    "currency": None, "attrs": None, "internal": False, "counts": True,
}  # fmt: skip


def kept(database: Database, *, by_session: bool, **values: Any) -> Event:
    """A line of history written and read back, one way or the other."""
    line = {**LINE, "occurred_at": NOW, **values}
    with database.transaction(NOW) as tx:
        if by_session:
            row = Event(**line)
            tx.session.add(row)
        else:
            EVENT_INSERT.many(tx, [line])
    with database.transaction(NOW, write=False) as tx:
        found = tx.session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
        tx.session.expunge_all()
        return found


INSTANTS = [
    NOW,
    datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1899, 12, 31, 23, 0, tzinfo=UTC),
    datetime(9999, 1, 1, tzinfo=UTC),
    datetime(2026, 7, 1, 9, 0, tzinfo=ZoneInfo("Europe/Rome")),
    datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Rome"), fold=1),
    datetime(2026, 7, 1, 9, 0, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
]


@pytest.mark.parametrize("by_session", [True, False])
def test_an_instant_comes_back_in_utc_to_the_microsecond(database: Database, by_session: bool) -> None:
    for moment in INSTANTS:
        found = kept(database, by_session=by_session, occurred_at=moment).occurred_at
        assert found == moment.astimezone(UTC)
        assert found.tzinfo is UTC


@pytest.mark.parametrize("by_session", [True, False])
def test_a_naive_time_never_reaches_the_database(database: Database, by_session: bool) -> None:
    with pytest.raises(Exception, match="naive"):
        kept(database, by_session=by_session, occurred_at=datetime(2026, 3, 2, 9, 0))  # noqa: DTZ001


def test_instants_are_compared_and_sorted_by_the_database_as_by_python(database: Database) -> None:
    for moment in INSTANTS:
        kept(database, by_session=False, occurred_at=moment)
    with database.transaction(NOW, write=False) as tx:
        ordered = list(tx.session.scalars(select(Event.occurred_at).order_by(Event.occurred_at)))
        assert ordered == sorted(moment.astimezone(UTC) for moment in INSTANTS)
        later = select(func.count()).where(Event.occurred_at > NOW)
        assert tx.session.scalar(later) == len([moment for moment in INSTANTS if moment > NOW])
        between = select(Event.occurred_at).where(Event.occurred_at.in_([NOW]))
        assert list(tx.session.scalars(between)) == [NOW]


AMOUNTS = ["0.00", "0.01", "-0.01", "0.10", "19.99", "1000000.00", "123456789012.34", "-999999999999.99"]


@pytest.mark.parametrize("by_session", [True, False])
def test_an_amount_comes_back_exactly_with_two_decimals(database: Database, by_session: bool) -> None:
    for text in AMOUNTS:
        found = kept(database, by_session=by_session, amount=Decimal(text)).amount
        assert repr(found) == f"Decimal('{text}')"


def test_amounts_are_rounded_to_the_even_cent(database: Database) -> None:
    found = [
        str(kept(database, by_session=way, amount=Decimal(text)).amount)
        for way in (True, False)
        for text in ("2.345", "2.355", "2.3449", "-2.345", "1E+3", "7")
    ]
    assert found == ["2.34", "2.36", "2.34", "-2.34", "1000.00", "7.00"] * 2


def test_amounts_are_summed_without_losing_a_cent(database: Database) -> None:
    for _ in range(1000):
        kept_amount = Decimal("0.10")
        with database.transaction(NOW) as tx:
            EVENT_INSERT.many(tx, [{**LINE, "occurred_at": NOW, "amount": kept_amount}] * 10)
        break
    with database.transaction(NOW, write=False) as tx:
        total = tx.session.scalar(select(func.sum(Event.amount, type_=Event.amount.type)))
        largest = tx.session.scalar(select(func.max(Event.amount)))
    assert (str(total), str(largest)) == ("1.00", "0.10")


VALUES: list[Any] = [
    None, {}, {"a": [1, 2.5, True, None, "x"]}, {"text": "Città “Ω” 😀 \x7f \\ \" \n"}, {"$": 1, "typename": "UUID"},
    {"big": 2**60, "deep": [[[{}]]]}, {"nul": "a\x00b"},
]  # fmt: skip


@pytest.mark.parametrize("by_session", [True, False])
def test_json_comes_back_as_it_was(database: Database, by_session: bool) -> None:
    for value in VALUES:
        assert kept(database, by_session=by_session, attrs=value).attrs == value


def test_any_instant_and_amount_is_the_same_on_both_databases(database: Database) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        moment=st.datetimes(datetime(1700, 1, 1), datetime(9000, 1, 1), timezones=st.timezones()),  # noqa: DTZ001
        cents=st.integers(-(10**14) + 1, 10**14 - 1),
        by_session=st.booleans(),
    )
    def same(moment: datetime, cents: int, by_session: bool) -> None:
        amount = Decimal(cents) / 100
        found = kept(database, by_session=by_session, occurred_at=moment, amount=amount)
        assert (found.occurred_at, found.amount) == (moment.astimezone(UTC), amount)

    same()
