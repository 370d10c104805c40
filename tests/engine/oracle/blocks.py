"""Draws blocks by chance: one after the other, within one another, with events on their borders."""

from __future__ import annotations

from dataclasses import replace

from tests.engine.oracle.diagram import Border, Condition, Diagram, Node, Repeat, Trigger
from tests.engine.oracle.sketch import Block, Loose, Place, Sketch, Variable

OUTSIDE = ("message", "timer", "signal", "condition")

SEVERAL = "several tokens on one way"
BESIDE = "what was set off beside meets the main work"

SIMPLE = (("task", 10), ("catch", 4), ("receive", 2), ("service", 2), ("throw", 2), ("link", 1))
NESTED = (
    ("sub", 6), ("choice", 4), ("together", 4), ("some", 4), ("loop", 3), ("first", 3), ("call", 2),
)  # fmt: skip


class Blocks(Sketch):
    """The block-structured part of the generator.

    What it does not draw:

    - A circle without a plain task, by which a case would run for ever by itself.
    - Signals thrown by what an event has set off: a listener that throws what it hears would never come
      to rest, and BPMN says nothing about how that ends.
    - Other events than errors on the border of a service, which is over before anything else happens.
    - An end before a parallel join that waits for the branch: the case would be stuck. Where the branches
      meet at an inclusive join, or not at all, they may end early.
    - Two elements that wait for messages of one name: BPMN leaves to correlation which of them gets it.
    """

    def scope(
        self,
        key: str,
        place: Place | None = None,
        depth: int = 2,
        start: Trigger | None = None,
        least: int = 1,
    ) -> Diagram:
        """A whole scope: a process, or the inside of a sub-process at that place."""
        diagram = Diagram(key)
        inner = Place(diagram, self.thread(), quiet=place is not None and place.quiet)
        codes = place.catching if place is not None else ()
        begin = self.node(inner, "start", "begin", trigger=start)
        outer = replace(inner, catching=codes, quiet=True)
        if depth > 0 and self.choices.often(22):
            codes += (self._event_sub(outer, depth - 1),)
        inner = replace(inner, catching=codes)
        loose = self.row(inner, Loose(begin.id), depth, least, least + 2)
        self._end(inner, loose, plainly=80)
        return diagram

    def _event_sub(self, place: Place, depth: int) -> Trigger:
        """An event sub-process; returns what it waits for."""
        trigger = self.trigger(
            ("message", "timer", "signal", "escalation", "error", "condition"), beside=True
        )
        interrupting = trigger.kind == "error" or self.choices.often(40)
        if interrupting and trigger.runs:
            trigger = replace(trigger, runs=0)
        key = f"handler{self.number()}"
        inner = self.scope(key, replace(place, quiet=True), depth - 1, trigger)
        self.handler(place, trigger, interrupting, inner)
        return trigger

    # --- Rows -------------------------------------------------------------------------------------

    def row(self, place: Place, loose: Loose, depth: int, least: int = 0, most: int = 3) -> Loose:
        for _ in range(least + self.choices.below(most - least + 1)):
            if self.left <= 0:
                break
            loose = self.block(place, loose, depth)
        return loose

    def block(self, place: Place, loose: Loose, depth: int) -> Loose:
        self.left -= 1
        kinds = SIMPLE + (NESTED if depth > 0 and self.left > 1 else ())
        match self.choices.weighted(kinds):
            case "catch":
                return self.go(place, loose, self.node(place, "catch", "w", trigger=self.trigger(OUTSIDE)))
            case "throw":
                return self.go(place, loose, self.node(place, "throw", "v", trigger=self._thrown(place)))
            case "link":
                name = Trigger("link", f"k{self.number()}")
                off = self.go(place, loose, self.node(place, "throw", "v", trigger=name))
                return self.go(place, off, self.node(place, "catch", "w", trigger=name), link=True)
            case "choice":
                return self._choice(place, loose, depth - 1)
            case "together":
                return self._together(place, loose, depth - 1)
            case "some":
                return self._some(place, loose, depth - 1)
            case "first":
                return self._first(place, loose, depth - 1)
            case "loop":
                return self._loop(place, loose, depth - 1)
            case kind:
                return self._activity(place, loose, kind, depth - 1)

    def _thrown(self, place: Place) -> Trigger | None:
        codes = place.thrown("escalation")
        kinds = (
            ("", 3), ("message", 2), ("signal", 0 if place.quiet else 4), ("escalation", 8 if codes else 2),
        )  # fmt: skip
        return self._throwing(self.choices.weighted(kinds), place)

    def _end(self, place: Place, loose: Loose, plainly: int = 50) -> None:
        """An end event: most often a plain one, at the end of a scope."""
        errors, codes = place.thrown("error"), place.thrown("escalation")
        if errors or codes:
            plainly //= 2
        kind = ""
        if not self.choices.often(plainly):
            kind = self.choices.weighted(
                (
                    ("message", 2), ("terminate", 3), ("signal", 0 if place.quiet else 3),
                    ("escalation", 8 if codes else 2), ("error", 12 if errors else self.choices.below(30) // 29),
                )
            )  # fmt: skip
        self.go(place, loose, self.node(place, "end", "z", trigger=self._throwing(kind, place)))

    def _throwing(self, kind: str, place: Place) -> Trigger | None:
        match kind:
            case "":
                return None
            case "error":
                return Trigger("error", self.choices.pick(place.thrown("error") or ["E9"]))
            case "escalation":
                return Trigger("escalation", self.choices.pick([*place.thrown("escalation"), "F1", "F2"]))
            case "signal":
                return Trigger("signal", self.choices.pick(("s0", "s1")))
            case "message":
                return Trigger("message", "out")
        return Trigger(kind)

    # --- Gateways ---------------------------------------------------------------------------------

    def _choice(self, place: Place, loose: Loose, depth: int) -> Loose:
        """An exclusive split; its branches meet at a merge, or all throw the same link."""
        linked = self.choices.often(12)
        link = Trigger("link", f"k{self.number()}")
        split = self.node(place, "xor", "x")
        out = self.node(place, "catch", "w", trigger=link) if linked else self.node(place, "xor", "x")
        count = 2 + self.choices.below(2)
        self.variables[split.id] = Variable(tuple(range(count)), count - 1)
        self.go(place, loose, split)
        within = replace(place, top=False)
        for number in range(count):
            last = number == count - 1
            way = Loose(split.id, None if last else Condition(split.id, number), last)
            way = self.row(within, way, depth, 0, 2)
            if not last and place.may_end and self.choices.often(15):
                self._end(within, way)
                continue
            if linked:
                way = self.go(within, way, self.node(within, "throw", "v", trigger=link))
            self.go(within, way, out, link=linked)
        return Loose(out.id)

    def _together(self, place: Place, loose: Loose, depth: int) -> Loose:
        split = self.node(place, "and", "p")
        self.go(place, loose, split)
        ways = [Loose(split.id) for _ in range(2 + self.choices.below(2))]
        return self._joined(place, ways, depth, ("and", "and", "and", "or", "open", "merge"))

    def _some(self, place: Place, loose: Loose, depth: int) -> Loose:
        split = self.node(place, "or", "o")
        self.go(place, loose, split)
        flags = [self.flag("f") for _ in range(1 + self.choices.below(3))]
        ways = [Loose(split.id, Condition(flag, True)) for flag in flags]
        ways.append(Loose(split.id, default=True))
        return self._joined(place, ways, depth, ("or", "or", "or", "cascade", "cascade", "open", "merge"))

    def _joined(self, place: Place, ways: list[Loose], depth: int, kinds: tuple[str, ...]) -> Loose:
        """Branches that run at the same time, and how they come together again."""
        kind = self.choices.pick(kinds)
        if (kind in ("open", "merge") and not place.may_end) or (kind == "merge" and SEVERAL in self.marks):
            kind = kinds[0]
        branches = [replace(place, thread=self.thread(), may_end=kind != "and", top=True) for _ in ways]
        ends = [self.row(branch, way, depth, 0, 2) for branch, way in zip(branches, ways, strict=True)]
        if kind == "open":
            # Without a join each branch ends by itself; a new one goes on where the first ends.
            self.marks.add("branches that are not joined")
            for branch, end in list(zip(branches, ends, strict=True))[1:]:
                self._end(branch, end)
            merge = self.node(place, "xor", "x")
            self.go(branches[0], ends[0], merge)
            return Loose(merge.id)
        if kind == "cascade" and len(ways) > 2:
            self.marks.add("inclusive joins one after the other")
            first = self.node(place, "or", "o")
            for branch, end in zip(branches[:2], ends[:2], strict=True):
                self.go(branch, end, first)
            between = replace(branches[0], top=False)
            ends = [self.row(between, Loose(first.id), 0, 0, 1), *ends[2:]]
            branches = [between, *branches[2:]]
        if kind == "merge":
            # Each branch goes on by itself: what follows is passed by several tokens.
            self.marks.add(SEVERAL)
            out = self.node(place, "xor", "x")
        else:
            out = self.node(place, "and" if kind == "and" else "or", "p" if kind == "and" else "o")
        for branch, end in zip(branches, ends, strict=True):
            self.go(branch, end, out)
        self.blocks.append(Block(place.diagram, out.kind, [branch.thread for branch in branches]))
        return Loose(out.id)

    def _first(self, place: Place, loose: Loose, depth: int) -> Loose:
        """An event-based gateway."""
        gateway, out = self.node(place, "first", "g"), self.node(place, "xor", "x")
        self.go(place, loose, gateway)
        within = replace(place, top=False)
        for _ in range(2 + self.choices.below(2)):
            if self.choices.often(25):
                event = self.node(
                    within, "receive", "r", trigger=self.trigger(("message",)), says="behind a gateway"
                )
            else:
                event = self.node(
                    within, "catch", "w", trigger=self.trigger(OUTSIDE), says="behind a gateway"
                )
            way = self.go(within, Loose(gateway.id), event)
            way = self.row(within, way, depth, 0, 1)
            self.go(within, way, out)
        return Loose(out.id)

    def _loop(self, place: Place, loose: Loose, depth: int) -> Loose:
        entry, again = self.node(place, "xor", "x"), self.node(place, "xor", "x")
        self.variables[again.id] = Variable((0, 1), 0)
        within = replace(place, top=False)
        self.go(place, loose, entry)
        way = self.go(within, Loose(entry.id), self.node(within, "task", "t"))
        self.go(within, self.row(within, way, depth, 0, 2), again)
        self.go(within, Loose(again.id, Condition(again.id, 1)), entry)
        return Loose(again.id, default=True)

    # --- Activities -------------------------------------------------------------------------------

    def _activity(self, place: Place, loose: Loose, kind: str, depth: int) -> Loose:
        letters = {"task": "t", "receive": "r", "service": "a", "sub": "b", "call": "l"}
        node = self.node(place, kind, letters[kind])
        if kind == "receive":
            node.trigger = self.trigger(("message",))
        if kind == "service" and self.choices.often(60):
            node.fails, node.code = Condition(self.flag("e"), True), self.choices.pick(("E1", "E2"))
        borders = self._borders(node)
        codes = tuple(border.trigger for border in borders)
        if kind == "sub":
            node.inner = self.scope(node.id, replace(place, catching=codes + place.catching), depth)
        elif kind == "call":
            node.inner = self._called(replace(place, catching=codes), depth)
        if self.choices.often(20 if kind in ("task", "sub", "call") else 6):
            node.repeat = self._repeat()
        node.borders = borders
        self.go(place, loose, node)
        return self._draw_borders(place, node, depth)

    def _called(self, place: Place, depth: int) -> Diagram:
        if self.called and self.choices.often(25):
            return self.choices.pick(self.called)
        found = self.scope(f"called{self.number()}", place, depth)
        self.called.append(found)
        return found

    def _repeat(self) -> Repeat:
        count = self.choices.pick((2, 3, 1, 0))
        match self.choices.pick(("parallel", "sequential", "standard")):
            case "standard":
                return Repeat(
                    "standard",
                    count or 1,
                    until=Condition(self.flag("u"), True),
                    before=self.choices.often(40),
                )
            case kind:
                done = self.choices.pick((0, 0, 1, 2))
                until = Condition(self.flag("u"), True) if not done and self.choices.often(30) else None
                return Repeat(kind, count, done, until)

    def _borders(self, node: Node) -> list[Border]:
        """Boundary events: on a service for its error only, which is over before anything else happens."""
        borders: list[Border] = []
        if node.kind == "service":
            if node.fails is not None and self.choices.often(85):
                self._catch_errors(borders, self.choices.pick((node.code, "")))
            return borders
        chance = 55 if node.kind in ("sub", "call") else 22
        kinds: tuple[str, ...] = OUTSIDE
        if node.kind in ("sub", "call"):
            kinds += ("error", "escalation", "escalation")
        while len(borders) < 3 and self.choices.often(chance):
            trigger = self.trigger(kinds, beside=True)
            if trigger.kind == "error":
                self._catch_errors(borders, trigger.name)
            else:
                interrupting = self.choices.often(50)
                if interrupting:
                    trigger = replace(trigger, runs=0)
                borders.append(Border(f"y{self.number()}", trigger, interrupting))
            chance = 30
        return borders

    def _catch_errors(self, borders: list[Border], code: str) -> None:
        """Events for an error of that code, and perhaps one for all others."""
        borders.append(Border(f"y{self.number()}", Trigger("error", code), True))
        if code and self.choices.often(30):
            borders.insert(self.choices.below(2), Border(f"y{self.number()}", Trigger("error"), True))

    def _draw_borders(self, place: Place, node: Node, depth: int) -> Loose:
        """What follows each boundary event, and where it meets what follows the activity."""
        merged: list[tuple[Place, Loose]] = []
        beside: list[tuple[Place, Loose]] = []
        for border in node.borders:
            within = replace(place, top=False, quiet=True)
            if not border.interrupting:
                within = replace(within, thread=self.thread(), may_end=True)
            way = self.row(within, Loose(border.id), min(depth, 1), 0, 1 + (not border.interrupting))
            if (
                not border.interrupting
                and place.may_end
                and BESIDE not in self.marks
                and self.choices.often(20)
            ):
                self.marks.add(BESIDE)
                beside.append((within, way))
            elif not border.interrupting or (place.may_end and self.choices.often(40)):
                self._end(within, way, plainly=50 if border.interrupting else 75)
            else:
                merged.append((within, way))
        loose = Loose(node.id)
        within = replace(place, top=False)
        for ways, kinds in ((merged, ("xor",)), (beside, ("or", "or", "xor"))):
            if ways:
                kind = self.choices.pick(kinds)
                out = self.node(place, kind, "o" if kind == "or" else "x")
                self.go(within, loose, out)
                for way_place, way in ways:
                    self.go(way_place, way, out)
                loose = Loose(out.id)
        return loose
