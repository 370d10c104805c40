"""Plays tokens through a drawing in every order and finds what stands still, runs twice or never ends.

Each process and each sub-process is played by itself: a sub-process counts as one step of the scope
around it, which may end or be interrupted. Gateways choose freely, boundary events happen or not,
messages may always come: what is reported can happen by some choice, whatever the conditions say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.diagrams.elements import SUB_PROCESSES, Drawing, Element
from engine.diagrams.net import MAX_TOKENS, Marking, Net, TooMany, nets

STATES = 8_000
"""Markings looked at in one scope before it counts as too big to check."""

TOKENS = 1_000_000
"""Tokens moved in all before it does: a few markings of thousands of tokens take as long as many small."""


@dataclass(frozen=True)
class Problem:
    """What can go wrong and at which element (the process itself where it is too big)."""

    code: str
    element: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Play:
    """Everything seen while playing one scope."""

    after: dict[Marking, set[Marking]] = field(default_factory=dict)
    stuck: dict[str, set[int]] = field(default_factory=dict)
    """Join -> its arrows that stayed empty in some marking where nothing can move."""
    twice: dict[str, None] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    cut: bool = False
    """Some markings were left out because tokens piled up."""


def problems(drawing: Drawing) -> Iterator[Problem]:
    """Deadlocks, double runs, loops without a way out and dead elements, scope by scope.

    The drawing's shape must be right already: each arrow joins two steps of one scope, and so on.
    """
    for net in nets(drawing):
        try:
            play = _explore(net)
        except TooMany:
            yield Problem("too_big", net.scope)
            continue
        yield from _report(drawing, net, play)


def _explore(net: Net) -> _Play:
    play = _Play()
    pending = deque(net.beginnings())
    moved_tokens = 0
    while pending:
        marking = pending.popleft()
        if marking in play.after:
            continue
        if len(play.after) >= STATES:
            raise TooMany
        play.after[marking] = following = set()
        moved = False
        for node, results in net.moves(marking):
            moved = True
            play.done.add(node)
            moved_tokens += sum(map(len, results))
            if moved_tokens > TOKENS:
                raise TooMany
            for result in results:
                if _piles_up(net, play, node, result):
                    play.cut = True
                    continue
                following.add(result)
                if result not in play.after:
                    pending.append(result)
        if marking and not moved:
            for join, empty in net.waiting(marking):
                play.stuck.setdefault(join, set()).update(empty)
    return play


def _piles_up(net: Net, play: _Play, node: str, marking: Marking) -> bool:
    """Notes an arrow with two tokens; true for more than are worth following."""
    last, run = -1, 0
    for place in marking:
        run = run + 1 if place == last else 1
        last = place
        if run >= 2:
            merges = net.merge_before(place)
            play.twice.setdefault(merges or net.target_of(place))
        if run > MAX_TOKENS:
            return True
    return False


def _report(drawing: Drawing, net: Net, play: _Play) -> Iterator[Problem]:
    for join, empty in play.stuck.items():
        sources = sorted({_title(drawing, net.source_of(place)) for place in empty})
        # A join that never goes on is always wrong; one that may not, depends on what is chosen.
        code = "deadlock_possible" if join in play.done else "deadlock"
        yield Problem(code, join, {"missing": ", ".join(f"“{title}”" for title in sources)})
    merges = [element for element in play.twice if net.is_merge(element)]
    for element in merges or list(play.twice)[:1]:
        yield Problem("done_twice", element)
    loop = [] if _can_be_left(drawing, net.scope) else _endless(net, play)
    if loop:
        titles = ", ".join(f"“{_title(drawing, element)}”" for element in loop)
        yield Problem("endless", loop[0], {"loop": titles})
    if not play.stuck and not loop and not play.cut:
        for element in net.members:
            if element not in play.done and not net.is_silent(element):
                yield Problem("never_reached", element)


def _endless(net: Net, play: _Play) -> list[str]:
    """The elements of a loop that a case never leaves again, in the order drawn."""
    trapped = net.without_way_out()
    if not trapped and not play.cut and not play.stuck:
        trapped = _trap(net, play)
    return [element for element in net.members if element in trapped]


def _trap(net: Net, play: _Play) -> set[str]:
    """Elements that still move in markings from which no end can be reached."""
    before: dict[Marking, list[Marking]] = {}
    for marking, following in play.after.items():
        for result in following:
            before.setdefault(result, []).append(marking)
    good = {marking for marking in play.after if not marking}
    pending = list(good)
    while pending:
        for marking in before.get(pending.pop(), ()):
            if marking not in good:
                good.add(marking)
                pending.append(marking)
    return {node for marking in play.after.keys() - good for node, _ in net.moves(marking)}


def _can_be_left(drawing: Drawing, scope: str) -> bool:
    """Is there an interrupting event in or around the scope, so that even an endless loop ends?"""
    around: Element | None = drawing.elements.get(scope)
    if _interrupted(drawing, scope):
        return True
    while around is not None:
        if _interrupted(drawing, around.scope):
            return True
        if around.kind in SUB_PROCESSES and any(
            boundary.attached_to == around.id and boundary.interrupting and boundary.event != "error"
            for boundary in drawing.elements.values()
        ):
            return True
        around = drawing.elements.get(around.scope)
    return False


def _interrupted(drawing: Drawing, scope: str) -> bool:
    """Has the scope an event sub-process that ends everything else in it?"""
    handlers = {item.id for item in drawing.elements.values() if item.triggered and item.scope == scope}
    return any(
        start.kind == "startEvent" and start.scope in handlers and start.interrupting
        for start in drawing.elements.values()
        if start.event != "error"
    )


def _title(drawing: Drawing, element_id: str) -> str:
    return drawing.elements[element_id].name or element_id
