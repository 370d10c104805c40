"""A gateway without conditions is a person's choice among its arrows."""

from __future__ import annotations

from engine.diagrams import dialects
from engine.diagrams.choices import PASSED, field_of, variable_of
from engine.diagrams.elements import HUMAN
from engine.diagrams.normal.conditions import NEVER, condition
from engine.diagrams.normal.sheet import CHOICE, OF, Node, Sheet, Ways, bpmn, event, title
from engine.xml import local


def complex_splits(sheet: Sheet) -> None:
    """A complex gateway that only splits lets a person say which ways are taken."""
    ways = sheet.ways()
    for gateway in sheet.steps("complexGateway"):
        bare = not any(local(one.tag) == "activationCondition" for one in gateway)
        if bare and len(ways.reaching(gateway)) <= 1 < len(ways.leaving(gateway)):
            gateway.tag = bpmn("inclusiveGateway")
            sheet.report("complex_gateway_choice", gateway)


def defaults(sheet: Sheet) -> None:
    """The default flow leaves its own gateway; the only arrow without a condition is the default."""
    ways = sheet.ways()
    for gateway in sheet.steps("exclusiveGateway", "inclusiveGateway"):
        leaving = ways.leaving(gateway)
        default = gateway.get("default")
        if default and default not in {arrow.get("id") for arrow in leaving}:
            gateway.attrib.pop("default")
            sheet.report("default_wrong", gateway, flow=default)
        bare = [arrow for arrow in leaving if condition(arrow) is None]
        bare = [arrow for arrow in bare if arrow.get("id") != gateway.get("default")]
        conditioned = len(leaving) > len(bare) + bool(gateway.get("default"))
        if len(leaving) < 2 or not bare or not conditioned:
            continue
        if len(bare) == 1 and not gateway.get("default"):
            gateway.set("default", bare[0].get("id"))
            sheet.report("default_chosen", gateway, flow=title(bare[0]))
            continue
        for arrow in bare:
            answer = sheet.ask("condition_missing", arrow, "condition", "expression", source=title(gateway))
            _condition(arrow, answer or NEVER)


def choices(sheet: Sheet) -> None:
    """Ask the task before the gateway, or put a small task of its own in front of it."""
    ways = sheet.ways()
    steps = sheet.by_id()
    chosen = [node for node in sheet.steps("exclusiveGateway", "inclusiveGateway") if _is_open(node, ways)]
    alone = [gateway for gateway in chosen if not _follows_tasks(gateway, ways, steps, set(chosen))]
    for gateway in chosen:
        drawn = gateway.get("id")
        bare = [arrow for arrow in ways.leaving(gateway) if not dialects.name_of(arrow)]
        if local(gateway.tag) == "exclusiveGateway" and len(bare) == 1 and not gateway.get("default"):
            gateway.set("default", bare[0].get("id"))
        _mark(gateway, drawn, ways.leaving(gateway))
        labels = ", ".join(sorted(f"“{_label(arrow, steps)}”" for arrow in ways.leaving(gateway)))
        own = gateway in alone
        sheet.report("choice_task" if own else "choice_made", gateway, ways=labels, field=field_of(drawn))
    for gateway in alone:
        _task_before(sheet, gateway, ways.leaving(gateway))


def _is_open(gateway: Node, ways: Ways) -> bool:
    leaving = ways.leaving(gateway)
    default = gateway.get("default")
    return (
        len(leaving) > 1
        and not gateway.get(CHOICE)
        and not any(condition(arrow) for arrow in leaving if arrow.get("id") != default)
    )


def _follows_tasks(gateway: Node, ways: Ways, steps: dict[str, Node], chosen: set[Node]) -> bool:
    """Do all ways into the gateway come from tasks of persons, with nothing happening between?

    A way through another gateway at which a person chooses comes from a task as well: that one has
    a task before it, or gets one of its own.
    """
    pending, seen = [gateway], {gateway}
    while pending:
        node = pending.pop()
        reaching = ways.reaching(node)
        if not reaching:
            return False
        if local(node.tag) in ("parallelGateway", "inclusiveGateway") and len(reaching) > 1:
            return False
        for arrow in reaching:
            source = steps.get(arrow.get("sourceRef"))
            if source is None:
                return False
            if source in seen or source in chosen or source.get(CHOICE):
                continue
            if local(source.tag) in HUMAN:
                if any(local(one.tag).endswith("LoopCharacteristics") for one in source):
                    return False
                continue
            if local(source.tag) not in PASSED or event(source) is not None:
                return False
            seen.add(source)
            pending.append(source)
    return True


def _mark(gateway: Node, drawn: str, leaving: list[Node]) -> None:
    gateway.set(CHOICE, field_of(drawn))
    variable = variable_of(drawn)
    several = local(gateway.tag) == "inclusiveGateway"
    if several:
        gateway.attrib.pop("default", None)
    for arrow in leaving:
        if arrow.get("id") != gateway.get("default"):
            id = arrow.get("id")
            _condition(arrow, f'list contains({variable}, "{id}")' if several else f'{variable} = "{id}"')


def _task_before(sheet: Sheet, gateway: Node, leaving: list[Node]) -> None:
    """A task that takes the gateway's place and id; the gateway itself goes on behind it."""
    drawn = gateway.get("id")
    task = gateway.makeelement(bpmn("userTask"), {"id": drawn, "name": title(gateway)})
    task.sourceline = gateway.sourceline
    for one in list(gateway):
        if local(one.tag) in ("documentation", "extensionElements"):
            task.append(one)
    gateway.addprevious(task)
    gateway.set("id", sheet.fresh(f"{drawn}_way"))
    gateway.set(OF, drawn)
    for arrow in leaving:
        arrow.set("sourceRef", gateway.get("id"))
    sheet.connect(task, gateway, task)


def _condition(arrow: Node, text: str) -> None:
    for one in [one for one in arrow if local(one.tag) == "conditionExpression"]:
        arrow.remove(one)
    made = arrow.makeelement(bpmn("conditionExpression"))
    made.text = text
    arrow.append(made)


def _label(arrow: Node, steps: dict[str, Node]) -> str:
    target = steps.get(arrow.get("targetRef"))
    return dialects.name_of(arrow) or (title(target) if target is not None else "")
