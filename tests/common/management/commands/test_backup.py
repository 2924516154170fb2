"""`manage.py backup` copies SQLite's database into a file that nobody else reads, and overwrites nothing."""

import contextlib
import sqlite3
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from common.management.commands import backup


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a database that is in use, some of it not in the file yet."""
    path = tmp_path / "a portal?.sqlite3"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(path))
    return path


@pytest.fixture
def in_use(database: Path) -> Any:
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE kept (word TEXT)")
        writer.execute("INSERT INTO kept VALUES ('one')")
        yield writer


def rows(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as found:
        return [word for (word,) in found.execute("SELECT word FROM kept")]


def test_what_is_committed_is_copied_while_somebody_writes(in_use: Any, tmp_path: Path) -> None:
    in_use.execute("BEGIN IMMEDIATE")
    in_use.execute("INSERT INTO kept VALUES ('two')")
    out, copy = StringIO(), tmp_path / "copy.sqlite3"
    call_command("backup", str(copy), stdout=out)
    assert out.getvalue() == f"Wrote {copy}.\n"
    in_use.execute("COMMIT")
    assert rows(copy) == ["one"]
    assert copy.stat().st_mode & 0o777 == 0o600


def test_no_file_is_overwritten(in_use: Any, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    copy.write_text("an earlier one")
    with pytest.raises(CommandError, match="File exists"):
        call_command("backup", str(copy))
    assert copy.read_text() == "an earlier one"
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("backup", str(tmp_path / "nowhere" / "copy"))


def test_a_database_that_is_not_there_leaves_no_file(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    with pytest.raises(CommandError, match="can't be copied: unable to open"):
        call_command("backup", str(copy))
    assert not copy.exists()


def test_postgresql_has_a_command_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "connection", SimpleNamespace(vendor="postgresql"))
    with pytest.raises(CommandError, match="pg_dump --format=custom"):
        call_command("backup", "nowhere")
