"""Follow docs/operations.md in a scratch Debian: the blocks of commands below "With systemd", word for word.

It needs root, and a network for the packages of Debian and of Python alone. There is no systemd in a
scratch Debian; scripts/systemctl.py starts what the units say in its place. All that was started ends
with the last command, and the Debian is made anew each time from one that is kept in build.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "docs-check"
HEADING = "## With systemd\n"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What the page's services listen at: the scratch Debian shares this machine's network.
PORTS = (80, 443, 5432, 6379, 8000, 9100)
# The way to the packages, and nothing else of this environment.
KEPT = re.compile(r"PIP_|SSL_CERT|REQUESTS_CA_BUNDLE|(https?|all|no)_proxy$", re.IGNORECASE)
MOUNT = """
set -eu
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
exec chroot "$0" sh -eux /root/commands
"""


def commands(page: str) -> str:
    """Return the page's commands as one script."""
    _, _, after = page.partition(HEADING)
    section = re.split(r"^## ", after, flags=re.MULTILINE)[0]
    found = BLOCK.findall(section)
    if not found:
        raise SystemExit(f"docs/operations.md has no commands below {HEADING.strip()!r}")
    return "".join(found)


def taken() -> list[int]:
    """Return the ports that somebody else listens at already."""
    found = []
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                found.append(port)
    return found


def debian(folder: Path) -> None:
    """Make a folder a Debian with nothing but what every one has, as old or new as this machine's."""
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    [suite] = re.findall(r"^VERSION_CODENAME=(\w+)$", release, re.MULTILINE)
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    options = ["--variant=minbase", "--include=ca-certificates"]
    subprocess.run(["debootstrap", *options, suite, part], check=True)
    # A network may have an authority of its own.
    for path in ("/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf"):
        if Path(path).exists():
            shutil.copy(path, f"{part}{path}")
    part.rename(folder)


def unpack(target: Path) -> None:
    """Put the files of this project there, as in a release."""
    target.mkdir(parents=True)
    listed = subprocess.check_output(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT
    )
    for name in listed.decode().split("\0"):
        # A link is for who works on it.
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def main() -> None:
    """Follow the page, and exit with the status of the command that failed, or with 0."""
    if os.getuid() != 0:
        raise SystemExit("Run it as root: it makes a Debian, and installs into that.")
    if ports := taken():
        raise SystemExit(f"Something listens at {ports} already, which the page's services need.")
    script = commands((ROOT / "docs" / "operations.md").read_text(encoding="utf-8"))
    WORK.mkdir(parents=True, exist_ok=True)
    base, root = WORK / "base", WORK / "root"
    if not base.exists():
        debian(base)
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "-a", base, root], check=True)
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    unpack(root / "opt" / "resident-portal")
    systemctl = root / "usr" / "local" / "bin" / "systemctl"
    shutil.copy(ROOT / "scripts" / "systemctl.py", systemctl)
    systemctl.chmod(0o755)
    (root / "root" / "commands").write_text(script, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if KEPT.match(name)} | {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "DEBIAN_FRONTEND": "noninteractive",
        "LANG": "C.UTF-8",
    }
    # Whatever was started ends with the first process of a namespace, and so do the mounts.
    alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    done = subprocess.run([*alone, "sh", "-c", MOUNT, root], env=environment, check=False)
    if done.returncode == 0:
        shutil.rmtree(root, ignore_errors=True)
        print("docs/operations.md leads where it says.")
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
