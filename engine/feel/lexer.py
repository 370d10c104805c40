"""Cuts the text of an expression into tokens, for both spellings (FEEL and JUEL)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple

from engine.errors import ExpressionError
from engine.feel.limits import MAX_DIGITS, MAX_EXPONENT, MAX_TEXT, Place
from engine.findings import Phrase

Kind = Literal["number", "string", "name", "symbol", "end"]


class Token(NamedTuple):
    """One word, number, text or sign; `value` is the number or the text without its quotes."""

    kind: Kind
    text: str
    value: int | Decimal | str | None
    start: int
    end: int


_TOKEN = re.compile(
    r"""
      (?P<space>(?:\s|//[^\n]*|/\*.*?\*/)+)
    | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,4})?)
    | (?P<name>(?:[^\W\d]|[\U00010000-\U000EFFFF])(?:\w|[\u00B7\u200C\u200D\U00010000-\U000EFFFF])*)
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<symbol>\*\*|\.\.|->|&&|\|\||<>|[=!<>]=|[-+*/%=<>!?:()\[\]{},.@])
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)

_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\", "/": "/"}


def tokens(
    text: str, start: int = 0, end: int | None = None, odd: re.Pattern[str] | None = None
) -> list[Token]:
    """The tokens between two characters of the text, with an `end` token last.

    `odd` are the names with signs inside, such as `Pre-bureau score`, which are one token where they stand.
    Raises ExpressionError at the first character that belongs to nothing.
    """
    end = len(text) if end is None else end
    if end - start > MAX_TEXT:
        raise Place(text, start).error(
            Phrase("The expression is longer than {most} characters", most=MAX_TEXT)
        )
    found: list[Token] = []
    position = start
    while position < end:
        name = odd.match(text, position, end) if odd is not None else None
        if name is not None:
            found.append(Token("name", " ".join(name[0].split()), None, position, name.end()))
            position = name.end()
            continue
        match = _TOKEN.match(text, position, end)
        if match is None:
            raise _strange(text, position)
        kind, piece = match.lastgroup, match.group()
        if kind == "number":
            found.append(Token("number", piece, _number(text, position, piece), position, match.end()))
            _nothing_glued(text, match.end(), end, piece)
        elif kind == "string":
            found.append(Token("string", piece, _string(text, position, piece), position, match.end()))
        elif kind == "name":
            found.append(Token("name", piece, None, position, match.end()))
        elif kind == "symbol":
            found.append(Token("symbol", piece, None, position, match.end()))
        position = match.end()
    found.append(Token("end", "", None, end, end))
    return found


def _number(text: str, position: int, piece: str) -> int | Decimal:
    place = Place(text, position)
    if not piece.isascii():
        raise place.error(Phrase("“{piece}” is not written with the digits 0 to 9", piece=piece))
    if piece.isdigit() and len(piece.lstrip("0")) <= MAX_DIGITS:
        return int(piece)
    number = Decimal(piece)
    if len(number.as_tuple().digits) > MAX_DIGITS or abs(number.adjusted()) > MAX_EXPONENT:
        raise place.error(Phrase("The number has more than {most} digits or is too large", most=MAX_DIGITS))
    return number


def _nothing_glued(text: str, position: int, end: int, number: str) -> None:
    """`5days` is a slip of the pen, not the number 5 followed by a name."""
    if position < end and (text[position].isalpha() or text[position] == "_"):
        raise Place(text, position).error(
            Phrase("“{sign}” follows the number {number} without a space", sign=text[position], number=number)
        )


def _string(text: str, position: int, piece: str) -> str:
    def escaped(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code:
            number = int(code, 16)
            if number > 0x10FFFF:
                raise Place(text, position + 1 + match.start()).error(
                    Phrase("There is no character {sign}", sign=match[0])
                )
            return chr(number)
        # Another backslash is one of a regular expression: "\\s" and "\s" are the same text.
        return _ESCAPED.get(match[3], match[0])

    value = piece[1:-1]
    if "\\" in value:
        value = _ESCAPE.sub(escaped, value)
        # Two escaped halves of one character beyond U+FFFF become that character.
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise Place(text, position).error(Phrase("The text holds half a character that cannot be stored"))
    return value


def _strange(text: str, position: int) -> ExpressionError:
    sign = text[position]
    place = Place(text, position)
    if sign in "\"'":
        return place.error(
            Phrase("The text that starts here has no closing quote"), hint=f"Add a {sign} at its end."
        )
    if sign in "“”„«»‘’":
        return place.error(
            Phrase("“{sign}” is not a quote here", sign=sign), hint='Write texts in straight quotes: "gold".'
        )
    if sign in "$#":
        return place.error(
            Phrase("“{sign}” cannot stand here", sign=sign),
            hint="Put the whole condition into one ${…}, with nothing around it.",
        )
    return place.error(Phrase("“{sign}” means nothing in an expression", sign=sign))
