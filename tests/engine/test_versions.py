"""Deploying: all or nothing, one version for each change, and a reason for everything refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import inbox, versions
from engine.errors import Invalid, NotFound
from engine.tables import Version
from engine.versions import Report
from tests.engine.drawing import Part, bpmn, call, end, service, start, user
from tests.engine.house import House

FORM = {
    "type": "default",
    "schemaVersion": 18,
    "components": [{"type": "number", "key": "amount", "label": "Amount"}],
}


def task(process: str, *tasks: str) -> str:
    parts: list[Part] = [user(id) for id in tasks]
    return bpmn(
        process, start("begin"), *parts, end("done"), " > ".join(["begin", *tasks, "done"]), lanes={"Sales": tasks}
    )  # fmt: skip


def put(folder: Path, **files: str) -> Path:
    """Files by name, two underscores for a dot: `offer__bpmn`."""
    folder.mkdir(exist_ok=True, parents=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def deploy(house: House, *paths: Path) -> Report:
    with house.engine.transaction(house.now) as tx:
        return versions.deploy(house.engine, tx, paths, author="ada", note="first")


def outcomes(report: Report) -> list[tuple[str, str, int | None]]:
    return [(one.process, one.outcome, one.version) for one in report.processes]


def errors(report: Report) -> list[str]:
    return [finding.code for finding in report.findings if finding.severity == "error"]


def test_a_folder_is_deployed_with_the_files_that_lie_beside_the_drawing(
    house: House, tmp_path: Path
) -> None:
    put(
        tmp_path / "offer",
        offer__bpmn=task("offer", "ask").replace('id="ask"', 'id="ask" camunda:formRef="ask"'),
        ask__form=json.dumps(FORM),
        texts__it__toml='[elements]\nask = "Chiedi"',
    )
    put(tmp_path / "deep" / "call", call__bpmn=task("call", "ring"))
    report = deploy(house, tmp_path)
    assert (outcomes(report), report.findings, report.exit_code) == (
        [("call", "deployed", 1), ("offer", "deployed", 1)], [], 0,
    )  # fmt: skip
    _, offer = house.rows(Version)
    assert (offer.file, offer.author, offer.note, offer.created_at) == (
        "offer.bpmn",
        "ada",
        "first",
        house.now,
    )
    case = house.start("offer")
    with pytest.raises(Invalid) as refusal:
        house.complete(case, "ask", {"amount": "many"})
    assert set(refusal.value.fields) == {"amount"}
    assert house.look(lambda tx: house.engine.latest(tx, "offer").element_name("ask", "it")) == "Chiedi"


def test_the_same_files_make_no_new_version_and_any_change_does(house: House, tmp_path: Path) -> None:
    put(tmp_path, offer__bpmn=task("offer", "ask"))
    changes = [
        {},
        {"offer__bpmn": task("offer", "ask")},
        {"ask__form": json.dumps(FORM)},
        {"texts__en__toml": '[elements]\nask = "Ask"'},
        {"offer__bpmn": task("offer", "ask", "again")},
    ]
    numbers = []
    for change in changes:
        put(tmp_path, **change)
        numbers.append(deploy(house, tmp_path).processes[0].version)
    assert numbers == [1, 1, 2, 3, 4]


def test_when_one_file_is_refused_none_is_deployed(house: House, tmp_path: Path) -> None:
    put(
        tmp_path,
        good__bpmn=task("good", "ask"),
        bad__bpmn=task("bad", "ask").replace("userTask", "complexGateway"),
    )
    report = deploy(house, tmp_path)
    assert report.exit_code == 1
    assert errors(report)
    assert house.rows(Version) == []


def test_checking_changes_nothing(house: House, tmp_path: Path) -> None:
    put(tmp_path, good__bpmn=task("good", "ask"))
    before = house.counted()
    report = house.look(lambda tx: versions.check(house.engine, tx, [tmp_path]))
    assert (outcomes(report), house.counted()) == ([("good", "deployed", None)], before)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("offer.bpmn", ""),
        ("offer.bpmn", "<definitions"),
        (
            "offer.bpmn",
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><definitions>&e;</definitions>',
        ),
        ("offer.bpmn", "<html/>"),
        ("ask.form", "{"),
        ("ask.form", "[]"),
        ("rules.dmn", "<definitions"),
        ("texts.it.toml", "= ="),
    ],
)
def test_an_unreadable_file_is_an_error_that_names_it(
    house: House, tmp_path: Path, name: str, text: str
) -> None:
    put(tmp_path, offer__bpmn=task("offer", "ask"))
    (tmp_path / name).write_text(text)
    report = deploy(house, tmp_path)
    assert report.exit_code == 1
    assert errors(report)
    assert {finding.file for finding in report.findings if finding.severity == "error"} == {name}
    assert all(
        finding.message and finding.remedy for finding in report.findings if finding.severity == "error"
    )
    assert house.rows(Version) == []


def test_a_file_that_is_none_is_an_error_too(house: House, tmp_path: Path) -> None:
    put(tmp_path, offer__bpmn=task("offer", "ask"))
    (tmp_path / ".#ask.form").symlink_to("somebody@somewhere.1234")  # As Emacs marks a file being edited.
    (tmp_path / "rules.dmn").mkdir()
    report = deploy(house, tmp_path)
    assert [finding.message for finding in report.findings] == [
        ".#ask.form cannot be read: No such file or directory.",
        "rules.dmn cannot be read: Is a directory.",
    ]


def test_a_path_that_leads_nowhere_is_refused(house: House, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(NotFound) as refusal:
            deploy(house, path)
        assert str(path) in refusal.value.message


def test_what_could_not_be_compiled_is_refused_at_deploy_and_not_when_a_case_starts(
    house: House, tmp_path: Path
) -> None:
    shape = (
        '<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI"><d:BPMNPlane><d:BPMNShape bpmnElement="ask">'
        '<c:Bounds xmlns:c="http://www.omg.org/spec/DD/20100524/DC" x="left" y="top"/></d:BPMNShape></d:BPMNPlane>'
        "</d:BPMNDiagram>"
    )
    put(tmp_path, offer__bpmn=task("offer", "ask").replace("</definitions>", f"{shape}</definitions>"))
    report = deploy(house, tmp_path)
    assert errors(report) == ["drawing_unrunnable"]
    assert house.rows(Version) == []


def test_a_service_that_is_missing_is_handed_to_a_person(house: House, tmp_path: Path) -> None:
    drawing = bpmn(
        "offer", start("begin"), service("send_it"), end("done"), "begin > send_it > done", lanes={"Sales": ["send_it"]}
    )  # fmt: skip
    put(tmp_path, offer__bpmn=drawing)
    report = deploy(house, tmp_path)
    assert outcomes(report) == [("offer", "deployed_with_warnings", 1)]
    assert [(one.code, one.element, one.process) for one in report.findings] == [
        ("service_handed_over", "send_it", "offer")
    ]
    assert house.open(house.start("offer")) == ["send_it"]


def test_a_service_that_is_there_is_run(house: House, tmp_path: Path) -> None:
    drawing = bpmn("offer", start("begin"), service("send_it"), end("done"), "begin > send_it > done")
    put(tmp_path, offer__bpmn=drawing)
    house.services(send_it=lambda step: None)
    assert outcomes(deploy(house, tmp_path)) == [("offer", "deployed", 1)]
    assert house.start("offer").status == "completed"


def test_processes_that_call_each_other_are_deployed_together(house: House, tmp_path: Path) -> None:
    caller = bpmn("caller", start("s"), call("calls", "called"), end("e"), "s > calls > e")
    put(tmp_path, a__bpmn=caller)
    alone = deploy(house, tmp_path)
    assert (alone.exit_code, [finding.code for finding in alone.findings]) == (
        3,
        ["call_handed_over", "lane_missing"],
    )
    put(tmp_path, b__bpmn=task("called", "ask"))
    assert deploy(house, tmp_path).exit_code == 0
    assert house.open(house.start("caller")) == ["ask"]


def test_versions_are_listed_newest_first_with_how_many_cases_run_on_them(
    house: House, tmp_path: Path
) -> None:
    put(tmp_path, offer__bpmn=task("offer", "ask"))
    deploy(house, tmp_path)
    house.start("offer")
    second = house.start("offer")
    house.complete(second, "ask")
    put(tmp_path, offer__bpmn=task("offer", "ask", "again"))
    deploy(house, tmp_path)
    rows = house.look(lambda tx: versions.versions(tx, "offer"))
    assert [(row.number, row.open_cases, row.cases) for row in rows] == [(2, 0, 0), (1, 1, 2)]
    counts = [house.queries(lambda tx: versions.versions(tx))]
    for number in range(3):
        put(tmp_path / str(number), more__bpmn=task(f"more_{number}", "ask"))
        deploy(house, tmp_path / str(number))
    assert [house.queries(lambda tx: versions.versions(tx))] == counts
    assert house.look(lambda tx: len(inbox.tasks(tx))) == 1
