"""What becomes of each test of SpiffWorkflow: played by a case, differing, or left out for a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tests.spiffworkflow.cases import CASES
from tests.spiffworkflow.left_out import LEFT_OUT
from tests.spiffworkflow.runner import Case

FOLDER = "tests/SpiffWorkflow"
GROUPS = ("bpmn", "camunda", "spiff", "dmn", "core")


@dataclass(frozen=True)
class Accounts:
    """All tests of a copy, each with what becomes of it here."""

    played: Mapping[str, Sequence[Case]]
    left_out: Mapping[str, str]
    """Test -> reason."""
    lost: Sequence[str]
    """Tests that nobody has looked at: a newer SpiffWorkflow may bring some."""

    @classmethod
    def of(cls, checkout: Path, cases: Sequence[Case] = CASES) -> Accounts:
        tests = sorted(names_of(checkout))
        played = {
            test: found
            for test in tests
            if (found := [case for case in cases if any(is_meant(one, test) for one in case.tests)])
        }
        left_out = {
            test: reason
            for test in tests
            for reason, patterns in LEFT_OUT.items()
            if test not in played and any(is_meant(one, test) for one in patterns)
        }
        return cls(played, left_out, [test for test in tests if test not in played and test not in left_out])

    def lines(self) -> Iterator[str]:
        """The sums, for people."""
        refused = [
            test for test, cases in self.played.items() if any(case.refused or case.asked for case in cases)
        ]
        differing = [test for test, cases in self.played.items() if any(case.differs for case in cases)]
        total = len(self.played) + len(self.left_out) + len(self.lost)
        yield f"{total} tests: {len(self.played)} played, {len(self.left_out)} left out"
        yield f"of those played, {len(refused)} by a drawing that is not run, {len(differing)} with another result"
        for reason in LEFT_OUT:
            count = sum(one == reason for one in self.left_out.values())
            yield f"{count:4} left out: {reason}"
        for test in self.lost:
            yield f"not looked at: {test}"


def names_of(checkout: Path) -> Iterator[str]:
    """`bpmn/events/MessagesTest::MessagesTest.testRunThroughHappy` for each test that is written."""
    for group in GROUPS:
        for file in sorted((checkout / FOLDER / group).rglob("*.py")):
            name = file.relative_to(checkout / FOLDER).with_suffix("").as_posix()
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    for one in node.body:
                        if isinstance(one, ast.FunctionDef) and one.name.startswith("test"):
                            yield f"{name}::{node.name}.{one.name}"


def is_meant(pattern: str, test: str) -> bool:
    """Whether a name in a table means that test: the class may be left out, `*` stands for anything."""
    file, _, name = pattern.partition("::")
    their_file, _, their_name = test.partition("::")
    if not fnmatchcase(their_file, file):
        return False
    return fnmatchcase(their_name, name) or fnmatchcase(their_name.partition(".")[2], name)
