"""Expressions and decision tables: read, checked and evaluated, so that no diagram runs Python."""

from engine.feel.decisions import Decision, Outcome
from engine.feel.dmn import check_decisions, read_decisions
from engine.feel.expression import Expression, compile_expression
from engine.feel.frame import Scope

__all__ = [
    "Decision",
    "Expression",
    "Outcome",
    "Scope",
    "check_decisions",
    "compile_expression",
    "read_decisions",
]
