"""Makes a copy of a drawing explicit, so that what people leave to the reader can be run."""

from engine.diagrams.normal.normalise import Normalised, normalise

__all__ = ["Normalised", "normalise"]
