"""Regular expressions of XPath, which are FEEL's: translated for the regex library, with a time-out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, TypeVar

import regex

from engine.feel.limits import MAX_PATTERN, PATTERN_SECONDS, Place
from engine.values import MAX_BYTES

_FLAGS: Final = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL, "x": 0}
_NAME_START: Final = (
    r":A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_NAME: Final = _NAME_START + r"\-.0-9\u00B7\u0300-\u036F\u203F-\u2040"
_CLASSES: Final = {
    "i": f"[{_NAME_START}]", "I": f"[^{_NAME_START}]", "c": f"[{_NAME}]", "C": f"[^{_NAME}]",
    "d": r"\p{Nd}", "D": r"\P{Nd}", "w": r"[^\p{P}\p{Z}\p{C}]", "W": r"[\p{P}\p{Z}\p{C}]",
    "s": r"[ \t\n\r]", "S": r"[^ \t\n\r]",
}  # fmt: skip
_ESCAPED: Final = frozenset("nrt\\|.?*+(){}-[]^$")
_BLANKS: Final = " \t\n\r"
_PROPERTY = re.compile(r"[pP]\{(Is)?([A-Za-z0-9-]+)\}")
_REPLACEMENT = re.compile(r"\\(?P<sign>[\\$])|\$(?P<group>\d+)|(?P<text>[^\\$]+)")

Answer = TypeVar("Answer")


class _Unreadable(ValueError):
    """A pattern that is none in XPath's meaning."""


def searched(pattern: str, flags: str, place: Place, ask: Callable[[regex.Pattern[str]], Answer]) -> Answer:
    """What a compiled pattern answers; a pattern that is none, or takes too long, is refused."""
    if len(pattern) > MAX_PATTERN:
        raise place.error(f"The regular expression is longer than {MAX_PATTERN} characters")
    try:
        return ask(_compiled(pattern, flags))
    except (_Unreadable, regex.error) as error:
        raise place.error(
            f"“{pattern}” is no regular expression", hint=f"What is wrong with it: {error}."
        ) from None
    except TimeoutError:
        raise place.error(
            "The regular expression takes too long for this text", hint="Write it without nested repetitions."
        ) from None


def matches(text: str, pattern: str, flags: str, place: Place) -> bool:
    return searched(
        pattern, flags, place, lambda found: found.search(text, timeout=PATTERN_SECONDS) is not None
    )


def replaced(text: str, pattern: str, by: str, flags: str, place: Place) -> str:
    """Every part of the text that the pattern matches, replaced; `$1` stands for the first group."""

    size = len(text)

    def put(match: regex.Match[str]) -> str:
        nonlocal size
        piece = "".join(_pieces(by, match, place))
        size += len(piece)
        if size > 2 * MAX_BYTES:  # before it fills the memory; the exact limit is the caller's
            raise place.error("The text would be larger than 64 kB")
        return piece

    return searched(pattern, flags, place, lambda found: str(found.sub(put, text, timeout=PATTERN_SECONDS)))


def parted(text: str, pattern: str, place: Place) -> list[str]:
    """The text cut at every match of the pattern."""

    def cut(found: regex.Pattern[str]) -> list[str]:
        pieces, start = [], 0
        for match in found.finditer(text, timeout=PATTERN_SECONDS):
            if match.end() > match.start():
                pieces.append(text[start : match.start()])
                start = match.end()
        return [*pieces, text[start:]]

    return searched(pattern, "", place, cut)


def _pieces(by: str, match: regex.Match[str], place: Place) -> Iterator[str]:
    position = 0
    while position < len(by):
        found = _REPLACEMENT.match(by, position)
        if found is None:
            raise place.error(
                f"“{by}” is no replacement", hint=r"Write $1 for the first group, and \\$ for a dollar."
            )
        position = found.end()
        if found["group"] is None:
            yield found["sign"] or found["text"]
            continue
        # `$12` is the twelfth group where there are so many, else the first one and a 2.
        digits = found["group"]
        while len(digits) > 1 and int(digits) > len(match.groups()):
            digits = digits[:-1]
        position -= len(found["group"]) - len(digits)
        yield (match[int(digits)] or "") if int(digits) <= len(match.groups()) else ""


@lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> regex.Pattern[str]:
    if any(flag not in _FLAGS for flag in flags):
        raise _Unreadable("its flags are s, m, i and x")
    options = regex.VERSION1 | regex.UNICODE
    for flag in flags:
        options |= _FLAGS[flag]
    return regex.compile(_translated(_squeezed(pattern) if "x" in flags else pattern, flags), options)


def _squeezed(pattern: str) -> str:
    """Without the blanks outside character classes, which the flag x allows for reading."""
    kept, depth, escaped = [], 0, False
    for sign in pattern:
        if not escaped and sign == "[":
            depth += 1
        elif not escaped and sign == "]":
            depth -= 1
        if sign in _BLANKS and depth == 0:
            continue
        kept.append(sign)
        escaped = sign == "\\" and not escaped
    return "".join(kept)


def _translated(pattern: str, flags: str) -> str:
    """The pattern in the library's own syntax; what XPath does not know is refused."""
    parts: list[str] = []
    position, groups, open_groups = 0, 0, list[int]()
    while position < len(pattern):
        sign = pattern[position]
        if sign == "\\":
            part, position = _escape(pattern, position, groups, open_groups)
            parts.append(part)
            continue
        if sign == "[":
            part, position = _class(pattern, position)
            parts.append(part)
            continue
        if sign == "(":
            if pattern.startswith("(?", position) and not pattern.startswith("(?:", position):
                raise _Unreadable("“(?” means nothing")
            plain = not pattern.startswith("(?:", position)
            groups += plain
            open_groups.append(groups if plain else 0)
        elif sign == ")" and open_groups:
            open_groups.pop()
        elif sign == "." and "s" not in flags:
            sign = r"[^\n\r]"
        elif sign == "$" and "m" not in flags:
            sign = r"\Z"
        elif sign == "+" and parts and parts[-1] in ("*", "+", "?", "}"):
            raise _Unreadable("“+” follows a repetition")
        parts.append(sign)
        position += 1
    return "".join(parts)


def _escape(pattern: str, position: int, groups: int, open_groups: list[int]) -> tuple[str, int]:
    """What a backslash outside a class means, and where it ends."""
    digits = re.compile(r"\\([1-9]\d*)").match(pattern, position)
    if digits is None:
        return _class_escape(pattern, position)
    number = digits[1]
    while len(number) > 1 and int(number) > groups:
        number = number[:-1]
    if int(number) > groups or int(number) in open_groups:
        raise _Unreadable(f"there is no group {number} before “\\{number}”")
    return f"(?:\\{number})", position + 1 + len(number)


def _class_escape(pattern: str, position: int) -> tuple[str, int]:
    sign = pattern[position + 1 : position + 2]
    found = _PROPERTY.match(pattern, position + 1)
    if found is not None:
        kind = f"In{found[2].replace('-', '')}" if found[1] else found[2]
        return f"\\{sign}{{{kind}}}", found.end()
    if sign in _CLASSES:
        return _CLASSES[sign], position + 2
    if sign in _ESCAPED and sign:
        return f"\\{sign}", position + 2
    raise _Unreadable(f"“\\{sign}” means nothing")


def _class(pattern: str, position: int) -> tuple[str, int]:
    """`[a-z-[aeiou]]`, `[^\\s]`: a character class, and where it ends."""
    position += 1
    denied = pattern.startswith("^", position)
    position += denied
    parts: list[str] = []
    while True:
        sign = pattern[position : position + 1]
        if not sign:
            raise _Unreadable("“[” is not closed")
        if sign == "]":
            if not parts:
                raise _Unreadable("“[]” holds nothing")
            body = f"[{'^' if denied else ''}{''.join(parts)}]"
            return body, position + 1
        if pattern.startswith("-[", position) and parts:
            less, end = _class(pattern, position + 1)
            if not pattern.startswith("]", end):
                raise _Unreadable("“]” is missing after what is taken away")
            return f"[[{'^' if denied else ''}{''.join(parts)}]--{less}]", end + 1
        if sign == "[":
            raise _Unreadable("“[” stands in a class without a backslash")
        if sign == "\\":
            part, position = _class_escape(pattern, position)
        else:
            part, position = ("\\" + sign if sign in "&|~^" else sign), position + 1
        parts.append(part)
