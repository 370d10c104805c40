"""FEEL's functions of texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.feel.arithmetic import integral, is_number
from engine.feel.callee import Builtin, builtin
from engine.feel.frame import Frame
from engine.feel.functions import patterns
from engine.feel.limits import Place, checked_text
from engine.feel.printer import value_text
from engine.values import MAX_BYTES


def _asking(ask: Callable[[str, str], bool]) -> Callable[..., object]:
    def call(frame: Frame, place: Place, text: object, part: object) -> object:
        return ask(text, part) if isinstance(text, str) and isinstance(part, str) else None

    return call


def _changed(change: Callable[[str], str]) -> Callable[..., object]:
    def call(frame: Frame, place: Place, text: object) -> object:
        return checked_text(change(text), place) if isinstance(text, str) else None

    return call


def _length(frame: Frame, place: Place, text: object) -> object:
    return len(text) if isinstance(text, str) else None


def _substring(frame: Frame, place: Place, text: object, start: object, length: object = None) -> object:
    """Counted from 1; a negative start counts from the end."""
    number = integral(start)
    size = int(length) if is_number(length) and 0 < length <= MAX_BYTES else 0
    if not isinstance(text, str) or not number or abs(number) > max(len(text), 1):
        return None
    first = number - 1 if number > 0 else max(len(text) + number, 0)
    if length is None:
        return text[first:]
    return text[first : first + size] if size else None


def _before(text: str, match: str) -> str:
    return text.partition(match)[0] if match and match in text else ""


def _after(text: str, match: str) -> str:
    return text.partition(match)[2] if match else text


def _pair(change: Callable[[str, str], str]) -> Callable[..., object]:
    def call(frame: Frame, place: Place, text: object, match: object) -> object:
        return change(text, match) if isinstance(text, str) and isinstance(match, str) else None

    return call


def _matches(frame: Frame, place: Place, text: object, pattern: object, flags: object = None) -> object:
    if isinstance(text, str) and isinstance(pattern, str) and (flags is None or isinstance(flags, str)):
        return patterns.matches(text, pattern, flags or "", place)
    return None


def _replace(
    frame: Frame, place: Place, text: object, pattern: object, by: object, flags: object = None
) -> object:
    if not (isinstance(text, str) and isinstance(pattern, str) and isinstance(by, str)):
        return None
    if flags is not None and not isinstance(flags, str):
        return None
    return checked_text(patterns.replaced(text, pattern, by, flags or "", place), place)


def _split(frame: Frame, place: Place, text: object, delimiter: object) -> object:
    if not (isinstance(text, str) and isinstance(delimiter, str)):
        return None
    pieces = patterns.parted(text, delimiter, place)
    frame.spend(len(pieces), place)
    return pieces


def _join(frame: Frame, place: Place, items: object, delimiter: object = None) -> object:
    """The texts of a list one after the other; null among them is left out."""
    listed = items if isinstance(items, list) else [items]
    if items is None or (delimiter is not None and not isinstance(delimiter, str)):
        return None
    frame.spend(len(listed), place)
    texts = [item for item in listed if isinstance(item, str)]
    if len(texts) + listed.count(None) < len(listed):
        return None
    between = delimiter or ""
    if sum(map(len, texts)) + len(between) * len(texts) > MAX_BYTES:
        raise place.error("The text would be larger than 64 kB")
    return checked_text(between.join(texts), place)


def _string(frame: Frame, place: Place, value: object) -> object:
    return None if value is None else checked_text(value_text(value, place, quoted=False), place)


TEXTS: Final[tuple[Builtin, ...]] = (
    builtin("contains", "string, match", _asking(lambda text, part: part in text)),
    builtin("starts with", "string, match", _asking(str.startswith)),
    builtin("ends with", "string, match", _asking(str.endswith)),
    builtin("upper case", "string", _changed(str.upper)),
    builtin("lower case", "string", _changed(str.lower)),
    builtin("string length", "string", _length),
    builtin("substring", "string, start position, length?", _substring),
    builtin("substring before", "string, match", _pair(_before)),
    builtin("substring after", "string, match", _pair(_after)),
    builtin("matches", "input, pattern, flags?", _matches),
    builtin("replace", "input, pattern, replacement, flags?", _replace),
    builtin("split", "string, delimiter", _split),
    builtin("string join", "list, delimiter?", _join),
    builtin("string", "from", _string),
)
