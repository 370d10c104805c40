"""Real processes that work on a database and can be killed: `python -m tests.engine.nursery ADDRESS`.

Python and the engine are loaded once; each line of JSON on standard input makes a child by fork,
which starts and completes cases (`{"do": "cases"}`), lets messages in (`{"do": "post"}`) or is a
worker (`{"do": "tick"}`, `"beat"` at the time of the others). A child says
on standard output what it has committed, one line of JSON each, and ends with the line "over".
`kill_at`: it kills itself, as SIGKILL does, at that statement (counted from 1).
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import event, insert, select

from engine import inbox, messages, worker
from engine.catalog import Catalog, Step, TryAgain
from engine.db import Database
from engine.errors import Conflict
from engine.runtime import start
from engine.tables import Case, InboundMessage, Person, Task
from engine.values import Value
from tests.engine.drawing import both, boundary, bpmn, catch, end, first_of, service, user, xor
from tests.engine.drawing import start as begin_event
from tests.engine.house import NOW, House

DRAWING = bpmn(
    "work",
    begin_event("begin"), xor("in"), both("split"), user("a"), user("b"), boundary("late", "b", duration="PT1H"),
    service("note"), both("join"), catch("reply", "reply"), service("note_again", "note"), xor("out"), end("done"),
    end("dropped"), end("told", "told"), both("fork"),
    "begin > in > split > a > note > join > reply > note_again > out", "split > b > join", "late > dropped",
    "out > fork [again]", "fork > in", "fork > told", "out > done [default]",
)  # fmt: skip
TIMED = bpmn(
    "timed", begin_event("begin"), catch("pause", duration="PT1H"), service("note"), user("after"), end("done"),
    "begin > pause > note > after > done",
)  # fmt: skip
POST = bpmn(
    "post", begin_event("begin"), begin_event("asked", "post.new"), xor("in"), first_of("wait"),
    catch("answered", "post"), service("note"), catch("late", duration="PT30M"), service("note_again", "note"),
    end("done"),
    "begin > in", "asked > in > wait", "wait > answered > note > in", "wait > late > note_again > done",
)  # fmt: skip
"""Takes one message after the other until half an hour has passed without one."""

IDS = 60
"""How many different ids messages and cases of POST have."""
FLAKY = TIMED.replace("timed", "flaky").replace('topic="note"', 'topic="note_late"')
MENDED = NOW + timedelta(hours=3)
"""From when on the service of FLAKY works."""


def note(step: Step) -> Mapping[str, Value]:
    """The effect of a step: one row, one line of history, one mail."""
    count = int(str(step.data.get("notes", 0))) + 1
    step.session.execute(
        insert(Person).values(key=f"{step.case_id}-{count}", name="note", language="it", active=True)
    )
    step.record("work.noted", count=count)
    step.mail("noted", ("contact", step.case_id))
    return {"notes": count}


def note_late(step: Step) -> Mapping[str, Value]:
    """The same effect, but for some hours it fails after it has written everything."""
    noted = note(step)
    if step.now < MENDED:
        raise TryAgain("the server does not answer")
    return noted


def house(database: Database) -> House:
    return House.on(database, Catalog(shared={"note": note, "note_late": note_late}))


def main(url: str) -> None:
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _live(url, order)
            os._exit(0)
        _say({"pid": child})
        os.waitpid(child, 0)
        _say("over")


def _live(url: str, order: Mapping[str, Any]) -> None:
    database = Database(url)
    if order.get("kill_at"):
        _die_at(database, order["kill_at"])
    mine = house(database)
    chance = random.Random(order.get("seed"))
    if order["do"] in ("post", "beat"):
        mine.now = NOW + timedelta(minutes=2 * order["minute"])
        while True:
            _post(mine, chance, order) if order["do"] == "post" else worker.tick(mine.engine, mine.now)
    if order["do"] == "tick":
        mine.now = NOW + timedelta(minutes=order.get("minutes", 120))
        while True:
            _say({"woken": worker.tick(mine.engine, mine.now).timers})
    # Later lives are lived later, so that timers fall due.
    mine.now = NOW + timedelta(minutes=7 * order["seed"])
    while True:
        _step(mine, chance)


def _post(mine: House, chance: random.Random, order: Mapping[str, Any]) -> None:
    """Let a message in, a new one or one that was here already, attach one, start a case, or tick."""
    engine, act, which = mine.engine, chance.random(), chance.randrange(IDS)
    try:
        if act < 0.1:
            worker.tick(engine, mine.now)
        elif act < 0.25:
            with engine.transaction(mine.now) as tx:
                started = start(engine, tx, "post", {"post_id": which}).case_no
            _say({"started": started})
        elif act < 0.35:
            _attach(mine, chance)
        else:
            again = _known(mine, chance) if act < 0.45 else None
            name = "post.new" if act < 0.5 else "post"
            outer = again or (name, f"{order['seed']}-{chance.randrange(10**9)}")
            keys = {"post_id": which} if outer[0] == "post" else {}
            receipt = messages.receive(
                engine, mine.now, outer[0], keys, {"post_id": which}, external_id=outer[1]
            )
            _say({"received": f"{outer[0]} {outer[1]}", "state": receipt.state, "again": again is not None})
    except Conflict as refusal:
        # Another process was at it: that is said, and the next thing is done.
        _say({"refused": refusal.code})


def _known(mine: House, chance: random.Random) -> tuple[str, str] | None:
    """Name and id of a message that has been let in."""
    with mine.engine.transaction(mine.now, write=False) as tx:
        given = InboundMessage.external_id.is_not(None)
        rows = tx.session.execute(select(InboundMessage.name, InboundMessage.external_id).where(given)).all()
    if not rows:
        return None
    name, external_id = chance.choice(rows)
    return str(name), str(external_id)


def _attach(mine: House, chance: random.Random) -> None:
    """Give a message that nobody has taken to any open case."""
    with mine.engine.transaction(mine.now, write=False) as tx:
        found = [one.id for one in messages.unmatched(tx, ("kept", "failed"))]
        cases = list(tx.session.scalars(select(Case.id).where(Case.status == "open")))
    if found and cases:
        message, case = chance.choice(found), chance.choice(cases)
        receipt = messages.attach(mine.engine, mine.now, message, case)
        _say({"attached": message, "state": receipt.state})


def _step(mine: House, chance: random.Random) -> None:
    """Start a case, answer one, or complete a task of one; say so once it is committed."""
    engine, said = mine.engine, {}
    if chance.random() < 0.05:
        worker.tick(engine, mine.now)
    with engine.transaction(mine.now) as tx:
        tasks = list(tx.session.scalars(select(Task.id).where(Task.state == "open").limit(40)))
        waiting = list(tx.session.scalars(select(Case.id).where(Case.status == "open").limit(200)))
        act = chance.random()
        if act < 0.15 or not tasks:
            said["started"] = start(engine, tx, "work", {"work_id": chance.randrange(10**9)}).case_no
        elif act < 0.4 and waiting:
            case_no = tx.session.scalar(select(Case.case_no).where(Case.id == chance.choice(waiting)))
            if messages.send(engine, tx, "reply", {"case_no": case_no}, {"again": chance.random() < 0.5}):
                said["answered"] = str(case_no)
        else:
            task = chance.choice(tasks)
            inbox.complete(engine, tx, task, {"again": False})
            said["completed"] = str(task)
    if said:
        _say(said)


def _die_at(database: Database, statement: int) -> None:
    """Kill this process at a statement: before it is carried out, or (on PostgreSQL) right after."""
    seen = 0

    def passed(_: object = None) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    class Dying(psycopg.Cursor[Any]):
        def execute(self, *args: Any, **more: Any) -> Any:
            passed()
            result = super().execute(*args, **more)
            passed()
            return result

        def executemany(self, *args: Any, **more: Any) -> Any:
            passed()
            super().executemany(*args, **more)
            passed()

    @event.listens_for(database.pool, "connect")
    def connected(connection: Any, _record: object) -> None:
        if database.dialect == "sqlite":
            connection.set_trace_callback(passed)
        else:
            connection.cursor_factory = Dying


def _say(what: object) -> None:
    # One write: a line is there as a whole or not at all.
    os.write(1, (json.dumps(what) + "\n").encode())


if __name__ == "__main__":
    main(sys.argv[1])
