"""Invented people and companies of Italy; whoever bears such a name in truth is not meant."""

from __future__ import annotations

import unicodedata
from random import Random

FIRST_NAMES = (
    "Alessandro", "Alice", "Andrea", "Anna", "Antonio", "Arianna", "Beatrice", "Carlo", "Caterina",
    "Chiara", "Claudio", "Cristina", "Daniele", "Davide", "Elena", "Elisa", "Emanuele", "Enrico",
    "Fabio", "Federica", "Federico", "Filippo", "Francesca", "Francesco", "Gabriele", "Giacomo",
    "Giorgia", "Giorgio", "Giovanni", "Giulia", "Giuseppe", "Ilaria", "Irene", "Laura", "Lorenzo",
    "Luca", "Lucia", "Marco", "Maria", "Marta", "Martina", "Matteo", "Michele", "Nicola", "Nicolò",
    "Paola", "Paolo", "Pietro", "Riccardo", "Roberta", "Roberto", "Sara", "Silvia", "Simone",
    "Sofia", "Stefania", "Stefano", "Tommaso", "Valentina", "Vincenzo",
)  # fmt: skip
LAST_NAMES = (
    "Amato", "Barbieri", "Basile", "Bellini", "Benedetti", "Bernardi", "Bianchi", "Bianco", "Bruno",
    "Caruso", "Cattaneo", "Colombo", "Conti", "Coppola", "Costa", "D'Amico", "D'Angelo", "De Luca",
    "De Rosa", "De Santis", "Esposito", "Fabbri", "Farina", "Ferrara", "Ferrari", "Ferraro", "Ferri",
    "Fontana", "Galli", "Gallo", "Gatti", "Gentile", "Giordano", "Grasso", "Greco", "Guerra",
    "Leone", "Lombardi", "Longo", "Mancini", "Marchetti", "Mariani", "Marini", "Marino", "Martinelli",
    "Martini", "Mazza", "Messina", "Montanari", "Monti", "Morelli", "Moretti", "Negri", "Orlando",
    "Pagano", "Palumbo", "Parisi", "Pellegrini", "Piras", "Ricci", "Rinaldi", "Riva", "Rizzi",
    "Rizzo", "Romano", "Rossetti", "Rossi", "Ruggiero", "Russo", "Sala", "Sanna", "Santoro",
    "Serra", "Silvestri", "Sorrentino", "Testa", "Valentini", "Villa", "Vitale", "Vitali",
)  # fmt: skip
JOBS = (
    "Titolare", "Responsabile acquisti", "Direttore di produzione", "Responsabile manutenzione",
    "Ufficio tecnico", "Amministratore delegato", "Responsabile logistica", "Capo officina",
)  # fmt: skip
TRADES = (
    "Officine", "Meccanica", "Costruzioni", "Alimentari", "Tessitura", "Falegnameria", "Logistica",
    "Impianti", "Carpenteria", "Ceramiche", "Cantine", "Caseificio", "Stampaggi", "Imballaggi",
    "Serramenti", "Torneria", "Grafiche", "Molino", "Fonderia", "Arredamenti",
)  # fmt: skip
FORMS = ("S.r.l.", "S.r.l.", "S.r.l.", "S.p.A.", "S.n.c.", "S.a.s.")
PROVINCES = (
    ("Bergamo", "BG"), ("Bologna", "BO"), ("Brescia", "BS"), ("Cuneo", "CN"), ("Firenze", "FI"),
    ("Genova", "GE"), ("Milano", "MI"), ("Modena", "MO"), ("Monza", "MB"), ("Napoli", "NA"),
    ("Padova", "PD"), ("Parma", "PR"), ("Perugia", "PG"), ("Roma", "RM"), ("Torino", "TO"),
    ("Treviso", "TV"), ("Varese", "VA"), ("Verona", "VR"), ("Vicenza", "VI"), ("Bari", "BA"),
)  # fmt: skip


def person(random: Random) -> dict[str, str]:
    """A contact as a web form gives one: names, address and number, some of them missing."""
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    made = {"first_name": first, "last_name": last, "language": "it"}
    made["email"] = f"{plain(first)}.{plain(last)}{random.randint(1, 999)}@posta.example"
    if random.random() < 0.75:
        prefix = random.choice("234") + str(random.randint(0, 9))
        made["mobile"] = f"+39 3{prefix} {random.randint(1000000, 9999999)}"
    if random.random() < 0.4:
        made["job_title"] = random.choice(JOBS)
    return made


def company(random: Random) -> dict[str, str]:
    """A company with a name, a place and most often a VAT number that passes its check."""
    city, province = random.choice(PROVINCES)
    name = f"{random.choice(TRADES)} {random.choice(LAST_NAMES)} {random.choice(FORMS)}"
    made = {"name": name, "city": city, "province": province}
    if random.random() < 0.6:
        made["vat_number"] = vat_number(random)
    return made


def employ(person: dict[str, str], company: dict[str, str]) -> None:
    """Give a person an address of the company's."""
    name = person["email"].partition("@")[0]
    person["email"] = f"{name}@{plain(company['name'].partition(' S.')[0])}.example"


def vat_number(random: Random) -> str:
    """Eleven digits; the last is Luhn's check over the others."""
    digits = [random.randint(0, 9) for _ in range(7)] + [0, random.randint(0, 9), random.randint(1, 9)]
    total = 0
    for index, digit in enumerate(digits):
        doubled = digit * 2 if index % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return "".join(map(str, [*digits, -total % 10]))


def plain(text: str) -> str:
    """Small letters without accents, blanks and apostrophes, for addresses."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(letter for letter in bare.lower() if letter.isalnum())
