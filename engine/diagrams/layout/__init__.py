"""Gives drawings without coordinates a picture: steps in columns and rows, arrows in the channels between.

The libraries for this (bpmn-auto-layout and its port to Python) know neither pools nor lanes, put
sub-processes on sheets of their own and lead arrows across steps; hence our own.

A process is a grid: an arrow leads from one column to a later one, unless it closes a loop; what a step
leads to by its longest way stays in its row. Arrows run straight where the cells between are empty, else
through the channels between columns and rows, each on a track of its own.
"""

from engine.diagrams.layout.sheet import has_picture, lay_out

__all__ = ["has_picture", "lay_out"]
