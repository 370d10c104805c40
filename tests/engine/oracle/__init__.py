"""The oracle: a token interpreter written from the text of BPMN 2.0.2, to judge the engine by.

It shares nothing with the engine, with the check of drawings or with any simulation, and imports none
of them (tests/house/test_oracle_alone.py). What is drawn is in `diagram`, what is alive in `case`,
what a token may do in `moves`, `joins`, `routes` and `events`, every order of it in `oracle`;
`generator` and its neighbours draw at random, `render` writes a drawing as BPMN.

Where the standard leaves an order open (which of two tokens moves first), every outcome that it
permits is kept, and the engine must show one of them.
"""

from tests.engine.oracle.choices import Choices, Drawn, Replayed, shortened
from tests.engine.oracle.diagram import Diagram
from tests.engine.oracle.oracle import Oracle, Shown, TooWide

__all__ = ["Choices", "Diagram", "Drawn", "Oracle", "Replayed", "Shown", "TooWide", "shortened"]
