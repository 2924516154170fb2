"""The check of the requirements files finds what it is for."""

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from .conftest import ROOT


@pytest.fixture(scope="module")
def pins() -> ModuleType:
    """Return scripts/pins.py."""
    spec = importlib.util.spec_from_file_location("pins", ROOT / "scripts" / "pins.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the project's requirements, good as they are."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_requirements_of_this_project_are_in_order(pins: ModuleType, copy: Path) -> None:
    assert pins.problems(copy) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "--extra-index-url https://packages.example/simple",
        "--find-links /srv/wheels",
        "-e .",
        "# made by a tool, with the path of a machine",
        "six @ https://packages.example/six-1.0-py3-none-any.whl \\",
        "./six-1.0-py3-none-any.whl",
        "six==1.0",
        "six>=1.0 \\",
    ],
)
def test_a_line_that_is_no_pin_with_hashes_is_found(
    pins: ModuleType, copy: Path, line: str
) -> None:
    with (copy / "requirements" / "portal.txt").open("a") as file:
        file.write(f"{line}\n")
    assert f"requirements/portal.txt: odd line {line!r}" in pins.problems(copy)


def test_a_dependency_without_a_pin_is_found(pins: ModuleType, copy: Path) -> None:
    project = copy / "pyproject.toml"
    text = project.read_text().replace("dependencies = [", 'dependencies = [\n"six[x]>=1",', 1)
    project.write_text(text)
    assert "requirements/portal.txt: nothing pinned for six[x]>=1; run requirements/compile" in (
        pins.problems(copy)
    )


def test_a_pin_that_no_longer_fits_is_found(pins: ModuleType, copy: Path) -> None:
    project = copy / "pyproject.toml"
    project.write_text(project.read_text().replace('"httpx>=0.28.1"', '"httpx>=99"'))
    assert [problem for problem in pins.problems(copy) if "httpx>=99" in problem]


def test_a_pin_that_differs_between_the_files_is_found(pins: ModuleType, copy: Path) -> None:
    demo = copy / "requirements" / "demo.txt"
    demo.write_text(demo.read_text().replace("\nhttpx==0.", "\nhttpx==1."))
    assert "requirements/demo.txt: lacks httpx" in "\n".join(pins.problems(copy))


def test_a_lock_file_in_git_is_found(pins: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "uv.lock").touch()
    (tmp_path / "other.txt").touch()
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "--all"], cwd=tmp_path, check=True)
    assert pins.lock_files(tmp_path) == ["sub/uv.lock must not be committed"]
