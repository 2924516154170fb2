"""Nobody but the portal's own user reads SQLite's files."""

import os
import sqlite3
import stat
from pathlib import Path
from types import SimpleNamespace

from common.private_files import keep_private
from tests.portal.conftest import run  # noqa: F401

CONNECT = """
import os, django
os.umask(0o022)
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS a (b)")
    cursor.execute("INSERT INTO a VALUES (1)")
    for name in os.listdir(os.environ["FOLDER"]):
        print(name, oct(os.stat(os.path.join(os.environ["FOLDER"], name)).st_mode & 0o777))
"""


def rights(run, folder: Path) -> dict[str, str]:  # noqa: F811
    """The rights of the files while a connection is open."""
    done = run(
        "-c",
        CONNECT,
        DJANGO_SETTINGS_MODULE="portal.settings",
        SECRET_KEY="no secret at all, but as long as a good one",
        RUCKUS_REGION="na",
        DATABASE_URL=f"sqlite:///{folder}/portal.sqlite3",
        FOLDER=folder,
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split() for line in done.stdout.splitlines())


def test_new_files_are_private(run, tmp_path):  # noqa: F811
    found = rights(run, tmp_path)
    assert {"portal.sqlite3", "portal.sqlite3-wal", "portal.sqlite3-shm"} <= found.keys()
    assert set(found.values()) == {"0o600"}


def test_files_with_wider_rights_become_private(run, tmp_path):  # noqa: F811
    file = tmp_path / "portal.sqlite3"
    kept = sqlite3.connect(file)
    kept.execute("PRAGMA journal_mode=WAL")
    kept.execute("CREATE TABLE kept (a)")
    kept.commit()
    for path in tmp_path.iterdir():
        path.chmod(0o644)
    assert len(list(tmp_path.iterdir())) == 3
    found = rights(run, tmp_path)
    kept.close()
    assert len(found) == 3
    assert set(found.values()) == {"0o600"}


def test_other_databases_have_no_files_of_ours(tmp_path):
    path = tmp_path / "name"
    path.write_text("")
    path.chmod(0o644)
    keep_private(SimpleNamespace(vendor="postgresql", settings_dict={"NAME": str(path)}))
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o644
    keep_private(SimpleNamespace(vendor="sqlite", settings_dict={"NAME": ":memory:"}))
