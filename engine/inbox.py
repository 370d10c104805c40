"""Who may see and take which task: list, claim, release, complete."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from engine import choices, people
from engine.db import Transaction
from engine.diagrams import Choice
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.forms import FieldProblem, Form
from engine.people import Person
from engine.prepared import Statement
from engine.runtime import CaseRef, Engine, Model, Run, advance, open_run
from engine.store import (
    EVENT_INSERT,
    INBOX_ALL,
    INBOX_FREE,
    INBOX_PERSON,
    INBOX_ROLE,
    INBOX_ROLE_FREE,
    ROLE_COUNTS,
    TASK_CLAIM,
    TASK_GET,
    TASK_RELEASE,
)
from engine.tables import Answer
from engine.values import Value, from_json, to_json

_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class TaskRow:
    """A task as lists show it; the order of the fields is that of engine.store's task columns."""

    id: int
    case_id: int
    case_no: str
    element: str
    name: str
    process: str
    version_id: int
    role: str | None
    person_id: int | None
    due_at: datetime | None
    priority: int
    form: str | None
    stage: str | None
    created_at: datetime
    claimed_at: datetime | None
    subject_kind: str | None
    subject_id: int | None
    started_at: datetime
    token: str
    state: str
    closed_at: datetime | None
    closed_by: int | None
    counts: bool

    @property
    def subject(self) -> tuple[str, int] | None:
        return (self.subject_kind, self.subject_id) if self.subject_kind and self.subject_id else None


@dataclass(frozen=True)
class FormView:
    """A task's form: the form-js schema as drawn, what is chosen at gateways, and the values to show."""

    name: str
    schema: Mapping[str, Any]
    data: Mapping[str, Any]


def tasks(
    tx: Transaction,
    *,
    roles: Collection[str] | None = None,
    person_id: int | None = None,
    mine: bool = False,
    subjects: Collection[tuple[str, int]] | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[TaskRow]:
    """Open tasks, the most urgent first.

    `roles`: of these roles (None: of every role). `person_id`: leaves out what others have
    claimed; with `mine` only what this person has claimed. `subjects`: only about these.
    """
    wanted = limit + offset
    if mine and person_id is not None:
        lists = _both(tx, INBOX_PERSON, wanted, subjects, holder_id=person_id)
    elif roles is None and person_id is not None:
        lists = _both(tx, INBOX_FREE, wanted, subjects, holder_id=person_id)
    elif roles is None:
        lists = _both(tx, INBOX_ALL, wanted, subjects)
    else:
        lists = []
        for role in sorted(roles):
            if person_id is None:
                lists += _both(tx, INBOX_ROLE, wanted, subjects, role=role)
            else:
                lists += _both(tx, INBOX_ROLE_FREE, wanted, subjects, role=role, holder_id=person_id)
    merged = heapq.merge(*lists, key=_urgency)
    return [task for index, task in enumerate(merged) if offset <= index < wanted]


def counts(tx: Transaction, roles: Collection[str] | None = None) -> dict[str, int]:
    """How many tasks are open, by role."""
    found = {role: int(count) for role, count in ROLE_COUNTS.rows(tx) if role is not None}
    return found if roles is None else {role: found.get(role, 0) for role in roles}


def get(tx: Transaction, task_id: int) -> TaskRow:
    """An open task; NotFound, or Conflict saying who has done it and when."""
    row = TASK_GET.row(tx, task_id=task_id)
    if row is None:
        raise NotFound(
            "task_unknown",
            "There is no task number {id}.",
            where="task",
            remedy="`percorso tasks` lists the open ones.",
            id=task_id,
        )
    task = TaskRow(*row)
    if task.state == "completed":
        who = people.names(tx, [task.closed_by]).get(task.closed_by or 0, "")
        raise Conflict(
            "task_done",
            "“{name}” was already done by {who} at {at}." if who else "“{name}” was already done at {at}.",
            where=task.case_no,
            remedy="Nothing is left to do here; the case has moved on.",
            name=task.name,
            who=who,
            at=task.closed_at,
        )
    if task.state != "open":
        raise Conflict(
            "task_gone",
            "“{name}” is no longer needed: the case has moved on.",
            where=task.case_no,
            name=task.name,
        )
    return task


def claim(engine: Engine, tx: Transaction, task_id: int, person: Person) -> TaskRow:
    """Take a task; Forbidden without its role, Conflict when somebody else has it."""
    task = get(tx, task_id)
    _may(person, task)
    if task.person_id == person.id and task.claimed_at is not None:
        return task
    if TASK_CLAIM.run(tx, task_id=task_id, holder_id=person.id, at=tx.now) != 1:
        raise _taken(tx, get(tx, task_id))
    _note(tx, task, "task.claimed", person)
    return replace(task, person_id=person.id, claimed_at=task.claimed_at or tx.now)


def release(engine: Engine, tx: Transaction, task_id: int, person: Person) -> TaskRow:
    """Give a task back to its role; Conflict when it is not this person's."""
    task = get(tx, task_id)
    if TASK_RELEASE.run(tx, task_id=task_id, holder_id=person.id) != 1:
        raise _taken(tx, get(tx, task_id))
    _note(tx, task, "task.released", person)
    return replace(task, person_id=None, claimed_at=None)


def complete(
    engine: Engine,
    tx: Transaction,
    task_id: int,
    answers: Mapping[str, object],
    person: Person | None = None,
) -> CaseRef:
    """Complete a task with the answers to its form; the case moves on at once.

    An unclaimed task counts as claimed by the one who completes it. Raises Invalid with the
    message of each wrong field, Forbidden, Conflict, or StepFailed when the action fails as a whole. A
    single step behind it that fails does not undo the completion: `failed` of what is returned says so.
    """
    task = get(tx, task_id)
    if person is not None:
        _may(person, task)
        if task.person_id not in (None, person.id):
            raise _taken(tx, task)
    run = open_run(engine, tx, task.case_id, actor_id=person.id if person else None)
    try:
        token = run.ready_token(int(task.token), task.element)
        model = token.task_spec.specs.model
        form = model.form(task.form) if task.form else None
        noted = _take_answers(run, token, task, form, answers)
        run.record("task.completed", token, role=task.role, attrs={"task": task.id, "answers": noted})
        run.completed_token = run.workflow.origin = token.id
        return advance(run, token.run)
    except Conflict as conflict:
        if conflict.code in {"task_gone", "task_taken"}:
            # Between the first look and the lock somebody else was faster: say who.
            raise _taken(tx, get(tx, task_id)) from None
        raise


def form(engine: Engine, tx: Transaction, task: TaskRow) -> FormView | None:
    """The form of a task as its version has it, filled with what is known; None where nothing is asked."""
    model = engine.model(tx, task.version_id)
    schema = model.schema(task.form) if task.form else None
    asked = choices.components(model.choices, task.element) if task.element in model.asking else []
    if schema is None:
        return FormView("", {"type": "default", "components": asked}, {}) if asked else None
    assert task.form is not None
    run = open_run(engine, tx, task.case_id)
    token = run.ready_token(int(task.token), task.element)
    compiled = model.form(task.form)
    data: dict[str, Any] = {}
    rows: dict[str, Mapping[str, Value]] = {}
    for key in compiled.fields if compiled else ():
        kind, _, name = key.partition(".")
        if not name:
            data[key] = token.variables.get(key)
            continue
        if kind not in rows:
            entity = engine.catalog.entity(model.process, kind)
            number = token.variables.get(f"{kind}_id")
            rows[kind] = entity.read(tx.session, number) if entity and isinstance(number, int) else {}
        data.setdefault(kind, {})[name] = rows[kind].get(name)
    shown = to_json(data)
    assert isinstance(shown, dict)
    return FormView(task.form, {**schema, "components": [*schema["components"], *asked]}, shown)


def asked(engine: Engine, tx: Transaction, task: TaskRow) -> tuple[Choice, ...]:
    """What whoever completes the task chooses at the gateways behind it."""
    model = engine.model(tx, task.version_id)
    return model.choices.of(task.element) if task.element in model.asking else ()


def _take_answers(
    run: Run, token: Any, task: TaskRow, form: Form | None, answers: Mapping[str, object]
) -> dict[str, Value]:
    """Put answers where they belong; returns the copy for history: codes, numbers, dates only."""
    data = token.variables
    model = token.task_spec.specs.model
    chosen, rest, wrong = _chosen(model, task, answers)
    noted: dict[str, Value] = {key: value for key, value in chosen.items() if value is not None}
    if wrong:
        raise choices.refusal(form, rest, data, run.engine.zone, wrong)
    if form is None:
        values = from_json(rest, where="answers")
        assert isinstance(values, dict)
        token.give({**values, **chosen})
        noted |= {key: value for key, value in values.items() if not isinstance(value, (str, dict, list))}
        return noted
    checked = form.check(rest, data, run.engine.zone)
    given: dict[str, Value] = dict(chosen)
    entities: dict[str, dict[str, Value]] = {}
    for key, value in checked.items():
        field = form.fields[key]
        if not field.is_text:
            noted[key] = value
        kind, _, name = key.partition(".")
        if name:
            entities.setdefault(kind, {})[name] = value
        elif field.is_text:
            _keep_text(run, task, key, value)
        else:
            given[key] = value
    token.give(given)
    for kind, fields in entities.items():
        _write_entity(run, token, kind, fields)
    return noted


def _chosen(
    model: Model, task: TaskRow, answers: Mapping[str, object]
) -> tuple[dict[str, Value], dict[str, object], dict[str, FieldProblem]]:
    """What was chosen at gateways, by variable; the other answers; what is wrong, by field."""
    if task.element not in model.asking:
        return {}, dict(answers), {}
    return choices.taken(model.choices, task.element, answers)


def _write_entity(run: Run, token: Any, kind: str, fields: dict[str, Value]) -> None:
    model = token.task_spec.specs.model
    entity = run.engine.catalog.entity(model.process, kind)
    number = token.variables.get(f"{kind}_id")
    if entity is None or not isinstance(number, int):
        raise Invalid(
            "entity_missing",
            "The form writes to “{kind}”, but this case has none (there is no variable {kind}_id).",
            where=token.element.id,
            remedy="Create it in an earlier step, or take the field out of the form.",
            kind=kind,
        )
    entity.write(run.step(token), number, fields)
    run.tx.flush()


def _keep_text(run: Run, task: TaskRow, key: str, value: Value) -> None:
    run.tx.session.add(
        Answer(
            case_id=run.case_id,
            task_id=task.id,
            element=task.element,
            field=key,
            text=str(value),
            created_at=run.tx.now,
        )
    )


def _both(
    tx: Transaction,
    statements: tuple[Statement, Statement],
    wanted: int,
    subjects: Collection[tuple[str, int]] | None,
    **values: Any,
) -> list[list[TaskRow]]:
    """Dated and undated tasks; a search looks through all of them."""
    amount = wanted if subjects is None else 1_000_000
    found = [[TaskRow(*row) for row in one.rows(tx, amount=amount, **values)] for one in statements]
    if subjects is not None:
        found = [[task for task in one if task.subject in subjects] for one in found]
    return found


def _urgency(task: TaskRow) -> tuple[datetime, int]:
    return (task.due_at or _FAR, task.id)


def _may(person: Person, task: TaskRow) -> None:
    if not person.may_take(task.role) and task.person_id != person.id:
        raise Forbidden(
            "task_not_yours",
            "“{name}” is for the role {role}, which {person} does not have.",
            where=task.case_no,
            remedy="Ask somebody with that role, or have it given to you.",
            name=task.name,
            role=task.role,
            person=person.name,
        )


def _taken(tx: Transaction, task: TaskRow) -> Conflict:
    who = people.names(tx, [task.person_id]).get(task.person_id or 0, "")
    return Conflict(
        "task_taken",
        "“{name}” is in the hands of {who}." if who else "“{name}” is in nobody's hands.",
        where=task.case_no,
        remedy="Ask for it to be released, or take another one." if who else "Claim it first.",
        name=task.name,
        who=who,
    )


def _note(tx: Transaction, task: TaskRow, event: str, person: Person) -> None:
    EVENT_INSERT.run(
        tx,
        occurred_at=tx.now,
        recorded_at=tx.now,
        type=event,
        case_id=task.case_id,
        subject_kind=task.subject_kind,
        subject_id=task.subject_id,
        process=task.process,
        version_id=task.version_id,
        element=task.element,
        stage=task.stage,
        actor_id=person.id,
        role=task.role,
        amount=None,
        currency=None,
        attrs={"task": task.id},
        internal=True,
        counts=bool(task.counts),
    )


def subjects_of(rows: Iterable[TaskRow]) -> set[tuple[str, int]]:
    """What these tasks are about, for looking up their titles at once."""
    return {task.subject for task in rows if task.subject is not None}
