"""Reads files of decisions (DMN), and checks their tables."""

from engine.feel.dmn.check import check_decisions
from engine.feel.dmn.model import Model, read_decisions, read_model

__all__ = ["Model", "check_decisions", "read_decisions", "read_model"]
