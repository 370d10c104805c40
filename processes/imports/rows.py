"""Turns a row of a file into a lead to be: what `lead.received` carries, its date and what is odd."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from engine.values import Value
from processes.imports import cells
from processes.imports.mapping import Plan
from processes.imports.notes import Note, note
from processes.imports.quotes import Row
from processes.imports.table import Table
from processes.records import formats

LONGEST = 20_000
"""Characters of one text; a case refuses values above 64 kB, and no request is longer than this."""


@dataclass
class Candidate:
    """A row on its way to become a lead; `refusal` says why it cannot.

    `rest` are texts without a column of their own, for the notes.
    """

    line: int
    received_at: datetime
    key: str
    content_key: str
    external_id: str | None
    payload: dict[str, Value]
    repairs: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    refusal: Note | None = None
    rest: list[str] = field(default_factory=list)

    def warn(self, code: str, template: str, text: str) -> None:
        self.warnings.append(note(code, template, text=text))

    def fit(self, name: str, text: str | None, length: int) -> str | None:
        """The text as its column takes it; one that is too long is cut, and whole in the notes."""
        if text and len(text) > length:
            self.warnings.append(
                note("text_cut", "{name} was cut after {length} characters; the notes have all of it.",
                     name=name, length=length)
            )  # fmt: skip
            self.put_by(name, text)
        return text[:length] if text else None

    def put_by(self, name: str, text: object) -> None:
        """Keep what has no column of its own in the notes, so that it does not get lost."""
        self.rest.append(f"{name}: {text}")


def candidate(row: Row, table: Table, plan: Plan, now: datetime) -> Candidate:
    """The lead that a row describes."""
    external = plan.cell(row, "external_id") or None
    content = content_key(row, table)
    found = Candidate(
        row.line,
        now,
        _hash("id", plan.layout.system, external) if external else content,
        content,
        external,
        {},
        list(row.repairs),
    )
    filled = sum(bool(cell.strip()) for cell in row.cells)
    if len(row.cells) > len(table.header):
        found.refusal = note(
            "too_many_cells",
            "It has {count} cells, the header has {width}.",
            "Put quotes around the text that contains the delimiter.",
            count=len(row.cells),
            width=len(table.header),
        )
    elif not filled:
        found.refusal = note("no_content", "It holds nothing.", "Remove the line.")
    elif row.given == 1 < len(table.header) - 1:
        found.refusal = note(
            "not_a_row", "It has one cell where the header has {width}.", "Complete the line or remove it.",
            width=len(table.header),
        )  # fmt: skip
    else:
        _fill(found, row, plan, now)
    return found


def content_key(row: Row, table: Table) -> str:
    """A hash of what the row says, whatever the order of the columns."""
    pairs = sorted(
        (header, cell.strip()) for header, cell in zip(table.header, row.cells, strict=False) if cell.strip()
    )
    return _hash("row", *(text for pair in pairs for text in pair))


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _fill(found: Candidate, row: Row, plan: Plan, now: datetime) -> None:
    read = {name: _value(plan, row, name) for name in {*plan.columns, *plan.layout.defaults}}
    found.received_at = _received(found, read.get("received_at", ""), plan, now)
    contact, company = _contact(found, read), _company(found, read)
    if not company.get("name") and not company.get("vat_number"):
        # There is no company to keep where a person lives.
        for name, value in company.items():
            found.put_by(name, value)
        company = {}
    money = _amount(found, read.get("expected_amount", ""), plan)
    currency = _currency(found, read.get("currency", ""))
    text = read.get("need", "")
    if len(text) > LONGEST:
        found.warnings.append(note("text_cut", "A text was cut after {count} characters.", count=LONGEST))
    found.payload = {
        "channel": cells.code(read.get("channel", ""), 20) or "import",
        "source": cells.code(read.get("source", "")) or "unknown",
        "campaign": cells.code(read.get("campaign", ""), 100) or None,
        "external_id": found.external_id,
        "occurred_at": found.received_at,
        "counts": plan.layout.counts_as_new,
        "need": text[:LONGEST] or None,
        "notes": "\n".join(filter(None, [read.get("notes"), *found.rest]))[:LONGEST] or None,
        "sector": cells.code(read.get("sector", ""), 40) or None,
        "expected_amount": money,
        "currency": currency,
        "contact": contact,
        "company": company,
    }


def _value(plan: Plan, row: Row, name: str) -> str:
    """The cell of a field, translated by the mapping; the default where it is empty."""
    text = plan.cell(row, name)
    text = plan.layout.values.get(name, {}).get(text.casefold(), text)
    return text or plan.layout.defaults.get(name, "")


def _received(found: Candidate, text: str, plan: Plan, now: datetime) -> datetime:
    if not text:
        if "received_at" in plan.columns:
            found.warnings.append(note("no_date", "It has no date: taken as received now."))
        return now
    moment = cells.instant(text, plan.zone, plan.date_formats)
    if moment is None:
        found.refusal = note(
            "date_unknown",
            "“{text}” is not a date.",
            "Write it as 31/12/2026 or 2026-12-31, or give `date_formats` in the mapping.",
            text=text,
        )
        return now
    if moment > now + timedelta(days=1):
        found.refusal = note(
            "date_ahead", "Its date {text} lies in the future.", "Correct the date.", text=text
        )
        return now
    return min(moment, now)


def _contact(found: Candidate, read: dict[str, str]) -> dict[str, Value]:
    first, last = read.get("contact.first_name", ""), read.get("contact.last_name", "")
    if not first and not last and read.get("contact.name"):
        first, last = cells.split_name(read["contact.name"])
    contact: dict[str, Value] = {
        "first_name": found.fit("first_name", first, 100),
        "last_name": found.fit("last_name", last, 100),
        "job_title": found.fit("job_title", read.get("contact.job_title"), 150),
        "language": read.get("contact.language", "")[:2].lower() or None,
        "email": _email(found, read.get("contact.email", "")),
        "phone": _phone(found, read.get("contact.phone", "")),
        "mobile": _phone(found, read.get("contact.mobile", "")),
    }
    return {key: value for key, value in contact.items() if value is not None}


def _company(found: Candidate, read: dict[str, str]) -> dict[str, Value]:
    country = read.get("company.country", "")
    letters = cells.country(country)
    if country and letters is None:
        found.warn("country_unknown", "“{text}” is no country: kept in the notes.", country)
        found.put_by("country", country)
    province = read.get("company.province", "")
    company: dict[str, str | None] = {
        "name": found.fit("company", read.get("company.name"), 300),
        "vat_number": _vat(found, read.get("company.vat_number", ""), letters),
        "tax_code": found.fit("tax_code", read.get("company.tax_code", "").upper(), 16),
        "website": found.fit("website", read.get("company.website"), 300),
        "street": found.fit("street", read.get("company.street"), 200),
        "zip": found.fit("zip", _zip(read.get("company.zip", ""), letters), 12),
        "city": found.fit("city", read.get("company.city"), 100),
        "province": found.fit("province", province.upper() if len(province) == 2 else province, 10),
        "country": letters,
        "employees_band": found.fit("employees_band", read.get("company.employees_band"), 20),
    }
    return {key: value for key, value in company.items() if value is not None}


def _email(found: Candidate, text: str) -> str | None:
    if not text:
        return None
    address = formats.email(text.removeprefix("mailto:"))
    if address is None:
        found.warnings.append(note("email_wrong", "“{text}” is no e-mail address: kept as it is.", text=text))
    return address or found.fit("email", text, 254)


def _phone(found: Candidate, text: str) -> str | None:
    if not text:
        return None
    number = formats.phone(text)
    if number is None:
        found.warn("phone_wrong", "“{text}” is no phone number: kept as it is.", text)
    return number or found.fit("phone", text, 100)


def _vat(found: Candidate, text: str, country: str | None) -> str | None:
    if not text:
        return None
    valid = formats.vat_number(text, country)
    if valid is None:
        found.warn("vat_wrong", "“{text}” is no VAT number: kept as it is.", text)
        return found.fit("vat_number", text, 20)
    if text.isdigit() and len(text) < len(valid[1]):
        found.repairs.append(note("vat_zeros", "The VAT number's leading zeros were put back."))
    return valid[1] if valid[0] == "IT" else "".join(valid)


def _zip(text: str, country: str | None) -> str:
    """An Italian postal code keeps its five digits, whatever a spreadsheet did to its zeros."""
    if text.isdigit() and 3 <= len(text) < 5 and country in {None, "IT"}:
        return text.zfill(5)
    return text


def _amount(found: Candidate, text: str, plan: Plan) -> Decimal | None:
    if not text:
        return None
    number = cells.amount(text, decimal_comma=plan.decimal_comma)
    if number is None:
        found.warn("amount_wrong", "“{text}” is no amount: kept in the notes.", text)
        found.put_by("amount", text)
    return number


def _currency(found: Candidate, text: str) -> str | None:
    letters = {"€": "EUR", "$": "USD", "£": "GBP"}.get(text, text.upper())
    if letters and not (len(letters) == 3 and letters.isalpha()):
        found.warn("currency_wrong", "“{text}” is no currency: kept in the notes.", text)
        found.put_by("currency", text)
        return None
    return letters or None
