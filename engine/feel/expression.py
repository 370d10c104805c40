"""Expressions as the rest of the engine uses them: compiled once, kept, evaluated against a scope."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

from engine.feel.boundary import may_leak, plain
from engine.feel.compare import describe
from engine.feel.compiler import compile_tree
from engine.feel.frame import Frame, Scope
from engine.feel.free import free_names
from engine.feel.functions import FUNCTIONS
from engine.feel.juel import JuelParser
from engine.feel.limits import Place
from engine.feel.names import Vocabulary
from engine.feel.parser import Parser
from engine.feel.printer import to_text
from engine.feel.reader import WORDS_HINT
from engine.feel.tree import AnyOf, Call, Matches, Name, Node, walk
from engine.feel.unit import Run
from engine.findings import Phrase
from engine.values import Value

FUNCTION_NAMES = frozenset(name for name in FUNCTIONS if " " in name)
"""FEEL's own functions whose names have several words."""

_VOCABULARY = Vocabulary(FUNCTION_NAMES)


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression; frozen, and safe to evaluate in several threads at once."""

    text: str
    tree: Node
    names: frozenset[str]
    """The variables it reads: `lead` for `lead.score`; in a filter also what may be an entry of its items."""
    functions: frozenset[str]
    """The functions it calls that are not FEEL's own and must be handed in."""
    bare_word: str | None
    """The name, where the whole text is one word without `=` or `${…}` around it: maybe only a label."""
    cost: int
    run: Run
    leaks: bool
    """Whether it may give what a case cannot hold, so that its value has to be looked through."""

    def evaluate(self, scope: Scope) -> Value:
        """The value; a missing variable is null. Raises ExpressionError."""
        value = self.run(Frame(scope, self.cost))
        return plain(value, Place(self.text)) if self.leaks else cast(Value, value)

    def is_true(self, scope: Scope) -> bool:
        """The value as a condition: null counts as false, what is not boolean raises ExpressionError."""
        if self.bare_word is not None and self.bare_word not in scope.variables:
            raise Place(self.text).error(f"There is no variable “{self.bare_word}”", hint=WORDS_HINT)
        value = self.run(Frame(scope, self.cost))
        if value is True:
            return True
        if value is None or value is False:
            return False
        raise Place(self.text).error(
            f"A condition must be true or false, not {describe(value)}", hint=WORDS_HINT
        )

    def __str__(self) -> str:
        """The expression in FEEL, whatever it was written in."""
        return to_text(self.tree)


@lru_cache(maxsize=4096)
def compile_expression(text: str, names: frozenset[str] = frozenset()) -> Expression:
    """Reads `score > 50`, `=score > 50` (both FEEL) or `${score > 50}` (JUEL); kept for the next time.

    `names` are the variables of several words, which FEEL can only read when it knows them.
    Raises ExpressionError with the position, counted in the text as it was given.
    """
    return read_expression(text, _vocabulary(names))


def compile_tests(text: str, names: frozenset[str] = frozenset()) -> Expression:
    """A cell of a decision table: `-`, `"gold", "silver"`, `[1..5]`, `> 50`, `not(…)`, `? > 50`.

    The expression gives true where the cell holds for the input, which the caller puts into the frame.
    """
    return read_tests(text, _vocabulary(names))


def read_expression(text: str, vocabulary: Vocabulary, *, local: bool = False) -> Expression:
    """Like `compile_expression`, for a file that has names and types of its own.

    `local` says that names are bound around it, as in a boxed context.
    """
    start, end = _stripped(text)
    place = Place(text, start)
    if start == end:
        raise place.error(Phrase("The expression is empty"))
    if text.startswith(("${", "#{"), start):
        return _compiled(text, _juel(text, start, end), local=local)
    if vocabulary.of_case and text[start:end] == "{}":
        # Far more often braces that somebody forgot to fill in than an empty context that is meant.
        raise place.error(
            "“{}” holds nothing", "Fill it in, or write context([]) where an empty context is meant."
        )
    bare = text[start] != "="
    if not bare:
        start += 1
    tree = Parser(text, start, end, vocabulary).whole()
    return _compiled(text, tree, bare=bare, local=local)


def read_tests(text: str, vocabulary: Vocabulary, *, local: bool = False) -> Expression:
    """Like `compile_tests`, for a file that has names and types of its own."""
    start, end = _stripped(text)
    if text.startswith(("${", "#{"), start):
        return _compiled(text, AnyOf((_juel(text, start, end),)), local=local)
    expression = _compiled(text, Parser(text, start, end, vocabulary).cell(), local=local)
    words = (test.operand for test in expression.tree.children() if isinstance(test, Matches))
    return _known(expression, [word for word in words if isinstance(word, Name)])


def read_result(text: str, vocabulary: Vocabulary, *, local: bool = False) -> Expression:
    """An output cell of a decision table."""
    expression = read_expression(text, vocabulary, local=local)
    word = expression.tree
    return _known(expression, [word]) if expression.bare_word and isinstance(word, Name) else expression


def _known(expression: Expression, words: list[Name]) -> Expression:
    """The expression of a cell, which refuses single words that name no variable.

    `gold` without quotes would else be null, and the row would silently never hold.
    """
    if not words:
        return expression
    places = [(word.name, Place(expression.text, word.at)) for word in words]
    inner = expression.run

    def run(frame: Frame) -> object:
        for name, place in places:
            if name not in frame.variables and name not in frame.locals:
                raise place.error(f"There is no variable “{name}”", hint='Texts need quotes: "gold".')
        return inner(frame)

    return replace(expression, run=run)


def _juel(text: str, start: int, end: int) -> Node:
    if not text.endswith("}", start, end):
        raise Place(text, end).error(Phrase("The closing brace is missing"), hint="Write ${score > 50}.")
    return JuelParser(text, start + 2, end - 1).whole()


def _stripped(text: str) -> tuple[int, int]:
    """Where the text begins and ends without the blanks around it; positions stay those of the whole."""
    start = len(text) - len(text.lstrip())
    return start, max(len(text.rstrip()), start)


def _vocabulary(names: frozenset[str]) -> Vocabulary:
    if not names:
        return _VOCABULARY
    return Vocabulary(FUNCTION_NAMES, frozenset(name for name in names if not name.isidentifier()))


def _compiled(text: str, tree: Node, *, bare: bool = False, local: bool = False) -> Expression:
    nodes = list(walk(tree, Place(text)))
    return Expression(
        text=text,
        tree=tree,
        names=frozenset(free_names(tree)),
        functions=frozenset(node.name for node in nodes if isinstance(node, Call)) - FUNCTIONS.keys(),
        bare_word=tree.name if bare and isinstance(tree, Name) else None,
        cost=len(nodes),
        run=compile_tree(tree, text, local=local),
        leaks=may_leak(nodes, FUNCTIONS),
    )
