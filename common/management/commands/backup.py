"""Copy SQLite's database into a file, while the portal runs."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

# Seconds to wait for whoever writes at the moment.
PATIENCE = 60.0


class Command(BaseCommand):
    help = (
        "Copy the SQLite database into a new file, as it is at one moment; the portal may run on. "
        "It is of no use without SECRET_KEY and ENCRYPTION_KEYS: keep those, and elsewhere. For "
        "PostgreSQL there is pg_dump."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the file to write; there must be none yet")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError('Use pg_dump: pg_dump --format=custom --file=PATH "$DATABASE_URL"')
        path: Path = options["path"]
        try:
            # For the portal's own user alone, before anything is in it.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        try:
            copy(Path(connection.settings_dict["NAME"]), path)
        except sqlite3.Error as error:
            path.unlink()
            raise CommandError(f"The database can't be copied: {error}") from None
        self.stdout.write(f"Wrote {path}.")


def copy(database: Path, path: Path) -> None:
    """Write all that has been committed, without what was deleted. Raise sqlite3.Error."""
    address = f"{database.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, timeout=PATIENCE, uri=True)) as source:
        source.execute("VACUUM INTO ?", [str(path)])
