"""Reads drawn processes and says, before anything runs, what in them cannot be run and why."""

from engine.diagrams.changes import Change, changes
from engine.diagrams.check import Context, check
from engine.diagrams.elements import Drawing, Element, Flow, read

__all__ = ["Change", "Context", "Drawing", "Element", "Flow", "changes", "check", "read"]
