"""A tiny project with the real tools and stand-ins for the portal and the sandbox."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SANDBOX = """
import http.server, sys
if sys.argv[1:2] == ["--links"]:
    print("Ada Full: %s/p/1/abc/\\nBob None: %s/p/2/def/" % (sys.argv[2], sys.argv[2]))
    raise SystemExit
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass
assert sys.argv[1] == "--port"
port = int(sys.argv[2])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
MANAGE = """
import os, sys
if sys.argv[1] == "shell":
    print("Dana Staff: the sandbox is " + (os.environ["DEMO_SANDBOX"] or "none"))
    print("Code of Dana: a command")
"""
PORTAL = """
import os
async def application(scope, receive, send):
    assert scope["type"] == "http"
    names = ("RUCKUS_API_URL", "DEBUG", "HTTPS", "STAFF")
    body = " ".join(f"{k}={os.environ.get(k)}" for k in names).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder where `make demo` finds everything installed."""
    for name in ("Makefile", "gunicorn.conf.py", "scripts", "requirements"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    # What the master's log is written by.
    (tmp_path / "common").mkdir()
    shutil.copy(ROOT / "common" / "logs.py", tmp_path / "common")
    for name, text in (
        ("manage.py", MANAGE),
        ("sandbox/__main__.py", SANDBOX),
        ("portal/__init__.py", ""),
        # Its settings are never wrong.
        ("portal/start.py", ""),
        ("portal/asgi.py", PORTAL),
        # There is nothing for staff to do in the background.
        ("portal/background.py", ""),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import install; install.stamp_path('demo').write_text(install.fingerprint('demo'))",
        ],
        cwd=tmp_path / "scripts",
        check=True,
    )
    return tmp_path


class Demo:
    """A running `make demo`, in a process group of its own, with its ports."""

    def __init__(self, project: Path, **variables: str) -> None:
        self.port, self.sandbox_port = free_port(), free_port()
        self.project = project
        self.output = project / "output.txt"
        self.errors = project / "errors.txt"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(project),
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            **variables,
        }
        with self.output.open("wb") as output, self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                # Whoever runs the tests may have interrupts ignored; a terminal has not.
                ["env", "--default-signal=INT", "make", "demo"],
                cwd=project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )

    @property
    def links(self) -> list[str]:
        """Return the lines on standard output so far."""
        return self.output.read_text().splitlines()

    def wait_for_links(self) -> None:
        """Return when both links are printed, and both lines for staff."""
        wait_until(lambda: len(self.links) == 4 or self.process.poll() is not None)
        assert len(self.links) == 4, self.errors.read_text()

    def processes(self) -> list[int]:
        """Return the ids of the processes that are still there and belong to this demo."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and (entry / "cwd").resolve() == self.project:
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def process_named(self, *words: str) -> int:
        """Return the id of the oldest process whose command line has these words."""
        found = self.processes_named(*words)
        assert found, f"no process {words}"
        return found[0]

    def processes_named(self, *words: str) -> list[int]:
        """Return the ids of all processes whose command line has these words, the oldest first."""
        found = []
        for pid in sorted(self.processes()):
            # It may have ended since.
            with contextlib.suppress(OSError):
                arguments = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
                if all(word in arguments for word in words):
                    found.append(pid)
        return found

    def assert_over(self) -> None:
        """Check that make has ended and left nothing behind."""
        self.process.wait(90)
        wait_until(lambda: not self.processes())


@pytest.fixture
def start(project: Path) -> Iterator[Callable[..., Demo]]:
    """Return a function that starts `make demo`; whatever is left of it is killed afterwards."""
    demos: list[Demo] = []

    def start(**variables: str) -> Demo:
        demos.append(Demo(project, **variables))
        return demos[-1]

    yield start
    for demo in demos:
        for pid in demo.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        demo.process.wait()


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when a condition holds; fail if it does not within a time that is long for any machine."""
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)
