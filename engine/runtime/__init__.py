"""Runs cases: start, step, wake; with engine.state and engine.spiff alone in touching workflow objects."""

from engine.runtime.case import Run, open_run, set_aside
from engine.runtime.engine import Engine
from engine.runtime.flow import advance, broadcast, deliver, send, start, store, take_earlier
from engine.runtime.model import Model
from engine.runtime.save import CaseRef
from engine.runtime.starts import plan_starts, start_due
from engine.runtime.view import CaseView, case_view, find_case

__all__ = [
    "CaseRef",
    "CaseView",
    "Engine",
    "Model",
    "Run",
    "advance",
    "broadcast",
    "case_view",
    "deliver",
    "find_case",
    "open_run",
    "plan_starts",
    "send",
    "set_aside",
    "start",
    "start_due",
    "store",
    "take_earlier",
]
