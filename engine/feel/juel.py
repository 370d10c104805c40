"""Reads what stands in `${…}` and `#{…}`: Camunda 7's JUEL without method calls, onto the same tree."""

from __future__ import annotations

from typing import Final

from engine.feel import tree
from engine.feel.reader import Reader, negated
from engine.feel.tree import Constant, Node
from engine.findings import Phrase

# How tightly each sign binds, as in the language's own table.
TERNARY, OR, AND, EQUALITY, RELATION, ADDITION, MULTIPLICATION, UNARY = range(8)

_COMPARISONS: Final[dict[str, tuple[tree.Ordering, int]]] = {
    "==": ("=", EQUALITY), "eq": ("=", EQUALITY), "!=": ("!=", EQUALITY), "ne": ("!=", EQUALITY),
    "<": ("<", RELATION), "lt": ("<", RELATION), "<=": ("<=", RELATION), "le": ("<=", RELATION),
    ">": (">", RELATION), "gt": (">", RELATION), ">=": (">=", RELATION), "ge": (">=", RELATION),
    "=": ("=", EQUALITY),
}  # fmt: skip
_SUMS: Final[dict[str, tuple[tree.Sum, int]]] = {
    "+": ("+", ADDITION), "-": ("-", ADDITION),
    "*": ("*", MULTIPLICATION), "/": ("/", MULTIPLICATION), "div": ("/", MULTIPLICATION),
    "%": ("%", MULTIPLICATION), "mod": ("%", MULTIPLICATION),
}  # fmt: skip
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_RESERVED = frozenset({
    "and", "or", "not", "eq", "ne", "lt", "gt", "le", "ge", "div", "mod", "empty", "instanceof",
})  # fmt: skip


class JuelParser(Reader):
    """The inside of one pair of braces."""

    def whole(self) -> Node:
        node = self.expression()
        self.finish()
        return node

    def expression(self, floor: int = TERNARY) -> Node:
        self.enter()
        node = self.rest(self.prefix(), floor)
        self.leave()
        return node

    def rest(self, left: Node, floor: int) -> Node:
        while True:
            token = self.token
            word = token.text
            if token.kind not in ("symbol", "name"):
                return left
            if word in _SUMS and floor <= _SUMS[word][1]:
                self.take()
                sign, level = _SUMS[word]
                left = tree.Arithmetic(sign, left, self.expression(level + 1), token.start)
            elif word in _COMPARISONS and floor <= _COMPARISONS[word][1]:
                self.take()
                order, level = _COMPARISONS[word]
                left = tree.Compare(order, left, self.expression(level + 1), token.start)
            elif word in ("&&", "and") and floor <= AND:
                left = tree.And(self.joined(("&&", "and"), left, EQUALITY), token.start)
            elif word in ("||", "or") and floor <= OR:
                left = tree.Or(self.joined(("||", "or"), left, AND), token.start)
            elif word == "?" and floor <= TERNARY:
                self.take()
                then = self.expression()
                self.expect(":", "between the two ways of ?")
                left = tree.If(left, then, self.expression(), token.start)
            else:
                return left

    def joined(self, words: tuple[str, str], first: Node, floor: int) -> tuple[Node, ...]:
        items = [first]
        while self.taken(*words):
            items.append(self.expression(floor))
        return tuple(items)

    def prefix(self) -> Node:
        token = self.token
        if token.kind in ("number", "string"):
            self.take()
            return self.postfix(Constant(token.value, token.start))
        if self.taken("!", "not"):
            # JUEL takes null for false, so `!null` is true; FEEL's not(null) would be null.
            return tree.If(
                self.expression(UNARY), Constant(False, token.start), Constant(True, token.start), token.start
            )
        if self.taken("empty"):
            return tree.Call("is empty", (self.expression(UNARY),), token.start)
        if self.taken("-"):
            return negated(self.expression(UNARY), token.start)
        if self.taken("("):
            inner = self.expression()
            self.expect(")", "after what stands in brackets")
            return self.postfix(inner)
        if token.kind == "name" and token.text not in _RESERVED:
            return self.postfix(self.word())
        raise self.unexpected()

    def word(self) -> Node:
        token = self.take()
        if token.text in _CONSTANTS:
            return Constant(_CONSTANTS[token.text], token.start)
        if not self.taken("("):
            return tree.Name(token.text, token.start)
        arguments: list[Node] = []
        while not self.taken(")"):
            if arguments:
                self.expect(",", "between what {what} is given", what=token.text)
            arguments.append(self.expression())
        return tree.Call(token.text, tuple(arguments), token.start)

    def postfix(self, base: Node) -> Node:
        while True:
            token = self.token
            if self.at(".") and self.peek().kind == "name":
                self.take()
                base = tree.Path(base, self.take().text, token.start)
                if self.at("("):
                    raise self.error(
                        Phrase("Methods of objects cannot be called"),
                        hint="Put the value into a variable, or let a service do it.",
                    )
            elif self.taken("["):
                base = self.index_of(base)
            else:
                return base

    def index_of(self, base: Node) -> Node:
        """`x["key"]`, or `x[0]` for the first item, which the tree counts from 1."""
        token = self.take()
        self.expect("]", "after the index")
        if token.kind == "string":
            return tree.Index(base, Constant(token.value, token.start), token.start)
        if token.kind == "number" and isinstance(token.value, int):
            return tree.Index(base, Constant(token.value + 1, token.start), token.start)
        raise self.error(Phrase("Only a number or a quoted name can stand in […]"), token=token)
