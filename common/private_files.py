"""SQLite's files are for the portal's own user: who else has an account on the machine reads none."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db.backends.signals import connection_created


def keep_private(connection: Any, **more: Any) -> None:
    """Take all rights from others, also to what was made before and to what lies beside the file."""
    if connection.vendor != "sqlite":
        return
    name = str(connection.settings_dict["NAME"])
    for path in (name, f"{name}-wal", f"{name}-shm", f"{name}-journal"):
        # In memory there is none; somebody else's, or a read-only disk's, can't be changed.
        with suppress(OSError):
            Path(path).chmod(0o600)


def watch() -> None:
    """Look after the files of each connection from now on."""
    connection_created.connect(keep_private, dispatch_uid="private files")
