"""What a cell of a file says: an instant, an amount, a code, a country."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale

DATE_LETTERS = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
"""The letters of a date format in a mapping (`dd/MM/yyyy HH:mm`)."""

DAYS_FIRST = tuple(
    f"{day}{time}"
    for day in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%Y/%m/%d")
    for time in ("", " %H:%M", " %H:%M:%S", " %H.%M")
)
MONTHS_FIRST = tuple(
    f"{day}{time}"
    for day in ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y")
    for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
)

# Day 0 of Excel's calendar; serial 60 is a day that never was, so nothing before 61 is taken.
EXCEL_EPOCH = datetime.fromisoformat("1899-12-30")


def date_format(pattern: str) -> str:
    """`dd/MM/yyyy` as strptime wants it; ValueError when a letter is unknown."""
    turned = re.sub("yyyy|yy|MM|dd|HH|mm|ss", lambda found: DATE_LETTERS[found.group()], pattern)
    if re.search(r"(?<!%)[A-Za-z]", turned.replace("T", "")):
        raise ValueError(pattern)
    return turned


def guess_formats(texts: Iterable[str]) -> tuple[str, ...]:
    """Day first, unless a column holds dates that can only be read month first (`03/25/2026`)."""
    heads = [re.match(r"(\d\d?)[/-](\d\d?)[/-]\d{2,4}\b", text.strip()) for text in texts]
    firsts = [int(head.group(1)) for head in heads if head]
    seconds = [int(head.group(2)) for head in heads if head]
    months_first = bool(seconds) and max(seconds) > 12 and max(firsts) <= 12
    return MONTHS_FIRST if months_first else DAYS_FIRST


def instant(text: str, zone: ZoneInfo, formats: Sequence[str] = DAYS_FIRST) -> datetime | None:
    """The UTC instant a cell names, None if it names none.

    ISO 8601, one of `formats`, or an Excel serial number (`46086,5`). A time without a zone is one
    in `zone`; a day is its first moment there.
    """
    text = " ".join(text.replace("\u202f", " ").split())
    moment = _iso(text) or _formatted(text, formats) or _serial(text)
    if moment is None:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        return None


def _iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d\d-\d\d|\d{8}$", text):
        return None
    try:
        return datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError:
        return None


def _formatted(text: str, formats: Sequence[str]) -> datetime | None:
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is the caller's
        except ValueError:
            continue
    return None


def _serial(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{5}([.,]\d+)?", text):
        return None
    days = Decimal(text.replace(",", "."))
    seconds = int((days * 86400).to_integral_value())
    return EXCEL_EPOCH + timedelta(seconds=seconds)


def guess_decimal_comma(texts: Iterable[str], delimiter: str) -> bool:
    """Whether `1.234,56` is how this column writes amounts; Excel in Italy separates cells by `;`."""
    tails = [re.search(r"([.,])\d{1,2}\D*$", text.strip()) for text in texts]
    marks = {tail.group(1) for tail in tails if tail}
    if len(marks) == 1:
        return marks == {","}
    return delimiter == ";"


def amount(text: str, *, decimal_comma: bool) -> Decimal | None:
    """The amount in a cell (`€ 1.234,56`), None if there is none."""
    bare = re.sub(r"[\s'\u00a0\u202f]|EUR|USD|€|\$", "", text, flags=re.IGNORECASE)
    if decimal_comma:
        whole, _, cents = bare.partition(",")
        grouped = re.fullmatch(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)", whole)
        bare = f"{whole.replace('.', '')}.{cents or '0'}" if grouped else ""
    else:
        whole, _, cents = bare.partition(".")
        grouped = re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d+)", whole)
        bare = f"{whole.replace(',', '')}.{cents or '0'}" if grouped else ""
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 12 else None


def code(text: str, length: int = 60) -> str:
    """A text as a code: `Organic Search` gives `organic_search`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:length].strip("_")


def country(text: str) -> str | None:
    """The two letters of a country named in Italian or English, or by its code."""
    return _countries().get(text.strip().casefold())


OTHER_COUNTRIES = {
    "usa": "US", "u.s.a.": "US", "uk": "GB", "u.k.": "GB", "england": "GB", "great britain": "GB",
    "inghilterra": "GB", "gran bretagna": "GB", "holland": "NL", "olanda": "NL", "hong kong": "HK",
    "korea": "KR", "corea": "KR", "czech republic": "CZ", "repubblica ceca": "CZ", "vatican": "VA",
    "russian federation": "RU", "turkey": "TR",
}  # fmt: skip
"""Names of countries that people use and the official lists do not."""


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    known: dict[str, str] = {}
    for language in ("en", "it"):
        for letters, name in Locale(language).territories.items():
            if len(letters) == 2 and letters.isalpha():
                known[name.casefold()] = letters
                known[letters.casefold()] = letters
    return known | OTHER_COUNTRIES


def split_name(text: str) -> tuple[str, str]:
    """(first name, last name) of `Giulia Bianchi` or `Bianchi, Giulia`; one word is a last name."""
    text = " ".join(text.split())
    if "," in text:
        last, _, first = text.partition(",")
        return first.strip(), last.strip()
    if " " not in text:
        return "", text
    first, _, last = text.partition(" ")
    return first, last
