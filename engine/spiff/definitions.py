"""What events are about: moments, messages, signals, errors, escalations, conditions.

SpiffWorkflow's timers call the clock and take Python expressions; these read ISO 8601 as drawn or an
expression of ours. Events that are thrown say here where they go.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import isodate
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition

from engine.spiff import routes
from engine.spiff.tokens import Thrown, Token, failed
from engine.values import YearsMonths

_CYCLE = re.compile(r"[Rr](?P<runs>\d*)/(?:(?P<begin>[^/]+)/)?(?P<every>[Pp][^/]*)")


@dataclass(frozen=True)
class Due:
    """When a timer is due, how many runs remain (-1: without end), and the interval between them."""

    at: datetime
    runs: int = 1
    every: str = ""
    first: datetime | None = None
    """The first run; those on the last day of a month go back to it after a shorter month."""

    def after(self, now: datetime, zone: tzinfo) -> Due:
        """The first run after `now`; those that were missed count as done.

        Days, months and years are counted on the calendar of `zone`: what repeats daily at nine stays
        at nine when the clocks change. Hours and less are counted exactly.
        """
        interval = isodate.parse_duration(self.every)
        if isinstance(interval, timedelta) and "T" in self.every.upper():
            passed = (now - self.at) // interval + 1
            passed = min(passed, self.runs) if self.runs > 0 else passed
            return self._next(self.at + passed * interval, passed)
        begin = (self.first or self.at).astimezone(zone).replace(tzinfo=None)
        at, number, passed = self.at, 0, 0
        while at <= now and passed != self.runs:
            number += 1
            at, before = (begin + interval * number).replace(tzinfo=zone).astimezone(UTC), at
            passed += at > max(before, self.at)
        return self._next(at, passed)

    def _next(self, at: datetime, passed: int) -> Due:
        return replace(self, at=at, runs=self.runs - passed if self.runs > 0 else self.runs)


class NoTime(ValueError):
    """What a timer's text gives is no time; `template` has the places `timer` and `value`."""

    def __init__(self, template: str, timer: str, value: object) -> None:
        super().__init__(template.format(timer=timer, value=value))
        self.template = template
        self.value = value


class Timer(EventDefinition):
    """A point in time: `kind` is date, duration or cycle, `text` as drawn."""

    def __init__(self, kind: str, text: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        self.text = text

    def first_due(self, token: Token) -> Due:
        """When it is due for a token that has come to it now."""
        top = token.workflow.top_workflow
        try:
            return self.read(lambda text: top.performer.evaluate(token, text), top.now, top.performer.zone)
        except NoTime as error:
            raise failed(
                token,
                error.template,
                "Write an ISO 8601 duration (P2D, PT4H), a date, R3/PT4H, or an expression that gives one.",
                kind="timer",
                timer=self.text,
                value=error.value,
            ) from None

    def read(self, evaluate: Callable[[str], Any], now: datetime, zone: tzinfo) -> Due:
        """When it is due, seen from `now`; raises NoTime when that is none."""
        text = self.text.strip()
        value = text if is_literal(text) else evaluate(text)
        if self.kind != "cycle":
            return Due(self._instant(value, now, zone))
        match = _CYCLE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise self._wrong(
                value, "its timer “{timer}” gives “{value}”, which is no repetition such as R3/PT1H"
            )
        if self._instant(match["every"], now, zone) <= now:
            raise self._wrong(
                value, "its timer “{timer}” gives “{value}”, which repeats without an interval between"
            )
        first = self._instant(match["begin"] or match["every"], now, zone)
        return Due(first, int(match["runs"]) if match["runs"] else -1, match["every"], first)

    def _wrong(self, value: Any, template: str) -> NoTime:
        return NoTime(template, self.text, value)

    def _instant(self, value: Any, now: datetime, zone: tzinfo) -> datetime:
        try:
            return instant(value, now, zone)
        except ValueError:
            raise self._wrong(
                value, "its timer “{timer}” gives “{value}”, which is neither a date nor a duration"
            ) from None


def instant(value: Any, now: datetime, zone: tzinfo) -> datetime:
    """The aware instant that a date, a time, a duration from `now`, or ISO 8601 text stands for.

    Dates and times without a zone are the company's; months are counted on its calendar, since
    they have no fixed length. Raises ValueError for anything else.
    """
    try:
        if isinstance(value, str):
            value = value.strip()
            if value[:1] in "Pp":
                if value[-1] in "Tt":
                    raise ValueError("the time behind the T is missing")
                value = isodate.parse_duration(value)
            elif "T" in value:
                value = isodate.parse_datetime(value)
            else:
                value = isodate.parse_date(value)
        if isinstance(value, YearsMonths):
            value = isodate.Duration(months=value.months)
        if isinstance(value, isodate.Duration):
            local: datetime = now.astimezone(zone).replace(tzinfo=None) + value
            return local.replace(tzinfo=zone).astimezone(UTC)
        if isinstance(value, timedelta):
            return now + value
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=zone).astimezone(UTC)
    except (OverflowError, isodate.ISO8601Error) as error:
        raise ValueError(str(error)) from None
    raise ValueError(f"{value} is no point in time")


def _thrown(token: Token) -> Thrown:
    """What an event throws, with all that the drawing says it carries, as it is at this moment."""
    element, data = token.element, token.workflow.data
    performer = token.workflow.top_workflow.performer
    names = [name.strip() for name in element.properties.get("payload", "").split(",")]
    carried = {name: data[name] for name in names if name in data}
    carried.update({name: performer.evaluate(token, text) for name, text in element.carried})
    key = performer.evaluate(token, element.correlation) if element.correlation else None
    return Thrown(token, dict(data), carried, key)


class Message(EventDefinition):
    """A message by its name."""

    def __init__(self, message: str, **kwargs: Any) -> None:
        super().__init__(message, **kwargs)
        self.message = message

    def throw(self, my_task: Token) -> None:
        """Keep the message, and the variables as they are now, until the step is saved and it is sent."""
        my_task.workflow.top_workflow.thrown.append(_thrown(my_task))


class Signal(EventDefinition):
    """A signal by its name: everybody who listens at that moment hears it."""

    def __init__(self, signal: str, **kwargs: Any) -> None:
        super().__init__(signal, **kwargs)
        self.signal = signal

    def throw(self, my_task: Token) -> None:
        """Let the case itself hear it at once; other cases hear it when the step is saved."""
        top = my_task.workflow.top_workflow
        top.thrown.append(_thrown(my_task))
        top.hear(self.signal, {})


class Condition(EventDefinition):
    """Something that becomes true of the variables."""

    def __init__(self, text: str, **kwargs: Any) -> None:
        super().__init__(text, **kwargs)
        self.text = text

    def holds(self, token: Token) -> bool:
        """A variable that is not there yet is what such an event waits for."""
        value = token.workflow.top_workflow.performer.evaluate(token, self.text)
        if not (value is None or isinstance(value, bool)):
            raise failed(
                token,
                "its condition “{condition}” is neither true nor false",
                kind="expression",
                condition=self.text,
            )
        return value is True


class Error(EventDefinition):
    """An error by its code; one that catches and has no code takes every error."""

    routed = "error"

    def __init__(self, code: str | None, **kwargs: Any) -> None:
        super().__init__(code, **kwargs)
        self.code = code

    def throw(self, my_task: Token) -> None:
        """Leave the innermost activity on whose border, or in which, the error is caught."""
        routes.throw_error(my_task, self.code)


class Escalation(EventDefinition):
    """An escalation by its code; one that catches and has no code takes every escalation."""

    routed = "escalation"

    def __init__(self, code: str | None, **kwargs: Any) -> None:
        super().__init__(code, **kwargs)
        self.code = code

    def throw(self, my_task: Token) -> None:
        """Tell the innermost one around that listens; if nobody does, work goes on."""
        routes.route(my_task, "escalation", self.code)


class Cancel(EventDefinition):
    """A transaction is given up; what waits for it stands on its border."""

    routed = "cancel"
    code = None


def is_literal(text: str) -> bool:
    """Is a timer's text ISO 8601 as drawn? Else it is an expression."""
    return (
        (text[:1].upper() in {"P", "R"} and text[1:2].isdigit())
        or text[:1].isdigit()
        or text[:2] in {"PT", "R/"}
    )
