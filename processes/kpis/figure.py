"""One figure, the period it is about, and how rates are made of counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from engine import stats
from engine.values import Value, to_json


@dataclass(frozen=True)
class Kpi:
    """One figure; rates and their interval are in per cent, times in the unit named.

    `view` is cohort (who entered in the period, as it stands), period (what happened in it) or
    stock (how things stand at `as_of`).
    """

    id: str
    view: str
    value: Decimal | None
    unit: str
    n: int
    numerator: int | None = None
    denominator: int | None = None
    ci_low: Decimal | None = None
    ci_high: Decimal | None = None
    from_: datetime | None = None
    to: datetime | None = None
    as_of: datetime | None = None

    def to_json(self) -> dict[str, object]:
        """The documented shape."""
        shape: dict[str, Value] = {
            "id": self.id,
            "view": self.view,
            "value": self.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "n": self.n,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "unit": self.unit,
            "from": self.from_,
            "to": self.to,
            "as_of": self.as_of,
        }
        return {key: to_json(value) for key, value in shape.items()}


@dataclass(frozen=True)
class Period:
    """`[from_, to)`, an end left out is open; and the instant as of which it is looked at."""

    from_: datetime | None
    to: datetime | None
    as_of: datetime

    def holds(self, moment: datetime | None) -> bool:
        if moment is None:
            return False
        return (self.from_ is None or self.from_ <= moment) and (self.to is None or moment < self.to)


def rate(id: str, view: str, numerator: int, denominator: int) -> Kpi:
    if denominator == 0:
        return Kpi(id, view, None, "%", 0, 0, 0)
    low, high = stats.wilson(numerator, denominator) or (0.0, 1.0)
    return Kpi(
        id,
        view,
        rounded(Decimal(100 * numerator) / denominator, "0.0001"),
        "%",
        denominator,
        numerator,
        denominator,
        rounded(Decimal(100 * low), "0.0001"),
        rounded(Decimal(100 * high), "0.0001"),
    )


def rounded(value: Decimal | None, to: str = "0.01") -> Decimal | None:
    return None if value is None else value.quantize(Decimal(to), ROUND_HALF_EVEN)
