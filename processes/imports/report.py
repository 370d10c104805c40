"""What an import did, row by row: created, repaired, skipped, refused, and how it read the file."""

from __future__ import annotations

from dataclasses import dataclass, field

from processes.imports.mapping import Plan
from processes.imports.notes import Note
from processes.imports.table import DELIMITERS, Table


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
