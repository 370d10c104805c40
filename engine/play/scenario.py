"""Reads scenario files: who works, what comes in, how long steps take, what is answered."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import NotFound
from engine.play.draws import Draw, read, wrong

USUAL_MINUTES = Draw("lognormal", numbers={"median": 15, "cv": 0.6})
"""How long a step takes that no scenario speaks of."""


@dataclass(frozen=True)
class Staff:
    """How many persons a role has, and which share of a working day each has for these tasks."""

    role: str
    people: int
    share: float


@dataclass(frozen=True)
class Arrivals:
    """Messages from outside that begin cases."""

    message: str
    per_day: float
    weekdays: Sequence[float] = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)
    hours: Mapping[int, float] = field(default_factory=dict)
    payload: Mapping[str, Draw] = field(default_factory=dict)
    spam: float = 0.0
    duplicates: float = 0.0
    per_customer_month: float = 0.0
    customer_event: str | None = None
    """The type of event by which the sender of an earlier message becomes a customer."""


@dataclass(frozen=True)
class TaskPlay:
    """What is done with a user task."""

    minutes: Draw = USUAL_MINUTES
    answers: Mapping[str, Draw] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """Whether and when a customer answers a case that waits for a message."""

    probability: float
    delay: Draw


@dataclass(frozen=True)
class Scenario:
    """All scenario files together."""

    staff: Sequence[Staff] = ()
    arrivals: Sequence[Arrivals] = ()
    tasks: Mapping[str, TaskPlay] = field(default_factory=dict)
    messages: Mapping[str, Reply] = field(default_factory=dict)

    def task(self, element: str) -> TaskPlay:
        return self.tasks.get(element, TaskPlay())


def load(paths: Iterable[Path]) -> Scenario:
    """The scenarios of these files and folders (`scenario.toml`, at any depth) as one.

    Raises NotFound when there is none, Invalid naming the file and the place.
    """
    files: list[Path] = []
    for path in paths:
        files += [path] if path.is_file() else sorted(path.rglob("scenario.toml"))
    if not files:
        raise NotFound(
            "scenario_missing",
            "There is no scenario.toml there.",
            where="scenario",
            remedy="Name a scenario file, or a folder with some; the shipped ones lie in bpmn/.",
        )
    staff: list[Staff] = []
    arrivals: list[Arrivals] = []
    tasks: dict[str, TaskPlay] = {}
    messages: dict[str, Reply] = {}
    for file in files:
        name = f"{file.parent.name}/{file.name}"
        try:
            given = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise wrong(name, f"it cannot be read ({error.strerror})", "Check its rights.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise wrong(name, f"it is not valid TOML ({error})", "Correct that line.") from None
        _known(given, {"staff", "arrivals", "tasks", "messages"}, name)
        staff += [_staff(role, one, f"{name} [staff] {role}") for role, one in given.get("staff", {}).items()]
        if "arrivals" in given:
            arrivals.append(_arrivals(given["arrivals"], f"{name} [arrivals]"))
        for element, one in given.get("tasks", {}).items():
            tasks[element] = _task(one, f"{name} [tasks.{element}]")
        for element, one in given.get("messages", {}).items():
            messages[element] = _reply(one, f"{name} [messages.{element}]")
    return Scenario(staff, arrivals, tasks, messages)


def _staff(role: str, given: Any, where: str) -> Staff:
    _known(given, {"people", "share"}, where)
    people, share = given.get("people", 1), given.get("share", 1.0)
    if not isinstance(people, int) or not 0 <= people <= 1000:
        raise wrong(where, "people is no number of persons", "Write people = 3.")
    if not isinstance(share, (int, float)) or not 0 < share <= 1:
        raise wrong(where, "share is no share of a day", "Write a number above 0, up to 1.")
    return Staff(role, people, float(share))


def _arrivals(given: Any, where: str) -> Arrivals:
    names = {"message", "per_day", "weekdays", "hours", "payload", "spam", "duplicates"}
    _known(given, names | {"per_customer_month", "customer_event"}, where)
    if not isinstance(given.get("message"), str):
        raise wrong(where, "it does not say which message comes in", 'Write message = "...".')
    weekdays = given.get("weekdays", Arrivals.weekdays)
    if len(weekdays) != 7:
        raise wrong(f"{where} weekdays", "a week has seven days", "Give a factor for Monday to Sunday.")
    hours = {str(key): float(value) for key, value in given.get("hours", {"9": 1.0}).items()}
    if not hours or any(not key.isdigit() or int(key) > 23 or value < 0 for key, value in hours.items()):
        raise wrong(f"{where} hours", "hours are 0 to 23 with a weight each", "Write { 9 = 12, 10 = 14 }.")
    return Arrivals(
        message=given["message"],
        per_day=float(given.get("per_day", 0)),
        weekdays=tuple(float(factor) for factor in weekdays),
        hours={int(key): value for key, value in hours.items()},
        payload=_fields(given.get("payload", {}), f"{where} payload"),
        spam=float(given.get("spam", 0)),
        duplicates=float(given.get("duplicates", 0)),
        per_customer_month=float(given.get("per_customer_month", 0)),
        customer_event=given.get("customer_event"),
    )


def _task(given: Any, where: str) -> TaskPlay:
    _known(given, {"minutes", "answers"}, where)
    minutes = read(given["minutes"], f"{where} minutes") if "minutes" in given else USUAL_MINUTES
    return TaskPlay(minutes, _fields(given.get("answers", {}), f"{where} answers"))


def _reply(given: Any, where: str) -> Reply:
    _known(given, {"probability", "delay"}, where)
    probability = given.get("probability", 1.0)
    if not isinstance(probability, (int, float)) or not 0 <= probability <= 1:
        raise wrong(f"{where} probability", "it is no probability", "Write a number from 0 to 1.")
    if "delay" not in given:
        raise wrong(where, "it does not say when the answer comes", "Give it a delay.")
    return Reply(float(probability), read(given["delay"], f"{where} delay"))


def _fields(given: Any, where: str) -> dict[str, Draw]:
    _known(given, set(given) if isinstance(given, Mapping) else set(), where)
    return {key: read(one, f"{where} {key}") for key, one in given.items()}


def _known(given: Any, names: set[str], where: str) -> None:
    if not isinstance(given, Mapping):
        raise wrong(where, "it must be a table", "bpmn/intake/scenario.toml documents the format.")
    for key in given:
        if key not in names:
            raise wrong(f"{where} {key}", "there is no such setting", "Check its name.")
