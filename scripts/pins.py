"""Check the requirements files without a network: what they may hold, and that nothing is missing.

The files are what `make demo` and the image install from. An address of a package index, a local
path or a lock file would tie them to the machine on which they were made.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK_FILE = re.compile(
    r"(^|/)(uv\.lock|poetry\.lock|pdm\.lock|pylock(\.[^/]*)?\.toml|Pipfile\.lock"
    r"|package-lock\.json|yarn\.lock|pnpm-lock\.yaml)$"
)
PIN = re.compile(r"(?P<name>[a-z0-9-]+)(\[[a-z0-9,-]+\])?==(?P<version>[^\s;]+)( ; [^\\]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")

Pins = dict[str, set[str]]


def problems(root: Path) -> list[str]:
    """Return what is wrong with the requirements files of a project, one line each."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted: list[str] = []
    smaller: Pins = {}
    found: list[str] = []
    for name, more in (
        ("portal", project["dependencies"]),
        ("demo", extras["demo"]),
        ("dev", extras["dev"]),
    ):
        lines = (root / "requirements" / f"{name}.txt").read_text().splitlines()
        pinned = pins(lines)
        wanted += more
        for problem in odd_lines(lines) + unpinned(wanted, pinned) + missing(smaller, pinned):
            found.append(f"requirements/{name}.txt: {problem}")
        smaller = pinned
    return found


def odd_lines(lines: list[str]) -> list[str]:
    """Return the lines that are neither a pin nor a hash."""
    return [
        f"odd line {line!r}"
        for line in lines
        if not PIN.fullmatch(line) and not HASH.fullmatch(line)
    ]


def pins(lines: list[str]) -> Pins:
    """Return the pinned versions by package; there may be one for each kind of machine."""
    found: Pins = {}
    for match in filter(None, map(PIN.fullmatch, lines)):
        found.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return found


def unpinned(wanted: list[str], pinned: Pins) -> list[str]:
    """Return which requirements of pyproject.toml no pin answers."""
    requirements = [Requirement(text) for text in wanted]
    return [
        f"nothing pinned for {requirement}; run requirements/compile"
        for requirement in requirements
        if not any(
            requirement.specifier.contains(version, prereleases=True)
            for version in pinned.get(canonicalize_name(requirement.name), ())
        )
    ]


def missing(smaller: Pins, larger: Pins) -> list[str]:
    """Return what the smaller file pins and the larger one, which builds on it, does not."""
    return [
        f"lacks {package} {', '.join(sorted(versions))}"
        for package, versions in smaller.items()
        if not versions <= larger.get(package, set())
    ]


def lock_files(root: Path) -> list[str]:
    """Return the lock files in git: they record where packages were fetched from."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True
    )
    return [
        f"{name} must not be committed"
        for name in listed.stdout.splitlines()
        if LOCK_FILE.search(name)
    ]


if __name__ == "__main__":
    sys.exit("\n".join(problems(ROOT) + lock_files(ROOT)) or 0)
