"""The front end: built when its sources change, found through its manifest, missed in one sentence."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import hatch_build
from engine.errors import SetupError
from web import assets, sentences

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project with the front end's sources, and a note that they were built."""
    shutil.copytree(
        ROOT / "web/frontend", tmp_path / "web/frontend", ignore=shutil.ignore_patterns("node_modules")
    )
    built = tmp_path / "web/static/built"
    built.mkdir(parents=True)
    (built / "sources.sha256").write_text(hatch_build.fingerprint(tmp_path) + "\n", encoding="ascii")
    return tmp_path


def test_a_front_end_that_is_up_to_date_needs_no_node(tree: Path) -> None:
    assert hatch_build.is_up_to_date(tree)
    assert _hook(tree).dependencies() == []


@pytest.mark.parametrize("source", ["src/app.css", "src/form.js", "icons.json", "package-lock.json"])
def test_a_changed_source_asks_for_node(tree: Path, source: str) -> None:
    with (tree / "web/frontend" / source).open("a", encoding="utf-8") as file:
        file.write(" ")

    assert _hook(tree).dependencies() == [hatch_build.NODE]


def test_a_new_source_asks_for_node(tree: Path) -> None:
    (tree / "web/frontend/src/new.js").write_text("export {};\n", encoding="utf-8")

    assert _hook(tree).dependencies() == [hatch_build.NODE]


def test_line_ends_of_windows_are_no_change(tree: Path) -> None:
    file = tree / "web/frontend/src/app.css"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    assert hatch_build.is_up_to_date(tree)


def test_a_missing_front_end_says_in_one_sentence_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as refusal:
        assets.load(str, tmp_path)

    assert refusal.value.message == (
        "The scripts and styles of the pages are not built: run `make assets` in the project's folder."
    )
    assert refusal.value.where == str(tmp_path)


def test_the_tags_of_a_page_name_files_that_exist() -> None:
    tags = assets.load(lambda path: f"/static/{path}").tags("app")

    files = re.findall(r'(?:href|src)="/static/([^"]+)"', tags)
    assert [re.sub(r'="[^"]+"', "", line) for line in tags.split("\n")] == [
        "<link rel href>",
        "<script type src></script>",
    ]
    assert all((ROOT / "web/static" / file).is_file() for file in files) and len(files) == 2


def test_an_icon_points_into_the_sprite() -> None:
    drawn = assets.load(lambda path: f"/static/{path}").icon("inbox", label="<My tasks>")

    address = re.search(r'<use href="/static/([^"#]+)#inbox">', drawn)
    assert address is not None
    assert '<symbol id="inbox"' in (ROOT / "web/static" / address[1]).read_text(encoding="utf-8")
    assert 'role="img" aria-label="&lt;My tasks&gt;"' in drawn


def test_an_unknown_icon_is_refused_by_name() -> None:
    with pytest.raises(SetupError, match="no icon “unicorn”"):
        assets.load(str).icon("unicorn")


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    named = {
        name
        for page in (ROOT / "web/templates").rglob("*.html")
        for call in re.findall(r"\b(?:icon|empty)\(([^()]*)", page.read_text(encoding="utf-8"))
        for name in re.findall(r'^"([a-z-]+)"|(?:else|or) "([a-z-]+)"', call)
    }
    flat = {one for pair in named for one in pair if one} | set(sentences.SIGNS.values())

    assert flat != set() and flat - assets.load(str).icons == set()


def test_the_licences_of_what_is_bundled_travel_with_it() -> None:
    licences = (assets.BUILT / "licences.md").read_text(encoding="utf-8")

    for package in ("htmx.org", "bpmn-js", "@bpmn-io/form-js-viewer", "echarts", "@tabler/core"):
        assert re.search(rf"^##? {re.escape(package)} - ", licences, re.MULTILINE), package


def _hook(root: Path) -> hatch_build.FrontEndHook:
    return hatch_build.FrontEndHook(str(root), {}, None, None, str(root), "wheel")  # type: ignore[arg-type]
