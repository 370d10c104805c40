"""Reads tests: what follows `in`, the cells of a decision table, and ranges."""

from __future__ import annotations

from typing import Final

from engine.feel import tree
from engine.feel.blocks import Blocks
from engine.feel.names import Vocabulary
from engine.feel.tree import Node
from engine.findings import Phrase

# How tightly each sign binds. A unary minus binds tighter than **, as the standard has it: -5 ** 2 is 25.
OR, AND, COMPARISON, ADDITION, MULTIPLICATION, POWER, UNARY = range(1, 8)

COMPARISONS: Final[dict[str, tree.Ordering]] = {
    "=": "=", "==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip
_AFTER_RANGE = frozenset({
    ",", ")", "]", "}", ".", "=", "!=", "<", "<=", ">", ">=", "+", "*", "/", "and", "or", "in", "between",
    "then", "else", "return", "satisfies",
})  # fmt: skip
_LOOPS = frozenset({"for", "some", "every"})


class Cells(Blocks):
    """The part of the reader for tests."""

    def __init__(self, text: str, start: int, end: int, vocabulary: Vocabulary) -> None:
        super().__init__(text, start, end, vocabulary)
        self.testing = False  # `?` has a meaning here
        self.asked = False  # the test read at the moment mentions `?`
        self.ending = False  # in the upper end of a range, where `[` may close it

    def rest(self, left: Node, floor: int) -> Node:
        """What follows a value and binds at least as tightly as `floor`."""
        raise NotImplementedError

    def postfix(self, base: Node) -> Node:
        """Dots, brackets and calls behind a value."""
        raise NotImplementedError

    def cell(self) -> Node:
        """The text as tests: `-`, nothing, `"gold", "silver"`, `> 50`, `[1..5]`, `not("gold")`."""
        self.testing = True
        at = self.token.start
        if self.token.kind == "end" or (self.at("-") and self.peek().kind == "end"):
            return tree.AnyOf((), at)
        if self.at("not") and self.peek().text == "(":
            node = self.denied(at)
        else:
            node = tree.AnyOf(self.tests(), at)
        self.finish()
        return node

    def contained(self, value: Node, at: int) -> Node:
        """The right side of `in`: one test, or several in round brackets."""
        self.enter()
        outer, self.testing = (self.testing, self.asked), True
        if self.at("(") and not self.starts_range():
            self.take()
            tests = self.tests()
            self.expect(")", "after the tests of in")
            # `x in (a) + b`: the bracket belonged to a value and goes on.
            operand = tests[0].operand if isinstance(tests[0], tree.Matches) else None
            if operand is not None and len(tests) == 1:
                operand = self.rest(self.postfix(operand), ADDITION)
                tests = (tree.Matches(operand, operand.at),)
        else:
            tests = (self.test(ADDITION),)
        self.testing, self.asked = outer
        self.leave()
        return tree.In(value, tree.AnyOf(tests, at), at)

    def tests(self) -> tuple[Node, ...]:
        found = [self.test()]
        while self.taken(","):
            found.append(self.test())
        return tuple(found)

    def test(self, floor: int = OR) -> Node:
        """`> 50`, `[1..5]`, a value to be equal to, or an expression about `?`."""
        token = self.token
        if token.kind == "symbol" and token.text in COMPARISONS:
            self.take()
            operand = self.expression(ADDITION)
            return tree.Compare(COMPARISONS[token.text], tree.Input(token.start), operand, token.start)
        ending, asked = self.ending, self.asked
        self.ending = self.asked = False
        node = self.expression(floor)
        if not self.asked:
            node = tree.Matches(node, token.start)
        self.ending, self.asked = ending, asked or self.asked
        return node

    def denied(self, at: int) -> Node:
        """`not("gold", "silver")` as a cell, or an expression that only starts with `not(…)`."""
        self.index += 2
        tests = self.tests()
        self.expect(")", "after not(")
        if self.token.kind == "end" or len(tests) > 1:
            return tree.NoneOf(tests, at)
        first = tests[0].operand if isinstance(tests[0], tree.Matches) else tests[0]
        node = self.rest(self.postfix(tree.Not(first, at)), OR)
        node = node if self.asked else tree.Matches(node, at)
        return tree.AnyOf((node, *(self.tests() if self.taken(",") else ())), at)

    # -- ranges ----------------------------------------------------------------------------------

    def starts_range(self) -> bool:
        """Whether `..` comes before the bracket that opens here closes; looks ahead, reads nothing."""
        if not self.at("[", "(", "]"):
            return False
        depth = 0
        for position in range(self.index + 1, len(self.tokens)):
            token = self.tokens[position]
            if token.kind == "name" and token.text in _LOOPS and depth == 0:
                return False
            if token.kind != "symbol":
                continue
            if token.text == ".." and depth == 0:
                return True
            if token.text in ("(", "[", "{"):
                depth += 1
            elif token.text in (")", "]", "}"):
                depth -= 1
            if depth < 0 or (depth == 0 and token.text == ","):
                return False
        return False

    def range(self) -> tree.Range:
        opening = self.take()
        low = self.inside()
        self.expect("..", "in the range")
        ending, self.ending = self.ending, True
        high = self.expression(ADDITION)
        self.ending = ending
        if not self.at("]", ")", "["):
            raise self.error(
                Phrase("The range is not closed"), hint="Write [1..5] with both ends, (1..5) without."
            )
        closing = self.take()
        return tree.Range(low, high, opening.text == "[", closing.text == "]", opening.start)

    def closes_range(self) -> bool:
        """Whether the `[` that comes next is the end of `]1..5[`, because no index follows it."""
        following = self.peek()
        return self.ending and (following.kind == "end" or following.text in _AFTER_RANGE)

    def one_sided(self) -> tree.OneSided:
        """`(< 10)` as a value."""
        at = self.take().start
        side = COMPARISONS[self.take().text]
        end = self.expression(ADDITION)
        self.expect(")", "after the end of the range")
        return tree.OneSided(side, end, at)
