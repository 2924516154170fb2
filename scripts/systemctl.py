#!/usr/bin/python3
"""Start what units say, where there is no systemd: a stand-in in the scratch Debian of docs_check.py."""

import os
import pwd
import shlex
import socket
import subprocess
import sys
from pathlib import Path

UNITS = Path("/etc/systemd/system")
LOG = Path("/var/log/portal.log")


def read(path: Path) -> dict[str, list[str]]:
    """Return what each name of a unit is set to, in order."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name.strip(), []).append(value.strip())
    return found


def open_sockets(unit: dict[str, list[str]]) -> list[socket.socket]:
    """Return what a socket unit has systemd listen at."""
    opened = []
    for address in unit["ListenStream"]:
        host, _, port = address.rpartition(":")
        opened.append(socket.create_server((host, int(port)), backlog=int(unit["Backlog"][-1])))
    return opened


def start(service: dict[str, list[str]], sockets: list[socket.socket]) -> None:
    """Start a service as its user, with its environment alone, and with sockets as files from 3 on."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    for file in service.get("EnvironmentFile", ()):
        for line in Path(file).read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            environment[name] = value
    [user] = service["User"]
    [folder] = service["WorkingDirectory"]
    for place in service.get("ReadWritePaths", ()):
        if Path(place).owner() != user:
            raise SystemExit(f"{place} is not {user}'s")

    for command in service.get("ExecStartPre", ()):
        subprocess.run(
            shlex.split(command), user=user, group=user, cwd=folder, env=environment, check=True
        )
    if os.fork():
        return
    os.setsid()
    log = os.open(LOG, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    files = [os.dup(opened.fileno()) for opened in sockets]
    for number in (1, 2):
        os.dup2(log, number)
    # They may be where the others are to go.
    kept = [os.dup2(file, 100 + number) for number, file in enumerate(files)]
    for number, copy in enumerate(kept):
        os.dup2(copy, 3 + number)
        os.close(copy)
    known = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(known.pw_gid)
    os.setuid(known.pw_uid)
    os.chdir(folder)
    environment |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(sockets))}
    words = shlex.split(service["ExecStart"][-1])
    os.execve(words[0], words, environment)  # noqa: S606, no shell is wanted here


def enable(names: list[str]) -> None:
    """Start each unit: ours as it says, one of Debian's by its own script."""
    sockets: list[socket.socket] = []
    for name in names:
        path = UNITS / name
        if not path.suffix:
            subprocess.run(["service", name, "start"], check=True)
        elif path.suffix == ".socket":
            sockets = open_sockets(read(path))
        elif path.suffix == ".service":
            start(read(path), sockets)
        elif not path.with_suffix(".service").exists():
            raise SystemExit(f"{name} has nothing to start")


match sys.argv[1:]:
    case ["daemon-reload"]:
        pass
    case ["enable", "--now", *names]:
        enable(names)
    case ["reload", name]:
        subprocess.run(["service", name, "reload"], check=True)
    case words:
        raise SystemExit(f"This stand-in does not know: systemctl {' '.join(words)}")
