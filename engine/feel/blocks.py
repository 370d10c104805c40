"""Reads what binds names inside an expression: loops, quantifiers, contexts, functions; and types."""

from __future__ import annotations

from engine.feel import tree
from engine.feel.names import Words
from engine.feel.tree import Node
from engine.feel.types import SIMPLE, Type
from engine.findings import Phrase

_TYPE_WORDS = max(name.count(" ") + 1 for name in SIMPLE)
_NAMED_TYPES = {name: type_ for name, type_ in SIMPLE.items() if name != "Null"}


class Blocks(Words):
    """The part of the reader for expressions that keywords and braces start."""

    def expression(self, floor: int = 0) -> Node:
        """Everything from here on that binds at least as tightly as `floor`."""
        raise NotImplementedError

    def inside(self) -> Node:
        """A whole expression between brackets, commas or keywords."""
        raise NotImplementedError

    def loop(self, at: int) -> Node:
        """`for x in list, y in 1..x return x * y`."""
        mark = len(self.bound)
        sources = self.sources("return")
        self.expect("return", "after what for goes over")
        self.bound.append("partial")
        body = self.expression()
        del self.bound[mark:]
        return tree.For(sources, body, at)

    def quantified(self, every: bool, at: int) -> Node:
        """`some x in list satisfies x > 5`."""
        mark = len(self.bound)
        sources = self.sources("satisfies")
        self.expect("satisfies", "after what {word} goes over", word="every" if every else "some")
        body = self.expression()
        del self.bound[mark:]
        return tree.Quantified(every, sources, body, at)

    def sources(self, end: str) -> tuple[tree.Source, ...]:
        """The names of a loop; each one sees those before it."""
        found: list[tree.Source] = []
        while not found or self.taken(","):
            at = self.token.start
            name = self.new_name("in", what="The name of a loop")
            self.expect("in", "after {name}", name=name)
            items = self.inside()
            last = self.inside() if self.taken("..") else None
            found.append(tree.Source(name, items, last, at))
            self.bound.append(name)
        return tuple(found)

    def function(self, at: int) -> Node:
        """`function(a: number, b) a + b`."""
        self.expect("(", "after function")
        parameters: list[tuple[str, Type | None]] = []
        while not self.taken(")"):
            if parameters:
                self.expect(",", "between the parameters")
            name = self.new_name(",", ":", ")", what="The name of a parameter")
            parameters.append((name, self.type() if self.taken(":") else None))
        if self.at("external"):
            raise self.error(
                Phrase("External functions are not supported"), hint="Write the function in FEEL."
            )
        names = [name for name, _ in parameters]
        if len(set(names)) < len(names):
            raise self.error(Phrase("Two parameters have the same name"))
        mark = len(self.bound)
        self.bound += names
        body = self.expression()
        del self.bound[mark:]
        return tree.Function(tuple(parameters), body, at)

    def entries(self, at: int) -> Node:
        """`{net: 100, "gross price": net * 1.22}`."""
        mark = len(self.bound)
        names: list[str] = []
        values: list[Node] = []
        while not self.taken("}"):
            if names:
                self.expect(",", "between the entries of the context")
            token = self.token
            name = self.new_name(":", what="The name of an entry")
            self.expect(":", "after {name}", name=name)
            if name in names:
                raise self.error(
                    Phrase("Two entries of the context have the name {name}", name=name), token=token
                )
            values.append(self.inside())
            names.append(name)
            self.bound.append(name)
            self.keys.add(name)
        del self.bound[mark:]
        return tree.Entries(tuple(names), tuple(values), at)

    def arguments(self, what: str) -> tuple[tuple[Node, ...], tuple[str, ...] | None]:
        """What stands between the brackets of a call, by position or by name."""
        values: list[Node] = []
        names: list[str] = []
        named = self.starts_name()
        while not self.taken(")"):
            if values:
                self.expect(",", "between what {what} is given", what=what)
            if named:
                token = self.token
                name = self.new_name(":", what="The name of a parameter")
                self.expect(":", "after {name}", name=name)
                if name in names:
                    raise self.error(Phrase("{name} is given twice", name=name), token=token)
                names.append(name)
            values.append(self.inside())
        return tuple(values), tuple(names) if named else None

    def starts_name(self) -> bool:
        """Whether the arguments of a call come by name: words, and then a colon."""
        distance = 0
        while self.peek(distance).kind in ("name", "number"):
            distance += 1
        return distance > 0 and self.peek(distance).kind == "symbol" and self.peek(distance).text == ":"

    # -- types -----------------------------------------------------------------------------------

    def type(self) -> Type:
        """`number`, `date and time`, `list<number>`, `context<a: string>`, `function<number>->number`."""
        self.enter()
        token = self.token
        if token.text in ("list", "range") and self.peek().text == "<":
            found = self.type_of_items()
        elif token.text == "context" and self.peek().text == "<":
            found = self.type_of_context()
        elif token.text == "function" and self.peek().text in ("<", "<>"):
            found = self.type_of_function()
        else:
            found = self.named_type()
        self.leave()
        return found

    def type_of_items(self) -> Type:
        base = "list" if self.take().text == "list" else "range"
        self.take()
        item = self.type()
        self.expect(">", "after the type of the {base}", base=base)
        return Type("list" if base == "list" else "range", item)

    def type_of_context(self) -> Type:
        self.take()
        self.take()
        fields: list[tuple[str, Type]] = []
        while not self.taken(">"):
            if fields:
                self.expect(",", "between the entries of the type")
            name = self.new_name(":", what="The name of an entry")
            self.expect(":", "after {name}", name=name)
            fields.append((name, self.type()))
        return Type("context", fields=tuple(fields))

    def type_of_function(self) -> Type:
        self.take()
        given: list[Type] = []
        empty = self.take().text == "<>"
        while not empty and not self.taken(">"):
            if given:
                self.expect(",", "between the types of the parameters")
            given.append(self.type())
        self.expect("->", "before the type that the function gives")
        return Type("function", self.type(), tuple((str(i), type_) for i, type_ in enumerate(given)))

    def named_type(self) -> Type:
        """The longest name of a type that stands here."""
        known = {**_NAMED_TYPES, **self.vocabulary.types}
        words: list[str] = []
        best: tuple[int, Type] | None = None
        longest = max(_TYPE_WORDS, *(name.count(" ") + 1 for name in known))
        for distance in range(longest):
            token = self.peek(distance)
            if token.kind not in ("name", "number"):
                break
            words.append(token.text)
            found = known.get(" ".join(words))
            if found is not None:
                best = distance + 1, found
        if best is None:
            some = "number, string, boolean, date, time, date and time, list<…>, context<…>"
            raise self.error(
                Phrase("There is no type {text}", text=self.token.text),
                hint=f"Types are {some} and the like.",
            )
        self.index += best[0]
        return best[1]
