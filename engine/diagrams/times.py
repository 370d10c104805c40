"""Literal times of timers: ISO 8601 dates, durations and cycles, and the forms that are mistaken for them."""

from __future__ import annotations

import re
from typing import Literal

import isodate

from engine.findings import Phrase

Kind = Literal["date", "duration", "cycle"]

EXAMPLES: dict[str, str] = {"date": "2026-07-01T09:00:00+02:00", "duration": "P2D", "cycle": "R3/P2D"}

NAMES: dict[str, Phrase] = {
    "date": Phrase("date"),
    "duration": Phrase("duration"),
    "cycle": Phrase("cycle"),
}
"""What the forms are called in a sentence."""

_DURATION = re.compile(r"[+-]?P[\dT].*", re.IGNORECASE)
_NO_TIME_SIGN = re.compile(r"P((?:\d+Y)?(?:\d+M(?=\d+D))?(?:\d+W)?(?:\d+D)?)T?((?:\d+H)?(?:\d+M)?(?:\d+S)?)")
"""A duration whose T between days and hours may be missing."""
_DATE = re.compile(r"\d{4}-\d\d.*")
_CYCLE = re.compile(r"R(\d*)/(.+)", re.DOTALL | re.IGNORECASE)
_CRON_FIELD = re.compile(r"[\d*?/,\-#LW]+|(?:[A-Z]{3}(?:[-,][A-Z]{3})*)", re.IGNORECASE)
_CRON_EVERY = re.compile(r"@(?:hourly|daily|midnight|weekly|monthly|yearly|annually)")


def kind_of(text: str) -> Kind | None:
    """Which ISO form a text has, right or not; None for an expression: `P2D` is a duration."""
    if _CYCLE.fullmatch(text):
        return "cycle"
    if _DURATION.fullmatch(text):
        return "duration"
    return "date" if _DATE.fullmatch(text) else None


def is_cron(text: str) -> bool:
    fields = text.split()
    return bool(_CRON_EVERY.fullmatch(text)) or (
        5 <= len(fields) <= 7 and all(_CRON_FIELD.fullmatch(field) for field in fields)
    )


def problem(kind: str, text: str) -> Phrase | None:
    """Why a literal text is not the ISO 8601 time that it looks like; None if it is one."""
    if kind == "date":
        return _date_problem(text)
    if kind == "duration":
        return _duration_problem(text)
    begin, _, every = text.partition("/")[2].rpartition("/")
    if begin and _date_problem(begin):
        return Phrase("it is not of the form R3/PT1H")
    broken = _duration_problem(every)
    return broken or (None if isodate.parse_duration(every) else Phrase("it would repeat without a pause"))


def repaired(kind: str, text: str) -> str | None:
    """What a duration or cycle that is nearly one must be: `P1H30M` -> `PT1H30M`; None if nobody can tell."""
    before, slash, every = text.rpartition("/")
    nearly = _NO_TIME_SIGN.fullmatch(every.strip().upper())
    if kind == "date" or nearly is None:
        return None
    right = (
        f"{before.upper()}{slash}P{nearly[1]}T{nearly[2]}"
        if nearly[2]
        else f"{before.upper()}{slash}P{nearly[1]}"
    )
    return None if problem(kind, right) else right


def cron_example(text: str) -> str:
    """The ISO cycle closest to a cron text: `0 0/5 * * * ?` -> `R/PT5M`."""
    fields = text.split()
    if text.startswith("@"):
        named = {"@hourly": "R/PT1H", "@weekly": "R/P7D", "@monthly": "R/P1M"}
        return named.get(text, "R/P1Y" if text in ("@yearly", "@annually") else "R/P1D")
    units = ["PT{}S", "PT{}M", "PT{}H", "P{}D"] if len(fields) > 5 else ["PT{}M", "PT{}H", "P{}D"]
    for unit, field in zip(units, fields, strict=False):
        step = re.fullmatch(r"(?:\*|\d+)/(\d+)", field)
        if step:
            return "R/" + unit.format(step[1])
    for unit, field in zip(units, fields, strict=False):
        if field == "*":
            return "R/" + unit.format(1)
    return "R/P1D"


def _date_problem(text: str) -> Phrase | None:
    try:
        if "T" in text:
            isodate.parse_datetime(text)
        else:
            isodate.parse_date(text)
    except (ValueError, OverflowError):
        return Phrase("it is not a date of the calendar in ISO 8601 form")
    return None


def _duration_problem(text: str) -> Phrase | None:
    if not text.startswith("P"):
        return Phrase("a duration begins with P and has no sign")
    if text.endswith("T"):
        return Phrase("the time behind its T is missing")
    try:
        duration = isodate.parse_duration(text)
    except (ValueError, OverflowError):
        return Phrase("it is not a duration in ISO 8601 form")
    if isinstance(duration, isodate.Duration) and any(part % 1 for part in (duration.years, duration.months)):
        return Phrase("a month has no fixed length and cannot be divided")
    return None
