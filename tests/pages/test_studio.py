"""The processes: their drawing, their versions, and the files to take home."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from engine import packs, versions, xml
from tests.diagrams.picture import Picture, stripped
from tests.pages.conftest import DRAWINGS, House

ORIGINAL = DRAWINGS / "visit" / "visit.bpmn"


def deploy_another(house: House, folder: Path) -> None:
    (folder / "visit").mkdir()
    for file in (DRAWINGS / "visit").iterdir():
        changed = file.read_text(encoding="utf-8").replace("Visit wanted", "Visit asked for")
        (folder / "visit" / file.name).write_text(changed, encoding="utf-8")
    house.later(days=1)
    with house.engine.transaction(house.now) as tx:
        versions.deploy(house.engine, tx, [folder], author="carla", note="Clearer words")


def rows(page: str) -> list[list[str]]:
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body.split("<tr")[1:]]
    return [[html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row[:5]] for row in cells]


def test_every_process_is_listed_by_its_name_with_its_open_cases(house: House) -> None:
    house.visit("Giulia", "Bianchi")
    page = house.client("ada").get("/processes").text
    assert re.findall(r'card-title mb-0">([^<]+)<', page) == ["Confirmation", "Customer visit"]
    assert "1 open case" in page
    assert "0 open cases" in page
    assert "Visita al cliente" in house.client("ada", language="it").get("/processes").text


def test_versions_show_who_deployed_them_when_and_how_many_cases_run_on_each(
    house: House, tmp_path: Path
) -> None:
    house.visit("Giulia", "Bianchi")
    deploy_another(house, tmp_path)
    page = house.client("ada").get("/processes/visit").text
    assert rows(page) == [
        ["2", "3 Mar 2026, 10:00", "Carla Neri", "Clearer words", "0"],
        ["1", "2 Mar 2026, 10:00", "Ada Rossi", "The first one", "1"],
    ]


def test_an_older_version_can_be_looked_at(house: House, tmp_path: Path) -> None:
    deploy_another(house, tmp_path)
    ada = house.client("ada")

    def drawn(address: str) -> bytes:
        found = re.search(r'data-bpmn-url="([^"]+)"', ada.get(address).text)
        assert found
        return bytes(ada.get(html.unescape(found[1])).data)

    assert b"Visit asked for" in drawn("/processes/visit")
    assert b"Visit wanted" in drawn("/processes/visit?version=1")


def test_the_original_file_comes_back_bit_for_bit(house: House) -> None:
    ada = house.client("ada")
    address = re.search(r'href="(/versions/\d+/original)"', ada.get("/processes/visit").text)
    assert address
    answer = ada.get(address[1])
    assert answer.data == ORIGINAL.read_bytes()
    assert answer.headers["Content-Disposition"] == "attachment; filename=visit.bpmn"


def test_a_version_can_be_taken_home_as_a_picture_and_as_a_pack(house: House) -> None:
    ada = house.client("ada", language="it")
    page = ada.get("/processes/visit").text
    addresses = {end: re.search(rf'href="(/versions/\d+/{end})"', page) for end in ("picture", "pack")}
    found = {end: ada.get(match[1]) for end, match in addresses.items() if match}

    assert found["picture"].mimetype == "image/svg+xml"
    assert "Visita al cliente" in found["picture"].text
    assert found["picture"].headers["Content-Disposition"] == "attachment; filename=visit-1.svg"
    pack = packs.read(found["pack"].data, "visit-1.percorso")
    assert pack.files["visit.bpmn"] == ORIGINAL.read_bytes()
    assert found["pack"].headers["Content-Disposition"] == "attachment; filename=visit-1.percorso"


def test_the_drawing_is_shown_with_the_reader_s_names_and_nothing_else_changed(house: House) -> None:
    page = house.client("ada", language="it").get("/processes/visit").text
    address = html.unescape(re.search(r'data-bpmn-url="([^"]+)"', page)[1])  # type: ignore[index]
    shown = xml.parse(house.client("ada", language="it").get(address).data, "shown")
    drawn = xml.parse(ORIGINAL.read_bytes(), "drawn")
    changed = {}
    for one, other in zip(drawn.iter(), shown.iter(), strict=True):
        assert {**one.attrib, "name": None} == {**other.attrib, "name": None}
        if one.get("name") != other.get("name"):
            changed[one.get("id")] = other.get("name")
    assert changed == {
        "visit_pool": "Visita al cliente",
        "lane_sales": "Commerciale",
        "plan_visit": "Pianifica la visita",
        "agree": "Concorda al 100 %",
    }


def test_a_drawing_without_coordinates_is_laid_out_to_be_seen(house: House, tmp_path: Path) -> None:
    for file in (DRAWINGS / "visit").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    bare = stripped(ORIGINAL.read_bytes())
    (tmp_path / ORIGINAL.name).write_bytes(bare)
    with house.engine.transaction(house.now) as tx:
        versions.deploy(house.engine, tx, [tmp_path])
    ada = house.client("ada")
    page = ada.get("/processes/visit").text
    shown = re.search(r'data-bpmn-url="([^"]+)"', page)
    assert shown
    assert Picture(ada.get(html.unescape(shown[1])).data).faults() == []
    original = re.search(r'href="(/versions/\d+/original)"', page)
    assert original
    assert ada.get(original[1]).data == bare


@pytest.mark.parametrize(
    "address",
    [
        "/processes/nothing",
        "/processes/visit?version=9",
        "/versions/99/original",
        "/versions/99/drawing",
        "/versions/99/pack",
        "/versions/99/picture",
    ],
)
def test_what_does_not_exist_is_not_found(house: House, address: str) -> None:
    assert house.client("ada").get(address).status_code == 404


def test_the_modelling_style_of_a_version_is_told_to_those_who_deploy(house: House) -> None:
    page = "/processes/visit"
    assert "Look at the modelling style" in house.client("diana").get(page).text

    shown = house.client("diana").get(f"{page}?style=1").text
    remarks = shown.split('id="style"')[1].split("</section>")[0]
    assert "finding-style" in remarks or "Nothing was found about the modelling style." in remarks
    assert 'id="style"' not in house.client("ada").get(f"{page}?style=1").text
