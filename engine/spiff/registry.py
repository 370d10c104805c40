"""What has been completed in a scope and can be undone, in the order of completion.

Each scope that is alive keeps a list, `done`. An entry is the name of an activity with a handler of
its own, or `[name, entries, own]`: `entries` is the list of what was completed inside it, `own` are the
variables that only it had (None where it shared those around it); a fourth item names what a call has
called, where the drawing does not. Nothing is kept in a drawing that
has no compensation. An event sub-process keeps its entries in the scope around it, whose work it
shares (BPMN 2.0.2, 10.5: visible are the activities beside the event, and those around its event
sub-process).
"""

from __future__ import annotations

from collections import ChainMap
from typing import Any

from engine.spiff.tokens import Scope, Token

Entry = str | list[Any]


def home(scope: Any) -> Any:
    """The scope whose work is being done here: that around an event sub-process, else itself."""
    while isinstance(scope, Scope):
        host = scope.parent_scope.tasks[scope.parent_task_id]
        if not host.task_spec.within_parent:
            return scope
        scope = scope.parent_scope
    return scope


def note(token: Token) -> None:
    """An activity with a handler of its own has been completed; instances are noted one by one."""
    if not token.task_spec.is_several:
        home(token.workflow).done.append(token.task_spec.name)


def note_scope(token: Token, inner: Any) -> None:
    """A sub-process, a called process or one of several instances has been completed.

    One that an error has ended counts as failed: to undo it does nothing (13.5.5).
    """
    spec = token.task_spec
    own = own_data(inner.data) if inner.own_data else None
    if spec.handler is not None:
        # Sub-processes and calls are noted when they are left; an instance is only known here.
        if spec.is_several:
            home(token.workflow).done.append(spec.name if own is None else [spec.name, [], own])
    elif not inner.failed and (inner.done or inner.spec.start.compensation is not None):
        home(token.workflow).done.append([spec.name, inner.done, own, *spec.called(token)])


def take(scope: Any, activity: str | None) -> list[Entry]:
    """Take what is to be undone out of the list: all, or what was completed of one activity."""
    where = home(scope)
    if activity is None or activity == where.spec.name:
        taken, where.done = where.done, []
    else:
        taken = [entry for entry in where.done if name_of(entry) == activity]
        where.done = [entry for entry in where.done if name_of(entry) != activity]
    found: list[Entry] = taken
    return found


def name_of(entry: Entry) -> str:
    return entry if isinstance(entry, str) else str(entry[0])


def own_data(data: Any) -> dict[str, Any]:
    """What a scope has set itself, of the variables that it sees."""
    return dict(data.maps[0] if isinstance(data, ChainMap) else data)
