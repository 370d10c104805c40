"""Reads drawn processes and says, before anything runs, what in them cannot be run and why."""

from engine.diagrams.check import Context, check
from engine.diagrams.dialects import is_computed
from engine.diagrams.elements import Drawing, Element, Flow, read

__all__ = ["Context", "Drawing", "Element", "Flow", "check", "is_computed", "read"]
