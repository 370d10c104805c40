"""The engine's tables, declared once for SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.columns import AMOUNT, CODE, ID, PERSONAL, TIME, Base, BigId, Instant, Json, Money


class Version(Base):
    """One deployed text of a process with all that belongs to it; never changed afterwards."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("process", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    process: Mapped[str] = mapped_column(String(100), info=CODE)
    number: Mapped[int] = mapped_column(Integer, info=CODE)
    name: Mapped[str] = mapped_column(String(200), info=CODE)
    file: Mapped[str] = mapped_column(String(200), info=CODE)
    checksum: Mapped[str] = mapped_column(String(64), info=CODE)
    xml: Mapped[bytes] = mapped_column(LargeBinary, info=CODE)
    """The file as it was given, bit for bit."""
    forms: Mapped[dict[str, Any]] = mapped_column(Json, info=CODE)
    decisions: Mapped[dict[str, str]] = mapped_column(Json, info=CODE)
    texts: Mapped[dict[str, Any]] = mapped_column(Json, info=CODE)
    author: Mapped[str | None] = mapped_column(String(100), info=CODE)
    note: Mapped[str] = mapped_column(Text, default="", info=CODE)
    created_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    normal: Mapped[bytes | None] = mapped_column(LargeBinary, info=CODE)
    """What is run: the file with all that was made explicit. None: the file itself is run."""
    tag: Mapped[str | None] = mapped_column(String(40), info=CODE)
    answers: Mapped[dict[str, dict[str, str]]] = mapped_column(Json, server_default="{}", info=CODE)
    """Element id -> field -> answer to what the drawing left open."""
    extras: Mapped[dict[str, str]] = mapped_column(Json, server_default="{}", info=CODE)
    """File name -> text of what lies beside the drawing and is only handed on: scenario, licence."""


class Draft(Base):
    """Files that were handed in and are not deployed yet: what they leave open waits for answers."""

    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    author_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    processes: Mapped[list[str]] = mapped_column(Json, info=CODE)
    """The keys of the processes that the files hold, sorted."""
    outcome: Mapped[str] = mapped_column(String(30), info=CODE)
    """What deploying it would have come to when it was last looked at."""
    questions: Mapped[int] = mapped_column(Integer, info=CODE)
    """How many were open then."""
    answers: Mapped[dict[str, dict[str, dict[str, str]]]] = mapped_column(Json, info=CODE)
    """File -> element id -> field -> answer."""
    kept: Mapped[bool] = mapped_column(Boolean, info=CODE)
    """It has, or had, open questions; anything else is swept away after a day."""
    created_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    changed_at: Mapped[datetime] = mapped_column(Instant, info=TIME)


class DraftFile(Base):
    """One file of a draft as it was handed in, bit for bit."""

    __tablename__ = "draft_files"

    draft_id: Mapped[int] = mapped_column(
        ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True, info=ID
    )
    name: Mapped[str] = mapped_column(String(200), primary_key=True, info=CODE)
    """Its path with slashes; what lies in the same folder belongs together."""
    content: Mapped[bytes] = mapped_column(LargeBinary, info=CODE)


class Case(Base):
    """One run of a process; `state` is the engine's own compact text of it."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "ix_cases_next_due",
            "next_due",
            sqlite_where=text("next_due IS NOT NULL"),
            postgresql_where=text("next_due IS NOT NULL"),
        ),
        Index("ix_cases_status_stage", "status", "process", "stage"),
        Index("ix_cases_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    case_no: Mapped[str] = mapped_column(String(40), unique=True, info=ID)
    process: Mapped[str] = mapped_column(String(100), info=CODE)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), info=ID)
    status: Mapped[str] = mapped_column(String(12), info=CODE)
    stage: Mapped[str | None] = mapped_column(String(100), info=CODE)
    stage_since: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    subject_kind: Mapped[str | None] = mapped_column(String(40), info=CODE)
    subject_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    parent_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    counts: Mapped[bool] = mapped_column(Boolean, default=True, info=CODE)
    state: Mapped[bytes] = mapped_column(LargeBinary, info=CODE)
    revision: Mapped[int] = mapped_column(Integer, default=1, info=CODE)
    next_due: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    started_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    ended_at: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    stalled_since: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    stalled_reason: Mapped[str | None] = mapped_column(String(100), info=CODE)


class StartTimer(Base):
    """When a timer start event of a process's newest version begins its next case."""

    __tablename__ = "start_timers"
    __table_args__ = (
        UniqueConstraint("process", "element"),
        Index("ix_start_timers_due", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    process: Mapped[str] = mapped_column(String(100), info=CODE)
    element: Mapped[str] = mapped_column(String(200), info=CODE)
    text: Mapped[str] = mapped_column(Text, info=CODE)
    """The time as drawn: a version that draws it alike does not disturb it."""
    due_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    runs: Mapped[int] = mapped_column(Integer, info=CODE)
    """How many starts remain; -1: without end."""
    every: Mapped[str] = mapped_column(String(100), info=CODE)
    first_at: Mapped[datetime | None] = mapped_column(Instant, info=TIME)


class CaseNumber(Base):
    """The last case number given out, by prefix and year."""

    __tablename__ = "case_numbers"

    series: Mapped[str] = mapped_column(String(30), primary_key=True, info=CODE)
    last: Mapped[int] = mapped_column(Integer, info=CODE)


def _open_index(name: str, *columns: str, where: str = "") -> Index:
    """An index over the open tasks only: it stays as small as what is to be done."""
    open_only = text(f"state = 'open' AND {where}" if where else "state = 'open'")
    return Index(name, *columns, sqlite_where=open_only, postgresql_where=open_only)


class Task(Base):
    """A step that waits, or waited, for a person."""

    __tablename__ = "tasks"
    __table_args__ = (
        _open_index("ix_tasks_inbox", "role", "due_at", "id"),
        _open_index("ix_tasks_person", "person_id", "due_at", "id", where="person_id IS NOT NULL"),
        Index("ix_tasks_case", "case_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), info=ID)
    token: Mapped[str] = mapped_column(String(40), info=ID)
    element: Mapped[str] = mapped_column(String(200), info=CODE)
    name: Mapped[str] = mapped_column(String(300), info=CODE)
    process: Mapped[str] = mapped_column(String(100), info=CODE)
    version_id: Mapped[int] = mapped_column(BigInteger, info=ID)
    stage: Mapped[str | None] = mapped_column(String(100), info=CODE)
    form: Mapped[str | None] = mapped_column(String(200), info=CODE)
    role: Mapped[str | None] = mapped_column(String(60), info=CODE)
    person_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    priority: Mapped[int] = mapped_column(Integer, default=50, info=CODE)
    due_at: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    state: Mapped[str] = mapped_column(String(10), info=CODE)
    created_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    claimed_at: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    closed_at: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    closed_by: Mapped[int | None] = mapped_column(BigInteger, info=ID)


class Wait(Base):
    """A message or signal that a case waits for now; timers are found by `cases.next_due`."""

    __tablename__ = "waits"
    __table_args__ = (
        Index("ix_waits_case", "case_id"),
        Index("ix_waits_message", "name", "key_value"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), info=ID)
    token: Mapped[str] = mapped_column(String(40), info=ID)
    element: Mapped[str] = mapped_column(String(200), info=CODE)
    name: Mapped[str] = mapped_column(String(200), info=CODE)
    kind: Mapped[str] = mapped_column(String(10), server_default="message", info=CODE)
    """`message` or `signal`."""
    key_name: Mapped[str | None] = mapped_column(String(100), info=CODE)
    """The declared correlation key: the variable it is drawn as, or `correlation_key`."""
    key_value: Mapped[str | None] = mapped_column(String(100), info=ID)
    """Its value when the case came here; only a message with this key is for it."""


class CaseKey(Base):
    """The variables by which messages find a case that waits: those whose names end in `_id`.

    A case has several values of one name where an activity is done for each entry of a list.
    """

    __tablename__ = "case_keys"
    __table_args__ = (Index("ix_case_keys_value", "name", "value"),)

    case_id: Mapped[int] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True, info=ID
    )
    name: Mapped[str] = mapped_column(String(100), primary_key=True, info=CODE)
    value: Mapped[str] = mapped_column(String(100), primary_key=True, info=ID)


class Visit(Base):
    """A case's stay in a stage; the ground of stage durations."""

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_case", "case_id", "left_at"),
        Index("ix_visits_stage", "process", "stage", "left_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), info=ID)
    process: Mapped[str] = mapped_column(String(100), info=CODE)
    stage: Mapped[str] = mapped_column(String(100), info=CODE)
    visit_no: Mapped[int] = mapped_column(Integer, info=CODE)
    entered_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    left_at: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    counts: Mapped[bool] = mapped_column(Boolean, default=True, info=CODE)


class Event(Base):
    """One line of history, never changed: what happened, when, by whom, in codes and ids."""

    __tablename__ = "events"
    __table_args__ = (
        Index(
            "ix_events_said",
            "type",
            "occurred_at",
            sqlite_where=text("internal = 0"),
            postgresql_where=text("NOT internal"),
        ),
        Index("ix_events_case", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    occurred_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    recorded_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    type: Mapped[str] = mapped_column(String(60), info=CODE)
    case_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    subject_kind: Mapped[str | None] = mapped_column(String(40), info=CODE)
    subject_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    process: Mapped[str | None] = mapped_column(String(100), info=CODE)
    version_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    element: Mapped[str | None] = mapped_column(String(200), info=CODE)
    stage: Mapped[str | None] = mapped_column(String(100), info=CODE)
    actor_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    role: Mapped[str | None] = mapped_column(String(60), info=CODE)
    amount: Mapped[Decimal | None] = mapped_column(Money, info=AMOUNT)
    currency: Mapped[str | None] = mapped_column(String(3), info=CODE)
    attrs: Mapped[dict[str, Any] | None] = mapped_column(Json, info=CODE)
    internal: Mapped[bool] = mapped_column(Boolean, default=False, info=CODE)
    """Said by the engine (`task.claimed`), not by a process (`lead.received`): KPIs look for the others,
    and only they have an index by type."""
    counts: Mapped[bool] = mapped_column(Boolean, default=True, info=CODE)


class Incident(Base):
    """A step that failed: the case stays there until a later try, or somebody, gets it past.

    The reason is kept as a template with its details, so that each reader gets it in his language;
    `reason` is the same in English.
    """

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_open", "resolved_at", "case_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    case_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    process: Mapped[str] = mapped_column(String(100), info=CODE)
    element: Mapped[str | None] = mapped_column(String(200), info=CODE)
    token: Mapped[str | None] = mapped_column(String(40), info=ID)
    """The token that stands at the failed step; of an action that was undone, the token it set out from."""
    reason: Mapped[str] = mapped_column(Text, info=PERSONAL)
    attempts: Mapped[int] = mapped_column(Integer, default=1, info=CODE)
    since: Mapped[datetime] = mapped_column(Instant, info=TIME)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    undone: Mapped[bool] = mapped_column(Boolean, server_default=true(), info=CODE)
    """Was the whole action undone? Else the token stands at the step, with all before it saved."""
    kind: Mapped[str] = mapped_column(String(20), server_default="step", info=CODE)
    template: Mapped[str | None] = mapped_column(Text, info=CODE)
    remedy: Mapped[str | None] = mapped_column(Text, info=CODE)
    details: Mapped[dict[str, Any] | None] = mapped_column(Json, info=PERSONAL)
    next_try: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    """When it is tried again by itself; null when it waits for a person."""


class Repair(Base):
    """What somebody did to a case that could not go on by itself, and why; the reason is erasable."""

    __tablename__ = "repairs"
    __table_args__ = (Index("ix_repairs_case", "case_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), info=ID)
    kind: Mapped[str] = mapped_column(String(10), info=CODE)
    """`retry`, `set`, `skip`, `move` or `cancel`."""
    element: Mapped[str | None] = mapped_column(String(200), info=CODE)
    target: Mapped[str | None] = mapped_column(String(200), info=CODE)
    """Where a token was moved to, or the arrow that was chosen."""
    reason: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    actor_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    created_at: Mapped[datetime] = mapped_column(Instant, info=TIME)


class InboundMessage(Base):
    """A message that came in: first stored, then matched to the case that waits for it."""

    __tablename__ = "inbound_messages"
    __table_args__ = (
        UniqueConstraint("name", "external_id"),
        Index("ix_inbound_messages_open", "match_state", "name"),
        Index(
            "ix_inbound_messages_next",
            "next_try",
            sqlite_where=text("next_try IS NOT NULL"),
            postgresql_where=text("next_try IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    name: Mapped[str] = mapped_column(String(200), info=CODE)
    keys: Mapped[dict[str, Any]] = mapped_column(Json, info=ID)
    payload: Mapped[dict[str, Any]] = mapped_column(Json, info=PERSONAL)
    received_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    match_state: Mapped[str] = mapped_column(String(10), info=CODE)
    """`received`, `kept`, `failed`, `matched`, `expired` or `dismissed`."""
    case_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    """The case that took it, or in which taking it failed."""
    matched_at: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    external_id: Mapped[str | None] = mapped_column(String(300), info=ID)
    """The sender's own id, such as a mail's Message-ID: a message of that name and id is taken once."""
    actor_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    """Who let it in."""
    attached_to: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    """The case that a person gave it to; it replaces the keys."""
    element: Mapped[str | None] = mapped_column(String(200), info=CODE)
    """Where in that case, if a person has said so."""
    reason: Mapped[str | None] = mapped_column(String(60), info=CODE)
    """Why it could not be delivered: the code of the refusal."""
    attempts: Mapped[int] = mapped_column(Integer, server_default="0", info=CODE)
    """How often delivering it has failed."""
    next_try: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    """From when on the worker delivers it."""
    note: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    """Why a person has dismissed it."""


class Answer(Base):
    """Free text that somebody wrote into a form; erasable, unlike the history."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_case", "case_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), info=ID)
    task_id: Mapped[int] = mapped_column(BigInteger, info=ID)
    element: Mapped[str] = mapped_column(String(200), info=CODE)
    field: Mapped[str] = mapped_column(String(100), info=CODE)
    text: Mapped[str] = mapped_column(Text, info=PERSONAL)
    created_at: Mapped[datetime] = mapped_column(Instant, info=TIME)


class Parameter(Base):
    """A value of a named parameter from an instant on; the newest one counts."""

    __tablename__ = "parameters"
    __table_args__ = (UniqueConstraint("key", "valid_from"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    key: Mapped[str] = mapped_column(String(100), info=CODE)
    value: Mapped[str] = mapped_column(String(100), info=CODE)
    valid_from: Mapped[datetime] = mapped_column(Instant, info=TIME)
    actor_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)


class Person(Base):
    """Somebody who works on steps."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    key: Mapped[str] = mapped_column(String(100), unique=True, info=PERSONAL)
    name: Mapped[str] = mapped_column(String(200), info=PERSONAL)
    email: Mapped[str | None] = mapped_column(String(254), info=PERSONAL)
    language: Mapped[str] = mapped_column(String(5), default="it", info=CODE)
    active: Mapped[bool] = mapped_column(Boolean, default=True, info=CODE)


class PersonRole(Base):
    """A role that a person has."""

    __tablename__ = "person_roles"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, info=ID
    )
    role: Mapped[str] = mapped_column(String(60), primary_key=True, info=CODE)


class Outbox(Base):
    """What must leave the house: written with the case, sent after the commit, at least once."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_next", "state", "next_try"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    message_id: Mapped[str] = mapped_column(String(100), unique=True, info=ID)
    case_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    version_id: Mapped[int | None] = mapped_column(BigInteger, info=ID)
    template: Mapped[str] = mapped_column(String(100), info=CODE)
    recipient_kind: Mapped[str] = mapped_column(String(40), info=CODE)
    recipient_id: Mapped[int] = mapped_column(BigInteger, info=ID)
    params: Mapped[dict[str, Any]] = mapped_column(Json, info=CODE)
    state: Mapped[str] = mapped_column(String(10), info=CODE)
    attempts: Mapped[int] = mapped_column(Integer, default=0, info=CODE)
    next_try: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
    reason: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    created_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    sent_at: Mapped[datetime | None] = mapped_column(Instant, info=TIME)
