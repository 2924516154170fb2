"""`python -m sandbox`, as people and scripts start it."""

import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from sandbox.app import create_app
from sandbox.links import links, vendor_links
from sandbox.server import is_loopback
from sandbox.state import State
from tests.servers import ROOT, SandboxProcess


def run(*arguments, **environ):
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_links_are_printed_one_a_line():
    done = run("--links", "http://127.0.0.1:8000")
    assert done.returncode == 0
    pairs = [tuple(line.split(": ")) for line in done.stdout.splitlines()]
    assert pairs == links("http://127.0.0.1:8000")


def test_links_in_the_vendors_shape_are_printed_one_a_line():
    done = run("--vendor-links")
    assert done.returncode == 0
    assert [tuple(line.split(": ")) for line in done.stdout.splitlines()] == vendor_links()


@pytest.mark.parametrize("how", ["option", "variable"])
def test_a_taken_port_gives_one_clear_line(how):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("--port", port) if how == "option" else run(SANDBOX_PORT=port)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert f"127.0.0.1:{port}" in line
    assert "SANDBOX_PORT" in line


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly_even_while_a_call_hangs(how, capfd):
    with SandboxProcess() as sandbox:
        sandbox.fault("hang")
        with (
            httpx.Client(trust_env=False, timeout=httpx.Timeout(30, read=0.3)) as http,
            pytest.raises(httpx.ReadTimeout),
        ):
            http.get(f"{sandbox.url}/residents/properties/x/access")
        sandbox.process.send_signal(how)
        assert sandbox.process.wait(10) in (0, -how)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("a.b", False)],
)
def test_only_loopback_addresses_count_as_this_machine(host, local):
    assert is_loopback(host) is local


def test_without_controls_nothing_answers_under_the_control_path(stranger):
    """Passphrases can be read there, so that a sandbox others can reach must not have it."""
    stranger.app = create_app(State(), controls=False)
    for method, path in (("GET", "stored"), ("GET", "calls"), ("POST", "reset")):
        assert stranger.send(method, f"/_sandbox/{path}", whole=True).status_code == 404


def test_an_app_serves_the_state_it_was_given():
    state = State()
    assert create_app(state).state.sandbox is state
