"""The meaning: what our diagrams do, behind drawings of the same name in bpmn/."""

from engine.catalog import Catalog, Process
from processes import intake, offer, qualification, support
from processes.common import SHARED, address, search
from processes.records.entities import ENTITIES
from processes.records.titles import titles

ALL: tuple[Process, ...] = (intake.process, qualification.process, offer.process, support.process)
"""Every process that has Python behind it, in the order a lead meets them."""


def catalog() -> Catalog:
    """What these processes bring to the engine; the door hands it over."""
    return Catalog(ALL, SHARED, ENTITIES, titles=titles, search=search, addresses=address)
