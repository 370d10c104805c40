"""The drawings we ship: they can be run, they are tidy, and what they name is there."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine import config, feel, forms
from engine.diagrams.check import Context, check
from engine.diagrams.elements import Drawing, read
from engine.xml import BPMNDI, DC, local, parse
from processes import ALL, catalog
from processes.common import SHARED
from processes.offer import FOLLOW_UPS
from processes.records import entities

BPMN = Path(__file__).resolve().parents[2] / "bpmn"
KEYS = tuple(sorted(path.parent.name for path in BPMN.glob("*/*.bpmn")))
SIZES = {"Task": (100, 80), "Event": (36, 36), "Gateway": (50, 50), "callActivity": (100, 80)}

# What forms may write.
FIELDS = {
    "lead": entities.LEAD_FIELDS,
    "company": entities.COMPANY_FIELDS,
    "contact": (*entities.CONTACT_FIELDS, *entities.POINTS),
    "offer": entities.OFFER_FIELDS,
    "ticket": entities.TICKET_FIELDS,
}

Box = tuple[float, float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True)
class Paper:
    """One shipped process: its folder, drawing and picture."""

    folder: Path
    root: Any
    drawing: Drawing

    @property
    def shapes(self) -> dict[str, Box]:
        return {shape.get("bpmnElement"): _bounds(shape) for shape in self._all("BPMNShape")}

    @property
    def edges(self) -> dict[str, list[Point]]:
        return {
            edge.get("bpmnElement"): [
                (float(point.get("x")), float(point.get("y")))
                for point in edge
                if local(point.tag) == "waypoint"
            ]
            for edge in self._all("BPMNEdge")
        }

    @property
    def labels(self) -> dict[str, Box]:
        return {label.getparent().get("bpmnElement"): _bounds(label) for label in self._all("BPMNLabel")}

    @property
    def lanes(self) -> dict[str, str]:
        return {node.get("id"): node.get("name") for node in self.root.iter() if local(node.tag) == "lane"}

    def texts(self, language: str) -> dict[str, Any]:
        return tomllib.loads((self.folder / f"texts.{language}.toml").read_text(encoding="utf-8"))

    def forms(self) -> dict[str, dict[str, Any]]:
        return {
            path.stem: json.loads(path.read_text(encoding="utf-8")) for path in self.folder.glob("*.form")
        }

    def boxes(self) -> dict[str, Box]:
        """The shapes of all steps, events and gateways; no pool, lane or sub-process."""
        kinds = {id: element.kind for id, element in self.drawing.elements.items()}
        return {id: box for id, box in self.shapes.items() if kinds.get(id, "subProcess") != "subProcess"}

    def _all(self, tag: str) -> Iterator[Any]:
        yield from self.root.iter(f"{{{BPMNDI}}}{tag}")


def _bounds(node: Any) -> Box:
    bounds = next(node.iterchildren(f"{{{DC}}}Bounds"))
    x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


@pytest.fixture(params=KEYS)
def paper(request: pytest.FixtureRequest) -> Paper:
    folder = BPMN / request.param
    file = f"{request.param}.bpmn"
    root = parse((folder / file).read_bytes(), file)
    [drawing] = read(root, file)
    return Paper(folder, root, drawing)


# --- What is drawn can be run ---------------------------------------------------------------------


def test_the_four_processes_of_the_first_slice_are_drawn() -> None:
    assert set(KEYS) == {process.key for process in ALL} == {"intake", "qualification", "offer", "support"}


def test_the_check_finds_nothing_that_keeps_a_drawing_from_running(paper: Paper) -> None:
    settings, known = config.load(config.shipped_file()), catalog()
    decisions: dict[str, object] = {}
    for table in paper.folder.glob("*.dmn"):
        decisions.update(feel.read_decisions(table.read_bytes(), table.name))
    context = Context(
        roles=settings.role_of_lane,
        services=lambda process, name: known.service(process, name) is not None,
        forms=set(paper.forms()),
        decisions=decisions,
        processes=set(KEYS),
        parameters=set(settings.parameters),
    )
    findings = check(paper.root, [paper.drawing], context, paper.drawing.file)
    assert [finding.message for finding in findings if finding.severity in {"error", "question"}] == []


# Parameters whose names are put together in a drawing: beginning -> what may follow.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "first_contact_": ("A", "B", "C"),
    "retry_call_": ("1", "2", "3", "4"),
    "ticket_reminder_": ("1", "2", "3"),
    "ticket_resolution_": ("S1", "S2", "S3", "S4"),
}


def test_every_parameter_asked_for_has_a_default() -> None:
    drawn = " ".join((BPMN / key / f"{key}.bpmn").read_text(encoding="utf-8") for key in KEYS)
    drawn = drawn.replace("&quot;", '"')
    begun = set(re.findall(r'due\("(\w+)" \+', drawn))
    assert begun == set(FAMILIES)
    asked = {begin + end for begin in begun for end in FAMILIES[begin]}
    asked |= set(re.findall(r'due\("(\w+)"\)', drawn))
    for path in BPMN.parent.glob("processes/*.py"):
        asked |= set(re.findall(r'(?:parameter\(|after\(step, )"(\w+)"', path.read_text(encoding="utf-8")))
    asked |= set(FOLLOW_UPS)
    assert asked - set(config.load(config.shipped_file()).parameters) == set()


def test_no_stage_is_waited_in_for_ever_without_being_flagged(paper: Paper) -> None:
    limits = set(config.load(config.shipped_file()).parameters)
    waits = {"userTask", "intermediateCatchEvent", "eventBasedGateway", "callActivity"}
    stages = {one.stage for one in paper.drawing.elements.values() if one.kind in waits}
    process = paper.drawing.process
    unlimited = {
        stage
        for stage in stages
        # A called process's stages have limits of their own.
        if stage not in KEYS and not {f"stalled.{process}.{stage}", f"stalled.{process}"} & limits
    }
    assert unlimited == set()


def test_only_one_dialect_is_spoken(paper: Paper) -> None:
    spaces = set(paper.root.nsmap)
    assert "camunda" in spaces and "zeebe" not in spaces


def test_ids_can_be_read_and_none_is_reserved(paper: Paper) -> None:
    ids = [*paper.drawing.elements, *paper.drawing.flows, *paper.lanes]
    assert [id for id in ids if not re.fullmatch(r"[a-z][a-z0-9_]+", id)] == []
    assert len(ids) == len(set(ids))
    assert {"start", "end", "root"} & set(ids) == set()


# --- The picture ----------------------------------------------------------------------------------


def test_everything_drawn_has_its_place_in_the_picture(paper: Paper) -> None:
    assert set(paper.shapes) - set(paper.lanes) - {f"{paper.drawing.process}_pool"} == set(
        paper.drawing.elements
    )
    assert set(paper.lanes) <= set(paper.shapes)
    assert set(paper.edges) == set(paper.drawing.flows)


def test_shapes_have_the_usual_sizes(paper: Paper) -> None:
    wrong = []
    for id, (x1, y1, x2, y2) in paper.boxes().items():
        kind = paper.drawing.elements[id].kind
        size = next(size for end, size in SIZES.items() if kind.endswith(end))
        if (x2 - x1, y2 - y1) != size:
            wrong.append(id)
    assert wrong == []


def test_no_shape_lies_on_another(paper: Paper) -> None:
    elements = paper.drawing.elements
    hit = [
        (one, other)
        for (one, box), (other, second) in combinations(paper.boxes().items(), 2)
        if _overlap(box, second) and one not in _host(elements, other) and other not in _host(elements, one)
    ]
    assert hit == []


def _host(elements: Mapping[str, Any], id: str) -> tuple[str | None]:
    return (elements[id].attached_to,)


def test_every_step_lies_in_its_lane_and_in_its_sub_process(paper: Paper) -> None:
    shapes, elements = paper.shapes, paper.drawing.elements
    lanes = {name: id for id, name in paper.lanes.items()}
    outside = []
    for id, element in elements.items():
        if element.attached_to:
            continue
        around = shapes[element.scope] if element.scope in elements else shapes[lanes[element.lane or ""]]
        if not _within(shapes[id], around):
            outside.append(id)
    assert outside == []


def test_arrows_are_right_angled_and_begin_and_end_on_borders(paper: Paper) -> None:
    wrong = []
    for id, points in paper.edges.items():
        flow = paper.drawing.flows[id]
        straight = all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))
        ends = _on_border(points[0], paper.shapes[flow.source]) and _on_border(
            points[-1], paper.shapes[flow.target]
        )
        if not straight or not ends:
            wrong.append(id)
    assert wrong == []


def test_no_arrow_runs_across_a_step(paper: Paper) -> None:
    crossed = [
        (id, name)
        for id, points in paper.edges.items()
        for name, box in paper.boxes().items()
        if any(_overlap(_segment(a, b), _shrunk(box)) for a, b in pairwise(points))
    ]
    assert crossed == []


def test_labels_lie_on_no_step_and_on_no_other_label(paper: Paper) -> None:
    labels = paper.labels
    covered = [
        (id, name)
        for id, label in labels.items()
        for name, box in paper.boxes().items()
        if _overlap(_shrunk(label, 2), _shrunk(box, 2)) and id != name
    ]
    covered += [
        (one, other)
        for (one, box), (other, second) in combinations(labels.items(), 2)
        if _overlap(box, second)
    ]
    assert covered == []


def test_events_gateways_and_named_arrows_have_a_label_with_a_place(paper: Paper) -> None:
    elements = paper.drawing.elements.values()
    named = {one.id for one in elements if one.name and one.kind.endswith(("Event", "Gateway"))}
    named |= {flow.id for flow in paper.drawing.flows.values() if flow.name}
    assert set(paper.labels) == named


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _within(inner: Box, outer: Box) -> bool:
    return outer[0] < inner[0] and outer[1] < inner[1] and inner[2] < outer[2] and inner[3] < outer[3]


def _on_border(point: Point, box: Box) -> bool:
    inside = box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]
    return inside and (point[0] in (box[0], box[2]) or point[1] in (box[1], box[3]))


def _segment(a: Point, b: Point) -> Box:
    return (min(a[0], b[0]) - 0.1, min(a[1], b[1]) - 0.1, max(a[0], b[0]) + 0.1, max(a[1], b[1]) + 0.1)


def _shrunk(box: Box, by: float = 1) -> Box:
    return (box[0] + by, box[1] + by, box[2] - by, box[3] - by)


# --- The rhyme: what a drawing names is there, and nothing lies about unnamed ----------------------


def test_every_person_s_step_has_a_form_and_every_form_a_step(paper: Paper) -> None:
    steps = [element for element in paper.drawing.elements.values() if element.kind == "userTask"]
    assert [step.id for step in steps if step.form is None or step.due is None] == []
    assert {step.form for step in steps} == set(paper.forms())


def test_every_service_is_a_function_of_the_same_name_and_no_function_is_idle(paper: Paper) -> None:
    [process] = [one for one in ALL if one.key == paper.drawing.process]
    drawn = {one.service for one in paper.drawing.elements.values() if one.kind == "serviceTask"}
    known = {**SHARED, **process.services}
    assert drawn - set(known) == set()
    assert set(process.services) - drawn == set()
    assert {name: service.__name__ for name, service in known.items()} == {name: name for name in known}


def test_every_shared_service_is_drawn_somewhere() -> None:
    drawn: set[str | None] = set()
    for key in KEYS:
        [drawing] = read(parse((BPMN / key / f"{key}.bpmn").read_bytes(), key), key)
        drawn |= {element.service for element in drawing.elements.values()}
    assert set(SHARED) - drawn == set()


def test_every_decision_is_a_table_of_the_same_name(paper: Paper) -> None:
    drawn = {one.decision for one in paper.drawing.elements.values() if one.kind == "businessRuleTask"}
    files = list(paper.folder.glob("*.dmn"))
    assert drawn == {file.stem for file in files}
    for file in files:
        assert list(feel.read_decisions(file.read_bytes(), file.name)) == [file.stem]


def test_start_messages_are_taken_by_functions(paper: Paper) -> None:
    [process] = [one for one in ALL if one.key == paper.drawing.process]
    starts = {
        one.message
        for one in paper.drawing.elements.values()
        if one.kind == "startEvent" and one.scope == paper.drawing.process
    }
    assert starts - {None} == set(process.receive)


def test_forms_compile_and_write_to_fields_that_exist(paper: Paper) -> None:
    unknown = []
    for name, schema in paper.forms().items():
        assert schema["id"] == name and schema["type"] == "default" and schema["schemaVersion"] >= 16
        compiled = forms.compile_form(schema, f"{name}.form")
        for key in compiled.fields:
            kind, _, field = key.partition(".")
            if field and field not in FIELDS[kind]:
                unknown.append(f"{name}: {key}")
    assert unknown == []


# --- Languages ------------------------------------------------------------------------------------


def test_everything_with_a_name_has_an_italian_one(paper: Paper) -> None:
    named = {one.id for one in paper.drawing.elements.values() if one.name}
    named |= {flow.id for flow in paper.drawing.flows.values() if flow.name}
    texts = paper.texts("it")
    assert set(texts["elements"]) == named | set(paper.lanes)
    assert texts["process"]["name"]


def test_italian_lanes_are_called_like_their_roles(paper: Paper) -> None:
    settings, texts = config.load(config.shipped_file()), paper.texts("it")["elements"]
    for id, name in paper.lanes.items():
        role = settings.role_of_lane(name)
        assert role is not None and texts[id] == settings.roles[role].label("it")


def test_every_field_and_choice_of_a_form_has_an_italian_text(paper: Paper) -> None:
    texts = paper.texts("it")["forms"]
    assert set(texts) == set(paper.forms())
    for name, schema in paper.forms().items():
        given = dict(texts[name])
        options = given.pop("options", {})
        assert set(given) == {component["key"] for component in schema["components"]}
        assert {key: set(values) for key, values in options.items()} == {
            component["key"]: {value["value"] for value in component["values"]}
            for component in schema["components"]
            if "values" in component
        }


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_stage_has_a_name(paper: Paper, language: str) -> None:
    own = {element.stage for element in paper.drawing.elements.values() if element.kind != "callActivity"}
    steps = {"userTask", "intermediateCatchEvent", "eventBasedGateway"}
    waiting = {one.stage for one in paper.drawing.elements.values() if one.kind in steps}
    assert waiting <= set(paper.texts(language)["stages"]) <= own


def test_mails_are_written_in_both_languages(paper: Paper) -> None:
    italian, english = (paper.texts(language).get("mail", {}) for language in ("it", "en"))
    assert set(italian) == set(english)
    source = (BPMN.parent / "processes" / f"{paper.drawing.process}.py").read_text(encoding="utf-8")
    assert set(italian) == set(re.findall(r'mail_contact\(step, "(\w+)"', source))
    for template in [*italian.values(), *english.values()]:
        assert template["subject"].format(case_no="1", name="2") and template["body"].format(
            case_no="1", name="2"
        )


# --- The scenario of `percorso play` --------------------------------------------------------------


def test_the_scenario_knows_every_person_s_step_and_its_fields(paper: Paper) -> None:
    scenario = tomllib.loads((paper.folder / "scenario.toml").read_text(encoding="utf-8"))
    elements = paper.drawing.elements
    steps = {one.id for one in elements.values() if one.kind == "userTask"}
    schemas = paper.forms()
    assert set(scenario["tasks"]) == steps
    for id, task in scenario["tasks"].items():
        components = {one["key"]: one for one in schemas[elements[id].form or ""]["components"]}
        answers = task["answers"]
        assert set(answers) <= set(components)
        required = {key for key, one in components.items() if one.get("validate", {}).get("required")}
        assert required <= set(answers)
        for key, answer in answers.items():
            chosen = answer.get("of", answer) if isinstance(answer, dict) else {}
            if "values" in components[key] and isinstance(chosen, dict):
                assert set(chosen) <= {value["value"] for value in components[key]["values"]}, (id, key)
    for id in scenario.get("messages", {}):
        assert elements[id].message


def test_probabilities_of_a_scenario_add_up_to_one(paper: Paper) -> None:
    scenario = tomllib.loads((paper.folder / "scenario.toml").read_text(encoding="utf-8"))
    wrong = []
    for id, task in scenario["tasks"].items():
        for key, answer in task["answers"].items():
            if not isinstance(answer, dict):
                continue
            weights = answer["of"] if answer.get("kind") == "choice" else None if "kind" in answer else answer
            if isinstance(weights, dict) and abs(sum(weights.values()) - 1) > 0.001:
                wrong.append((id, key))
    assert wrong == []


# --- The tests themselves -------------------------------------------------------------------------


def test_a_shape_moved_onto_another_is_noticed() -> None:
    assert _overlap((0, 0, 100, 80), (90, 70, 190, 150))
    assert not _overlap((0, 0, 100, 80), (100, 0, 200, 80))
    assert not _on_border((50, 40), (0, 0, 100, 80)) and _on_border((100, 40), (0, 0, 100, 80))


def test_the_files_are_plain_xml_without_tabs_or_carriage_returns() -> None:
    for path in [*BPMN.glob("*/*.bpmn"), *BPMN.glob("*/*.dmn")]:
        data = path.read_bytes()
        assert b"\r" not in data and b"\t" not in data
        assert etree.fromstring(data) is not None
