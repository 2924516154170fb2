"""Check the requirements files without a network: what they may hold, and that nothing is missing.

The files are what `make demo` and the image install from, and pip installs what they name alone. So
they have to name all: what a package needs is read from the packages that are installed here. An
address of a package index, a local path or a lock file would tie the files to the machine on which
they were made.
"""

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK_FILE = re.compile(
    r"(^|/)(uv\.lock|poetry\.lock|pdm\.lock|pylock(\.[^/]*)?\.toml|Pipfile\.lock"
    r"|package-lock\.json|yarn\.lock|pnpm-lock\.yaml)$"
)
PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)(\[[a-z0-9,-]+\])?==(?P<version>[^\s;]+)( ; (?P<marker>[^\\]+))? \\"
)
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
        ("build", extras["build"]),
        ("demo", extras["demo"]),
        ("dev", extras["dev"]),
    ):
        lines = (root / "requirements" / f"{name}.txt").read_text().splitlines()
        pinned = pins(lines)
        wanted += more
        for problem in odd_lines(lines) + gaps(wanted, pins_here(lines)) + missing(smaller, pinned):
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


def pins_here(lines: list[str]) -> Pins:
    """Return the pinned versions that are for this kind of machine and this Python."""
    return pins([line for line in lines if is_for_here(line)])


def is_for_here(line: str) -> bool:
    """Tell whether a line's marker, if it has one, says yes to this environment."""
    match = PIN.fullmatch(line)
    return match is None or match["marker"] is None or Marker(match["marker"]).evaluate()


def gaps(wanted: list[str], pinned: Pins) -> list[str]:
    """Return what is required and not pinned, all the way down, and what is pinned without need."""
    found: list[str] = []
    seen: set[tuple[str, str]] = set()
    todo = [("pyproject.toml", requirement) for requirement in holding(wanted)]
    # It grows while it is walked.
    for source, requirement in todo:
        package = canonicalize_name(requirement.name)
        versions = pinned.get(package, set())
        if not any(requirement.specifier.contains(v, prereleases=True) for v in versions):
            found.append(f"nothing pinned for {requirement} of {source}; run requirements/compile")
            continue
        if installed(package) not in versions:
            found.append(f"{package} is not installed as pinned, so what it needs is unknown")
            continue
        for extra in sorted({"", *requirement.extras}):
            if (package, extra) not in seen:
                seen.add((package, extra))
                needs = metadata.requires(package) or []
                todo += [(package, need) for need in holding(needs, extra)]
    if found:
        return list(dict.fromkeys(found))
    needed = {package for package, _ in seen}
    return [f"nothing needs {package}" for package in sorted(pinned.keys() - needed)]


def holding(texts: list[str], extra: str = "") -> list[Requirement]:
    """Return the requirements whose markers say yes here, without their markers."""
    found = [
        requirement
        for requirement in map(Requirement, texts)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra})
    ]
    for requirement in found:
        requirement.marker = None
    return found


def installed(package: str) -> str | None:
    """Return the version of a package that is installed here."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


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
