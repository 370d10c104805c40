"""Writes what a step has changed: state, open tasks, waits, stages, keys, history, outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine import outbox, people, state
from engine.errors import Conflict, NotFound, StepFailed
from engine.runtime import incidents
from engine.runtime.waits import Waited, keys_of, wait_rows, waits_of
from engine.spiff import READY, STARTED, CaseWorkflow, Token
from engine.spiff.definitions import instant, is_literal
from engine.spiff.tokens import ARRIVING, failed
from engine.store import (
    CASE_SAVE,
    EVENT_INSERT,
    KEY_INSERT,
    KEYS_CLEAR,
    TASK_CLOSE,
    TASK_COMPLETE,
    TASK_INSERT,
    VISIT_ENTER,
    VISIT_LEAVE,
    WAIT_INSERT,
    WAITS_CLEAR,
)
from engine.values import Value, from_json, to_json

if TYPE_CHECKING:
    from engine.db import Transaction
    from engine.runtime.engine import Engine
    from engine.runtime.model import Model


@dataclass(frozen=True)
class CaseRef:
    """What a step leaves: which case, and how it stands."""

    case_id: int
    case_no: str
    process: str
    status: str
    failed: bool = False
    """Has a step failed just now? An incident of the case says which."""


MOVES = (
    "case.started",
    "task.completed",
    "message.received",
    "signal.received",
    "case.repaired",
    "case.moved",
)
"""Events that set a case moving; their `path` lists the elements passed."""


class Saver:
    """The half of a Run that turns a workflow into rows."""

    engine: Engine
    tx: Transaction
    model: Model
    workflow: CaseWorkflow
    kept: state.Kept
    actor_id: int | None
    case_id: int
    case_no: str
    revision: int
    counts: bool
    status: str
    stage: str | None
    stage_since: datetime | None
    stalled_since: datetime | None
    stalled_reason: str | None
    subject: tuple[str, int] | None
    events: list[dict[str, Any]]
    outgoing: list[tuple[str, Token | None, dict[str, Any]]]
    mails: list[tuple[str, tuple[str, int], dict[str, Any]]]
    completed_token: int | None
    failed: bool
    keys_before: set[tuple[str, str]]
    keys: set[tuple[str, str]]
    waits_before: list[Waited]
    waits: list[Waited]

    def record(
        self,
        event: str,
        token: Token | None = None,
        *,
        occurred_at: datetime | None = None,
        amount: Decimal | None = None,
        currency: str | None = None,
        role: str | None = None,
        attrs: Mapping[str, Value] | None = None,
        internal: bool = True,
    ) -> None:
        """Keep a line of history; it is written with the case."""
        element = token.element if token is not None else None
        model = token.task_spec.specs.model if token is not None else self.model
        self.events.append(
            {
                "occurred_at": occurred_at or self.tx.now,
                "recorded_at": self.tx.now,
                "type": event,
                "case_id": self.case_id,
                "process": model.process,
                "version_id": model.version_id,
                "element": element.id if element is not None else None,
                "stage": element.stage if element is not None else None,
                "actor_id": self.actor_id,
                "role": role,
                "amount": amount,
                "currency": currency,
                "attrs": to_json(dict(attrs)) if attrs else None,
                "internal": internal,
                "counts": self.counts,
            }
        )

    def remember(self) -> None:
        """Note what is written already, so that only changes are written."""
        self.waits_before = waits_of(self.workflow)
        self.keys_before = keys_of(self.workflow) if wait_rows(self.waits_before) else set()

    def save(self) -> CaseRef:
        """Write everything; raises Conflict when the case was changed meanwhile."""
        workflow, tx = self.workflow, self.tx
        self._find_subject()
        self._save_tasks()
        waits = waits_of(workflow, arriving=True)
        self.failed = bool(workflow.failures)
        self.status = self._status(waits, failing=incidents.settle(self))
        self._save_stages()
        self._save_waits(waits)
        self._save_events()
        dues = [wait.due for wait in waits] + [token.next_try for token in workflow.alive()]
        next_due = min((due for due in dues if due is not None), default=None)
        text = state.dump(workflow, self.kept)
        changed = CASE_SAVE.run(
            tx,
            case_id=self.case_id,
            old_revision=self.revision,
            status=self.status,
            stage=self.stage,
            stage_since=self.stage_since,
            subject_kind=self.subject[0] if self.subject else None,
            subject_id=self.subject[1] if self.subject else None,
            state=text,
            next_due=next_due,
            ended_at=tx.now if self.status in {"completed", "cancelled"} else None,
            stalled_since=self.stalled_since,
            stalled_reason=self.stalled_reason,
        )
        if changed != 1:
            raise Conflict(
                "case_changed",
                "Case {case_no} was changed by somebody else at the same moment.",
                where=self.case_no,
                remedy="Try again.",
                case_no=self.case_no,
            )
        self.revision += 1
        outbox.add(tx, self.case_id, self.model.version_id, self.mails)
        self.mails = []
        self.waits = waits
        return CaseRef(self.case_id, self.case_no, self.model.process, self.status, self.failed)

    def accepted(self, model: Model, payload: dict[str, Any]) -> dict[str, Value]:
        """What of a message's payload becomes variables.

        Ids, numbers, dates, truth values; and texts only under names that the drawing's own
        expressions use: names and free text stay in the stored message.
        """
        accepted: dict[str, Value] = {}
        for name, value in payload.items():
            checked = from_json(value, where=name)
            plain = not isinstance(checked, (str, dict, list))
            if plain or name.endswith("_id") or name in model.names_used:
                accepted[name] = checked
        return accepted

    def _status(self, waits: list[Waited], *, failing: bool) -> str:
        workflow = self.workflow
        if self.status == "cancelled":
            return "cancelled"
        if failing:
            return "incident"
        if workflow.is_completed():
            return "completed"
        if waits or any(token._state == READY for token in workflow.alive()):
            return "open"
        return "stuck"

    def _find_subject(self) -> None:
        if self.subject is None:
            kind = self.engine.catalog.process(self.model.process).subject
            number = self.workflow.data.get(f"{kind}_id") if kind else None
            if kind and isinstance(number, int):
                self.subject = (kind, number)

    def _save_tasks(self) -> None:
        alive = {
            token.id: token
            for token in self.workflow.alive()
            if token._state == READY and token.task_spec.manual and not token.failing
        }
        rows = self.kept.rows
        for token_id in [token_id for token_id in rows if token_id not in alive]:
            task_id = rows.pop(token_id)
            if token_id == self.completed_token:
                self._complete_task(task_id)
            else:
                TASK_CLOSE.run(self.tx, task_id=task_id, closed_at=self.tx.now)
                self.record("task.cancelled", attrs={"task": task_id})
        for token_id, token in alive.items():
            if token_id not in rows:
                try:
                    rows[token_id] = self._open_task(token)
                except StepFailed as failure:
                    self.workflow.stand(token, failure, ARRIVING)

    def _complete_task(self, task_id: int) -> None:
        changed = TASK_COMPLETE.run(self.tx, task_id=task_id, closed_at=self.tx.now, closed_by=self.actor_id)
        if changed != 1:
            raise Conflict(
                "task_taken",
                "Somebody else took this step at the same moment.",
                where=self.case_no,
                remedy="Reload the page.",
            )

    def _open_task(self, token: Token) -> int:
        element = token.element
        model = token.task_spec.specs.model
        role = model.roles.get(element.id)
        person_id = self._assignee(token) if element.assignee else None
        due_at = self._due_at(token) if element.due else None
        priority = self._priority(token) if element.priority else 50
        task_id = TASK_INSERT.scalar(
            self.tx,
            case_id=self.case_id,
            token=str(token.id),
            element=element.id,
            name=element.name or element.id,
            process=model.process,
            version_id=model.version_id,
            stage=element.stage,
            form=element.form,
            role=role,
            person_id=person_id,
            priority=priority,
            due_at=due_at,
            state="open",
            created_at=self.tx.now,
            claimed_at=None,
            closed_at=None,
            closed_by=None,
        )
        self.record("task.created", token, role=role, attrs={"task": task_id})
        return int(task_id)

    def _due_at(self, token: Token) -> datetime:
        value: Any = token.element.due
        if not is_literal(value):
            value = self.workflow.performer.evaluate(token, value)
        try:
            return instant(value, self.tx.now, self.engine.zone)
        except ValueError:
            raise failed(
                token,
                "its due time “{due}” gives “{value}”, which is no time",
                kind="expression",
                due=token.element.due,
                value=value,
            ) from None

    def _priority(self, token: Token) -> int:
        value = self.workflow.performer.evaluate(token, token.element.priority)
        return int(value) if isinstance(value, (int, Decimal)) else 50

    def _assignee(self, token: Token) -> int | None:
        """The person whom the drawing names, by id or key; nobody if there is no such person."""
        text = token.element.assignee
        value: Any = text
        if text[:1] == "=" or text[:2] in {"${", "#{"}:
            value = self.workflow.performer.evaluate(token, text)
        try:
            if isinstance(value, int) and not isinstance(value, bool):
                return people.by_id(self.tx, value).id
            return people.by_key(self.tx, value).id if isinstance(value, str) else None
        except NotFound:
            return None

    def _save_stages(self) -> None:
        """Enter and leave stages: a case is in every stage in which it has something alive."""
        tx = self.tx
        now_in: dict[str, None] = {}
        for token in self.workflow.alive():
            element = token.element
            if element is None or token.task_spec.asked_again or token.listening:
                continue
            if token._state == STARTED and not token.failing:
                continue
            if element.kind == "boundaryEvent":
                continue
            undone_for = token.workflow.undone_for
            if undone_for is not None:
                # What is undone enters no stage again: it is work of the stage that has asked for it.
                token, element = undone_for, undone_for.task_spec.thrown_by(undone_for)
            now_in[f"{token.task_spec.specs.model.process}/{element.stage}"] = None
        before = self.kept.stages
        for key in before:
            if key not in now_in:
                process, _, stage = key.partition("/")
                VISIT_LEAVE.run(tx, case_id=self.case_id, in_process=process, in_stage=stage, left_at=tx.now)
                self.record("stage.left", attrs={"stage": stage})
        for key in now_in:
            if key not in before:
                process, _, stage = key.partition("/")
                VISIT_ENTER.run(
                    tx,
                    case_id=self.case_id,
                    process=process,
                    stage=stage,
                    entered_at=tx.now,
                    counts=self.counts,
                )
                self.record("stage.entered", attrs={"stage": stage})
        kept = [key for key in before if key in now_in] + [key for key in now_in if key not in before]
        if kept != before:
            left = self.stalled_reason not in {key.partition("/")[2] for key in kept}
            if self.stalled_since is not None and left:
                self.stalled_since = self.stalled_reason = None
                self.record("case.unstalled")
            if kept:
                self.stage, self.stage_since = kept[-1].partition("/")[2], tx.now
        self.kept.stages = kept

    def _save_waits(self, waits: list[Waited]) -> None:
        """Messages and signals waited for, and the keys by which messages find this case."""
        now = wait_rows(waits)
        before = wait_rows(self.waits_before)
        keys = self.keys = keys_of(self.workflow) if now else set()
        if now != before:
            if before:
                WAITS_CLEAR.run(self.tx, case_id=self.case_id)
            WAIT_INSERT.many(self.tx, [{"case_id": self.case_id, **wait} for wait in now])
        if keys != self.keys_before:
            if self.keys_before:
                KEYS_CLEAR.run(self.tx, case_id=self.case_id)
            KEY_INSERT.many(
                self.tx,
                [{"case_id": self.case_id, "name": name, "value": value} for name, value in sorted(keys)],
            )

    def _save_events(self) -> None:
        """Write the lines of history; the elements passed go with the line that set them off."""
        path = self.workflow.path
        if path:
            if not self.events or self.events[0]["type"] not in MOVES:
                self.record("case.moved")
                self.events.insert(0, self.events.pop())
            first = self.events[0]
            first["attrs"] = {**(first["attrs"] or {}), "path": list(path)}
            path.clear()
        if self.status == "completed":
            self.record("case.completed")
        kind, number = self.subject or (None, None)
        for event in self.events:
            event["subject_kind"], event["subject_id"] = kind, number
        EVENT_INSERT.many(self.tx, self.events)
        self.events = []
