"""A portal that can't serve says so: /readyz is red, and one line of the log names what is wrong."""

import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.portal import ROOT, PortalProcess

API = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PortalProcess:
    """An installation with nothing wrong, whose files the broken ones share."""
    process = PortalProcess(tmp_path_factory.mktemp("made"), API)
    for job in (process.manage("migrate", "-v0"), process.manage("collectstatic", "--noinput")):
        assert job.wait(60) == 0
    return process


@contextmanager
def begun(made: PortalProcess, log: Path, **variables: str) -> Iterator[str]:
    """The portal's address, as it is as soon as it can be asked anything."""
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
            cwd=ROOT,
            env=made.environment | variables,
            stdout=written,
            stderr=written,
        )
    try:
        end = time.monotonic() + 60
        while True:
            assert time.monotonic() < end, log.read_text()
            found = re.search(r"Listening at: (http://127\.0\.0\.1:\d+)", log.read_text())
            try:
                if found and httpx.get(f"{found[1]}/livez", trust_env=False).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        yield found[1]
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def server(answer: Callable[[socket.socket], Any]) -> Iterator[str]:
    """The address of a PostgreSQL server that does this with each connection."""
    kept = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                while True:
                    connection, _ = listening.accept()
                    kept.append(connection)
                    answer(connection)
            except OSError:
                pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"postgres://portal:hush@127.0.0.1:{listening.getsockname()[1]}/portal"
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    for connection in kept:
        connection.close()


def refuse(connection: socket.socket) -> None:
    """Say what PostgreSQL says to a wrong password."""
    if connection.recv(1024)[4:8] == struct.pack("!I", 80877103):
        # There is no TLS here.
        connection.sendall(b"N")
        connection.recv(1024)
    fields = b'SFATAL\0C28P01\0Mpassword authentication failed for user "portal"\0\0'
    connection.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)
    connection.close()


def silence(connection: socket.socket) -> None:
    """Say nothing, as a server that has stalled."""


def refused(made: PortalProcess, **variables: str) -> "subprocess.CompletedProcess[str]":
    """How a start ends that does not come about."""
    return subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
        cwd=ROOT,
        env=made.environment | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(done: "subprocess.CompletedProcess[str]") -> list[str]:
    """What it says of its settings, with no traceback beside it."""
    assert "Traceback" not in done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("Settings: ")]


def until(log: Path, words: str) -> None:
    """Return once the log says this."""
    end = time.monotonic() + 60
    while not re.search(words, log.read_text()):
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


def lines(log: Path) -> list[str]:
    """The messages in which the portal, but not each request, has something to say."""
    written = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line["message"] for line in written if line["logger"] == "portal.readiness"]


def check(made: PortalProcess, tmp_path: Path, words: str, line: str, **variables: str) -> None:
    """What is wrong is told within two seconds to who asks, and in one line of the log."""
    log = tmp_path / "log"
    with begun(made, log, **variables) as url:
        for _ in range(2):
            start = time.monotonic()
            answer = httpx.get(f"{url}/readyz", trust_env=False)
            assert time.monotonic() - start < 3
            assert (answer.status_code, answer.text) == (503, f"not ready: {words}\n")
    [told] = [message for message in lines(log) if message.startswith("Not ready.")]
    assert re.search(line, told)
    assert "\n" not in told
    assert "hush" not in log.read_text()


def test_a_good_start_is_ready(made: PortalProcess, tmp_path: Path) -> None:
    with begun(made, tmp_path / "log") as url:
        assert httpx.get(f"{url}/readyz", trust_env=False).text == "ready\n"
    assert lines(tmp_path / "log")[0] == "Draining: no further residents are to be sent here"


def test_a_database_that_can_not_be_reached(made: PortalProcess, tmp_path: Path) -> None:
    with server(silence) as url:
        pass
    check(made, tmp_path, "database", "Connection refused", DATABASE_URL=url)


def test_a_wrong_password(made: PortalProcess, tmp_path: Path) -> None:
    with server(refuse) as url:
        check(made, tmp_path, "database", "password authentication failed", DATABASE_URL=url)


def test_a_database_that_says_nothing(made: PortalProcess, tmp_path: Path) -> None:
    with server(silence) as url:
        check(
            made,
            tmp_path,
            "database",
            "did not answer within 2 seconds|timeout expired",
            DATABASE_URL=url,
        )


def test_a_database_that_is_not_migrated(made: PortalProcess, tmp_path: Path) -> None:
    (tmp_path / "empty.sqlite3").touch()
    url = f"sqlite:///{tmp_path}/empty.sqlite3"
    check(made, tmp_path, "migrations", "manage.py migrate", DATABASE_URL=url)


def test_a_typo_in_the_properties(made: PortalProcess, tmp_path: Path) -> None:
    file = tmp_path / "properties.toml"
    file.write_text("[0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11]\nregoin = 'eu'\n")
    done = refused(made, PROPERTIES_FILE=str(file))
    assert done.returncode == 2
    [line] = told(done)
    assert line.endswith("unknown field `regoin`")


def test_a_typo_in_the_properties_does_not_end_who_serves(
    made: PortalProcess, tmp_path: Path
) -> None:
    file = tmp_path / "properties.toml"
    file.write_text("[0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11]\nregion = 'eu'\n")
    log = tmp_path / "log"
    variables = {"PROPERTIES_FILE": str(file), "WEB_CONCURRENCY": "2"}
    with begun(made, log, **variables) as url:
        booted = re.findall(r"Booting worker with pid: (\d+)", log.read_text())
        file.write_text("[0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11]\nregoin = 'eu'\n")
        os.kill(int(booted[0]), signal.SIGKILL)
        until(log, "Settings: PROPERTIES_FILE: .*regoin")
        for _ in range(10):
            assert httpx.get(f"{url}/livez", trust_env=False).status_code == 200
        file.write_text("[0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11]\nregion = 'eu'\n")
    assert "Traceback" not in log.read_text()


def test_static_files_that_were_not_collected(made: PortalProcess, tmp_path: Path) -> None:
    done = refused(made, STATIC_ROOT=str(tmp_path / "none"))
    assert done.returncode == 3
    [line] = told(done)
    assert line.startswith("Settings: Collect the static files: run `manage.py collectstatic`")
