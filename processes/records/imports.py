"""What imports did: one row for each run, one for each line of a file that became a lead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.columns import CODE, ID, PERSONAL, TIME, Base, BigId, Instant, Json
from processes.records.columns import instant, link


class ImportRun(Base):
    """One import that wrote something; a dry run, or a repetition that found nothing new, leaves none."""

    __tablename__ = "import_runs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    kind: Mapped[str] = mapped_column(String(20), info=CODE)
    file: Mapped[str] = mapped_column(String(300), info=PERSONAL)
    mapping: Mapped[dict[str, Any]] = mapped_column(Json, info=CODE)
    counts_as_new: Mapped[bool] = mapped_column(Boolean, info=CODE)
    started_at: Mapped[datetime] = mapped_column(Instant, info=TIME)
    finished_at: Mapped[datetime | None] = instant()
    created: Mapped[int] = mapped_column(Integer, default=0, info=CODE)
    repaired: Mapped[int] = mapped_column(Integer, default=0, info=CODE)
    skipped: Mapped[int] = mapped_column(Integer, default=0, info=CODE)
    refused: Mapped[int] = mapped_column(Integer, default=0, info=CODE)


class ImportRow(Base):
    """One line of a file that became a lead; it becomes one once only.

    `key` is a hash of the row's identifier in the other system, or else of its content;
    `content_key` always of its content.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        Index("ix_import_rows_run_id", "run_id"),
        Index("ix_import_rows_content_key", "content_key"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=ID)
    run_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("import_runs.id"), info=ID)
    key: Mapped[str] = mapped_column(String(64), unique=True, info=ID)
    content_key: Mapped[str] = mapped_column(String(64), info=ID)
    line: Mapped[int] = mapped_column(Integer, info=CODE)
    lead_id: Mapped[int | None] = link("leads.id")
    repairs: Mapped[list[Any] | None] = mapped_column(Json, info=CODE)
