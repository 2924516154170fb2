"""Is this process fit to be given requests? What keeps it from that is told in fixed words."""

import asyncio
import logging
import time
from concurrent.futures import Future
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.db import Error

from common.doctor.bounded import started
from common.doctor.database import MIGRATE, missing_migrations, own_connection, writable_entry
from common.doctor.installation import COLLECT
from common.keys import LostKey

log = logging.getLogger("portal.readiness")

# Seconds that whoever asks waits at most.
PATIENCE = 2.0
# Seconds for which an answer holds: however many ask, the database is asked once in that time.
FRESH = 1.0

DATABASE, MIGRATIONS, KEY, STATIC = "database", "migrations", "encryption key", "static files"
DRAINING = "draining"


class Readiness:
    """What is known of this process. Each look has a thread of its own, and there is one at a time.

    So neither a database that says nothing nor a thread that hangs in it keeps an answer back.
    """

    def __init__(self) -> None:
        self.draining = False
        self.looking: Future[dict[str, str]] | None = None
        self.begun = 0.0
        self.told: set[str] = set()

    async def problems(self) -> list[str]:
        """Return what keeps this process from serving, within PATIENCE seconds."""
        if self.draining:
            return [DRAINING]
        now = time.monotonic()
        if self.looking is None or (self.looking.done() and now - self.begun >= FRESH):
            self.begun = now
            self.looking = started(lambda: look(settings.DATABASES["default"]))
        # Whoever hangs up ends no look that others wait for.
        await asyncio.wait({asyncio.wrap_future(self.looking)}, timeout=PATIENCE)
        silent = {DATABASE: f"It did not answer within {PATIENCE:g} seconds."}
        found = self.looking.result() if self.looking.done() else silent
        self.tell(found)
        return list(found)

    def tell(self, found: dict[str, str]) -> None:
        """Write a line when something else than before is wrong."""
        if found.keys() == self.told:
            return
        self.told = set(found)
        if found:
            named = " ".join(f"{word}: {why}" for word, why in found.items())
            log.warning("Not ready. %s", named)
        else:
            log.info("Ready")

    def drain(self) -> None:
        """Tell all who ask from now on to send nobody here any more."""
        self.draining = True
        log.info("Draining: no further residents are to be sent here")


def look(database: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong: the word for it, and a sentence for the log."""
    return look_at_database(database) | look_at_static_files()


def look_at_database(configured: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong with the database. Nothing is written."""
    try:
        with own_connection(writable_entry(configured)) as connection:
            missing = missing_migrations(connection)
            if connection.vendor == "sqlite" and not missing:
                try_to_write(connection)
    except LostKey as lost:
        return {KEY: str(lost)}
    except Exception as error:  # noqa: BLE001  (whatever it is, a probe has an answer)
        # The lines that follow are hints.
        return {DATABASE: f"{str(error).partition(chr(10))[0]}."}
    return {MIGRATIONS: f"{missing} missing. {MIGRATE}"} if missing else {}


def try_to_write(connection: Any) -> None:
    """Begin a write that changes nothing. Raise django.db.Error where nothing can be written."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("DELETE FROM django_migrations WHERE id < 0")
        except Error as error:
            # Where somebody else writes at this moment, it can be written.
            if "locked" not in str(error):
                raise


def look_at_static_files() -> dict[str, str]:
    """Return whether what pages refer to is still where it was collected."""
    storage = staticfiles_storage
    if isinstance(storage, ManifestFilesMixin) and not storage.exists(storage.manifest_name):
        return {STATIC: f"They are not there. {COLLECT}"}
    return {}
