"""What both parsers share: walking along the tokens, counting depth, and refusing with a place and a hint."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.errors import ExpressionError
from engine.feel.lexer import Token, tokens
from engine.feel.limits import MAX_DEPTH, Place
from engine.feel.tree import Constant, Negate, Node
from engine.findings import Phrase

WORDS_HINT = 'Names are compared with =, texts need quotes: tier = "gold".'

_SPELLINGS = {
    "&&": "Write and instead of &&.",
    "||": "Write or instead of ||.",
    "!": "Write not(…) instead of !.",
    "AND": "Write and in small letters.",
    "OR": "Write or in small letters.",
    "<>": "Write != for “is not equal”.",
}

_QUESTION = "“?” stands for the input in a cell of a decision table, and only there."


class Reader:
    """A position in the tokens of one text."""

    def __init__(self, text: str, start: int, end: int, odd: re.Pattern[str] | None = None) -> None:
        self.text = text
        self.tokens = tokens(text, start, end, odd)
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def peek(self, distance: int = 1) -> Token:
        return self.tokens[min(self.index + distance, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.tokens[self.index]
        if token.kind != "end":
            self.index += 1
        return token

    def at(self, *texts: str) -> bool:
        """Whether one of these signs or words comes next; a quoted text never counts."""
        token = self.tokens[self.index]
        return token.text in texts and token.kind in ("symbol", "name")

    def taken(self, *texts: str) -> bool:
        """Like `at`, and goes on behind it."""
        if self.at(*texts):
            self.index += 1
            return True
        return False

    def expect(self, text: str, after: str, **params: object) -> Token:
        """Goes on behind a sign or word that must come next; `after` is a template that `params` fill in."""
        if not self.at(text):
            place = Phrase(after, **params)
            if self.token.kind == "end":
                raise self.error(
                    Phrase("“{text}” is missing {place}: the expression ends here", text=text, place=place)
                )
            found = self.token.text
            raise self.error(
                Phrase(
                    "“{text}” is missing {place}: “{found}” stands here", text=text, place=place, found=found
                )
            )
        return self.take()

    def enter(self) -> None:
        """One level deeper; the parser is recursive, so that depth must end before Python's does."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(Phrase("The expression is nested deeper than {most} levels", most=MAX_DEPTH))

    def leave(self) -> None:
        self.depth -= 1

    def place(self, token: Token | None = None) -> Place:
        return Place(self.text, (token or self.token).start)

    def error(self, problem: str, hint: str | None = None, token: Token | None = None) -> ExpressionError:
        return self.place(token).error(problem, hint)

    def finish(self) -> None:
        """Refuses what is left over behind a whole expression."""
        token = self.token
        if token.kind == "end":
            return
        if token.text in _SPELLINGS:
            raise self.error(Phrase("“{text}” is not FEEL", text=token.text), hint=_SPELLINGS[token.text])
        if token.text == "}":
            raise self.error(Phrase("“}}” closes nothing"), hint="Put the whole condition into one ${…}.")
        before = self.tokens[self.index - 1].text
        raise self.error(
            Phrase("“{text}” cannot follow “{before}”", text=token.text, before=before), hint=WORDS_HINT
        )

    def unexpected(self) -> ExpressionError:
        """The refusal where a value should start and none does."""
        token = self.token
        if token.kind == "end":
            return self.error(Phrase("The expression ends where a value should follow"))
        hint = _QUESTION if token.text == "?" else _SPELLINGS.get(token.text)
        return self.error(Phrase("A value should stand here, not “{text}”", text=token.text), hint=hint)


def negated(operand: Node, at: int) -> Node:
    """A number with its sign is one constant, so that it reads back as it was printed."""
    value = operand.value if isinstance(operand, Constant) else None
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Constant(-value, at)
    return Negate(operand, at)
