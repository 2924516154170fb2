"""docs/operations.md speaks of what is there, and its script and the soak can fail."""

import re
import runpy
import subprocess
import sys

import pytest

from bench.soak import Part, faults

from .conftest import ROOT

README = (ROOT / "README.md").read_text()
PAGE = (ROOT / "docs" / "operations.md").read_text()
CHECK = runpy.run_path(str(ROOT / "scripts" / "docs_check.py"))


def test_the_page_names_what_is_there() -> None:
    for link in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", PAGE):
        assert (ROOT / "docs" / link).exists(), link
    for path in re.findall(r"\b((?:deploy|scripts)/[\w.-]+\.\w+)", PAGE):
        assert (ROOT / path).exists() or path == "deploy/.env", path
    for command in re.findall(r"manage\.py (\w+)", PAGE):
        found = list(ROOT.glob(f"*/management/commands/{command}.py"))
        assert found or command in ("migrate", "collectstatic"), command
    for target in re.findall(r"`make ([\w-]+)`", PAGE):
        assert f"\n{target}: " in (ROOT / "Makefile").read_text(), target


def test_the_page_explains_all_that_readyz_says() -> None:
    explained = re.findall(r"^\| `([a-z ]+)` \|", PAGE, re.MULTILINE)
    readiness = (ROOT / "portal" / "readiness.py").read_text()
    assert explained
    for words in explained:
        assert f'"{words}"' in readiness, words
    said = re.search(r"what keeps residents from being served: (.*?);", README)
    assert said
    assert set(re.findall(r"`([a-z ]+)`", said[1])) == set(explained)


def test_the_page_s_commands_are_taken_word_for_word_from_one_section() -> None:
    script = CHECK["commands"](PAGE)
    assert script.startswith("apt-get update\n")
    assert "docker" not in script
    assert script.count("\n") == sum(
        block.count("\n") for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    )
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)


def test_a_page_without_commands_is_not_followed() -> None:
    with pytest.raises(SystemExit, match="no commands"):
        CHECK["commands"]("## With systemd\n\nNone.\n\n## Else\n\n```sh\ntrue\n```\n")


def test_the_stand_in_for_systemctl_does_nothing_that_it_does_not_know() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "systemctl.py", "mask", "portal"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "does not know: systemctl mask portal" in done.stderr


def part(megabytes: float = 100, files: int = 50, errors: int = 0) -> Part:
    """Return a part of a soak in which these were seen."""
    return Part(10, (1, 2, 3), megabytes, files, errors)


def test_a_soak_fails_for_growth_and_for_pages_that_fail() -> None:
    assert faults([part(), part(130), part(109, 49)]) == []
    assert faults([part(), part(111)]) == ["memory grew from 100 to 111 MB"]
    assert faults([part(), part(files=51)]) == ["open files grew from 50 to 51"]
    assert faults([part(), part(errors=2), part(errors=1)]) == ["3 pages failed"]
