"""The lead case: committed after every step in Percorso, against stock SpiffWorkflow in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from benchmarks.house import FIELDS, HERE, NOW, House
from engine import inbox
from engine.runtime import start

LEAD = {
    "lead_id": 7,
    "company_id": 3,
    "contact_id": 11,
    "budget": 12000,
    "source": "paid_search",
    "channel": "web",
    "sla_class": "A",
    "attempt": 1,
}
ROLES = {
    "check_data": "sales_office",
    "first_call": "sales_rep",
    "prepare_offer": "sales_rep",
    "approve": "sales_manager",
}


def percorso(house: House, cases: int) -> Callable[[], int]:
    """Start, then list, claim and complete each of the four tasks; a transaction for each step."""
    engine, person = house.engine, house.person

    def work() -> int:
        for _ in range(cases):
            with engine.transaction(NOW) as tx:
                ref = start(engine, tx, "lead_case", LEAD)
            for element, role in ROLES.items():
                with engine.transaction(NOW, write=False) as tx:
                    listed = inbox.tasks(tx, roles=[role], person_id=person.id)
                task = next(task for task in listed if task.case_id == ref.case_id)
                with engine.transaction(NOW) as tx:
                    inbox.claim(engine, tx, task.id, person)
                with engine.transaction(NOW) as tx:
                    ref = inbox.complete(engine, tx, task.id, FIELDS[element], person)
            if ref.status != "completed":
                raise RuntimeError(f"the lead case ended as {ref.status}")
        return cases

    return work


def stock(cases: int) -> Callable[[], int]:
    """The same drawing on SpiffWorkflow as it comes: in memory, nothing saved, nobody asked."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring((HERE / "lead_case.bpmn").read_bytes()), "lead_case.bpmn")
    spec = parser.get_spec("lead_case")
    inner = parser.get_subprocess_specs("lead_case")

    def work() -> int:
        for _ in range(cases):
            workflow: Any = BpmnWorkflow(spec, inner)
            workflow.task_tree.data.update(LEAD)
            workflow.do_engine_steps()
            for element, answers in FIELDS.items():
                ready = workflow.get_tasks(state=TaskState.READY, manual=True)
                task = next(task for task in ready if task.task_spec.name == element)
                task.data.update(answers)
                task.run()
                workflow.do_engine_steps()
            if not workflow.is_completed():
                raise RuntimeError("the lead case did not end")
        return cases

    return work
