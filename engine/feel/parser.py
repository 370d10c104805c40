"""Reads FEEL, and the Python-looking spelling that people write in its place (`==`, `True`, `x["key"]`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from engine.feel import tree
from engine.feel.reader import Reader, negated
from engine.feel.temporal import read_any
from engine.feel.tree import Node

# How tightly each sign binds. A unary minus binds tighter than **, as the standard has it: -5 ** 2 is 25.
OR, AND, COMPARISON, ADDITION, MULTIPLICATION, POWER, UNARY = range(1, 8)

_COMPARISONS: Final[dict[str, tree.Ordering]] = {
    "=": "=", "==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip
_SUMS: Final[dict[str, tuple[tree.Sum, int]]] = {
    "+": ("+", ADDITION), "-": ("-", ADDITION),
    "*": ("*", MULTIPLICATION), "/": ("/", MULTIPLICATION), "%": ("%", MULTIPLICATION),
    "**": ("**", POWER),
}  # fmt: skip
_CONSTANTS: Final[dict[str, bool | None]] = {
    "true": True, "false": False, "null": None, "True": True, "False": False, "None": None,
}  # fmt: skip
_RESERVED = frozenset({
    "and", "between", "else", "every", "for", "function", "if", "in", "not", "or", "return", "satisfies",
    "some", "then",
})  # fmt: skip
_AFTER_RANGE = frozenset({",", ")", "]", "}", "and", "or", "then", "else"})


@dataclass(frozen=True)
class Vocabulary:
    """The names of several words, without which `date and time(x)` cannot be told from `date and x`."""

    functions: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    longest: int = field(init=False)

    def __post_init__(self) -> None:
        words = [name.count(" ") + 1 for name in self.functions | self.names]
        object.__setattr__(self, "longest", max(words, default=1))


class Parser(Reader):
    """One FEEL text, which is an expression or the tests of a decision table's cell."""

    def __init__(self, text: str, start: int, end: int, vocabulary: Vocabulary) -> None:
        super().__init__(text, start, end)
        self.vocabulary = vocabulary
        self.testing = False  # `?` has a meaning here
        self.asked = False  # the test read at the moment mentions `?`
        self.ending = False  # in the upper end of a range, where `[` may close it

    def whole(self) -> Node:
        """The text as one expression."""
        node = self.expression()
        self.finish()
        return node

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

    # -- expressions -----------------------------------------------------------------------------

    def expression(self, floor: int = OR) -> Node:
        """Everything from here on that binds at least as tightly as `floor`."""
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
            elif word in _COMPARISONS and floor <= COMPARISON:
                self.take()
                left = tree.Compare(_COMPARISONS[word], left, self.expression(ADDITION), token.start)
                self.no_chain()
            elif word in ("between", "in") and floor <= COMPARISON:
                self.take()
                left = (self.between if word == "between" else self.contained)(left, token.start)
                self.no_chain()
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
        if self.at(*_COMPARISONS, "between", "in"):
            raise self.error(
                "Two comparisons cannot follow one another",
                hint="Join them with and (1 < x and x < 5), or write x in (1..5).",
            )

    def inside(self) -> Node:
        """A whole expression between brackets, commas or keywords."""
        ending, self.ending = self.ending, False
        node = self.expression()
        self.ending = ending
        return node

    def prefix(self) -> Node:
        token = self.token
        if token.kind in ("number", "string"):
            self.take()
            return self.postfix(tree.Constant(token.value, token.start))
        if token.kind == "name":
            return self.word()
        if self.taken("-"):
            return negated(self.expression(UNARY), token.start)
        if self.taken("("):
            inner = self.inside()
            self.no_range()
            self.expect(")", "after what stands in brackets")
            return self.postfix(inner)
        if self.taken("["):
            return self.postfix(tree.ListOf(self.listed("]", "the items of the list"), token.start))
        if self.taken("@"):
            return self.postfix(self.literal())
        if self.at("?") and self.testing:
            self.take()
            self.asked = True
            return self.postfix(tree.Input(token.start))
        raise self.unexpected()

    def word(self) -> Node:
        """A name, the call of a function, or what a keyword starts."""
        token = self.token
        name = self.name()
        if name in _CONSTANTS:
            return self.postfix(tree.Constant(_CONSTANTS[name], token.start))
        if name and self.taken("("):
            return self.postfix(tree.Call(name, self.listed(")", f"what {name} is given"), token.start))
        if name:
            return self.postfix(tree.Name(name, token.start))
        if self.taken("if"):
            return self.condition(token.start)
        if self.taken("not"):
            if not self.taken("("):
                return tree.Not(self.expression(COMPARISON), token.start)
            operand = self.inside()
            self.expect(")", "after not(")
            return self.postfix(tree.Not(operand, token.start))
        raise self.unexpected()

    def name(self) -> str | None:
        """A name, of several words where the vocabulary knows it; None in front of a keyword."""
        words = [self.token.text]
        best = 0 if words[0] in _RESERVED else 1
        for distance in range(1, self.vocabulary.longest):
            token = self.peek(distance)
            if token.kind != "name":
                break
            words.append(token.text)
            joined = " ".join(words)
            called = joined in self.vocabulary.functions and self.peek(distance + 1).text == "("
            if called or joined in self.vocabulary.names:
                best = distance + 1
        self.index += best
        return " ".join(words[:best]) or None

    def listed(self, end: str, what: str) -> tuple[Node, ...]:
        """Expressions between commas up to the closing bracket."""
        items: list[Node] = []
        while not self.taken(end):
            if items:
                self.expect(",", f"between {what}")
            items.append(self.inside())
            self.no_range()
        return tuple(items)

    def no_range(self) -> None:
        if self.at(".."):
            raise self.error("A range stands only after in or in a cell", hint="Write x in [1..5].")

    def postfix(self, base: Node) -> Node:
        while True:
            token = self.token
            if token.kind == "symbol" and token.text == "." and self.peek().kind == "name":
                self.take()
                base = tree.Path(base, self.take().text, token.start)
                if self.at("("):
                    raise self.error(
                        "Methods of objects cannot be called", hint='Use a function: contains(name, "x").'
                    )
            elif token.kind == "symbol" and token.text == "[" and not self.closes_range():
                self.take()
                index = self.inside()
                self.expect("]", "after the index")
                base = tree.Index(base, index, token.start)
            else:
                return base

    def closes_range(self) -> bool:
        """Whether the `[` that comes next is the end of `]1..5[`, because no index follows it."""
        following = self.peek()
        return self.ending and (following.kind == "end" or following.text in _AFTER_RANGE)

    def literal(self) -> Node:
        """`@"2026-01-31"`: a date, a time, an instant or a duration by the look of its text."""
        token = self.take()
        value = read_any(str(token.value)) if token.kind == "string" else None
        if value is None:
            raise self.error("After @ a date, a time or a duration stands in quotes", token=token)
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

    # -- tests: what follows `in`, and the cells of a decision table ------------------------------

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
        if self.starts_range():
            range_ = self.range()
            return tree.Matches(range_, token.start)
        if token.kind == "symbol" and token.text in _COMPARISONS:
            self.take()
            operand = self.expression(ADDITION)
            return tree.Compare(_COMPARISONS[token.text], tree.Input(token.start), operand, token.start)
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

    def starts_range(self) -> bool:
        """Whether `..` comes before the bracket that opens here closes; looks ahead, reads nothing."""
        if not self.at("[", "(", "]"):
            return False
        depth = 0
        for position in range(self.index + 1, len(self.tokens)):
            token = self.tokens[position]
            if token.kind != "symbol":
                continue
            if token.text == ".." and depth == 0:
                return True
            if token.text in ("(", "["):
                depth += 1
            elif token.text in (")", "]"):
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
            raise self.error("The range is not closed", hint="Write [1..5] with both ends, (1..5) without.")
        closing = self.take()
        return tree.Range(low, high, opening.text == "[", closing.text == "]", opening.start)
