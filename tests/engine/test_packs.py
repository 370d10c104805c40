"""A pack takes a version to another house whole, and nothing else ever comes in by it."""

from __future__ import annotations

import hashlib
import io
import json
import tomllib
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import packs, versions
from engine.errors import Invalid, NotFound
from engine.tables import Version
from tests.engine.house import House
from tests.engine.test_versions import FORM, put, task

SHIPPED = Path(__file__).resolve().parents[2] / "bpmn"
TABLE = (SHIPPED / "offer" / "discount_approval.dmn").read_text(encoding="utf-8")
TEXTS = '[process]\nname = "Offerta \\"speciale\\""\n\n[elements]\nask = "Chiedi"\n"a.b" = "Così\\n"\n'


def drawn(folder: Path) -> Path:
    """A folder with one of everything."""
    return put(
        folder,
        offer__bpmn=task("offer", "ask").replace('id="ask"', 'id="ask" camunda:formRef="ask"'),
        ask__form=json.dumps(FORM),
        discount__dmn=TABLE,
        texts__it__toml=TEXTS,
        scenario__toml="# How it is played\n",
        LICENCE="\nApache-2.0\nAnd more\n",
        notes__md="Not part of it",
    )


def deployed(house: House, *paths: Path, **more: Any) -> Version:
    with house.engine.transaction(house.now) as tx:
        report = versions.deploy(house.engine, tx, paths, **more)
        assert report.exit_code == 0, [finding.message for finding in report.findings]
    return newest(house, report.processes[0].process)


def newest(house: House, process: str = "offer") -> Version:
    found = [row for row in house.rows(Version) if row.process == process]
    assert isinstance(found[-1], Version)
    return found[-1]


def files(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(entries: Mapping[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def whole(house: House, tmp_path: Path) -> bytes:
    """A pack of a version with one of everything."""
    version = deployed(house, drawn(tmp_path / "offer"), author="ada", note="first", tag="stable")
    return packs.write(version, house.now)


# --- There and back -------------------------------------------------------------------------------------


def test_a_pack_holds_the_folder_of_the_drawing_and_says_what_it_is(
    house: House, whole: bytes, tmp_path: Path
) -> None:
    inside = files(whole)
    manifest = json.loads(inside["manifest.json"])

    assert inside["process/offer.bpmn"] == (tmp_path / "offer" / "offer.bpmn").read_bytes()
    assert json.loads(inside["process/ask.form"]) == FORM
    assert inside["process/discount.dmn"].decode() == TABLE
    assert tomllib.loads(inside["process/texts.it.toml"].decode()) == tomllib.loads(TEXTS)
    assert inside["process/scenario.toml"] == b"# How it is played\n"
    assert "process/notes.md" not in inside
    assert inside["normal.bpmn"] == newest(house).normal
    assert {
        key: manifest[key] for key in ("format", "process", "version", "tag", "file", "author", "note")
    } == {
        "format": 1,
        "process": "offer",
        "version": 1,
        "tag": "stable",
        "file": "offer.bpmn",
        "author": "ada",
        "note": "first",
    }
    assert manifest["licence"] == "Apache-2.0"
    assert manifest["checksum"] == newest(house).checksum
    assert manifest["exported_at"] == house.now.isoformat()


def test_another_house_gets_the_same_version_from_it(house: House, whole: bytes, tmp_path: Path) -> None:
    sent = newest(house)
    again = deployed(house, put_pack(tmp_path, whole))
    assert (again.number, again.checksum) == (1, sent.checksum)

    with house.engine.transaction(house.now) as tx:
        tx.session.query(Version).delete()
    taken = deployed(house, put_pack(tmp_path, whole))
    for column in ("process", "name", "file", "checksum", "xml", "normal", "forms", "decisions"):
        assert getattr(taken, column) == getattr(sent, column), column
    for column in ("texts", "extras", "answers", "author", "note", "tag"):
        assert getattr(taken, column) == getattr(sent, column), column


def put_pack(folder: Path, data: bytes) -> Path:
    path = folder / "offer-1.percorso"
    path.write_bytes(data)
    return path


def test_the_same_version_gives_the_same_bytes(house: House, whole: bytes) -> None:
    assert packs.write(newest(house), house.now) == whole


def test_an_unzipped_pack_is_a_folder_that_can_be_deployed(
    house: House, whole: bytes, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        archive.extractall(tmp_path / "unzipped")

    assert deployed(house, tmp_path / "unzipped" / "process").number == 1


def test_answers_travel_with_the_drawing(house: House, tmp_path: Path) -> None:
    folder = put(
        tmp_path / "asked", offer__bpmn=task("offer", "ask").replace('name="Sales"', 'name="Nobody"')
    )
    with house.engine.transaction(house.now) as tx:
        report = versions.check(house.engine, tx, [folder])
    [asked] = [finding for finding in report.findings if finding.ask]
    answers = {asked.element or "": {asked.ask.field if asked.ask else "": "sales_rep"}}
    sent = deployed(house, folder, answers=answers)
    data = packs.write(sent, house.now)
    with house.engine.transaction(house.now) as tx:
        tx.session.query(Version).delete()

    assert deployed(house, put_pack(tmp_path, data)).answers == answers


def test_a_changed_scenario_is_a_new_version(house: House, whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "offer" / "scenario.toml").write_text("# Otherwise\n", encoding="utf-8")

    assert deployed(house, tmp_path / "offer").number == 2


@pytest.mark.parametrize("process", ["intake", "qualification", "offer", "support"])
def test_texts_of_our_own_processes_come_back_as_they_were(process: str) -> None:
    for path in (SHIPPED / process).glob("texts.*.toml"):
        texts = tomllib.loads(path.read_text(encoding="utf-8"))
        assert tomllib.loads("\n".join(packs._toml(texts, ()))) == texts


_TEXTS = st.recursive(
    st.text() | st.integers(-(2**60), 2**60) | st.booleans() | st.lists(st.text(), max_size=3),
    lambda inner: st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), _TEXTS, max_size=4))
def test_any_texts_come_back_as_they_were(texts: dict[str, Any]) -> None:
    assert tomllib.loads("\n".join(packs._toml(texts, ()))) == texts


def test_a_version_is_found_by_its_number(house: House, whole: bytes) -> None:
    with house.engine.transaction(house.now) as tx:
        assert versions.pick(tx, "offer").number == versions.pick(tx, "offer", 1).number == 1
        with pytest.raises(NotFound, match="has no version 7"):
            versions.pick(tx, "offer", 7)
        with pytest.raises(NotFound) as refused:
            versions.pick(tx, "order")
        assert refused.value.remedy == "Deployed are: offer."


# --- What is not taken ----------------------------------------------------------------------------------

Change = Callable[[dict[str, bytes]], dict[str, bytes]]


def with_manifest(**changes: Any) -> Change:
    def change(entries: dict[str, bytes]) -> dict[str, bytes]:
        manifest = {**json.loads(entries["manifest.json"]), **changes}
        return {**entries, "manifest.json": json.dumps(manifest).encode()}

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda entries: {**entries, "../evil.bpmn": b"x"}, "pack_foreign"),
        (lambda entries: {**entries, "/etc/passwd": b"x"}, "pack_foreign"),
        (lambda entries: {**entries, "process/../../evil": b"x"}, "pack_foreign"),
        (lambda entries: {**entries, "process\\evil.bpmn": b"x"}, "pack_foreign"),
        (lambda entries: {**entries, "C:evil": b"x"}, "pack_foreign"),
        (lambda entries: {**entries, "process/..": b"x"}, "pack_foreign"),
        (lambda entries: {**entries, "setup.py": b"x"}, "pack_foreign"),
        (lambda entries: {**entries, **{f"process/{n}": b"" for n in range(600)}}, "pack_too_many"),
        (lambda entries: {**entries, "process/a.form": b"0" * 30_000_000}, "pack_too_large"),
        (lambda entries: {**entries, "process/new.form": b"{}"}, "pack_damaged"),
        (lambda entries: {**entries, "process/ask.form": b"{}"}, "pack_damaged"),
        (lambda entries: {"process/offer.bpmn": b"x"}, "pack_entry"),
        (lambda entries: {**entries, "manifest.json": b"[]"}, "pack_entry"),
        (lambda entries: {**entries, "manifest.json": b"[" * 100_000}, "pack_entry"),
        (with_manifest(format="one"), "pack_entry"),
        (with_manifest(format=2), "pack_newer"),
        (with_manifest(sha256=None), "pack_damaged"),
        (with_manifest(file="other.bpmn"), "pack_drawing"),
        (with_manifest(file=["offer.bpmn"]), "pack_drawing"),
    ],
)
def test_a_pack_that_is_not_whole_is_refused_by_name(whole: bytes, change: Change, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        packs.read(zipped(change(files(whole))), "offer.percorso")

    assert refused.value.code == code
    assert "offer.percorso" in refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize(
    "data",
    [b"", b"no zip", b"PK\x03\x04" + b"\0" * 100, b"PK\x05\x06" + b"\0" * 18, b"\xff" * 1000],
)
def test_what_is_no_pack_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        packs.read(data, "offer.percorso")


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_broken_bytes_anywhere_are_refused(whole: bytes, kind: int) -> None:
    for data in (whole, zipped(files(whole), kind)):
        for place in range(0, len(data), max(1, len(data) // 150)):
            broken = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
            try:
                packs.read(broken, "offer.percorso")
            except Invalid as refused:
                assert "offer.percorso" in refused.message


def test_a_zip_bomb_is_stopped_at_the_limit_whatever_size_it_claims(whole: bytes) -> None:
    bomb = zipped({**files(whole), "process/a.form": b"0" * 40_000_000})
    at = bomb.rfind(b"process/a.form") - 46
    lying = bomb[: at + 24] + (10).to_bytes(4, "little") + bomb[at + 28 :]

    with pytest.raises(Invalid):
        packs.read(lying, "offer.percorso")


def test_a_zip_bomb_takes_no_more_memory_than_a_pack_may(whole: bytes) -> None:
    bomb = zipped({**files(whole), "process/a.form": bytes(200_000_000)})
    tracemalloc.start()
    try:
        with pytest.raises(Invalid, match="larger than 20 MB"):
            packs.read(bomb, "offer.percorso")
        assert tracemalloc.get_traced_memory()[1] < 3 * packs.MAX_BYTES
    finally:
        tracemalloc.stop()


def test_an_entry_that_comes_twice_is_refused(whole: bytes) -> None:
    out = io.BytesIO(whole)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "a") as archive:
        archive.writestr("manifest.json", b"{}")

    with pytest.raises(Invalid, match="twice"):
        packs.read(out.getvalue(), "offer.percorso")


def test_a_pack_with_a_wrong_drawing_is_checked_like_any_other(
    house: House, whole: bytes, tmp_path: Path
) -> None:
    entries = {"manifest.json": files(whole)["manifest.json"], "process/offer.bpmn": b"<html/>"}
    manifest = json.loads(entries["manifest.json"])
    manifest["sha256"] = {"process/offer.bpmn": hashlib.sha256(b"<html/>").hexdigest()}
    entries["manifest.json"] = json.dumps(manifest).encode()
    with house.engine.transaction(house.now) as tx:
        report = versions.deploy(house.engine, tx, [put_pack(tmp_path, zipped(entries))])

    assert report.exit_code == 1
    assert report.findings[0].file == "offer.bpmn"
