"""What columns hold, alike on SQLite and PostgreSQL: instants, money, JSON, and what kind of data it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    Numeric,
    Text,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _aware(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError("a naive datetime reached the database")
    return value


def _to_microseconds(value: datetime | None) -> int | None:
    aware = _aware(value)
    return None if aware is None else (aware - _EPOCH) // _MICROSECOND


def _from_microseconds(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime: timestamptz on PostgreSQL, microseconds since 1970 on SQLite.

    SQLite has no type for instants; a whole number sorts, subtracts and compares exactly, and
    costs a tenth of the time of ISO text.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return _aware(value) if dialect.name == "postgresql" else _to_microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if dialect.name == "postgresql":
            return value.astimezone(UTC) if value is not None else None
        return _from_microseconds(value)

    def direct(self, dialect: str) -> tuple[Any, Any]:
        """(to the driver, from the driver) for engine.store, without SQLAlchemy's layers between."""
        if dialect == "postgresql":
            return _aware, lambda value: value.astimezone(UTC)
        return _to_microseconds, _from_microseconds


class Money(TypeDecorator[Decimal]):
    """An exact amount with two decimals: NUMERIC on PostgreSQL, whole cents on SQLite."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Numeric(14, 2))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        cents = (Decimal(value) * 100).to_integral_value(ROUND_HALF_EVEN)
        return cents / 100 if dialect.name == "postgresql" else int(cents)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        exact = Decimal(value) if dialect.name == "postgresql" else Decimal(value) / 100
        return exact.quantize(Decimal("0.01"))


class Json(TypeDecorator[Any]):
    """JSON kept as text on both databases; datetimes and Decimals must be turned before."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


# SQLite counts up only for INTEGER PRIMARY KEY; PostgreSQL gets room for more than two billion rows.
BigId = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """Every table's parent; each column's `info["mark"]` says what kind of data it holds."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


ID = {"mark": "id"}
CODE = {"mark": "code"}
TIME = {"mark": "time"}
AMOUNT = {"mark": "amount"}
PERSONAL = {"mark": "personal"}
