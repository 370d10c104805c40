"""Drafts: files handed in that wait for answers, or for somebody to say “deploy”."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from engine import answers, bundles, people, versions
from engine.bundles import Bundle
from engine.db import Transaction
from engine.errors import Invalid, NotFound
from engine.findings import Answers, Ask
from engine.runtime import Engine
from engine.tables import Draft, DraftFile
from engine.versions import Report

FORGOTTEN = timedelta(days=1)
"""After so long what was only looked at, and leaves nothing open, is swept away."""

_WORST = ("refused", "draft", "deployed_with_warnings", "deployed")

AskedKey = tuple[str, str, str]
"""File, element id and field of a question."""


@dataclass(frozen=True)
class DraftRow:
    """A draft as lists show it."""

    id: int
    processes: tuple[str, ...]
    outcome: str
    questions: int
    author: str
    changed_at: datetime


def keep(
    engine: Engine,
    tx: Transaction,
    files: Mapping[str, bytes],
    *,
    author_id: int | None,
    given: Mapping[str, dict[str, dict[str, str]]] | None = None,
) -> Draft:
    """Check files and keep them; the same person's draft of the same processes is replaced by them.

    `files` are as `bundles.gather` takes them, `given` answers by file, element and field. What was
    answered before to a file of the same name still holds.
    """
    _sweep(tx)
    known = dict(given or {})
    processes = _processes(versions.check(engine, tx, bundles.gather(files, known)))
    before = _same(tx, processes, author_id)
    draft = before or Draft(author_id=author_id, answers={}, kept=False, created_at=tx.now)
    draft.answers = {**(before.answers if before else {}), **known}
    draft.processes, draft.changed_at, draft.outcome, draft.questions = processes, tx.now, "draft", 0
    if before is None:
        tx.session.add(draft)
        tx.session.flush()
    put(tx, draft, files, instead=True)
    examine(engine, tx, draft)
    return draft


def keep_open(
    engine: Engine, tx: Transaction, given: Sequence[Bundle], said: Answers, *, author_id: int | None
) -> Draft:
    """Keep drawings that leave questions open, with the answers there are to any of them."""
    files = bundles.spread(given)
    plain = {element: dict(fields) for element, fields in said.items()}
    drawn = [name for name in files if not bundles.lies_beside(name)]
    return keep(engine, tx, files, author_id=author_id, given={name: plain for name in drawn if plain})


def get(tx: Transaction, draft_id: int) -> Draft:
    """The draft of that number; raises NotFound."""
    found = tx.session.get(Draft, draft_id)
    if found is None:
        raise NotFound(
            "draft_unknown",
            "There is no draft {number} any more.",
            where=f"/drafts/{draft_id}",
            remedy="It was deployed or thrown away; the processes show what there is.",
            number=draft_id,
        )
    return found


def files(tx: Transaction, draft: Draft) -> dict[str, bytes]:
    """The files of a draft by name."""
    rows = tx.session.execute(
        select(DraftFile.name, DraftFile.content)
        .where(DraftFile.draft_id == draft.id)
        .order_by(DraftFile.name)
    )
    return {row.name: row.content for row in rows}


def put(tx: Transaction, draft: Draft, added: Mapping[str, bytes], *, instead: bool = False) -> None:
    """Add files to a draft, or exchange those of the same name; `instead` of all that it has."""
    names = DraftFile.name.in_(added)
    gone = delete(DraftFile).where(DraftFile.draft_id == draft.id)
    tx.session.execute(gone if instead else gone.where(names))
    tx.session.add_all(DraftFile(draft_id=draft.id, name=name, content=data) for name, data in added.items())
    tx.session.flush()


def take_out(tx: Transaction, draft: Draft, name: str) -> None:
    """Leave a file out of a draft."""
    tx.session.execute(delete(DraftFile).where(DraftFile.draft_id == draft.id, DraftFile.name == name))


def parts(tx: Transaction, draft: Draft) -> list[Bundle]:
    """The drawings of a draft with their answers, as `versions.deploy` takes them."""
    return bundles.gather(files(tx, draft), draft.answers)


def look(engine: Engine, tx: Transaction, draft: Draft) -> Report:
    """What deploying the draft would do; changes nothing."""
    return versions.check(engine, tx, parts(tx, draft))


def examine(engine: Engine, tx: Transaction, draft: Draft) -> Report:
    """What deploying it would do, noted down with it."""
    report = look(engine, tx, draft)
    _note(draft, report)
    return report


def answer(
    engine: Engine, tx: Transaction, draft: Draft, given: Mapping[AskedKey, str]
) -> dict[AskedKey, Invalid]:
    """Keep the answers that can be understood; gives back what is wrong with the others.

    An empty answer takes back the one that was given.
    """
    asked = questions(look(engine, tx, draft))
    kept = {file: {id: dict(fields) for id, fields in of.items()} for file, of in draft.answers.items()}
    wrong: dict[AskedKey, Invalid] = {}
    for key, text in given.items():
        file, element, field = key
        if key not in asked:
            continue
        fields = kept.setdefault(file, {}).setdefault(element, {})
        if not text.strip():
            fields.pop(field, None)
            continue
        try:
            fields[field] = answers.understand(asked[key], text, engine.settings.roles)
        except Invalid as error:
            wrong[key] = error
    draft.answers, draft.changed_at = kept, tx.now
    examine(engine, tx, draft)
    return wrong


def questions(report: Report) -> dict[AskedKey, Ask]:
    """Everything that a report asks, or asked and got an answer to."""
    return {
        (finding.file or "", finding.element or "", finding.ask.field): finding.ask
        for finding in report.findings
        if finding.ask is not None
    }


def deploy(
    engine: Engine,
    tx: Transaction,
    draft: Draft,
    *,
    author: str | None,
    note: str = "",
    tag: str | None = None,
) -> Report:
    """Deploy a draft whole; it is gone then. What is still open or refused leaves it as it is."""
    report = versions.deploy(engine, tx, parts(tx, draft), author=author, note=note, tag=tag)
    if report.processes and all(one.version is not None for one in report.processes):
        discard(tx, draft)
    else:
        _note(draft, report)
    return report


def settle(tx: Transaction, report: Report, author_id: int | None) -> None:
    """Throw away the person's draft of the very processes that have just been deployed another way."""
    old = _same(tx, _processes(report), author_id)
    if old is not None:
        discard(tx, old)


def discard(tx: Transaction, draft: Draft) -> None:
    """Throw a draft away."""
    tx.session.execute(delete(DraftFile).where(DraftFile.draft_id == draft.id))
    tx.session.delete(draft)
    tx.session.flush()


def drafts(tx: Transaction) -> list[DraftRow]:
    """The drafts that are to be worked on, the newest first."""
    query = select(Draft).where(Draft.kept).order_by(Draft.changed_at.desc(), Draft.id.desc())
    found = list(tx.session.scalars(query))
    names = people.names(tx, (one.author_id for one in found))
    return [
        DraftRow(
            one.id,
            tuple(one.processes),
            one.outcome,
            one.questions,
            names.get(one.author_id or 0, ""),
            one.changed_at,
        )
        for one in found
    ]


def outcome(report: Report) -> str:
    """What a whole report comes to; an answer that does not fit any more is a question again."""
    wrong = any(one.severity == "error" and one.ask is None for one in report.findings)
    if wrong or not report.processes:
        return "refused"
    if open_questions(report):
        return "draft"
    return min((one.outcome for one in report.processes), key=_WORST.index)


def open_questions(report: Report) -> int:
    """How many answers are missing, or do not fit."""
    return sum(
        one.severity == "question" or (one.severity == "error" and one.ask is not None)
        for one in report.findings
    )


def _note(draft: Draft, report: Report) -> None:
    draft.processes = _processes(report)
    draft.outcome, draft.questions = outcome(report), open_questions(report)
    draft.kept = draft.kept or draft.questions > 0


def _processes(report: Report) -> list[str]:
    return sorted({one.process for one in report.processes})


def _same(tx: Transaction, processes: Sequence[str], author_id: int | None) -> Draft | None:
    if not processes:
        return None
    mine = select(Draft).where(Draft.author_id.is_not_distinct_from(author_id)).order_by(Draft.id)
    return next((one for one in tx.session.scalars(mine) if one.processes == list(processes)), None)


def _sweep(tx: Transaction) -> None:
    """Take away what nobody came back to; drafts with questions stay."""
    old = select(Draft.id).where(Draft.kept.is_(False), Draft.changed_at < tx.now - FORGOTTEN)
    ids = list(tx.session.scalars(old))
    if ids:
        tx.session.execute(delete(DraftFile).where(DraftFile.draft_id.in_(ids)))
        tx.session.execute(delete(Draft).where(Draft.id.in_(ids)))
