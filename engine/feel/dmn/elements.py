"""Walking along the elements of a DMN file."""

from __future__ import annotations

from typing import Any

from engine.xml import local, namespace

# lxml comes without types: an element is Any in this package, and only in it.
Element = Any


def children(element: Element, *names: str) -> list[Element]:
    """The DMN elements of these names right below; an editor's own extensions are none of them."""
    home = namespace(element.tag)
    return [part for part in element if local(part.tag) in names and namespace(part.tag) == home]


def child(element: Element, *names: str) -> Element | None:
    found = children(element, *names)
    return found[0] if found else None


def text_of(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def name_of(element: Element) -> str:
    """The element's name with single blanks, as expressions write it."""
    return " ".join((element.get("name") or "").split())


def variable_of(element: Element) -> str:
    """The name under which the element's value is known: its variable's, else its own."""
    variable = child(element, "variable")
    return (name_of(variable) if variable is not None else "") or name_of(element)


def target_of(reference: Element) -> str:
    """The id that a reference names; those of other files keep the whole address."""
    href: str = reference.get("href") or ""
    home = reference.getroottree().getroot().get("namespace") or ""
    return href.removeprefix(home).removeprefix("#")
