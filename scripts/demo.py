"""Run the portal beside the sandbox until a signal comes: what `make demo` does.

Standard output has one line per demo resident, `name: link`, then two lines for staff: who signs in
where, and the command that prints their code. All else goes to standard error, and what the two
servers say to var/demo/. It starts under the system's Python: standard library alone.
"""

from __future__ import annotations

import ctypes
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from install import ROOT, VENV_PYTHON, fail, install, say

HOST = "127.0.0.1"
HERE = ROOT / "var" / "demo"
PYTHON = str(VENV_PYTHON)
STAFF = ROOT / "scripts" / "demo_staff.py"
TICK = 0.1
READY_SECONDS = 90
# gunicorn gets 2 of them to answer what is under way (see --graceful-timeout).
END_SECONDS = 4


class Stopped(BaseException):
    """A signal asked for the end, or the make that started us is gone."""


class Server:
    """A server of the demo: its process, its log, and the address that tells when it is ready."""

    def __init__(self, name: str, port: int, path: str, *command: str, env: dict[str, str]) -> None:
        self.name, self.port, self.path = name, port, path
        self.log = HERE / f"{name}-{port}.log"
        with self.log.open("wb") as log:
            # It stays in our process group, so that a signal to the group reaches it too.
            self.process = subprocess.Popen(
                [PYTHON, "-m", *command],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=end_with_parent,  # noqa: PLW1509, there are no threads here
            )

    def is_ready(self) -> bool:
        """Tell whether a request is answered with 200; the port alone opens earlier."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", self.path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def check(self) -> None:
        """Fail with the end of the log where the process has ended."""
        if self.process.poll() is not None:
            self.fail(f"The {self.name} ended with status {self.process.returncode}")

    def fail(self, text: str) -> NoReturn:
        """Fail with the end of the log."""
        say("\n".join(self.log.read_text(errors="replace").splitlines()[-20:]))
        fail(f"{text}, so the demo ends; the log is {self.log.relative_to(ROOT)}")

    def end(self) -> None:
        """Ask the process to end, and see to it."""
        self.process.terminate()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def main() -> None:
    """Set up, serve, and end all that was started, in whichever way it comes to an end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    servers: list[Server] = []
    try:
        port = free_port("PORT", 8000)
        api = os.environ.get("RUCKUS_API_URL")
        sandbox_port = 0 if api else free_port("SANDBOX_PORT", 9000)
        if port == sandbox_port:
            fail(f"PORT and SANDBOX_PORT are both {port}; set one of them to another number")
        install("demo")
        env = environment(port, api or f"http://{HOST}:{sandbox_port}")
        run(PYTHON, "scripts/messages.py", "compile", env=env)
        manage = [PYTHON, "manage.py"]
        run(*manage, "migrate", "--noinput", "--verbosity=0", env=env)
        run(*manage, "collectstatic", "--noinput", "--verbosity=0", env=env)
        if not api:
            sandbox = ["sandbox", "--port", str(sandbox_port)]
            servers.append(Server("sandbox", sandbox_port, "/openapi.json", *sandbox, env=env))
        gunicorn = ["gunicorn", "-c", "gunicorn.conf.py", "--graceful-timeout", "2"]
        application = "portal.asgi:application"
        servers.append(Server("portal", port, "/healthz/", *gunicorn, application, env=env))
        wait_until_ready(servers)
        say(f"Ready, until Ctrl-C. The logs are in {HERE.relative_to(ROOT)}. Open one of these:")
        run(PYTHON, "-m", "sandbox", "--links", f"http://{HOST}:{port}", env=env)
        # An API that is none of ours has no accounts to connect.
        staff_env = env | {"DEMO_SANDBOX": "" if api else env["RUCKUS_API_URL"]}
        run(*manage, "shell", "--no-imports", "-v0", "-c", STAFF.read_text(), env=staff_env)
        watch(servers)
    except Stopped:
        say("Stopping the demo")
    finally:
        for server in reversed(servers):
            server.end()


def stop(*_: object) -> NoReturn:
    """Stop at the first signal; a second one must not cut the clearing up short."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def free_port(variable: str, default: int) -> int:
    """Return the port that an environment variable asks for; fail where it can't be had."""
    text = os.environ.get(variable) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        fail(f"{variable} must be a number from 1 to 65535, not {text!r}")
    with socket.socket() as probe:
        # As the servers do: what an ended server leaves in TIME_WAIT is no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as error:
            fail(f"Port {text} can't be used ({error.strerror}); set {variable} to a free one")
    return int(text)


def environment(port: int, api: str) -> dict[str, str]:
    """Return the environment of the demo: like production, but over plain HTTP on loopback."""
    HERE.mkdir(parents=True, exist_ok=True)
    defaults = {
        "ALLOWED_HOSTS": f"{HOST},localhost",
        "DATABASE_URL": "sqlite:///var/demo/portal.sqlite3",
        "HTTPS": "off",
        "SECRET_KEY": secret_key(HERE / "secret-key"),
    }
    fixed = {
        "BIND": HOST,
        "DEBUG": "off",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "RUCKUS_API_URL": api,
        "STAFF": "on",
    }
    return {**defaults, **os.environ, **fixed}


def secret_key(path: Path) -> str:
    """Return the demo's own secret key, made at the first start, readable by its owner alone."""
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


def run(*command: str, env: dict[str, str]) -> None:
    """Run a command to its end; its own words on standard error tell why it failed."""
    if subprocess.run(command, cwd=ROOT, env=env, check=False).returncode:
        fail(f"The demo can't go on: {' '.join(command[1:4])} failed")


def wait_until_ready(servers: list[Server]) -> None:
    """Return once every server answers."""
    deadline = time.monotonic() + READY_SECONDS
    waiting = list(servers)
    while waiting:
        tick(servers)
        if time.monotonic() > deadline:
            waiting[0].fail(f"The {waiting[0].name} does not answer on port {waiting[0].port}")
        waiting = [server for server in waiting if not server.is_ready()]


def watch(servers: list[Server]) -> NoReturn:
    """Wait for a signal, or for the end of a server."""
    while True:
        tick(servers)


def tick(servers: list[Server]) -> None:
    """Wait a moment, then fail where a server has ended and stop where make has."""
    time.sleep(TICK)
    for server in servers:
        server.check()
    if os.getppid() != PARENT or (MAKE_CAUGHT_SIGINT and not catches_sigint(PARENT)):
        raise Stopped


def catches_sigint(pid: int) -> bool:
    """Tell whether a process is a make that catches SIGINT; it takes its handler away on the first.

    make hands a SIGTERM on to its recipe, but not a SIGINT that is sent to make alone: then it
    just waits, for good, for the recipe to end.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    caught = int(fields.get("SigCgt", "0"), 16)
    return fields.get("Name") in ("make", "gmake") and bool(caught & 1 << signal.SIGINT - 1)


def end_with_parent() -> None:
    """Ask Linux to end this process when the demo is killed outright."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


PARENT = os.getppid()
MAKE_CAUGHT_SIGINT = catches_sigint(PARENT)

if __name__ == "__main__":
    main()
