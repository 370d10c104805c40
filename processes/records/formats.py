"""Normal forms of what people type: phone numbers, mail addresses, VAT numbers, company names."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.it import iva

LEGAL_FORMS = (
    "societa a responsabilita limitata semplificata", "societa a responsabilita limitata",
    "societa per azioni", "societa in accomandita semplice", "societa in nome collettivo",
    "societa cooperativa", "srls", "srl", "spa", "sas", "snc", "sapa", "ss", "scarl", "soc coop", "coop",
    "gmbh", "ag", "ltd", "llc", "inc", "sarl", "sa", "bv",
)  # fmt: skip

_FORM = re.compile(rf"\b({'|'.join(form.replace(' ', ' +') for form in LEGAL_FORMS)})$")


def phone(text: str, region: str = "IT") -> str | None:
    """A number in E.164 (`02 1234567` gives `+39021234567`, the zero kept), None if it cannot be one."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(text: str) -> str | None:
    """A mail address with its domain in lower case, None if it cannot be one; no network is asked."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def vat_number(text: str, country: str | None = None) -> tuple[str, str] | None:
    """(country, number) of a valid VAT number, else None: `IT 0074-3110157` gives ("IT", "00743110157").

    A bare number is an Italian one unless `country` says otherwise; Italian numbers that a
    spreadsheet robbed of their leading zeros are completed.
    """
    compact = re.sub(r"[^0-9A-Za-z]", "", text).upper()
    if compact[:2].isalpha():
        country, compact = compact[:2], compact[2:]
    if country in {None, "IT"}:
        try:
            return "IT", iva.validate(compact.zfill(11))
        except ValidationError:
            return None
    try:
        eu_vat.validate(f"{country}{compact}")
    except ValidationError:
        return None
    return str(country), compact


def company_name(name: str) -> tuple[str, str | None]:
    """The name that matching goes by and the legal form: `Rossi Mario S.r.l.` gives ("mario rossi", "srl").

    Accents, case and punctuation are dropped and the words sorted.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"\b((?:[a-z]\.)+[a-z]?)", lambda found: found.group().replace(".", ""), plain)
    plain = " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())
    form = _FORM.search(plain)
    bare = plain[: form.start()].strip() if form else plain
    return " ".join(sorted((bare or plain).split())), form.group() if form else None


def domain(text: str) -> str | None:
    """The host of a website or of a mail address, without `www.`."""
    text = text.strip().lower()
    host = text.rpartition("@")[2] if "@" in text and "/" not in text else text
    host = urlsplit(host if "//" in host else f"//{host}").hostname or ""
    host = host.removeprefix("www.")
    return host if "." in host else None


def point(kind: str, text: str) -> str:
    """What a contact point is found by; the text itself, tidied, when it has no normal form."""
    text = text.strip()
    if kind in {"email", "pec"}:
        return email(text) or text.lower()
    if kind in {"phone", "mobile", "whatsapp"}:
        return phone(text) or re.sub(r"[^0-9+]", "", text) or text
    return text
