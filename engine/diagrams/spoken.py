"""Times as people write them: `3 days`, `2 giorni e 4 ore`, `every week`, `24/12/2026 9:30`."""

from __future__ import annotations

import re
from datetime import datetime

NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            *("a an one un uno una", "two due", "three tre", "four quattro", "five cinque", "six sei"),
            *("seven sette", "eight otto", "nine nove", "ten dieci"),
        ),
        1,
    )
    for word in words.split()
}

UNITS = {
    "years": ("y", "yr", "yrs", "year", "years", "anno", "anni"),
    "months": ("month", "months", "mese", "mesi"),
    "weeks": ("w", "wk", "week", "weeks", "settimana", "settimane"),
    "days": ("d", "day", "days", "g", "gg", "giorno", "giorni"),
    "hours": ("h", "hr", "hrs", "hour", "hours", "ora", "ore"),
    "minutes": ("m", "min", "mins", "minute", "minutes", "minuto", "minuti"),
    "seconds": ("s", "sec", "secs", "second", "seconds", "secondo", "secondi"),
}
_UNIT_OF = {word: unit for unit, words in UNITS.items() for word in words}

_PART = re.compile(r"(\d+(?:[.,]\d+)?|[a-z]+)\s*([a-z]+)\.?", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,]*(?:\band\b|\be\b|\bed\b)?[\s,]*", re.IGNORECASE)
_EVERY = re.compile(r"\s*(?:every|each|ogni)\b\s*(.+)", re.IGNORECASE | re.DOTALL)
_ADVERBS = {
    "hourly": "PT1H",
    "daily": "P1D",
    "weekly": "P1W",
    "monthly": "P1M",
    "yearly": "P1Y",
    "giornaliero": "P1D",
    "settimanale": "P1W",
    "mensile": "P1M",
    "annuale": "P1Y",
}
_AFTER = re.compile(r"\s*(?:after|within|in|for|dopo|entro|per|tra|fra)\s+", re.IGNORECASE)
_DATE = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ ,T]+(?:alle |at )?(\d{1,2})[:.](\d\d))?")
_ISO_DATE = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)")


def plain(kind: str, text: str) -> str:
    """A duration, cycle or date as it was written, in ISO 8601; anything else as it is."""
    read = {"duration": (duration, date), "cycle": (cycle, duration), "date": (date, duration)}.get(kind, ())
    return next((found for one in read if (found := one(text)) is not None), text)


def duration(text: str) -> str | None:
    """`3 days` -> `P3D`, `2 giorni e 4 ore` -> `P2DT4H`, `1,5 ore` -> `PT1H30M`; None when it is none."""
    rest = _AFTER.sub("", text.strip(), count=1)
    amounts: dict[str, float] = {}
    while rest:
        found = _PART.match(rest)
        if not found:
            return None
        amount, unit = _amount(found[1]), _UNIT_OF.get(found[2].lower())
        if amount is None or unit is None or unit in amounts:
            return None
        amounts[unit] = amount
        rest = _BETWEEN.sub("", rest[found.end() :], count=1)
    return _iso(amounts) if amounts else None


def cycle(text: str) -> str | None:
    """`every 2 days` -> `R/P2D`, `ogni settimana` -> `R/P1W`, `daily` -> `R/P1D`; None when it is none."""
    plain = " ".join(text.lower().split())
    if plain in _ADVERBS:
        return f"R/{_ADVERBS[plain]}"
    found = _EVERY.fullmatch(text)
    if not found:
        return None
    unit = _UNIT_OF.get(found[1].strip().lower())
    every = _iso({unit: 1}) if unit else duration(found[1])
    return f"R/{every}" if every else None


def date(text: str) -> str | None:
    """`24/12/2026 9:30` -> `2026-12-24T09:30:00`: day before month, as in Europe; None when it is none."""
    plain = text.strip()
    iso = _ISO_DATE.fullmatch(plain)
    if iso:
        return f"{iso[1]}T{iso[2]}"
    found = _DATE.fullmatch(plain)
    if not found:
        return None
    day, month, year, hour, minute = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute).isoformat()  # noqa: DTZ001  The company's zone.
    except ValueError:
        return None


def _amount(text: str) -> float | None:
    if text[0].isdigit():
        return float(text.replace(",", "."))
    number = NUMBERS.get(text.lower())
    return float(number) if number else None


def _iso(amounts: dict[str, float]) -> str | None:
    """ISO 8601 of whole units; a part of a unit is said in smaller ones, where it has a fixed length."""
    steps = (
        ("weeks", "days", 7),
        ("days", "hours", 24),
        ("hours", "minutes", 60),
        ("minutes", "seconds", 60),
    )
    whole = dict(amounts)
    for unit, smaller, size in steps:
        amount = whole.get(unit, 0.0)
        part = amount - int(amount)
        if part:
            whole[unit] = amount - part
            whole[smaller] = whole.get(smaller, 0.0) + round(part * size, 6)
    if any(amount % 1 for amount in whole.values()):
        return None
    count = {unit: int(amount) for unit, amount in whole.items() if amount}
    if "weeks" in count and len(count) > 1:
        count["days"] = count.get("days", 0) + 7 * count.pop("weeks")
    letters = (("years", "Y"), ("months", "M"), ("weeks", "W"), ("days", "D"))
    days = "".join(f"{count[unit]}{letter}" for unit, letter in letters if unit in count)
    clock = (("hours", "H"), ("minutes", "M"), ("seconds", "S"))
    times = "".join(f"{count[unit]}{letter}" for unit, letter in clock if unit in count)
    return f"P{days}{'T' if times else ''}{times}" if days or times else None
