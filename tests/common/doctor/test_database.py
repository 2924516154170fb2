"""What is said of a database: missing, late, silent, shut."""

import os
import socket
import sqlite3
import warnings

import environ
import pytest

from common import keys
from common.doctor import database
from common.doctor.database import check_database
from ruckus.doctor.finding import Level
from tests.portal.test_settings import SAFE

pytestmark = pytest.mark.django_db


def at(url):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        entry = environ.Env.db_url_config(url)
    if "sqlite" in url:
        # As in portal/settings.py.
        entry["OPTIONS"] = {"init_command": "PRAGMA journal_mode=WAL;", "timeout": 5}
    return entry


@pytest.fixture
def file(tmp_path):
    return tmp_path / "portal.sqlite3"


@pytest.fixture
def migrated(run, file):
    """A database that `manage.py migrate` made."""
    done = run("manage.py", "migrate", **SAFE | {"DATABASE_URL": f"sqlite:///{file}"})
    assert done.returncode == 0, done.stderr
    return file


def test_a_database_that_is_up_to_date_is_well(migrated):
    before = {path.name: path.read_bytes() for path in migrated.parent.iterdir()}
    findings = check_database(at(f"sqlite:///{migrated}"))
    assert {path.name: path.read_bytes() for path in migrated.parent.iterdir()} == before
    assert [(f.about, f.level) for f in findings] == [
        ("Database", Level.OK),
        ("Migrations", Level.OK),
    ]


def test_a_database_without_tables_is_to_be_migrated_and_stays_as_it_is(file):
    sqlite3.connect(file).close()
    file.write_bytes(b"")

    [well, late] = check_database(at(f"sqlite:///{file}"))

    assert well.level is Level.OK
    assert late.level is Level.TO_DO
    assert "are missing" in late.what
    assert "manage.py migrate" in late.advice
    assert file.read_bytes() == b""
    assert os.listdir(file.parent) == [file.name]


def test_a_database_that_the_portal_has_open_is_read_as_it_is(migrated):
    with sqlite3.connect(migrated) as portal:
        portal.execute("PRAGMA journal_mode=WAL")
        portal.execute("DELETE FROM django_migrations")
        portal.commit()
        before = sorted(os.listdir(migrated.parent))
        assert len(before) == 3
        [_, late] = check_database(at(f"sqlite:///{migrated}"))
        assert sorted(os.listdir(migrated.parent)) == before
    portal.close()
    assert late.level is Level.TO_DO


def test_one_missing_migration_is_one(migrated):
    with sqlite3.connect(migrated) as connection:
        connection.execute(
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)"
        )
    connection.close()
    [_, late] = check_database(at(f"sqlite:///{migrated}"))
    assert late.what == "1 is missing."


def test_a_database_of_another_key_is_told_what_to_do(migrated, settings):
    settings.SECRET_KEY = "the key that it was written with"
    key = keys.ring(keys.KEYS).encrypt(b"a key").decode()
    with sqlite3.connect(migrated) as connection:
        connection.execute("INSERT INTO common_key VALUES ('digests', ?)", (key,))
    connection.close()
    assert all(found.level is Level.OK for found in check_database(at(f"sqlite:///{migrated}")))
    settings.SECRET_KEY = "another"
    [well, lost] = check_database(at(f"sqlite:///{migrated}"))
    assert well.level is Level.OK
    assert (lost.about, lost.what) == ("Encryption key", keys.LostKey.what)
    assert "manage.py rekey" in lost.advice


def test_a_database_that_is_not_there_is_not_made(file):
    [finding] = check_database(at(f"sqlite:///{file}"))
    assert finding.level is Level.TO_DO
    assert "none yet" in finding.what
    assert not file.exists()


def test_a_database_in_memory_is_none_to_keep(file):
    [finding] = check_database(at("sqlite://:memory:"))
    assert finding.level is Level.TO_DO


def test_a_file_that_can_not_be_written_is_told(file, monkeypatch):
    file.write_bytes(b"")
    # Root may write everywhere, so that the answer is made up.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    [finding] = check_database(at(f"sqlite:///{file}"))
    assert "can't write" in finding.what


def test_a_file_that_is_no_database_is_told(file):
    file.write_text("not a database, but long enough to look at" * 100)
    [finding] = check_database(at(f"sqlite:///{file}"))
    assert finding.level is Level.TO_DO


def test_a_server_that_refuses_is_told_without_its_password():
    [finding] = check_database(at("postgres://portal:hush@127.0.0.1:9/portal"))
    assert finding.level is Level.TO_DO
    assert "can't be reached" in finding.what
    assert "hush" not in repr(finding)


def test_a_server_that_says_nothing_is_left_after_some_seconds(monkeypatch):
    monkeypatch.setattr(database, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        [finding] = check_database(at(f"postgres://portal:hush@127.0.0.1:{port}/portal"))
    assert finding.level is Level.TO_DO
    assert "did not answer" in finding.what


def test_an_address_of_no_known_database_is_told():
    [finding] = check_database(at("nonsense://portal:hush@db.example/portal"))
    assert finding.level is Level.TO_DO
    assert "hush" not in repr(finding)
