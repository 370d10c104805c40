"""What an import did, row by row: created, repaired, skipped, refused, and how it read the file."""

from __future__ import annotations

from dataclasses import dataclass, field

from processes.imports.mapping import Plan
from processes.imports.notes import Note
from processes.imports.table import DELIMITERS, Table

SHOWN = 10
"""How many lines of a kind a summary shows."""


@dataclass
class Line:
    """What became of one row; `line` is its first physical line in the file.

    `outcome` is created, skipped or refused. A created row may have been repaired first.
    """

    line: int
    outcome: str
    lead_id: int | None = None
    case_no: str | None = None
    won: bool = False
    repairs: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    reason: Note | None = None

    @property
    def worth_telling(self) -> bool:
        return bool(self.outcome != "created" or self.repairs or self.warnings)

    @property
    def notes(self) -> list[Note]:
        return [*self.repairs, *self.warnings, *([self.reason] if self.reason else [])]

    @property
    def sentence(self) -> str:
        """`line 5: refused: “31/02/2026” is not a date. Write it as 31/12/2026 ...`"""
        told = [text for note in self.notes for text in (note.message, note.remedy) if text]
        return f"line {self.line}: {self.outcome}: {' '.join(told)}"

    def to_json(self) -> dict[str, object]:
        return {
            "line": self.line,
            "outcome": self.outcome,
            "case_no": self.case_no,
            "repairs": [note.message for note in self.repairs],
            "warnings": [note.message for note in self.warnings],
            "reason": self.reason.message if self.reason else None,
            "remedy": self.reason.remedy if self.reason else None,
        }


@dataclass
class ImportReport:
    """All rows of a file: `rows` = `created` + `skipped` + `refused`, always.

    `repaired` and `won` say of how many of the created rows that is true. `problems` are remarks
    about the file of won deals.
    """

    table: Table
    plan: Plan
    dry_run: bool
    lines: list[Line] = field(default_factory=list)
    problems: list[Note] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.lines)

    @property
    def created(self) -> int:
        return self._count("created")

    @property
    def skipped(self) -> int:
        return self._count("skipped")

    @property
    def refused(self) -> int:
        return self._count("refused")

    @property
    def repaired(self) -> int:
        return sum(line.outcome == "created" and bool(line.repairs) for line in self.lines)

    @property
    def won(self) -> int:
        return sum(line.won for line in self.lines)

    def _count(self, outcome: str) -> int:
        return sum(line.outcome == outcome for line in self.lines)

    def summary(self, most: int = SHOWN) -> list[str]:
        """A sentence for each line there is something to say about, the first `most` of each kind.

        Lines are of one kind when the same became of them for the same reasons, so that what is
        rare is not lost among what is usual. `to_json` has every line.
        """
        kinds: dict[tuple[str, ...], list[Line]] = {}
        for line in self.lines:
            if line.worth_telling:
                kinds.setdefault((line.outcome, *(note.code for note in line.notes)), []).append(line)
        told = []
        for lines in kinds.values():
            told += [line.sentence for line in lines[:most]]
            if len(lines) > most:
                told.append(
                    f"... and {len(lines) - most} more lines like the last one (--json lists them all)"
                )
        return told

    def to_json(self) -> dict[str, object]:
        """The counts, the mapping, and the lines there is something to say about."""
        return {
            "file": self.table.file,
            "encoding": self.table.encoding,
            "delimiter": DELIMITERS.get(self.table.delimiter, self.table.delimiter),
            "dry_run": self.dry_run,
            "rows": self.rows,
            "created": self.created,
            "repaired": self.repaired,
            "skipped": self.skipped,
            "refused": self.refused,
            "won": self.won,
            "mapping": self.plan.to_json(),
            "problems": [note.message for note in self.problems],
            "lines": [line.to_json() for line in self.lines if line.worth_telling],
        }
