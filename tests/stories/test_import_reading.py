"""Files as people really export them: whatever their delimiter, encoding and quoting, no row is lost."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Invalid
from processes.imports import table
from processes.imports.quotes import Row

PEOPLE = [["Nome", "Città", "Note"], ["Niccolò", "Forlì", "perché è così"], ["Giosuè", "Cefalù", "più"]]


def rows(text: str) -> list[Row]:
    return table.read(text.encode(), "leads.csv").rows


def told(found: list[Row]) -> list[tuple[int, list[str], list[str]]]:
    return [(row.line, row.cells, [repair.code for repair in row.repairs]) for row in found]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850", "mac_roman"]
)
def test_any_delimiter_and_any_encoding_of_an_italian_office_is_read(delimiter: str, encoding: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in PEOPLE)
    found = table.read(text.encode(encoding), "leads.csv")
    assert (found.delimiter, found.header) == (delimiter, PEOPLE[0])
    assert [row.cells for row in found.rows] == PEOPLE[1:]


def test_decimal_commas_do_not_make_the_comma_a_delimiter() -> None:
    found = table.read(b"Nome;Importo\nAnna;1.200,50\nUgo;3,5\n", "leads.csv")
    assert (found.delimiter, [row.cells[1] for row in found.rows]) == (";", ["1.200,50", "3,5"])


def test_excels_hint_about_the_delimiter_is_taken_and_is_no_row() -> None:
    found = table.read(b"sep=;\nNome;Note\nAnna;a,b,c\n", "leads.csv")
    assert (found.header, told(found.rows)) == (["Nome", "Note"], [(3, ["Anna", "a,b,c"], [])])


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_numbers_are_those_that_an_editor_shows(ending: str) -> None:
    text = ending.join(["Nome;Note;Città", "", 'Anna;"prima', 'seconda";Roma', "Ugo;;Pisa"])
    assert told(rows(text)) == [(3, ["Anna", "prima\nseconda", "Roma"], []), (5, ["Ugo", "", "Pisa"], [])]


def test_a_line_wrapped_whole_in_quotes_is_unwrapped_and_said() -> None:
    text = 'id,name,note\n"1,Anna,""a, b"""\n2,Ugo,c\n'
    assert told(rows(text)) == [(2, ["1", "Anna", "a, b"], ["whole_line_quoted"]), (3, ["2", "Ugo", "c"], [])]


def test_a_quote_never_closed_does_not_swallow_the_rows_after_it() -> None:
    text = 'id;name;note\n1;"Anna;x\n2;Ugo;y\n3;Eva;"z\n4;Leo;w\n'
    assert told(rows(text)) == [
        (2, ["1", "Anna", "x"], ["stray_quote"]),
        (3, ["2", "Ugo", "y"], []),
        (4, ["3", "Eva", "z"], ["stray_quote"]),
        (5, ["4", "Leo", "w"], []),
    ]


def test_two_quotes_that_close_one_another_by_mistake_do_not_make_two_rows_one() -> None:
    assert told(rows('id;name;note\n1;"Anna;x\n2;Ugo";y\n')) == [
        (2, ["1", "Anna", "x"], ["stray_quote"]),
        (3, ["2", 'Ugo"', "y"], []),
    ]


def test_quotes_inside_a_name_stay_in_it() -> None:
    text = 'id;name;note\n1;"Rossi "Gomme" srl";x\n2;tubo da 5";y\n'
    assert told(rows(text)) == [
        (2, ["1", 'Rossi "Gomme" srl', "x"], ["stray_quote"]),
        (3, ["2", 'tubo da 5"', "y"], []),
    ]


def test_a_text_of_several_lines_in_the_last_column_is_one_row() -> None:
    text = 'id;name;note\n1;Anna;"prima\nseconda"\n2;Ugo;c\n'
    assert told(rows(text)) == [(2, ["1", "Anna", "prima\nseconda"], []), (4, ["2", "Ugo", "c"], [])]
    text = 'id,name,note\n1,Anna,"prima\nuno, due, tre\nfine, o no, chi sa"\n2,Ugo,c\n'
    assert told(rows(text)) == [
        (2, ["1", "Anna", "prima\nuno, due, tre\nfine, o no, chi sa"], []),
        (5, ["2", "Ugo", "c"], []),
    ]


def test_short_rows_are_filled_and_empty_cells_too_many_are_cut() -> None:
    text = "id;name;note\n1;Anna\n2;Ugo;c;;\n3;Eva;d;e\n"
    assert told(rows(text)) == [
        (2, ["1", "Anna", ""], ["short_row"]),
        (3, ["2", "Ugo", "c"], ["long_row"]),
        (4, ["3", "Eva", "d", "e"], []),
    ]


def test_leading_zeros_are_kept() -> None:
    found = rows("CAP;Telefono;P.IVA\n00184;0612345678;00743110157\n")
    assert found[0].cells == ["00184", "0612345678", "00743110157"]


def test_columns_of_the_same_name_and_without_one_are_told_apart() -> None:
    assert table.read(b"Nome;Note;Note;\na;b;c;d\n", "leads.csv").header == [
        "Nome",
        "Note",
        "Note (2)",
        "column 4",
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "leads.csv cannot be read: it is empty."),
        (b"\r\n\r\n", "leads.csv cannot be read: it is empty."),
        (
            b"PK\x03\x04....",
            "leads.csv cannot be read: it is an Excel or OpenDocument workbook, not a CSV file.",
        ),
        (bytes(range(256)), "leads.csv cannot be read: it holds something other than text."),
        (b"Nome\nAnna\n", "leads.csv:1 cannot be read: it has one column only."),
        (b"Nome;Note\n", "leads.csv cannot be read: it has a header but no rows."),
        (
            b"anna@example.it;Anna\nugo@example.it;Ugo\n",
            "leads.csv:1 cannot be read: it has no header: \u201canna@example.it\u201d looks like data.",
        ),
        (b"1;2;3\n4;5;6\n", "leads.csv:1 cannot be read: it has no header: \u201c1\u201d looks like data."),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_a_sentence(data: bytes, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        table.read(data, "leads.csv")
    assert refused.value.message == message
    assert refused.value.remedy


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n"), max_size=8), min_size=3, max_size=3),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([";", ","]),
)  # fmt: skip
def test_what_a_spreadsheet_writes_with_its_quotes_is_read_back(
    data: list[list[str]], delimiter: str
) -> None:
    # A text of several lines, each with as many delimiters as the header, is taken for rows with a
    # quote too many: no row must ever be swallowed.
    data = [[f"x{cell.replace(delimiter, '.') if chr(10) in cell else cell}" for cell in row] for row in data]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *data])
    found = table.read(written.getvalue().encode(), "leads.csv", encoding="utf-8", delimiter=delimiter)
    assert [row.cells for row in found.rows] == data
    assert not any(row.repairs for row in found.rows)


def test_a_careless_export_gives_all_9240_leads_and_338_repairs(shared_data: Path) -> None:
    file = shared_data / "xeducation" / "leads_raw_dirty.csv"
    found = table.read(file.read_bytes(), file.name)
    assert len(found.rows) == 9240
    assert sum(row.cells[6] == "1" for row in found.rows) == 3561
    repairs = [repair.code for row in found.rows for repair in row.repairs]
    assert repairs == ["whole_line_quoted"] * 338
