"""Columns are recognised in Italian and English, cells are understood, and a mapping has the last word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.errors import Invalid
from processes.imports import cells, mapping, rows, table
from processes.imports.columns import FIELDS
from processes.imports.rows import Candidate

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")


def read(text: str, given: Mapping[str, object] | None = None, zone: str = "Europe/Rome") -> list[Candidate]:
    found = table.read(text.encode(), "leads.csv")
    plan = mapping.plan(mapping.layout(given or {}), found, zone)
    return [rows.candidate(row, found, plan, NOW) for row in found.rows]


def columns(header: str, given: Mapping[str, object] | None = None) -> dict[str, str]:
    found = table.read(f"{header}\n{';'.join('x' for _ in header.split(';'))}\n".encode(), "leads.csv")
    return dict(mapping.plan(mapping.layout(given or {}), found, "UTC").columns)


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (
            "Data;Nome;Cognome;E-mail;Telefono;Cellulare;Ragione sociale;P. IVA;CAP;Provincia;Fonte;Messaggio",
            ["received_at", "contact.first_name", "contact.last_name", "contact.email", "contact.phone",
             "contact.mobile", "company.name", "company.vat_number", "company.zip", "company.province",
             "source", "need"],
        ),
        (
            "Created On;First Name;LastName;Email Address;Phone Number;Company;VAT no.;ZIP Code;Source;Message",
            ["received_at", "contact.first_name", "contact.last_name", "contact.email", "contact.phone",
             "company.name", "company.vat_number", "company.zip", "source", "need"],
        ),
        ("mql_id;first_contact_date;origin", ["external_id", "received_at", "source"]),
        ("NOME E COGNOME;Società;Città;Importo", ["contact.name", "company.name", "company.city",
                                                   "expected_amount"]),
        ("Nome;Azienda", ["contact.name", "company.name"]),
        ("company.name;contact.email;campaign", ["company.name", "contact.email", "campaign"]),
    ],
)  # fmt: skip
def test_headers_are_recognised_in_both_languages(header: str, fields: list[str]) -> None:
    assert columns(header) == dict(zip(fields, header.split(";"), strict=True))


def test_a_bare_number_column_is_not_taken_for_an_identifier() -> None:
    assert columns("ID;N.;Nome;Azienda") == {"contact.name": "Nome", "company.name": "Azienda"}


def test_the_surest_of_two_headers_wins() -> None:
    assert columns("Lead Origin;Lead Source;Lead Number;Prospect ID") == {
        "source": "Lead Source",
        "external_id": "Prospect ID",
    }


def test_the_mapping_has_the_last_word_over_what_is_guessed() -> None:
    given = {"columns": {"source": "Canale", "contact": {"email": "PEC"}}, "guess": True}
    assert columns("Fonte;Canale;Email;pec", given) == {"source": "Canale", "contact.email": "pec"}
    assert columns("Fonte;Canale;Email;pec", {**given, "guess": False}) == {
        "source": "Canale",
        "contact.email": "pec",
    }


def test_columns_that_nobody_uses_are_shown() -> None:
    found = table.read(b"Email;Landing page;Note\na;b;c\n", "leads.csv")
    shown = mapping.plan(mapping.Layout(), found, "UTC").to_json()
    assert shown["columns"] == {"contact.email": "Email", "notes": "Note"}
    assert shown["guessed"] == ["contact.email", "notes"]
    assert shown["unused"] == ["Landing page"]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-05", "2026-03-04T23:00:00+00:00"),
        ("2026-07-05 14:07:09", "2026-07-05T12:07:09+00:00"),
        ("2026-03-05T14:07:09Z", "2026-03-05T14:07:09+00:00"),
        ("05/03/2026", "2026-03-04T23:00:00+00:00"),
        ("5/3/26", "2026-03-04T23:00:00+00:00"),
        ("05/03/2026 14:07", "2026-03-05T13:07:00+00:00"),
        ("05/03/2026 14.07", "2026-03-05T13:07:00+00:00"),
        ("05.03.2026", "2026-03-04T23:00:00+00:00"),
        ("46086", "2026-03-04T23:00:00+00:00"),
        ("46086,5", "2026-03-05T11:00:00+00:00"),
    ],
)
def test_dates_are_read_day_first_as_iso_and_as_excels_numbers(text: str, instant: str) -> None:
    found = cells.instant(text, ROME)
    assert found is not None
    assert found.isoformat() == instant


@pytest.mark.parametrize("text", ["31/02/2026", "domani", "12", "2026-13-01", "99/99/9999"])
def test_what_is_no_date_is_not_taken_for_one(text: str) -> None:
    assert cells.instant(text, ROME) is None
    (refused,) = read(f"Data;Nome;Azienda\n{text};Anna;Rossi\n")
    assert refused.refusal is not None
    assert refused.refusal.message == f"\u201c{text}\u201d is not a date."


def test_a_column_that_can_only_be_read_month_first_is() -> None:
    found = read("Created;Name;Company\n01/02/2026;Ann;A\n01/25/2026;Bob;B\n", zone="UTC")
    assert [each.received_at.day for each in found] == [2, 25]


def test_a_date_in_the_future_is_refused() -> None:
    (refused,) = read("Data;Nome;Azienda\n05/03/2062;Anna;Rossi\n")
    assert refused.refusal is not None
    assert refused.refusal.message == "Its date 05/03/2062 lies in the future."


def test_without_a_column_of_dates_leads_are_received_now() -> None:
    (found,) = read("Nome;Azienda\nAnna;Rossi\n")
    assert (found.received_at, found.warnings) == (NOW, [])


def test_the_mapping_says_how_dates_are_written_and_where() -> None:
    text = "Data;Nome;Azienda\n2026.02.03 10:00;Anna;Rossi\n"
    (found,) = read(text, {"date_formats": ["yyyy.MM.dd HH:mm"], "zone": "America/Sao_Paulo"})
    assert found.received_at == datetime(2026, 2, 3, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "decimal_comma", "amount"),
    [
        ("1.234,56", True, "1234.56"),
        ("\u20ac 1.200", True, "1200"),
        ("1200,5 EUR", True, "1200.5"),
        ("1,234.56", False, "1234.56"),
        ("$ 1,200", False, "1200"),
        ("12.34", True, None),
        ("1.234,56", False, None),
        ("1e5", False, None),
        ("tra 5 e 10", True, None),
        ("", True, None),
    ],
)
def test_an_amount_is_read_strictly(text: str, decimal_comma: bool, amount: str | None) -> None:
    found = cells.amount(text, decimal_comma=decimal_comma)
    assert found == (Decimal(amount) if amount else None)


def test_amounts_follow_what_the_whole_column_shows() -> None:
    comma = read("Nome;Importo\nAnna;1.200\nUgo;3,50\n")
    point = read("Nome;Importo\nAnna;1.200\nUgo;3.50\n")
    assert [each.payload["expected_amount"] for each in comma] == [Decimal(1200), Decimal("3.50")]
    assert [each.payload["expected_amount"] for each in point] == [Decimal("1.2"), Decimal("3.5")]


def test_what_a_row_says_reaches_the_message_tidied() -> None:
    text = (
        "Data;Nome;Cognome;Email;Telefono;Cellulare;Azienda;Partita IVA;CAP;Citt\u00e0;Provincia;Paese;Fonte;Messaggio\n"
        "05/03/2026 10:00; Anna ;Bianchi;Anna.Bianchi@ACME.it;02 1234567;333 1234567;Acme S.r.l.;743110157;"
        "184;Roma;rm;Italia;Fiera di Milano;Vorrei un preventivo\n"
    )
    (found,) = read(text)
    assert found.received_at == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
    assert found.payload["contact"] == {
        "first_name": "Anna",
        "last_name": "Bianchi",
        "email": "Anna.Bianchi@acme.it",
        "phone": "+39021234567",
        "mobile": "+393331234567",
    }
    assert found.payload["company"] == {
        "name": "Acme S.r.l.",
        "vat_number": "00743110157",
        "zip": "00184",
        "city": "Roma",
        "province": "RM",
        "country": "IT",
    }
    assert (found.payload["source"], found.payload["need"]) == ("fiera_di_milano", "Vorrei un preventivo")
    assert [repair.code for repair in found.repairs] == ["vat_zeros"]
    assert found.warnings == []


def test_what_cannot_be_understood_is_kept_and_said() -> None:
    text = "Nome;Email;Telefono;P.IVA;Paese;Importo\nAnna;anna.example.it;interno 12;12345678901;Boh;tanto\n"
    (found,) = read(text)
    assert found.payload["contact"] == {
        "last_name": "Anna",
        "email": "anna.example.it",
        "phone": "interno 12",
    }
    assert found.payload["company"] == {"vat_number": "12345678901"}
    assert found.payload["expected_amount"] is None
    assert found.payload["notes"] == "country: Boh\namount: tanto"
    assert [warning.code for warning in found.warnings] == [
        "email_wrong",
        "phone_wrong",
        "country_unknown",
        "vat_wrong",
        "amount_wrong",
    ]


def test_select_and_its_like_mean_that_nothing_was_chosen() -> None:
    (found,) = read("Name;City;Lead Source;Company\nAnn;Select;n/a;Acme\n", {"defaults": {"source": "web"}})
    assert (found.payload["company"], found.payload["source"]) == ({"name": "Acme"}, "web")


def test_where_a_person_without_a_company_lives_is_kept_in_the_notes() -> None:
    (found,) = read("Name;City;Country;Notes\nAnn;Mumbai;India;calls back\n")
    assert (found.payload["company"], found.payload["notes"]) == (
        {},
        "calls back\ncity: Mumbai\ncountry: IN",
    )


def test_a_text_longer_than_its_column_is_cut_and_whole_in_the_notes() -> None:
    (found,) = read(f"Nome;Azienda;Codice fiscale\nAnna;Rossi;{'a' * 20}\n")
    assert found.payload["company"] == {"name": "Rossi", "tax_code": "A" * 16}
    assert found.payload["notes"] == f"tax_code: {'A' * 20}"
    assert [warning.message for warning in found.warnings] == [
        "tax_code was cut after 16 characters; the notes have all of it."
    ]


def test_values_are_translated_and_an_empty_source_is_unknown() -> None:
    given = {"values": {"source": {"ADV": "paid_search"}}}
    found = read("Nome;Fonte\nAnna;adv\nUgo;\nEva;Passaparola\n", given)
    assert [each.payload["source"] for each in found] == ["paid_search", "unknown", "passaparola"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Anna;Rossi;a;b", "It has 4 cells, the header has 3."),
        (";;", "It holds nothing."),
        ("Totale: 12", "It has one cell where the header has 3."),
    ],
)
def test_a_row_that_is_none_is_refused_with_its_reason(row: str, reason: str) -> None:
    _, refused = read(f"Nome;Azienda;Note\nEva;Verdi;x\n{row}\n")
    assert refused.refusal is not None
    assert (refused.line, refused.refusal.message) == (3, reason)


def test_a_row_is_known_by_its_content_whatever_the_order_of_columns() -> None:
    (one,) = read("Nome;Azienda\nAnna;Rossi\n")
    (two,) = read("Azienda;Nome;Note\nRossi; Anna ;\n")
    (three,) = read("Nome;Azienda\nAnna;Verdi\n")
    assert one.key == two.key == one.content_key
    assert one.key != three.key


def test_identifiers_of_two_systems_do_not_meet() -> None:
    text = "Lead ID;Nome\n7;Anna\n"
    (fair,) = read(text, {"system": "fair"})
    (crm,) = read(text, {"system": "crm"})
    assert fair.key != crm.key


# --- MAP.toml -------------------------------------------------------------------------------------


def refusal(tmp_path: Path, text: str, header: str = "Nome;Azienda") -> str:
    file = tmp_path / "map.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        found = table.read(f"{header}\na;b\n".encode(), "leads.csv")
        mapping.plan(mapping.load(file), found, "UTC")
    return refused.value.message.replace(str(tmp_path), "") + " " + str(refused.value.remedy)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zone = 'Mars'", "/map.toml, zone: \u201cMars\u201d is no time zone. Use a name like Europe/Rome or UTC."),
        ("colums = 1", "/map.toml, colums: there is no such setting. See docs/importing-leads.md."),
        ("zone = 7", "/map.toml, zone: it must be a text. Correct it."),
        ("[columns]\nneed = 'Testo'", "/map.toml, columns.need: leads.csv has no column \u201cTesto\u201d. "
                                      "Its columns are \u201cNome\u201d, \u201cAzienda\u201d."),
        ("date_formats = ['dd/MMM']", "/map.toml, date_formats: \u201cdd/MMM\u201d is no date format. "
                                      "Write it like dd/MM/yyyy HH:mm."),
        ("[won]\nat = 'Nome'", "/map.toml, won: it must say which leads were won. "
                               "Give `file` and `key`, or `column` and `values`."),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_with_place_reason_and_remedy(
    tmp_path: Path, text: str, said: str
) -> None:
    assert refusal(tmp_path, text) == said


def test_toml_that_is_none_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "zone =").startswith("/map.toml: it is not valid TOML (Invalid value")
    with pytest.raises(Invalid) as refused:
        mapping.load(tmp_path / "none.toml")
    assert refused.value.remedy == "Check its name."


def test_a_field_that_is_none_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    assert refusal(tmp_path, "[columns]\nname = 'Nome'").startswith(
        "/map.toml, columns.name: there is no such field. Fields are external_id, received_at, source,"
    )


def test_a_file_of_which_no_column_is_known_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "", "foo;bar") == (
        "leads.csv: none of its columns is known (foo, bar). "
        "Name them in a mapping: --map MAP.toml, see docs/importing-leads.md."
    )


def test_every_setting_and_field_of_a_mapping_is_documented() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "importing-leads.md").read_text(encoding="utf-8")
    settings = {*mapping.Layout.__dataclass_fields__, *mapping.Won.__dataclass_fields__} - {"file", "won"}
    assert {name for name in settings if f"{name} = " not in text and f"[{name}" not in text} == set()
    fields = {name.rpartition(".")[2] for name in FIELDS}
    assert {name for name in fields if f"`{name}`" not in text} == set()
    assert "[won]\nfile = " in text


def test_the_shipped_example_can_be_read() -> None:
    example = mapping.load(Path(__file__).resolve().parents[2] / "examples" / "olist.toml")
    assert (example.counts_as_new, example.zone) == (True, "UTC")
