"""A case in memory: opened from its state, changed by a step, written back by engine.runtime.save."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine import state
from engine.db import Transaction
from engine.errors import Conflict, NotFound, PercorsoError, StepFailed
from engine.runtime import incidents
from engine.runtime.engine import Engine
from engine.runtime.model import Model
from engine.runtime.performer import Performer, StepContext
from engine.runtime.save import Saver
from engine.runtime.waits import Waited
from engine.spiff import READY, CaseWorkflow, Token
from engine.store import CASE_INSERT, CASE_LOAD, CASE_STILL_DUE, NEXT_NUMBER


class Run(Saver):
    """A case in memory during one step."""

    def __init__(self, engine: Engine, tx: Transaction, model: Model, actor_id: int | None) -> None:
        self.engine = engine
        self.tx = tx
        self.model = model
        self.actor_id = actor_id
        self.case_id = 0
        self.case_no = ""
        self.revision = 0
        self.counts = True
        self.status = "open"
        self.stage: str | None = None
        self.stage_since: datetime | None = None
        self.stalled_since: datetime | None = None
        self.stalled_reason: str | None = None
        self.subject: tuple[str, int] | None = None
        self.kept = state.Kept()
        self.events: list[dict[str, Any]] = []
        self.outgoing: list[tuple[str, Token | None, dict[str, Any]]] = []
        self.mails: list[tuple[str, tuple[str, int], dict[str, Any]]] = []
        self.completed_token: int | None = None
        self.by_clock = False
        self.stored = False
        self.failed = False
        """Has a step failed in this action?"""
        self.keys_before: set[tuple[str, str]] = set()
        self.keys: set[tuple[str, str]] = set()
        self.waits_before: list[Waited] = []
        self.performer = Performer(self)
        self.workflow: CaseWorkflow

    def make_workflow(self, data: dict[str, Any], kept: state.Kept) -> CaseWorkflow:
        self.kept = kept
        return CaseWorkflow(self.model.specs.spec, self._called, self.performer, self.tx.now, data)

    def _called(self, name: str) -> Any:
        """The specs of what is called; Performer.call has chosen it and kept its version under that name."""
        return self.engine.model(self.tx, self.kept.calls[name]).specs.spec

    def ready_token(self, token_id: int, element: str) -> Token:
        """The token of an open task; raises Conflict when the case has moved on."""
        try:
            token = self.workflow.token(token_id)
        except KeyError:
            token = None
        if token is None or token._state != READY or token.element.id != element:
            raise Conflict(
                "task_gone",
                "This step is no longer open: the case has moved on.",
                where=self.case_no,
                remedy="Reload the page.",
            )
        return token

    def step(self, token: Token) -> StepContext:
        return StepContext(self, token)

    def note_incident(self, failure: StepFailed) -> None:
        """Ask for an incident once the failed transaction has been undone."""
        case_id = self.case_id if self.revision > 0 else None
        if case_id is None and self.stored:
            return
        process, again, origin = self.model.process, self.by_clock, self.workflow.origin
        settings = self.engine.settings
        self.tx.after_rollback(
            lambda tx: incidents.write_undone(
                tx, settings, case_id, process, failure, again=again, origin=origin
            )
        )


def open_run(engine: Engine, tx: Transaction, case_id: int, *, actor_id: int | None = None) -> Run:
    """A case as it was saved, locked for this transaction; raises NotFound."""
    row = CASE_LOAD.row(tx, case_id=case_id)
    if row is None:
        raise NotFound("case_unknown", "There is no case number {id}.", where="case", id=case_id)
    model = engine.model(tx, row[3])
    run = Run(engine, tx, model, actor_id)
    run.case_id, run.case_no, run.status, run.stage = row[0], row[1], row[4], row[5]
    run.subject = (row[6], row[7]) if row[6] is not None and row[7] is not None else None
    run.counts, run.revision = bool(row[8]), row[10]
    run.stage_since, run.stalled_since, run.stalled_reason = row[12], row[13], row[14]
    run.workflow, run.kept = state.load(bytes(row[9]), run.make_workflow)
    run.remember()
    return run


def insert(run: Run, parent_id: int | None) -> None:
    """Give a new case its number and its row, so that services can refer to it."""
    tx = run.tx
    year = tx.now.astimezone(run.engine.zone).year
    prefix = run.engine.catalog.process(run.model.process).prefix
    number = NEXT_NUMBER.scalar(tx, series=f"{prefix}-{year}")
    run.case_no = f"{prefix}-{year}-{number:06d}"
    run.case_id = CASE_INSERT.scalar(
        tx,
        case_no=run.case_no,
        process=run.model.process,
        version_id=run.model.version_id,
        status="open",
        stage=None,
        stage_since=None,
        subject_kind=None,
        subject_id=None,
        parent_id=parent_id,
        counts=run.counts,
        state=b"",
        revision=0,
        next_due=None,
        started_at=tx.now,
        ended_at=None,
        stalled_since=None,
        stalled_reason=None,
    )


def set_aside(engine: Engine, tx: Transaction, case_id: int, error: Exception) -> None:
    """See to it that a case which failed by the clock does not come up again at once.

    Its own incident does so already; only what failed outside a step has none.
    """
    row = CASE_STILL_DUE.row(tx, case_id=case_id, now=tx.now)
    if row is None:
        return
    failure = StepFailed("", row[1], UNFORESEEN, kind="unforeseen", details={"error": type(error).__name__})
    if isinstance(error, PercorsoError):
        failure = StepFailed("", row[1], error.template, remedy=error.remedy_template, details=error.params)
    incidents.write_undone(tx, engine.settings, case_id, row[0], failure, again=True)


UNFORESEEN = "something unforeseen happened ({error})"
"""Why something failed that nobody planned for; the log has all of it."""
