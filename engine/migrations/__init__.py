"""Brings the database to the newest shape, with alembic; the caller hands in all tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from engine.db import Database
from engine.errors import SetupError

HERE = Path(__file__).parent


def upgrade(database: Database, metadata: MetaData) -> str:
    """Apply what is missing; returns the revision the database has afterwards.

    Raises SetupError when the database cannot be used, or belongs to a newer Percorso.
    """
    try:
        return _upgrade(database, metadata)
    except DBAPIError as error:
        refusal = database.explain(error)
        raise refusal or error from error


def _upgrade(database: Database, metadata: MetaData) -> str:
    with database.pool.connect() as connection:
        script = ScriptDirectory(str(HERE))
        at = MigrationContext.configure(connection).get_current_revision()
        known = {revision.revision for revision in script.walk_revisions()}
        if at is not None and at not in known:
            raise SetupError(
                "database_newer",
                "The database was prepared by a newer Percorso (revision {at}).",
                where=database.pool.url.render_as_string(hide_password=True),
                remedy="Update Percorso.",
                at=at,
            )
        command.upgrade(_config(connection, metadata), "head")
        connection.commit()
        return str(script.get_current_head())


def differences(database: Database, metadata: MetaData) -> list[object]:
    """What the tables in Python have that the database lacks, or the other way round."""
    with database.pool.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": False, "target_metadata": metadata}
        )
        return list(compare_metadata(context, metadata))


def write(database: Database, metadata: MetaData, message: str, revision: str) -> None:
    """Write a new migration from the difference; for developers (CONTRIBUTING.md)."""
    with database.pool.connect() as connection:
        command.revision(_config(connection, metadata), message, autogenerate=True, rev_id=revision)


def _config(connection: Connection, metadata: MetaData) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config
