"""Runs test cases in the format of the DMN Technology Compatibility Kit: `python -m tests.tck.kit --tck DIR`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.errors import ExpressionError, PercorsoError
from engine.feel import Scope
from engine.feel.arithmetic import is_number
from engine.feel.dmn import Model, read_model
from engine.feel.frame import Frame
from engine.feel.functions.numbers import read_number
from engine.feel.limits import Place
from engine.feel.temporal import read_date, read_duration, read_instant, read_time
from engine.xml import local, parse

TOLERANCE = Decimal("1e-8")
"""How far a number may be from the expected one, which the kit writes with some of its digits only."""

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FUNCTIONS = {"now": lambda: NOW, "today": lambda: date(2026, 3, 2)}

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_READERS = {"date": read_date, "time": read_time, "dateTime": read_instant, "duration": read_duration}

# lxml comes without types.
Element = Any


@dataclass(frozen=True)
class Verdict:
    """One expected result of one test case, and what came instead."""

    folder: str
    case: str
    name: str
    passed: bool
    expected: object
    given: object
    refused: bool = False
    """Whether nothing came but a refusal in words."""

    def __str__(self) -> str:
        return f"{self.folder} {self.case} {self.name}: expected {self.expected!r}, got {self.given!r}"


def run_folder(folder: Path) -> Iterator[Verdict]:
    """All cases below a folder: every file of test cases with the model beside it."""
    for file in sorted(folder.rglob("*.xml")):
        root = parse(file.read_bytes(), file.name)
        if local(root.tag) == "testCases":
            yield from _run_file(root, file)


def _run_file(root: Element, file: Path) -> Iterator[Verdict]:
    name = next((part.text for part in root if local(part.tag) == "modelName"), "")
    model = read_model((file.parent / name.strip()).read_bytes(), name)
    for case in root:
        if local(case.tag) != "testCase":
            continue
        inputs = {part.get("name"): _value(part) for part in case if local(part.tag) == "inputNode"}
        for node in case:
            if local(node.tag) == "resultNode":
                yield _verdict(model, file.parent.name, case, node, inputs)


def _verdict(model: Model, folder: str, case: Element, node: Element, inputs: Mapping[str, Any]) -> Verdict:
    name = node.get("name")
    expected = next((_value(part) for part in node if local(part.tag) == "expected"), None)
    may_fail = node.get("errorResult") == "true"
    try:
        given = _result(model, case, name, inputs)
    except PercorsoError as error:
        passed = may_fail and expected is None
        return Verdict(folder, case.get("id"), name, passed, expected, error.message, refused=True)
    return Verdict(folder, case.get("id"), name, same(expected, given), expected, given)


def _result(model: Model, case: Element, name: str, inputs: Mapping[str, Any]) -> object:
    """The value of a decision by its name, or of a service or a function that the case calls."""
    kind, called = case.get("type") or "decision", case.get("invocableName")
    scope = Scope(inputs, FUNCTIONS)
    if kind == "decision":
        found = [decision for decision in model.decisions.values() if decision.name == name]
        if not found:
            first = next((finding.message for finding in model.findings if finding.name == name), "")
            raise ExpressionError(f"The decision {name} was refused: {first}", text="")
        return found[0].evaluate(scope).value
    function = model.functions[called]
    names = [parameter.name for parameter in function.parameters]
    missing = [one for one in names if one not in inputs]
    if missing:
        raise ExpressionError(f"{called} is called without {', '.join(missing)}", text="")
    result = function.call(Frame(scope, 0), Place(called), [inputs[one] for one in names])
    service = model.services.get(called)
    if service is not None and len(service.outputs) > 1 and isinstance(result, dict):
        return result.get(name)
    return result


def _value(element: Element) -> Any:
    """The value written below an element: `value`, `list` or `component`s."""
    parts = [part for part in element if local(part.tag) in ("value", "list", "component")]
    if not parts:
        return None
    if local(parts[0].tag) == "component":
        return {part.get("name"): _value(part) for part in parts}
    if parts[0].get(NIL) == "true":
        return None
    if local(parts[0].tag) == "list":
        return [_value(item) for item in parts[0] if local(item.tag) == "item"]
    text, kind = parts[0].text or "", (parts[0].get(TYPE) or "xsd:string").rsplit(":", 1)[-1]
    if kind == "boolean":
        return text.strip() in ("true", "1")
    if kind in ("decimal", "double", "integer", "int", "long", "float"):
        number = read_number(text.strip())
        return Decimal(text.strip()) if number is None else number
    if kind in _READERS:
        read = _READERS[kind](text.strip())
        return f"unreadable {text}" if read is None else read
    return text


def same(expected: object, given: object) -> bool:
    """Whether a value is the expected one; numbers to the kit's precision, lists and contexts part by part."""
    if is_number(expected) and is_number(given):
        size = max(abs(Decimal(expected)), Decimal(1))
        return abs(Decimal(expected) - Decimal(given)) <= TOLERANCE * size
    if isinstance(expected, list) and isinstance(given, list):
        return len(expected) == len(given) and all(map(same, expected, given))
    if isinstance(expected, Mapping) and isinstance(given, Mapping):
        return expected.keys() == given.keys() and all(same(expected[key], given[key]) for key in expected)
    if type(expected) is not type(given):
        return False
    return expected == given


def main() -> int:
    """Prints how many cases of each level pass, and which do not."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tck", type=Path, required=True, help="the kit, or one folder of it")
    options.add_argument("--all", action="store_true", help="name every case that fails")
    given = options.parse_args()
    counts: dict[str, Counter[str]] = {}
    for folder in sorted({file.parent for file in given.tck.rglob("*.xml")}):
        for verdict in run_folder(folder):
            level = counts.setdefault(folder.parent.name, Counter())
            level["all"] += 1
            level["passed"] += verdict.passed
            level["refused"] += verdict.passed and verdict.refused
            if given.all and not verdict.passed:
                sys.stdout.write(f"{verdict}\n")
    for name, level in counts.items():
        share = 100 * level["passed"] / level["all"]
        sys.stdout.write(
            f"{name}: {level['passed']} of {level['all']} ({share:.2f} %), "
            f"{level['refused']} of them by a refusal where an error is expected\n"
        )
    return 0 if all(level["passed"] == level["all"] for level in counts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
