"""FEEL's functions of dates, times and durations; what time it is, the engine says and not they."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final

from engine.feel.arithmetic import integral, is_number
from engine.feel.callee import Builtin, builtin
from engine.feel.compare import equal, kind
from engine.feel.frame import Frame
from engine.feel.limits import Place
from engine.feel.temporal import MAX_OFFSET, read_date, read_duration, read_instant, read_time, zone_name
from engine.values import YearsMonths

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def _date(frame: Frame, place: Place, value: object, *rest: object) -> object:
    """`date("2026-01-31")`, `date(2026, 1, 31)`, or the day of an instant in its own zone."""
    if rest:
        numbers = [integral(number) for number in (value, *rest)]
        try:
            return date(*(number or 0 for number in numbers))
        except (ValueError, OverflowError):
            return None
    if isinstance(value, str):
        return read_date(value)
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    return None


def _time(
    frame: Frame, place: Place, value: object, minute: object = 0, second: object = 0, offset: object = None
) -> object:
    """`time("09:30:00")`, `time(9, 30, 0)`, or the time of an instant in its own zone."""
    if isinstance(value, datetime):
        return value.timetz()
    if isinstance(value, date):
        return time(tzinfo=UTC)
    if isinstance(value, str):
        return read_time(value)
    return value if isinstance(value, time) else _clock(value, minute, second, offset)


def _clock(hour: object, minute: object, second: object, offset: object) -> time | None:
    hours, minutes = integral(hour), integral(minute)
    if hours is None or minutes is None or not is_number(second) or not 0 <= second < 60:
        return None
    if offset is not None and not (isinstance(offset, timedelta) and abs(offset) <= MAX_OFFSET):
        return None
    micros = int((Decimal(second) - int(second)) * 1_000_000)
    zone = UTC if offset == timedelta() else timezone(offset) if isinstance(offset, timedelta) else None
    try:
        return time(hours, minutes, int(second), micros, zone)
    except (ValueError, OverflowError):
        return None


def _one_time(frame: Frame, place: Place, *arguments: object) -> object:
    """A single number is no time, though three are."""
    if len(arguments) == 1 and is_number(arguments[0]):
        return None
    return _time(frame, place, *arguments)


def _instant(frame: Frame, place: Place, value: object, clock: object = None) -> object:
    """`date and time("2026-01-31T09:00:00")`, or a date with a time."""
    if isinstance(value, date) and isinstance(clock, time):
        return datetime.combine(value.date() if isinstance(value, datetime) else value, clock)
    if clock is not None:
        return None
    if isinstance(value, str):
        return read_instant(value)
    return value if isinstance(value, datetime) else None


def _both(frame: Frame, place: Place, *arguments: object) -> object:
    """A time that is null gives no instant, unlike one that is not asked for."""
    if len(arguments) == 2 and arguments[1] is None:
        return None
    return _instant(frame, place, *arguments)


def _duration(frame: Frame, place: Place, value: object) -> object:
    if isinstance(value, (timedelta, YearsMonths)):
        return value
    return read_duration(value) if isinstance(value, str) else None


def _months_between(frame: Frame, place: Place, start: object, end: object) -> object:
    """The whole months from one day to another, negative where the second one is earlier."""
    if not (isinstance(start, date) and isinstance(end, date)):
        return None
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearsMonths(months)


def _day_of_year(frame: Frame, place: Place, value: object) -> object:
    return value.timetuple().tm_yday if isinstance(value, date) else None


def _day_of_week(frame: Frame, place: Place, value: object) -> object:
    return _WEEKDAYS[value.weekday()] if isinstance(value, date) else None


def _month_of_year(frame: Frame, place: Place, value: object) -> object:
    return _MONTHS[value.month - 1] if isinstance(value, date) else None


def _week_of_year(frame: Frame, place: Place, value: object) -> object:
    """The week of ISO 8601."""
    return value.isocalendar().week if isinstance(value, date) else None


def _is(frame: Frame, place: Place, value1: object = None, value2: object = None) -> object:
    """Whether two values are the same one: times also with the same zone, not only at the same moment."""
    if kind(value1) != kind(value2):
        return False
    if isinstance(value1, (datetime, time)) and isinstance(value2, (datetime, time)):
        clocks = value1.replace(tzinfo=None), value2.replace(tzinfo=None)
        zones = [zone_name(value) or value.utcoffset() for value in (value1, value2)]
        return clocks[0] == clocks[1] and zones[0] == zones[1]
    return equal(value1, value2, frame, place) is True


DATES: Final[tuple[Builtin, ...]] = (
    builtin("date", "from | year, month, day", _date),
    builtin("time", "from | hour, minute, second, offset?", _one_time),
    builtin("date and time", "from | date, time", _both),
    builtin("duration", "from", _duration),
    builtin("years and months duration", "from, to", _months_between),
    builtin("day of year", "date", _day_of_year),
    builtin("day of week", "date", _day_of_week),
    builtin("month of year", "date", _month_of_year),
    builtin("week of year", "date", _week_of_year),
    builtin("is", "value1?, value2?", _is),
)
