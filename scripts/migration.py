"""`python -m scripts.migration "say what changes"`: writes the next database migration."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from engine import migrations
from engine.db import Database
from web.tables import METADATA


def main(message: str) -> None:
    """Compare the tables in Python with a database of the newest revision; write the difference."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'shape.db'}")
        number = len(list((migrations.HERE / "versions").glob("[0-9]*.py")))
        if number:
            migrations.upgrade(database, METADATA)
        migrations.write(database, METADATA, message, f"{number + 1:04d}")
        database.close()


if __name__ == "__main__":
    main(sys.argv[1])
