"""What keeps a process from serving: seen within two seconds, and named in one line of the log."""

import asyncio
import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from common import keys
from common.environment import database
from portal import readiness
from portal.readiness import Readiness, look_at_database, look_at_static_files
from tests.portal.conftest import ROOT
from tests.portal.test_settings import SAFE

pytestmark = pytest.mark.django_db
WORD = {"static files": "not collected"}


@pytest.fixture(scope="module")
def migrated(run: Any, tmp_path_factory: Any) -> Path:
    """A database that `manage.py migrate` made."""
    file: Path = tmp_path_factory.mktemp("readiness") / "portal.sqlite3"
    done = run("manage.py", "migrate", **SAFE | {"DATABASE_URL": f"sqlite:///{file}"})
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture
def file(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated, tmp_path))


def at(file: Path) -> dict[str, str]:
    return look_at_database(database(f"sqlite:///{file}"))


# The database ---------------------------------------------------------------------------------


def test_a_database_that_is_up_to_date_is_well(file: Path) -> None:
    assert at(file) == {}


def test_a_database_that_somebody_writes_to_is_well(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        assert at(file) == {}


def test_a_file_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    assert at(tmp_path / "none") == {"database": "unable to open database file."}
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_tables_is_to_be_migrated(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    [(word, why)] = at(tmp_path / "empty").items()
    assert word == "migrations"
    assert why.endswith("missing. Run `python manage.py migrate`.")


def test_a_migration_that_is_missing_is_counted(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("DELETE FROM django_migrations WHERE app = 'common' AND name LIKE '0001%'")
        # Of a later version, which is being rolled out at the moment.
        other.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('x', '1', '')")
    assert at(file) == {"migrations": "1 missing. Run `python manage.py migrate`."}


def test_a_database_of_another_key_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("INSERT INTO common_key VALUES ('digests', 'of another key')")
    assert at(file) == {"encryption key": str(keys.LostKey())}


def test_a_database_that_can_not_be_written_is_named(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
    found = look_at_database(database("sqlite:////") | {"NAME": f"file:{file}?mode=ro"})
    assert found == {"database": "attempt to write a readonly database."}


def test_what_nobody_foresaw_is_named_too() -> None:
    assert look_at_database({"ENGINE": "none"}).keys() == {"database"}


LOOK = """
import json, sys, django
django.setup()
from django.conf import settings
from portal.readiness import look_at_database
print(json.dumps(look_at_database(settings.DATABASES["default"])))
"""


def test_a_disk_that_is_read_only_is_named(file: Path) -> None:
    """In a mount namespace of its own, where the disk is so for root, too."""
    mount = f"mount --bind {file.parent} {file.parent} && mount -o remount,ro,bind {file.parent}"
    command = ["unshare", "-rm", "sh", "-c", f'{mount} && exec "$@"', "sh"]
    variables = SAFE | {
        "DATABASE_URL": f"sqlite:///{file}",
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    }
    done = subprocess.run(
        [*command, sys.executable, "-c", LOOK],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(f"This machine has no mount namespaces: {done.stderr}")
    assert json.loads(done.stdout) == {"database": "unable to open database file."}


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    found = look_at_database(database(f"postgres://portal:hush@127.0.0.1:{port}/portal"))
    assert found.keys() == {"database"}
    assert "refused" in found["database"]
    assert "hush" not in found["database"]
    assert "\n" not in found["database"]


# Static files ---------------------------------------------------------------------------------


def test_static_files_must_stay_where_they_were_collected(monkeypatch, tmp_path):
    storage = CompressedManifestStaticFilesStorage(location=tmp_path, base_url="/static/")
    monkeypatch.setattr(readiness, "staticfiles_storage", storage)
    assert "collectstatic" in look_at_static_files()["static files"]
    (tmp_path / "staticfiles.json").touch()
    assert look_at_static_files() == {}


def test_static_files_in_development_need_no_collecting(monkeypatch):
    monkeypatch.setattr(readiness, "staticfiles_storage", StaticFilesStorage())
    assert look_at_static_files() == {}


# Looking --------------------------------------------------------------------------------------


@contextmanager
def silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A database that says nothing for as long as the context lasts; the looks at it."""
    looks: list[int] = []
    end = threading.Event()

    def look(_: Any) -> dict[str, str]:
        looks.append(threading.get_ident())
        end.wait(30)
        return {}

    monkeypatch.setattr(readiness, "look", look)
    try:
        yield looks
    finally:
        end.set()


async def test_a_database_that_says_nothing_is_not_ready_in_time_and_holds_one_thread(
    monkeypatch, caplog
):
    monkeypatch.setattr(readiness, "PATIENCE", 0.2)
    asked = Readiness()
    with silence(monkeypatch) as looks:
        start = time.monotonic()
        assert await asyncio.gather(*(asked.problems() for _ in range(20))) == [["database"]] * 20
        assert await asked.problems() == ["database"]
        assert time.monotonic() - start < 2
        assert len(looks) == 1
    assert caplog.messages == ["Not ready. database: It did not answer within 0.2 seconds."]
    # It answers at last.
    assert asked.looking is not None
    asked.looking.result(30)
    assert await asked.problems() == []


async def test_however_many_ask_the_database_is_asked_once_a_second(monkeypatch, caplog):
    caplog.set_level("INFO")
    answers: list[dict[str, str]] = [WORD, WORD, {}]
    monkeypatch.setattr(readiness, "look", lambda _: answers.pop(0))
    asked = Readiness()
    for _ in range(3):
        assert await asked.problems() == ["static files"]
    assert len(answers) == 2
    asked.begun -= readiness.FRESH
    assert await asked.problems() == ["static files"]
    asked.begun -= readiness.FRESH
    assert await asked.problems() == []
    # A line for each change, not for each look.
    assert caplog.messages == ["Not ready. static files: not collected", "Ready"]


async def test_a_process_that_ends_looks_at_nothing(monkeypatch):
    monkeypatch.setattr(readiness, "look", None)
    asked = Readiness()
    asked.drain()
    assert await asked.problems() == ["draining"]


def test_a_look_is_at_the_database_and_the_static_files(tmp_path, monkeypatch):
    found = readiness.look(database(f"sqlite:///{tmp_path}/none"))
    assert found.keys() == {"database"}
