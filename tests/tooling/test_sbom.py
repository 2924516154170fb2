"""The list of what the image brings along names every pin, and is made up by nobody."""

import runpy
import subprocess
import sys
from email.message import Message
from typing import Any

import pytest

from .conftest import ROOT

SBOM = runpy.run_path(str(ROOT / "scripts" / "sbom.py"))
BILL: dict[str, Any] = SBOM["bill"]()
COMPONENTS = {component["name"]: component for component in BILL["components"]}


def test_each_pin_is_listed_once() -> None:
    pins = (ROOT / "requirements" / "portal.txt").read_text()
    lines = [line for line in pins.splitlines() if "==" in line and not line.startswith(" ")]
    assert len(COMPONENTS) == len(BILL["components"]) == len(lines) + 2
    assert f"django=={COMPONENTS['django']['version']} \\" in lines


def test_what_is_installed_has_a_license() -> None:
    unnamed = [name for name, component in COMPONENTS.items() if not component.get("licenses")]
    # One has its license as a text alone; the others are for other systems.
    others = [name for name in unnamed if COMPONENTS[name].get("scope") != "optional"]
    assert others == ["httpx-aiohttp"]
    assert COMPONENTS["django"]["licenses"] == [{"expression": "BSD-3-Clause"}]
    assert "Lucide" in COMPONENTS["static/icons.svg"]["licenses"][0]["license"]["text"]["content"]
    assert COMPONENTS["htmx"]["version"].startswith("2.")


def test_what_a_wheel_has_built_in_is_listed_below_it() -> None:
    names = {part["name"] for part in COMPONENTS["cryptography"]["components"]}
    assert len(names) > 5
    assert COMPONENTS["pillow"]["components"]


def test_a_package_that_is_not_the_pinned_one_is_no_source() -> None:
    with pytest.raises(SystemExit, match=r"and pinned to 0\.1"):
        SBOM["package"]("django", "0.1")


def test_a_license_is_named_by_its_expression_its_name_or_its_class() -> None:
    about = Message()
    assert SBOM["licenses"](about) == []
    about["Classifier"] = "License :: OSI Approved :: MIT License"
    about["License"] = "Permission is hereby granted\nto any person"
    assert SBOM["licenses"](about) == [{"license": {"name": "MIT License"}}]
    del about["License"]
    about["License"] = "MIT"
    assert SBOM["licenses"](about) == [{"license": {"name": "MIT"}}]
    about["License-Expression"] = "MIT-0"
    assert SBOM["licenses"](about) == [{"expression": "MIT-0"}]


def test_two_runs_print_the_same() -> None:
    command = [sys.executable, ROOT / "scripts" / "sbom.py"]
    first, second = (subprocess.check_output(command) for _ in range(2))
    assert first == second
    assert first.startswith(b'{\n  "bomFormat": "CycloneDX"')
