"""Setting up .venv: once, from pins with hashes, and with a plain line where it can't."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from .conftest import ROOT

Commands = list[list[str]]


@pytest.fixture
def install(project: Path) -> ModuleType:
    """Return scripts/install.py of a project of its own."""
    spec = importlib.util.spec_from_file_location("install", project / "scripts" / "install.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def record(
    module: ModuleType, patch: pytest.MonkeyPatch, status: Callable[[list[str]], int]
) -> Commands:
    """Run no command, but keep what would have been run; `status` says how each ends."""
    commands: Commands = []

    def run(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        commands.append(list(command))
        return subprocess.CompletedProcess(command, status(list(command)))

    patch.setattr(module.subprocess, "run", run)
    return commands


def test_what_is_installed_already_is_not_installed_again(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = record(install, monkeypatch, lambda command: 0)
    install.install("demo")
    assert commands == []


def test_a_changed_pin_is_installed_with_hashes_and_from_wheels_only(
    install: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirements = project / "requirements" / "demo.txt"
    requirements.write_text(requirements.read_text() + "# changed\n")
    commands = record(install, monkeypatch, lambda command: 0)
    install.install("demo")
    [pip] = [command for command in commands if "install" in command]
    assert pip[:4] == [str(project / ".venv/bin/python"), "-m", "pip", "install"]
    assert "--require-hashes" in pip
    assert pip[pip.index("--only-binary") + 1] == ":all:"
    assert pip[-2:] == ["-r", str(requirements)]
    assert install.is_installed("demo")


def test_what_the_tests_need_holds_what_the_demo_needs(
    install: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install.stamp_path("demo").unlink()
    commands = record(install, monkeypatch, lambda command: 0)
    install.install("dev")
    done = len(commands)
    install.install("demo")
    assert done
    assert len(commands) == done


def test_a_failed_installation_is_tried_again(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install.stamp_path("demo").unlink()
    record(install, monkeypatch, lambda command: int("install" in command))
    with pytest.raises(SystemExit):
        install.install("demo")
    assert "could not be installed" in capsys.readouterr().err
    assert not install.is_installed("demo")


def test_without_venv_root_gets_it_from_debian(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = False

    def status(command: list[str]) -> int:
        nonlocal installed
        installed = installed or "python3-venv" in command
        return int("venv" in command and not installed)

    commands = record(install, monkeypatch, status)
    monkeypatch.setattr(install.os, "geteuid", lambda: 0)
    monkeypatch.setattr(install.shutil, "which", lambda name: f"/usr/bin/{name}")
    install.make_venv()
    assert [command[-1] for command in commands if command[0] == "apt-get"] == [
        "update",
        "python3-venv",
    ]
    assert commands[-1] == commands[0]


def test_without_venv_others_are_told_on_one_line_what_to_run(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = record(install, monkeypatch, lambda command: 1)
    monkeypatch.setattr(install.os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit):
        install.make_venv()
    assert not [command for command in commands if command[0] == "apt-get"]
    assert capsys.readouterr().err.splitlines()[-1] == (
        "python3 -m venv does not work here; run: sudo apt-get install python3-venv"
    )
    assert not install.VENV.exists()


def test_a_program_that_is_missing_is_named_with_the_command_that_installs_it(
    tmp_path: Path,
) -> None:
    for name, text in (("id", "echo 1000"), ("redis-server", "")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "need.sh", "chromium-headless-shell", "redis-server"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    package = "chromium-headless-shell"
    assert done.stderr == f"Missing: {package}; run: sudo apt-get install {package}\n"


def test_root_gets_a_program_that_is_missing_from_debian(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for name, text in (
        ("id", "echo 0"),
        ("apt-get", f'echo "$*" >>{log}'),
        ("chromium-headless-shell", ""),
    ):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "need.sh", "chromium-headless-shell", "redis-server"],
        env={"PATH": str(tmp_path)},
        check=True,
    )
    update, install = log.read_text().splitlines()
    assert update.endswith(" update")
    assert install.endswith(" install --yes --no-install-recommends redis-server")


def test_a_browser_of_ones_own_is_enough() -> None:
    done = subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "need.sh", "chromium-headless-shell"],
        env={"PATH": "", "CHROMIUM": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
