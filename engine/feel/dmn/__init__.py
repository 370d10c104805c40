"""Reads files of decisions (DMN) and checks their tables."""

from engine.feel.dmn.model import Model, read_decisions, read_model

__all__ = ["Model", "read_decisions", "read_model"]
