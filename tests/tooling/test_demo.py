"""`make demo`: what it prints, and that it ends as a whole."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Demo, free_port

Start = Callable[..., Demo]


def test_the_demo_prints_a_line_per_resident_and_two_for_staff_and_asks_the_sandbox(
    start: Start,
) -> None:
    demo = start(DEBUG="yes", RUCKUS_API_URL="")
    demo.wait_for_links()
    assert demo.links == [
        f"Ada Full: http://127.0.0.1:{demo.port}/p/1/abc/",
        f"Bob None: http://127.0.0.1:{demo.port}/p/2/def/",
        f"Dana Staff: the sandbox is http://127.0.0.1:{demo.sandbox_port}",
        "Code of Dana: a command",
    ]
    with urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/") as answer:
        text = answer.read().decode()
    assert (
        text == f"RUCKUS_API_URL=http://127.0.0.1:{demo.sandbox_port} DEBUG=off HTTPS=off STAFF=on"
    )


def test_with_an_address_of_the_api_no_sandbox_is_started(start: Start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        demo = start(RUCKUS_API_URL=f"http://127.0.0.1:{port}", SANDBOX_PORT=str(port))
        demo.wait_for_links()
        with urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/") as answer:
            assert f"RUCKUS_API_URL=http://127.0.0.1:{port} ".encode() in answer.read()
        assert demo.links[2] == "Dana Staff: the sandbox is none"
        assert demo.processes_named("gunicorn")
        assert not demo.processes_named("sandbox")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_process_group_ends_the_demo(start: Start, number: signal.Signals) -> None:
    demo = start()
    demo.wait_for_links()
    os.killpg(demo.process.pid, number)
    demo.assert_over()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_make_alone_ends_the_demo(start: Start, number: signal.Signals) -> None:
    demo = start()
    demo.wait_for_links()
    demo.process.send_signal(number)
    demo.assert_over()


def test_a_signal_to_the_script_ends_the_demo_with_success(start: Start) -> None:
    demo = start()
    demo.wait_for_links()
    os.kill(demo.process_named("scripts/demo.py"), signal.SIGTERM)
    demo.assert_over()
    assert demo.process.returncode == 0


def test_killing_the_script_outright_leaves_no_server_behind(start: Start) -> None:
    demo = start()
    demo.wait_for_links()
    os.kill(demo.process_named("scripts/demo.py"), signal.SIGKILL)
    demo.assert_over()


@pytest.mark.parametrize("server", ["sandbox", "gunicorn"])
def test_when_a_server_dies_the_other_is_ended_and_the_message_says_so(
    start: Start, server: str
) -> None:
    demo = start()
    demo.wait_for_links()
    os.kill(demo.process_named("-m", server), signal.SIGKILL)
    demo.assert_over()
    assert demo.process.returncode != 0
    name = {"gunicorn": "portal"}.get(server, server)
    assert f"The {name} ended with status -9" in demo.errors.read_text()


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_named_with_the_variable_to_set(start: Start, variable: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        demo = start(**{variable: str(port)})
        demo.assert_over()
    first = demo.errors.read_text().splitlines()[0]
    assert first == (
        f"Port {port} can't be used (Address already in use); set {variable} to a free one"
    )
    assert demo.process.returncode != 0
    assert not (demo.project / "var").exists()


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1", "²"])
def test_a_port_that_is_none_is_refused(start: Start, text: str) -> None:
    demo = start(PORT=text)
    demo.assert_over()
    assert demo.errors.read_text().startswith("PORT must be a number from 1 to 65535")


def test_the_same_port_twice_is_refused(start: Start) -> None:
    port = str(free_port())
    demo = start(SANDBOX_PORT=port, PORT=port)
    demo.assert_over()
    assert f"PORT and SANDBOX_PORT are both {port}" in demo.errors.read_text()


def test_the_secret_key_is_kept_for_the_next_start_and_only_for_its_owner(project: Path) -> None:
    command = "import demo, pathlib; print(demo.secret_key(pathlib.Path('key')))"
    keys = [
        subprocess.check_output([sys.executable, "-c", command], cwd=project / "scripts")
        for _ in range(2)
    ]
    assert keys[0] == keys[1]
    assert len(keys[0]) > 50
    assert (project / "scripts" / "key").stat().st_mode & 0o777 == 0o600


def test_a_portal_that_can_not_start_is_told_with_the_end_of_its_log(start: Start) -> None:
    demo = start(GUNICORN_CMD_ARGS="--no-such-option")
    demo.assert_over()
    errors = demo.errors.read_text()
    assert "unrecognized arguments: --no-such-option" in errors
    assert "The portal ended with status 2, so the demo ends" in errors
