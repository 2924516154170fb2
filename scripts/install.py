"""Make .venv and install the pinned packages of one requirements file: `install.py demo` or `dev`.

It runs under the system's Python, so it imports the standard library alone, and says on one line
what to do where it cannot go on.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
# The files whose packages a name brings: dev.txt holds all pins of demo.txt (see pins.py).
FILES = {"demo": ["demo"], "dev": ["dev", "demo"]}
PIP_INSTALL = [
    # The files name every package, so pip need not ask what theirs need: releases of today would
    # be met there, and extras, which have no pin.
    *("-m", "pip", "install", "--no-deps", "--require-hashes", "--only-binary", ":all:"),
    *("--quiet", "--no-input", "--progress-bar", "off", "--disable-pip-version-check"),
]


def install(name: str) -> None:
    """Bring .venv in step with requirements/<name>.txt; nothing is done where it already is."""
    if sys.version_info < (3, 11):  # noqa: UP036, whichever Python is there runs this
        version = ".".join(map(str, sys.version_info[:3]))
        fail(
            f"Python 3.11 or later is needed, this is {version}; name one, as in PYTHON=python3.12"
        )
    (ROOT / "var").mkdir(exist_ok=True)
    # `make demo` and `make test` may start at the same moment.
    with (ROOT / "var" / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_installed(name):
            install_now(name)


def is_installed(name: str) -> bool:
    """Tell whether .venv holds what requirements/<name>.txt asks for now."""
    stamp = stamp_path(name)
    return VENV_PYTHON.exists() and stamp.exists() and stamp.read_text() == fingerprint(name)


def install_now(name: str) -> None:
    """Install requirements/<name>.txt into .venv, made anew where it does not work."""
    if not runs(str(VENV_PYTHON), "-c", "import pip"):
        make_venv()
    say(f"Installing the packages of requirements/{name}.txt (once, about a minute)")
    requirements = ROOT / "requirements" / f"{name}.txt"
    command = [str(VENV_PYTHON), *PIP_INSTALL, "-r", str(requirements)]
    if subprocess.run(command, check=False).returncode:
        fail("The packages could not be installed; what pip says above tells why")
    for file in FILES[name]:
        stamp_path(file).write_text(fingerprint(file))


def make_venv() -> None:
    """Make .venv, with python3-venv from Debian's packages where that is missing."""
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    say("Making .venv")
    if runs(*command):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing python3-venv")
        apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (
            ["update"],
            ["install", "--yes", "--no-install-recommends", "python3-venv"],
        ):
            subprocess.run([*apt, *words], env=environment, stdout=subprocess.DEVNULL, check=False)
        if runs(*command):
            return
    # Half of one would look like a whole one to the next try.
    shutil.rmtree(VENV, ignore_errors=True)
    fail("python3 -m venv does not work here; run: sudo apt-get install python3-venv")


def runs(*command: str) -> bool:
    """Run a command in silence and tell whether it succeeded."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def fingerprint(name: str) -> str:
    """Return what changes when the pins of a requirements file do."""
    return hashlib.sha256((ROOT / "requirements" / f"{name}.txt").read_bytes()).hexdigest()


def stamp_path(name: str) -> Path:
    """Return the file in .venv that holds the fingerprint of what was installed."""
    return VENV / f"installed-{name}"


def say(text: str) -> None:
    """Print a line about what goes on; standard output is for results."""
    print(text, file=sys.stderr, flush=True)


def fail(text: str) -> NoReturn:
    """Print why it cannot go on, and end."""
    say(text)
    raise SystemExit(1)


if __name__ == "__main__":
    install(sys.argv[1])
