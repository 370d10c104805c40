"""The `percorso` command: what the pages do, and what only an administrator does."""

from web.cli.root import main

__all__ = ["main"]
