"""What a scenario leaves to chance: choices, numbers, durations, times, texts, invented people."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import isodate

from engine.errors import Invalid
from engine.play.invented import company, person

LONGEST = timedelta(days=3650)
NUMBER = re.compile(r"-?\d+(\.\d+)?")
OF_A_CASE = frozenset({"when", "absent"})
SHAPES: Mapping[str, frozenset[str]] = {
    "choice": frozenset({"of"}),
    "int": frozenset({"low", "high"}),
    "lognormal": frozenset({"median", "cv", "low", "high", "decimals"}),
    "weibull": frozenset({"shape", "scale"}),
    "after": frozenset({"median", "cv"}),
    "day_after": frozenset({"median", "cv"}),
    "text": frozenset({"of"}),
    "person": frozenset(),
    "company": frozenset(),
    "kept": frozenset(),
}
"""Every kind of draw with the keys it takes; bpmn/intake/scenario.toml says what they mean."""
NEEDED: Mapping[str, frozenset[str]] = {
    "choice": frozenset({"of"}),
    "int": frozenset({"low", "high"}),
    "lognormal": frozenset({"median", "cv"}),
    "weibull": frozenset({"shape", "scale"}),
    "after": frozenset({"median"}),
    "day_after": frozenset({"median"}),
    "text": frozenset({"of"}),
}


@dataclass
class Moment:
    """What a draw may look at: the instant, the answers given before it, what a form shows."""

    random: Random
    now: datetime
    zone: ZoneInfo
    shown: Callable[[str], Any] = lambda key: None
    drawn: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    """The field that is drawn now."""


class Absent:
    """Stands for a field that is left out."""


ABSENT = Absent()


@dataclass(frozen=True)
class Draw:
    """One field, duration or number of a scenario, checked when it was read."""

    kind: str
    value: Any = None
    of: Sequence[str] = ()
    weights: Sequence[float] = ()
    numbers: Mapping[str, Any] = field(default_factory=dict)
    when: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    absent: float = 0.0

    def __call__(self, moment: Moment) -> Any:
        """A value; ABSENT when the field is left out this time."""
        for key, wanted in self.when.items():
            if moment.drawn.get(key) not in wanted:
                return ABSENT
        if self.absent and moment.random.random() < self.absent:
            return ABSENT
        return _DRAWS[self.kind](self, moment)


def duration(draw: Draw, moment: Moment) -> timedelta:
    """A draw as a duration; a plain number counts minutes."""
    value = draw(moment)
    found = value if isinstance(value, timedelta) else timedelta(minutes=float(value))
    return min(max(found, timedelta(0)), LONGEST)


def read(given: Any, where: str) -> Draw:
    """A draw out of a scenario file; raises Invalid naming the place."""
    if not isinstance(given, Mapping):
        return Draw("fixed", given)
    kind = given.get("kind")
    if kind is None:
        return Draw("choice", **_choice(given, where))
    if not isinstance(kind, str) or kind not in SHAPES:
        raise wrong(where, f"there is no kind “{kind}”", f"Known are: {', '.join(SHAPES)}.")
    foreign = set(given) - {"kind"} - OF_A_CASE - SHAPES[kind]
    lacking = NEEDED.get(kind, frozenset()) - set(given)
    if foreign or lacking:
        named = f"it takes no {sorted(foreign)[0]}" if foreign else f"it lacks {sorted(lacking)[0]}"
        raise wrong(where, named, "bpmn/intake/scenario.toml documents the format.")
    parts: dict[str, Any] = {"when": _when(given.get("when", {}), where), "absent": _share(given, where)}
    if kind == "choice":
        parts.update(_choice(given["of"], where))
    elif kind == "text":
        parts["of"] = [str(text) for text in given["of"]]
        if not parts["of"]:
            raise wrong(where, "there is no text to choose from", "Write at least one.")
    else:
        own = SHAPES[kind]
        parts["numbers"] = {key: _number(given[key], f"{where}.{key}") for key in given if key in own}
    return Draw(kind, **parts)


def wrong(where: str, reason: str, remedy: str) -> Invalid:
    """The error for a scenario that cannot be read."""
    return Invalid(
        "scenario_wrong", "{place}: {reason}.", where=where, remedy=remedy, place=where, reason=reason
    )


# --- Reading --------------------------------------------------------------------------------------


def _choice(given: Any, where: str) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not given:
        raise wrong(where, "it is no choice", "Write { one = 0.6, other = 0.4 }.")
    for key, weight in given.items():
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or weight < 0:
            raise wrong(f"{where}.{key}", "a probability is a number from 0", "Write 0.25.")
    if sum(given.values()) <= 0:
        raise wrong(where, "nothing can be chosen", "Give one of them a probability above 0.")
    return {"of": list(given), "weights": list(given.values())}


def _when(given: Any, where: str) -> dict[str, list[Any]]:
    if not isinstance(given, Mapping):
        raise wrong(f"{where}.when", "it is no condition", 'Write { outcome = "call_back" }.')
    return {key: list(value) if isinstance(value, list) else [value] for key, value in given.items()}


def _share(given: Mapping[str, Any], where: str) -> float:
    share = given.get("absent", 0.0)
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
        raise wrong(f"{where}.absent", "it is no share", "Write a number from 0 to 1.")
    return float(share)


def _number(given: Any, where: str) -> Any:
    """A number, or an ISO 8601 duration as a timedelta."""
    if isinstance(given, str):
        try:
            found = isodate.parse_duration(given)
        except isodate.ISO8601Error:
            found = None
        if not isinstance(found, timedelta):
            raise wrong(where, f"“{given}” is no duration in days and hours", "Write PT20H or P9D.")
        return found
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise wrong(where, "it is no number", "Write a number or a duration such as PT20H.")
    return given


# --- Drawing --------------------------------------------------------------------------------------


def _fixed(draw: Draw, _moment: Moment) -> Any:
    return draw.value


def _chosen(draw: Draw, moment: Moment) -> Any:
    chosen = moment.random.choices(draw.of, draw.weights)[0]
    return {"true": True, "false": False}.get(chosen, chosen)


def _int(draw: Draw, moment: Moment) -> int:
    return moment.random.randint(int(draw.numbers["low"]), int(draw.numbers["high"]))


def _lognormal(draw: Draw, moment: Moment) -> Any:
    """By its median and its coefficient of variation: sigma is sqrt(ln(1 + cv^2))."""
    numbers = draw.numbers
    factor = _factor(numbers["cv"], moment.random)
    value = numbers["median"] * factor
    if isinstance(value, timedelta):
        return value
    value = min(max(value, numbers.get("low", value)), numbers.get("high", value))
    decimals = numbers.get("decimals")
    if decimals is None:
        return value
    return round(value, int(decimals)) if decimals else round(value)


def _weibull(draw: Draw, moment: Moment) -> Any:
    return draw.numbers["scale"] * moment.random.weibullvariate(1.0, float(draw.numbers["shape"]))


def _after(draw: Draw, moment: Moment) -> str:
    distance = draw.numbers["median"] * _factor(draw.numbers.get("cv", 0), moment.random)
    instant = (moment.now + min(distance, LONGEST)).astimezone(moment.zone)
    return str(instant.replace(second=0, microsecond=0).isoformat())


def _day_after(draw: Draw, moment: Moment) -> str:
    distance = draw.numbers["median"] * _factor(draw.numbers.get("cv", 0), moment.random)
    return str((moment.now + min(distance, LONGEST)).astimezone(moment.zone).date())


def _text(draw: Draw, moment: Moment) -> str:
    return moment.random.choice(draw.of)


def _kept(draw: Draw, moment: Moment) -> Any:
    shown = moment.shown(moment.key)
    return ABSENT if shown is None else shown


def _factor(cv: float, random: Random) -> float:
    return math.exp(random.gauss(0.0, math.sqrt(math.log(1.0 + float(cv) ** 2))))


_DRAWS: Mapping[str, Callable[[Draw, Moment], Any]] = {
    "fixed": _fixed,
    "choice": _chosen,
    "int": _int,
    "lognormal": _lognormal,
    "weibull": _weibull,
    "after": _after,
    "day_after": _day_after,
    "text": _text,
    "person": lambda draw, moment: person(moment.random),
    "company": lambda draw, moment: company(moment.random),
    "kept": _kept,
}


def draw_fields(draws: Mapping[str, Draw], moment: Moment) -> dict[str, Any]:
    """The fields of a payload or a form; what is left out is not in it."""
    for key, draw in draws.items():
        moment.key = key
        value = draw(moment)
        if value is not ABSENT:
            moment.drawn[key] = value
    return moment.drawn
