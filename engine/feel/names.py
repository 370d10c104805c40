"""The words of FEEL: names of one or several words, and which of them an expression binds itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from engine.feel.reader import Reader
from engine.feel.types import Type
from engine.findings import Phrase

RESERVED: Final = frozenset({
    "and", "between", "else", "every", "for", "function", "if", "in", "not", "or", "return", "satisfies",
    "some", "then",
})  # fmt: skip

_PLAIN = re.compile(r"[^\W\d][\w ]*")
_PROPERTIES: Final = ("time offset", "start included", "end included")


@dataclass(frozen=True)
class Vocabulary:
    """The names that a reader must know: `date and time(x)` cannot else be told from `date and x`."""

    functions: frozenset[str] = frozenset()
    """Functions whose names have several words."""
    names: frozenset[str] = frozenset()
    """Variables and entries of contexts whose names have several words or signs inside."""
    types: Mapping[str, Type] = field(default_factory=dict)
    """The types that a file of decisions defines."""
    of_case: bool = True
    """Whether all variables are those of a case, which holds no functions."""
    longest: int = field(init=False)
    odd: re.Pattern[str] | None = field(init=False)

    def __post_init__(self) -> None:
        plain = [name for name in self.functions | self.names if _PLAIN.fullmatch(name)]
        words = [name.count(" ") + 1 for name in (*plain, *_PROPERTIES)]
        object.__setattr__(self, "longest", max(words))
        object.__setattr__(self, "odd", _pattern(self.names.difference(plain)))

    def also(self, names: Iterable[str]) -> Vocabulary:
        """The vocabulary with the names that a function or a loop adds."""
        more = {name for name in names if name and not name.isidentifier()} - self.names
        return replace(self, names=self.names | more) if more else self


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for all names with signs inside, the longest first."""
    ordered = sorted((name for name in names if name), key=lambda name: (-len(name), name))
    if not ordered:
        return None
    spaced = (r"\s+".join(re.escape(word) for word in name.split()) for name in ordered)
    return re.compile(f"(?:{'|'.join(spaced)})(?!\\w)")


class Words(Reader):
    """A reader that knows which names there are, and which of them are bound around the place it reads."""

    def __init__(self, text: str, start: int, end: int, vocabulary: Vocabulary) -> None:
        super().__init__(text, start, end, vocabulary.odd)
        self.vocabulary = vocabulary
        self.bound: list[str] = []
        self.keys: set[str] = set(_PROPERTIES)

    def name(self) -> str | None:
        """A name, of several words where it is known; None in front of a keyword."""
        words = [self.token.text]
        best = 0 if words[0] in RESERVED else 1
        for distance in range(1, self.longest(self.bound)):
            token = self.peek(distance)
            if token.kind not in ("name", "number"):
                break
            words.append(token.text)
            joined = " ".join(words)
            called = joined in self.vocabulary.functions and self.peek(distance + 1).text == "("
            if called or joined in self.vocabulary.names or joined in self.bound:
                best = distance + 1
        self.index += best
        return " ".join(words[:best]) or None

    def entry(self) -> str:
        """The name behind a dot: of several words where an entry or a property of that name is known."""
        words = [self.take().text]
        best = 1
        for distance in range(self.longest(self.keys) - 1):
            token = self.peek(distance)
            if token.kind not in ("name", "number"):
                break
            words.append(token.text)
            joined = " ".join(words)
            if joined in self.keys or joined in self.vocabulary.names:
                best = distance + 2
        self.index += best - 1
        return " ".join(words[:best])

    def longest(self, names: Iterable[str]) -> int:
        own = max((name.count(" ") + 1 for name in names), default=1)
        return max(own, self.vocabulary.longest)

    def new_name(self, *ends: str, what: str) -> str:
        """A name that is introduced here: all words up to one of the signs or keywords that end it."""
        start = self.token
        if start.kind not in ("name", "string") or start.text in ends:
            raise self.error(Phrase("{what} should stand here", what=Phrase(what)))
        if start.kind == "string":
            self.take()
            return str(start.value)
        last = start
        while not self.at(*ends) and (self.token.kind in ("name", "number") or self.at(*"./-'+*")):
            last = self.take()
        return " ".join(self.text[start.start : last.end].split())
