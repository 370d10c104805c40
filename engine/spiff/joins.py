"""Parallel and inclusive gateways that count tokens, in loops and nested too.

SpiffWorkflow 3.2.0 asks whether a branch was ever completed, which lets a token of an earlier
round through a parallel join. Here every arrived token waits at the gateway, marked with the arrow
it came by, until it is consumed (BPMN 2.0, 13.4.1 and 13.4.3).
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway, ParallelGateway
from SpiffWorkflow.util.task import TaskState

from engine.spiff.steps import Step
from engine.spiff.tokens import CANCELLED, LIVE, READY, WAITING, Token, failed

Arrow = tuple[str, int]
"""An incoming arrow: the element that it comes from, and its number where several come from there."""


class _Join(Step):
    """A gateway at which tokens are counted per incoming arrow."""

    asked_again = True

    def _update_hook(self, my_task: Token) -> bool:
        if "from" not in my_task.internal_data:
            parent = my_task.parent
            my_task.internal_data["from"] = parent.task_spec.name if parent is not None else ""
        my_task._state = WAITING
        arrived = self._arrived(my_task)
        if not self._may_fire(my_task, arrived):
            return False
        self._take(my_task, arrived)
        my_task._state = TaskState.FUTURE
        return True

    def _take(self, my_task: Token, arrived: dict[Arrow, list[Token]]) -> None:
        """Take one token from each arrow off the diagram."""
        for tokens in arrived.values():
            taken = my_task if my_task in tokens else tokens[0]
            taken._state = CANCELLED

    def take_arrived(self, my_task: Token) -> None:
        """Go on with the tokens that are there, though some have not come."""
        if my_task._state == WAITING:
            self._take(my_task, self._arrived(my_task))

    def _arrived(self, my_task: Token) -> dict[Arrow, list[Token]]:
        """The tokens that wait here, by the arrow by which they came."""
        found: dict[Arrow, list[Token]] = {}
        for token in my_task.workflow.tasks.values():
            if token.task_spec is not self or token._state != WAITING or "from" not in token.internal_data:
                continue
            name = token.internal_data["from"]
            number = token.internal_data.get("arrow")
            if number is None:
                # A parallel split sends one by each of its arrows: any of them may be the first.
                free = (one for one in range(self.incoming[name]) if (name, one) not in found)
                number = next(free, 0)
            found.setdefault((name, number), []).append(token)
        return found

    def _may_fire(self, my_task: Token, arrived: dict[Arrow, list[Token]]) -> bool:
        raise NotImplementedError

    @cached_property
    def incoming(self) -> Counter[str]:
        """How many arrows come in from each element."""
        return Counter(self._inputs)

    @cached_property
    def arrows(self) -> list[Arrow]:
        """The arrows that come in."""
        return [(name, number) for name, count in self.incoming.items() for number in range(count)]


class Parallel(_Join, ParallelGateway):
    """Fires when each incoming arrow has a token; takes one from each."""

    def _may_fire(self, my_task: Token, arrived: dict[Arrow, list[Token]]) -> bool:
        return all(arrow in arrived for arrow in self.arrows)

    def _run_hook(self, my_task: Token) -> bool:
        return True


class Inclusive(_Join, InclusiveGateway):
    """Fires when no token elsewhere can still come by an arrow that has none yet."""

    def _predict_hook(self, my_task: Token) -> None:
        """The ways are known only when the gateway runs."""

    def _may_fire(self, my_task: Token, arrived: dict[Arrow, list[Token]]) -> bool:
        filled = [self._leads_to[name] for name, _ in arrived if name in self._leads_to]
        empty = [self._leads_to[arrow[0]] for arrow in self.arrows if arrow not in arrived]
        for token in my_task.workflow.tasks.values():
            if not token._state & LIVE:
                continue
            if token.task_spec is self:
                if token._state in (TaskState.FUTURE, READY) and token is not my_task:
                    # It is about to arrive on an arrow of its own, or about to leave: only then is it
                    # known whether it may come back here.
                    return False
                continue
            name = token.task_spec.name
            if any(name in leads for leads in empty) and not any(name in leads for leads in filled):
                return False
        return True

    @cached_property
    def _leads_to(self) -> dict[str, frozenset[str]]:
        """For each incoming arrow, the elements from which it can be reached without passing here."""
        return {name: self._backwards(name) for name in self.incoming}

    def _backwards(self, name: str) -> frozenset[str]:
        seen = {name}
        todo = [name]
        while todo:
            for before in self._wf_spec.task_specs[todo.pop()]._inputs:
                if before not in seen and before != self.name:
                    seen.add(before)
                    todo.append(before)
        return frozenset(seen)

    def _run_hook(self, my_task: Token) -> bool:
        performer = my_task.workflow.top_workflow.performer
        chosen = [
            place
            for place, (condition, _) in enumerate(self.cond_task_specs)
            if condition is not None and performer.is_true(my_task, condition.args[0])
        ]
        chosen = chosen or [
            place for place, (condition, _) in enumerate(self.cond_task_specs) if condition is None
        ]
        if not chosen:
            raise failed(
                my_task,
                "none of its conditions is true and it has no default arrow",
                "Correct the data or mark one arrow as the default.",
                kind="no_way",
            )
        for place in chosen:
            self.send_by(my_task, place)
        return True
