"""The fields a lead from a file can have, and the headers by which they are recognised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

# Field -> headers in Italian and English, as they come out of `plain`, the surest first. A bare "id"
# or "n" is left out on purpose: it is a line number as often as an identifier, and two lists that
# both count from 1 would be taken for the same leads.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "external_id": (
        "external id", "mql id", "lead id", "prospect id", "lead number", "record id", "contact id", "uuid",
        "guid", "id lead", "id contatto", "id esterno", "codice lead", "numero lead", "codice contatto",
    ),
    "received_at": (
        "received at", "received", "date", "data", "created", "created at", "created on", "created date",
        "creation date", "date created", "create date", "timestamp", "submitted at", "submission date",
        "first contact date", "lead date", "date received", "date added", "data ricezione", "ricevuto",
        "ricevuto il", "data creazione", "creato il", "data inserimento", "data contatto", "data richiesta",
        "primo contatto", "data primo contatto", "data e ora", "informazioni cronologiche", "data lead",
    ),
    "source": (
        "source", "lead source", "origin", "utm source", "original source", "lead origin", "traffic source",
        "fonte", "origine", "provenienza", "sorgente", "fonte lead", "origine lead", "come ci ha conosciuto",
    ),
    "campaign": ("campaign", "campaign name", "utm campaign", "campagna", "nome campagna"),
    "channel": ("channel", "canale", "medium", "utm medium"),
    "contact.first_name": (
        "first name", "firstname", "given name", "nome", "nome di battesimo", "nome contatto",
    ),
    "contact.last_name": ("last name", "lastname", "surname", "family name", "cognome", "cognome contatto"),
    "contact.name": (
        "name", "full name", "contact", "contact name", "contact person", "lead name", "nominativo",
        "nome e cognome", "nome cognome", "cognome e nome", "cognome nome", "nome completo", "referente",
        "contatto", "persona di riferimento",
    ),
    "contact.email": (
        "email", "e mail", "mail", "email address", "e mail address", "work email", "business email",
        "indirizzo email", "indirizzo e mail", "posta elettronica", "email contatto", "email aziendale",
    ),
    "contact.phone": (
        "phone", "phone number", "telephone", "tel", "business phone", "work phone", "telefono",
        "numero di telefono", "numero telefono", "tel fisso", "telefono fisso",
        "recapito telefonico", "recapito",
    ),
    "contact.mobile": (
        "mobile", "mobile phone", "mobile number", "cell", "cell phone", "cellulare", "cell cellulare",
        "telefono cellulare", "numero cellulare", "tel cellulare",
    ),
    "contact.job_title": (
        "job title", "title", "position", "role", "job", "ruolo", "qualifica", "mansione", "posizione",
        "funzione",
    ),
    "contact.language": ("language", "lingua", "locale", "preferred language"),
    "company.name": (
        "company", "company name", "organization", "organisation", "account", "account name",
        "business name", "azienda", "nome azienda", "ragione sociale", "denominazione", "societa",
        "impresa", "ditta", "cliente", "denominazione sociale",
    ),
    "company.vat_number": (
        "vat", "vat number", "vat no", "vat id", "vat code", "partita iva", "p iva", "piva", "part iva",
        "p iva azienda", "numero partita iva",
    ),
    "company.tax_code": ("tax code", "fiscal code", "codice fiscale", "cod fiscale", "c f", "cf"),
    "company.website": ("website", "web site", "site", "web", "domain", "sito", "sito web", "sito internet"),
    "company.street": ("street", "address", "street address", "address line 1", "via", "indirizzo", "sede"),
    "company.zip": ("zip", "zip code", "postal code", "postcode", "cap", "codice postale", "c a p"),
    "company.city": ("city", "town", "citta", "comune", "localita"),
    "company.province": (
        "province", "state", "state province", "county", "provincia", "prov", "sigla provincia",
    ),
    "company.country": ("country", "country region", "nation", "paese", "nazione"),
    "company.employees_band": (
        "employees", "number of employees", "company size", "headcount", "dipendenti", "numero dipendenti",
        "n dipendenti", "addetti", "dimensione azienda",
    ),
    "sector": (
        "industry", "sector", "business segment", "settore", "settore di attivita", "attivita", "ateco",
    ),
    "need": (
        "message", "request", "need", "inquiry", "enquiry", "question", "description", "subject", "messaggio",
        "richiesta", "testo", "testo richiesta", "esigenza", "bisogno", "descrizione", "oggetto", "domanda",
    ),
    "notes": ("notes", "note", "comment", "comments", "remarks", "commenti", "annotazioni", "osservazioni"),
    "expected_amount": (
        "amount", "value", "deal value", "expected amount", "expected revenue", "budget", "estimated value",
        "importo", "valore", "valore stimato", "importo previsto", "importo stimato", "valore trattativa",
    ),
    "currency": ("currency", "valuta", "divisa"),
}  # fmt: skip

FIELDS = tuple(HEADERS)


def plain(header: str) -> str:
    """A header without accents, case and punctuation, its runs of words apart: `E-Mail` gives `e mail`.

    Words run together are parted at capitals: `FirstName` gives `first name`.
    """
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


def guess(header: Iterable[str], taken: Mapping[str, str]) -> dict[str, str]:
    """Field -> column, for the fields and columns not yet `taken` (field -> column)."""
    free = [name for name in header if name not in taken.values()]
    found: dict[str, str] = {}
    for field, synonyms in HEADERS.items():
        if field in taken:
            continue
        by_name = {plain(name): name for name in reversed(free)}
        column = next((by_name[each] for each in (plain(field), *synonyms) if each in by_name), None)
        if column is not None:
            found[field] = column
            free.remove(column)
    return _whole_names(found)


def _whole_names(found: dict[str, str]) -> dict[str, str]:
    """`Nome` alone, without a `Cognome`, is the whole name."""
    first = found.get("contact.first_name")
    if first and "contact.last_name" not in found and "contact.name" not in found:
        found["contact.name"] = found.pop("contact.first_name")
    return found
