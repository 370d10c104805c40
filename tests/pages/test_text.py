"""How instants, durations, amounts and names look to a reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from web import text

NOW = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")


def plain(shown: str) -> str:
    return shown.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("hours", "state", "english", "italian"),
    [
        (-26, "late", "1 day ago", "1 giorno fa"),
        (-3, "late", "3 hours ago", "3 ore fa"),
        (-0.001, "late", "now", "adesso"),
        (0.5, "soon", "in 30 minutes", "tra 30 minuti"),
        (23.4, "soon", "in 23 hours", "tra 23 ore"),
        (24, "fine", "in 1 day", "tra 1 giorno"),
        (49, "fine", "in 2 days", "tra 2 giorni"),
    ],
)
def test_a_due_time_is_late_soon_or_fine_in_words(
    hours: float, state: str, english: str, italian: str
) -> None:
    at = NOW + timedelta(hours=hours)
    assert (text.due(at, NOW, "en", ROME).state, text.due(at, NOW, "en", ROME).words) == (state, english)
    assert text.due(at, NOW, "it", ROME).words.replace("fra", "tra") == italian


def test_no_due_time_has_no_words() -> None:
    assert text.due(None, NOW, "en", ROME) == text.Due("none", "", "")


def test_times_are_those_of_the_company_s_zone_through_summer_time() -> None:
    assert text.moment(NOW, "en", ROME) == "28 Mar 2026, 23:30"
    assert text.moment(NOW + timedelta(hours=4), "it", ROME) == "29 mar 2026, 04:30"
    assert text.day(NOW + timedelta(hours=1), "en", ROME) == "29 Mar 2026"
    assert text.moment(None, "en", ROME) == ""


def test_a_time_of_today_needs_no_date() -> None:
    assert text.clock(NOW - timedelta(hours=2), NOW, "en", ROME) == "21:30"
    assert text.clock(NOW - timedelta(days=1), NOW, "en", ROME) == "27 Mar 2026, 23:30"


@pytest.mark.parametrize(
    ("seconds", "english", "italian"),
    [
        (0, "0 s", "0 s"),
        (59, "59 s", "59 s"),
        (90, "2 min", "2 min"),
        (6480, "1.8 h", "1,8 h"),
        (2 * 86400 - 1, "48 h", "48 h"),
        (2 * 86400, "2 d", "2 g"),
        (Decimal("311040"), "3.6 d", "3,6 g"),
        (timedelta(days=5000), "5,000 d", "5.000 g"),
        (None, "–", "–"),
    ],
)
def test_a_duration_is_short_enough_for_a_badge(seconds: object, english: str, italian: str) -> None:
    assert text.duration(seconds, "en") == english  # type: ignore[arg-type]
    assert text.duration(seconds, "it") == italian  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "currency", "english", "italian"),
    [
        (12000, "EUR", "€12,000", "12.000 €"),
        (Decimal("650.50"), "EUR", "€650.50", "650,50 €"),
        (Decimal("1000.00"), None, "€1,000", "1.000 €"),
        (Decimal("-20.10"), "USD", "-$20.10", "-20,10 USD"),
        (None, "EUR", "", ""),
        ("12", "EUR", "", ""),
    ],
)
def test_money_shows_cents_only_where_there_are_any(
    amount: object, currency: str | None, english: str, italian: str
) -> None:
    assert plain(text.money(amount, currency, "en")) == english
    assert plain(text.money(amount, currency, "it")) == italian


def test_large_amounts_are_shortened_on_cards() -> None:
    assert text.short_money(Decimal("214300.40"), "EUR", "en") == "€214,300"
    assert text.short_money(Decimal("1234567"), "EUR", "en") == "€1.2M"
    assert plain(text.short_money(Decimal("1234567"), "EUR", "it")) == "1,2 Mln €"


def test_shares_and_numbers_follow_the_language() -> None:
    assert plain(text.percent(Decimal("0.10525"), "en", 3)) == "10.525 %"
    assert plain(text.percent(0.35, "it")) == "35 %"
    assert text.percent(None, "it") == "–"
    assert text.number(Decimal("1234.5"), "it") == "1.234,5"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Ada Rossi", "AR"),
        ("Maria de' Rossi", "MR"),
        ("Anna", "A"),
        ("élodie ñ", "ÉÑ"),
        ("", ""),
        ("- 7", ""),
    ],
)
def test_initials_are_those_of_the_first_and_last_name(name: str, short: str) -> None:
    assert text.initials(name) == short
