"""Reads the item definitions of a DMN file: the types that it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.feel.dmn.elements import Element, child, children, name_of, text_of
from engine.feel.dmn.source import Source
from engine.feel.expression import Expression, read_tests
from engine.feel.frame import Frame, Scope
from engine.feel.types import ANY, Type, builtin_type

_DEEPEST = 16
_NO_SCOPE = Scope({})


class Definitions:
    """The item definitions of one file, read in any order, since they may stand on one another."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.elements = {name_of(element): element for element in children(source.root, "itemDefinition")}
        self.types: dict[str, Type] = {}

    def read(self) -> dict[str, Type]:
        for name in self.elements:
            self.named(name, 0)
        return self.types

    def named(self, name: str, depth: int) -> Type:
        """A type by its name. One that is made of itself ends in “any value” at some level."""
        plain = name.strip()
        if plain not in self.elements and ":" in plain:
            plain = plain.rsplit(":", 1)[-1]
        if plain not in self.elements:
            return builtin_type(plain) or ANY
        if plain not in self.types:
            if depth > _DEEPEST:
                return ANY
            found = self.built(self.elements[plain], depth + 1)
            self.types[plain] = replace(found, label=plain)
        return self.types[plain]

    def built(self, element: Element, depth: int) -> Type:
        components, function = children(element, "itemComponent"), child(element, "functionItem")
        base = child(element, "typeRef")
        if components:
            fields = tuple((name_of(part), self.built(part, depth + 1)) for part in components)
            found = Type("context", fields=fields)
        elif function is not None:
            parameters = children(function, "parameters")
            found = Type(
                "function",
                self.named(function.get("outputTypeRef") or "Any", depth),
                tuple(
                    (name_of(part), self.named(part.get("typeRef") or "Any", depth)) for part in parameters
                ),
            )
        else:
            found = self.named(text_of(base), depth) if base is not None else ANY
        found = self.limited(found, child(element, "allowedValues"), element)
        if element.get("isCollection") == "true":
            found = Type("list", found)
        return self.limited(found, child(element, "typeConstraint"), element)

    def limited(self, type_: Type, constraint: Element | None, owner: Element) -> Type:
        if constraint is None or not text_of(child(constraint, "text")):
            return type_
        where = f"the allowed values of {name_of(owner)}"
        tests = self.source.compiled(owner, constraint, where, read_tests)
        if tests is None:
            return type_
        return replace(type_, allows=_allowing(tests, type_.allows), values=tests.text, label="")


def _allowing(
    tests: Expression, before: Callable[[object], bool | None] | None
) -> Callable[[object], bool | None]:
    def allows(value: object) -> bool | None:
        if before is not None and before(value) is not True:
            return False
        frame = Frame(_NO_SCOPE, tests.cost)
        frame.input = value
        return tests.run(frame) is True

    return allows
