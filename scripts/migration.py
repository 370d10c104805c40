"""`python -m scripts.migration "say what changes"`: writes the next database migration."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import processes.records
import web.accounts
from engine import migrations
from engine.columns import Base
from engine.db import Database

# Importing these declares their tables beside the engine's.
TABLES = (processes.records, web.accounts)


def main(message: str) -> None:
    """Compare the tables in Python with a database of the newest revision; write the difference."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'shape.db'}")
        number = len(list((migrations.HERE / "versions").glob("[0-9]*.py")))
        if number:
            migrations.upgrade(database, Base.metadata)
        migrations.write(database, Base.metadata, message, f"{number + 1:04d}")
        database.close()


if __name__ == "__main__":
    main(sys.argv[1])
