"""SpiffWorkflow as Percorso needs it: our subclasses of its tree, steps, joins, events, parser."""

from engine.spiff.parser import carried, compile_specs
from engine.spiff.steps import Performer
from engine.spiff.tokens import CANCELLED, COMPLETED, READY, STARTED, WAITING, CaseWorkflow, Scope, Token

__all__ = [
    "CANCELLED",
    "COMPLETED",
    "READY",
    "STARTED",
    "WAITING",
    "CaseWorkflow",
    "Performer",
    "Scope",
    "Token",
    "carried",
    "compile_specs",
]
