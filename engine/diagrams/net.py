"""A scope of a drawing as a net of places and moves, with straight stretches taken as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple, TypeVar

from engine.diagrams.elements import GATEWAYS, Drawing, Element, Flow

Marking = tuple[int, ...]
"""The places that hold a token, sorted; a place is named twice where it holds two."""

MAX_TOKENS = 2
"""Tokens followed on one place; two are enough to know that something runs twice."""

MAX_WAYS = 8
"""Ways out of an inclusive gateway (or boundary events beside a step) that are still combined."""


Item = TypeVar("Item")
Key = TypeVar("Key")


class TooMany(Exception):
    """The scope has more combinations than are worth playing."""


@dataclass(frozen=True)
class _Place:
    """An arrow, or a stretch of arrows with nothing but plain steps on it."""

    producer: str
    before: str
    """The last element on the stretch."""
    consumer: str
    length: int
    """Plain steps on the stretch."""


class _Outcome(NamedTuple):
    """Places that an element fills when it is done; only if the places `alone` are empty."""

    places: tuple[int, ...]
    alone: frozenset[int] = frozenset()


class Net:
    """The moves of one scope; elements are named by their ids."""

    def __init__(self, scope: str, members: list[Element], flows: Iterable[Flow]) -> None:
        self.scope = scope
        self.elements = {element.id: element for element in members}
        self.members = [element.id for element in members]
        self._out: dict[str, list[Flow]] = {element.id: [] for element in members}
        self._in: dict[str, list[Flow]] = {element.id: [] for element in members}
        for flow in flows:
            self._out[flow.source].append(flow)
            self._in[flow.target].append(flow)
        self._boundaries: dict[str, list[Element]] = {}
        for element in members:
            if element.attached_to:
                self._boundaries.setdefault(element.attached_to, []).append(element)
        self.places: list[_Place] = []
        self._starting: dict[str, int] = {}
        self._places()
        self._vanishing = {place for place in range(len(self.places)) if self._only_ends(place)}
        self._inputs: dict[str, list[int]] = {}
        for place, stretch in enumerate(self.places):
            self._inputs.setdefault(stretch.consumer, []).append(place)
        self._outcomes: dict[str, list[_Outcome]] = {}
        self._reach: dict[str, dict[int, set[int]]] = {}

    # -- what the drawing looks like -------------------------------------------------------------

    def beginnings(self) -> list[Marking]:
        """One marking for each start event: a case starts by one of them."""
        starts = [element.id for element in self.elements.values() if element.kind == "startEvent"]
        return [tuple(sorted(self._begins(start))) for start in starts]

    def is_silent(self, element: str) -> bool:
        """Taken as part of a stretch or of another element; never moves by itself."""
        kind = self.elements[element].kind
        unplayed = kind in ("startEvent", "boundaryEvent", "endEvent") or self.elements[element].triggered
        return unplayed or self._is_plain(element)

    def is_merge(self, element: str) -> bool:
        """Several ways lead in and each of them goes on alone."""
        return len(self._in[element]) > 1 and not self._is_join(element)

    def merge_before(self, place: int) -> str | None:
        producer = self.places[place].producer
        return producer if self.is_merge(producer) else None

    def target_of(self, place: int) -> str:
        return self.places[place].consumer

    def source_of(self, place: int) -> str:
        return self.places[place].before

    def without_way_out(self) -> set[str]:
        """Elements on loops from which no arrow leads to an end.

        None where a terminating end (or an error) may stop the loop from beside it.
        """
        if any(self._stops_all(element) for element in self.members):
            return set()
        before: dict[str, list[str]] = {}
        after = {element: list(self._after(element)) for element in self.members}
        for element, targets in after.items():
            for target in targets:
                before.setdefault(target, []).append(element)
        ending: set[str] = _reached([element for element in self.members if not self._out[element]], before)
        return {element for element in set(self.members) - ending if self._comes_back(element, after)}

    # -- how tokens move -------------------------------------------------------------------------

    def moves(self, marking: Marking) -> Iterator[tuple[str, list[Marking]]]:
        """Each element that can move, with the markings that its choices lead to."""
        seen: set[str] = set()
        marked = set(marking)
        for place in sorted(marked):
            element = self.places[place].consumer
            if self._is_join(element):
                if element in seen:
                    continue
                seen.add(element)
                if not self._joins(element, marked):
                    continue
                taken = [item for item in self._inputs[element] if item in marked]
            else:
                taken = [place]
            yield element, self._results(element, marking, taken)

    def waiting(self, marking: Marking) -> Iterator[tuple[str, list[int]]]:
        """The joins that hold tokens, with the places that are still empty."""
        marked = set(marking)
        for element in {self.places[place].consumer for place in marking}:
            yield element, [place for place in self._inputs[element] if place not in marked]

    def _results(self, element: str, marking: Marking, taken: list[int]) -> list[Marking]:
        if self._stops_all(element):
            return [()]
        rest = list(marking)
        for place in taken:
            rest.remove(place)
        return [
            tuple(sorted([*rest, *(place for place in outcome.places if place not in self._vanishing)]))
            for outcome in self._outcomes_of(element)
            if outcome.alone.isdisjoint(rest)
        ]

    def _joins(self, element: str, marked: set[int]) -> bool:
        inputs = self._inputs[element]
        if self.elements[element].kind == "parallelGateway":
            return all(place in marked for place in inputs)
        reach = self._reach_of(element)
        empty = [reach[place] for place in inputs if place not in marked]
        filled = [reach[place] for place in inputs if place in marked]
        return not any(
            any(token in places for places in empty) and not any(token in places for places in filled)
            for token in marked.difference(inputs)
        )

    def _outcomes_of(self, element: str) -> list[_Outcome]:
        if element not in self._outcomes:
            self._outcomes[element] = list(self._make_outcomes(self.elements[element]))
        return self._outcomes[element]

    def _make_outcomes(self, element: Element) -> Iterator[_Outcome]:
        out = self._begins(element.id)
        if element.kind in ("exclusiveGateway", "eventBasedGateway"):
            yield from (_Outcome((place,)) for place in out)
        elif element.kind == "inclusiveGateway" and len(out) > 1:
            default = {self._starting[flow.id] for flow in self._out[element.id] if flow.default}
            chosen = [place for place in out if place not in default]
            yield from (_Outcome(some) for some in _subsets(chosen) if some)
            yield from (_Outcome((place,)) for place in default)
        else:
            boundaries = self._boundaries.get(element.id, [])
            ends = [out, *(self._begins(boundary.id) for boundary in boundaries if boundary.interrupting)]
            beside = [boundary.id for boundary in boundaries if not boundary.interrupting]
            for end, some in product(ends, _subsets(beside)):
                places = [place for boundary in some for place in self._begins(boundary)]
                alone = frozenset(place for boundary in some for place in self._own_places(boundary))
                yield _Outcome((*end, *places), alone)

    def _own_places(self, boundary: str) -> set[int]:
        """Where only this boundary event, which does not interrupt, can bring a token.

        It is not played again while such a token is left: that a warning is still being handled when
        the next round of a loop gives another one is no mistake of the drawing.
        """
        without = {
            place: self._fills(stretch.consumer, boundary) for place, stretch in enumerate(self.places)
        }
        begun = [place for marking in self.beginnings() for place in marking]
        own: set[int] = _reached(self._begins(boundary), without)
        shared: set[int] = _reached(begun, without)
        return own - shared

    def _reach_of(self, join: str) -> Mapping[int, set[int]]:
        """For each place in front of an inclusive join: where a token can come from without passing it."""
        if join not in self._reach:
            before: dict[int, list[int]] = {}
            for place, stretch in enumerate(self.places):
                if stretch.consumer != join:
                    for target in self._fills(stretch.consumer):
                        before.setdefault(target, []).append(place)
            inputs = self._inputs[join]
            self._reach[join] = {place: _reached(before.get(place, []), before) for place in inputs}
        return self._reach[join]

    def _fills(self, element: str, without: str = "") -> list[int]:
        """The places that may hold a token after the element, its boundary events included."""
        boundaries = [boundary.id for boundary in self._boundaries.get(element, ()) if boundary.id != without]
        return [place for source in (element, *boundaries) for place in self._begins(source)]

    def _begins(self, element: str) -> tuple[int, ...]:
        return tuple(self._starting[flow.id] for flow in self._out[element])

    # -- reading ---------------------------------------------------------------------------------

    def _is_join(self, element: str) -> bool:
        return len(self._in[element]) > 1 and self.elements[element].kind in (
            "parallelGateway",
            "inclusiveGateway",
        )

    def _stops_all(self, element: str) -> bool:
        end = self.elements[element]
        return end.kind == "endEvent" and end.event in ("terminate", "error", "cancel")

    def _is_plain(self, element: str) -> bool:
        return (
            len(self._in[element]) == len(self._out[element]) == 1
            and element not in self._boundaries
            and self.elements[element].kind not in ("startEvent", "endEvent", "boundaryEvent")
        )

    def _places(self) -> None:
        for element in self.members:
            if self._is_plain(element):
                continue
            for first in self._out[element]:
                last, length = first, 0
                while self._is_plain(last.target) and length <= len(self.members):
                    last, length = self._out[last.target][0], length + 1
                self._starting[first.id] = len(self.places)
                self.places.append(_Place(element, last.source, last.target, length))

    def _only_ends(self, place: int) -> bool:
        """Nothing is done between a gateway and a plain end: such tokens need not be followed."""
        stretch = self.places[place]
        end = self.elements[stretch.consumer]
        plain = end.kind == "endEvent" and end.event is None
        return plain and not stretch.length and self.elements[stretch.producer].kind in GATEWAYS

    def _comes_back(self, element: str, after: Mapping[str, list[str]]) -> bool:
        around: set[str] = _reached(after[element], after)
        return element in around

    def _after(self, element: str) -> Iterator[str]:
        yield from (flow.target for flow in self._out[element])
        yield from (boundary.id for boundary in self._boundaries.get(element, ()))


def nets(drawing: Drawing) -> Iterator[Net]:
    """One net for each process or sub-process with a start event.

    What undoes an activity stands beside the ways of tokens: an event that throws compensation is
    passed when all has been undone.
    """
    members: dict[str, list[Element]] = {}
    for element in drawing.elements.values():
        on_border = element.kind == "boundaryEvent" and element.event == "compensate"
        if not element.undoing and not on_border:
            members.setdefault(element.scope, []).append(element)
    flows: dict[str, list[Flow]] = {}
    for flow in drawing.flows.values():
        flows.setdefault(flow.scope, []).append(flow)
    for scope, elements in members.items():
        if any(element.kind == "startEvent" for element in elements):
            yield Net(scope, elements, flows.get(scope, ()))


def _subsets(items: list[Item]) -> list[tuple[Item, ...]]:
    if len(items) > MAX_WAYS:
        raise TooMany
    return [
        tuple(item for bit, item in enumerate(items) if number >> bit & 1)
        for number in range(2 ** len(items))
    ]


def _reached(start: Iterable[Key], after: Mapping[Key, list[Key]]) -> set[Key]:
    reached = set(start)
    pending = list(reached)
    while pending:
        for item in after.get(pending.pop(), ()):
            if item not in reached:
                reached.add(item)
                pending.append(item)
    return reached
