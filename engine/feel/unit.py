"""What the functions share that compile a tree: the text it was read from, and the way to its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.feel.frame import Frame
from engine.feel.limits import Place
from engine.feel.tree import Node

Run = Callable[[Frame], object]
Compiler = Callable[[Any, "Unit"], Run]


@dataclass(frozen=True, slots=True)
class Unit:
    """One expression while it is compiled."""

    text: str
    compilers: Mapping[type[Node], Compiler]
    local: bool = False
    """Whether names are bound around the part that is being compiled, by a loop or a function."""

    def compile(self, node: Node) -> Run:
        return self.compilers[type(node)](node, self)

    def place(self, node: Node) -> Place:
        return Place(self.text, node.at)

    def inner(self) -> Unit:
        """The unit for a part in which further names are bound."""
        return self if self.local else replace(self, local=True)


def size(node: Node) -> tuple[int, int]:
    """How many nodes a part has, and how deep it is; for trees that `tree.walk` found shallow enough."""
    sizes = [size(child) for child in node.children()]
    return 1 + sum(count for count, _ in sizes), 1 + max((depth for _, depth in sizes), default=0)
