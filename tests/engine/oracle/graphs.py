"""Random graphs of gateways and tasks, kept where every way of playing them shows that they are sound."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from tests.engine.oracle.case import Case
from tests.engine.oracle.diagram import Arrow, Condition, Diagram, Node
from tests.engine.oracle.events import begin_scope, finish
from tests.engine.oracle.moves import make, moves
from tests.engine.oracle.sketch import Sketch, Variable

LARGEST = 400
"""States that a graph may have."""


def random_graph(sketch: Sketch, key: str, tries: int = 25) -> Diagram | None:
    """A sound one, or None when none was found."""
    for _ in range(tries):
        diagram = _wire(sketch, key)
        if diagram is None:
            continue
        variables = _name_conditions(sketch, diagram)
        diagram.close()
        if is_sound(diagram):
            sketch.marks.add("random graph")
            sketch.variables |= variables
            return diagram
    return None


def _wire(sketch: Sketch, key: str) -> Diagram | None:
    """Splits and joins whose arrows are led from any of them to any other."""
    choices = sketch.choices
    diagram = Diagram(key)
    pairs = 2 + choices.below(2)
    kinds = [choices.pick(("xor", "and", "or", "xor", "and")) for _ in range(pairs)]
    joins = [choices.pick((kind, kind, "or", "xor")) for kind in kinds]
    begin = diagram.add(Node(f"begin{sketch.number()}", "start"))
    done = diagram.add(Node(f"z{sketch.number()}", "end"))
    letters = {"xor": "x", "and": "p", "or": "o"}
    splits = [diagram.add(Node(f"{letters[kind]}{sketch.number()}", kind)) for kind in kinds]
    merges = [diagram.add(Node(f"{letters[kind]}{sketch.number()}", kind)) for kind in joins]
    sources = [begin.id] + [node.id for node in splits for _ in range(2)] + [node.id for node in merges]
    targets = [done.id] + [node.id for node in splits] + [node.id for node in merges for _ in range(2)]
    for source in sources:
        target = targets.pop(choices.below(len(targets)))
        if source == target or (source, target) == (begin.id, done.id):
            return None
        if choices.often(55):
            task = diagram.add(Node(f"t{sketch.number()}", "task"))
            diagram.arrows.append(Arrow(sketch.number(), source, task.id))
            source = task.id
        diagram.arrows.append(Arrow(sketch.number(), source, target))
    diagram.close()
    return diagram if _circles_have_tasks(diagram) else None


def _circles_have_tasks(diagram: Diagram) -> bool:
    """Is everything reached, and does every circle pass a task?"""
    seen: set[str] = set()
    todo = [diagram.starts()[0].id]
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo += [arrow.target for arrow in diagram.leaving(here)]
    if len(seen) != len(diagram.nodes):
        return False
    left = {name for name, node in diagram.nodes.items() if node.kind != "task"}
    while left:
        free = {name for name in left if not any(arrow.source in left for arrow in diagram.entering(name))}
        if not free:
            return False
        left -= free
    return True


def is_sound(diagram: Diagram) -> bool:
    """From everything that can be reached the end can be reached, and no arrow ever has two tokens.

    All orders are played, with every way that a gateway may take, whatever the variables would be.
    """
    begin = Case(diagram, {})
    begin_scope(begin, begin.root)
    states = {begin.key(): begin}
    before: dict[object, list[object]] = {}
    ends: list[object] = []
    todo = [begin]
    while todo:
        case = todo.pop()
        followers = []
        for move in moves(case, free=True):
            new = case.copy()
            make(new, move, free=True)
            followers.append(new)
        for token in case.root.tokens:
            for once in token.runs:
                new = case.copy()
                finish(new, new.once(once.number))
                followers.append(new)
        if not followers:
            if case.root.tokens:
                return False
            ends.append(case.key())
        for new in followers:
            new.passed.clear()
            if _crowded(new) or len(states) > LARGEST:
                return False
            before.setdefault(new.key(), []).append(case.key())
            if new.key() not in states:
                states[new.key()] = new
                todo.append(new)
    ended: set[object] = set()
    while ends:
        key = ends.pop()
        if key not in ended:
            ended.add(key)
            ends += before.get(key, [])
    return len(ended) == len(states)


def _crowded(case: Case) -> bool:
    places = Counter(token.arrow.number if token.arrow else token.element for token in case.root.tokens)
    return max(places.values(), default=0) > 1


def _name_conditions(sketch: Sketch, diagram: Diagram) -> dict[str, Variable]:
    """Give the gateways that choose their variables; returns these.

    The second way is the default, or at an inclusive gateway perhaps one that is always gone.
    """
    found: dict[str, Variable] = {}
    for node in diagram.nodes.values():
        if node.kind not in ("xor", "or") or len(diagram.leaving(node.id)) < 2:
            continue
        found[node.id] = Variable((0, 1), 1)
        first, second = diagram.leaving(node.id)
        ways = [replace(first, condition=Condition(node.id, 0))]
        if node.kind == "or" and sketch.choices.often(60):
            found["always"] = Variable((True,), True)
            ways.append(replace(second, condition=Condition("always", True)))
        else:
            ways.append(replace(second, default=True))
        for way in ways:
            index = next(place for place, one in enumerate(diagram.arrows) if one.number == way.number)
            diagram.arrows[index] = way
    return found
