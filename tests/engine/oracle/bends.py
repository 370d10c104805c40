"""Bends a block-structured drawing until it is one no longer, in ways that keep it sound.

- A *jump* leads from somewhere on a token's way to anywhere else on it: out of one branch of a choice
  into another, into the middle of a loop, back to before it. However it jumps, it stays one token.
- A *bridge* leads from one branch of a parallel block to another, which waits for it.
- A *crossing* leads a token from one branch of an inclusive block into another, where an inclusive
  gateway takes it up.
- A merge may be an inclusive gateway, or may be left out, so that several arrows enter an activity.

Every new circle passes a task.
"""

from __future__ import annotations

from dataclasses import replace

from tests.engine.oracle.diagram import Condition, Diagram, Node
from tests.engine.oracle.sketch import Block, Loose, Place, Sketch, Variable


def bend(sketch: Sketch, diagrams: list[Diagram]) -> None:
    choices = sketch.choices
    for block in sketch.blocks:
        if block.kind == "and" and choices.often(35):
            _bridge(sketch, block)
        elif block.kind == "or" and choices.often(30):
            _cross(sketch, block)
    for thread in list(sketch.threads):
        if thread in sketch.bent or len(sketch.threads[thread]) < 3:
            continue
        for _ in range(choices.weighted(((0, 70), (1, 20), (2, 10)))):
            _jump(sketch, thread, _home(sketch, diagrams, thread))
    for diagram in diagrams:
        for node in list(diagram.nodes.values()):
            if node.kind == "xor" and _ways(diagram, node)[1] == 1 < _ways(diagram, node)[0]:
                _change_merge(sketch, diagram, node)


def _bridge(sketch: Sketch, block: Block) -> None:
    """From a place that every token of one branch passes once to such a place of a later branch."""
    here, there = _two(sketch, block)
    begin = _pick(sketch, block.diagram, sketch.tops[here])
    finish = _pick(sketch, block.diagram, sketch.tops[there])
    if begin is None or finish is None:
        return
    split, join = Node(f"p{sketch.number()}", "and"), Node(f"p{sketch.number()}", "and")
    sketch.split(block.diagram, begin, split)
    sketch.split(block.diagram, finish, join)
    _lead(sketch, Place(block.diagram, sketch.thread()), Loose(split.id), join, sketch.choices.often(40))
    # A jump past one of the two ends would leave the other alone.
    sketch.bent |= {here, there}
    sketch.marks.add("bridge between parallel branches")


def _cross(sketch: Sketch, block: Block) -> None:
    here, there = _two(sketch, block)
    begin = _pick(sketch, block.diagram, sketch.threads[here])
    finish = _pick(sketch, block.diagram, sketch.tops[there])
    if begin is None or finish is None:
        return
    split, join = Node(f"x{sketch.number()}", "xor"), Node(f"o{sketch.number()}", "or")
    sketch.variables[split.id] = Variable((0, 1), 0)
    rest = sketch.split(block.diagram, begin, split)
    _make_default(block.diagram, rest)
    sketch.split(block.diagram, finish, join)
    place = Place(block.diagram, sketch.thread())
    _lead(sketch, place, Loose(split.id, Condition(split.id, 1)), join, sketch.choices.often(40))
    sketch.bent |= {here, there}
    sketch.marks.add("crossing between inclusive branches")


def _jump(sketch: Sketch, thread: int, diagram: Diagram | None) -> None:
    if diagram is None:
        return
    begin = _pick(sketch, diagram, sketch.threads[thread])
    finish = _pick(sketch, diagram, sketch.threads[thread])
    if begin is None or finish is None or begin == finish:
        return
    split, merge = Node(f"x{sketch.number()}", "xor"), Node(f"x{sketch.number()}", "xor")
    sketch.variables[split.id] = Variable((0, 1), 0)
    rest = sketch.split(diagram, begin, split)
    _make_default(diagram, rest)
    sketch.split(diagram, finish, merge)
    back = split.id in _after(diagram, merge.id)
    place = Place(diagram, thread, top=False)
    _lead(sketch, place, Loose(split.id, Condition(split.id, 1)), merge, back or sketch.choices.often(30))
    sketch.tops[thread].clear()
    sketch.bent.add(thread)
    sketch.marks.add("jump back" if back else "jump ahead")


def _change_merge(sketch: Sketch, diagram: Diagram, node: Node) -> None:
    choices = sketch.choices
    if choices.often(8):
        node.kind = "or"
        sketch.marks.add("inclusive gateway as a merge")
    elif choices.often(12):
        (leaving,) = [arrow for arrow in diagram.arrows if arrow.source == node.id]
        target = diagram.nodes[leaving.target]
        if not target.is_activity and target.kind != "end":
            return
        diagram.arrows.remove(leaving)
        for index, arrow in enumerate(diagram.arrows):
            if arrow.target == node.id:
                diagram.arrows[index] = replace(arrow, target=target.id)
        del diagram.nodes[node.id]
        sketch.marks.add("several arrows into an activity or end")


# --- Where ----------------------------------------------------------------------------------------


def _two(sketch: Sketch, block: Block) -> tuple[int, int]:
    """Two branches, in their order: arrows that lead one way only never wait for each other."""
    first = sketch.choices.below(len(block.threads) - 1)
    second = first + 1 + sketch.choices.below(len(block.threads) - first - 1)
    return block.threads[first], block.threads[second]


def _pick(sketch: Sketch, diagram: Diagram, numbers: list[int]) -> int | None:
    """One of these arrows on which a gateway may be put."""
    fitting = [
        arrow.number
        for arrow in diagram.arrows
        if arrow.number in numbers and not arrow.link and diagram_kind(diagram, arrow.source) != "first"
    ]
    return sketch.choices.pick(fitting) if fitting else None


def diagram_kind(diagram: Diagram, element: str) -> str:
    node = diagram.nodes.get(element)
    return node.kind if node is not None else ""


def _lead(sketch: Sketch, place: Place, loose: Loose, target: Node, work: bool) -> None:
    if work:
        loose = sketch.go(place, loose, sketch.node(place, "task", "t"))
    sketch.go(place, loose, target)


def _make_default(diagram: Diagram, number: int) -> None:
    place = next(index for index, arrow in enumerate(diagram.arrows) if arrow.number == number)
    diagram.arrows[place] = replace(diagram.arrows[place], default=True)


def _home(sketch: Sketch, diagrams: list[Diagram], thread: int) -> Diagram | None:
    numbers = set(sketch.threads[thread])
    return next((one for one in diagrams if any(arrow.number in numbers for arrow in one.arrows)), None)


def _ways(diagram: Diagram, node: Node) -> tuple[int, int]:
    """How many arrows enter and leave it."""
    entering = sum(arrow.target == node.id for arrow in diagram.arrows)
    return entering, sum(arrow.source == node.id for arrow in diagram.arrows)


def _after(diagram: Diagram, element: str) -> set[str]:
    """The elements that can be reached from it, boundary events included."""
    seen: set[str] = set()
    todo = [element]
    while todo:
        here = todo.pop()
        if here in seen:
            continue
        seen.add(here)
        node = diagram.nodes.get(here)
        todo += [border.id for border in (node.borders if node is not None else ())]
        todo += [arrow.target for arrow in diagram.arrows if arrow.source == here]
    return seen
