"""Activities with a loop marker: done for each entry of a list, a number of times, or while it is true.

The activity stands in a small scope of its own, once for each instance, so that instances keep
their entries and their results apart. Around them one token stands for the whole activity.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from engine.spiff import registry
from engine.spiff.steps import Embedded, Step
from engine.spiff.tokens import COMPLETED, LIVE, STARTED, Scope, Token, failed

EACH = " [child]"
"""Ends the name of the scope in which one instance runs; no drawn id may end so."""

LIMIT = 1_000
"""Instances that one activity may have."""


class Many(Step, BpmnSpecMixin):
    """The whole of an activity with a loop marker.

    Its token keeps what is planned: `items` (a list, or null where entries are not named), `total`,
    `next` (how many were begun), `done`, and `outputs` in the order of the entries, null where an
    instance was not done.
    """

    noted = False
    is_several = True
    each: Any = None
    """The spec of one instance."""

    @property
    def loop(self) -> Any:
        """engine.diagrams.repeats.Loop"""
        return self.element.loop

    def _update_hook(self, my_task: Token) -> bool:
        if my_task._state == STARTED:
            return False
        plan = my_task.internal_data
        if self.loop.kind == "standard":
            plan.update({"total": self._maximum(my_task), "next": 0, "done": 0})
            if self.loop.before and not self._once_more(my_task, 0):
                return True
        else:
            items = self._items(my_task)
            total = len(items)
            plan.update({"items": items, "total": total, "next": 0, "done": 0, "outputs": [None] * total})
            if not total:
                self._give_outputs(my_task)
                return True
        my_task._state = STARTED
        for _ in range(plan["total"] if self.loop.kind == "parallel" else 1):
            self._begin(my_task)
        return False

    def _begin(self, my_task: Token) -> None:
        """One more instance."""
        plan, scope = my_task.internal_data, my_task.workflow
        index = plan["next"]
        plan["next"] = index + 1
        instance = Token(scope, self.each, scope.tasks[min(scope.tasks)])
        instance._state = STARTED
        instance.internal_data.update({"of": my_task.id, "index": index})
        own: dict[str, Any] = {}
        if self.loop.kind != "standard":
            own["loopCounter"] = index + 1
            if self.loop.item:
                own[self.loop.item] = plan["items"][index]
            if self._named_output:
                own.setdefault(self._named_output, None)
        data = self.each.data_within(instance, own)
        scope.top_workflow.create_scope(instance, self.each.inner(instance), data)

    def instance_done(self, my_task: Token, instance: Token, scope: Scope) -> None:
        """Take over what an instance has given; go on with the next one, or be done."""
        plan, outer = my_task.internal_data, my_task.workflow.data
        done, outputs = plan["done"] + 1, plan.get("outputs")
        seen: Mapping[str, Any] = outer
        if isinstance(scope.data, ChainMap):
            performer = my_task.workflow.top_workflow.performer
            if self.loop.value:
                given = performer.evaluate(my_task, self.loop.value, scope.data)
                outputs = list(plan["outputs"])
                outputs[instance.internal_data["index"]] = given
            seen = ChainMap(dict(scope.data.maps[0]), outer)
        over = self._is_over(my_task, done, outputs, seen)
        # Only now is anything changed: whatever can fail has been asked, and can be asked again.
        plan["done"] = done
        registry.note_scope(my_task, scope)
        if outputs is not None:
            plan["outputs"] = outputs
        if isinstance(scope.data, ChainMap):
            own = {"loopCounter", self.loop.item, self._named_output}
            outer.update({name: value for name, value in scope.data.maps[0].items() if name not in own})
        scope.remove()
        instance._state = COMPLETED
        if over:
            self._cancel_instances(my_task)
            self._give_outputs(my_task)
            my_task._ready()
        elif self.loop.kind != "parallel":
            self._begin(my_task)

    def _is_over(self, my_task: Token, done: int, outputs: list[Any] | None, seen: Mapping[str, Any]) -> bool:
        plan = my_task.internal_data
        if self.loop.kind == "standard":
            return not self._once_more(my_task, done)
        if done == plan["total"]:
            return True
        if not self.loop.until:
            return False
        counts = {
            "numberOfInstances": plan["total"],
            "numberOfActiveInstances": plan["next"] - done,
            "numberOfCompletedInstances": done,
            "numberOfTerminatedInstances": 0,
            "nrOfInstances": plan["total"],
            "nrOfActiveInstances": plan["next"] - done,
            "nrOfCompletedInstances": done,
        }
        if self.loop.output:
            counts[self.loop.output] = outputs
        performer = my_task.workflow.top_workflow.performer
        found = performer.evaluate(my_task, self.loop.until, ChainMap(counts, dict(seen)))
        if not (found is None or isinstance(found, bool)):
            raise failed(
                my_task,
                "its completion condition “{condition}” is neither true nor false",
                kind="expression",
                condition=self.loop.until,
            )
        return found is True

    def _once_more(self, my_task: Token, done: int) -> bool:
        plan = my_task.internal_data
        if plan["total"] is not None and done >= plan["total"]:
            return False
        performer = my_task.workflow.top_workflow.performer
        return self.loop.condition is None or performer.is_true(my_task, self.loop.condition)

    def _items(self, my_task: Token) -> list[Any]:
        performer = my_task.workflow.top_workflow.performer
        if self.loop.collection:
            items = performer.evaluate(my_task, self.loop.collection)
            if not isinstance(items, list):
                raise failed(
                    my_task,
                    "“{list}”, which is to be a list, is missing"
                    if items is None
                    else "“{list}”, which is to be a list, is none",
                    "Set the variable to a list before this step; an empty one is [].",
                    kind="list",
                    list=self.loop.collection,
                )
            count = len(items)
        else:
            items = []
            count = self._number(my_task, self.loop.cardinality)
        if count > LIMIT:
            raise failed(
                my_task,
                "it is to be done {count} times; at most {limit} are possible",
                kind="list",
                count=count,
                limit=LIMIT,
            )
        return list(items) if self.loop.collection else [None] * count

    def _maximum(self, my_task: Token) -> int | None:
        return self._number(my_task, self.loop.maximum) if self.loop.maximum else None

    def _number(self, my_task: Token, text: str) -> int:
        value = my_task.workflow.top_workflow.performer.evaluate(my_task, text)
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value < 0 or value % 1:
            raise failed(
                my_task,
                "“{number}”, how often it is to be done, is no whole number",
                kind="expression",
                number=text,
            )
        return int(value)

    @property
    def _named_output(self) -> str | None:
        """The variable that holds one result, where that is just a variable."""
        name = (self.loop.value or "").lstrip("= ")
        return name if name.isidentifier() else None

    def _give_outputs(self, my_task: Token) -> None:
        if self.loop.kind != "standard" and self.loop.output:
            my_task.workflow.data[self.loop.output] = my_task.internal_data["outputs"]

    def _cancel_instances(self, my_task: Token) -> None:
        for token in list(my_task.workflow.tasks.values()):
            mine = token.task_spec is self.each and token.internal_data.get("of") == my_task.id
            if mine and token._state & LIVE:
                token.cancel()

    def _on_cancel(self, my_task: Token) -> None:
        self._cancel_instances(my_task)

    def undone_within(self, my_task: Token, called: str | None) -> Any:
        """The specs of one instance."""
        return self.each.spec


class Instance(Embedded):
    """One instance: a scope that sees the variables around it, and keeps what it sets until it is done."""

    whole_spec: Any = None

    def inner(self, my_task: Token) -> Any:
        return self.spec

    def data_within(self, my_task: Token, own: dict[str, Any] | None) -> Any:
        outer = my_task.workflow.data
        return outer if self.whole_spec.loop.kind == "standard" else ChainMap(own or {}, outer)

    def whole(self, my_task: Token) -> Token:
        found: Token = my_task.workflow.tasks[my_task.internal_data["of"]]
        return found

    def scope_completed(self, my_task: Token, scope: Scope) -> None:
        self.whole_spec.instance_done(self.whole(my_task), my_task, scope)


def multiply(spec: Any, name: str) -> Any:
    """Put an activity into a scope of its own, and one that does it many times into its place.

    Returns the spec of the new scope.
    """
    once = spec.task_specs.pop(name)
    whole = Many(spec, name)
    whole._inputs, whole._outputs = once._inputs, once._outputs
    inner = BpmnProcessSpec(name + EACH)
    inner.task_specs[name] = once
    once._wf_spec, once._inputs, once._outputs = inner, [], []
    inner.start.connect(once)
    # No step may come between its end and the question whether there were enough.
    once.ends_scope = True
    whole.each = Instance(spec, name + EACH, subworkflow_spec=inner)
    whole.each.whole_spec = whole
    return inner
