"""The check of the requirements files finds what it is for."""

import importlib.util
import re
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
    problem = "nothing pinned for six[x]>=1 of pyproject.toml; run requirements/compile"
    assert pins.problems(copy) == [
        f"requirements/{name}.txt: {problem}" for name in ("portal", "build", "demo", "dev")
    ]


def test_a_pin_that_no_longer_fits_is_found(pins: ModuleType, copy: Path) -> None:
    project = copy / "pyproject.toml"
    project.write_text(project.read_text().replace('"httpx>=0.28.1"', '"httpx>=99"'))
    assert [problem for problem in pins.problems(copy) if "httpx>=99" in problem]


@pytest.mark.parametrize(
    ("file", "package", "source"),
    [
        ("portal", "sqlparse", "django"),
        ("portal", "brotli", "whitenoise"),  # for an extra that pyproject.toml names
        ("portal", "aiosignal", "aiohttp"),
        ("demo", "pydantic-core", "pydantic"),
        ("dev", "coverage", "pytest-cov"),  # for which it names an extra
    ],
)
@pytest.mark.parametrize("how", ["absent", "for another machine"])
def test_what_a_package_needs_and_no_pin_answers_is_found(
    pins: ModuleType, copy: Path, file: str, package: str, source: str, how: str
) -> None:
    path = copy / "requirements" / f"{file}.txt"
    pin = rf"^({package}==\S+) \\\n(    --hash=.*\n)+"
    instead = r"\1 ; sys_platform == 'win32' \\\n\2" if how == "for another machine" else ""
    text, count = re.subn(pin, instead, path.read_text(), flags=re.MULTILINE)
    assert count == 1
    path.write_text(text)
    found = [problem for problem in pins.problems(copy) if problem.endswith("requirements/compile")]
    start = f"requirements/{file}.txt: nothing pinned for {package}"
    assert [
        problem for problem in found if problem.startswith(start) and f" of {source};" in problem
    ]
    assert all(problem.startswith(start) for problem in found)


def add_pin(folder: Path, pin: str) -> None:
    for name in ("portal", "build", "demo", "dev"):
        with (folder / "requirements" / f"{name}.txt").open("a") as file:
            file.write(f"{pin} \\\n    --hash=sha256:{'0' * 64}\n")


def test_a_pin_that_nothing_needs_is_found(pins: ModuleType, copy: Path) -> None:
    add_pin(copy, "made-up==1.0")
    assert pins.problems(copy) == [
        f"requirements/{name}.txt: nothing needs made-up"
        for name in ("portal", "build", "demo", "dev")
    ]


def test_a_pin_for_another_machine_may_be_needed_there(pins: ModuleType, copy: Path) -> None:
    add_pin(copy, "made-up==1.0 ; python_full_version < '3.11' or sys_platform == 'win32'")
    assert pins.problems(copy) == []


def test_a_dependency_that_is_for_another_machine_needs_no_pin(
    pins: ModuleType, copy: Path
) -> None:
    project = copy / "pyproject.toml"
    line = "dependencies = [\n\"made-up>=1; sys_platform == 'win32'\","
    project.write_text(project.read_text().replace("dependencies = [", line, 1))
    assert pins.problems(copy) == []


@pytest.mark.parametrize("package", ["made-up", "packaging"])
def test_what_a_package_needs_is_not_guessed_from_another_release(
    pins: ModuleType, copy: Path, package: str
) -> None:
    for name in ("portal", "build", "demo", "dev"):
        path = copy / "requirements" / f"{name}.txt"
        path.write_text(path.read_text().replace(f"\n{package}==", "\nother==", 1))
    add_pin(copy, f"{package}==0.1")
    project = copy / "pyproject.toml"
    text = project.read_text().replace("dependencies = [", f'dependencies = [\n"{package}",', 1)
    project.write_text(text)
    problem = f"{package} is not installed as pinned, so what it needs is unknown"
    assert f"requirements/portal.txt: {problem}" in pins.problems(copy)


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
