"""Print what the image brings along beside Debian and Python, as a CycloneDX file in JSON.

    python scripts/sbom.py > sbom.json

Names and versions are the pins of requirements/portal.txt, licenses what the installed packages say of
themselves. What wheels list of the libraries that are built into them is listed below each.
"""

import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)(\[[a-z0-9,-]+\])?==(?P<version>[^\s;]+)", re.MULTILINE)
HTMX = re.compile(r'version:"([\d.]+)"')
KEPT = ("type", "name", "version", "purl", "licenses", "hashes")
# Longer ones are not a name, but a text.
LONGEST_NAME = 40

Component = dict[str, Any]


def licenses(about: Any) -> list[dict[str, Any]]:
    """Return the license that a package names, as an expression where it does; none where it names none."""
    if expression := about.get("License-Expression"):
        return [{"expression": expression}]
    named = about.get("License") or ""
    if not named or "\n" in named or len(named) > LONGEST_NAME:
        classifiers = about.get_all("Classifier", [])
        names = [
            line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")
        ]
        named = ", ".join(names)
    return [{"license": {"name": named}}] if named else []


def built_in(distribution: metadata.Distribution) -> list[Component]:
    """Return what the wheel's own lists name, each once."""
    found: dict[tuple[str, str], Component] = {}
    for file in distribution.files or ():
        if "sboms" in file.parts and file.name.endswith(".json"):
            for part in json.loads(file.read_text(encoding="utf-8")).get("components", ()):
                kept = {name: part[name] for name in KEPT if name in part}
                found.setdefault((part["name"], part.get("version", "")), kept)
    return [found[key] for key in sorted(found)]


def package(name: str, version: str) -> Component:
    """Return one package of Python's, with what is known of it here."""
    component: Component = {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
    }
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        # It is for another Python or another system than this one.
        return component | {"scope": "optional"}
    if distribution.version != version:
        raise SystemExit(f"{name} is installed as {distribution.version}, and pinned to {version}")
    if found := licenses(distribution.metadata):
        component["licenses"] = found
    if parts := built_in(distribution):
        component["components"] = parts
    return component


def static_files() -> list[Component]:
    """Return what browsers are sent that somebody else made."""
    package_of = metadata.distribution("django-htmx")
    script = str(package_of.locate_file("django_htmx/static/django_htmx/htmx-2.min.js"))
    [version] = HTMX.findall(Path(script).read_text(encoding="utf-8"))
    text = (ROOT / "static" / "icons.LICENSE.txt").read_text(encoding="utf-8")
    return [
        {
            "type": "library",
            "name": "htmx",
            "version": version,
            "purl": f"pkg:npm/htmx.org@{version}",
            "licenses": [{"license": {"id": "0BSD"}}],
        },
        {
            "type": "file",
            "name": "static/icons.svg",
            "description": "Icons of Lucide and Feather",
            "licenses": [{"license": {"name": "ISC and MIT", "text": {"content": text}}}],
        },
    ]


def bill(root: Path = ROOT) -> Component:
    """Return the whole file; two runs on the same pins differ in nothing."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = (root / "requirements" / "portal.txt").read_text(encoding="utf-8")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": project["name"],
                "version": project["version"],
            }
        },
        "components": [
            *(package(pin["name"], pin["version"]) for pin in PIN.finditer(pins)),
            *static_files(),
        ],
    }


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, indent=2, ensure_ascii=False)
    print()
