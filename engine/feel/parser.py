"""Reads FEEL, and the Python-looking spelling that people write in its place (`==`, `True`, `x["key"]`)."""

from __future__ import annotations

from typing import Final

from engine.feel import tree
from engine.feel.cells import ADDITION, AND, COMPARISON, COMPARISONS, MULTIPLICATION, OR, POWER, UNARY, Cells
from engine.feel.reader import negated
from engine.feel.temporal import read_any
from engine.feel.tree import Node
from engine.findings import Phrase

_SUMS: Final[dict[str, tuple[tree.Sum, int]]] = {
    "+": ("+", ADDITION), "-": ("-", ADDITION),
    "*": ("*", MULTIPLICATION), "/": ("/", MULTIPLICATION), "%": ("%", MULTIPLICATION),
    "**": ("**", POWER),
}  # fmt: skip
_CONSTANTS: Final[dict[str, bool | None]] = {
    "true": True, "false": False, "null": None, "True": True, "False": False, "None": None,
}  # fmt: skip


class Parser(Cells):
    """One FEEL text, which is an expression or the tests of a decision table's cell."""

    def whole(self) -> Node:
        """The text as one expression."""
        node = self.expression()
        self.finish()
        return node

    def expression(self, floor: int = OR) -> Node:
        self.enter()
        node = self.rest(self.prefix(), floor)
        self.leave()
        return node

    def inside(self) -> Node:
        ending, self.ending = self.ending, False
        node = self.expression()
        self.ending = ending
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
            elif word in COMPARISONS and floor <= COMPARISON:
                self.take()
                left = tree.Compare(COMPARISONS[word], left, self.expression(ADDITION), token.start)
                self.no_chain()
            elif word in ("between", "in") and floor <= COMPARISON:
                self.take()
                left = (self.between if word == "between" else self.contained)(left, token.start)
                self.no_chain()
            elif word == "instance" and self.peek().text == "of" and floor <= COMPARISON:
                self.index += 2
                left = tree.InstanceOf(left, self.type(), token.start)
            elif word == "and" and floor <= AND:
                left = tree.And(self.joined("and", left, COMPARISON), token.start)
            elif word == "or" and floor <= OR:
                left = tree.Or(self.joined("or", left, AND), token.start)
            else:
                return left

    def joined(self, word: str, first: Node, floor: int) -> tuple[Node, ...]:
        """`a and b and c` side by side rather than inside one another, so that length costs no depth."""
        items = [first]
        while self.taken(word):
            items.append(self.expression(floor))
        return tuple(items)

    def no_chain(self) -> None:
        if self.at(*COMPARISONS, "between", "in"):
            raise self.error(
                Phrase("Two comparisons cannot follow one another"),
                hint="Join them with and (1 < x and x < 5), or write x in (1..5).",
            )

    def prefix(self) -> Node:
        token = self.token
        if token.kind in ("number", "string"):
            self.take()
            return self.postfix(tree.Constant(token.value, token.start))
        if token.kind == "name":
            return self.word()
        if self.taken("-"):
            return negated(self.expression(UNARY), token.start)
        if token.kind == "symbol" and token.text in ("(", "[", "]"):
            return self.bracket()
        if self.taken("{"):
            return self.postfix(self.entries(token.start))
        if self.taken("@"):
            return self.postfix(self.literal())
        if self.at("?") and self.testing:
            self.take()
            self.asked = True
            return self.postfix(tree.Input(token.start))
        raise self.unexpected()

    def bracket(self) -> Node:
        """A range, a list, or an expression in brackets."""
        if self.starts_range():
            return self.postfix(self.range())
        if self.at("(") and self.peek().kind == "symbol" and self.peek().text in COMPARISONS:
            return self.postfix(self.one_sided())
        token = self.token
        if self.taken("("):
            inner = self.inside()
            self.expect(")", "after what stands in brackets")
            return self.postfix(inner)
        if self.taken("["):
            return self.postfix(tree.ListOf(self.listed(), token.start))
        raise self.unexpected()

    def word(self) -> Node:
        """A name, the call of a function, or what a keyword starts."""
        token = self.token
        name = self.name()
        if name in _CONSTANTS:
            return self.postfix(tree.Constant(_CONSTANTS[name], token.start))
        if name and self.at("(") and name not in self.bound:
            self.take()
            values, names = self.arguments(name)
            return self.postfix(tree.Call(name, values, token.start, names))
        if name:
            return self.postfix(tree.Name(name, token.start))
        self.take()
        match token.text:
            case "if":
                return self.condition(token.start)
            case "for":
                return self.loop(token.start)
            case "some" | "every":
                return self.quantified(token.text == "every", token.start)
            case "function":
                return self.function(token.start)
            case "not":
                return self.negation(token.start)
        self.index -= 1
        raise self.unexpected()

    def negation(self, at: int) -> Node:
        """`not(x)`, and `not x` as people write it who know Python."""
        if not self.taken("("):
            return tree.Not(self.expression(COMPARISON), at)
        if self.at("negand") and self.peek().text == ":":
            self.index += 2
        operand = self.inside()
        self.expect(")", "after not(")
        return self.postfix(tree.Not(operand, at))

    def listed(self) -> tuple[Node, ...]:
        """The items of a list up to its closing bracket."""
        items: list[Node] = []
        while not self.taken("]"):
            if items:
                self.expect(",", "between the items of the list")
            items.append(self.inside())
        return tuple(items)

    def postfix(self, base: Node) -> Node:
        while True:
            token = self.token
            if token.kind != "symbol":
                return base
            if token.text == "." and self.peek().kind == "name":
                self.take()
                base = tree.Path(base, self.entry(), token.start)
                if self.at("(") and self.vocabulary.of_case and self.of_case(base):
                    raise self.error(
                        Phrase("Methods of objects cannot be called"),
                        hint='Use a function: contains(name, "x").',
                    )
            elif token.text == "[" and not self.closes_range():
                self.take()
                index = self.filter()
                self.expect("]", "after the index")
                base = tree.Index(base, index, token.start)
            elif token.text == "(":
                self.take()
                values, names = self.arguments("the function")
                base = tree.Invoke(base, values, token.start, names)
            else:
                return base

    def filter(self) -> Node:
        """What stands in `list[…]`, where the entries of the list's items can be named."""
        mark = len(self.bound)
        self.bound += ["item", *(key for key in self.keys if " " in key)]
        node = self.inside()
        del self.bound[mark:]
        return node

    def of_case(self, node: Node) -> bool:
        """Whether a path starts at a variable of the case, and so cannot lead to a function."""
        while isinstance(node, tree.Path):
            node = node.base
        return isinstance(node, tree.Name) and node.name not in self.bound

    def literal(self) -> Node:
        """`@"2026-01-31"`: a date, a time, an instant or a duration by the look of its text."""
        token = self.take()
        value = read_any(str(token.value)) if token.kind == "string" else None
        if value is None:
            raise self.error(Phrase("After @ a date, a time or a duration stands in quotes"), token=token)
        return tree.Constant(value, token.start - 1)

    def condition(self, at: int) -> Node:
        condition = self.inside()
        self.expect("then", "after the condition of if")
        then = self.inside()
        self.expect("else", "after the first way of if")
        return tree.If(condition, then, self.expression(), at)

    def between(self, value: Node, at: int) -> Node:
        low = self.expression(ADDITION)
        self.expect("and", "between the two ends of between")
        return tree.Between(value, low, self.expression(ADDITION), at)
