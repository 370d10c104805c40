"""What services start from: the row a case is about, times and codes out of answers, closing a lead."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import isodate

from engine.catalog import Step
from engine.errors import Invalid
from engine.values import Value
from processes.records import Lead
from processes.records.fetch import Row, fetch

NO_REASON = "no_need"
"""Why a lead is given up when nobody said why."""


def row(step: Step, table: type[Row], key: str) -> Row:
    """The row that the variable `key` of the case names; Invalid says what is missing."""
    found = fetch(step.session, table, step.data.get(key))
    if found is None:
        raise Invalid(
            "subject_missing",
            "This case has no {key}, or there is no such record.",
            where=step.element or step.process,
            remedy="Start it with the id of an existing record.",
            key=key,
        )
    return found


def lead_of(step: Step) -> Lead:
    return row(step, Lead, "lead_id")


def instant(value: Value, otherwise: datetime) -> datetime:
    """An answer or a payload's time as an aware instant; a day is its first moment in UTC."""
    if isinstance(value, str) and value:
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise Invalid("time_wrong", "“{text}” is no time.", where="occurred_at", text=value) from None
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    return otherwise


def happened(step: Step, value: Value = None) -> datetime:
    """When something happened as somebody says, never later than now."""
    return min(instant(value, step.now), step.now)


def after(step: Step, parameter: str, since: datetime) -> datetime:
    """A parameter's duration after an instant."""
    end: datetime = since + isodate.parse_duration(step.parameter(parameter))
    return end


def code(value: Value, otherwise: str = "") -> str:
    """A code of an answer or payload; anything that is no text gives `otherwise`."""
    return value if isinstance(value, str) and value else otherwise


def disqualify_lead(step: Step) -> None:
    """The lead is none of ours: the reason is what somebody said, else what the table said."""
    lead = lead_of(step)
    verdict = step.data.get("verdict")
    judged = verdict.get("reason") if isinstance(verdict, dict) else None
    reason = code(step.data.get("disqualify_reason"), code(judged, NO_REASON))
    close_lead(step, lead, "disqualified", reason)


def close_lead(step: Step, lead: Lead, status: str, reason: str) -> None:
    """Take a lead out of the pipeline without a decision of the customer."""
    lead.status, lead.lost_reason, lead.decided_at = status, reason, step.now
    lead.updated_at = step.now
    score = step.data.get("score")
    if isinstance(score, int):
        lead.score = score
    step.record("lead.disqualified", reason=reason, status=status)
