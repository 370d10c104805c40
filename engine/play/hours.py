"""Working hours of imaginary staff: Monday to Friday, morning and afternoon, in the company's zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHIFTS = ((time(9), time(13)), (time(14), time(18)))
WORKING_DAYS = range(5)


class WorkingHours:
    """Counts time only while people are at their desks; every instant is aware UTC."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._days: dict[date, list[tuple[datetime, datetime]]] = {}

    def opens(self, moment: datetime) -> datetime:
        """The first instant from `moment` on at which people work."""
        for begin, end in self._shifts_from(moment):
            if moment < end:
                return max(moment, begin)
        raise AssertionError("Shifts never end.")

    def after(self, moment: datetime, work: timedelta) -> datetime:
        """The instant at which that much work is done, begun at `moment`."""
        for begin, end in self._shifts_from(moment):
            if moment >= end:
                continue
            here = max(moment, begin)
            if here + work <= end:
                return here + work
            work -= end - here
        raise AssertionError("Shifts never end.")

    def before(self, moment: datetime, work: timedelta) -> datetime:
        """The instant that lies that much working time before `moment`."""
        day = moment.astimezone(self._zone).date()
        while True:
            for begin, end in reversed(self._shifts_of(day)):
                here = min(moment, end)
                if here <= begin:
                    continue
                if here - work >= begin:
                    return here - work
                work -= here - begin
            day -= timedelta(days=1)

    def _shifts_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = moment.astimezone(self._zone).date()
        while True:
            yield from self._shifts_of(day)
            day += timedelta(days=1)

    def _shifts_of(self, day: date) -> list[tuple[datetime, datetime]]:
        shifts = self._days.get(day)
        if shifts is None:
            shifts = self._days[day] = [
                (local_instant(day, begin, self._zone), local_instant(day, end, self._zone))
                for begin, end in (SHIFTS if day.weekday() in WORKING_DAYS else ())
            ]
        return shifts


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A wall clock's time in a zone as an aware UTC instant."""
    return datetime.combine(day, at, zone).astimezone(UTC)
