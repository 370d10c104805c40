"""Dates, times, instants and durations: read from ISO 8601 text, written as such, and reckoned with."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from operator import attrgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.feel.limits import Place
from engine.values import YearsMonths

Duration = timedelta | YearsMonths
Moment = date | datetime | time

MAX_OFFSET: Final = timedelta(hours=18)
"""How far a zone's clock may be from UTC."""

_DAY: Final = date(2000, 1, 3)  # any day, to reckon with times of no date

_DATE: Final = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_TIME: Final = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?"
_ZONE: Final = r"(?P<zone>Z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*)?"
_DATES = re.compile(_DATE, re.ASCII)
_TIMES = re.compile("T?" + _TIME + _ZONE, re.ASCII)
_INSTANTS = re.compile(f"{_DATE}(?:T{_TIME}{_ZONE})?", re.ASCII)
_MONTHS = re.compile(r"(-)?P(?=\d)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?", re.ASCII)
_DAYS = re.compile(
    r"(-)?P(?=\d|T\d)(?:(\d{1,6})W)?(?:(\d{1,8})D)?"
    r"(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,10})M)?(?:(\d{1,12})(?:\.(\d{0,9}))?S)?)?",
    re.ASCII,
)


def read_date(text: str) -> date | None:
    """`2026-01-31`, else None."""
    match = _DATES.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """`09:30`, `09:30:00`, `09:30:00.5+01:00`, `T09:30:00Z`, `09:30:00@Europe/Rome`, else None."""
    match = _TIMES.fullmatch(text)
    try:
        return None if match is None else _time(match)
    except ValueError:
        return None


def read_instant(text: str) -> datetime | None:
    """`2026-01-31T09:30:00`, with `Z`, `+01:00`, `@Europe/Rome` or no zone; a date alone is its midnight."""
    match = _INSTANTS.fullmatch(text)
    if match is None:
        return None
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
        if match["hour"] == "24":
            day += timedelta(1)
        return datetime.combine(day, _time(match) if match["hour"] else time())
    except (ValueError, OverflowError):
        return None


def read_duration(text: str) -> Duration | None:
    """`P1Y6M` or `P2DT3H30M` (also `P2W`), with a minus in front if need be; the two kinds never mix."""
    months = _MONTHS.fullmatch(text)
    if months is not None:
        number = int(months[2] or 0) * 12 + int(months[3] or 0)
        return YearsMonths(-number if months[1] else number)
    match = _DAYS.fullmatch(text)
    if match is None:
        return None
    weeks, days, hours, minutes, seconds = (int(match[i] or 0) for i in range(2, 7))
    try:
        length = timedelta(
            weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds,
            microseconds=_microseconds(match[7]),
        )  # fmt: skip
        return -length if match[1] else length
    except OverflowError:
        return None


def read_any(text: str) -> Moment | Duration | None:
    """Whatever the text looks like: the meaning of `@"…"`."""
    return _first(read_date(text), read_instant(text), read_time(text), read_duration(text))


def _first(*values: Moment | Duration | None) -> Moment | Duration | None:
    return next((value for value in values if value is not None), None)


def _time(match: re.Match[str]) -> time:
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if (hour, minute, second) == (24, 0, 0):
        hour = 0
    return time(hour, minute, second, _microseconds(match["fraction"]), _zone(match["zone"]))


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "0").ljust(6, "0")[:6])


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    if text.startswith("@"):
        try:
            return ZoneInfo(text[1:])
        except (KeyError, OSError) as error:
            raise ValueError(text) from error
    hours, minutes, seconds = int(text[1:3]), int(text[4:6]), int(text[7:9] or 0)
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if minutes > 59 or seconds > 59 or offset > MAX_OFFSET:
        raise ValueError(text)
    if not offset:
        return UTC
    return timezone(-offset if text[0] == "-" else offset)


def duration_text(value: Duration) -> str:
    """`P2DT3H`, `-PT30M`, `P1Y6M`; nothing at all is `PT0S` or `P0M`."""
    if isinstance(value, YearsMonths):
        return str(value)
    micros = abs(value) // timedelta(microseconds=1)
    seconds, micros = divmod(micros, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    rest = f"{seconds}.{micros:06}".rstrip("0") if micros else str(seconds) if seconds else ""
    parts = ((hours, "H"), (minutes, "M"), (rest, "S"))
    clock = "".join(f"{part}{unit}" for part, unit in parts if part)
    sign = "-" if value < timedelta() else ""
    return f"{sign}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}" if days or clock else "PT0S"


def moment_text(value: Moment) -> str:
    """ISO 8601, with `Z` for UTC and `@Europe/Rome` for a region."""
    if not isinstance(value, (datetime, time)):
        return value.isoformat()
    text = value.replace(tzinfo=None).isoformat()
    text = text.rstrip("0") if value.microsecond else text
    if isinstance(value.tzinfo, ZoneInfo):
        return f"{text}@{value.tzinfo.key}"
    offset = value.isoformat()[len(value.replace(tzinfo=None).isoformat()) :]
    return text + offset.replace("+00:00", "Z")


def zone_name(value: datetime | time) -> str | None:
    """`Europe/Rome`, where the time was given with a region."""
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def part(value: object, name: str) -> object:
    """`today.year`, `start.hour`, `delay.days`: the parts of dates and durations that FEEL has."""
    for class_, readers in _PARTS:
        if isinstance(value, class_) and name in readers:
            return readers[name](value)
    return None


def _cut(length: timedelta, unit: timedelta, turn: int) -> int:
    """How often a unit fits into a duration, beside the larger ones; negative for a negative duration."""
    number = abs(length) // unit % turn
    return -number if length < timedelta() else number


# Readers take only values of the class beside them.
_ZONED: Final[dict[str, Callable[[Any], object]]] = {
    **{name: attrgetter(name) for name in ("hour", "minute", "second")},
    "time offset": lambda value: value.utcoffset(),
    "timezone": zone_name,
}
_PARTS: Final[tuple[tuple[type, dict[str, Callable[[Any], object]]], ...]] = (
    (date, {
        "year": attrgetter("year"), "month": attrgetter("month"), "day": attrgetter("day"),
        "weekday": date.isoweekday,
    }),
    (datetime, _ZONED),
    (time, _ZONED),
    (YearsMonths, {
        "years": lambda value: divmod(abs(value.months), 12)[0] * (1 if value.months > 0 else -1),
        "months": lambda value: divmod(abs(value.months), 12)[1] * (1 if value.months > 0 else -1),
    }),
    (timedelta, {
        "days": lambda value: _cut(value, timedelta(days=1), 10**9),
        "hours": lambda value: _cut(value, timedelta(hours=1), 24),
        "minutes": lambda value: _cut(value, timedelta(minutes=1), 60),
        "seconds": lambda value: _cut(value, timedelta(seconds=1), 60),
    }),
)  # fmt: skip


def clock(value: time) -> time:
    """A time of a region as one with an offset: that of the winter, since it has no day."""
    if not isinstance(value.tzinfo, ZoneInfo):
        return value
    return value.replace(tzinfo=timezone(datetime.combine(_DAY, value).utcoffset() or timedelta()))


_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def instant(value: datetime) -> datetime:
    """The same instant in UTC: two times of one region would be compared by their clocks, not in time."""
    if value.tzinfo is None or value.tzinfo is UTC:
        return value
    try:
        return value.astimezone(UTC)
    except OverflowError:
        # In UTC it lies beyond the calendar, by some hours.
        return _FIRST if value.year == 1 else _LAST


def same_zoning(left: datetime | time, right: datetime | time, place: Place) -> None:
    """Refuses to compare a time that has a zone with one that has none; a guess would be wrong by hours."""
    if (left.utcoffset() is None) != (right.utcoffset() is None):
        raise place.error(
            "One of the two times has a time zone, the other has none",
            hint='Write the zone too: date and time("2026-01-31T09:00:00@Europe/Rome").',
        )


def shifted(value: Moment, by: Duration, sign: int, place: Place) -> Moment | None:
    """`value` plus (or minus) a duration; the last day of a month stays within its month.

    Days and hours are elapsed time, as in the standard: 24 hours are one turn of the earth, also on the
    day when the clocks change. None where the kinds do not go together.
    """
    try:
        if isinstance(by, YearsMonths):
            return None if isinstance(value, time) else _months_later(value, by.months * sign)
        if isinstance(value, datetime):
            moved = instant(value) + by * sign
            return moved if value.tzinfo is None else moved.astimezone(value.tzinfo)
        if isinstance(value, time):
            return (datetime.combine(_DAY, value) + (by * sign) % timedelta(1)).timetz()
        return (datetime.combine(value, time()) + by * sign).date()
    except (OverflowError, ValueError):
        raise place.error("The date would lie outside the years 1 to 9999") from None


def _months_later(value: date, months: int) -> date:
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1) if year < 9999 or month < 11 else None
    last = (following - timedelta(1)).day if following else 31
    return value.replace(year=year, month=month + 1, day=min(value.day, last))


def distance(left: Moment, right: Moment, place: Place) -> timedelta | None:
    """`left - right` as elapsed time; beside an instant, a date counts as its midnight in UTC."""
    if isinstance(left, time) or isinstance(right, time):
        if not (isinstance(left, time) and isinstance(right, time)):
            return None
        left, right = datetime.combine(_DAY, left), datetime.combine(_DAY, right)
    zoned = any(isinstance(moment, datetime) for moment in (left, right))
    start, end = _midnight(right, zoned), _midnight(left, zoned)
    same_zoning(end, start, place)
    return instant(end) - instant(start)


def _midnight(value: date, zoned: bool) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time(tzinfo=UTC if zoned else None))
