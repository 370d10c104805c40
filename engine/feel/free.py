"""Which names and functions a tree takes from outside, and which it binds itself."""

from __future__ import annotations

from collections.abc import Iterator

from engine.feel import tree
from engine.feel.tree import Node


def free_names(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """The variables that a tree reads; in a filter also those that may be entries of the list's items."""
    match node:
        case tree.Name(name):
            if name not in bound:
                yield name
        case tree.Function(parameters, body):
            yield from free_names(body, bound.union(name for name, _ in parameters))
        case tree.For(sources, body) | tree.Quantified(_, sources, body):
            for source in sources:
                yield from _all(source.children(), bound)
                bound |= {source.name}
            yield from free_names(body, bound | {"partial"} if isinstance(node, tree.For) else bound)
        case tree.Entries(names, values):
            for name, value in zip(names, values, strict=True):
                yield from free_names(value, bound)
                bound |= {name}
        case tree.Index(base, index):
            yield from free_names(base, bound)
            yield from free_names(index, bound | {"item"})
        case _:
            yield from _all(node.children(), bound)


def _all(nodes: tuple[Node, ...], bound: frozenset[str]) -> Iterator[str]:
    for node in nodes:
        yield from free_names(node, bound)
