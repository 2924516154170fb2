"""Fetch the tools that come from npm into build/tools: stylelint, and the Nu HTML checker.

requirements/npm.txt names each package, its version and its hash, all the way down; npm only fetches
them, from wherever it is set up to, and runs nothing of theirs. After changing WANTED, write the file
anew: `python3 scripts/node_tools.py --compile`. Standard library alone.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# The newest that run on the Node.js of Debian 12.
WANTED = (
    "stylelint@16.26.1",
    "stylelint-config-recommended@16.0.0",
    "stylelint-no-unsupported-browser-features@8.1.2",
    "vnu-jar@26.9.27",
)
PINS = ROOT / "requirements" / "npm.txt"
TOOLS = ROOT / "build" / "tools"


class Pin(NamedTuple):
    """One package: where it lies, its version, and the hash of what npm has for it."""

    path: str
    version: str
    integrity: str

    @property
    def name(self) -> str:
        """Return the package's name; one may lie in the folder of another that needs it."""
        return self.path.rpartition("node_modules/")[2]

    @property
    def file(self) -> str:
        """Return what `npm pack` calls the package's file."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


def read(pins: Path) -> list[Pin]:
    """Return the packages that a file names."""
    return [Pin(*line.split()) for line in pins.read_text().splitlines()]


def fetch(pins: Path, tools: Path) -> None:
    """Bring a folder in step with a file of pins; nothing is done where it already is."""
    tools.mkdir(parents=True, exist_ok=True)
    stamp = tools / "fetched"
    fingerprint = hashlib.sha256(pins.read_bytes()).hexdigest()
    # `make check` and `make test` may start at the same moment.
    with (tools / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == fingerprint:
            return
        print("Fetching the tools of requirements/npm.txt (once)", file=sys.stderr, flush=True)
        stamp.unlink(missing_ok=True)
        shutil.rmtree(tools / "node_modules", ignore_errors=True)
        with tempfile.TemporaryDirectory() as folder:
            unpack(read(pins), Path(folder), tools)
        stamp.write_text(fingerprint)


def unpack(wanted: list[Pin], folder: Path, tools: Path) -> None:
    """Have npm fetch packages into a folder, check each, and put it where it belongs."""
    names = sorted({f"{pin.name}@{pin.version}" for pin in wanted})
    command = ["npm", "pack", "--silent", "--ignore-scripts", *names]
    if subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False).returncode:
        raise SystemExit("npm could not fetch the tools; what it says above tells why")
    # Nothing is unpacked before all have been checked; those that hold others come first.
    for pin in wanted:
        digest = hashlib.sha512((folder / pin.file).read_bytes()).digest()
        if pin.integrity != f"sha512-{base64.b64encode(digest).decode()}":
            raise SystemExit(f"{pin.name} {pin.version} is not what requirements/npm.txt pins")
    for pin in sorted(wanted):
        place = tools / pin.path
        place.mkdir(parents=True, exist_ok=True)
        # Not every package calls its folder the same.
        subprocess.run(
            ["tar", "-xzf", folder / pin.file, "-C", place, "--strip-components=1"], check=True
        )


def compile_pins(pins: Path) -> None:
    """Write what WANTED needs, as npm resolves it today."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "package.json").write_text("{}")
        command = ["npm", "install", "--silent", "--package-lock-only", "--save-exact", *WANTED]
        subprocess.run(command, cwd=folder, check=True)
        packages = json.loads((Path(folder) / "package-lock.json").read_text())["packages"]
    found = [
        f"{path} {package['version']} {package['integrity']}\n"
        for path, package in packages.items()
        if path
    ]
    pins.write_text("".join(sorted(found)))


if __name__ == "__main__":
    if sys.argv[1:] == ["--compile"]:
        compile_pins(PINS)
    else:
        fetch(PINS, TOOLS)
