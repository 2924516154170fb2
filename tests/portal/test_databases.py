"""The portal on PostgreSQL: a cluster of its own, as its own user, for as long as a test."""

import contextlib
import json
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.common.test_keys import agreed_digest
from tests.portal.conftest import Run
from tests.portal.test_settings import SAFE


def as_postgres(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else list(command)


def ended(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd="/")
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The URL of an empty database of a fresh cluster."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    assert found, "The tests need PostgreSQL: apt-get install postgresql"
    if os.getuid() == 0:
        names = [user.pw_name for user in pwd.getpwall()]
        assert "postgres" in names, "PostgreSQL does not run as root and there is no user postgres"
    folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        data = str(folder / "data")
        ended(
            as_postgres(
                str(found[-1] / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"
            )
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        control = as_postgres(str(found[-1] / "pg_ctl"), "-D", data, "-w", "-t", "50")
        ended([*control, "-l", str(folder / "log"), "-o", options, "start"])
        try:
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
        finally:
            ended([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.xdist_group("postgres")
def test_residents_sign_in_and_out_on_postgresql(run: Run, postgres: str) -> None:
    variables = SAFE | {"DATABASE_URL": postgres, "HTTPS": "0"}
    done = run("-m", "tests.portal.one_visit", "http://wifi.example.org", **variables)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [step["status"] for step in told["steps"]] == [200, 302, 200, 200, 401]
    assert [len(step["sessions"]) for step in told["steps"]] == [0, 1, 1, 0, 0]
    for secret in [*told["secrets"], *told["cookies"].values()]:
        assert secret not in json.dumps(told["steps"][2]["sessions"])


@pytest.mark.xdist_group("postgres")
def test_processes_that_start_at_once_on_postgresql_agree_on_the_key(postgres: str) -> None:
    assert agreed_digest({"PATH": os.environ["PATH"], **SAFE, "DATABASE_URL": postgres})


def test_an_upgrade_keeps_the_sessions_of_the_first_release(run: Run, tmp_path: Path) -> None:
    database = tmp_path / "portal.sqlite3"
    variables = SAFE | {"DATABASE_URL": f"sqlite:///{database}"}
    migrate = ("manage.py", "migrate", "--noinput", "--verbosity=0")
    done = run(*migrate, "residents", "0001", **variables)
    assert done.returncode == 0, done.stderr
    row = ("a key", "some data", "2999-01-01 00:00:00", "a home")
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "INSERT INTO residents_session (session_key, session_data, expire_date, home)"
            " VALUES (?, ?, ?, ?)",
            row,
        )
    done = run(*migrate, **variables)
    assert done.returncode == 0, done.stderr
    read = "from common.models import Session; print(*Session.objects.values_list())"
    done = run("manage.py", "shell", "--no-imports", "-c", read, **variables)
    assert "'a key', 'some data'" in done.stdout, done.stderr
    assert "'a home'" in done.stdout
