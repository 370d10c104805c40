"""Reads drawn processes and says, before anything runs, what in them cannot be run and why."""

from engine.diagrams.changes import Change, changes
from engine.diagrams.check import Context, check
from engine.diagrams.choices import Choice, Choices
from engine.diagrams.dialects import is_computed
from engine.diagrams.elements import Drawing, Element, Flow, read
from engine.diagrams.losses import lost, with_processes
from engine.diagrams.normal import Normalised, normalise
from engine.diagrams.recognise import Recognised, recognise
from engine.diagrams.schema import against_schema
from engine.diagrams.sentences import found
from engine.diagrams.style import style

__all__ = [
    "Change",
    "Choice",
    "Choices",
    "Context",
    "Drawing",
    "Element",
    "Flow",
    "Normalised",
    "Recognised",
    "against_schema",
    "changes",
    "check",
    "found",
    "is_computed",
    "lost",
    "normalise",
    "read",
    "recognise",
    "style",
    "with_processes",
]
