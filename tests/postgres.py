"""A PostgreSQL of Debian's for tests: a cluster of its own, as its own user."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self


def as_postgres(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else list(command)


def ended(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd="/")
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


class PostgresProcess:
    """An empty database of a fresh cluster on a free port, for as long as the context lasts.

    `url` is its address.
    """

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        assert found, "The tests need PostgreSQL: apt-get install postgresql"
        if os.getuid() == 0:
            names = [user.pw_name for user in pwd.getpwall()]
            assert "postgres" in names, "PostgreSQL does not run as root, and no user is postgres"
        self.programs = found[-1]

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
        try:
            if os.getuid() == 0:
                shutil.chown(self.folder, "postgres")
            self.data = self.folder / "data"
            init = [str(self.programs / "initdb"), "-D", str(self.data)]
            ended(as_postgres(*init, "-A", "trust", "-U", "postgres", "--no-sync"))
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
            self.start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def command(self) -> list[str]:
        """Return what starts it, and stops it, with a word more."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        program = [str(self.programs / "pg_ctl"), "-D", str(self.data), "-w", "-t", "50"]
        return as_postgres(*program, "-l", str(self.folder / "log"), "-o", options)

    def start(self) -> None:
        ended([*self.command, "start"])

    def stop(self) -> None:
        ended([*self.command, "-m", "immediate", "stop"])

    def stall(self) -> None:
        """Have every process of it stand still: it takes connections, and answers none."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Have it work again."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        master = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for process in (master, *map(int, children)):
            os.kill(process, number)
