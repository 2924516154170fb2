"""The processes of the bench: each on its core, each ended by its own id."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.postgres import PostgresProcess

ROOT = Path(__file__).resolve().parent.parent
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
# What several workers share: all cores but the load's, which on two cores is one.
SERVER_CORES = set(CORES[:-1] or CORES)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def spawn(
    cores: set[int], *command: str, env: dict[str, str], log: Any
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )


def run(core: int, module: str, job: Any, env: dict[str, str], log: Path) -> Any:
    """Run a module of ours to its end: JSON in, JSON out."""
    with log.open("ab") as errors:
        process = spawn({core}, sys.executable, "-m", module, env=env, log=errors)
        try:
            out, _ = process.communicate(json.dumps(job).encode(), timeout=300)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode:
        raise SystemExit(f"{module} failed:\n{log.read_text()[-2000:]}")
    return json.loads(out)


class Process:
    """A server for as long as the context lasts."""

    def __init__(self, name: str, cores: set[int], *command: str, env: dict[str, str], where: Path):
        self.name, self.cores, self.command, self.env = name, cores, command, env
        self.log = where / f"{name}.log"

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self.process = spawn(self.cores, *self.command, env=self.env, log=log)
        self.pid = self.process.pid
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_for(self, url: str) -> None:
        """Return when the address answers, or end the bench with the log of a server that doesn't."""
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{self.name} does not answer:\n{self.log.read_text()[-3000:]}")


class Upstream(Process):
    """The stand-in for RUCKUS One, on the load's core."""

    def __init__(self, where: Path) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = (sys.executable, "-m", "bench.upstream")
        super().__init__("upstream", {LOAD_CORE}, *command, env=env, where=where)

    def __enter__(self) -> Self:
        super().__enter__()
        assert self.process.stdout
        self.port = int(self.process.stdout.readline() or 0)
        self.url = f"http://127.0.0.1:{self.port}"
        self.wait_for(f"{self.url}/bench/counts")
        return self

    def latency(self, milliseconds: int) -> None:
        self._ask(f"latency/{milliseconds}")

    def homes(self, number: int) -> None:
        """Have staff's building be of so many homes."""
        self._ask(f"homes/{number}")

    def counts(self) -> dict[str, float]:
        return self._ask("counts")

    def _ask(self, path: str) -> dict[str, float]:
        with urllib.request.urlopen(f"{self.url}/bench/{path}", timeout=5) as answer:
            found: dict[str, float] = json.load(answer)
            return found


class Gunicorn(Process):
    """A server under gunicorn with the portal's gunicorn.conf.py, on the server's core or cores."""

    def __init__(
        self,
        name: str,
        application: str,
        *more: str,
        env: dict[str, str],
        where: Path,
        cores: set[int] | None = None,
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        env = {**env, "PORT": str(self.port)}
        command = (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", *more, application)
        super().__init__(name, cores or {SERVER_CORE}, *command, env=env, where=where)

    def __enter__(self) -> Self:
        super().__enter__()
        self.wait_for(f"{self.url}/healthz/")
        return self


class Uvicorn(Process):
    """A server under uvicorn as it comes, on the server's core."""

    def __init__(self, name: str, application: str, *, env: dict[str, str], where: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        quiet = ("--log-level", "warning", "--no-access-log")
        command = (sys.executable, "-m", "uvicorn", "--port", str(self.port), *quiet, application)
        super().__init__(name, {SERVER_CORE}, *command, env=env, where=where)

    def __enter__(self) -> Self:
        super().__enter__()
        self.wait_for(f"{self.url}/healthz/")
        return self


class Redis(Process):
    """A Redis without persistence. It has a core of its own in real life; here the load's."""

    def __init__(self, where: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        keep_nothing = ("--save", "", "--appendonly", "no")
        address = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(where))
        command = ("redis-server", *address, *keep_nothing)
        super().__init__("redis", {LOAD_CORE}, *command, env=dict(os.environ), where=where)

    def __enter__(self) -> Self:
        super().__enter__()
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise SystemExit("redis-server does not answer")


@contextmanager
def postgresql() -> Iterator[str]:
    """Yield the address of a PostgreSQL, which has a machine of its own in real life; here the load's core."""
    before = os.sched_getaffinity(0)
    database = PostgresProcess()
    # What is started has the cores of who starts it.
    os.sched_setaffinity(0, {LOAD_CORE})
    try:
        database.__enter__()
    finally:
        os.sched_setaffinity(0, before)
    try:
        yield database.url
    finally:
        database.__exit__()
