"""Reads the logic of decisions and functions: tables, expressions, and boxed expressions of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from engine.feel import boxed
from engine.feel.boxed import Logic
from engine.feel.callee import Parameter
from engine.feel.conform import fitted
from engine.feel.dmn.elements import Element, child, children, name_of
from engine.feel.dmn.source import Source
from engine.feel.dmn.tables import TableReader
from engine.feel.limits import MAX_DEPTH, Place
from engine.feel.loops import filter_run, for_run, items_run, quantified_run
from engine.feel.names import Vocabulary
from engine.xml import local as local_name
from engine.xml import namespace


class LogicReader:
    """The logic of one decision, or of one function; collects findings on the way."""

    def __init__(
        self, source: Source, owner: Element, *, local: bool, vocabulary: Vocabulary | None = None
    ) -> None:
        self.source = source
        self.owner = owner
        self.vocabulary = vocabulary or source.vocabulary
        self.depth = 0
        self.local = local
        """Whether names are bound around: the parameters of a function, the entries of a context."""

    def of(self, element: Element, where: str) -> Logic | None:
        """The logic right below an element; None after a finding."""
        found = [part for part in element if self.is_logic(part)]
        if not found:
            others = [local_name(part.tag) for part in element if self.is_dmn(part)]
            self.source.refuse(
                "dmn_logic", element, self.owner,
                "The decision is neither a table nor an expression: {kind}."
                if element is self.owner
                else "In {where} stands nothing that can be run: {kind}.",
                "Draw it as a decision table or as a literal expression.",
                where=where, kind=", ".join(others) or "it is empty",
            )  # fmt: skip
            return None
        return self.read(found[0], where)

    def is_dmn(self, part: Element) -> bool:
        return bool(namespace(part.tag) == namespace(self.owner.tag))

    def is_logic(self, part: Element) -> bool:
        return self.is_dmn(part) and local_name(part.tag) in _READERS

    def read(self, element: Element, where: str) -> Logic | None:
        """The logic of an element, of the type that it declares."""
        kind = local_name(element.tag)
        self.depth += 1
        if self.depth > MAX_DEPTH // 4:
            self.source.refuse(
                "dmn_depth", element, self.owner, "In {where} the boxes are nested too deep.",
                "Take some of them out into decisions of their own.", where=where,
            )  # fmt: skip
            return None
        logic = _READERS[kind](self, element, where)
        self.depth -= 1
        type_ = self.source.type_named(element.get("typeRef"))
        if logic is None or type_ is None or kind in ("decisionTable", "functionDefinition"):
            return logic
        return boxed.fitted_logic(logic, fitted(type_), where)

    def inner(self, names: Iterable[str] = ()) -> LogicReader:
        """The reader for parts around which names are bound; `names` are the parameters of a function."""
        vocabulary = self.vocabulary.also(names)
        if self.local and vocabulary is self.vocabulary:
            return self
        found = LogicReader(self.source, self.owner, local=True, vocabulary=vocabulary)
        found.depth = self.depth
        return found

    # -- one kind each ---------------------------------------------------------------------------

    def literal(self, element: Element, where: str) -> Logic | None:
        expression = self.source.compiled(
            self.owner, element, where, local=self.local, vocabulary=self.vocabulary
        )
        return None if expression is None else boxed.literal(expression)

    def table(self, element: Element, where: str) -> Logic | None:
        return TableReader(
            self.source, self.owner, element, local=self.local, vocabulary=self.vocabulary
        ).read()

    def context(self, element: Element, where: str) -> Logic | None:
        reader = self.inner()
        entries: list[tuple[str, Logic]] = []
        complete = True
        for part in children(element, "contextEntry"):
            variable = child(part, "variable")
            name = "" if variable is None else name_of(variable)
            logic = reader.of(part, f"{where}, “{name}”" if name else where)
            type_ = None if variable is None else self.source.type_named(variable.get("typeRef"))
            if logic is not None and type_ is not None:
                logic = boxed.fitted_logic(logic, fitted(type_), name)
            if logic is None:
                complete = False
            else:
                entries.append((name, logic))
        return boxed.context(entries) if complete else None

    def invocation(self, element: Element, where: str) -> Logic | None:
        function = self.of(element, where)
        bindings: list[tuple[str, Logic]] = []
        complete = function is not None
        for part in children(element, "binding"):
            parameter = child(part, "parameter")
            name = "" if parameter is None else name_of(parameter)
            logic = self.of(part, f"{where}, “{name}”")
            if logic is None:
                complete = False
            else:
                bindings.append((name, logic))
        if function is None or not complete:
            return None
        return boxed.invocation(function, bindings, Place(where))

    def listed(self, element: Element, where: str) -> Logic | None:
        items = self.all([part for part in element if self.is_logic(part)], where)
        return None if items is None else boxed.listed(items)

    def relation(self, element: Element, where: str) -> Logic | None:
        columns = [name_of(column) for column in children(element, "column")]
        rows: list[list[Logic]] = []
        for row in children(element, "row"):
            cells = self.all([part for part in row if self.is_logic(part)], where)
            if cells is None or len(cells) != len(columns):
                if cells is not None:
                    self.source.refuse(
                        "dmn_row", row, self.owner, "A row of the relation has not one cell for each column.",
                        "Save the relation again in an editor.",
                    )  # fmt: skip
                return None
            rows.append(cells)
        return boxed.relation(columns, rows)

    def conditional(self, element: Element, where: str) -> Logic | None:
        first, second, third = (self.branch(element, name, where) for name in ("if", "then", "else"))
        if first is None or second is None or third is None:
            return None
        return boxed.conditional(first, second, third)

    def filter(self, element: Element, where: str) -> Logic | None:
        items, match = self.branch(element, "in", where), self.branch(element, "match", where, bound=True)
        if items is None or match is None:
            return None
        names = tuple(frozenset[str]().union(*(part.names for part in match.expressions)))
        run = filter_run(items.run, match.run, names, match.cost, Place(where), asserts=True, strict=True)
        return boxed.made_of(run, [items, match], ["item"])

    def loop(self, element: Element, where: str) -> Logic | None:
        """`for`, `some` and `every`."""
        kind = local_name(element.tag)
        name = " ".join((element.get("iteratorVariable") or "").split())
        items = self.branch(element, "in", where)
        body = self.branch(element, "return" if kind == "for" else "satisfies", where, bound=True)
        if not name:
            self.incomplete(element, where)
        if not name or items is None or body is None:
            return None
        place = Place(where)
        sources = [(name, items_run(items.run, place))]
        if kind == "for":
            run = for_run(sources, body.run, body.cost, place, partial=True)
        else:
            run = quantified_run(sources, body.run, body.cost, place, every=kind == "every")
        return boxed.made_of(run, [items, body], [name, "partial"])

    def function(self, element: Element, where: str) -> Logic | None:
        found = self.definition(element, where)
        if found is None:
            return None
        parameters, body = found
        return boxed.function("function", parameters, body, self.source.type_named(element.get("typeRef")))

    def definition(self, element: Element, where: str) -> tuple[tuple[Parameter, ...], Logic] | None:
        """The parameters and the body of a function."""
        kind = element.get("kind") or "FEEL"
        if kind != "FEEL":
            self.source.refuse(
                "dmn_function", element, self.owner, "In {where} the function is written in {kind}.",
                "Only FEEL is run; write it in FEEL.", where=where, kind=kind,
            )  # fmt: skip
            return None
        parameters = []
        for part in children(element, "formalParameter"):
            type_ = self.source.type_named(part.get("typeRef"))
            parameters.append(Parameter(name_of(part), type_, None if type_ is None else fitted(type_)))
        body = self.inner(parameter.name for parameter in parameters).of(element, where)
        return None if body is None else (tuple(parameters), body)

    # -- help ------------------------------------------------------------------------------------

    def all(self, elements: list[Element], where: str) -> list[Logic] | None:
        found = [self.read(element, where) for element in elements]
        kept = [logic for logic in found if logic is not None]
        return kept if len(kept) == len(found) else None

    def branch(self, element: Element, name: str, where: str, *, bound: bool = False) -> Logic | None:
        """The logic of a part that the element must have; None after a finding."""
        part = child(element, name)
        if part is None:
            self.incomplete(element, where)
            return None
        reader = self.inner() if bound else self
        return reader.of(part, f"{where}, {name}")

    def incomplete(self, element: Element, where: str) -> None:
        self.source.refuse(
            "dmn_incomplete", element, self.owner, "In {where} the {kind} lacks one of its parts.",
            "Complete it in an editor.", where=where, kind=local_name(element.tag),
        )  # fmt: skip


Reader = Callable[[LogicReader, Element, str], "Logic | None"]

_READERS: Final[dict[str, Reader]] = {
    "literalExpression": LogicReader.literal,
    "decisionTable": LogicReader.table,
    "context": LogicReader.context,
    "invocation": LogicReader.invocation,
    "list": LogicReader.listed,
    "relation": LogicReader.relation,
    "functionDefinition": LogicReader.function,
    "conditional": LogicReader.conditional,
    "filter": LogicReader.filter,
    "for": LogicReader.loop,
    "some": LogicReader.loop,
    "every": LogicReader.loop,
}
