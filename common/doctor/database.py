"""Does the database answer, and is it up to date?"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ConnectionHandler

from common.doctor.bounded import within
from common.keys import LostKey, open_key
from ruckus.doctor.finding import Finding, ok, to_do
from ruckus.words import say, say_many

ABOUT = say("Database")
# Translators: Changes of the database that come with a new version of the portal.
MIGRATIONS = say("Migrations")
KEY = say("Encryption key")
SECONDS = 5.0
MIGRATE = say("Run `python manage.py migrate`.")
CHECK = say("Check DATABASE_URL, and that the database server runs.")
ANSWERS = ok(ABOUT, say("The database answers."))


def check_database(configured: dict[str, Any]) -> list[Finding]:
    """Return what an entry of DATABASES leads to. Nothing is written, and no file is made."""
    entry = deepcopy(configured)
    options = entry.setdefault("OPTIONS", {})
    if entry["ENGINE"] == "django.db.backends.sqlite3":
        path = Path(entry["NAME"])
        if wrong := _file_trouble(path):
            return [wrong]
        # A file that nobody has open is read alone: SQLite would leave helpers beside it, which
        # belong to whoever runs this, and which the portal's user may not be able to write.
        how = "mode=ro" if Path(f"{path}-wal").exists() else "mode=ro&immutable=1"
        entry["NAME"] = f"file:{quote(str(path))}?{how}"
        options.pop("init_command", None)
    else:
        options["connect_timeout"] = int(SECONDS) - 1
    try:
        missing = within(SECONDS, lambda: _look(entry))
    except LostKey as lost:
        return [ANSWERS, to_do(KEY, lost.what, lost.advice)]
    except TimeoutError:
        # Translators: The database.
        return [to_do(ABOUT, say("It did not answer in time."), CHECK)]
    except (Error, ImproperlyConfigured):
        # Translators: The database.
        refused = say("It can't be reached, or refuses the user or password.")
        return [to_do(ABOUT, refused, CHECK)]
    if missing:
        # Translators: Of the migrations of the database.
        late = say_many("{number} is missing.", "{number} are missing.", number=missing)
        return [ANSWERS, to_do(MIGRATIONS, late, MIGRATE)]
    return [ANSWERS, ok(MIGRATIONS, say("The database is up to date."))]


def _file_trouble(path: Path) -> Finding | None:
    if str(path) == ":memory:":
        # Translators: The database.
        memory = say("It is kept in memory, so residents are signed out by every restart.")
        return to_do(ABOUT, memory, say("Set DATABASE_URL to a file or a PostgreSQL server."))
    if not path.exists():
        # Translators: No database.
        return to_do(ABOUT, say("There is none yet."), MIGRATE)
    if not (os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK)):
        return to_do(
            ABOUT,
            say("This user can't write to the database file or its folder."),
            say(
                "Run this as the portal's user. If you did, give that user the file and its folder."
            ),
        )
    return None


def _look(entry: dict[str, Any]) -> int:
    with own_connection(entry) as connection:
        return missing_migrations(connection)


@contextmanager
def own_connection(entry: dict[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """Return a connection for this thread alone, with the options of an entry of DATABASES."""
    connection: BaseDatabaseWrapper = ConnectionHandler({"default": entry})["default"]
    try:
        yield connection
    finally:
        connection.close()


def writable_entry(configured: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of DATABASES to look at it as the portal uses it, without making a file."""
    entry = deepcopy(configured)
    options = entry.setdefault("OPTIONS", {})
    if entry["ENGINE"] == "django.db.backends.sqlite3":
        options.pop("init_command", None)
        options["timeout"] = 1
        # What is in memory has no file, and a URI says by itself how it is to be opened.
        if not str(entry["NAME"]).startswith((":memory:", "file:")):
            entry["NAME"] = f"file:{quote(str(entry['NAME']))}?mode=rw"
    else:
        # The least that PostgreSQL's library waits.
        options["connect_timeout"] = 2
        options.pop("pool", None)
    return entry


@cache
def on_disk() -> frozenset[tuple[str, str]]:
    """Return the migrations that this version of the portal has."""
    return frozenset(MigrationLoader(None).disk_migrations)


def missing_migrations(connection: BaseDatabaseWrapper) -> int:
    """Return how many migrations are missing. Raise LostKey where none is, but a key that is set."""
    with connection.cursor() as cursor:
        applied: set[tuple[str, str]] = set()
        # Django's own executor would look at the connection that settings name.
        if "django_migrations" in connection.introspection.table_names(cursor):
            cursor.execute("SELECT app, name FROM django_migrations")
            applied.update(cursor.fetchall())
        missing = len(on_disk() - applied)
        if not missing:
            cursor.execute("SELECT encrypted FROM common_key")
            for (encrypted,) in cursor.fetchall():
                open_key(encrypted)
    return missing
