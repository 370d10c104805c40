"""What events are about: moments, messages, signals, errors, escalations, conditions.

SpiffWorkflow's timers call the clock and take Python expressions; these read ISO 8601 as drawn or an
expression of ours. Events that are thrown say here where they go.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import isodate
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition

from engine.errors import StepFailed
from engine.spiff import routes
from engine.spiff.tokens import Thrown, Token, failed
from engine.values import YearsMonths

_CYCLE = re.compile(r"[Rr](?P<runs>\d*)/(?:(?P<begin>[^/]+)/)?(?P<every>[Pp][^/]*)")


class Timer(EventDefinition):
    """A point in time: `kind` is date, duration or cycle, `text` as drawn."""

    def __init__(self, kind: str, text: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        self.text = text

    def first_due(self, token: Token) -> tuple[datetime, int, str]:
        """When it is due, how many runs remain (-1: without end), and the interval between them."""
        text = self.text.strip()
        value: Any = text
        if not is_literal(text):
            value = token.workflow.top_workflow.performer.evaluate(token, text)
        if self.kind != "cycle":
            return self._instant(token, value), 1, ""
        match = _CYCLE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise self._wrong(token, value, "is no repetition such as R3/PT1H")
        now = token.workflow.top_workflow.now
        if self._instant(token, match["every"]) <= now:
            raise self._wrong(token, value, "repeats without an interval between")
        due = self._instant(token, match["begin"] or match["every"])
        return due, int(match["runs"]) if match["runs"] else -1, match["every"]

    def following(self, token: Token, due: datetime, runs: int, every: str) -> tuple[datetime, int]:
        """The first run after now, and how many then remain; those that were missed count as done."""
        now: datetime = token.workflow.top_workflow.now
        interval = isodate.parse_duration(every)
        if isinstance(interval, timedelta):
            passed = (now - due) // interval + 1
            passed = min(passed, runs) if runs > 0 else passed
            return due + passed * interval, runs - passed if runs > 0 else runs
        while due <= now and runs != 0:
            due = instant(interval, due, token.workflow.top_workflow.performer.zone)
            runs -= runs > 0
        return due, runs

    def _instant(self, token: Token, value: Any) -> datetime:
        top = token.workflow.top_workflow
        try:
            return instant(value, top.now, top.performer.zone)
        except ValueError:
            raise self._wrong(token, value, "is neither a date nor a duration") from None

    def _wrong(self, token: Token, value: Any, reason: str) -> StepFailed:
        return failed(
            token,
            f"its timer “{self.text}” gives “{value}”, which {reason}",
            "Write an ISO 8601 duration (P2D, PT4H), a date, R3/PT4H, or an expression that gives one.",
        )


def instant(value: Any, now: datetime, zone: tzinfo) -> datetime:
    """The aware instant that a date, a time, a duration from `now`, or ISO 8601 text stands for.

    Dates and times without a zone are the company's; months are counted on its calendar, since
    they have no fixed length. Raises ValueError for anything else.
    """
    try:
        if isinstance(value, str):
            value = value.strip()
            if value[:1] in "Pp":
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
        held: bool = token.workflow.top_workflow.performer.is_true(token, self.text)
        return held


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


def is_literal(text: str) -> bool:
    """Is a timer's text ISO 8601 as drawn? Else it is an expression."""
    return (
        (text[:1].upper() in {"P", "R"} and text[1:2].isdigit())
        or text[:1].isdigit()
        or text[:2] in {"PT", "R/"}
    )
