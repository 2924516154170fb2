"""The units of deploy/: systemd takes them, confines what they start, and keeps the port open."""

import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.browser.portal import PortalProcess

from .conftest import ROOT

UNITS = sorted(file for file in (ROOT / "deploy").glob("portal*.*") if file.suffix != ".conf")
INSTALLED = "/opt/resident-portal"
# Of 10. What is left is what the portal needs: the network, and files of its own.
MOST_EXPOSED = 2.0

systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="this machine has no systemd to ask"
)


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """Return the units as if the portal were installed in a scratch folder."""
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "gunicorn"):
        (programs / name).symlink_to(sys.executable)
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace(INSTALLED, str(tmp_path)))
    return [str(tmp_path / unit.name) for unit in UNITS]


@systemd
def test_systemd_has_nothing_to_say_about_the_units(units: list[str]) -> None:
    assert len(units) == 4
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    # What else this machine has is not ours.
    ours = [line for line in done.stderr.splitlines() if "portal" in line]
    assert (done.returncode, ours) == (0, [])


@systemd
@pytest.mark.parametrize("name", ["portal.service", "portal-purge.service"])
def test_what_a_unit_starts_may_do_little(units: list[str], name: str) -> None:
    [unit] = [unit for unit in units if unit.endswith(f"/{name}")]
    threshold = f"--threshold={round(MOST_EXPOSED * 10)}"
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", threshold, unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_units_agree_on_where_the_portal_is() -> None:
    for unit in UNITS:
        if unit.suffix == ".service":
            text = unit.read_text()
            assert f"WorkingDirectory={INSTALLED}\n" in text
            assert f"ReadWritePaths={INSTALLED}/var\n" in text
            assert "EnvironmentFile=/etc/resident-portal.env\n" in text


class Activated(PortalProcess):
    """gunicorn as systemd starts it: with a socket that is open already, as its file 3."""

    def __init__(self, folder: Path, opened: socket.socket) -> None:
        super().__init__(folder, "http://127.0.0.1:9")
        self.opened = opened.fileno()
        # Not used then.
        self.environment["PORT"] = "1"

    def start(self) -> None:
        """Start it as a process whose own id says whom the socket is for."""
        become = (
            "import os, sys\n"
            "os.dup2(int(sys.argv[1]), 3)\n"
            "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')\n"
            "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])\n"
        )
        gunicorn = ["-m", "gunicorn", "-c", "gunicorn.conf.py"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", become, str(self.opened), *gunicorn],
                cwd=ROOT,
                env=self.environment,
                pass_fds=[self.opened],
                stdout=log,
                stderr=log,
            )
        self._wait()


@pytest.mark.slow
def test_who_comes_while_the_portal_starts_again_waits_and_is_served(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as opened:
        address = f"http://127.0.0.1:{opened.getsockname()[1]}/healthz/"
        answers: list[int | str] = []
        over = threading.Event()

        def come() -> None:
            while not over.is_set():
                try:
                    answers.append(httpx.get(address, timeout=60, trust_env=False).status_code)
                except httpx.TransportError as error:
                    answers.append(repr(error))
                time.sleep(0.02)

        with Activated(tmp_path, opened) as portal:
            residents = [threading.Thread(target=come) for _ in range(3)]
            for resident in residents:
                resident.start()
            try:
                for _ in range(2):
                    before = len(answers)
                    while len(answers) < before + 20:
                        time.sleep(0.02)
                    first = portal.process.pid
                    portal.stop()
                    assert portal.process.returncode == 0
                    portal.start()
                    assert portal.process.pid != first
            finally:
                over.set()
                for resident in residents:
                    resident.join()
    assert len(answers) > 40
    assert set(answers) == {200}
