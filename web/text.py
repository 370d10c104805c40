"""How instants, durations, amounts and shares look to a reader, in Italian and English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent

from engine.values import in_zone

NOW = {"it": "adesso", "en": "now"}

LANGUAGES = {"it": "Italiano", "en": "English"}
"""The languages of the pages, by code."""

SOON = timedelta(days=1)
"""A task due sooner than this is shown in amber, a late one in red."""

# Dates in English are written as in Europe: day, month, year and 24 hours.
CALENDAR = {"en": "en_GB"}

_LENGTH = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII
)

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Due:
    """When a task is due, as a reader sees it: `late`, `soon`, `fine` or `none`, and the words."""

    state: str
    words: str
    instant: str


def due(at: datetime | None, now: datetime, language: str, zone: ZoneInfo) -> Due:
    """`Due("late", "1 day ago", "23 Nov 2026, 10:42")`; without a due time the words are empty."""
    if at is None:
        return Due("none", "", "")
    state = "late" if at < now else "soon" if at - now < SOON else "fine"
    return Due(state, ago(at, now, language), moment(at, language, zone))


def ago(at: datetime, now: datetime, language: str) -> str:
    """`1 day ago`, `in 2 hours`, `tra 2 ore`; within the minute `now`."""
    if abs(at - now) < timedelta(minutes=1):
        return NOW[language]
    return format_timedelta(at - now, add_direction=True, threshold=1.0, locale=language)


def moment(at: datetime | None, language: str, zone: ZoneInfo) -> str:
    """`24 Nov 2026, 10:42` in the company's zone."""
    if at is None:
        return ""
    local = in_zone(at, zone)
    return f"{day(at, language, zone)}, {format_time(local, 'HH:mm', tzinfo=local.tzinfo, locale=language)}"


def day(at: datetime | None, language: str, zone: ZoneInfo, *, year: bool = True) -> str:
    """`24 Nov 2026` in the company's zone, or `24 Nov`."""
    if at is None:
        return ""
    return format_date(
        in_zone(at, zone).date(), "d MMM y" if year else "d MMM", locale=CALENDAR.get(language, language)
    )


def clock(at: datetime, now: datetime, language: str, zone: ZoneInfo) -> str:
    """`10:42` for today, else the day too."""
    local, today = in_zone(at, zone), now.astimezone(zone).date()
    if local.date() == today:
        return format_time(at, "HH:mm", tzinfo=zone, locale=language)
    return moment(at, language, zone)


def duration(value: timedelta | float | Decimal | None, language: str) -> str:
    """`25 s`, `40 min`, `1.8 h`, `3.6 d` (Italian `3,6 g`): short enough for a badge."""
    if value is None:
        return "–"
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    days = "g" if language == "it" else "d"
    for limit, size, unit in ((MINUTE, 1, "s"), (HOUR, MINUTE, "min"), (2 * DAY, HOUR, "h")):
        if seconds < limit:
            digits = "0.#" if unit == "h" else "0"
            return f"{format_decimal(seconds / size, digits, locale=language)} {unit}"
    return f"{format_decimal(seconds / DAY, '#,##0.#', locale=language)} {days}"


def length(iso: str) -> dict[str, int]:
    """`P2DT4H` as `{"day": 2, "hour": 4}`; empty for what is no length of time."""
    found = _LENGTH.fullmatch(iso)
    if not found:
        return {}
    units = ("year", "month", "week", "day", "hour", "minute", "second")
    return {unit: int(amount) for unit, amount in zip(units, found.groups(), strict=True) if amount}


def listed(parts: list[str], language: str) -> str:
    """`2 days and 4 hours`."""
    return format_list(parts, locale=language)


def money(amount: object, currency: str | None, language: str) -> str:
    """`€12,000`, Italian `12.000 €`; cents only where there are any."""
    if amount is None or not isinstance(amount, (int, Decimal)):
        return ""
    pattern = Locale.parse(language).currency_formats["standard"].pattern
    if amount == int(amount):
        pattern = pattern.replace(".00", "")
    return format_currency(amount, currency or "EUR", pattern, locale=language, currency_digits=False)


def short_money(amount: Decimal, currency: str, language: str) -> str:
    """`€214,300`, from a million on `€1.2M`: for a card on the board."""
    if abs(amount) < 1_000_000:
        return money(Decimal(round(amount)), currency, language)
    return format_compact_currency(amount, currency, locale=language, fraction_digits=1)


def percent(share: float | Decimal | None, language: str, digits: int = 1) -> str:
    """`10.5 %`, Italian `10,5 %`; a dash when there is nothing to divide by."""
    if share is None:
        return "–"
    return format_percent(share, "#,##0." + "#" * digits + "\u00a0%", locale=language)


def number(value: float | Decimal | int, language: str) -> str:
    """`1,234.5`, Italian `1.234,5`."""
    return format_decimal(value, "#,##0.##", locale=language)


def initials(name: str) -> str:
    """`Ada Rossi` -> `AR`."""
    words = [word for word in name.split() if word[:1].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()
