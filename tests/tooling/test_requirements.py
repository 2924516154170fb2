"""Each requirements file alone, in an empty environment, is enough for what it is for."""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from .conftest import ROOT
from .image import network, parsed

pytestmark = pytest.mark.slow

PORTAL = [
    "gunicorn --version",
    "python -W error manage.py check",
    "python -c 'import psycopg; assert psycopg.pq.__impl__ == \"binary\"'",
]
DEMO = [*PORTAL, "python -m gunicorn --version", "python -m sandbox --links http://127.0.0.1:9"]
DEV = [
    *DEMO,
    "python -m pytest tests --collect-only -qq -p no:cacheprovider --cov --numprocesses=0",
    "python -m ruff --version",
    "python -m mypy --version",
    "python -c 'import mypy_django_plugin.main, jinja2'",
    "djade --help",
    "lint-imports --help",
    "uv --version",
]
ABILITIES = {
    "portal": PORTAL,
    "demo": DEMO,
    "dev": DEV,
}


@pytest.fixture(scope="module")
def install() -> ModuleType:
    """Return scripts/install.py."""
    spec = importlib.util.spec_from_file_location("install", ROOT / "scripts" / "install.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pip_of_the_image() -> str:
    """Return how the Dockerfile has pip install the portal's file."""
    [command] = [
        found.text
        for found in parsed((ROOT / "Dockerfile").read_text())
        if found.word == "RUN" and found.text.startswith("pip install ")
    ]
    return command


@pytest.mark.parametrize("name", ABILITIES)
def test_a_requirements_file_is_enough_for_an_empty_environment(
    install: ModuleType, tmp_path: Path, name: str
) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path], check=True)
    if name == "portal":
        # The image is built with more than it runs with.
        pip = pip_of_the_image().replace("build.txt", "portal.txt")
    else:
        pip = shlex.join(["python", *install.PIP_INSTALL, "-r", f"requirements/{name}.txt"])
    environment = network() | {
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
        "PIP_COMPILE": "no",  # for speed alone
        "SECRET_KEY": "only for tests, and no secret at all",
        "RUCKUS_REGION": "na",
        "DATABASE_URL": "sqlite://:memory:",
        "COVERAGE_FILE": str(tmp_path / "coverage"),
    }
    for command in (pip, "pip check", *ABILITIES[name]):
        done = subprocess.run(
            command,
            shell=True,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        # What pip prints decides nothing: it may warn.
        assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    # Pytest would keep those of the last three runs.
    shutil.rmtree(tmp_path)
