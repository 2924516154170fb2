"""The image, gunicorn's settings, and the list of make's targets."""

import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
STAGES = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
NOT_IN_THE_IMAGE = {"sandbox", "tests", "bench", "docs", "var", ".git", ".venv", ".env"}


def instructions(stage: str, word: str) -> list[str]:
    """Return what follows an instruction each time that it stands in a stage."""
    return re.findall(rf"^{word} (.+)$", stage, flags=re.MULTILINE)


def copied() -> set[str]:
    """Return the paths of this project that the build copies."""
    return {
        path
        for line in instructions(STAGES[0], "COPY")
        for path in line.split()[:-1]
        if not path.startswith("--")
    }


def let_through() -> set[str]:
    """Return the paths that .dockerignore lets reach the build."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines, "everything is left out but what is named"
    return {line.removeprefix("!") for line in lines if line.startswith("!")}


def test_the_last_stage_takes_its_files_from_the_build_alone() -> None:
    lines = instructions(STAGES[-1], "COPY")
    assert lines
    assert all(line.startswith("--from=build ") for line in lines)
    assert not instructions(STAGES[-1], "ADD")


def test_neither_sandbox_nor_tests_reach_the_image() -> None:
    assert copied() == let_through()
    tops = {path.split("/")[0] for path in copied()}
    assert not tops & NOT_IN_THE_IMAGE
    assert "." not in tops


@pytest.mark.parametrize("path", sorted(copied()))
def test_what_the_build_copies_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_image_holds_every_file_that_the_portal_is_made_of() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    parts = {path.split("/")[0] for path in listed.stdout.splitlines() if path.endswith(".py")}
    tools = {"scripts"} | NOT_IN_THE_IMAGE
    assert parts - tools <= copied()


def test_the_image_serves_as_a_user_without_rights_and_has_a_health_check() -> None:
    assert instructions(STAGES[-1], "USER") == ["portal"]
    assert len(instructions(STAGES[-1], "HEALTHCHECK")) == 1
    [install] = [line for line in instructions(STAGES[0], "RUN") if "pip install" in line]
    assert "--require-hashes --only-binary :all:" in install


def start(folder: Path, status: int, log: Path) -> "subprocess.Popen[bytes]":
    """Return the entry point of an image whose `manage.py` writes its arguments down and fails so often."""
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "start.py", folder / "scripts")
    (folder / "manage.py").write_text(
        "import pathlib, sys\n"
        f"log = pathlib.Path({str(log)!r})\n"
        "before = log.read_text() if log.exists() else ''\n"
        "log.write_text(before + ' '.join(sys.argv) + '\\n')\n"
        f"sys.exit(before.count('migrate') < {status})\n"
    )
    # There is no shell and no other tool.
    environment = {"PATH": str(folder / "nothing")}
    become = [sys.executable, "-c", f"import os; open({str(log)!r}, 'a').write(str(os.getpid()))"]
    command = [sys.executable, folder / "scripts" / "start.py", *become]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def test_the_entry_point_migrates_and_then_becomes_the_command(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = start(tmp_path, 0, log)
    assert process.wait() == 0
    assert log.read_text().splitlines() == [
        "manage.py migrate --noinput --verbosity=0",
        str(process.pid),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("failures", "ends"), [(1, 0), (9, 1)])
def test_the_entry_point_tries_again_but_not_for_ever(
    tmp_path: Path, failures: int, ends: int
) -> None:
    log = tmp_path / "log"
    assert start(tmp_path, failures, log).wait() == ends
    assert log.read_text().count("migrate") == (4 if ends else 2)


@pytest.mark.parametrize("kind", ["127.0.0.1", "0.0.0.0", "[::]", "unix"])
@pytest.mark.parametrize(("status", "ends"), [(200, 0), (503, 1)])
def test_the_health_check_asks_where_the_portal_listens(
    tmp_path: Path, kind: str, status: int, ends: int
) -> None:
    if kind == "unix":
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(tmp_path / "socket"))
        server.listen()
        listens = {"BIND": f"unix:{tmp_path}/socket"}
    else:
        server = socket.create_server(("127.0.0.1", 0))
        listens = {"BIND": kind, "PORT": str(server.getsockname()[1])}
    check = [sys.executable, ROOT / "scripts" / "healthy.py"]
    with server, subprocess.Popen(check, env=listens, stderr=subprocess.PIPE) as process:
        server.settimeout(30)
        connection, _ = server.accept()
        with connection:
            assert connection.recv(1000).startswith(b"GET /livez HTTP/1.1\r\n")
            connection.sendall(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n".encode())
            assert process.wait() == ends
    with subprocess.Popen(check, env=listens, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert "does not answer" in process.stderr.read()


def gunicorn(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, Any]:
    """Return gunicorn's settings under these environment variables."""
    for name in (
        *("BIND", "PORT", "WEB_CONCURRENCY", "REDIS_URL"),
        *("FORWARDED_ALLOW_IPS", "TRUSTED_PROXIES", "DRAIN_SECONDS"),
        *("METRICS_BIND", "METRICS_PORT", "METRICS_TOKEN"),
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "gunicorn.conf.py"))


def test_gunicorn_listens_on_loopback_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert gunicorn(monkeypatch)["bind"] == "127.0.0.1:8000"
    assert gunicorn(monkeypatch, BIND="[::]", PORT="80")["bind"] == "[::]:80"
    assert gunicorn(monkeypatch, BIND="unix:/run/portal")["bind"] == "unix:/run/portal"


def test_metrics_have_an_address_of_their_own_which_is_loopback_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert gunicorn(monkeypatch, METRICS_TOKEN="t")["bind"] == "127.0.0.1:8000"
    metrics = gunicorn(monkeypatch, METRICS_PORT="9100", BIND="unix:/run/portal")
    assert metrics["bind"] == ["unix:/run/portal", "127.0.0.1:9100"]
    metrics = gunicorn(monkeypatch, METRICS_PORT="9100", METRICS_BIND="10.0.0.1")
    assert metrics["bind"][1] == "10.0.0.1:9100"


def test_there_is_one_worker_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    assert gunicorn(monkeypatch)["workers"] == 1
    assert gunicorn(monkeypatch, WEB_CONCURRENCY="3")["workers"] == 3
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(2)))
    assert gunicorn(monkeypatch, REDIS_URL="redis://127.0.0.1")["workers"] == 2
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(64)))
    assert gunicorn(monkeypatch, REDIS_URL="redis://127.0.0.1")["workers"] == 4


def test_who_is_trusted_with_addresses_is_trusted_with_https(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert gunicorn(monkeypatch)["forwarded_allow_ips"] == "127.0.0.1,::1"
    trusted = gunicorn(monkeypatch, TRUSTED_PROXIES="10.0.0.0/8, ::1")
    assert trusted["forwarded_allow_ips"] == "10.0.0.0/8,::1"
    other = gunicorn(monkeypatch, TRUSTED_PROXIES="10.0.0.0/8", FORWARDED_ALLOW_IPS="10.0.0.1")
    assert other["forwarded_allow_ips"] == "10.0.0.1"
    # What is wrong is told by on_starting; gunicorn would repeat it.
    wrong = gunicorn(monkeypatch, FORWARDED_ALLOW_IPS="hush", TRUSTED_PROXIES="unix")
    assert wrong["forwarded_allow_ips"] == "127.0.0.1,::1"
    assert gunicorn(monkeypatch, FORWARDED_ALLOW_IPS="*")["forwarded_allow_ips"] == "*"


def test_an_idle_connection_can_not_outlast_a_shutdown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = gunicorn(monkeypatch)
    assert settings["keepalive"] * 2 <= settings["graceful_timeout"]
    assert gunicorn(monkeypatch, DRAIN_SECONDS="20")["graceful_timeout"] == 30


def test_gunicorn_knows_each_setting_and_writes_no_access_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from gunicorn.config import Config

    config = Config()
    settings = gunicorn(monkeypatch)
    modules = {
        "contextlib",
        "gc",
        "importlib",
        "os",
        "resource",
        "shutil",
        "signal",
        "subprocess",
        "sys",
    }
    imported = modules | {"Any", "Path", "ip_network", "tempfile"}
    for name in [name for name in settings.keys() - imported if not name.startswith("_")]:
        config.set(name, settings[name])
    assert config.worker_class_str == "asgi"
    assert config.accesslog is None
    assert config.control_socket_disable


def test_gunicorn_may_open_as_many_files_as_the_machine_lets_it() -> None:
    show = (
        "import runpy, resource; runpy.run_path('gunicorn.conf.py'); print(resource.getrlimit(7))"
    )
    command = ["prlimit", "--nofile=100:300", sys.executable, "-c", show]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(300, 300)"


def test_make_alone_lists_every_target() -> None:
    # Under another make, as in `make test`, it would say which directory it enters.
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["make"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    targets = [line.split()[1] for line in done.stdout.splitlines()]
    assert targets == [
        "help",
        "demo",
        "test",
        "test-all",
        "test-cluster",
        "check",
        "format",
        "screenshots",
        "pictures",
        "bench",
        "soak",
        "docs-check",
        "clean",
        "messages",
    ]
