"""How wide words are in a picture, and where lines break; near enough without a browser."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

FONT = 12
LINE = 14
"""Pixels from one line of text to the next."""

LONGEST = 600
"""Signs of a name that are shown; nobody reads more in a picture."""

_SHARES = {
    0.222: "ijl|'",
    0.278: "ft I.,:;!/\\[]",
    0.34: "r()-{}*“”°",
    0.5: "ckszvxyJ",
    0.56: "_L$#?0123456789",
    0.611: "FTZ",
    0.667: "ABEKPSVXY&",
    0.722: "CDHNRUw",
    0.78: "GOQ",
    0.833: "mM",
    0.95: "W@%—…",
}
_OF_SIGN = {sign: share for share, signs in _SHARES.items() for sign in signs}
"""Widths in Helvetica, of which Arial and Liberation Sans have the same; most small letters are the rest."""


def width(text: str, font: float = FONT) -> float:
    """Pixels that a text takes in Arial or Helvetica."""
    return font * sum(map(_share, text))


def _share(sign: str) -> float:
    found = _OF_SIGN.get(sign)
    if found is not None:
        return found
    if unicodedata.combining(sign):
        return 0.0
    if unicodedata.east_asian_width(sign) in "WF":
        return 1.0
    return 0.7 if sign.isupper() else 0.56


def wrapped(text: str, room: float, lines: int = 0, font: float = FONT) -> list[str]:
    """A text in lines of at most `room` pixels; with `lines`, what is more is cut with an ellipsis."""
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}…"
    found = [line for part in text.splitlines() for line in _wrapped(part.split(), room, font)]
    if lines and len(found) > lines:
        last = found[lines - 1]
        while last and width(f"{last}…", font) > room:
            last = last[:-1]
        return [*found[: lines - 1], f"{last.rstrip()}…"]
    return found


def _wrapped(words: list[str], room: float, font: float) -> Iterator[str]:
    line = ""
    for word in words:
        for part in _pieces(word, room, font):
            joined = f"{line} {part}" if line else part
            if line and width(joined, font) > room:
                yield line
                line = part
            else:
                line = joined
    if line:
        yield line


def _pieces(word: str, room: float, font: float) -> Iterator[str]:
    """A word that is wider than the room breaks behind a hyphen, underscore or point, else where it must."""
    if width(word, font) <= room:
        yield word
        return
    piece = ""
    for sign in word:
        if piece and width(piece + sign, font) > room:
            cut = max(piece.rfind("_"), piece.rfind("-"), piece.rfind(".")) + 1
            cut = cut if cut > 2 else len(piece)
            yield piece[:cut]
            piece = piece[cut:]
        piece += sign
    yield piece
