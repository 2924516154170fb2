"""The portal on PostgreSQL: a cluster of its own, as its own user, for as long as a test."""

import contextlib
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from common.environment import database
from portal.readiness import look_at_database
from tests.common.test_keys import agreed_digest
from tests.portal.conftest import Run
from tests.portal.test_settings import SAFE
from tests.postgres import PostgresProcess


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresProcess]:
    """An empty database of a fresh cluster."""
    with PostgresProcess() as process:
        yield process


@pytest.mark.django_db
@pytest.mark.xdist_group("postgres")
def test_a_portal_on_postgresql_is_ready_once_it_is_migrated(
    run: Run, postgres: PostgresProcess
) -> None:
    assert look_at_database(database(postgres.url)).keys() == {"migrations"}
    done = run("manage.py", "migrate", **SAFE | {"DATABASE_URL": postgres.url})
    assert done.returncode == 0, done.stderr
    assert look_at_database(database(postgres.url)) == {}


@pytest.mark.xdist_group("postgres")
def test_residents_sign_in_and_out_on_postgresql(run: Run, postgres: PostgresProcess) -> None:
    variables = SAFE | {"DATABASE_URL": postgres.url, "HTTPS": "0"}
    done = run("-m", "tests.portal.one_visit", "http://wifi.example.org", **variables)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [step["status"] for step in told["steps"]] == [200, 302, 200, 200, 401]
    assert [len(step["sessions"]) for step in told["steps"]] == [0, 1, 1, 0, 0]
    for secret in [*told["secrets"], *told["cookies"].values()]:
        assert secret not in json.dumps(told["steps"][2]["sessions"])


@pytest.mark.xdist_group("postgres")
def test_processes_that_start_at_once_on_postgresql_agree_on_the_key(
    postgres: PostgresProcess,
) -> None:
    assert agreed_digest({"PATH": os.environ["PATH"], **SAFE, "DATABASE_URL": postgres.url})


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


# Out of order -----------------------------------------------------------------------------------

# Far more than any step may take, on a busy machine too; to wait without end takes longer.
LONG = 20.0


@pytest.fixture
def outage(run: Run) -> Callable[..., tuple[dict[str, Any], list[str]]]:
    """Runs one of tests/portal/outage.py, and returns its steps and what the log says of the database."""

    def outage(what: str, **variables: str) -> tuple[dict[str, Any], list[str]]:
        more = {"HTTPS": "0", "DATABASE_TIMEOUT": "0.5", **variables}
        done = run("-m", "tests.portal.outage", what, **SAFE | more)
        assert done.returncode == 0, done.stderr
        lines = [line for line in done.stderr.splitlines() if "database" in line]
        traces = [json.loads(line) for line in done.stderr.splitlines() if "Traceback" in line]
        assert not traces, traces[0]["traceback"][-2500:]
        return json.loads(done.stdout), lines

    return outage


def tells(step: dict[str, Any]) -> None:
    """Check that an answer says what is the matter, and came soon."""
    assert step["status"] == 503
    assert step["retry"] == "10"
    assert "We can’t look anything up right now" in step["words"]
    assert step["seconds"] < LONG


def variables_of(postgres: PostgresProcess) -> dict[str, str]:
    return {
        "DATABASE_URL": postgres.url,
        "PG_DATA": str(postgres.data),
        "PG_CONTROL": json.dumps(postgres.command),
    }


@pytest.mark.xdist_group("postgres")
def test_a_silent_database_holds_up_nobody_whose_session_redis_has(outage, postgres) -> None:
    steps, lines = outage("silent", **variables_of(postgres))
    assert steps["before"]["status"] == 200
    for step in [*steps["held"], *steps["held again"], *steps["spared"]]:
        assert step["status"] == 200
        assert "Unit 2338" in step["words"]
        assert step["seconds"] < LONG
    for step in [*steps["others"], *steps["others again"], steps["stranger"]]:
        tells(step)
    assert steps["after"]["status"] == 200
    assert len(lines) == 1
    assert "no answer within 0.5 s" in lines[0]
    assert steps["threads"] == 1


@pytest.mark.xdist_group("postgres")
def test_a_database_that_is_down_is_told_at_once_and_taken_up_again(outage, postgres) -> None:
    steps, lines = outage("stopped", **variables_of(postgres))
    # Its end of the connection was closed, which the portal has seen.
    assert steps["restarted"]["status"] == 200
    for step in steps["down"]:
        tells(step)
    assert steps["nothing there"]["status"] == 404
    assert steps["after"]["status"] == 200
    assert len(lines) == 1


@pytest.mark.xdist_group("postgres")
def test_a_query_that_waits_too_long_is_ended_by_the_database(outage, postgres) -> None:
    steps, lines = outage("locked", **variables_of(postgres), DATABASE_TIMEOUT="2")
    tells(steps["locked"])
    # At once, over the same connection.
    assert steps["after"]["status"] == 200
    assert steps["same thread"]
    assert len(lines) == 1
    assert "statement timeout" in lines[0]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB."""
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(tmp_path)], check=False
    ).returncode:
        pytest.skip("nobody may mount a disk here")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_on_a_full_disk_residents_look_and_newcomers_wait(outage, disk) -> None:
    url = f"sqlite:///{disk}/portal.sqlite3"
    steps, lines = outage("full", DATABASE_URL=url, DISK=str(disk))
    assert steps["looks"]["status"] == 200
    tells(steps["comes"])
    assert "We don’t know if this was saved" in steps["comes"]["words"]
    assert steps["came"]["status"] == 302
    assert steps["after"]["status"] == 200
    assert len(lines) == 1
    assert "full" in lines[0]


def test_on_a_read_only_disk_all_are_told_until_it_is_writable(outage, disk) -> None:
    url = f"sqlite:///{disk}/portal.sqlite3"
    steps, lines = outage("read_only", DATABASE_URL=url, DISK=str(disk))
    tells(steps["looks"])
    tells(steps["comes"])
    assert steps["after"]["status"] == 200
    assert steps["came"]["status"] == 302
    assert len(lines) == 1
