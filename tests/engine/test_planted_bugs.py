"""The oracle notices: each of these mistakes, planted into the engine, is caught within a few runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import count, islice
from typing import Any

import pytest

from engine.errors import PercorsoError
from engine.spiff import COMPLETED, CaseWorkflow, Token, routes
from engine.spiff.events import Boundary, Catching, FirstOf, Repeating
from engine.spiff.handlers import EventSub
from engine.spiff.joins import Arrow, Inclusive, Parallel
from engine.spiff.many import Many
from engine.spiff.steps import BoundaryJoin, Call, End, LastJoin
from tests.engine.house import House
from tests.engine.oracle.choices import Seeded
from tests.engine.oracle.constructs import constructs
from tests.engine.oracle.generator import draw
from tests.engine.trials import Deviation, run

WITHIN = 150
"""Runs in which a bug must show."""

Patch = pytest.MonkeyPatch


def _join_fires_early(patch: Patch) -> None:
    patch.setattr(Parallel, "_may_fire", lambda self, token, arrived: True)


def _join_counts_tokens_not_arrows(patch: Patch) -> None:
    def enough(self: Any, token: Token, arrived: dict[Arrow, list[Token]]) -> bool:
        expected: int = self.incoming.total()
        return sum(map(len, arrived.values())) >= expected

    patch.setattr(Parallel, "_may_fire", enough)


def _inclusive_join_does_not_look_ahead(patch: Patch) -> None:
    patch.setattr(Inclusive, "_may_fire", lambda self, token, arrived: True)


def _inclusive_join_waits_for_tokens_that_pass_it(patch: Patch) -> None:
    """It forgets the second half of 13.4.3: a token that can come by a filled arrow keeps nobody waiting."""

    def may_fire(self: Any, token: Token, arrived: dict[Arrow, list[Token]]) -> bool:
        empty = [self._leads_to[arrow[0]] for arrow in self.arrows if arrow not in arrived]
        others = [one for one in token.workflow.live_tokens() if one.task_spec is not self]
        return not any(one.task_spec.name in leads for one in others for leads in empty)

    patch.setattr(Inclusive, "_may_fire", may_fire)


def _event_beside_happens_once(patch: Patch) -> None:
    plain = Boundary._go_beside

    def once(self: Any, token: Token) -> None:
        plain(self, token)
        token._state = COMPLETED

    patch.setattr(Boundary, "_go_beside", once)


def _boundary_event_leaves_the_work_alive(patch: Patch) -> None:
    patch.setattr(Boundary, "fire", Catching.fire)
    patch.setattr(BoundaryJoin, "_update_hook", lambda self, token: setattr(token, "_state", COMPLETED))


def _event_sub_process_never_interrupts(patch: Patch) -> None:
    patch.setattr(EventSub, "interrupts", False)


def _cycle_runs_once(patch: Patch) -> None:
    patch.setattr(Catching, "_again", lambda self, token: setattr(token, "_state", COMPLETED))


def _timers_behind_a_gateway_share_a_due_time(patch: Patch) -> None:
    plain = FirstOf._update_hook

    def shared(self: Any, token: Token) -> bool:
        won: bool = plain(self, token)
        dues = [due for due in token.internal_data["due"] if due]
        token.internal_data["due"] = [due and min(dues) for due in token.internal_data["due"]]
        return won

    patch.setattr(FirstOf, "_update_hook", shared)


def _condition_happens_again_while_it_holds(patch: Patch) -> None:
    plain = Repeating.look

    def again(self: Any, token: Token) -> None:
        if token.workflow.top_workflow.origin != token.internal_data.get("asked"):
            token.internal_data.pop("held", None)
            token.internal_data["asked"] = token.workflow.top_workflow.origin
        plain(self, token)

    patch.setattr(Repeating, "look", again)


def _signal_reaches_the_first_only(patch: Patch) -> None:
    def hear(self: Any, signal: str, payload: dict[str, Any]) -> bool:
        return any(
            token.task_spec.take(token, signal, payload, kind="signal")
            for token in list(self.alive())
            if hasattr(token.task_spec, "take") and token._state == 8
        )

    patch.setattr(CaseWorkflow, "hear", hear)


def _error_prefers_the_event_without_a_code(patch: Patch) -> None:
    def fire(listening: list[Token], kind: str, code: str | None) -> bool:
        caught = [token for token in listening if routes._catches(token, kind, code)]
        caught.sort(key=lambda one: one.task_spec.event_definition.code is not None)
        for token in caught[:1]:
            token.task_spec.fire(token)
        return bool(caught)

    patch.setattr(routes, "_fire", fire)


def _event_sub_process_catches_its_own_escalation(patch: Patch) -> None:
    plain = routes.route

    def route(token: Token, kind: str, code: str | None) -> bool:
        inside = [one for one in token.workflow.top_workflow.alive() if one.listening]
        return routes._fire(inside, kind, code) or plain(token, kind, code)

    patch.setattr(routes, "route", route)


def _terminate_ends_the_whole_case(patch: Patch) -> None:
    def complete(self: Any, token: Token) -> None:
        if self.element.event == "terminate":
            token.workflow.top_workflow.cancel()
        elif self.element.event in ("error", "escalation", "signal"):
            self.event_definition.throw(token)

    patch.setattr(End, "_on_complete_hook", complete)


def _scope_ends_at_its_first_end(patch: Patch) -> None:
    patch.setattr(LastJoin, "_update_hook", lambda self, token: True)


def _completion_condition_is_ignored(patch: Patch) -> None:
    def over(self: Any, token: Token, seen: Any) -> bool:
        plan = token.internal_data
        if self.loop.kind == "standard":
            return not self._once_more(token)
        return bool(plan["done"] == plan["total"])

    patch.setattr(Many, "_is_over", over)


def _other_instances_go_on(patch: Patch) -> None:
    patch.setattr(Many, "_cancel_instances", lambda self, token: None)


def _call_gives_nothing_back(patch: Patch) -> None:
    def completed(self: Any, token: Token, scope: Any) -> None:
        scope.remove()
        token._ready()

    patch.setattr(Call, "scope_completed", completed)


BUGS: dict[Callable[[Patch], None], str] = {
    _join_fires_early: "parallel join",
    _join_counts_tokens_not_arrows: "several tokens on one way",
    _inclusive_join_does_not_look_ahead: "inclusive join",
    _inclusive_join_waits_for_tokens_that_pass_it: "inclusive join",
    _event_beside_happens_once: "boundary event: message, not interrupting",
    _boundary_event_leaves_the_work_alive: "boundary event",
    _event_sub_process_never_interrupts: "event sub-process: signal, interrupting",
    _cycle_runs_once: "timer, cycle",
    _timers_behind_a_gateway_share_a_due_time: "event-based, timer",
    _condition_happens_again_while_it_holds: "condition, not interrupting",
    _signal_reaches_the_first_only: "boundary event: signal",
    _error_prefers_the_event_without_a_code: "boundary event: error",
    _event_sub_process_catches_its_own_escalation: "event sub-process: escalation, not",
    _terminate_ends_the_whole_case: "end event: terminate",
    _scope_ends_at_its_first_end: "sub-process",
    _completion_condition_is_ignored: "completion condition",
    _other_instances_go_on: "completion condition",
    _call_gives_nothing_back: "call activity",
}
"""Each bug, with the construct that a drawing must have to show it."""


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__.strip("_"))
def test_a_planted_bug_is_caught(bug: Callable[[Patch], None], lasting: House, monkeypatch: Patch) -> None:
    logging.getLogger("percorso").setLevel(logging.CRITICAL)
    bug(monkeypatch)

    assert _caught(lasting, BUGS[bug]) is not None, f"not noticed in {WITHIN} runs"


def _caught(house: House, construct: str) -> int | None:
    """How many runs of drawings with that construct it takes."""
    numbers = (number for number in count() if _has(construct, f"planted/{number}"))
    for taken, number in enumerate(islice(numbers, WITHIN)):
        try:
            run(house, Seeded(f"planted/{number}"))
        except (Deviation, PercorsoError, LookupError, AttributeError):
            return taken  # A bug may also stop the engine altogether.
    return None


def _has(construct: str, seed: str) -> bool:
    found = constructs(draw(Seeded(seed)))
    return any(construct in name for names in found.values() for name in names)
