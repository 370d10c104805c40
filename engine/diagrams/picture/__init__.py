"""A drawing as an SVG picture, for documents and for mails: it needs no browser and no foreign library.

What was found on PyPI draws with matplotlib or drives a browser, and none of it is kept up; hence our own,
in the manner of bpmn.io, so that both look alike.
"""

from engine.diagrams.picture.draw import draw

__all__ = ["draw"]
