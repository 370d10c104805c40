"""Which leads of a file were won, when, by whom and for how much, as its mapping says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from engine.errors import Invalid
from processes.imports import cells, table
from processes.imports.mapping import Plan, Won
from processes.imports.notes import Note, note
from processes.imports.quotes import Row
from processes.imports.table import Table


@dataclass(frozen=True)
class Deal:
    """A lead that was won; without a date it was won when it came in."""

    at: datetime | None
    by: str | None
    amount: Decimal | None
    customer: str | None


@dataclass(frozen=True)
class Deals:
    """The won leads, by identifier or by line; `problems` are rows that could not be used."""

    by_id: Mapping[str, Deal]
    by_line: Mapping[int, Deal]
    problems: list[Note]

    def of(self, external_id: str | None, line: int) -> Deal | None:
        return self.by_line.get(line) or (self.by_id.get(external_id) if external_id else None)


def read(leads: Table, plan: Plan, folder: Path | None) -> Deals:
    """The won leads that the mapping speaks of; a file of its own lies beside that of the leads."""
    won = plan.won
    if won is None:
        return Deals({}, {}, [])
    if won.file is None:
        return _of_columns(leads, plan, won)
    return _of_file(won, plan, folder)


def _of_columns(leads: Table, plan: Plan, won: Won) -> Deals:
    by_line: dict[int, Deal] = {}
    problems: list[Note] = []
    for row in leads.rows:
        if won.column and plan.text(row, won.column).casefold() in won.values:
            values = {header: plan.text(row, header) for header in leads.header}
            by_line[row.line] = _deal(values, won, plan, row, problems)
    return Deals({}, by_line, problems)


def _of_file(won: Won, plan: Plan, folder: Path | None) -> Deals:
    path = _beside(won, plan, folder)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Invalid(
            "won_unreadable",
            "The file of won leads {path} cannot be read: {reason}.",
            where=f"{plan.layout.file or 'the mapping'}, won.file",
            remedy="Put it beside the file of the leads, or correct its name.",
            path=path,
            reason=error.strerror or error,
        ) from None
    deals = table.read(data, path.name)
    headers = [name for name in (won.key, won.at, won.by, won.amount, won.customer) if name]
    for header in headers:
        if header not in deals.header:
            raise Invalid(
                "mapping_wrong",
                "{file} has no column “{header}”.",
                where=f"{plan.layout.file or 'the mapping'}, won",
                remedy="Its columns are {known}.",
                file=path.name,
                header=header,
                known=", ".join(deals.header),
            )
    by_id: dict[str, Deal] = {}
    problems: list[Note] = []
    for row in deals.rows:
        values = {name: cell.strip() for name, cell in zip(deals.header, row.cells, strict=False)}
        key = values.get(won.key or "", "")
        if not key or key in by_id:
            text = "Line {line} of {file} was passed over: " + (
                "“{key}” was won in an earlier line." if key else "it names no lead."
            )
            problems.append(note("deal_unusable", text, line=row.line, file=path.name, key=key))
        else:
            by_id[key] = _deal(values, won, plan, row, problems)
    return Deals(by_id, {}, problems)


def _beside(won: Won, plan: Plan, folder: Path | None) -> Path:
    """Beside the leads' file, else beside the mapping."""
    places = [
        place for place in (folder, Path(plan.layout.file).parent if plan.layout.file else None) if place
    ]
    found = (place / str(won.file) for place in places)
    return next((path for path in found if path.is_file()), (places or [Path()])[0] / str(won.file))


def _deal(values: Mapping[str, str], won: Won, plan: Plan, row: Row, problems: list[Note]) -> Deal:
    at_text, amount_text = values.get(won.at or "", ""), values.get(won.amount or "", "")
    at = cells.instant(at_text, plan.zone, plan.layout.date_formats or cells.DAYS_FIRST) if at_text else None
    if at_text and at is None:
        text = "The deal in line {line}: “{text}” is not a date; taken as won when the lead came in."
        problems.append(note("deal_date", text, line=row.line, text=at_text))
    decimal_comma = bool(plan.layout.decimal_comma)
    amount = cells.amount(amount_text, decimal_comma=decimal_comma) if amount_text else None
    if amount_text and amount is None:
        text = "The deal in line {line}: “{text}” is no amount; left out."
        problems.append(note("deal_amount", text, line=row.line, text=amount_text))
    return Deal(
        at, values.get(won.by or "", "")[:100] or None, amount, values.get(won.customer or "") or None
    )
