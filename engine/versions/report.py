"""What a check or deploying came to: all findings, and what became of each process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.findings import Finding


@dataclass(frozen=True)
class Deployed:
    """What became of one process of a file."""

    process: str
    outcome: str
    version: int | None
    file: str
    unchanged: bool = False
    """The newest version is this very drawing with these very files: there is no new one."""

    def to_json(self) -> dict[str, Any]:
        return {"process": self.process, "outcome": self.outcome, "version": self.version}


@dataclass
class Report:
    """All findings of all files, and what became of each process."""

    findings: list[Finding] = field(default_factory=list)
    processes: list[Deployed] = field(default_factory=list)
    normal: dict[str, bytes] = field(default_factory=dict)
    """File -> what would be run: the drawing with all that was made explicit."""

    @property
    def held(self) -> str:
        """Why nothing is deployed, though each process has an outcome of its own; empty when all is well."""
        refused = sorted({one.file or "" for one in self.findings if one.severity == "error"})
        asking = sorted({one.file or "" for one in self.findings if one.severity == "question"})
        if refused:
            many = len({one.file for one in self.processes} | set(refused)) > 1
            together = ", and files go in together or not at all" if many else ""
            return f"Nothing was deployed: {', '.join(refused)} is refused{together}."
        if asking:
            return f"Nothing was deployed: {', '.join(asking)} has open questions."
        return "" if self.processes else "Nothing was deployed: there is no process in these files."

    @property
    def exit_code(self) -> int:
        """0 deployed (warnings allowed), 1 refused, 3 a draft with open questions."""
        outcomes = {process.outcome for process in self.processes}
        if "refused" in outcomes or any(finding.severity == "error" for finding in self.findings):
            return 1
        return 3 if "draft" in outcomes else 0

    def to_json(self) -> dict[str, Any]:
        return {
            "findings": [finding.to_json() for finding in self.findings],
            "processes": [process.to_json() for process in self.processes],
        }
