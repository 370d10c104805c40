"""Drawn data is documentation: every step sees the data of the case."""

from __future__ import annotations

from engine.diagrams.elements import NODES
from engine.diagrams.normal.sheet import Sheet
from engine.xml import BPMN, local, namespace

_TIED = frozenset({"ioSpecification", "dataInputAssociation", "dataOutputAssociation", "property"})
_SETS = frozenset({"dataInput", "dataOutput", "inputSet", "outputSet"})

_DECLARED = frozenset({"dataInput", "dataOutput", "property"})


def data(sheet: Sheet) -> None:
    for process in sheet.processes:
        for node in [process, *(one for one in process.iter(f"{{{BPMN}}}*") if local(one.tag) in NODES)]:
            tied = [one for one in node if namespace(one.tag) == BPMN and local(one.tag) in _TIED | _SETS]
            for one in tied:
                node.remove(one)
            if any(local(one.tag).endswith("Association") for one in tied):
                sheet.report("data_documentation", node)
            elif any(local(part.tag) in _DECLARED for one in tied for part in one.iter(f"{{{BPMN}}}*")):
                sheet.report("data_declared", node)
