"""What comes in from outside: when, from whom, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from engine.play.draws import Moment, draw_fields
from engine.play.hours import local_instant
from engine.play.invented import employ
from engine.play.scenario import Arrivals

JUNK = "Guadagna subito! " + " ".join(f"http://offerte{number}.example" for number in range(8))
MONTH_DAYS = 30
SAME_PERSON = 0.6
"""Of those who write again: how many are the same person; the others are of the same company."""
SHARED_NUMBER = 0.5
"""Of those colleagues: how many give the same telephone number."""

Identity = tuple[dict[str, str] | None, dict[str, str] | None]
"""Person and company of a sender."""


@dataclass
class Senders:
    """Who has written so far, and who has become a customer since."""

    known: list[tuple[dict[str, str], dict[str, str] | None]] = field(default_factory=list)
    customers: list[Identity] = field(default_factory=list)
    _of_case: dict[int, Identity] = field(default_factory=dict)

    def remember(self, case_id: int, sender: Identity) -> None:
        self._of_case[case_id] = sender
        person, company = sender
        if person is not None:
            self.known.append((person, company))

    def bought(self, case_id: int) -> None:
        sender = self._of_case.get(case_id)
        if sender is not None and sender not in self.customers:
            self.customers.append(sender)


@dataclass(frozen=True)
class Arrival:
    """One message to come; `customer`: from one of the customers there are."""

    at: datetime
    customer: bool


def plan(arrivals: Arrivals, day: date, zone: ZoneInfo, customers: int, random: Random) -> list[Arrival]:
    """The arrivals of a day in the company's zone."""
    factor = arrivals.weekdays[day.weekday()]
    plain = _poisson(arrivals.per_day * factor, random)
    own = _poisson(arrivals.per_customer_month / MONTH_DAYS * customers * factor, random)
    hours, weights = list(arrivals.hours), list(arrivals.hours.values())
    found = []
    for number in range(plain + own):
        hour = random.choices(hours, weights)[0]
        at = local_instant(day, time(hour), zone) + timedelta(seconds=random.randrange(3600))
        found.append(Arrival(at, number >= plain))
    return sorted(found, key=lambda one: one.at)


def payload(
    arrivals: Arrivals, arrival: Arrival, moment: Moment, senders: Senders
) -> tuple[dict[str, Any], Identity]:
    """What a message says, and who sends it."""
    random = moment.random
    content = draw_fields(arrivals.payload, moment)
    person_key = _key_of_kind(arrivals, "person")
    company_key = _key_of_kind(arrivals, "company")
    person: dict[str, str] | None = content.get(person_key)
    company: dict[str, str] | None = content.get(company_key)
    if person is not None and company is not None:
        employ(person, company)
    if arrival.customer and senders.customers:
        person, company = random.choice(senders.customers)
    elif random.random() < arrivals.spam:
        content.update({key: JUNK for key, draw in arrivals.payload.items() if draw.kind == "text"})
    elif senders.known and random.random() < arrivals.duplicates:
        earlier, company = random.choice(senders.known)
        if random.random() < SAME_PERSON or company is None:
            person = earlier
        elif person is not None:
            employ(person, company)
            if "mobile" in earlier and random.random() < SHARED_NUMBER:
                person["mobile"] = earlier["mobile"]
    _put(content, person_key, person)
    _put(content, company_key, company)
    return content, (person, company)


def _put(content: dict[str, Any], key: str, value: Mapping[str, str] | None) -> None:
    if value is not None and key:
        content[key] = dict(value)
    else:
        content.pop(key, None)


def _key_of_kind(arrivals: Arrivals, kind: str) -> str:
    return next((key for key, draw in arrivals.payload.items() if draw.kind == kind), "")


def _poisson(mean: float, random: Random) -> int:
    """How many arrivals of a steady stream fall into a time in which `mean` are expected."""
    count, passed = 0, random.expovariate(1.0)
    while passed < mean:
        count += 1
        passed += random.expovariate(1.0)
    return count
