"""Builds the image in scratch folders: the Dockerfile's own lines, with no daemon and no registry.

Each stage is a folder that its RUN lines see as the root of everything, where they run as root or as
the user that USER names. What stands in for the base image is the system of this machine (/usr, and
a copy of /etc) and, at /usr/local as there, the Python that runs the tests. Of this machine nothing
else is there.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import string
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .conftest import ROOT

# How to get a view of the file system of one's own: as root, or as a user whom the machine gives
# a range of user ids.
WAYS = (
    ["unshare", "--mount", "--pid", "--fork", "--kill-child"],
    ["unshare", "--map-root-user", "--map-auto", "--mount", "--pid", "--fork", "--kill-child"],
)
NETWORK = re.compile(r"PIP_|SSL_CERT|REQUESTS_CA_BUNDLE|(https?|all|no)_proxy$", re.IGNORECASE)
MOUNT = """
set -eu
root=$1
user=$2
python=$3
directory=$4
shift 4
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --bind -o ro /usr "$root/usr"
mount --bind -o ro "$python" "$root/usr/local"
exec chroot --userspec="$user" "$root" sh -euc 'cd "$0" && exec "$@"' "$directory" "$@"
"""


@dataclass
class Instruction:
    """One line of a Dockerfile, with those that continue it."""

    word: str
    text: str

    def words(self) -> list[str]:
        """Return what it lists, written as JSON or with spaces between."""
        found: list[str] = (
            json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)
        )
        return found


@dataclass
class Stage:
    """What a FROM begins, as far as it is built."""

    root: Path
    python: Path
    environment: dict[str, str]
    instructions: list[Instruction] = field(default_factory=list)
    directory: str = "/"
    user: str = "root"

    def command(self, *words: str) -> list[str]:
        """Return the command that runs one inside the stage."""
        way = way_in()
        assert way is not None
        view = [str(self.root), self.user, str(self.python), self.directory]
        return [*way, "sh", "-c", MOUNT, "sh", *view, *words]

    def inside(self, path: str) -> Path:
        """Return where a path of the stage lies on this machine."""
        return self.root / os.path.normpath(os.path.join(self.directory, path)).lstrip("/")

    def last(self, word: str) -> Instruction:
        """Return the instruction of this name that holds in the end."""
        return [found for found in self.instructions if found.word == word][-1]


@cache
def way_in() -> list[str] | None:
    """Return how this user gets a view of the file system of their own; None where they do not."""
    probe = ["sh", "-c", "PATH=$PATH:/usr/sbin; mount -t proc proc /proc && chroot / true"]
    for way in WAYS:
        try:
            done = subprocess.run([*way, *probe], capture_output=True, check=False)
        except FileNotFoundError:
            return None
        if done.returncode == 0:
            return way
    return None


def network() -> dict[str, str]:
    """Return the environment's way to the packages, and nothing else of it."""
    return {name: value for name, value in os.environ.items() if NETWORK.match(name)}


def parsed(text: str) -> list[Instruction]:
    """Return the instructions of a Dockerfile in order."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        Instruction(word.upper(), rest.strip())
        for word, _, rest in (line.strip().partition(" ") for line in joined.splitlines())
        if word
    ]


def build(text: str, context: Path, scratch: Path) -> Stage:
    """Follow a Dockerfile and return its last stage."""
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for instruction in parsed(text):
        if instruction.word == "FROM":
            image, *name = instruction.words()
            assert image.startswith("python:"), "nothing here stands in for another image"
            stage = base_image(scratch / f"stage{len(stages)}")
            stages[name[-1] if name else ""] = stage
        assert stage is not None, "a Dockerfile begins with FROM"
        stage.instructions.append(instruction)
        follow(instruction, stage, stages, context)
    assert stage is not None
    return stage


def follow(instruction: Instruction, stage: Stage, stages: dict[str, Stage], context: Path) -> None:
    """Do to a stage what one instruction says; one that is not known here fails."""
    match instruction.word:
        case "WORKDIR":
            stage.directory = f"/{stage.inside(instruction.text).relative_to(stage.root)}"
            stage.inside(".").mkdir(parents=True, exist_ok=True)
        case "ENV":
            for word in instruction.words():
                name, _, value = word.partition("=")
                stage.environment[name] = string.Template(value).substitute(stage.environment)
        case "USER":
            stage.user = instruction.text
        case "COPY":
            words = instruction.words()
            source = context
            if words[0].startswith("--from="):
                source = stages[words.pop(0).removeprefix("--from=")].root
            for path in words[:-1]:
                copy(source / path.lstrip("/"), stage, words[-1], many=len(words) > 2)
        case "RUN":
            run(stage, instruction.text)
        case _:
            # They say how the image is run, not how it is made.
            assert instruction.word in {
                *("FROM", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
            }, instruction


def base_image(root: Path) -> Stage:
    """Return a stage with nothing but the system, a Python and pip."""
    for name in ("dev", "proc", "usr", "tmp", "root", "home", "var/tmp", "run"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        if Path("/", name).exists():
            (root / name).symlink_to(f"usr/{name}")
    (root / "tmp").chmod(0o1777)
    # What this user may not read, as the shadow of the passwords, is not needed.
    subprocess.run(["cp", "-a", "/etc", root], stderr=subprocess.DEVNULL, check=False)
    # It may be a link to what is not there.
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    shutil.copy("/etc/resolv.conf", root / "etc")
    python = Path(sys.base_prefix)
    if not (python / "bin" / "python").exists() or python == Path("/usr"):
        python = root.with_name(f"{root.name}-python")
        (python / "bin").mkdir(parents=True)
        (python / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    environment = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"}
    stage = Stage(root, python, environment | network())
    # Where Python is a shared library, its program finds it by this list alone.
    run(stage, "ldconfig")
    return stage


def copy(source: Path, stage: Stage, target: str, *, many: bool) -> None:
    """Copy a file, or what is in a folder, as COPY does."""
    to = stage.inside(target)
    if source.is_dir():
        leave_out = (
            shutil.ignore_patterns("__pycache__", "*.pyc") if ROOT in source.parents else None
        )
        shutil.copytree(source, to, symlinks=True, ignore=leave_out, dirs_exist_ok=True)
        return
    if many or target.endswith("/"):
        to /= source.name
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, to)


def run(stage: Stage, line: str) -> None:
    """Run one line in a stage and see it end well."""
    done = subprocess.run(
        stage.command("/bin/sh", "-c", line),
        env=stage.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"RUN {line}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
